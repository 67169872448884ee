"""How soon a sender sees the decision: `goodword serve` as everybody runs it, and a load from outside.

Three ways: rewarded events in calls of 20, so many calls that it is 1,000 events a second, from the answer to
the call until the decision can be read; the same for one event now and then, at an idle server; and calls with
`?wait=true`, 50 a second, from the moment the call was due until its answer.

The floors: the server's own round trip of a bare row and a notification, answered by another row, at the
same rates; for `?wait=true` the same web server's empty answer to `/healthz`.
"""

from __future__ import annotations

import json
import os
import queue
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from tests.support.serving import served

from bench import _house, _world
from bench._figures import Figure
from bench._offered import Offer, offer
from bench._options import SMALL, Options
from goodword.ops.postgres import DATABASE, ROLE
from goodword.ops.postgres.cluster import Cluster
from goodword.ops.postgres.paths import PORT

RATE = 1_000
"""Events per second under load."""
TOGETHER = 20
"""Events in a call under load."""
CALLS = 50
"""Calls with `?wait=true` per second."""
SECONDS = 12
WARM_SECONDS = 2
IDLE_EVENTS = 60
PAUSE = 0.15
"""Seconds of rest between two events at an idle server, beside the time the first one takes."""
TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


def run(options: Options) -> Iterator[Figure]:
    """Serves, sends, and looks."""
    seconds, idle = (3, 10) if options.quick else (SECONDS, IDLE_EVENTS)
    with _house.house() as server:
        from goodword.store import keys

        world = _world.make(server, SMALL)
        events = world.rewarded()
        _, key = keys.create_key(world.workspace_id, "bench")
        with served(Path(os.environ["GOODWORD_HOME"]), None, worker=True) as serving:

            def sent(method: str, path: str, bodies: list[str], every: float, **more: Any) -> list[float]:
                return offer(
                    Offer(serving.url, key, method, path, bodies, every, workspace_id=world.workspace_id, **more)
                )

            def decided(bodies: list[str], every: float, **more: Any) -> list[float]:
                where = f"host={server.paths.sockets} port={PORT} user={ROLE} dbname={DATABASE}"
                return sent("POST", "/v1/events/batch", bodies, every, database=where, **more)

            batches = [_body(events, TOGETHER) for _ in range(RATE // TOGETHER * (seconds + WARM_SECONDS))]
            loaded = decided(batches, TOGETHER / RATE, connections=8, warm=RATE * WARM_SECONDS)
            singles = [_body(events, 1) for _ in range(idle)]
            alone = decided(singles, 0.0, connections=1, pause=PAUSE, warm=3)
            calls = [json.dumps(_sendable(event)) for event in islice(events, CALLS * (seconds + WARM_SECONDS))]
            more = {"connections": 8, "warm": CALLS * WARM_SECONDS}
            waited = sent("POST", "/v1/events?wait=true", calls, 1 / CALLS, **more)
            empty = sent("GET", "/healthz", [""] * len(calls), 1 / CALLS, **more)
        bare = _round_trips(server, RATE // TOGETHER * seconds, TOGETHER / RATE)
        bare_alone = _round_trips(server, idle, PAUSE)
    name = f"answer to decision at {RATE:,} events/s"
    yield from _figures(name, loaded, bare, "≤ 250")
    yield from _figures("answer to decision, idle", alone, bare_alone, "≤ 50")
    yield from _figures(f"?wait=true at {CALLS} calls/s", waited, empty, "≤ 100")


def _figures(name: str, found: list[float], floor: list[float], wanted: str) -> Iterator[Figure]:
    """The middle and the slowest hundredth."""
    for label, part, want in (("p50", 50, ""), ("p99", 99, wanted)):
        yield Figure(f"{name}, {label}", _part(found, part), "ms", _part(floor, part), want)


def _part(found: list[float], percent: int) -> float:
    return statistics.quantiles(found, n=100, method="inclusive")[percent - 1]


def _body(events: Iterator[dict[str, Any]], count: int) -> str:
    return json.dumps({"events": [_sendable(event) for event in islice(events, count)]})


def _sendable(event: dict[str, Any]) -> dict[str, Any]:
    """The event as JSON has it. Its time is when it is received: it is made before it is sent."""
    return {name: value for name, value in event.items() if not isinstance(value, datetime)}


def _round_trips(server: Cluster, count: int, every: float) -> list[float]:
    """Milliseconds from a committed row with its notification to the committed row that answers it."""
    with server.connect() as setting:
        setting.execute("CREATE TABLE IF NOT EXISTS asked (id bigint PRIMARY KEY, answer boolean NOT NULL)")
        setting.execute("TRUNCATE asked")
    answered: queue.Queue[float] = queue.Queue()
    thread = threading.Thread(target=_answer, args=(server.connect, count, answered), daemon=True)
    thread.start()
    found = []
    with server.connect() as asking:
        time.sleep(0.5)  # the other side listens by then
        for number in range(count):
            began = time.perf_counter()
            with asking.transaction():
                asking.execute("INSERT INTO asked VALUES (%s, false)", [number])
                asking.execute("SELECT pg_notify('asked', %s)", [str(number)])
            committed = time.perf_counter()
            found.append(1e3 * max(0.0, answered.get(timeout=180) - committed))
            time.sleep(max(0.0, every - (time.perf_counter() - began)))
    thread.join()
    return found


def _answer(connect: Callable[[], Any], count: int, answered: queue.Queue[float]) -> None:
    """Answers each row with another."""
    with connect() as listening, connect() as writing:
        listening.execute("LISTEN asked")
        for notice in listening.notifies(stop_after=count):
            writing.execute("INSERT INTO asked VALUES (%s, true)", [-1 - int(notice.payload)])
            answered.put(time.perf_counter())
