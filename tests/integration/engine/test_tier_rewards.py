"""Tiers by revenue and debts in a programme with referrals, on a database: as in memory, whatever the batches."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from goodword.domain import ids
from goodword.domain.tiers import COUNTED
from goodword.engine import programs, replay
from goodword.insight.entitlements import entitlements
from goodword.store import tenancy
from goodword.store.models import Counter, Participant, Reward
from support.books import balances, check_books
from support.documents import self_serve, thanks
from support.memory import Memory

from .helpers import event, send

BACK = {"on": ["order.refunded"], "how": "proportional"}


def programme() -> dict[str, Any]:
    """10 % of an order, and 500 for each tier of revenue."""
    tiers = [
        {"id": "low", "from": 3000, "metric": "revenue", "window": "P20D", "perks": ["board"]},
        {"id": "high", "from": 9000, "metric": "revenue", "window": "P20D"},
    ]
    bonus = thanks(id="bonus", on="tier.reached", give={"type": "cash", "amount": 500}, reverse=BACK)
    share = thanks(give={"type": "cash", "amount": {"percent": 10}}, reverse=BACK)
    return self_serve(tiers=tiers, rewards=[share, bonus])


def history(seed: int, friends: int = 16) -> list[dict[str, Any]]:
    """Two people who turn out to be one, and are taken apart; their friends' orders, issues and refunds."""
    draw = random.Random(seed)
    found = [event(f"l{who}", "link.created", "2026-01-01T10:00:00", who, program="simple", code=f"{who}-1")
             for who in ("ada", "bob")]  # fmt: skip
    for number in range(friends):
        who, day = f"f{number}", f"2026-01-{2 + number:02}T"
        value = draw.randrange(1, 9) * 777
        money = {"value": value, "currency": "USD", "order_id": f"o{number}"}
        found += [
            event(
                f"s{number}", "participant.signed_up", f"{day}01:00:00", who, code=f"{draw.choice(('ada', 'bob'))}-1"
            ),
            event(f"o{number}", "order.completed", f"{day}02:00:00", who, **money),
        ]
        if draw.random() < 0.7:
            found.append(event(f"i{number}", "reward.issued", f"{day}03:00:00", rule="thanks", of=who))
        if draw.random() < 0.5:
            back = {**money, "value": draw.choice((value, value // 3))}
            found.append(event(f"r{number}", "order.refunded", f"{day}04:00:00", who, **back))
        if number in (5, 11):
            kind = ("participant.identified", "participant.split")[number == 11]
            found.append(event(f"m{number}", kind, f"{day}05:00:00", "ada", previous_id="bob"))
    return found


def named(raw: dict[str, Any], rewards: dict[str, str]) -> dict[str, Any] | None:
    """The event, with the reward's own id where it moves one."""
    if raw["type"] != "reward.issued":
        return raw
    reward = rewards.get(raw["properties"]["of"])
    return {**raw, "properties": {"reward": reward}} if reward else None


@pytest.mark.parametrize(("seed", "batch"), [(1, 1), (2, 5), (3, 17)])
def test_random_histories_end_as_in_memory_and_replay_alike(workspace: str, seed: int, batch: int) -> None:
    memory, sent = Memory(programme()), []
    programs.publish(workspace, programme(), by="test")
    for raw in history(seed):
        rewards = {
            memory.state.participants[memory.state.referrals[row.referral_id].referred_id].external_id or "":
                ids.public("rwd", row.id)
            for row in memory.state.rewards.values() if row.rule == "thanks" and row.referral_id
        }  # fmt: skip
        if told := named(raw, rewards):
            memory.send(told)
            sent.append(raw)
    check_books(memory)
    waiting: list[dict[str, Any]] = []
    for raw in [*sent, None]:
        if raw is None or raw["type"] == "reward.issued" or len(waiting) == batch:
            send(workspace, *waiting)
            waiting = []
        if raw is None:
            break
        with tenancy.workspace(workspace):
            there = {
                row.referral.referred.external_id: ids.public("rwd", str(row.id))
                for row in Reward.objects.filter(rule="thanks").select_related("referral__referred")
            }
        waiting.append(named(raw, there) or raw)
    with tenancy.workspace(workspace):
        rows = Reward.objects.values_list("rule", "participant__external_id", "state", "amount", "reversed", "basis")
        live = sorted((rule, who or "", state, amount, back, basis.get("netted", 0))
                      for rule, who, state, amount, back, basis in rows)  # fmt: skip
        debts = {
            (str(who), name): amount
            for who, name, amount in Counter.objects.filter(name__startswith="debt:").values_list(
                "subject_id", "name", "amount"
            )
            if amount
        }
    people = memory.state.participants
    assert live == sorted(
        (row.rule, people[row.participant_id].external_id or "", row.state, row.amount, row.reversed,
         row.basis.get("netted", 0))
        for row in memory.state.rewards.values()
    )  # fmt: skip
    owed = sum(amount for (_, kind, _), amount in balances(memory).items() if kind == "participant_debt")
    assert sum(debts.values()) == owed
    assert replay.verify(workspace).differences == ()


def test_the_perks_of_a_tier_by_revenue_are_entitlements_while_the_deals_count(workspace: str) -> None:
    programs.publish(workspace, programme(), by="test")
    send(
        workspace,
        event("l", "link.created", "2026-01-01T10:00:00", "ada", program="simple", code="ada-1"),
        event("s", "participant.signed_up", "2026-01-02T10:00:00", "bob", code="ada-1"),
        event("o", "order.completed", "2026-01-03T10:00:00", "bob", value=3000, currency="USD", order_id="o"),
    )
    with tenancy.workspace(workspace):
        ada = str(Participant.objects.get(external_id="ada").id)
        assert Counter.objects.filter(subject_id=ada, name__startswith=f"{COUNTED}simple:paid:low").exists()

    def perks(day: int) -> list[str]:
        return [one.name for one in entitlements(workspace, ada, datetime(2026, 1, day, tzinfo=UTC))]

    assert (perks(4), perks(30)) == (["board"], [])
    send(workspace, event("r", "order.refunded", "2026-01-05T10:00:00", "bob", value=1, currency="USD", order_id="o"))
    assert perks(6) == []
