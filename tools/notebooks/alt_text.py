"""What pictures say in words: written once, as ``*Picture:* …`` in the prose below a cell that draws one.

In the notebooks the words are folded away for those who see the picture, and are the alternative text of the
images among the outputs, for screen readers and for whatever is made from the notebook.
"""

from __future__ import annotations

import re

from nbformat import NotebookNode

WORDS = re.compile(r"^\*Picture:\* (.*?)(?=\n\n|\Z)", re.DOTALL | re.MULTILINE)
SUMMARY = "<details><summary>The picture in words</summary>"
FOLDED = re.compile(rf"^{re.escape(SUMMARY)}\n\n(.*?)\n\n</details>", re.DOTALL | re.MULTILINE)
IMAGES = ("image/png", "image/jpeg", "image/svg+xml")


def fold(markdown: str) -> str:
    """``markdown`` with the words of its pictures folded away."""
    return WORDS.sub(lambda found: f"{SUMMARY}\n\n{found[1]}\n\n</details>", markdown)


def describe(notebook: NotebookNode) -> None:
    """Write the folded words below a cell into the metadata of that cell's images, in place."""
    for cell, below in zip(notebook.cells, notebook.cells[1:], strict=False):
        found = FOLDED.search(below.source) if below.cell_type == "markdown" else None
        if cell.cell_type != "code" or not found:
            continue
        alt = " ".join(found[1].replace("*", "").split())
        for output in cell.outputs:
            for kind in IMAGES:
                if kind in output.get("data", {}):
                    output.metadata[kind] = {**output.metadata.get(kind, {}), "alt": alt}
