"""Events in batches: `add` returns at once, a thread or a task sends what waits.

Nothing is dropped in silence. When as many events wait as may, `add` raises `BufferFull`. An event that the server
refuses goes to `on_refused`, and the others of its batch are sent without it; a batch that is refused as a whole, as
too large say, is sent in smaller ones. When the server cannot be reached or the key is not good, the batch waits, a
warning is logged, and it is tried again until `close`, which hands back what could not be sent. Each event has its
`event_id` before it is first sent, so that what is sent twice is recorded once.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from goodword_client.client import AsyncGoodword, Goodword
from goodword_client.errors import ApiError, BufferFull, GoodwordError

MOST_AT_ONCE = 1_000
"""Events of a batch; the server takes no more."""
CAPACITY = 10_000
"""Events that wait at most."""
INTERVAL = 1.0
"""Seconds after which a batch that is not full is sent."""

log = logging.getLogger("goodword_client")

Refused = Callable[[Mapping[str, Any], GoodwordError], None]
"""Told of an event that the server will not take, and why."""


class _Waiting:
    """The events that wait, in order, and what is being sent of them. Knows neither threads nor tasks."""

    def __init__(self, size: int, capacity: int, on_refused: Refused | None) -> None:
        if not 1 <= size <= MOST_AT_ONCE:
            raise ValueError(f"size: {size} is not 1 to {MOST_AT_ONCE:,}")
        self.size = size
        self.at_once = size
        self.capacity = capacity
        self.on_refused = on_refused
        self.events: deque[dict[str, Any]] = deque()

    def add(self, event: Mapping[str, Any]) -> str:
        """Take an event in, with an id and a time where it has none. Returns its id. Raises `TypeError` or `ValueError`
        for what no JSON can say."""
        if len(self.events) >= self.capacity:
            raise BufferFull(f"{self.capacity:,} events wait to be sent")
        taken = dict(event)
        taken.setdefault("event_id", str(uuid.uuid4()))
        taken.setdefault("occurred_at", datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"))
        json.dumps(taken, ensure_ascii=False, allow_nan=False).encode()
        self.events.append(taken)
        return str(taken["event_id"])

    def batch(self) -> list[dict[str, Any]]:
        """The next events to send. They stay until `sent` or `refused`."""
        return [self.events[at] for at in range(min(self.at_once, len(self.events)))]

    def sent(self, count: int) -> None:
        """The first `count` events are in the log."""
        for _ in range(count):
            self.events.popleft()
        self.at_once = min(self.size, self.at_once * 2)

    def refused(self, batch: list[dict[str, Any]], error: ApiError) -> None:
        """Take out the events of the batch that the server's answer names. Where it names none, smaller batches tell
        which it is."""
        bad = {place for place in _places(error) if place < len(batch)}
        if not bad and len(batch) > 1:
            self.at_once = len(batch) // 2
            return
        bad = bad or {0}
        for _ in batch:
            self.events.popleft()
        self.events.extendleft(batch[at] for at in reversed(range(len(batch))) if at not in bad)
        for at in sorted(bad):
            self._tell(batch[at], error)

    def _tell(self, event: dict[str, Any], error: ApiError) -> None:
        if self.on_refused is None:
            log.warning("the event %s was refused: %s", event["event_id"], error)
            return
        try:
            self.on_refused(event, error)
        except Exception:
            log.exception("on_refused failed for the event %s", event["event_id"])

    def failed(self, error: Exception) -> None:
        """Say that what waits is not sent yet."""
        log.warning("%d events wait and are tried again: %s", len(self.events), error)


def _places(error: ApiError) -> set[int]:
    """The events of the batch that the server's answer names."""
    return {place for fault in error.errors if (place := _place(fault.get("pointer", ""))) is not None}


def _place(pointer: str) -> int | None:
    """`/events/3/type` is about the event at place 3 of the batch."""
    parts = pointer.split("/")
    return int(parts[2]) if len(parts) > 2 and parts[1] == "events" and parts[2].isdigit() else None


def _final(error: GoodwordError) -> bool:
    """Whether the server will say the same however often it is asked: the events themselves are at fault."""
    if not isinstance(error, ApiError):
        return False
    return error.status in (400, 413, 422) or (error.status == 403 and bool(_places(error)))


class EventBuffer:
    """Sends events in batches from a thread of its own. Close it, or use it in a `with`."""

    def __init__(
        self,
        client: Goodword,
        *,
        size: int = 500,
        interval: float = INTERVAL,
        capacity: int = CAPACITY,
        on_refused: Refused | None = None,
    ) -> None:
        self._client = client
        self._interval = interval
        self._waiting = _Waiting(size, capacity, on_refused)
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="goodword-events", daemon=True)
        self._thread.start()
        atexit.register(self._at_exit)

    def add(self, event: Mapping[str, Any]) -> str:
        """Take an event in to be sent soon; returns its id. Raises `BufferFull`."""
        with self._changed:
            if self._closed:
                raise ValueError("the buffer is closed")
            given = self._waiting.add(event)
            if len(self._waiting.events) >= self._waiting.size:
                self._changed.notify()
            return given

    def flush(self) -> None:
        """Send all that waits, now. Raises what the last attempt met; what was not sent waits on."""
        with self._sending:
            while batch := self._next():
                self._send(batch)

    def close(self) -> list[dict[str, Any]]:
        """Send what waits and end. Returns the events that could not be sent; none when all is well."""
        atexit.unregister(self._at_exit)
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()
        try:
            self.flush()
        except GoodwordError:
            return list(self._waiting.events)
        return []

    def _at_exit(self) -> None:
        """A program that ends without `close` sends what waits all the same."""
        if left := self.close():
            log.error("%d events could not be sent before the end", len(left))

    def _next(self) -> list[dict[str, Any]]:
        with self._changed:
            return self._waiting.batch()

    def _send(self, batch: list[dict[str, Any]]) -> None:
        try:
            self._client.record_events({"events": batch})  # type: ignore[typeddict-item]
        except ApiError as error:
            if not _final(error):
                raise
            with self._changed:
                self._waiting.refused(batch, error)
        else:
            with self._changed:
                self._waiting.sent(len(batch))

    def _run(self) -> None:
        while True:
            with self._changed:
                end = time.monotonic() + self._interval
                while not self._closed and len(self._waiting.events) < self._waiting.size:
                    left = end - time.monotonic()
                    if left <= 0:
                        break
                    self._changed.wait(left)
                if self._closed:
                    return
            try:
                self.flush()
            except Exception as error:  # whatever it is, the events wait on
                self._waiting.failed(error)
                with self._changed:
                    self._changed.wait_for(lambda: self._closed, self._interval)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if left := self.close():
            raise GoodwordError(f"{len(left):,} events could not be sent")


class AsyncEventBuffer:
    """As `EventBuffer`, from a task of the event loop in which it is made."""

    def __init__(
        self,
        client: AsyncGoodword,
        *,
        size: int = 500,
        interval: float = INTERVAL,
        capacity: int = CAPACITY,
        on_refused: Refused | None = None,
    ) -> None:
        self._client = client
        self._interval = interval
        self._waiting = _Waiting(size, capacity, on_refused)
        self._full = asyncio.Event()
        self._sending = asyncio.Lock()
        self._closed = False
        self._task = asyncio.create_task(self._run())

    def add(self, event: Mapping[str, Any]) -> str:
        """Take an event in to be sent soon; returns its id. Raises `BufferFull`."""
        if self._closed:
            raise ValueError("the buffer is closed")
        given = self._waiting.add(event)
        if len(self._waiting.events) >= self._waiting.size:
            self._full.set()
        return given

    async def flush(self) -> None:
        """Send all that waits, now. Raises what the last attempt met; what was not sent waits on."""
        async with self._sending:
            while batch := self._waiting.batch():
                try:
                    await self._client.record_events({"events": batch})  # type: ignore[typeddict-item]
                except ApiError as error:
                    if not _final(error):
                        raise
                    self._waiting.refused(batch, error)
                else:
                    self._waiting.sent(len(batch))

    async def close(self) -> list[dict[str, Any]]:
        """Send what waits and end. Returns the events that could not be sent; none when all is well."""
        self._closed = True
        self._full.set()
        await self._task
        try:
            await self.flush()
        except GoodwordError:
            return list(self._waiting.events)
        return []

    async def _run(self) -> None:
        while not self._closed:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._full.wait(), self._interval)
            self._full.clear()
            if self._closed:
                return
            try:
                await self.flush()
            except Exception as error:  # whatever it is, the events wait on
                self._waiting.failed(error)
                await asyncio.sleep(self._interval)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if left := await self.close():
            raise GoodwordError(f"{len(left):,} events could not be sent")
