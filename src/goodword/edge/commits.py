"""Clicks become durable together: whoever waits is written by one statement and one commit.

A click is answered only after its commit. While one batch is on its way the next one gathers, so the database is asked
as often as it can answer, however many wait. How many may wait, and for how long, is bounded: beyond it a visitor is
told to come again at once, before memory grows.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections import Counter as Tally
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any

import structlog
from prometheus_client import Counter, Histogram

from goodword.edge.connection import Line, Unavailable
from goodword.engine.watch import name_of
from goodword.store import clicks
from goodword.store.clicks import Click
from goodword.store.trip import Step, workspace_scope

MOST_WAITING = 2_000
"""Clicks that may wait in one process; about 2 MB."""
PAGE = 500
"""Clicks of one commit."""
GROUP = 32
"""Of more clicks than these a commit takes half: while the database writes the one half, the other is answered and
comes back. A crowd that moves in one step would leave the one or the other idle."""

CLICKS = Counter("goodword_clicks", "Clicks kept, by who followed the link.", ["kind"])
BATCHES = Histogram("goodword_click_batch", "Clicks of one commit.", buckets=(1, 2, 5, 10, 25, 50, 100, 250, 500))
SECONDS = Histogram(
    "goodword_click_commit_seconds",
    "Seconds from taking a batch of clicks to its commit.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)

Kept = Callable[[Unavailable | None], None]
"""Hears that a click is durable, or why it is not. It never raises."""
_Waiting = tuple[str, Click, Kept]
_PLACES = itertools.count(1)
_INSERT = re.sub("%s", lambda _: f"${next(_PLACES)}", clicks.INSERT).encode()

log = structlog.get_logger("goodword.edge")


class Overloaded(Exception):
    """More clicks wait than may."""


class Commits:
    """The clicks of one process on their way into the database."""

    def __init__(self, parameters: Callable[[], Mapping[str, Any]]) -> None:
        self._line = Line(parameters)
        self._waiting: deque[_Waiting] = deque()
        self._task: asyncio.Task[None] | None = None

    def keep(self, workspace_id: str, click: Click, kept: Kept) -> None:
        """Tells `kept` when the click is durable, or why it is not: it may then have been kept all the same. Raises
        `Overloaded`."""
        if len(self._waiting) >= MOST_WAITING:
            raise Overloaded
        self._waiting.append((workspace_id, click, kept))
        if self._task is None:
            self._task = asyncio.create_task(self._write())

    async def close(self) -> None:
        """Waits for the clicks in hand, then leaves the database."""
        if self._task is not None:
            await self._task
        await self._line.close()

    async def _write(self) -> None:
        try:
            while waiting := len(self._waiting):
                began = perf_counter()
                number = min(waiting, max(GROUP, waiting // 2), PAGE)
                batch = [self._waiting.popleft() for _ in range(number)]
                errors = await self._keep(batch)
                # The next one is on its way before those who waited for this one are answered.
                asyncio.get_running_loop().call_soon(_tell, batch, errors, perf_counter() - began)
        finally:
            self._task = None

    async def _keep(self, batch: Sequence[_Waiting]) -> list[Unavailable | None]:
        """Why each was not kept; None where it was. One that the database refuses is in no other's way."""
        try:
            await self._line.run(*_steps(batch))
        except Exception as error:
            if len(batch) > 1 and not isinstance(error, Unavailable):
                return [why for one in batch for why in await self._keep([one])]
            log.warning("clicks_not_kept", clicks=len(batch), error=name_of(error.__cause__ or error))
            return [Unavailable()] * len(batch)
        return [None] * len(batch)


def _tell(batch: Sequence[_Waiting], errors: Sequence[Unavailable | None], seconds: float) -> None:
    if stored := [one for one, error in zip(batch, errors, strict=True) if error is None]:
        _count(stored, seconds)
    for (_, _, kept), error in zip(batch, errors, strict=True):
        kept(error)


def _count(batch: Sequence[_Waiting], seconds: float) -> None:
    """Adds a batch that was kept to the metrics."""
    BATCHES.observe(len(batch))
    SECONDS.observe(seconds)
    for kind, number in Tally(click.kind for _, click, _ in batch).items():
        CLICKS.labels(kind).inc(number)


def _steps(batch: Sequence[_Waiting]) -> list[Step]:
    by_workspace: dict[str, list[Click]] = {}
    for workspace_id, click, _ in batch:
        by_workspace.setdefault(workspace_id, []).append(click)
    steps = []
    for workspace_id, rows in by_workspace.items():
        given = [value.encode() for value in clicks.values(workspace_id, rows)]
        steps += [workspace_scope(workspace_id), Step(_INSERT, given, b"click")]
    return steps
