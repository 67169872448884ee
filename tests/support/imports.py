"""Imports in tests: a programme, files of another system, and what they come to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from goodword.engine.imports import mapping, reports, running, store
from goodword.engine.imports.store import ReportLine, Sent
from goodword.store import models, tenancy
from goodword.store.models import ImportRun

FRIENDS: dict[str, Any] = {
    "program": "friends",
    "kind": "referral",
    "name": "Friends",
    "currency": "USD",
    "lifecycle": {"flow": "self_serve", "closed_won": {"on": "order.completed"}},
    "rewards": [
        {
            "id": "thanks",
            "on": "referral.closed_won",
            "to": "referrer",
            "give": {"type": "cash", "amount": 1000},
            "reverse": {"on": ["order.refunded"], "how": "proportional"},
        }
    ],
}
"""A programme that takes what other systems export."""


def lines(*rows: Mapping[str, Any]) -> bytes:
    """Rows as JSON lines."""
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


AFFILIATES = lines(
    {"id": "af1", "first_name": "Ada", "last_name": "Lovelace", "email": "ada@x.example", "state": "active",
     "created_at": "2024-01-05T10:00:00Z", "links": [{"id": "l1", "token": "ada", "url": "https://x.example/?via=ada"},
                                                     {"id": "l2", "url": "https://x.example/?via=ada-mail"}]},
    {"id": "af2", "first_name": "Kay", "last_name": "", "email": "Kay@x.example", "state": "active", "links": []},
)  # fmt: skip
REFERRALS = lines(
    {"id": "re1", "affiliate": {"id": "af1"}, "customer": {"id": "cus_1", "email": "grace@x.example", "name": "Grace"},
     "conversion_state": "conversion", "became_lead_at": "2024-02-01T00:00:00Z",
     "became_conversion_at": "2024-02-03T00:00:00Z", "stripe_customer_id": "cus_1"},
    {"id": "re2", "affiliate": {"id": "af1"}, "customer": {"id": "cus_2", "email": "joan@x.example", "name": "Joan"},
     "conversion_state": "lead", "became_lead_at": "2024-03-01T00:00:00Z"},
    {"id": "re3", "affiliate": {"id": "af2"}, "customer": None, "conversion_state": "visitor"},
    {"id": "re4", "affiliate": {"id": "nobody"}, "customer": {"id": "c", "email": "x@x.example"},
     "conversion_state": "lead"},
)  # fmt: skip


def commission(id: str, state: str, amount: int, currency: str, order: str, **more: Any) -> dict[str, Any]:
    """A commission of Rewardful for Grace's referral."""
    sale = {"id": order, "currency": currency, "sale_amount_cents": 5 * amount, "affiliate": {"id": "af1"},
            "referral": {"id": "re1"}}  # fmt: skip
    return {"id": id, "amount": amount, "currency": currency, "state": state,
            "created_at": "2024-02-04T00:00:00Z", "sale": sale, **more}  # fmt: skip


COMMISSIONS = lines(
    commission("co1", "paid", 1000, "usd", "ch_1", paid_at="2024-03-05T00:00:00Z"),
    commission("co2", "due", 900, "JPY", "ch_2"),
    commission("co3", "voided", 800, "USD", "ch_3", voided_at="2024-03-05T00:00:00Z"),
    commission("co4", "pending", 700, "USD", "ch_4"),
    commission("co1", "paid", 1000, "usd", "ch_1"),
)


def create(workspace: str, vendor: str, *files: tuple[str, bytes], dry: bool = False, rule: str = "") -> ImportRun:
    """An import that waits."""
    sent = [Sent(name, "", iter([content])) for name, content in files]
    return store.create(workspace, mapping.ready(vendor), "friends", rule, sent, dry_run=dry, by="tests")


def bring(workspace: str, vendor: str, *files: tuple[str, bytes], dry: bool = False, rule: str = "") -> ImportRun:
    """An import that was run."""
    return running.run(workspace, str(create(workspace, vendor, *files, dry=dry, rule=rule).id))


def everything(workspace: str, *, dry: bool = False) -> ImportRun:
    """The files above, in an order that is not theirs."""
    return bring(
        workspace, "rewardful", ("commissions.jsonl", COMMISSIONS), ("affiliates.jsonl", AFFILIATES),
        ("referrals.jsonl", REFERRALS), dry=dry,
    )  # fmt: skip


def counts(run: ImportRun) -> dict[str, dict[str, int]]:
    """By kind, what became of the rows."""
    return {
        row["kind"]: {status: number for status, number in row.items() if status != "kind" and number}
        for row in reports.counts(run)
    }


def codes(run: ImportRun, status: str) -> list[tuple[str, str]]:
    """Kind and code of the lines of a status."""
    return [(row.kind, row.code) for row in report(run) if row.status == status]


def report(run: ImportRun) -> list[ReportLine]:
    """The whole report."""
    return store.report(str(run.workspace_id), str(run.id), 0, 10_000)


def rewards(workspace: str) -> list[tuple[str, int | None, str]]:
    """Every reward: state, amount, unit."""
    with tenancy.workspace(workspace):
        rows: Iterable[Any] = models.Reward.objects.filter(workspace_id=workspace).order_by("amount")
        return [(row.state, row.amount, row.unit) for row in rows]


def books(workspace: str) -> dict[tuple[str, str], tuple[int, int]]:
    """By kind of account and unit, what is posted and what is pending, debits less credits."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    with tenancy.workspace(workspace):
        for row in models.LedgerAccount.objects.filter(workspace_id=workspace):
            posted, pending = found.get((row.kind, row.unit), (0, 0))
            change = row.debits_posted - row.credits_posted, row.debits_pending - row.credits_pending
            found[row.kind, row.unit] = posted + change[0], pending + change[1]
    return {name: sums for name, sums in found.items() if any(sums)}
