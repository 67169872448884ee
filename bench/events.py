"""Events through HTTP, from outside: `goodword serve` as everybody runs it, asked by wrk.

One event to a call over 64 connections, without and with an `Idempotency-Key`, and 1,000 to a call over 4, in turn,
three runs of each, of which the middle one counts. Two floors: the same web server, which reads as large a body and
answers an empty 202; and the log's rows written bare, a transaction for each 1,000 events. Every event that was
acknowledged is counted in the log afterwards.
With `--long` the batches go on for ten minutes, and the server's memory is looked at on both sides of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.serving import free_port, served

from bench import _house, _wrk
from bench._figures import Figure
from bench._options import Options
from bench._wrk import Run

SECONDS = 10
LONG_SECONDS = 600
RUNS = 3
BATCH = 1_000
SINGLE_CONNECTIONS, BATCH_CONNECTIONS = 64, 4
_EVENT = (
    '{"type":"order.completed","event_id":"%s-%d","occurred_at":"2026-11-01T10:00:00Z","participant":'
    '{"external_id":"cus_%d"},"properties":{"value":4800,"currency":"EUR","order":"ord_%d","channel":"web"}}'
)


def run(options: Options) -> Iterator[Figure]:
    """Serves, sends, and counts what is in the log."""
    _wrk.need("events")
    os.environ["GOODWORD_API_REQUESTS_PER_MINUTE"] = "1000000"
    seconds, runs = (2, 1) if options.quick else (SECONDS, RUNS)
    with _house.house():
        workspace_id, key = _workspace()
        port = free_port()
        empty = subprocess.Popen([sys.executable, "-m", "bench._empty", str(port), "202"])
        try:
            with served(Path(os.environ["GOODWORD_HOME"]), None, worker=False) as serving:
                floor_url, pid = f"http://127.0.0.1:{port}", serving.process.pid
                single, keyed, batch, bare_single, bare_batch = [], [], [], [], []
                _ask(serving.url, pid, 1, key, 1)
                _ask(floor_url, empty.pid, 1, key, 1)
                began, held = _kept(workspace_id), _wrk.memory(pid)
                for _ in range(runs):
                    bare_single.append(_ask(floor_url, empty.pid, seconds, key, 1))
                    single.append(_ask(serving.url, pid, seconds, key, 1))
                    keyed.append(_ask(serving.url, pid, seconds, key, 1, keyed=True))
                    bare_batch.append(_ask(floor_url, empty.pid, seconds, key, BATCH))
                    batch.append(_ask(serving.url, pid, seconds, key, BATCH))
                told = (
                    sum(one.rate for one in single + keyed) * seconds + sum(one.rate for one in batch) * seconds * BATCH
                )
                assert _kept(workspace_id) - began >= told * 0.98, "acknowledged, and not in the log"
                before = _wrk.memory(pid)
                _ask(serving.url, pid, LONG_SECONDS if options.long else seconds, key, BATCH)
                after = _wrk.memory(pid)
        finally:
            empty.terminate()
            empty.wait()
        rows = _bare(workspace_id, 2 if options.quick else SECONDS)
    one, once, many = _wrk.middle(single), _wrk.middle(keyed), _wrk.middle(batch)
    floor_one, floor_many = _wrk.middle(bare_single), _wrk.middle(bare_batch)
    yield Figure("events, one to a call", one.rate, "/s", floor_one.rate, "≥ 3000")
    yield Figure("events, one to a call, p99", one.p99, "ms", floor_one.p99)
    yield Figure("events, one to a call, processor of the web server", one.own, "µs", floor_one.own)
    yield Figure("events, one to a call with an Idempotency-Key", once.rate, "/s", floor_one.rate)
    yield Figure(f"events, {BATCH:,} to a call", many.rate * BATCH, "/s", floor_many.rate * BATCH, "≥ 30000")
    yield Figure("… beside the log's rows written bare", many.rate * BATCH, "/s", rows)
    yield Figure(
        f"events, {BATCH:,} to a call, processor of the web server", many.own / BATCH, "µs", floor_many.own / BATCH
    )
    lasted = f"{LONG_SECONDS // 60} minutes" if options.long else f"{seconds} s"
    yield Figure(f"web server's memory after {lasted} more of batches", after, "MB", before, "no growth")
    yield Figure("… and before them, beside the start", before, "MB", held)


def _ask(url: str, pid: int, seconds: int, key: str, size: int, *, keyed: bool = False) -> Run:
    """One run of calls with so many events each, all of them new, each with an `Idempotency-Key` of its own or none."""
    name = os.urandom(6).hex()
    path, connections = ("/v1/events", SINGLE_CONNECTIONS) if size == 1 else ("/v1/events/batch", BATCH_CONNECTIONS)
    body = "event()" if size == 1 else "'{\"events\":[' .. batch() .. ']}'"
    named = f"""wrk.headers["Idempotency-Key"] = "{name}-" .. n + 1""" if keyed else ""
    script = f"""
        wrk.headers["Authorization"] = "Bearer {key}"
        wrk.headers["Content-Type"] = "application/json"
        local n = 0
        local function event()
          n = n + 1
          return string.format('{_EVENT}', "{name}", n, n, n)
        end
        local function batch()
          local all = {{}}
          for place = 1, {size} do all[place] = event() end
          return table.concat(all, ",")
        end
        function request() {named} return wrk.format("POST", "{path}", nil, {body}) end
    """
    return _wrk.ask(url, pid, seconds, connections, script)


def _bare(workspace_id: str, seconds: int) -> float:
    """Rows of the log and its inbox a second, by the statement that writes them and nothing else."""
    from goodword.domain.events import parse_event
    from goodword.engine import record
    from goodword.store import tenancy
    from goodword.store.sql import keeping_plans

    now = datetime.now(UTC)
    raw: dict[str, Any] = {
        "type": "order.completed", "event_id": "0", "participant": {"external_id": "cus_1"},
        "properties": {"value": 4800, "currency": "EUR", "order": "ord_1", "channel": "web"},
    }  # fmt: skip
    event = parse_event(raw, now)
    written, took = 0, 0.0
    while took < seconds:
        events = [event._replace(event_id=f"bare-{written + number}") for number in range(BATCH)]
        began = time.perf_counter()
        with tenancy.workspace(workspace_id), keeping_plans():
            record.write(workspace_id, events, now)
        took += time.perf_counter() - began
        written += BATCH
    return written / took


def _workspace() -> tuple[str, str]:
    from goodword.store import keys, workspaces

    workspace_id = str(workspaces.create("bench", "Bench").id)
    return workspace_id, keys.create_key(workspace_id, "bench")[1]


def _kept(workspace_id: str) -> int:
    from goodword.store import tenancy
    from goodword.store.sql import fetch

    with tenancy.workspace(workspace_id):
        return int(fetch("SELECT count(*) FROM event WHERE workspace_id = %s", [workspace_id])[0][0])
