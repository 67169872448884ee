"""What the edge refuses in front of Django, as problem details (RFC 9457) like all of the API's."""

from __future__ import annotations

import json
from typing import NamedTuple

from goodword.edge.http import Headers, Message, Send, respond

RETRY_SECONDS = 2
"""After how long it is worth asking again when there were too many."""


class Refused(NamedTuple):
    """A refusal: its status, stable code and title, and what to do."""

    status: int
    code: str
    title: str
    detail: str
    retry: int = 0

    def body(self) -> bytes:
        """The problem."""
        told = {"title": self.title, "status": self.status, "code": self.code, "detail": self.detail}
        return json.dumps({"type": f"/docs#problem-{self.code}", **told}).encode()


OVERLOADED = Refused(
    503,
    "overloaded",
    "Too many requests at once",
    "More requests wait than this server works on in time. Wait for `Retry-After` seconds and send it again; "
    "send events in batches.",
    RETRY_SECONDS,
)
SLOW_BODY = Refused(
    408,
    "slow_body",
    "The body came too slowly",
    "The body did not arrive in time. Send it again, in one go.",
)
CUT_OFF = Refused(
    400,
    "bad_request",
    "Bad request",
    "The body ended before its end, or is in chunks that cannot be read. Send it again, whole.",
)

NOT_HTTP = Refused(
    400,
    "bad_request",
    "Bad request",
    "This is not a request of HTTP/1.1. Send one as RFC 9112 describes it.",
)
LONG_HEAD = Refused(
    431,
    "head_too_large",
    "The head of the request is too large",
    "The lines before the body have over 64 KB together. Send fewer or shorter headers.",
)


def too_large(most: int) -> Refused:
    """The refusal of a body of over so many bytes."""
    return Refused(
        413,
        "body_too_large",
        "The body is too large",
        f"The body is over {most:,} bytes, the most that is taken here. Send less at once.",
    )


def refused(scope: Message, why: Refused) -> tuple[int, Headers, bytes]:
    """The refusal: to a program the problem, to a browser its words. The connection ends with it, because something
    of the request may not have been read."""
    plain = not scope["path"].startswith("/v1")
    body = f"{why.title}. {why.detail}\n".encode() if plain else why.body()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8" if plain else b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    if why.retry:
        headers.append((b"retry-after", str(why.retry).encode()))
    return why.status, headers, body


async def refuse(scope: Message, send: Send, why: Refused) -> None:
    """Sends the refusal."""
    await respond(send, *refused(scope, why))
