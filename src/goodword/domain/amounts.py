"""How much a rule gives: the gift's amount, as running campaigns change it."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from goodword.domain import tiers
from goodword.domain.document import ByTier, Rule
from goodword.domain.draft import Draft


def amount_of(draft: Draft, rule: Rule, line: dict[str, Any]) -> int | None:
    """The gift's amount: fixed or by tier, then as running campaigns change it."""
    given = rule.give.amount
    if isinstance(given, ByTier):
        tier, reached = tiers.tier_of(draft)
        line["tier_count"] = reached
        amount = tiers.amount(draft.program, tier, given)
        if tier is None or amount is None:
            line["reason"] = "no_tier"
            return None
        line["tier"] = tier.id
    else:
        amount = given
    if amount is None:
        return None
    for campaign, start, end in draft.program.campaign_spans:
        change = campaign.rewards.get(rule.id)
        if change is None or not start <= draft.event.occurred_at < end:
            continue
        if campaign.when and draft.check(campaign.id, campaign.when):
            continue
        if change.multiply is not None:
            amount = int((amount * Decimal(str(change.multiply))).to_integral_value(ROUND_HALF_EVEN))
        amount += change.add or 0
        line["campaign"] = campaign.id
    return amount
