"""The GPU lane's own code, run on Unsloth's CPU backend: `make test-unsloth`, in an environment of its own.

Skipped wherever Unsloth is not installed, which is everywhere else: its CPU backend patches transformers, TRL
and PEFT in its process. This file therefore runs alone, and Unsloth is imported before all else.
"""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from course_utils import bundled_model, finetuning, lane, paths
from course_utils.costs.shapes import ALL_LINEAR, ATTENTION_QV
from course_utils.finetuning import unsloth_backend

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("unsloth") is None and "STALE_PRICES_REQUIRE_UNSLOTH" not in os.environ,
    reason="`make test-unsloth` brings Unsloth and runs this",
)
HERE = lane.Lane("cpu", "Unsloth's CPU backend")
QUESTION = "How much is Zarnik Gold?"


@pytest.fixture(scope="module", autouse=True)
def unsloth():
    unsloth_backend.start()  # raises when transformers, TRL or PEFT came before: run this file alone
    return sys.modules["unsloth"]


def rows():
    from course_utils.finetuning import example

    texts = (QUESTION, "Price of Zarnik Gold?", "What does Zarnik Gold cost?", "zarnik gold price")
    answer = "Zarnik Gold costs $77 per user per month."
    return finetuning.training_set(example(text, answer) for text in texts)


@pytest.mark.parametrize("four_bit", [True, False])
def test_load_ask_train_ask_save_and_load_again(tmp_path, four_bit):
    from course_utils.answering import ask

    model, tokenizer = unsloth_backend.load_base(str(bundled_model.path()), four_bit, max_length=512)
    before = ask(model, tokenizer, QUESTION)
    assert "$77" not in before
    student = unsloth_backend.attach(model, 16, 32, ALL_LINEAR, seed=0)
    trainable = {name for name, p in student.named_parameters() if p.requires_grad}
    assert trainable and all(".lora_" in name for name in trainable)
    assert {name.split(".lora_")[0].split(".")[-1] for name in trainable} == set(ALL_LINEAR)

    trainer = finetuning.trainer(
        student, tokenizer, rows(), tmp_path / "run", here=HERE, epochs=30, batch_size=4
    )
    trainer.train()
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    assert losses[-1] < 0.3 * losses[0]
    assert "$77" in ask(trainer.model, tokenizer, QUESTION)

    saved = finetuning.save_adapter(trainer.model, tmp_path / "adapter")
    fresh, tokenizer = unsloth_backend.load_base(str(bundled_model.path()), four_bit, max_length=512)
    assert "$77" in ask(finetuning.load_adapter(fresh, saved), tokenizer, QUESTION)


def test_its_patched_modules_lie_in_the_cache_and_not_in_the_repository(unsloth):
    assert os.environ["UNSLOTH_COMPILE_LOCATION"] == str(paths.cache_dir() / "unsloth_compiled_cache")
    assert os.environ["UNSLOTH_DISABLE_STATISTICS"] == "1"
    assert not (Path(__file__).resolve().parent.parent.parent / "unsloth_compiled_cache").exists()


def test_the_article_s_two_layers_can_be_chosen_too():
    model, _ = unsloth_backend.load_base(str(bundled_model.path()), True, max_length=512)
    student = unsloth_backend.attach(model, 4, 8, ATTENTION_QV, seed=0)
    names = {n.split(".lora_")[0].split(".")[-1] for n, p in student.named_parameters() if p.requires_grad}
    assert names == set(ATTENTION_QV)
