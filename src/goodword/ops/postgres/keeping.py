"""Keeps the embedded server up for as long as `goodword serve` runs: one that was killed is started again."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import structlog

from goodword.ops.locks import Busy
from goodword.ops.postgres import PostgresError, Use

LOOK = 0.5
"""Seconds between two looks."""
RETRY_WITHIN = 30.0

log = structlog.get_logger("goodword.serve")


@contextlib.contextmanager
def kept_up(use: Use | None) -> Iterator[None]:
    """While the block runs, a thread starts the server again when it has died, later each time it cannot. Without an
    embedded server nothing is done."""
    if use is None:
        yield
        return
    stop = threading.Event()
    keeper = threading.Thread(target=_keep, args=(use, stop), name="database", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def _keep(use: Use, stop: threading.Event) -> None:
    failed = 0
    while not stop.wait(min(RETRY_WITHIN, LOOK * 2**failed)):
        try:
            if use.revive():
                log.error("database_started_again", said="the embedded PostgreSQL had ended by itself")
            failed = 0
        except (PostgresError, Busy, OSError) as error:
            failed += 1
            log.error("database_cannot_start", error=str(error))
