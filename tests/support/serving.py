"""The real `goodword serve` as a subprocess, for the tests of API and pages."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

START_WAIT = 120.0
STOP_WAIT = 30.0


@dataclass(frozen=True)
class Served:
    """A running server: its address, its process, and where its log goes."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        """What it printed so far."""
        return self.log.read_text()


def free_port() -> int:
    """A port of the loopback address that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path, database_url: str | None, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a Goodword process: this one's, with another home and database."""
    kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "GOODWORD_SECRET_KEY")}
    chosen = {"GOODWORD_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    if database_url is not None:
        chosen["DATABASE_URL"] = database_url
    return {**kept, **chosen, **(more or {})}


def command(*arguments: str) -> list[str]:
    """The command line of Goodword with these arguments."""
    return [sys.executable, "-m", "goodword", *arguments]


@contextlib.contextmanager
def served(
    folder: Path, database_url: str | None, *, worker: bool, env: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Run `goodword serve` on a free port until the block ends. `folder` becomes its GOODWORD_HOME."""
    folder.mkdir(exist_ok=True)
    port = free_port()
    log = folder / "serve.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command("serve", "--port", str(port), "--worker" if worker else "--no-worker"),
            env=environment(folder, database_url, {"GOODWORD_URL": f"http://127.0.0.1:{port}", **(env or {})}),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    server = Served(f"http://127.0.0.1:{port}", process, log)
    try:
        wait_until_healthy(server)
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_WAIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def wait_until_healthy(server: Served) -> None:
    """Wait until GET /healthz answers 200; fails with what the server said."""
    deadline = time.monotonic() + START_WAIT
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise AssertionError(f"goodword serve ended with {server.process.returncode}:\n{server.said()}")
        with (
            contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError),
            urllib.request.urlopen(f"{server.url}/healthz", timeout=5),
        ):
            return
        time.sleep(0.05)
    raise AssertionError(f"goodword serve is not healthy after {START_WAIT:.0f} s:\n{server.said()}")
