"""The statements of one transaction in one trip to the database, with as little between as the driver lets. For what
every request asks, and for a crowd's clicks or codes, what the driver does for statements in general would cost more
than all else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from django.db import connection as django_connection
from psycopg import generators
from psycopg.abc import PQGen
from psycopg.adapt import Transformer
from psycopg.errors import InvalidSqlStatementName, error_from_result
from psycopg.pq import ExecStatus, abc

from goodword.store.tenancy import WORKSPACE

Connection = psycopg.Connection[Any] | psycopg.AsyncConnection[Any]
Rows = list[tuple[Any, ...]]

_WRONG = frozenset({ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED, ExecStatus.BAD_RESPONSE})


class Step(NamedTuple):
    """A statement, with its parameters as `$1` and so on, each as the server reads it from text. With a name the
    session keeps the statement for the next time, where sessions may."""

    statement: bytes
    parameters: Sequence[bytes | None] = ()
    name: bytes = b""


_BEGIN, _COMMIT, _ROLLBACK = Step(b"BEGIN"), Step(b"COMMIT"), b"ROLLBACK"


def workspace_scope(workspace_id: str) -> Step:
    """Lets the steps after it see one workspace's rows."""
    return Step(f"SET LOCAL {WORKSPACE} = '{UUID(workspace_id)}'".encode())


def send(connection: Connection, steps: Sequence[Step], kept: set[bytes]) -> int:
    """Gives the driver some steps, which it sends as `flush` is called; how many answers there will be, beside that of
    the sync. `kept` has the names of what the session keeps."""
    server = connection.pgconn
    server.enter_pipeline_mode()
    number = len(steps)
    for statement, parameters, name in steps:
        if not name or connection.prepare_threshold is None:
            server.send_query_params(statement, parameters)
            continue
        if name not in kept:
            server.send_prepare(name, statement)
            kept.add(name)
            number += 1
        server.send_query_prepared(name, parameters)
    server.pipeline_sync()
    return number


def told(connection: Connection, results: Sequence[abc.PGresult]) -> list[Rows]:
    """The rows of each step that gives some. Ends the trip. Raises `psycopg.Error`."""
    connection.pgconn.exit_pipeline_mode()
    for result in results:
        if result.status in _WRONG:
            raise error_from_result(result, "utf-8")
    return [_rows(connection, result) for result in results if result.status == ExecStatus.TUPLES_OK]


def _rows(connection: Connection, result: abc.PGresult) -> Rows:
    if not result.ntuples:
        return []
    reading = Transformer(connection)
    reading.set_pgresult(result)
    return reading.load_rows(0, result.ntuples, tuple)


_kept: WeakKeyDictionary[psycopg.Connection[Any], set[bytes]] = WeakKeyDictionary()
"""What Django's connections keep; the driver may make one forget it, after a transaction that was undone."""


def carry_out(*steps: Step) -> list[Rows]:
    """The rows of each step that gives some, all in one transaction of Django's connection, which must be in none; at
    most one step has a name. Raises `django.db.Error`; then nothing was done, or nobody knows, and the connection is
    closed."""
    assert not django_connection.in_atomic_block, "a trip is a transaction of its own"
    django_connection.ensure_connection()
    database: psycopg.Connection[Any] = django_connection.connection
    kept = _kept.setdefault(database, set())
    whole = (_BEGIN, *steps, _COMMIT)
    try:
        with django_connection.wrap_database_errors, database.lock:
            try:
                return told(database, database.wait(_trip(database, whole, kept)))
            except InvalidSqlStatementName:
                kept.difference_update(step.name for step in steps)
                _undo(database)
            return told(database, database.wait(_trip(database, whole, kept)))
    except BaseException:
        database.close()  # what it keeps is not known any more; the pool makes another
        django_connection.close()
        raise


def _undo(database: psycopg.Connection[Any]) -> None:
    database.pgconn.send_query(_ROLLBACK)
    database.wait(generators.execute(database.pgconn))


def _trip(database: psycopg.Connection[Any], steps: Sequence[Step], kept: set[bytes]) -> PQGen[list[abc.PGresult]]:
    expected = send(database, steps, kept)
    yield from generators.send(database.pgconn)
    results: list[abc.PGresult] = []
    for _ in range(expected + 1):
        results += yield from generators.fetch_many(database.pgconn)
    return results
