"""A small story that fills a workspace for the pages: a link, a lead that is won, one that is refused."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from goodword.domain.events import parse_time
from goodword.engine import apply, programs, record

RECIPES = ("b2b-sales", "bronze-silver-gold", "credit-after-threshold")
NOW = parse_time("2026-03-01T00:00:00Z")


def lead(number: int, at: str, *, employees: int, name: str) -> dict[str, Any]:
    """Ada submits somebody who works at a company of that size."""
    return {
        "type": "referral.submitted",
        "event_id": f"lead-{number}",
        "occurred_at": at,
        "participant": "ada",
        "account": "acme",
        "properties": {
            "program": "b2b-sales",
            "referral": f"lead-{number}",
            "referred": {
                "name": name,
                "email": f"lead{number}@example.net",
                "country": "US",
                "employees": employees,
                "industry": "energy",
                "is_customer": False,
                "in_pipeline": False,
            },
            "simulated": True,
        },
    }


STORY: list[dict[str, Any]] = [
    {
        "type": "account.updated",
        "event_id": "account-1",
        "occurred_at": "2026-01-02T09:00:00Z",
        "account": "acme",
        "properties": {
            "name": "Acme",
            "status": "paying",
            "since": "2024-01-01T00:00:00Z",
            "in_collections": False,
            "open_dispute": False,
            "active_days_30": 20,
        },
    },
    {
        "type": "participant.identified",
        "event_id": "ada-1",
        "occurred_at": "2026-01-02T10:00:00Z",
        "participant": {"external_id": "ada", "email": "ada@example.com", "name": "Ada Lovelace"},
        "account": "acme",
        "properties": {"country": "GB"},
    },
    {
        "type": "link.created",
        "event_id": "link-1",
        "occurred_at": "2026-01-03T10:00:00Z",
        "participant": "ada",
        "properties": {"program": "credit-after-threshold", "code": "ADA", "channel": "email"},
    },
    {
        "type": "participant.signed_up",
        "event_id": "grace-1",
        "occurred_at": "2026-01-04T10:00:00Z",
        "participant": {"external_id": "grace", "email": "grace@example.org", "name": "Grace Hopper"},
        "properties": {"code": "ada"},
    },
    {
        "type": "order.completed",
        "event_id": "order-1",
        "occurred_at": "2026-01-05T10:00:00Z",
        "participant": "grace",
        "properties": {"order_id": "1", "value": 300000, "currency": "USD"},
    },
    lead(1, "2026-01-06T10:00:00Z", employees=120, name="Edith Clarke"),
    lead(2, "2026-01-06T11:00:00Z", employees=3, name="Ida Rhodes"),
    {
        "type": "referral.qualified",
        "event_id": "lead-1-qualified",
        "occurred_at": "2026-01-07T10:00:00Z",
        "properties": {"referral": "lead-1"},
    },
    {
        "type": "crm.deal_opened",
        "event_id": "lead-1-opened",
        "occurred_at": "2026-01-09T10:00:00Z",
        "properties": {"referral": "lead-1"},
    },
    {
        "type": "crm.deal_won",
        "event_id": "lead-1-won",
        "occurred_at": "2026-02-20T10:00:00Z",
        "properties": {"referral": "lead-1", "value": 900000, "currency": "USD"},
    },
]
"""Ada's link brings Grace, whose order pays Ada 25 USD; of Ada's two leads one is won (200 and 1,000 USD
for Ada, the latter held until 22 March) and one is too small a company."""


def happen(workspace_id: str, events: list[dict[str, Any]]) -> None:
    """Record events and let all of them be applied."""
    record.record(workspace_id, events, now=NOW)
    while apply.apply_pending(workspace_id, now=NOW, ring=False).events:
        pass


def tell(workspace_id: str, events: list[dict[str, Any]] = STORY) -> None:
    """Publish the recipes and let the story happen."""
    for name in RECIPES:
        programs.publish(workspace_id, (files("goodword") / "recipes" / f"{name}.yaml").read_text(), by="tests")
    happen(workspace_id, events)
