"""What a programme's rewards left owed: to people, what is approved and not handed over; by people, what was taken back
after they had it, and was not paid by later rewards. From the ledger: of what happened, its tables, and of what would
have, the transfers made in memory.

What somebody owes in a currency is one sum, whichever programme's rewards it comes from; of that, a programme's part is
at most what its own rewards made of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from goodword.domain import debts
from goodword.domain.program import Program
from goodword.domain.state import State
from goodword.store.sql import fetch

Owed = Counter[tuple[str, str]]
"""By unit, and `approved` or `debt`: minor units."""


def in_memory(state: State, program: Program) -> Owed:
    """At the end of a history that was decided again."""
    found: Owed = Counter()
    made: Counter[tuple[str, str]] = Counter()
    for id, nets in state.holdings.by_reward(state.changes.transfers).items():
        row = state.rewards[id]
        if row.program_id == program.id:
            for (kind, participant_id), net in nets.items():
                if kind == "participant_balance":
                    found[row.unit, "approved"] += net
                elif kind == "participant_debt":
                    made[participant_id, row.unit] += net
    owed = ((unit, net, state.counter(id, debts.name(program, unit))[1]) for (id, unit), net in made.items())
    found.update(_debts(owed))
    return found


def stored(workspace_id: str, program_id: str, until: datetime | None) -> Owed:
    """At the end of what happened, or of what happened before a moment."""
    asked = {"workspace": workspace_id, "program": program_id, "until": until}
    before = _BEFORE if until else ""
    found: Owed = Counter()
    for unit, net in fetch(_APPROVED.format(before=before), asked):
        found[unit, "approved"] += int(net)
    found.update(
        _debts((unit, int(made), int(whole)) for unit, made, whole in fetch(_DEBTS.format(before=before), asked))
    )
    return found


_BEFORE = """
    AND (SELECT occurred_at FROM event WHERE event.workspace_id = %(workspace)s AND event.id = transfer.event_id)
        < %(until)s
"""
_APPROVED = """
    SELECT reward.unit,
           sum(CASE WHEN credit.kind = 'participant_balance' THEN transfer.amount ELSE 0 END
             - CASE WHEN debit.kind = 'participant_balance' THEN transfer.amount ELSE 0 END)
    FROM reward
    JOIN transfer ON transfer.workspace_id = reward.workspace_id AND transfer.reward_id = reward.id
    JOIN ledger_account AS debit ON debit.workspace_id = reward.workspace_id AND debit.id = transfer.debit_id
    JOIN ledger_account AS credit ON credit.workspace_id = reward.workspace_id AND credit.id = transfer.credit_id
    WHERE reward.workspace_id = %(workspace)s AND reward.program_id = %(program)s
      AND transfer.phase IN ('posted', 'post') {before}
    GROUP BY reward.unit
"""
"""By unit, what is approved and not handed over (transfer_reward)."""
_DEBTS = """
    WITH side AS (
        SELECT account.id, account.unit, transfer.reward_id, transfer.amount
        FROM ledger_account AS account
        JOIN transfer ON transfer.workspace_id = account.workspace_id AND transfer.debit_id = account.id
        WHERE account.workspace_id = %(workspace)s AND account.kind = 'participant_debt'
          AND transfer.phase IN ('posted', 'post') {before}
        UNION ALL
        SELECT account.id, account.unit, transfer.reward_id, -transfer.amount
        FROM ledger_account AS account
        JOIN transfer ON transfer.workspace_id = account.workspace_id AND transfer.credit_id = account.id
        WHERE account.workspace_id = %(workspace)s AND account.kind = 'participant_debt'
          AND transfer.phase IN ('posted', 'post') {before}
    )
    SELECT side.unit, coalesce(sum(side.amount) FILTER (WHERE reward.program_id = %(program)s), 0), sum(side.amount)
    FROM side
    JOIN reward ON reward.workspace_id = %(workspace)s AND reward.id = side.reward_id
    GROUP BY side.id, side.unit
"""
"""By person and unit, what the program's rewards made of a debt, and all of it (transfer_debit, transfer_credit)."""


def _debts(rows: Iterable[tuple[str, int, int]]) -> Owed:
    """`rows`: of each person the unit, what the programme's rewards made of their debt, and all of it."""
    found: Owed = Counter()
    for unit, made, owes in rows:
        found[unit, "debt"] += max(min(made, owes), 0)
    return found
