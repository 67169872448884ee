"""The ASGI application: Django, and the server's start and stop messages that Django does not answer."""

from __future__ import annotations

import os
import warnings
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from goodword.ops.serving.family import follow_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.ops.settings")

from django.core.asgi import get_asgi_application
from django.urls import get_resolver

from goodword.edge.bodies import bounded
from goodword.ops.observe import observed

Message = MutableMapping[str, Any]

_django = observed(bounded(get_asgi_application()))  # type: ignore[arg-type]
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
