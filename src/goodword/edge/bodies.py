"""Limits on every request's body, before anything of it is kept: how large it is, how slowly it may come, and how much
the bodies of all requests may hold together. Django would spool the whole of it first."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from time import monotonic
from typing import Any

from goodword.edge.crowd import SHED, Overloaded, Room
from goodword.edge.http import Application, Message, Receive, Send
from goodword.edge.refusals import CUT_OFF, OVERLOADED, SLOW_BODY, refuse, too_large

MAX_BODY = 8 * 1024 * 1024
"""Bytes of the body of any other request; routes may take less."""
MAX_FILES_BODY = 33 * 1024 * 1024
"""Bytes of the body of a request with files to be imported: what the route takes, and room for the form around it."""
MOST_HELD = 128 * 1024 * 1024
"""Bytes of the bodies of all requests of a process that are being read or answered."""
BODY_SECONDS = 15.0
"""How long a body may take, and a second more for every `SLOWEST` bytes of it that are here."""
SLOWEST = 20_000
PART_SECONDS = 30.0
"""How long the caller may take for the next part (64 KB) of a long answer. An answer that nobody reads would keep its
thread for as long as the connection stands."""
WATCH_SECONDS = 1.0
"""How often somebody looks who is late."""


_FILES = re.compile(r"/v1/imports/?|/w/[a-z0-9-]+/imports/")


def most(scope: Message) -> int:
    """Bytes that the body of a request may have."""
    return MAX_FILES_BODY if _FILES.fullmatch(scope["path"]) else MAX_BODY


class _TooLarge(Exception):
    """More came than may."""


class _TooSlow(Exception):
    """It did not come in time."""


class _CutOff(Exception):
    """It ended before its end, or its parts cannot be told apart."""


def bounded(application: Application, room: Room | None = None) -> Application:
    """The application behind the limits: a request that says it is larger, or turns out to be, gets a 413
    and is read no further; one that comes too slowly a 408; one that is cut off a 400; one for which no memory is left
    a 503. A long answer that nobody reads is given up, its connection with it."""
    held, watch = room or Room(MOST_HELD), _Watch()

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        limit = most(scope)
        if declared(scope) > limit:
            await refuse(scope, send, too_large(limit))
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            if message.get("more_body", False):
                await watch.send(send, message, monotonic() + PART_SECONDS)
            else:
                await send(message)

        with held.share() as share:
            try:
                await application(scope, _counted(receive, limit, share.take, watch), watched)
            except (_TooLarge, _TooSlow, _CutOff, Overloaded) as why:
                assert not started, "nothing is answered before the body was read"
                known = {_TooLarge: too_large(limit), _TooSlow: SLOW_BODY, _CutOff: CUT_OFF}
                refused = known.get(type(why), OVERLOADED)
                await refuse(scope, send, refused)

    return answer


class _Watch:
    """One clock for all who wait for a body, or for their answer to be read: a timer for each part of each body would
    cost more than reading it."""

    def __init__(self) -> None:
        self._due: dict[asyncio.Task[Any], float] = {}
        self._late: set[asyncio.Task[Any]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def receive(self, receive: Receive, due: float) -> Message:
        """The next message. Raises `_TooSlow` when it has not come by `due` (`time.monotonic`)."""
        task = self._watch(due)
        try:
            return await receive()
        except asyncio.CancelledError:
            if task not in self._late:
                raise
            task.uncancel()
            raise _TooSlow from None
        finally:
            del self._due[task]
            self._late.discard(task)

    async def send(self, send: Send, message: Message, due: float) -> None:
        """Sends a part of an answer. One that is not taken by `due` ends its request as if the caller had left."""
        task = self._watch(due)
        try:
            await send(message)
        except asyncio.CancelledError:
            if task in self._late:
                SHED.labels("unread").inc()
            raise
        finally:
            del self._due[task]
            self._late.discard(task)

    def _watch(self, due: float) -> asyncio.Task[Any]:
        """The task that is late when it still waits then."""
        task = asyncio.current_task()
        assert task is not None, "a request is answered in a task"
        self._due[task] = due
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(WATCH_SECONDS, self._look)
        return task

    def _look(self) -> None:
        now = monotonic()
        for task, due in self._due.items():
            if due <= now and task not in self._late:
                self._late.add(task)
                task.cancel()
        self._timer = asyncio.get_running_loop().call_later(WATCH_SECONDS, self._look) if self._due else None


def _counted(receive: Receive, limit: int, take: Callable[[int], None], watch: _Watch) -> Receive:
    """`receive` with a count of what came and a clock until all came."""
    read, began, more = 0, monotonic(), True

    async def counted() -> Message:
        nonlocal read, more
        if not more:  # what comes now is that the caller left
            return await receive()
        message = await watch.receive(receive, began + BODY_SECONDS + read / SLOWEST)
        if message["type"] == "http.disconnect":
            raise _CutOff
        part = len(message.get("body") or b"")
        read += part
        if read > limit:
            raise _TooLarge
        take(part)
        more = message.get("more_body", False)
        return message

    return counted


def declared(scope: Message) -> int:
    """Content-Length, or 0 where there is none that is a number."""
    for name, value in scope["headers"]:
        if name.lower() == b"content-length" and value.isdigit():
            return int(value)
    return 0
