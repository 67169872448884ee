"""Rewards: whether a rule pays, how much, under which limits, and what becomes of it afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from goodword.domain import calendar, early, handover, ids, ledger, money, places
from goodword.domain.document import ByTier, Limit, Rule, Tier
from goodword.domain.draft import Draft
from goodword.domain.program import Bound, Program
from goodword.domain.state import DropTimer, Referral, Reward, Timer

_METRIC = {"submitted_referrals": 0, "qualified_referrals": 1, "closed_won_referrals": 2}


def grant_all(draft: Draft, state: str) -> None:
    """Tries every rule that a referral's arrival in `state` triggers."""
    for rule in draft.program.rules_on[state]:
        grant(draft, rule)


def grant(draft: Draft, rule: Rule) -> None:
    """Tries one rule for the draft's referral, and traces why it paid or did not."""
    line: dict[str, Any] = {"rule": rule.id, "ok": False, "to": rule.to}
    draft.trace.setdefault("rewards", []).append(line)
    referral = draft.referral
    assert referral
    existing = next((reward for reward in draft.rewards() if reward.rule == rule.id), None)
    if existing:
        line.update(reason="already_granted", reward=existing.id)
        return
    if rule.when and (failed := draft.check(rule.id, rule.when)):
        line["reason"] = failed if failed == "condition_error" else "condition_not_met"
        return
    amount = _amount(draft, rule, referral, line)
    if "reason" in line:
        return
    taken = early.taken_while_waiting(draft, rule, referral, amount)
    if taken is None:
        line["reason"] = "reversed_while_waiting"
        return
    unit = (rule.give.unit or draft.program.document.currency) if amount is not None else ""
    receiver_id = referral.referrer_id if rule.to == "referrer" else referral.referred_id
    amount, stopped = _within_limits(draft, rule, referral, amount, unit, line)
    if stopped:
        line["reason"] = stopped
        return
    reward = _new_reward(draft, rule, referral, receiver_id, amount, unit, min(taken, amount or 0))
    _count(draft, reward, referral, 1)
    reward = ledger.grant(draft, reward)
    draft.put_reward(reward)
    if reward.hold_until:
        draft.effects.append(_hold_timer(draft, reward))
    _tell(draft, reward)
    line.update(ok=True, reward=reward.id)
    if amount is not None:
        line.update(amount=amount - reward.reversed, unit=unit)
    if reward.reversed:
        line["reversed"] = reward.reversed
    if reward.hold_until:
        line["hold_until"] = reward.hold_until.isoformat()
    if reward.needs_approval:
        line["approval"] = reward.needs_approval


def _amount(draft: Draft, rule: Rule, referral: Referral, line: dict[str, Any]) -> int | None:
    """The gift's amount: fixed or by tier, then as running campaigns change it."""
    given = rule.give.amount
    if isinstance(given, ByTier):
        tier, reached = tier_of(draft, referral)
        line["tier_count"] = reached
        amount = _tier_amount(draft.program, tier, given)
        if tier is None or amount is None:
            line["reason"] = "no_tier"
            return None
        line["tier"] = tier.id
    else:
        amount = given
    if amount is None:
        return None
    for campaign, start, end in draft.program.campaign_spans:
        change = campaign.rewards.get(rule.id)
        if change is None or not start <= draft.event.occurred_at < end:
            continue
        if campaign.when and draft.check(campaign.id, campaign.when):
            continue
        if change.multiply is not None:
            amount = int((amount * Decimal(str(change.multiply))).to_integral_value(ROUND_HALF_EVEN))
        amount += change.add or 0
        line["campaign"] = campaign.id
    return amount


def _tier_amount(program: Program, tier: Tier | None, given: ByTier) -> int | None:
    """The tier's amount; a tier that is not named has that of the nearest named one below it."""
    if tier is None:
        return None
    reached = program.document.tiers[: program.document.tiers.index(tier) + 1]
    return next((given.by_tier[held.id] for held in reversed(reached) if held.id in given.by_tier), None)


def tier_of(draft: Draft, referral: Referral) -> tuple[Tier | None, int]:
    """The highest tier the referrer holds as the draft stands, and the count that decided.

    Counts the referrer's referrals in the program that reached the tier's metric within its window
    before the event, this referral included.
    """
    reached = dict(draft.state.progress.get((referral.program_id, referral.referrer_id), {}))
    won_at = referral.closed_at if referral.state == "closed_won" else None
    reached[referral.id] = (referral.submitted_at, referral.qualified_at, won_at)
    now = draft.event.occurred_at
    held: dict[str, Tier] = {}
    count = 0
    best: Tier | None = None
    for tier in draft.program.document.tiers:
        since = tier.window.before(now, draft.program.zone) if tier.window else None
        index = _METRIC[tier.metric]
        count = sum(
            1
            for moments in reached.values()
            if (moment := moments[index]) and moment <= now and (since is None or moment > since)
        )
        if count >= tier.from_:
            held[tier.id] = tier
    for tier in draft.program.document.tiers:
        if tier.id in held and _prerequisites_held(tier, held):
            best = tier
    return best, count


def _prerequisites_held(tier: Tier, held: Mapping[str, Tier]) -> bool:
    needed = tier.after
    while needed:
        if needed not in held:
            return False
        needed = held[needed].after
    return True


def _new_reward(
    draft: Draft, rule: Rule, referral: Referral, receiver_id: str, amount: int | None, unit: str, taken: int
) -> Reward:
    program, now = draft.program, draft.event.occurred_at
    approval = rule.approval
    needs = ""
    if approval and (approval.above is None or (amount or 0) > approval.above):
        needs = approval.by
    hold_until = rule.hold.after(now, program.zone) if rule.hold else None
    promise = rule.promise
    country = program.document.calendar
    notify_by = promise.notify.after(now, program.zone, country) if promise and promise.notify else None
    fulfil_from = hold_until or now
    fulfil_by = promise.fulfil.after(fulfil_from, program.zone, country) if promise and promise.fulfil else None
    held = bool(hold_until or needs)
    return Reward(
        id=ids.derive(now, draft.state.workspace_id, "reward", program.id, referral.id, rule.id, "1"),
        program_id=program.id,
        version_id=program.version_id,
        rule=rule.id,
        subject_id=referral.id,
        occurrence="1",
        referral_id=referral.id,
        participant_id=receiver_id,
        gift=program.gifts[rule.id],
        amount=amount,
        unit=unit,
        reversed=taken,
        state="pending" if held else "approved",
        reason="",
        needs_approval=needs,
        hold_until=hold_until,
        pending_transfer_id=None,
        granted_at=now,
        approved_at=None if held else now,
        issued_at=None,
        ended_at=None,
        expires_at=None,
        notify_by=notify_by,
        fulfil_by=fulfil_by,
        simulated=referral.simulated,
    )


# Limits


def _within_limits(
    draft: Draft, rule: Rule, referral: Referral, amount: int | None, unit: str, line: dict[str, Any]
) -> tuple[int | None, str]:
    """The amount that the limits leave, and '' or the reason why there is none."""
    program, now = draft.program, draft.event.occurred_at
    for bound in program.limits_on[rule.id]:
        limit = bound.limit
        subject = _subject(draft, limit, referral)
        count, used = draft.counter(subject, _counter_name(program, bound, now))
        money_counts = amount is not None and unit == program.document.currency
        if limit.count is not None and count < limit.count:
            continue
        if limit.budget is not None and (not money_counts or used + (amount or 0) <= limit.budget):
            continue
        line["limit"] = {
            "per": limit.per,
            "period": limit.every,
            "used": count if limit.count is not None else used,
            "limit": limit.count if limit.count is not None else limit.budget,
            "unit": "" if limit.count is not None else unit,
        }
        left = (limit.budget or 0) - used
        if limit.when_reached == "partial" and left > 0:
            amount = left
            continue
        if limit.when_reached == "waitlist":
            draft.effects.append(_waitlist_timer(draft, limit, rule, referral))
            return None, "waitlisted"
        return None, "cap_reached"
    return amount, ""


def _subject(draft: Draft, limit: Limit, referral: Referral) -> str:
    if limit.per == "program":
        return draft.program.id
    if limit.per == "referred":
        return referral.referred_id
    return places.present_account(draft, referral) if limit.per == "account" else referral.referrer_id


def _counter_name(program: Program, bound: Bound, at: datetime) -> str:
    every = bound.limit.every
    return f"{bound.counter}:{calendar.period(at, every, program.zone).label if every else 'ever'}"


def _count(draft: Draft, reward: Reward, referral: Referral, sign: int) -> None:
    """Takes, or gives back, the reward's place in every limit it counts against. Limits that differ only in how
    much they allow share one counter, which counts the reward once."""
    program = draft.state.versions[reward.version_id]
    amount = (reward.amount or 0) if reward.unit == program.document.currency else 0
    account = ""
    for bound in {bound.counter: bound for bound in program.limits_on[reward.rule]}.values():
        name = _counter_name(program, bound, reward.granted_at)
        if bound.limit.per == "account":
            subject = account = account or places.account(draft, referral, reward.rule, sign)
        else:
            subject = _subject(draft, bound.limit, referral)
        draft.count(subject, name, sign, sign * amount)


# Timers


def _hold_timer(draft: Draft, reward: Reward) -> Timer:
    assert reward.hold_until
    id = ids.derive(reward.hold_until, draft.state.workspace_id, "timer", "hold.ended", reward.id)
    return Timer(id, "hold.ended", reward.hold_until, reward.program_id, reward.referral_id, reward.id)


def _expiry_timer(draft: Draft, reward: Reward) -> Timer:
    assert reward.expires_at
    id = ids.derive(reward.expires_at, draft.state.workspace_id, "timer", "reward.expired", reward.id)
    return Timer(id, "reward.expired", reward.expires_at, reward.program_id, reward.referral_id, reward.id)


def _waitlist_timer(draft: Draft, limit: Limit, rule: Rule, referral: Referral) -> Timer:
    assert limit.every
    due_at = calendar.period(draft.event.occurred_at, limit.every, draft.program.zone).end
    id = ids.derive(due_at, draft.state.workspace_id, "timer", "waitlist.reached", referral.id, rule.id)
    return Timer(id, "waitlist.reached", due_at, draft.program.id, referral.id, None, {"rule": rule.id})


# What becomes of a reward


def _tell(draft: Draft, reward: Reward) -> None:
    payload: dict[str, Any] = {
        "reward": ids.public("rwd", reward.id),
        "participant": ids.public("par", reward.participant_id),
        "referral": ids.public("ref", reward.referral_id) if reward.referral_id else None,
        "program": draft.program.key,
        "rule": reward.rule,
        "state": reward.state,
        "gift": reward.gift,
        "amount": reward.amount,
        "unit": reward.unit,
        "reversed": reward.reversed,
    }
    draft.notify(f"reward.{reward.state}", reward.id, payload)


def _moved(draft: Draft, before: Reward, after: Reward, reason: str = "") -> None:
    draft.put_reward(after)
    _tell(draft, after)
    line: dict[str, Any] = {
        "rule": after.rule, "ok": True, "reward": after.id, "from": before.state, "state": after.state
    }  # fmt: skip
    if after.amount is not None:
        line.update(amount=after.amount - after.reversed, unit=after.unit)
    if after.reversed > before.reversed:
        line["reversed"] = after.reversed - before.reversed
    if reason:
        line["reason"] = reason
    draft.trace.setdefault("rewards", []).append(line)


def hold_ended(draft: Draft, reward: Reward) -> str:
    """The waiting time is over. Gives the reason code of the decision, '' where the reward moved."""
    if reward.state != "pending":
        return "superseded"
    if reward.needs_approval:
        return "awaiting_approval"
    _approve(draft, reward)
    return ""


def _approve(draft: Draft, reward: Reward) -> None:
    approved = ledger.approve(draft, reward)
    _moved(draft, reward, approved._replace(state="approved", approved_at=draft.event.occurred_at))


def approved(draft: Draft, reward: Reward) -> str:
    """A person said yes. While the hold runs that is a permission only."""
    now = draft.event.occurred_at
    if reward.state != "pending":
        return "wrong_state"
    permitted = reward._replace(needs_approval="")
    if reward.hold_until and now < reward.hold_until:
        if not reward.needs_approval:
            return "held"
        draft.put_reward(permitted)
        return ""
    _approve(draft, permitted)
    return ""


def rejected(draft: Draft, reward: Reward) -> str:
    """A person said no, before it was owed."""
    if reward.state != "pending":
        return "wrong_state"
    _end(draft, reward, "rejected", str(draft.event.properties.get("reason") or ""), "reject")
    return ""


def _end(draft: Draft, reward: Reward, state: str, reason: str, code: str, *, taken: int = 0) -> None:
    """A pending reward will not be: its hold is let go and its place in the limits is free again."""
    assert draft.referral
    released = ledger.release(draft, reward, code)
    ended = released._replace(
        state=state,
        reason=reason[:64],
        reversed=reward.reversed + taken,
        ended_at=max(draft.event.occurred_at, reward.granted_at),
    )
    if reward.hold_until:
        draft.effects.append(DropTimer(_hold_timer(draft, reward).id))
    _count(draft, reward, draft.referral, -1)
    _moved(draft, reward, ended, reason)


def issued(draft: Draft, reward: Reward) -> str:
    """It has reached the participant. From here its expiry runs."""
    if reward.state != "approved":
        return "wrong_state"
    now = draft.event.occurred_at
    expire = draft.program.rules[reward.rule].expire
    expires_at = expire.after.after(now, draft.program.zone) if expire else None
    ledger.issue(draft, reward)
    after = reward._replace(state="issued", issued_at=now, expires_at=expires_at)
    if expires_at:
        draft.effects.append(_expiry_timer(draft, after))
    _moved(draft, reward, after)
    return ""


def redeemed(draft: Draft, reward: Reward) -> str:
    """The participant used it: it no longer expires."""
    if reward.state != "issued":
        return "wrong_state"
    if reward.expires_at:
        draft.effects.append(DropTimer(_expiry_timer(draft, reward).id))
    _moved(draft, reward, reward._replace(state="redeemed"))
    return ""


def failed(draft: Draft, reward: Reward) -> str:
    """It could not be given: nothing is owed any more."""
    if reward.state != "approved":
        return "wrong_state"
    ledger.take_back(draft, reward, (reward.amount or 0) - reward.reversed, "fail")
    reason = str(draft.event.properties.get("reason") or "")[:64]
    _moved(
        draft,
        reward,
        reward._replace(state="failed", reason=reason, ended_at=draft.event.occurred_at),
        reason,
    )
    return ""


def expired(draft: Draft, reward: Reward) -> str:
    """Issued, and its time ran out unused."""
    if reward.state != "issued":
        return "superseded"
    ledger.lapse(draft, reward)
    _moved(draft, reward, reward._replace(state="expired", ended_at=draft.event.occurred_at))
    return ""


MOVES = {
    "reward.approved": approved,
    "reward.rejected": rejected,
    "reward.issued": issued,
    "reward.redeemed": redeemed,
    "reward.failed": failed,
    "hold.ended": hold_ended,
    "reward.expired": expired,
}
"""What each event does to the reward it names; each gives '' or the reason why not."""


# Taking back


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
        draft.count(referral.id, "refunded", 1, int(draft.event.properties["value"]))
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
            _end(draft, reward, "cancelled", "refunded", "reverse", taken=whole)
        else:
            reduced = ledger.reduce(draft, reward, part)
            _moved(draft, reward, reduced._replace(reversed=reward.reversed + part), "refunded")
        return ""
    ledger.take_back(draft, reward, part, "reverse")
    after = reward._replace(reversed=reward.reversed + part)
    if part == whole:
        if reward.expires_at and reward.state == "issued":
            draft.effects.append(DropTimer(_expiry_timer(draft, reward).id))
        after = after._replace(state="reversed", reason="refunded", ended_at=now)
    _moved(draft, reward, after, "refunded")
    return ""


def reward_by_name(draft_rewards: list[Reward], rule: str) -> Reward | None:
    """The referral's reward under that rule."""
    return next((reward for reward in draft_rewards if reward.rule == rule), None)


def referral_expiry_timer(workspace_id: str, referral: Referral) -> Timer:
    """The timer that ends an open referral."""
    assert referral.expires_at
    id = ids.derive(referral.expires_at, workspace_id, "timer", "referral.expired", referral.id)
    return Timer(id, "referral.expired", referral.expires_at, referral.program_id, referral.id, None)


# When the people of a referral change


def let_go(draft: Draft, reward: Reward, reason: str) -> None:
    """A held reward will not be, because its referral does not count."""
    _end(draft, reward, "cancelled", reason, "merge")


def take_up(draft: Draft, reward: Reward) -> None:
    """A reward that was let go is held again, also where a limit is reached by now."""
    assert draft.referral
    held = handover.hold(draft, reward._replace(state="pending", reason="", ended_at=None), "split")
    _count(draft, held, draft.referral, 1)
    if held.hold_until:
        draft.effects.append(_hold_timer(draft, held))
    _moved(draft, reward, held)


def recount(before: Draft, after: Draft, reward: Reward) -> None:
    """Moves the reward's place in the limits from the people of its referral before to those after."""
    assert before.referral
    assert after.referral
    if reward.state not in ("rejected", "cancelled"):
        _count(before, reward, before.referral, -1)
        _count(after, reward, after.referral, 1)
