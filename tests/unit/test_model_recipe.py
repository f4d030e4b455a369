"""The recipe of the bundled model: what its data hold and do not, its packed rows, its resumable training."""

import re
from itertools import islice
from random import Random

import numpy as np
import pytest

from course_utils import company
from course_utils.answering import citations
from course_utils.evaluation import states
from tools.bundled_model import (
    dialogue,
    evaluate,
    facts,
    names,
    policies,
    rows,
    scenes,
    tokenizer,
    train,
)


@pytest.fixture(scope="module")
def sample() -> list[str]:
    """Training text: the first questions of a thousand rows over all levels."""
    texts = []
    for i in range(1000):
        prefix, pairs = dialogue.row_texts(Random(f"sample:{i}"), i % 4)
        texts.append(prefix + "".join(q + a for q, a in islice(pairs, 6)))
    return texts


@pytest.fixture(scope="module")
def encode():
    trained = tokenizer.train(rows=400)
    return lambda text: trained.encode(text, add_special_tokens=False).ids


def test_reserved_names_are_the_courses_own():
    assert {brand.lower() for brand in company.brands()} == names.RESERVED


def test_training_text_never_names_the_courses_company(sample):
    words = set(re.findall(r"[a-z]+", " ".join(sample).lower()))
    assert not words & names.RESERVED
    assert len(words) > 3000  # the sample is large enough to mean something


def _bare(wording: str) -> str:
    """A wording with its places filled alike: case, punctuation and what stands in braces do not count."""
    return " ".join(re.findall(r"[a-z0-9_]+", re.sub(r"\{\w+\}", " _ ", wording.lower())))


def _all_wordings() -> set[str]:
    """Every question the recipe can train on, without lead-ins and typing noise, its places still open."""
    wordings = {template for row in (*facts._FIXED, *facts._COMPANY) for template in row[4]}
    for family in (
        "_GENERIC_ASKS",
        "_COUNT_ASKS",
        "_FEATURE_ASKS",
        "_PLACE_ASKS",
        "_FROM_ASKS",
        "_HOWTO_ASKS",
    ):
        wordings |= set(getattr(facts, family))
    for stem in facts._STEMS:
        wordings |= {stem + tail for tail in (*facts._MONTHLY_TAILS, *facts._YEARLY_TAILS)}
        wordings |= {lead + stem for lead in (*facts._MONTHLY_LEADS, *facts._YEARLY_LEADS)}
        wordings |= {stem.replace("price", other) for other in ("yearly price", "annual price")}
    for i in range(1000):
        wordings |= {wording for rule in policies.rules(Random(f"rules:{i}"), 4) for wording in rule.asks}
    return wordings


def test_no_question_is_worded_as_the_courses_questions_are():
    course = {_bare(wording): wording for split in ("train", "test") for wording in company.wordings(split)}
    ours = {_bare(wording) for wording in _all_wordings()}
    assert len(ours) > 2000
    assert not [wording for bare, wording in course.items() if bare in ours]


def test_no_drill_asks_as_the_courses_questions_do():
    course = {_bare(wording) for split in ("train", "test") for wording in company.wordings(split)}
    nouns = {a.nouns[0] for i in range(4000) for a in facts.attributes(Random(i), 4)}
    assert len(nouns) > 300
    asked = {_bare(form.replace("{n}", noun)) for form in dialogue._LOOKED_UP for noun in nouns}
    assert not asked & course


def test_a_drill_cites_the_line_that_holds_its_value():
    answered = 0
    for i in range(200):
        rng = Random(f"drill:{i}")
        lines, found = dialogue.drill(rng, cite=i % 3 == 0, brief=i % 2 == 0)
        for turn in islice(found, 5):
            if not turn.value:
                assert turn.answer == dialogue.ABSTENTION
                continue
            answered += 1
            assert turn.value in lines[turn.cited - 1]
            assert states(turn.answer, turn.value)
            assert turn.answer.endswith(f"[{turn.cited}]") is (i % 3 == 0)
    assert answered > 800


def test_heads_of_the_first_layer_start_as_pointers_to_the_tokens_before():
    import torch

    torch.manual_seed(0)
    model = train.new_model(tokenizer.VOCABULARY).eval()
    model.set_attn_implementation("eager")
    with torch.no_grad():
        ids = torch.randint(5, tokenizer.VOCABULARY, (1, 80))
        (attention,) = model.model(input_ids=ids, output_attentions=True).attentions[0]
    for head, back in enumerate((1, 2, 3)):
        assert torch.diagonal(attention[head], -back)[5:].mean() > 0.8
    assert torch.diagonal(attention[3], -1)[5:].mean() < 0.3  # the fourth is left free


def test_sampled_questions_are_among_the_wordings_checked():
    known = {_bare(wording) for wording in _all_wordings()}
    for i in range(500):
        rng = Random(f"wording:{i}")
        asked = _bare(
            facts.ask(
                rng, rng.choice([facts.MONTHLY, facts.YEARLY, *facts.attributes(rng, 3)]), held_out=False
            )
        )
        assert any(asked.endswith(wording) for wording in known), asked


@pytest.mark.parametrize("held_out", [False, True])
def test_a_question_names_its_subject_where_the_context_tells_the_same_of_others(held_out):
    bare = 0
    for attribute in facts._COMPANY_FIXED:
        for i in range(20):
            assert "{s}" in facts.ask(Random(i), attribute, held_out, named=True)
            bare += "{s}" not in facts.ask(Random(i), attribute, held_out)
    assert bare > 10  # elsewhere customers do leave the company out


def test_rules_are_as_many_as_asked_for_also_where_one_family_has_fewer():
    few = len(policies._KEPT)
    for i in range(200):
        made = policies.rules(Random(f"many:{i}"), few + 5)
        assert len({rule.key for rule in made}) == few + 5


def test_a_rule_is_asked_for_without_a_company_and_told_apart_by_its_thing():
    for i in range(200):
        first, second = policies.rules(Random(f"pair:{i}"), 2)
        assert first.key != second.key
        assert not any("{s}" in text for text in (*first.says, *first.asks, first.answer))
        assert all("{v}" in text for text in (*first.says, first.answer))


def test_held_out_names_and_wordings_are_not_trained_on():
    brands = set()
    for i in range(400):
        world = scenes.scene(Random(f"names:{i}"), 1 + i % 3)
        brands |= {fact.subject.owner for chunk in world.chunks for fact in chunk.facts}
        brands |= {subject.owner for subject, _, _ in world.decoys}
    assert len(brands) > 300
    assert not [word for word in brands if names.is_held_out(word)]
    for items in (
        facts._STEMS,
        facts._YEARLY_TAILS,
        facts._GENERIC_ASKS,
        facts._COUNT_ASKS,
        facts._HOWTO_ASKS,
    ):
        assert not set(facts._split(items, True)) & set(facts._split(items, False)) - {""}


@pytest.mark.parametrize("level", [1, 2, 3])
def test_every_answer_is_in_the_chunk_it_cites_and_decoys_are_nowhere(level):
    answered = 0
    for i in range(150):
        rng = Random(f"gold:{level}:{i}")
        world = scenes.scene(rng, level)
        stated = {(f.subject, f.attribute.key) for chunk in world.chunks for f in chunk.facts}
        assert not {(subject, attribute.key) for subject, attribute, _ in world.decoys} & stated
        for turn in islice(dialogue.turns(rng, world, level, cite=True, brief=False), 4):
            if not turn.value:
                assert turn.answer == dialogue.ABSTENTION
                continue
            answered += 1
            assert states(turn.answer, turn.value)
            assert citations(turn.answer) == [turn.cited]
            chunk = world.chunks[turn.cited - 1]
            held = next(f for f in chunk.facts if f.value == turn.value)
            if not held.attribute.key.startswith("feature:"):
                assert turn.value in dialogue.shown(chunk)
    assert answered > 200


def test_a_row_is_a_function_of_its_seed_and_never_cuts_its_context(encode):
    for level, length in enumerate(rows.LENGTHS):
        one, again = rows.training_row(encode, level, "s"), rows.training_row(encode, level, "s")
        assert np.array_equal(one.ids, again.ids)
        assert len(one.ids) == length
        assert one.segments.max() >= 1
    assert not np.array_equal(one.ids, rows.training_row(encode, level, "t").ids)


def test_a_packed_question_looks_to_the_model_like_a_chat_of_its_own(encode):
    import torch

    torch.manual_seed(0)
    model = train.new_model(tokenizer.VOCABULARY).eval()
    prefix, pairs = dialogue.row_texts(Random("x"), 1)
    some = list(islice(pairs, 4))
    row = rows.build(encode, prefix, iter(some), 400)
    batch = rows.collate([row], np.random.default_rng(0))
    packed = dict(
        input_ids=batch.ids, attention_mask=batch.mask, position_ids=batch.positions, use_cache=False
    )
    with torch.no_grad():
        together = model.model(**packed).last_hidden_state[0]
        ids = encode(prefix + "".join(some[2]))
        alone = model.model(input_ids=torch.tensor([ids])).last_hidden_state[0]
    spots = np.flatnonzero(row.segments == 3)
    assert list(row.ids[spots]) == ids[-len(spots) :]
    assert torch.allclose(together[spots], alone[-len(spots) :], atol=1e-4)


def test_the_loss_is_on_answers_and_on_no_padding(encode):
    row = rows.training_row(encode, 0, "loss")
    batch = rows.collate([row], np.random.default_rng(0))
    graded = [int(w) for w, weight in zip(batch.where[0], batch.weights[0], strict=True) if weight == 1]
    assert graded == list(np.flatnonzero(row.answers))
    for spot, weight in zip(batch.where[0].tolist(), batch.weights[0].tolist(), strict=True):
        if weight:
            assert row.segments[spot] == row.segments[spot + 1] >= 0


def test_digits_are_tokens_of_their_own_and_text_survives(encode):
    trained = tokenizer.train(rows=200)
    text = "[2] Xo > Price\n\n| $1,234.50 | 99.95 % |\nnaïve €7 – ok?"
    tokens = trained.encode(text, add_special_tokens=False)
    assert trained.decode(tokens.ids) == text
    assert all(len(t) == 1 for t in tokens.tokens if any(c.isdigit() for c in t))


@pytest.fixture
def small(monkeypatch, tmp_path):
    """The trainer at a size for tests: one layer, short rows, no compilation."""
    monkeypatch.setattr(
        train,
        "SHAPE",
        dict(
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=2,
            intermediate_size=48,
        ),
    )
    monkeypatch.setattr(train, "TOKENS_A_STEP", 400)
    tokenizer.save(tokenizer.train(rows=300), tmp_path)
    train._load_tokenizer(str(tmp_path / "tokenizer.json"))
    return lambda: train.Trainer(tmp_path, seed=3, total_tokens=100_000, compiled=False)


def _steps(trainer, n):
    return [
        trainer.train_step(train.make_batch(trainer.seed, trainer.step, trainer.level())) for _ in range(n)
    ]


def test_a_resumed_training_goes_on_as_if_never_stopped(small):
    straight = small()
    expected = _steps(straight, 6)
    first = small()
    _steps(first, 3)
    first.save()
    (first.folder / "checkpoint.part").write_bytes(b"cut off")  # what a kill while saving leaves
    second = small()
    assert second.resume()
    assert second.step == 3
    assert _steps(second, 3) == pytest.approx(expected[3:], rel=1e-3)


def test_an_exported_model_loads_with_plain_transformers_and_knows_its_tokens(small, tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    trainer = small()
    folder = tmp_path / "export"
    train.export(trainer, folder)
    tokenizer.save(train._tokenizer, folder)
    model, loaded = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    assert model.get_input_embeddings().num_embeddings == len(loaded)
    assert model.config.eos_token_id == loaded.eos_token_id
    assert "token_type_ids" not in loaded("a")
    chat = loaded.apply_chat_template(
        [{"role": "user", "content": "Hi"}], tokenize=False, add_generation_prompt=True
    )
    assert chat == "<|user|>Hi<|end|><|assistant|>"


def test_the_judge_tells_right_from_wrong():
    made = evaluate.probes(40)
    rates = evaluate.judged(made, [p.turn.answer for p in made])
    assert rates["value read"].value == 1
    assert rates["right chunk cited"].value == 1
    assert rates["abstains when unanswerable"].value == 1
    silent = evaluate.judged(made, [dialogue.ABSTENTION] * len(made))
    assert silent["value read"].value == 0
    assert silent["silent though answerable"].value == 1
