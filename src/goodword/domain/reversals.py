"""Taking rewards back, when an order is refunded or whatever else a rule names."""

from __future__ import annotations

from goodword.domain import early, ledger, money, rewards, timers, values
from goodword.domain.document import Rule
from goodword.domain.draft import Draft
from goodword.domain.state import DropTimer, Referral, Reward


def reverse_all(draft: Draft) -> str:
    """Takes back what the event lets be taken back of the referral's rewards.

    Gives '' where something was, else the reason why not. For `proportional` rules the part is
    cumulative: after all refunds so far, `amount * refunded / value` rounded half to even is taken, so
    that a full refund takes exactly the whole in however many parts it came.
    """
    referral = draft.referral
    assert referral
    if (
        early.counts_towards_refund(draft, referral)
        and early.is_about_order(draft.event, referral)
        and early.is_about(draft.event, referral, referral.closed_at or draft.event.occurred_at)
    ):
        values.count_refund(draft, referral)
    reasons: list[str] = []
    order = list(draft.program.rules)
    for reward in sorted(draft.rewards(), key=lambda reward: order.index(reward.rule)):
        rule = draft.state.versions[reward.version_id].rules[reward.rule]
        if rule.reverse and draft.event.type in rule.reverse.on and rule.reverse.how != "none":
            reasons.append(_reverse(draft, reward, rule, referral))
    waits = early.note_waiting(draft)
    kept = early.keep_reversal(draft, referral)
    if "" in reasons:
        return ""
    if kept or waits:
        return "kept_for_later"
    return reasons[0] if reasons else "nothing_to_reverse"


def _reverse(draft: Draft, reward: Reward, rule: Rule, referral: Referral) -> str:
    reverse = rule.reverse
    assert reverse
    if reward.state not in ("pending", "approved", "issued", "redeemed"):
        return "nothing_to_reverse"
    if not reverse.when and not early.is_about_order(draft.event, referral):
        return "nothing_to_reverse"
    if not early.is_about(draft.event, referral, reward.granted_at):
        return "nothing_to_reverse"
    now = max(draft.event.occurred_at, reward.granted_at)
    if reverse.within and now >= reverse.within.after(reward.granted_at, draft.program.zone):
        return "outside_window"
    if reverse.when and (failed_check := draft.check(reward.rule, reverse.when)):
        return failed_check if failed_check == "condition_error" else "condition_not_met"
    whole = (reward.amount or 0) - reward.reversed
    part = whole
    if reverse.how == "proportional" and referral.value and early.counts_towards_refund(draft, referral):
        refunded = min(draft.counter(referral.id, "refunded")[1], referral.value)
        part = money.share(reward.amount or 0, refunded, referral.value) - reward.reversed
        if reward.amount is None and refunded < referral.value:
            return "nothing_to_reverse"
    if part <= 0 and reward.amount:
        return "nothing_to_reverse"
    if reward.state == "pending":
        if part == whole:
            rewards.end(draft, reward, "cancelled", "refunded", "reverse", taken=whole)
        else:
            reduced = ledger.reduce(draft, reward, part)
            rewards.moved(draft, reward, reduced._replace(reversed=reward.reversed + part), "refunded")
        return ""
    ledger.take_back(draft, reward, part, "reverse")
    after = reward._replace(reversed=reward.reversed + part)
    if part == whole:
        if reward.expires_at and reward.state == "issued":
            draft.effects.append(DropTimer(timers.expiry(draft, reward).id))
        after = after._replace(state="reversed", reason="refunded", ended_at=now)
    rewards.moved(draft, reward, after, "refunded")
    return ""
