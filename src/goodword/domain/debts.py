"""Debts: what was taken back after it was handed over, and how later rewards pay it.

Nobody is asked for money back. What is owed waits on the participant's account, as one sum for a unit (a counter),
and the next reward of that unit pays it in the moment in which it is approved: as far as it goes, the oldest debt
first, whichever program of the workspace gives it, for it is the workspace they owe. A unit of a program's own, such as
its points, counts within that program only. How much of a reward is `netted` stands in its basis; a reward that comes
undone afterwards gives that back as a debt, to the cent.
"""

from __future__ import annotations

from typing import Any

from goodword.domain import ledger, money
from goodword.domain.draft import Draft
from goodword.domain.ledger import NETTED, netted, payable
from goodword.domain.program import Program
from goodword.domain.rows import Reward

DEBT = "debt:"
"""Counters of a participant, by unit: what is to be paid back."""


def is_lot(program: Program, reward: Reward) -> bool:
    """Whether the reward is points that are kept and spent here, not handed over."""
    return program.is_loyalty and reward.gift["type"] == "points"


def name(program: Program, unit: str) -> str:
    """The name of the counter of a participant's debt. What is owed to a program in test mode is owed to nobody, and is
    that program's own."""
    of_all = money.is_currency(unit) and not program.is_test
    return f"{DEBT}{unit}" if of_all else f"{DEBT}{program.key}:{unit}"


def owed(draft: Draft, participant_id: str, unit: str) -> int:
    """What the participant has to pay back first, in minor units."""
    return draft.counter(participant_id, name(draft.program, unit))[1]


def pay(draft: Draft, reward: Reward) -> Reward:
    """An approved reward pays what its owner owes. One that is used up by that has reached them: it is issued."""
    part = min(owed(draft, reward.participant_id, reward.unit), payable(reward)) if reward.unit else 0
    if not part or is_lot(draft.program, reward):
        return reward
    ledger.move(draft, reward, "participant_balance", "participant_debt", part, "net")
    draft.count(reward.participant_id, name(draft.program, reward.unit), 0, -part)
    paid = reward._replace(basis={**reward.basis, NETTED: part})
    if payable(paid):
        return paid
    return paid._replace(state="issued", reason=NETTED, issued_at=reward.approved_at)


def told(draft: Draft, reward: Reward, line: dict[str, Any]) -> None:
    """The line of the trace says what of the reward paid a debt, and what is owed after it."""
    if part := netted(reward):
        left = owed(draft, reward.participant_id, reward.unit)
        line.update(to=draft.program.rules[reward.rule].to, reason=NETTED, netted=part, owed=left)


def take_back(draft: Draft, reward: Reward, part: int, code: str) -> Reward:
    """Takes a part of an approved, issued or lapsed reward back: of what was to be handed over first, then of what
    paid a debt. What was handed over, or paid a debt, is owed from here on; what lapsed costs nothing more."""
    from_netted = max(part - payable(reward), 0)
    debt = from_netted if reward.state in ("approved", "expired") else part
    if reward.state == "approved":
        ledger.move(draft, reward, "participant_balance", "program_cost", part - from_netted, code)
    owe(draft, reward, debt, code if reward.state not in ("approved", "expired") else "debt")
    if not from_netted:
        return reward
    return reward._replace(basis={**reward.basis, NETTED: netted(reward) - from_netted})


def owe(draft: Draft, reward: Reward, debt: int, code: str) -> None:
    """The reward's owner owes so much of it back."""
    if debt and reward.unit:
        ledger.move(draft, reward, "participant_debt", "program_cost", debt, code)
        draft.count(reward.participant_id, name(draft.program, reward.unit), 0, debt)
