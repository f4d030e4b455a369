"""Checks of lesson 02: changed pages, recall at k, cited pages, more passages."""

from __future__ import annotations

import re

from course_utils.checks.engine import Exercise, NotYet, experiment


def _page_changes(page_changes) -> str:
    old = {"a.md": "1", "b.md": "2", "c.md": "3"}
    new = {"a.md": "1", "b.md": "2!", "d.md": "4"}
    found = page_changes(old, new)
    if not isinstance(found, tuple | list) or len(found) != 2:
        raise NotYet("return two lists: `return written, gone`.")
    written, gone = sorted(found[0]), sorted(found[1])
    if "a.md" in written:
        raise NotYet("a page with the same text in both months is not changed: compare the texts.")
    if "d.md" not in written:
        raise NotYet("a page that is only in `new` has to be indexed too.")
    if "b.md" not in written:
        raise NotYet("a page whose text is another one in `new` has to be indexed again.")
    if gone != ["c.md"]:
        raise NotYet(f"only 'c.md' is gone: in `old` and not in `new`. Yours says {gone}.")
    if written != ["b.md", "d.md"]:
        raise NotYet(f"'b.md' is changed and 'd.md' is new; yours says {written}.")
    return "Written pages are embedded again, gone ones are deleted, the rest is left in peace."


def _changes_right(old, new):
    return [p for p, text in new.items() if old.get(p) != text], [p for p in old if p not in new]


def _recall(recall_at_k) -> str:
    ranked = [["a", "b", "c"], ["b", "a", "a"], ["c", "c", "a"], ["b", "c", "b"]]
    gold = ["a", "a", "a", "a"]
    found = [recall_at_k(ranked, gold, k) for k in (1, 2, 3)]
    if any(value is None for value in found):
        raise NotYet("the function returns nothing. End it with `return` and the share.")
    if found[0] == found[2]:
        raise NotYet("it does not depend on k: look only at the first k pages of each list.")
    if found == [1, 2, 3]:
        raise NotYet("that counts the questions. Divide by their number to get a share between 0 and 1.")
    if found == [0.25, 0.5, 1]:
        raise NotYet("a page that is found twice counts once: ask whether it is there, not how often.")
    if abs(found[2] - 1) < 1e-9:
        raise NotYet(
            "one of the four lists never has the gold page: it cannot reach 1. Divide by all questions."
        )
    if [round(value, 6) for value in found] != [0.25, 0.5, 0.75]:
        raise NotYet(f"for k = 1, 2, 3 the shares of the example are 0.25, 0.5, 0.75; yours are {found}.")
    return "The same measure decides in lesson 08 whether a better retriever earns its price."


def _recall_right(ranked, gold, k):
    return sum(g in r[:k] for r, g in zip(ranked, gold, strict=True)) / len(gold)


def _cited(cited_pages) -> str:
    pages = ["x.md", "y.md", "z.md"]
    cases = {
        "It costs $9. [2]": (["y.md"], "[1] is the first page, so [2] is pages[1]."),
        "Yes. [3] [1]": (["z.md", "x.md"], "an answer can cite several pages; keep their order."),
        "No. [1] [1]": (["x.md"], "each page once."),
        "I don't know.": ([], "an answer without a citation cites no page: an empty list."),
        "Maybe. [7]": ([], "leave out numbers that no passage has."),
        "Maybe. [0]": ([], "there is no passage [0]; pages[-1] would be the last one."),
    }
    for answer, (expected, lesson) in cases.items():
        try:
            found = cited_pages(answer, pages)
        except IndexError as error:
            raise NotYet(
                f"{answer!r} stops with an IndexError: leave out numbers that no passage has."
            ) from error
        if found is None or list(found) != expected:
            raise NotYet(f"for {answer!r} the pages are {expected}, yours are {found}: {lesson}")
    return "Never show a citation that points nowhere."


def _cited_right(answer, pages):
    numbers = [int(n) for n in re.findall(r"\[(\d+)\]", answer)]
    return list(dict.fromkeys(pages[n - 1] for n in numbers if 1 <= n <= len(pages)))


EXERCISES = (
    Exercise(
        id="02.1",
        test=_page_changes,
        hints=(
            "A page is to be written when old.get(path) is not its text in new: changed and new ones alike.",
            "Gone is what `old` has and `new` has not. Both are lists of paths; `.items()` has the texts.",
        ),
        right=lambda: [_changes_right],
        wrong=lambda: [
            (lambda old, new: ([p for p in new if p in old and new[p] != old[p]], ["c.md"]), "only in `new`"),
            (lambda old, new: ([p for p in new if p not in old], ["c.md"]), "another one"),
            (lambda old, new: (list(new), ["c.md"]), "same text"),
            (lambda old, new: (["b.md", "d.md"], []), "gone"),
            (lambda old, new: None, "two lists"),
        ],
    ),
    Exercise(
        id="02.2",
        test=_recall,
        hints=(
            "For each question: is the gold page in the first k pages? Then the mean of these yes and no.",
            "zip(ranked_pages, gold_pages) pairs them; in a sum True counts as 1.",
        ),
        right=lambda: [_recall_right],
        wrong=lambda: [
            (lambda r, g, k: sum(b in a for a, b in zip(r, g, strict=True)) / len(g), "depend on k"),
            (lambda r, g, k: sum(b in a[:k] for a, b in zip(r, g, strict=True)), "Divide"),
            (lambda r, g, k: sum(b in a[:k] for a, b in zip(r, g, strict=True)) / 3, "all questions"),
            (lambda r, g, k: sum(a[:k].count(b) for a, b in zip(r, g, strict=True)) / len(g), "how often"),
            (lambda r, g, k: _recall_right([list(dict.fromkeys(a)) for a in r], g, k), "0.25, 0.5, 0.75"),
            (lambda r, g, k: None, "returns nothing"),
        ],
    ),
    Exercise(
        id="02.3",
        test=experiment(30, my_k=(1, 2, 5, 6)),
        hints=(
            "One passage: what if the price stands in the second? Six: how many are about neighbours?",
            "There is no right prediction: any number from 0 to 30 will do, before you run the cell.",
        ),
        right=lambda: [
            {"my_k": 5, "predicted": 29, "measured": 28},
            {"my_k": 1, "predicted": 20, "measured": 20},
            {"my_k": 6, "predicted": 0, "measured": 30},
        ],
        wrong=lambda: [
            ({"my_k": 3, "predicted": 29, "measured": 28}, "one of"),
            ({"my_k": 5, "predicted": 0.9, "measured": 28}, "whole number"),
            ({"my_k": 5, "predicted": 90, "measured": 28}, "from 0 to 30"),
            ({"my_k": 5}, "`predicted`"),
        ],
    ),
    Exercise(
        id="02.4",
        test=_cited,
        hints=(
            "`citations(answer)` gives the numbers. Keep those between 1 and len(pages).",
            "list(dict.fromkeys(...)) removes repetitions and keeps the order.",
        ),
        right=lambda: [_cited_right],
        wrong=lambda: [
            (lambda a, p: [p[int(n)] for n in re.findall(r"\[(\d+)\]", a) if int(n) < len(p)], "pages[1]"),
            (lambda a, p: [p[int(n) - 1] for n in re.findall(r"\[(\d+)\]", a)], "each page once"),
            (
                lambda a, p: list(dict.fromkeys(p[int(n) - 1] for n in re.findall(r"\[(\d+)\]", a))),
                "no passage has",
            ),
            (lambda a, p: None, "yours are None"),
        ],
    ),
)
