"""A backtest of histories that grow: the demo's orders, sign-ups and links over and over with other people, one history
after another, under the one programme whose history can be cut. The document is put beside version 1 of itself, so each
event is decided twice, and what was decided live need not be made up.

Processor time and memory are those of a process that is started for it and of those that it starts. The floor is the
shortest history's.
"""

from __future__ import annotations

import itertools
import multiprocessing
import resource
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import NamedTuple

import psutil

from bench._figures import Figure
from bench._house import house
from bench._options import Options

PROGRAM = "credit-after-threshold"
TYPES = ("order.completed", "order.refunded", "participant.signed_up", "link.created")
APART = timedelta(days=600)
"""The demo's history is over by then."""
MEGABYTE = 1_000_000
LOOK = 0.1
"""Seconds between looks at how much memory is in use."""


class Run(NamedTuple):
    """Events, seconds of a processor, and the most memory of its own that one process had, in MB."""

    events: int
    seconds: float
    peak: float


def sizes(options: Options) -> list[int]:
    """How long the histories are."""
    if options.quick:
        return [75_000, 150_000]
    return [100_000, 1_000_000, *([10_000_000] if options.long else [])]


def run(options: Options) -> Iterator[Figure]:
    """Loads the demo, makes its history longer, and tries the programme on each length."""
    with house():
        from goodword.ops.demo import loading, setting_up
        from goodword.store import workspaces

        demo = str(setting_up.workspace().id)
        setting_up.publish_programs(demo)
        loading.load(demo)
        long = str(workspaces.create("long", "Long").id)
        _begin(demo, long)
        turns, written = itertools.count(), 0
        runs: list[Run] = []
        for size in sizes(options):
            written = _grow(long, turns, written, size)
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
                runs.append(pool.submit(measured, long).result())
    first, *rest = runs
    for one in rest:
        name = f"backtest of {one.events:,} events beside {first.events:,}"
        micros, floor = (found.seconds / found.events * 1e6 for found in (one, first))
        yield Figure(f"{name}: an event's time, decided twice", micros, "µs", floor, "ratio ≤ 1.3")
        yield Figure(f"{name}: peak of one process", one.peak, "MB", first.peak, "bounded")


def measured(workspace_id: str) -> Run:
    """One backtest, in a process of its own."""
    import django

    django.setup()
    from goodword.engine.backtest import job, log

    with log.snapshot(workspace_id):
        [version] = job._versions(workspace_id)
    with _peak() as peak:
        found = job.run(workspace_id, job.Question(version.source, as_of_version=1), processes=2)
    assert (found["changed"]["count"], found["whole"]) == (0, None)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = sum(one.ru_utime + one.ru_stime for one in used)
    return Run(found["events"], seconds, peak[0] / MEGABYTE)


@contextmanager
def _peak() -> Iterator[list[int]]:
    """The most memory of its own that this process or one of those it starts is seen to have while the block runs, in
    bytes. Files that the system keeps in memory as far as there is room are not among it."""
    peak, ended = [0], threading.Event()

    def look() -> None:
        while not ended.wait(LOOK):
            for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
                with suppress(psutil.Error):
                    held = process.memory_info()
                    peak[0] = max(peak[0], held.rss - held.shared)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()


def _begin(demo: str, long: str) -> None:
    """Publishes the programme in the long workspace, and puts the demo's events aside to be copied."""
    from importlib.resources import files

    from goodword.engine import programs
    from goodword.store import tenancy
    from goodword.store.sql import execute, fetch

    programs.publish(long, (files("goodword") / "recipes" / f"{PROGRAM}.yaml").read_text(), by="bench")
    with tenancy.workspace(demo):
        rows = fetch(
            """
            SELECT source, event.event_id, type, occurred_at, payload::text
            FROM event
            JOIN applied ON applied.workspace_id = event.workspace_id AND applied.event_id = event.id
            WHERE event.workspace_id = %s AND type = ANY(%s)
            ORDER BY position
            """,
            [demo, list(TYPES)],
        )
    columns = [list(column) for column in zip(*rows, strict=True)]
    with tenancy.workspace(long):
        execute(
            """
            CREATE TEMPORARY TABLE once AS
            SELECT ordinality AS position, source, event_id, type, occurred_at, payload
            FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::text[])
                WITH ORDINALITY AS told (source, event_id, type, occurred_at, payload, ordinality)
            """,
            columns,
        )


_COPY = """
WITH copied AS (
    INSERT INTO event (workspace_id, id, source, event_id, type, occurred_at, received_at, payload)
    SELECT %(own)s, md5(event_id || source || %(turn)s)::uuid, source, event_id || '~' || %(turn)s, type,
           occurred_at + %(later)s, occurred_at + %(later)s,
           regexp_replace(
               payload, '"(external_id|code|order_id)": "([^"]*)"', '"\\1": "\\2~' || %(turn)s || '"', 'g'
           )::jsonb
    FROM once
    ORDER BY position
    LIMIT %(most)s
)
INSERT INTO applied (workspace_id, event_id, position, applied_at)
SELECT %(own)s, md5(event_id || source || %(turn)s)::uuid, position + %(after)s, now()
FROM once
ORDER BY position
LIMIT %(most)s
"""
"""The demo's events once more: every name another one, everything later by `later`, after `after` places."""


def _grow(long: str, turns: Iterator[int], written: int, size: int) -> int:
    """Brings the history to a length, with other names at each turn; gives how many events there are."""
    from goodword.store import tenancy
    from goodword.store.sql import execute, fetch

    with tenancy.workspace(long):
        [(once,)] = fetch("SELECT count(*) FROM once")
        [(begun,)] = fetch("SELECT max(position) FROM applied WHERE workspace_id = %s", [long])
        while written < size:
            turn, most = next(turns), min(once, size - written)
            named = {"own": long, "turn": str(turn), "later": APART * turn, "after": begun, "most": most}
            execute(_COPY, named)
            written, begun = written + most, begun + most
        execute("ANALYZE event")
        execute("ANALYZE applied")
    return written
