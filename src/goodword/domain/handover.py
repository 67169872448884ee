"""How what a reward is worth changes hands when its owner turns out to be somebody else.

By new transfers only: a hold is voided and pended anew, and what is owed or issued goes over by exactly what the
reward's transfers come to, never before the latest of them. What the program paid does not change. What the owner owes
back goes over as one sum for a unit (`domain.own_moves`).
"""

from __future__ import annotations

from goodword.domain import ids, ledger
from goodword.domain.draft import Draft
from goodword.domain.rows import LedgerAccount, Reward, Transfer


def hand_over(draft: Draft, reward: Reward, to_id: str, code: str) -> Reward:
    """The reward in the hands of another participant; `code` is what the transfers are for."""
    given = reward._replace(participant_id=to_id)
    if reward.pending_transfer_id:
        _transfer(
            draft, reward, "program_cost", "participant_balance", left(reward), code, "void", reward.pending_transfer_id
        )
        given = hold(draft, given, code)
    for kind, amount in sorted(
        draft.state.holdings.of(draft.state.changes.transfers, reward.id, reward.participant_id).items()
    ):
        if kind != "participant_debt":
            mine, theirs = ledger.account(draft, kind, reward), ledger.account(draft, kind, given)
            book(draft, reward, mine, theirs, amount, code)
    return given


def hold(draft: Draft, reward: Reward, code: str) -> Reward:
    """What is left of the reward is held for its owner."""
    id = _transfer(draft, reward, "program_cost", "participant_balance", left(reward), code, "pending", None)
    return reward._replace(pending_transfer_id=id)


def left(reward: Reward) -> int:
    """What was not taken back of the reward, in minor units."""
    return (reward.amount or 0) - reward.reversed


def _transfer(
    draft: Draft, reward: Reward, debit: str, credit: str, amount: int, code: str, phase: str, pending_id: str | None
) -> str | None:
    if not reward.unit or amount <= 0:
        return None
    sides = ledger.account(draft, debit, reward), ledger.account(draft, credit, reward)
    return book(draft, reward, *sides, amount, code, phase, pending_id)


def book(
    draft: Draft,
    reward: Reward,
    debit: LedgerAccount,
    credit: LedgerAccount,
    amount: int,
    code: str,
    phase: str = "posted",
    pending_id: str | None = None,
) -> str | None:
    """Adds a transfer between two accounts to the draft and gives its id; nothing in test mode."""
    event = draft.event
    if draft.program.is_test:
        return None
    parts = (reward.id, event.id, code, phase, debit.id, credit.id)
    id = ids.derive(event.occurred_at, draft.state.workspace_id, "transfer", *parts)
    at = max(
        event.occurred_at, draft.state.holdings.latest(draft.state.changes.transfers, reward.id) or event.occurred_at
    )
    draft.effects.append(Transfer(id, debit, credit, amount, phase, pending_id, code, reward.id, event.id, at))
    return id
