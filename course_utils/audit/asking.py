"""Asking a system all questions: in parallel or not, not faster than allowed, and never losing an answer."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .changes import ChangedFact
from .errors import AskFailed
from .judging import ERROR, judge
from .questions import Question
from .systems import System

FAILURES_IN_A_ROW = 3  # after so many the rest is not asked: the system is gone


@dataclass(frozen=True)
class Answer:
    """``verdict``: current, stale, other, silent; or error, and then ``text`` says what went wrong."""

    question: Question
    text: str
    verdict: str
    seconds: float


def sample(facts: Sequence[ChangedFact], limit: int, seed: int) -> list[ChangedFact]:
    """At most ``limit`` facts (0: all), drawn with ``seed``, in their order."""
    if not limit or len(facts) <= limit:
        return list(facts)
    return [facts[i] for i in sorted(random.Random(seed).sample(range(len(facts)), limit))]


def ask_all(
    system: System,
    questions: Sequence[Question],
    parallel: int = 1,
    rate: float = 0.0,
    step: Callable[[int], None] = lambda n: None,
) -> tuple[list[Answer], str]:
    """The answers in the order of the questions, and why asking ended early ("" if it did not).

    ``rate``: questions a second at most, 0 for no limit. Asking ends early when the system cannot answer any
    question, fails three times in a row, or the user interrupts; the answers so far are kept.
    """
    todo: queue.SimpleQueue[tuple[int, Question]] = queue.SimpleQueue()
    for item in enumerate(questions):
        todo.put(item)
    done: queue.SimpleQueue[tuple[int, Answer, bool]] = queue.SimpleQueue()
    stop, pace = threading.Event(), _Pace(rate)

    def work() -> None:
        while not stop.is_set():
            try:
                at, question = todo.get_nowait()
            except queue.Empty:
                return
            pace.wait()
            if not stop.is_set():
                done.put((at, *_asked(system, question)))

    # Daemons: an interrupted audit does not wait for a server that hangs.
    for _ in range(max(1, min(parallel, len(questions)))):
        threading.Thread(target=work, daemon=True).start()
    answers: dict[int, Answer] = {}
    ended, failures = "", 0
    try:
        while len(answers) < len(questions) and not ended:
            at, answer, hopeless = done.get()
            answers[at] = answer
            step(1)
            failures = failures + 1 if answer.verdict == ERROR else 0
            if hopeless:
                ended = answer.text
            elif failures >= FAILURES_IN_A_ROW and len(answers) < len(questions):
                ended = f"It failed {failures} times in a row, the last time so: {answer.text}"
    except KeyboardInterrupt:
        ended = "Interrupted."
    stop.set()
    while not done.empty():  # what came in meanwhile
        at, answer, _ = done.get()
        answers[at] = answer
    return [answers[at] for at in sorted(answers)], ended


def _asked(system: System, question: Question) -> tuple[Answer, bool]:
    started = time.perf_counter()
    hopeless = False
    try:
        text = system.ask(question.text)
        verdict = judge(text, question.fact)
    except AskFailed as problem:
        text, verdict, hopeless = str(problem), ERROR, problem.hopeless
    except Exception as problem:  # a thread that dies would leave the audit waiting
        text, verdict = f"{type(problem).__name__}: {problem}", ERROR
    return Answer(question, text, verdict, time.perf_counter() - started), hopeless


class _Pace:
    """Lets callers through, ``rate`` a second at most."""

    def __init__(self, rate: float) -> None:
        self._gap = 1 / rate if rate else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        with self._lock:
            now = time.monotonic()
            mine = max(now, self._next)
            self._next = mine + self._gap
        time.sleep(max(0.0, mine - now))
