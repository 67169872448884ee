"""What the engine tells those who watch it: figures for the metrics, a line for each batch, and which request
an event came with. Never a person, a workspace's words or what somebody sent."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

import structlog
from prometheus_client import Counter, Histogram

from goodword.domain.reasons import REASONS

REQUEST = "request_id"
"""The name in the log's context of the request that this process answers."""
MAX_REQUESTS = 20
"""Requests that one batch's line names; more are counted."""
OWN_REASON = "of_the_document"
"""The label of every reason that a document brings itself: those are a workspace's words, and without bound."""

RECORDED = Counter("goodword_events_recorded", "Events sent through record, by what became of them.", ["result"])
DECISIONS = Counter("goodword_decisions", "Decisions applied, by outcome and reason.", ["outcome", "reason"])
BATCH_EVENTS = Histogram(
    "goodword_batch_events",
    "Events and rings applied in one transaction.",
    buckets=(1, 2, 5, 10, 50, 100, 200, 500, 1000, 2000, 5000),
)
BATCH_SECONDS = Histogram(
    "goodword_batch_seconds",
    "Seconds from taking a batch to its commit.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
FAILED = Counter("goodword_event_failures", "Attempts at an event that failed and were rolled back.")

log = structlog.get_logger("goodword.engine")


@dataclass(frozen=True, slots=True)
class Batch:
    """One committed transaction of the engine. `requests`: the ids of those its events came with."""

    id: str
    workspace_id: str
    events: int
    rings: int
    seconds: float
    reasons: Tally[tuple[str, str]]
    requests: frozenset[str]

    def count(self) -> None:
        """Adds it to the metrics of this process."""
        BATCH_EVENTS.observe(self.events + self.rings)
        BATCH_SECONDS.observe(self.seconds)
        for (outcome, reason), times in self.reasons.items():
            DECISIONS.labels(outcome, reason if reason in REASONS else OWN_REASON).inc(times)

    def tell(self) -> None:
        """Writes its line."""
        log.info(
            "batch_applied",
            batch=self.id,
            workspace=self.workspace_id,
            events=self.events,
            rings=self.rings,
            decisions=self.reasons.total(),
            seconds=round(self.seconds, 4),
            requests=sorted(self.requests)[:MAX_REQUESTS],
            requests_count=len(self.requests),
        )


def request_id() -> str:
    """The id of the request that is being answered here, or nothing."""
    return str(structlog.contextvars.get_contextvars().get(REQUEST, ""))


def recorded(inserted: int, duplicates: int, refused: int = 0) -> None:
    """Counts what became of the events of one call."""
    for result, times in (("inserted", inserted), ("duplicate", duplicates), ("refused", refused)):
        if times:
            RECORDED.labels(result).inc(times)


def tally(pairs: Iterable[tuple[str, str]]) -> Tally[tuple[str, str]]:
    """How often each (outcome, reason) came."""
    return Tally(pairs)


def name_of(error: BaseException) -> str:
    """An error without its message, which may quote what somebody sent: its type and where it was raised."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    if place is None:
        return type(error).__name__
    return f"{type(error).__name__} at {PurePath(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}"
