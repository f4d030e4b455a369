"""LoRA fine-tuning as lesson 01 shows it, made safe to interrupt: a killed training goes on where it was."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils import lane
from course_utils.prompts import messages

if TYPE_CHECKING:
    from datasets import Dataset
    from peft import LoraConfig, PeftModel
    from transformers import PreTrainedModel, PreTrainedTokenizerBase
    from trl import SFTConfig, SFTTrainer


# Imported by PEFT, bitsandbytes recommends an optional kernel: red text in a learner's first training cell.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)


class FineTuningError(Exception):
    """The training set or a saved adapter cannot be used; the message says what to do."""


def example(question: str, answer: str, chunks: Sequence[str] = ()) -> dict[str, Any]:
    """One training example in TRL's prompt/completion form: only the completion bears loss."""
    if not question.strip() or not answer.strip():
        raise FineTuningError(
            f"A training example needs a question and an answer, not {question!r} and {answer!r}."
        )
    return {"prompt": messages(question, chunks), "completion": [{"role": "assistant", "content": answer}]}


def dataset(examples: Iterable[dict[str, Any]]) -> Dataset:
    """The examples as a ``datasets.Dataset``. Raises FineTuningError when there are none."""
    from datasets import Dataset

    rows = list(examples)
    if not rows:
        raise FineTuningError("The training set is empty: there is nothing to learn from.")
    return Dataset.from_list(rows)


def lora(rank: int = 16) -> LoraConfig:
    """LoRA on all linear layers, alpha twice the rank, no dropout."""
    from course_utils.qlora import plain

    return plain.lora(rank, 2 * rank, "all-linear")


def arguments(
    folder: Path, epochs: float = 4, learning_rate: float = 2e-3, batch_size: int = 16, seed: int = 0
) -> SFTConfig:
    """TRL's settings for this machine's lane. ``folder`` receives the checkpoints, one an epoch.

    Lesson 01's simple form of ``qlora.recipe``: the small model's recipe with ten steps of warm-up, and
    nothing done to save memory.
    """
    from course_utils.qlora import recipe

    simple = recipe.Recipe(
        learning_rate, batch_size, accumulation=1, epochs=epochs, max_length=recipe.FOR_SMALL.max_length,
        optimizer="adamw_torch_fused", warmup=10, seed=seed, checkpointing=False,
    )  # fmt: skip
    return recipe.arguments(folder, simple, lane.current())


def fine_tune(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    train_set: Dataset,
    folder: Path,
    rank: int = 16,
    **settings: Any,
) -> PeftModel:
    """The model with a LoRA adapter trained on ``train_set``; ``settings`` go to :func:`arguments`.

    ``folder`` keeps the adapter: the same call again loads it, after a kill it resumes from the last whole
    epoch. Name it after :func:`fingerprint`, so that other data or settings train anew. ``model`` is changed
    in place, as PEFT does; pass a fresh one.

    Raises FineTuningError when it already carries an adapter.
    """
    from transformers import set_seed
    from trl import SFTTrainer

    if hasattr(model, "peft_config"):
        raise FineTuningError(
            "This model already carries an adapter: load a fresh one with bundled_model.load()."
        )
    set_seed(settings.get("seed", 0))  # the adapter's first values are drawn before the trainer seeds itself
    trainer = SFTTrainer(
        model=model, args=arguments(folder, **settings), train_dataset=train_set,
        processing_class=tokenizer, peft_config=lora(rank),
    )  # fmt: skip
    return finished(trainer)


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
