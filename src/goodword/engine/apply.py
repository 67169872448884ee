"""Applies what was recorded: a batch of one workspace's events in one transaction.

Inside it: the lock that makes this worker the only one on the workspace, the state, the decisions, and
every change with the events marked as applied. After a crash at any point the batch is applied wholly or
not at all.
"""

from __future__ import annotations

import gc
import heapq
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import accumulate

import structlog
from django.db import Error, OperationalError
from uuid_utils import uuid7

from goodword.domain import ids
from goodword.domain.decide import ALONE, TIMERS, step
from goodword.domain.events import Event, from_log
from goodword.domain.payloads import CATALOGUE
from goodword.domain.rows import Timer
from goodword.domain.state import State
from goodword.engine import load, rolls, watch
from goodword.engine.save import Done, save
from goodword.engine.turns import Turns
from goodword.store import tenancy
from goodword.store.attempts import MAX_ATTEMPTS as MAX_ATTEMPTS
from goodword.store.sql import Now, Writer, array, execute, fetch, fetch_together, planned_once, writing

BATCH = 4_000
"""Events taken at once. More makes no event cheaper and every wait longer."""
WHOLE = 1_000
"""Events up to which a batch is written in one piece: so many need no more statements than one does."""
SLICE = 500
"""Of more, events decided before what they changed is sent to the database, which writes it while the next are
decided."""
FIRST = (125, 250)
"""Events in the first slices, while whose like is decided the database has no work."""
LAST = 125
"""Events in the last slice, which nothing is decided beside."""
SMALL = 100
"""Events up to which a batch is written when it is decided: a thread would cost more than it saves."""
AFTER_ALONE = 500
"""Events taken where the batch begins with a ring that reads more than others."""
BEHIND = 200
"""How many of those next in line are read with the ones whose turn has come."""
LOCK_WAIT = "5s"
"""How long a caller who waits for the answer waits for the worker at work."""

_UNSEEN = -1
"""The place of a timer that is due and not in memory: before any other of its moment."""

log = structlog.get_logger("goodword.engine")

Waiting = tuple[int, str, Event]
"""An event of the inbox: its place in the queue, the id of the request it came with, the event."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What one call did. `busy`: another worker has the workspace. `more`: work may be left. `batch`: what was
    committed, when that was anything."""

    events: int = 0
    rings: int = 0
    busy: bool = False
    more: bool = False
    batch: watch.Batch | None = None


class Busy(RuntimeError):
    """The workspace's worker did not come free in time; the events are safe and will be applied."""

    code = "engine_busy"


class _Poison(Exception):
    """An event made the engine fail; the batch was rolled back."""

    def __init__(self, event: Event, error: Exception) -> None:
        self.event = event
        self.error = error
        super().__init__(str(error))


def apply_pending(
    workspace_id: str,
    *,
    limit: int = BATCH,
    wait: bool = False,
    ring: bool = True,
    now: datetime | None = None,
) -> Applied:
    """Applies one batch of waiting events, oldest arrival first, and rings the timers that come due.

    Timers ring by the time of the events. With `ring`, those due by the clock ring too, once no event
    waits and nobody is loading history. With `wait`, waits for another worker; raises `Busy`.
    """
    with structlog.contextvars.bound_contextvars(batch=str(uuid7())), no_collection():
        return _apply_or_set_back(workspace_id, limit, wait, ring, now or datetime.now(UTC))


@contextmanager
def no_collection() -> Iterator[None]:
    """A block without looks for cycles of garbage: a batch makes many values, keeps them to its end, and they
    hold no cycles, so each look would cost the more and find nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _apply_or_set_back(workspace_id: str, limit: int, wait: bool, ring: bool, now: datetime) -> Applied:
    try:
        applied = _apply_batch(workspace_id, limit, wait, ring, now)
        if applied.batch is not None:
            applied.batch.count()
        return applied
    except _Poison as poison:
        _set_back(workspace_id, poison.event, poison.error)
        return Applied(more=True)
    except OperationalError as error:
        if wait and "lock timeout" in str(error):
            raise Busy("the engine is busy with this workspace; the events are recorded and will be applied") from error
        raise
    except Error as error:
        if limit == 1:
            raise
        # One event's or timer's writes were refused by the database: a batch of one finds out whose.
        log.error("batch_refused", workspace=workspace_id, limit=limit, error=watch.name_of(error))
        return apply_pending(workspace_id, limit=1, wait=wait, ring=ring, now=now)


def apply_until(workspace_id: str, event_ids: list[str]) -> None:
    """Applies, in this process, until these events are applied or set aside. Callers who come at the same time
    share a batch. Raises `Busy`."""
    turn = _turns.of(workspace_id)
    while turn.take(partial(_apply_shared, workspace_id)).more and _any_waiting(workspace_id, event_ids):
        pass


_turns: Turns[Applied] = Turns()


def _apply_shared(workspace_id: str) -> Applied:
    applied = apply_pending(workspace_id, wait=True, ring=False)
    if applied.batch is not None and watch.request_id():
        applied.batch.tell()
    return applied


def _any_waiting(workspace_id: str, event_ids: list[str]) -> bool:
    with tenancy.workspace(workspace_id):
        rows = fetch(
            """
            SELECT EXISTS (
                SELECT FROM inbox WHERE workspace_id = %s AND event_id = ANY(%s::uuid[]) AND attempts < %s
            )
            """,
            [workspace_id, array("uuid", event_ids), MAX_ATTEMPTS],
        )
    return bool(rows[0][0])


def _apply_batch(workspace_id: str, limit: int, wait: bool, ring: bool, now: datetime) -> Applied:
    with tenancy.workspace(workspace_id), planned_once():
        if not lock(workspace_id, wait):
            return Applied(busy=True)
        began = time.perf_counter()
        read, [[last]], programs = fetch_together(
            (_WAITING, [workspace_id, MAX_ATTEMPTS, limit, workspace_id]),
            (_LAST_POSITION, [workspace_id]),
            (load.PROGRAMS, [workspace_id]),
        )
        waiting = [(row[0], row[1], from_log(*row[2:])) for row in read]
        events = [event for _, _, event in waiting]
        until = min(max((event.occurred_at for event in events), default=now), now)
        if not events and not (ring and _clock_may_ring(workspace_id)):
            return Applied()
        timers = load.due_timers(workspace_id, until, limit, MAX_ATTEMPTS)
        if not events and not timers:
            return Applied()
        state = load.begin(workspace_id, programs)
        first = rolls.first_alone(timers)
        if first:  # its like may follow soon, and ends the batch
            waiting, events = waiting[:AFTER_ALONE], events[:AFTER_ALONE]
        behind = load.behind(workspace_id, timers, BEHIND, MAX_ATTEMPTS)
        load.fill(state, events, [*timers, *behind], first)
        # Where more timers are due than were read, time may not pass the last of them.
        horizon = timers[-1].due_at if len(timers) == limit else now
        try:
            with writing(beside=len(events) > SMALL) as writer:
                batch = _Batch(state, timers, now, last, writer)
                taken = batch.run(events, horizon)
                # A timer that rang is gone, unless it was set again since.
                gone = [id for id in batch.rung if id not in state.timers]
                _clear(workspace_id, waiting[:taken], gone, writer)
        except OperationalError:
            raise  # the database's own trouble, nobody's event's
        except Error as error:
            if limit == 1 and batch.first:
                raise _Poison(batch.first, error) from error
            raise
        more = len(events) == limit or taken < len(events) or bool(batch.rung) or batch.stopped
    return Applied(taken, len(batch.rung), more=more, batch=_summed(workspace_id, batch, waiting[:taken], began))


def _summed(workspace_id: str, batch: _Batch, applied: list[Waiting], began: float) -> watch.Batch:
    """What is told of a batch that was committed; it began at that reading of the clock."""
    return watch.Batch(
        str(structlog.contextvars.get_contextvars()["batch"]),
        workspace_id,
        len(applied),
        len(batch.rung),
        time.perf_counter() - began,
        batch.reasons,
        frozenset(request for _, request, _ in applied if request),
    )


class _Batch:
    """Moves the state event by event, ringing each timer before the first event at or after its moment. It stops
    where it would need what only the next one will have read: `stopped`."""

    def __init__(self, state: State, timers: list[Timer], now: datetime, last: int, writer: Writer | Now) -> None:
        self.state = state
        self.writer = writer
        self.now = now
        self.position = state.position = last
        self.stopped = False
        self.first: Event | None = None
        self.rung: list[str] = []
        self.reasons = watch.tally(())
        self._done: list[Done] = []
        self._due = [(timer.due_at, timer.place, timer.id) for timer in timers]
        heapq.heapify(self._due)

    def run(self, events: list[Event], horizon: datetime) -> int:
        """Applies and writes events up to the horizon; gives how many. Without any, rings what is due."""
        taken = 0
        ends = slices(len(events))
        for event in events:
            moment = min(event.occurred_at, self.now)
            if moment > horizon:
                break
            self.ring_until(moment)
            if self.stopped:
                break
            self._apply(event, rang=False)
            taken += 1
            if self.stopped:
                break
            if taken in ends:
                self._write()
        if not self.stopped and (taken < len(events) or not events):
            self.ring_until(horizon)
        self._write()
        return taken

    def _write(self) -> None:
        """Gives the writer what the events since the last time changed, and lets go of it: memory that was just used
        is used again."""
        save(self.state, self._done, self.now, self.writer.execute)
        self.state.forget_changes()
        self.reasons.update((decision.outcome, decision.reason) for done in self._done for decision in done.decisions)
        self._done.clear()

    def ring_until(self, moment: datetime) -> None:
        """Rings what is due at or before a moment, in order, also what a ring itself sets. Stops where the next must
        begin a batch."""
        while self._due and self._due[0][0] <= moment:
            due_at, place, id = self._due[0]
            timer = self.state.timers.get(id)
            if place == _UNSEEN or (timer and timer.kind in ALONE and self.first):
                self.stopped = True
                return
            heapq.heappop(self._due)
            if timer is None or timer.due_at != due_at:
                continue
            name = f"{id}:{self.position + 1}"
            event_id = ids.derive(due_at, self.state.workspace_id, "event", name)
            self.rung.append(id)
            self._apply(
                Event(timer.kind, "timer", name, due_at, self.now, {"timer": id}, id=event_id),
                rang=True,
            )
            if id not in self.state.timers:
                # The row goes with the ring, also where the timer was only set in this batch.
                self.state.changes.timers.pop(id, None)

    def _apply(self, event: Event, *, rang: bool) -> None:
        try:
            result = step(self.state, event)
        except Exception as error:
            raise _Poison(event, error) from error
        self.position += 1
        self.first = self.first or event
        self._done.append(Done(event, self.position, result.participant_id, result.decisions, rang))
        for timer in self.state.new_timers:
            if timer.due_at <= self.now:  # no batch goes beyond that
                heapq.heappush(self._due, (timer.due_at, timer.place, timer.id))
        self.state.new_timers.clear()
        for wake in self.state.unseen:
            heapq.heappush(self._due, (wake.at, _UNSEEN, wake.id))
        self.state.unseen.clear()
        self.stopped = self.state.cut


def slices(events: int) -> frozenset[int]:
    """After how many of a batch's events what they changed is written, before the end. The first slices are small, so
    that the database begins early; the last are ever smaller: nothing is decided while the very last one is written."""
    if events <= WHOLE:
        return frozenset()
    ends = [*accumulate(FIRST)]
    ends += range(ends[-1] + SLICE, events, SLICE)
    while events - ends[-1] > LAST:
        ends.append((ends[-1] + events) // 2)
    return frozenset(ends)


def lock(workspace_id: str, wait: bool) -> bool:
    """One worker at a time on a workspace, for the length of the transaction. What a batch reads it names by
    key, so it is found by key, also in tables the database has not looked at since they grew."""
    key = f"goodword.apply:{workspace_id}"
    if wait:
        execute(
            """
            SELECT set_config('enable_seqscan', 'off', true), set_config('lock_timeout', %s, true),
                   pg_advisory_xact_lock(hashtextextended(%s, 0))
            """,
            [LOCK_WAIT, key],
        )
        return True
    taken = fetch(
        "SELECT set_config('enable_seqscan', 'off', true), pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [key]
    )
    return bool(taken[0][1])


def _clock_may_ring(workspace_id: str) -> bool:
    """Whether nobody is loading history, whose time is not the clock's."""
    key = history_key(workspace_id)
    return bool(fetch("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [key])[0][0])


def history_key(workspace_id: str) -> str:
    """The name of the lock that loaders of history share."""
    return f"goodword.history:{workspace_id}"


_WAITING = """
    WITH waiting AS MATERIALIZED (
        SELECT seq, event_id, request
        FROM inbox
        WHERE workspace_id = %s AND attempts < %s
        ORDER BY seq
        LIMIT %s
    )
    SELECT waiting.seq, waiting.request, event.id::text, event.type, event.source, event.event_id,
           event.occurred_at, event.received_at, event.payload
    FROM waiting
    CROSS JOIN LATERAL (
        SELECT * FROM event WHERE event.workspace_id = %s AND event.id = waiting.event_id OFFSET 0
    ) AS event
    ORDER BY waiting.seq
"""
"""The oldest waiting events that are not set aside, by arrival. The few that wait are chosen first, and each is then
found by the log's whole key (event_pkey), so that the cost does not grow with the log. `OFFSET 0` sees to that: of a
workspace that it has no statistics of yet, the database would read the whole log for each event."""
_LAST_POSITION = "SELECT coalesce(max(position), 0) FROM applied WHERE workspace_id = %s"


def last_position(workspace_id: str) -> int:
    """How many events were applied in the workspace."""
    return int(fetch(_LAST_POSITION, [workspace_id])[0][0])


def _clear(workspace_id: str, applied: list[Waiting], rung: list[str], writer: Writer | Now) -> None:
    if applied:
        arrivals = array("bigint", (seq for seq, _, _ in applied))
        writer.execute(
            "DELETE FROM inbox WHERE workspace_id = %s AND seq = ANY(%s::bigint[])", [workspace_id, arrivals]
        )
    if rung:
        writer.execute(
            "DELETE FROM timer WHERE workspace_id = %s AND id = ANY(%s::uuid[])", [workspace_id, array("uuid", rung)]
        )


def _set_back(workspace_id: str, event: Event, error: Exception) -> None:
    """Counts a failed attempt. After the last the event is set aside: kept, visible, not tried again. The
    error's own words stay in the database; the log has its name."""
    table, column, id, request = ("inbox", "event_id", event.id, "request")
    if event.type in TIMERS:
        table, column, id, request = ("timer", "id", event.properties["timer"], "''")
    with tenancy.workspace(workspace_id):
        rows = execute(
            f"UPDATE {table} SET attempts = attempts + 1, error = %s WHERE workspace_id = %s AND {column} = %s::uuid "
            f"RETURNING attempts, {request}",
            [repr(error)[:2000], workspace_id, id],
        ).fetchall()
    watch.FAILED.inc()
    attempts, request = rows[0] if rows else (0, "")
    log.error(
        "event_failed",
        workspace=workspace_id,
        type=event.type if event.type in CATALOGUE or event.type in TIMERS else "custom",
        event_id=event.id,
        request=request,
        attempts=attempts,
        set_aside=attempts >= MAX_ATTEMPTS,
        error=watch.name_of(error),
    )
