"""The floor of applying: the rows that a worker left, written again without logic into the database as it was.

As many in a transaction as the worker wrote, one statement per table, each row as it was at the end. Keys,
indexes, row-level security and the ledger's triggers do their work as ever.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql

from bench import _house
from bench._meter import Meter
from goodword.ops import database
from goodword.ops.postgres import DATABASE, ROLE
from goodword.ops.postgres.cluster import SUPERUSER, Cluster

NAME = "floor"
BATCH = "JOIN batch ON batch.applied_at = "
"""What a batch wrote has its moment."""
OF_A_BATCH = {
    "participant": f"participant {BATCH} participant.updated_at",
    "referral": f"referral {BATCH} referral.updated_at",
    "reward": f"reward {BATCH} reward.updated_at",
    "counter": "counter JOIN (SELECT number, referrer_id AS subject_id"
    f" FROM referral {BATCH} referral.updated_at"
    f" UNION SELECT number, program_id FROM referral {BATCH} referral.updated_at) AS batch USING (subject_id)",
    "timer": f"timer JOIN reward ON reward.id = timer.reward_id {BATCH} reward.updated_at",
    "ledger_account": "ledger_account JOIN participant ON participant.id = ledger_account.participant_id"
    f" {BATCH} participant.updated_at",
    "transfer": f"transfer {BATCH} transfer.recorded_at",
    "applied": f"applied {BATCH} applied.applied_at",
    "decision": f"decision JOIN applied USING (event_id) {BATCH} applied.applied_at",
    "outbox": f"outbox {BATCH} outbox.created_at",
}
"""The tables in the order in which they are written, and which rows belong to a batch."""
EMPTY = dict.fromkeys(("debits_pending", "debits_posted", "credits_pending", "credits_posted"), "0")
"""A ledger account begins empty; the transfers fill it."""
REPLACED = {
    "counter": "ON CONFLICT (workspace_id, subject_id, name) DO UPDATE"
    " SET count = excluded.count, amount = excluded.amount"
}
"""Of the tables written here, the one with rows that were there before."""


def keep(server: Cluster) -> None:
    """Keeps the database as it is now, for the floor."""
    _house.duplicate(server, NAME)


@dataclass(frozen=True, slots=True)
class Floor:
    """What writing the measured batches took: seconds of the clock, and of the processors (this process's and
    the database session's)."""

    seconds: float
    own: float
    session: float

    @property
    def processor(self) -> float:
        """Seconds of the processors in all."""
        return self.own + self.session


def write(server: Cluster, workspace_id: str, warm: int, measured: int) -> Floor:
    """Writes all batches, and says what the measured ones cost, which come after the warm ones."""
    database.close()
    with server.connect(SUPERUSER, DATABASE) as applied, server.connect(SUPERUSER, NAME) as bare:
        batches = _stage(applied, bare)
        statements = [_statement(bare, table) for table in OF_A_BATCH if _any_staged(bare, table)]
        with _house.at(NAME):
            meter = Meter(workspace_id)
            for number in range(batches):
                if number == warm:
                    meter.start()
                _write(workspace_id, statements, number)
                if number == warm + measured - 1:
                    meter.stop()
        _compare(applied, bare)
    return Floor(meter.seconds, meter.own, meter.session)


def _stage(applied: psycopg.Connection, bare: psycopg.Connection) -> int:
    """Brings the rows of every batch beside the empty place where they will be written; gives how many batches."""
    bare.execute("CREATE SCHEMA staged")
    applied.execute("SET work_mem = '128MB'")
    old = bare.execute("SELECT max(applied_at) FROM applied").fetchone()
    applied.execute(
        "CREATE TEMPORARY TABLE batch AS SELECT applied_at, row_number() OVER (ORDER BY applied_at) - 1 AS number"
        " FROM applied WHERE applied_at > %s GROUP BY applied_at",
        old,
    )
    applied.execute("ANALYZE batch")
    for table, source in OF_A_BATCH.items():
        bare.execute(f"CREATE UNLOGGED TABLE staged.{table} AS SELECT 0::bigint AS number, * FROM {table} LIMIT 0")
        rows = f"COPY (SELECT number, {table}.* FROM {source} ORDER BY number) TO STDOUT (FORMAT BINARY)"
        with (
            applied.cursor().copy(rows) as reading,
            bare.cursor().copy(f"COPY staged.{table} FROM STDIN (FORMAT BINARY)") as writing,
        ):
            for block in reading:
                writing.write(block)
        bare.execute(f"CREATE INDEX ON staged.{table} (number)")
    bare.execute(
        "CREATE UNLOGGED TABLE staged.inbox AS SELECT number, seq FROM inbox JOIN staged.applied USING (event_id)"
    )
    bare.execute(sql.SQL("GRANT USAGE ON SCHEMA staged TO {0}").format(sql.Identifier(ROLE)))
    bare.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA staged TO {0}").format(sql.Identifier(ROLE)))
    bare.execute("ANALYZE")
    bare.execute("CHECKPOINT")
    [[batches]] = applied.execute("SELECT count(*) FROM batch").fetchall()
    return int(batches)


def _any_staged(bare: psycopg.Connection, table: str) -> bool:
    return bool(bare.execute(f"SELECT FROM staged.{table} LIMIT 1").fetchall())


def _statement(bare: psycopg.Connection, table: str) -> str:
    """What writes one batch's rows of a table."""
    columns = [
        row[0]
        for row in bare.execute(
            "SELECT quote_ident(attname) FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            [f"public.{table}"],
        )
    ]
    given = [EMPTY.get(name, name) if table == "ledger_account" else name for name in columns]
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(given)} FROM staged.{table}"
        f" WHERE number = %s {REPLACED.get(table, '')}"
    )


def _write(workspace_id: str, statements: list[str], number: int) -> None:
    """Writes one batch."""
    from goodword.store import tenancy
    from goodword.store.sql import execute

    with tenancy.workspace(workspace_id):
        # As the engine does: by key, also what the ledger's trigger looks up.
        execute("SELECT set_config('enable_seqscan', 'off', true)")
        for statement in statements:
            execute(statement, [number])
        execute("DELETE FROM inbox WHERE seq = ANY(ARRAY(SELECT seq FROM staged.inbox WHERE number = %s))", [number])


def _compare(applied: psycopg.Connection, bare: psycopg.Connection) -> None:
    """Fails unless the floor wrote as many rows as the worker, to the same sums."""
    sums = "count(*), sum(debits_pending), sum(debits_posted), sum(credits_pending), sum(credits_posted)"
    asked = dict.fromkeys((*OF_A_BATCH, "inbox", "link", "event"), "count(*)")
    asked |= {"counter": "count(*), sum(count), sum(amount)", "ledger_account": sums}
    for table, what in asked.items():
        query = f"SELECT {what} FROM {table}"
        there, here = applied.execute(query).fetchone(), bare.execute(query).fetchone()
        assert there == here, f"{table}: the worker left {there}, the floor {here}"
