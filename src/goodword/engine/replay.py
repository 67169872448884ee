"""Replay equals live: a workspace is rebuilt from its log and compared with what stands.

The rebuilding happens in temporary tables that hide the real ones, in one transaction whose snapshot
does not see what live work does meanwhile. Events go through the same `step` in the order in which they
were applied, in pages, so that memory does not grow with the log; nothing that stands is touched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import Error, connection, transaction

from goodword.domain.decide import ALONE, TIMERS, step
from goodword.domain.events import Event, from_log
from goodword.domain.state import State
from goodword.engine import grounds, load, rolls
from goodword.engine.apply import SLICE, no_collection
from goodword.engine.grounds import Difference as Difference
from goodword.engine.save import APPLIED, DECISION, OUTBOX, Done, save
from goodword.store import cluster, tenancy
from goodword.store.sql import array, execute, fetch, writing

PAGE = 4_000
"""Events rebuilt at once."""
BUFFERS = "64MB"
"""Memory of the server for the temporary tables; what does not fit is on its disk."""
ANALYZE_AFTER = (1, 10, 100, 1_000)
"""After how many pages the temporary tables' statistics are taken; nothing else would take them."""

COMPARED: dict[str, tuple[str, str]] = {
    # table: (key, columns that say when a row was written and not what it says)
    "account": ("id", "updated_at"),
    "participant": ("id", "updated_at"),
    "participant_merge": ("id", ""),
    "link": ("id", "typed"),
    "program": ("id", "created_at, name, kind"),
    "referral": ("id", "updated_at"),
    "claim": ("id", ""),
    "reward": ("id", "updated_at"),
    "counter": ("subject_id, name", ""),
    "timer": ("id", "attempts, error, place"),  # of timers that an older version set, the place is not known
    "early_fact": ("id", ""),
    "exchange_rate": ("id", ""),
    "ledger_account": ("id", ""),
    "transfer": ("id", "recorded_at"),
    "applied": ("event_id", "applied_at"),
    "decision": ("id", ""),
    "outbox": ("id", "created_at, delivered_at"),
}
"""What is rebuilt and compared."""
ONLY_WRITTEN = ("ledger_account", "transfer", "applied", "decision", "outbox")
"""Of these nothing is read while rebuilding but by key, so their other indexes are not built again."""
COMPARED_AT_ONCE = {table.statement: table for table in (APPLIED, DECISION, OUTBOX)}
"""Of these nothing is read at all: a rebuilt row is compared with the one that stands, and kept only where it
differs. By the statement that would write it."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay found: how many events, how long (seconds), and the first difference of each table."""

    events: int
    seconds: float
    differences: tuple[Difference, ...]


def verify(workspace_id: str, progress: Callable[[int], None] | None = None) -> Replay:
    """Rebuilds a workspace from its log and compares; live work goes on meanwhile.

    `progress` is told how many events are rebuilt so far. Raises `django.db.Error` for the database's own.
    """
    began = datetime.now(UTC)
    tell = progress or (lambda count: None)
    with _snapshot(workspace_id):
        if amiss := grounds.amiss(workspace_id):
            return Replay(0, (datetime.now(UTC) - began).total_seconds(), tuple(amiss))
        _hide_tables(workspace_id)
        # A cluster would carry what is compared at once to the coordinator and back.
        rows: Counter[str] | None = None if cluster.returning() else Counter()
        events = _rebuild(workspace_id, tell, rows)
        differences: tuple[Difference, ...] = ()
        if not _same(workspace_id, rows):
            if rows is not None:  # once more with every row, to show which one it is
                for table in COMPARED:
                    execute(f"DROP TABLE pg_temp.{table}")
                _hide_tables(workspace_id)
                _rebuild(workspace_id, tell, None)
            differences = tuple(found for table in COMPARED if (found := _first_difference(workspace_id, table)))
    return Replay(events, (datetime.now(UTC) - began).total_seconds(), differences)


def _same(workspace_id: str, rows: Counter[str] | None) -> bool:
    """Whether everything was rebuilt as it stands, so many rows in each table that was compared at once."""
    at_once = {table.name for table in COMPARED_AT_ONCE.values()} if rows is not None else set()
    for name in at_once:
        [(differing, standing)] = fetch(
            f"""
            SELECT (SELECT count(*) FROM pg_temp.{name}),
                   (SELECT count(*) FROM public.{name} WHERE workspace_id = %s)
            """,
            [workspace_id],
        )
        if differing or rows is None or standing != rows[name]:
            return False
    return not any(_differs(workspace_id, table) for table in COMPARED if table not in at_once)


@contextmanager
def _snapshot(workspace_id: str) -> Iterator[None]:
    """A transaction that sees one moment of the workspace, and leaves nothing behind."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with tenancy.workspace(workspace_id):
            yield
        transaction.set_rollback(True)


def _hide_tables(workspace_id: str) -> None:
    """Empty temporary tables of the same names, found before the real ones; with the ledger's rules."""
    with suppress(Error), transaction.atomic():  # a session that had temporary tables before keeps what it has
        execute(f"SET LOCAL temp_buffers = '{BUFFERS}'")
    for table, (key, _) in COMPARED.items():
        like = "INCLUDING ALL EXCLUDING INDEXES" if table in ONLY_WRITTEN else "INCLUDING ALL"
        execute(f"CREATE TEMPORARY TABLE {table} (LIKE public.{table} {like}) ON COMMIT DROP")
        if table in ONLY_WRITTEN:
            execute(f"ALTER TABLE pg_temp.{table} ADD PRIMARY KEY (workspace_id, {key})")
    execute(
        """
        CREATE TRIGGER ledger_post AFTER INSERT ON pg_temp.transfer
        REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_post()
        """
    )
    execute(
        """
        INSERT INTO pg_temp.program (workspace_id, id, key, name, kind, test, live_version_id, created_at)
        SELECT workspace_id, id, key, name, kind, test, NULL, created_at FROM public.program WHERE workspace_id = %s
        """,
        [workspace_id],
    )


def _rebuild(workspace_id: str, progress: Callable[[int], None], rows_at_once: Counter[str] | None) -> int:
    """Applies the whole log to the temporary tables; gives how many events that were. With `rows_at_once` some
    tables are compared meanwhile, and it counts their rows."""
    last = count = pages = 0
    # As in live work, what a page reads it names by key, also in tables nobody has looked at since they grew.
    execute("SELECT set_config('enable_seqscan', 'off', true)")
    erased = fetch("SELECT EXISTS (SELECT FROM erasure WHERE workspace_id = %s)", [workspace_id])[0][0]
    while rows := _page(workspace_id, last):
        for part in _parts(rows):
            with no_collection():
                _rebuild_part(workspace_id, part, erased, rows_at_once)
        last, count, pages = rows[-1][0], count + len(rows), pages + 1
        if pages in ANALYZE_AFTER:
            for table in COMPARED:
                execute(f"ANALYZE pg_temp.{table}")
        progress(count)
    execute("SELECT set_config('enable_seqscan', 'on', true)")
    return count


def _parts(rows: list[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """The rows, cut before every ring that a batch must begin with."""
    start = 0
    for place, row in enumerate(rows):
        if place > start and row[2] in ALONE:
            yield rows[start:place]
            start = place
    yield rows[start:]


def _rebuild_part(
    workspace_id: str, rows: list[tuple[Any, ...]], erased: bool, rows_at_once: Counter[str] | None
) -> None:
    events = [from_log(*row[1:]) for row in rows]
    timers = load.timers(workspace_id, [event.properties["timer"] for event in events if event.type in TIMERS])
    begin = [timer for timer in timers if timer.id == events[0].properties.get("timer")]
    state = load.programs(workspace_id)
    state.concluded = _concluded(workspace_id, events) if erased else {}
    load.fill(state, events, timers, rolls.first_alone(begin))
    _decide_again(state, [row[0] for row in rows], events, rows_at_once)


def _decide_again(
    state: State, positions: Sequence[int], events: Sequence[Event], rows_at_once: Counter[str] | None
) -> None:
    """Moves the state event by event, as the worker did, and writes slices of it beside the deciding."""
    now = datetime.now(UTC)
    done: list[Done] = []
    rung: list[str] = []
    whole = () if rows_at_once is None else tuple(COMPARED_AT_ONCE.values())
    with writing() as writer:

        def write(statement: str, values: Sequence[Any]) -> None:
            table = None if rows_at_once is None else COMPARED_AT_ONCE.get(statement)
            writer.execute(table.differing if table else statement, values)

        for place, (position, event) in enumerate(zip(positions, events, strict=True), start=1):
            state.position = position - 1
            result = step(state, event)
            if event.type in TIMERS:
                rung.append(event.properties["timer"])
                if rung[-1] not in state.timers:
                    state.changes.timers.pop(rung[-1], None)
            done.append(Done(event, position, result.participant_id, result.decisions, rang=False))
            if place % SLICE == 0 or place == len(events) or state.cut:
                if rows_at_once is not None:
                    rows_at_once["applied"] += len(done)
                    rows_at_once["decision"] += sum(len(entry.decisions) for entry in done)
                    rows_at_once["outbox"] += len(state.changes.notices)
                save(state, done, now, write, whole=whole)
                state.forget_changes()
                state.cut = False
                done.clear()
        # A timer that rang is gone, unless it was set again since.
        gone = [id for id in rung if id not in state.timers]
        if gone:
            writer.execute(
                "DELETE FROM timer WHERE workspace_id = %s AND id = ANY(%s::uuid[])",
                [state.workspace_id, array("uuid", gone)],
            )


def _page(workspace_id: str, after: int) -> list[tuple[Any, ...]]:
    """The next events in the order in which they were applied (applied_position)."""
    return fetch(
        """
        SELECT applied.position, event.id::text, event.type, event.source, event.event_id, event.occurred_at,
               event.received_at, event.payload
        FROM public.applied
        CROSS JOIN LATERAL (
            SELECT * FROM public.event WHERE event.workspace_id = %s AND event.id = applied.event_id OFFSET 0
        ) AS event
        WHERE applied.workspace_id = %s AND applied.position > %s
        ORDER BY applied.position
        LIMIT %s
        """,
        [workspace_id, workspace_id, after, PAGE],
    )


def _concluded(workspace_id: str, events: Sequence[Event]) -> dict[tuple[str, str], Sequence[Mapping[str, Any]]]:
    """What conditions gave whose facts were erased since: it cannot be worked out again."""
    rows = fetch(
        """
        SELECT event_id::text, program_id::text, trace->'checks' FROM public.decision
        WHERE workspace_id = %s AND event_id = ANY(%s::uuid[]) AND trace ? 'erased'
        """,
        [workspace_id, array("uuid", [event.id for event in events])],
    )
    return {(event_id, program_id): checks for event_id, program_id, checks in rows}


def _first_difference(workspace_id: str, table: str) -> Difference | None:
    return _shown_difference(workspace_id, table) if _differs(workspace_id, table) else None


def _without(table: str) -> list[str]:
    return [name.strip() for name in COMPARED[table][1].split(",") if name]


def _differs(workspace_id: str, table: str) -> bool:
    key, without = COMPARED[table][0], _without(table)
    told = [name for name in _columns(table) if name not in without]
    live, again = (", ".join(f"{side}.{name}" for name in told) for side in ("live", "again"))
    rows = fetch(
        f"""
        SELECT EXISTS (
            SELECT FROM (SELECT * FROM public.{table} WHERE workspace_id = %s) AS live
            FULL JOIN pg_temp.{table} AS again USING (workspace_id, {key})
            WHERE ({live}) IS DISTINCT FROM ({again})
        )
        """,
        [workspace_id],
    )
    return bool(rows[0][0])


def _columns(table: str) -> list[str]:
    rows = fetch(
        "SELECT quote_ident(attname) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        [f"public.{table}"],
    )
    return [name for (name,) in rows]


def _shown_difference(workspace_id: str, table: str) -> Difference:
    """The first row that differs, as data; for that every row is made data, which takes its time."""
    key, left_out = COMPARED[table][0], array("text", _without(table))
    rows = fetch(
        f"""
        WITH live AS (
            SELECT ({key})::text AS key, to_jsonb(live) - %s::text[] AS row
            FROM public.{table} AS live
            WHERE workspace_id = %s
        ), replayed AS (
            SELECT ({key})::text AS key, to_jsonb(again) - %s::text[] AS row FROM pg_temp.{table} AS again
        )
        SELECT key, live.row, replayed.row
        FROM live FULL JOIN replayed USING (key)
        WHERE live.row IS DISTINCT FROM replayed.row
        ORDER BY key
        LIMIT 1
        """,
        [left_out, workspace_id, left_out],
    )
    return Difference(table, *rows[0])
