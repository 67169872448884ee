"""Writes what a batch changed: one set-based statement per table, whatever the batch's size.

Bulk rows go as arrays through `unnest`, because COPY does not pass row-level security.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cached_property
from typing import Any, NamedTuple

from goodword.domain import ids
from goodword.domain.decide import Decision
from goodword.domain.events import Event
from goodword.domain.fx import Rate
from goodword.domain.rows import BEHIND
from goodword.domain.state import State
from goodword.store import cluster
from goodword.store.sql import array, packed


@dataclass(frozen=True)
class Table:
    """How rows of one table are written: columns with their array types, in the order of a row's values;
    `clock` is a column that gets the time of writing. With `replace` a row that exists (by `key`) gets the
    new values, else a repeat is the database's to refuse, or left as it is (`keep`)."""

    name: str
    columns: tuple[tuple[str, str], ...]
    clock: str = ""
    key: str = "id"
    replace: bool = False
    keep: bool = False

    @cached_property
    def statement(self) -> str:
        """`INSERT … SELECT unnest(…)`, with the tenant column first. Takes the workspace, the time of writing where
        there is a clock, and an array for each column."""
        return self.sparing(frozenset())

    def sparing(self, once: Set[str]) -> str:
        """The same, but for the columns that have one value in all rows: `once`. Their values come before the
        arrays."""
        names = ", ".join(name for name, _ in self.columns)
        listed = [(name, kind) for name, kind in self.columns if name not in once]
        values = ", ".join(f"%s::{kind}" if name in once else name for name, kind in self.columns)
        arrays = ", ".join(f"%s::{kind}[]" for _, kind in listed)
        clock, now = (f", {self.clock}", ", %s::timestamptz") if self.clock else ("", "")
        conflict = f"ON CONFLICT (workspace_id, {self.key})" if self.replace or self.keep else ""
        if self.replace:
            keys = [key.strip() for key in self.key.split(",")]
            written = [name for name, _ in self.columns if name not in keys] + ([self.clock] if self.clock else [])
            conflict += " DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in written)
        elif self.keep:
            conflict += " DO NOTHING"
        return (
            f"INSERT INTO {self.name} (workspace_id{clock}, {names}) "
            f"SELECT %s::uuid{now}, {values} FROM unnest({arrays}) AS row ({', '.join(name for name, _ in listed)})"
            f" {conflict}"
        )

    def once(self, columns: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
        """The columns that have one value in all rows, with it. Of data only nothing is taken for the same: 1 and true
        are equal to Python."""
        found = {}
        for (name, kind), column in zip(self.columns, columns, strict=True):
            first = column[0]
            if column[-1] != first or (kind == "jsonb" and first):
                continue
            if column.count(first) == len(column):
                found[name] = "{}" if kind == "jsonb" and first is not None else first
        return found

    @cached_property
    def differing(self) -> str:
        """Like `statement`, and takes the same; writes only the rows that do not stand so in the table that this
        one hides (`engine.replay`)."""
        names = ", ".join(name for name, _ in self.columns)
        values = ", ".join(f"row.{name}" for name, _ in self.columns)
        arrays = ", ".join(f"%s::{kind}[]" for _, kind in self.columns)
        stands = ", ".join(f"live.{name}" for name, _ in self.columns)
        clock, now = (f", {self.clock}", ", own.now") if self.clock else ("", "")
        given = "%s::uuid, %s::timestamptz" if self.clock else "%s::uuid, NULL::timestamptz"
        return (
            f"INSERT INTO {self.name} (workspace_id{clock}, {names}) "
            f"SELECT own.workspace_id{now}, {values} "
            f"FROM (VALUES ({given})) AS own (workspace_id, now) CROSS JOIN unnest({arrays}) AS row ({names}) "
            # Each by its key, whatever the database thinks of how many there are.
            f"LEFT JOIN LATERAL (SELECT * FROM public.{self.name} AS kept WHERE kept.workspace_id = own.workspace_id"
            f" AND kept.{self.key} = row.{self.key} OFFSET 0) AS live ON true "
            f"WHERE ({values}) IS DISTINCT FROM ({stands})"
        )


def _table(name: str, columns: str, **how: Any) -> Table:
    """Columns are written `name type, …`."""
    pairs = (column.split() for column in columns.split(","))
    return Table(name, tuple((pair[0], pair[1]) for pair in pairs), **how)


ACCOUNT = _table(
    "account",
    "id uuid, external_id text, name text, since timestamptz, traits jsonb",
    clock="updated_at",
    replace=True,
)
PARTICIPANT = _table(
    "participant",
    "id uuid, external_id text, email text, name text, account_id uuid, traits jsonb, first_seen_at timestamptz,"
    "merged_into_id uuid",
    clock="updated_at",
    replace=True,
)
LINK = _table(
    "link",
    "id uuid, program_id uuid, participant_id uuid, code text, channel text, simulated bool, created_at timestamptz,"
    "state text, expires_at timestamptz, destination text, typed text",
    replace=True,
)
REFERRAL = _table(
    "referral",
    "id uuid, program_id uuid, version_id uuid, referrer_id uuid, referred_id uuid, external_id text, source text,"
    "state text, reason text, submitted_at timestamptz, qualified_at timestamptz, opportunity_at timestamptz,"
    "closed_at timestamptz, expires_at timestamptz, value bigint, properties jsonb, simulated bool",
    clock="updated_at",
    replace=True,
)
CLAIM = _table(
    "claim",
    "id uuid, program_id uuid, participant_id uuid, referred_id uuid, state text, reason text, at timestamptz,"
    "claimed_at timestamptz, decided_at timestamptz, decision_id uuid, referral_id uuid",
    replace=True,
)
REWARD = _table(
    "reward",
    "id uuid, program_id uuid, version_id uuid, rule text, subject_id uuid, occurrence text, referral_id uuid,"
    "participant_id uuid, gift jsonb, amount bigint, unit text, reversed bigint, state text, reason text,"
    "needs_approval text, hold_until timestamptz, pending_transfer_id uuid, granted_at timestamptz,"
    "approved_at timestamptz, issued_at timestamptz, ended_at timestamptz, expires_at timestamptz,"
    "notify_by timestamptz, fulfil_by timestamptz, simulated bool, basis jsonb",
    clock="updated_at",
    replace=True,
)
COUNTER = _table(
    "counter",
    "subject_id uuid, name text, count bigint, amount bigint",
    key="subject_id, name",
    replace=True,
)
TIMER = _table(
    "timer",
    "id uuid, kind text, due_at timestamptz, program_id uuid, referral_id uuid, reward_id uuid, detail jsonb,"
    "place bigint",
    replace=True,
)
EARLY_FACT = _table(
    "early_fact", "id uuid, program_id uuid, subject text, event_id uuid, recall_at timestamptz", replace=True
)
EXCHANGE_RATE = _table(
    "exchange_rate",
    "id uuid, base text, quote text, day date, rate text, source text, published_at timestamptz",
    replace=True,
)
LEDGER_ACCOUNT = _table(
    "ledger_account", "id uuid, kind text, unit text, program_id uuid, participant_id uuid", keep=True
)
TRANSFER = _table(
    "transfer",
    "id uuid, debit_id uuid, credit_id uuid, unit text, amount bigint, phase text, pending_id uuid, code text,"
    "reward_id uuid, event_id uuid, effective_at timestamptz",
    clock="recorded_at",
)
OUTBOX = _table("outbox", "id uuid, topic text, event_id uuid, payload jsonb", clock="created_at")
EVENT = _table(
    "event",
    "id uuid, type text, source text, event_id text, occurred_at timestamptz, received_at timestamptz, payload jsonb",
)
APPLIED = _table("applied", "event_id uuid, position bigint, participant_id uuid", clock="applied_at", key="event_id")
MERGE = _table(
    "participant_merge",
    "id uuid, merged_id uuid, survivor_id uuid, event_id uuid, merged_at timestamptz, moved jsonb,"
    "split_event_id uuid, split_at timestamptz",
    replace=True,
)
DECISION = _table(
    "decision",
    "id uuid, event_id uuid, program_id uuid, version_id uuid, participant_id uuid, referral_id uuid, outcome text,"
    "reason text, trace jsonb, occurred_at timestamptz",
)


class Done(NamedTuple):
    """One event applied: where in the order, about whom, and what was decided."""

    event: Event
    position: int
    participant_id: str | None
    decisions: tuple[Decision, ...]
    rang: bool


MANY = 100
"""Rows of which it is worth to look what they have alike."""


def save(
    state: State,
    done: Sequence[Done],
    now: datetime,
    execute: Callable[[str, Sequence[Any]], Any],
    *,
    whole: Collection[Table] = (),
) -> None:
    """Writes the state's changes, the log's new ring events, the order, and the decisions, by statements that
    `execute` carries out. The rows of the domain are in the order of their table's columns. What many rows
    have alike is said once, by statements of more texts than `Table.statement`; but for the tables of `whole`."""
    changes = state.changes

    def write(table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        if not rows:
            return
        columns = list(zip(*rows, strict=True))
        once = table.once(columns) if len(rows) >= MANY and table not in whole else {}
        if len(once) == len(columns):
            once = {}
        arrays = [
            packed(kind, column)
            for (name, kind), column in zip(table.columns, columns, strict=True)
            if name not in once
        ]
        statement = table.sparing(once.keys()) if once else table.statement
        if not (table.replace or table.keep):
            statement += cluster.returning()
        execute(statement, [state.workspace_id, *([now] if table.clock else []), *once.values(), *arrays])

    # What an import brought and its undoing takes out again; first, for it may come anew in the same batch.
    for name, gone in (("link", changes.dropped_links), ("participant", changes.dropped_participants)):
        if gone:
            execute(
                f"DELETE FROM {name} WHERE workspace_id = %s AND id = ANY(%s::uuid[])",
                [state.workspace_id, array("uuid", gone)],
            )
    write(ACCOUNT, [state.accounts[id] for id in changes.accounts])
    write(PARTICIPANT, [state.participants[id] for id in changes.participants])
    write(LINK, [state.links[code] for code in changes.links])
    if changes.merges:
        # Referrals may trade places in a merge: none that is written stands while they do, so that no two ever
        # stand for one person (referral_one_standing).
        moving = array("uuid", changes.referrals)
        execute(
            "UPDATE referral SET state = 'voided' WHERE workspace_id = %s AND id = ANY(%s::uuid[])",
            [state.workspace_id, moving],
        )
        write(MERGE, [state.merges[id] for id in changes.merges])
    write(REFERRAL, [state.referrals[id] for id in changes.referrals])
    write(CLAIM, [state.claims[id] for id in changes.claims])
    write(REWARD, [state.rewards[id] for id in changes.rewards])
    write(COUNTER, [(*key, *state.counter(*key)) for key in changes.counters])
    if changes.dropped_timers:
        execute(
            "DELETE FROM timer WHERE workspace_id = %s AND id = ANY(%s::uuid[])",
            [state.workspace_id, array("uuid", changes.dropped_timers)],
        )
    write(TIMER, list(changes.timers.values()))
    if changes.woken:
        execute(
            """
            UPDATE timer SET due_at = row.due_at
            FROM unnest(%s::uuid[], %s::timestamptz[]) AS row (id, due_at)
            WHERE timer.workspace_id = %s AND timer.id = row.id AND timer.due_at > row.due_at
            """,
            [array("uuid", changes.woken), array("timestamptz", changes.woken.values()), state.workspace_id],
        )
    for turns in changes.woken_lines:
        execute(
            """
            UPDATE timer SET due_at = %s
            WHERE workspace_id = %s AND program_id = %s::uuid AND detail->>'line' = ANY(%s::text[])
              AND due_at > %s AND due_at < %s
            """,
            [turns.at, state.workspace_id, turns.program_id, array("text", turns.lines), turns.at, BEHIND],
        )
    if changes.dropped_early:
        execute(
            "DELETE FROM early_fact WHERE workspace_id = %s AND id = ANY(%s::uuid[])",
            [state.workspace_id, array("uuid", changes.dropped_early)],
        )
    write(
        EARLY_FACT,
        [(row.id, row.program_id, row.subject, row.event.id, row.recall_at) for row in changes.early.values()],
    )
    write(EXCHANGE_RATE, [(rate_id(state.workspace_id, row), *row) for row in changes.rates.values()])
    write(LEDGER_ACCOUNT, list(changes.ledger_accounts.values()))
    write(
        TRANSFER,
        [
            (
                row.id, row.debit.id, row.credit.id, row.debit.unit, row.amount, row.phase, row.pending_id, row.code,
                row.reward_id, row.event_id, row.effective_at,
            )
            for row in changes.transfers
        ],
    )  # fmt: skip
    write(
        EVENT,
        [
            (row.id, row.type, row.source, row.event_id, row.occurred_at, row.received_at, row.payload())
            for row in (entry.event for entry in done if entry.rang)
        ],
    )
    write(APPLIED, [(entry.event.id, entry.position, entry.participant_id) for entry in done])
    write(DECISION, [_decision(state, entry, decision) for entry in done for decision in entry.decisions])
    write(
        OUTBOX,
        [
            (
                ids.derive(row.at, state.workspace_id, "outbox", row.key),
                row.topic,
                row.event_id,
                row.payload,
            )
            for row in changes.notices
        ],
    )
    if changes.published:
        execute(
            """
            UPDATE program SET live_version_id = row.version_id, name = row.name
            FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) AS row (id, version_id, name)
            WHERE program.workspace_id = %s AND program.id = row.id
            """,
            [
                array("uuid", changes.published),
                array("uuid", changes.published.values()),
                array("text", [state.versions[id].document.name for id in changes.published.values()]),
                state.workspace_id,
            ],
        )
    if changes.stopped:
        execute(
            """
            UPDATE program SET state = row.state
            FROM unnest(%s::uuid[], %s::text[]) AS row (id, state)
            WHERE program.workspace_id = %s AND program.id = row.id
            """,
            [array("uuid", changes.stopped), array("text", changes.stopped.values()), state.workspace_id],
        )


def rate_id(workspace_id: str, row: Rate) -> str:
    """One row for each pair and day."""
    midnight = datetime.combine(row.day, time(), UTC)
    return ids.derive(midnight, workspace_id, "exchange_rate", row.base, row.quote)


def _decision(state: State, entry: Done, decision: Decision) -> tuple[Any, ...]:
    event = entry.event
    return (
        ids.derive(event.occurred_at, state.workspace_id, "decision", event.id, decision.program_id or decision.about),
        event.id,
        decision.program_id,
        decision.version_id,
        decision.participant_id or entry.participant_id,
        decision.referral_id,
        decision.outcome,
        decision.reason,
        decision.trace or None,
        event.occurred_at,
    )
