"""A private PostgreSQL server for the tests, and a database of its own for each test.

The server lives in a temporary folder, in memory where there is room, listens on a socket only, and trades durability
for speed.
GOODWORD_TEST_PG=15 (or another major version) takes the server installed in /usr/lib/postgresql instead of
the wheel's. No cluster of the system is ever touched.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from django.core.cache import cache
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from goodword.ops import database
from goodword.ops.postgres import ROLE, account, binaries, cluster
from goodword.ops.postgres.cluster import SUPERUSER, Cluster
from goodword.ops.postgres.paths import DATABASE, paths

FAST = {
    **cluster.DURABLE,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_connections": "200",
    "wal_compression": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
# From 18 on the server lets the kernel copy the template's files, five times as fast as copying it by blocks.
CLONING = 18
MEMORY = Path("/dev/shm")
ROOM = 4 * 1024**3
"""Bytes that must be free in memory. A database is some 500 files, and a disk's file system has a hard time with so
many that come and go: ext4 takes nine times as long."""
TEMPLATE = DATABASE
NUMBERS = itertools.count(1)


class TestServer:
    """The server, with the migrations applied to a template database by the application's own role."""

    __test__ = False

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster

    @property
    def major(self) -> int:
        """PostgreSQL's major version."""
        return self.cluster.binaries.major

    def url(self, database: str) -> str:
        """DATABASE_URL for one of its databases."""
        return f"postgresql://{ROLE}@/{database}?host={quote(str(self.cluster.paths.sockets), safe='')}"

    def superuser(self, statement: sql.Composed, database: str = SUPERUSER) -> None:
        """Run one statement as the superuser."""
        with self.cluster.connect(SUPERUSER, database) as administrator:
            administrator.execute(statement)

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """A migrated database for one test, with Django pointed at it; yields its name."""
        name = f"test_{os.getpid()}_{next(NUMBERS)}"
        self.superuser(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY {}").format(
                sql.Identifier(name),
                sql.Identifier(TEMPLATE),
                sql.Identifier(ROLE),
                sql.Identifier("file_copy" if self.major >= CLONING else "wal_log"),
            )
        )
        try:
            with self.pointed_at(name):
                yield name
        finally:
            self.superuser(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextlib.contextmanager
    def as_superuser(self, name: str) -> Iterator[str]:
        """Point Django at a database as the superuser, as a careless operator might; yields DATABASE_URL."""
        with self.pointed_at(name, SUPERUSER):
            yield self.url(name).replace(f"//{ROLE}@", f"//{SUPERUSER}@")

    @contextlib.contextmanager
    def pointed_at(self, name: str, role: str = ROLE) -> Iterator[None]:
        """Point Django's connections of every thread at a database, and close them afterwards."""
        with connected(NAME=name, USER=role, PASSWORD="", HOST=str(self.cluster.paths.sockets), PORT="5432"):
            yield


@contextlib.contextmanager
def connected(**where: str) -> Iterator[None]:
    """Point Django's connections of every thread elsewhere, and close them afterwards."""
    settings = connections.settings["default"]
    before = {key: settings[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    database.close()
    settings.update(where)
    cache.clear()
    try:
        yield
    finally:
        database.close()
        settings.update(before)


@contextlib.contextmanager
def private_server(settings: Mapping[str, str] = FAST) -> Iterator[TestServer]:
    """Start the server in a temporary folder; stop it and remove the folder at the end."""
    home = Path(tempfile.mkdtemp(prefix="gwt-", dir=_memory()))
    say = _nothing
    try:
        owner, tools = _installed(home)
        where = paths(home)
        where.prepare(owner, say=say)
        cloning = {"file_copy_method": "clone"} if tools.major >= CLONING else {}
        server = Cluster(where, tools, owner, {**settings, **cloning}, say=say)
        server.ensure_running()
        try:
            server.ensure_role_and_database()
            ready = TestServer(server)
            with ready.pointed_at(TEMPLATE):
                call_command("migrate", verbosity=0)
            yield ready
        finally:
            server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _memory() -> Path | None:
    """A file system in memory with room for the server; None for the usual place."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM else None


def _installed(home: Path) -> tuple[account.Account, binaries.Binaries]:
    wanted = os.environ.get("GOODWORD_TEST_PG")
    owner = account.server_account()
    if wanted is None:
        return owner, binaries.reachable(home, owner, say=_nothing)
    root = Path("/usr/lib/postgresql") / wanted
    if not (root / "bin" / "postgres").exists():
        raise RuntimeError(f"GOODWORD_TEST_PG={wanted}: there is no PostgreSQL in {root}; install postgresql-{wanted}.")
    return owner, binaries.at(root, owner)


def _nothing(_sentence: str) -> None:
    """The tests need not hear that a folder's mode changed."""
