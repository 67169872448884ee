"""A connection that does not wait for ever: a server that stopped answering is given up, whatever it was asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout

ANSWER_SECONDS = 15.0
"""How long the database may take for one statement of a page or of a call of the API."""
POLL_SECONDS = 0.1
"""How often a wait looks whether somebody interrupts the process."""

Value = TypeVar("Value")

_patience: ContextVar[float] = ContextVar("_patience", default=ANSWER_SECONDS)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """In the block, a statement may take so long."""
    token = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(token)


class Patient(psycopg.Connection[Any]):
    """Raises `psycopg.OperationalError` for a statement that is not answered in time. Nothing else can be asked of the
    connection then: what became of the statement is not known."""

    def wait(self, gen: PQGen[Value], interval: float = POLL_SECONDS, timeout: float | None = None) -> Value:
        """What the server answers. A wait with a limit of its own keeps it."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        seconds = _patience.get()
        try:
            return super().wait(gen, interval, seconds)
        except _WaitTimeout:
            self.pgconn.finish()
            raise psycopg.OperationalError(f"the database did not answer in {seconds:g} seconds") from None
