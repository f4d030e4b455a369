"""A decision worksheet: situation, own measurements and scenario on a page to print and to argue about.

``Worksheet`` holds what the page says; ``markdown`` and ``html`` write the same thing in two forms. Lessons
that have not been run are named as missing: a gap on the page is worth more than a guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from course_utils import results
from course_utils.costs.formats import count, usd
from course_utils.costs.inputs import Table, markdown_table
from course_utils.costs.prices import notice
from course_utils.costs.scenario import Scenario
from course_utils.decisions.tree import EVIDENCE, MEASURE_NEXT, Situation, Step, Tree, decide
from course_utils.evaluation import VERDICTS, Rate
from course_utils.paths import shown, work_dir

LESSONS = {
    "01": "fine-tuned on January",
    "02": "RAG in February",
    "03": "tickets for the desk",
    "04": "behaviour trained",
    "05": "both together",
    "06": "costs of a year",
}
"""The lessons a worksheet wants, and what each measured."""

WHERE_RUN = ("07", "09")
"""The lesson that makes worksheets, and one after it: shown where they were run, not missed where not."""

NAMES = {
    "fine_tuned_verdicts": "fine-tuned model",
    "base_verdicts": "model before training",
    "rag_verdicts": "RAG, index up to date",
    "trap_verdicts": "RAG, old chunks left",
    "fits": "fits the schema",
    "scores": "",  # says nothing
}
"""Recorded names in words; others are shown as they are, without underscores."""

MISSING, PRESET = "MISSING", "Preset: "
ROWS_A_LESSON = 12  # a page is for reading: what is beyond is counted, not shown
_LEFT_ASIDE = frozenset(
    {"parses", "answer", "category", "plan", "page", "escalate", "tone"}  # parts of "right"
)


@dataclass(frozen=True)
class Measure:
    """One measured value, as it is shown: from which lesson, of what, the value with n and interval."""

    lesson: str
    what: str
    value: str


@dataclass(frozen=True)
class Worksheet:
    """Everything that a worksheet says."""

    title: str
    situation: Situation
    tree: Tree
    measures: tuple[Measure, ...]
    missing: tuple[str, ...]  # numbers of lessons without recorded results
    scenario: Scenario
    scenario_note: str
    date: date

    # --- its parts: heading, paragraphs, tables -------------------------------------------------------

    def parts(self) -> list[tuple[str, list[str | Table]]]:
        """Headings with their paragraphs and tables, in order."""
        decision = decide(self.situation, self.tree)
        asked = [
            (step.question.text, self._said(step), step.because, step.tool or "–") for step in decision.steps
        ]
        found: list[str | Table] = [f"Asked in {self.tree.name}."]
        if asked:
            found.append((("question", "answer", "why", "tool"), asked))
        next_ = [(tool, MEASURE_NEXT[tool]) for tool in decision.tools]
        if decision.open is not None:
            found.append(f"Not measured yet, so not decided: {decision.open.text}")
            next_.insert(0, (decision.open.text, decision.open.measure))
        if decision.tools:
            found.append(f"Tools: {', '.join(decision.tools)}.")
        elif decision.open is None:
            found.append("Tools: none. No failure has been named.")
        todo: list[str | Table] = [(("for", "measure"), next_)] if next_ else ["A sample of real failures."]
        return [
            ("What we know", found),
            ("What we measured", self._evidence()),
            ("What it costs", self._costs()),
            ("What to measure next", todo),
            ("What we decided", [_BLANKS]),
            ("The scenario, to be pasted into the calculator", [f"{PRESET}{self.scenario.share()}"]),
        ]

    def _said(self, step: Step) -> str:
        said = "yes" if step.answer else "no"
        return f"{said}: {count(self.situation.knowledge_tokens)} tokens" if step.key == "size" else said

    def _evidence(self) -> list[str | Table]:
        found: list[str | Table] = []
        if self.measures:
            rows = [(m.lesson, m.what, m.value) for m in self.measures]
            found.append((("lesson", "measured", "value, 95 % interval"), rows))
        for number in self.missing:
            found.append(f"{MISSING}: lesson {number} ({LESSONS[number]}) has not been run on this machine.")
        return found

    def _costs(self) -> list[str | Table]:
        years = self.scenario.costs()
        rows = [(name, usd(year.total_usd)) for name, year in years.items()]
        found: list[str | Table] = [self.scenario_note, (("system", "first year"), rows)]
        if old := notice(self.scenario.prices()):
            found.append(old)
        changed = [row for row in self.scenario.table()[1] if row[3] == "not the default"]
        if changed:
            found += ["Inputs of our own:", (self.scenario.table()[0], changed)]
        dated = self.scenario.prices()
        if dated:
            oldest, newest = min(p.date for p in dated), max(p.date for p in dated)
            found.append(
                f"{len(dated)} inputs come from the course's price table, dated {oldest} to {newest}; lesson "
                "06 names the source of each, or calls it an assumption."
            )
        return found

    # --- its forms ------------------------------------------------------------------------------------

    def markdown(self) -> str:
        """The worksheet as Markdown."""
        lines = [f"# {self.title}", f"Made on {self.date}."]
        for heading, blocks in self.parts():
            lines.append(f"## {heading}")
            lines += [
                _markdown(block) if isinstance(block, str) else markdown_table(block) for block in blocks
            ]
        return "\n\n".join(lines) + "\n"

    def html(self) -> str:
        """The worksheet as a page of its own that prints on A4 or letter paper; nothing is loaded."""
        body = [f"<h1>{escape(self.title)}</h1>", f"<p>Made on {self.date}.</p>"]
        for heading, blocks in self.parts():
            inner = "".join(
                f"<p>{escape(block)}</p>" if isinstance(block, str) else _html_table(block)
                for block in blocks
            )
            body.append(f"<section><h2>{escape(heading)}</h2>{inner}</section>")
        return (
            "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
            f"<title>{escape(self.title)}</title><style>{_STYLE}</style></head><body>{''.join(body)}</body></html>\n"
        )

    def save(self, lesson: str = "07") -> list[str]:
        """Write both forms into the lesson's work folder; their paths as a learner reads them."""
        folder = work_dir(lesson)
        made = {"decision_worksheet.md": self.markdown(), "decision_worksheet.html": self.html()}
        for name, text in made.items():
            (folder / name).write_text(text, encoding="utf-8")
        return [shown(folder / name) for name in made]


def worksheet(
    situation: Situation,
    *,
    title: str = "Decision worksheet",
    tree: Tree = EVIDENCE,
    scenario: Scenario | None = None,
    today: date | None = None,
) -> Worksheet:
    """A worksheet from ``situation`` and from what the lessons recorded on this machine.

    ``scenario`` defaults to the one that lesson 06 recorded, or else to the course's default; the page says
    which it is.
    """
    recorded = {number: results.recorded(number) for number in (*LESSONS, *WHERE_RUN)}
    if scenario is not None:
        note = "With the scenario that was given."
    else:
        scenario, note = _scenario(recorded["06"])
    return Worksheet(
        title=title,
        situation=situation,
        tree=tree,
        measures=tuple(m for number, values in recorded.items() for m in measures(number, values)),
        missing=tuple(number for number in LESSONS if not recorded[number]),
        scenario=scenario,
        scenario_note=note,
        date=today or date.today(),
    )


def _scenario(recorded: Mapping[str, Any]) -> tuple[Scenario, str]:
    text = recorded.get("scenario")
    if text is None:
        return Scenario(), "With the course's default scenario: run lesson 06 to put in your own."
    try:
        return Scenario.parse(text), "With the scenario that you recorded in lesson 06."
    except ValueError as problem:
        return (
            Scenario(),
            f"With the course's default scenario: the one of lesson 06 is not readable ({problem})",
        )


# --- recorded results in words ------------------------------------------------------------------------


def measures(lesson: str, values: Mapping[str, Any]) -> list[Measure]:
    """What ``lesson`` recorded, as rows: rates with their interval, shares of verdicts, plain numbers.

    Unknown kinds of values are left out, so that a lesson may record whatever it needs. A lesson that
    recorded a ``headline`` is shown by that alone. At most ``ROWS_A_LESSON`` rows; one more says how many
    are not shown.
    """
    if lesson == "06":  # money has a table of its own
        return []
    headline = values.get("headline")
    chosen = headline if isinstance(headline, Mapping) else values
    found = [Measure(lesson, what, value) for what, value in _rows(chosen, ())]
    if len(found) > ROWS_A_LESSON:
        more = Measure(lesson, f"and {len(found) - ROWS_A_LESSON} more", "in the lesson itself")
        found = [*found[:ROWS_A_LESSON], more]
    return found


def _rows(values: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if name in _LEFT_ASIDE:
            continue
        word = NAMES.get(name, str(name).replace("_", " "))
        path = (*above, word) if word else above
        if isinstance(value, Mapping):
            yield from _rows(value, path)
        elif isinstance(value, Rate):
            yield ", ".join(path), str(value)
        elif _is_verdicts(value):
            for verdict in ("stale", "current"):
                yield f"{', '.join(path)}: {verdict}", str(Rate.of(v == verdict for v in value))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield ", ".join(path), f"{value:,.4g}"


def _is_verdicts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(v in VERDICTS for v in value)


# --- two forms of a block -----------------------------------------------------------------------------

_BLANKS: Table = (
    ("", ""),
    (
        ("the failure, in one sentence", ""),
        ("how often it happens today (n = …)", ""),
        ("what we build", ""),
        ("what it must reach, measured how", ""),
        ("who looks again, and when", ""),
    ),
)

_STYLE = (
    "body{font:11pt/1.4 Georgia,serif;max-width:46em;margin:2em auto;padding:0 1em;color:#111}"
    "h1{font-size:1.5em}h2{font-size:1.15em;border-bottom:1px solid #888;margin-top:1.6em}"
    "table{border-collapse:collapse;width:100%;font-size:.9em}"
    "th,td{border:1px solid #888;padding:.3em .5em;text-align:left;vertical-align:top}"
    "td:empty{min-width:24em;height:2.2em}p{overflow-wrap:anywhere}"
    "section,tr{break-inside:avoid}@page{margin:18mm}@media print{body{margin:0;max-width:none}}"
)


def _markdown(text: str) -> str:
    """A paragraph; the long line of a scenario as code, so that nothing in it is taken for markup."""
    if text.startswith(PRESET):
        return f"{PRESET}`{text.removeprefix(PRESET)}`"
    return f"**{text}**" if text.startswith(MISSING) else text


def _html_table(table: Table) -> str:
    head, rows = table
    top = "<tr>" + "".join(f"<th>{escape(cell)}</th>" for cell in head) + "</tr>" if any(head) else ""
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{top}{body}</table>"
