"""Other processes that use the embedded server of a home folder."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from goodword.ops.postgres import paths

HOLD = """
import sys
from pathlib import Path
from goodword.ops import postgres
use = postgres.acquire(Path(sys.argv[1]), say=lambda sentence: None)
print(use.server.pid(), flush=True)
sys.stdin.read()
use.release()
"""


class Holder:
    """A process that holds the embedded server until `leave` (or `kill`)."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.server_pid = int(self.process.stdout.readline())

    def leave(self) -> None:
        """Let it release the server and end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(60) == 0

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()


def server_of(home: Path) -> psutil.Process | None:
    """The PostgreSQL server that runs on this home's data."""
    try:
        pid = int((paths(home).data / "postmaster.pid").read_text().splitlines()[0])
        process = psutil.Process(pid)
        return process if process.is_running() and process.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
        return None


def wait_for(what: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until `what` holds."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} seconds"
        time.sleep(0.05)


ROOT = os.geteuid() == 0
