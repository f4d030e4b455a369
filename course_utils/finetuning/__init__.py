"""Fine-tuning with LoRA and QLoRA: rows, one recipe, two backends, adapters on disk.

On the way that lesson 04 shows, which reads the same with either backend,

    here = finetuning.start()                              # before transformers, trl or peft are imported
    model, tokenizer = finetuning.load()                   # a base in 4 bits
    student = finetuning.attach(model)                     # LoRA on all linear layers
    trainer = finetuning.trainer(student, tokenizer, rows, folder)
    trainer.train()

the backend is Unsloth where there is an NVIDIA GPU and transformers + bitsandbytes + PEFT elsewhere;
:func:`fine_tune` does the last three steps in one call. Rows are checked by :mod:`rows`, adapters saved and
opened by :mod:`adapters`, a killed training goes on by :mod:`checkpoints`; how many epochs, which optimizer
and learning rate says :mod:`recipe`; which hub model fits which card :mod:`hub_models`.
"""

from course_utils.finetuning import hub_models, rows
from course_utils.finetuning.adapters import base_fingerprint, load_adapter, save_adapter
from course_utils.finetuning.checkpoints import fingerprint, finished, last_checkpoint
from course_utils.finetuning.errors import FineTuningError
from course_utils.finetuning.peft_backend import RANK, keep_trainable_layout, lora
from course_utils.finetuning.recipe import (
    FOR_LARGE,
    FOR_SMALL,
    SIMPLE,
    Recipe,
    arguments,
    by_heart,
    for_machine,
)
from course_utils.finetuning.rows import example, training_set
from course_utils.finetuning.tokens import untrained_tokens
from course_utils.finetuning.training import (
    BUNDLED,
    attach,
    base_for,
    engine,
    fine_tune,
    instruct_base,
    load,
    start,
    trainer,
)

__all__ = [
    "BUNDLED", "FOR_LARGE", "FOR_SMALL", "RANK", "SIMPLE", "FineTuningError", "Recipe", "arguments",
    "attach", "base_fingerprint", "base_for", "by_heart", "engine", "example", "fine_tune",
    "fingerprint", "finished", "for_machine", "hub_models", "instruct_base", "keep_trainable_layout",
    "last_checkpoint", "load", "load_adapter", "lora", "rows", "save_adapter", "start", "trainer",
    "training_set", "untrained_tokens",
]  # fmt: skip
