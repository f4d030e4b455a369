"""Checks of lesson 00: read a page, count what changes, tell knowledge from behaviour, more to read."""

from __future__ import annotations

from collections.abc import Callable

from course_utils.checks.engine import Exercise, NotYet, experiment
from course_utils.company import changes, facts
from course_utils.evaluation import prices

RELEASE = "2026-01"
PLAN = "tallyport.business"


# --- 00.1 read a price off a page ---------------------------------------------------------------------


def _price(name: str) -> str:
    return facts(RELEASE)[name].value


def _read_a_price(answer: object) -> str:
    right = _price(f"{PLAN}.price_monthly")
    if not isinstance(answer, str):
        raise NotYet('write the price as the page prints it, as a text in quotes: business_price = "$…".')
    answer = answer.strip()
    if prices(answer) == [right]:
        return "Remember this number: it is true in January."
    if answer == right.lstrip("$"):
        raise NotYet("the currency is part of a price; other pages give prices in euros and pounds.")
    confusions = {
        "tallyport.team.price_monthly": "that is the Team plan. Its page looks almost the same, which "
        "is what makes such pages hard for a search engine too.",
        f"{PLAN}.price_yearly": "that is the monthly rate for those who pay yearly. The question asks for "
        "the price when paying by the month.",
        f"{PLAN}.price_monthly_eur": "that is the European Union. The question asks for dollars.",
        f"{PLAN}.price_monthly_gbp": "that is the United Kingdom. The question asks for dollars.",
    }
    for key, message in confusions.items():
        if answer == _price(key):
            raise NotYet(message)
    raise NotYet(
        "the Business page does not say so. Put its path into business_page, then print the page: "
        "print(handbook[business_page])"
    )


# --- 00.2 count the prices that change ----------------------------------------------------------------

SPANS = [("2026-01", "2026-02"), ("2026-02", "2026-03"), ("2026-01", "2026-06"), ("2026-05", "2026-05")]


def _changed_prices(old: str, new: str) -> int:
    return sum(change.kind == "changed" and "price" in change.key for change in changes(old, new))


def _count_changed_prices(answer: object) -> str:
    if not callable(answer):
        raise NotYet("changed_prices is to be a function: keep the line `def changed_prices(old, new):`.")
    for old, new in SPANS:
        given, right = answer(old, new), _changed_prices(old, new)
        if given is None:
            raise NotYet("your function gives nothing back; does it end in `return …`?")
        if isinstance(given, list | tuple | set | dict):
            raise NotYet("your function gives the changes themselves; the question is how many: len(…).")
        if given == right:
            continue
        every = changes(old, new)
        if given == len(every):
            raise NotYet(
                f"{given} is the number of all changes from {old} to {new}: limits, menus and new products "
                "are among them. Keep those of kind 'changed' whose key contains 'price'."
            )
        if given == sum("price" in change.key for change in every):
            raise NotYet(
                "you also count prices that were added or retired. A price that did not exist before has not "
                "changed: look at change.kind."
            )
        if given == sum(change.kind == "changed" for change in every):
            raise NotYet("you count every fact that changed, storage limits too. Look at change.key.")
        raise NotYet(f"from {old} to {new} your function says {given!r}, but {right} prices changed.")
    agreed = f"Your count and ours agree in all {len(SPANS)} pairs of months."
    return f"{agreed} From January to February: {_changed_prices(*SPANS[0])}."


# --- 00.4 knowledge or behaviour? ---------------------------------------------------------------------

NUMBERS = range(1, 11)
KNOWLEDGE = {1, 3, 6, 7, 9}
QUESTIONS = {  # asked when a failure was put on the wrong pile
    1: "Failure 1: with the current price page in front of it, would it have quoted the old price?",
    2: "Failure 2: the facts are right. Which page could it read to write JSON every time?",
    3: "Failure 3: could anyone answer about a product of which they have never read a word?",
    4: "Failure 4: every sentence is true. Would one more page change how it speaks?",
    5: "Failure 5: the six categories were in its instructions. Did it not know them, or not keep to them?",
    6: "Failure 6: the European refund period stands on a page of its own. What if it had read that page?",
    7: "Failure 7: the menu was moved last month. Who told the assistant?",
    8: "Failure 8: is there a fact that would make it stop apologising?",
    9: "Failure 9: the contract lies in a folder the assistant has never seen. What does it lack?",
    10: "Failure 10: the two-line rule was in its instructions. What would reading more change?",
}


def _sort_failures(answer: object) -> str:
    if not isinstance(answer, set | frozenset | list | tuple):
        raise NotYet("write the numbers of the knowledge failures as a set, such as {1, 2}.")
    given = set(answer)
    strangers = [number for number in given if isinstance(number, bool) or number not in NUMBERS]
    if strangers:
        raise NotYet(f"the failures are numbered 1 to 10; {strangers[0]!r} is none of them.")
    misplaced = sorted(given ^ KNOWLEDGE)
    if not given:
        raise NotYet("the set is empty, but some of these failures come from facts that were missing or old.")
    if misplaced:
        count = (
            f"{len(misplaced)} of the ten are on the wrong pile" if len(misplaced) > 1 else "one is misplaced"
        )
        raise NotYet(f"{count}. {QUESTIONS[misplaced[0]]}")
    return "Would reading the right page have prevented it? That one question sorts them all."


# --- the examples that prove the checks ---------------------------------------------------------------


def _counting(keep: Callable[..., bool]) -> Callable[[str, str], int]:
    return lambda old, new: sum(keep(change) for change in changes(old, new))


EXERCISES = (
    Exercise(
        "00.1",
        _read_a_price,
        hints=(
            "The page's path differs from the Team page's in one word.",
            "Print that page of the handbook, and read what it costs per user and month when paying monthly.",
        ),
        right=lambda: [
            _price(f"{PLAN}.price_monthly"),
            f" {_price(f'{PLAN}.price_monthly')} ",
            f"{_price(f'{PLAN}.price_monthly')} per user and month",
            f"{_price(f'{PLAN}.price_monthly')}.00",
        ],
        wrong=lambda: [
            (_price("tallyport.team.price_monthly"), "Team plan"),
            (_price(f"{PLAN}.price_yearly"), "pay yearly"),
            (_price(f"{PLAN}.price_monthly_eur"), "European Union"),
            (_price(f"{PLAN}.price_monthly").lstrip("$"), "currency"),
            (49, "in quotes"),
            ("$1", "does not say so"),
        ],
    ),
    Exercise(
        "00.2",
        _count_changed_prices,
        hints=(
            "Each change has a key, such as 'tallyport.team.price_monthly', and a kind: 'changed', 'added' "
            "or 'retired'. Which of them do you count?",
            "A comparison is worth 1 when it is true: sum(change.kind == … and 'price' in … for change in "
            "changes(old, new))",
        ),
        right=lambda: [_changed_prices],
        wrong=lambda: [
            (lambda old, new: None, "return"),
            (lambda old, new: [1, 2], "how many"),
            (lambda old, new: len(changes(old, new)), "all changes"),
            (_counting(lambda change: "price" in change.key), "added or retired"),
            (_counting(lambda change: change.kind == "changed"), "every fact that changed"),
            (lambda old, new: _changed_prices("2026-01", "2026-02"), "from 2026-02 to 2026-03"),
            (106, "function"),
        ],
    ),
    Exercise(
        "00.3",
        experiment(40, around=(0, 2, 10)),
        hints=(
            "More to read means more neighbours that look like the answer. Fewer means less to mix up.",
            "There is no right prediction: any number from 0 to 40 will do, before you run the cell.",
        ),
        right=lambda: [
            {"around": 10, "predicted": 34, "measured": 35},
            {"around": 0, "predicted": 40, "measured": 40},
        ],
        wrong=lambda: [
            ({"around": 1, "predicted": 34, "measured": 35}, "one of"),
            ({"around": 10, "predicted": 0.9, "measured": 35}, "whole number"),
            ({"around": 10, "predicted": 41, "measured": 35}, "from 0 to 40"),
            ({"around": 10}, "`predicted`"),
        ],
    ),
    Exercise(
        "00.4",
        _sort_failures,
        hints=(
            "Imagine a colleague with good manners and the right page open. Would they make this mistake?",
            "Old facts, missing facts and facts in a place the assistant cannot see all count as knowledge.",
        ),
        right=lambda: [KNOWLEDGE, sorted(KNOWLEDGE)],
        wrong=lambda: [
            (KNOWLEDGE | {2}, "Failure 2"),
            (KNOWLEDGE - {9}, "Failure 9"),
            (set(NUMBERS) - KNOWLEDGE, "10 of the ten"),
            (set(NUMBERS), "5 of the ten"),
            (set(), "empty"),
            ({0, 1}, "numbered 1 to 10"),
            ("1, 3", "as a set"),
        ],
    ),
)
