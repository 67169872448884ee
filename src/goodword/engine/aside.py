"""Events and timers that made the engine fail: kept aside with their error, and tried again on request."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from goodword.domain import ids
from goodword.engine.apply import MAX_ATTEMPTS
from goodword.engine.record import call_worker
from goodword.store import tenancy
from goodword.store.sql import array, execute, fetch

MOST = 1_000
"""How many are listed at once."""


@dataclass(frozen=True, slots=True)
class Aside:
    """One event or timer set aside. `id` is the log's id of the event, or the timer's id; `event_id` and `source` are
    as the event was sent, empty of a timer; `request` is the id of the request it came with, where one is known."""

    id: str
    type: str
    event_id: str
    source: str
    request: str
    occurred_at: datetime
    attempts: int
    error: str

    @property
    def public_id(self) -> str:
        """The id that people see and `internal` reads."""
        return ids.public("evt" if self.event_id else "tmr", self.id)


def internal(public_id: str) -> str:
    """The id of an event (evt_…) or timer (tmr_…). Raises `ids.BadId`."""
    return ids.internal("tmr" if public_id.startswith("tmr_") else "evt", public_id)


def listed(workspace_id: str, limit: int = MOST, after: tuple[datetime, str] | None = None) -> list[Aside]:
    """What is set aside in a workspace, oldest first, so many at most; those after one's `occurred_at` and `id`."""
    at, id = after or (None, None)
    with tenancy.workspace(workspace_id):
        rows = fetch(
            """
            SELECT event.id::text, event.type, event.event_id, event.source, inbox.request, event.occurred_at,
                   inbox.attempts, inbox.error
            FROM inbox
            JOIN event ON event.workspace_id = inbox.workspace_id AND event.id = inbox.event_id
            WHERE inbox.workspace_id = %(own)s AND inbox.attempts >= %(max)s
              AND (%(at)s::timestamptz IS NULL OR (event.occurred_at, event.id) > (%(at)s::timestamptz, %(id)s::uuid))
            UNION ALL
            SELECT timer.id::text, timer.kind, '', '', '', timer.due_at, timer.attempts, timer.error
            FROM timer
            WHERE timer.workspace_id = %(own)s AND timer.attempts >= %(max)s
              AND (%(at)s::timestamptz IS NULL OR (timer.due_at, timer.id) > (%(at)s::timestamptz, %(id)s::uuid))
            ORDER BY 6, 1
            LIMIT %(most)s
            """,
            {"own": workspace_id, "max": MAX_ATTEMPTS, "most": min(limit, MOST), "at": at, "id": id},
        )
    return [Aside(*row) for row in rows]


def retry(workspace_id: str, these: Collection[str] | None = None) -> int:
    """Lets the engine try again: the ones of these ids, or all. Gives how many that are."""
    with tenancy.workspace(workspace_id):
        chosen = array("uuid", these) if these is not None else None
        count = sum(
            execute(
                f"""
                UPDATE {table} SET attempts = 0, error = ''
                WHERE workspace_id = %s AND attempts >= %s AND (%s::uuid[] IS NULL OR {column} = ANY(%s::uuid[]))
                """,
                [workspace_id, MAX_ATTEMPTS, chosen, chosen],
            ).rowcount
            for table, column in (("inbox", "event_id"), ("timer", "id"))
        )
        if count:
            call_worker(workspace_id)
    return count
