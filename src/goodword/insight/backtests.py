"""The kept answers of backtests: who gains and loses by name, every changed decision ready to show, and all of it as
tables. Reads only; names are looked up when somebody looks."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from goodword.domain import ids
from goodword.insight import sheets, traces
from goodword.insight.explain import person, rule_outcome
from goodword.insight.explained import Person, RuleOutcome
from goodword.store import jobs, tenancy
from goodword.store.models import Job, Participant
from goodword.store.sql import array, fetch

TABLES = ("totals", "cost", "people", "decisions", "caps", "budgets", "liability")
"""What is written as CSV."""
PAGE = 1_000
"""Lines read at once."""
_DECISION_COLUMNS = (
    "position", "event", "type", "occurred_at", "participant", "before_outcome", "before_reason", "after_outcome",
    "after_reason", "before_trace", "after_trace",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """How many rewards somebody has, and what they come to in the line's unit."""

    rewards: int
    amount: int


@dataclass(frozen=True, slots=True)
class PersonChange:
    """Whose rewards come to more or less. `person` is None for rewards of nobody known."""

    number: int
    person: Person | None
    unit: str
    before: Standing
    after: Standing
    change: int


@dataclass(frozen=True, slots=True)
class Side:
    """One of two decisions. `trace`: with public ids; `rules`: its lines about rewards; `moved`: a referral's states,
    from and to, '' where it did not move or began."""

    outcome: str
    reason: str
    trace: Mapping[str, Any]
    rules: tuple[RuleOutcome, ...]
    moved: tuple[str, str]

    @property
    def yes(self) -> bool:
        """Whether it gave or changed something."""
        return self.outcome == "yes"


@dataclass(frozen=True, slots=True)
class Changed:
    """A decision that would be another one. `event` is our id, None for a timer; one of the sides may be None."""

    number: int
    position: int | None
    event: str | None
    type: str
    occurred_at: str
    person: Person | None
    before: Side | None
    after: Side | None


def question(
    document: Mapping[str, Any],
    since: datetime | None,
    until: datetime | None,
    as_of_version: int | None,
    elasticity: Decimal | None,
) -> dict[str, Any]:
    """What is asked, as it is kept for the worker."""
    return {
        "document": document,
        "since": since.isoformat() if since else None,
        "until": until.isoformat() if until else None,
        "as_of_version": as_of_version,
        "elasticity": str(elasticity) if elasticity is not None else None,
    }


def people(workspace_id: str, job_id: str, after: int = 0, limit: int = PAGE) -> list[PersonChange]:
    """Those who would have more or less, the greatest change first, after a number."""
    rows = jobs.rows(workspace_id, job_id, "person", after, limit)
    known = _people(workspace_id, [data["participant"] for _, data in rows])
    return [
        PersonChange(
            number, known.get(data["participant"]), data["unit"], Standing(**data["before"]), Standing(**data["after"]),
            data["change"],
        )
        for number, data in rows
    ]  # fmt: skip


def decisions(workspace_id: str, job_id: str, after: int = 0, limit: int = PAGE) -> list[Changed]:
    """The kept changed decisions in the order of the log, after a number."""
    rows = jobs.rows(workspace_id, job_id, "decision", after, limit)
    about = _about(workspace_id, [data["event"]["id"] for _, data in rows])
    known = _people(workspace_id, about.values())
    return [
        Changed(
            number, data["position"], data["event"]["id"], data["event"]["type"], data["event"]["occurred_at"],
            known.get(about.get(data["event"]["id"] or "", "")), _side(data["before"]), _side(data["after"]),
        )
        for number, data in rows
    ]  # fmt: skip


def erased_since(workspace_id: str, job: Job) -> bool:
    """Whether changed decisions were kept and are gone: somebody was erased since."""
    kept = (job.result or {}).get("changed", {}).get("kept", 0)
    return bool(kept) and not jobs.rows(str(workspace_id), str(job.id), "decision", 0, 1)


def csv(workspace_id: str, job: Job, table: str) -> Iterator[str]:
    """A table of an answer, in pieces; texts that a spreadsheet would run are quoted."""
    assert job.result is not None
    id = str(job.id)
    if table == "people":
        yield from _pieces(
            sheets.BACKTEST["people"],
            (_person_row(row) for row in _all(lambda after: people(workspace_id, id, after))),
        )
    elif table == "decisions":
        yield from _pieces(
            _DECISION_COLUMNS,
            (_decision_row(row) for row in _all(lambda after: decisions(workspace_id, id, after))),
        )
    else:
        columns = sheets.BACKTEST[table]
        rows = (sheets.flat(row) for row in job.result[table])
        yield from _pieces(columns, ([row[name] for name in columns] for row in rows))


def _all(page: Any) -> Iterator[Any]:
    after = 0
    while rows := page(after):
        yield from rows
        after = rows[-1].number


def _pieces(columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    def piece(columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
        out = io.StringIO()
        sheets.write_csv(out, columns, rows)
        return out.getvalue()

    yield piece(columns, ())
    page: list[Iterable[Any]] = []
    for row in rows:
        page.append(row)
        if len(page) == PAGE:
            yield piece((), page)
            page = []
    yield piece((), page)


def _person_row(row: PersonChange) -> list[Any]:
    who = row.person
    return [
        who.public_id if who else "", (who.external_id or who.email) if who else "", row.unit, row.before.rewards,
        row.before.amount, row.after.rewards, row.after.amount, row.change,
    ]  # fmt: skip


def _decision_row(row: Changed) -> list[Any]:
    sides = (row.before, row.after)
    who = row.person
    found: list[Any] = [row.position if row.position is not None else "", row.event or "", row.type, row.occurred_at]
    found.append((who.external_id or who.email or who.public_id) if who else "")
    found += [text for side in sides for text in ((side.outcome, side.reason) if side else ("", ""))]
    return found + [orjson.dumps(side.trace).decode() if side else "" for side in sides]


def _side(told: Mapping[str, Any] | None) -> Side | None:
    if told is None:
        return None
    trace = told["trace"]
    move = trace.get("referral") or {}
    lines = tuple(rule_outcome(line, {}) for line in trace.get("rewards", ()))
    moved = move.get("from") or "", move.get("to") or ""
    return Side(told["outcome"], told["reason"], traces.public(trace), lines, moved)


def _about(workspace_id: str, events: Iterable[str | None]) -> dict[str, str]:
    """By public id of an event, the public id of whom it is about (applied_pkey)."""
    wanted = {ids.internal("evt", event): event for event in events if event}
    with tenancy.workspace(workspace_id):
        return {
            wanted[event_id]: ids.public("par", participant_id)
            for event_id, participant_id in fetch(
                """
                SELECT event_id::text, participant_id::text FROM applied
                WHERE workspace_id = %s AND event_id = ANY(%s::uuid[]) AND participant_id IS NOT NULL
                """,
                [workspace_id, array("uuid", wanted)],
            )
        }


def _people(workspace_id: str, public_ids: Iterable[str | None]) -> dict[str, Person]:
    """People by their public ids."""
    wanted = {ids.internal("par", id) for id in public_ids if id}
    with tenancy.workspace(workspace_id):
        rows = Participant.objects.filter(workspace_id=workspace_id, id__in=wanted).select_related("account")
        return {found.public_id: found for found in map(person, rows)}
