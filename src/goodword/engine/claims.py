"""Brings into memory the claims that events may decide about, or pick among: see `goodword.domain.claims`."""

from __future__ import annotations

from collections.abc import Sequence

from goodword.domain import facts, ids
from goodword.domain.events import Event
from goodword.domain.evidence import TELLS
from goodword.domain.payloads import APPROVED, CLAIMED, REJECTED
from goodword.domain.rows import Claim
from goodword.domain.state import State
from goodword.engine.columns import CLAIM
from goodword.store.sql import array, fetch

_ASK = frozenset({"participant.signed_up", CLAIMED, *TELLS})
"""Types of event that may ask for approved claims of their person, or of the one whom they name."""


def load(state: State, events: Sequence[Event]) -> set[str]:
    """The claims about the known people of these events, those of the claimants among them, and those that staff
    decide: of a workspace there are few. Gives the ids of their people."""
    people: set[str] = set()
    claimants: set[str] = set()
    named: set[str] = set()
    for event in events:
        if event.type in (APPROVED, REJECTED):
            named.add(ids.internal("clm", event.properties["claim"]))
        elif event.type in _ASK and event.participant:
            if found := facts.known(state, event.participant):
                (claimants if event.type == CLAIMED else people).add(found.id)
            if event.type == CLAIMED and (found := facts.known(state, facts.referred(event))):
                people.add(found.id)
    if not people and not named and not claimants:
        return set()
    rows = fetch(
        f"""
        -- Each by itself, whatever the planner believes of tables that nobody has analyzed yet.
        WITH asked AS (
            SELECT id, true AS claims FROM unnest(%(claimants)s::uuid[]) AS named (id)
            UNION
            SELECT id, false FROM unnest(%(people)s::uuid[]) AS named (id)
        ),
        person AS (
            SELECT id, claims FROM asked
            UNION
            SELECT merged.id, asked.claims
            FROM asked
            CROSS JOIN LATERAL (
                SELECT id FROM participant                                                   -- participant_merged_into
                WHERE workspace_id = %(own)s AND merged_into_id = asked.id
                OFFSET 0
            ) AS merged
        ),
        found AS (
            SELECT one.id
            FROM person
            CROSS JOIN LATERAL (
                SELECT id FROM claim                                                               -- claim_participant
                WHERE workspace_id = %(own)s AND participant_id = person.id AND person.claims
                OFFSET 0
            ) AS one
            UNION
            SELECT one.id
            FROM person
            CROSS JOIN LATERAL (
                SELECT id FROM claim                                                                  -- claim_referred
                WHERE workspace_id = %(own)s AND referred_id = person.id AND NOT person.claims
                OFFSET 0
            ) AS one
            UNION
            SELECT id FROM unnest(%(named)s::uuid[]) AS named (id)
        )
        SELECT {CLAIM}
        FROM found
        CROSS JOIN LATERAL (
            SELECT * FROM claim WHERE workspace_id = %(own)s AND id = found.id OFFSET 0                       -- the key
        ) AS claim
        ORDER BY claim.id
        """,
        {
            "own": state.workspace_id,
            "people": array("uuid", people),
            "claimants": array("uuid", claimants),
            "named": array("uuid", named),
        },
    )
    for row in rows:
        state.load(Claim(*row))
    return {id for row in state.claims.values() for id in (row.participant_id, row.referred_id)}
