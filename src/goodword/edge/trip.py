"""The statements of one transaction in one trip to the database, with as little between as the driver lets. For a
crowd's clicks or codes, what the driver does for statements in general would cost more than all else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, abc

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
Rows = list[tuple[Any, ...]]

_WRONG = frozenset({ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED, ExecStatus.BAD_RESPONSE})


class Step(NamedTuple):
    """A statement, with its parameters as `$1` and so on, each as the server reads it from text. With a name the
    session keeps the statement for the next time, where sessions may."""

    statement: bytes
    parameters: Sequence[bytes | None] = ()
    name: bytes = b""


_BEGIN, _COMMIT = Step(b"BEGIN", name=b"begin"), Step(b"COMMIT", name=b"commit")


async def carry_out(connection: Connection, steps: Sequence[Step], kept: set[bytes]) -> list[Rows]:
    """The rows of each step that gives some, all in one transaction, which is over with the answer. `kept` has the
    names of what the session keeps. Raises `psycopg.Error`: then nothing was done, or nobody knows, and the connection
    is not to be used again, as after a cancellation."""
    server = connection.pgconn
    server.enter_pipeline_mode()
    for statement, parameters, name in (_BEGIN, *steps, _COMMIT):
        if not name or connection.prepare_threshold is None:
            server.send_query_params(statement, parameters)
            continue
        if name not in kept:
            server.send_prepare(name, statement)
            kept.add(name)
        server.send_query_prepared(name, parameters)
    server.pipeline_sync()
    results = await _answered(server)
    server.exit_pipeline_mode()
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


async def _answered(server: abc.PGconn) -> list[abc.PGresult]:
    """What the server answers to all that was sent."""
    loop = asyncio.get_running_loop()
    whole: asyncio.Future[None] = loop.create_future()
    results: list[abc.PGresult] = []

    def read() -> None:
        try:
            server.consume_input()
            ended = False
            while not whole.done() and not server.is_busy():
                result = server.get_result()
                if result is None:  # the end of one statement's results; twice, and there is nothing more yet
                    if ended:
                        return
                elif result.status == ExecStatus.PIPELINE_SYNC:
                    whole.set_result(None)
                else:
                    results.append(result)
                ended = result is None
        except psycopg.Error as error:
            _fail(error)

    def write() -> None:
        try:
            if server.flush() == 0:
                loop.remove_writer(socket)
        except psycopg.Error as error:
            _fail(error)

    def _fail(error: psycopg.Error) -> None:
        if not whole.done():
            whole.set_exception(error)

    socket = server.socket
    loop.add_reader(socket, read)
    try:
        if server.flush() != 0:
            loop.add_writer(socket, write)
        await whole
    finally:
        loop.remove_reader(socket)
        loop.remove_writer(socket)
    return results
