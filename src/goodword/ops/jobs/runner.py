"""Beside the worker: looks for long questions, and has each answered by a process of its own, one at a time."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

import structlog
from django.db import DEFAULT_DB_ALIAS, Error, connections

from goodword.engine.worker import ANY
from goodword.ops.serving.family import PARENT
from goodword.store import jobs, workspaces
from goodword.store.jobs import CHANNEL, Claim

LOOK = 10.0
"""Seconds between looks at every workspace, for what a lost notification or a dead process left."""
SWEEP = 3_600.0
"""Seconds between looks for answers that are old enough to go."""
LISTEN = 0.2
PAUSE_AFTER_ERROR = 2.0

log = structlog.get_logger("goodword.jobs")


class Work:
    """A question in the hands of a process."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.process = subprocess.Popen(
            [sys.executable, "-m", "goodword.ops.jobs.child", claim.workspace_id, claim.id, claim.run],
            env={**os.environ, PARENT: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def over(self) -> bool:
        """Whether the process has ended; one that died leaves its question to the next."""
        code = self.process.poll()
        if code is None:
            return False
        if jobs.put_back(self.claim, died=True):
            log.warning("job_process_died", exit_code=code)
        return True

    def stop(self) -> None:
        """Ends the process and whatever it started, and leaves its question to the next worker."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        with contextlib.suppress(Error):  # then it is taken for dead after a while
            jobs.put_back(self.claim, died=False)


def beside(stop: threading.Event) -> threading.Thread:
    """Runs in a thread until `stop` is set; join it at the end."""
    thread = threading.Thread(target=run, args=(stop,), name="jobs")
    thread.start()
    return thread


def run(stop: threading.Event) -> None:
    """Works until `stop` is set. A lost database is waited for."""
    while not stop.is_set():
        try:
            _listen(stop)
        except ANY as error:
            log.warning("database_lost", error=type(error).__name__)
            connections.close_all()
            stop.wait(PAUSE_AFTER_ERROR)
    connections.close_all()


def _listen(stop: threading.Event) -> None:
    listener = connections.create_connection(DEFAULT_DB_ALIAS)
    work: Work | None = None
    waiting: list[str] = []
    served = ""
    looked_at, swept_at = 0.0, time.monotonic()
    try:
        with listener.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        while not stop.is_set():
            waiting += [notice.payload for notice in listener.connection.notifies(timeout=LISTEN)]
            if work is not None:
                if not work.over():
                    continue
                work, looked_at = None, 0.0
            if time.monotonic() - looked_at >= LOOK:
                waiting, looked_at = _in_turn(served), time.monotonic()
            while waiting and work is None and not stop.is_set():
                served = waiting.pop(0)
                claim = jobs.claim(served)
                work = Work(claim) if claim else None
            if time.monotonic() - swept_at >= SWEEP:
                swept_at = time.monotonic()
                for row in workspaces.everything():
                    jobs.sweep(str(row.id))
    finally:
        if work is not None:
            work.stop()
        listener.close()


def _in_turn(served: str) -> list[str]:
    """Every workspace, those after the one served last first, so that each has its turn."""
    known = sorted(str(row.id) for row in workspaces.everything())
    return [id for id in known if id > served] + [id for id in known if id <= served]
