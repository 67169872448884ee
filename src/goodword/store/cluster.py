"""Whether the database is spread over a cluster, and the one thing that is said differently there.

Looked up when a process first connects, so that nothing is asked while a batch is written.
"""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

LOOK = "SELECT to_regprocedure('citus_version()') IS NOT NULL"

_known: dict[tuple[str, ...], bool] = {}


def note(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Looks at a database that this process had no connection to; for Django's `connection_created`."""
    where = _where(connection)
    if where not in _known:
        with connection.cursor() as cursor:
            cursor.execute(LOOK)
            _known[where] = bool(cursor.fetchone()[0])


def returning() -> str:
    """What `INSERT … SELECT` ends with where nothing else does. On a cluster such a statement would be carried
    out by COPY, which row-level security refuses; one that returns something is not."""
    return " RETURNING 1" if _known.get(_where(connections[DEFAULT_DB_ALIAS])) else ""


def _where(connection: BaseDatabaseWrapper) -> tuple[str, ...]:
    return tuple(str(connection.settings_dict[key]) for key in ("HOST", "PORT", "NAME"))
