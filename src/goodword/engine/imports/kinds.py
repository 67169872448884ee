"""What can be imported: the kinds, in the order in which they come, and the fields of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from goodword.domain.payloads import ReferralState, RewardState

KINDS = ("participants", "links", "referrals", "rewards", "balances")
"""In the order in which they are imported: each may name what came before."""
STATUSES = ("accepted", "skipped", "error", "undone", "kept")
"""What becomes of a row; the last two are said of accepted ones when the import is undone."""
REFERRAL_STATES: tuple[str, ...] = get_args(ReferralState)
REWARD_STATES: tuple[str, ...] = get_args(RewardState)
SKIP = "skip"
"""A state of ours for what is no referral or reward here: the row is left out."""
TRAITS = "traits."
"""Begins the name of a field that is kept as it is, with the participant."""
WAYS = ("source_id", "external_id", "email", "code")
"""How a row may name a participant, in the order in which they are tried."""


def _ways(who: str) -> dict[str, str]:
    return {f"{who}.{way}": "text" for way in WAYS}


FIELDS: Mapping[str, Mapping[str, str]] = {
    "participants": {
        "source_id": "text", "external_id": "text", "email": "email", "name": "text", "country": "country",
        "account": "text", "locale": "text", "company": "text", "source_state": "text", "created_at": "time",
    },
    "links": {**_ways("participant"), "source_id": "text", "code": "code", "channel": "text", "created_at": "time"},
    "referrals": {
        **_ways("referrer"), "referred.source_id": "text", "referred.external_id": "text", "referred.email": "email",
        "referred.name": "text", "source_id": "text", "state": "state", "source_state": "text",
        "created_at": "time", "qualified_at": "time", "closed_at": "time", "expires_at": "time", "value": "money",
        "currency": "currency", "order_id": "text",
    },
    "rewards": {
        **_ways("participant"), "referral": "text", "referred.source_id": "text", "referred.external_id": "text",
        "referred.email": "email", "source_id": "text", "state": "state", "source_state": "text",
        "amount": "money", "unit": "unit", "rule": "text", "created_at": "time", "due_at": "time",
        "approved_at": "time", "issued_at": "time",
        "ended_at": "time", "expires_at": "time", "value": "money", "currency": "currency", "order_id": "text",
    },
    "balances": {
        **_ways("participant"), "source_id": "text", "amount": "money", "unit": "unit", "rule": "text",
        "created_at": "time", "expires_at": "time",
    },
}  # fmt: skip
"""The fields of each kind, with how they are read."""
NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "participants": (("external_id", "email"),),
    "links": (("code",), tuple(_ways("participant"))),
    "referrals": (("state",), tuple(_ways("referrer")), ("referred.external_id", "referred.email")),
    "rewards": (("state",), (*_ways("participant"), "referral", "referred.source_id", "referred.external_id",
                             "referred.email")),
    "balances": (("amount",), ("unit",), tuple(_ways("participant"))),
}  # fmt: skip
"""Of each of these at least one must be mapped."""
STATES: Mapping[str, tuple[str, ...]] = {"referrals": REFERRAL_STATES, "rewards": REWARD_STATES}
