"""The few things of ASGI that the doors in front of Django share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

ROUTE = "goodword.route"
"""Where the pattern of the address is left in the connection's scope, for the log: the pattern names nobody."""

QUIET = "goodword.quiet"
"""Set in the scope of a request that needs no line of its own in the log, because all went well and another one tells
of it."""

Headers = Iterable[tuple[bytes, bytes]]


async def respond(send: Send, status: int, headers: Headers, body: bytes = b"") -> None:
    """Sends a whole answer."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
