"""The embedded PostgreSQL server.

Used when DATABASE_URL is not set. It listens on a Unix socket that only its owner can reach, never on
TCP. Every Goodword process that uses it holds a shared lock; the last one to leave stops it.
The superuser `postgres` only makes the role and the database that Goodword works with.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from goodword.ops.locks import Busy, Lock
from goodword.ops.postgres import account, binaries, cluster
from goodword.ops.postgres.cluster import Cluster
from goodword.ops.postgres.errors import (
    BackupFailed,
    BackupUnusable,
    DatabaseExists,
    DatabaseInUse,
    PostgresError,
    ServerBusy,
)
from goodword.ops.postgres.paths import DATABASE, ROLE, Paths, paths

__all__ = [
    "DATABASE",
    "ROLE",
    "BackupFailed",
    "BackupUnusable",
    "DatabaseExists",
    "DatabaseInUse",
    "Paths",
    "PostgresError",
    "Use",
    "acquire",
    "paths",
]

# Crash recovery after a long outage replays at most max_wal_size; this is far beyond it.
START_WAIT = 600.0
REVIVE_WAIT = 5.0

Say = Callable[[str], None]


class Use:
    """One process's use of the embedded server, until `release`."""

    def __init__(self, server: Cluster, start: Lock, use: Lock) -> None:
        self.server = server
        self._start = start
        self._use = use
        self._pid = os.getpid()

    def revive(self) -> bool:
        """Start the server again where it has died; whether it had. Raises PostgresError, or Busy while another
        process starts or stops it."""
        if self.server.pid() is not None:
            return False
        with self._start.held(wait=REVIVE_WAIT):
            return self.server.pid() is None and self.server.ensure_running()

    def release(self) -> None:
        """Stop using the server, and stop it when nobody else uses it. A forked child's call does nothing."""
        if os.getpid() != self._pid:
            return
        with self._start.held(wait=START_WAIT):
            self._use.free()
            try:
                self._use.take()
            except Busy:
                return
            try:
                self.server.stop()
            finally:
                self._use.free()


def acquire(home: Path, *, say: Say) -> Use:
    """Start or adopt the server of this home, with its role and database; raises PostgresError.
    `say` gets a sentence when something takes long or a folder's mode is changed."""
    owner = account.server_account()
    where = paths(home)
    where.prepare(owner, say=say)
    start, use = Lock(where.start_lock), Lock(where.use_lock)
    try:
        start.take(wait=START_WAIT)
    except Busy as busy:
        raise ServerBusy(
            f"Process {busy.holder} has been starting or stopping the database in {where.root} for "
            f"{START_WAIT / 60:.0f} minutes; look at {where.log} and end that process."
        ) from None
    try:
        tools = binaries.reachable(home, owner, say=say)
        server = Cluster(where, tools, owner, cluster.DURABLE, say=say)
        if server.ensure_running():
            where.forget_other_binaries(tools.root)
        server.ensure_role_and_database()
        use.take(shared=True)
    finally:
        start.free()
    return Use(server, start, use)
