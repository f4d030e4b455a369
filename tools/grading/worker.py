"""The process in which a submission runs: cells in, answers out. Started by :mod:`tools.grading.marking`.

It is the learner's: whatever a notebook does to it – redefine, patch, print, exit – reaches the marker only
as an answer that is missing or of another kind. It holds no secret and decides nothing.
"""

from __future__ import annotations

import os
import pickle
import signal
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from tools.grading import handover


class OutOfTime(KeyboardInterrupt):
    """The cell or the call took too long; no ``except Exception`` in a notebook stops it."""


def main() -> None:
    channel = Connection(os.dup(0))  # the socket that the marker gave as standard input
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    shell = _shell()
    functions: list[Callable] = []
    while True:
        try:
            seconds, kind, *rest = pickle.loads(channel.recv_bytes())  # from the marker, which is trusted
        except EOFError:
            return
        channel.send_bytes(_reply(shell, functions, seconds, kind, rest))


def _shell() -> Any:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    return InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))


def _reply(shell: Any, functions: list[Callable], seconds: float, kind: str, rest: list) -> bytes:
    def stop(*_: Any) -> None:
        raise OutOfTime(f"still running after {seconds:g} s")

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        try:
            return handover.dumps(_done(shell, functions, kind, rest), functions)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except BaseException as problem:  # SystemExit and OutOfTime, too
        return handover.dumps(("raised", *_named(problem)), functions)


def _done(shell: Any, functions: list[Callable], kind: str, rest: list) -> tuple:
    if kind == "run":
        result = shell.run_cell(rest[0], store_history=True)
        problem = result.error_before_exec or result.error_in_exec
        return ("raised", *_named(problem)) if problem else ("value", None)
    if kind == "answer":
        return "value", eval(rest[0], shell.user_ns)
    place, positional, named = rest
    return "value", functions[place](*positional, **named)


def _named(problem: BaseException) -> tuple[str, str, str]:
    """The exception's type, the built-in one that it is a kind of, and its words.

    With the line when it happened in the notebook's own code.
    """
    known = next(kind for kind in type(problem).__mro__ if kind.__module__ == "builtins")
    frames = [f for f in traceback.extract_tb(problem.__traceback__) if "ipython-input" in f.filename]
    line = f" (line {frames[-1].lineno}: {frames[-1].line})" if frames and frames[-1].line else ""
    return type(problem).__name__, known.__name__, f"{problem}{line}"


if __name__ == "__main__":
    main()
