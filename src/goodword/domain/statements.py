"""Statements of a partner programme: what each partner's balance was, what moved it, and what of it is payable.

A partner's account with a programme is a handful of counters, worked out from the transfers of every decision: its
balance (approved, less what was taken back, paid out or paid a debt: what can be handed over), what of that is payable,
and what moved it since the last statement. A debt is the workspace's, not the programme's (`domain.debts`): a statement
tells of it beside the balance. The first movement sets a timer to the end of its period; the ring closes the
statement, and sets the next one while there is a balance. What is heard of after that is in the next one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from goodword.domain import calendar, debts, ids, money, scores
from goodword.domain.document import Statement
from goodword.domain.draft import Decision, Draft
from goodword.domain.events import Event
from goodword.domain.program import Program
from goodword.domain.rows import Count, Effect, LedgerAccount, Reward, Timer, Transfer
from goodword.domain.state import State

CLOSED = "statement.closed"
"""The event that closes a partner's statement; set as a timer."""
PAYABLE, CARRIED = "statement_payable", "statement_carried"
"""The reasons of the decision that closes one: its balance is payable, or goes over to the next one."""
MOVEMENTS = ("approved", "reversed", "netted", "paid", "moved")
"""What moves a balance, in the order in which a statement tells of it. `netted`: what paid a debt. `moved`: from or to
another participant with whom the partner was merged, or from whom they were taken apart."""
OWED = "owed"
"""What was taken back after it was handed over, and so became a debt: told beside them, as it moves no balance."""

_COUNTED = "statement:"
_LESS = frozenset({"reversed", "netted", "paid"})
_CREDITED = {"program_cost": "reversed", "opening": "reversed", "fulfilled": "paid", "participant_debt": "netted"}
BALANCE = "participant_balance"
_POSTED = ("posted", "post")
_INSTANT = timedelta(microseconds=1)


class Account:
    """A partner's account with a programme in one currency, while a decision changes it."""

    def __init__(self, state: State, program: Program, participant_id: str, currency: str) -> None:
        self.program = program
        self.participant_id = participant_id
        self.currency = currency
        self._state = state
        self._changed: dict[str, tuple[int, int]] = {}

    def __getitem__(self, name: str) -> tuple[int, int]:
        """A counter of the account as it stands: count and amount."""
        return self._changed.get(name) or self._state.counter(self.participant_id, self._name(name))

    @property
    def balance(self) -> int:
        return self["balance"][1]

    @property
    def payable(self) -> int:
        """What of the balance may be paid out."""
        return self["payable"][1]

    @property
    def opening(self) -> int:
        """The balance at the last statement."""
        return self.balance - sum(self[name][1] * (-1 if name in _LESS else 1) for name in MOVEMENTS)

    def add(self, name: str, count: int, amount: int) -> None:
        so_far = self[name]
        self._changed[name] = so_far[0] + count, so_far[1] + amount

    def put(self, name: str, count: int, amount: int) -> None:
        self._changed[name] = count, amount

    def effects(self) -> list[Effect]:
        """What changed, to be counted."""
        found: list[Effect] = []
        for name, (count, amount) in self._changed.items():
            before = self._state.counter(self.participant_id, self._name(name))
            if (count, amount) != before:
                change = count - before[0], amount - before[1]
                found.append(Count(self.participant_id, self._name(name), *change))
        return found

    def _name(self, name: str) -> str:
        return counter(self.program.key, self.currency, name)


def counter(key: str, currency: str, name: str) -> str:
    """The name of a counter of a partner's account with a programme."""
    return f"{_COUNTED}{key}:{currency}:{name}"


# What moves a balance


def counted(state: State, decision: Decision, event: Event) -> Decision:
    """The decision, with what its transfers mean for the accounts of partners with live programmes of theirs."""
    transfers = [row for row in decision.effects if isinstance(row, Transfer) and row.phase in _POSTED]
    if not transfers:
        return decision
    rewards = {row.id: row for row in decision.effects if isinstance(row, Reward)}
    accounts: dict[tuple[str, str, str], Account] = {}
    for row in transfers:
        reward = rewards.get(row.reward_id) or state.rewards[row.reward_id]
        program = state.programs.get(reward.program_id)
        if program and program.is_partner and money.is_currency(row.debit.unit):
            _move(state, program, accounts, row)
    if not accounts:
        return decision
    effects: list[Effect] = []
    for account in accounts.values():
        # A balance that has fallen below what was payable leaves no more of it.
        account.put("payable", 0, min(account.payable, account.balance))
        effects += _open(state, account, event.occurred_at)
        effects += account.effects()
    return decision._replace(effects=(*decision.effects, *effects))


def _move(state: State, program: Program, accounts: dict[tuple[str, str, str], Account], row: Transfer) -> None:
    """One transfer. What is paid out is of what was payable first; what goes to another participant takes its payable
    part along."""

    def of(side: LedgerAccount) -> Account:
        assert side.participant_id
        new = Account(state, program, side.participant_id, side.unit)
        return accounts.setdefault((program.id, side.participant_id, side.unit), new)

    giver = of(row.debit) if row.debit.kind == BALANCE else None
    taker = of(row.credit) if row.credit.kind == BALANCE else None
    if giver and taker:
        part = min(giver.payable, row.amount)
        giver.add("payable", 0, -part)
        taker.add("payable", 0, part)
        giver.add("moved", 1, -row.amount)
        taker.add("moved", 1, row.amount)
    elif taker:
        taker.add("approved", 1, row.amount)
    elif giver:
        name = _CREDITED[row.credit.kind]
        giver.add(name, 1, row.amount)
        if name == "paid":
            giver.add("payable", 0, -min(giver.payable, row.amount))
    elif row.debit.kind == "participant_debt" and row.credit.kind in ("program_cost", "opening"):
        of(row.debit).add(OWED, 1, row.amount)
    for account, sign in ((giver, -1), (taker, 1)):
        if account:
            account.add("balance", 0, sign * row.amount)


def _open(state: State, account: Account, at: datetime) -> list[Effect]:
    """The timer that will close the statement of what happened at that moment, where none runs."""
    runs, until = account["until"]
    if runs or account.program.document.statement is None:
        return []
    return [_timer(state, account, max(at, scores.from_micros(until)))]


def _timer(state: State, account: Account, start: datetime) -> Timer:
    """Sets the timer to the end of the period that the moment lies in. A statement begins with its period, or where
    the last one ended."""
    program = account.program
    assert program.document.statement
    period = calendar.period(start, program.document.statement.every, program.zone)
    begins = max(period.start, scores.from_micros(account["until"][1]))
    account.put("until", 1, scores.micros(period.end))
    parts = (program.id, account.participant_id, account.currency)
    id = ids.derive(period.end, state.workspace_id, "timer", CLOSED, *parts)
    detail = {
        "person": account.participant_id,
        "currency": account.currency,
        "period": period.label,
        "from": begins.isoformat(),
    }
    return Timer(id, CLOSED, period.end, program.id, None, None, detail)


# Closing


def close(draft: Draft, ring: Timer) -> Decision:
    """A period ended: the statement is closed. Its balance is payable where it reaches the minimum; else it goes over
    to the next statement."""
    account = Account(draft.state, draft.program, ring.detail["person"], ring.detail["currency"])
    draft.participant_id = account.participant_id
    statement = draft.program.document.statement
    account.put("until", 0, scores.micros(ring.due_at))
    if statement is None:
        draft.effects += account.effects()
        return draft.no("superseded")
    minimum = _minimum(draft, statement, account.currency)
    payable = account.balance if account.balance >= max(minimum, 1) else 0
    account.add("balance", 1, 0)
    owed = draft.counter(account.participant_id, debts.name(draft.program, account.currency))[1]
    draft.trace["statement"] = told = {**_told(account, ring), "minimum": minimum, "payable": payable}
    told |= {"carried": account.balance - payable, "debt": owed}
    for name in (*MOVEMENTS, OWED):
        account.put(name, 0, 0)
    account.put("payable", 0, payable)
    if account.balance:
        draft.effects.append(_timer(draft.state, account, ring.due_at))
    draft.effects += account.effects()
    payload = {"participant": ids.public("par", account.participant_id), "program": draft.program.key, **told}
    draft.notify(CLOSED, f"{account.participant_id}:{account.currency}:{told['number']}", payload)
    return draft.yes(PAYABLE if payable else CARRIED)


def _minimum(draft: Draft, statement: Statement, currency: str) -> int:
    """The least balance that is payable: any when the programme has ended, and in a currency that it no longer has."""
    ended = draft.state.stopped.get(draft.program.id) in ("settling", "ended")
    return 0 if ended or currency != draft.program.document.currency else statement.minimum


def _told(account: Account, ring: Timer) -> dict[str, Any]:
    """The statement: amounts in minor units of the currency; of each movement how many and how much."""
    movements: Mapping[str, Any] = {
        name: {"count": account[name][0], "amount": account[name][1]}
        for name in (*MOVEMENTS, OWED)
        if any(account[name])
    }
    return {
        "number": account["balance"][0],
        "period": ring.detail["period"],
        "from": ring.detail["from"],
        "to": ring.due_at.isoformat(),
        "currency": account.currency,
        "opening": account.opening,
        **movements,
        "closing": account.balance,
    }
