"""One simulated deal from submission to payment: what sales, finance and the new customer do, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from goodword.ops.demo.facts import Dice, Fact, simulated

DAY = timedelta(days=1)
HOLD = 30 * DAY
"""The hold of the programme's reward for a closed deal: finance pays after it."""
APPROVAL_FROM = 6
"""From so many qualified referrals on, the reward for a closed deal is large enough to need finance."""


@dataclass(frozen=True, slots=True)
class Deal:
    """A submission that sales will work on."""

    referral: str
    submitted: datetime
    email: str


def life(deal: Deal, dice: Dice, qualified_before: list[datetime]) -> Iterator[Fact]:
    """The events of one deal. `qualified_before` are the moments at which the same referrer's earlier
    referrals qualified; this one's is added."""
    ref = deal.referral
    at = deal.submitted + dice.between(DAY, 10 * DAY)
    if dice.chance(0.15):
        if dice.chance(0.5):
            yield _moved("referral.disqualified", "disqualify", deal, at, reason=dice.pick(("no_budget", "no_need")))
        return  # the others are never answered, and expire
    if dice.chance(0.93):
        yield _moved("referral.qualified", "qualify", deal, at)
        qualified_before.append(at)
        yield _reward("reward.issued", "issue-qualified", ref, at + dice.between(2 * DAY, 6 * DAY), "qualified")
        if dice.chance(0.05):
            yield _moved("referral.qualified", "qualify-twice", deal, at + timedelta(hours=3))
    at += dice.between(3 * DAY, 20 * DAY)
    if dice.chance(0.12):
        return
    yield _moved("crm.deal_opened", "open", deal, at)
    at += dice.between(10 * DAY, 60 * DAY)
    if dice.chance(0.28):
        yield from _lost(deal, dice, at)
    elif dice.chance(0.85):
        yield from _won(deal, dice, at, qualified_before)


def _lost(deal: Deal, dice: Dice, at: datetime) -> Iterator[Fact]:
    reason = dice.pick(("price", "competitor", "no_decision"))
    yield _moved("crm.deal_lost", "lose", deal, at, reason=reason)
    if dice.chance(0.15):
        yield _moved("crm.deal_lost", "lose-twice", deal, at + DAY, reason=reason)
    if dice.chance(0.10):
        yield _moved("crm.deal_opened", "reopen", deal, at + 20 * DAY)


def _won(deal: Deal, dice: Dice, at: datetime, qualified_before: list[datetime]) -> Iterator[Fact]:
    ref = deal.referral
    value = 500_000 + dice.below(75_000) * 100
    yield _moved("crm.deal_won", "win", deal, at, value=value, currency="USD")
    if dice.chance(0.05):
        yield _moved("crm.deal_won", "win-twice", deal, at + DAY, value=value, currency="USD")
    yield _reward("reward.issued", "issue-welcome", ref, at + DAY, "welcome")
    if dice.chance(0.4):
        yield _reward("reward.redeemed", "redeem-welcome", ref, at + dice.between(5 * DAY, 60 * DAY), "welcome")
    is_large = sum(moment <= at for moment in qualified_before) >= APPROVAL_FROM
    if is_large or dice.chance(0.05):
        decided = at + dice.between(DAY, 36 * DAY)
        if dice.chance(0.12):
            reason = dice.pick(("budget", "own_lead"))
            yield _reward("reward.rejected", "reject-closed", ref, decided, "closed", by="finance", reason=reason)
        else:
            yield _reward("reward.approved", "approve-closed", ref, decided, "closed", by="finance")
    paid = at + HOLD + dice.between(7 * DAY, 14 * DAY)
    if dice.chance(0.06):
        yield _reward("reward.failed", "fail-closed", ref, paid, "closed", reason="bank_details")
    else:
        yield _reward("reward.issued", "issue-closed", ref, paid, "closed")
    yield from _regret(deal, dice, at, value)


def _regret(deal: Deal, dice: Dice, won: datetime, value: int) -> Iterator[Fact]:
    """Some new customers want money back, in part or twice, or cancel: before payment, after it, too late."""
    at = won + dice.between(5 * DAY, 110 * DAY)
    person = {"email": deal.email}
    if dice.chance(0.20):
        for part in range(1 + dice.below(2)):
            yield simulated(
                "order.refunded",
                f"refund-{deal.referral}-{part + 1}",
                at + part * 5 * DAY,
                participant=person,
                value=value * (20 + dice.below(60)) // 100,
                currency="USD",
            )
    elif dice.chance(0.10):
        yield simulated("subscription.cancelled", f"cancel-{deal.referral}", at, participant=person, plan="business")


def _moved(kind: str, word: str, deal: Deal, at: datetime, **properties: object) -> Fact:
    return simulated(kind, f"{word}-{deal.referral}", at, referral=deal.referral, **properties)


def _reward(kind: str, word: str, referral: str, at: datetime, rule: str, **properties: object) -> Fact:
    return simulated(kind, f"{word}-{referral}", at, referral=referral, rule=rule, **properties)
