"""The reader itself, in samples: what its card says about thousands of questions, seen in some dozens.

The bounds are far below the card's rates: they notice an adapter that is not merged, or a prompt that is not
the one it was trained on, and no noise.
"""

import json

import pytest

from course_utils import answering, models
from course_utils.models import prepared
from tools.bundled_model import evaluate
from tools.reader import forms, score

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ask():
    try:
        model, tokenizer = models.load(models.SMOL)
    except models.ModelNotFound as missing:
        pytest.skip(str(missing))
    return lambda chats: answering.generate(model, tokenizer, chats, max_new_tokens=100)


def test_it_reads_new_wordings_and_abstains(ask):
    made = evaluate.probes(40, 3, seed=7)
    rates = evaluate.judged(made, ask([probe.chat for probe in made]))
    assert rates["value read"].value >= 0.5
    assert rates["silent though answerable"].value <= 0.4
    assert rates["abstains when unanswerable"].value >= 0.4


def test_it_follows_an_explained_form_with_examples(ask):
    made = forms.probes(16, seed=7, shots=2)
    judged = [forms.judged(p, a) for p, a in zip(made, ask([p.chat for p in made]), strict=True)]
    assert sum(valid for valid, _ in judged) >= 8


def test_it_reads_real_documentation(ask):
    asked = [question for question in score.written("real_text.jsonl") if question["answerable"]][::14]
    chats = [
        answering.messages(q["question"], [f"{p['title']}\n{p['text']}" for p in q["passages"]])
        for q in asked
    ]
    right = sum(score.holds(answer, q) for q, answer in zip(asked, ask(chats), strict=True))
    assert right >= 0.2 * len(asked)


def test_the_adapter_is_small_whole_and_of_this_base():
    config = json.loads((prepared.READER / "adapter_config.json").read_text(encoding="utf-8"))
    assert config["base_model_name_or_path"] == "SmolLM2-135M-Instruct"
    assert (prepared.READER / "adapter_model.safetensors").stat().st_size < 20_000_000
    assert prepared.adapter_sha256(prepared.READER)


def test_the_card_shows_what_was_required_beside_what_was_reached(tmp_path, monkeypatch):
    monkeypatch.setattr(score, "EXAMS", tmp_path)
    handbook = {"value read, all questions": [9, 10], "value read, price questions": [3, 4], "cites": [1, 2]}
    report = {"The course's handbook (2026-02), gold chunk among three": handbook}
    (tmp_path / "scores_smol.json").write_text(json.dumps(report))
    head, _, title, *rows = score.table(["smol", "tiny"]).splitlines()
    assert head == "| examination | required of smol | smol |" and "handbook" in title
    assert [row.split(" | ")[1].strip("| ") for row in rows] == ["≥ 92 %", "≥ 80 %", ""]


def test_every_bar_is_of_an_examination_that_is_kept():
    kept = json.loads((score.EXAMS / "scores_smol.json").read_text(encoding="utf-8"))
    for title, rates in kept.items():
        bars = next((bars for begin, bars in score.REQUIRED.items() if title.startswith(begin)), {})
        for bar in bars:
            assert any(rate.startswith(bar) for rate in rates), (title, bar)
