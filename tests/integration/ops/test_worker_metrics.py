"""A worker of its own answers its metrics on a port of the loopback, when told to."""

from __future__ import annotations

import signal
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from goodword.engine import record
from support.embedded import wait_for
from support.serving import command, environment, free_port


def test_a_worker_of_its_own_counts_its_batches(database_url: str, workspace: str, tmp_path: Path) -> None:
    port = free_port()
    worker = subprocess.Popen(
        command("worker", "--metrics-port", str(port)),
        env=environment(tmp_path, database_url),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def said() -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                return str(answer.read().decode())
        except urllib.error.URLError:
            return ""

    try:
        order = {"order_id": "1", "value": 1, "currency": "USD"}
        record.record(
            workspace, [{"type": "order.completed", "event_id": "1", "participant": "a", "properties": order}]
        )
        wait_for(lambda: "goodword_batch_events_sum 1.0" in said())
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0


def test_a_taken_port_is_named(database_url: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = subprocess.run(
            command("worker", "--metrics-port", str(taken.getsockname()[1])),
            env=environment(tmp_path, database_url),
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert ran.returncode == 1
    assert "choose another with --metrics-port" in ran.stderr
