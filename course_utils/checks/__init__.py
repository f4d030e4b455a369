"""Self-checks of the exercises: ``check("00.1", answer)``, ``hint("00.1")`` and ``solution("00.1")``.

``yours_or("06.3", swings)`` is what later cells of a lesson use: the learner's answer, once it is correct.

A check never stops the notebook. It says one of three things: correct; not yet, and why; not attempted yet.
Each lesson's exercises live in ``lesson_NN.py`` beside this file, as ``EXERCISES``; see ``engine.Exercise``.
"""

from course_utils.checks.engine import Exercise, NotYet, check, hint, yours_or
from course_utils.checks.solutions import solution

__all__ = ["Exercise", "NotYet", "check", "hint", "solution", "yours_or"]
