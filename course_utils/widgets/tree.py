"""The decision tree as a panel: menus for the answers, a drawing of the way, why, and what to measure next.

The drawing and the table come from ``render``; the live panel and the static twin both show them.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from course_utils.costs.formats import count
from course_utils.costs.inputs import Inputs, choice, number
from course_utils.decisions import (
    ARTICLE,
    CASES,
    CHARITABLE,
    EVIDENCE,
    MEASURE_NEXT,
    QUESTIONS,
    USUAL_LIMIT_TOKENS,
    Decision,
    Situation,
    Tree,
    decide,
)
from course_utils.widgets.panel import Panel
from course_utils.widgets.svg import INK, svg_document, svg_line, svg_text
from course_utils.widgets.views import Knob, Rendering, View

if TYPE_CHECKING:
    from ipywidgets import Widget

YES, NO, UNKNOWN = "yes", "no", "not measured yet"
WORDS = {YES: True, NO: False, UNKNOWN: None}
ANSWERS = tuple(WORDS)
TREES = {tree.name: tree for tree in (EVIDENCE, ARTICLE, CHARITABLE)}

MENUS = {
    "prompt": "a better prompt fixes it",
    "data": "needs private or newer data",
    "row": "the fact is a row of a table",
    "form": "the form is wrong",
    "behaviour": "the behaviour is wrong",
}
"""The questions that a menu answers; the size is answered by two numbers."""
NUMBERS = ("knowledge_tokens", "limit_tokens")


@dataclass(frozen=True)
class Answers(Inputs):
    """What somebody has answered, and in which order they are asked. 0 tokens: nobody has counted them."""

    KIND: ClassVar[str] = "decision"

    order: str = choice("order of the questions", EVIDENCE.name, tuple(TREES))
    prompt: str = choice(MENUS["prompt"], UNKNOWN, ANSWERS, "your answer")
    data: str = choice(MENUS["data"], UNKNOWN, ANSWERS, "your answer")
    row: str = choice(MENUS["row"], UNKNOWN, ANSWERS, "your answer")
    knowledge_tokens: int = number("the whole knowledge", 0, "not counted yet")
    limit_tokens: int = number("the model reads at once", USUAL_LIMIT_TOKENS, "usual limit (Anthropic 2024)")
    form: str = choice(MENUS["form"], UNKNOWN, ANSWERS, "your answer")
    behaviour: str = choice(MENUS["behaviour"], UNKNOWN, ANSWERS, "your answer")

    @property
    def tree(self) -> Tree:
        return TREES[self.order]

    @property
    def situation(self) -> Situation:
        """The answers as ``decisions`` knows them."""
        return Situation(
            prompt_fixes_it=WORDS[self.prompt],
            needs_own_data=WORDS[self.data],
            is_a_table_row=WORDS[self.row],
            knowledge_tokens=self.knowledge_tokens or None,
            limit_tokens=self.limit_tokens,
            form_is_wrong=WORDS[self.form],
            behaviour_is_wrong=WORDS[self.behaviour],
        )

    @classmethod
    def of(cls, situation: Situation, order: str = EVIDENCE.name) -> Answers:
        """The answers that a situation gives."""
        words = {value: word for word, value in WORDS.items()}
        return cls(
            order=order,
            prompt=words[situation.prompt_fixes_it],
            data=words[situation.needs_own_data],
            row=words[situation.is_a_table_row],
            knowledge_tokens=situation.knowledge_tokens or 0,
            limit_tokens=situation.limit_tokens,
            form=words[situation.form_is_wrong],
            behaviour=words[situation.behaviour_is_wrong],
        )

    def decision(self) -> Decision:
        return decide(self.situation, self.tree)


ARTICLES_ASSISTANT = Answers(prompt=NO, data=YES, row=NO, knowledge_tokens=200_000)
"""The article's example, 500 pages: what it tells about it, and what it leaves to be measured."""


def starts() -> dict[str, Answers]:
    """Where one can start from: the article's example, a blank sheet, each of the twelve cases."""
    cases = {f"case {case.number}: {case.title}": Answers.of(case.situation) for case in CASES}
    # A case in which no knowledge is missing leaves its size uncounted, which only the article's order asks.
    return {"the article's assistant, 500 pages": ARTICLES_ASSISTANT, "nothing measured": Answers()} | cases


# --- what it shows ------------------------------------------------------------------------------------


def render(answers: Answers) -> Rendering:
    """The answer in a sentence or two, the drawing, and a row for every question asked."""
    decision = answers.decision()
    rows = [
        (step.question.text, _said(step.key, step.answer, answers), step.because, _outcome(step.tool))
        for step in decision.steps
    ]
    if decision.open is not None:
        rows.append((decision.open.text, UNKNOWN, decision.open.why, f"measure: {decision.open.measure}"))
    rows += [("once it is built", tool, "measure next", MEASURE_NEXT[tool]) for tool in decision.tools]
    answer = sentence(decision)
    svg = draw(answers.tree, decision, f"The decision tree in {answers.order}, top to bottom. {answer}")
    return Rendering(answer, svg, (("question", "answer", "why", "so"), rows))


def sentence(decision: Decision) -> str:
    """The decision in words."""
    tools = _listed(decision.tools)
    if decision.open is not None:
        so_far = f"So far: {tools}. " if tools else ""
        return f"{so_far}Open: {decision.open.text} Measure this: {decision.open.measure}"
    if not tools:
        return "Nothing to build: no failure has been named. Measure one first."
    return f"Use {tools}."


def _listed(tools: tuple[str, ...]) -> str:
    return " and ".join([", ".join(tools[:-1]), tools[-1]] if len(tools) > 1 else tools)


def _said(key: str, answer: bool, answers: Answers) -> str:
    if key != "size":
        return YES if answer else NO
    limit = min(answers.limit_tokens, USUAL_LIMIT_TOKENS)
    return f"{YES if answer else NO}: {count(answers.knowledge_tokens)} of {count(limit)} tokens"


def _outcome(tool: str | None) -> str:
    return tool if tool is not None else "go on"


# --- the drawing --------------------------------------------------------------------------------------

_ROW, _TOP = 74, 12
_BOX = (64, 350, 46)  # left, width, height of a question
_TOOL = (510, 236, 26)  # the same of a tool
_GREY = "#6b6b6b"


def draw(tree: Tree, decision: Decision, description: str) -> str:
    """The tree as SVG: questions left, tools right; the way taken in bold, an open question dashed."""
    keys = list(tree.branches)
    taken = {step.key: step.answer for step in decision.steps}
    here = next((key for key in keys if decision.open is QUESTIONS[key]), None)
    parts = []
    for i, key in enumerate(keys):
        for answer in (True, False):
            branch, bold = tree.branch(key, answer), taken.get(key) is answer
            if branch.tool is not None:
                parts += _to_tool(i, branch.tool, answer, bold, two=_two_tools(tree, key))
        ways = [(a, tree.branch(key, a)) for a in (True, False) if tree.branch(key, a).then is not None]
        for target in dict.fromkeys(branch.then for _, branch in ways):
            words = [YES if a else NO for a, branch in ways if branch.then == target]
            bold = any(taken.get(key) is a for a, branch in ways if branch.then == target)
            word = "" if len(words) == 2 else words[0]
            parts += _down(i, keys.index(target), word, bold)
    for i, key in enumerate(keys):
        parts += _question(i, key, asked=key in taken, here=key == here)
    return svg_document(parts, _TOP + _ROW * len(keys) - 10, description)


def _two_tools(tree: Tree, key: str) -> bool:
    return all(branch.tool is not None for branch in tree.branches[key])


def _question(i: int, key: str, *, asked: bool, here: bool) -> list[str]:
    left, width, height = _BOX
    top = _TOP + _ROW * i
    fill, stroke = ("#e6e6e6", 2.5) if asked else ("#ffffff", 2.5 if here else 1)
    dash = " stroke-dasharray='6 4'" if here else ""
    lines = textwrap.wrap(QUESTIONS[key].text, 52)
    first = top + height / 2 + 4.5 - 8 * (len(lines) - 1)
    colour = INK if asked or here else _GREY
    box = (
        f"<rect x='{left}' y='{top}' width='{width}' height='{height}' rx='4' fill='{fill}'"
        f" stroke='{colour}' stroke-width='{stroke}'{dash}/>"
    )
    weight = "bold" if here else "normal"
    texts = [
        svg_text(left + 12, first + 16 * n, line, fill=colour, weight=weight, room=width - 24)
        for n, line in enumerate(lines)
    ]
    return [box, *texts]


def _to_tool(i: int, tool: str, answer: bool, bold: bool, *, two: bool) -> list[str]:
    """The arrow to a tool: level with its question, or the second of two below the first."""
    left, width, height = _TOOL
    middle = _TOP + _ROW * i + _BOX[2] / 2 + (0 if not two else -15 if answer else 15)
    colour, stroke = (INK, 2.5) if bold else (_GREY, 1)
    start = _BOX[0] + _BOX[1]
    box = (
        f"<rect x='{left}' y='{middle - height / 2}' width='{width}' height='{height}' rx='13'"
        f" fill='{INK if bold else '#ffffff'}' stroke='{colour}' stroke-width='{stroke}'/>"
    )
    return [
        svg_line(start, middle, left, middle, colour, stroke),
        svg_text(start + 44, middle - 6, YES if answer else NO, "middle", fill=colour),
        box,
        svg_text(
            left + width / 2, middle + 4.5, tool, "middle", fill="#ffffff" if bold else _GREY, room=width - 20
        ),
    ]


def _down(i: int, j: int, word: str, bold: bool) -> list[str]:
    """The arrow to the next question asked: straight down, or around the questions that are skipped."""
    left, _, height = _BOX
    colour, stroke = (INK, 2.5) if bold else (_GREY, 1)
    bottom, top = _TOP + _ROW * i + height, _TOP + _ROW * j
    if j == i + 1:
        x = left + 60
        lines = [svg_line(x, bottom, x, top - 5, colour, stroke)]
        label = svg_text(x + 10, (bottom + top) / 2 + 4.5, word, fill=colour) if word else ""
        head = f"<path d='M{x - 5} {top - 8} L{x} {top} L{x + 5} {top - 8} Z' fill='{colour}'/>"
        return [*lines, head, label]
    # The longer way around lies further out.
    x, start, end = left - 18 - 18 * (j - i - 2), bottom - height / 2, top + height / 2
    lines = [
        svg_line(left, start, x, start, colour, stroke),
        svg_line(x, start, x, end, colour, stroke),
        svg_line(x, end, left - 5, end, colour, stroke),
    ]
    head = f"<path d='M{left - 8} {end - 5} L{left} {end} L{left - 8} {end + 5} Z' fill='{colour}'/>"
    return [*lines, head, svg_text(left - 6, start - 6, word, "end", fill=colour)]


# --- the panel ----------------------------------------------------------------------------------------

DECISION = View(
    key="decision",
    title="Which tool for which failure?",
    question="Answer from the top. Where you would have to guess, leave it: what is there to measure?",
    knobs=(
        Knob("knowledge_tokens", 1000, 100_000_000, zero=True),
        Knob("limit_tokens", 1000, 1_000_000),
    ),
    choices=("order", *MENUS),
    presets=starts,
    render=render,
)


class TreePanel(Panel):
    """The decision tree: shows only the questions that the answers so far lead to."""

    def save(self, kind: str, lesson: str = "07") -> str:
        return super().save(kind, lesson)

    def asked(self) -> list[str]:
        """The keys of the questions on the way, the open one last."""
        decision = self.inputs.decision()
        keys = [step.key for step in decision.steps]
        return keys + [key for key in QUESTIONS if QUESTIONS[key] is decision.open]

    def _show(self) -> None:
        super()._show()
        asked = self.asked()
        for key, menu in self.menus.items():
            if key != "order":
                menu.layout.display = "" if key in asked else "none"
        for row in self.number_rows():
            row.layout.display = "" if "size" in asked else "none"

    def number_rows(self) -> list[Widget]:
        """The rows of the two numbers: slider, box and unit each."""
        rows = [row for row in self.top.children if hasattr(row, "children")]
        return [row for row in rows if any(self.sliders[name] in row.children for name in NUMBERS)]


def decision_tree(answers: Answers | None = None) -> TreePanel:
    """The tree as a widget; ``inputs.decision()`` is what it arrives at."""
    return TreePanel(DECISION, answers)


__all__ = ["ARTICLES_ASSISTANT", "DECISION", "Answers", "TreePanel", "decision_tree", "render", "starts"]
