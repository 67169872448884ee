"""What the simulated part is made with: dice with a published seed, New York hours, and events as sent."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from goodword.domain.calendar import at_local

SEED = "goodword-demo-1"
ZONE = "America/New_York"
REAL = "cdnow"
SIMULATED = "simulated"
START = datetime(1997, 1, 1, 5, tzinfo=UTC)
END = datetime(1998, 7, 1, 4, tzinfo=UTC)
"""First moment after the last day of the orders, in New York."""

T = TypeVar("T")


class Dice:
    """Draws of one kind. Only `random()` of a text seed is promised to give the same numbers on every
    Python, so everything here is made from it alone."""

    def __init__(self, kind: str) -> None:
        self._draw = random.Random(f"{SEED}/{kind}").random  # noqa: S311 (simulation, not secrets)

    def chance(self, share: float) -> bool:
        """True in `share` (0 to 1) of the draws."""
        return self._draw() < share

    def below(self, count: int) -> int:
        """A whole number from 0 to `count` - 1."""
        return int(self._draw() * count)

    def pick(self, items: Sequence[T]) -> T:
        """One of the items, each as likely."""
        return items[self.below(len(items))]

    def between(self, low: timedelta, high: timedelta) -> timedelta:
        """A time span in whole seconds, at least `low` and less than `high`."""
        return low + timedelta(seconds=self.below(int((high - low).total_seconds())))

    def heavy(self, most: float) -> float:
        """A weight of at least 1 with a heavy tail (Pareto, shape 1), at most `most`."""
        return min(1 / (1 - self._draw()), most)

    def moment(self, day: date, opens: int, closes: int) -> datetime:
        """A second of that day in New York between two full hours, as UTC."""
        seconds = opens * 3600 + self.below((closes - opens) * 3600)
        return at_local(datetime.combine(day, time()) + timedelta(seconds=seconds), ZONE)


@dataclass(frozen=True, slots=True)
class Fact:
    """One event as it is sent, and its moment."""

    at: datetime
    raw: dict[str, Any]


def stamp(moment: datetime) -> str:
    """A moment in UTC as events carry it, such as 1997-01-01T17:05:00Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def simulated(
    kind: str, event_id: str, at: datetime, *, participant: Any = None, account: Any = None, **properties: Any
) -> Fact:
    """A made-up event, marked as such."""
    raw: dict[str, Any] = {
        "type": kind,
        "event_id": event_id,
        "source": SIMULATED,
        "occurred_at": stamp(at),
        "properties": {**properties, "simulated": True},
    }
    if participant is not None:
        raw["participant"] = participant
    if account is not None:
        raw["account"] = account
    return Fact(at, raw)
