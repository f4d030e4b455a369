"""Tokens and their price: one call of a model, and a long prefix that is kept in a provider's cache."""

from __future__ import annotations

import math
from dataclasses import dataclass

from course_utils.costs.quantities import require

MINUTES_PER_DAY = 24 * 60
HOURS_PER_DAY = 24


def usd_per_call(
    *,
    input_tokens: float,
    output_tokens: float,
    input_usd_per_million_tokens: float,
    output_usd_per_million_tokens: float,
) -> float:
    """USD for one call: tokens in and tokens out, each at its price per **million** tokens."""
    require(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        input_usd_per_million_tokens=input_usd_per_million_tokens,
        output_usd_per_million_tokens=output_usd_per_million_tokens,
    )
    usd = input_tokens * input_usd_per_million_tokens + output_tokens * output_usd_per_million_tokens
    return usd / 1e6


@dataclass(frozen=True)
class CachedPrefix:
    """A prefix that every question shares, such as a whole handbook, kept in the provider's prompt cache.

    Reading it from the cache costs ``cache_read_factor`` times the input price, putting it there
    ``cache_write_factor`` times. An entry is dropped ``cache_lifetime_minutes`` after its last use. Where the
    provider charges for storage instead, the entry stays as long as storage is paid.
    """

    tokens: int
    input_usd_per_million_tokens: float
    cache_read_factor: float
    cache_write_factor: float
    cache_lifetime_minutes: float
    storage_usd_per_million_token_hours: float = 0.0

    def __post_init__(self) -> None:
        require(**vars(self))

    @property
    def uncached_usd(self) -> float:
        """USD to read the prefix once at the full input price."""
        return self.tokens * self.input_usd_per_million_tokens / 1e6

    def hit_share(self, *, queries_per_day: float) -> float:
        """The share of questions that find the prefix still cached, when nobody keeps it warm.

        Questions come at random moments, evenly over the 24 hours (a Poisson process): the time since the
        last one is below the lifetime with probability 1 − exp(−questions per lifetime).
        """
        require(queries_per_day=queries_per_day)
        return -math.expm1(-self._per_lifetime(queries_per_day))

    def usd_per_day(self, *, queries_per_day: float) -> float:
        """USD a day for the prefix, used in the cheapest of the ways there are:

        * not cached at all;
        * cached and left to expire: a miss pays the write price (see ``hit_share``);
        * kept warm: read once more whenever it would expire. With λ questions a lifetime that makes
          1 / (1 − e^−λ) reads per question, by the geometric series over the silent lifetimes in a gap;
        * stored, where the provider offers that: reads, and storage around the clock.
        """
        require(queries_per_day=queries_per_day)
        if queries_per_day == 0:
            return 0.0
        full, read = self.uncached_usd, self.cache_read_factor * self.uncached_usd
        ways = [full]
        if self.storage_usd_per_million_token_hours:
            stored = self.tokens / 1e6 * HOURS_PER_DAY * self.storage_usd_per_million_token_hours
            ways.append(read + stored / queries_per_day)
        elif hits := self.hit_share(queries_per_day=queries_per_day):
            ways += [hits * read + (1 - hits) * self.cache_write_factor * full, read / hits]
        return queries_per_day * min(ways)

    def usd_per_query(self, *, queries_per_day: float) -> float:
        """USD per question for the prefix at this volume; a question alone in the world pays full price."""
        if queries_per_day == 0:
            return self.uncached_usd
        return self.usd_per_day(queries_per_day=queries_per_day) / queries_per_day

    def _per_lifetime(self, queries_per_day: float) -> float:
        return queries_per_day * self.cache_lifetime_minutes / MINUTES_PER_DAY
