"""Every request seen from outside Django: its id, its line in the log, its count and its time."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import nullcontext
from functools import lru_cache
from typing import Any

import structlog
from prometheus_client import Counter, Histogram
from uuid_utils import uuid7

from goodword.edge.http import QUIET, REQUEST_ID, ROUTE, Answer, AtOnce, Headers
from goodword.engine.watch import REQUEST

HEADER = b"x-request-id"
WELL_FORMED = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{7,63}")
"""An id that is taken from the caller: 8 to 64 letters, digits, dots, dashes and underscores. No address fits."""
PROBES = ("/healthz", "/readyz", "/metrics")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

REQUESTS = Counter("goodword_http_requests", "Requests answered, by class of address and status.", ["route", "status"])
SECONDS = Histogram(
    "goodword_http_request_seconds",
    "Seconds from a request's head to the end of its answer, by class of address.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

log = structlog.get_logger("goodword.http")


def observed(application: Application) -> Application:
    """The application with an id on every request: a well-formed X-Request-Id is kept, else one is made. The
    answer carries it, and so does every line that is logged meanwhile."""

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        known = scope[REQUEST_ID] = request_id(scope)
        began = time.perf_counter()
        status = 500

        async def marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), (HEADER, known.encode())]}
            await send(message)

        with structlog.contextvars.bound_contextvars(**{REQUEST: known}):
            try:
                await application(scope, receive, marked)
            finally:
                _note(scope, status, time.perf_counter() - began)

    return answer


def observed_at_once(at_once: AtOnce) -> AtOnce:
    """The same for what is answered at once."""

    def begun(scope: Message, body: bytes, answer: Answer) -> bool:
        began = time.perf_counter()
        known = scope[REQUEST_ID] = request_id(scope)

        def marked(status: int, headers: Headers, content: bytes) -> None:
            answer(status, [*headers, (HEADER, known.encode())], content)
            with structlog.contextvars.bound_contextvars(**{REQUEST: known}) if QUIET not in scope else nullcontext():
                _note(scope, status, time.perf_counter() - began)

        return at_once(scope, body, marked)

    return begun


def request_id(scope: Message) -> str:
    """The caller's id when it is well-formed, else a new one (UUIDv7)."""
    for name, value in scope["headers"]:
        if name.lower() == HEADER:
            given = str(value, "latin-1")
            if WELL_FORMED.fullmatch(given):
                return given
    return str(uuid7())


def route_class(path: str) -> str:
    """The class of an address, one of a handful: intake, api, docs, static, probe, pages."""
    if path in PROBES:
        return "probe"
    if path.startswith("/v1/events"):
        return "intake"
    for prefix, name in (("/v1", "api"), ("/docs", "docs"), ("/static/", "static")):
        if path.startswith(prefix):
            return name
    return "pages"


@lru_cache(maxsize=1_024)
def _meters(route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(route, str(status)), SECONDS.labels(route)


def _note(scope: Message, status: int, seconds: float) -> None:
    route = route_class(scope["path"])
    count, clock = _meters(route, status)
    count.inc()
    clock.observe(seconds)
    if scope.get(QUIET):
        return
    tell = log.debug if route in ("probe", "static") else log.info
    tell(
        "request",
        method=scope["method"] if scope["method"] in METHODS else "other",
        route=route,
        pattern=scope.get(ROUTE),
        status=status,
        seconds=round(seconds, 4),
    )
