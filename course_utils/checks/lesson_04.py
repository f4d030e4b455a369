"""Checks of lesson 04: contradicting rows, four bits by hand, an adapter's size and its rank."""

from __future__ import annotations

import json

from course_utils.checks.engine import Exercise, Measured, NotYet

# --- 04.1: contradictions -----------------------------------------------------------------------------


def _contradictions(contradictions) -> str:
    rows = [_row("It costs $9.", "pricing"), _row(_SILENT, "other"), _row("It costs $9.", "other")]
    rows += [_row(_SILENT, "policy"), _row("It keeps data for 30 days.", "limits")]
    # Rows that only a search of the text takes for others: a word of the rule, and JSON without blanks.
    rows += [_row("It works with other products.", "features"), _compact(_row("It costs $9.", "other"))]
    found = contradictions(rows)
    if found is None:
        raise NotYet("the function returns nothing. End it with `return` and the list of places.")
    try:
        found = [int(place) for place in found]
    except (TypeError, ValueError) as error:
        raise NotYet(
            "return the *places* of the rows, counted from 0, not the rows: use enumerate."
        ) from error
    if sorted(found) == [3, 4, 7]:
        raise NotYet("places are counted from 0 in Python; yours begin with 1.")
    if 1 in found:
        raise NotYet("a row that says \"I don't know\" and is filed under 'other' keeps the rule.")
    if {0, 4} & set(found):
        raise NotYet("a row that states a fact under the category of the fact keeps the rule.")
    if 2 not in found:
        raise NotYet("the rule holds both ways: a row that states a fact must not be filed under 'other'.")
    if 3 not in found:
        raise NotYet("a row that says \"I don't know\" under another category than 'other' breaks the rule.")
    if 5 in found or 6 not in found:
        raise NotYet(
            "it searches the text. An answer may hold the word 'other', and JSON can be written without "
            "blanks: let `read_ticket` read the ticket."
        )
    if sorted(found) != [2, 3, 6]:
        raise NotYet(f"the places of the example are [2, 3, 6], each once; yours are {found}.")
    return "A rule costs nothing and finds these in every export. Write down all that your tickets must obey."


_SILENT = "I don't know, but a colleague will get back to you."


def _row(answer: str, category: str) -> dict:
    from course_utils.support_desk import GREETING, Ticket, in_json

    ticket = Ticket(answer=f"{GREETING} {answer}", category=category, plan=None, page=None, escalate=False)
    return {
        "prompt": [{"role": "user", "content": "Question: ?"}],
        "completion": [{"role": "assistant", "content": in_json(ticket)}],
    }


def _compact(row: dict) -> dict:
    ticket = json.loads(row["completion"][0]["content"])
    row["completion"][0]["content"] = json.dumps(ticket, separators=(",", ":"))
    return row


def _places(rows, breaks):
    from course_utils.support_desk import read_ticket

    tickets = [read_ticket(row["completion"][0]["content"]) for row in rows]
    judged = [breaks("I don't know" in t.answer, t.category == "other") for t in tickets]
    return [place for place, broken in enumerate(judged) if broken]


def _contradictions_right(rows):
    return _places(rows, lambda silent, other: silent != other)


# --- 04.2: a block in four bits -----------------------------------------------------------------------


def _rounded(rounded) -> str:
    levels = [-1.0, -0.5, 0.0, 0.25, 1.0]
    cases = {
        (2.0, 0.6, -0.9, 0.1): [2.0, 0.5, -1.0, 0.0],
        (0.5, -4.0, 3.0): [0.0, -4.0, 4.0],
        (0.0, 0.0): [0.0, 0.0],
    }
    for block, expected in cases.items():
        try:
            found = rounded(list(block), levels)
        except ZeroDivisionError as error:
            raise NotYet("a block of zeros has the largest value 0: it stays as it is.") from error
        if found is None:
            raise NotYet("the function returns nothing. End it with `return` and the list of numbers.")
        found = [float(number) for number in found]
        if len(found) != len(block):
            raise NotYet(f"a block of {len(block)} numbers gives {len(block)} numbers, not {len(found)}.")
        if _close(found, expected):
            continue
        if all(any(abs(number - level) < 1e-9 for level in levels) for number in found) and max(block) > 1:
            raise NotYet("these are levels, between -1 and 1: scale back at the end.")
        if _close(found, _rounded_by(list(block), levels, max(block))):
            raise NotYet("the largest *absolute* value: a block may have its largest number below zero.")
        raise NotYet(f"the block {list(block)} with the levels {levels} gives {expected}, yours is {found}.")
    return "Sixteen levels and one scale a block: that is all there is to it."


def _close(found: list[float], expected: list[float]) -> bool:
    return all(abs(a - b) < 1e-6 for a, b in zip(found, expected, strict=True))


def _rounded_by(block, levels, scale):
    return [scale * min(levels, key=lambda level: abs(level - n / (scale or 1))) for n in block]


def _rounded_right(block, levels):
    return _rounded_by(block, levels, max(abs(number) for number in block))


def _rounded_unsafe(block, levels):
    scale = max(abs(number) for number in block)
    return [scale * min(levels, key=lambda level: abs(level - number / scale)) for number in block]


def _rounded_unscaled(block, levels):
    scale = max(abs(number) for number in block) or 1
    return [number / scale for number in _rounded_right(block, levels)]


def _rounded_down(block, levels):
    scale = max(abs(number) for number in block) or 1
    return [scale * max(level for level in levels if level <= number / scale) for number in block]


# --- 04.3: the size of an adapter ---------------------------------------------------------------------


def _lora_parameters(lora_parameters) -> str:
    found = {
        "one": lora_parameters([(256, 640)], 3),
        "two": lora_parameters([(256, 640), (640, 256)], 3),
        "rank": lora_parameters([(256, 640)], 6),
    }
    if any(value is None for value in found.values()):
        raise NotYet("the function returns nothing. End it with `return` and the sum.")
    if found["one"] == 256 * 640:
        raise NotYet("that is the frozen matrix. A has rank × inputs parameters, B has outputs × rank.")
    if found["one"] == 3 * 256 * 640:
        raise NotYet("A and B are two thin matrices: their parameters are added, not multiplied.")
    if found["one"] in (3 * 256, 3 * 640):
        raise NotYet("that is one of the two: A goes from inputs to rank, B from rank to outputs.")
    if found["one"] == 2688 == found["two"]:
        raise NotYet("sum over all the matrices in the list.")
    if found != {"one": 2688, "two": 5376, "rank": 5376}:
        raise NotYet(f"one matrix of 256 × 640 at rank 3 has 2,688 in A and B together, not {found['one']}.")
    return "Rank and number of matrices both count once: doubling either doubles the file."


# --- 04.4: another rank -------------------------------------------------------------------------------


def _rank(found) -> str:
    guess, outcome = found["predicted"], found["measured"]
    if guess is ...:
        raise NotImplementedError
    if not isinstance(guess, dict) or set(guess) != {"parameters", "fits"}:
        raise NotYet('`guess` is a dictionary: {"parameters": a number, "fits": per cent}.')
    if any(isinstance(v, bool) or not isinstance(v, int | float) for v in guess.values()):
        raise NotYet("both values of `guess` are numbers.")
    if not 0 <= guess["fits"] <= 100 or 0 < guess["fits"] < 1:
        raise NotYet('`guess["fits"]` is in per cent, from 0 to 100: 60, not 0.6.')
    if not isinstance(outcome, dict) or set(outcome) != {"parameters", "fits"}:
        raise NotYet("run the cell that trains: it fills `outcome`.")
    if guess["parameters"] != outcome["parameters"]:
        raise NotYet(
            "the number of parameters can be known beforehand: `lora_parameters` of 04.3 over all seven "
            f"kinds of matrix in every block, with rank 1. You wrote {guess['parameters']:,}."
        )
    off = guess["fits"] - 100 * outcome["fits"]
    if abs(off) <= 15:
        return Measured("The number exactly, and the effect within fifteen points.")
    side = "lower" if off > 0 else "higher"
    return Measured(f"The number exactly; the effect is {abs(off):.0f} points {side} than you said.")


def _ranked(parameters, fits, outcome=None):
    measured = {"parameters": 700, "fits": 0.5} if outcome is None else outcome
    return {"predicted": {"parameters": parameters, "fits": fits}, "measured": measured}


EXERCISES = (
    Exercise(
        id="04.1",
        test=_contradictions,
        hints=(
            "Ask two things of a ticket: does its answer say it? Is its category 'other'? They must agree.",
            "`read_ticket` reads the text of a row's completion; `enumerate` numbers the rows.",
            "Two things that should agree and do not: put `!=` between the two conditions.",
        ),
        right=lambda: [_contradictions_right, lambda rows: set(_contradictions_right(rows))],
        wrong=lambda: [
            (lambda rows: _places(rows, lambda silent, other: silent and not other), "both ways"),
            (lambda rows: _places(rows, lambda silent, other: other and not silent), "breaks the rule"),
            (lambda rows: _places(rows, lambda silent, other: other), "keeps the rule"),
            (lambda rows: _places(rows, lambda silent, other: True), "keeps the rule"),
            (lambda rows: [place + 1 for place in _contradictions_right(rows)], "counted from 0"),
            (lambda rows: [rows[place] for place in _contradictions_right(rows)], "*places*"),
            (lambda rows: [2, 2, 3, 6], "each once"),
            (
                lambda rows: [
                    place
                    for place, row in enumerate(rows)
                    if ("I don't know" in (text := row["completion"][0]["content"])) != ("other" in text)
                ],
                "searches the text",
            ),
            (
                lambda rows: [
                    place
                    for place, row in enumerate(rows)
                    if ("I don't know" in (text := row["completion"][0]["content"]))
                    != ('"category": "other"' in text)
                ],
                "searches the text",
            ),
            (lambda rows: None, "returns nothing"),
        ],
    ),
    Exercise(
        id="04.2",
        test=_rounded,
        hints=(
            "The scale is the largest absolute value: divided by it, all numbers lie between -1 and 1.",
            "The nearest level: min(levels, key=…) with the distance as key. Then times the scale.",
            "A block of zeros: `scale = max(...) or 1` avoids the division by zero.",
        ),
        right=lambda: [_rounded_right],
        wrong=lambda: [
            (_rounded_unscaled, "scale back"),
            (lambda block, levels: _rounded_by(block, levels, max(block)), "*absolute*"),
            (_rounded_unsafe, "block of zeros"),
            (_rounded_down, "yours is"),
            (lambda block, levels: _rounded_right(block, levels)[:1], "gives 4 numbers"),
            (lambda block, levels: None, "returns nothing"),
        ],
    ),
    Exercise(
        id="04.3",
        test=_lora_parameters,
        hints=(
            "A is a matrix of inputs × rank, B one of rank × outputs. How many numbers are in each?",
            "rank × inputs + rank × outputs, summed over all pairs in `matrices`.",
        ),
        right=lambda: [lambda matrices, rank: sum(rank * (a + b) for a, b in matrices)],
        wrong=lambda: [
            (lambda matrices, rank: sum(a * b for a, b in matrices), "frozen matrix"),
            (lambda matrices, rank: sum(rank * a * b for a, b in matrices), "added"),
            (lambda matrices, rank: sum(rank * a for a, _ in matrices), "one of the two"),
            (lambda matrices, rank: rank * sum(matrices[0]), "all the matrices"),
            (lambda matrices, rank: sum(a + b for a, b in matrices), "not 896"),
            (lambda matrices, rank: None, "returns nothing"),
        ],
    ),
    Exercise(
        id="04.4",
        test=_rank,
        hints=(
            "For `fits` any number from 0 to 100 will do: it is a guess. `parameters` is no guess.",
            "All matrices are in `matrices`; a weight has the shape (outputs, inputs), the other way round.",
        ),
        right=lambda: [_ranked(700, 50), _ranked(700, 0), _ranked(700, 100)],
        wrong=lambda: [
            (_ranked(2800, 50), "known beforehand"),
            (_ranked(700, 0.5), "per cent"),
            (_ranked(700, 150), "per cent"),
            (_ranked("many", 50), "numbers"),
            (_ranked(700, 50, {}), "run the cell"),
            ({"predicted": 50, "measured": {}}, "a dictionary"),
        ],
    ),
)
