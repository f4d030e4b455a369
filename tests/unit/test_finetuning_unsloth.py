"""The GPU lane's own code, run on Unsloth's CPU backend: `make test-unsloth`, in an environment of its own.

Skipped wherever Unsloth is not installed, which is everywhere else: its CPU backend patches transformers, TRL
and PEFT in its process. This file therefore runs alone, and Unsloth is imported before all else.
"""

import ast
import importlib.util
import json
import os
import sys
import types
from pathlib import Path

import pytest

from course_utils import bundled_model, finetuning, lane, models, paths, results
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


def test_the_gpu_lane_s_own_dataset_path_grades_what_the_lessons_show(tmp_path):
    """On a GPU, Unsloth replaces TRL's preparation of rows by its own; its CPU backend leaves TRL's alone."""
    from unsloth_zoo.dataset_utils import sft_prepare_dataset

    _, tokenizer = unsloth_backend.load_base(str(bundled_model.path()), True, max_length=512)
    settings = finetuning.arguments(tmp_path, finetuning.FOR_LARGE, HERE, max_length=512)
    settings.dataset_num_proc = 1
    made = sft_prepare_dataset(
        types.SimpleNamespace(max_seq_length=512), rows(), tokenizer, settings, False, None, "train"
    )
    for row, prepared in zip(rows(), made, strict=True):
        ids, mask = finetuning.rows.graded(row, tokenizer)
        assert prepared["input_ids"] == ids
        assert [int(label != -100) for label in prepared["labels"]] == mask


def first_loss(model, tokenizer, attach, folder):
    student = attach(model, 16, 32, ALL_LINEAR, 0)
    trainer = finetuning.trainer(student, tokenizer, rows(), folder, here=HERE, max_steps=1, batch_size=4)
    trainer.train()
    return trainer.state.log_history[0]["loss"]


def test_both_engines_begin_at_the_same_loss(tmp_path):
    """The same base, batch and mask. An untrained adapter changes nothing, so any other number is a fault."""
    from course_utils.finetuning import peft_backend

    base = str(bundled_model.path())
    one = unsloth_backend.load_base(base, False, max_length=512)
    other = peft_backend.load_base(base, False)
    losses = [
        first_loss(*one, unsloth_backend.attach, tmp_path / "unsloth"),
        first_loss(*other, peft_backend.attach, tmp_path / "plain"),
    ]
    assert losses[0] == pytest.approx(losses[1], rel=0.02)


def test_what_the_lab_offers_to_save_exists():
    """Read, not imported: the module wants triton."""
    [root] = importlib.util.find_spec("unsloth").submodule_search_locations
    tree = ast.parse(Path(root, "save.py").read_text("utf-8"))
    offered = {
        node.name: {argument.arg for argument in node.args.args}
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    for name, wanted in {"gguf": "quantization_method", "merged": "save_method"}.items():
        assert {"save_directory", "tokenizer", wanted} <= offered[f"unsloth_save_pretrained_{name}"]


def test_the_lab_runs_from_end_to_end_with_unsloth(tmp_path):
    """Lesson 10 as it is handed out, with tiny: smol takes six minutes and goes through the same cells."""
    import nbformat
    from nbclient import NotebookClient

    root = Path(__file__).resolve().parent.parent.parent
    (tmp_path / "cache").symlink_to(paths.cache_dir(), target_is_directory=True)
    notebook = nbformat.read(root / "lessons" / "10_gpu_lab.ipynb", as_version=4)
    client = NotebookClient(
        notebook, timeout=1200, kernel_name="python3", resources={"metadata": {"path": str(root / "lessons")}}
    )
    chosen = {finetuning.training.ENGINE_VARIABLE: "unsloth", models.VARIABLE: models.TINY}
    client.execute(env=os.environ | chosen | {paths.HOME_VARIABLE: str(tmp_path)})
    kept = results.from_json((tmp_path / "work" / "10" / results.FILE).read_text("utf-8"))
    assert kept["engine"] == "unsloth"
    config = json.loads((tmp_path / "work" / "10" / "adapter" / "adapter_config.json").read_text("utf-8"))
    assert set(config["target_modules"]) == set(ALL_LINEAR) and config["r"] == 16
    assert kept["scores"]["tuned"]["valid ticket"].n
