"""What can go wrong around fine-tuning. Every message says what to do next."""

from __future__ import annotations


class FineTuningError(Exception):
    """Base of all errors of this package; catch it to catch them all."""


class LaneNotReady(FineTuningError):
    """The GPU lane cannot start in this kernel: Unsloth is missing, or came too late."""


class ModelNotFound(FineTuningError):
    """The base model is neither on this machine nor within reach."""


class OutOfGpuMemory(FineTuningError):
    """Model, batch and adapter do not fit the GPU's memory together."""


class BadRow(FineTuningError):
    """A row of the training set is malformed, or leaves nothing to learn from."""


class AdapterError(FineTuningError):
    """An adapter cannot be used."""


class AdapterMissing(AdapterError):
    """There is no adapter where one was looked for."""


class AdapterPickled(AdapterError):
    """The adapter is a pickle, which may run code of its author when it is opened."""


class AdapterDamaged(AdapterError):
    """A file of the adapter cannot be read."""


class AdapterForAnotherBase(AdapterError):
    """The adapter was trained on another base model."""
