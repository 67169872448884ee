"""How much a rule gives: the gift's amount, as running campaigns change it."""

from __future__ import annotations

from typing import Any

from goodword.domain import campaigns, tiers
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
    return None if amount is None else campaigns.amount(draft, rule, amount, line)
