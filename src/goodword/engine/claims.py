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
        SELECT {CLAIM}
        FROM claim
        JOIN participant AS claimant ON claimant.workspace_id = %(own)s AND claimant.id = claim.participant_id
        JOIN participant AS referred ON referred.workspace_id = %(own)s AND referred.id = claim.referred_id
        WHERE claim.workspace_id = %(own)s AND (
            referred.id = ANY(%(people)s::uuid[]) OR referred.merged_into_id = ANY(%(people)s::uuid[])
            OR claimant.id = ANY(%(claimants)s::uuid[]) OR claimant.merged_into_id = ANY(%(claimants)s::uuid[])
            OR claim.id = ANY(%(named)s::uuid[])
        )
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
