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
from time import monotonic
from typing import Any, NamedTuple

import structlog
from prometheus_client import Counter, Histogram

from goodword.edge.connection import Line, Unavailable
from goodword.engine.watch import name_of
from goodword.store import clicks
from goodword.store.clicks import Click, Followed
from goodword.store.trip import Rows, Step, workspace_scope

MOST_WAITING = 2_000
"""Clicks that may wait in one process; about 2 MB."""
PAGE = 500
"""Clicks of one commit."""
GROUP = 32
"""Of more clicks than these a commit takes half: while the database writes the one half, the other is answered and
comes back. A crowd that moves in one step would leave the one or the other idle."""
PLANNED_SECONDS = 3.0
"""For how long the session may go by its plans: one that was made while there were few links reads all of a
workspace's, however many come."""

CLICKS = Counter("goodword_clicks", "Clicks kept, by who followed the link.", ["kind"])
BATCHES = Histogram("goodword_click_batch", "Clicks of one commit.", buckets=(1, 2, 5, 10, 25, 50, 100, 250, 500))
SECONDS = Histogram(
    "goodword_click_commit_seconds",
    "Seconds from taking a batch of clicks to its commit.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)

Kept = Callable[[Unavailable | None, Followed | None], None]
"""Hears that a click is durable, or why it is not; and where it came with a code, whose link that is. It never
raises."""

ANEW = Step(b"DISCARD PLANS")


class Code(NamedTuple):
    """What a click's link is looked up by: the code as links spell it, and the programmes whose links lead on."""

    text: str
    running: Sequence[str]


class _Waiting(NamedTuple):
    workspace_id: str
    click: Click
    kept: Kept
    code: Code | None


_Told = tuple[Unavailable | None, Followed | None]


def _numbered(statement: str) -> bytes:
    places = itertools.count(1)
    return re.sub("%s", lambda _: f"${next(places)}", statement).encode()


_INSERT, FOLLOW = _numbered(clicks.INSERT), _numbered(clicks.FOLLOW)

log = structlog.get_logger("goodword.edge")


class Overloaded(Exception):
    """More clicks wait than may."""


class Commits:
    """The clicks of one process on their way into the database."""

    def __init__(self, parameters: Callable[[], Mapping[str, Any]]) -> None:
        self._line = Line(parameters)
        self._waiting: deque[_Waiting] = deque()
        self._task: asyncio.Task[None] | None = None
        self._planned_at = 0.0

    def keep(self, workspace_id: str, click: Click, kept: Kept, code: Code | None = None) -> None:
        """Tells `kept` when the click is durable, or why it is not: it may then have been kept all the same. With a
        code the click names no link: it is kept where the code's leads on. Raises `Overloaded`."""
        if len(self._waiting) >= MOST_WAITING:
            raise Overloaded
        self._waiting.append(_Waiting(workspace_id, click, kept, code))
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
                began = monotonic()
                number = min(waiting, max(GROUP, waiting // 2), PAGE)
                batch = [self._waiting.popleft() for _ in range(number)]
                told = await self._keep(batch)
                # The next one is on its way before those who waited for this one are answered.
                asyncio.get_running_loop().call_soon(_tell, batch, told, monotonic() - began)
        finally:
            self._task = None

    def _anew(self, now: float) -> list[Step]:
        """What has the session plan again, where it is time for it."""
        if now - self._planned_at < PLANNED_SECONDS:
            return []
        self._planned_at = now
        return [ANEW]

    async def _keep(self, batch: Sequence[_Waiting]) -> list[_Told]:
        """What each is told. One that the database refuses is in no other's way."""
        began = monotonic()
        try:
            rows = await self._line.run(*self._anew(began), *_steps(batch))
        except Exception as error:
            if len(batch) > 1 and not isinstance(error, Unavailable):
                return [why for one in batch for why in await self._keep([one])]
            log.warning("clicks_not_kept", clicks=len(batch), error=name_of(error.__cause__ or error))
            return [(Unavailable(), None)] * len(batch)
        return _followed(batch, rows, began) if rows else [(None, None)] * len(batch)


def _followed(batch: Sequence[_Waiting], rows: Sequence[Rows], read_at: float) -> list[_Told]:
    found = {row[0]: Followed._make((*row[1:], read_at)) for some in rows for row in some}
    return [(None, found.get(one.click.id)) for one in batch]


def _tell(batch: Sequence[_Waiting], told: Sequence[_Told], seconds: float) -> None:
    _count(batch, told, seconds)
    for one, (error, followed) in zip(batch, told, strict=True):
        one.kept(error, followed)


def _count(batch: Sequence[_Waiting], told: Sequence[_Told], seconds: float) -> None:
    """Adds what was kept to the metrics."""
    kinds = [
        one.click.kind
        for one, (error, followed) in zip(batch, told, strict=True)
        if error is None and (one.code is None or (followed is not None and followed.kept))
    ]
    if kinds:
        BATCHES.observe(len(kinds))
        SECONDS.observe(seconds)
    for kind, number in Tally(kinds).items():
        CLICKS.labels(kind).inc(number)


def _steps(batch: Sequence[_Waiting]) -> list[Step]:
    by_workspace: dict[str, tuple[list[Click], list[Click], list[Code]]] = {}
    for workspace_id, click, _, code in batch:
        plain, coded, codes = by_workspace.setdefault(workspace_id, ([], [], []))
        if code is None:
            plain.append(click)
        else:
            coded.append(click)
            codes.append(code)
    steps = []
    for workspace_id, (plain, coded, codes) in by_workspace.items():
        steps.append(workspace_scope(workspace_id))
        if plain:
            steps.append(Step(_INSERT, _encoded(clicks.values(workspace_id, plain)), b"click"))
        if coded:
            given = clicks.values_of_codes(workspace_id, [code.text for code in codes], coded, codes[0].running)
            steps.append(Step(FOLLOW, _encoded(given), b"follow"))
    return steps


def _encoded(values: Sequence[str]) -> list[bytes]:
    return [value.encode() for value in values]
