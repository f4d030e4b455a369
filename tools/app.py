"""The calculators as an app without code cells, on this machine: ``make app``.

Voilà runs a notebook of one line per calculator and shows only the widgets. Further options go to Voilà:

    python -m tools.app --port=8900 --no-browser
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

NAME = "calculators"
TITLE = "Stale Prices · calculators"
INTRODUCTION = f"""# {TITLE}

What does it cost to answer questions from a handbook that changes – by retrieval, by fine-tuning, by both?
Each calculator asks a question; move a slider or type a number to answer it. *Preset to share* is one line
that holds all your values. The lessons *Costs* and *Decide* of the course explain what is behind them."""
IMPORTS = "from course_utils import widgets\nfrom course_utils.widgets import tree"
CALCULATORS = (
    "widgets.total_cost()",
    "widgets.break_even()",
    "widgets.token_prices()",
    "widgets.training_planner()",
    "widgets.a_year()",
    "widgets.stale_answers()",
    "tree.decision_tree()",
)
TEMPLATE = "course"
# Voilà's own page asks another host for a font of icons that nothing here uses.
PAGE = """{%- extends 'voila/templates/lab/index.html.j2' -%}
{%- block notebook_css -%}
{{ super() | replace('<link rel="stylesheet" href="https://', '<link data-left-out="https://') }}
<style>#rendered_cells { max-width: 980px; margin: 0 auto; padding: 0 16px }</style>
{%- endblock notebook_css -%}
"""


def notebook() -> nbformat.NotebookNode:
    """The app: a title, then a cell for each calculator."""
    cells = [nbformat.v4.new_markdown_cell(INTRODUCTION)]
    cells += [nbformat.v4.new_code_cell(code) for code in (IMPORTS, *CALCULATORS)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"title": TITLE, "kernelspec": kernel})


def write(folder: Path) -> Path:
    """Write notebook and page template below ``folder``; the notebook's path."""
    template = folder / "share" / "voila" / "templates" / TEMPLATE
    template.mkdir(parents=True)
    (template / "conf.json").write_text(json.dumps({"base_template": "lab"}), encoding="utf-8")
    (template / "index.html.j2").write_text(PAGE, encoding="utf-8")
    path = folder / f"{NAME}.ipynb"
    nbformat.write(notebook(), path)
    return path


def main(options: list[str]) -> int:
    if importlib.util.find_spec("voila") is None:
        print("The app needs Voilà: run `make app`, or `pip install -e .[app]` first.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder))
        searched = [str(path.parent / "share"), *filter(None, [os.environ.get("JUPYTER_PATH")])]
        environment = {**os.environ, "JUPYTER_PATH": os.pathsep.join(searched)}
        command = [sys.executable, "-m", "voila", str(path), f"--template={TEMPLATE}", *options]
        try:
            return subprocess.call(command, env=environment)
        except KeyboardInterrupt:  # the way to stop it
            return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
