"""Tidy the outputs of an executed notebook before they are kept in the repository.

Gone are: folders of the machine it ran on, a warning about its disk, progress bars and widget views (their
state is not stored, so a reader would see an error in their place), object addresses. Everything else stays
as it was shown.
"""

from __future__ import annotations

import re

from nbformat import NotebookNode

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
ADDRESS = re.compile(r"\b0x[0-9a-f]{8,16}\b")
TQDM_LINE = re.compile(r"^.*(\d+%\|.*\||\d+it \[).*$")
MACHINES_DISK = re.compile(r"^.*mtime may not be reliable on this filesystem.*$")
TRAINER_BAR = re.compile(r"<div>\s*<progress\b.*?</progress>.*?</div>", re.DOTALL)


def tidy(notebook: NotebookNode, replace: dict[str, str]) -> None:
    """Tidy every output of ``notebook`` in place; ``replace`` maps folders to what stands for them."""
    folders = sorted(replace.items(), key=lambda item: -len(item[0]))  # the innermost folder first
    for cell in notebook.cells:
        if cell.cell_type == "code":
            kept = [_tidied(output, folders) for output in cell.outputs]
            cell.outputs = _merge_streams([output for output in kept if output is not None])


def _tidied(output: NotebookNode, folders: list[tuple[str, str]]) -> NotebookNode | None:
    if output.output_type == "stream":
        output.text = _plain(_without_bars(output.text), folders)
        return output if output.text.strip() else None
    if output.output_type == "error":
        output.evalue = _plain(output.evalue, folders)
        output.traceback = [_plain(line, folders) for line in output.traceback]
        return output
    if WIDGET_VIEW in output.data:
        del output.data[WIDGET_VIEW]
        if set(output.data) <= {"text/plain"}:
            return None
    for kind, value in output.data.items():
        if isinstance(value, str) and (kind.startswith("text/") or kind == "image/svg+xml"):
            output.data[kind] = _plain(TRAINER_BAR.sub("", value), folders)
    return output


def _without_bars(text: str) -> str:
    """What a terminal would show in the end: the last state of each line, without progress bars."""
    lines = [line.rstrip("\r").rsplit("\r", 1)[-1] for line in text.split("\n")]
    return "\n".join(line for line in lines if not (TQDM_LINE.match(line) or MACHINES_DISK.match(line)))


def _plain(text: str, folders: list[tuple[str, str]]) -> str:
    for folder, shown in folders:
        text = text.replace(folder + "/", "" if shown == "." else shown + "/").replace(folder, shown)
    return ADDRESS.sub("0x…", text)


def _merge_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """One output per run of the same stream: where the kernel cut it depends on the machine's mood."""
    merged: list[NotebookNode] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if (
            last is not None
            and output.output_type == last.output_type == "stream"
            and output.name == last.name
        ):
            last.text += output.text
        else:
            merged.append(output)
    return merged
