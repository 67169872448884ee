"""Bringing the database's tables up to date, by one process at a time."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

# Any number that nothing else uses; processes that migrate wait for each other on it.
LOCK = 4_711_202_601


def pending() -> list[str]:
    """The names of the migrations that the database lacks, in order: `store.0002_ledger`."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def apply() -> list[str]:
    """Apply what is pending and return its names."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        waiting = pending()
        if waiting:
            call_command("migrate", interactive=False, verbosity=0)
        return waiting
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
