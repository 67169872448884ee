"""A connection of the web server. What comes in floods, links and single events, is answered here, in the same step in
which its bytes came: without the task, the events and the messages that an ASGI application takes. Everything else is
uvicorn's.

A request is answered here when it came whole in one piece and nothing came behind it; the application says whether it
is one of those (`edge.http.AtOnce`). The rest of this is what uvicorn leaves open: how many connections there may be,
how long a head may take and how large it may be.
"""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import MutableSet
from functools import cache
from typing import Any
from urllib.parse import unquote
from weakref import WeakSet

import httptools
import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from goodword.edge.http import AtOnce, Headers, Message
from goodword.edge.refusals import CUT_OFF, LONG_HEAD, NOT_HTTP, OVERLOADED, Refused, refused

CONNECTIONS = 8_192
"""Connections that one process holds. A client that has a connection and sends nothing takes one; what those who send
something may take is bounded behind this (`edge.crowd`)."""
BACKLOG = 512
"""Connections that wait to be taken. As many are taken at once, before they are counted."""
KEPT_BACK = 2 * BACKLOG + 256
"""File descriptors that are not for counted connections: the database's, files', the log's."""
HEAD_SECONDS = 15.0
"""How long a request's head may take, and how long a connection is kept for the next one."""
CLOSE_SECONDS = 30.0
"""For how long a connection that is to be closed waits for its last answer to be read."""
MAX_HEAD = 65_536
"""Bytes of a request's head, and of what stands behind a body in chunks."""
MOST_BEHIND = 100
"""Requests of one connection that may come before the first of them is answered."""
AT_ONCE = 16_384
"""Bytes of a request that is answered here."""
LOOK_SECONDS = 1.0
"""How often somebody looks who is late."""


@cache
def most_connections() -> int:
    """Connections that one process holds here: fewer where the system lets it open fewer files than it would take."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + KEPT_BACK
    if soft < wanted:
        soft = min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(CONNECTIONS, max(soft // 2, soft - KEPT_BACK))


_METHODS = (b"GET /", b"HEAD /", b"POST /v1/events")
_CLOSE = (b"connection", b"close")

log = structlog.get_logger("goodword.http")


class _Request:
    """What a parser finds in some bytes."""

    def __init__(self) -> None:
        self.begun = self.ended = 0
        self.stay = True
        self.url = self.body = b""
        self.headers: list[tuple[bytes, bytes]] = []

    def on_message_begin(self) -> None:
        self.begun += 1

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        self.headers.append((name, value))
        if name == b"connection":
            self.stay = b"close" not in value.lower()

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.ended += 1


class Door(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.timeout_keep_alive = HEAD_SECONDS  # type: ignore[assignment]
        self._at_once: AtOnce | None = getattr(self.config.loaded_app, "at_once", None)
        self._answering = False  # a request that is answered here
        self._stay = True  # the connection is kept behind that answer
        self._behind: list[bytes] = []  # what came meanwhile
        self._reading = False  # uvicorn is within a request
        self._in_head = False  # … and within its head
        self._came = 0  # bytes that came while it was
        self._lines = 0  # bytes of its lines so far, and of those behind its body
        self._since: float | None = None  # since when a head is waited for, or its end
        self._closing: float | None = None  # since when the connection is to be closed

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Takes the connection, or says that there are too many."""
        super().connection_made(transport)
        # An answer's head and body go in two pieces: the second would wait for the first to be acknowledged, 40 ms.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._since = self.loop.time()
        _watch(self.server_state, self.loop)
        if len(self.connections) > most_connections():
            self._refuse(OVERLOADED)

    def data_received(self, data: bytes) -> None:
        """Answers here, or lets uvicorn read."""
        if self._answering:
            self._behind.append(data)
            self.flow.pause_reading()
            return
        if not self._reading and len(data) <= AT_ONCE and data.startswith(_METHODS) and self._begin(data):
            return
        super().data_received(data)
        if self._in_head:
            self._came += len(data)
            if self._came > MAX_HEAD:
                self._refuse(LONG_HEAD)

    def _begin(self, data: bytes) -> bool:
        """Whether these bytes are one request that is answered here."""
        if self._at_once is None or (self.cycle is not None and not self.cycle.response_complete):
            return False
        found = _Request()
        parser = httptools.HttpRequestParser(found)
        try:
            parser.feed_data(data)
            if found.begun != 1 or found.ended != 1 or parser.get_http_version() != "1.1":
                return False
            address = httptools.parse_url(found.url)
            path = address.path.decode("ascii")
        except (httptools.HttpParserError, httptools.HttpParserUpgrade, ValueError):
            return False
        scope: Message = {
            "type": "http",
            "method": parser.get_method().decode("ascii"),
            "path": unquote(path) if "%" in path else path,
            "query_string": address.query or b"",
            "headers": found.headers,
            "client": self.client,
        }
        self._answering, self._stay = True, found.stay
        if not self._at_once(scope, found.body, self._answer):
            self._answering = False
            return False
        if self._answering:
            self._since = None
        self._unset_keepalive_if_required()
        return True

    def _answer(self, status: int, headers: Headers, body: bytes) -> None:
        """Sends the answer of a request that is answered here, and goes on with what came behind it."""
        if self.transport.is_closing():
            return
        lines = [b"%b: %b\r\n" % header for header in (*self.server_state.default_headers, *headers)]
        head = b"".join(lines)
        if head.count(b"\n") != len(lines) or b"\0" in head:
            log.error("broken_header")
            self.transport.abort()
            return
        if _CLOSE in headers:
            self._stay = False
        elif not self._stay:
            head += b"connection: close\r\n"
        self.transport.write(b"".join((STATUS_LINE[status], head, b"\r\n", body)))
        self.server_state.total_requests += 1
        self._answering, self._since = False, self.loop.time()
        if not self._stay:
            self.transport.close()
        elif self._behind:
            behind, self._behind = b"".join(self._behind), []
            self.flow.resume_reading()
            self.data_received(behind)

    def on_message_begin(self) -> None:
        """Uvicorn begins to read a request."""
        super().on_message_begin()
        self._reading, self._in_head, self._came, self._lines = True, True, 0, 0
        self._since = self.loop.time()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A line of its head, or one behind its body. Raises `ValueError`, which ends the reading."""
        self._lines += len(name) + len(value) + len(b": \r\n")
        if self._lines > MAX_HEAD:
            self._refuse(LONG_HEAD)
            raise ValueError
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The end of its head. Whoever asks for another protocol is answered in this one, and that is all. Raises
        `ValueError`, which ends the reading."""
        self._in_head, self._since = False, None
        if len(self.pipeline) >= MOST_BEHIND:
            self._refuse(OVERLOADED)
            raise ValueError
        super().on_headers_complete()
        if self.parser.should_upgrade():
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """Its end."""
        super().on_message_complete()
        self._reading = False

    def on_response_complete(self) -> None:
        """The end of uvicorn's answer."""
        super().on_response_complete()
        self._since = self.loop.time()

    def send_400_response(self, msg: str) -> None:
        """Refuses what is not HTTP, or no more."""
        if self.cycle is None or self.cycle.response_complete:
            self._refuse(NOT_HTTP)
        elif self._reading and not self.cycle.response_started:
            self._refuse(CUT_OFF)
        self.transport.close()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Somebody says no more. Who broke off within a body hears of it, if they listen. Whether the connection stays
        open for an answer."""
        if self._answering:
            self._stay = False
        elif self._reading and not self._in_head and not self.cycle.response_started:
            self._refuse(CUT_OFF)
        return self._answering

    def shutdown(self) -> None:
        """Ends the connection when what is in hand is answered."""
        if self._answering:
            self._stay = False
        else:
            super().shutdown()

    def look(self, now: float) -> None:
        """Ends the connection of one who is late; `now` is the loop's time."""
        if self.transport.is_closing():
            self._closing = now if self._closing is None else self._closing
            if now - self._closing > CLOSE_SECONDS:
                self.transport.abort()
        elif self._since is not None and now - self._since > HEAD_SECONDS:
            self.transport.close()

    def _refuse(self, why: Refused) -> None:
        """Answers, whatever was asked, and ends the connection; in the middle of another answer it only ends."""
        if self.transport.is_closing():
            return
        if self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete:
            self.transport.close()
            return
        path = self.scope.get("path", "/v1") if self.scope else "/v1"
        status, headers, body = refused({"path": path}, why)
        lines = [b"%b: %b\r\n" % header for header in (*self.server_state.default_headers, *headers)]
        self.transport.write(b"".join((STATUS_LINE[status], *lines, b"\r\n", body)))
        self.transport.close()


_watched: MutableSet[ServerState] = WeakSet()


def _watch(state: ServerState, loop: asyncio.AbstractEventLoop) -> None:
    """Looks who is late, for as long as there are connections."""
    if state in _watched:
        return

    def look() -> None:
        now = loop.time()
        for connection in list(state.connections):
            connection.look(now)  # type: ignore[union-attr]
        if state.connections:
            loop.call_later(LOOK_SECONDS, look)
        else:
            _watched.discard(state)

    _watched.add(state)
    loop.call_later(LOOK_SECONDS, look)
