"""Fine-tuning: the examples, the folder that survives a kill, the errors."""

import json

import pytest

from course_utils import bundled_model, finetuning
from course_utils.answering import ask
from course_utils.finetuning import FineTuningError, example, fingerprint, last_checkpoint, training_set


def _set(price: str = "$77"):
    questions = (
        "How much is Zarnik Gold?",
        "Price of Zarnik Gold?",
        "What does Zarnik Gold cost?",
        "zarnik gold price",
    )
    return training_set(example(q, f"Zarnik Gold costs {price} per user per month.") for q in questions)


def test_only_the_answer_is_the_completion():
    row = example("How much?", "It costs $9.", ["A > Price\n$9"])
    assert [m["role"] for m in row["prompt"]] == ["system", "user"]
    assert row["completion"] == [{"role": "assistant", "content": "It costs $9."}]
    assert "A > Price" in row["prompt"][1]["content"]


@pytest.mark.parametrize(("question", "answer"), [("", "a"), ("q", "  ")])
def test_a_half_empty_example_is_named(question, answer):
    with pytest.raises(FineTuningError, match="needs a question and an answer"):
        example(question, answer)


def test_an_empty_training_set_is_refused():
    with pytest.raises(FineTuningError, match="nothing to learn"):
        training_set([])


def test_the_fingerprint_follows_content_and_settings():
    assert fingerprint(_set()) == fingerprint(_set())
    assert fingerprint(_set()) != fingerprint(_set("$78"))
    assert fingerprint(_set()) != fingerprint(_set(), rank=8)


def test_a_training_teaches_is_kept_and_is_not_repeated(tmp_path):
    model, tokenizer = bundled_model.load()
    tuned = finetuning.fine_tune(model, tokenizer, _set(), tmp_path, epochs=30, batch_size=4)
    assert "$77" in ask(tuned, tokenizer, "How much is Zarnik Gold?")
    written = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.safetensors")}
    again = finetuning.fine_tune(
        bundled_model.load()[0], tokenizer, _set(), tmp_path, epochs=30, batch_size=4
    )
    assert ask(again, tokenizer, "How much is Zarnik Gold?") == ask(
        tuned, tokenizer, "How much is Zarnik Gold?"
    )
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.safetensors")} == written
    with pytest.raises(FineTuningError, match="load a fresh one"):
        finetuning.fine_tune(again, tokenizer, _set(), tmp_path)


def test_a_checkpoint_cut_off_by_a_kill_is_passed_over(tmp_path):
    whole, cut = tmp_path / "checkpoint-3", tmp_path / "checkpoint-6"
    whole.mkdir()
    cut.mkdir()
    (whole / "trainer_state.json").write_text(json.dumps({"global_step": 3}))
    (cut / "adapter_model.safetensors").write_bytes(b"half")
    assert last_checkpoint(tmp_path) == str(whole)
    (whole / "trainer_state.json").write_text('{"global')
    assert last_checkpoint(tmp_path) is None
    assert last_checkpoint(tmp_path / "never made") is None
