"""SIGTERM in the middle of much work: the batch in hand is finished, no batch is half done, and the end is soon."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from goodword.engine import apply, record, replay
from goodword.store import tenancy
from goodword.store.models import Applied, Decision, Inbox
from support.embedded import wait_for
from support.serving import Served, command, environment

SOON = 45.0
"""Seconds within which a process that was told to end has ended."""
BATCHES = 6


def fill(workspace: str) -> int:
    """Records some batches' worth of orders; gives how many events those are."""
    for number in range(BATCHES * apply.BATCH // 1000):
        record.record(
            workspace,
            [
                {
                    "type": "order.completed",
                    "event_id": f"{number}-{place}",
                    "participant": f"u{place}",
                    "properties": {"order_id": f"{number}-{place}", "value": 1000, "currency": "USD"},
                }
                for place in range(1000)
            ],
        )
    return BATCHES * apply.BATCH


def applied(workspace: str) -> int:
    """Events applied so far."""
    with tenancy.workspace(workspace):
        return Applied.objects.count()


def batches(log: str) -> list[dict[str, Any]]:
    """The lines that the worker wrote of its batches."""
    said = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [line for line in said if line["event"] == "batch_applied"]


def assert_no_half_batch(workspace: str, total: int, log: str) -> None:
    """Each event is applied or waits, batches are whole and told, and the state is what the log says."""
    with tenancy.workspace(workspace):
        waiting = set(Inbox.objects.values_list("event_id", flat=True))
        done = set(Applied.objects.values_list("event_id", flat=True))
        positions = list(Applied.objects.order_by("position").values_list("position", flat=True))
        decided = set(Decision.objects.values_list("event_id", flat=True))
    assert len(waiting) + len(done) == total
    assert not waiting & done
    assert decided <= done
    assert positions == list(range(1, len(done) + 1))
    told = batches(log)
    assert len({line["batch"] for line in told}) == len(told)
    assert sum(line["events"] for line in told) == len(done)
    assert all(line["events"] == apply.BATCH for line in told)
    assert replay.verify(workspace).differences == ()


def test_a_worker_that_is_told_to_end_finishes_its_batch(workspace: str, database_url: str, tmp_path: Path) -> None:
    total = fill(workspace)
    log = tmp_path / "worker.log"
    with log.open("wb") as out:
        worker = subprocess.Popen(
            command("worker"),
            env=environment(tmp_path, database_url),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(lambda: applied(workspace), 60)
    finally:
        worker.send_signal(signal.SIGTERM)
        began = time.monotonic()
        code = worker.wait(60)
    assert code == 0
    assert time.monotonic() - began < SOON
    assert 0 < applied(workspace) < total
    assert_no_half_batch(workspace, total, log.read_text())


def test_serve_that_is_told_to_end_finishes_its_batch(serve: Callable[..., Served], workspace: str) -> None:
    total = fill(workspace)
    server = serve(worker=True)
    wait_for(lambda: applied(workspace), 60)
    server.process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    assert server.process.wait(60) == 0
    assert time.monotonic() - began < SOON
    assert_no_half_batch(workspace, total, server.said())
