"""The overview's figures: the summary added up the way the page shows it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from goodword.insight.summary import RewardCount, Summary

REASONS = 50
"""How many reasons for "no" the page lists, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Share:
    """One line of a list with bars. `percent` is of the longest line, 1 to 100."""

    code: str
    count: int
    percent: int


@dataclass(frozen=True, slots=True)
class ProgramRewards:
    program: str
    lines: tuple[RewardCount, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """`simulated` tells how many of the referrals and rewards are made up; `granted` adds amounts by unit
    without what was rejected, cancelled or taken back."""

    referrals: int
    referrals_simulated: int
    won: int
    rewards: int
    rewards_simulated: int
    granted: tuple[tuple[str, int], ...]
    refused: int
    states: tuple[Share, ...]
    reasons: tuple[Share, ...]
    reasons_left: int
    rewards_by_program: tuple[ProgramRewards, ...]


STATE_ORDER = (
    "submitted",
    "qualified",
    "opportunity",
    "closed_won",
    "closed_lost",
    "nurture",
    "disqualified",
    "expired",
    "duplicate",
    "voided",
)
NOT_GRANTED = frozenset({"rejected", "cancelled", "waitlisted", "failed"})


def figures(numbers: Summary) -> Figures:
    """Add the summary up for the overview page."""
    states: Counter[str] = Counter()
    for referral in numbers.referrals:
        states[referral.state] += referral.count
    reasons: Counter[str] = Counter()
    for decision in numbers.decisions:
        if decision.outcome == "no":
            reasons[decision.reason] += decision.count
    granted: Counter[str] = Counter()
    by_program: dict[str, list[RewardCount]] = {}
    for reward in numbers.rewards:
        by_program.setdefault(reward.program, []).append(reward)
        if reward.amount is not None and reward.state not in NOT_GRANTED:
            granted[reward.unit] += reward.amount - reward.reversed
    order = {state: number for number, state in enumerate(STATE_ORDER)}
    return Figures(
        referrals=states.total(),
        referrals_simulated=sum(line.simulated for line in numbers.referrals),
        won=states["closed_won"],
        rewards=sum(line.count for line in numbers.rewards),
        rewards_simulated=sum(line.simulated for line in numbers.rewards),
        granted=tuple(sorted(granted.items())),
        refused=reasons.total(),
        states=_shares(sorted(states.items(), key=lambda item: order.get(item[0], len(order)))),
        reasons=_shares(reasons.most_common(REASONS)),
        reasons_left=max(0, len(reasons) - REASONS),
        rewards_by_program=tuple(ProgramRewards(key, tuple(lines)) for key, lines in by_program.items()),
    )


def _shares(lines: list[tuple[str, int]]) -> tuple[Share, ...]:
    longest = max((count for _code, count in lines), default=0)
    return tuple(Share(code, count, max(1, round(100 * count / longest))) for code, count in lines)
