"""The models that the lessons speak to, by name.

model, tokenizer = models.load()                 # the one that suits this machine
model, tokenizer = models.load("smol")           # SmolLM2-135M-Instruct and the course's reader adapter
model, tokenizer = models.load("smol-instruct")  # the same without the adapter
model, tokenizer = models.load("tiny")           # the bundled model: 5.9 M parameters, fast everywhere
model, tokenizer = models.load("owner/name")     # any model of the Hugging Face hub, or a folder

``models.current()`` says which one suits this machine and why; STALE_PRICES_MODEL overrides it.
"""

from .errors import ModelDamaged, ModelError, ModelNotFound, UnknownModel
from .lanes import OURS, SMOL, SMOL_INSTRUCT, TINY, VARIABLE, Choice, choose, current, dtype, load, source

__all__ = [
    "OURS",
    "SMOL",
    "SMOL_INSTRUCT",
    "TINY",
    "VARIABLE",
    "Choice",
    "ModelDamaged",
    "ModelError",
    "ModelNotFound",
    "UnknownModel",
    "choose",
    "current",
    "dtype",
    "load",
    "source",
]
