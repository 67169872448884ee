"""A Goodword of its own for a benchmark: an embedded server in a temporary home, with the settings that
everybody gets, and other databases on it."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from psycopg import sql

from goodword.ops import postgres
from goodword.ops.postgres import DATABASE, ROLE
from goodword.ops.postgres.cluster import SUPERUSER, Cluster


@contextlib.contextmanager
def house() -> Iterator[Cluster]:
    """The server for a block, Django pointed at its migrated database."""
    folder = Path(tempfile.mkdtemp(prefix="gwb-"))
    os.environ["GOODWORD_HOME"] = str(folder)
    os.environ.pop("DATABASE_URL", None)
    from goodword.ops.cli._shared import open_database

    use = postgres.acquire(folder, say=lambda _sentence: None)
    try:
        with open_database(migrate=True):
            yield use.server
    finally:
        use.release()
        shutil.rmtree(folder, ignore_errors=True)


def close_connections() -> None:
    """Let go of the database, so that it can be copied."""
    from django.db import connection, connections

    connections.close_all()
    connection.close_pool()  # type: ignore[attr-defined]


@contextlib.contextmanager
def copy(server: Cluster, name: str) -> Iterator[None]:
    """A copy of the database for a block, with Django pointed at it."""
    from django.db import connections

    close_connections()
    with server.connect(SUPERUSER, SUPERUSER) as administrator:
        administrator.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                sql.Identifier(name), sql.Identifier(DATABASE), sql.Identifier(ROLE)
            )
        )
        administrator.execute("CHECKPOINT")
    settings = connections.settings["default"]
    settings["NAME"] = name
    try:
        yield
    finally:
        close_connections()
        settings["NAME"] = DATABASE
