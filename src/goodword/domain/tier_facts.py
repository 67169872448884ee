"""Reaching or losing a tier of a loyalty programme is a fact: traced, told to the world, and a trigger of rules.

In a programme with referrals reaching one is, where a rule is on it: what a referral made of its referrer.
"""

from __future__ import annotations

from dataclasses import replace

from goodword.domain import ids, rewards, tiers
from goodword.domain.document import Tier
from goodword.domain.draft import Decision, Draft
from goodword.domain.fields import REACHED
from goodword.domain.rows import Timer
from goodword.domain.rules import Rule

REVIEWED = "tier.reviewed"
"""The timer that rings when a period ends in which somebody's tier was counted."""


def moved(draft: Draft, before: Tier | None) -> None:
    """Compares the tier before the event with the one after it. Each tier that was reached pays its rules, once in
    each of its periods."""
    after, count = tiers.tier_of(draft)
    low, high = tiers.rank(draft.program, before), tiers.rank(draft.program, after)
    if low == high:
        return
    _tell(draft, before, after, count)
    if high > low:
        _review_later(draft)
        for tier in draft.program.document.tiers[low:high]:
            _pay(draft, tier)


def review(draft: Draft, timer: Timer) -> Decision:
    """A period ended: says whether a tier was lost with it, and is set again while one is held."""
    person = draft.state.survivor(timer.detail["person"])
    draft.participant_id = person.id
    before, _ = tiers.tier_of(draft, tiers.before(timer.due_at))
    after, count = tiers.tier_of(draft)
    if after:
        _review_later(draft)
    if tiers.rank(draft.program, after) >= tiers.rank(draft.program, before):
        return draft.no("tier_kept")
    _tell(draft, before, after, count)
    return draft.yes("tier_lost")


def _review_later(draft: Draft) -> None:
    due_at = tiers.period_end(draft)
    if due_at:
        parts = (draft.state.workspace_id, "timer", REVIEWED, draft.program.id, draft.participant_id or "")
        id = ids.derive(due_at, *parts)
        draft.effects.append(
            Timer(id, REVIEWED, due_at, draft.program.id, None, None, {"person": draft.participant_id})
        )


def _tell(draft: Draft, before: Tier | None, after: Tier | None, count: int) -> None:
    who = draft.referral.referrer_id if draft.referral else draft.participant_id
    assert who
    change = {"from": before.id if before else None, "to": after.id if after else None, "count": count}
    draft.trace["tier"] = change
    rises = tiers.rank(draft.program, after) > tiers.rank(draft.program, before)
    payload = {
        "participant": ids.public("par", who),
        "program": draft.program.key,
        **change,
        "perks": after.perks if after else [],
    }
    draft.notify(REACHED if rises else "tier.lost", f"{draft.program.id}:{who}", payload)


def _pay(draft: Draft, tier: Tier) -> None:
    """The rules of a tier that was reached. A count that falls by a refund and rises again pays nothing twice."""
    assert draft.participant_id
    if tiers.was_paid(draft, draft.participant_id, tier):
        return
    tiers.note_paid(draft, draft.participant_id, tier)
    order_id, draft.order_id = draft.order_id, None
    draft.reached = tier.id
    for rule in _rules(draft, tier):
        rewards.grant(draft, rule, f"{tier.id}:{draft.event.id}")
    draft.reached, draft.order_id = "", order_id


def _rules(draft: Draft, tier: Tier) -> list[Rule]:
    return [rule for rule in draft.program.earning.get(REACHED, ()) if rule.tier in (None, tier.id)]


# Of those who refer


def held(draft: Draft, referrer_id: str) -> Tier | None:
    """The tier the referrer holds before the draft's event, where a rule asks for what they reach."""
    if REACHED not in draft.program.earning:
        return None
    return tiers.tier_of(replace(draft, referral=None, participant_id=referrer_id))[0]


def risen(draft: Draft, before: Tier | None) -> None:
    """The referral moved: each tier that its referrer reached by that pays its rules, for this referral."""
    if REACHED not in draft.program.earning:
        return
    referral = draft.referral
    assert referral
    after, count = tiers.tier_of(draft)
    low, high = tiers.rank(draft.program, before), tiers.rank(draft.program, after)
    if low >= high:
        return
    _tell(draft, before, after, count)
    for tier in draft.program.document.tiers[low:high]:
        if not tiers.was_paid(draft, referral.referrer_id, tier):
            tiers.note_paid(draft, referral.referrer_id, tier)
            draft.reached = tier.id
            rewards.grant_each(draft, [(rule, tier.id) for rule in _rules(draft, tier)])
            draft.reached = ""
