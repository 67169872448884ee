"""Caps and budgets: what they leave of a reward, and the places that rewards take in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from goodword.domain import calendar, places, timers
from goodword.domain.document import Limit, Rule
from goodword.domain.draft import Draft
from goodword.domain.program import Bound, Program
from goodword.domain.state import Referral, Reward


def leave(
    draft: Draft, rule: Rule, referral: Referral | None, amount: int | None, unit: str, line: dict[str, Any]
) -> tuple[int | None, str]:
    """The amount that the limits leave, and '' or the reason why there is none."""
    program, now = draft.program, draft.event.occurred_at
    for bound in program.limits_on[rule.id]:
        limit = bound.limit
        subject = _subject(draft, limit, referral)
        number, used = draft.counter(subject, _counter_name(program, bound, now))
        money_counts = amount is not None and unit == program.document.currency
        if limit.count is not None and number < limit.count:
            continue
        if limit.budget is not None and (not money_counts or used + (amount or 0) <= limit.budget):
            continue
        line["limit"] = {
            "per": limit.per,
            "period": limit.every,
            "used": number if limit.count is not None else used,
            "limit": limit.count if limit.count is not None else limit.budget,
            "unit": "" if limit.count is not None else unit,
        }
        left = (limit.budget or 0) - used
        if limit.when_reached == "partial" and left > 0:
            amount = left
            continue
        if limit.when_reached == "waitlist":
            draft.effects.append(timers.waitlist(draft, limit, rule))
            return None, "waitlisted"
        return None, "cap_reached"
    return amount, ""


def _subject(draft: Draft, limit: Limit, referral: Referral | None) -> str:
    if limit.per == "program":
        return draft.program.id
    if referral is None:
        return draft.subject_id
    if limit.per == "referred":
        return referral.referred_id
    return places.present_account(draft, referral) if limit.per == "account" else referral.referrer_id


def _counter_name(program: Program, bound: Bound, at: datetime) -> str:
    every = bound.limit.every
    return f"{bound.counter}:{calendar.period(at, every, program.zone).label if every else 'ever'}"


def count(draft: Draft, reward: Reward, referral: Referral | None, sign: int) -> None:
    """Takes, or gives back, the reward's place in every limit it counts against. Limits that differ only in how
    much they allow share one counter, which counts the reward once."""
    program = draft.state.versions[reward.version_id]
    amount = (reward.amount or 0) if reward.unit == program.document.currency else 0
    account = ""
    for bound in {bound.counter: bound for bound in program.limits_on[reward.rule]}.values():
        name = _counter_name(program, bound, reward.granted_at)
        if referral and bound.limit.per == "account":
            subject = account = account or places.account(draft, referral, reward.rule, sign)
        else:
            subject = _subject(draft, bound.limit, referral)
        draft.count(subject, name, sign, sign * amount)
