"""The attributes every plan has besides its price, from `content/attributes.toml`.

A ladder is the four values of Starter, Team, Business and Enterprise. Each product draws one ladder;
later releases move single values between their neighbours, so that a higher plan never gets less.
"""

from dataclasses import dataclass

from course_utils.company.catalogue import read_content

INCLUDED, NOT_INCLUDED = "is included", "is not included"


@dataclass(frozen=True)
class Attribute:
    """One attribute of a plan. `sentence` has the places {name} (product and plan) and {value}."""

    key: str
    label: str  # row or heading in tables
    unit: str  # of the number in the value
    sentence: str
    ladders: tuple[tuple[float, ...], ...]
    pool: tuple[float, ...]  # values a later release may choose from
    rising: bool = True  # False: smaller is better (response time)

    def fits(self, amount: float, lower: float | None, upper: float | None) -> bool:
        """Whether *amount* lies strictly between the values of the next lower and next higher plan."""
        if not self.rising:
            lower, upper = upper, lower
        return (lower is None or amount > lower) and (upper is None or amount < upper)


@dataclass(frozen=True)
class Flag:
    """Something a plan includes or not. From the plan with index `first` on it is included."""

    key: str
    label: str
    firsts: tuple[int, ...]

    def sentence(self, name: str, value: str) -> str:
        """The canonical sentence; *value* is INCLUDED or NOT_INCLUDED."""
        return f"{self.label} {value} in {name}."


def quantity(amount: float, unit: str) -> str:
    """A number with its unit: thousands get commas, "users" loses its s after 1, "%" follows closely."""
    if unit == "%":
        return f"{amount:g}%"
    if unit == "GB" and amount >= 1000:
        return f"{amount / 1000:g} TB"
    if amount == 1 and unit.endswith("s"):
        unit = unit.removesuffix("s")
    return f"{amount:,.0f} {unit}"


_CONTENT = read_content("attributes.toml")
ATTRIBUTES = tuple(Attribute(key=key, **entry) for key, entry in _CONTENT["attributes"].items())
FLAGS = tuple(Flag(key=key, **entry) for key, entry in _CONTENT["flags"].items())
