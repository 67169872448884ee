"""Exchange rates: what `fx.rate_published` told, and amounts from one currency in another.

A rate is the price of one `base` in `quote`. The rate of a day is the newest told of that day or, where none was,
of the nearest day before it; a pair that was told the other way round is turned over. There is no other way: no
rate over a third currency, and never a guess.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any, NamedTuple

from goodword.domain import money
from goodword.domain.events import Event

PUBLISHED = "fx.rate_published"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Rate(NamedTuple):
    """One `base` costs `rate` (decimal text) `quote`, on a day; `source` says who told it, `published_at` when."""

    base: str
    quote: str
    day: date
    rate: str
    source: str
    published_at: datetime


class Rates:
    """The rates in hand, by pair, each pair's by day."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str], list[Rate]] = {}

    def put(self, rate: Rate) -> None:
        """Puts a rate in place of the one of its pair and day."""
        rows = self._pairs.setdefault((rate.base, rate.quote), [])
        place = bisect_right(rows, rate.day, key=_day)
        if place and rows[place - 1].day == rate.day:
            rows[place - 1] = rate
        else:
            insort(rows, rate, key=_day)

    def at(self, base: str, quote: str, day: date) -> Rate | None:
        """The pair's rate of the day, or the newest before it."""
        rows = self._pairs.get((base, quote), ())
        place = bisect_right(rows, day, key=_day)
        return rows[place - 1] if place else None

    def told(self, event: Event) -> Rate | None:
        """The rate that an event tells; None where a later event has told of that pair and day already."""
        told = event.properties
        day = day_of(event)
        known = self.at(told["base"], told["quote"], day)
        if known and known.day == day and known.published_at > event.occurred_at:
            return None
        return Rate(told["base"], told["quote"], day, told["rate"], told["source"], event.occurred_at)

    def between(self, have: str, want: str, day: date) -> Exchange | None:
        """How an amount in `have` becomes one in `want` on a day. Of a pair told both ways the newer rate counts;
        of the same day, the one that needs no turning over."""
        straight, turned = self.at(have, want, day), self.at(want, have, day)
        if straight and not (turned and turned.day > straight.day):
            return Exchange(have, want, straight)
        return Exchange(have, want, turned) if turned else None


def day_of(event: Event) -> date:
    """The day that a published rate is of."""
    return date.fromisoformat(event.properties["date"])


def _day(rate: Rate) -> date:
    return rate.day


class Exchange(NamedTuple):
    """From one currency into another at one rate."""

    have: str
    want: str
    rate: Rate

    def into(self, amount: int) -> int:
        """Minor units of `have` in those of `want`: exact, then rounded half to even."""
        rate = Fraction(self.rate.rate)
        price = rate if self.rate.base == self.have else 1 / rate
        places = money.decimals(self.want) - money.decimals(self.have)
        return round(amount * price * Fraction(10) ** places)

    def plain(self, value: int) -> dict[str, Any]:
        """As decisions and referrals keep it, beside the amount it was used on."""
        rate = self.rate
        return {
            "value": value,
            "currency": self.have,
            "base": rate.base,
            "quote": rate.quote,
            "rate": rate.rate,
            "day": rate.day.isoformat(),
            "source": rate.source,
        }


def kept(plain: Mapping[str, Any]) -> Exchange:
    """The exchange that a referral keeps of the order that won it."""
    rate = Rate(
        plain["base"], plain["quote"], date.fromisoformat(plain["day"]), plain["rate"], plain["source"], _LONG_AGO
    )
    want = rate.quote if rate.base == plain["currency"] else rate.base
    return Exchange(plain["currency"], want, rate)
