"""Recorded GPU runs: what the course measured on a GPU, with everything needed to doubt it.

A lesson shows a run under a heading made by :func:`heading`, so that a learner sees whether a number was
measured just now or is recorded. Where there is no run there is no number, but :data:`NO_RUN`.
"""

from course_utils.gpu_runs.format import (
    ENGINES,
    NO_RUN,
    RUNS,
    Continued,
    Gpu,
    Lab,
    RecordedRunError,
    Run,
    Session,
    dump,
    heading,
    lab_table,
    labs,
    load,
    parse,
    sessions,
    table,
)

__all__ = [
    "ENGINES", "NO_RUN", "RUNS", "Continued", "Gpu", "Lab", "RecordedRunError", "Run", "Session", "dump",
    "heading", "lab_table", "labs", "load", "parse", "sessions", "table",
]  # fmt: skip
