"""Statements by hand, without Django's cursor between: parameters bound by the server, columns as arrays.

Only inside a transaction that `tenancy` opened. A column of rows goes to the server as one array literal,
made here because that is several times faster than the driver's general way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson
import psycopg
from django.db import connection
from psycopg.adapt import Loader
from psycopg.types.datetime import TimestamptzLoader


class _Json(Loader):
    """JSON columns as plain data."""

    def load(self, data: Any) -> Any:
        """Reads the text of a json or jsonb value."""
        return orjson.loads(data)


def execute(
    statement: str, parameters: Sequence[Any] | Mapping[str, Any] = (), *, prepare: bool | None = None
) -> psycopg.Cursor[tuple[Any, ...]]:
    """Runs a statement in the open transaction; gives the cursor to fetch from. Raises `django.db.Error`."""
    assert connection.connection is not None, "needs a transaction of tenancy"
    cursor: psycopg.Cursor[tuple[Any, ...]] = psycopg.Cursor(connection.connection)
    cursor.adapters.register_loader("jsonb", _Json)
    # Django's own loader makes the same value in Python; this one is compiled. The session's zone is UTC.
    cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
    with connection.wrap_database_errors:
        return cursor.execute(statement, parameters, prepare=prepare)


def fetch(statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a query; jsonb columns as plain data, times in UTC."""
    return execute(statement, parameters).fetchall()


def _plain(values: Iterable[Any]) -> str:
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def _times(values: Iterable[Any]) -> str:
    # Many rows share one moment, the very same object: its text is made once.
    texts: dict[int, str] = {id(None): "NULL"}
    listed = list(values)
    for value in listed:
        if id(value) not in texts:
            texts[id(value)] = value.isoformat()
    return "{" + ",".join([texts[id(value)] for value in listed]) + "}"


def _text(values: Iterable[Any]) -> str:
    quoted = [
        "NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values
    ]
    return "{" + ",".join(quoted) + "}"


ARRAYS: Mapping[str, Callable[[Iterable[Any]], str]] = {
    "uuid": _plain,
    "bigint": _plain,
    "bool": _plain,
    "timestamptz": _times,
    "text": _text,
    "jsonb": _text,
}


def array(kind: str, values: Iterable[Any]) -> str:
    """The PostgreSQL array literal of a column of that type: uuid, bigint, bool, timestamptz, text, jsonb
    (given as text). None is NULL."""
    return ARRAYS[kind](values)
