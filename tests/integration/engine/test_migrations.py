"""Running referrals are looked at, moved to another version, and taken back: the tables, and replay."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from goodword.domain import ids, migrating
from goodword.domain.expected import Range
from goodword.engine import migration_preview, migrations, moving, programs, replay, worker
from goodword.engine.backtest import job
from goodword.insight.explain import explain_many, render_text
from goodword.store.sql import fetch
from support.documents import self_serve, thanks
from support.loyalty import shop

from .helpers import event, friend, link, seen, send

REVERSE = {"on": ["order.refunded"]}


def paying(amount: int, **more: Any) -> dict[str, Any]:
    renewal = thanks(id="renewal", on="subscription.renewed", give={"type": "cash", "amount": amount // 10})
    return self_serve(
        rewards=[thanks(give={"type": "cash", "amount": amount}, reverse=REVERSE), renewal],
        limits=[{"per": "referrer", "count": 9}],
        **more,
    )


def versions(workspace: str) -> list[int]:
    with seen(workspace) as tables:
        rows = tables.Referral.objects.order_by("submitted_at", "referred__external_id")
        return [row.version.number for row in rows.select_related("version")]


def count_of_everything(workspace: str) -> list[int]:
    with seen(workspace):
        return [
            fetch(f"SELECT count(*) FROM {table} WHERE workspace_id = %s", [workspace])[0][0]
            for table in (*replay.COMPARED, "event", "inbox")
        ]


def test_look_move_refund_and_take_back(workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrating, "PAGE", 2)
    monkeypatch.setattr(migrating, "BETWEEN", timedelta(microseconds=1))
    monkeypatch.setattr(moving, "LOOK", 3)
    monkeypatch.setattr(migrations, "PATIENCE", 0.0)
    programs.publish(workspace, paying(1000), by="Ada")
    send(workspace, link("simple"), *friend(1), *(friend(number)[0] for number in range(2, 7)))
    programs.publish(workspace, paying(2500), by="Ada")
    send(workspace, friend(7)[0])
    assert versions(workspace) == [1] * 6 + [2]

    before = count_of_everything(workspace)
    chosen = migrations.choose(workspace, "simple", 2)
    found = migration_preview.preview(workspace, chosen)
    assert count_of_everything(workspace) == before, "a look writes nothing"
    assert (found.referrals, found.states, found.stays) == (6, {"submitted": 5, "closed_won": 1}, {})
    [cost] = found.costs
    assert (cost.rule, cost.rewards, cost.before, cost.after) == (
        "thanks",
        (5, 5),
        Range(5000, 5000),
        Range(12500, 12500),
    )
    assert [(row.unit, row.before.low, row.after.low) for row in found.totals] == [("USD", 5000, 12500)]
    [later] = found.later
    assert (later.rule, later.before, later.after) == ("renewal", Range(100, 100), Range(250, 250))
    assert [change.text for change in found.sources[0].changes] == [
        "reward thanks: 10.00 → 25.00 USD",
        "reward renewal: 1.00 → 2.50 USD",
    ]
    told = {row.referred.label: [change.text for change in row.changes] for row in found.rows}
    assert told["friend-2"] == [
        "reward thanks: 10.00 USD → 25.00 USD",
        "reward renewal: 1.00 USD for each subscription.renewed → 2.50 USD for each subscription.renewed",
    ]
    assert len(told["friend-1"]) == 1, "what it has is not to come"

    migration = migrations.migrate(workspace, chosen, by="Ada", reason="better terms")
    while migrations.one(workspace, "simple", migration).state == "moving":
        worker.drain(workspace)
    assert versions(workspace) == [2] * 7
    row = migrations.one(workspace, "simple", migration)
    assert (row.state, row.moved, row.stayed, row.by, row.reason) == ("moved", 6, 0, "Ada", "better terms")

    at = "2025-03-02T10:00:00"
    send(
        workspace,
        event("refund-1", "order.refunded", at, "friend-1", value=3000, currency="USD"),
        event("order-2", "order.completed", at, "friend-2", value=3000, currency="USD"),
    )
    with seen(workspace) as tables:
        given = list(tables.Reward.objects.order_by("amount").values_list("amount", "state", "version__number"))
        assert given == [(1000, "reversed", 1), (2500, "approved", 2)]

    migrations.undo(workspace, "simple", migration, by="Bo")
    while migrations.one(workspace, "simple", migration).state == "going_back":
        worker.drain(workspace)
    assert versions(workspace) == [1, 2, 1, 1, 1, 1, 2]
    row = migrations.one(workspace, "simple", migration)
    assert (row.state, row.back, row.kept, row.undone_by) == ("undone", 5, 1, "Bo")
    with pytest.raises(programs.StateError, match="taken back already"):
        migrations.undo(workspace, "simple", migration, by="Bo")
    with seen(workspace) as tables:
        told = [str(id) for id in tables.Event.objects.filter(type="program.migrating").values_list("id", flat=True)]
    words = [render_text(row) for row in explain_many(workspace, told)]
    assert any("✓ v1 → v2" in text and "2: ref_" in text for text in words), words
    assert any("✗ reward_depends  1: ref_" in text and "✓ back to v1" in text for text in words), words
    with seen(workspace) as tables:
        traces = [row.trace["migration"] for row in tables.Decision.objects.filter(trace__migration__back=True)]
        assert [len(trace["stayed"]["reward_depends"]) for trace in traces if "stayed" in trace] == [1]
    assert replay.verify(workspace).differences == ()

    changed: list[Any] = []
    found_again = job.run(workspace, job.Question(paying(1000)), tell=changed.append)
    assert found_again
    assert {change["event"]["type"] for change in changed} == {"order.completed"}, changed


def test_a_migration_is_not_taken_back_before_the_one_that_went_on_from_it(workspace: str) -> None:
    for amount in (1000, 2000, 3000):
        programs.publish(workspace, paying(amount), by="Ada")
    send(workspace, link("simple"))
    send(workspace, event("join", "participant.signed_up", "2025-03-02T09:00:00", "friend", code="ada"))
    first = migrations.migrate(workspace, migrations.choose(workspace, "simple", 2), by="Ada")
    second = migrations.migrate(workspace, migrations.choose(workspace, "simple", 3), by="Ada")
    moved = [migrations.one(workspace, "simple", one).moved for one in (first, second)]
    with pytest.raises(programs.StateError, match=f"{second} moved referrals on from version 2; take that"):
        migrations.undo(workspace, "simple", first, by="Ada")
    for one in (second, first):
        migrations.undo(workspace, "simple", one, by="Ada")
    backs = [migrations.one(workspace, "simple", one).back for one in (first, second)]
    assert moved == backs == [1, 1]


def test_only_those_that_are_named(workspace: str) -> None:
    programs.publish(workspace, paying(1000), by="Ada")
    send(workspace, link("simple"), *(friend(number)[0] for number in range(1, 4)))
    programs.publish(workspace, paying(2500), by="Ada")
    with seen(workspace) as tables:
        one = tables.Referral.objects.get(referred__external_id="friend-2")
    chosen = migrations.choose(workspace, "simple", 2, only=[ids.public("ref", str(one.id))])
    assert migration_preview.preview(workspace, chosen).referrals == 1
    migration = migrations.migrate(workspace, chosen, by="Ada")
    assert versions(workspace) == [1, 2, 1], "a small one is done when it is asked for"
    [row] = migrations.listed(workspace, "simple")
    assert (row.id, row.named, row.state, row.moved) == (migration, 1, "moved", 1)
    assert migration_preview.preview(workspace, chosen).stays == {"other_version": 1}
    migrations.undo(workspace, "simple", migration, by="Ada")
    assert versions(workspace) == [1, 1, 1]
    assert replay.verify(workspace).differences == ()


def test_of_many_the_tiers_are_a_range(workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tiers = [
        {"id": "t1", "from": 1, "metric": "closed_won_referrals"},
        {"id": "t2", "from": 9, "metric": "closed_won_referrals"},
    ]

    def by_tier(low: int, high: int) -> dict[str, Any]:
        return self_serve(
            tiers=tiers, rewards=[thanks(give={"type": "cash", "amount": {"by_tier": {"t1": low, "t2": high}}})]
        )

    programs.publish(workspace, by_tier(1000, 2000), by="Ada")
    send(workspace, link("simple"), *(friend(number)[0] for number in range(1, 4)))
    programs.publish(workspace, by_tier(1000, 5000), by="Ada")
    chosen = migrations.choose(workspace, "simple", 2)
    [exact] = migration_preview.preview(workspace, chosen).totals
    assert (exact.before, exact.after) == (Range(3000, 3000), Range(3000, 3000)), "all at today's tier"
    monkeypatch.setattr(migration_preview, "RECKONED", 2)
    monkeypatch.setattr(migration_preview, "SHOWN", 2)
    found = migration_preview.preview(workspace, chosen)
    [wide] = found.totals
    assert not found.exact
    assert (wide.before, wide.after) == (Range(0, 6000, "tier"), Range(0, 15000, "tier"))
    assert (len(found.rows), len(migration_preview.preview(workspace, chosen, found.after).rows)) == (2, 1)


def test_what_cannot_be_asked_says_why(workspace: str) -> None:
    programs.publish(workspace, paying(1000), by="Ada")
    programs.publish(workspace, shop(), by="Ada")
    for key, to, sources, only, told in (
        ("simpel", 1, (), (), "no program 'simpel'; did you mean simple"),
        ("simple", 2, (), (), "no version 2; it has 1 to 1"),
        ("simple", 1, (3,), (), "no version 3"),
        ("simple", 1, (), ("R9",), "no referral 'R9'"),
    ):
        with pytest.raises(migrations.NotFound, match=told):
            migrations.choose(workspace, key, to, sources, only)
    for key, sources, only, told in (
        ("simple", (1,), (), "leave it out"),
        ("simple", (), tuple(map(str, range(501))), "at most 500"),
        (str(shop()["program"]), (), (), "loyalty"),
    ):
        with pytest.raises(programs.StateError, match=told):
            migrations.choose(workspace, key, 1, sources, only)
    with pytest.raises(migrations.NotFound, match="no migration"):
        migrations.one(workspace, "simple", "evt_x")
