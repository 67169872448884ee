"""Django behind the limits: each request has one thread of a few, or waits for it a moment, or is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import IO

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from goodword.edge.crowd import Seats
from goodword.edge.http import Message, Receive, Send
from goodword.ops.observe import PROBES

AT_ONCE = 24
"""Requests that Django works on at the same time in a process; each may use a connection to the database."""
MOST_WAITING = 400
"""Requests that may wait for their turn."""
WAIT_SECONDS = 5.0
"""How long they may."""
PROBES_AT_ONCE = 2
"""Threads for those who ask how the process is, so that they get an answer when it is full."""


class _Turn:
    """A request's seat, from when its body is here."""

    def __init__(self, seats: Seats) -> None:
        self.seats = seats
        self.seat: ThreadPoolExecutor | None = None
        self.context: ThreadSensitiveContext | None = None


_turn: ContextVar[_Turn] = ContextVar("_turn")


class Handler(ASGIHandler):
    """Django with all middleware and the view in the request's thread. Its own way goes to the thread and back for
    every middleware, which costs more than all that a small request does, and takes as many threads as there are
    requests. A request takes its thread when its body is here: who sends slowly is in nobody's way."""

    def __init__(self) -> None:
        self.load_middleware(is_async=False)
        self._seats = Seats(AT_ONCE, waiting=MOST_WAITING, seconds=WAIT_SECONDS)
        self._probes = Seats(PROBES_AT_ONCE, waiting=MOST_WAITING, seconds=WAIT_SECONDS)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:  # type: ignore[override]
        """Serves a request. Raises `crowd.Overloaded` before anything was answered."""
        turn = _Turn(self._probes if scope["path"] in PROBES else self._seats)
        token = _turn.set(turn)
        try:
            await self.handle(scope, receive, send)  # type: ignore[arg-type]
        finally:
            _turn.reset(token)
            if turn.context is not None:
                await turn.context.__aexit__(None, None, None)  # type: ignore[no-untyped-call]
            if turn.seat is not None:
                turn.seats.leave(turn.seat)

    async def read_body(self, receive: Receive) -> IO[bytes]:  # type: ignore[override]
        """The body; with it, the request's thread."""
        body = await super().read_body(receive)
        turn = _turn.get()
        try:
            turn.seat = await turn.seats.take()
        except BaseException:
            body.close()
            raise
        turn.context = ThreadSensitiveContext(executor=turn.seat)
        await turn.context.__aenter__()  # type: ignore[no-untyped-call]
        return body

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, made in the thread."""
        answer: HttpResponseBase = await sync_to_async(self.get_response)(request)
        return answer

    async def send_response(self, response: HttpResponseBase, send: Send) -> None:
        """Sends an answer with its length, where that is known."""
        if not response.streaming and response.status_code not in (204, 304) and "Content-Length" not in response:
            response["Content-Length"] = str(len(response.content))  # type: ignore[attr-defined]
        await super().send_response(response, send)  # type: ignore[arg-type]
