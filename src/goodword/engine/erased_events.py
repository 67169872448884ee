"""Events that are sent again after an erasure took the sender's id out of the log, because it named a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from goodword.store.digests import digest
from goodword.store.sql import array, execute, fetch


def note(workspace_id: str, names: Iterable[tuple[str, str, str]]) -> None:
    """Notes events (source, sender's id, log id), so that they are known when they are sent again."""
    rows = [(digest(workspace_id, source, event_id).hex(), id) for source, event_id, id in names]
    execute(
        """
        INSERT INTO erased_event (workspace_id, digest, event_id)
        SELECT %s::uuid, decode(digest, 'hex'), id FROM unnest(%s::text[], %s::uuid[]) AS row (digest, id)
        ON CONFLICT (workspace_id, digest) DO NOTHING
        """,
        [workspace_id, array("text", [row[0] for row in rows]), array("uuid", [row[1] for row in rows])],
    )


def take_back(workspace_id: str, written: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Takes events out again that were just written (log id to source and sender's id) and are known: the
    log id of the first by their own. Nobody can have seen them yet."""
    digests = {digest(workspace_id, *name).hex(): id for id, name in written.items()}
    known = {
        digests[found]: first
        for found, first in fetch(
            """
            SELECT encode(digest, 'hex'), event_id::text
            FROM erased_event
            WHERE workspace_id = %s AND digest = ANY(%s::bytea[])
            """,
            [workspace_id, array("text", [rf"\x{text}" for text in digests])],
        )
    }
    if known:
        ids = array("uuid", known)
        execute("DELETE FROM inbox WHERE workspace_id = %s AND event_id = ANY(%s::uuid[])", [workspace_id, ids])
        execute("DELETE FROM event WHERE workspace_id = %s AND id = ANY(%s::uuid[])", [workspace_id, ids])
    return known
