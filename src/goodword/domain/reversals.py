"""Taking rewards back, when an order is refunded or whatever else a rule names."""

from __future__ import annotations

from goodword.domain import debts, early, ledger, money, rewards, timers, values, waiting
from goodword.domain.draft import Draft
from goodword.domain.fields import OF_REFERRALS
from goodword.domain.rows import DropTimer, Referral, Reward
from goodword.domain.rules import Reverse, Rule

_STANDING = ("pending", "approved", "issued", "redeemed")
"""States of a reward in which something of it can be taken back."""


LET_PASS = ("outside_window", "condition_not_met", "condition_error")
"""Why a rule takes nothing for an event about its reward: a refund of this kind is none for it, then or later."""


def _stands(reward: Reward) -> bool:
    """Whether something of it can be taken back: of one that lapsed, what had paid a debt by then."""
    return reward.state in _STANDING or (reward.state == "expired" and bool(ledger.netted(reward)))


def reverse_all(draft: Draft) -> str:
    """Takes back what the event lets be taken back of the referral's rewards.

    Gives '' where something was, else the reason why not. For `proportional` rules the part is
    cumulative: after all refunds so far, `amount * refunded / value` rounded half to even is taken, so
    that a full refund takes exactly the whole in however many parts it came.
    """
    referral = draft.referral
    assert referral
    given_back = 0
    if (
        early.counts_towards_refund(draft, referral)
        and early.is_about_order(draft.event, referral)
        and early.is_about(draft.event, referral, referral.closed_at or draft.event.occurred_at)
    ):
        given_back = values.count_refund(draft, referral)
    looked: list[tuple[Reward, str]] = []
    paid: list[tuple[Rule, str]] = []
    order = {id: place for place, id in reversed(list(enumerate(id for row in draft.versions for id in row.rules)))}
    given = sorted(draft.rewards(), key=lambda reward: (order[reward.rule], reward.granted_at, reward.id))
    for reward in given:
        rule = draft.state.versions[reward.version_id].rules[reward.rule]
        if not rule.reverse or draft.event.type not in rule.reverse.on or rule.reverse.how == "none":
            continue
        if rule.on in OF_REFERRALS and "imported" not in reward.basis:
            refused = _reverse(draft, reward, rule, referral)
            if refused in LET_PASS:
                values.spare(draft, referral, rule.id, reward.occurrence, given_back)
            looked.append((reward, refused))
        elif reward in _of_payment(draft, [row for row in given if row.rule == rule.id]):
            if waiting.heard(draft, rule, reward.occurrence):
                continue
            looked.append((reward, _reverse_payment(draft, reward, rule)))
            paid.append((rule, reward.occurrence))
    waits = early.note_waiting(draft, paid, given_back)
    kept = early.keep_reversal(draft, referral)
    if kept:
        waiting.hear(draft, paid)
    refused = left_alone(draft, looked, "nothing_to_reverse")
    return "kept_for_later" if refused and (kept or waits) else refused


def left_alone(draft: Draft, looked: list[tuple[Reward, str]], nothing: str) -> str:
    """Of rewards that were looked at, each with '' or the reason why nothing was taken back of it: '' where something
    was, else the first reason, or the one for nothing to look at. The trace says which stay as they are, and how they
    stand."""
    reasons = [reason for _, reason in looked]
    if "" in reasons:
        return ""
    draft.trace["reversal"] = [
        {"rule": row.rule, "reward": row.id, "stands": row.state, "reason": reason} for row, reason in looked
    ]
    return reasons[0] if reasons else nothing


def _reverse(draft: Draft, reward: Reward, rule: Rule, referral: Referral) -> str:
    reverse = rule.reverse
    assert reverse
    if not _stands(reward):
        return "nothing_to_reverse"
    if not reverse.when and not early.is_about_order(draft.event, referral):
        return "nothing_to_reverse"
    if not early.is_about(draft.event, referral, reward.granted_at):
        return "nothing_to_reverse"
    if refused := _refused(draft, reward, reverse):
        return refused
    whole = (reward.amount or 0) - reward.reversed
    part = whole
    if reverse.how == "proportional" and values.without_rate(draft, referral):
        return "no_exchange_rate"
    if reverse.how == "proportional" and referral.value and early.counts_towards_refund(draft, referral):
        refunded = values.counted_refunds(draft, referral, rule.id, reward.occurrence)
        part = money.share(reward.amount or 0, refunded, referral.value) - reward.reversed
        if reward.amount is None and refunded < referral.value:
            return "nothing_to_reverse"
    if part <= 0 and reward.amount:
        return "nothing_to_reverse"
    _take(draft, reward, part)
    return ""


def _refused(draft: Draft, reward: Reward, reverse: Reverse) -> str:
    """Why the rule takes nothing back here, or ''."""
    now = max(draft.event.occurred_at, reward.granted_at)
    if reverse.within and now >= reverse.within.after(reward.granted_at, draft.state.versions[reward.version_id].zone):
        return "outside_window"
    if reverse.when and (failed_check := draft.check(reward.rule, reverse.when)):
        return failed_check if failed_check == "condition_error" else "condition_not_met"
    return ""


def _of_payment(draft: Draft, given: list[Reward]) -> list[Reward]:
    """Of one rule's rewards for events, those that the event is about: of the order that it names; else, for a
    refund, of the latest payment before it that has no name, or of any where the refund has none; else all."""
    order_id = draft.event.properties.get("order_id")
    named = [reward for reward in given if order_id and reward.basis.get("order_id") == order_id]
    if named or (draft.event.type != "order.refunded" and not order_id):
        return named or given
    unnamed = [
        reward
        for reward in given
        if _stands(reward)
        and reward.granted_at <= draft.event.occurred_at
        and not (order_id and reward.basis.get("order_id"))
    ]
    return unnamed[-1:]


def _reverse_payment(draft: Draft, reward: Reward, rule: Rule) -> str:
    """Takes back a reward for an event; `proportional` to what was refunded of that payment, all refunds of it taken
    together, where its value is known and the refund is in its currency."""
    assert rule.reverse
    if not _stands(reward):
        return "nothing_to_reverse"
    if refused := _refused(draft, reward, rule.reverse):
        return refused
    whole = (reward.amount or 0) - reward.reversed
    basis, told = reward.basis, draft.event.properties
    value, back = basis.get("value"), told.get("value")
    if "imported" in basis and rule.reverse.how == "proportional" and not value:
        return "no_value"
    if rule.reverse.how != "proportional" or not value or type(back) is not int:
        _take(draft, reward, whole)
        return ""
    if told.get("currency") == basis.get("currency"):
        basis = {**basis, "refunded": basis.get("refunded", 0) + back}
    else:
        worth, given_back = waiting.worth_of(draft, basis), values.of_event(draft).amount
        if worth is None or given_back is None:
            return "no_exchange_rate"
        basis = {**basis, "refunded_worth": min(basis.get("refunded_worth", 0) + given_back, worth)}
    refunded = min(basis.get("refunded", 0) + waiting.in_its_currency(draft, basis), value)
    reward = reward._replace(basis=basis)
    part = money.share(reward.amount or 0, refunded, value) - reward.reversed
    if part > 0 or (refunded == value and reward.amount is None):
        _take(draft, reward, part)
        return ""
    draft.put_reward(reward)
    return "nothing_to_reverse"


def _take(draft: Draft, reward: Reward, part: int) -> None:
    """Takes a part of the reward back; with the last of it the reward ends."""
    now = max(draft.event.occurred_at, reward.granted_at)
    whole = (reward.amount or 0) - reward.reversed
    if reward.state == "pending":
        if part == whole:
            rewards.end(draft, reward, "cancelled", "refunded", "reverse", taken=whole)
        else:
            reduced = ledger.reduce(draft, reward, part)
            rewards.moved(draft, reward, reduced._replace(reversed=reward.reversed + part), "refunded")
        return
    after = debts.take_back(draft, reward, part, "reverse")._replace(reversed=reward.reversed + part)
    if part == whole:
        if reward.expires_at and reward.state == "issued":
            draft.effects.append(DropTimer(timers.expiry(draft, reward).id))
        after = after._replace(state="reversed", reason="refunded", ended_at=now)
    rewards.moved(draft, reward, after, "refunded")
