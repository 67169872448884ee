"""A programme tried on its own past: what it would have cost, to whom, and every decision that would be another one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import Error, transaction

from goodword.domain.program import read
from goodword.engine import apply, worker
from goodword.engine import programs as publishing
from goodword.engine.backtest import compare, job, log, parts
from goodword.store import workspaces as directory
from support.documents import self_serve, thanks

from .helpers import event, friend, link, publish, recipe, seen, send, snapshot

PROGRAM = "credit-after-threshold"


def document(**rewards: int) -> dict[str, Any]:
    """The recipe with other amounts for some rules."""
    _, found = read(recipe(PROGRAM))
    for rule in found["rewards"]:
        rule["give"]["amount"] = rewards.get(rule["id"], rule["give"]["amount"])
    return found


def told(workspace: str) -> None:
    """Ada brings two friends in March and one in May; the first gets an order back. All is long over by now."""
    publish(workspace, PROGRAM)
    send(workspace, link(PROGRAM), *friend(1), *friend(2, at="2025-03-02T10:00:00"))
    send(workspace, event("back", "order.refunded", "2025-03-05T10:00:00", "friend-1", value=3000, currency="USD"))
    send(workspace, *friend(3, at="2025-05-01T10:00:00"))
    while worker.drain(workspace):
        pass


def asked(workspace: str, **question: Any) -> tuple[dict[str, Any], list[compare.Change]]:
    changes: list[compare.Change] = []
    return job.run(workspace, job.Question(**question), tell=changes.append), changes


def sums(result: dict[str, Any], table: str, *names: str) -> dict[tuple[Any, ...], tuple[int, int]]:
    """A table's amounts before and after, by these columns."""
    return {
        tuple(row[name] for name in names): (row["before"]["amount"], row["after"]["amount"]) for row in result[table]
    }


def left(pending: int = 0, approved: int = 0, debt: int = 0) -> dict[str, int]:
    """What is owed in a unit, in full."""
    owed = pending + approved
    return {"pending": pending, "approved": approved, "owed": owed, "debt": debt, "net": owed - debt}


def test_another_amount_is_found_to_the_cent_by_rule_month_and_person(workspace: str) -> None:
    told(workspace)
    result, changes = asked(workspace, document=document(thanks=4000))
    assert sums(result, "cost", "rule", "month") == {
        ("welcome", "2025-03"): (40_000, 40_000),
        ("welcome", "2025-05"): (20_000, 20_000),
        ("thanks", "2025-03"): (2_500, 4_000),  # one of the two was taken back
        ("thanks", "2025-05"): (2_500, 4_000),
    }
    assert sums(result, "totals", "unit") == {("USD",): (65_000, 68_000)}
    assert sums(result, "people", "name") == {("ada",): (5_000, 8_000)}
    # Three orders earn it, one refund takes it back, two holds end.
    assert [change["event"]["type"] for change in changes] == [
        "order.completed", "order.completed", "order.refunded", "hold.ended", "order.completed", "hold.ended",
    ]  # fmt: skip
    for change in changes:
        assert (change["before"]["reason"], change["before"]["outcome"]) == (
            change["after"]["reason"],
            change["after"]["outcome"],
        )
    [line] = changes[0]["before"]["trace"]["rewards"]
    [now] = changes[0]["after"]["trace"]["rewards"]
    assert (line["amount"], now["amount"], line["reward"] == now["reward"]) == (2_500, 4_000, True)
    assert result["return"]["before"]["value"] == result["return"]["after"]["value"] == 9_000
    assert result["return"]["before"] == {"won": 3, "value": 9_000, "cost": 65_000, "ratio": "-0.8615"}
    assert result["liability"] == [{"unit": "USD", "before": left(approved=65_000), "after": left(approved=68_000)}]
    assert "unchanged" in result["assumptions"][0]


def test_a_cap_and_a_budget_show_what_they_would_have_held_back(workspace: str) -> None:
    told(workspace)
    tried = document()
    tried["limits"] = [{"per": "program", "rules": ["welcome"], "every": "month", "budget": 30_000,
                        "when_reached": "partial"}]  # fmt: skip
    result, changes = asked(workspace, document=tried)
    assert sums(result, "totals", "unit") == {("USD",): (65_000, 55_000)}
    assert [(row["led_to"], row["per"], row["before"], row["after"]) for row in result["caps"]] == [
        ("partial", "program", 0, 1)
    ]
    assert [(row["month"], row["grown"], row["used"]) for row in result["budgets"]] == [
        ("2025-03", 30_000, 30_000),
        ("2025-05", 20_000, 20_000),
    ]
    assert sums(result, "people", "name") == {("friend-2",): (20_000, 10_000)}
    assert len(changes) == 1


def test_a_longer_hold_rings_later_and_a_refund_still_takes_it_back(workspace: str) -> None:
    told(workspace)
    tried = document()
    tried["rewards"][1]["hold"] = "P60D"
    until = datetime(2025, 4, 15, tzinfo=UTC)
    result, changes = asked(workspace, document=tried, until=until)
    assert result["liability"] == [
        {"unit": "USD", "before": left(approved=42_500), "after": left(pending=2_500, approved=40_000)}
    ]  # fmt: skip
    lost = [change for change in changes if change["after"] is None]
    assert [change["event"]["type"] for change in lost] == ["hold.ended"]


def test_since_counts_only_what_came_from_then_on(workspace: str) -> None:
    told(workspace)
    result, changes = asked(workspace, document=document(thanks=4000), since=datetime(2025, 4, 20, tzinfo=UTC))
    assert sums(result, "totals", "unit") == {("USD",): (22_500, 24_000)}
    assert [change["event"]["type"] for change in changes] == ["order.completed", "hold.ended"]
    with pytest.raises(job.BacktestRefused, match="not before until"):
        asked(
            workspace,
            document=document(),
            since=datetime(2025, 4, 20, tzinfo=UTC),
            until=datetime(2025, 4, 1, tzinfo=UTC),
        )


def test_an_earlier_version_may_be_the_one_to_compare_with(workspace: str) -> None:
    told(workspace)
    publishing.publish(workspace, document(thanks=4000), by="test")
    result, changes = asked(workspace, document=document(thanks=4000), as_of_version=1)
    assert sums(result, "totals", "unit") == {("USD",): (65_000, 68_000)}
    assert (result["compared_with"], result["version"], len(changes)) == ({"version": 1}, 2, 6)
    happened, _ = asked(workspace, document=document(thanks=4000))
    assert happened["cost"] == result["cost"]
    with pytest.raises(job.BacktestRefused, match="it has 1 to 2"):
        asked(workspace, document=document(), as_of_version=3)
    with pytest.raises(job.BacktestRefused, match="did you mean credit-after-threshold"):
        asked(workspace, document=document() | {"program": "credit-after-treshold"}, as_of_version=1)


def test_an_elasticity_is_said_on_the_result(workspace: str) -> None:
    told(workspace)
    result, _ = asked(workspace, document=document(thanks=4000), elasticity=Decimal(2))
    # The mean per won referral goes from 65,000 / 3 to 68,000 / 3: (68 / 65) squared is 1.0944.
    assert "1.0944" in result["assumptions"][0]
    assert result["return"]["after"]["value"] == 9_850
    assert result["return"]["before"]["value"] == 9_000


def test_a_new_program_begins_with_the_log(workspace: str) -> None:
    told(workspace)
    tried = document() | {"program": "another"}
    tried["limits"] = []
    result, _ = asked(workspace, document=tried)
    assert (result["version"], result["totals"]) == (None, [])  # no link of the log is its own
    assert result["assumptions"][1].startswith("another is no program of this workspace")
    assert result["changed"]["kinds"][0]["before"] == "none"


def test_nothing_is_written(workspace: str) -> None:
    told(workspace)
    before = snapshot(workspace)
    asked(workspace, document=document(thanks=4000))
    assert snapshot(workspace) == before
    with log.snapshot(workspace), pytest.raises(Error, match="read-only"), transaction.atomic():
        log.execute("DELETE FROM reward WHERE workspace_id = %s", [workspace])


def test_people_who_became_one_and_facts_that_came_late_change_nothing(workspace: str) -> None:
    publish(workspace, PROGRAM)
    order, back = (
        friend(1)[1],
        event("b", "order.refunded", "2025-03-09T10:00:00", "friend-1", value=3000, currency="USD"),
    )
    send(workspace, link(PROGRAM), link(PROGRAM, "bob", "bob"), back, order)
    send(workspace, friend(1)[0], *friend(2, "bob"), *friend(3, "bob"))
    send(workspace, event("m", "participant.identified", "2025-03-20T10:00:00", "ada", previous_id="bob"))
    while worker.drain(workspace):
        pass
    result, changes = asked(workspace, document=document())
    assert changes == []
    assert result["totals"][0]["before"] == result["totals"][0]["after"] != {"rewards": 0, "amount": 0}
    changed, _ = asked(workspace, document=document(thanks=4000))
    assert sums(changed, "people", "name") == {("ada",): (5_000, 8_000)}  # bob's are hers


def test_memory_does_not_grow_with_the_orders_of_the_same_people(workspace: str) -> None:
    publish(workspace, PROGRAM)
    send(workspace, link(PROGRAM), *friend(1))
    orders = [
        event(f"o{day}-{number}", "order.completed", f"2025-04-{day:02}T10:00:00", f"friend-{number % 5}",
              value=100, currency="USD")
        for day in range(1, 29) for number in range(40)
    ]  # fmt: skip
    send(workspace, *orders)
    with log.snapshot(workspace):
        versions = job._versions(workspace)
        past = compare.Past(workspace, versions, versions[0], log.late_beginnings(workspace), begins=False)
        for page in log.pages(workspace, versions[0].id, decisions=False, erased=False):
            for entry in page.entries:
                past.take(entry)
    assert past.state._told == {}
    assert len(past.state.participants) == 6
    assert len(past.state.changes.transfers) == 0


def stopped_and_ended(workspace: str, second: dict[str, Any]) -> None:
    """A programme that waits for its moment, is paused and runs again, gets a second version at a moment, and ends."""
    soon = datetime.now(UTC) + timedelta(hours=1)
    later = soon + timedelta(hours=1)
    publishing.publish(workspace, held(), by="test", at=soon)
    send(workspace, *friend(1))  # there is no link yet
    apply.apply_pending(workspace, now=soon + timedelta(seconds=1))
    send(workspace, link("simple"), *friend(2))
    publishing.pause(workspace, "simple", by="test")
    send(workspace, *friend(3))
    publishing.resume(workspace, "simple", by="test")
    send(workspace, *friend(4))
    publishing.publish(workspace, second, by="test", at=later)
    apply.apply_pending(workspace, now=later + timedelta(seconds=1))
    send(workspace, *friend(5))
    publishing.end(workspace, "simple", by="test")
    send(workspace, *friend(6))
    while worker.drain(workspace):
        pass


def held(amount: int = 2500, ending: str = "void") -> dict[str, Any]:
    return self_serve(ending=ending, rewards=[thanks(hold="P9000D", give={"type": "cash", "amount": amount})])


def test_what_was_scheduled_paused_and_ended_is_again(workspace: str) -> None:
    stopped_and_ended(workspace, held() | {"name": "Simple, told otherwise"})
    result, changes = asked(workspace, document=held())
    assert changes == []
    nothing = {"rewards": 0, "amount": 0}
    assert (result["totals"], result["liability"]) == ([], [])  # the end took back what was held
    # That friend 3 came while it was paused, and friend 6 after its end, holds for any document.
    result, changes = asked(workspace, document=held(4000, ending="settle"))
    assert result["liability"] == [{"unit": "USD", "before": left(), "after": left(pending=12_000)}]
    assert [change["event"]["participant"] for change in changes] == ["friend-2", "friend-4", "friend-5", None]
    assert changes[-1]["before"]["trace"]["voided"] == {"referrals": 0, "rewards": 3}
    assert result["totals"] == [{"unit": "USD", "before": nothing, "after": {"rewards": 3, "amount": 12_000}}]


def test_the_tried_document_is_live_from_the_first_version_on_whatever_is_scheduled_later(workspace: str) -> None:
    stopped_and_ended(workspace, held(9000))
    _, changes = asked(workspace, document=held(), as_of_version=2)
    assert [change["event"]["participant"] for change in changes] == ["friend-2", "friend-4", "friend-5"]
    assert [change["before"]["trace"]["rewards"][0]["amount"] for change in changes] == [9000] * 3
    assert [change["after"]["trace"]["rewards"][0]["amount"] for change in changes] == [2500] * 3


def test_a_pause_holds_from_its_place_on_where_what_happened_later_is_left_out(workspace: str) -> None:
    stopped_and_ended(workspace, held(9000))
    _, changes = asked(workspace, document=held(), until=datetime(2025, 12, 1, tzinfo=UTC))
    assert [change["event"]["participant"] for change in changes] == ["friend-5"]


def test_other_workspaces_are_not_seen(workspace: str) -> None:
    told(workspace)
    other = str(directory.create("other", "Other").id)
    publish(other, PROGRAM)
    result, _ = asked(other, document=document(thanks=4000))
    assert (result["events"], result["totals"]) == (1, [])


def test_a_merge_late_in_a_long_batch_takes_over_what_was_approved_early_in_it(workspace: str) -> None:
    publish(workspace, PROGRAM)
    noise = [event(f"n{number}", "clock.ticked", "2025-06-01T10:00:00", "clock") for number in range(apply.SLICE)]
    merge = event("m", "participant.identified", "2025-06-02T10:00:00", "ann", previous_id="ada")
    send(workspace, link(PROGRAM), *friend(1), *noise, merge)
    with seen(workspace) as tables:
        rows = tables.LedgerAccount.objects.filter(kind="participant_balance", participant__external_id="ann")
        assert [row.credits_posted - row.debits_posted for row in rows] == [2_500]


def test_what_rings_before_an_entry_of_everybody_is_in_every_part(
    workspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(workspace, PROGRAM)
    send(workspace, link(PROGRAM), *friend(1), link(PROGRAM, "bob", "bob"), *friend(2, "bob"))
    rate = {"base": "EUR", "quote": "USD", "rate": "1.1", "source": "test", "date": "2025-06-01"}
    send(workspace, event("rate", "fx.rate_published", "2025-06-02T10:00:00", **rate))
    tried = document()
    tried["rewards"][1]["hold"] = "P60D"
    one: list[compare.Change] = []
    two: list[compare.Change] = []
    question = job.Question(tried)
    whole = job.run(workspace, question, tell=one.append)
    monkeypatch.setattr(job, "WORTH_CUTTING", 0)
    cut = job.run(workspace, question, tell=two.append, processes=2)
    rung = [change for change in one if change["event"]["type"] == "hold.ended"]
    assert (len(rung), whole["timers"], cut["whole"]) == (4, 2, None)  # two end later than they did
    assert (sorted(two, key=str), cut["changed"]) == (sorted(one, key=str), whole["changed"])
    assert cut["liability"] == whole["liability"]


def test_a_long_history_is_cut_into_more_parts_than_work_at_it(workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told(workspace)
    send(workspace, link(PROGRAM, "bob", "bob"), *friend(4, "bob"), *friend(5, "bob"))
    question = job.Question(document(thanks=4000))
    whole = job.run(workspace, question)
    monkeypatch.setattr(job, "WORTH_CUTTING", 0)
    monkeypatch.setattr(parts, "ENTRIES", 5)
    cut = job.run(workspace, question)
    assert (whole["whole"], cut["whole"], cut["processes"]) == ("one process", None, 1)
    for name in whole.keys() - {"seconds", "processes", "whole"}:
        assert whole[name] == cut[name], name


def test_two_processes_come_to_the_same_as_one(workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told(workspace)
    send(workspace, link(PROGRAM, "bob", "bob"), *friend(4, "bob"), *friend(5, "bob"))
    while worker.drain(workspace):
        pass
    one: list[compare.Change] = []
    two: list[compare.Change] = []
    question = job.Question(document(thanks=4000, welcome=100))
    whole = job.run(workspace, question, tell=one.append)
    assert job.run(workspace, question, processes=2)["whole"] == "a short history"
    monkeypatch.setattr(job, "WORTH_CUTTING", 0)
    cut = job.run(workspace, question, tell=two.append, processes=2)
    assert (whole["processes"], cut["processes"], cut["whole"]) == (1, 2, None)
    for name in whole.keys() - {"seconds", "processes", "whole"}:
        assert whole[name] == cut[name], name
    assert two == one
    coupled = document()
    coupled["limits"] = [{"per": "program", "budget": 100_000}]
    assert "a limit per program" in job.run(workspace, job.Question(coupled), processes=2)["whole"]
