"""What a solution says, and what the cells of its committed notebook printed."""

import json
from collections.abc import Iterator

from tools.notebooks.catalogue import ROOT


def prose(name: str) -> str:
    """The Markdown of a solution's source, in one line."""
    source = (ROOT / "solutions" / f"{name}.py").read_text(encoding="utf-8")
    return " ".join(line.removeprefix("#").strip() for line in source.splitlines() if line.startswith("#"))


def _outputs(name: str) -> Iterator[dict]:
    stored = json.loads((ROOT / "solutions" / f"{name}.ipynb").read_text(encoding="utf-8"))
    return (output for cell in stored["cells"] for output in cell.get("outputs", ()))


def printed(name: str) -> str:
    """All that the cells of the committed notebook printed, in order."""
    return "".join("".join(output.get("text", "")) for output in _outputs(name))


def tables(name: str) -> list[str]:
    """The Markdown that the cells of the committed notebook displayed, in order."""
    shown = ("".join(output.get("data", {}).get("text/markdown", "")) for output in _outputs(name))
    return [text for text in shown if text]
