"""Explained output forms: the records follow from text and explanation, and none is the course's own."""

import csv
import json
from itertools import islice
from random import Random

import pytest
import yaml

from course_utils.support_desk import Ticket
from tools.bundled_model import facts, names
from tools.reader import form_words, forms, mixture

SEEDS = range(200)


def made(seed: int, syntax: str, held_out: bool = False):
    rng = Random(f"{syntax} {seed}")
    asked = forms.form(rng, 768, held_out, syntax)
    text, values = forms.text(rng, asked, held_out)
    return asked, text, values, asked.written(values)


def test_json_holds_the_explained_keys_in_their_order():
    for seed in SEEDS:
        asked, _, values, record = made(seed, "json")
        assert list(json.loads(record).values()) == list(values.values())
        assert list(json.loads(record)) == [field.name for field in asked.fields.values()]
        assert all(field.name in asked.explained for field in asked.fields.values())


def test_yaml_and_csv_can_be_read_back():
    for seed in SEEDS:
        asked, _, values, record = made(seed, "yaml")
        assert list(yaml.safe_load(record).values()) == list(values.values())
        asked, _, _, record = made(seed, "csv")
        assert [len(row) for row in csv.reader([record])] == [len(asked.fields)]
        asked, _, _, record = made(seed, "lines")
        assert [line.partition(": ")[0] for line in record.splitlines()] == [
            f.name for f in asked.fields.values()
        ]


def test_a_value_stands_in_the_text():
    for seed in SEEDS:
        asked, text, values, _ = made(seed, "json")
        for key, value in values.items():
            kind = asked.fields[key].slot.kind
            if value is not None and kind in ("text", "number", "list"):
                shown = (
                    value
                    if kind == "list"
                    else [f"{value:,}" if kind == "number" and key == "amount" else str(value)]
                )
                assert all(part.lower() in text.lower() for part in shown if "." not in part), (text, values)


def test_a_label_is_one_of_those_explained_and_its_cue_is_in_the_text():
    for seed in SEEDS:
        asked, text, values, _ = made(seed, "json")
        for key, field in asked.fields.items():
            if field.labels:
                assert values[key] in field.labels
                assert any(cue in text for cue in field.slot.labels[values[key]])


@pytest.mark.parametrize("shots", [0, 2])
def test_the_right_record_is_judged_right_and_others_are_not(shots):
    for probe in forms.probes(100, seed=5, shots=shots):
        right = json.dumps(probe.truth)
        assert forms.judged(probe, right) == (True, True)
        assert forms.judged(probe, f"Here it is: {right}") == (False, False)
        assert forms.judged(probe, json.dumps(list(probe.truth))) == (False, False)
        name = next(iter(probe.truth))
        assert forms.judged(probe, json.dumps(probe.truth | {"more": 1})) == (False, False)
        assert forms.judged(probe, json.dumps({k: v for k, v in probe.truth.items() if k != name})) == (
            False,
            False,
        )
        for name, value in probe.truth.items():
            if name in probe.labels:
                assert forms.judged(probe, json.dumps(probe.truth | {name: "no label"})) == (False, False)
            elif isinstance(value, bool):
                assert forms.judged(probe, json.dumps(probe.truth | {name: not value})) == (True, False)
                assert forms.judged(probe, json.dumps(probe.truth | {name: "yes"})) == (False, False)
            elif isinstance(value, str):
                assert forms.judged(probe, json.dumps(probe.truth | {name: value.upper()})) == (True, True)
                assert forms.judged(probe, json.dumps(probe.truth | {name: "else"})) == (True, False)


def all_slots() -> list[form_words.Slot]:
    return [slot for domain in form_words.DOMAINS.values() for slot in domain.values()]


def test_the_courses_ticket_is_in_no_form():
    used = {name.replace(" ", "_") for slot in all_slots() for name in slot.names}
    assert not used & form_words.RESERVED
    assert not used & set(Ticket.model_fields)
    ticket = json.dumps(Ticket.model_json_schema()).lower()
    for slot in all_slots():
        assert not any(f'"{label}"' in ticket for label in slot.labels), slot.names


def test_what_is_examined_was_not_trained():
    tables = [form_words.HEADS, form_words.MISSING, *form_words.RULES.values()]
    tables += [slot.names for slot in all_slots()]
    tables += [slot.says for slot in all_slots() if slot.says]
    tables += [cues for slot in all_slots() for cues in slot.labels.values()]
    for table in tables:
        trained, kept = (set(facts._split(table, held_out)) for held_out in (False, True))
        assert trained and kept and not trained & kept, table


def test_no_text_names_the_courses_company():
    for seed in SEEDS:
        prefix, pairs = forms.forms(Random(f"names {seed}"), 768)
        text = (prefix + "".join(q + a for q, a in islice(pairs, 2))).lower()
        assert not any(name in text for name in names.RESERVED)


def test_the_same_seed_gives_the_same_row():
    rows = [forms.forms(Random("same"), 768) for _ in range(2)]
    assert rows[0][0] == rows[1][0]
    assert list(islice(rows[0][1], 3)) == list(islice(rows[1][1], 3))


def test_forms_are_part_of_the_mixture():
    assert mixture.KINDS["forms"][1] is forms.forms
