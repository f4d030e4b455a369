"""Checks of lesson 08: rank fusion, a filter, chunk size against k."""

from __future__ import annotations

from course_utils.checks.engine import Exercise, NotYet, experiment

# --- 08.1 ---------------------------------------------------------------------------------------------


def _fuse(fuse) -> str:
    found = fuse([["a", "b", "c"], ["b", "d"]])
    if found is None:
        raise NotYet("the function returns nothing. End it with `return` and the list of items.")
    if isinstance(found, dict):
        raise NotYet("return the items in order, not their points: `sorted(points, key=…)` gives a list.")
    if any(isinstance(item, tuple) for item in found):
        raise NotYet("return the items alone, without their points.")
    if sorted(set(found)) != ["a", "b", "c", "d"]:
        raise NotYet("every item of every ranking belongs into the list, also one that only one of them has.")
    if len(found) != 4:
        raise NotYet("each item once: add up its points first, then sort.")
    if found[0] in ("c", "d"):
        raise NotYet("the most points come first: sort by minus the points, or with reverse=True.")
    if found[0] == "a":
        raise NotYet("'b' is on both lists, so it has the points of both: add them up.")
    far = [["x", *"abcdefgh"], [*"abcdefgh", "x"]]
    if fuse(far)[0] != "a" or fuse([["p", "q"], ["q"], ["q"]])[0] != "q":
        raise NotYet("the points of one list are 1 / (60 + rank), and rank counts from 1.")
    if fuse([["p", "r"], ["q", "r"]])[0] != "r":
        raise NotYet("with 60 in the denominator two second places beat one first: 1/62 + 1/62 > 1/61.")
    # Two items on both of two lists whose other places are filled: wrong constants order them otherwise.
    for better, worse, first in ((30, 112, "b"), (10, 21, "a")):
        one, two = ([f"{side}{i}" for i in range(worse)] for side in "lr")
        one[0], one[better - 1], two[worse - 1], two[better - 1] = "a", "b", "a", "b"
        if min("ab", key=fuse([one, two]).index) != first:
            raise NotYet("an item gets 1 / (60 + rank) from each list, and the first rank is 1, not 0.")
    return "Ranks, not scores: so a third search can join without any scaling."


def _fuse_right(rankings, damping=60):
    points: dict = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, 1):
            points[item] = points.get(item, 0) + 1 / (damping + rank)
    return sorted(points, key=lambda item: -points[item])


def _fuse_without_damping(rankings):
    return _fuse_right(rankings, damping=0)


def _fuse_by_places(rankings):
    points: dict = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, 1):
            points[item] = points.get(item, 0) + 1000 - rank
    return sorted(points, key=lambda item: -points[item])


def _fuse_best_rank(rankings):
    best: dict = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, 1):
            best[item] = min(rank, best.get(item, rank))
    return sorted(best, key=lambda item: best[item])


# --- 08.2 ---------------------------------------------------------------------------------------------


OPERATORS = {
    "$in": lambda has, wanted: has in wanted,
    "$nin": lambda has, wanted: has not in wanted,
    "$eq": lambda has, wanted: has == wanted,
    "$ne": lambda has, wanted: has != wanted,
}


def _pages() -> list[dict]:
    return [
        {"product": product, "plan": plan, "region": region, "in_force": in_force}
        for product in ("tallyport", "signmere")
        for plan in ("team", "business", "all")
        for region in ("none", "eu")
        for in_force in (True, False)
    ]


def _passes(page: dict, where: dict) -> bool:
    """Whether Chroma would let the page through; NotYet for what its `validate_where` refuses."""
    if not isinstance(where, dict) or len(where) != 1:
        raise NotYet(f"Chroma wants exactly one key in each condition, and this one is {where!r}.")
    [(key, wanted)] = where.items()
    if key in ("$and", "$or"):
        if not isinstance(wanted, list) or len(wanted) < 2:
            raise NotYet(f'"{key}" wants a list of two conditions or more.')
        found = [_passes(page, one) for one in wanted]
        return all(found) if key == "$and" else any(found)
    if key not in page:
        raise NotYet(f"the chunks carry {sorted(page)}, and no {key!r}.")
    if not isinstance(wanted, dict):
        return page[key] == wanted and type(page[key]) is type(wanted)
    operator, value = next(iter(wanted.items()), ("", None))
    if operator not in OPERATORS or len(wanted) != 1:
        raise NotYet(f"Chroma's operators here are {sorted(OPERATORS)}, one at a time, not {wanted!r}.")
    if operator in ("$in", "$nin") and not (isinstance(value, list) and value):
        raise NotYet(f'"{operator}" wants a list, in square brackets, not {value!r}.')
    return OPERATORS[operator](page[key], value)


def _where(where_of) -> str:
    for product, plan, region in (
        ("tallyport", "team", "none"),
        ("tallyport", None, "none"),
        (None, None, "eu"),
        (None, "team", "none"),
    ):
        where = where_of(product, plan, region)
        if not isinstance(where, dict):
            raise NotYet("return the filter, a dictionary: `return {'$and': conditions}`.")
        if len(where) != 1:
            raise NotYet('Chroma takes one key at the top: put the conditions into {"$and": [...]}.')
        asked = f"for product={product!r}, plan={plan!r}, region={region!r}"
        for page in _pages():
            through = _passes(page, where)
            if through and not page["in_force"]:
                raise NotYet(f"{asked} a page of a closed edition comes through: in_force must be True.")
            if through and page["region"] != region:
                raise NotYet(f"{asked} a page of the region {page['region']!r} comes through.")
            if through and product and page["product"] != product:
                raise NotYet(f"{asked} a page of {page['product']!r} comes through.")
            if through and plan and page["plan"] not in (plan, "all"):
                raise NotYet(f"{asked} a page of the plan {page['plan']!r} comes through.")
            wanted = (
                page["in_force"]
                and page["region"] == region
                and page["product"] == (product or page["product"])
            )
            if wanted and page["plan"] == "all" and not through:
                raise NotYet(f"{asked} a page about all plans is left out; a price table is one of those.")
            if wanted and (plan is None or page["plan"] == plan) and not through:
                raise NotYet(f"{asked} this page should come through: {page}. None means: any.")
    return "What the path says, no similarity has to guess."


def _where_right(product, plan, region):
    conditions = [{"in_force": True}, {"region": region}]
    if product:
        conditions.append({"product": product})
    if plan:
        conditions.append({"plan": {"$in": [plan, "all"]}})
    return {"$and": conditions}


def _where_with_gaps(product, plan, region):
    """The likeliest slip: an empty condition where nothing is known."""
    about = {"product": product} if product else {}
    return {
        "$and": [
            about,
            {"plan": {"$in": [plan, "all"]}} if plan else {},
            *_where_right(None, None, region)["$and"],
        ]
    }


# --- 08.3 ---------------------------------------------------------------------------------------------

SIZES, KS, ASKED = (30, 90, 270), (1, 3, 5), 80


EXERCISES = (
    Exercise(
        id="08.1",
        test=_fuse,
        hints=(
            "A dictionary from item to points; `enumerate(ranking, 1)` gives rank and item together.",
            "Add one over (damping plus rank) to what the item has so far (0 at first); sort the keys by it.",
        ),
        right=lambda: [_fuse_right],
        wrong=lambda: [
            (lambda rankings: [item for ranking in rankings for item in ranking], "each item once"),
            (lambda rankings: _fuse_right(rankings)[::-1], "most points come first"),
            (lambda rankings: rankings[0], "every item"),
            (_fuse_best_rank, "on both lists"),
            (_fuse_without_damping, "two second places"),
            (lambda rankings: _fuse_right(rankings, damping=59), "the first rank is 1"),
            (lambda rankings: _fuse_right(rankings, damping=1), "1 / (60 + rank)"),
            (_fuse_by_places, "1 / (60 + rank)"),
            (lambda rankings: [(item, 0.1) for item in _fuse_right(rankings)], "items alone"),
            (lambda rankings: None, "returns nothing"),
        ],
    ),
    Exercise(
        id="08.2",
        test=_where,
        hints=(
            "Two conditions hold always: in_force and region. Start a list with them.",
            "`if plan:` append {'plan': {'$in': [plan, 'all']}}; the product needs no list.",
        ),
        right=lambda: [_where_right],
        wrong=lambda: [
            (lambda p, n, r: {"in_force": True, "region": r}, "one key"),
            (lambda p, n, r: {"$and": [{"region": r}, {"product": p}]}, "closed edition"),
            (lambda p, n, r: {"$and": [{"in_force": True}, {"product": p}]}, "region"),
            (lambda p, n, r: {"$and": [{"in_force": True}, {"region": r}]}, "of the plan"),
            (
                lambda p, n, r: {"$and": [{"in_force": True}, {"region": r}, {"product": p}, {"plan": n}]},
                "about all plans",
            ),
            (lambda p, n, r: None, "a dictionary"),
            (_where_with_gaps, "exactly one key"),
            (lambda p, n, r: {"$and": [{"in_force": True, "region": r}, {"product": p}]}, "exactly one key"),
            (
                lambda p, n, r: {"$and": [{"in_force": True}, {"region": r}, {"plan": {"$in": (n, "all")}}]},
                "square brackets",
            ),
            (lambda p, n, r: {"$or": [{"in_force": True}]}, "two conditions"),
        ],
    ),
    Exercise(
        id="08.3",
        test=experiment(ASKED, my_size=SIZES, my_k=KS),
        hints=(
            "Thirty words with the title: is the number in the same piece as the words that lead to it?",
            "There is no right prediction: any number from 0 to 80 will do, before you run the cell.",
        ),
        right=lambda: [
            {"my_size": 90, "my_k": 3, "predicted": 70, "measured": 65},
            {"my_size": 30, "my_k": 1, "predicted": 40, "measured": 40},
        ],
        wrong=lambda: [
            ({"my_size": 50, "my_k": 3, "predicted": 70, "measured": 65}, "one of [30"),
            ({"my_size": 90, "my_k": 2, "predicted": 70, "measured": 65}, "one of [1"),
            ({"my_size": 90, "my_k": 3, "predicted": 0.9, "measured": 65}, "whole number"),
            ({"my_size": 90, "my_k": 3, "predicted": 95, "measured": 65}, "from 0 to 80"),
            ({"my_size": 90}, "`predicted`"),
        ],
    ),
)
