"""A programme in test mode beside live ones, from end to end: the tables, what people may see of it, and replay."""

from __future__ import annotations

from typing import Any

import pytest

from goodword.domain import ids
from goodword.domain.faults import ProgramError
from goodword.engine import apply, erase, programs, replay, worker
from goodword.engine.backtest import job
from goodword.insight import entitlements, overview, statement, summary
from goodword.insight.participants import profile
from goodword.store import workspaces as directory
from support.documents import self_serve, thanks
from support.loyalty import shop

from .helpers import event, friend, link, seen, send

FEATURE = thanks(id="beta", give={"type": "feature", "name": "beta"})
TESTED = self_serve(
    program="next",
    test=True,
    beside="simple",
    rewards=[thanks(give={"type": "account_credit", "amount": 2500}, approval={"by": "finance"}), FEATURE],
    goals=[
        {
            "id": "two",
            "metric": "closed_won",
            "target": 2,
            "members": "participants",
            "rewards": [{"id": "all", "give": {"type": "feature", "name": "gold"}}],
        }
    ],
)


def told(workspace: str, *documents: dict[str, Any]) -> None:
    """Two friends of ada come by the live programme's code; what is approved names the live reward by our id."""
    for document in documents:
        programs.publish(workspace, document, by="Ada")
    send(workspace, link("simple"), link("simple", "eve", "eve"), *friend(1), *friend(2))
    with seen(workspace) as tables:
        live = tables.Reward.objects.filter(workspace_id=workspace, program__key="simple").order_by("id").first()
    name = ids.public("rwd", str(live.id))
    send(workspace, event("yes", "reward.approved", "2025-04-01T10:00:00", None, reward=name))
    send(workspace, event("one", "participant.identified", "2025-04-02T10:00:00", "grace", previous_id="ada"))
    while worker.drain(workspace):
        pass


LIVE = self_serve(rewards=[thanks(approval={"by": "finance"})])


def test_a_test_gives_what_it_would_and_leaves_nothing_of_it(workspace: str) -> None:
    told(workspace, LIVE, TESTED)
    with seen(workspace) as tables:
        rows = tables.Reward.objects.values_list("program__key", "rule", "participant__external_id", "state")
        assert sorted(rows) == [
            ("next", "all", "eve", "approved"),
            ("next", "all", "grace", "approved"),
            ("next", "beta", "grace", "approved"),
            ("next", "beta", "grace", "approved"),
            ("next", "thanks", "grace", "approved"),
            ("next", "thanks", "grace", "pending"),
            ("simple", "thanks", "grace", "approved"),
            ("simple", "thanks", "grace", "pending"),
        ]
        assert set(tables.Transfer.objects.values_list("reward__program__key", flat=True)) == {"simple"}
        said = tables.Outbox.objects.values_list("payload", flat=True)
        assert {payload.get("program", "simple") for payload in said} == {"simple"}
        grace = str(tables.Participant.objects.get(external_id="grace").id)
        assert tables.Timer.objects.count() == 0
    assert entitlements.entitlements(workspace, grace) == ()
    assert {entry.program for entry in statement.entries(workspace, grace)} == {"simple"}
    numbers = summary.summary(workspace)
    assert {row.program for row in (*numbers.referrals, *numbers.rewards)} == {"simple"}
    assert {row.program for row in numbers.decisions} == {"simple", None}
    assert {(row.program, row.rule) for row in numbers.tested} == {
        ("next", "thanks"),
        ("next", "beta"),
        ("next", "all"),
    }
    assert "rewards in test mode, of which nothing is owed" in summary.render_text(numbers)
    assert sum(month.rewards for month in overview.months(workspace)) == 2
    assert {(line.program, line.test) for line in profile(workspace, grace).rewards.rows} == {
        ("simple", False), ("next", True)
    }  # fmt: skip
    assert replay.verify(workspace).differences == ()
    erase.erase(workspace, grace, by="Ada")
    while worker.drain(workspace):
        pass
    assert replay.verify(workspace).differences == ()


def test_the_live_programmes_tables_are_the_same_with_a_test_beside_it(workspace: str) -> None:
    elsewhere = str(directory.create("elsewhere", "Elsewhere").id)
    told(workspace, LIVE)
    told(elsewhere, LIVE, TESTED)
    assert live_tables(workspace) == live_tables(elsewhere)
    live = job.run(elsewhere, job.Question(LIVE))
    assert (live["changed"]["count"], live["people"]) == (0, [])
    with pytest.raises(job.BacktestRefused, match="give it the key of simple"):
        job.run(workspace, job.Question(TESTED))


def live_tables(workspace: str) -> dict[str, Any]:
    """What live programmes have, without ids."""
    with seen(workspace) as tables:
        return {
            "rewards": sorted(
                tables.Reward.objects.filter(program__test=False).values_list(
                    "rule", "state", "amount", "participant__external_id", "granted_at"
                )
            ),
            "referrals": sorted(
                tables.Referral.objects.filter(program__test=False).values_list(
                    "state", "referrer__external_id", "referred__external_id", "submitted_at"
                )
            ),
            "decisions": sorted(
                tables.Decision.objects.exclude(program__test=True)
                .exclude(reason="published")
                .values_list("outcome", "reason", "occurred_at")
            ),
            "transfers": sorted(
                tables.Transfer.objects.values_list("code", "phase", "amount", "unit", "debit__kind", "effective_at")
            ),
            "outbox": sorted(tables.Outbox.objects.values_list("topic", flat=True)),
            "people": sorted(tables.Participant.objects.values_list("external_id", "email", "first_seen_at")),
        }


@pytest.mark.parametrize(
    ("document", "path", "code", "words"),
    [
        (self_serve(test=True), "test", "mode_changed", "such as simple-test, and beside: simple"),
        (self_serve(program="next"), "test", "mode_changed", "under another key, for example simple, and end next"),
        ({**TESTED, "beside": "simpel"}, "beside", "unknown_program", "did you mean simple"),
        ({**TESTED, "program": "third", "beside": "next"}, "beside", "unknown_program", "Known: shop, simple"),
        ({**TESTED, "beside": "shop"}, "beside", "not_allowed", "shop is a loyalty program"),
    ],
)
def test_what_is_live_stays_live_and_what_is_tested_stays_a_test(
    workspace: str, document: dict[str, Any], path: str, code: str, words: str
) -> None:
    for known in (LIVE, shop(program="shop"), TESTED):
        programs.publish(workspace, known, by="Ada")
    with pytest.raises(ProgramError, match=words) as refused:
        programs.publish(workspace, document, by="Ada")
    assert [(fault.path, fault.code) for fault in refused.value.faults] == [(path, code)]
    assert not programs.publish(workspace, TESTED, by="Ada").new
    assert apply.apply_pending(workspace, ring=False).events == 0
