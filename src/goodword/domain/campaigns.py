"""Campaigns: what those that run at the moment of an event make of a rule's amount."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from goodword.domain.document import Rule
from goodword.domain.draft import Draft


def amount(draft: Draft, rule: Rule, amount: int, line: dict[str, Any]) -> int:
    """The rule's amount as running campaigns change it, in the order of the document; `line` is the rule's trace."""
    for campaign, start, end in draft.program.campaign_spans:
        change = campaign.rewards.get(rule.id)
        if change is None or not start <= draft.event.occurred_at < end:
            continue
        if campaign.when and draft.check(campaign.id, campaign.when):
            continue
        if change.multiply is not None:
            amount = int((amount * Decimal(str(change.multiply))).to_integral_value(ROUND_HALF_EVEN))
        amount += change.add or 0
        line.setdefault("campaigns", []).append(campaign.id)
    return amount
