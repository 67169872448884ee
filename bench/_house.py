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

from goodword.ops import database, postgres
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
        _point_here()
        with open_database(migrate=True):
            yield use.server
    finally:
        use.release()
        shutil.rmtree(folder, ignore_errors=True)


def _point_here() -> None:
    """Django knows the database of the first house; this is another one's."""
    from django.conf import settings

    if settings.configured:
        from django.db import connections

        connections.settings["default"].update(database.settings())


def duplicate(server: Cluster, name: str) -> None:
    """Makes a copy of the database, as it stands."""
    database.close()
    with server.connect(SUPERUSER, SUPERUSER) as administrator:
        administrator.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(DATABASE), sql.Identifier(ROLE)
            )
        )
        administrator.execute("CHECKPOINT")


@contextlib.contextmanager
def at(name: str) -> Iterator[None]:
    """Django pointed at another database of the server for a block."""
    from django.db import connections

    database.close()
    settings = connections.settings["default"]
    settings["NAME"] = name
    try:
        yield
    finally:
        database.close()
        settings["NAME"] = DATABASE


@contextlib.contextmanager
def copy(server: Cluster, name: str) -> Iterator[None]:
    """A copy of the database for a block, with Django pointed at it."""
    duplicate(server, name)
    with at(name):
        yield
