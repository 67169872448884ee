"""The ASGI application: the links, Django behind them, and the server's start and stop messages that Django does not
answer."""

from __future__ import annotations

import os
import sys
import warnings

from goodword.ops.serving.family import follow_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.ops.settings")

import django
from django.conf import settings
from django.urls import get_resolver

from goodword.edge.bodies import bounded
from goodword.edge.http import Message, Receive, Send
from goodword.edge.redirects import Redirects
from goodword.ops import database
from goodword.ops.handler import Handler
from goodword.ops.observe import observed

django.setup(set_prefix=False)
# A thread whose answer has come from the database asks another for its turn after this long, and a request asks the
# database some thirty times: at the usual 5 milliseconds a few requests at once would mostly wait for each other.
sys.setswitchinterval(0.0005)
database.be_patient()
_django = observed(bounded(Handler()))
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
