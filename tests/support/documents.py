"""Small programmes for tests: a minimal document of each flow, and changes to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

THANKS: Mapping[str, Any] = {
    "id": "thanks",
    "on": "referral.closed_won",
    "to": "referrer",
    "give": {"type": "account_credit", "amount": 1000},
}


def thanks(**changes: Any) -> dict[str, Any]:
    """A rule: the referrer gets 10 USD when the referral is won."""
    return {**THANKS, **changes}


def self_serve(**changes: Any) -> dict[str, Any]:
    """A programme in which an order wins the referral."""
    return {
        "program": "simple",
        "name": "Simple",
        "currency": "USD",
        "lifecycle": {"flow": "self_serve", "closed_won": {"on": "order.completed"}},
        "rewards": [thanks()],
        **changes,
    }


def sales(**changes: Any) -> dict[str, Any]:
    """A programme in which people move referrals along."""
    return self_serve(**{"program": "sold", "lifecycle": {"flow": "sales"}, **changes})
