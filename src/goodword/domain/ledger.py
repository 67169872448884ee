"""How rewards move money: every step of a reward as double-entry transfers.

The chart of accounts, per unit: `program_cost` (debit; what rewards cost a program), and each
participant's `participant_balance` (credit; approved, not yet issued), `fulfilled` (credit; issued) and
`participant_debt` (debit; taken back after issue). What an import brought is booked from a program's `opening` (debit)
instead of its cost. A hold is a pending transfer; approval posts it,
rejection voids it; nothing is ever changed, only followed by another transfer.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from goodword.domain import ids
from goodword.domain.draft import Draft
from goodword.domain.rows import LedgerAccount, Reward, Transfer

NETTED = "netted"
"""The reason of a reward that paid a debt, and, in its basis, how much of what is left of it did."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def account(draft: Draft, kind: str, reward: Reward) -> LedgerAccount:
    """The account of that kind that a reward moves: per program, or per participant. What an import brought cost
    the program nothing here."""
    if kind == "program_cost" and "imported" in reward.basis:
        kind = "opening"
    program_id = reward.program_id if kind in ("program_cost", "opening") else None
    participant_id = None if program_id else reward.participant_id
    return _account(draft.state.workspace_id, kind, reward.unit, program_id, participant_id)


@lru_cache(maxsize=ids.RECENT)
def _account(
    workspace_id: str, kind: str, unit: str, program_id: str | None, participant_id: str | None
) -> LedgerAccount:
    owner = program_id or participant_id or ""
    id = ids.derive(_EPOCH, workspace_id, "ledger_account", kind, unit, owner)
    return LedgerAccount(id, kind, unit, program_id, participant_id)


def move(
    draft: Draft, reward: Reward, debit: str, credit: str, amount: int, code: str,
    phase: str = "posted", pending_id: str | None = None,
) -> str | None:  # fmt: skip
    """Adds one transfer to the draft and gives its id; nothing for a gift without an amount, and in test mode. It is
    booked at the event's own time, but never before what it follows: a fact heard of late takes no account below zero.
    """
    if not reward.unit or amount <= 0 or draft.program.is_test:
        return None
    event = draft.event
    id = ids.derive(event.occurred_at, draft.state.workspace_id, "transfer", reward.id, event.id, code, phase)
    draft.effects.append(
        Transfer(
            id,
            account(draft, debit, reward),
            account(draft, credit, reward),
            amount,
            phase,
            pending_id,
            code,
            reward.id,
            event.id,
            max(event.occurred_at, reward.issued_at or reward.approved_at or reward.granted_at),
        )
    )
    return id


def grant(draft: Draft, reward: Reward) -> Reward:
    """A new reward: its cost is held where it is pending, booked where it is approved at once."""
    phase = "pending" if reward.state == "pending" else "posted"
    left = (reward.amount or 0) - reward.reversed
    id = move(draft, reward, "program_cost", "participant_balance", left, "grant", phase)
    return reward.held_by(id) if phase == "pending" and id else reward


def approve(draft: Draft, reward: Reward) -> Reward:
    """The hold is over: what is left of the reward is owed."""
    _settle(draft, reward, "approve", "post")
    return reward._replace(pending_transfer_id=None)


def release(draft: Draft, reward: Reward, code: str) -> Reward:
    """The reward will not be: its hold is let go."""
    _settle(draft, reward, code, "void")
    return reward._replace(pending_transfer_id=None)


def _settle(draft: Draft, reward: Reward, code: str, phase: str) -> None:
    if reward.pending_transfer_id:
        left = (reward.amount or 0) - reward.reversed
        move(
            draft,
            reward,
            "program_cost",
            "participant_balance",
            left,
            code,
            phase,
            reward.pending_transfer_id,
        )


def reduce(draft: Draft, reward: Reward, amount: int) -> Reward:
    """A part of a held reward is taken back: its hold is replaced by one for what is left after it."""
    _settle(draft, reward, "reverse", "void")
    left = (reward.amount or 0) - reward.reversed - amount
    id = move(draft, reward, "program_cost", "participant_balance", left, "reverse", "pending")
    return reward._replace(pending_transfer_id=id)


def netted(reward: Reward) -> int:
    """How much of what is left of the reward paid a debt."""
    part: int = reward.basis.get(NETTED, 0)
    return part


def payable(reward: Reward) -> int:
    """What is left of the reward to be handed over."""
    return (reward.amount or 0) - reward.reversed - netted(reward)


def issue(draft: Draft, reward: Reward) -> None:
    """What was owed has left the house."""
    move(draft, reward, "participant_balance", "fulfilled", payable(reward), "issue")


def lapse(draft: Draft, reward: Reward) -> None:
    """Issued and never used: it cost nothing after all."""
    move(draft, reward, "fulfilled", "program_cost", payable(reward), "expire")
