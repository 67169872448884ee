"""Which tier a referrer holds, and what it is worth."""

from __future__ import annotations

from collections.abc import Mapping

from goodword.domain.document import ByTier, Share, Tier
from goodword.domain.draft import Draft
from goodword.domain.program import Program

_METRIC = {"submitted_referrals": 0, "qualified_referrals": 1, "closed_won_referrals": 2}


def amount(program: Program, tier: Tier | None, given: ByTier) -> int | Share | None:
    """The tier's amount or percentage; a tier that is not named has that of the nearest named one below it."""
    if tier is None:
        return None
    reached = program.document.tiers[: program.document.tiers.index(tier) + 1]
    return next((given.by_tier[held.id] for held in reversed(reached) if held.id in given.by_tier), None)


def tier_of(draft: Draft) -> tuple[Tier | None, int]:
    """The highest tier the referrer holds as the draft stands, and the count that decided.

    Counts the referrer's referrals in the program that reached the tier's metric within its window
    before the event, this referral included.
    """
    referral = draft.referral
    whose = referral.referrer_id if referral else draft.subject_id
    reached = dict(draft.state.progress.get((draft.program.id, whose), {}))
    if referral:
        won_at = referral.closed_at if referral.state == "closed_won" else None
        reached[referral.id] = (referral.submitted_at, referral.qualified_at, won_at)
    now = draft.event.occurred_at
    held: dict[str, Tier] = {}
    count = 0
    best: Tier | None = None
    for tier in draft.program.document.tiers:
        since = tier.window.before(now, draft.program.zone) if tier.window else None
        index = _METRIC[tier.metric]
        count = sum(
            1
            for moments in reached.values()
            if (moment := moments[index]) and moment <= now and (since is None or moment > since)
        )
        if count >= tier.from_:
            held[tier.id] = tier
    for tier in draft.program.document.tiers:
        if tier.id in held and _prerequisites_held(tier, held):
            best = tier
    return best, count


def _prerequisites_held(tier: Tier, held: Mapping[str, Tier]) -> bool:
    needed = tier.after
    while needed:
        if needed not in held:
            return False
        needed = held[needed].after
    return True
