"""The recipe of the reader adapter: what its rows hold and do not, their tokens, its resumable training."""

import json
import re
from functools import partial
from itertools import islice
from random import Random

import numpy as np
import pytest

from course_utils import answering, bundled_model, models
from tools.bundled_model import dialogue, names
from tools.reader import mixture, pages, prose, regions, replay, rows, score, train


@pytest.fixture(scope="module")
def sample() -> dict[str, list[str]]:
    """Training text by kind: the first questions of some hundred rows."""
    made = {}
    for kind, (_, draw) in mixture.KINDS.items():
        drawn = (draw(Random(f"{kind}:{i}"), length) for i in range(200) for length in mixture.LENGTHS)
        made[kind] = [prefix + "".join(q + a for q, a in islice(pairs, 6)) for prefix, pairs in drawn]
    return made


def ids_of(tokenizer, text: str) -> list[int]:
    return tokenizer.backend_tokenizer.encode(text, add_special_tokens=False).ids


@pytest.fixture(scope="module")
def encode():
    """The bundled model's tokenizer: it knows nothing of the template, which these tests do not need."""
    from transformers import AutoTokenizer

    return partial(ids_of, AutoTokenizer.from_pretrained(bundled_model.path()))


def turns_of_prose() -> list[dict]:
    return [turn for name in prose.FILES for context in prose.contexts(name) for turn in context["turns"]]


def test_training_text_never_names_the_courses_company(sample):
    for kind, texts in sample.items():
        assert not set(re.findall(r"[a-z]+", " ".join(texts).lower())) & names.RESERVED, kind


def test_no_examination_question_is_in_a_training_row(sample):
    seen = " ".join(text for texts in sample.values() for text in texts)
    for exam in ("handbook_people.jsonl", "real_text.jsonl"):
        for question in score.written(exam):
            assert question["question"] not in seen
    trained = {turn["question"].lower() for turn in turns_of_prose()}
    assert not trained & {question["question"].lower() for question in score.written("real_text.jsonl")}


def test_packages_are_trained_on_or_examined_never_both():
    trained = {context["package"] for name in prose.FILES for context in prose.contexts(name)}
    examined = {question["package"] for question in score.written("real_text.jsonl")}
    assert trained and examined and not trained & examined
    assert not any(map(prose.is_held_out, trained))
    assert all(map(prose.is_held_out, examined))
    for quoted, folder in ((trained, prose.DATA), (examined, score.EXAMS)):
        named = json.loads((folder / "packages.json").read_text(encoding="utf-8"))
        assert quoted == set(named) and all(package["licence"] for package in named.values())


def test_a_value_stands_in_its_passage_and_in_the_answer():
    for name in prose.FILES:
        for context in prose.contexts(name):
            for turn in context["turns"]:
                if turn["gold"] is None:
                    assert turn["answer"] == dialogue.ABSTENTION
                    continue
                passage = context["passages"][turn["gold"]]
                assert turn["value"].lower() in f"{passage['title']}\n{passage['text']}".lower(), turn
                assert turn["value"].lower() in turn["answer"].lower(), turn


def test_examinations_can_be_answered_from_their_passages():
    for question in score.written("real_text.jsonl"):
        if not question["answerable"]:
            continue
        texts = [passage["text"] for passage in question["passages"]]
        holding = [i for i, text in enumerate(texts) if score.holds(text, question)]
        assert holding == [question["gold"]], question["id"]


def test_people_ask_for_what_the_handbook_says():
    from course_utils import company

    pages = company.pages(score.RELEASE)
    asked = score.written("handbook_people.jsonl")
    assert len({q["id"] for q in asked}) == len(asked) >= 120
    for question in asked:
        if question["answerable"]:
            assert score.holds(pages[question["page"]], question), question["id"]


def test_a_row_in_the_template_is_the_chat_the_course_asks_with():
    try:
        _, tokenizer = models.load("smol-instruct")
    except models.ModelNotFound as missing:
        pytest.skip(str(missing))
    chunks = ["Larch Solo > Price\nIt costs $9.", "Larch Duo > Price\nIt costs $12."]
    question = "What does Larch Duo cost?"
    encode = partial(ids_of, tokenizer)
    turn = dialogue.Turn(question, "Larch Duo costs $12. [2]", "$12", 2)
    row = rows.tokens(encode, (dialogue.prefix(True, False, chunks), iter([dialogue.as_texts(turn)])), 384)
    chat = answering.messages(question, chunks)
    asked = encode(tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True))
    ids = row.ids[row.segments >= 0].tolist()
    assert ids[: len(asked)] == asked
    assert tokenizer.decode(ids[len(asked) :]) == "Larch Duo costs $12. [2]<|im_end|>"


def test_only_answers_bear_loss(encode):
    made = [mixture.training_row(encode, 768, f"loss {i}") for i in range(2)]
    batch = rows.collate(made)
    assert batch.ids.shape == (2, 768) and batch.mask.shape == (2, 1, 768, 768)
    flat = np.concatenate([row.answers for row in made])
    assert batch.where.tolist() == np.flatnonzero(flat).tolist()
    assert batch.targets.tolist() == [int(batch.ids.reshape(-1)[i + 1]) for i in batch.where]


def test_a_question_does_not_see_its_neighbours(encode):
    row = mixture.training_row(encode, 768, "neighbours")
    seen = rows.collate([row]).mask[0, 0] == 0
    last = np.flatnonzero(row.segments == row.segments.max())[-1]
    assert set(row.segments[np.flatnonzero(seen[last])]) == {0, row.segments.max()}


def test_a_seed_gives_its_row_again(encode):
    first, again = (mixture.training_row(encode, 384, "same") for _ in range(2))
    assert first.ids.tolist() == again.ids.tolist()


def test_every_kind_is_drawn_and_leaves_room_for_questions(encode):
    assert sum(weight for weight, _ in mixture.KINDS.values()) == pytest.approx(1)
    for kind, (_, draw) in mixture.KINDS.items():
        for length in mixture.LENGTHS:
            made = [
                rows.tokens(encode, draw(Random(f"{kind} {length} {i}"), length), length) for i in range(30)
            ]
            assert sum(row is not None for row in made) >= 5, (kind, length)


def test_replay_keeps_whole_answers_only():
    assert len(replay.kept()) >= 200
    assert len({instruction for instruction, _ in replay.kept()}) == len(replay.kept())


@pytest.mark.slow
def test_training_goes_on_where_it_was_stopped(tmp_path):
    def run(folder, *stops):
        for stop in stops:
            trainer = train.Trainer(bundled_model.path(), folder, seed=3, total_tokens=20_000, compiled=False)
            trainer.resume()
            while trainer.step < stop:
                loss = trainer.train_step(mixture.make_batch(trainer.encode, trainer.seed, trainer.step))
            trainer.save()
        return loss, {name: copy.detach().clone() for name, copy in trainer.copies.items()}

    for name in ("whole", "stopped"):
        (tmp_path / name).mkdir()
    whole, stopped = run(tmp_path / "whole", 4), run(tmp_path / "stopped", 2, 4)
    assert stopped[0] == pytest.approx(whole[0], abs=1e-3)
    for name, copy in whole[1].items():
        assert np.allclose(copy, stopped[1][name], atol=1e-4), name


@pytest.mark.slow
def test_an_exported_adapter_can_be_gone_on_from(tmp_path):
    import torch

    first = train.Trainer(bundled_model.path(), tmp_path, seed=3, total_tokens=20_000, compiled=False)
    losses = [first.train_step(mixture.make_batch(first.encode, 3, step)) for step in range(2)]
    first.note(losses)
    first.export(tmp_path / "adapter")
    assert sorted(file.name for file in (tmp_path / "adapter").iterdir()) == [
        "adapter_config.json", "adapter_model.safetensors", train.CURVE,
    ]  # fmt: skip

    again = train.Trainer(bundled_model.path(), tmp_path, seed=3, total_tokens=20_000, compiled=False)
    again.start_from(tmp_path / "adapter")
    assert (again.step, again.tokens) == (first.step, first.tokens)
    for name, parameter in first.trained.items():
        assert parameter.dtype is torch.bfloat16, "an adapter is kept in bfloat16 whatever it was trained in"
        assert parameter.equal(again.trained[name].bfloat16()), name


# --- pages ----------------------------------------------------------------------------------------------


def every_page() -> list[dict]:
    return [context for split in (False, True) for context in pages.contexts(split)]


def test_pages_can_be_answered_from_one_passage_and_only_that_one():
    for context in every_page():
        texts = [f"{passage['title']}\n{passage['text']}".lower() for passage in context["passages"]]
        for turn in context["turns"]:
            assert len(set(turn["questions"])) >= 3, turn
            if turn["gold"] is None:
                assert not turn.get("value") and not turn.get("answer"), turn
                continue
            value = turn["value"].lower()
            assert value in texts[turn["gold"]] and value in turn["answer"].lower(), turn
            if "{" in value:
                assert [i for i, text in enumerate(texts) if value in text] == [turn["gold"]], turn


def test_every_slot_of_a_page_is_filled():
    for i, context in enumerate(every_page()):
        fill = pages.filling(Random(i), context["slots"])
        for text in [p["text"] for p in context["passages"]] + [
            q for t in context["turns"] for q in t["questions"]
        ]:
            assert not pages.SLOT.search(fill(text)), text


def test_pages_are_trained_on_or_held_out_never_both():
    trained, held_out = ({json.dumps(c) for c in pages.contexts(split)} for split in (False, True))
    assert trained and held_out and not trained & held_out


@pytest.mark.parametrize("draw", [pages.pages, regions.regions], ids=["pages", "regions"])
@pytest.mark.parametrize("length", list(mixture.LENGTHS))
def test_answers_of_pages_and_regions_stand_in_the_passage_they_cite(draw, length):
    cited = abstained = 0
    for i in range(60):
        prefix, pairs = draw(Random(f"{length}:{i}"), length)
        shown = re.split(r"(?m)(?:^|>)\[(\d+)\] ", prefix)
        texts = dict(zip(map(int, shown[1::2]), shown[2::2], strict=True))
        for question, answer in islice(pairs, 12):
            assert question.startswith("Question: ")
            if dialogue.ABSTENTION in answer:
                abstained += 1
                continue
            text = answer.removesuffix("<|end|>")
            if mark := re.search(r" \[(\d+)\]$", text):
                assert int(mark[1]) in texts
                cited += 1
    assert cited > 50 and abstained > 20
