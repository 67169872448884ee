"""Why an event had the consequences it had: its decisions with their traces, ready to show.

Used by `goodword explain`, the API and the console. Texts are made from the stored trace when somebody
looks, never stored. Reads only; a page of events costs a constant number of queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from goodword.domain import ids
from goodword.domain.shared import EventMetric, is_money
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
    Together,
    TouchView,
)
from goodword.store import tenancy
from goodword.store.models import Event, Participant
from goodword.store.sql import array, fetch

__all__ = [
    "AmbiguousEvent",
    "EventNotFound",
    "explain",
    "explain_many",
    "person",
    "render_text",
    "rule_outcome",
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


_PERSON = """
    {0}.id::text, {0}.external_id, {0}.email, {0}.name, coalesce(nullif({0}_account.name, ''), {0}_account.external_id)
"""
# Row by row, by key: of a workspace that began after the database last looked at its tables it expects one row, and
# read all of them for each event.
_WITH_PERSON = """
    LEFT JOIN LATERAL (
        SELECT * FROM participant
        WHERE participant.workspace_id = %(workspace)s::uuid AND participant.id = {1}.{2} OFFSET 0
    ) AS {0} ON true
    LEFT JOIN LATERAL (
        SELECT * FROM account WHERE account.workspace_id = %(workspace)s::uuid AND account.id = {0}.account_id OFFSET 0
    ) AS {0}_account ON true
"""
_EVENTS = f"""
    SELECT event.id::text, event.type, event.source, event.event_id, event.occurred_at, event.received_at,
           event.payload, applied.position, applied.applied_at, inbox.error, {_PERSON.format("participant")}
    FROM event
    LEFT JOIN LATERAL (
        SELECT * FROM applied WHERE applied.workspace_id = %(workspace)s::uuid AND applied.event_id = event.id OFFSET 0
    ) AS applied ON true
    LEFT JOIN LATERAL (
        SELECT * FROM inbox WHERE inbox.workspace_id = %(workspace)s::uuid AND inbox.event_id = event.id OFFSET 0
    ) AS inbox ON true
    {_WITH_PERSON.format("participant", "applied", "participant_id")}
    WHERE event.workspace_id = %(workspace)s::uuid AND event.id = ANY(%(ids)s::uuid[])
"""
_DECISIONS = f"""
    SELECT decision.event_id::text, decision.id::text, program.key, program.name, program.test, version.number,
           decision.outcome, decision.reason, decision.occurred_at, decision.participant_id::text, decision.trace,
           version.document ->> 'currency', coalesce(version.document ->> 'timezone', 'UTC'),
           CASE WHEN decision.trace ?| ARRAY['goals', 'contests', 'contest'] THEN jsonb_build_object(
               'currency', version.document -> 'currency',
               'goals', version.document -> 'goals',
               'contests', version.document -> 'contests') END,
           referral.id::text, referral.state, referral.source, referral.submitted_at, referral.simulated, began.number,
           {_PERSON.format("referrer")}, {_PERSON.format("referred")}
    FROM decision
    LEFT JOIN program ON program.workspace_id = decision.workspace_id AND program.id = decision.program_id
    LEFT JOIN program_version AS version
           ON version.workspace_id = decision.workspace_id AND version.id = decision.version_id
    LEFT JOIN LATERAL (
        SELECT * FROM referral
        WHERE referral.workspace_id = %(workspace)s::uuid AND referral.id = decision.referral_id OFFSET 0
    ) AS referral ON true
    LEFT JOIN program_version AS began
           ON began.workspace_id = %(workspace)s::uuid AND began.id = referral.version_id
    {_WITH_PERSON.format("referrer", "referral", "referrer_id")}
    {_WITH_PERSON.format("referred", "referral", "referred_id")}
    WHERE decision.workspace_id = %(workspace)s::uuid AND decision.event_id = ANY(%(ids)s::uuid[])
    ORDER BY decision.program_id IS NOT NULL, program.test,
             coalesce((version.document ->> 'priority')::integer, 0) DESC, program.key, decision.id
"""
_REWARDS = f"""
    SELECT reward.id::text, reward.gift, reward.state, reward.amount, reward.unit, reward.granted_at,
           reward.hold_until, reward.simulated, {_PERSON.format("participant")}
    FROM reward
    {_WITH_PERSON.format("participant", "reward", "participant_id")}
    WHERE reward.workspace_id = %(workspace)s::uuid AND reward.id = ANY(%(ids)s::uuid[])
"""
_PEOPLE = f"""
    SELECT {_PERSON.format("participant")}
    FROM participant
    LEFT JOIN account AS participant_account
           ON participant_account.workspace_id = participant.workspace_id
          AND participant_account.id = participant.account_id
    WHERE participant.workspace_id = %(workspace)s::uuid AND participant.id = ANY(%(ids)s::uuid[])
"""


def explain_many(workspace_id: str, event_ids: Sequence[str]) -> list[Explanation]:
    """The events of the given uuids with their decisions, in the order given; unknown ones are left out."""

    def by_ids(ids: Iterable[object]) -> dict[str, Any]:
        return {"workspace": workspace_id, "ids": array("uuid", map(str, ids))}

    wanted = by_ids(event_ids)
    with tenancy.workspace(workspace_id):
        events = {row[0]: row for row in fetch(_EVENTS, wanted)}
        rows = fetch(_DECISIONS, wanted)
        traces = [row[10] for row in rows]
        given = {line["reward"] for trace in traces for line in _about_rewards(trace) if line.get("reward")}
        rewards = {row[0]: _reward(row) for row in (fetch(_REWARDS, by_ids(given)) if given else ())}
        named = {id_ for trace in traces for id_ in _named(trace)}
        people = {row[0]: _person(row) for row in (fetch(_PEOPLE, by_ids(named)) if named else ())}
        links = {touch["link"] for trace in traces for touch in _touches(trace) if touch.get("link")}
        codes: dict[str, str] = (
            dict(
                fetch(
                    "SELECT id::text, code FROM link WHERE workspace_id = %s AND id = ANY(%s::uuid[])",
                    [workspace_id, array("uuid", links)],
                )
            )
            if links
            else {}
        )
    decisions: dict[str, list[DecisionView]] = {}
    for event_id, *row in rows:
        decisions.setdefault(event_id, []).append(_decision(row, rewards, people, codes))
    return [_explanation(events[key], decisions.get(key, [])) for key in map(str, event_ids) if key in events]


def _person(row: Sequence[Any]) -> Person:
    """Of the columns that `_PERSON` names."""
    id, external_id, email, name, account = row
    return Person(id=id, external_id=external_id, email=email, name=name, account=account or "")


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


def _explanation(row: Sequence[Any], decisions: Iterable[DecisionView]) -> Explanation:
    id, type, source, event_id, occurred_at, received_at, payload, position, applied_at, error, *whose = row
    return Explanation(
        id=id,
        type=type,
        event_id=event_id,
        source=source,
        occurred_at=occurred_at,
        received_at=received_at,
        payload=payload,
        participant=_person(whose) if whose[0] else None,
        status="applied" if applied_at else "failed" if error else "waiting",
        error=error or "",
        position=position,
        applied_at=applied_at,
        decisions=tuple(decisions),
    )


def _lines(trace: Mapping[str, Any] | None, key: str) -> list[Mapping[str, Any]]:
    return list((trace or {}).get(key) or ())


def _about_rewards(trace: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """The lines about rewards: what rules gave or refused, and what could not be taken back."""
    return _lines(trace, "rewards") + _lines(trace, "reversal")


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


def _attribution(told: Mapping[str, Any], codes: Mapping[str, str]) -> Attribution:
    won = _touch(told.get("by") or {"kind": told["won"]}, codes) if told.get("won") else None
    return Attribution(won, tuple(_touch(touch, codes) for touch in told.get("kept") or ()))


def _touch(told: Mapping[str, Any], codes: Mapping[str, str]) -> TouchView:
    return TouchView(
        kind=told["kind"],
        code=codes.get(told.get("link") or "", ""),
        at=datetime.fromisoformat(told["at"]) if told.get("at") else None,
        click=told.get("click") or "",
        reason=told.get("reason") or "",
    )


def _touches(trace: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    """The touches that a trace tells."""
    told = (trace or {}).get("attribution") or {}
    yield from [told["by"]] if "by" in told else ()
    yield from told.get("kept", ())


def _decision(
    row: Sequence[Any],
    rewards: Mapping[str, RewardFacts],
    people: Mapping[str, Person],
    codes: Mapping[str, str],
) -> DecisionView:
    id, program, program_name, test, version, outcome, reason, occurred_at, participant_id, *more = row
    told, currency, zone, parts, *referral = more
    trace = told or {}
    moved = trace.get("referral") or {}
    attribution = trace.get("attribution")
    return DecisionView(
        id=id,
        program=program or "",
        program_name=program_name or "",
        test=bool(test),
        version=version,
        timezone=zone,
        outcome=outcome,
        reason=reason,
        occurred_at=occurred_at,
        kept_version=bool(trace.get("kept_version")),
        participant_id=participant_id,
        referral=_referral(referral) if referral[0] else None,
        moved_from=moved.get("from") or "",
        moved_to=moved.get("to") or "",
        checks=tuple(
            Check(line["code"], bool(line["ok"]), line.get("read") or {}, line.get("error") or "")
            for line in _lines(trace, "checks")
        ),
        rules=tuple(rule_outcome({"ok": False, **line}, rewards, currency or "") for line in _about_rewards(trace)),
        attribution=(
            Attribution(
                _touch(attribution.get("by") or {"kind": attribution["won"]}, codes)
                if attribution.get("won")
                else None,
                tuple(_touch(touch, codes) for touch in attribution.get("kept") or ()),
            )
            if attribution
            else None
        ),
        merge=_merge(trace.get("merge"), people),
        together=tuple(_together(trace, parts or {})),
        shared=_units(parts or {}, "contests"),
        trace=trace,
    )


def _together(trace: Mapping[str, Any], parts: Mapping[str, Any]) -> Iterator[Together]:
    goals, contests = _units(parts, "goals"), _units(parts, "contests")
    for line in _lines(trace, "goals"):
        id, reached = line["goal"], bool(line.get("reached"))
        yield Together("goal", id, line["change"], line["count"], line["target"], reached, goals.get(id, ""))
    for line in _lines(trace, "contests"):
        id = line["contest"]
        yield Together("contest", id, line["change"], line["score"], None, False, contests.get(id, ""))


def _units(parts: Mapping[str, Any], kind: str) -> dict[str, str]:
    """By goal or contest of a document, the unit of what is counted, where that is money."""
    return {
        part["id"]: parts["currency"]
        for part in parts.get(kind) or ()
        if is_money(part["metric"] if isinstance(part["metric"], str) else EventMetric(**part["metric"]))
    }


def rule_outcome(line: Mapping[str, Any], rewards: Mapping[str, RewardFacts], currency: str = "") -> RuleOutcome:
    """A line of a trace about a reward; `rewards` has those that stand, by id, and `currency` is the program's."""
    limit = line.get("limit")
    hold = line.get("hold_until")
    return RuleOutcome(
        rule=line["rule"],
        ok=bool(line["ok"]),
        reason=line.get("reason") or "",
        to=line.get("to") or "",
        amount=line.get("amount"),
        reversed=line.get("reversed") or 0,
        netted=line.get("netted") or 0,
        owed=line.get("owed") or 0,
        unit=line.get("unit") or "",
        tier=line.get("tier") or "",
        tier_count=line.get("tier_count"),
        amount_from=line.get("amount_from") or {},
        exchange=line.get("exchange") or {},
        currency=currency,
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
        place=line.get("place"),
        waited_since=datetime.fromisoformat(line["waited_since"]) if line.get("waited_since") else None,
        by=line.get("by") or "",
        moved_from=line.get("from") or "",
        moved_to=line.get("state") or "",
        reward=rewards.get(line.get("reward") or ""),
    )


def _referral(row: Sequence[Any]) -> ReferralFacts:
    id, state, source, submitted_at, simulated, version, *people = row
    return ReferralFacts(
        id=id,
        referrer=_person(people[:5]),
        referred=_person(people[5:]),
        state=state,
        source=source,
        submitted_at=submitted_at,
        version=version,
        simulated=simulated,
    )


def _reward(row: Sequence[Any]) -> RewardFacts:
    id, gift, state, amount, unit, granted_at, hold_until, simulated, *whose = row
    return RewardFacts(
        id=id,
        participant=_person(whose),
        gift=gift,
        state=state,
        amount=amount,
        unit=unit,
        granted_at=granted_at,
        hold_until=hold_until,
        simulated=simulated,
    )
