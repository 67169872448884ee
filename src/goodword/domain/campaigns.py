"""Campaigns: what those that run at the moment of an event make of a rule's amount, and of the limits' room.

A campaign with a limit of its own changes nothing more once that is used up: the reward is what it would be
without it. What it added to a reward is kept with the reward, so that a rejected one gives it back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from goodword.domain.bounds import Campaign, Change, Limit
from goodword.domain.draft import Draft
from goodword.domain.rows import Reward
from goodword.domain.rules import Rule


def amount(draft: Draft, rule: Rule, amount: int, line: dict[str, Any]) -> int:
    """The rule's amount as running campaigns change it, by the program's word on overlap; `line` is the rule's
    trace, in which `campaigns` has what each of them added, and `campaign` their names."""
    if not draft.program.campaign_spans:
        return amount
    document = draft.program.document
    found: list[tuple[Campaign, int]] = []
    for campaign in _running(draft):
        change = campaign.rewards.get(rule.id)
        if change is None or (campaign.when and draft.check(campaign.id, campaign.when)):
            continue
        before = found[-1][1] if found and document.overlap == "all" else amount
        changed = _within(draft, campaign, rule, before, _changed(change, before))
        if changed is None:
            continue
        found.append((campaign, changed))
        if document.overlap == "first":
            break
    if not found:
        return amount
    if document.overlap == "best":
        found = [max(found, key=lambda one: one[1])]
    so_far = amount
    for campaign, changed in found:
        line.setdefault("campaigns", {})[campaign.id] = changed - so_far
        so_far = changed
    line["campaign"] = ", ".join(campaign.name or campaign.id.replace("-", " ") for campaign, _ in found)
    return so_far


def _running(draft: Draft) -> Iterator[Campaign]:
    """The campaigns whose days the event's moment is in, in the order of the document."""
    for campaign, start, end in draft.program.campaign_spans:
        if start <= draft.event.occurred_at < end:
            yield campaign


def _changed(change: Change, amount: int) -> int:
    if change.set is not None:
        return change.set
    if change.multiply is not None:
        amount = int((amount * Decimal(str(change.multiply))).to_integral_value(ROUND_HALF_EVEN))
    return amount + (change.add or 0)


def _within(draft: Draft, campaign: Campaign, rule: Rule, before: int, after: int) -> int | None:
    """The changed amount as far as the campaign's own limit goes; None where nothing of that is left."""
    limit = campaign.limit
    if limit is None:
        return after
    number, used = draft.counter(draft.program.id, counter(draft.program.key, campaign.id))
    if limit.count is not None:
        return after if number < limit.count else None
    if (rule.give.unit or draft.program.document.currency) != (limit.unit or draft.program.document.currency):
        return after
    left = (limit.budget or 0) - used
    if after > before and left <= 0:
        return None
    return min(after, before + left) if after > before else after


def counter(key: str, campaign: str) -> str:
    """The name of the program's counter of what a campaign with a limit of its own changed, and by how much."""
    return f"campaign:{key}:{campaign}"


def count(draft: Draft, reward: Reward, sign: int) -> None:
    """Takes, or gives back, what campaigns with a limit of their own added to the reward."""
    if "campaigns" not in reward.gift:
        return
    program = draft.state.versions[reward.version_id]
    own = {campaign.id: campaign.limit for campaign in program.document.campaigns}
    for id, added in reward.gift["campaigns"].items():
        if limit := own[id]:
            counts = reward.unit == (limit.unit or program.document.currency)
            draft.count(program.id, counter(program.key, id), sign, sign * max(0, added) if counts else 0)


def more_room(draft: Draft, limit: Limit) -> int:
    """How much more the limit allows while campaigns run that extend it."""
    return sum(
        campaign.extend[limit.id]
        for campaign in _running(draft)
        if limit.id in campaign.extend and not (campaign.when and draft.check(campaign.id, campaign.when))
    )


def next_extension(draft: Draft, limit: Limit, before: datetime) -> datetime:
    """When the next campaign begins that extends the limit, or the other moment where that is sooner."""
    starts = (start for campaign, start, _ in draft.program.campaign_spans if limit.id in campaign.extend)
    return min([before, *(start for start in starts if start > draft.event.occurred_at)])
