"""What can go wrong with the models. Every message says what to do next."""

from __future__ import annotations


class ModelError(Exception):
    """Base of all errors of this package; catch it to catch them all."""


class ModelNotFound(ModelError):
    """The model is nowhere on this machine and cannot be fetched."""


class ModelDamaged(ModelError):
    """A file of the model is not the one that was published."""


class UnknownModel(ModelError):
    """No model goes by this name."""
