"""A limit on every request's body, before anything of it is kept: Django would spool the whole of it first."""

from __future__ import annotations

import json

from goodword.edge.http import Application, Message, Receive, Send

MAX_BODY = 8 * 1024 * 1024
"""Bytes of the body of any request; routes may take less."""

_PROBLEM = json.dumps(
    {
        "type": "/docs#problem-body_too_large",
        "title": "The body is too large",
        "status": 413,
        "code": "body_too_large",
        "detail": f"The body is over {MAX_BODY:,} bytes, the most that is taken here. Send less at once.",
    }
).encode()


class _TooLarge(Exception):
    """More came than may."""


def bounded(application: Application) -> Application:
    """The application behind the limit: a request that says it is larger, or turns out to be, gets a 413
    and is read no further."""

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        if _declared(scope) > MAX_BODY:
            await _refuse(send)
            return
        read = 0
        started = False

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body") or b"")
            if read > MAX_BODY:
                raise _TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await application(scope, counted, watched)
        except _TooLarge:
            assert not started, "Django answers after it has read the body"
            await _refuse(send)

    return answer


def _declared(scope: Message) -> int:
    """Content-Length, or 0 where there is none that is a number."""
    for name, value in scope["headers"]:
        if name.lower() == b"content-length" and value.isdigit():
            return int(value)
    return 0


async def _refuse(send: Send) -> None:
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(_PROBLEM)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": _PROBLEM})
