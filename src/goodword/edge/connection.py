"""A connection of the edge's own, beside Django's: asynchronous, of the application's role, behind the same walls."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row

from goodword.store.tenancy import DIRECTORY, WORKSPACE

CONNECT_SECONDS = 2
"""How long a connection may take to be made."""
STATEMENT_SECONDS = 2.5
"""How long a transaction of the edge may take. What takes longer is given up, its connection with it."""

CUT_SECONDS = 0.5
"""How long a connection that is given up may take to notice."""

Rows = list[tuple[Any, ...]]
Connection = psycopg.AsyncConnection[tuple[Any, ...]]
Result = TypeVar("Result")


class Unavailable(Exception):
    """The database did not answer in time, or at all."""


class Line:
    """One connection, made when it is needed and made anew when it broke. One user at a time."""

    def __init__(self, parameters: Callable[[], Mapping[str, Any]]) -> None:
        self._parameters = parameters
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    async def run(self, work: Callable[[Connection], Awaitable[Result]]) -> Result:
        """What `work` gives, which may be carried out twice: where a connection that stood open turns out to be broken,
        once more on a new one. Raises `Unavailable`."""
        async with self._turn:
            stood = self._connection is not None
            try:
                return await self._in_time(work)
            except psycopg.OperationalError as error:
                if not stood:
                    raise Unavailable from error
            try:
                return await self._in_time(work)
            except psycopg.OperationalError as error:
                raise Unavailable from error

    async def close(self) -> None:
        """Closes the connection, when nobody uses it any more."""
        async with self._turn:
            await self._drop()

    async def _in_time(self, work: Callable[[Connection], Awaitable[Result]]) -> Result:
        """Raises `Unavailable` when it takes too long, and the driver's own errors."""
        task = asyncio.ensure_future(self._carry_out(work))
        done, _ = await asyncio.wait({task}, timeout=STATEMENT_SECONDS)
        if not done:
            self._cut()
            done, _ = await asyncio.wait({task}, timeout=CUT_SECONDS)
            if not done:
                task.cancel()
                self._connection = None
            raise Unavailable
        return task.result()

    async def _carry_out(self, work: Callable[[Connection], Awaitable[Result]]) -> Result:
        if self._connection is None:
            self._connection = await psycopg.AsyncConnection.connect(
                **{**self._parameters(), "connect_timeout": CONNECT_SECONDS}, autocommit=True, row_factory=tuple_row
            )
        try:
            return await work(self._connection)
        except BaseException:
            await self._drop()
            raise

    def _cut(self) -> None:
        """Ends the conversation from this side. The driver, which asks a server to give up and waits until it does,
        finds nobody there: a server that does not answer is not waited for."""
        if self._connection is not None and not self._connection.closed:
            with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as wire:
                wire.shutdown(socket.SHUT_RDWR)

    async def _drop(self) -> None:
        broken, self._connection = self._connection, None
        if broken is not None:
            await broken.close()


async def ask(connection: Connection, scope: str, statement: str, parameters: Sequence[Any] = ()) -> Rows:
    """The rows of one statement in a transaction of a scope, in one trip. It is planned for its parameters each time: a
    plan for any would read a whole table that nobody has analyzed yet."""
    async with connection.pipeline():
        await connection.execute("BEGIN")
        await connection.execute(scope)
        found = await connection.execute(statement, parameters, prepare=False)
        await connection.execute("COMMIT")
    return await found.fetchall() if found.description else []


def workspace_scope(workspace_id: str) -> str:
    """The statement that lets a transaction see one workspace's rows."""
    return f"SET LOCAL {WORKSPACE} = '{UUID(workspace_id)}'"


DIRECTORY_SCOPE = f"SET LOCAL {DIRECTORY} = 'on'"
"""The statement that lets a transaction see the list of workspaces."""
