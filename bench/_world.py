"""A workspace of any size, made in seconds: the engine writes the rows of one referral, and SQL writes them
again, with other ids, for as many referrals as are wanted.

What comes of it is as if the engine had applied it all: the log, people, links, referrals, held rewards with
their timers and transfers, counters, balances, decisions, the outbox. (Public ids within JSON stay the first
one's.) Half of the people have a link, each of them referred one of the other half.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
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
    "participant", "link", "event", "applied", "referral", "reward", "counter", "timer", "ledger_account", "transfer",
    "decision", "outbox",
)  # fmt: skip
"""Every table of the first referral's rows."""
OF_A_REFERRAL = {
    "event": "type <> 'program.published'",
    "applied": "participant_id IS NOT NULL",
    "decision": "participant_id IS NOT NULL",
    "counter": "subject_id NOT IN (SELECT id FROM program)",
    "ledger_account": "participant_id IS NOT NULL",
}
"""Where a table also has rows of the programme: which ones are a referral's."""
BATCH = 2_000


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


def make(server: Cluster, participants: int) -> World:
    """A new workspace with so many participants and half as many referrals."""
    from goodword.engine import apply, programs, record
    from goodword.store import workspaces

    workspace_id = str(workspaces.create(f"of-{participants}", f"{participants} people").id)
    programs.publish(workspace_id, PROGRAM, by="bench")
    at = datetime.now(UTC) - timedelta(days=1)
    link = {
        "type": "link.created",
        "event_id": "link-referrer-1",
        "occurred_at": at,
        "participant": {"external_id": "referrer-1", "country": "US"},
        "properties": {"program": "both-sides", "code": "code-1"},
    }
    record.record(workspace_id, [link, signed_up("referred-1", "code-1", at)])
    while apply.apply_pending(workspace_id, ring=False).more:
        pass
    with server.connect(SUPERUSER, DATABASE) as administrator:
        _Copier(administrator, workspace_id, at).copy(participants // 2)
        administrator.execute("VACUUM (ANALYZE)")
        administrator.execute("CHECKPOINT")
    return World(workspace_id, participants // 2)


class _Copier:
    """Writes the rows of the workspace's one referral again and again, as the superuser: past row-level security
    and triggers, and with the indexes built once at the end."""

    def __init__(self, administrator: psycopg.Connection, workspace_id: str, at: datetime) -> None:
        self._administrator = administrator
        self._workspace_id = workspace_id
        self._at = at
        self._new: dict[str, sql.Composable] = {}

    def copy(self, referrals: int) -> None:
        """Makes it so many referrals."""
        rows = {table: self._rows(table) for table in TABLES}
        self._people(rows, referrals)
        with self._bare():
            for table in TABLES:
                for row in rows[table]:
                    self._again(table, row)
            self._sums(referrals)
        self._administrator.execute("DROP TABLE people, world")

    def _rows(self, table: str) -> list[dict[str, Any]]:
        """The first referral's rows of a table, as text: all but those that every referral shares."""
        columns = [sql.SQL("{0}::text").format(sql.Identifier(name)) for name in self._columns(table)]
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

    def _columns(self, table: str) -> dict[str, str]:
        """The columns of a table, each with its type."""
        return dict(
            self._administrator.execute(
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
                pair = [(id, balance(id)) for id in (str(uuid7()), str(uuid7()))]
                copying.write_row((number, *pair[0], *pair[1]))
        others = [
            row["id"]
            for table in TABLES
            if table not in ("participant", "ledger_account", "applied", "counter")
            for row in rows[table]
        ]
        for number, id in enumerate(others):
            self._new[id] = sql.Identifier("world", f"id{number}")
        self._administrator.execute(
            sql.SQL("CREATE UNLOGGED TABLE world AS SELECT people.*, {} FROM people").format(
                sql.SQL(", ").join(
                    sql.SQL("uuidv7() AS {}").format(sql.Identifier(f"id{number}")) for number in range(len(others))
                )
            )
        )

    @contextmanager
    def _bare(self) -> Iterator[None]:
        """No triggers for a block, and the indexes built after it."""
        for table in TABLES:
            self._administrator.execute(
                "UPDATE pg_index SET indisready = false WHERE indrelid = %s::regclass", [f"public.{table}"]
            )
        self._administrator.execute("SET session_replication_role = replica")
        yield
        self._administrator.execute("RESET session_replication_role")
        self._administrator.execute("SET maintenance_work_mem = '512MB'")
        for table in TABLES:
            self._administrator.execute(sql.SQL("REINDEX TABLE {}").format(sql.Identifier(table)))

    def _again(self, table: str, row: dict[str, Any]) -> None:
        """Writes one row for every referral."""
        values = {name: self._value(table, name, kind, row[name]) for name, kind in self._columns(table).items()}
        self._administrator.execute(
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
        if kind == "jsonb" or kind.startswith(("text", "character varying")):
            for old, new in self._new.items():
                if value and old in value:
                    made = sql.SQL("replace({}, {}, ({})::text)").format(made, sql.Literal(old), new)
        return sql.SQL("({})::{}").format(made, sql.SQL(kind))

    def _sums(self, referrals: int) -> None:
        """What all referrals have in common grew with each."""
        self._administrator.execute(
            "UPDATE counter SET count = count * %s, amount = amount * %s"
            " WHERE subject_id IN (SELECT id FROM program WHERE workspace_id = %s)",
            [referrals, referrals, self._workspace_id],
        )
        self._administrator.execute(
            "UPDATE ledger_account SET debits_pending = debits_pending * %s"
            " WHERE workspace_id = %s AND kind = 'program_cost'",
            [referrals, self._workspace_id],
        )
