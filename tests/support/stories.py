"""A small story with money in it, as events are sent, and the packaged recipes."""

from __future__ import annotations

from importlib import resources
from typing import Any

RECIPES = ("credit-after-threshold", "bronze-silver-gold", "b2b-sales")


def recipe(name: str) -> str:
    """The text of a packaged recipe."""
    return resources.files("goodword").joinpath("recipes", f"{name}.yaml").read_text(encoding="utf-8")


def order(event_id: str, participant: str = "grace", value: int = 3000, **envelope: Any) -> dict[str, Any]:
    """One order, as it is sent; `value` is in US cents."""
    return {
        "type": "order.completed",
        "event_id": event_id,
        "occurred_at": "2026-01-05T10:00:00Z",
        "participant": participant,
        "properties": {"order_id": event_id, "value": value, "currency": "USD"},
        **envelope,
    }


MONEY_STORY: list[dict[str, Any]] = [
    {
        "type": "link.created",
        "event_id": "link-1",
        "occurred_at": "2026-01-03T10:00:00Z",
        "participant": {"external_id": "ada", "email": "ada@example.com", "name": "=Ada"},
        "properties": {"program": "credit-after-threshold", "code": "ADA"},
    },
    {
        "type": "participant.signed_up",
        "event_id": "grace-1",
        "occurred_at": "2026-01-04T10:00:00Z",
        "participant": {"external_id": "grace", "email": "grace@example.org", "name": "Grace Hopper"},
        "properties": {"code": "ada"},
    },
    order("order-1"),
]
"""Ada's link brings Grace: 200 USD for Grace at once, and with her order of 30 USD, 25 USD for Ada, held
for 30 days, to the 4th of February."""
