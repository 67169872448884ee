"""The floor of what goes through HTTP: the same web server, which reads a body and answers nothing but a status, 302
unless another is given. Run as `python -m bench._empty PORT [STATUS]`."""

from __future__ import annotations

import os
import sys
from typing import Any

from goodword.edge.http import respond

STATUS = int(os.environ.get("BENCH_STATUS", "302"))


_HEADERS = [(b"location", b"https://www.example.com/"), (b"content-length", b"0")]


class _Application:
    """Answers everything alike, at once where it came whole."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        while scope["method"] == "POST" and (await receive()).get("more_body"):
            pass
        await respond(send, STATUS, _HEADERS)

    def at_once(self, scope: Any, body: bytes, answer: Any) -> bool:
        answer(STATUS, _HEADERS, b"")
        return True


application = _Application()


if __name__ == "__main__":
    from goodword.ops.serving.web import serve

    os.environ["BENCH_STATUS"] = sys.argv[2] if len(sys.argv) > 2 else "302"
    serve("bench._empty:application", "127.0.0.1", int(sys.argv[1]), 1)
