"""What a replay stands on, and does not rebuild: the log is whole, and programs are what was published.

Each event is applied or waits, each place in the order has its event, each version is the document whose digest was
taken when it was published, and each program is called and kept as its document says.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from goodword.engine import load
from goodword.engine.programs import digest
from goodword.store.sql import execute, fetch


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not the same: as it stands, and as the log says it should be (None: no such row)."""

    table: str
    key: str
    live: dict[str, Any] | None
    replayed: dict[str, Any] | None


def amiss(workspace_id: str) -> list[Difference]:
    """The first difference of each table that a replay reads and does not write. Needs the workspace's transaction."""
    with whole_tables():
        found = [first for look in (_lost, _places, _versions, _published) if (first := next(look(workspace_id), None))]
    return found or [first for first in (next(_programs(workspace_id), None),) if first]


@contextmanager
def whole_tables() -> Iterator[None]:
    """In the block the database reads each table once and joins what it read. Of a workspace that is younger than its
    statistics it would take one of them for nearly empty, and read that again for each row of the other: the inbox with
    all the rows that were just applied, for each event of the log."""
    execute("SELECT set_config('enable_nestloop', 'off', true)")
    yield
    execute("SELECT set_config('enable_nestloop', 'on', true)")


LOST = """
    SELECT event.id::text, event.type, event.event_id
    FROM event
    LEFT JOIN applied ON applied.workspace_id = event.workspace_id AND applied.event_id = event.id
    LEFT JOIN inbox ON inbox.workspace_id = event.workspace_id AND inbox.event_id = event.id
    WHERE event.workspace_id = %s AND applied.event_id IS NULL AND inbox.event_id IS NULL
    ORDER BY event.id
    LIMIT 1
"""


def _lost(workspace_id: str) -> Iterator[Difference]:
    """Events that were taken, are not applied and do not wait."""
    for id, type, event_id in fetch(LOST, [workspace_id]):
        yield Difference("inbox", id, None, {"event_id": id, "type": type, "sent_as": event_id})


def _places(workspace_id: str) -> Iterator[Difference]:
    """Places in the order whose event is gone from the log, or that are missing: they are numbered from 1."""
    for id, position in fetch(
        """
        SELECT applied.event_id::text, applied.position
        FROM applied
        LEFT JOIN event ON event.workspace_id = applied.workspace_id AND event.id = applied.event_id
        WHERE applied.workspace_id = %s AND event.id IS NULL
        ORDER BY applied.position
        LIMIT 1
        """,
        [workspace_id],
    ):
        yield Difference("event", id, None, {"id": id, "position": position})
    [[count, last]] = fetch("SELECT count(*), max(position) FROM applied WHERE workspace_id = %s", [workspace_id])
    if count and count != last:
        yield Difference("applied", "position", {"count": count, "last": last}, {"count": count, "last": count})


def _versions(workspace_id: str) -> Iterator[Difference]:
    """Versions whose document is not the one that was published."""
    for id, number, document, kept in fetch(
        """
        SELECT id::text, number, document, digest FROM program_version
        WHERE workspace_id = %s
        ORDER BY program_id, number
        """,
        [workspace_id],
    ):
        if (now := digest(document)) != kept:
            live = {"number": number, "digest": now, "document": document}
            yield Difference("program_version", id, live, {"number": number, "digest": kept})


def _published(workspace_id: str) -> Iterator[Difference]:
    """Versions that the log says were published, and that are not there."""
    for id, key in fetch(
        """
        SELECT event.payload->'properties'->>'version', event.payload->'properties'->>'program'
        FROM event
        LEFT JOIN program_version AS version
               ON version.workspace_id = event.workspace_id
              AND version.id = (event.payload->'properties'->>'version')::uuid
        WHERE event.workspace_id = %s AND event.source = 'goodword'
          AND event.type IN ('program.published', 'program.scheduled') AND version.id IS NULL
        ORDER BY event.id
        LIMIT 1
        """,
        [workspace_id],
    ):
        yield Difference("program_version", id, None, {"id": id, "program": key})


def _programs(workspace_id: str) -> Iterator[Difference]:
    """Programs that are called, or kept as a test, otherwise than their document says: the live one's, or the last."""
    versions = load.programs(workspace_id).versions
    for id, version_id, key, name, kind, test in fetch(
        """
        SELECT DISTINCT ON (program.id) program.id::text, version.id::text, program.key, program.name, program.kind,
               program.test
        FROM program
        JOIN program_version AS version
          ON version.workspace_id = program.workspace_id AND version.program_id = program.id
        WHERE program.workspace_id = %s
        ORDER BY program.id, version.id = program.live_version_id DESC NULLS LAST, version.number DESC
        """,
        [workspace_id],
    ):
        document = versions[version_id].document
        stands = {"key": key, "name": name, "kind": kind, "test": test}
        said = {"key": document.program, "name": document.name, "kind": document.kind, "test": document.test}
        if stands != said:
            yield Difference("program", id, stands, said)
