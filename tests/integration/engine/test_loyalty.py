"""Loyalty programmes on a database: as in memory, whatever the batches, and the same when replayed."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goodword.domain import ids
from goodword.engine import programs, replay
from goodword.insight.entitlements import entitlements
from goodword.store import tenancy
from goodword.store.models import LedgerAccount, Participant, Reward
from goodword.store.sql import fetch
from support.documents import sales
from support.loyalty import booked, earns, points, shop
from support.memory import Memory

from .helpers import event, send

PEOPLE = ("ada", "bob", "cyd")


def programme() -> dict[str, Any]:
    """Orders give points that lapse, rides give points that mature."""
    give = {"type": "points", "amount": 37, "unit": "points"}
    held = earns(id="ride", on="ride.finished", hold="P9D", expire={"after": "P40D"}, give=give)
    tiers = [{"id": "gold", "from": 20000, "metric": "revenue", "every": "month"}]
    bonus = earns(id="bonus", on="tier.reached", give=give)
    limits = [{"per": "participant", "count": 12}]
    return shop(rewards=[earns(expire={"after": "P30D"}), held, bonus], limits=limits, tiers=tiers)


def with_lines() -> dict[str, Any]:
    """The same with limits in which people wait: all together, each for themselves, and for a gift."""
    lines = [
        {"per": "program", "every": "month", "budget": 700, "unit": "points", "when_reached": "waitlist"},
        {"per": "participant", "within": "P7D", "count": 2, "rules": ["order", "bonus"], "when_reached": "waitlist"},
        {"per": "program", "every": "month", "count": 2, "rules": ["mug"], "when_reached": "waitlist"},
    ]
    return {**programme(), "limits": lines}


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


def test_perks_and_gifts_that_last_are_entitlements_while_they_do(workspace: str) -> None:
    tiers = [
        {"id": id, "from": start, "metric": "revenue", "every": "year", "perks": perks}
        for id, start, perks in (("silver", 100, ["support"]), ("gold", 300, ["support", "workshop"]))
    ]
    feature = earns(give={"type": "feature", "name": "Beta"}, expire={"after": "P30D"})
    programs.publish(workspace, shop(tiers=tiers, rewards=[feature]), by="test")
    referral = [{"id": "t1", "from": 1, "metric": "submitted_referrals", "perks": ["board"]}]
    programs.publish(workspace, sales(tiers=referral), by="test")
    send(
        workspace,
        event("1", "order.completed", "2026-01-05T10:00:00", "ada", value=300, currency="USD"),
        event("2", "referral.submitted", "2026-01-06T10:00:00", "ada", referral="r", program="sold",
              referred={"email": "bo@x.example"}),
    )  # fmt: skip
    with tenancy.workspace(workspace):
        ada = str(Participant.objects.get(external_id="ada").id)
        reward = Reward.objects.get()
    send(workspace, event("3", "reward.issued", "2026-01-07T10:00:00", reward=ids.public("rwd", str(reward.id))))

    def held(at: datetime) -> list[tuple[str, str, str | None]]:
        return [(one.kind, one.name, one.tier) for one in entitlements(workspace, ada, at)]

    perks = [("perk", "support", "gold"), ("perk", "workshop", "gold"), ("perk", "board", "t1")]
    assert held(datetime(2026, 1, 8, tzinfo=UTC)) == [*perks, ("feature", "Beta", None)]
    assert held(datetime(2026, 3, 1, tzinfo=UTC)) == perks
    assert held(datetime(2027, 1, 1, tzinfo=UTC)) == perks[2:]
    first = entitlements(workspace, ada, datetime(2026, 3, 1, tzinfo=UTC))[0]
    assert (first.since, first.until) == (datetime(2026, 1, 5, 10, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert replay.verify(workspace).differences == ()


def test_a_gift_for_a_time_is_an_entitlement_for_that_time(workspace: str) -> None:
    gives = [
        earns(id="month", give={"type": "feature", "name": "Beta", "duration": "P1M"}),
        earns(id="less", give={"type": "discount", "percent": 15, "duration": "P2M"}, expire={"after": "P20D"}),
    ]
    programs.publish(workspace, shop(timezone="Europe/Oslo", rewards=gives), by="test")
    send(workspace, event("1", "order.completed", "2026-01-31T10:00:00", "ada", value=300, currency="USD"))
    with tenancy.workspace(workspace):
        ada = str(Participant.objects.get(external_id="ada").id)
        names = [ids.public("rwd", str(row.id)) for row in Reward.objects.order_by("rule")]

    def held(at: datetime) -> dict[str, datetime | None]:
        return {one.name: one.until for one in entitlements(workspace, ada, at)}

    assert held(datetime(2026, 6, 1, tzinfo=UTC))["Beta"] is None  # nobody switched it on yet
    for name in names:
        send(workspace, event(f"on-{name}", "reward.issued", "2026-01-31T12:00:00", reward=name))
    # A month from the 31st of January ends on the 28th of February.
    month = datetime(2026, 2, 28, 12, tzinfo=UTC)
    assert held(datetime(2026, 2, 1, tzinfo=UTC)) == {"Beta": month, "less": datetime(2026, 2, 20, 12, tzinfo=UTC)}
    assert held(month) == {}
    [gift] = [one.gift for one in entitlements(workspace, ada, datetime(2026, 2, 2, tzinfo=UTC)) if one.name == "less"]
    assert gift
    assert gift["percent"] == 15


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


@pytest.mark.parametrize(
    ("document", "seed", "batch"),
    [
        *((programme(), seed, batch) for seed, batch in ((1, 1), (2, 7), (3, 60), (4, 20))),
        *((with_lines(), seed, batch) for seed, batch in ((5, 1), (6, 7), (7, 60))),
    ],
)
def test_random_histories_end_as_in_memory_and_replay_alike(
    workspace: str, document: dict[str, Any], seed: int, batch: int
) -> None:
    memory = Memory(document)
    programs.publish(workspace, document, by="test")
    events = history(seed)
    for raw in events:
        memory.send({"participant": raw["participant"], **raw})
    for start in range(0, len(events), batch):
        send(workspace, *events[start : start + batch])
    there = booked(memory.state)
    if document == with_lines():
        assert {told.split()[0] for told in memory.rung} >= {"waitlist.reached"}
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
