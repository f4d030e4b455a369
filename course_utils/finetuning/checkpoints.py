"""Trainings that survive a kill: a folder named after what is trained, and the way back into it."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datasets import Dataset
    from peft import PeftModel
    from trl import SFTTrainer


def finished(trainer: SFTTrainer) -> PeftModel:
    """Train, going on where a killed training in the trainer's folder was; the model, ready to answer."""
    trainer.train(resume_from_checkpoint=last_checkpoint(Path(trainer.args.output_dir)))
    return trainer.model.eval()


def fingerprint(train_set: Dataset, **settings: Any) -> str:
    """A hash of the examples' content and the settings; the same on every machine."""
    content = json.dumps([train_set.to_list(), settings], sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def last_checkpoint(folder: Path) -> str | None:
    """The newest whole checkpoint in ``folder``, to resume a training from; None to start at the beginning.

    A kill can leave one half written. The trainer writes its state last: a checkpoint without it is removed.
    """
    from transformers.trainer_utils import get_last_checkpoint

    while folder.is_dir() and (found := get_last_checkpoint(str(folder))):
        try:
            json.loads((Path(found) / "trainer_state.json").read_text())
            return found
        except (OSError, ValueError):
            shutil.rmtree(found)
    return None
