"""Brings into memory what a batch may have to tell again: see `goodword.domain.early`. Two statements at most."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from goodword.domain import attribution, evidence, facts, ids
from goodword.domain.decide import TIMERS
from goodword.domain.early import MAX_KEPT
from goodword.domain.events import Event, PersonRef, erased_ref, from_log
from goodword.domain.evidence import TELLS
from goodword.domain.payloads import APPROVED, CLAIMED
from goodword.domain.rows import EarlyFact
from goodword.domain.state import State
from goodword.store.sql import array, fetch

BY_KEY = """
    CROSS JOIN LATERAL (
        SELECT * FROM event WHERE event.workspace_id = %s AND event.id = {0}.event_id OFFSET 0
    ) AS event
"""
"""Joins the event of each row by the log's whole key, also where the database does not know yet how large the log is
(see `apply`). Takes the workspace."""
EVENT = "event.id::text, event.type, event.source, event.event_id, event.occurred_at, event.received_at, event.payload"


def load(state: State, names: Collection[str]) -> None:
    """The early facts of the referrals in hand and of these names (early_fact_subject)."""
    for id, program_id, subject, recall_at, *event in fetch(
        f"""
        SELECT early_fact.id::text, early_fact.program_id::text, early_fact.subject, early_fact.recall_at, {EVENT}
        FROM early_fact
        {BY_KEY.format("early_fact")}
        WHERE early_fact.workspace_id = %s AND early_fact.subject = ANY(%s::text[])
        ORDER BY early_fact.id
        """,
        [state.workspace_id, state.workspace_id, array("text", [*state.referrals, *names])],
    ):
        state.load(EarlyFact(id, program_id, subject, from_log(*event), recall_at))


def load_touches(state: State, events: Sequence[Event]) -> set[str]:
    """The evidence that is kept of the people and visitors whom events name that may ask for it, and of those merged
    into them (early_fact_subject, participant_merged_into). Gives the codes in it."""
    people, visitors = set(), set()
    for event in events:
        if event.type in TELLS or event.type == "participant.signed_up":
            if event.participant and (found := facts.known(state, event.participant)):
                people.add(found.id)
            if name := event.properties.get("anonymous_id"):
                visitors.add(attribution.visitor(name))
    if not people and not visitors:
        return set()
    codes: set[str] = set()
    for person_id, id, program_id, subject, recall_at, *row in fetch(
        f"""
        WITH subject AS (
            SELECT NULL AS person_id, unnest(%(names)s::text[]) AS name
            UNION ALL
            SELECT merged_into_id::text, id::text FROM participant
            WHERE workspace_id = %(own)s AND merged_into_id = ANY(%(people)s::uuid[])
        )
        SELECT subject.person_id, early_fact.id::text, early_fact.program_id::text, early_fact.subject,
               early_fact.recall_at, {EVENT}
        FROM subject
        JOIN early_fact ON early_fact.workspace_id = %(own)s AND early_fact.subject = subject.name
        JOIN event ON event.workspace_id = %(own)s AND event.id = early_fact.event_id
        WHERE event.type = ANY(%(types)s::text[])
        ORDER BY early_fact.id
        """,
        {
            "own": state.workspace_id,
            "names": array("text", sorted(people | visitors)),
            "people": array("uuid", people),
            "types": array("text", sorted(attribution.KEPT)),
        },
    ):
        fact = EarlyFact(id, program_id, subject, from_log(*row), recall_at)
        state.load(fact)
        if person_id:
            state.followers.setdefault(person_id, {})[subject] = None
        codes |= attribution.codes(fact.event.properties)
    return codes


def load_told(state: State, events: Sequence[Event], merging: Collection[str]) -> None:
    """What was told of people, and of those merged into them, before the sign-up or submission that explains it,
    though it happened after (applied_participant, participant_merged_into). Only people who are known already can
    have any; `merging` are those who may become one in this batch."""
    since: dict[str, datetime] = {}
    for event in events:
        person_id = _referred(state, event) if _may_begin(event) else None
        if not _begins(state, event, person_id):
            continue
        from_when = event.occurred_at
        if person_id and event.type in _CLAIMS:
            from_when = min(from_when, state.participants[person_id].first_seen_at)  # when did they come?
        for id in {person_id, *merging} if person_id else merging:
            since[id] = min(from_when, since.get(id, from_when))
    if not since:
        return
    seen: set[tuple[str, int]] = set()
    for person_id, member_id, position, *row in fetch(
        f"""
        SELECT person.id::text, member.id::text, told.*
        FROM unnest(%s::uuid[], %s::timestamptz[]) AS person (id, since)
        CROSS JOIN LATERAL (
            SELECT person.id
            UNION ALL
            SELECT participant.id
            FROM participant
            WHERE participant.workspace_id = %s AND participant.merged_into_id = person.id
        ) AS member
        CROSS JOIN LATERAL (
            SELECT applied.position, {EVENT}
            FROM applied
            {BY_KEY.format("applied")}
            WHERE applied.workspace_id = %s
              AND applied.participant_id = member.id
              AND least(event.occurred_at, event.received_at) >= person.since
              AND event.type <> ALL(%s::text[])
            ORDER BY applied.position
            LIMIT %s
        ) AS told
        """,
        [
            array("uuid", since),
            array("timestamptz", since.values()),
            state.workspace_id,
            state.workspace_id,
            state.workspace_id,
            array("text", sorted(TIMERS)),
            MAX_KEPT,
        ],
    ):
        if (member_id, position) in seen:
            continue
        seen.add((member_id, position))
        if member_id != person_id:
            state.followers.setdefault(person_id, {})[member_id] = None
        state.tell(member_id, from_log(*row), position)


_CLAIMS = frozenset({CLAIMED, APPROVED})


def _may_begin(event: Event) -> bool:
    return event.type in _CLAIMS or event.type in ("referral.submitted", "participant.signed_up", "order.completed")


def _begins(state: State, event: Event, person_id: str | None) -> bool:
    """Whether a referral may begin by the event, which may be about that known person."""
    if event.type == "referral.submitted" or event.type in _CLAIMS:
        return True
    told = not evidence.AT_CHECKOUT.isdisjoint(event.properties)
    return _may_begin(event) and (told or attribution.kept(state, person_id))


def _referred(state: State, event: Event) -> str | None:
    """The known person whom the event may make a referred one."""
    ref = event.participant
    if event.type == "referral.submitted":
        ref = erased_ref(event.erased.get("referred")) or PersonRef(
            None, event.properties["referred"]["email"].strip().lower()
        )
    if event.type == CLAIMED:
        ref = facts.referred(event)
    elif event.type == APPROVED:
        claim = state.claims.get(ids.internal("clm", event.properties["claim"]))
        return state.survivor(claim.referred_id).id if claim else None
    found = facts.known(state, ref) if ref else None
    return found.id if found else None
