"""Whose turn it is: of the events that could earn a reward, those that a rule counts out."""

from __future__ import annotations

from goodword.domain.draft import Draft
from goodword.domain.fields import REACHED
from goodword.domain.rules import Rule


def taken(draft: Draft, rule: Rule) -> bool:
    """Counts an event that could earn the reward, by rule and subject; tiers by who reached them. Gives whether the
    rule pays for this one."""
    if rule.nth is None and rule.first is None and rule.every is None:
        return True
    name = f"fired:{rule.id}"
    of_tiers = rule.on == REACHED and draft.referral
    subject = draft.referral.referrer_id if of_tiers and draft.referral else draft.subject_id
    draft.count(subject, name, 1, 0)
    number = draft.counter(subject, name)[0]
    return (
        (rule.nth is None or number == rule.nth)
        and (rule.first is None or number <= rule.first)
        and (rule.every is None or number % rule.every == 0)
    )
