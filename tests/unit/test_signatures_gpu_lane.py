"""Every call that the GPU lane makes of a library, against the signatures of the pinned versions, on a CPU.

transformers, TRL, PEFT and bitsandbytes are installed and asked. Unsloth cannot be imported here: its
signatures are recorded from the pinned wheel (`python -m tools.gpu.interfaces record`). `make drift` does the
same with the newest releases of all of them.
"""

import functools
import importlib
import importlib.metadata
import inspect
import json
import re
import sysconfig
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tools.gpu import interfaces
from tools.gpu.interfaces import Call, Library, Offer

UNREADABLE = {"unsloth": "not installed", "safetensors": "compiled, no Python source"}
CALLS = interfaces.calls()
NAMES = sorted({call.name for call in CALLS})
RECORDED = json.loads(interfaces.RECORDED.read_text(encoding="utf-8"))
PROJECT = (interfaces.ROOT / "pyproject.toml").read_text(encoding="utf-8")
INSTALLED = Library(Path(sysconfig.get_path("purelib")))


def installed(name: str) -> Offer:
    """What the installed library's own ``inspect`` says about an exported name."""
    package, *path = name.split(".")
    thing = functools.reduce(getattr, path, importlib.import_module(package))
    parameters = list(inspect.signature(thing).parameters.values())
    if parameters and parameters[0].name in ("self", "cls"):
        parameters = parameters[1:]
    P = inspect.Parameter
    named = [p for p in parameters if p.kind not in (P.VAR_POSITIONAL, P.VAR_KEYWORD)]
    return Offer(
        tuple(p.name for p in named),
        tuple(p.name for p in named if p.default is P.empty),
        any(p.kind is P.VAR_POSITIONAL for p in parameters),
        any(p.kind is P.VAR_KEYWORD for p in parameters),
    )


def recorded(package: str, name: str) -> Offer:
    given = RECORDED[package]["calls"][name]
    return Offer(tuple(given["parameters"]), tuple(given["required"]), given["many"], given["anything"])


# --- the calls ----------------------------------------------------------------------------------------


def test_the_calls_that_matter_are_found():
    """If the search for calls went blind, every test below would pass."""
    assert {
        "unsloth.FastLanguageModel.from_pretrained",
        "unsloth.FastLanguageModel.get_peft_model",
        "trl.SFTConfig",
        "trl.SFTTrainer",
        "transformers.AutoModelForCausalLM.from_pretrained",
        "transformers.BitsAndBytesConfig",
        "peft.LoraConfig",
        "peft.get_peft_model",
        "peft.prepare_model_for_kbit_training",
        "peft.PeftModel.from_pretrained",
        "peft.PeftModel.load_adapter",
        "peft.PeftModel.save_pretrained",
    } <= set(NAMES)


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_the_call_fits_the_pinned_version(call):
    if call.name.startswith("unsloth"):
        offers = [recorded("unsloth", call.name), recorded("unsloth_zoo", call.name)]  # GPU, and CPU backend
    else:
        offers = [installed(call.name)]
    for offer in offers[:1]:
        assert offer.misfit(call, interfaces.PASSED_THROUGH.get(call.name, frozenset())) is None
    for offer in offers[1:]:  # takes what it does not know as **kwargs and drops it
        assert offer.anything or offer.misfit(call) is None


def test_what_is_passed_through_is_really_read_further_down():
    import transformers.modeling_utils as below

    text = Path(below.__file__).read_text(encoding="utf-8")
    for keyword in interfaces.PASSED_THROUGH["transformers.AutoModelForCausalLM.from_pretrained"]:
        assert f'kwargs.pop("{keyword}"' in text, keyword


def test_the_rest_of_the_recipe_still_works_as_it_is_used():
    """Calls that the search cannot attribute, because they are made on objects."""
    from transformers import Trainer

    assert "resume_from_checkpoint" in inspect.signature(Trainer.train).parameters
    assert "adapter_names" in Path(inspect.getfile(importlib.import_module("peft.peft_model"))).read_text(
        "utf-8"
    )


# --- the recorded interfaces --------------------------------------------------------------------------


def test_they_were_recorded_from_the_pinned_versions():
    versions = {package: RECORDED[package]["version"] for package in interfaces.pinned_gpu()}
    assert versions == interfaces.pinned_gpu(), "run `python -m tools.gpu.interfaces record`"
    assert RECORDED["axolotl"]["version"] == interfaces.AXOLOTL
    for package in RECORDED:
        assert re.fullmatch(r"[0-9a-f]{64}", RECORDED[package]["wheel_sha256"])


def test_the_courses_pins_lie_inside_the_ranges_that_unsloth_allows():
    """It is installed without its dependencies, so nothing else would notice."""
    pins = dict(re.findall(r'^    "([\w-]+)==([\w.]+)"', PROJECT, re.MULTILINE))
    compared = set()
    for package in ("unsloth", "unsloth_zoo"):
        for text in RECORDED[package]["requires"]:
            requirement = Requirement(text)
            if requirement.name in pins:
                compared.add(requirement.name)
                assert requirement.specifier.contains(pins[requirement.name]), f"{package}: {text}"
    assert {"torch", "transformers", "trl", "peft", "datasets", "accelerate", "bitsandbytes"} <= compared


def test_unsloth_knows_every_model_of_our_table():
    assert set(RECORDED["unsloth"]["hub_models"]) == interfaces.used_hub_ids(), "record them again"


# --- the reading of sources ---------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if name.split(".")[0] not in UNREADABLE])
def test_reading_a_source_says_what_importing_it_says(name):
    """What makes `make drift` believable: on the installed versions both ways agree."""
    read, asked = INSTALLED.offer(name), installed(name)
    assert set(asked.parameters) <= set(read.parameters)
    assert INSTALLED.exported(name)
    for call in CALLS:
        if call.name == name:
            passed = interfaces.PASSED_THROUGH.get(name, frozenset())
            assert (read.misfit(call, passed) is None) and (asked.misfit(call, passed) is None)


SOURCE = """
import trl
from peft import LoraConfig as Lora
from transformers import AutoTokenizer
def f(model, given):
    from unsloth import FastLanguageModel
    FastLanguageModel.from_pretrained(model, load_in_4bit=True)
    Lora(r=1)
    trl.SFTConfig(**given)
    model.save_pretrained("x", selected_adapters=[1])
    model.other_method(1)
    print(given)
"""


def test_calls_are_found_under_whatever_name_they_were_imported(tmp_path):
    file = tmp_path / "lane.py"
    file.write_text(SOURCE)
    assert {(c.name, c.positional, c.keywords) for c in interfaces.calls([file])} == {
        ("unsloth.FastLanguageModel.from_pretrained", 1, ("load_in_4bit",)),
        ("peft.LoraConfig", 0, ("r",)),
        ("trl.SFTConfig", 0, ("**",)),
        ("peft.PeftModel.save_pretrained", 1, ("selected_adapters",)),
    }


LIBRARY = {
    "peft/__init__.py": "from .tuners import LoraConfig",
    "peft/tuners.py": """
class Base:
    inherited: int = 0
class LoraConfig(Base):
    r: int = 8
    hidden: int = Field(default=1, alias="shown")
    def load(self, path, *, trainable=False, **kwargs): ...
def attach(model, name="default"): ...
class Trainer:
    def __init__(self, model, args=None): ...
""",
}


@pytest.fixture
def library(tmp_path):
    for name, text in LIBRARY.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return Library(tmp_path)


def test_signatures_are_read_from_source(library):
    assert library.offer("peft.LoraConfig") == Offer(("inherited", "r", "hidden", "shown"))
    assert library.offer("peft.LoraConfig.load") == Offer(("path", "trainable"), ("path",), anything=True)
    assert library.offer("peft.attach") == Offer(("model", "name"), ("model",))
    assert library.offer("peft.Trainer") == Offer(("model", "args"), ("model",))
    assert library.exported("peft.LoraConfig") and not library.exported("peft.Trainer")
    assert library.offer("peft.tuners.attach") == library.offer("peft.attach")
    assert library.exported("peft.tuners.attach") and not library.exported("peft.tuners.gone")
    with pytest.raises(interfaces.InterfaceError, match="peft no longer has Gone"):
        library.offer("peft.Gone")
    with pytest.raises(interfaces.InterfaceError, match=r"no longer has LoraConfig\.gone"):
        library.method_of("peft/tuners.py", "LoraConfig", "gone")


def call(positional=0, *keywords, name="peft.attach"):
    return Call(name, positional, keywords, "lane.py:1")


@pytest.mark.parametrize(
    ("made", "offer", "words"),
    [
        (call(1, "name"), Offer(("model", "name"), ("model",)), None),
        (call(0, "model"), Offer(("model", "name"), ("model",)), None),
        (call(1, "nam"), Offer(("model", "name"), ("model",)), "no parameter nam"),
        (call(1, "nam"), Offer(("model",), (), anything=True), "no parameter nam"),
        (call(1, "through"), Offer(("model",), (), anything=True), None),
        (call(3), Offer(("model", "name"), ("model",)), "at most 2 positional"),
        (call(3), Offer(("model", "name"), ("model",), many=True), None),
        (call(0, "name"), Offer(("model", "name"), ("model",)), "needs model"),
        (call(1, "**"), Offer(("model", "name"), ("model",)), "unpacks a dictionary"),
    ],
)
def test_what_does_not_fit_is_said(made, offer, words):
    found = offer.misfit(made, frozenset({"through"}))
    assert found is None if words is None else words in found


def test_drift_names_a_call_that_a_release_no_longer_takes(library, monkeypatch, tmp_path):
    lane = tmp_path / "lane.py"
    lane.write_text("from peft import LoraConfig\nLoraConfig(r=1)\nLoraConfig(rank=1)\n")
    monkeypatch.setattr(
        interfaces,
        "calls",
        lambda: list(interfaces._calls(interfaces.ast.parse(lane.read_text()), "lane.py")),
    )
    assert interfaces.misfits(library) == ["lane.py:3: peft.LoraConfig(rank): no parameter rank"]
    (library.root / "peft/__init__.py").write_text("")
    assert "no longer exports it" in interfaces.misfits(library)[0]
