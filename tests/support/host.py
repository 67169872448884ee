"""A host product as its visitors meet it: a page to which links lead, and a sign-up that tells Goodword the click."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Welcome</title>
<h1>Welcome</h1><form method="post" action="/signup"><label>Name <input name="name" required></label>
<input type="hidden" name="click" value="{click}"><button>Sign up</button></form></html>"""
DONE = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Hello</title><h1>Hello {name}</h1></html>'


@dataclass
class Host:
    """The address of its page, and where it tells of sign-ups: set before anybody signs up."""

    url: str
    goodword: str = ""
    key: str = ""

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One call of Goodword's API, as its server makes it."""
        request = urllib.request.Request(
            self.goodword + path,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def signed_up(self, name: str, click: str) -> None:
        """Tells that somebody signed up."""
        told = {"click_id": click} if click else {}
        person = {"external_id": name.lower(), "name": name}
        event = {"type": "participant.signed_up", "event_id": f"signup-{name}", "participant": person}
        self.ask("POST", "/v1/events?wait=true", event | {"properties": told})


@contextmanager
def hosting() -> Iterator[Host]:
    """Serves the product on a free port of this machine until the block ends."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            if asked.path != "/welcome":
                self._say(204, "")
                return
            click = parse_qs(asked.query).get("gw_click", [""])[0]
            self._say(200, PAGE.format(click=escape(click)))

        def do_POST(self) -> None:
            sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            host.signed_up(sent["name"][0], sent.get("click", [""])[0])
            self._say(200, DONE.format(name=escape(sent["name"][0])))

        def _say(self, status: int, page: str) -> None:
            body = page.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    host = Host(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
