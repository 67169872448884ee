"""A batch is applied wholly or not at all, each event once, in one stored order."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, OperationalError, connection

from goodword.domain import decide
from goodword.engine import apply, history, record, replay, save, worker
from goodword.engine import aside as set_aside
from goodword.store import tenancy
from goodword.store import workspaces as directory

from .helpers import counted, event, friend, held, link, publish, seen, send, snapshot

PROGRAM = "bronze-silver-gold"


def story(friends: int = 8) -> list[dict[str, Any]]:
    """Ada brings friends, a few days apart; the holds of the first end before the last arrive."""
    events = [link(PROGRAM)]
    for number in range(friends):
        events += friend(number, at=f"2025-03-{1 + 3 * number:02}T10:00:00")
    return events


def test_events_of_one_batch_see_what_the_ones_before_did(workspace: str) -> None:
    publish(workspace, PROGRAM)
    send(workspace, *story(7))
    with seen(workspace) as tables:
        paid = tables.Reward.objects.filter(rule="friend").order_by("granted_at").values_list("amount", flat=True)
        # The monthly cap of five; the sixth and seventh friend of March are refused.
        assert list(paid) == [1000, 1000, 1500, 1500, 1500]
        refused = tables.Decision.objects.filter(reason="cap_reached")
        assert refused.count() == 2


@pytest.mark.parametrize("chunk", [1, 2, 5, 100])
@pytest.mark.parametrize("batch", [1, 3, 100])
def test_chunks_and_batches_of_any_size_and_repeats_lead_to_the_same(db: str, chunk: int, batch: int) -> None:
    results = []
    for name, sizes, repeat in (("whole", (100, 2000), False), ("pieces", (chunk, batch), True)):
        workspace = str(directory.create(name, name).id)
        publish(workspace, PROGRAM)
        events = story()
        with history.loading(workspace):
            for start in range(0, len(events), sizes[0]):
                piece = events[start : start + sizes[0]]
                record.record(workspace, piece)
                if repeat:
                    assert not record.record(workspace, events[: start + len(piece)]).inserted
                while apply.apply_pending(workspace, limit=sizes[1]).more:
                    pass
        worker.drain(workspace)
        results.append(snapshot(workspace))
    assert results[0] == results[1]
    assert results[0]["rewards"]
    assert results[0]["timers"] == []


def test_what_many_rows_have_alike_is_written_as_if_it_were_said_for_each(db: str) -> None:
    results = []
    for name, batch in (("whole", 2_000), ("pieces", save.MANY - 10)):
        workspace = str(directory.create(name, name).id)
        publish(workspace, PROGRAM)
        events = [link(PROGRAM, who=f"r{number}", code=f"code{number}") for number in range(60)]
        for number in range(180):
            signup, order = friend(number, code=f"code{number // 3}")
            # Equal to Python, and not the same.
            signup["participant"] = {"external_id": signup["participant"], "vip": 1 if number % 2 else True}
            events += [signup, order]
        record.record(workspace, events)
        while apply.apply_pending(workspace, limit=batch, ring=False).more:
            pass
        results.append(snapshot(workspace))
        assert replay.verify(workspace).differences == ()
        with seen(workspace) as tables:
            traits = tables.Participant.objects.filter(external_id__startswith="friend").values_list(
                "traits", flat=True
            )
            assert sorted(str(row["vip"]) for row in traits) == ["1"] * 90 + ["True"] * 90
            assert tables.Reward.objects.exclude(basis={}).count() == 0
    assert results[0] == results[1]


@pytest.mark.parametrize("events", [1, 500, 1_000, 1_001, 1_130, 3_999, 4_000, 10_000])
def test_a_batch_is_cut_so_that_the_first_and_the_last_slice_are_small(events: int) -> None:
    cuts = [0, *sorted(apply.slices(events)), events]
    sizes = [after - before for before, after in pairwise(cuts)]
    assert all(0 < size <= apply.SLICE for size in sizes) or len(sizes) == 1
    assert events <= apply.WHOLE or (sizes[-1] <= apply.LAST and sizes[0] == apply.FIRST[0])
    assert len(sizes) <= events // apply.SLICE + 4 + len(apply.FIRST)


def test_a_failure_at_any_statement_leaves_everything_to_be_applied_again(
    workspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(workspace, PROGRAM)
    record.record(workspace, story(4))
    untouched = snapshot(workspace)
    real = psycopg.Cursor.execute
    countdown = 1
    failed = 0

    def fail_at_countdown(cursor: Any, statement: Any, *arguments: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            raise ConnectionAbortedError(statement)
        return real(cursor, statement, *arguments, **named)

    while True:
        left = countdown
        monkeypatch.setattr(psycopg.Cursor, "execute", fail_at_countdown)
        try:
            apply.apply_pending(workspace, ring=False)
        except ConnectionAbortedError:
            monkeypatch.undo()
            failed += 1
            countdown += 1
            assert snapshot(workspace) == untouched
            continue
        break
    monkeypatch.undo()
    assert failed > 15, "the batch has more statements than were made to fail"
    with seen(workspace) as tables:
        assert tables.Reward.objects.filter(rule="friend").count() == 4
        assert not tables.Inbox.objects.exists()


def test_statements_do_not_grow_with_the_batch(db: str) -> None:
    counts = []
    for total in (10, 1_000):
        friends = total // 3
        workspace = str(directory.create(f"w{total}", "W").id)
        publish(workspace, PROGRAM)
        events = [link(PROGRAM, who=f"r{number}", code=f"code{number}") for number in range(total - 2 * friends)]
        for number in range(friends):
            events += friend(number, code=f"code{number}")
        record.record(workspace, events)
        with counted() as statements:
            assert apply.apply_pending(workspace, ring=False).events == len(events) == total
        counts.append(len(statements))
    assert counts[0] == counts[1] > 15


def kept_plans() -> set[str]:
    """The statements whose plans this session keeps."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return {" ".join(statement.split()) for (statement,) in cursor.fetchall()}


def test_a_session_keeps_its_plans_and_begins_anew_after_a_batch_that_failed(
    workspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(workspace, PROGRAM)
    send(workspace, *story(1))
    if connection.connection.prepare_threshold is None:
        pytest.skip("this database's sessions keep no plans")
    assert len(kept_plans()) > 15
    connection.close()

    # The very first writes of a session fail, and with them the plans that were to be made in the same breath.
    monkeypatch.setattr("goodword.engine.save.DECISION", replace(save.DECISION, name="nowhere"))
    record.record(workspace, friend(7))
    assert apply.apply_pending(workspace, ring=False).events == 0
    monkeypatch.undo()
    while apply.apply_pending(workspace, ring=False).more:
        pass
    with seen(workspace) as tables:
        assert not tables.Inbox.objects.exists()
    assert len(kept_plans()) > 15
    assert replay.verify(workspace).differences == ()


def test_an_event_committed_late_is_found_and_none_is_skipped(workspace: str) -> None:
    publish(workspace, PROGRAM)
    inside, go_on = threading.Event(), threading.Event()

    def write_late() -> None:
        with tenancy.workspace(workspace):
            record.record(
                workspace, [event("late", "order.completed", "2025-03-01T10:00:00", "a", value=1, currency="USD")]
            )
            inside.set()
            go_on.wait(10)
        connection.close()

    writer = threading.Thread(target=write_late)
    writer.start()
    assert inside.wait(10)
    send(workspace, event("early", "order.completed", "2025-03-02T10:00:00", "b", value=1, currency="USD"))
    go_on.set()
    writer.join()
    send(workspace)

    with seen(workspace) as tables:
        order = tables.Applied.objects.filter(event__source="api").order_by("position")
        assert list(order.values_list("event__event_id", flat=True)) == ["early", "late"]
        late = tables.Inbox.objects.all()
        assert not late.exists()


def test_workers_side_by_side_apply_each_event_once_in_one_order(workspace: str) -> None:
    publish(workspace, PROGRAM)
    send(workspace, link(PROGRAM))
    total = 120

    def write(part: int) -> None:
        for number in range(part, total, 3):
            record.record(workspace, friend(number, at=f"2025-{1 + number % 12:02}-05T10:00:00"))
        connection.close()

    def work() -> None:
        idle = 0
        while idle < 20:
            done = apply.apply_pending(workspace, limit=7, ring=False)
            idle = 0 if done.events else idle + 1
            stop.wait(0.01)
        connection.close()

    stop = threading.Event()
    threads = [threading.Thread(target=write, args=(part,)) for part in range(3)]
    threads += [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with seen(workspace) as tables:
        positions = list(tables.Applied.objects.order_by("position").values_list("position", flat=True))
        assert positions == list(range(1, len(positions) + 1))
        assert tables.Applied.objects.filter(event__source="api").count() == 2 * total + 1
        assert not tables.Inbox.objects.exists()
        by_month: dict[int, int] = {}
        for moment in tables.Reward.objects.filter(rule="friend").values_list("granted_at", flat=True):
            by_month[moment.month] = by_month.get(moment.month, 0) + 1
        # Ten friends a month; the cap is five, and not one fewer.
        assert by_month == dict.fromkeys(range(1, 13), 5)


def test_an_event_that_breaks_the_engine_is_set_aside_and_the_others_go_on(
    workspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(workspace, PROGRAM)
    real = decide.step

    def break_on_poison(state: Any, fact: Any) -> Any:
        if fact.event_id == "poison":
            raise RuntimeError("cannot be")
        return real(state, fact)

    monkeypatch.setattr(apply, "step", break_on_poison)
    poison = event("poison", "order.completed", "2025-03-01T10:00:00", "x", value=1, currency="USD")
    record.record(workspace, [link(PROGRAM), poison, *friend(1)])
    for _ in range(10):
        apply.apply_pending(workspace, ring=False)

    with seen(workspace) as tables:
        (aside,) = tables.Inbox.objects.all()
        assert (aside.event.event_id, aside.attempts) == ("poison", apply.MAX_ATTEMPTS)
        assert "cannot be" in aside.error
        assert tables.Reward.objects.filter(rule="friend").exists()

    (entry,) = set_aside.listed(workspace)
    assert (entry.event_id, entry.type) == ("poison", "order.completed")
    monkeypatch.undo()
    assert apply.apply_pending(workspace, ring=False).events == 0
    assert set_aside.retry(workspace, [entry.id]) == 1
    assert apply.apply_pending(workspace, ring=False).events == 1
    assert set_aside.listed(workspace) == []


def test_a_timer_that_breaks_the_engine_is_set_aside_too(workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(workspace, PROGRAM)
    send(workspace, link(PROGRAM), *friend(1))
    real = decide.step

    def break_on_hold(state: Any, fact: Any) -> Any:
        if fact.type == "hold.ended":
            raise RuntimeError("cannot be")
        return real(state, fact)

    monkeypatch.setattr(apply, "step", break_on_hold)
    for _ in range(5):
        apply.apply_pending(workspace)
    (entry,) = set_aside.listed(workspace)
    assert (entry.type, entry.attempts) == ("hold.ended", apply.MAX_ATTEMPTS)
    monkeypatch.undo()
    assert set_aside.retry(workspace) == 1
    assert apply.apply_pending(workspace).rings == 1


def test_holds_end_by_themselves_with_a_worker_running(workspace: str) -> None:
    publish(workspace, PROGRAM)
    now = datetime.now(UTC)
    recent = [
        link(PROGRAM),
        *friend(1, at=(now - timedelta(days=14) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%S")),
    ]
    send(workspace, *recent)
    with seen(workspace) as tables:
        assert tables.Reward.objects.get(rule="friend").state == "pending"

    stop = threading.Event()
    running = threading.Thread(target=worker.run, args=(stop,))
    running.start()
    try:
        deadline = datetime.now(UTC) + timedelta(seconds=20)
        state = "pending"
        while state == "pending" and datetime.now(UTC) < deadline:
            stop.wait(0.2)
            with seen(workspace) as tables:
                state = tables.Reward.objects.get(rule="friend").state
    finally:
        stop.set()
        running.join(15)
    assert state == "approved"
    assert not running.is_alive()


def test_the_clock_rings_nothing_while_history_is_loaded(workspace: str) -> None:
    publish(workspace, PROGRAM)
    send(workspace, link(PROGRAM), *friend(1))
    with history.loading(workspace):
        assert apply.apply_pending(workspace).rings == 0
    assert apply.apply_pending(workspace).rings == 1


def test_timers_beyond_one_batch_ring_in_order_before_later_events(workspace: str) -> None:
    publish(workspace, PROGRAM)
    codes = [link(PROGRAM, who=f"r{number}", code=f"code{number}") for number in range(9)]
    events = [*codes]
    for number in range(9):
        events += friend(number, code=f"code{number}", at=f"2025-03-01T10:00:0{number}")
    send(workspace, *events)
    record.record(workspace, [event("later", "order.completed", "2025-05-01T10:00:00", "z", value=1, currency="USD")])
    calls = 0
    while apply.apply_pending(workspace, limit=4, ring=False).more:
        calls += 1

    with seen(workspace) as tables:
        order = list(tables.Applied.objects.order_by("position").values_list("event__type", "event__occurred_at"))[-10:]
        assert [kind for kind, _ in order] == ["hold.ended"] * 9 + ["order.completed"]
        assert [moment for _, moment in order] == sorted(moment for _, moment in order)
    assert calls >= 2


def test_a_caller_who_waits_too_long_is_told_and_loses_nothing(workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "LOCK_WAIT", "50ms")
    recorded = record.record(
        workspace, [event("o", "order.completed", "2025-03-01T10:00:00", "p", value=1, currency="USD")]
    )
    with held(workspace), pytest.raises(apply.Busy):
        apply.apply_until(workspace, recorded.inserted)
    apply.apply_until(workspace, recorded.inserted)
    with seen(workspace) as tables:
        assert tables.Applied.objects.filter(event_id=recorded.inserted[0]).exists()


def test_a_workspace_that_one_worker_has_is_left_alone_by_the_others(workspace: str) -> None:
    record.record(workspace, [event("o", "order.completed", "2025-03-01T10:00:00", "p", value=1, currency="USD")])
    with held(workspace):
        assert apply.apply_pending(workspace) == apply.Applied(busy=True)
        assert worker.drain(workspace) == 0
    assert apply.apply_pending(workspace).events == 1


def test_a_referral_keeps_the_version_under_which_it_began(workspace: str) -> None:
    from goodword.engine import programs

    from .helpers import recipe

    publish(workspace, PROGRAM)
    send(workspace, link(PROGRAM), friend(1)[0])
    changed = programs.publish(workspace, recipe(PROGRAM).replace("bronze: 1000", "bronze: 9900"), by="test")
    assert (changed.new, changed.number) == (True, 2)
    send(workspace, friend(1)[1], *friend(2))

    with seen(workspace) as tables:
        paid = tables.Reward.objects.filter(rule="friend").order_by("granted_at", "amount")
        assert [(row.version.number, row.amount) for row in paid] == [(1, 1000), (2, 9900)]
        kept = tables.Decision.objects.get(event__event_id="friend-1-order")
        assert kept.trace["kept_version"] == 1


@pytest.mark.parametrize("kind", ["order.completed", "hold.ended"])
def test_what_the_database_refuses_is_found_out_and_set_aside(
    workspace: str, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    publish(workspace, PROGRAM)
    send(workspace, link(PROGRAM), *friend(1))
    real = apply.save

    def refuse(state: Any, done: Any, *how: Any) -> None:
        real(state, done, *how)
        if any(entry.event.type == kind for entry in done):
            raise IntegrityError("no")

    monkeypatch.setattr(apply, "save", refuse)
    if kind == "order.completed":
        record.record(workspace, [friend(2)[0], friend(1)[1] | {"event_id": "bad"}, friend(3)[0]])
    for _ in range(12):
        apply.apply_pending(workspace)
    monkeypatch.undo()

    (entry,) = set_aside.listed(workspace)
    assert (entry.type, entry.attempts) == (kind, apply.MAX_ATTEMPTS)
    with seen(workspace) as tables:
        assert tables.Inbox.objects.count() == (1 if kind == "order.completed" else 0)


def test_a_lost_database_is_no_fault_of_an_event(workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = event("o", "order.completed", "2025-03-01T10:00:00", "p", value=1, currency="USD")
    record.record(workspace, [recorded])

    def lose(*_: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(apply, "save", lose)
    for _ in range(4):
        with pytest.raises(OperationalError):
            apply.apply_pending(workspace, limit=1)
    monkeypatch.undo()
    assert apply.apply_pending(workspace).events == 1


def test_a_timer_that_is_set_again_after_it_rang_in_the_same_batch_stays(workspace: str) -> None:
    publish(workspace, "credit-after-threshold")
    signed_up, _ = friend(1)
    later = event("later", "order.completed", "2026-04-01T10:00:00", "somebody", value=1, currency="USD")
    late = event("late", "order.completed", "2025-03-02T10:00:00", "friend-1", value=100, currency="USD")
    send(workspace, link("credit-after-threshold"), signed_up)
    send(workspace, later, late)  # the referral expires, and a fact from before that brings it back
    with seen(workspace) as tables:
        assert tables.Referral.objects.get().state == "qualified"
        assert tables.Timer.objects.get().kind == "referral.expired"
    assert not replay.verify(workspace).differences
