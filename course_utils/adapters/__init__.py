"""Adapters that ship with the course, because a lesson's curve needs many trainings; a folder a model.

    model = finetuning.load_adapter(base, adapters.folder("behaviour_200_seed0"), "behaviour_200_seed0")

They are tiny's, unless another model is named: a curve and three seeds of everything are dozens of trainings,
and tiny takes them in minutes. Each was made by ``make adapters`` from its plan
(``tools/adapters/plans.py``); ``made.json`` beside the weights says how, when, with which versions and from
which data. A lesson that shows a number from one says that the training was not live.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from course_utils import models

ALL = Path(__file__).parent
MADE = "made.json"


class ShippedAdapterError(Exception):
    """A shipped adapter is missing or does not fit its model; the message says what to do."""


def folder(name: str, model: str = models.TINY) -> Path:
    """The folder of a shipped adapter, as ``finetuning.load_adapter`` takes it.

    Raises ShippedAdapterError when there is none of this name for the model, or when it was trained on other
    weights of the model than the ones installed.
    """
    from course_utils.finetuning.adapters import CONFIG, WEIGHTS, base_fingerprint

    found = ALL / model / name
    if not all((found / file).is_file() for file in (CONFIG, WEIGHTS, MADE)):
        known = ", ".join(names(model)) or "none"
        raise ShippedAdapterError(
            f"There is no shipped adapter {name!r} of {model} (there are: {known}). A git checkout has them; "
            "`make adapters` trains those that are missing."
        )
    trained_on, here = made(name, model)["base"], base_fingerprint(models.source(model))
    if trained_on != here:
        raise ShippedAdapterError(
            f"The shipped adapter {name!r} was trained on {trained_on}, and {model} is {here} now: its "
            "answers would be noise. `make adapters` trains it again."
        )
    return found


def names(model: str = models.TINY) -> list[str]:
    """The adapters of a model that are there, sorted."""
    return sorted(file.parent.name for file in (ALL / model).glob(f"[!.]*/{MADE}"))


def made(name: str, model: str = models.TINY) -> dict[str, Any]:
    """How a shipped adapter was made: command, seconds, rows, settings, fingerprints, versions."""
    file = ALL / model / name / MADE
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(record, dict) and "base" in record and "dataset" in record:
            return record
        problem = "it lacks what the training has to note"
    except (OSError, ValueError) as error:
        problem = str(error)
    raise ShippedAdapterError(
        f"Nobody knows how the shipped adapter {name!r} was made: its {MADE} cannot be read ({problem}). "
        "`make adapters` trains it again."
    )
