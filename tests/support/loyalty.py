"""A small loyalty programme for tests: points for orders, and things that they buy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from goodword.domain import debts, lots
from goodword.domain.draft import Draft
from goodword.domain.events import Event
from goodword.domain.state import State

MUG: Mapping[str, Any] = {"id": "mug", "name": "A mug", "price": 60, "gift": {"type": "product", "name": "Mug"}}

NOTHING = Event("nothing", "test", "nothing", datetime.min.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC), {})
"""An event for drafts that decide nothing."""


def earns(**changes: Any) -> dict[str, Any]:
    """A rule: 100 points for an order."""
    give = {"type": "points", "amount": 100, "unit": "points"}
    return {"id": "order", "on": "order.completed", "to": "participant", "give": give, **changes}


def shop(**changes: Any) -> dict[str, Any]:
    """A programme that gives points for orders, and has a mug."""
    return {
        "program": "shop",
        "kind": "loyalty",
        "name": "Shop",
        "currency": "USD",
        "units": ["points"],
        "rewards": [earns()],
        "catalogue": [dict(MUG)],
        **changes,
    }


def points(state: State) -> dict[str, int]:
    """By external id, what the lots of everybody have left that can be spent."""
    found: dict[str, int] = {}
    for row in state.rewards.values():
        program = state.versions[row.version_id]
        if debts.is_lot(program, row) and row.state == "approved":
            draft = Draft(state, NOTHING, program)
            name = state.participants[row.participant_id].external_id or ""
            found[name] = found.get(name, 0) + lots.left(draft, row)
    return found


def booked(state: State) -> dict[str, dict[str, int]]:
    """By external id, what the ledger has of points: available, spent and owed, where that is not zero."""
    words = {"participant_balance": "available", "fulfilled": "spent", "participant_debt": "owed"}
    found: dict[str, dict[str, int]] = {}
    for row in state.changes.transfers:
        for account, sign in ((row.credit, 1), (row.debit, -1)):
            if account.participant_id and row.phase in ("posted", "post") and account.unit == "points":
                mine = found.setdefault(state.participants[account.participant_id].external_id or "", {})
                word = words[account.kind]
                mine[word] = mine.get(word, 0) + (-sign if word == "owed" else sign) * row.amount
    kept = {name: {word: sum for word, sum in sums.items() if sum} for name, sums in found.items()}
    return {name: sums for name, sums in kept.items() if sums}
