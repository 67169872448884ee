"""The ASGI application: the links, Django behind them, and the server's start and stop messages that Django does not
answer."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import warnings
from functools import lru_cache

from goodword.ops.serving.family import follow_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.ops.settings")

import django
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.urls import get_resolver

from goodword.edge.bodies import bounded
from goodword.edge.http import Answer, Message, Receive, Send
from goodword.edge.intake import Intake
from goodword.edge.redirects import Redirects
from goodword.ops import database
from goodword.ops.handler import Handler
from goodword.ops.observe import observed, observed_at_once

django.setup(set_prefix=False)
from goodword.api import intake  # noqa: E402  after the setup, like everything that knows tables
from goodword.ops.middleware import always  # noqa: E402

# A thread whose answer has come from the database asks another for its turn after this long, and a request asks the
# database some thirty times: at the usual 5 milliseconds a few requests at once would mostly wait for each other.
sys.setswitchinterval(0.0005)
database.be_patient()
_events = Intake(
    intake.Asked,
    intake.answer,
    may_ask=lru_cache(maxsize=64)(lambda host: validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)),
    always=always(),
)
_django = observed(bounded(_events.before(Handler())))
_links = Redirects(
    database.parameters,
    secure=settings.SESSION_COOKIE_SECURE,
    behind_proxy=settings.GOODWORD_BEHIND_PROXY,
)
_all = _links.before(_django)
_events_at_once = observed_at_once(_events.at_once)
# WhiteNoise answers with a plain iterator over a small file of ours; Django reads it in a thread, which is fine.
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators", Warning)
# A room that cannot be imported stops the server at its start, and the first request is as quick as the next.
assert get_resolver().url_patterns
# What is here now stays: the collector, which looks for rings of what nobody holds, need not look at it each time. A
# batch of events is some ten thousand new things, and none of them is in a ring.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
follow_parent()


class _Application:
    """What the web server serves."""

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        await _all(scope, receive, send)

    def at_once(self, scope: Message, body: bytes, answer: Answer) -> bool:
        """Answers links and events (`edge.http.AtOnce`)."""
        return _links.at_once(scope, body, answer) or _events_at_once(scope, body, answer)


application = _Application()


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await _links.open()
        else:
            await _links.close()
            await asyncio.to_thread(_events.close)
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
