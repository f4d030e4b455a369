"""Generate the parts of README.md that follow from the catalogue, between their markers.

python -m tools.notebooks.readme            rewrite README.md if it is out of date
python -m tools.notebooks.readme --check    change nothing; exit 1 if it is
"""

from __future__ import annotations

import sys
from pathlib import Path

from course_utils import models
from course_utils.evaluation import Rate
from course_utils.grid.scoring import pooled
from course_utils.paths import write_whole
from course_utils.plots.grid import FOUR
from course_utils.recorded import hybrid
from tools.notebooks.build import recorded_results
from tools.notebooks.catalogue import BINDER_BADGE, COLAB_BADGE, ROOT, Catalogue, load
from tools.notebooks.picture import rates
from tools.teaching.measure import needs

README = ROOT / "README.md"


class ReadmeError(Exception):
    """README.md lacks a pair of markers."""


def lesson_table(catalogue: Catalogue) -> str:
    rows = ["| # | lesson | minutes | *Run All* | the question | |", "|---|---|---|---|---|---|"]
    waits = needs(models.TINY)
    ready = [lesson for lesson in catalogue.lessons if lesson.ready]
    for lesson in ready:
        path = f"lessons/{lesson.name}.ipynb"
        badge = f"[![Open in Colab]({COLAB_BADGE})]({catalogue.colab_url(path)})"
        title = f"[{lesson.title}]({path})"
        seconds, peak = waits.get(lesson.number, (None, None))
        wait = "–" if seconds is None else f"{seconds:.0f} s, {peak:.1f} GiB"
        cells = (lesson.number, title, str(lesson.minutes), wait, lesson.question, badge)
        rows.append(f"| {' | '.join(cells)} |")
    hours = sum(lesson.minutes for lesson in ready) / 60
    planned = "; ".join(
        f"{lesson.number}, {lesson.title}" for lesson in catalogue.lessons if not lesson.ready
    )
    where = "with the tiny model on two cores ([measured](teaching/measured.json))"
    said = f"{hours:.1f} hours in all. *Run All*: {where}."
    return "\n".join([*rows, "", said + (f" Planned: {planned}." if planned else "")])


def badges(catalogue: Catalogue) -> str:
    first = f"lessons/{catalogue.lessons[0].name}.ipynb"
    return (
        f"[![Open in Binder]({BINDER_BADGE})]({catalogue.binder_url(first)}) "
        f"[![Open in Colab]({COLAB_BADGE})]({catalogue.colab_url(first)})"
    )


def clone(catalogue: Catalogue) -> str:
    return (
        f"```bash\ngit clone {catalogue.repository_url()} && cd {catalogue.repository.rpartition('/')[2]}\n"
        "make lab     # creates the environment and opens JupyterLab on lesson 00\n"
        "make test    # runs every test, every lesson and every solution\n```"
    )


def picture(catalogue: Catalogue) -> str:
    """The picture of the results and two of its numbers; nothing while no lesson has been measured."""
    recorded = recorded_results()
    stale, current = (rates(recorded, verdict) for verdict in ("stale", "current"))
    if not stale:
        return ""
    tuned, rag = FOUR["FT-facts"], FOUR["RAG"]
    said = "; ".join(f"{label}: {rate}" for label, rate in stale.items())
    right = "; ".join(f"{label}: {rate}" for label, rate in current.items())
    return (
        f"![Share of stale answers. {said}. Right answers. {right}.](docs/stale_prices.png)\n\n"
        f"Questions about changed prices: **{_short(stale[tuned])}** of the answers are stale after "
        f"fine-tuning on January's facts, **{_short(stale[rag])}** with RAG, which gets "
        f"{_short(current[rag])} right (lesson 05, tiny model, n = {stale[rag].n} each, "
        f"about {stale[rag].facts} prices; in brackets the 95 % intervals). "
        f"{_fair_to_rag(recorded)} A ticket is the form that a support desk's software needs (lesson 03)."
    )


def _fair_to_rag(recorded: dict[str, dict]) -> str:
    """What the picture does not show: the larger model, the cheapest rival, what has no answer."""
    tiny = recorded["05"]["scores"]["February"]
    smol = {arm: pooled("fact right", repeats) for arm, repeats in hybrid().arms.items()}
    right = {arm: (tiny[arm]["fact right"], smol[arm]) for arm in ("RAG", "hybrid")}
    unsure = {arm: tiny[arm]["abstains"] for arm in right}
    n, facts = right["RAG"][0].n, right["RAG"][0].facts
    return (
        f"Of all questions that the handbook answers (n = {n} each, about {facts} facts), RAG gets "
        f"{_short(right['RAG'][0])} right with tiny and {_short(right['RAG'][1])} with smol, the hybrid "
        f"{_short(right['hybrid'][0])} and {_short(right['hybrid'][1])}. A wrapper of a few lines makes "
        f"{_short(tiny['RAG, wrapped']['valid ticket'])} of RAG's answers valid tickets. Where the handbook "
        f"has no answer (n = {unsure['RAG'].n}), tiny's RAG says so for {_short(unsure['RAG'])} of the "
        f"questions, its hybrid for {_short(unsure['hybrid'])}."
    )


def _short(rate: Rate) -> str:
    """A rate in whole per cent, with its interval: ``97 % [86, 100]``."""
    low, high = (round(100 * bound) for bound in rate.interval)
    return f"{rate.value:.0%} [{low}, {high}]".replace("%", " %")


PARTS = {"badges": badges, "commands": clone, "lessons": lesson_table, "picture": picture}


def generated(text: str, catalogue: Catalogue) -> str:
    """``text`` with every part between its markers made anew. Raises ReadmeError when a marker is missing."""
    for name, part in PARTS.items():
        begin, end = f"<!-- generated: {name} -->", f"<!-- end: {name} -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise ReadmeError(f"README.md needs the markers {begin} and {end}.")
        text = f"{before}{begin}\n{part(catalogue)}\n{end}{after}"
    return text


def main(arguments: list[str] | None = None, readme: Path = README) -> int:
    check = "--check" in (sys.argv[1:] if arguments is None else arguments)
    old = readme.read_text(encoding="utf-8")
    new = generated(old, load())
    if old == new:
        return 0
    if check:
        print("README.md is out of date: run `make lessons`.")
        return 1
    write_whole(readme, new)
    print("wrote README.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
