"""The ASGI application: Django, and the server's start and stop messages that Django does not answer."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from goodword.ops.serving.family import follow_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.ops.settings")

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import get_resolver

from goodword.edge.bodies import bounded
from goodword.ops.observe import observed

Message = MutableMapping[str, Any]


class _Handler(ASGIHandler):
    """Django with all middleware and the view in the request's thread. Its own way goes to the thread and back
    for every middleware, which costs more than all that a small request does."""

    def __init__(self) -> None:
        self.load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, made in the thread."""
        answer: HttpResponseBase = await sync_to_async(self.get_response)(request)
        return answer


django.setup(set_prefix=False)
# A thread whose answer has come from the database asks another for its turn after this long, and a request asks the
# database some thirty times: at the usual 5 milliseconds a few requests at once would mostly wait for each other.
sys.setswitchinterval(0.0005)
_django = observed(bounded(_Handler()))  # type: ignore[arg-type]
# WhiteNoise answers with a plain iterator over a small file of ours; Django reads it in a thread, which is fine.
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators", Warning)
# A room that cannot be imported stops the server at its start, and the first request is as quick as the next.
assert get_resolver().url_patterns
follow_parent()


async def application(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Serve one connection."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    await _django(scope, receive, send)


async def _lifespan(receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
