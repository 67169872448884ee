"""Segment's own libraries, for Python and Node.js, unchanged but for the host, against a running Goodword."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from segment.analytics.client import Client

from goodword.store import keys, tenancy, workspaces
from goodword.store.models import Event
from support.serving import Served

ROOT = Path(__file__).resolve().parent.parent.parent
SEND = Path(__file__).parent / "segment" / "send.mjs"
RUN_WAIT = 120.0
SENT = [
    ("account.updated", None),
    ("lesson.finished", None),
    ("order.completed", 1999),
    ("participant.identified", None),
    ("participant.identified", None),
    ("screen.viewed", None),
    ("visitor.touched", None),
]
"""What a call of each kind comes to: types, and values in minor units."""


def opened(name: str) -> tuple[str, str]:
    """A new workspace, and a key of it."""
    workspace = str(workspaces.create(name.replace(" ", "-"), name).id)
    return workspace, keys.create_key(workspace, "segment")[1]


@contextmanager
def forgetful(url: str) -> Iterator[tuple[str, list[int]]]:
    """A server that hands on what comes to the real one, and answers 503 the first time although all went well: what
    its caller sends again has been recorded before. Gives its address, and what the real one answered each time."""
    answered: list[int] = []

    class Relay(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            with urlopen(Request(url + self.path, raw, headers), timeout=RUN_WAIT) as answer:
                said = answer.read()
                answered.append(answer.status)
            self.send_response(503 if len(answered) == 1 else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    relay = ThreadingHTTPServer(("127.0.0.1", 0), Relay)
    thread = threading.Thread(target=relay.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{relay.server_port}", answered
    finally:
        relay.shutdown()
        thread.join()
        relay.server_close()


def by_python(host: str, key: str, *, gzip: bool) -> list[str]:
    """Sends a call of each kind; what went wrong, as the library tells it."""
    wrong: list[str] = []
    client = Client(key, host=host, gzip=gzip, on_error=lambda error, _: wrong.append(str(error)))
    at = datetime.now(UTC) - timedelta(minutes=1)
    client.identify("grace", {"email": "grace@example.org", "firstName": "Grace"}, anonymous_id="v1", timestamp=at)
    client.group("grace", "acme", {"name": "Acme", "employees": "120"}, timestamp=at)
    order = {"order_id": "7", "revenue": 19.99, "currency": "USD"}
    client.track("grace", "Order Completed", order, timestamp=at)
    client.track("grace", "Lesson Finished", {"minutes": 30}, timestamp=at)
    page = {"url": "https://www.example.com/?via=ada-4711"}
    client.page(None, "Site", "Home", page, anonymous_id="v2", timestamp=at)
    client.screen("grace", "App", "Basket", {}, timestamp=at)
    client.alias("v1", "grace", timestamp=at)
    client.flush()
    client.join()
    return wrong


def by_node(host: str, key: str) -> list[str]:
    node = shutil.which("node") or str(ROOT / ".venv" / "bin" / "node")
    environment = {**os.environ, "GOODWORD_URL": host, "GOODWORD_KEY": key}
    ran = subprocess.run(
        [node, str(SEND)], env=environment, capture_output=True, text=True, timeout=RUN_WAIT, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    wrong: list[str] = json.loads(ran.stdout)
    return wrong


def recorded(workspace: str) -> list[tuple[str, int | None]]:
    """Types and values of the log, in order of type; everything is from Segment's libraries."""
    with tenancy.workspace(workspace):
        found = list(Event.objects.filter(workspace_id=workspace).order_by("type", "id"))
    assert {event.source for event in found} <= {"segment"}
    return [(event.type, event.payload["properties"].get("value")) for event in found]


def test_segments_libraries_work_unchanged(server: Served) -> None:
    """One server for all of them, and a workspace for each."""
    for library in ("python", "python with gzip", "node"):
        _sends_again(server, library)
    _hears_of_what_is_refused(server)


def _sends_again(server: Served, library: str) -> None:
    """An answer that was lost: the library sends again, and everything is recorded once."""
    workspace, key = opened(library)
    with forgetful(server.url) as (host, answered):
        wrong = by_node(host, key) if library == "node" else by_python(host, key, gzip="gzip" in library)

    assert wrong == [], library
    assert recorded(workspace) == SENT, library
    assert answered[0] == 200, library
    assert len(answered) > 1, f"{library} did not send again"


def _hears_of_what_is_refused(server: Served) -> None:
    """A wrong key, and a batch without a good call, reach the library's error handler."""
    workspace, key = opened("refused")
    assert ["401" in each for each in by_python(server.url, "gw_sk_wrong", gzip=False)] == [True]
    wrong: list[str] = []
    client = Client(key, host=server.url, on_error=lambda error, _: wrong.append(str(error)))
    client.track("grace", "Order Completed", {"revenue": 19.99})
    client.flush()
    client.join()
    assert ["currency" in each for each in wrong] == [True]
    assert recorded(workspace) == []
