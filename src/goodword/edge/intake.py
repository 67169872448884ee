"""Events in front of Django: requests that record events are answered by a crew of few threads, as many at a time as
wait, in one transaction each time.

What a request means is said elsewhere (`work`, in the thread); here is only who goes this way, how many may wait and
for how long. Whatever is out of the ordinary goes to Django, which answers the same.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any, NamedTuple

from goodword.edge.crowd import SHED, Overloaded
from goodword.edge.http import (
    QUIET,
    REQUEST_ID,
    ROUTE,
    Answer,
    Application,
    Headers,
    Message,
    Receive,
    Send,
    respond,
)
from goodword.edge.refusals import OVERLOADED, refused

BATCH = "/v1/events/batch"
PATHS = ("/v1/events", BATCH)
MOST_WAITING = 2_000
"""Requests that may wait in one process; what their bodies may hold together is bounded in `edge.bodies`."""
WAIT_SECONDS = 5.0
"""How long one may wait for its turn."""
PAGE = 200
"""Requests of one event each that are recorded together."""
CREW = 2
"""Threads: while the database works for one, the other reads what comes next."""
GROUP = 32
"""Of more than these a thread takes its share and leaves the rest to the others."""
LARGE = 16_384
"""Bytes of a body that is recorded by itself, as batches are."""
TAKEN = 202
"""The status that says that events are recorded."""
ELSEWHERE = frozenset({b"origin", b"goodword-token", b"expect"})
"""Headers with which a request goes to Django."""

PAGES = b"gw_pk_"
"""How the keys of pages begin, which are counted by the address that asks: Django answers that they may not."""

Build = Callable[[str, Mapping[str, str], bytes, str], Any]


class Answered(NamedTuple):
    """What the crew answers: the status, the headers, the body."""

    status: int
    headers: Mapping[str, str]
    content: bytes


Told = Callable[[Answered | None], None]
"""Hears what is answered; None when its turn did not come in time."""


class _Waiting(NamedTuple):
    asked: Any
    alone: bool
    since: float
    told: Told


class Intake:
    """The requests of one process on their way into the log. `build` makes of a path, headers by their names in small
    letters, a body and the request's id what `work` answers; `work` never raises. `may_ask` says whether a Host is
    ours; `always` is on every answer."""

    def __init__(
        self,
        build: Build,
        work: Callable[[Sequence[Any]], Sequence[Any]],
        *,
        may_ask: Callable[[str], bool],
        always: Mapping[str, str],
    ) -> None:
        self._build = build
        self._work = work
        self._may_ask = may_ask
        self._always = [(name.lower().encode(), value.encode()) for name, value in always.items()]
        self._new: list[_Waiting] = []
        self._line: deque[_Waiting] = deque()
        self._come = threading.Condition()
        self._crew: list[threading.Thread] = []
        self._closing = False

    def before(self, application: Application) -> Application:
        """The application, with events taken here."""

        async def answer(scope: Message, receive: Receive, send: Send) -> None:
            headers = self._mine(scope)
            if headers is None:
                await application(scope, receive, send)
                return
            raw = await _body(receive)
            if raw is None:
                return
            waiting: asyncio.Future[Answered | None] = asyncio.get_running_loop().create_future()

            def heard(told: Answered | None) -> None:
                if not waiting.done():  # a caller who left is not waiting any more
                    waiting.set_result(told)

            self._ask(scope, headers, raw, heard)
            told = await waiting
            if told is None:
                raise Overloaded
            await respond(send, *self._answered(scope, headers, told))

        return answer

    def at_once(self, scope: Message, body: bytes, answer: Answer) -> bool:
        """Answers requests of events (`edge.http.AtOnce`)."""
        headers = self._mine(scope)
        if headers is None:
            return False

        def heard(told: Answered | None) -> None:
            if told is None:
                answer(*refused(scope, OVERLOADED))
            else:
                answer(*self._answered(scope, headers, told))

        try:
            self._ask(scope, headers, body, heard)
        except Overloaded:
            heard(None)
        return True

    def _answered(self, scope: Message, headers: Mapping[str, str], told: Answered) -> tuple[int, Headers, bytes]:
        """The whole answer."""
        scope[ROUTE] = scope["path"].lstrip("/")
        if told.status == TAKEN and scope["path"] != BATCH and "x-request-id" not in headers:
            scope[QUIET] = True
        named = [(name.lower().encode(), value.encode("latin-1")) for name, value in told.headers.items()]
        named.append((b"content-length", str(len(told.content)).encode()))
        return told.status, [*self._always, *named], told.content

    def close(self) -> None:
        """Lets the crew end what it has in hand, and what waits."""
        with self._come:
            self._closing = True
            self._come.notify_all()
        for thread in self._crew:
            thread.join()

    def _mine(self, scope: Message) -> dict[str, str] | None:
        """The headers of a request that goes this way; None for any other."""
        if scope["type"] != "http" or scope["path"] not in PATHS:
            return None
        if scope["method"] != "POST" or scope["query_string"]:
            return None
        found: dict[str, str] = {}
        for name, value in scope["headers"]:
            name = name.lower()
            told = str(name, "latin-1")
            if name in ELSEWHERE or told in found or (name == b"authorization" and PAGES in value):
                return None
            found[told] = str(value, "latin-1")
        length = found.get("content-length")
        if length is not None and not (length.isascii() and length.isdigit()):
            return None
        return found if self._may_ask(found.get("host", "")) else None

    def _ask(self, scope: Message, headers: Mapping[str, str], raw: bytes, told: Told) -> None:
        """Puts a request in the line. Raises `Overloaded`."""
        if len(self._line) + len(self._new) >= MOST_WAITING:
            SHED.labels("turns").inc()
            raise Overloaded
        asked = self._build(scope["path"], headers, raw, scope.get(REQUEST_ID, ""))
        # What came packed may be large, unpacked.
        alone = scope["path"] == BATCH or len(raw) > LARGE or "content-encoding" in headers
        if not self._new:  # all that come in the same step of the loop go into the line together
            asyncio.get_running_loop().call_soon(self._line_up)
        self._new.append(_Waiting(asked, alone, monotonic(), told))

    def _line_up(self) -> None:
        if not self._crew:
            loop = asyncio.get_running_loop()
            for number in range(CREW):
                thread = threading.Thread(target=self._serve, args=(loop,), name=f"intake-{number}", daemon=True)
                self._crew.append(thread)
                thread.start()
        with self._come:
            self._line += self._new
            self._come.notify(len(self._new))
        self._new = []

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        """A thread of the crew."""
        while (taken := self._take()) is not None:
            now = monotonic()
            late = [one for one in taken if now - one.since > WAIT_SECONDS]
            good = [one for one in taken if now - one.since <= WAIT_SECONDS]
            told = list(self._work([one.asked for one in good])) if good else []
            loop.call_soon_threadsafe(_settle, late, good, told)

    def _take(self) -> list[_Waiting] | None:
        """What is recorded next: one large request, or all small ones up to the next large one. None at the end."""
        with self._come:
            while not self._line:
                if self._closing:
                    return None
                self._come.wait()
            most = min(max(GROUP, len(self._line) // CREW), PAGE)
            taken = [self._line.popleft()]
            while not taken[0].alone and self._line and len(taken) < most and not self._line[0].alone:
                taken.append(self._line.popleft())
            return taken


def _settle(late: Sequence[_Waiting], good: Sequence[_Waiting], told: Sequence[Any]) -> None:
    for one in late:
        SHED.labels("time").inc()
        one.told(None)
    for one, answer in zip(good, told, strict=True):
        one.told(answer)


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None when the caller left before its end."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body") or b"")
        if not message.get("more_body", False):
            return b"".join(parts)
