"""Draw the picture on top of README.md from what lesson 05's committed solution recorded when executed.

python -m tools.notebooks.picture            draw docs/stale_prices.png if it is out of date
python -m tools.notebooks.picture --check    change nothing; exit 1 if it is
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from course_utils import results
from course_utils.evaluation import Rate, shares
from course_utils.grid import MONTHS
from course_utils.plots.grid import FOUR, before_after
from tools.notebooks.build import recorded_results
from tools.notebooks.catalogue import ROOT

PICTURE = ROOT / "docs" / "stale_prices.png"
TITLE = "Questions about changed prices, before and after the change"
LESSON = "05"


def drawn(recorded: dict[str, dict]) -> dict[str, Any]:
    """What the picture shows of lesson 05's results: month to system to verdicts, and valid tickets.

    Empty while the lesson has not been executed.
    """
    found = recorded.get(LESSON, {})
    if not {"verdicts", "scores"} <= found.keys():
        return {}
    return {
        "verdicts": {
            month: {name: list(found["verdicts"][month][name]) for name in FOUR} for month in MONTHS
        },
        "scores": {
            month: {name: {"valid ticket": found["scores"][month][name]["valid ticket"]} for name in FOUR}
            for month in MONTHS
        },
    }


def rates(recorded: dict[str, dict], kind: str, month: str = "February") -> dict[str, Rate]:
    """The rate of one kind of verdict for each system of the picture, by its label."""
    verdicts = drawn(recorded).get("verdicts", {}).get(month, {})
    about = recorded.get(LESSON, {}).get("about", {}).get(month)
    return {FOUR[name]: shares(found, about)[kind] for name, found in verdicts.items()}


def up_to_date(recorded: dict[str, dict], picture: Path = PICTURE) -> bool:
    """Whether the picture was drawn from these results: they are kept in it as text."""
    from PIL import Image

    if not picture.is_file():
        return not drawn(recorded)
    with Image.open(picture) as image:
        return image.text.get("Description") == _described(recorded)


def draw(recorded: dict[str, dict], picture: Path = PICTURE) -> None:
    picture.parent.mkdir(exist_ok=True)
    figure = before_after(drawn(recorded), TITLE)
    figure.savefig(picture, dpi=110, metadata={"Description": _described(recorded), "Software": None})


def _described(recorded: dict[str, dict]) -> str:
    return results.to_json(drawn(recorded))


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
