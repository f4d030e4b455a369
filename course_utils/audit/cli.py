"""``stale-prices-audit``: does what answers your customers know what changed in your documents?

    stale-prices-audit --old docs-2025 --new docs-2026 --endpoint http://localhost:8000
    stale-prices-audit --repo . --below docs --old v1.0 --new main --endpoint … --max-stale 2%
    stale-prices-audit --old docs-2025 --new docs-2026 --command "python answer.py"
    stale-prices-audit --old docs-2025 --new docs-2026 --self old   # the course's RAG, its index not updated

Exit code: 0 fine, or no value changed; 1 more stale answers than --max-stale allows; 2 wrong usage, or fewer
than half of the questions got an answer. Without a system it lists the changed facts and asks nothing.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from course_utils.paths import write_whole
from course_utils.retrieval.folder import Pages
from course_utils.retrieval.progress import progress_steps

from .asking import ask_all, sample
from .changes import Changes, find_changes
from .documents import read_folder, read_revision
from .errors import AuditError
from .html_page import as_html
from .questions import FORMS, questions_about
from .report import Report, as_json, as_junit, as_text
from .systems import Command, Endpoint, OwnRag, System

FINE, TOO_STALE, NOT_DONE = 0, 1, 2
KEY_VARIABLE = "STALE_PRICES_AUDIT_KEY"
LISTED = 20  # changed facts, where nothing is asked


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        with _ended_politely():
            return _audit(options)
    except AuditError as problem:
        print(problem, file=sys.stderr)
        return NOT_DONE
    except KeyboardInterrupt:
        print("Interrupted before the first question.", file=sys.stderr)
        return NOT_DONE


@contextmanager
def _ended_politely() -> Iterator[None]:
    """SIGTERM, with which CI cancels a job, is like Ctrl-C: the answers so far are reported."""
    try:
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    except ValueError:  # only a program's main thread may set it
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _audit(options: argparse.Namespace) -> int:
    _check_outputs(options)
    old, new = _read(options, options.old), _read(options, options.new)
    changes = _find(old, new)
    problems = [*(f"old: {text}" for text in old.problems), *(f"new: {text}" for text in new.problems)]
    _say_what_was_found(changes, problems)
    asks = options.endpoint or options.command or options.self
    report = Report(
        options.old, options.new, "nothing asked", date.today().isoformat(), options.seed, changes, [], 0, [],
        problems=problems,
    )  # fmt: skip
    forms = FORMS if options.forms == "both" else (options.forms,)
    askable = [fact for fact in changes.facts if questions_about(fact, forms)] if asks else []
    if not askable:
        if asks and changes.facts:
            print("Every question about them would give its answer away: there is nothing to ask.")
        elif not asks:
            for fact in changes.facts[:LISTED]:
                print(f"  {fact.page}: {fact.old} → {fact.new}  | {fact.after[:90]}")
            print("Nothing is asked: add --endpoint, --command or --self.")
        report.asked_about = changes.facts
        _write(options, report)
        return FINE
    report.asked_about = sample(askable, options.limit, options.seed)
    questions = [question for fact in report.asked_about for question in questions_about(fact, forms)]
    if said := report.sampled():
        print(said)
    system = _system(options, old, new)
    for problem in system.problems:
        print(problem, file=sys.stderr)
    report.planned = len(questions)
    with progress_steps(True, len(questions), "Asking") as step:
        parallel = 1 if options.self else options.parallel
        report.answers, report.ended = ask_all(system, questions, parallel, options.rate, step)
    report.system = system.name
    if isinstance(system, OwnRag):
        system.close()
    print(as_text(report))
    _write(options, report)
    return _exit_code(report, options.max_stale)


def _exit_code(report: Report, allowed: float | None) -> int:
    if not report.enough:
        print(
            f"Only {len(report.judged)} of {report.planned} questions got an answer: "
            "too few to judge the system.",
            file=sys.stderr,
        )
        return NOT_DONE
    if allowed is None:
        return FINE
    stale = report.rates()["stale"]
    verdict = "more than" if stale.value > allowed else "within"
    print(f"Stale: {stale}; {verdict} the {allowed:.4g} allowed (as a share).")
    return TOO_STALE if stale.value > allowed else FINE


def _read(options: argparse.Namespace, version: str) -> Pages:
    if options.repo:
        return read_revision(options.repo, version, options.below)
    return read_folder(Path(version) / options.below if options.below else version)


def _find(old: Pages, new: Pages) -> Changes:
    with progress_steps(True, len(old.keys() & new.keys()), "Comparing pages") as step:
        return find_changes(old, new, step)


def _say_what_was_found(changes: Changes, problems: Sequence[str]) -> None:
    for problem in problems[:5]:
        print(problem, file=sys.stderr)
    if len(problems) > 5:
        print(f"… and {len(problems) - 5} more files with problems.", file=sys.stderr)
    if not changes.pages:
        raise AuditError(
            "The two versions have no page in common: pages are matched by their path below the folder. Give "
            "the folders that correspond to each other."
        )
    print(
        f"{changes.pages:,} pages in both versions, {changes.changed_pages:,} changed; "
        f"{len(changes.facts):,} changed facts."
    )
    for reason, number in changes.left_out.items():
        print(f"  left out: {number:,} {reason}")
    if not changes.facts:
        same = "The two versions are identical" if not changes.changed_pages else "No value changed"
        print(f"{same}: there is nothing to ask.")


def _system(options: argparse.Namespace, old: Pages, new: Pages) -> System:
    if options.endpoint:
        key = os.environ.get(options.key_env or KEY_VARIABLE, "").strip()
        if options.key_env and not key:
            raise AuditError(f"The environment variable {options.key_env} is empty: put the key into it.")
        return Endpoint(options.endpoint, options.model, key, options.timeout, options.retries)
    if options.command:
        return Command(options.command, options.timeout)
    return OwnRag(old if options.self == "old" else new, options.self)


def _check_outputs(options: argparse.Namespace) -> None:
    """Before anything is asked: an hour of answers must not end at a missing folder."""
    for file in filter(None, (options.json, options.junit, options.html)):
        folder = file.absolute().parent
        if not folder.is_dir():
            raise AuditError(f"The report {file} cannot be written: create its folder first.")
        if file.is_dir() or not os.access(folder, os.W_OK):
            raise AuditError(f"The report {file} cannot be written: give a file where you may write.")


def _write(options: argparse.Namespace, report: Report) -> None:
    lost = []
    for file, render in ((options.json, as_json), (options.junit, as_junit), (options.html, as_html)):
        if file:
            try:
                write_whole(file, render(report))
                print(f"Written: {file}")
            except OSError as problem:
                lost.append(f"{file} could not be written ({problem.strerror}).")
    if lost:
        raise AuditError(" ".join(lost))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="stale-prices-audit",
        description="Finds values that changed between two versions of your documents, asks a system for "
        "them, and reports how many answers are out of date.",
        epilog="Exit code: 0 fine, or nothing changed; 1 more stale answers than --max-stale; 2 wrong usage, "
        "or fewer than half of the questions got an answer. "
        "Stopped with Ctrl-C it reports the answers so far.",
    )
    documents = parser.add_argument_group("documents (Markdown, HTML, text)")
    documents.add_argument("--old", required=True, metavar="DOCS", help="folder, or with --repo a revision")
    documents.add_argument("--new", required=True, metavar="DOCS", help="folder, or with --repo a revision")
    documents.add_argument("--repo", metavar="PATH", help="a git repository that has --old and --new")
    documents.add_argument("--below", default="", metavar="FOLDER", help="only this folder of both versions")
    which = parser.add_argument_group("what is asked").add_mutually_exclusive_group()
    which.add_argument("--endpoint", metavar="URL", help="OpenAI-compatible: http://host:8000, …/v1")
    which.add_argument("--command", metavar="CMD", help="reads the question from stdin, writes the answer")
    which.add_argument(
        "--self", nargs="?", const="new", choices=("new", "old"),
        help="the course's own RAG over the new documents; 'old': with an index that was not updated",
    )  # fmt: skip
    asking = parser.add_argument_group("how")
    asking.add_argument("--model", default="", help="of the endpoint; by default the only one it offers")
    asking.add_argument(
        "--key-env",
        metavar="NAME",
        help=f"environment variable with the key ({KEY_VARIABLE})",
    )
    asking.add_argument("--limit", type=_count, default=100, metavar="N", help="facts asked for (100; 0 all)")
    asking.add_argument("--seed", type=int, default=0, help="of the draw (0)")
    asking.add_argument("--forms", choices=("both", *FORMS), default="both", help="of questions (both)")
    asking.add_argument("--timeout", type=_seconds, default=60.0, metavar="SECONDS", help="an answer (60)")
    asking.add_argument(
        "--retries", type=_count, default=3, metavar="N", help="after 429, 5xx, broken lines (3)"
    )
    asking.add_argument("--rate", type=_seconds, default=0.0, metavar="R", help="questions a second at most")
    asking.add_argument("--parallel", type=_workers, default=1, metavar="N", help="questions at a time (1)")
    reports = parser.add_argument_group("reports")
    for name, what in (("json", "everything"), ("junit", "for CI"), ("html", "one page for people")):
        reports.add_argument(f"--{name}", type=Path, metavar="FILE", help=what)
    reports.add_argument(
        "--max-stale", type=share, metavar="2%%", help="exit code 1 if a larger share of the answers is stale"
    )
    return parser


def share(text: str) -> float:
    """ "2%" and "0.02" are 0.02. Raises argparse's error: "2" could mean either."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*(%?)\s*", text)
    value = float(match[1]) / (100 if match[2] else 1) if match else -1
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share: write 2%% or 0.02")
    return value


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of 0 or more")
    return int(text)


def _workers(text: str) -> int:
    if not 1 <= _count(text) <= 64:
        raise argparse.ArgumentTypeError("at least 1 and at most 64")
    return int(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return value


if __name__ == "__main__":
    sys.exit(main())
