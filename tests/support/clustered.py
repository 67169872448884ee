"""The tests' databases on a Citus cluster: one database, made anew for the run and emptied for each test.

GOODWORD_TEST_CITUS_URL names it, on the coordinator, with a superuser. Everything in its schema `public` is lost. The
role `goodword` must be able to log in with the same password, or without one, on every node.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import psycopg
from django.core.management import call_command
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from goodword.ops import citus
from goodword.ops.postgres import ROLE
from support.databases import TestServer, connected

KEPT = ("django_migrations", "django_content_type", "auth_permission")
"""What the migrations wrote."""


class ClusterServer(TestServer):
    """The coordinator, with the migrations applied and every table distributed."""

    def __init__(self, url: str) -> None:
        self._superuser = url
        known = conninfo_to_dict(url)
        self._name = str(known["dbname"])
        self._where = {key: str(known.get(key.lower()) or "") for key in ("HOST", "PORT", "PASSWORD")}

    @property
    def major(self) -> int:
        with psycopg.connect(self._superuser) as administrator:
            return administrator.info.server_version // 10_000

    def prepare(self) -> None:
        """Makes the schema anew and distributes it."""
        role = sql.Identifier(ROLE)
        with psycopg.connect(self._superuser, autocommit=True) as administrator:
            if administrator.execute("SELECT FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone() is None:
                administrator.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
            administrator.execute("DROP SCHEMA IF EXISTS public CASCADE")
            administrator.execute(sql.SQL("CREATE SCHEMA public AUTHORIZATION {}").format(role))
        with self.pointed_at(self._name):
            call_command("migrate", verbosity=0)
            citus.fit()
            citus.distribute()

    def url(self, database: str) -> str:
        password = f":{quote(self._where['PASSWORD'], safe='')}" if self._where["PASSWORD"] else ""
        query = f"host={quote(self._where['HOST'], safe='')}&port={self._where['PORT'] or 5432}"
        return f"postgresql://{ROLE}{password}@/{database}?{query}"

    def superuser(self, statement: sql.Composed, database: str = "") -> None:
        with psycopg.connect(self._superuser, autocommit=True) as administrator:
            administrator.execute(statement)

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        with self.pointed_at(self._name):
            self._empty()
            yield self._name

    def _empty(self) -> None:
        """Every table but those that the migrations filled; the ledger refuses that, so its triggers go meanwhile."""
        with psycopg.connect(self._superuser) as administrator:
            triggers = self._all(
                administrator,
                "SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass), pg_get_triggerdef(pg_trigger.oid) "
                "FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
                "WHERE NOT tgisinternal AND tgparentid = 0 AND relnamespace = 'public'::regnamespace",
            )
            tables = self._all(
                administrator,
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
                "AND relkind IN ('r', 'p') AND NOT relispartition",
            )
            emptied = sql.SQL(", ").join(sql.Identifier("public", name) for (name,) in tables if name not in KEPT)
            for setting, value in (*citus.SETTINGS.items(), ("citus.multi_shard_modify_mode", "sequential")):
                administrator.execute(f"SET LOCAL {setting} TO '{value}'")
            for drop, _ in triggers:
                administrator.execute(drop)
            administrator.execute(sql.SQL("TRUNCATE {}").format(emptied))
            for _, create in triggers:
                administrator.execute(create)

    @staticmethod
    def _all(administrator: psycopg.Connection[Any], statement: str) -> list[tuple[Any, ...]]:
        return administrator.execute(statement).fetchall()

    @contextlib.contextmanager
    def pointed_at(self, name: str, role: str = ROLE) -> Iterator[None]:
        with connected(NAME=name, USER=role, **self._where):
            yield
