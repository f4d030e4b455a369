"""The answer memo: it saves the second computation, and never gives an answer the model would not give."""

import copy

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import GenerationMixin

from course_utils import bundled_model
from course_utils.answering import constrained, generate, memo, messages, without_memo
from course_utils.answering.fingerprint import fingerprint

PAGES = ["Larch Solo > Price\nLarch Solo costs $9.", "Larch Duo > Price\nLarch Duo costs $12."]
CHATS = [
    messages(question, PAGES)
    for question in ("What does Larch Solo cost?", "What is the price of Larch Duo?")
]


@pytest.fixture(scope="module")
def loaded():
    return bundled_model.load()


@pytest.fixture
def model(loaded):
    return copy.deepcopy(loaded[0])


@pytest.fixture
def tokenizer(loaded):
    return loaded[1]


@pytest.fixture(autouse=True)
def memory(tmp_path, monkeypatch):
    monkeypatch.setenv("STALE_PRICES_HOME", str(tmp_path))
    monkeypatch.delenv(memo.VARIABLE, raising=False)
    memo._opened.cache_clear()


@pytest.fixture
def computed(monkeypatch):
    """How many rows ``generate`` of any model was called for."""
    rows, real = [], GenerationMixin.generate

    def counted(self, *args, **settings):
        rows.append(len(settings["input_ids"]))
        return real(self, *args, **settings)

    monkeypatch.setattr(GenerationMixin, "generate", counted)
    return rows


def adapted(model) -> PeftModel:
    torch.manual_seed(1)
    lora = LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False, task_type="CAUSAL_LM")
    return get_peft_model(model, lora).eval()


def test_an_answer_is_computed_once(model, tokenizer, computed):
    first = generate(model, tokenizer, CHATS)
    assert generate(model, tokenizer, CHATS) == first
    assert generate(model, tokenizer, CHATS[::-1]) == first[::-1]
    assert sum(computed) == len(CHATS)


def test_a_chat_that_is_asked_twice_is_computed_once(model, tokenizer, computed):
    answers = generate(model, tokenizer, [CHATS[0], CHATS[1], CHATS[0]])
    assert answers[0] == answers[2] and sum(computed) == 2


def test_another_copy_of_the_model_remembers(model, tokenizer, computed):
    generate(model, tokenizer, CHATS)
    generate(copy.deepcopy(model), tokenizer, CHATS)
    assert sum(computed) == len(CHATS)


@pytest.mark.parametrize("way", ["environment", "context"])
def test_it_can_be_switched_off(model, tokenizer, computed, monkeypatch, way):
    first = generate(model, tokenizer, CHATS)
    if way == "environment":
        monkeypatch.setenv(memo.VARIABLE, "0")
        assert generate(model, tokenizer, CHATS) == first
    else:
        with without_memo():
            assert generate(model, tokenizer, CHATS) == first
        generate(model, tokenizer, CHATS)  # on again
    assert sum(computed) == 2 * len(CHATS)


def test_other_lengths_of_answers_are_other_answers(model, tokenizer, computed):
    assert generate(model, tokenizer, CHATS, max_new_tokens=2) != generate(model, tokenizer, CHATS)
    assert sum(computed) == 2 * len(CHATS)


def test_code_that_computes_differently_makes_all_answers_new(model, tmp_path):
    places = [tmp_path / name for name in ("before.py", "after.py")]
    for place in places:
        place.write_text(place.name, encoding="utf-8")
    before, after = (memo.of(model, 8, place) for place in places)
    before.keep({(1, 2): (3,)})
    assert before.recall([(1, 2)]) == {(1, 2): (3,)}
    assert after.recall([(1, 2)]) == {}


def test_a_constrained_model_is_never_taken_for_the_model_itself(model, tokenizer):
    narrow = constrained(
        model, tokenizer, {"type": "object", "properties": {}, "additionalProperties": False}
    )
    free = generate(model, tokenizer, CHATS[:1])
    assert generate(narrow, tokenizer, CHATS[:1]) == ["{}"] != free
    assert generate(model, tokenizer, CHATS[:1]) == free


def test_every_change_of_the_model_is_another_model(model):
    seen = [fingerprint(model)]

    def changed() -> bool:
        seen.append(fingerprint(model))
        return seen[-1] not in seen[:-1]

    weight = model.model.layers[0].mlp.up_proj.weight
    optimizer = torch.optim.SGD([weight], lr=1e-3)
    model(input_ids=torch.tensor([[5, 6, 7]]), labels=torch.tensor([[5, 6, 7]])).loss.backward()
    optimizer.step()
    assert changed(), "a training step"
    weight.data[0, 0] += 0.5  # moves no version counter
    assert changed(), "a write past autograd"
    weight.data[:2] = weight.data[:2].flip(0)
    assert changed(), "two rows swapped"
    model.to(torch.bfloat16)
    assert changed(), "another precision"
    model.generation_config.repetition_penalty = 2.0
    assert changed(), "another setting of generation"
    assert fingerprint(model) == seen[-1]


def test_every_switch_of_an_adapter_is_another_model(model):
    base = fingerprint(model)
    tuned = adapted(model)
    seen = {base, fingerprint(tuned)}
    with tuned.disable_adapter():
        seen.add(fingerprint(tuned))
    tuned.add_adapter("second", LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False))
    tuned.set_adapter("second")
    seen.add(fingerprint(tuned))
    tuned.merge_adapter(["default"])
    seen.add(fingerprint(tuned))
    assert len(seen) == 5


def test_adapters_give_their_own_answers(model, tokenizer):
    plain = generate(model, tokenizer, CHATS)
    tuned = adapted(model)
    with torch.no_grad():
        for name, parameter in tuned.named_parameters():
            if "lora_B" in name:
                parameter.mul_(40)
    other = generate(tuned, tokenizer, CHATS)
    assert other != plain
    with tuned.disable_adapter():
        assert generate(tuned, tokenizer, CHATS) == plain
    assert generate(tuned, tokenizer, CHATS) == other


@pytest.mark.parametrize("how", ["hook", "forward", "training"])
def test_what_cannot_be_told_is_not_remembered(model, tokenizer, computed, how):
    if how == "hook":
        model.model.layers[0].register_forward_hook(lambda module, inputs, output: output)
    elif how == "forward":
        model.model.layers[0].forward = model.model.layers[0].forward
    else:
        model.train()
    for _ in range(2):
        generate(model, tokenizer, CHATS)
    assert sum(computed) == 2 * len(CHATS)


def test_the_summary_counts(model, tokenizer, monkeypatch):
    monkeypatch.setattr(memo, "_asked", 0)
    monkeypatch.setattr(memo, "_remembered", 0)
    for _ in range(3):
        generate(model, tokenizer, CHATS)
    assert memo.summary() == "6 answers, 4 remembered"
    monkeypatch.setenv(memo.VARIABLE, "off")
    assert memo.summary() == "6 answers, 4 remembered (the memo is off)"
