"""Whose turn it is: of the events that could earn a reward, those that a rule counts out."""

from __future__ import annotations

from goodword.domain.draft import Draft
from goodword.domain.fields import REACHED
from goodword.domain.rules import Rule

FIRED = "fired:"
"""Counters of a referral or participant: how many events could have earned a reward."""


def taken(draft: Draft, rule: Rule) -> bool:
    """Counts an event that could earn the reward, by rule: those about a referral by it, others by who would get it.
    Gives whether the rule pays for this one."""
    if not counts(rule) or draft.turn:
        return True  # what stood in line was counted when it joined
    who = subject(draft, rule)
    draft.count(who, name(draft, rule), 1, 0)
    number = draft.counter(who, name(draft, rule))[0]
    return (
        (rule.nth is None or number == rule.nth)
        and (rule.first is None or number <= rule.first)
        and (rule.every is None or number % rule.every == 0)
    )


def counts(rule: Rule) -> bool:
    """Whether the rule counts events at all."""
    return not (rule.nth is None and rule.first is None and rule.every is None)


def subject(draft: Draft, rule: Rule) -> str:
    """By whom or what they are counted: by the referral, tiers by who reached them; without a referral by the
    participant, whichever orders the events name."""
    referral = draft.referral
    if referral:
        return referral.referrer_id if rule.on == REACHED else referral.id
    assert draft.participant_id
    return draft.participant_id


def name(draft: Draft, rule: Rule) -> str:
    """The counter of them. Of a participant, who may earn in several programs, it names the program."""
    of_referral = draft.referral is not None and rule.on != REACHED
    return f"{FIRED}{rule.id}" if of_referral else f"{FIRED}{draft.program.key}:{rule.id}"
