"""Anniversaries: rewards at fixed distances from a beginning, each set by the one before.

In a programme with referrals they are counted from the referral's win, or from its beginning; in a loyalty programme
from the participant's first event of a type. Each is reckoned from the beginning itself, never from the one before it:
29 February comes back, and the clock on the wall stays. A timer rings for it; what stops it is looked at then.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from goodword.domain import early, ids, rewards, triggers
from goodword.domain.calendar import Duration
from goodword.domain.draft import Decision, Draft
from goodword.domain.fields import ANNIVERSARY
from goodword.domain.rows import ASIDE, STANDING, Timer
from goodword.domain.rules import Rule

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _at(rule: Rule, start: datetime, number: int, zone: str) -> datetime:
    """The moment of the so-many-th anniversary."""
    each = rule.each or Duration(months=12)
    steps = Duration(months=each.months * number, days=each.days * number, seconds=each.seconds * number)
    return steps.after(start, zone)


def _set(draft: Draft, rule: Rule, start: datetime, number: int, subject: str, detail: dict[str, Any]) -> None:
    """Sets the timer of the so-many-th anniversary, unless the rule never pays for it."""
    due_at = _at(rule, start, number, draft.program.zone)
    last = min(rule.nth or number, rule.first or number)
    if number > last or (rule.for_ and due_at > rule.for_.after(start, draft.program.zone)):
        return
    id = ids.derive(_EPOCH, draft.state.workspace_id, "timer", ANNIVERSARY, subject, rule.id, str(number))
    referral_id = draft.referral.id if draft.referral else None
    told = {**detail, "rule": rule.id, "number": number}
    draft.effects.append(Timer(id, ANNIVERSARY, due_at, draft.program.id, referral_id, None, told))


def _numbered(draft: Draft, number: int) -> None:
    """Conditions and amounts read which one it is as `event.properties.number`."""
    draft.event = draft.event._replace(properties={**draft.event.properties, "number": number})


# Of a referral


def begin(draft: Draft, since: str) -> None:
    """The draft's referral began, or was won: the first anniversary of each rule that counts from that is set."""
    referral = draft.referral
    assert referral
    for rule in draft.program.earning.get(ANNIVERSARY, ()):
        if (rule.since or "won") == since:
            _set(draft, rule, draft.event.occurred_at, 1, referral.id, {})


def resume(draft: Draft, now: datetime) -> None:
    """The draft's referral is as old as it is: of each rule, the first anniversary that is still to come is set."""
    referral = draft.referral
    assert referral
    for rule in draft.program.earning.get(ANNIVERSARY, ()):
        start = referral.submitted_at if rule.since == "begun" else referral.closed_at
        if start is None or referral.state not in (STANDING if rule.since == "begun" else {"closed_won"}):
            continue
        number = 1
        while _at(rule, start, number, draft.program.zone) <= now:
            number += 1
        _set(draft, rule, start, number, referral.id, {})


def ring(draft: Draft, timer: Timer) -> Decision:
    """An anniversary of the draft's referral has come."""
    referral, rule = draft.referral, draft.program.rules.get(timer.detail["rule"])
    assert referral
    if rule is None or rule.on != ANNIVERSARY:
        return draft.no("superseded")
    if over := _over(draft, rule):
        return draft.no(over)
    start = referral.submitted_at if rule.since == "begun" else referral.closed_at
    assert start
    _set(draft, rule, start, timer.detail["number"] + 1, referral.id, {})
    if referral.state in ASIDE:
        return draft.no("superseded")
    _numbered(draft, timer.detail["number"])
    rewards.grant(draft, rule, str(timer.detail["number"]))
    line = draft.trace["rewards"][0]
    if not line["ok"]:
        return draft.no(line["reason"])
    early.recall(draft)
    return draft.yes("rewarded")


def _over(draft: Draft, rule: Rule) -> str:
    """Why there is no further anniversary of the referral, or ''."""
    referral, now = draft.referral, draft.event.occurred_at
    assert referral
    if draft.state.stopped.get(draft.program.id) in ("settling", "ended"):
        return "program_ended"
    if referral.state not in ASIDE and referral.state not in (STANDING if rule.since == "begun" else {"closed_won"}):
        return "wrong_state"
    if triggers.has_ended(draft, rule, referral, now):
        return "after_commission"
    if referral.value and draft.counter(referral.id, "refunded")[1] >= referral.value:
        return "deal_refunded"
    return ""


def again(draft: Draft, number: int) -> str:
    """The anniversary stood in line, and its turn has come. Gives why it is deserved no more, or ''."""
    referral = draft.referral
    assert referral
    _numbered(draft, number)
    paid_back = referral.value and draft.counter(referral.id, "refunded")[1] >= referral.value
    return "deal_refunded" if paid_back else ""


# Of a participant


def _since(draft: Draft, rule: Rule) -> str:
    """The counter that knows from when a participant's anniversaries are counted, in microseconds."""
    return f"since:{draft.program.key}:{rule.id}"


def _own(draft: Draft, person: str) -> str:
    """Whose timers they are: another program may have a rule of the same id about the same person."""
    return f"{draft.program.id}:{person}"


def start(draft: Draft) -> str:
    """The event may be the first of its type about the participant, from which a rule counts. Gives what came of that
    as a reason code, '' where it is not."""
    person, at = draft.participant_id, draft.event.occurred_at
    assert person
    made = ""
    for rule in draft.program.earning.get(ANNIVERSARY, ()):
        if rule.since == draft.event.type and not draft.counter(person, _since(draft, rule))[0]:
            made = draft.stopped(begun=False) or "anniversaries_begun"
            if made == "anniversaries_begun":
                draft.count(person, _since(draft, rule), 1, (at - _EPOCH) // _MICROSECOND)
                _set(draft, rule, at, 1, _own(draft, person), {"person": person, "since": at.isoformat()})
    return made


def due(draft: Draft, timer: Timer) -> tuple[Rule | None, str]:
    """The rule of a participant's anniversary that has come, or the reason why it gives nothing; the next one is set.
    Where two became one, those of the one who stands for both count, if there are any."""
    detail, rule = timer.detail, draft.program.rules.get(timer.detail["rule"])
    draft.participant_id = draft.state.survivor(detail["person"]).id
    if rule is None or rule.on != ANNIVERSARY:
        return None, "superseded"
    if draft.state.stopped.get(draft.program.id) in ("settling", "ended"):
        return None, "program_ended"
    kept = {"person": detail["person"], "since": detail["since"]}
    _set(
        draft, rule, datetime.fromisoformat(detail["since"]), detail["number"] + 1, _own(draft, detail["person"]), kept
    )
    if draft.participant_id != detail["person"] and draft.counter(draft.participant_id, _since(draft, rule))[0]:
        return None, "superseded"
    _numbered(draft, detail["number"])
    return rule, ""
