"""The books, read: trial balance and balances, now or at any past instant.

Everything here is added up from the transfers themselves; the columns that the database keeps on the
accounts are only compared with the sums, never believed. Reads only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from goodword.store import tenancy
from goodword.store.models import LedgerAccount, Participant

DEBIT_NORMAL = frozenset(
    {LedgerAccount.Kind.PROGRAM_COST, LedgerAccount.Kind.OPENING, LedgerAccount.Kind.PARTICIPANT_DEBT}
)

# What counts at an instant: every posted movement (`posted`, or the `post` of a hold, for its own
# amount) and every hold that nothing has settled by then. `%(at)s` is null for "now".
_LIVE = """
    live AS (
        SELECT t.debit_id, t.credit_id, t.unit, t.amount, t.phase = 'pending' AS held
          FROM transfer t
         WHERE t.workspace_id = %(workspace)s
           AND (%(at)s::timestamptz IS NULL OR t.effective_at <= %(at)s)
           AND (t.phase IN ('posted', 'post')
                OR (t.phase = 'pending'
                    AND NOT EXISTS (
                        SELECT 1                                  -- transfer_settled_once
                          FROM transfer s
                         WHERE s.workspace_id = %(workspace)s
                           AND s.pending_id = t.id
                           AND (%(at)s::timestamptz IS NULL OR s.effective_at <= %(at)s))))
    ),
    sided AS (
        SELECT debit_id AS account_id, unit, 'debit' AS side, held, amount FROM live
        UNION ALL
        SELECT credit_id, unit, 'credit', held, amount FROM live
    ),
    summed AS (
        SELECT account_id, unit,
               COALESCE(SUM(amount) FILTER (WHERE side = 'debit' AND held), 0) AS debits_pending,
               COALESCE(SUM(amount) FILTER (WHERE side = 'debit' AND NOT held), 0) AS debits_posted,
               COALESCE(SUM(amount) FILTER (WHERE side = 'credit' AND held), 0) AS credits_pending,
               COALESCE(SUM(amount) FILTER (WHERE side = 'credit' AND NOT held), 0) AS credits_posted
          FROM sided
         GROUP BY account_id, unit
    )
"""


@dataclass(frozen=True, slots=True)
class Sums:
    """Debits and credits in units of the row they belong to, held (pending) and posted."""

    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int

    @property
    def balanced(self) -> bool:
        """Whether debits equal credits, held and posted each for itself."""
        return self.debits_pending == self.credits_pending and self.debits_posted == self.credits_posted


@dataclass(frozen=True, slots=True)
class KindRow:
    """One line of a trial balance: all accounts of one kind in one unit."""

    kind: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class UnitBalance:
    """The trial balance of one unit."""

    unit: str
    kinds: tuple[KindRow, ...]
    totals: Sums

    @property
    def balanced(self) -> bool:
        return self.totals.balanced


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """The trial balance of a workspace. `drifting_accounts` counts accounts whose kept columns differ
    from the sum of their transfers; it is None for a past instant, where there is nothing to compare."""

    at: datetime | None
    units: tuple[UnitBalance, ...]
    drifting_accounts: int | None

    @property
    def balanced(self) -> bool:
        return all(unit.balanced for unit in self.units) and not self.drifting_accounts


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """One ledger account at an instant. `posted` and `pending` are signed so that the account's normal
    side is positive: debits for costs and debts, credits for balances and what was fulfilled."""

    id: str
    kind: str
    unit: str
    program_id: str | None
    program: str | None
    participant_id: str | None
    sums: Sums

    @property
    def posted(self) -> int:
        return self._signed(self.sums.debits_posted, self.sums.credits_posted)

    @property
    def pending(self) -> int:
        return self._signed(self.sums.debits_pending, self.sums.credits_pending)

    def _signed(self, debits: int, credits: int) -> int:
        return debits - credits if self.kind in DEBIT_NORMAL else credits - debits


@dataclass(frozen=True, slots=True)
class Balance:
    """What one participant has in one unit: `reserved` is held, `available` is approved and not yet
    issued, `issued` was handed over, `owed` is debt that later rewards are netted against."""

    unit: str
    reserved: int
    available: int
    issued: int
    owed: int


def trial_balance(workspace_id: str, at: datetime | None = None) -> TrialBalance:
    """The trial balance of a workspace now, or as it stood at `at` (by the time movements took effect)."""
    with tenancy.workspace(workspace_id):
        rows = _query(
            f"""
            WITH {_LIVE}
            SELECT summed.unit, a.kind,
                   SUM(summed.debits_pending), SUM(summed.debits_posted),
                   SUM(summed.credits_pending), SUM(summed.credits_posted)
              FROM summed
              JOIN ledger_account a ON a.workspace_id = %(workspace)s
               AND a.id = summed.account_id AND a.unit = summed.unit
             GROUP BY summed.unit, a.kind
             ORDER BY summed.unit, a.kind
            """,
            workspace_id,
            at,
        )
        drifting = _drifting(workspace_id) if at is None else None
    units: dict[str, list[KindRow]] = {}
    for unit, kind, *sums in rows:
        units.setdefault(unit, []).append(KindRow(kind, _sums(sums)))
    return TrialBalance(
        at=at,
        units=tuple(UnitBalance(unit, tuple(kinds), _total(kinds)) for unit, kinds in units.items()),
        drifting_accounts=drifting,
    )


def accounts(workspace_id: str, participant_id: str | None = None, at: datetime | None = None) -> list[AccountBalance]:
    """Ledger accounts with their sums now or at `at`: those of one participant, or, without one, the
    accounts that belong to no participant (a program's costs)."""
    return accounts_of(workspace_id, [participant_id] if participant_id else None, at)


def accounts_of(
    workspace_id: str, participant_ids: Sequence[str] | None, at: datetime | None = None
) -> list[AccountBalance]:
    """The ledger accounts of these participants, or, for None, those of no participant, in one query."""
    whose = "a.participant_id = ANY(%(participants)s)" if participant_ids else "a.participant_id IS NULL"
    with tenancy.workspace(workspace_id):
        rows = _query(
            f"""
            WITH mine AS (
                SELECT a.id, a.kind, a.unit, a.program_id, a.participant_id
                  FROM ledger_account a                           -- ledger_account_participant
                 WHERE a.workspace_id = %(workspace)s AND {whose}
            ),
            {_of_accounts() if participant_ids else _LIVE}
            SELECT mine.id, mine.kind, mine.unit, mine.program_id, p.key, mine.participant_id,
                   COALESCE(debits_pending, 0), COALESCE(debits_posted, 0),
                   COALESCE(credits_pending, 0), COALESCE(credits_posted, 0)
              FROM mine
              LEFT JOIN summed ON summed.account_id = mine.id AND summed.unit = mine.unit
              LEFT JOIN program p ON p.workspace_id = %(workspace)s AND p.id = mine.program_id
             ORDER BY mine.unit, mine.kind, p.key, mine.id
            """,
            workspace_id,
            at,
            participants=[UUID(id_) for id_ in participant_ids or ()],
        )
    return [
        AccountBalance(
            id=str(id_),
            kind=kind,
            unit=unit,
            program_id=str(program_id) if program_id else None,
            program=program,
            participant_id=str(owner) if owner else None,
            sums=_sums(sums),
        )
        for id_, kind, unit, program_id, program, owner, *sums in rows
    ]


def balances(workspace_id: str, participant_id: str, at: datetime | None = None) -> list[Balance]:
    """What one participant has per unit, now or at `at`, with what those had who are merged into it now; empty
    when nothing was ever booked for them."""
    with tenancy.workspace(workspace_id):
        merged = Participant.objects.filter(workspace_id=workspace_id, merged_into_id=UUID(participant_id))
        people = [participant_id, *(str(id_) for id_ in merged.values_list("id", flat=True))]
    return by_unit(accounts_of(workspace_id, people, at))


def by_unit(accounts: Iterable[AccountBalance]) -> list[Balance]:
    """What the accounts of one participant come to, per unit."""
    found: dict[str, dict[str, int]] = {}
    for account in accounts:
        unit = found.setdefault(account.unit, dict.fromkeys(("reserved", "available", "issued", "owed"), 0))
        match account.kind:
            case LedgerAccount.Kind.PARTICIPANT_BALANCE:
                unit["reserved"] += account.sums.credits_pending
                unit["available"] += account.posted
            case LedgerAccount.Kind.FULFILLED:
                unit["issued"] += account.posted
            case LedgerAccount.Kind.PARTICIPANT_DEBT:
                unit["owed"] += account.posted
    return [Balance(unit=unit, **sums) for unit, sums in sorted(found.items())]


def _of_accounts() -> str:
    """`_LIVE`, narrowed to the transfers of the accounts in `mine` (transfer_debit, transfer_credit)."""
    return _LIVE.replace(
        "WHERE t.workspace_id = %(workspace)s",
        """WHERE t.workspace_id = %(workspace)s
           AND (t.debit_id IN (SELECT id FROM mine) OR t.credit_id IN (SELECT id FROM mine))""",
        1,
    )


def _drifting(workspace_id: str) -> int:
    [[count]] = _query(
        f"""
        WITH {_LIVE}
        SELECT COUNT(*)
          FROM ledger_account a
          LEFT JOIN summed ON summed.account_id = a.id AND summed.unit = a.unit
         WHERE a.workspace_id = %(workspace)s
           AND (a.debits_pending, a.debits_posted, a.credits_pending, a.credits_posted)
               IS DISTINCT FROM
               (COALESCE(summed.debits_pending, 0), COALESCE(summed.debits_posted, 0),
                COALESCE(summed.credits_pending, 0), COALESCE(summed.credits_posted, 0))
        """,
        workspace_id,
        None,
    )
    return int(count)


def _query(sql: str, workspace_id: str, at: datetime | None, **more: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"workspace": workspace_id, "at": at, **more})
        return list(cursor.fetchall())


def _sums(values: Sequence[Any]) -> Sums:
    return Sums(*(int(value) for value in values))


def _total(kinds: Sequence[KindRow]) -> Sums:
    return Sums(
        debits_pending=sum(row.sums.debits_pending for row in kinds),
        debits_posted=sum(row.sums.debits_posted for row in kinds),
        credits_pending=sum(row.sums.credits_pending for row in kinds),
        credits_posted=sum(row.sums.credits_posted for row in kinds),
    )
