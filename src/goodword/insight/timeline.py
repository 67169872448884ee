"""The timeline of one participant: events about them and those merged into them, and events that decided about a
referral they are part of, newest first, each with its decisions.

Reads only: one query finds a page of events, `explain` lays them out in a constant number more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import connection

from goodword.insight.explain import explain_many
from goodword.insight.explained import DecisionView, Explanation
from goodword.insight.merged import family
from goodword.store import tenancy

PAGE = 20


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of the timeline. `next` is the position to ask for events before, or None at the end."""

    events: tuple[Explanation, ...]
    next: int | None


def timeline(workspace_id: str, participant_id: str, before: int | None = None) -> Timeline:
    """The `PAGE` events applied last, or the `PAGE` before a position of the applied order."""
    with tenancy.workspace(workspace_id):
        people = family(workspace_id, participant_id)
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT position, event_id
                  FROM (
                    SELECT a.position, a.event_id
                      FROM applied a                                     -- applied_participant
                     WHERE a.workspace_id = %(workspace)s
                       AND a.participant_id = ANY(%(family)s::uuid[])
                    UNION
                    SELECT a.position, a.event_id
                      FROM participant_merge m                           -- participant_merge_merged
                     CROSS JOIN LATERAL (VALUES (m.event_id), (m.split_event_id)) AS told (id)
                      JOIN applied a ON a.workspace_id = m.workspace_id AND a.event_id = told.id
                     WHERE m.workspace_id = %(workspace)s
                       AND m.merged_id = %(participant)s
                    UNION
                    SELECT a.position, a.event_id
                      FROM referral r                                    -- referral_referrer, _referred
                      JOIN decision d ON d.workspace_id = r.workspace_id AND d.referral_id = r.id
                      JOIN applied a ON a.workspace_id = d.workspace_id AND a.event_id = d.event_id
                     WHERE r.workspace_id = %(workspace)s
                       AND (r.referrer_id = %(participant)s OR r.referred_id = %(participant)s)
                  ) AS theirs
                 WHERE %(before)s::bigint IS NULL OR position < %(before)s
                 ORDER BY position DESC
                 LIMIT %(limit)s
                """,
                {
                    "workspace": workspace_id,
                    "participant": participant_id,
                    "family": people,
                    "before": before,
                    "limit": PAGE + 1,
                },
            )
            found = cursor.fetchall()
        page = found[:PAGE]
        events = explain_many(workspace_id, [str(event_id) for _position, event_id in page])
    mine = tuple(_about(event, people) for event in events)
    return Timeline(mine, page[-1][0] if len(found) > PAGE else None)


def _about(event: Explanation, people: Sequence[str]) -> Explanation:
    """The event with the decisions that concern the participant: all of an event of their own, or of somebody
    merged into them, and of somebody else's those about a referral or a merge of the two."""
    if event.participant and event.participant.id in people:
        return event
    return replace(event, decisions=tuple(one for one in event.decisions if _concerns(one, people)))


def _concerns(decision: DecisionView, people: Sequence[str]) -> bool:
    sides = [decision.referral.referrer, decision.referral.referred] if decision.referral else []
    if decision.merge:
        sides += [side for side in (decision.merge.merged, decision.merge.survivor) if side]
    return any(id in people for id in (decision.participant_id, *(side.id for side in sides)))
