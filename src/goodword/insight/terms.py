"""Which terms a participant accepted, and when: the kept record, read from the decisions. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from goodword.domain import ids
from goodword.domain.terms import ACCEPTED
from goodword.insight.merged import family
from goodword.store import tenancy
from goodword.store.models import Counter
from goodword.store.sql import array, fetch

PAGE = 200
"""Acceptances in one answer, the newest."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One acceptance of the terms of that number. `by` is who recorded it for the participant and `how` they had
    obtained it, '' for nobody; `event` is the event's public id."""

    program: str
    program_name: str
    terms: int
    accepted_at: datetime
    by: str
    how: str
    source: str
    event: str


def acceptances(workspace_id: str, participant_id: str) -> tuple[Acceptance, ...]:
    """What the participant, and everybody merged into them, accepted; the last first, `PAGE` at most."""
    with tenancy.workspace(workspace_id):
        people = family(workspace_id, participant_id)
        # The counters tell at once of whom there is nothing to read.
        ever = Counter.objects.filter(workspace_id=workspace_id, subject_id__in=people, name__startswith=ACCEPTED)
        if not ever.exists():
            return ()
        rows = fetch(
            """
            SELECT p.key, p.name, (d.trace->>'terms')::bigint, d.occurred_at,
                   coalesce(e.payload->'properties'->>'by', ''), coalesce(e.payload->'properties'->>'how', ''),
                   e.source, e.id::text
              FROM applied a                                             -- applied_participant
              JOIN decision d ON d.workspace_id = a.workspace_id AND d.event_id = a.event_id
              JOIN event e ON e.workspace_id = a.workspace_id AND e.id = a.event_id
              JOIN program p ON p.workspace_id = d.workspace_id AND p.id = d.program_id
             WHERE a.workspace_id = %(own)s
               AND a.participant_id = ANY(%(people)s::uuid[])
               AND d.reason = 'terms_accepted'
             ORDER BY a.position DESC
             LIMIT %(limit)s
            """,
            {"own": workspace_id, "people": array("uuid", people), "limit": PAGE},
        )
    return tuple(
        Acceptance(key, name, terms, at, by, how, source, ids.public("evt", id))
        for key, name, terms, at, by, how, source, id in rows
    )
