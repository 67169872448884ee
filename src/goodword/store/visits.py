"""What was told of visitors before anybody knew who they are, and whose it turned out to be."""

from __future__ import annotations

from collections.abc import Collection

from goodword.domain.attribution import VISITORS
from goodword.domain.payloads import VISITOR
from goodword.store.sql import array, fetch


def told_of(workspace_id: str, people: Collection[str]) -> set[str]:
    """The ids of events about visitors of whom these people's own events say that they are them (early_fact_subject,
    applied_participant). Needs the workspace's transaction."""
    rows = fetch(
        """
        WITH person AS (
            SELECT id FROM unnest(%(people)s::uuid[]) AS person (id)
        ),
        subject AS (
            SELECT id::text AS name FROM person
            UNION
            SELECT %(visitors)s::text || (event.payload->'properties'->>'anonymous_id')
            FROM person
            JOIN applied ON applied.workspace_id = %(own)s AND applied.participant_id = person.id
            JOIN event ON event.workspace_id = %(own)s AND event.id = applied.event_id
            WHERE event.payload->'properties' ? 'anonymous_id'
        )
        SELECT event.id::text
        FROM subject
        JOIN early_fact ON early_fact.workspace_id = %(own)s AND early_fact.subject = subject.name
        JOIN event ON event.workspace_id = %(own)s AND event.id = early_fact.event_id
        WHERE event.type = %(kind)s
        """,
        {"own": workspace_id, "people": array("uuid", sorted(people)), "visitors": VISITORS, "kind": VISITOR},
    )
    return {id for (id,) in rows}
