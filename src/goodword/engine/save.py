"""Writes what a batch changed: one set-based statement per table, whatever the batch's size.

Bulk rows go as arrays through `unnest`, because COPY does not pass row-level security.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from goodword.domain import ids
from goodword.domain.decide import Decision
from goodword.domain.events import Event
from goodword.domain.state import State
from goodword.store.sql import array, execute


@dataclass(frozen=True, slots=True)
class Table:
    """How rows of one table are written: columns with their array types, and which are replaced when the
    row exists (by `key`). Nothing is replaced where `replace` is empty: a repeat is left as it is."""

    name: str
    columns: tuple[tuple[str, str], ...]
    key: str = "id"
    replace: bool = False

    def statement(self) -> str:
        """`INSERT … SELECT unnest(…)`, with the tenant column first."""
        names = ", ".join(name for name, _ in self.columns)
        values = ", ".join(f"{name}::jsonb" if kind == "jsonb" else name for name, kind in self.columns)
        arrays = ", ".join(f"%s::{'text' if kind == 'jsonb' else kind}[]" for _, kind in self.columns)
        keys = [key.strip() for key in self.key.split(",")]
        changes = ", ".join(f"{name} = excluded.{name}" for name, _ in self.columns if name not in keys)
        conflict = f"ON CONFLICT (workspace_id, {self.key}) DO UPDATE SET {changes}" if self.replace else ""
        return (
            f"INSERT INTO {self.name} (workspace_id, {names}) "
            f"SELECT %s::uuid, {values} FROM unnest({arrays}) AS row ({names}) {conflict}"
        )


def _table(name: str, columns: str, key: str = "id", replace: bool = False) -> Table:
    """Columns are written `name type, …`."""
    pairs = (column.split() for column in columns.split(","))
    return Table(name, tuple((pair[0], pair[1]) for pair in pairs), key, replace)


ACCOUNT = _table(
    "account", "id uuid, external_id text, name text, since timestamptz, traits jsonb, updated_at timestamptz",
    replace=True,
)  # fmt: skip
PARTICIPANT = _table(
    "participant",
    "id uuid, external_id text, email text, name text, account_id uuid, traits jsonb, first_seen_at timestamptz,"
    "updated_at timestamptz",
    replace=True,
)
LINK = _table(
    "link",
    "id uuid, program_id uuid, participant_id uuid, code text, channel text, simulated bool, created_at timestamptz",
)
REFERRAL = _table(
    "referral",
    "id uuid, program_id uuid, version_id uuid, referrer_id uuid, referred_id uuid, external_id text, source text,"
    "state text, reason text, submitted_at timestamptz, qualified_at timestamptz, opportunity_at timestamptz,"
    "closed_at timestamptz, expires_at timestamptz, value bigint, properties jsonb, simulated bool,"
    "updated_at timestamptz",
    replace=True,
)
REWARD = _table(
    "reward",
    "id uuid, program_id uuid, version_id uuid, rule text, subject_id uuid, occurrence text, referral_id uuid,"
    "participant_id uuid, gift jsonb, amount bigint, unit text, reversed bigint, state text, reason text,"
    "needs_approval text, hold_until timestamptz, pending_transfer_id uuid, granted_at timestamptz,"
    "approved_at timestamptz, issued_at timestamptz, ended_at timestamptz, expires_at timestamptz,"
    "notify_by timestamptz, fulfil_by timestamptz, simulated bool, updated_at timestamptz",
    replace=True,
)
COUNTER = _table("counter", "subject_id uuid, name text, count bigint, amount bigint", "subject_id, name", True)
TIMER = _table(
    "timer",
    "id uuid, kind text, due_at timestamptz, program_id uuid, referral_id uuid, reward_id uuid, detail jsonb",
    replace=True,
)
EARLY_FACT = _table(
    "early_fact", "id uuid, program_id uuid, subject text, event_id uuid, recall_at timestamptz", replace=True
)
LEDGER_ACCOUNT = _table(
    "ledger_account",
    "id uuid, kind text, unit text, program_id uuid, participant_id uuid, debits_pending bigint,"
    "debits_posted bigint, credits_pending bigint, credits_posted bigint",
)
TRANSFER = _table(
    "transfer",
    "id uuid, debit_id uuid, credit_id uuid, unit text, amount bigint, phase text, pending_id uuid, code text,"
    "reward_id uuid, event_id uuid, effective_at timestamptz, recorded_at timestamptz",
)
OUTBOX = _table("outbox", "id uuid, topic text, key text, event_id uuid, payload jsonb, created_at timestamptz")
EVENT = _table(
    "event",
    "id uuid, source text, event_id text, type text, occurred_at timestamptz, received_at timestamptz, payload jsonb",
)
APPLIED = _table("applied", "event_id uuid, position bigint, participant_id uuid, applied_at timestamptz")
DECISION = _table(
    "decision",
    "id uuid, event_id uuid, program_id uuid, version_id uuid, participant_id uuid, referral_id uuid, outcome text,"
    "reason text, trace jsonb, occurred_at timestamptz",
)


@dataclass(frozen=True, slots=True)
class Done:
    """One event applied: where in the order, about whom, and what was decided."""

    event: Event
    position: int
    participant_id: str | None
    decisions: tuple[Decision, ...]
    rang: bool


def save(state: State, done: Sequence[Done], now: datetime) -> None:
    """Writes the state's changes, the log's new ring events, the order, and the decisions."""
    changes = state.changes
    _write(state, ACCOUNT, [_account(state, id, now) for id in changes.accounts])
    _write(state, PARTICIPANT, [_participant(state, id, now) for id in changes.participants])
    _write(
        state,
        LINK,
        [
            (row.id, row.program_id, row.participant_id, row.code, row.channel, row.simulated, row.created_at)
            for row in changes.links
        ],
    )
    _write(state, REFERRAL, [_referral(state, id, now) for id in changes.referrals])
    _write(state, REWARD, [_reward(state, id, now) for id in changes.rewards])
    _write(state, COUNTER, [(*key, *state.counter(*key)) for key in changes.counters])
    _timers(state)
    _early(state)
    _ledger(state, now)
    _write(
        state,
        EVENT,
        [
            (row.id, row.source, row.event_id, row.type, row.occurred_at, row.received_at, _json(row.payload()))
            for row in (entry.event for entry in done if entry.rang)
        ],
    )
    _write(state, APPLIED, [(entry.event.id, entry.position, entry.participant_id, now) for entry in done])
    _write(state, DECISION, [_decision(state, entry, decision) for entry in done for decision in entry.decisions])
    _write(
        state,
        OUTBOX,
        [
            (_derived(state, row.at, "outbox", row.key), row.topic, row.key, row.event_id, _json(row.payload), now)
            for row in changes.notices
        ],
    )
    if changes.published:
        execute(
            """
            UPDATE program SET live_version_id = row.version_id
            FROM unnest(%s::uuid[], %s::uuid[]) AS row (id, version_id)
            WHERE program.id = row.id
            """,
            [array("uuid", changes.published), array("uuid", changes.published.values())],
        )


def _derived(state: State, at: datetime, *parts: str) -> str:
    return ids.derive(at, state.workspace_id, *parts)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _write(state: State, table: Table, rows: Sequence[tuple[Any, ...]], suffix: str = "") -> None:
    if rows:
        columns = zip(*rows, strict=True)
        arrays = [array(kind, column) for (_, kind), column in zip(table.columns, columns, strict=True)]
        execute(table.statement() + suffix, [state.workspace_id, *arrays])


def _account(state: State, id: str, now: datetime) -> tuple[Any, ...]:
    row = state.accounts[id]
    return (row.id, row.external_id, row.name, row.since, _json(row.traits), now)


def _participant(state: State, id: str, now: datetime) -> tuple[Any, ...]:
    row = state.participants[id]
    return (row.id, row.external_id, row.email, row.name, row.account_id, _json(row.traits), row.first_seen_at, now)


def _referral(state: State, id: str, now: datetime) -> tuple[Any, ...]:
    row = state.referrals[id]
    return (
        row.id, row.program_id, row.version_id, row.referrer_id, row.referred_id, row.external_id, row.source,
        row.state, row.reason, row.submitted_at, row.qualified_at, row.opportunity_at, row.closed_at, row.expires_at,
        row.value, _json(row.properties), row.simulated, now,
    )  # fmt: skip


def _reward(state: State, id: str, now: datetime) -> tuple[Any, ...]:
    row = state.rewards[id]
    return (
        row.id, row.program_id, row.version_id, row.rule, row.subject_id, row.occurrence, row.referral_id,
        row.participant_id, _json(row.gift), row.amount, row.unit, row.reversed, row.state, row.reason,
        row.needs_approval, row.hold_until, row.pending_transfer_id, row.granted_at, row.approved_at, row.issued_at,
        row.ended_at, row.expires_at, row.notify_by, row.fulfil_by, row.simulated, now,
    )  # fmt: skip


def _timers(state: State) -> None:
    changes = state.changes
    if changes.dropped_timers:
        execute("DELETE FROM timer WHERE id = ANY(%s::uuid[])", [array("uuid", changes.dropped_timers)])
    _write(
        state,
        TIMER,
        [
            (row.id, row.kind, row.due_at, row.program_id, row.referral_id, row.reward_id, _json(row.detail))
            for row in changes.timers.values()
        ],
    )


def _early(state: State) -> None:
    changes = state.changes
    if changes.dropped_early:
        execute("DELETE FROM early_fact WHERE id = ANY(%s::uuid[])", [array("uuid", changes.dropped_early)])
    _write(
        state,
        EARLY_FACT,
        [(row.id, row.program_id, row.subject, row.event.id, row.recall_at) for row in changes.early.values()],
    )


def _ledger(state: State, now: datetime) -> None:
    changes = state.changes
    _write(
        state,
        LEDGER_ACCOUNT,
        [
            (row.id, row.kind, row.unit, row.program_id, row.participant_id, 0, 0, 0, 0)
            for row in changes.ledger_accounts.values()
        ],
        " ON CONFLICT (workspace_id, id) DO NOTHING",
    )
    _write(
        state,
        TRANSFER,
        [
            (
                row.id, row.debit.id, row.credit.id, row.debit.unit, row.amount, row.phase, row.pending_id, row.code,
                row.reward_id, row.event_id, row.effective_at, now,
            )
            for row in changes.transfers
        ],
    )  # fmt: skip


def _decision(state: State, entry: Done, decision: Decision) -> tuple[Any, ...]:
    event = entry.event
    return (
        _derived(state, event.occurred_at, "decision", event.id, decision.program_id),
        event.id,
        decision.program_id,
        decision.version_id,
        decision.participant_id or entry.participant_id,
        decision.referral_id,
        decision.outcome,
        decision.reason,
        _json(decision.trace) if decision.trace else None,
        event.occurred_at,
    )
