"""Why an event had the consequences it had: its decisions with their traces, ready to show.

Used by `goodword explain`, the API and the console. Texts are made from the stored trace when somebody
looks, never stored. Reads only; a page of events costs a constant number of queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from goodword.domain import ids
from goodword.insight.explain_text import render_text
from goodword.insight.explained import (
    Aside,
    Attribution,
    Check,
    DecisionView,
    Explanation,
    Limit,
    MergeFacts,
    Moved,
    Person,
    ReferralFacts,
    RewardFacts,
    RuleOutcome,
)
from goodword.store import tenancy
from goodword.store.models import Applied, Decision, Event, Inbox, Participant, Referral, Reward

__all__ = [
    "AmbiguousEvent",
    "EventNotFound",
    "decision_views",
    "explain",
    "explain_many",
    "person",
    "render_text",
]


class EventNotFound(LookupError):
    """No such event in the workspace."""

    code = "event_not_found"


class AmbiguousEvent(LookupError):
    """Several sources sent an event under the same sender's id."""

    code = "event_ambiguous"


def explain(workspace_id: str, event: str, *, source: str | None = None) -> Explanation:
    """One event with its decisions. `event` is our id (`evt_…` or uuid) or the sender's own.

    Raises `EventNotFound`, and `AmbiguousEvent` when several sources used that id and none is named.
    """
    with tenancy.workspace(workspace_id):
        [explanation] = explain_many(workspace_id, [_find(workspace_id, event, source)])
        return explanation


def explain_many(workspace_id: str, event_ids: Sequence[str]) -> list[Explanation]:
    """The events of the given uuids with their decisions, in the order given; unknown ones are left out."""
    with tenancy.workspace(workspace_id):
        applied = {
            str(row.event_id): row
            for row in _of(Applied, workspace_id)
            .filter(event_id__in=event_ids)
            .select_related("event", "participant__account")
        }
        events = {key: row.event for key, row in applied.items()}
        waiting: dict[str, Inbox] = {}
        if left := [key for key in map(str, event_ids) if key not in applied]:
            events |= {str(row.id): row for row in _of(Event, workspace_id).filter(id__in=left)}
            waiting = {str(row.event_id): row for row in _of(Inbox, workspace_id).filter(event_id__in=left)}
        decisions: dict[str, list[DecisionView]] = {}
        for row, view in decision_views(
            workspace_id, _of(Decision, workspace_id).filter(event_id__in=event_ids).order_by("id")
        ):
            decisions.setdefault(str(row.event_id), []).append(view)
    return [
        _explanation(events[key], applied.get(key), waiting.get(key), decisions.get(key, []))
        for key in map(str, event_ids)
        if key in events
    ]


def decision_views(workspace_id: str, query: Any) -> list[tuple[Decision, DecisionView]]:
    """The rows of a `Decision` query set with their views, in the query's order, in two queries; one more where
    people were merged."""
    rows: list[Decision] = list(
        query.select_related(
            "program",
            "version",
            "referral__version",
            "referral__referrer__account",
            "referral__referred__account",
        ).defer("version__document", "referral__version__document")  # long, and nobody looks
    )
    wanted = {line["reward"] for row in rows for line in _lines(row.trace, "rewards") if line.get("reward")}
    rewards = {
        str(reward.id): _reward(reward)
        for reward in _of(Reward, workspace_id).filter(id__in=wanted).select_related("participant__account")
    }
    named = {id_ for row in rows for id_ in _named(row.trace)}
    people = {
        str(row.id): person(row)
        for row in (_of(Participant, workspace_id).filter(id__in=named).select_related("account") if named else ())
    }
    return [(row, _decision(row, rewards, people)) for row in rows]


def person(participant: Participant) -> Person:
    """A participant's row as a `Person`; its account is loaded with it."""
    account = participant.account
    return Person(
        id=str(participant.id),
        external_id=participant.external_id,
        email=participant.email,
        name=participant.name,
        account=(account.name or account.external_id) if account else "",
    )


def _of(model: Any, workspace_id: str) -> Any:
    return model.objects.filter(workspace_id=workspace_id)


def _find(workspace_id: str, event: str, source: str | None) -> str:
    known = _as_uuid(event)
    if known and _of(Event, workspace_id).filter(id=known).exists():
        return known
    rows = _of(Event, workspace_id).filter(event_id=event)
    if source is not None:
        rows = rows.filter(source=source)
    found = list(rows.values_list("id", "source")[:10])
    if not found:
        raise EventNotFound(
            f"There is no event {event!r} in this workspace. Give our id (evt_…) or the event_id you sent."
        )
    if len(found) > 1:
        each = ", ".join(f"{ids.public('evt', str(id_))} (source {name})" for id_, name in found)
        raise AmbiguousEvent(f"Several sources sent an event {event!r}: {each}. Give one of these ids.")
    return str(found[0][0])


def _as_uuid(text: str) -> str | None:
    try:
        return ids.internal("evt", text)
    except ids.BadId:
        pass
    try:
        return str(UUID(text))
    except ValueError:
        return None


def _explanation(
    event: Event, applied: Applied | None, waiting: Inbox | None, decisions: Iterable[DecisionView]
) -> Explanation:
    participant = applied.participant if applied else None
    status = "applied" if applied else "failed" if waiting and waiting.error else "waiting"
    return Explanation(
        id=str(event.id),
        type=event.type,
        event_id=event.event_id,
        source=event.source,
        occurred_at=event.occurred_at,
        received_at=event.received_at,
        payload=event.payload,
        participant=person(participant) if participant else None,
        status=status,
        error=waiting.error if waiting else "",
        position=applied.position if applied else None,
        applied_at=applied.applied_at if applied else None,
        decisions=tuple(decisions),
    )


def _lines(trace: Mapping[str, Any] | None, key: str) -> list[Mapping[str, Any]]:
    return list((trace or {}).get(key) or ())


def _named(trace: Mapping[str, Any] | None) -> list[str]:
    """The participants a merge is about."""
    merge = (trace or {}).get("merge") or {}
    return [merge[side] for side in ("merged", "survivor") if merge.get(side)]


def _merge(told: Mapping[str, Any] | None, people: Mapping[str, Person]) -> MergeFacts | None:
    if not told:
        return None
    return MergeFacts(
        how=told["how"],
        merged=people.get(told.get("merged") or ""),
        survivor=people.get(told.get("survivor") or ""),
        event=ids.public("evt", told["event"]) if told.get("event") else "",
        links=told.get("links", 0),
        made=told.get("made", 0),
        received=told.get("received", 0),
        rewards=told.get("rewards", 0),
        counters=len(told.get("counters", ())),
        balances=tuple(Moved(**line) for line in told.get("balances", ())),
        aside=tuple(
            Aside(ids.public("ref", line["referral"]), line["from"], line["to"], line["reason"])
            for line in told.get("moves", ())
        ),
    )


def _decision(row: Decision, rewards: Mapping[str, RewardFacts], people: Mapping[str, Person]) -> DecisionView:
    trace = row.trace or {}
    moved = trace.get("referral") or {}
    attribution = trace.get("attribution")
    return DecisionView(
        id=str(row.id),
        program=row.program.key if row.program else "",
        program_name=row.program.name if row.program else "",
        version=row.version.number if row.version else None,
        outcome=row.outcome,
        reason=row.reason,
        occurred_at=row.occurred_at,
        kept_version=bool(trace.get("kept_version")),
        participant_id=str(row.participant_id) if row.participant_id else None,
        referral=_referral(row.referral) if row.referral else None,
        moved_from=moved.get("from") or "",
        moved_to=moved.get("to") or "",
        checks=tuple(
            Check(line["code"], bool(line["ok"]), line.get("read") or {}, line.get("error") or "")
            for line in _lines(trace, "checks")
        ),
        rules=tuple(_rule(line, rewards) for line in _lines(trace, "rewards")),
        attribution=(
            Attribution(str(attribution.get("won") or ""), tuple(map(str, attribution.get("kept") or ())))
            if attribution
            else None
        ),
        merge=_merge(trace.get("merge"), people),
        trace=trace,
    )


def _rule(line: Mapping[str, Any], rewards: Mapping[str, RewardFacts]) -> RuleOutcome:
    limit = line.get("limit")
    hold = line.get("hold_until")
    return RuleOutcome(
        rule=line["rule"],
        ok=bool(line["ok"]),
        reason=line.get("reason") or "",
        to=line.get("to") or "",
        amount=line.get("amount"),
        reversed=line.get("reversed") or 0,
        unit=line.get("unit") or "",
        tier=line.get("tier") or "",
        tier_count=line.get("tier_count"),
        hold_until=datetime.fromisoformat(hold) if hold else None,
        approval=line.get("approval") or "",
        limit=(
            Limit(
                used=limit["used"],
                limit=limit["limit"],
                per=limit.get("per") or "",
                period=limit.get("period") or "",
                unit=limit.get("unit") or "",
            )
            if limit
            else None
        ),
        campaign=line.get("campaign") or "",
        moved_from=line.get("from") or "",
        moved_to=line.get("state") or "",
        reward=rewards.get(line.get("reward") or ""),
    )


def _referral(row: Referral) -> ReferralFacts:
    return ReferralFacts(
        id=str(row.id),
        referrer=person(row.referrer),
        referred=person(row.referred),
        state=row.state,
        source=row.source,
        submitted_at=row.submitted_at,
        version=row.version.number,
        simulated=row.simulated,
    )


def _reward(row: Reward) -> RewardFacts:
    return RewardFacts(
        id=str(row.id),
        participant=person(row.participant),
        gift=row.gift,
        state=row.state,
        amount=row.amount,
        unit=row.unit,
        granted_at=row.granted_at,
        hold_until=row.hold_until,
        simulated=row.simulated,
    )
