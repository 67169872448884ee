"""Programmes of kind `loyalty`: what people earn by what they do, buy from a catalogue, and give back.

An event about a participant is tried against every rule for its type, once. Where it names an order, what is earned
is kept under that order, so that a refund of the order takes its share back, also one that came first.
"""

from __future__ import annotations

from typing import Any

from goodword.domain import (
    anniversaries,
    debts,
    ids,
    ledger,
    limits,
    lots,
    money,
    orders,
    own_waiting,
    reversals,
    rewards,
    tier_facts,
    tiers,
    timers,
    values,
)
from goodword.domain.draft import Decision, Draft
from goodword.domain.fields import REACHED, REDEEMED
from goodword.domain.orders import REFUNDED
from goodword.domain.rows import DropTimer, Reward, Timer
from goodword.domain.rules import CatalogueItem, Reverse, Rule

_LOT_MOVES = frozenset({"reward.approved", "reward.rejected"})
_ENDED = frozenset({"rejected", "cancelled", "failed", "reversed"})


def decide(draft: Draft) -> Decision | None:
    """What a loyalty programme makes of an event; None where it could not concern the programme."""
    event, program = draft.event, draft.program
    if event.type == REDEEMED:
        return _redeem(draft) if program.takes(event.properties["program"]) else None
    if event.type == "link.created":
        return draft.no("no_referrals") if event.properties["program"] == program.key else None
    rules = program.earning.get(event.type, ())
    takes_back = event.type == REFUNDED or event.type in program.reversals
    counts = program.counts_orders and event.type in ("order.completed", REFUNDED)
    if draft.participant_id is None:
        return None
    begun = anniversaries.start(draft)
    if not (rules or takes_back or counts or begun):
        return None
    before, _ = tiers.tier_of(draft)
    draft.order_id = orders.order_id(draft.state.workspace_id, event)
    if counts:
        _count_order(draft)
    refused = _refund(draft) if takes_back else ""
    rewards.grant_each(draft, [(rule, event.id) for rule in rules])
    _count_points(draft, event.id)
    if rules and draft.order_id:
        orders.note_order(draft)
        if orders.noted(draft, "refunded"):
            _share_out(draft)
            own_waiting.note(draft, REFUNDED)
    tier_facts.moved(draft, before)
    lines = draft.trace.get("rewards", [])
    if any(line["ok"] and "state" not in line for line in lines):
        return draft.yes("rewarded")
    if takes_back and not refused:
        return draft.yes("reversed")
    if "tier" in draft.trace:
        rises = tiers.rank(program, before) < tiers.rank(program, tiers.tier_of(draft)[0])
        return draft.yes("tier_reached" if rises else "tier_lost")
    if takes_back:
        return draft.no(refused)
    if lines:
        return draft.no(lines[0]["reason"])
    if counts:
        return draft.yes("counted")
    return draft.yes(begun) if begun == "anniversaries_begun" else draft.no(begun)


def anniversary(draft: Draft, timer: Timer) -> Decision:
    """A participant's anniversary has come."""
    rule, refused = anniversaries.due(draft, timer)
    if rule is None:
        return draft.no(refused)
    before, _ = tiers.tier_of(draft)
    rewards.grant(draft, rule, draft.event.id)
    _count_points(draft, draft.event.id)
    tier_facts.moved(draft, before)
    line = draft.trace["rewards"][0]
    return draft.yes("rewarded") if line["ok"] else draft.no(line["reason"])


def _count_order(draft: Draft) -> None:
    """What the order was worth in the programme's currency, or what was paid back of it, counts towards tiers in the
    period it happened in. An order without a rate counts nothing, nor does a refund of somebody else's order."""
    back = draft.event.type == REFUNDED
    if back and draft.order_id and _earned_by_others(draft):
        return
    before = orders.left(draft) if draft.order_id else 0
    worth = values.of_event(draft).amount
    if draft.order_id:
        orders.note_worth(draft, worth)
        counted = orders.left(draft) - before
    else:
        counted = -(worth or 0) if back else worth or 0
    if counted:
        tiers.count(draft, "revenue", counted, draft.event.occurred_at)


def _earned_by_others(draft: Draft) -> bool:
    """Whether the order earned something in this programme, and nothing of it for the draft's participant."""
    earned = {row.participant_id for row in draft.rewards() if row.program_id == draft.program.id}
    return bool(earned) and draft.participant_id not in earned


def ring(draft: Draft, timer: Timer, reward: Reward) -> str:
    """A timer of a reward rang. Gives '' or the reason why nothing came of it."""
    if not debts.is_lot(draft.program, reward):
        return rewards.MOVES[timer.kind](draft, reward)
    if timer.kind == "reward.expired":
        return lots.lapse(draft, reward)
    refused = rewards.MOVES[timer.kind](draft, reward)
    return refused or _matured(draft, reward)


def move(draft: Draft, reward: Reward) -> str:
    """Somebody moved a reward of the programme along. Points are approved or rejected; they are not handed over."""
    if not debts.is_lot(draft.program, reward):
        return rewards.MOVES[draft.event.type](draft, reward)
    if draft.event.type not in _LOT_MOVES:
        return "points_are_kept"
    refused = rewards.MOVES[draft.event.type](draft, reward)
    return refused or _matured(draft, reward)


def _matured(draft: Draft, reward: Reward) -> str:
    lots.pay_debt(draft, draft.reward_rows[reward.id])
    return ""


def _count_points(draft: Draft, occurrence: str) -> None:
    """Points that were given for the occurrence count towards tiers; those for reaching a tier do not."""
    for row in list(draft.reward_rows.values()):
        now = debts.is_lot(draft.program, row) and row.occurrence == occurrence
        if now and draft.program.rules[row.rule].on != REACHED:
            tiers.count(draft, "points", (row.amount or 0) - row.reversed, draft.event.occurred_at)


def take_turn(draft: Draft, rule: Rule, timer: Timer) -> Decision:
    """What stood first in line is tried again: what was earned, or a gift that somebody wanted to buy."""
    occurrence = timer.detail["occurrence"]
    own_waiting.bring_back(draft, rule, timer)
    before, _ = tiers.tier_of(draft)
    if rule.on == REDEEMED:
        reason = _buy(draft, draft.program.catalogue[rule.id], occurrence)
    else:
        rewards.grant(draft, rule, occurrence)
        line = draft.trace["rewards"][0]
        reason = "rewarded" if line["ok"] else line["reason"]
        _count_points(draft, occurrence)
    if not draft.stays:
        draft.trace.setdefault("rewards", [{"rule": rule.id, "ok": False, "to": rule.to, "reason": reason}])
        draft.trace["rewards"][0]["waited_since"] = timer.detail["since"]
        limits.step_out(draft, timer)
        own_waiting.let_go(draft, timer)
    draft.turn = None
    tier_facts.moved(draft, before)
    return draft.decision("yes" if draft.trace["rewards"][0]["ok"] else "no", reason)


# Spending


def _redeem(draft: Draft) -> Decision:
    name = draft.event.properties["item"]
    item = draft.program.catalogue.get(name)
    if item is None:
        return draft.no("unknown_item")
    reason = _buy(draft, item, draft.event.id)
    return draft.yes(reason) if reason == "redeemed" else draft.no(reason)


def _buy(draft: Draft, item: CatalogueItem, occurrence: str) -> str:
    """Spends points on a gift. Gives `redeemed`, or the reason why not."""
    assert draft.participant_id
    unit = item.unit or draft.program.document.units[0]
    has = sum(lots.left(draft, lot) for lot in lots.spendable(draft, draft.participant_id, unit))
    has -= debts.owed(draft, draft.participant_id, unit)
    spent: dict[str, Any] = {"item": item.id, "price": item.price, "unit": unit, "left": max(has, 0)}
    draft.trace["spent"] = spent
    if has < item.price:
        return "not_enough_points"
    rewards.grant(draft, draft.program.rules[item.id], occurrence)
    line = draft.trace["rewards"][0]
    if not line["ok"]:
        return str(line["reason"])
    _pay(draft, item, unit, spent)
    return "redeemed"


def _pay(draft: Draft, item: CatalogueItem, unit: str, spent: dict[str, Any]) -> None:
    participant_id = draft.participant_id
    assert participant_id
    for lot in lots.spendable(draft, participant_id, unit):
        lots.pay_debt(draft, lot)
    taken = lots.spend(draft, participant_id, item.price, unit)
    spent["left"] -= item.price
    spent["lots"] = [{"reward": lot.id, "amount": part} for lot, part in taken]
    payload = {
        "participant": ids.public("par", participant_id),
        "program": draft.program.key,
        "item": item.id,
        "price": item.price,
        "unit": unit,
        "left": spent["left"],
    }
    draft.notify("points.spent", participant_id, payload)


# Giving back


def _refund(draft: Draft) -> str:
    """Takes back what the event lets be taken back of what its order earned, and notes what it takes of what waits
    in a line. Gives '' or the reason why nothing is taken back yet."""
    if draft.order_id is None:
        return "unknown_order"
    known = draft.event.type != REFUNDED or orders.note_refund(draft)
    refused = _share_out(draft)
    if refused == "nothing_to_reverse" and not known:
        refused = "no_exchange_rate"
    waits = own_waiting.note(draft, draft.event.type)
    return "kept_for_later" if refused and waits else refused


def _share_out(draft: Draft) -> str:
    """Takes from each reward of the order what its refunds so far take. Gives '' or the reason why nothing."""
    rows = sorted(draft.rewards(), key=lambda row: (row.granted_at, row.rule, row.id))
    ours = [row for row in rows if (row.participant_id, row.program_id) == (draft.participant_id, draft.program.id)]
    return reversals.left_alone(draft, [(row, _take_back(draft, row)) for row in ours], "unknown_order")


def _take_back(draft: Draft, reward: Reward) -> str:
    """One reward's part. A rule that does not say otherwise gives back the refunded share of the order: all refunds
    taken together, rounded half to even, so that the last one takes exactly what is left. A refund that the rule lets
    pass is none for it later either."""
    version = draft.state.versions[reward.version_id]
    reverse = version.rules[reward.rule].reverse
    if reward.state in _ENDED:
        return "nothing_to_reverse"
    if reverse and (refused := _not_taken(draft, reward, reverse)):
        if refused in reversals.LET_PASS and _kind(draft, reward) == REFUNDED:
            orders.let_pass(draft, reward.rule, reward.occurrence)
        return refused
    amount = reward.amount or 0
    ordered, refunded = orders.noted(draft, "ordered"), orders.counted(draft, reward.rule, reward.occurrence)
    all_of_it = (reverse and reverse.how == "full") or (ordered and refunded >= ordered)
    part = (amount if all_of_it else money.share(amount, refunded, ordered) if ordered else 0) - reward.reversed
    if part <= 0 and (amount or not all_of_it):
        return "nothing_to_reverse"
    if debts.is_lot(version, reward):
        tiers.count(draft, "points", -part, reward.granted_at)
    _give_back(draft, reward, part)
    return ""


def _kind(draft: Draft, reward: Reward) -> str:
    """What the event at hand is to the reward: a refund, too, where it is the order itself, refunded before it was
    known."""
    return REFUNDED if reward.occurrence == draft.event.id else draft.event.type


def _not_taken(draft: Draft, reward: Reward, reverse: Reverse) -> str:
    """Why the event takes nothing back of a reward whose rule says what does, or ''. An order that was refunded
    before it was known meets its refund only now."""
    event, zone = draft.event, draft.state.versions[reward.version_id].zone
    if _kind(draft, reward) not in reverse.on or reverse.how == "none":
        return "nothing_to_reverse"
    if reverse.within and event.occurred_at >= reverse.within.after(reward.granted_at, zone):
        return "outside_window"
    if reverse.when and (failed := draft.check(reward.rule, reverse.when)):
        return failed if failed == "condition_error" else "condition_not_met"
    return ""


def _give_back(draft: Draft, reward: Reward, part: int) -> None:
    whole = (reward.amount or 0) - reward.reversed
    if reward.state == "pending":
        if part == whole:
            rewards.end(draft, reward, "cancelled", "refunded", "reverse", taken=whole)
        else:
            reduced = ledger.reduce(draft, reward, part)
            rewards.moved(draft, reward, reduced._replace(reversed=reward.reversed + part), "refunded")
    elif debts.is_lot(draft.program, reward):
        lots.take_back(draft, reward, part)
    else:
        after = debts.take_back(draft, reward, part, "reverse")._replace(reversed=reward.reversed + part)
        if part == whole:
            if reward.expires_at and reward.state == "issued":
                draft.effects.append(DropTimer(timers.expiry(draft, reward).id))
            ended_at = max(draft.event.occurred_at, reward.granted_at)
            after = after._replace(state="reversed", reason="refunded", ended_at=ended_at)
        rewards.moved(draft, reward, after, "refunded")
