"""Rewards for events: which of the events about a referral a rule pays for, and which end it.

A rule pays at most once for one event, under the event's own id, also where the event is told again. A rule about the
time after the win waits for the win: an event that comes before it is known is kept, and told again then.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from goodword.domain import early, rewards, waiting
from goodword.domain.calendar import Duration
from goodword.domain.draft import Draft
from goodword.domain.rows import OPEN, STANDING, Referral
from goodword.domain.rules import Rule

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def fire(draft: Draft) -> None:
    """Tries every rule that pays for the draft's event, ends those that it ends, and keeps it for those that wait
    for the win; the trace says what came of it."""
    referral = draft.referral
    assert referral
    released = rewards.released(draft) if draft.releases else "nothing_held"
    if released != "nothing_held":
        draft.trace["released"] = released or "recorded"
    waits = False
    wanted: list[Rule] = []
    for rule in draft.program.rules_hearing.get(draft.event.type, ()):
        if counts_from_win(rule) and referral.state in OPEN:
            waits = True
        elif draft.again and not counts_from_win(rule):
            continue  # it had its turn when the event was told first
        elif rule.on == draft.event.type:
            wanted += _inside(draft, rule, referral)
        else:
            _end(draft, rule, referral)
    if wanted:
        event = draft.fact.event if draft.fact else draft.event
        rewards.grant_each(draft, [(rule, event.id) for rule in wanted], waiting.basis_of(draft, event))
    if waits:
        early.keep(draft, referral.id)


def headline(draft: Draft, otherwise: str) -> str:
    """What the rules made of the event, as a reason code: a reward, that one ended, the first refusal, that it is
    kept; else the other reason."""
    if draft.event.type not in draft.program.rules_hearing and not draft.releases:
        return otherwise
    lines = draft.trace.get("rewards", [])
    if any(line["ok"] and "from" not in line for line in lines):
        return "rewarded"
    if otherwise != "reversed" and "ended" in draft.trace:
        return "commission_ended"
    if otherwise != "reversed" and "released" in draft.trace:
        return str(draft.trace["released"])
    refused = [line["reason"] for line in lines if not line["ok"]] if otherwise != "reversed" else [otherwise]
    return refused[0] if refused else "kept_for_later" if "kept" in draft.trace else otherwise


def counts_from_win(rule: Rule) -> bool:
    """Whether the rule is about the time after the referral was won."""
    return bool(rule.for_ or rule.from_month or rule.to_month or rule.until)


def _happened(draft: Draft) -> datetime:
    """When the draft's event happened, also where it is told again later."""
    return draft.fact.event.occurred_at if draft.fact else draft.event.occurred_at


def _inside(draft: Draft, rule: Rule, referral: Referral) -> list[Rule]:
    """The rule, where the event happened when it pays; else why not is traced."""
    reason = _outside(draft, rule, referral) if counts_from_win(rule) else _stood(referral, _happened(draft))
    if reason:
        line: dict[str, Any] = {"rule": rule.id, "ok": False, "to": rule.to, "reason": reason}
        draft.trace.setdefault("rewards", []).append(line)
        return []
    return [rule]


def _stood(referral: Referral, at: datetime) -> str:
    """Why the referral did not stand at that moment, or ''."""
    if referral.state in STANDING:
        return ""
    ended = referral.closed_at if referral.state in ("expired", "closed_lost") else None
    return "" if ended and at < ended else "wrong_state"


def _outside(draft: Draft, rule: Rule, referral: Referral) -> str:
    """Why the event is outside the rule's time after the win, or ''."""
    if referral.state != "closed_won":
        return "wrong_state"
    won_at, now, zone = referral.closed_at, _happened(draft), draft.program.zone
    assert won_at
    if now < _months_after(won_at, (rule.from_month or 1) - 1, zone):
        return "before_commission"
    if rule.for_ and now >= rule.for_.after(won_at, zone):
        return "after_commission"
    if rule.to_month and now >= _months_after(won_at, rule.to_month, zone):
        return "after_commission"
    return "after_commission" if has_ended(draft, rule, referral, now) else ""


def has_ended(draft: Draft, rule: Rule, referral: Referral, now: datetime) -> bool:
    """Whether an event ended the rule for the referral by that moment."""
    ended, at = draft.counter(referral.id, _ended(rule))
    return bool(ended) and _microseconds(now) >= at


def _months_after(moment: datetime, months: int, zone: str) -> datetime:
    return Duration(months=months).after(moment, zone) if months else moment


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _ended(rule: Rule) -> str:
    """The counter that knows from when on the rule pays no more, in microseconds."""
    return f"ended:{rule.id}"


def _end(draft: Draft, rule: Rule, referral: Referral) -> None:
    """Notes the first moment after the win from which the rule pays no more."""
    now = _happened(draft)
    if referral.state != "closed_won" or not referral.closed_at or now < referral.closed_at:
        return
    ended, before = draft.counter(referral.id, _ended(rule))
    if not ended or _microseconds(now) < before:
        draft.count(referral.id, _ended(rule), 1, _microseconds(now) - before)
        draft.trace.setdefault("ended", []).append(rule.id)
