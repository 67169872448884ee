"""Bringing the database's tables up to date, by one process at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from goodword.ops import citus

# Any number that nothing else uses; processes that migrate wait for each other on it.
LOCK = 4_711_202_601
PAUSE = 0.1
"""Seconds between looks at whether another process has done migrating."""


def pending() -> list[str]:
    """The names of the migrations that the database lacks, in order: `store.0002_ledger`."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def refusal(applied: set[tuple[str, str]]) -> str | None:
    """Why a database with these migrations (application, name) cannot be used here; None when it can."""
    if ("store", "0001_initial") not in applied:
        return "it holds no database of Goodword; name a file of 'goodword backup'."
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    unknown = sorted(applied - known.keys())
    if unknown:
        return f"it was made by a newer Goodword (it has {'.'.join(unknown[0])}); restore it with that version."
    return None


def apply() -> list[str]:
    """Apply what is pending and return its names. On a cluster new tables are distributed like the others."""
    with _alone():
        waiting = pending()
        if waiting:
            call_command("migrate", interactive=False, verbosity=0)
            if citus.is_cluster() and citus.shape():
                citus.distribute()
        return waiting


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock for a block. It is asked for again and again: a statement that waits for it would hold a
    snapshot, and an index that is built concurrently waits for every snapshot, so the two would never end."""
    while not _ask("SELECT pg_try_advisory_lock(%s)"):
        time.sleep(PAUSE)
    try:
        yield
    finally:
        _ask("SELECT pg_advisory_unlock(%s)")


def _ask(statement: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [LOCK])
        return bool(cursor.fetchone()[0])
