"""Rolling periods: so many whole days, today and those before it, counted by the day of each reward.

A reward of a late fact counts on its own day, so it must fit in every period of that length that has this day in
it, also in those that end after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from goodword.domain.draft import Draft

Days = Mapping[date, tuple[int, int]]
"""By day, how many rewards and how much."""


def days_of(draft: Draft, subject: str, counter: str) -> Days:
    """The days on which something counts."""
    prefix = f"{counter}:"
    names = {*draft.state.counters.get(subject, ()), *(name for whose, name in draft.counted if whose == subject)}
    found = {
        date.fromisoformat(name.removeprefix(prefix)): draft.counter(subject, name)
        for name in names
        if name.startswith(prefix)
    }
    return {day: used for day, used in found.items() if any(used)}


def most(days: Days, today: date, length: int) -> tuple[int, int]:
    """The most, by number and by amount, that counts in any period of `length` days with today in it."""
    last = today + timedelta(days=length - 1)
    ends = [today, *(day for day in days if today < day <= last)]
    sums = [_sum(days, end, length) for end in ends]
    return max(number for number, _ in sums), max(amount for _, amount in sums)


def _sum(days: Days, end: date, length: int) -> tuple[int, int]:
    inside = [used for day, used in days.items() if end - timedelta(days=length) < day <= end]
    return sum(number for number, _ in inside), sum(amount for _, amount in inside)


def next_room(days: Days, today: date, length: int) -> date:
    """The first day after today on which less may count: the oldest that counts today falls out, or it is
    tomorrow where nothing does."""
    inside = [day for day in days if today - timedelta(days=length) < day <= today]
    return min(inside, default=today - timedelta(days=length - 1)) + timedelta(days=length)
