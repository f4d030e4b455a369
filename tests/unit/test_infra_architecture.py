"""The house: arrows between its rooms run one way, and CONTRIBUTING's map of it is true."""

import ast
import graphlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils.widgets.tree import DECISION
from course_utils.widgets.views import VIEWS
from tools.notebooks.catalogue import ROOT

MAP = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


# --- the graph of imports -----------------------------------------------------------------------------


def modules(root: Path = ROOT) -> dict[str, Path]:
    """Every module of course_utils by its dotted name."""
    found = {}
    for path in sorted(root.glob("course_utils/**/*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(name: str, path: Path) -> set[str]:
    """What a module imports, wherever in it, but for type checkers: dotted names, of modules or in them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found = set()
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            found |= {f"{base}.{alias.name}" for alias in node.names}
    return found


def graph(known: dict[str, Path]) -> dict[str, set[str]]:
    """Module to the modules of course_utils that it imports."""
    arrows = {}
    for name, path in known.items():
        wanted = {n if n in known else n.rpartition(".")[0] for n in imports(name, path)}
        arrows[name] = wanted & set(known) - {name}
    return arrows


def room(module: str) -> str:
    """``course_utils.costs.prices`` is in ``costs``; the package itself is in no room."""
    return module.split(".")[1] if "." in module else ""


GRAPH = graph(modules())
ROOMS = {
    at: {room(b) for a, arrows in GRAPH.items() if room(a) == at for b in arrows} - {at}
    for at in {room(name) for name in GRAPH}
}


@pytest.mark.parametrize("arrows", [GRAPH, ROOMS], ids=["modules", "rooms"])
def test_no_circle(arrows):
    try:
        list(graphlib.TopologicalSorter(arrows).static_order())
    except graphlib.CycleError as circle:
        pytest.fail(" → ".join(circle.args[1]))


def test_arrows_that_must_not_be():
    assert not [at for at, arrows in ROOMS.items() if "widgets" in arrows]
    assert ROOMS["costs"] == ROOMS["company"] == set()
    for name, path in modules().items():
        outside = {found.split(".")[0] for found in imports(name, path)} & {"tools", "tests"}
        assert not outside, f"{name} imports {outside}: learners have course_utils alone"


def test_the_graph_sees_what_it_is_asked_about(tmp_path):
    """If the drawing went blind, every test above would pass."""
    assert "answering" in ROOMS["evaluation"] and len(GRAPH) > 80
    for name, text in {
        "a/__init__.py": "from .one import x",
        "a/one.py": "def f():\n    from course_utils import b",
        "b.py": "from course_utils.a.one import f",
    }.items():
        (tmp_path / "course_utils" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "course_utils" / name).write_text(text)
    assert graph(modules(tmp_path)) == {
        "course_utils.a": {"course_utils.a.one"},
        "course_utils.a.one": {"course_utils.b"},
        "course_utils.b": {"course_utils.a.one"},
    }


# --- its style ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_the_style_is_the_same_everywhere(command):
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "."], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, f"make lint says:\n{done.stdout[-2000:]}{done.stderr}"


# --- CONTRIBUTING's map -------------------------------------------------------------------------------


def tree() -> list[Path]:
    """The paths of the tree, each below the last one that is indented less."""
    lines = re.search(r"^## The house\n+```\n(.*?)^```", MAP, re.MULTILINE | re.DOTALL)[1].splitlines()
    found: list[Path] = []
    above: list[tuple[int, Path]] = [(-1, ROOT)]
    for line in lines:
        indent, name = re.fullmatch(r"( *)([\w./-]+) +# \S.*", line).groups()
        while above[-1][0] >= len(indent):
            above.pop()
        found.append(above[-1][1] / name)
        above.append((len(indent), found[-1]))
    return found


def table() -> list[list[str]]:
    """The rows of "where do I change": what, where, what to run."""
    part = MAP.partition("## Where do I change")[2].partition("\n## ")[0]
    rows = [line for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[1:]]


# What the browser test of the app leaves behind: there only after it has run.
SCREENSHOTS = {f"test-artifacts/app_{view.key}.png" for view in (*VIEWS, DECISION)}


def test_every_path_on_the_map_exists():
    for path in tree():
        assert path.exists(), path.relative_to(ROOT)
    for what, where, _ in table():
        named = [name for name in re.findall(r"`([\w./-]+)`", where) if re.search(r"[/.]", name)]
        assert named, f"{what}: no path"
        for name in named:
            assert name in SCREENSHOTS or (ROOT / name).exists(), name


def test_every_name_and_command_in_the_table_exists():
    targets = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))
    for what, where, then in table():
        files = [ROOT / name for name in re.findall(r"`([\w./-]+\.\w+)`", where)]
        for name in re.findall(r"`(\w+)`", where):
            assert any(name in file.read_text("utf-8") for file in files), f"{what}: {name}"
        assert set(re.findall(r"`make ([a-z-]+)", then)) <= targets, what
        for module in re.findall(r"`python -m ([\w.]+)", then):
            assert (ROOT / module.replace(".", "/")).with_suffix(".py").is_file(), f"{what}: {module}"
        assert "`make " in then or "`python -m " in then, f"{what}: nothing to run"


@pytest.mark.parametrize("folder", ["course_utils", "tools", "."])
def test_the_map_names_every_room(folder):
    here = {path for path in (ROOT / folder).iterdir() if path.name[0] not in "._" and is_room(path)}
    assert here <= set(tree()), f"missing on the map: {sorted(p.name for p in here - set(tree()))}"


def is_room(path: Path) -> bool:
    left_by_tools = path.name in LEFT_BY_TOOLS or path.suffix == ".egg-info"
    return path.is_dir() and any(path.rglob("[!_]*.*")) and not left_by_tools


LEFT_BY_TOOLS = {"work", "build", "dist", "test-artifacts", "shared", "venv"}


def test_everything_is_made_in_an_order_in_which_it_can_be():
    recipe = MAKEFILE.partition("\neverything:")[2].partition("\n\n")[0]
    assert re.findall(r"\$\(MAKE\) (\w+)", recipe) == [
        "model", "reader", "scores", "adapters", "controls", "year", "lessons",
    ]  # fmt: skip
