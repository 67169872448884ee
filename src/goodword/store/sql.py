"""Statements by hand, without Django's cursor between: parameters bound by the server, columns as arrays.

Only inside a transaction that `tenancy` opened. A column of rows goes to the server as one array literal,
made here because that is several times faster than the driver's general way.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from queue import Empty, SimpleQueue
from typing import Any

import orjson
import psycopg
from django.db import connection
from psycopg.adapt import Dumper, Loader
from psycopg.pq import Format
from psycopg.types.datetime import TimestamptzLoader

PATIENCE = 0.0003
"""Seconds that a writer waits for its turn in Python when the database has answered; as long as usual, it would
leave the database without work."""


class _Json(Loader):
    """JSON columns as plain data."""

    def load(self, data: Any) -> Any:
        """Reads the text of a json or jsonb value."""
        return orjson.loads(data)


class Uuids(bytes):
    """A column of ids as the server sends and takes an array of them."""


class Documents(bytes):
    """A column of JSON data as the server takes an array of it."""


class _Packed(Dumper):
    """What is in the server's own form already."""

    format = Format.BINARY

    def dump(self, obj: Any) -> bytes:
        """The bytes as they are."""
        return bytes(obj)


class _PackedUuids(_Packed):
    oid = 2951


class _PackedDocuments(_Packed):
    oid = 3807


def _cursor(database: psycopg.Connection[Any]) -> psycopg.Cursor[tuple[Any, ...]]:
    cursor: psycopg.Cursor[tuple[Any, ...]] = psycopg.Cursor(database)
    cursor.adapters.register_dumper(Uuids, _PackedUuids)
    cursor.adapters.register_dumper(Documents, _PackedDocuments)
    return cursor


_keep: ContextVar[bool] = ContextVar("_keep", default=False)


@contextmanager
def keeping_plans() -> Iterator[None]:
    """In the block, the session keeps the plan of each statement for when it comes again, where the settings of the
    database let it (`ops.database`): planning takes longer than small work does. For statements of few texts, and never
    while temporary tables hide others of the same names."""
    token = _keep.set(True)
    try:
        yield
    finally:
        _keep.reset(token)


@contextmanager
def planned_once() -> Iterator[None]:
    """The same for the rest of the open transaction's statements, each planned for any number of rows: for those that
    find everything by key."""
    assert connection.connection is not None, "needs a transaction of tenancy"
    if connection.connection.prepare_threshold is None:
        yield
        return
    execute("SELECT set_config('plan_cache_mode', 'force_generic_plan', true)")
    with keeping_plans():
        yield


def execute(statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> psycopg.Cursor[tuple[Any, ...]]:
    """Runs a statement in the open transaction; gives the cursor to fetch from. Raises `django.db.Error`."""
    assert connection.connection is not None, "needs a transaction of tenancy"
    cursor = _cursor(connection.connection)
    cursor.adapters.register_loader("jsonb", _Json)
    # Django's own loader makes the same value in Python; this one is compiled. The session's zone is UTC.
    cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
    with connection.wrap_database_errors:
        return cursor.execute(statement, parameters, prepare=_keep.get())


def fetch(statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a query; jsonb columns as plain data, times in UTC."""
    return execute(statement, parameters).fetchall()


Asked = tuple[str, Sequence[Any]]
"""A statement and its parameters."""


def fetch_together(*asked: Asked) -> list[list[tuple[Any, ...]]]:
    """The rows of several queries of which none needs another's answer, for one wait."""
    assert connection.connection is not None, "needs a transaction of tenancy"
    with connection.wrap_database_errors, connection.connection.pipeline():
        cursors = [execute(statement, parameters) for statement, parameters in asked]
    return [cursor.fetchall() for cursor in cursors]


class Now:
    """A writer that keeps each statement and sends all at once: for work too small to be done beside other work."""

    def __init__(self) -> None:
        self._given: list[tuple[str, Sequence[Any]]] = []

    def execute(self, statement: str, parameters: Sequence[Any]) -> None:
        """Gives a statement to be carried out."""
        self._given.append((statement, parameters))

    def close(self) -> None:
        """Carries all out, one after another. Raises the `django.db.Error` of the first that was refused."""
        assert connection.connection is not None, "needs a transaction of tenancy"
        prepare = _keep.get()
        with connection.wrap_database_errors, connection.connection.pipeline():
            for statement, parameters in self._given:
                _cursor(connection.connection).execute(statement, parameters, prepare=prepare)


class Writer:
    """Carries out statements of the open transaction beside what its caller does meanwhile, one after another,
    in the order in which they were given. The caller uses the connection for nothing else until `close`.

    They go to the database in a pipeline: it has the next one when it is done with one, without asking here first.
    """

    def __init__(self) -> None:
        assert connection.connection is not None, "needs a transaction of tenancy"
        self._connection: psycopg.Connection[Any] = connection.connection
        self._prepare = _keep.get()
        self._given: SimpleQueue[tuple[str, Sequence[Any]] | None] = SimpleQueue()
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._answer = self._thread.submit(self._carry_out)
        self._abandoned = False

    def execute(self, statement: str, parameters: Sequence[Any]) -> None:
        """Gives a statement to be carried out."""
        self._given.put((statement, parameters))

    def close(self) -> None:
        """Waits until all are carried out. Raises the `django.db.Error` of the first that was refused."""
        self._given.put(None)
        with self._thread, connection.wrap_database_errors:
            self._answer.result()

    def abandon(self) -> None:
        """Waits for the statements in hand; those after them are not carried out."""
        self._abandoned = True
        self._given.put(None)
        self._thread.shutdown()

    def _carry_out(self) -> None:
        """In the thread: whatever is there goes in one pipeline, at whose end all of it is done."""
        while (given := self._given.get()) is not None and not self._abandoned:
            with self._connection.pipeline():
                while given is not None and not self._abandoned:
                    _cursor(self._connection).execute(*given, prepare=self._prepare)
                    try:
                        given = self._given.get_nowait()
                    except Empty:
                        break
            if given is None:
                return


@contextmanager
def writing(*, beside: bool = True) -> Iterator[Writer | Now]:
    """A writer for a block; at its end everything it was given is carried out, unless the block failed. With
    `beside`, in a thread of its own while the block goes on."""
    if not beside:
        now = Now()
        yield now
        now.close()
        return
    writer, interval = Writer(), sys.getswitchinterval()
    sys.setswitchinterval(PATIENCE)
    try:
        yield writer
        writer.close()
    except BaseException:
        writer.abandon()
        raise
    finally:
        sys.setswitchinterval(interval)


def array(kind: str, values: Iterable[Any]) -> str:
    """The PostgreSQL array literal of a column of that type: uuid, bigint, bool, timestamptz, text, jsonb
    (given as plain data). None is NULL.

    A JSON list is such a literal but for its brackets, as long as no text in it has a control character:
    those JSON writes with letters (`\\n`) that an array literal would take for themselves.
    """
    column = list(values)
    if column.count(None) == len(column):
        return "{}"  # `unnest` fills the shorter columns up with NULL
    if kind == "jsonb":
        column = [None if value is None else _document(value) for value in column]
    listed = orjson.dumps(column).decode()
    if kind == "text" and "\\" in listed:
        listed = f"[{','.join(map(_quoted, column))}]"
    return f"{{{listed[1:-1]}}}"


_ARRAY = struct.Struct("!iiIii")
"""What an array begins with: one dimension, whether there may be NULLs, the type, how many, the first's number."""
_DOCUMENT = struct.Struct("!iB")
"""What a jsonb value begins with: how long it is with what follows, and that it is written as version 1."""
_ID, _NULL = "00000010", "ffffffff"
"""How long an id is, and that there is none, in hex."""


def packed(kind: str, values: Sequence[Any]) -> str | bytes:
    """Like `array`, but ids and data are in the server's own form: it reads an id in a quarter of the time, and JSON
    without taking it out of a literal first. The statement says `uuid[]` and `jsonb[]`."""
    if kind not in ("uuid", "jsonb") or values.count(None) == len(values):
        return array(kind, values)
    return _uuids(values) if kind == "uuid" else _documents(values)


def _uuids(column: Sequence[Any]) -> str | bytes:
    """What is no id is left to the server to refuse."""
    missing = column.count(None)
    try:
        if missing:
            digits = "".join([_NULL if id is None else _ID + id for id in column]).replace("-", "")
        else:
            digits = (_ID + _ID.join(column)).replace("-", "")
        if len(digits) != 40 * len(column) - 32 * missing:
            return array("uuid", column)
        return Uuids(_ARRAY.pack(1, 1, 2950, len(column), 1) + bytes.fromhex(digits))
    except (TypeError, ValueError):
        return array("uuid", column)


def _documents(column: Sequence[Any]) -> Documents:
    parts = [_ARRAY.pack(1, 1, 3802, len(column), 1)]
    for value in column:
        if value is None:
            parts.append(b"\xff\xff\xff\xff")
        else:
            text = orjson.dumps(value) if value else b"{}"
            parts.append(_DOCUMENT.pack(len(text) + 1, 1))
            parts.append(text)
    return Documents(b"".join(parts))


def _document(value: Any) -> str:
    return orjson.dumps(value).decode() if value else "{}"


def _quoted(value: str | None) -> str:
    return "NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
