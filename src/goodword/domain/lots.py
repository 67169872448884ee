"""Points as lots: each earning is a reward of its own, which matures, is spent from and lapses.

What is left of a lot is its amount less what was taken back of it (`reversed`) and less what was spent of it (the
counter `spent` of the reward). The sum of what is left of a person's approved lots is their balance in the ledger.
Points that are taken back after they were spent are a debt (`domain.debts`), which the next lot pays, or, where that
comes first, what the person has when they want to buy something. No sum is ever below zero.
"""

from __future__ import annotations

from datetime import UTC, datetime

from goodword.domain import debts, inactivity, ledger, rewards, timers
from goodword.domain.draft import Draft
from goodword.domain.rows import DropTimer, Reward

SPENT = "spent"
"""Counter of a lot: how often, and how much of what is still earned was spent or paid a debt."""
_NEVER = datetime.max.replace(tzinfo=UTC)


def left(draft: Draft, lot: Reward) -> int:
    """What can still be spent of a lot, or could once it is approved; 0 where it lapsed."""
    if lot.state not in ("pending", "approved"):
        return 0
    return (lot.amount or 0) - lot.reversed - draft.counter(lot.id, SPENT)[1]


def spendable(draft: Draft, participant_id: str, unit: str) -> list[Reward]:
    """The participant's lots of the draft's program that can be spent, in the order in which they are: the one that
    lapses first, then the oldest."""
    lots = [
        row
        for row in draft.own(participant_id)
        if row.program_id == draft.program.id
        and row.unit == unit
        and row.state == "approved"
        and debts.is_lot(draft.program, row)
    ]
    return sorted(lots, key=lambda row: (row.expires_at or _NEVER, row.granted_at, row.id))


def begin(draft: Draft, lot: Reward) -> None:
    """A new lot: its time runs from the end of its hold, and where it has none it pays what is owed."""
    expire = draft.program.rules[lot.rule].expire
    at = inactivity.first(draft, lot, expire, _start(lot)) if expire else None
    if at:
        lot = lot._replace(expires_at=at)
        draft.put_reward(lot)
        draft.effects.append(timers.expiry(draft, lot))
    pay_debt(draft, lot)


def _start(lot: Reward) -> datetime:
    """From when its time runs."""
    return lot.hold_until or lot.granted_at


def pay_debt(draft: Draft, lot: Reward) -> None:
    """An approved lot pays what its owner owes, as far as it goes."""
    part = min(debts.owed(draft, lot.participant_id, lot.unit), left(draft, lot))
    if lot.state != "approved" or not part:
        return
    ledger.move(draft, lot, "participant_balance", "participant_debt", part, "net")
    draft.count(lot.participant_id, debts.name(draft.program, lot.unit), 0, -part)
    _use(draft, lot, part)


def spend(draft: Draft, participant_id: str, price: int, unit: str) -> list[tuple[Reward, int]]:
    """Takes the price from the participant's lots, which have it. Gives how much was taken of which."""
    taken = []
    lots = iter(spendable(draft, participant_id, unit))
    while price:
        lot = next(lots)
        part = min(price, left(draft, lot))
        ledger.move(draft, lot, "participant_balance", "fulfilled", part, "redeem")
        _use(draft, lot, part)
        taken.append((lot, part))
        price -= part
    return taken


def _use(draft: Draft, lot: Reward, part: int) -> None:
    """A part of the lot is gone; with the last of it the lot ends."""
    draft.count(lot.id, SPENT, 1, part)
    if not left(draft, lot):
        _end(draft, lot, "redeemed", "")


def _end(draft: Draft, lot: Reward, state: str, reason: str) -> None:
    if lot.expires_at:
        draft.effects.append(DropTimer(timers.expiry(draft, lot).id))
    at = max(draft.event.occurred_at, lot.granted_at)
    rewards.moved(draft, lot, lot._replace(state=state, reason=reason, ended_at=at), reason)


def lapse(draft: Draft, lot: Reward) -> str:
    """The lot's time is over: what is left of it is gone. Gives '' or the reason why not."""
    if lot.state == "pending":
        rewards.end(draft, lot, "expired", "", "expire")
        return ""
    if lot.state != "approved":
        return "superseded"
    if inactivity.lapses_later(draft, lot, draft.program.rules[lot.rule].expire, _start(lot)):
        return "still_active"
    lapsed = left(draft, lot)
    ledger.move(draft, lot, "participant_balance", "program_cost", lapsed, "expire")
    rewards.moved(draft, lot, lot._replace(state="expired", ended_at=draft.event.occurred_at))
    draft.trace["rewards"][-1]["lapsed"] = lapsed
    return ""


def take_back(draft: Draft, lot: Reward, part: int) -> None:
    """Takes back a part of an approved, spent or lapsed lot: what is left of it first, then, where that lapsed,
    nothing more; what was spent becomes a debt."""
    spent = draft.counter(lot.id, SPENT)[1]
    unspent = (lot.amount or 0) - lot.reversed - spent
    from_left = min(part, unspent)
    owed = part - from_left
    if lot.state == "approved":
        ledger.move(draft, lot, "participant_balance", "program_cost", from_left, "reverse")
    if owed:
        debts.owe(draft, lot, owed, "debt")
        draft.count(lot.id, SPENT, 0, -owed)
    after = lot._replace(reversed=lot.reversed + part)
    if after.reversed == after.amount and lot.state != "expired":
        after = after._replace(
            state="reversed", reason="refunded", ended_at=max(draft.event.occurred_at, lot.granted_at)
        )
    elif lot.state == "approved" and not unspent - from_left:
        after = after._replace(state="redeemed", ended_at=max(draft.event.occurred_at, lot.granted_at))
    if lot.expires_at and lot.state == "approved" and after.state != "approved":
        draft.effects.append(DropTimer(timers.expiry(draft, lot).id))
    rewards.moved(draft, lot, after, "refunded")
