"""The Axolotl configuration: parsed, every key published, every change against the article explained."""

import importlib.util
import json
import re

import pytest
import yaml

from course_utils.costs.shapes import ALL_LINEAR
from tools.gpu import interfaces
from tools.notebooks.catalogue import ROOT

FILE = ROOT / "lessons" / "axolotl" / "qlora.yml"
TEXT = FILE.read_text(encoding="utf-8")
CONFIG = yaml.safe_load(TEXT)
PUBLISHED = json.loads(interfaces.RECORDED.read_text(encoding="utf-8"))["axolotl"]

# The article's settings, as facts to compare with.
ARTICLE = {
    "base_model": "meta-llama/Llama-3.1-8B-Instruct",
    "model_type": "LlamaForCausalLM",
    "tokenizer_type": "AutoTokenizer",
    "load_in_4bit": True,
    "adapter": "lora",
    "lora_r": 16,
    "lora_alpha": 16,
    "lora_dropout": 0.05,
    "lora_target_modules": ["q_proj", "v_proj"],
    "val_set_size": 0.1,
    "sequence_len": 2048,
    "micro_batch_size": 2,
    "num_epochs": 3,
    "learning_rate": 2.0e-4,
    "datasets": [{"path": "data/support_conversations.jsonl", "type": "chat_template"}],
    "output_dir": "./outputs/product-assistant-lora",
}


def test_axolotl_publishes_every_key_and_none_is_deprecated():
    assert interfaces.axolotl_problems(PUBLISHED) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("lora_dropout:", "lora_drop_out:", "no key lora_drop_out"),
        ("field_messages:", "messages_field:", "datasets have no key messages_field"),
        ("attn_implementation: sdpa", "attn_implementation: flash", "no attention flash"),
        (
            "attn_implementation: sdpa",
            "attn_implementation: sdpa\nflash_attention: true",
            "flash_attention deprecated",
        ),
    ],
)
def test_a_key_that_is_wrong_is_found(monkeypatch, tmp_path, old, new, words):
    (tmp_path / "lessons/axolotl").mkdir(parents=True)
    (tmp_path / "lessons/axolotl/qlora.yml").write_text(TEXT.replace(old, new), encoding="utf-8")
    monkeypatch.setattr(interfaces, "ROOT", tmp_path)
    assert any(words in problem for problem in interfaces.axolotl_problems(PUBLISHED))


def test_it_really_is_qlora():
    assert (CONFIG["adapter"], CONFIG["load_in_4bit"]) == ("qlora", True)
    assert CONFIG["lora_target_modules"] == list(ALL_LINEAR), "the same layers as in the lesson"
    assert isinstance(CONFIG["learning_rate"], float), "YAML reads 2e-4 without a point as text"


def explained(key: str) -> str:
    """The comment above the line of ``key`` in the file."""
    match = re.search(rf"((?:^ *#.*\n)+)^ *{key}:", TEXT, re.MULTILINE)
    return match[1] if match else ""


def test_each_change_says_why():
    for key, value in CONFIG.items():
        if key not in ARTICLE:
            assert "# Added: " in explained(key), key
        elif key != "datasets" and value != ARTICLE[key]:
            assert "# Changed from " in explained(key), key
    for key in CONFIG["datasets"][0]:
        if key not in ARTICLE["datasets"][0]:
            assert "# Added: " in explained(key), key


def test_nothing_of_the_article_got_lost_and_nothing_unchanged_is_called_changed():
    assert set(ARTICLE) <= set(CONFIG)
    assert ARTICLE["datasets"][0].items() <= CONFIG["datasets"][0].items()
    for key in re.findall(r"# Changed from .*\n(?: *#.*\n)* *(\w+):", TEXT):
        assert CONFIG[key] != ARTICLE[key]


def test_it_names_the_release_it_was_written_for_and_how_to_start_it():
    assert f"Axolotl {interfaces.AXOLOTL}" in TEXT
    assert f"axolotl train {FILE.relative_to(ROOT).as_posix()}" in TEXT


@pytest.mark.skipif(
    importlib.util.find_spec("axolotl") is None, reason="Axolotl needs an environment of its own"
)
def test_axolotls_own_schema_accepts_it():
    from axolotl.utils.schemas.config import AxolotlInputConfig

    AxolotlInputConfig(**CONFIG)
