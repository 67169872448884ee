"""Events and timers that made the engine fail: kept aside with their error, and tried again on request."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from goodword.engine.apply import MAX_ATTEMPTS
from goodword.store import tenancy
from goodword.store.sql import array, execute, fetch

MOST = 1_000
"""How many are listed at once."""


@dataclass(frozen=True, slots=True)
class Aside:
    """One event or timer set aside. `id` is the log's id of the event, or the timer's id."""

    id: str
    type: str
    event_id: str
    occurred_at: datetime
    attempts: int
    error: str


def listed(workspace_id: str) -> list[Aside]:
    """What is set aside in a workspace, oldest first, at most `MOST`."""
    with tenancy.workspace(workspace_id):
        rows = fetch(
            """
            SELECT event.id::text, event.type, event.event_id, event.occurred_at, inbox.attempts, inbox.error
            FROM inbox
            JOIN event ON event.workspace_id = inbox.workspace_id AND event.id = inbox.event_id
            WHERE inbox.workspace_id = %(own)s AND inbox.attempts >= %(max)s
            UNION ALL
            SELECT timer.id::text, timer.kind, '', timer.due_at, timer.attempts, timer.error
            FROM timer
            WHERE timer.workspace_id = %(own)s AND timer.attempts >= %(max)s
            ORDER BY 4, 1
            LIMIT %(most)s
            """,
            {"own": workspace_id, "max": MAX_ATTEMPTS, "most": MOST},
        )
    return [Aside(*row) for row in rows]


def retry(workspace_id: str, ids: Collection[str] | None = None) -> int:
    """Lets the engine try again: the ones of these ids, or all. Gives how many that are."""
    with tenancy.workspace(workspace_id):
        chosen = array("uuid", ids) if ids is not None else None
        return sum(
            execute(
                f"""
                UPDATE {table} SET attempts = 0, error = ''
                WHERE workspace_id = %s AND attempts >= %s AND (%s::uuid[] IS NULL OR {column} = ANY(%s::uuid[]))
                """,
                [workspace_id, MAX_ATTEMPTS, chosen, chosen],
            ).rowcount
            for table, column in (("inbox", "event_id"), ("timer", "id"))
        )
