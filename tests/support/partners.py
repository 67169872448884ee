"""A story of partners: two with commissions, a refund, a payout, and a merge of the two; three statements long."""

from __future__ import annotations

from typing import Any

DOCUMENT: dict[str, Any] = {
    "program": "resellers", "kind": "partner", "name": "Resellers", "currency": "USD", "timezone": "America/New_York",
    "lifecycle": {"flow": "self_serve", "closed_won": {"on": "invoice.paid"}},
    "statement": {"every": "month", "minimum": 5000},
    "rewards": [
        {"id": "commission", "on": "invoice.paid", "to": "referrer",
         "give": {"type": "cash", "amount": {"percent": 10}},
         "reverse": {"on": ["order.refunded"], "how": "proportional"}},
    ],
}  # fmt: skip
PARTNERS = ("ada", "bob", "cyd")


def event(kind: str, at: str, who: str | None, **properties: Any) -> dict[str, Any]:
    """One event as it is sent; its id is made of what it says."""
    said = "-".join(str(value) for value in properties.values())
    found = {"event_id": f"{kind}-{at}-{who}-{said}"[:200], "type": kind, "occurred_at": at, "properties": properties}
    return found | ({"participant": who} if who else {})


def story() -> list[dict[str, Any]]:
    """Ada ends with 60.00 payable in February and what she has of Bob after; Cyd's 1.00 is carried over."""
    found = []
    for who in PARTNERS:
        found.append(event("link.created", "2026-01-02T10:00:00Z", who, program="resellers", code=who))
        found.append(event("participant.signed_up", "2026-01-02T11:00:00Z", f"of-{who}", code=who))
    for who, value, at in (
        ("ada", 60_000, "2026-01-05T10:00:00Z"),
        ("cyd", 1_000, "2026-01-05T10:00:00Z"),
        ("bob", 30_000, "2026-01-31T10:00:00Z"),
        ("ada", 20_000, "2026-02-03T10:00:00Z"),
    ):
        found.append(event("invoice.paid", at, f"of-{who}", value=value, currency="USD", order_id=f"{who}-{at[:10]}"))
    refund = {"value": 10_000, "currency": "USD", "order_id": "ada-2026-01-05"}
    return [
        *found,
        event("order.refunded", "2026-02-10T10:00:00Z", "of-ada", **refund),
        event("participant.identified", "2026-02-20T10:00:00Z", "ada", previous_id="bob"),
        event("clock.ticked", "2026-04-02T10:00:00Z", "clock"),
    ]
