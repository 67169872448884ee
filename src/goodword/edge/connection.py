"""A connection of the edge's own, beside Django's: asynchronous, of the application's role, behind the same walls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import psycopg

from goodword.edge.trip import Connection, carry_out
from goodword.store.tenancy import DIRECTORY
from goodword.store.trip import Rows, Step

CONNECT_SECONDS = 2
"""How long a connection may take to be made."""
STATEMENT_SECONDS = 2.5
"""How long a transaction of the edge may take. What takes longer is given up, its connection with it."""


class Unavailable(Exception):
    """The database did not answer in time, or at all."""


class Line:
    """One connection, made when it is needed and made anew when it broke. One user at a time."""

    def __init__(self, parameters: Callable[[], Mapping[str, Any]]) -> None:
        self._parameters = parameters
        self._connection: Connection | None = None
        self._kept: set[bytes] = set()
        self._turn = asyncio.Lock()

    async def run(self, *steps: Step) -> list[Rows]:
        """The rows of the steps of one transaction, which may be carried out twice: where a connection that stood open
        turns out to be broken, once more on a new one. Raises `Unavailable`, or `psycopg.Error` for what the database
        refused."""
        async with self._turn:
            stood = self._connection is not None
            try:
                return await self._carry_out(steps)
            except psycopg.OperationalError as error:
                if not stood:
                    raise Unavailable from error
            try:
                return await self._carry_out(steps)
            except psycopg.OperationalError as error:
                raise Unavailable from error

    async def close(self) -> None:
        """Closes the connection, when nobody uses it any more."""
        async with self._turn:
            await self._drop()

    async def _carry_out(self, steps: tuple[Step, ...]) -> list[Rows]:
        try:
            async with asyncio.timeout(STATEMENT_SECONDS):
                if self._connection is None:
                    self._kept = set()
                    self._connection = await psycopg.AsyncConnection.connect(
                        **{**self._parameters(), "connect_timeout": CONNECT_SECONDS}, autocommit=True
                    )
                return await carry_out(self._connection, steps, self._kept)
        except TimeoutError as error:
            await self._drop()
            raise Unavailable from error
        except BaseException:
            await self._drop()
            raise

    async def _drop(self) -> None:
        broken, self._connection = self._connection, None
        if broken is not None:
            await broken.close()


DIRECTORY_SCOPE = Step(f"SET LOCAL {DIRECTORY} = 'on'".encode())
"""Lets the steps after it see the list of workspaces."""
