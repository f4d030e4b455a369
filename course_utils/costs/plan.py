"""A training plan: does it fit on the card, how long does it take, what does the card cost?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from course_utils.costs.inputs import Inputs, choice, number, priced
from course_utils.costs.memory import METHODS, OPTIMIZERS, Memory, training_memory
from course_utils.costs.prices import Gpu, Price, price_table
from course_utils.costs.shapes import ALL_LINEAR, ATTENTION_QV, SHAPES, ModelShape, adapter_bytes
from course_utils.costs.training import gpu_hours, rent_usd, training_tokens

TARGETS = {"all linear layers": ALL_LINEAR, "q_proj and v_proj": ATTENTION_QV}
METHOD_NAMES = {"full": "full fine-tuning", "lora": "LoRA, 16 bits", "qlora": "QLoRA, 4 bits"}
_GPU_NAMES = {key: gpu.name for key, gpu in price_table().gpus.items()}
_ARTICLE = "the article's example"


@dataclass(frozen=True)
class TrainingPlan(Inputs):
    """Fine-tuning one of the known models on one kind of card.

    The defaults are the run for which the article names a price: an 8B model, 1,000 examples, QLoRA.
    """

    KIND: ClassVar[str] = "training"

    model: str = choice("model", "Llama-3.1-8B", list(SHAPES), _ARTICLE)
    method: str = choice("method", "qlora", METHODS, _ARTICLE, METHOD_NAMES)
    gpu: str = choice("GPU", "rtx_4090", list(_GPU_NAMES), _ARTICLE, _GPU_NAMES)
    examples: int = number("examples", 1000, _ARTICLE)
    tokens_per_example: int = number("tokens per example", 500)
    epochs: float = number("epochs", 3, _ARTICLE)
    examples_per_batch: int = number("examples at once", 2, _ARTICLE)
    gpus: int = number("cards", 1)
    utilisation: float = number("share of the card's peak", 0.35)
    rank: int = number("rank of the adapter", 16, _ARTICLE)
    targets: str = choice("adapter on", "all linear layers", list(TARGETS))
    optimizer: str = choice("optimizer", "adamw_32bit", list(OPTIMIZERS))
    runs: int = number("runs, failed ones too", 1)
    usd_per_labour_hour: float = priced("an hour of work", price_table()["usd_per_labour_hour"])
    labour_hours: float = number("work on the data and the run", 0)

    @property
    def shape(self) -> ModelShape:
        return SHAPES[self.model]

    @property
    def card(self) -> Gpu:
        return price_table().gpus[self.gpu]

    def prices(self) -> list[Price]:
        return [*super().prices(), self.card.rent]

    @property
    def memory(self) -> Memory:
        """Peak memory on each card."""
        return self.memory_with(self.method)

    def memory_with(self, method: str) -> Memory:
        """Peak memory on each card, had another method been chosen."""
        return training_memory(
            self.shape,
            method=method,
            rank=self.rank,
            targets=TARGETS[self.targets],
            optimizer=self.optimizer,
            examples_per_batch=self.examples_per_batch,
            tokens_per_example=self.tokens_per_example,
            gpus=self.gpus,
        )

    @property
    def fits(self) -> bool:
        """Whether the peak is at most the card's memory."""
        return self.memory.total_gib <= self.card.memory_gib

    @property
    def trained_parameters(self) -> int:
        if self.method == "full":
            return self.shape.parameters
        return self.shape.lora_parameters(rank=self.rank, targets=TARGETS[self.targets])

    @property
    def trained_share(self) -> float:
        return self.trained_parameters / self.shape.parameters

    @property
    def adapter_mb(self) -> float:
        """The adapter's file in 10⁶ bytes, saved in bf16; the whole model for full fine-tuning."""
        return adapter_bytes(parameters=self.trained_parameters) / 1e6

    @property
    def hours(self) -> float:
        """Wall-clock hours of one run, all cards busy."""
        tokens = training_tokens(
            examples=self.examples, tokens_per_example=self.tokens_per_example, epochs=self.epochs
        )
        total = gpu_hours(
            parameters=self.shape.parameters,
            training_tokens=tokens,
            peak_tflops=self.card.peak_tflops,
            utilisation=self.utilisation,
        )
        return total / self.gpus

    @property
    def compute_usd(self) -> float:
        """Rent of the cards for all runs."""
        rent = self.card.rent.value
        return rent_usd(hours=self.hours, gpus=self.gpus, usd_per_gpu_hour=rent, runs=self.runs)

    @property
    def labour_usd(self) -> float:
        return self.labour_hours * self.usd_per_labour_hour

    @property
    def total_usd(self) -> float:
        return self.compute_usd + self.labour_usd
