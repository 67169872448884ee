"""The demo's load, from its start to its end, and the peak memory of its worker.

The floor of the load: the very rows that it left, of all tables, written by one set-based statement per
table, with no logic, into an equal empty database (its own keys, indexes, row-level security and ledger
triggers included). The floor of the memory: the same process with nothing to apply.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

from psycopg import sql

from bench._figures import Figure
from bench._house import copy, house
from bench._options import Options
from goodword.ops.postgres import DATABASE
from goodword.ops.postgres.cluster import SUPERUSER, Cluster

MEGABYTE = 1_000_000
IDLE = (
    "import resource, sys, django; django.setup(); "
    "from goodword.engine import apply; apply.apply_pending(sys.argv[1]); "
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
)
ORDER = (
    "account", "participant", "link", "referral", "reward", "counter", "timer", "applied", "decision", "outbox",
)  # fmt: skip
"""Tables whose rows are copied as they stand; event and inbox, the ledger's two, and programs are written
in their own ways."""


def run(_options: Options) -> Iterator[Figure]:
    """Loads the demo and writes its rows again."""
    with house() as server:
        from goodword.ops.demo import applier, loading, setting_up

        workspace_id = str(setting_up.workspace().id)
        setting_up.publish_programs(workspace_id)
        idle = _idle_memory(workspace_id) * applier.UNIT
        loaded = loading.load(workspace_id)
        floor = _floor(server, workspace_id)
    yield Figure("demo load", loaded.sent / loaded.seconds, "events/s", loaded.sent / floor)
    yield Figure("demo load: worker's peak memory", loaded.peak_bytes / MEGABYTE, "MB", idle / MEGABYTE)


def _idle_memory(workspace_id: str) -> int:
    """The peak memory of a process that looks for events and finds none, in the system's unit."""
    ran = subprocess.run(
        [sys.executable, "-c", IDLE, workspace_id],
        check=True,
        capture_output=True,
        text=True,
    )
    return int(ran.stdout)


def _floor(server: Cluster, workspace_id: str) -> float:
    """The seconds that writing the loaded rows takes without logic."""
    with copy(server, "floor"):
        with server.connect(SUPERUSER, "floor") as administrator:
            administrator.execute("ALTER SCHEMA public RENAME TO loaded")
            administrator.execute(sql.SQL("CREATE SCHEMA public AUTHORIZATION {}").format(sql.Identifier(DATABASE)))
        from goodword.ops import migrations

        migrations.apply()
        began = time.monotonic()
        _write(workspace_id)
        seconds = time.monotonic() - began
        _compare(workspace_id)
        return seconds


def _write(workspace_id: str) -> None:
    """Writes every row of the workspace from the schema `loaded` into the empty tables."""
    from django.db import connection

    from goodword.store import tenancy

    def columns(table: str) -> str:
        cursor.execute(
            "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)"
            " FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s",
            [table],
        )
        return str(cursor.fetchone()[0])

    def insert(table: str) -> None:
        names = columns(table)
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM loaded.{table}")

    with tenancy.workspace(workspace_id), connection.cursor() as cursor:
        insert("workspace")
        insert("program")
        insert("program_version")
        insert("event")
        cursor.execute(
            "INSERT INTO inbox (workspace_id, event_id, attempts, error)"
            " SELECT workspace_id, event_id, 0, '' FROM loaded.applied ORDER BY position"
        )
        for table in ORDER:
            insert(table)
        cursor.execute(
            "INSERT INTO ledger_account (workspace_id, id, kind, unit, program_id, participant_id,"
            " debits_pending, debits_posted, credits_pending, credits_posted)"
            " SELECT workspace_id, id, kind, unit, program_id, participant_id, 0, 0, 0, 0 FROM loaded.ledger_account"
        )
        insert("transfer")
        cursor.execute("DELETE FROM inbox")


def _compare(workspace_id: str) -> None:
    """Fails unless the floor wrote just the rows that the load had."""
    from django.db import connection

    from goodword.store import tenancy

    with tenancy.workspace(workspace_id), connection.cursor() as cursor:
        for table in ("event", "ledger_account", "transfer", *ORDER):
            cursor.execute(f"SELECT count(*) FROM (TABLE loaded.{table} EXCEPT TABLE {table}) AS missing")
            [missing] = cursor.fetchone()
            assert not missing, f"{missing} rows of {table} were not written"
