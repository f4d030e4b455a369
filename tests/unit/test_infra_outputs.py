"""What is kept of an executed notebook's outputs, and what is not."""

from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools.notebooks import outputs


def tidied(*given, replace=None):
    notebook = new_notebook(cells=[new_code_cell("", outputs=list(given))])
    outputs.tidy(notebook, replace or {})
    return notebook.cells[0].outputs


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def test_folders_of_the_machine_are_replaced_innermost_first():
    [out] = tidied(
        stream("/mnt/ada/course/work/00/page.md and /mnt/ada/notes and /mnt/ada\n"),
        replace={"/mnt/ada": "~", "/mnt/ada/course": "."},
    )
    assert out.text == "work/00/page.md and ~/notes and ~\n"


def test_folders_are_replaced_in_results_and_errors_too():
    result, error = tidied(
        new_output("execute_result", data={"text/plain": "'/mnt/ada/x'", "text/html": "<b>/mnt/ada/x</b>"}),
        new_output("error", ename="E", evalue="/mnt/ada/x", traceback=["at /mnt/ada/x"]),
        replace={"/mnt/ada": "~"},
    )
    assert result.data == {"text/plain": "'~/x'", "text/html": "<b>~/x</b>"}
    assert (error.evalue, error.traceback) == ("~/x", ["at ~/x"])


def test_progress_bars_leave_no_trace():
    bar = "  0%|     | 0/10 [00:00<?, ?it/s]\r 50%|##   | 5/10 [00:01<00:01]\r100%|#####| 10/10\n"
    assert tidied(stream(bar, "stderr")) == []
    assert [out.text for out in tidied(stream("before\n" + bar + "after\n"))] == ["before\nafter\n"]


def test_a_warning_about_the_machines_disk_goes():
    warning = "[transformers] mtime may not be reliable on this filesystem, falling back to …\n"
    assert tidied(stream(warning, "stderr")) == []
    assert [out.text for out in tidied(stream("before\n" + warning + "after\n"))] == ["before\nafter\n"]


def test_of_a_line_rewritten_in_place_the_last_state_stays():
    [out] = tidied(stream("epoch 1\repoch 2\repoch 3\n"))
    assert out.text == "epoch 3\n"


def test_a_widget_leaves_what_it_shows_beside_itself():
    view = {outputs.WIDGET_VIEW: {"model_id": "1"}, "text/plain": "FloatProgress(value=0.0)"}
    assert tidied(new_output("display_data", data=dict(view))) == []
    [out] = tidied(new_output("display_data", data=view | {"text/html": "<b>42</b>"}))
    assert out.data == {"text/plain": "FloatProgress(value=0.0)", "text/html": "<b>42</b>"}


def test_a_trainers_bar_goes_its_table_stays():
    table = "<table><tr><td>0.5</td></tr></table>"
    html = f"<div>\n<progress value='9' max='9'></progress>\n[9/9 00:03]\n</div>\n{table}"
    [out] = tidied(new_output("display_data", data={"text/html": html}))
    assert out.data["text/html"].strip() == table


def test_addresses_do_not_change_from_run_to_run():
    [out] = tidied(stream("<function price at 0x7f3a2c0d1e50>\n"))
    assert out.text == "<function price at 0x…>\n"


def test_a_stream_cut_anywhere_is_one_output():
    assert [(o.name, o.text) for o in tidied(stream("a\n"), stream("b\n"), stream("c\n", "stderr"))] == [
        ("stdout", "a\nb\n"),
        ("stderr", "c\n"),
    ]
