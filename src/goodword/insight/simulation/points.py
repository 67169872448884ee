"""The points of a workspace in memory: earned, spent, lapsed, taken back, and what is left of them."""

from __future__ import annotations

from typing import NamedTuple

from goodword.domain import debts
from goodword.domain.lots import SPENT
from goodword.domain.rows import Reward
from goodword.domain.state import State

_GONE = frozenset({"rejected", "cancelled", "failed"})


class Points(NamedTuple):
    """`left` is `earned` less the three others: what people may still spend, less what they owe back."""

    earned: int
    spent: int
    expired: int
    back: int

    @property
    def left(self) -> int:
        return self.earned - self.spent - self.expired - self.back


def count_points(state: State, unit: str, spent: int) -> Points:
    """All lots of a unit; `spent` is what catalogues took."""
    earned = expired = back = 0
    for row in state.rewards.values():
        if row.unit != unit or row.amount is None or not debts.is_lot(state.versions[row.version_id], row):
            continue
        earned += row.amount
        if row.state in _GONE:
            back += row.amount
            continue
        back += row.reversed
        if row.state == "expired":
            expired += row.amount - row.reversed - _used(state, row)
    return Points(earned, spent, expired, back)


def spendable(state: State, participant_id: str, unit: str) -> int:
    """What a participant could spend now: approved lots, less what they owe back."""
    own = (state.rewards[id] for id in state.own.get(participant_id, ()))
    lots = [
        row
        for row in own
        if row.unit == unit and row.state == "approved" and debts.is_lot(state.versions[row.version_id], row)
    ]
    left = sum((row.amount or 0) - row.reversed - _used(state, row) for row in lots)
    owed = sum(state.counter(participant_id, debts.name(program, unit))[1] for program in state.programs.values())
    return left - owed


def _used(state: State, lot: Reward) -> int:
    """What of a lot was spent or paid a debt, as far as it was not taken back."""
    return state.counter(lot.id, SPENT)[1]
