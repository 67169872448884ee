"""Statements by hand, without Django's cursor between: parameters bound by the server, columns as arrays.

Only inside a transaction that `tenancy` opened. A column of rows goes to the server as one array literal,
made here because that is several times faster than the driver's general way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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


@contextmanager
def pipeline() -> Iterator[None]:
    """A block whose statements are sent without waiting for each to be answered; one that fails raises its
    `django.db.Error` at the latest at the block's end, and those sent after it are not carried out."""
    assert connection.connection is not None, "needs a transaction of tenancy"
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def array(kind: str, values: Iterable[Any]) -> str:
    """The PostgreSQL array literal of a column of that type: uuid, bigint, bool, timestamptz, text, jsonb
    (given as plain data). None is NULL.

    A JSON list is such a literal but for its brackets, as long as no text in it has a control character:
    those JSON writes with letters (`\\n`) that an array literal would take for themselves.
    """
    column = [None if value is None else _document(value) for value in values] if kind == "jsonb" else list(values)
    listed = orjson.dumps(column).decode()
    if kind == "text" and "\\" in listed:
        listed = f"[{','.join(map(_quoted, column))}]"
    return f"{{{listed[1:-1]}}}"


def _document(value: Any) -> str:
    return orjson.dumps(value).decode() if value else "{}"


def _quoted(value: str | None) -> str:
    return "NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
