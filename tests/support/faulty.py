"""A small HTTP server on loopback that answers what a test tells it to, and remembers what it was sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DROP = 0
"""In place of a status: the connection is closed without an answer."""


@dataclass(frozen=True)
class Sent:
    """One request that came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Faulty:
    """The server: `answers` are given in order, the last one again and again."""

    answers: list[tuple[int, Mapping[str, str], Any]]
    url: str = ""
    sent: list[Sent] = field(default_factory=list)

    def next(self) -> tuple[int, Mapping[str, str], Any]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def faulty(answers: Sequence[tuple[int, Mapping[str, str], Any]]) -> Iterator[Faulty]:
    """Serves (status, headers, JSON value) answers until the block ends."""
    made = Faulty(list(answers))

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            made.sent.append(Sent(self.command, self.path, dict(self.headers), self.rfile.read(length)))
            status, headers, value = made.next()
            if status == DROP:
                self.close_connection = True
                self.connection.close()
                return
            raw = b"" if value is None else json.dumps(value).encode()
            self.send_response(status)
            for name, text in headers.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
