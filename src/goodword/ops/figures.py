"""How far the work is, over all workspaces: what waits, since when, and what was set aside. Sums only.

Nobody may read across workspaces, so each is read in turn inside its own wall. That is bounded: a look reads
at most `MOST_READ` workspaces and counts at most `MOST_COUNTED` rows of each, and lasts `FRESH` seconds. Where
there are more workspaces, the next look goes on with the others, and a figure is a few looks old.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from goodword.engine.apply import MAX_ATTEMPTS
from goodword.store import tenancy
from goodword.store.models import Workspace
from goodword.store.sql import fetch

FRESH = 5.0
"""Seconds for which a look is good."""
MOST_READ = 200
"""Workspaces that one look reads."""
MOST_COUNTED = 100_000
"""Rows of one kind that are counted in one workspace; more are told as this many."""

_WAITING = "FROM inbox WHERE workspace_id = %(own)s AND attempts < %(attempts)s"
_DUE = "FROM timer WHERE workspace_id = %(own)s AND due_at <= now()"
_LEAVING = "FROM outbox WHERE workspace_id = %(own)s AND delivered_at IS NULL"
_LOOK = f"""
    SELECT
        (SELECT count(*) FROM (SELECT {_WAITING} LIMIT %(most)s) AS waiting),
        (
            SELECT event.received_at
            FROM (SELECT workspace_id, event_id {_WAITING} ORDER BY seq LIMIT 1) AS first
            JOIN event ON event.workspace_id = first.workspace_id AND event.id = first.event_id
            WHERE event.workspace_id = %(own)s
        ),
        coalesce((SELECT position FROM applied WHERE workspace_id = %(own)s ORDER BY position DESC LIMIT 1), 0),
        (
            SELECT count(*)
            FROM (
                SELECT FROM inbox WHERE workspace_id = %(own)s AND attempts >= %(attempts)s LIMIT %(most)s
            ) AS aside
        ) + (
            SELECT count(*) FROM (SELECT {_DUE} AND attempts >= %(attempts)s LIMIT %(most)s) AS aside
        ),
        (SELECT count(*) FROM (SELECT {_DUE} AND attempts < %(attempts)s LIMIT %(most)s) AS overdue),
        (SELECT count(*) FROM (SELECT {_LEAVING} LIMIT %(most)s) AS leaving),
        (SELECT created_at {_LEAVING} ORDER BY created_at LIMIT 1)
"""  # noqa: S608 (constants only)


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums over the workspaces read so far; times are those of the oldest. `read_at`: when the oldest figure
    was read."""

    workspaces: int = 0
    read: int = 0
    waiting: int = 0
    waiting_since: datetime | None = None
    applied: int = 0
    set_aside: int = 0
    timers_overdue: int = 0
    outbox: int = 0
    outbox_since: datetime | None = None
    read_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def lag(self, now: datetime) -> float:
        """Seconds that the oldest waiting event waits, 0 when none does."""
        return _seconds(self.waiting_since, now)

    def outbox_age(self, now: datetime) -> float:
        """Seconds that the oldest undelivered row of the outbox waits, 0 when none does."""
        return _seconds(self.outbox_since, now)


def _seconds(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


class Watch:
    """Looks at the database when the last look is not fresh any more; one thread at a time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, most_read: int = MOST_READ) -> None:
        self._clock = clock
        self._most_read = most_read
        self._lock = threading.Lock()
        self._known: dict[str, Figures] = {}
        self._next = 0
        self._looked: tuple[float, Figures] | None = None

    def figures(self) -> Figures:
        """The sums. Raises `django.db.Error`."""
        with self._lock:
            if self._looked is None or self._clock() - self._looked[0] >= FRESH:
                self._looked = (self._clock(), self._look())
            return self._looked[1]

    def forget(self) -> None:
        """Look anew the next time."""
        with self._lock:
            self._looked = None
            self._known.clear()

    def _look(self) -> Figures:
        with tenancy.directory():
            everything = [str(id) for id in Workspace.objects.order_by("id").values_list("id", flat=True)]
        gone = self._known.keys() - set(everything)
        for id in gone:
            del self._known[id]
        begin = self._next % len(everything) if everything else 0
        turn = islice([*everything[begin:], *everything[:begin]], self._most_read)
        for id in turn:
            self._known[id] = _of_workspace(id)
        self._next = begin + self._most_read
        return _sum(list(self._known.values()), len(everything))


def _of_workspace(workspace_id: str) -> Figures:
    with tenancy.workspace(workspace_id):
        ((waiting, since, applied, aside, overdue, outbox, outbox_since),) = fetch(
            _LOOK, {"own": workspace_id, "attempts": MAX_ATTEMPTS, "most": MOST_COUNTED}
        )
    return Figures(1, 1, waiting, since, applied, aside, overdue, outbox, outbox_since)


def _sum(each: list[Figures], workspaces: int) -> Figures:
    return Figures(
        workspaces,
        len(each),
        sum(one.waiting for one in each),
        min((one.waiting_since for one in each if one.waiting_since), default=None),
        sum(one.applied for one in each),
        sum(one.set_aside for one in each),
        sum(one.timers_overdue for one in each),
        sum(one.outbox for one in each),
        min((one.outbox_since for one in each if one.outbox_since), default=None),
        min((one.read_at for one in each), default=datetime.now(UTC)),
    )


WATCH = Watch()
"""This process's."""
