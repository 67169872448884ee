"""Goals and contests on a database: what pages give and results decide is what memory decides, and replay agrees."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from goodword.domain import goals
from goodword.engine import apply, programs, record, replay
from integration.engine.helpers import event, seen
from support.memory import Memory

DOCUMENT: dict[str, Any] = {
    "program": "p", "name": "P", "currency": "USD", "lifecycle": {"flow": "sales"},
    "goals": [
        {"id": "g", "metric": "submitted", "target": 4, "members": "participants", "late": "give",
         "rewards": [{"id": "all", "give": {"type": "account_credit", "amount": 100}}]},
        {"id": "t", "metric": "revenue", "target": 500, "group": {"trait": "team"}, "every": "month",
         "rewards": [{"id": "team", "give": {"type": "recognition"}}]},
        {"id": "a", "metric": "closed_won", "target": 1, "group": "account",
         "rewards": [{"id": "company", "give": {"type": "recognition"}}]},
    ],
    "contests": [
        {"id": "q", "name": "Q", "from": "2026-01-01", "to": "2026-01-31", "metric": "closed_won", "ties": "share",
         "final_after": "P7D", "prizes": [{"id": "first", "place": 1, "give": {"type": "cash", "amount": 1001}},
                                          {"id": "second", "place": 2, "give": {"type": "cash", "amount": 500}}]},
    ],
}  # fmt: skip
PEOPLE = ("ada", "bob", "cyd", "dan", "eve")


def history() -> list[dict[str, Any]]:
    found = []
    for number, who in enumerate(PEOPLE):
        told = event(
            f"i-{who}", "participant.identified", "2026-01-01T10:00:00", who, team=["north", "south"][number % 2]
        )
        found.append(told | {"account": f"acme-{number // 2}"})
        found.append(event(f"l-{who}", "link.created", "2026-01-01T11:00:00", who, program="p", code=f"{who}-code"))
    for number in range(8):
        who, lead, day = PEOPLE[number % 3], f"lead-{number}", f"2026-01-{number + 2:02}"
        referred = {"email": f"{lead}@x.example"}
        found.append(
            event(
                f"s-{lead}", "referral.submitted", f"{day}T10:00:00", who, program="p", referral=lead, referred=referred
            )
        )
        found.append(
            event(f"w-{lead}", "referral.closed_won", f"{day}T11:00:00", None, referral=lead, value=300, currency="USD")
        )
    refunded = {"referral": "lead-0", "value": 300, "currency": "USD"}
    return [
        *found,
        event("late", "link.created", "2026-01-20T10:00:00", "fay", program="p", code="fay-code"),
        event("refund", "order.refunded", "2026-02-02T10:00:00", "lead-0", **refunded),
        event("merge", "participant.identified", "2026-02-03T10:00:00", "dan", previous_id="eve"),
        event("merge2", "participant.identified", "2026-02-03T11:00:00", "ada", previous_id="dan"),
        event("out", "contest.disqualified", "2026-02-04T10:00:00", "bob", program="p", contest="q"),
        event("in", "contest.reinstated", "2026-02-05T10:00:00", "bob", program="p", contest="q"),
        event("clock", "clock.ticked", "2026-03-01T10:00:00", "clock"),
    ]  # fmt: skip


@pytest.mark.parametrize("batch", [1, 7, 1_000])
def test_the_database_decides_what_memory_decides_and_replay_agrees(
    workspace: str, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(goals, "PAGE", 2)
    programs.publish(workspace, orjson.dumps(DOCUMENT), by="test")
    memory = Memory(DOCUMENT)
    for raw in history():
        memory.send(raw)
    record.record(workspace, history())
    while apply.apply_pending(workspace, limit=batch, ring=False).more:
        pass
    with seen(workspace) as tables:
        rows = tables.Reward.objects.values_list("rule", "participant__external_id", "amount", "occurrence")
        given = sorted(rows, key=str)
        asked = {
            name: tables.Applied.objects.filter(event__type=name).count()
            for name in ("goal.reached", "contest.decided")
        }
    names = {row.id: row.external_id for row in memory.state.participants.values()}
    wanted = ((r.rule, names[r.participant_id], r.amount, r.occurrence) for r in memory.state.rewards.values())
    assert given == sorted(wanted, key=str)
    assert [row for row in given if row[0] in ("first", "second")] == [
        ("first", "bob", 1001, "1"),
        ("second", "ada", 250, "1"),
        ("second", "cyd", 250, "1"),
    ]
    assert len([row for row in given if row[0] == "all"]) == 6
    assert asked == {"goal.reached": len([r for r in memory.rung if r.startswith("goal")]), "contest.decided": 1}
    assert replay.verify(workspace).differences == ()


CLUB: dict[str, Any] = {
    "program": "club", "kind": "loyalty", "name": "Club", "currency": "USD",
    "goals": [
        {"id": "orders", "metric": {"count": "order.completed"}, "target": 6,
         "rewards": [{"id": "all-buyers", "give": {"type": "recognition"}}]},
        {"id": "teams", "metric": {"sum": "order.completed"}, "target": 900, "group": {"trait": "team"},
         "rewards": [{"id": "team-buyers", "give": {"type": "recognition"}}]},
    ],
    "contests": [
        {"id": "most", "name": "Most", "from": "2026-01-01", "to": "2026-01-31", "metric": {"sum": "order.completed"},
         "ties": "share", "final_after": "P7D",
         "prizes": [{"id": "gold", "place": 1, "give": {"type": "cash", "amount": 1001}},
                    {"id": "silver", "place": 2, "give": {"type": "cash", "amount": 500}}]},
    ],
}  # fmt: skip


def purchases() -> list[dict[str, Any]]:
    found = [
        event(f"i-{who}", "participant.identified", "2026-01-01T10:00:00", who, team=["north", "south"][number % 2])
        for number, who in enumerate(PEOPLE)
    ]
    for number in range(8):
        who, at = PEOPLE[number % 4], f"2026-01-{number + 2:02}T10:00:00"
        order = {"order_id": f"o{number}", "value": 300, "currency": "USD"}
        found.append(event(f"buy-{number}", "order.completed", at, who, **order))
    part = {"currency": "USD", "value": 100}
    return [
        *found,
        event("refund-early", "order.refunded", "2026-01-11T10:00:00", "eve", order_id="o9", **part),
        event("refund", "order.refunded", "2026-01-12T10:00:00", "ada", order_id="o0", **part),
        event("merge", "participant.identified", "2026-01-13T10:00:00", "cyd", previous_id="dan"),
        event("refund-3", "order.refunded", "2026-01-14T10:00:00", "cyd", order_id="o3", **part),
        event("late", "order.completed", "2026-01-10T10:00:00", "eve", order_id="o9", value=400, currency="USD"),
        event("split", "participant.split", "2026-01-15T10:00:00", None, previous_id="dan"),
        event("clock", "clock.ticked", "2026-03-01T10:00:00", "clock"),
    ]


@pytest.mark.parametrize("batch", [1, 5, 1_000])
def test_events_count_in_the_database_as_they_do_in_memory(workspace: str, batch: int) -> None:
    programs.publish(workspace, orjson.dumps(CLUB), by="test")
    memory = Memory(CLUB)
    for raw in purchases():
        memory.send(raw)
    record.record(workspace, purchases())
    while apply.apply_pending(workspace, limit=batch, ring=False).more:
        pass
    with seen(workspace) as tables:
        given = sorted(tables.Reward.objects.values_list("rule", "participant__external_id", "amount"), key=str)
        scored = tables.Counter.objects.filter(name__contains="contest:")
        counters = sorted(scored.values_list("name", "count", "amount"))
    names = {row.id: row.external_id for row in memory.state.participants.values()}
    assert given == sorted(
        ((r.rule, names[r.participant_id], r.amount) for r in memory.state.rewards.values()), key=str
    )
    kept = [item for named in memory.state.counters.values() for item in named.items()]
    assert counters == sorted((name, *figures) for name, figures in kept if "contest:" in name)
    # By then bob has 600, and dan what he brought, 600; cyd lost the 100 that were paid back meanwhile.
    assert [row for row in given if row[0] in ("gold", "silver")] == [("gold", "bob", 751), ("gold", "dan", 750)]
    assert replay.verify(workspace).differences == ()
