"""The ASGI application: the links, Django behind them, and the server's start and stop messages that Django does not
answer."""

from __future__ import annotations

import os
import sys
import warnings

from goodword.ops.serving.family import follow_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.ops.settings")

import django
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import get_resolver

from goodword.edge.bodies import bounded
from goodword.edge.http import Message, Receive, Send
from goodword.edge.redirects import Redirects
from goodword.ops import database
from goodword.ops.observe import observed


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
_links = Redirects(
    database.parameters,
    secure=settings.SESSION_COOKIE_SECURE,
    behind_proxy=settings.GOODWORD_BEHIND_PROXY,
)
_all = _links.before(_django)
# WhiteNoise answers with a plain iterator over a small file of ours; Django reads it in a thread, which is fine.
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators", Warning)
# A room that cannot be imported stops the server at its start, and the first request is as quick as the next.
assert get_resolver().url_patterns
follow_parent()


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """Serve one connection."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    await _all(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await _links.open()
        else:
            await _links.close()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
