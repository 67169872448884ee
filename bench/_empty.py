"""The floor of redirects: the same web server, answering an empty 302. Run as `python -m bench._empty PORT`."""

from __future__ import annotations

import sys
from typing import Any


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answers everything alike."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    headers = [(b"location", b"https://www.example.com/"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 302, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    from goodword.ops.serving.web import serving

    serving("bench._empty:application", "127.0.0.1", int(sys.argv[1]), 1).serve()
