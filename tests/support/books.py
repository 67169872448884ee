"""What the books of a workspace in memory must always say."""

from __future__ import annotations

from collections import Counter, defaultdict

from goodword.domain import debts, ledger, lots
from goodword.domain.rows import LedgerAccount, Transfer
from support.memory import Memory


def check_books(memory: Memory) -> None:
    """Every transfer settles at most once, no account that must not goes below zero, and what is held, owed
    and issued is what the rewards say."""
    transfers = memory.state.changes.transfers
    by_id: dict[str, Transfer] = {row.id: row for row in transfers}
    assert len(by_id) == len(transfers)
    settled = Counter(row.pending_id for row in transfers if row.pending_id)
    assert max(settled.values(), default=1) == 1
    posted: dict[LedgerAccount, int] = defaultdict(int)
    for row in transfers:
        assert row.amount > 0
        if row.phase in ("post", "void"):
            held = by_id[row.pending_id or ""]
            assert (held.phase, held.debit, held.credit, held.amount) == ("pending", row.debit, row.credit, row.amount)
        if row.phase in ("posted", "post"):
            posted[row.debit] += row.amount
            posted[row.credit] -= row.amount
            assert posted[row.debit] >= 0 or row.debit.kind in ("participant_balance", "fulfilled")
            assert posted[row.credit] <= 0 or row.credit.kind in ("program_cost", "participant_debt")
            for side in (row.debit, row.credit):
                if side.kind in ("participant_balance", "fulfilled"):
                    assert posted[side] <= 0
                else:
                    assert posted[side] >= 0
    held_ids = {row.id for row in transfers if row.phase == "pending"} - settled.keys()
    rewards = [row for row in memory.state.rewards.values() if row.amount]
    spent = {id: named.get(lots.SPENT, (0, 0))[1] for id, named in memory.state.counters.items()}
    left = {row.id: ledger.payable(row) - spent.get(row.id, 0) for row in rewards}
    assert sum(by_id[id].amount for id in held_ids) == sum(left[row.id] for row in rewards if row.state == "pending")
    owed = -sum(amount for side, amount in posted.items() if side.kind == "participant_balance")
    assert owed == sum(left[row.id] for row in rewards if row.state == "approved")
    assert all(0 <= row.reversed <= (row.amount or 0) for row in rewards)
    assert all(0 <= left[row.id] <= (row.amount or 0) - row.reversed for row in rewards)
    for (owner, kind, unit), amount in balances(memory).items():
        if kind == "participant_debt":
            counters = memory.state.counters[owner or ""]
            owed = {name: sum for name, (_, sum) in counters.items() if name.startswith(debts.DEBT)}
            assert amount == sum(sum for name, sum in owed.items() if name.endswith(f":{unit}"))
    assert sum(posted.values()) == 0


def balances(memory: Memory) -> dict[tuple[str | None, str, str], int]:
    """By owner (participant or None for programmes), kind and unit: what is posted, and as `held` what is
    pending, each on the account's normal side; zeros left out."""
    found: dict[tuple[str | None, str, str], int] = defaultdict(int)
    transfers = memory.state.changes.transfers
    settled = {row.pending_id for row in transfers}
    for row in transfers:
        for side, sign in ((row.debit, 1), (row.credit, -1)):
            normal = sign if side.kind in ("program_cost", "participant_debt") else -sign
            if row.phase in ("posted", "post"):
                found[side.participant_id, side.kind, side.unit] += normal * row.amount
            elif row.phase == "pending" and row.id not in settled:
                found[side.participant_id, f"held {side.kind}", side.unit] += normal * row.amount
    return {key: amount for key, amount in found.items() if amount}
