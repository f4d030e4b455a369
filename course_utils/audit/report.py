"""What an audit found: rates with intervals, and the same as terminal text, JSON and JUnit."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from xml.etree import ElementTree

from course_utils.evaluation import Rate

from .asking import Answer
from .changes import ChangedFact, Changes
from .judging import ERROR, VERDICTS

MEANING = {
    "current": "states the new value",
    "stale": "states the old value",
    "other": "states another value, both, or none",
    "silent": "says that it does not know",
}


@dataclass
class Report:
    old: str  # the versions, as the user named them
    new: str
    system: str
    day: str  # 2026-11-26
    seed: int
    changes: Changes
    asked_about: Sequence[ChangedFact]
    planned: int  # questions
    answers: list[Answer]
    ended: str = ""  # why asking ended early
    problems: list[str] = field(default_factory=list)

    @property
    def judged(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.verdict != ERROR]

    @property
    def errors(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.verdict == ERROR]

    def rates(self, form: str = "") -> dict[str, Rate]:
        """The rate of each verdict among the answers judged, of one form of question or all; {} of none."""
        judged = [a for a in self.judged if form in ("", a.question.form)]
        if not judged:
            return {}
        about = [a.question.fact.id for a in judged]
        return {name: Rate.of((a.verdict == name for a in judged), about) for name in VERDICTS}

    @property
    def enough(self) -> bool:
        """Whether at least half of the planned questions got an answer: below that no rate means much."""
        return bool(self.judged) and 2 * len(self.judged) >= self.planned

    def sampled(self) -> str:
        """A sentence if not all changed facts were asked for, else ""."""
        total, taken = len(self.changes.facts), len(self.asked_about)
        if taken == total:
            return ""
        return f"Asked about {taken:,} of {total:,} changed facts, drawn by chance (seed {self.seed})."

    def headline(self) -> str:
        """One sentence for a manager."""
        if not self.changes.facts:
            return "No value changed between the two versions: there is nothing to ask."
        if not self.judged:
            return "No question got an answer."
        stale = self.rates()["stale"]
        return f"{stale.value:.0%} of the answers were out of date".replace("%", " %")


def as_text(report: Report) -> str:
    """For the terminal."""
    lines = ["", f"{report.headline().rstrip('.')}."]
    if report.judged:
        for name, rate in report.rates().items():
            lines.append(f"  {name:8} {MEANING[name]:38} {rate}")
        for answer in worst(report.answers, 3):
            fact = answer.question.fact
            lines += [
                f"  - {fact.page}: {fact.old} → {fact.new}, {answer.verdict}: {_short(answer.text, 90)}",
            ]
    if report.errors:
        lines.append(f"{len(report.errors)} question(s) failed, the first so: {report.errors[0].text}")
    if report.ended:
        missing = report.planned - len(report.answers)
        lines.append(f"Asking ended early, {missing} question(s) not asked. {report.ended}")
    return "\n".join([*lines, *filter(None, [report.sampled()])])


def worst(answers: Sequence[Answer], most: int) -> list[Answer]:
    """The stale answers, then the other wrong ones; one a fact."""
    found: dict[str, Answer] = {}
    for verdict in ("stale", "other"):
        for answer in answers:
            if answer.verdict == verdict:
                found.setdefault(answer.question.fact.id, answer)
    return list(found.values())[:most]


def as_json(report: Report) -> str:
    """Everything, for programs."""
    rates = {
        name: {"share": r.value, "interval_95": list(r.interval), "hits": r.hits, "n": r.n, "facts": r.facts}
        for name, r in report.rates().items()
    }
    facts = {fact.id: {"page": fact.page, **asdict(fact)} for fact in report.asked_about}
    for fact in facts.values():
        del fact["start"], fact["others"]
    answers = [
        {"fact": a.question.fact.id, "form": a.question.form, "question": a.question.text, "answer": a.text,
         "verdict": a.verdict, "seconds": round(a.seconds, 3)}
        for a in report.answers
    ]  # fmt: skip
    record = {
        "format": 1, "day": report.day, "old": report.old, "new": report.new, "system": report.system,
        "headline": report.headline(), "rates": rates,
        "changed_facts": len(report.changes.facts), "asked_about": len(report.asked_about),
        "seed": report.seed, "questions": report.planned, "judged": len(report.judged),
        "errors": len(report.errors), "ended_early": report.ended,
        "pages_compared": report.changes.pages, "pages_changed": report.changes.changed_pages,
        "left_out": dict(report.changes.left_out), "problems": report.problems,
        "facts": facts, "answers": answers,
    }  # fmt: skip
    text = json.dumps(record, ensure_ascii=False, indent=1)
    return text.encode(errors="replace").decode() + "\n"


def as_junit(report: Report) -> str:
    """For CI: a test case a question; a stale answer is a failure, a question that failed an error."""
    stale = sum(a.verdict == "stale" for a in report.answers)
    unasked = report.planned - len(report.answers)
    suite = ElementTree.Element(
        "testsuite", name="stale-prices-audit", tests=str(report.planned), failures=str(stale),
        errors=str(len(report.errors)), skipped=str(unasked),
        time=f"{sum(a.seconds for a in report.answers):.3f}",
    )  # fmt: skip
    for at, answer in enumerate(report.answers, 1):
        fact = answer.question.fact
        case = ElementTree.SubElement(
            suite, "testcase", classname=_xml(fact.page), name=f"{at:04} {answer.question.form} {fact.id}",
            time=f"{answer.seconds:.3f}",
        )  # fmt: skip
        text = _xml(f"{answer.question.text}\n\n{fact.old} -> {fact.new}\n\n{answer.text}")
        if answer.verdict == "stale":
            message = _xml(f"states {fact.old}, which is {fact.new} now")
            ElementTree.SubElement(case, "failure", message=message, type="stale").text = text
        elif answer.verdict == ERROR:
            ElementTree.SubElement(case, "error", message=_xml(_short(answer.text, 200))).text = text
        else:
            ElementTree.SubElement(case, "system-out").text = f"{answer.verdict}\n\n{text}"
    for at in range(len(report.answers) + 1, report.planned + 1):
        case = ElementTree.SubElement(suite, "testcase", classname="not asked", name=f"{at:04}")
        ElementTree.SubElement(case, "skipped", message=_xml(_short(report.ended, 200)))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suite, encoding="unicode") + "\n"


def _xml(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)


def _short(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"
