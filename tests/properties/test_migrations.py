"""Over programmes and histories that nobody thought of: referrals that are moved and taken back at once fare as if
nothing had been; those that are moved are paid once, keep what they were promised, and the books agree."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.properties.test_what_must_hold import LATER, SLOW, Raw, Steady, republished, rows

from goodword.domain import migrating
from goodword.domain.events import parse_event
from goodword.domain.rows import OPEN
from goodword.engine import apply, migrations, record, replay, worker
from goodword.engine import programs as publishing
from goodword.store import workspaces as directory
from support.books import check_books
from support.memory import NOW
from support.random_programs import Document

_NUMBERS = count()
OF_A_MIGRATION = ("migrated:", "unmigrated:", "migration")


def act(memory: Steady, kind: str, at: datetime, **told: Any) -> str:
    """The engine's own event, and its rings; the id of the migration."""
    [program] = memory.state.programs.values()
    properties = {"program": program.key, "by": "Ada", **told}
    raw = {"type": kind, "event_id": f"{kind}{memory.sent}", "occurred_at": at, "properties": properties}
    memory.ring(at)
    [decision] = memory._step(parse_event(raw, NOW, internal=True)).values()
    assert decision.outcome == "yes"
    while due := [timer for timer in memory.state.timers.values() if timer.kind == migrating.PAGED]:
        memory.ring(due[0].due_at)
    return str(decision.trace["migration"]["id"])


def last(events: list[Raw], place: int) -> datetime:
    return max(event["occurred_at"] for event in events[:place])


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(told=republished())
def test_moved_and_taken_back_at_once_nothing_has_changed(told: tuple[Document, Document, list[Raw], int]) -> None:
    document, other, events, place = told
    found = []
    for moves in (False, True):
        memory = Steady(document)
        seen = set()
        for number, event in enumerate(events):
            if number == place:
                memory.publish(other, 2)
                at = last(events, place)
                memory.ring(at)
                if moves:
                    migration = act(memory, "program.migrated", at, to_version=2, from_versions=[1])
                    act(memory, "program.migration_undone", at, migration=migration, to_version=2)
            if event["event_id"] not in seen:
                seen.add(event["event_id"])
                memory.send(event)
        memory.ring(LATER)
        found.append(rows(memory))
    plain, moved = found
    for name in ("referrals", "rewards", "transfers"):
        assert moved[name] == plain[name], name
    counters = {key: value for key, value in moved["counters"].items() if not key[1].startswith(OF_A_MIGRATION)}
    assert counters == plain["counters"]


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(told=republished(), undone=st.booleans())
def test_whoever_is_moved_is_paid_once_and_keeps_what_was_promised(
    told: tuple[Document, Document, list[Raw], int], undone: bool
) -> None:
    document, other, events, place = told
    memory = Steady(document)
    seen: set[str] = set()
    promised: dict[str, Any] = {}
    migration = ""
    for number, event in enumerate(events):
        at = max(event["occurred_at"], last(events, max(1, number)))
        if number == place:
            memory.publish(other, 2)
            promised = {id: (row.version_id, row.amount) for id, row in memory.state.rewards.items()}
            migration = act(memory, "program.migrated", at, to_version=2, from_versions=[1])
            versions = memory.state.versions
            assert {
                versions[row.version_id].number for row in memory.state.referrals.values() if row.state in OPEN
            } <= {2}
        if undone and migration and number == (place + len(events)) // 2:
            act(memory, "program.migration_undone", at, migration=migration, to_version=2)
            migration = ""
            for row in memory.state.referrals.values():
                kept = [memory.state.rewards[id] for id in memory.state.rewards_of.get(row.id, ())]
                number_of = memory.state.versions[row.version_id].number
                assert number_of == (2 if any(memory.state.versions[one.version_id].number == 2 for one in kept) else 1)
        if event["event_id"] not in seen:
            seen.add(event["event_id"])
            memory.send(event)
    memory.ring(LATER)
    rewards = memory.state.rewards
    assert {id: (rewards[id].version_id, rewards[id].amount) for id in promised} == promised
    paid = Counter((row.subject_id, row.rule, row.occurrence) for row in rewards.values())
    assert set(paid.values()) <= {1}
    check_books(memory)


@settings(max_examples=12, deadline=None, suppress_health_check=[*SLOW, HealthCheck.function_scoped_fixture])
@given(told=republished(), chunk=st.integers(1, 40), batch=st.integers(1, 30), undone=st.booleans())
@pytest.mark.usefixtures("db")
def test_replay_equals_live_with_migrations_in_any_batches(
    told: tuple[Document, Document, list[Raw], int], chunk: int, batch: int, undone: bool
) -> None:
    document, other, events, place = told
    workspace = str(directory.create(f"m{next(_NUMBERS)}", "M").id)
    publishing.publish(workspace, document, by="test")
    migration = ""
    for start in range(0, len(events), chunk):
        piece = {event["event_id"]: event for event in events[start : start + chunk]}
        record.record(workspace, list(piece.values()))
        while apply.apply_pending(workspace, limit=batch, ring=False).more:
            pass
        if start <= place < start + chunk and publishing.publish(workspace, other, by="test").new:
            chosen = migrations.choose(workspace, document["program"], 2)
            migration = migrations.migrate(workspace, chosen, by="test")
    worker.drain(workspace)
    if undone and migration:
        migrations.undo(workspace, document["program"], migration, by="test")
    worker.drain(workspace)
    assert replay.verify(workspace).differences == ()
    if migration:
        row = migrations.one(workspace, document["program"], migration)
        assert row.state == ("undone" if undone else "moved")
        assert row.stayed == 0
        assert row.back + row.kept == (row.moved if undone else 0)
