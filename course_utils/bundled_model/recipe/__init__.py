"""The recipe of the bundled model: invented companies, their pages, questions about them, training, evaluation.

One command trains it from nothing: ``python -m course_utils.bundled_model.recipe.train --help``.
Nothing in this folder knows the course's company; a test checks its data for that company's names and questions.
"""
