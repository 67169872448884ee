"""Loyalty programmes on a database: as in memory, whatever the batches, and the same when replayed."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goodword.engine import programs, replay
from goodword.store import tenancy
from goodword.store.models import LedgerAccount, Participant
from goodword.store.sql import fetch
from support.loyalty import booked, earns, points, shop
from support.memory import Memory

from .helpers import event, send

PEOPLE = ("ada", "bob", "cyd")


def programme() -> dict[str, Any]:
    """Orders give points that lapse, rides give points that mature."""
    give = {"type": "points", "amount": 37, "unit": "points"}
    held = earns(id="ride", on="ride.finished", hold="P9D", expire={"after": "P40D"}, give=give)
    return shop(rewards=[earns(expire={"after": "P30D"}), held], limits=[{"per": "participant", "count": 12}])


def history(seed: int, length: int = 60) -> list[dict[str, Any]]:
    """Random orders, refunds, rides, buys, merges and splits of three people."""
    draw = random.Random(seed)
    found = []
    for number in range(length):
        who, at = draw.choice(PEOPLE), f"2026-{1 + number // 20:02}-{1 + number % 20:02}T{draw.randrange(24):02}:00:00"
        order = {"order_id": f"o{draw.randrange(15)}", "value": draw.randrange(1, 9) * 1111, "currency": "USD"}
        kind, told = draw.choices(
            [
                ("order.completed", order),
                ("order.refunded", order),
                ("ride.finished", {}),
                ("catalogue.redeemed", {"program": "shop", "item": "mug"}),
                ("participant.identified", {"previous_id": draw.choice(PEOPLE)}),
                ("participant.split", {"previous_id": draw.choice(PEOPLE)}),
            ],
            weights=[9, 4, 3, 6, 1, 2],
        )[0]
        found.append(event(f"e{number}", kind, at, who, **told))
    return found


def balances(workspace: str) -> dict[str, dict[str, int]]:
    """What the ledger has of points, by external id."""
    words = {"participant_balance": "available", "fulfilled": "spent", "participant_debt": "owed"}
    found: dict[str, dict[str, int]] = {}
    with tenancy.workspace(workspace):
        names = dict(Participant.objects.values_list("id", "external_id"))
        for row in LedgerAccount.objects.filter(participant__isnull=False, unit="points"):
            sum = row.credits_posted - row.debits_posted
            if sum:
                mine = found.setdefault(names[row.participant_id] or "", {})
                mine[words[row.kind]] = -sum if row.kind == "participant_debt" else sum
    return found


@pytest.mark.parametrize(("seed", "batch"), [(1, 1), (2, 7), (3, 60), (4, 20)])
def test_random_histories_end_as_in_memory_and_replay_alike(workspace: str, seed: int, batch: int) -> None:
    memory = Memory(programme())
    programs.publish(workspace, programme(), by="test")
    events = history(seed)
    for raw in events:
        memory.send({"participant": raw["participant"], **raw})
    for start in range(0, len(events), batch):
        send(workspace, *events[start : start + batch])
    there = booked(memory.state)
    assert {who: sums["available"] for who, sums in there.items() if sums.get("available")} == {
        who: left for who, left in points(memory.state).items() if left
    }
    assert balances(workspace) == there
    assert replay.verify(workspace).differences == ()


def test_statements_do_not_grow_with_the_batch_and_only_open_lots_are_read(workspace: str) -> None:
    programs.publish(workspace, programme(), by="test")
    counted = []
    for day, size in ((1, 2), (2, 40)):
        events = [
            event(f"{day}-{number}", ("catalogue.redeemed", "order.completed")[number % 2],
                  f"2026-01-0{day}T10:00:00", f"p{number}", value=5, currency="USD", program="shop", item="mug",
                  order_id=f"{day}-{number}")
            for number in range(size)
        ]  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            send(workspace, *events)
        counted.append(len(queries))
    assert counted[0] == counted[1]
    with tenancy.workspace(workspace):
        plan = fetch(
            "EXPLAIN SELECT * FROM reward WHERE workspace_id = %s AND participant_id = ANY(%s::uuid[])"
            " AND referral_id IS NULL AND state IN ('pending', 'approved')",
            [workspace, [workspace]],
        )
    assert "reward_open_own" in str(plan)
