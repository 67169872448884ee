"""A workspace of any size, made in seconds: the engine writes the rows of one referral, and SQL writes them
again, with other ids, for as many referrals as are wanted.

What comes of it is as if the engine had applied it all: the log, people, links, referrals, held rewards with
their timers and transfers, counters, balances, decisions, the outbox. (The JSON of decisions and of the outbox
stays the first one's.) Half of the people have a link, each of them referred one of the other half.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from uuid_utils import uuid7

from goodword.ops.postgres import DATABASE
from goodword.ops.postgres.cluster import SUPERUSER, Cluster

PROGRAM = """
program: both-sides
kind: referral
name: A thank-you for both
currency: USD
timezone: America/New_York
eligibility:
  be_referred:
    - {code: existing_customer, when: "history.orders == 0"}
    - {code: country, when: "referred.country in ['US', 'CA', 'NO']"}
lifecycle: {flow: self_serve, closed_won: {on: order.completed}}
rewards:
  - {id: thanks, on: referral.submitted, to: referrer, give: {type: account_credit, amount: 1000}, hold: P30D}
  - {id: welcome, on: referral.submitted, to: referred, give: {type: account_credit, amount: 500}, hold: P30D}
limits:
  - {per: referrer, rules: [thanks], every: year, count: 1000000}
  - {per: program, budget: 1000000000000}
"""
TABLES = (
    "decision", "outbox", "event", "reward", "transfer", "participant", "referral", "timer", "ledger_account",
    "applied", "link", "counter",
)  # fmt: skip
"""Every table of the first referral's rows, those that take longest first."""
AT_ONCE = 2
"""Tables written at once."""
HURRIED = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_compression": "off",
    "max_wal_size": "32GB",
    "autovacuum": "off",
}
SHARED = {
    "counter": "UPDATE counter SET count = count * %(times)s, amount = amount * %(times)s"
    " WHERE subject_id IN (SELECT id FROM program WHERE workspace_id = %(workspace)s)",
    "ledger_account": "UPDATE ledger_account SET debits_pending = debits_pending * %(times)s"
    " WHERE workspace_id = %(workspace)s AND kind = 'program_cost'",
}
"""What all referrals have in common grew with each."""
OF_A_REFERRAL = {
    "event": "type <> 'program.published'",
    "applied": "participant_id IS NOT NULL",
    "decision": "participant_id IS NOT NULL",
    "counter": "subject_id NOT IN (SELECT id FROM program)",
    "ledger_account": "participant_id IS NOT NULL",
}
"""Where a table also has rows of the programme: which ones are a referral's."""
BATCH = 4_000


@dataclass(frozen=True, slots=True)
class World:
    """The workspace, and how many of its people have a link; link number n has the code `code-n`."""

    workspace_id: str
    referrers: int

    def rewarded(self) -> Iterator[dict[str, Any]]:
        """Sign-ups of new people with the codes of people at random: each begins a referral that pays both."""
        draw = random.Random(self.referrers)
        while True:
            yield signed_up(f"new-{uuid7()}", f"code-{draw.randint(1, self.referrers)}", datetime.now(UTC))

    def unconcerned(self) -> Iterator[dict[str, Any]]:
        """What people at random did that no programme asks about."""
        draw = random.Random(self.referrers)
        while True:
            yield {
                "type": "page.viewed",
                "event_id": str(uuid7()),
                "participant": f"referrer-{draw.randint(1, self.referrers)}",
                "properties": {"page": "/pricing", "seconds": draw.randint(1, 600)},
            }

    def record(self, events: Iterator[dict[str, Any]], batches: int) -> None:
        """Records so many batches of them."""
        from goodword.engine import record

        for _ in range(batches):
            record.record(self.workspace_id, list(islice(events, BATCH)))


def signed_up(person: str, code: str, at: datetime) -> dict[str, Any]:
    """A person from the right country signs up with a code."""
    return {
        "type": "participant.signed_up",
        "event_id": f"signup-{person}",
        "occurred_at": at,
        "participant": {"external_id": person, "country": "US"},
        "properties": {"code": code},
    }


def linked(number: int, at: datetime) -> dict[str, Any]:
    """A referrer gets a link."""
    return {
        "type": "link.created",
        "event_id": f"link-referrer-{number}",
        "occurred_at": at,
        "participant": {"external_id": f"referrer-{number}", "country": "US"},
        "properties": {"program": "both-sides", "code": f"code-{number}"},
    }


def empty(slug: str, referrers: int) -> World:
    """A new workspace with the programme; so many will have a link."""
    from goodword.engine import programs
    from goodword.store import workspaces

    workspace_id = str(workspaces.create(slug, slug).id)
    programs.publish(workspace_id, PROGRAM, by="bench")
    return World(workspace_id, referrers)


def make(server: Cluster, participants: int) -> World:
    """A new workspace with so many participants and half as many referrals."""
    from goodword.engine import apply, record

    world = empty(f"of-{participants}", participants // 2)
    at = datetime.now(UTC) - timedelta(days=1)
    record.record(world.workspace_id, [linked(1, at), signed_up("referred-1", "code-1", at)])
    while apply.apply_pending(world.workspace_id, ring=False).more:
        pass
    with _hurried(server):
        _Copier(server, world.workspace_id).copy(world.referrers)
    return world


@contextmanager
def _hurried(server: Cluster) -> Iterator[None]:
    """A server that may lose what is written in a block, and so writes it faster; safe on disk at its end."""
    with server.connect(SUPERUSER, SUPERUSER) as administrator:
        for name, value in HURRIED.items():
            administrator.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        administrator.execute("SELECT pg_reload_conf()")
        yield
        for name in HURRIED:
            administrator.execute(f"ALTER SYSTEM RESET {name}")
        administrator.execute("SELECT pg_reload_conf()")
        administrator.execute("CHECKPOINT")
    os.sync()


class _Copier:
    """Writes the rows of the workspace's one referral again and again, as the superuser: past row-level security
    and triggers, and with each table's indexes built once at its end."""

    def __init__(self, server: Cluster, workspace_id: str) -> None:
        self._server = server
        self._administrator = server.connect(SUPERUSER, DATABASE)
        self._workspace_id = workspace_id
        self._new: dict[str, sql.Composable] = {}

    def copy(self, referrals: int) -> None:
        """Makes it so many referrals."""
        with self._administrator:
            rows = {table: self._rows(table) for table in TABLES}
            self._people(rows, referrals)
            with ThreadPoolExecutor(AT_ONCE) as tables:
                list(tables.map(lambda table: self._table(table, rows[table], referrals), TABLES))
            self._administrator.execute("DROP TABLE people, world")

    def _rows(self, table: str) -> list[dict[str, Any]]:
        """The first referral's rows of a table, as text: all but those that every referral shares."""
        columns = [
            sql.SQL("{0}::text").format(sql.Identifier(name)) for name in self._columns(self._administrator, table)
        ]
        with self._administrator.cursor(row_factory=dict_row) as cursor:
            cursor.execute(
                sql.SQL("SELECT {} FROM {} WHERE workspace_id = %s AND {}").format(
                    sql.SQL(", ").join(columns),
                    sql.Identifier(table),
                    sql.SQL(OF_A_REFERRAL.get(table, "true")),
                ),
                [self._workspace_id],
            )
            return cursor.fetchall()

    @staticmethod
    def _columns(connection: psycopg.Connection, table: str) -> dict[str, str]:
        """The columns of a table, each with its type."""
        return dict(
            connection.execute(
                "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
                [f"public.{table}"],
            ).fetchall()
        )

    def _people(self, rows: dict[str, list[dict[str, Any]]], referrals: int) -> None:
        """A row per referral with the new value for each id and name in the first one's rows."""
        from goodword.domain import ids

        epoch = datetime(1970, 1, 1, tzinfo=UTC)

        def balance(participant_id: str) -> str:
            return ids.derive(epoch, self._workspace_id, "ledger_account", "participant_balance", "USD", participant_id)

        people = {row["external_id"]: row["id"] for row in rows["participant"]}
        balances = {row["participant_id"]: row["id"] for row in rows["ledger_account"]}
        sides = ("referrer", "referred")
        for side in sides:
            known = people[f"{side}-1"]
            assert balances[known] == balance(known), "the engine names ledger accounts in another way now"
            self._new[known] = sql.Identifier("world", side)
            self._new[balances[known]] = sql.Identifier("world", f"{side}_balance")
            self._new[f"{side}-1"] = sql.SQL("'{}-' || world.n").format(sql.SQL(side))
        self._new["code-1"] = sql.SQL("'code-' || world.n")
        self._administrator.execute(
            "CREATE UNLOGGED TABLE people (n int, referrer uuid, referrer_balance uuid, referred uuid,"
            " referred_balance uuid)"
        )
        with self._administrator.cursor() as cursor, cursor.copy("COPY people FROM STDIN") as copying:
            for number in range(2, referrals + 1):
                one, other = str(uuid7()), str(uuid7())
                copying.write(f"{number}\t{one}\t{balance(one)}\t{other}\t{balance(other)}\n")
        others = [
            row["id"]
            for table in TABLES
            if table not in ("participant", "ledger_account", "applied", "counter")
            for row in rows[table]
        ]
        for number, id in enumerate(others):
            self._new[id] = sql.Identifier("world", f"id{number}")
        # Ids like the engine's, by time and then at random: 48 bits of time, the version, a hash, which of the row's.
        self._administrator.execute(
            sql.SQL(
                """
                CREATE UNLOGGED TABLE world AS
                SELECT people.*, {} FROM people,
                LATERAL (SELECT md5(people.n::text) AS hash) AS hashed,
                LATERAL (
                    SELECT lpad(to_hex({} + people.n / 50), 12, '0') || '7' || substr(hash, 1, 3)
                        || '8' || substr(hash, 4, 13) AS start
                    OFFSET 0
                ) AS started
                """
            ).format(
                sql.SQL(", ").join(
                    sql.SQL("(start || {})::uuid AS {}").format(
                        sql.Literal(f"{number:02x}"), sql.Identifier(f"id{number}")
                    )
                    for number in range(len(others))
                ),
                sql.Literal(int(time.time() * 1000) - 86_400_000),
            )
        )

    def _table(self, table: str, rows: list[dict[str, Any]], referrals: int) -> None:
        """Writes all rows of one table and builds its indexes."""
        with self._server.connect(SUPERUSER, DATABASE) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute("SET maintenance_work_mem = '512MB'")
            connection.execute(
                "UPDATE pg_index SET indisready = false WHERE indrelid = %s::regclass", [f"public.{table}"]
            )
            for row in rows:
                self._again(connection, table, row)
            if table in SHARED:
                connection.execute(SHARED[table], {"times": referrals, "workspace": self._workspace_id})
            connection.execute(sql.SQL("REINDEX TABLE {}").format(sql.Identifier(table)))
            connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))

    def _again(self, connection: psycopg.Connection, table: str, row: dict[str, Any]) -> None:
        """Writes one row for every referral."""
        columns = self._columns(connection, table)
        values = {name: self._value(table, name, kind, row[name]) for name, kind in columns.items()}
        connection.execute(
            sql.SQL("INSERT INTO {} ({}) SELECT {} FROM world").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, values)),
                sql.SQL(", ").join(values.values()),
            )
        )

    def _value(self, table: str, column: str, kind: str, value: str | None) -> sql.Composable:
        """What stands in the column for a referral: the new id, the text with new ids in it, or the same."""
        if value in self._new:
            return self._new[value]
        if (table, column) == ("applied", "position"):
            # Each referral has two events, its link's and its sign-up's.
            return sql.SQL("{} + 2 * (world.n - 1)").format(sql.Literal(int(value or 0)))
        made: sql.Composable = sql.Literal(value)
        if (table, column) == ("event", "payload") or kind.startswith(("text", "character varying")):
            for old, new in self._new.items():
                if value and old in value:
                    made = sql.SQL("replace({}, {}, ({})::text)").format(made, sql.Literal(old), new)
        return sql.SQL("({})::{}").format(made, sql.SQL(kind))
