"""Whose turn it is: of the events that could earn a reward, those that a rule counts out."""

from __future__ import annotations

from goodword.domain.draft import Draft
from goodword.domain.fields import REACHED
from goodword.domain.rules import Rule


def taken(draft: Draft, rule: Rule) -> bool:
    """Counts an event that could earn the reward, by rule and subject; tiers by who reached them. Gives whether the
    rule pays for this one."""
    if not counts(rule) or draft.turn:
        return True  # what stood in line was counted when it joined
    who = subject(draft, rule)
    draft.count(who, name(rule), 1, 0)
    number = draft.counter(who, name(rule))[0]
    return (
        (rule.nth is None or number == rule.nth)
        and (rule.first is None or number <= rule.first)
        and (rule.every is None or number % rule.every == 0)
    )


def counts(rule: Rule) -> bool:
    """Whether the rule counts events at all."""
    return not (rule.nth is None and rule.first is None and rule.every is None)


def subject(draft: Draft, rule: Rule) -> str:
    """By whom or what they are counted."""
    of_tiers = rule.on == REACHED and draft.referral
    return draft.referral.referrer_id if of_tiers and draft.referral else draft.subject_id


def name(rule: Rule) -> str:
    """The counter of them."""
    return f"fired:{rule.id}"
