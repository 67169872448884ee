"""The worker: woken by new events, applies them workspace by workspace, and rings timers by the clock.

Any number may run; a workspace has one at a time, whoever takes its lock.
"""

from __future__ import annotations

import threading
import time

import psycopg
import structlog
from django.db import DEFAULT_DB_ALIAS, Error, InterfaceError, OperationalError, connections

from goodword.engine import forgetting, watch
from goodword.engine.apply import apply_pending
from goodword.engine.record import CHANNEL
from goodword.store import tenancy
from goodword.store.models import Workspace

IDLE = 1.0
"""Seconds between looks at every workspace, for timers and for what a lost notification left."""
LISTEN = 0.2
"""Seconds one wait for a notification lasts, so that a request to stop is heard."""
PAUSE_AFTER_ERROR = 2.0
ANY = (Error, psycopg.Error)
"""Errors of the database: Django's, and the driver's own, which waiting for a notification raises."""
LOST = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)

log = structlog.get_logger("goodword.worker")


def run(stop: threading.Event) -> None:
    """Works until `stop` is set; the batch in hand is finished. A lost database is waited for."""
    while not stop.is_set():
        try:
            _listen(stop)
        except ANY as error:
            # The server's own word on a lost connection; other errors may quote a row.
            words = str(error).strip().splitlines() if isinstance(error, LOST) else []
            log.warning("database_lost", error=watch.name_of(error), reason=words[0] if words else "")
            connections.close_all()
            stop.wait(PAUSE_AFTER_ERROR)
    connections.close_all()


def _listen(stop: threading.Event) -> None:
    listener = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with listener.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        looked_at, forgot_at = 0.0, time.monotonic()
        while not stop.is_set():
            if time.monotonic() - looked_at >= IDLE:
                woken = _workspaces()
                looked_at = time.monotonic()
            else:
                woken = sorted(
                    {notice.payload for notice in listener.connection.notifies(timeout=LISTEN, stop_after=1)}
                )
            for workspace_id in woken:
                drain(workspace_id, stop)
            if time.monotonic() - forgot_at >= forgetting.EVERY:
                for workspace_id in _workspaces():
                    forgetting.forget(workspace_id)
                forgot_at = time.monotonic()
    finally:
        listener.close()


def _workspaces() -> list[str]:
    with tenancy.directory():
        return [str(id) for id in Workspace.objects.values_list("id", flat=True)]


def drain(workspace_id: str, stop: threading.Event | None = None) -> int:
    """Applies a workspace's batches until nothing is left, somebody else has it, or `stop` is set.
    Gives how many events and rings that were."""
    total = 0
    while not (stop and stop.is_set()):
        applied = apply_pending(workspace_id)
        total += applied.events + applied.rings
        if applied.batch is not None:
            applied.batch.tell()
        if applied.busy or not applied.more:
            break
    return total
