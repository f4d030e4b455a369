"""Self-checks of the exercises: ``check("00.1", answer)`` and ``hint("00.1")``.

A check never stops the notebook. It says one of three things: correct; not yet, and why; not attempted yet.
Each lesson's exercises live in ``lesson_NN.py`` beside this file, as ``EXERCISES``; see ``engine.Exercise``.
"""

from course_utils.checks.engine import Exercise, NotYet, check, hint

__all__ = ["Exercise", "NotYet", "check", "hint"]
