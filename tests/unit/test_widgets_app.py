"""The app without a browser: its notebook shows every calculator, its page asks nothing from other hosts."""

import importlib.util

import nbformat

from course_utils import widgets
from course_utils.widgets import tree, views
from course_utils.widgets.panel import Panel
from tools import app


def test_the_app_holds_every_calculator_once():
    made = [eval(call, {"widgets": widgets, "tree": tree}) for call in app.CALCULATORS]
    assert all(isinstance(panel, Panel) for panel in made)
    shown = [panel.view.key for panel in made]
    assert sorted(shown) == sorted(view.key for view in (*views.VIEWS, tree.DECISION))


def test_the_notebook_is_valid_and_imports_what_it_calls():
    notebook = app.notebook()
    nbformat.validate(notebook)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert code == [app.IMPORTS, *app.CALCULATORS]
    assert notebook.cells[0].source.startswith(f"# {app.TITLE}\n")


def test_what_is_written_is_where_voila_looks_for_it(tmp_path):
    path = app.write(tmp_path)
    assert nbformat.read(path, as_version=4).metadata.title == app.TITLE
    template = tmp_path / "share" / "voila" / "templates" / app.TEMPLATE
    assert sorted(file.name for file in template.iterdir()) == ["conf.json", "index.html.j2"]


def test_without_voila_it_says_what_to_do(monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert app.main([]) == 1
    assert "make app" in capsys.readouterr().err
