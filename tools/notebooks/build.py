"""Build the two notebooks of every lesson from its one source, ``solutions/NN_name.py`` (py:percent).

* ``lessons/NN_name.ipynb``, what a learner opens: cells tagged ``solution`` or ``instructor`` are dropped,
  every ``### BEGIN SOLUTION`` … ``### END SOLUTION`` becomes a stub, no outputs.
* ``solutions/NN_name.ipynb``: only the marker lines are gone; executed, outputs kept.

    python -m tools.notebooks.build                     build what changed
    python -m tools.notebooks.build 01_stale_prices     only this lesson
    python -m tools.notebooks.build --force             execute even when no code cell changed
    python -m tools.notebooks.build --check             change nothing; exit 1 and name what is out of date

Building twice gives the same bytes. A solution is executed again only when one of its code cells changed, or
the reader whose answers it shows; until then its outputs stay. When a library function changed that a lesson
calls, say ``--force``.

Solutions are executed with smol, so that what the repository shows does not depend on the author's machine.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from course_utils import models, paths, results
from course_utils.checks.solutions import BEGIN, END
from course_utils.models import lanes, prepared
from tools.notebooks import alt_text, glossary, outputs
from tools.notebooks.catalogue import BINDER_BADGE, COLAB_BADGE, ROOT, Catalogue, CatalogueError, Lesson, load
from tools.notebooks.cell_ids import cell_ids
from tools.notebooks.first_cell import MARK, first_cell

TODO = "# TODO: your code here"  # in every stub
LIKE_A_MARKER = re.compile(r"#\s*(BEGIN|END)[\s_-]*SOLUTION", re.IGNORECASE)
CELL_BORDER = re.compile(r"# %%")
LEFT_OUT_OF_LESSONS = {"solution", "instructor"}
CELL_TIMEOUT = 600  # seconds

RESULTS = "results"  # the key in a solution's metadata under which its recorded results are kept
READER = "reader"  # … and the one for the model that gave its answers
END_MARK = "**Done?**"  # how the generated last cell of a lesson begins
# In the code of a solution that shows answers of smol.
ASKS_THE_MODEL = re.compile(r"\bmodels\.load\(|\binstruct_base\(")
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class SourceError(Exception):
    """A source that cannot be built; the message starts with ``file:line:``."""

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(f"{path}:{line}: {problem}")


# --- markers ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """A solution between its markers. Lines are indices into the source, from 0."""

    begin: int
    end: int
    indent: str


def solution_blocks(lines: list[str], path: Path) -> list[Block]:
    """Find the solution blocks. Raises SourceError on any marker that does not pair up inside its cell."""
    blocks: list[Block] = []
    opened: int | None = None
    for number, line in enumerate(lines):
        text = line.strip()
        if CELL_BORDER.match(line) and opened is not None:
            raise SourceError(path, opened + 1, f"'{BEGIN}' is not closed in its cell; add '{END}'.")
        if text == BEGIN:
            if opened is not None:
                raise SourceError(
                    path,
                    number + 1,
                    f"'{BEGIN}' inside the block that line {opened + 1} opened; blocks do not nest.",
                )
            opened = number
        elif text == END:
            if opened is None:
                raise SourceError(path, number + 1, f"'{END}' without a '{BEGIN}' before it in its cell.")
            blocks.append(Block(opened, number, _indent(lines[opened])))
            opened = None
        elif LIKE_A_MARKER.search(line):
            raise SourceError(
                path, number + 1, f"looks like a marker, but is not exactly '{BEGIN}' or '{END}'."
            )
    if opened is not None:
        raise SourceError(path, opened + 1, f"'{BEGIN}' is not closed in its cell; add '{END}'.")
    return blocks


def solution_text(text: str, path: Path) -> str:
    """The source without its marker lines."""
    lines = text.splitlines()
    markers = {line for block in solution_blocks(lines, path) for line in (block.begin, block.end)}
    return _join(line for number, line in enumerate(lines) if number not in markers)


def lesson_text(text: str, path: Path) -> str:
    """The source with a stub in place of every solution block."""
    lines = text.splitlines()
    for block in reversed(solution_blocks(lines, path)):
        lines[block.begin : block.end + 1] = _stub(lines, block, path)
    return _join(lines)


def _stub(lines: list[str], block: Block, path: Path) -> list[str]:
    """What the learner finds: an error inside a function, ``name = ...`` at top level (Run All goes on)."""
    if block.indent:
        return [f"{block.indent}raise NotImplementedError  {TODO}"]
    code = "\n".join(lines[block.begin + 1 : block.end])
    try:
        names = list(dict.fromkeys(_assigned(ast.parse(textwrap.dedent(code)).body)))
    except SyntaxError as problem:
        line = block.begin + 1 + (problem.lineno or 1)
        raise SourceError(path, line, f"a solution block is plain Python: {problem.msg}.") from problem
    return [f"{name} = ...  {TODO}" for name in names] or [TODO]


def _assigned(statements: list[ast.stmt]) -> Iterator[str]:
    """The names that running ``statements`` binds, in order, without those that functions bind inside."""
    for statement in statements:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield statement.name
            case ast.Assign():
                for target in statement.targets:
                    yield from _target_names(target)
            case ast.AnnAssign():
                yield from _target_names(statement.target)
            case _:
                for block in ("body", "orelse", "finalbody"):
                    yield from _assigned(getattr(statement, block, []))


def _target_names(target: ast.expr) -> Iterator[str]:
    match target:
        case ast.Name():
            yield target.id
        case ast.Tuple() | ast.List():
            for element in target.elts:
                yield from _target_names(element)
        case ast.Starred():
            yield from _target_names(target.value)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _join(lines: Iterator[str] | list[str]) -> str:
    return "\n".join(lines) + "\n"


# --- notebooks ----------------------------------------------------------------------------------------


def lesson_notebook(
    text: str, path: Path, front: list[NotebookNode] | None = None, end: list[NotebookNode] | None = None
) -> NotebookNode:
    """The learner's notebook of the source ``text``: ``front`` cells under its title, ``end`` cells last."""
    return _notebook(lesson_text(text, path), path, front or [], end or [], leave_out=LEFT_OUT_OF_LESSONS)


def solution_notebook(text: str, path: Path, front: list[NotebookNode] | None = None) -> NotebookNode:
    """The solution notebook of the source ``text``, not yet executed."""
    return _notebook(solution_text(text, path), path, front or [], [], leave_out=set())


def _notebook(
    text: str, path: Path, front: list[NotebookNode], end: list[NotebookNode], leave_out: set[str]
) -> NotebookNode:
    cells = jupytext.reads(text, fmt="py:percent").cells
    if not cells or cells[0].cell_type != "markdown" or not cells[0].source.startswith("# "):
        raise SourceError(path, 1, "the first cell is markdown and starts with the title, '# …'.")
    kept = [cell for cell in cells if not leave_out & set(cell.metadata.get("tags", []))]
    notebook = nbformat.v4.new_notebook(metadata=METADATA)
    notebook.nbformat_minor = 5
    notebook.cells = [_clean_cell(cell) for cell in kept[:1] + front + kept[1:] + end]
    return _with_ids(notebook)


def _with_ids(notebook: NotebookNode) -> NotebookNode:
    """Give each cell the id that follows from what it says."""
    made = cell_ids((cell.cell_type, cell.source) for cell in notebook.cells)
    for cell, its_id in zip(notebook.cells, made, strict=True):
        cell.id = its_id
    return notebook


def metadata(lesson: Lesson) -> dict:
    """A notebook's metadata: its kernel, and the card that Colab should give it."""
    if not lesson.gpu:
        return METADATA
    return METADATA | {"accelerator": "GPU", "colab": {"gpuType": lesson.gpu, "provenance": []}}


def _clean_cell(cell: NotebookNode) -> NotebookNode:
    tags = list(dict.fromkeys(cell.metadata.get("tags", [])))
    if "nbval-skip" in tags and "skip-execution" not in tags:
        tags.append("skip-execution")  # nbval honours the one, nbclient the other
    make = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
    source = cell.source if cell.cell_type == "code" else alt_text.fold(cell.source)
    return make(source, metadata={"tags": tags} if tags else {})


def front_cells(lesson: Lesson, catalogue: Catalogue, path: str) -> list[NotebookNode]:
    """The generated cells under the title of the notebook that will lie at ``path`` in the repository."""
    twin = f"solutions/{lesson.name}.ipynb" if path.startswith("lessons/") else f"lessons/{lesson.name}.ipynb"
    twin_name = "the solution, with every output and figure" if path.startswith("lessons/") else "the lesson"
    card = f"""\
> **{lesson.question}**
>
> | time | level | hardware | cost |
> |---|---|---|---|
> | {lesson.minutes} minutes | {lesson.level} | {lesson.hardware} | {lesson.cost} |
>
> [![Open in Colab]({COLAB_BADGE})]({catalogue.colab_url(path)})
> [![Open in Binder]({BINDER_BADGE})]({catalogue.binder_url(path)})
> · [{twin_name}](../{twin})"""
    return [nbformat.v4.new_markdown_cell(card), first_cell(catalogue, gpu=bool(lesson.gpu))]


def end_cells(lesson: Lesson, catalogue: Catalogue) -> list[NotebookNode]:
    """The generated cell that ends the learner's notebook: what to do with the kernel, and where to go."""
    text = (
        f"{END_MARK} *Kernel → Shut Down Kernel* gives this lesson's memory back; two lessons open at once "
        "may be more than a small machine has. Words to look up: the [glossary](../docs/glossary.md)."
    )
    following = next((each for each in catalogue.ready() if each.number > lesson.number), None)
    if following:
        text += f" **Next:** [{following.number} · {following.title}]({following.name}.ipynb)"
    return [nbformat.v4.new_markdown_cell(text)]


# --- execution ----------------------------------------------------------------------------------------


def execute(
    notebook: NotebookNode, folder: Path, number: str, earlier: dict[str, dict] | None = None
) -> None:
    """Run ``notebook`` in ``folder``, in place, offline, with smol and its own home, and keep tidy outputs.

    ``earlier`` are the results that earlier lessons recorded, by number: the notebook finds them as a
    learner's would. What this one records is kept in its metadata. Raises nbclient's CellExecutionError when
    a cell fails.
    """
    about = notebook.metadata.copy()
    with tempfile.TemporaryDirectory(prefix="stale-prices-") as home:
        reader = asked_reader(notebook)
        if reader:
            share_models(Path(home))
        for lesson, values in (earlier or {}).items():
            kept = Path(home, "work", lesson, results.FILE)
            kept.parent.mkdir(parents=True)
            kept.write_text(results.to_json(values), encoding="utf-8")
        client = NotebookClient(
            notebook,
            timeout=CELL_TIMEOUT,
            kernel_name="python3",
            record_timing=False,
            store_widget_state=False,
            resources={"metadata": {"path": str(folder)}},
        )
        ours = {paths.HOME_VARIABLE: home, lanes.VARIABLE: models.SMOL, "HF_HUB_OFFLINE": "1"}
        client.execute(env=os.environ | ours)
        outputs.tidy(
            notebook, replace={home: ".", str(ROOT): ".", sys.prefix: ".venv", str(Path.home()): "~"}
        )
        recorded = Path(home, "work", number, results.FILE)
        found = json.loads(recorded.read_text(encoding="utf-8")) if recorded.is_file() else {}
    notebook.metadata = about  # nbclient adds the interpreter's version
    if found:
        # As text: nbformat sorts the keys of whatever it writes, and the order of the rows is the lesson's.
        notebook.metadata[RESULTS] = json.dumps(found, ensure_ascii=False)
    if reader:
        notebook.metadata[READER] = reader


def share_models(home: Path) -> None:
    """Let a home have this machine's copy of smol: made anew, it would take half a minute and say so."""
    made = prepared.folder().parent
    (home / "cache").mkdir()
    (home / "cache" / made.name).symlink_to(made, target_is_directory=True)


def asked_reader(notebook: NotebookNode) -> str | None:
    """The reader that this installation's smol is made of, if ``notebook`` asks it anything."""
    return prepared.expected() if any(map(ASKS_THE_MODEL.search, code_of(notebook))) else None


def recorded_results(root: Path = ROOT) -> dict[str, dict]:
    """What the committed solutions recorded when they were executed, by lesson number."""
    found = sorted(root.glob("solutions/*.ipynb"))
    notebooks = {path.name[:2]: nbformat.read(path, as_version=4) for path in found}
    return {
        number: results.from_json(nb.metadata[RESULTS])
        for number, nb in notebooks.items()
        if RESULTS in nb.metadata
    }


def code_of(notebook: NotebookNode) -> list[str]:
    """The lesson's own code, cell by cell: what decides whether its outputs are still those of its code.

    Not the generated first cell, in which a fork's address and the version stand.
    """
    code = (cell.source for cell in notebook.cells if cell.cell_type == "code")
    return [source for source in code if not source.startswith(MARK)]


def carry_outputs(old: NotebookNode, new: NotebookNode) -> bool:
    """Give ``new`` the outputs of ``old`` if code, cell by cell, and reader are the same. True if so."""
    if code_of(old) != code_of(new) or old.metadata.get(READER) != asked_reader(new):
        return False
    was, now = ([c for c in notebook.cells if c.cell_type == "code"] for notebook in (old, new))
    for before, after in zip(was, now, strict=True):
        after.outputs, after.execution_count = before.outputs, before.execution_count
    for key in (RESULTS, READER):
        if key in old.metadata:
            new.metadata[key] = old.metadata[key]
    return True


def executed(notebook: NotebookNode) -> bool:
    """Whether every code cell that is to run has run."""
    return all(
        cell.execution_count is not None
        for cell in notebook.cells
        if cell.cell_type == "code"
        and cell.source.strip()
        and "skip-execution" not in cell.metadata.get("tags", [])
    )


# --- building -----------------------------------------------------------------------------------------


def serialise(notebook: NotebookNode) -> str:
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=4) + "\n"


def build(
    lesson: Lesson,
    catalogue: Catalogue,
    root: Path = ROOT,
    *,
    check: bool = False,
    force: bool = False,
    run: bool = True,
) -> list[str]:
    """Build both notebooks of ``lesson``; the paths that changed or, with ``check``, that are out of date."""
    source = root / "solutions" / f"{lesson.name}.py"
    shown = source.relative_to(root)
    try:
        text = source.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SourceError(
            shown, 1, f"missing, but the catalogue calls lesson {lesson.number} ready."
        ) from None
    changed = []

    path = f"lessons/{lesson.name}.ipynb"
    notebook = lesson_notebook(
        text, shown, front_cells(lesson, catalogue, path), end_cells(lesson, catalogue)
    )
    glossary.link(notebook, lesson.number)
    _with_ids(notebook)
    notebook.metadata = nbformat.from_dict(metadata(lesson))
    changed += _write(root / path, notebook, path, check)

    path = f"solutions/{lesson.name}.ipynb"
    notebook = solution_notebook(text, shown, front_cells(lesson, catalogue, path))
    glossary.link(notebook, lesson.number)
    _with_ids(notebook)
    notebook.metadata = nbformat.from_dict(metadata(lesson))
    old = nbformat.read(root / path, as_version=4) if (root / path).is_file() else None
    kept = old is not None and carry_outputs(old, notebook)
    if run and not check and (force or not kept or not executed(notebook)):
        print(f"executing {path} …", flush=True)
        earlier = {n: values for n, values in recorded_results(root).items() if n < lesson.number}
        execute(notebook, root / "solutions", lesson.number, earlier)
    if check and not executed(notebook):
        return [*changed, path]
    alt_text.describe(notebook)
    return changed + _write(root / path, notebook, path, check)


def _write(target: Path, notebook: NotebookNode, path: str, check: bool) -> list[str]:
    new = serialise(notebook)
    if target.is_file() and target.read_text(encoding="utf-8") == new:
        return []
    if not check:
        paths.write_whole(target, new)  # a build that is interrupted leaves the old notebook as it was
    return [path]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.notebooks.build", description=__doc__.splitlines()[0]
    )
    parser.add_argument("lessons", nargs="*", metavar="NN_name", help="default: every lesson that is ready")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if out of date")
    parser.add_argument("--force", action="store_true", help="execute even if the code is unchanged")
    parser.add_argument("--no-execute", action="store_true", help="leave changed solutions without outputs")
    options = parser.parse_args(arguments)
    try:
        catalogue = load()
        lessons = [catalogue.by_name(name) for name in options.lessons] or catalogue.ready()
        changed = []
        for lesson in lessons:
            changed += build(
                lesson, catalogue, check=options.check, force=options.force, run=not options.no_execute
            )
    except (SourceError, CatalogueError, CellExecutionError) as problem:
        print(problem, file=sys.stderr)
        return 2
    for path in changed:
        print(f"{path} is out of date: run `make lessons`." if options.check else f"wrote {path}")
    return 1 if options.check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
