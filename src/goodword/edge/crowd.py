"""How many requests are worked on at once, and how many may wait for their turn: beyond it the next one is refused at
once, before threads and memory grow."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from prometheus_client import Counter

SHED = Counter("goodword_requests_shed", "Requests refused because of too many others, by what was used up.", ["what"])


class Overloaded(Exception):
    """There are too many requests already."""


class Seats:
    """So many threads, one for each request that is worked on. `waiting` more requests may wait, for `seconds` each."""

    def __init__(self, number: int, *, waiting: int, seconds: float) -> None:
        self._free = [ThreadPoolExecutor(1, thread_name_prefix="request") for _ in range(number)]
        self._line: deque[asyncio.Future[ThreadPoolExecutor]] = deque()
        self._waiting = waiting
        self._seconds = seconds

    async def take(self) -> ThreadPoolExecutor:
        """A thread of one's own, until `leave`. Raises `Overloaded`."""
        if self._free:
            return self._free.pop()
        if len(self._line) >= self._waiting:
            SHED.labels("turns").inc()
            raise Overloaded
        turn: asyncio.Future[ThreadPoolExecutor] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            await asyncio.wait([turn], timeout=self._seconds)
        except asyncio.CancelledError:
            if turn.done():  # the seat came as its caller left
                self._next(turn.result())
            else:
                self._line.remove(turn)
            raise
        if turn.done():
            return turn.result()
        self._line.remove(turn)
        SHED.labels("time").inc()
        raise Overloaded

    def leave(self, seat: ThreadPoolExecutor) -> None:
        """Gives the thread back, to be the next one's when it has done what it does: a caller who left does not stop
        it."""
        loop = asyncio.get_running_loop()
        seat.submit(int).add_done_callback(lambda _: loop.call_soon_threadsafe(self._next, seat))

    def _next(self, seat: ThreadPoolExecutor) -> None:
        if self._line:
            self._line.popleft().set_result(seat)
        else:
            self._free.append(seat)


class Room:
    """Memory for the bodies of requests, in bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.held = 0

    @contextmanager
    def share(self) -> Iterator[Share]:
        """The part of one request, for as long as it is answered."""
        share = Share(self)
        try:
            yield share
        finally:
            self.held -= share.held

    def _take(self, number: int) -> None:
        if self.held + number > self._most:
            SHED.labels("memory").inc()
            raise Overloaded
        self.held += number


class Share:
    """What one request holds."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.held = 0

    def take(self, number: int) -> None:
        """Raises `Overloaded` where there is no room for so many bytes more."""
        self._room._take(number)
        self.held += number
