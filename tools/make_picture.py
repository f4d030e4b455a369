"""Draw the picture on top of README.md from what the committed solutions recorded when they were executed.

python -m tools.make_picture            draw docs/stale_prices.png if it is out of date
python -m tools.make_picture --check    change nothing; exit 1 if it is
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from course_utils import plots
from course_utils.evaluation import Rate, shares
from tools.build_lessons import recorded_results
from tools.catalogue import ROOT

PICTURE = ROOT / "docs" / "stale_prices.png"
TITLE = "Questions about changed prices, in February"
# What the picture shows: a label, the lesson that measured it, the name it recorded its verdicts under.
SYSTEMS = (
    ("fine-tuned on January's handbook", "01", "fine_tuned_verdicts"),
    ("RAG, old chunks left in the index", "02", "trap_verdicts"),
    ("RAG, index up to date", "02", "rag_verdicts"),
)


def systems(recorded: dict[str, dict]) -> dict[str, list[str]]:
    """The recorded verdicts of each system of the picture that has been measured."""
    return {
        label: recorded[lesson][name]
        for label, lesson, name in SYSTEMS
        if name in recorded.get(lesson, {})
    }


def rates(recorded: dict[str, dict], kind: str) -> dict[str, Rate]:
    """The rate of one kind of verdict for each system that has been measured."""
    return {label: shares(verdicts)[kind] for label, verdicts in systems(recorded).items()}


def up_to_date(recorded: dict[str, dict], picture: Path = PICTURE) -> bool:
    """Whether the picture was drawn from these results: they are kept in it as text."""
    from PIL import Image

    if not picture.is_file():
        return not systems(recorded)
    with Image.open(picture) as image:
        return image.text.get("Description") == _described(recorded)


def draw(recorded: dict[str, dict], picture: Path = PICTURE) -> None:
    picture.parent.mkdir(exist_ok=True)
    figure = plots.verdict_bars(systems(recorded), TITLE)
    figure.savefig(picture, dpi=110, metadata={"Description": _described(recorded), "Software": None})


def _described(recorded: dict[str, dict]) -> str:
    return json.dumps(systems(recorded))


def main(arguments: list[str] | None = None) -> int:
    recorded = recorded_results()
    if up_to_date(recorded):
        return 0
    if "--check" in (sys.argv[1:] if arguments is None else arguments):
        print("docs/stale_prices.png is out of date: run `make lessons`.")
        return 1
    draw(recorded)
    print("wrote docs/stale_prices.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
