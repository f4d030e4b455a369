"""Adapters on disk: no path of this machine in them, no pickle opened, none attached to the wrong base."""

import json
import pickle
import shutil

import pytest
import torch

from course_utils import bundled_model, finetuning
from course_utils.answering import ask
from course_utils.finetuning import FineTuningError, adapters
from course_utils.finetuning.errors import (
    AdapterDamaged,
    AdapterForAnotherBase,
    AdapterMissing,
    AdapterPickled,
)

QUESTION = "How much is Zarnik Gold?"


@pytest.fixture(scope="module")
def base():
    return finetuning.load()[0]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """An adapter whose B is not zero, so that it changes answers; and what the model says with it."""
    model, tokenizer = finetuning.load()
    student = finetuning.attach(model, rank=4)
    with torch.no_grad():
        for name, parameter in student.named_parameters():
            if ".lora_B." in name:
                parameter.normal_(0, 0.3, generator=torch.Generator().manual_seed(len(name)))
    folder = finetuning.save_adapter(student.eval(), tmp_path_factory.mktemp("adapter"))
    return folder, ask(student, tokenizer, QUESTION)


def test_in_half_precision_it_takes_half_the_bytes_and_says_the_same(saved, tmp_path):
    from safetensors.torch import load_file

    model, tokenizer = finetuning.load()
    student = finetuning.load_adapter(model, saved[0])
    halved = finetuning.save_adapter(student, tmp_path / "half", half=True)
    weights = load_file(halved / adapters.WEIGHTS)
    assert {weight.dtype for weight in weights.values()} == {torch.float16}
    assert (halved / adapters.WEIGHTS).stat().st_size < 0.6 * (saved[0] / adapters.WEIGHTS).stat().st_size
    again = finetuning.load_adapter(finetuning.load()[0], halved)
    assert {p.dtype for name, p in again.named_parameters() if ".lora_" in name} == {torch.float32}
    assert ask(again, tokenizer, QUESTION) == saved[1]


@pytest.fixture
def copied(saved, tmp_path):
    return shutil.copytree(saved[0], tmp_path / "adapter")


def test_an_adapter_comes_back_the_same_on_another_copy_of_the_base(saved):
    model, tokenizer = finetuning.load()
    plain = ask(model, tokenizer, QUESTION)
    tuned = finetuning.load_adapter(model, saved[0])
    assert ask(tuned, tokenizer, QUESTION) == saved[1] != plain
    with tuned.disable_adapter():
        assert ask(tuned, tokenizer, QUESTION) == plain


def test_a_second_adapter_joins_the_first_and_is_switched_on(saved):
    model, tokenizer = finetuning.load()
    twice = finetuning.load_adapter(finetuning.load_adapter(model, saved[0], "tone_a"), saved[0], "tone_b")
    assert set(twice.peft_config) == {"tone_a", "tone_b"}
    assert twice.active_adapter == "tone_b"
    assert ask(twice, tokenizer, QUESTION) == saved[1]


def test_a_named_adapter_is_saved_where_it_can_be_loaded_from(base, saved, tmp_path):
    model, _ = finetuning.load()
    folder = finetuning.save_adapter(finetuning.load_adapter(model, saved[0], "tone_a"), tmp_path, "tone_a")
    assert adapters.examine(base, folder)["r"] == 4


def test_what_is_saved_names_no_folder_of_this_machine(saved):
    folder = saved[0]
    assert {file.name for file in folder.iterdir()} == {adapters.CONFIG, adapters.WEIGHTS}
    text = (folder / adapters.CONFIG).read_text(encoding="utf-8")
    assert str(bundled_model.path()) not in text
    noted = json.loads(text)["base_model_name_or_path"]
    assert noted == adapters.base_fingerprint(str(bundled_model.path()))
    assert noted.startswith("bundled_model/weights@sha256:")


def test_the_file_is_as_large_as_the_formula_says(saved):
    """rank × (inputs + outputs) per layer, four bytes each, and a header."""
    config = json.loads((bundled_model.path() / "config.json").read_text())
    h, inner = config["hidden_size"], config["intermediate_size"]
    per_layer = 4 * (h + h) + 2 * (h + inner) + (inner + h)  # q, k, v, o; gate, up; down
    weights = 4 * 4 * per_layer * config["num_hidden_layers"]
    size = (saved[0] / adapters.WEIGHTS).stat().st_size
    assert weights < size < weights + 20_000


@pytest.mark.parametrize("missing", [False, True])
def test_a_folder_without_an_adapter(base, tmp_path, missing):
    with pytest.raises(AdapterMissing, match="There is no adapter in"):
        finetuning.load_adapter(base, tmp_path / "gone" if missing else tmp_path)


def test_a_configuration_without_weights(base, copied):
    (copied / adapters.WEIGHTS).unlink()
    with pytest.raises(AdapterMissing, match=r"no adapter_model\.safetensors"):
        finetuning.load_adapter(base, copied)


class Trap:
    """What a hostile pickle looks like: opening it calls a function of its author's choice."""

    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return (open, (str(self.file), "w"))


@pytest.mark.parametrize("name", ["adapter_model.bin", "weights.pt", "adapter.pkl"])
def test_a_pickled_adapter_is_refused_unopened(base, copied, tmp_path, name):
    (copied / adapters.WEIGHTS).unlink()
    (copied / name).write_bytes(pickle.dumps(Trap(tmp_path / "ran")))
    with pytest.raises(AdapterPickled, match=f"{name}, a pickle: opening it can run code"):
        finetuning.load_adapter(base, copied)
    assert not (tmp_path / "ran").exists()


def test_a_pickle_beside_the_safe_file_is_left_alone(base, copied, tmp_path):
    (copied / "adapter_model.bin").write_bytes(pickle.dumps(Trap(tmp_path / "ran")))
    finetuning.load_adapter(finetuning.load()[0], copied)
    assert not (tmp_path / "ran").exists()


def test_a_pickle_under_the_safe_name_is_damaged(base, copied, tmp_path):
    (copied / adapters.WEIGHTS).write_bytes(pickle.dumps(Trap(tmp_path / "ran")))
    with pytest.raises(AdapterDamaged, match="no safetensors file"):
        finetuning.load_adapter(base, copied)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("keep", [0, 4, 1000, -1])
def test_a_file_cut_short_is_damaged(base, copied, keep):
    weights = copied / adapters.WEIGHTS
    weights.write_bytes(weights.read_bytes()[:keep])
    with pytest.raises(AdapterDamaged, match="cut short"):
        finetuning.load_adapter(base, copied)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "cannot be read"),
        ("[]", "describes no adapter"),
        ('{"peft_type": "PROMPT_TUNING"}', "describes PROMPT_TUNING"),
        (None, r"holds no adapter_config\.json"),
    ],
)
def test_a_broken_configuration_is_named(base, copied, content, words):
    if content is None:
        (copied / adapters.CONFIG).unlink()
    else:
        (copied / adapters.CONFIG).write_text(content)
    with pytest.raises(AdapterDamaged, match=words):
        finetuning.load_adapter(base, copied)


def test_weights_that_are_no_lora_are_damaged(base, copied):
    from safetensors.torch import save_file

    save_file({"lm_head.weight": torch.zeros(2, 2)}, copied / adapters.WEIGHTS)
    with pytest.raises(AdapterDamaged, match="no LoRA matrices"):
        finetuning.load_adapter(base, copied)


def other_base(**changes):
    from transformers import LlamaConfig, LlamaForCausalLM

    config = json.loads((bundled_model.path() / "config.json").read_text()) | changes
    with torch.device("meta"):
        return LlamaForCausalLM(LlamaConfig(**config))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"num_hidden_layers": 2}, "has no such layer"),
        ({"intermediate_size": 512}, "needs 512 there"),
        ({"num_key_value_heads": 2}, "needs 128 there"),
    ],
)
def test_an_adapter_for_another_architecture_is_refused_before_it_is_attached(saved, changes, words):
    other = other_base(**changes)
    with pytest.raises(AdapterForAnotherBase, match=words) as caught:
        finetuning.load_adapter(other, saved[0])
    assert "bundled_model/weights@sha256:" in str(caught.value)
    assert not hasattr(other, "peft_config")


def test_an_adapter_for_other_weights_of_the_same_shape_is_refused(base, copied):
    config = json.loads((copied / adapters.CONFIG).read_text())
    config["base_model_name_or_path"] = "bundled_model/weights@sha256:0123456789abcdef"
    (copied / adapters.CONFIG).write_text(json.dumps(config))
    with pytest.raises(AdapterForAnotherBase, match="shapes agree, the weights do not"):
        finetuning.load_adapter(base, copied)


def test_an_adapter_trained_on_a_hub_model_is_judged_by_its_shapes(base, copied):
    """Ids do not tell: the same base has one as 16-bit and another as 4-bit weights."""
    config = json.loads((copied / adapters.CONFIG).read_text())
    config["base_model_name_or_path"] = "unsloth/Llama-3.2-1B-Instruct"
    (copied / adapters.CONFIG).write_text(json.dumps(config))
    assert adapters.examine(base, copied)["r"] == 4


def test_the_fingerprint_sees_both_ends_of_the_weights_and_nothing_of_their_place(tmp_path):
    def fingerprint(content, place="a"):
        folder = tmp_path / place / "weights"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.safetensors").write_bytes(content)
        return adapters.base_fingerprint(str(folder)).split("@")[1]

    content = b"begin" + bytes(3 * adapters._ENDS) + b"end"
    assert fingerprint(content) == fingerprint(content, "b")
    assert fingerprint(content) != fingerprint(b"BEGIN" + content[5:])
    assert fingerprint(content) != fingerprint(content[:-3] + b"END")
    assert fingerprint(content) != fingerprint(content + b"\0")
    assert adapters.base_fingerprint("unsloth/Llama-3.2-1B-Instruct") == "unsloth/Llama-3.2-1B-Instruct"


def test_smol_is_known_by_what_it_was_made_of(tmp_path):
    def prepared_from(gguf: str, adapter: str | None, weights: bytes) -> str:
        folder = tmp_path / f"{gguf}-{adapter}-{len(weights)}"
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(weights)
        (folder / "manifest.json").write_text(json.dumps({"gguf": gguf, "adapter": adapter}))
        return adapters.base_fingerprint(str(folder))

    one = prepared_from("a", "b", b"1")
    assert one.startswith("smollm2@sha256:")
    assert prepared_from("a", "b", b"12") == one, "merged on another processor"
    assert len({one, prepared_from("a", None, b"1"), prepared_from("c", "b", b"1")}) == 3


def test_all_of_these_are_fine_tuning_errors():
    for error in (AdapterMissing, AdapterPickled, AdapterDamaged, AdapterForAnotherBase):
        assert issubclass(error, FineTuningError)
