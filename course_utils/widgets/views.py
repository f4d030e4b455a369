"""The calculators without their widgets: inputs → a sentence, a chart, a table; the numbers are ``costs``'.

The interactive panel and its static rendering both show what ``View.render`` returns, so they cannot differ.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from course_utils.costs import presets
from course_utils.costs import scenario as names
from course_utils.costs.break_even import cheapest, crossings
from course_utils.costs.comparison import RAG, TUNING, Comparison
from course_utils.costs.formats import count, per_cent, short, usd
from course_utils.costs.inputs import Inputs, Table, markdown_table
from course_utils.costs.memory import METHODS
from course_utils.costs.plan import METHOD_NAMES, TrainingPlan
from course_utils.costs.prices import notice, price_table
from course_utils.costs.quantities import DAYS_PER_YEAR
from course_utils.costs.scenario import Scenario
from course_utils.costs.staleness import INDEX, MEANING, Staleness
from course_utils.costs.systems import YearlyCost, yearly_cost
from course_utils.widgets.svg import Axis, Guide, Line, Mark, bar_chart, line_chart

ARTICLE_VOLUMES = (10_000, 100_000)  # "RAG is almost always cheaper", "the math starts to shift"
POINTS = 41  # of a line in a chart
LINES = "line-height:1.4"  # the widgets' own is made for one line, and tears two apart
_NUMBER = re.compile(r"(USD )?−?[\d,.]+( %)?|never|")


@dataclass(frozen=True)
class Rendering:
    """What a calculator shows for its inputs."""

    answer: str
    svg: str
    table: Table
    notice: str = ""

    def html(self) -> str:
        """The table as HTML, columns of numbers flush right, the notice below it."""
        head, rows = self.table
        numeric = (rows and all(_is_number(row[i]) for row in rows) for i in range(len(head)))
        sides = ["right" if flush else "left" for flush in numeric]

        def line(kind: str, cells: Sequence[str]) -> str:
            styles = (f"text-align:{side};padding:3px 20px 3px 0" for side in sides)
            pairs = zip(cells, styles, strict=True)
            return "<tr>" + "".join(f"<{kind} style='{s}'>{escape(c)}</{kind}>" for c, s in pairs) + "</tr>"

        body = "".join(line("td", row) for row in rows)
        note = paragraph(f"<b>{escape(self.notice)}</b>", role="note") if self.notice else ""
        return (
            f"<table style='{LINES};margin:8px 0'><thead>{line('th', head)}</thead>"
            f"<tbody>{body}</tbody></table>{note}"
        )

    def markdown(self) -> str:
        """The sentence, the table and the notice, for readers without widgets."""
        note = f"\n\n**{self.notice}**" if self.notice else ""
        return f"{self.answer}\n\n{markdown_table(self.table)}{note}"


def paragraph(html: str, role: str = "none") -> str:
    """A paragraph whose lines stand close; ``role`` tells a screen reader what it is."""
    return f"<p role='{role}' style='{LINES};margin:6px 0'>{html}</p>"


def _is_number(cell: str) -> bool:
    """Whether a cell of a table is an amount, or stands in for one."""
    return _NUMBER.fullmatch(cell) is not None


@dataclass(frozen=True)
class Knob:
    """A slider: round steps from ``low`` to ``high``, ten to a factor of ten or evenly spaced by ``step``."""

    name: str
    low: float
    high: float
    step: float | None = None
    zero: bool = False  # the slider starts at 0, before ``low``


@dataclass(frozen=True)
class View:
    """A calculator: the question that it poses, its inputs, its presets, what it shows."""

    key: str
    title: str
    question: str
    knobs: tuple[Knob, ...]
    presets: Callable[[], Mapping[str, Inputs]]
    render: Callable[[Inputs], Rendering]
    choices: tuple[str, ...] = ()

    @property
    def default(self) -> Inputs:
        """The first preset."""
        return next(iter(self.presets().values()))


# --- total cost over volume ---------------------------------------------------------------------------


def _total_cost(inputs: Comparison) -> Rendering:
    volumes = _spaced(10, 1_000_000)
    systems = inputs.systems()
    totals = {s.name: [(v, yearly_cost(s, queries_per_day=v).total_usd) for v in volumes] for s in systems}
    now = inputs.costs()
    crossing = inputs.crossing()
    marks = []
    if crossing is not None:
        at = crossing.queries_per_day
        cost = yearly_cost(systems[0], queries_per_day=at).total_usd
        marks.append(Mark(at, cost, f"equal at {count(at)} a day"))
    answer = inputs.verdict()
    svg = line_chart(
        [Line(name, points) for name, points in totals.items()],
        Axis("questions a day", volumes[0], volumes[-1], short),
        _money_axis("USD in the first year", [y for points in totals.values() for _, y in points]),
        marks=marks,
        guides=[Guide("yours", x=inputs.queries_per_day)],
        description=f"First-year cost of RAG and fine-tuning over questions a day, two lines. {answer}",
    )
    rows = [
        (part.replace("_", "-"), usd(now[RAG].parts()[part]), usd(now[TUNING].parts()[part]))
        for part in now[RAG].parts()
    ]
    rows.append(("first year", usd(now[RAG].total_usd), usd(now[TUNING].total_usd)))
    return Rendering(answer, svg, (("USD", RAG, TUNING), rows))


# --- break-even ---------------------------------------------------------------------------------------


def _break_even(inputs: Comparison) -> Rendering:
    costs = _spaced(1, 20_000)
    line = [(cost, at) for cost in costs if (at := inputs.tuning_pays_from(cost)) is not None]
    low, high = 10.0, 1_000_000.0
    marks = [
        Mark(cost, at, usd(cost))
        for cost in presets.article_update_costs()
        if (at := inputs.tuning_pays_from(cost)) is not None
    ]
    yours, at = inputs.tuning_usd_per_update, inputs.tuning_pays_from(inputs.tuning_usd_per_update)
    if at is not None and costs[0] <= yours <= costs[-1]:
        marks.append(Mark(yours, at, "", filled=True))
    guides = [Guide(f"yours: {count(inputs.queries_per_day)}", y=inputs.queries_per_day)]
    guides += [
        Guide(f"article: {count(v)}", y=v)
        for v in ARTICLE_VOLUMES
        if not v / 2 < inputs.queries_per_day < v * 2  # their words would lie on each other
    ]
    answer = f"With {usd(yours)} a retraining: {inputs.verdict()}"
    svg = line_chart(
        [Line("break-even", line)] if line else [],
        Axis("USD for one retraining", costs[0], costs[-1], short),
        Axis("questions a day", low, high, short),
        marks=marks,
        guides=guides,
        areas=[(True, "here fine-tuning is cheaper"), (False, "here RAG is cheaper")] if line else [],
        description=f"Break-even volume over the cost of a retraining, a rising line. {answer}",
    )
    rows = []
    for cost in sorted({*presets.article_update_costs(), yours}):
        other = inputs.changed(tuning_usd_per_update=cost)
        totals = {name: year.total_usd for name, year in other.costs().items()}
        who = "yours" if cost not in presets.article_update_costs() else "the article"
        found = inputs.tuning_pays_from(cost)
        rows.append((usd(cost), who, "never" if found is None else count(found), _cheaper(totals)))
    heading = f"cheaper at {count(inputs.queries_per_day)} a day"
    return Rendering(answer, svg, (("a retraining", "says", "break-even, questions a day", heading), rows))


def _cheaper(totals: Mapping[str, float]) -> str:
    return min(totals, key=totals.get) if len(set(totals.values())) > 1 else "equal"


# --- token prices and caching -------------------------------------------------------------------------

_WHOLE, _KEPT, _SEARCHED = "read whole", "whole, cached", "searched (RAG)"
_WAYS = {_WHOLE: names.LONG, _KEPT: names.CACHED, _SEARCHED: names.RAG}


def _token_prices(inputs: Scenario) -> Rendering:
    volume = inputs.queries_per_day
    sizes = [round(size) for size in _spaced(1000, 1_000_000)]
    prices = [_context_prices(inputs.changed(knowledge_tokens=size)) for size in sizes]
    lines = [Line(way, [(s, p[way]) for s, p in zip(sizes, prices, strict=True)]) for way in _WAYS]
    now = _context_prices(inputs)
    even = inputs.handbook_tokens_at_par
    marks = [Mark(inputs.knowledge_tokens, price, "", filled=True) for price in now.values()]
    if even is not None:
        marks.append(Mark(even, now[_SEARCHED], f"equal at {count(even)} tokens"))
    hits = inputs.handbook.hit_share(queries_per_day=volume)
    answer = (
        f"A handbook of {count(inputs.knowledge_tokens)} tokens, read whole for every question, costs "
        f"{usd(now[_WHOLE])} a question, {usd(now[_KEPT])} from the cache; "
        f"{count(inputs.retrieved_tokens)} retrieved tokens cost {usd(now[_SEARCHED])}."
    )
    if even is not None:
        answer += f" From the cache, up to {count(even)} tokens are cheaper to read whole than to search."
    svg = line_chart(
        lines,
        Axis("tokens of the whole handbook", sizes[0], sizes[-1], short),
        _money_axis("USD a question", [y for line in lines for _, y in line.points]),
        marks=marks,
        guides=[Guide("yours", x=inputs.knowledge_tokens)],
        description=f"Price of an answer over the size of the handbook, three lines. {answer}",
    )
    rows = [
        (name, usd(now[key]), usd(DAYS_PER_YEAR * volume * now[key]))
        for name, key in (
            ("the whole handbook", _WHOLE),
            ("the whole handbook, cached", _KEPT),
            (f"{count(inputs.retrieved_tokens)} retrieved tokens", _SEARCHED),
        )
    ]
    head = ("context", "USD a question", f"USD a year at {count(volume)} a day")
    if not inputs.storage_usd_per_million_token_hours:
        rows.append(("questions that find it cached, if left alone", per_cent(hits), ""))
    return Rendering(answer, svg, (head, rows), notice(inputs.prices()))


def _context_prices(scenario: Scenario) -> dict[str, float]:
    """USD for one answer at the scenario's volume, without set-up, updates and hosting, in three ways."""
    volume, systems = scenario.queries_per_day, {system.name: system for system in scenario.systems()}
    return {way: systems[name].usd_per_answer(queries_per_day=volume) for way, name in _WAYS.items()}


# --- training planner ---------------------------------------------------------------------------------


def _training_planner(inputs: TrainingPlan) -> Rendering:
    card, need = inputs.card, inputs.memory.total_gib
    cards = card.name if inputs.gpus == 1 else f"{inputs.gpus} × {card.name}"
    method = METHOD_NAMES[inputs.method]
    fits = "fits" if inputs.fits else "does not fit"
    answer = (
        f"{inputs.model}, {method}, on {cards}: {fits} ({need:.1f} of {count(card.memory_gib)} GiB a card). "
        f"One run takes {_duration(inputs.hours)}; {_runs(inputs.runs)} cost{'s' * (inputs.runs == 1)} "
        f"{usd(inputs.compute_usd)} of rent."
    )
    memories = {name: inputs.memory_with(name) for name in METHODS}
    svg = bar_chart(
        [(METHOD_NAMES[name], list(vars(memory).values())) for name, memory in memories.items()],
        ["weights", "gradients", "optimizer", "activations", "overhead"],
        "GiB on each card at the peak of a training step (estimate)",
        lambda value: f"{value:.0f}" if value >= 10 or value == 0 else f"{value:.1f}",
        limit=(card.memory_gib, card.name),
        description=f"Memory of the three methods as stacked bars, and the card's limit. {answer}",
    )
    claim = price_table().article["lora_run_usd_per_update"]
    rows = [
        ("memory on each card", f"{need:.1f} GiB: {fits} into {count(card.memory_gib)} GiB"),
        ("trained parameters", f"{inputs.trained_parameters:,} ({per_cent(inputs.trained_share, 3)})"),
        ("file to ship, bf16", f"{count(inputs.adapter_mb)} MB"),
        ("one run", _duration(inputs.hours)),
        ("an hour of the card", f"{usd(card.rent.value)} ({card.rent.kind})"),
        ("rent", usd(inputs.compute_usd)),
        ("work", usd(inputs.labour_usd)),
        ("together", usd(inputs.total_usd)),
        ("the article, for a LoRA run", f"{usd(claim.low)} to {usd(claim.high)}"),
    ]
    return Rendering(answer, svg, (("", "this plan"), rows), notice(inputs.prices()))


def _duration(hours: float) -> str:
    if hours < 1:
        return f"{count(max(1, round(60 * hours)))} min"
    return f"{count(hours)} h"


def _runs(runs: int) -> str:
    return "it" if runs == 1 else f"{runs} runs"


# --- a year of nine systems ---------------------------------------------------------------------------


def _a_year(inputs: Scenario) -> Rendering:
    years = inputs.costs()
    knowing = [system for system in inputs.systems() if system.name != names.PROMPT]
    volume = inputs.queries_per_day
    first = cheapest(knowing, queries_per_day=volume)
    rest = [system for system in knowing if system.name != first.name]
    second = cheapest(rest, queries_per_day=volume)
    answer = (
        f"At {count(volume)} questions a day {first.name} is the cheapest system that knows the handbook: "
        f"{usd(years[first.name].total_usd)} in the first year, ahead of {second.name} with "
        f"{usd(years[second.name].total_usd)}."
    )
    tuned = next(iter(crossings(inputs.system(names.RAG), inputs.system(names.TUNED))), None)
    if tuned is not None:
        answer += (
            f" Above {count(tuned.queries_per_day)} questions a day "
            f"{tuned.cheaper_above} is cheaper than {tuned.cheaper_below}."
        )
    left_out = f"Long context without a cache, {usd(years[names.LONG].total_usd)}, is only in the table."
    svg = bar_chart(
        [(name, list(year.parts().values())) for name, year in years.items() if name != names.LONG],
        ["set-up", "answers", "updates", "hosting"],
        "USD in the first year",
        short,
        description=f"First-year cost of eight systems as stacked bars. {answer} {left_out}",
    )
    rows = [(name, *map(usd, _money_of(year)), usd(year.further_year_usd)) for name, year in years.items()]
    head = ("system", "set-up", "answers", "updates", "hosting", "first year", "each further year")
    return Rendering(answer, svg, (head, rows), notice(inputs.prices()))


def _money_of(year: YearlyCost) -> tuple[float, ...]:
    return (*year.parts().values(), year.total_usd)


# --- stale answers ------------------------------------------------------------------------------------


def _stale_answers(inputs: Staleness) -> Rendering:
    now = inputs.answers_per_year()
    changes = _spaced(1, 365)
    years = [inputs.changed(changes_updates_per_year=k).answers_per_year() for k in changes]
    lines = [Line(name, [(k, year[name]) for k, year in zip(changes, years, strict=True)]) for name in now]
    worst = max(now, key=now.get)
    answer = (
        f"{count(inputs.queries_per_day)} questions a day, documents that change "
        f"{count(inputs.changes_updates_per_year)} times a year: {count(now[INDEX])} stale answers a year "
        f"from an index that is renewed every {count(inputs.index_hours)} hours, up to {count(now[worst])} "
        f"from the others."
    )
    svg = line_chart(
        lines,
        Axis("changes of the documents a year", changes[0], changes[-1], short),
        _money_axis("stale answers a year", [y for line in lines for _, y in line.points]),
        marks=[Mark(inputs.changes_updates_per_year, stale, "", filled=True) for stale in now.values()],
        guides=[Guide("yours", x=inputs.changes_updates_per_year)],
        description=f"Stale answers a year over changes of the documents, a line for each system. {answer}",
    )
    rows = [
        (name, MEANING[name], per_cent(share, 2), count(share * inputs.queries_per_day), count(now[name]))
        for name, share in inputs.shares().items()
    ]
    head = ("system", "which means", "of all answers", "stale a day", "stale a year")
    return Rendering(answer, svg, (head, rows))


# --- helpers ------------------------------------------------------------------------------------------


def _spaced(low: float, high: float) -> list[float]:
    """Evenly spaced on a logarithmic axis, both ends included."""
    ratio = math.log(high / low) / (POINTS - 1)
    return [low * math.exp(ratio * i) for i in range(POINTS - 1)] + [float(high)]


def _money_axis(label: str, values: list[float]) -> Axis:
    """From the lowest positive value to the highest, in whole powers of ten, seven of them at most."""
    positive = [value for value in values if value > 0] or [1.0]
    top = 10.0 ** math.ceil(math.log10(max(positive)))
    bottom = 10.0 ** math.floor(math.log10(min(positive)))
    return Axis(label, max(min(bottom, top / 10), top / 1e7), top, short)


# --- the calculators ----------------------------------------------------------------------------------

TOTAL_COST = View(
    key="total_cost",
    title="What does a year cost?",
    question="At how many questions a day does the cheaper of the two systems change?",
    knobs=(
        Knob("queries_per_day", 10, 1_000_000),
        Knob("tuning_usd_per_update", 1, 20_000, zero=True),
        Knob("updates_per_year", 1, 365, zero=True),
        Knob("rag_usd_per_query", 0.0001, 0.1, zero=True),
        Knob("tuning_usd_per_query", 0.0001, 0.1, zero=True),
        Knob("rag_usd_per_update", 1, 20_000, zero=True),
        Knob("rag_usd_per_month", 1, 10_000, zero=True),
        Knob("tuning_usd_per_month", 1, 10_000, zero=True),
    ),
    presets=presets.comparisons,
    render=_total_cost,
)

BREAK_EVEN = View(
    key="break_even",
    title="Where is the break-even?",
    question="How much may one retraining cost before RAG is the cheaper system at your volume?",
    knobs=(
        Knob("tuning_usd_per_update", 1, 20_000),
        Knob("queries_per_day", 10, 1_000_000),
        Knob("updates_per_year", 1, 365),
        Knob("rag_usd_per_query", 0.0001, 0.1),
    ),
    presets=presets.comparisons,
    render=_break_even,
)

TOKEN_PRICES = View(
    key="token_prices",
    title="What does the context cost?",
    question="How large may a handbook be before reading it whole costs more than searching it?",
    knobs=(
        Knob("knowledge_tokens", 1000, 1_000_000),
        Knob("retrieved_tokens", 100, 100_000),
        Knob("queries_per_day", 1, 100_000),
        Knob("input_usd_per_million_tokens", 0.1, 100),
        Knob("cache_read_factor", 0, 1, step=0.05),
        Knob("cache_lifetime_minutes", 1, 1000),
    ),
    presets=presets.scenarios,
    render=_token_prices,
)

TRAINING_PLANNER = View(
    key="training_planner",
    title="Does it fit, how long, how much?",
    question="Which method lets this model train on this card, and what does the run cost?",
    knobs=(
        Knob("examples", 10, 1_000_000),
        Knob("tokens_per_example", 50, 10_000),
        Knob("epochs", 1, 10, step=1),
        Knob("examples_per_batch", 1, 16, step=1),
        Knob("gpus", 1, 8, step=1),
        Knob("utilisation", 0.05, 0.6, step=0.05),
        Knob("runs", 1, 20, step=1),
        Knob("labour_hours", 1, 400, zero=True),
    ),
    choices=("model", "method", "gpu", "targets", "optimizer"),
    presets=presets.plans,
    render=_training_planner,
)

A_YEAR = View(
    key="a_year",
    title="Nine systems, one year",
    question="Which system is the cheapest for us, and which of our numbers decides it?",
    knobs=(
        Knob("queries_per_day", 10, 1_000_000),
        Knob("updates_per_year", 1, 365, zero=True),
        Knob("knowledge_tokens", 1000, 1_000_000),
        Knob("retrieved_tokens", 100, 100_000),
        Knob("input_usd_per_million_tokens", 0.1, 100),
        Knob("hosting_share", 0, 1, step=0.05),
        Knob("usd_per_labour_hour", 1, 500, zero=True),
        Knob("tuning_update_labour_hours", 1, 400, zero=True),
    ),
    presets=presets.scenarios,
    render=_a_year,
)

STALE_ANSWERS = View(
    key="stale_answers",
    title="How many stale answers?",
    question="How many answers a year quote a document that has changed, and what would make them fewer?",
    knobs=(
        Knob("changes_updates_per_year", 1, 365, zero=True),
        Knob("touched_share", 0, 1, step=0.01),
        Knob("queries_per_day", 10, 1_000_000),
        Knob("index_hours", 0.1, 1000),
        Knob("tuning_updates_per_year", 1, 365, zero=True),
        Knob("training_days", 0.1, 100),
        Knob("noticed_days", 0.1, 365),
    ),
    presets=presets.stalenesses,
    render=_stale_answers,
)

VIEWS = (TOTAL_COST, BREAK_EVEN, TOKEN_PRICES, TRAINING_PLANNER, A_YEAR, STALE_ANSWERS)
