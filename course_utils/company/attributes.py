"""The attributes every plan has besides its price: their values, units and canonical sentences.

A ladder is the four values of Starter, Team, Business and Enterprise. Each product draws one ladder;
later releases move single values between their neighbours, so that a higher plan never gets less.
"""

from dataclasses import dataclass


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

    def display(self, amount: float) -> str:
        """The exact string a page shows, such as "500 GB" or "1 user"."""
        return quantity(amount, self.unit)

    def fits(self, amount: float, lower: float | None, upper: float | None) -> bool:
        """Whether *amount* lies strictly between the values of the next lower and next higher plan."""
        if not self.rising:
            lower, upper = upper, lower
        return (lower is None or amount > lower) and (upper is None or amount < upper)


def quantity(amount: float, unit: str) -> str:
    """A number with its unit: thousands get commas, "users" loses its s after 1, "%" follows closely."""
    if unit == "%":
        return f"{amount:g}%"
    if unit == "GB" and amount >= 1000:
        return f"{amount / 1000:g} TB"
    if amount == 1 and unit.endswith("s"):
        unit = unit.removesuffix("s")
    return f"{amount:,.0f} {unit}"


ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute(
        "seats_minimum", "Minimum number of users", "users", "{name} needs at least {value}.",
        ((1, 3, 10, 25), (1, 5, 15, 40), (1, 2, 8, 30), (2, 5, 12, 50)),
        (2, 3, 4, 5, 6, 7, 8, 9, 12, 14, 16, 18, 20, 30, 35, 45, 60, 75),
    ),
    Attribute(
        "storage", "Storage", "GB", "{name} includes {value} of storage.",
        ((5, 50, 250, 2000), (10, 80, 400, 3000), (4, 40, 200, 1000), (8, 60, 500, 4000)),
        (6, 12, 15, 20, 25, 30, 45, 70, 75, 90, 100, 120, 150, 180, 300, 350, 450, 600, 750, 800, 1500, 2500, 5000),
    ),
    Attribute(
        "file_size", "Largest file", "MB", "The largest file {name} accepts is {value}.",
        ((10, 25, 100, 500), (5, 20, 80, 400), (15, 40, 150, 600), (8, 30, 120, 750)),
        (12, 16, 18, 22, 35, 45, 50, 60, 65, 75, 90, 110, 125, 140, 160, 175, 200, 250, 300, 350, 450, 550, 800, 900),
    ),
    Attribute(
        "api_rate", "API rate limit", "requests per minute", "The API rate limit of {name} is {value}.",
        ((30, 120, 600, 2400), (20, 100, 500, 2000), (40, 150, 750, 3000), (60, 240, 900, 3600)),
        (25, 35, 50, 70, 75, 80, 90, 110, 130, 160, 180, 200, 210, 300, 320, 360, 400, 450, 550, 650, 700, 800, 1000,
         1200, 1500, 1800, 2200, 2800, 4000, 4800),
    ),
    Attribute(
        "retention", "Deleted data kept for", "days", "{name} keeps deleted data for {value}.",
        ((10, 45, 120, 400), (15, 60, 180, 540), (20, 75, 200, 500), (12, 50, 150, 365)),
        (11, 13, 18, 22, 25, 35, 40, 55, 65, 80, 85, 90, 100, 110, 130, 140, 160, 170, 210, 240, 270, 300, 450, 600),
    ),
    Attribute(
        "uptime", "Uptime commitment", "%", "The uptime commitment of {name} is {value}.",
        ((99.0, 99.5, 99.9, 99.95), (98.5, 99.2, 99.7, 99.99), (99.1, 99.6, 99.8, 99.97), (98.8, 99.4, 99.85, 99.98)),
        (98.6, 98.7, 98.9, 99.3, 99.55, 99.65, 99.75, 99.88, 99.92, 99.94, 99.96),
    ),
    Attribute(
        "first_response", "First reply from support", "hours", "Support for {name} sends a first reply within {value}.",
        ((36, 16, 6, 1), (48, 20, 8, 2), (40, 18, 5, 1), (32, 12, 4, 2)),
        (3, 7, 9, 10, 11, 13, 14, 15, 22, 24, 26, 28, 30, 34, 38, 44),
        rising=False,
    ),
    Attribute(
        "trial", "Free trial", "days", "The free trial of {name} lasts {value}.",
        ((7, 14, 21, 30), (8, 14, 28, 42), (5, 10, 20, 30), (9, 16, 24, 35)),
        (6, 11, 12, 13, 15, 17, 18, 19, 22, 25, 26, 27, 29, 32, 38, 40, 45, 50),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Flag:
    """Something a plan includes or not. From the plan with index `first` on it is included."""

    key: str
    label: str
    firsts: tuple[int, ...]

    def sentence(self, name: str, value: str) -> str:
        """The canonical sentence; *value* is "is included" or "is not included"."""
        return f"{self.label} {value} in {name}."


FLAGS: tuple[Flag, ...] = (
    Flag("sso", "Single sign-on", (1, 2, 2, 3)),
    Flag("audit_log", "The audit log", (1, 2, 3, 2)),
    Flag("branding", "Custom branding", (1, 1, 2, 2)),
)
INCLUDED, NOT_INCLUDED = "is included", "is not included"
