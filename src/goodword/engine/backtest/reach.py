"""Which programmes can reach the one that is tried. Only those are decided again beside it; of the others the log says
what they made of events, and that stays as it is.

A programme has its own referrals, counters, limits, budgets and points. What it does reaches another one in three ways:
- it is exclusive, decides first, and what it gives shuts the other one out (`priority`, `exclusive`);
- both mind when somebody last did something (`expire.inactive`);
- a debt of a person in a currency, which rewards of any programme make and pay. That needs a person who has a debt
  from one and rewards in its currency from the other: who that is, is known when the history is decided (`touched`).
Programmes in test mode reach nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from goodword.domain import debts, money
from goodword.domain.program import Program
from goodword.domain.state import State
from goodword.engine.backtest import log
from goodword.store.sql import array, fetch

Holding = tuple[str, str]
"""A participant's id, and a currency."""


class Cast(NamedTuple):
    """The programmes of a backtest: the versions of those that are decided again, and the ids of those that are not,
    of them the `live` ones; `debtors`: who owed something because of these, at any time."""

    versions: tuple[Program, ...]
    others: tuple[str, ...]
    live: tuple[str, ...]
    debtors: frozenset[Holding]


def reaching(tried: Sequence[Program], versions: Iterable[Program], money_of: Collection[str] = ()) -> set[str]:
    """The ids of the programmes that can reach the one that is tried, itself among them. `tried`: its versions that
    are decided; `money_of`: of others that give something in one of these currencies, it is known that they do."""
    groups: dict[str, list[Program]] = {tried[0].id: list(tried)}
    for row in versions:
        if row.id != tried[0].id and not row.is_test:
            groups.setdefault(row.id, []).append(row)
    found = {tried[0].id}
    found |= {id for id, rows in groups.items() if not currencies(rows).isdisjoint(money_of)}
    waiting = list(found)
    while waiting:
        here = groups[waiting.pop()]
        for id, rows in groups.items():
            if id not in found and any(_reaches(one, other) for one in rows for other in here):
                found.add(id)
                waiting.append(id)
    return found


def _reaches(one: Program, other: Program) -> bool:
    return _shuts_out(one, other) or (_minds_activity(one) and _minds_activity(other))


def _shuts_out(one: Program, other: Program) -> bool:
    exclusive = one.document.exclusive
    first = (-one.document.priority, one.key) < (-other.document.priority, other.key)
    return first and (exclusive is True or (bool(exclusive) and exclusive == other.document.exclusive))


def _minds_activity(program: Program) -> bool:
    return any(rule.expire and rule.expire.inactive for rule in program.promises)


def currencies(versions: Iterable[Program]) -> set[str]:
    """The currencies in which they promise something."""
    units = {
        rule.give.unit or row.document.currency
        for row in versions
        for rule in row.promises
        if rule.give.amount is not None
    }
    return {unit for unit in units if money.is_currency(unit)}


def cast(workspace_id: str, tried: Sequence[Program], versions: Sequence[Program], money_of: Collection[str]) -> Cast:
    """Who is decided again, and who is not. Where an import was taken out again, all are: what it had made known is
    known no more."""
    undone = log.was_undone(workspace_id)
    decided = {row.id for row in versions} if undone else reaching(tried, versions, money_of)
    again = tuple(row for row in versions if row.id in decided)
    rest = [row for row in versions if row.id not in decided]
    live = tuple(sorted({row.id for row in rest if not row.is_test}))
    shared = currencies([*tried, *again]) & currencies(row for row in rest if not row.is_test)
    debtors = _debtors(workspace_id, live, shared) if shared else frozenset()
    return Cast(again, tuple(sorted({row.id for row in rest})), live, debtors)


def _debtors(workspace_id: str, programs: Sequence[str], units: Collection[str]) -> frozenset[Holding]:
    """Who came to owe something because of rewards of these programmes (transfer_debit), and who stands for them."""
    rows = fetch(
        """
        SELECT DISTINCT person.id::text, account.unit
        FROM ledger_account AS account
        JOIN transfer ON transfer.workspace_id = account.workspace_id AND transfer.debit_id = account.id
        JOIN reward ON reward.workspace_id = account.workspace_id AND reward.id = transfer.reward_id
        JOIN participant ON participant.workspace_id = account.workspace_id
          AND participant.id = account.participant_id
        JOIN participant AS person ON person.workspace_id = account.workspace_id
          AND person.id IN (participant.id, participant.merged_into_id)
        WHERE account.workspace_id = %s AND account.kind = 'participant_debt' AND account.unit = ANY(%s::text[])
          AND reward.program_id = ANY(%s::uuid[])
        """,
        [workspace_id, array("text", units), array("uuid", programs)],
    )
    return frozenset((person, unit) for person, unit in rows)


def owing(state: State) -> set[Holding]:
    """Who came to owe money to the workspace in a history, at any time, and who stands for them."""
    found = set()
    for id, counters in state.counters.items():
        for name in counters:
            unit = name.removeprefix(debts.DEBT)
            if unit != name and money.is_currency(unit):
                found |= {(id, unit), (state.survivor(id).id, unit)}
    return found


def paid(state: State, debtors: Collection[Holding]) -> set[Holding]:
    """Those of the debtors who have a reward in that currency."""
    if not debtors:
        return set()
    return {(row.participant_id, row.unit) for row in state.rewards.values()} & set(debtors)


def touched(workspace_id: str, live: Sequence[str], owing: Collection[Holding], paid: Collection[Holding]) -> set[str]:
    """The currencies in which the other programmes reach the one that is tried after all: somebody who owes because
    of one has rewards of the other (reward_participant)."""
    units = {unit for _, unit in paid}
    if live and owing:
        rows = fetch(
            """
            SELECT participant_id::text, unit
            FROM reward
            WHERE workspace_id = %s AND participant_id = ANY(%s::uuid[]) AND program_id = ANY(%s::uuid[])
            """,
            [workspace_id, array("uuid", {id for id, _ in owing}), array("uuid", live)],
        )
        units |= {unit for id, unit in rows if (id, unit) in owing}
    return units
