"""The few things of ASGI that the doors in front of Django share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable, MutableMapping
from functools import partial
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

ROUTE = "goodword.route"
"""Where the pattern of the address is left in the connection's scope, for the log: the pattern names nobody."""

REQUEST_ID = "goodword.request_id"
"""Where the request's id is left in the connection's scope."""

QUIET = "goodword.quiet"
"""Set in the scope of a request that needs no line of its own in the log, because all went well and another one tells
of it."""

Headers = Iterable[tuple[bytes, bytes]]

Answer = Callable[[int, Headers, bytes], None]
"""Takes a whole answer, once: the status, the headers, the body."""
AtOnce = Callable[[Message, bytes, Answer], bool]
"""Answers a request that came whole, told as a connection's scope and a body, now or later and without a task of its
own; False for one that is not answered so, and goes to the application. It never raises."""


async def respond(send: Send, status: int, headers: Headers, body: bytes = b"") -> None:
    """Sends a whole answer."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def begin(work: Coroutine[Any, Any, None]) -> None:
    """Goes as far with the work as goes without waiting; what is left becomes a task. Most work waits for nothing."""
    try:
        waited_for = work.send(None)
    except StopIteration:
        return
    _going.add(task := asyncio.get_running_loop().create_task(_rest(work, waited_for)))
    task.add_done_callback(_going.discard)


_going: set[asyncio.Task[None]] = set()


class _Step:
    """Waits for one thing that other work was waiting for."""

    def __init__(self, waited_for: Any) -> None:
        self._waited_for = waited_for

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield self._waited_for)


async def _rest(work: Coroutine[Any, Any, None], waited_for: Any) -> None:
    """The rest of work that was begun."""
    while True:
        try:
            came = await _Step(waited_for)
        except BaseException as error:
            go = partial(work.throw, error)
        else:
            go = partial(work.send, came)
        try:
            waited_for = go()
        except StopIteration:
            return
