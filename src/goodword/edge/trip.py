"""A trip (`store.trip`) that the loop waits for, and no thread."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.pq import ExecStatus, abc

from goodword.store import trip
from goodword.store.trip import Rows, Step

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

_BEGIN, _COMMIT = Step(b"BEGIN", name=b"begin"), Step(b"COMMIT", name=b"commit")


async def carry_out(connection: Connection, steps: Sequence[Step], kept: set[bytes]) -> list[Rows]:
    """The rows of each step that gives some, all in one transaction, which is over with the answer. `kept` has the
    names of what the session keeps. Raises `psycopg.Error`: then nothing was done, or nobody knows, and the connection
    is not to be used again, as after a cancellation."""
    trip.send(connection, (_BEGIN, *steps, _COMMIT), kept)
    return trip.told(connection, await _answered(connection.pgconn))


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
