"""Brings into memory what a batch may have to tell again: see `goodword.domain.early`. Two statements at most."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from goodword.domain.decide import TIMERS
from goodword.domain.early import MAX_KEPT
from goodword.domain.events import Event, from_log
from goodword.domain.state import EarlyFact, State
from goodword.store.sql import array, fetch

EVENT = "event.id::text, event.type, event.source, event.event_id, event.occurred_at, event.received_at, event.payload"


def load(state: State, names: Collection[str]) -> None:
    """The early facts of the referrals in hand and of these names (early_fact_subject)."""
    for id, program_id, subject, recall_at, *event in fetch(
        f"""
        SELECT early_fact.id::text, early_fact.program_id::text, early_fact.subject, early_fact.recall_at, {EVENT}
        FROM early_fact
        JOIN event ON event.workspace_id = early_fact.workspace_id AND event.id = early_fact.event_id
        WHERE early_fact.subject = ANY(%s::text[])
        ORDER BY early_fact.id
        """,
        [array("text", [*state.referrals, *names])],
    ):
        state.load(EarlyFact(id, program_id, subject, from_log(*event), recall_at))


def load_told(state: State, events: Sequence[Event]) -> None:
    """What was told of people before the sign-up or submission that explains it, though it happened after
    (applied_participant). Only people who are known already can have any."""
    since: dict[str, datetime] = {}
    for event in events:
        person_id = _referred(state, event)
        if person_id:
            since[person_id] = min(event.occurred_at, since.get(person_id, event.occurred_at))
    if not since:
        return
    for person_id, *row in fetch(
        f"""
        SELECT person.id::text, told.*
        FROM unnest(%s::uuid[], %s::timestamptz[]) AS person (id, since)
        CROSS JOIN LATERAL (
            SELECT {EVENT}
            FROM applied
            JOIN event ON event.workspace_id = applied.workspace_id AND event.id = applied.event_id
            WHERE applied.participant_id = person.id
              AND least(event.occurred_at, event.received_at) >= person.since
              AND event.type <> ALL(%s::text[])
            ORDER BY applied.position
            LIMIT %s
        ) AS told
        """,
        [array("uuid", since), array("timestamptz", since.values()), array("text", sorted(TIMERS)), MAX_KEPT],
    ):
        state.told.setdefault(person_id, []).append(from_log(*row))


def _referred(state: State, event: Event) -> str | None:
    """The known person whom the event may make a referred one."""
    if event.type == "participant.signed_up" and event.participant and event.properties.get("code"):
        if event.participant.id:
            return event.participant.id
        known = state.participant_by_external.get(event.participant.external_id or "")
        return known or state.participant_by_email.get(event.participant.email)
    if event.type == "referral.submitted":
        if "referred" in event.erased:
            return event.erased["referred"]
        return state.participant_by_email.get(event.properties["referred"]["email"].strip().lower())
    return None
