"""A slice of the demo, sent in any chunking, any part of it twice, applied in any batches: the same numbers,
and nothing counted but duplicates."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from goodword.engine import apply, history, programs, record, worker
from goodword.insight.summary import Summary, summary
from goodword.ops.demo import companies, stream
from goodword.store import workspaces
from support.stories import RECIPES, recipe

FIRST = 2_000
"""Events from the beginning of the stream; all of the B2B part comes with them."""


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    later = {fact.raw["event_id"] for fact in companies.facts()}
    chosen = [
        event
        for place, event in enumerate(stream.events())
        if place < FIRST or (event["source"] == "simulated" and event["event_id"] in later)
    ]
    assert 3_000 < len(chosen) < 4_000
    return chosen


def house(name: str) -> str:
    """A new workspace with the three programmes."""
    workspace_id = str(workspaces.create(name, name).id)
    for key in RECIPES:
        programs.publish(workspace_id, recipe(key), by="tests")
    return workspace_id


def apply_all(workspace_id: str, limit: int) -> None:
    while True:
        done = apply.apply_pending(workspace_id, limit=limit, ring=False)
        if not (done.events or done.more):
            return


def sent(workspace_id: str, events: Sequence[dict[str, Any]], dice: random.Random) -> Iterator[record.Recorded]:
    """Sends the events in chunks of any size, parts sent before again and again, applying now and then."""
    place = 0
    while place < len(events):
        size = dice.choice((1, 7, 100, 400, 900))
        yield record.record(workspace_id, events[place : place + size])
        place += size
        if dice.random() < 0.5:
            start = dice.randrange(min(place, len(events)))
            yield record.record(workspace_id, events[start : start + dice.randrange(1, 500)])
        if dice.random() < 0.5:
            apply_all(workspace_id, dice.choice((50, 333, 2_000)))


def numbers(workspace_id: str) -> Summary:
    """The summary once everything is applied and the timers that are due by the clock have rung."""
    apply_all(workspace_id, 2_000)
    while worker.drain(workspace_id):
        pass
    found = summary(workspace_id)
    assert found.trial_balance.balanced
    return found


def test_parts_sent_twice_in_any_chunking_change_nothing(db: str, events: list[dict[str, Any]]) -> None:
    whole = house("whole")
    with history.loading(whole):
        assert len(record.record(whole, events).inserted) == len(events)
        apply_all(whole, 2_000)
    expected = numbers(whole)
    for seed in range(3):
        parts = house(f"parts-{seed}")
        inserted = duplicates = total = 0
        with history.loading(parts):
            for recorded in sent(parts, events, random.Random(seed)):
                inserted += len(recorded.inserted)
                duplicates += len(recorded.duplicates)
                total += len(recorded.receipts)
            apply_all(parts, 2_000)
        assert inserted == len(events)
        assert duplicates == total - inserted > 0
        assert numbers(parts) == expected


def test_a_slice_sent_again_after_everything_is_only_duplicates(db: str, events: list[dict[str, Any]]) -> None:
    workspace_id = house("again")
    with history.loading(workspace_id):
        record.record(workspace_id, events)
        apply_all(workspace_id, 2_000)
    before = numbers(workspace_id)
    repeated = record.record(workspace_id, list(reversed(events)))
    assert (len(repeated.inserted), len(repeated.duplicates)) == (0, len(events))
    assert numbers(workspace_id) == before


def test_the_slice_reaches_what_the_demo_is_to_show(db: str, events: list[dict[str, Any]]) -> None:
    workspace_id = house("shown")
    with history.loading(workspace_id):
        record.record(workspace_id, events)
        apply_all(workspace_id, 2_000)
    found = numbers(workspace_id)
    assert {row.reason for row in found.decisions} >= {
        "linked", "opened", "advanced", "rewarded", "recorded", "reversed", "ended",
        "not_referred", "already_referred", "already_submitted", "already_in_state", "wrong_state",
        "condition_error", "waitlisted", "unknown_referral", "outside_window", "awaiting_approval",
        "existing_customer", "already_in_pipeline", "outside_icp",
        "not_paying", "account_too_new", "in_collections", "open_dispute", "inactive",
    }  # fmt: skip
    assert {row.state for row in found.referrals} >= {
        "closed_won", "closed_lost", "disqualified", "duplicate", "expired",
    }  # fmt: skip
    assert {row.state for row in found.rewards} >= {
        "pending", "approved", "issued", "redeemed", "rejected", "cancelled", "reversed", "failed",
    }  # fmt: skip
    assert all(row.simulated == row.count for row in found.referrals)
    assert all(row.simulated == row.count for row in found.rewards)
