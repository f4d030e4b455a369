"""Training as money: floating-point operations → GPU-hours → USD."""

from __future__ import annotations

from course_utils.costs.quantities import require

FLOPS_PER_PARAMETER_AND_TOKEN = 6
"""2 for the forward pass, 4 for the backward pass (Kaplan et al. 2020, arXiv 2001.08361, section 2.1).

LoRA needs no gradients of the frozen weights, which saves 2; gradient checkpointing runs the forward pass
twice, which costs 2. So 6 is about right for both.
"""


def training_tokens(*, examples: int, tokens_per_example: int, epochs: float) -> float:
    """Tokens that the model sees in one run, repetitions counted."""
    require(examples=examples, tokens_per_example=tokens_per_example, epochs=epochs)
    return examples * tokens_per_example * epochs


def training_flops(*, parameters: float, training_tokens: float) -> float:
    """Floating-point operations of one run: 6 × parameters × tokens."""
    require(parameters=parameters, training_tokens=training_tokens)
    return FLOPS_PER_PARAMETER_AND_TOKEN * parameters * training_tokens


def gpu_hours(*, parameters: float, training_tokens: float, peak_tflops: float, utilisation: float) -> float:
    """GPU-hours of one run, summed over the GPUs: two cards for three hours are six.

    ``peak_tflops`` is the card's dense 16-bit peak in 10¹² operations a second, ``utilisation`` the share of
    it that training reaches (model FLOPs utilisation; 0.35 to 0.4 is common on one card).
    """
    require(peak_tflops=peak_tflops, utilisation=utilisation)
    flops = training_flops(parameters=parameters, training_tokens=training_tokens)
    return flops / (peak_tflops * 1e12 * utilisation) / 3600


def rent_usd(*, hours: float, gpus: int, usd_per_gpu_hour: float, runs: int = 1) -> float:
    """USD to rent ``gpus`` for ``hours`` of wall-clock time, ``runs`` times (failed runs are paid too)."""
    require(hours=hours, gpus=gpus, usd_per_gpu_hour=usd_per_gpu_hour, runs=runs)
    return hours * gpus * usd_per_gpu_hour * runs
