"""Rewards: whether a rule pays, and what becomes of the reward afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from goodword.domain import (
    amounts,
    debts,
    early,
    handover,
    ids,
    inactivity,
    ledger,
    limits,
    moments,
    own_waiting,
    stacking,
    terms,
    timers,
    turns,
    waiting,
)
from goodword.domain.draft import Draft
from goodword.domain.events import Event
from goodword.domain.fields import ON_STATES, REDEEMED
from goodword.domain.program import Program
from goodword.domain.rows import DropTimer, Reward
from goodword.domain.rules import Rule, Stack

_NO_BASIS: Mapping[str, Any] = {}


class _Tried(NamedTuple):
    """A rule that would pay: what it gives, for the how-manieth time, and its line of the trace."""

    rule: Rule
    occurrence: str
    amount: int | None
    line: dict[str, Any]
    basis: Mapping[str, Any]


def grant_all(draft: Draft, state: str) -> None:
    """Tries every rule that a referral's arrival in `state` triggers."""
    grant_each(draft, [(rule, "1") for rule in draft.program.rules_on[state]])


def grant(draft: Draft, rule: Rule, occurrence: str = "1", basis: Mapping[str, Any] = _NO_BASIS) -> None:
    """Tries one rule for the draft's subject, its referral or, where there is none, its participant; traces why it
    paid or did not. A rule pays once for each `occurrence` of a subject."""
    grant_each(draft, [(rule, occurrence)], basis)


def grant_each(draft: Draft, wanted: Iterable[tuple[Rule, str]], basis: Mapping[str, Any] = _NO_BASIS) -> None:
    """The same for several rules with their occurrences, of which some may exclude each other."""
    kept: list[Stack] = []
    for turn in stacking.turns(draft.program, wanted):
        tried = [one for rule, occurrence in turn if (one := _try(draft, rule, occurrence, basis))]
        for one in stacking.best_first(tried, lambda one: _let_through(draft, one)):
            stack = stacking.group(draft.program, one.rule)
            if stack and stack in kept:
                one.line["reason"] = "stacked_out"
                continue
            _give(draft, one)
            if stack and (one.line["ok"] or one.line["reason"] == "waitlisted"):
                kept.append(stack)


def _let_through(draft: Draft, tried: _Tried) -> int:
    """What a rule that would pay gives in the end, where a budget gives a part."""
    unit = tried.rule.give.unit or draft.program.document.currency
    return limits.let_through(draft, tried.rule, tried.amount or 0, unit, tried.line.get("campaigns", ()))


def _try(draft: Draft, rule: Rule, occurrence: str, basis: Mapping[str, Any]) -> _Tried | None:
    """Whether the rule would pay, but for the limits and what else is given."""
    line: dict[str, Any] = {"rule": rule.id, "ok": False, "to": rule.to}
    draft.trace.setdefault("rewards", []).append(line)
    for reward in draft.rewards():
        if reward.rule == rule.id and reward.occurrence == occurrence:
            line.update(reason="already_granted", reward=reward.id)
            return None
    if stopped := draft.withheld(rule.on) or _terms_missing(draft, rule):
        line["reason"] = stopped
        return None
    if rule.when and (failed := draft.check(rule.id, rule.when)):
        line["reason"] = failed if failed == "condition_error" else "condition_not_met"
        return None
    if not turns.taken(draft, rule):
        line["reason"] = "not_its_turn"
        return None
    amount = amounts.amount_of(draft, rule, line, occurrence)
    if "reason" in line:
        return None
    if draft.given and draft.given_by:
        line.update(reason="excluded_by_program", by=draft.given_by)
        return None
    if draft.referral and draft.program.document.registration and "registered" not in draft.referral.properties:
        line["reason"] = "not_registered"
        return None
    return _Tried(rule, occurrence, amount, line, basis)


def _terms_missing(draft: Draft, rule: Rule) -> str:
    """Who earns in a loyalty program must have accepted its terms, where it asks for that. What was earned is theirs:
    it is spent, and what stood in line has its turn, without a further acceptance."""
    if not draft.program.is_loyalty or rule.on == REDEEMED or draft.turn:
        return ""
    assert draft.participant_id
    return terms.missing(draft, draft.participant_id)


def _give(draft: Draft, tried: _Tried) -> None:
    """Gives what the limits leave."""
    rule, occurrence, amount, line, basis = tried
    referral = draft.referral
    if draft.turn and waiting.is_for_event(draft, rule):
        taken, basis = waiting.taken(draft, rule, occurrence, amount, basis)
    elif referral:
        taken = early.taken_while_waiting(draft, rule, referral, amount)
    else:
        taken = own_waiting.taken(draft, rule, occurrence, amount) if draft.turn else 0
    if taken is None:
        line["reason"] = "reversed_while_waiting"
        return
    unit = (rule.give.unit or draft.program.document.currency) if amount is not None else ""
    amount, stopped = limits.leave(draft, rule, occurrence, amount, unit, line)
    if stopped:
        line["reason"] = stopped
        if stopped == "waitlisted":
            amounts.keep(draft, rule, line, occurrence)
        return
    reward = _new_reward(draft, rule, occurrence, amount, unit, min(taken, amount or 0), basis)
    if "campaigns" in line:
        reward = reward._replace(gift={**reward.gift, "campaigns": line["campaigns"]})
    limits.count(draft, reward, referral, 1)
    reward = ledger.grant(draft, reward)
    if reward.state == "approved":
        reward = debts.pay(draft, reward)
    draft.put_reward(reward)
    if reward.hold_until:
        draft.effects.append(timers.hold(draft, reward))
    _tell(draft, reward)
    line.update(ok=True, reward=reward.id)
    if amount is not None:
        line.update(amount=amount - reward.reversed, unit=unit)
    if reward.reversed:
        line["reversed"] = reward.reversed
    debts.told(draft, reward, line)
    if reward.hold_until:
        line["hold_until"] = moments.text(reward.hold_until)
    if rule.release_on:
        line["release_on"] = rule.release_on
    if reward.needs_approval:
        line["approval"] = reward.needs_approval
    if debts.is_lot(draft.program, reward):
        from goodword.domain import lots

        lots.begin(draft, reward)


def give(draft: Draft, rule: Rule, participant_id: str, occurrence: str = "1", amount: int | None = None) -> None:
    """Tries a rule for a participant, one of many that the draft gives something to; `amount`, in minor units, stands
    in for the rule's."""
    theirs = replace(draft, participant_id=participant_id, referral=None, reward_rows={})
    grant(theirs, with_amount(rule, amount), occurrence)
    draft.trace["rewards"][-1]["participant"] = participant_id


def with_amount(rule: Rule, amount: int | None) -> Rule:
    """The rule with another amount; as it is where there is none."""
    if amount is None:
        return rule
    return rule.model_copy(update={"give": rule.give.model_copy(update={"amount": amount})})


def _receiver(draft: Draft, rule: Rule) -> str:
    """Who gets what the rule gives."""
    referral = draft.referral
    if referral is None:
        assert draft.participant_id
        return draft.participant_id
    return referral.referrer_id if rule.to == "referrer" else referral.referred_id


def _new_reward(
    draft: Draft, rule: Rule, occurrence: str, amount: int | None, unit: str, taken: int, basis: Mapping[str, Any]
) -> Reward:
    program, now, referral = draft.program, draft.event.occurred_at, draft.referral
    subject = draft.subject_id
    approval = rule.approval
    needs = ""
    if approval and (approval.above is None or (amount or 0) > approval.above):
        needs = approval.by
    hold_until = rule.hold.after(now, program.zone) if rule.hold else None
    promise = rule.promise
    country = program.document.calendar
    notify_by = promise.notify.after(now, program.zone, country) if promise and promise.notify else None
    fulfil_from = hold_until or now
    fulfil_by = None if rule.release_on and not rule.hold else _fulfil_by(program, rule, fulfil_from)
    if rule.release_on:
        basis = {**basis, "waits": True}
    held = bool(hold_until or needs or rule.release_on)
    return Reward(
        id=amounts.reward_id(draft, rule, occurrence),
        program_id=program.id,
        version_id=program.version_id,
        rule=rule.id,
        subject_id=subject,
        occurrence=occurrence,
        referral_id=referral.id if referral else None,
        participant_id=_receiver(draft, rule),
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
        simulated=draft.event.simulated or (referral.simulated if referral else False),
        basis=basis,
    )


def _fulfil_by(program: Program, rule: Rule, held_until: datetime) -> datetime | None:
    """By when the reward is to have reached its receiver, counted from the end of its hold."""
    fulfil = rule.promise.fulfil if rule.promise else None
    return fulfil.after(held_until, program.zone, program.document.calendar) if fulfil else None


# What becomes of a reward


def _tell(draft: Draft, reward: Reward) -> None:
    if draft.unheard:
        return
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
        "netted": ledger.netted(reward),
        "payable": ledger.payable(reward),
    }
    draft.notify(f"reward.{reward.state}", reward.id, payload)


def moved(draft: Draft, before: Reward, after: Reward, reason: str = "") -> None:
    """The reward is another from here on: the world hears of it, and the trace says how it moved."""
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
    if ledger.netted(after) > ledger.netted(before):
        debts.told(draft, after, line)
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
    approved = ledger.approve(draft, reward)._replace(state="approved", approved_at=draft.event.occurred_at)
    moved(draft, reward, debts.pay(draft, approved))


def approved(draft: Draft, reward: Reward) -> str:
    """A person said yes. While the hold runs that is a permission only."""
    now = draft.event.occurred_at
    if reward.state != "pending":
        return "wrong_state"
    permitted = reward._replace(needs_approval="")
    if now < reward.hold_until if reward.hold_until else "waits" in reward.basis:
        if not reward.needs_approval:
            return "held"
        draft.put_reward(permitted)
        return ""
    _approve(draft, permitted)
    return ""


def released(draft: Draft) -> str:
    """The event ends the holds that wait for it, of the order that it names. Gives '' where a reward moved, else the
    reason why not."""
    refused = ["nothing_held"]
    referral, event = draft.referral, draft.event
    assert referral
    for reward in sorted(draft.rewards(), key=lambda row: (row.granted_at, row.id)):
        rule = draft.state.versions[reward.version_id].rules[reward.rule]
        if reward.state != "pending" or "waits" not in reward.basis or event.type not in rule.release_on:
            continue
        order_id = reward.basis.get("order_id")
        if order_id is None or rule.on in ON_STATES:
            meant = early.is_about_order(event, referral) and early.is_about(event, referral, reward.granted_at)
        else:
            meant = event.properties.get("order_id", order_id) == order_id
        if meant:
            refused.append(_let_go_of(draft, reward))
    if refused == ["nothing_held"] and early.keep_reversal(draft, referral):
        return "kept_for_later"
    return "" if "" in refused else refused[-1]


def _let_go_of(draft: Draft, reward: Reward) -> str:
    if reward.hold_until:
        draft.effects.append(DropTimer(timers.hold(draft, reward).id))
    version = draft.state.versions[reward.version_id]
    free = reward._replace(
        hold_until=None,
        fulfil_by=_fulfil_by(version, version.rules[reward.rule], draft.event.occurred_at),
        basis={name: told for name, told in reward.basis.items() if name != "waits"},
    )
    if reward.needs_approval:
        draft.put_reward(free)
        return "awaiting_approval"
    _approve(draft, free)
    return ""


def rejected(draft: Draft, reward: Reward) -> str:
    """A person said no, before it was owed."""
    if reward.state != "pending":
        return "wrong_state"
    end(draft, reward, "rejected", str(draft.event.properties.get("reason") or ""), "reject")
    return ""


def end(draft: Draft, reward: Reward, state: str, reason: str, code: str, *, taken: int = 0) -> None:
    """A pending reward will not be: its hold is let go and its place in the limits is free again."""
    released = ledger.release(draft, reward, code)
    ended = released._replace(
        state=state,
        reason=reason[:64],
        reversed=reward.reversed + taken,
        ended_at=max(draft.event.occurred_at, reward.granted_at),
    )
    if reward.hold_until:
        draft.effects.append(DropTimer(timers.hold(draft, reward).id))
    limits.count(draft, reward, draft.referral, -1)
    moved(draft, reward, ended, reason)


def issued(draft: Draft, reward: Reward) -> str:
    """It has reached the participant. From here its expiry runs."""
    if reward.state != "approved":
        return "wrong_state"
    now = draft.event.occurred_at
    expire = draft.program.rules[reward.rule].expire
    expires_at = inactivity.first(draft, reward, expire, now) if expire else None
    ledger.issue(draft, reward)
    after = reward._replace(state="issued", issued_at=now, expires_at=expires_at)
    if expires_at:
        draft.effects.append(timers.expiry(draft, after))
    moved(draft, reward, after)
    return ""


def redeemed(draft: Draft, reward: Reward) -> str:
    """The participant used it: it no longer expires."""
    if reward.state != "issued":
        return "wrong_state"
    if reward.expires_at:
        draft.effects.append(DropTimer(timers.expiry(draft, reward).id))
    moved(draft, reward, reward._replace(state="redeemed"))
    return ""


def failed(draft: Draft, reward: Reward) -> str:
    """It could not be given: nothing is owed any more."""
    if reward.state != "approved":
        return "wrong_state"
    left = debts.take_back(draft, reward, (reward.amount or 0) - reward.reversed, "fail")
    reason = str(draft.event.properties.get("reason") or "")[:64]
    moved(
        draft,
        reward,
        left._replace(state="failed", reason=reason, ended_at=draft.event.occurred_at),
        reason,
    )
    return ""


def expired(draft: Draft, reward: Reward) -> str:
    """Issued, and its time ran out unused."""
    if reward.state != "issued":
        return "superseded"
    assert reward.issued_at
    if inactivity.lapses_later(draft, reward, draft.program.rules[reward.rule].expire, reward.issued_at):
        return "still_active"
    ledger.lapse(draft, reward)
    moved(draft, reward, reward._replace(state="expired", ended_at=draft.event.occurred_at))
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


_FROM = {
    "reward.approved": "pending",
    "reward.rejected": "pending",
    "reward.issued": "approved",
    "reward.failed": "approved",
    "reward.redeemed": "issued",
}


def reward_by_name(draft_rewards: list[Reward], event: Event) -> Reward | None:
    """The referral's reward under the rule that the event names. Of several, those of the order that it names; of
    these the oldest that it can move, else the latest."""
    rule, order_id = event.properties["rule"], event.properties.get("order_id")
    found = [reward for reward in draft_rewards if reward.rule == rule]
    found = [reward for reward in found if order_id in (None, reward.basis.get("order_id"))] or found
    if len(found) < 2:
        return found[0] if found else None
    found.sort(key=lambda reward: (reward.granted_at, reward.id))
    waiting = [reward for reward in found if reward.state == _FROM[event.type]]
    if event.type == "reward.approved":
        waiting = [reward for reward in waiting if reward.needs_approval] or waiting
    return waiting[0] if waiting else found[-1]


# When the people of a referral change


def let_go(draft: Draft, reward: Reward, reason: str) -> None:
    """A held reward will not be, because its referral does not count."""
    end(draft, reward, "cancelled", reason, "merge")


def take_up(draft: Draft, reward: Reward) -> None:
    """A reward that was let go is held again, also where a limit is reached by now."""
    assert draft.referral
    held = handover.hold(draft, reward._replace(state="pending", reason="", ended_at=None), "split")
    limits.count(draft, held, draft.referral, 1)
    if held.hold_until:
        draft.effects.append(timers.hold(draft, held))
    moved(draft, reward, held)


def recount(before: Draft, after: Draft, reward: Reward) -> None:
    """Moves the reward's place in the limits from the people of its referral before to those after."""
    assert before.referral
    assert after.referral
    if reward.state not in ("rejected", "cancelled"):
        limits.count(before, reward, before.referral, -1)
        limits.count(after, reward, after.referral, 1)
