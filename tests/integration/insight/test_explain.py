"""Why: an event with its decisions, as data and as the text that staff see."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from tests.integration.insight.conftest import NOW

from goodword.domain import ids
from goodword.engine import apply, programs, record
from goodword.insight import explain
from goodword.store import tenancy
from goodword.store.models import Event
from support.documents import self_serve


def _masked(text: str) -> str:
    return re.sub(r"\b([a-z]{3})_[0-9a-z]{26}\b", r"\1_…", text)


def test_a_paid_order_reads_as_in_the_design(told: str) -> None:
    text = explain.render_text(explain.explain(told, "order-1"))
    lines = _masked(text).splitlines()
    assert (
        lines[0]
        == "evt_… order.completed  par_… (Grace Hopper)  2026-01-05 05:00 -05:00 America/New_York   value 30.00 USD"
    )
    assert any(re.fullmatch(r"[├└] credit-after-threshold v1", line) for line in lines)
    assert any("ref_… Ada Lovelace → Grace Hopper   submitted → closed_won" in line for line in lines)
    [thanks] = [line for line in lines if "✓ thanks" in line]
    assert "25.00 USD" in thanks
    assert "held 30 days" in thanks
    assert "rwd_… to Ada Lovelace, now pending" in thanks
    assert sum(line.startswith("└") for line in lines) == 1, "the last program closes the tree"


def test_a_no_is_told_with_its_reason(told: str) -> None:
    text = _masked(explain.render_text(explain.explain(told, "order-1")))
    assert re.search(r"bronze-silver-gold v1  ✗ \w+", text), text


def test_a_submission_shows_what_its_conditions_read(told: str) -> None:
    found = explain.explain(told, "lead-1")
    text = explain.render_text(found)
    assert '   ✓ not_paying           account.status = "paying"' in text.splitlines()
    assert "   ✓ already_in_pipeline  referred.in_pipeline = false" in text.splitlines()
    assert "     attribution          submission won" in text.splitlines()
    [decision] = [view for view in found.decisions if view.program == "b2b-sales"]
    assert decision.yes
    assert all(check.ok for check in decision.checks)
    assert decision.attribution
    assert decision.attribution.won
    assert decision.attribution.won.kind == "submission"
    assert decision.referral
    assert decision.referral.referred.email == "lead1@example.net"


def test_an_event_is_found_by_each_of_its_ids(told: str) -> None:
    by_sender = explain.explain(told, "order-1")
    assert explain.explain(told, by_sender.public_id) == by_sender
    assert explain.explain(told, by_sender.id) == by_sender
    assert explain.explain(told, "order-1", source="api") == by_sender


@pytest.mark.parametrize("name", ["order-2", "evt_01jq8x5e4me8k9d3v0h2r6t7wy", "019c0000-0000-7000-8000-000000000000"])
def test_an_unknown_event_says_what_to_give(told: str, name: str) -> None:
    with pytest.raises(explain.EventNotFound, match="evt_…"):
        explain.explain(told, name)


def test_an_id_of_two_sources_must_be_told_apart(told: str) -> None:
    raw = {"type": "order.completed", "event_id": "order-1", "participant": "x", "source": "shop"}
    record.record(told, [{**raw, "properties": {"value": 1, "currency": "USD"}}], now=NOW)
    with pytest.raises(explain.AmbiguousEvent, match=r"source (api|shop).*source (api|shop)"):
        explain.explain(told, "order-1")
    assert explain.explain(told, "order-1", source="shop").source == "shop"


def test_what_is_not_applied_says_why(told: str) -> None:
    raw = {"type": "order.completed", "event_id": "late", "participant": {"email": "a@b.no"}}
    record.record(told, [{**raw, "properties": {"value": 1, "currency": "USD", "simulated": True}}], now=NOW)
    waiting = explain.explain(told, "late")
    assert waiting.status == "waiting"
    text = explain.render_text(waiting)
    assert "is a worker running?" in text
    assert "a@b.no" in text
    assert "(simulated)" in text
    with tenancy.workspace(told), connection.cursor() as cursor:
        cursor.execute("UPDATE inbox SET attempts = 3, error = 'it broke'")
    assert "could not apply it: it broke" in explain.render_text(explain.explain(told, "late"))


def test_an_event_that_concerned_no_program_says_so(told: str) -> None:
    assert explain.explain(told, "account-1").decisions == ()
    assert "it concerned no program" in explain.render_text(explain.explain(told, "account-1"))


def test_many_events_cost_as_many_queries_as_one(told: str) -> None:
    with tenancy.workspace(told), connection.cursor() as cursor:
        cursor.execute("SELECT id::text FROM event")
        each = [row[0] for row in cursor.fetchall()]
    counts = []
    for some in (each[:1], each):
        connection.force_debug_cursor = True
        connection.queries_log.clear()
        found = explain.explain_many(told, some)
        counts.append(len(connection.queries))
        connection.force_debug_cursor = False
        assert [event.id for event in found] == some
    assert counts[1] <= counts[0] + 1


def test_a_stranger_is_told_nothing(told: str, db: str) -> None:
    from goodword.store import workspaces

    mine = explain.explain(told, "order-1").id
    stranger = str(workspaces.create("stranger", "Stranger").id)
    assert explain.explain_many(stranger, [mine]) == []


def _view(**changes: Any) -> Any:
    from goodword.insight.explained import RuleOutcome

    plain: dict[str, Any] = dict.fromkeys(
        ("reason", "to", "unit", "tier", "approval", "campaign", "moved_from", "moved_to"), ""
    )
    plain |= {
        "rule": "closed",
        "ok": True,
        "amount": None,
        "reversed": 0,
        "tier_count": None,
        "hold_until": None,
        "limit": None,
    }
    return RuleOutcome(**{**plain, "reward": None, **changes})


def test_the_words_of_a_rules_outcome() -> None:
    from types import SimpleNamespace

    from goodword.insight.explain_text import _outcome
    from goodword.insight.explained import Limit

    event: Any = SimpleNamespace(occurred_at=datetime.fromisoformat("2026-03-14T10:22:00+00:00"))
    budget = Limit(4_998_000, 5_000_000, "program", "quarter", "USD")
    assert (
        _outcome(_view(ok=False, reason="waitlisted", limit=budget), event, "UTC")
        == "waitlisted: program 50,000.00 USD a quarter, 49,980.00 USD used"
    )
    count = Limit(10, 10, "referrer", "", "")
    assert (
        _outcome(_view(ok=False, reason="cap_reached", limit=count), event, "UTC")
        == "cap_reached: referrer 10, 10 used"
    )
    tier = _view(tier="t2", tier_count=4, amount=150_000, unit="USD", approval="finance", campaign="march")
    assert _outcome(tier, event, "UTC") == "t2 (4 counted) 1,500.00 USD campaign march  needs finance"
    held = _view(amount=5, unit="points", hold_until=datetime.fromisoformat("2026-03-15T11:00:00+00:00"))
    assert _outcome(held, event, "UTC") == "5 points  held until 2026-03-15 11:00 UTC"
    assert _outcome(held, event, "Europe/Oslo") == "5 points  held until 2026-03-15 12:00 +01:00 Europe/Oslo"
    day = _view(amount=5, unit="points", hold_until=datetime.fromisoformat("2026-03-15T10:22:00+00:00"))
    assert _outcome(day, event, "UTC") == "5 points  held 1 day"
    assert _outcome(_view(moved_from="pending", moved_to="approved"), event, "UTC") == "pending → approved "
    back = _view(reason="refunded", moved_from="approved", moved_to="reversed", amount=0, reversed=500, unit="USD")
    assert _outcome(back, event, "UTC") == "refunded approved → reversed  5.00 USD taken back"


def test_ids_in_a_text_lead_to_the_thing(told: str) -> None:
    text = explain.render_text(explain.explain(told, "order-1"))
    for prefix in ("evt", "par", "ref", "rwd"):
        [found, *_] = re.findall(rf"\b{prefix}_[0-9a-z]{{26}}\b", text)
        assert ids.internal(prefix, found)


def test_the_decisions_of_one_event_stand_in_the_order_in_which_they_were_made(workspace: str) -> None:
    """Who is who first, then by priority and key; a program in test mode last."""
    for key, changes in (("b", {}), ("c", {"priority": 5}), ("a", {}), ("t", {"priority": 9, "test": True})):
        programs.publish(workspace, self_serve(program=key, **changes), by="tests")
    record.record(
        workspace,
        [{"event_id": "s", "type": "participant.signed_up", "participant": "bo", "occurred_at": "2026-01-07T00:00:00Z",
          "properties": {"previous_id": "bob"}}],
        now=NOW,
    )  # fmt: skip
    while apply.apply_pending(workspace, now=NOW, ring=False).events:
        pass
    with tenancy.workspace(workspace):
        [event_id] = Event.objects.filter(event_id="s").values_list("id", flat=True)
    [view] = explain.explain_many(workspace, [str(event_id)])
    assert [decision.program for decision in view.decisions] == ["", "c", "a", "b", "t"]


def test_an_order_that_nobody_could_exchange_says_so(workspace: str) -> None:
    programs.publish(workspace, self_serve(), by="tests")
    at = "2026-01-07T00:00:00Z"
    yen = {"value": 123, "currency": "JPY"}
    told = [
        {"type": "link.created", "participant": "ada", "properties": {"program": "simple", "code": "ADA"}},
        {"type": "participant.signed_up", "participant": "bo", "properties": {"code": "ADA"}},
        {"type": "order.completed", "participant": "bo", "properties": yen},
    ]
    sent = [{**event, "event_id": f"e-{number}", "occurred_at": at} for number, event in enumerate(told)]
    record.record(workspace, sent, now=NOW)
    while apply.apply_pending(workspace, now=NOW, ring=False).events:
        pass
    lines = explain.render_text(explain.explain(workspace, "e-2")).splitlines()
    assert [line.split() for line in lines if "value" in line and "✗" in line] == [
        ["✗", "value", "123", "JPY:", "no_exchange_rate"]
    ]
