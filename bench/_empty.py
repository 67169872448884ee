"""The floor of what goes through HTTP: the same web server, which reads a body and answers nothing but a status, 302
unless another is given. Run as `python -m bench._empty PORT [STATUS]`."""

from __future__ import annotations

import os
import sys
from typing import Any

STATUS = int(os.environ.get("BENCH_STATUS", "302"))


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answers everything alike."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    while scope["method"] == "POST" and (await receive()).get("more_body"):
        pass
    headers = [(b"location", b"https://www.example.com/"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": STATUS, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    from goodword.ops.serving.web import serving

    os.environ["BENCH_STATUS"] = sys.argv[2] if len(sys.argv) > 2 else "302"
    serving("bench._empty:application", "127.0.0.1", int(sys.argv[1]), 1).serve()
