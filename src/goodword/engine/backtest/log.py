"""What a backtest reads: the log in the order in which it was applied, and what was decided then, in pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from goodword.domain.events import Event, from_log
from goodword.domain.evidence import AT_CHECKOUT
from goodword.domain.payloads import APPROVED, CLAIMED, IMPORT_LINK, IMPORT_REFERRAL
from goodword.store import tenancy
from goodword.store.attempts import MAX_ATTEMPTS
from goodword.store.sql import array, execute, fetch

PAGE = 2_000
"""Events read at once."""
_BEGIN = ("participant.signed_up", "referral.submitted")
"""Types of event by which a referral may begin."""
_NAMES = frozenset({*_BEGIN, "link.created", IMPORT_LINK, IMPORT_REFERRAL})
"""Types of event by which a program may make a name known that others read: of a referral, a person, a link."""


_NO_TRACE: Mapping[str, Any] = {}


class Stored(NamedTuple):
    """A decision as it was made: about which program (None: about who is who), and what."""

    program_id: str | None
    outcome: str
    reason: str
    trace: Mapping[str, Any]


class Begun(NamedTuple):
    """What a program that is not decided again made of an event: a referral, or, without one, a link."""

    program_id: str
    test: bool
    referral_id: str | None


class Entry(NamedTuple):
    """An event at its place in the order, with what was decided of it then for the tested program, and what began by
    it in programs that are not decided again."""

    position: int
    event: Event
    stored: Sequence[Stored] = ()
    begun: Sequence[Begun] = ()


@dataclass(slots=True)
class Page:
    """A stretch of the log. `owners`: whose the program's rewards are that it speaks of; `values`: what the program's
    referrals are worth that it speaks of, in minor units; `concluded`: see `State.concluded`."""

    entries: list[Entry]
    owners: dict[str, str] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)
    concluded: dict[tuple[str, str], Sequence[Mapping[str, Any]]] = field(default_factory=dict)


@contextmanager
def snapshot(workspace_id: str, shared: str = "") -> Iterator[str]:
    """A transaction that sees one moment of the workspace and may write nothing. Gives the name of the moment, by
    which another process's transaction sees the same (`shared`) for as long as this one lasts."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            if shared:
                cursor.execute("SET TRANSACTION SNAPSHOT %s", [shared])
            else:
                cursor.execute("SELECT pg_export_snapshot()")
                [shared] = cursor.fetchone()
        with tenancy.workspace(workspace_id):
            # Pages are found by key, and a page is too small a thing to start other processes of the database for.
            execute("SELECT set_config('enable_seqscan', 'off', true)")
            execute("SELECT set_config('max_parallel_workers_per_gather', '0', true)")
            yield shared


def rows_at(workspace_id: str, positions: Sequence[int]) -> list[tuple[Any, ...]]:
    """The entries at these places, in the order of the log (applied_position, event_pkey)."""
    return fetch(
        """
        SELECT applied.position, event.id::text, event.type, event.source, event.event_id, event.occurred_at,
               event.received_at, event.payload
        FROM applied
        JOIN event ON event.workspace_id = applied.workspace_id AND event.id = applied.event_id
        WHERE applied.workspace_id = %s AND applied.position = ANY(%s::bigint[])
        ORDER BY applied.position
        """,
        [workspace_id, array("bigint", positions)],
    )


def length(workspace_id: str) -> int:
    """How many events were applied."""
    return int(fetch("SELECT coalesce(max(position), 0) FROM applied WHERE workspace_id = %s", [workspace_id])[0][0])


def waiting(workspace_id: str) -> int:
    """How many events are recorded and not applied yet; a backtest does not see them."""
    asked = "SELECT count(*) FROM inbox WHERE workspace_id = %s AND attempts < %s"
    return int(fetch(asked, [workspace_id, MAX_ATTEMPTS])[0][0])


def was_erased(workspace_id: str) -> bool:
    """Whether anybody of the workspace was erased."""
    return bool(fetch("SELECT EXISTS (SELECT FROM erasure WHERE workspace_id = %s)", [workspace_id])[0][0])


def pages(
    workspace_id: str, program_id: str, *, decisions: bool, erased: bool, others: Sequence[str] = ()
) -> Iterator[Page]:
    """The log from its beginning. With `decisions`, also what was decided for the program and of who is who; `others`
    are the programs that are not decided again."""
    last = 0
    while rows := _rows(workspace_id, last):
        last = rows[-1][0]
        yield page(workspace_id, program_id, rows, decisions=decisions, erased=erased, others=others)


def page(
    workspace_id: str,
    program_id: str,
    rows: Sequence[tuple[Any, ...]],
    *,
    decisions: bool,
    erased: bool,
    others: Sequence[str],
) -> Page:
    """Rows of the log (position and the event's columns) with what belongs to them."""
    found = Page([])
    stored = _stored(workspace_id, program_id, [row[1] for row in rows]) if decisions else {}
    begun = _begun(workspace_id, others, [row[1] for row in rows if row[2] in _NAMES]) if others else {}
    found.entries = [
        Entry(row[0], from_log(*row[1:]), stored.get(row[1], ()), begun.get(row[1], ())) for row in rows
    ]  # fmt: skip
    if stored:
        rewards, referrals = _named(stored.values())
        found.owners = dict(_of_ids(workspace_id, program_id, "reward", "participant_id::text", rewards))
        found.values = dict(_of_ids(workspace_id, program_id, "referral", "coalesce(value, 0)", referrals))
    if erased:
        found.concluded = concluded(workspace_id, [row[1] for row in rows])
    return found


def _rows(workspace_id: str, after: int) -> list[tuple[Any, ...]]:
    """The next events in the order in which they were applied (applied_position, event_pkey)."""
    return fetch(
        """
        SELECT applied.position, event.id::text, event.type, event.source, event.event_id, event.occurred_at,
               event.received_at, event.payload
        FROM applied
        JOIN event ON event.workspace_id = applied.workspace_id AND event.id = applied.event_id
        WHERE applied.workspace_id = %s AND applied.position > %s
        ORDER BY applied.position
        LIMIT %s
        """,
        [workspace_id, after, PAGE],
    )


def _stored(workspace_id: str, program_id: str, event_ids: Sequence[str]) -> dict[str, list[Stored]]:
    """By event, the decisions for the program and those about who is who (decision_event)."""
    found: dict[str, list[Stored]] = {}
    for event_id, *told in fetch(
        """
        SELECT event_id::text, program_id::text, outcome, reason, nullif(trace, '{}'::jsonb)
        FROM decision
        WHERE workspace_id = %s AND event_id = ANY(%s::uuid[]) AND (program_id = %s OR program_id IS NULL)
        ORDER BY event_id, id
        """,
        [workspace_id, array("uuid", event_ids), program_id],
    ):
        decision = Stored(told[0], told[1], told[2], told[3] or _NO_TRACE)
        if event_id in found:
            found[event_id].append(decision)
        else:
            found[event_id] = [decision]
    return found


def _begun(workspace_id: str, programs: Sequence[str], event_ids: Sequence[str]) -> dict[str, list[Begun]]:
    """By event, the referrals and links that it began in these programs (decision_event)."""
    if not event_ids:
        return {}
    found: dict[str, list[Begun]] = {}
    for event_id, *begun in fetch(
        """
        SELECT event_id::text, program_id::text, test, referral_id::text
        FROM decision
        JOIN program ON program.workspace_id = decision.workspace_id AND program.id = decision.program_id
        WHERE decision.workspace_id = %s AND event_id = ANY(%s::uuid[]) AND program_id = ANY(%s::uuid[])
          AND (referral_id IS NOT NULL OR reason IN ('linked', 'imported') AND NOT test)
        """,
        [workspace_id, array("uuid", event_ids), array("uuid", programs)],
    ):
        found.setdefault(event_id, []).append(Begun(*begun))
    return found


def _named(stored: Iterable[Sequence[Stored]]) -> tuple[set[str], set[str]]:
    """The rewards that were given and the referrals that were won, as far as decisions say so."""
    rewards: set[str] = set()
    referrals: set[str] = set()
    for decisions in stored:
        for decision in decisions:
            if not decision.trace:
                continue
            rewards.update(line["reward"] for line in decision.trace.get("rewards", ()) if "reward" in line)
            moves = [decision.trace.get("referral"), *decision.trace.get("merge", {}).get("moves", ())]
            referrals.update(move.get("id") or move["referral"] for move in moves if move)
    return rewards, referrals


def _of_ids(workspace_id: str, program_id: str, table: str, column: str, ids: Iterable[str]) -> list[tuple[Any, ...]]:
    """A column of the program's rows among those of these ids (the key)."""
    wanted = array("uuid", ids)
    if wanted == "{}":
        return []
    return fetch(
        f"SELECT id::text, {column} FROM {table} WHERE workspace_id = %s AND id = ANY(%s::uuid[]) AND program_id = %s",
        [workspace_id, wanted, program_id],
    )


def concluded(workspace_id: str, event_ids: Sequence[str]) -> dict[tuple[str, str], Sequence[Mapping[str, Any]]]:
    """What conditions gave whose facts were erased since: it cannot be worked out again."""
    rows = fetch(
        """
        SELECT event_id::text, program_id::text, trace->'checks' FROM decision
        WHERE workspace_id = %s AND event_id = ANY(%s::uuid[]) AND trace ? 'erased'
        """,
        [workspace_id, array("uuid", event_ids)],
    )
    return {(event_id, program_id): checks for event_id, program_id, checks in rows}


def was_undone(workspace_id: str) -> bool:
    """Whether an import of the workspace was taken out again, or is being."""
    asked = "SELECT EXISTS (SELECT FROM import_run WHERE workspace_id = %s AND state IN ('undoing', 'undone'))"
    return bool(fetch(asked, [workspace_id])[0][0])


def late_beginnings(workspace_id: str) -> list[tuple[int, datetime]]:
    """The sign-ups, submissions and orders with evidence that came after something later, by place: those may be
    explained by what was told of a person before. The earliest moment of each and all after it rises with the place;
    of those that have it on one day there is one row: the place of the last, and the earliest moment of them."""
    rows = fetch(
        """
        WITH late AS (
            SELECT position, min(occurred_at) OVER (ORDER BY position DESC) AS earliest
            FROM (
                SELECT applied.position, event.type,
                       CASE WHEN event.type = ANY(%(claims)s::text[])
                           THEN coalesce(
                               (
                                   SELECT person.first_seen_at FROM claim
                                   JOIN participant AS person ON person.workspace_id = %(own)s
                                                             AND person.id = claim.referred_id
                                   WHERE claim.workspace_id = %(own)s
                                     AND (claim.id = event.id OR claim.decision_id = event.id)
                               ),
                               'epoch'
                           )
                           ELSE least(event.occurred_at, event.received_at)
                       END AS occurred_at,
                       event.type = ANY(%(begin)s::text[] || %(claims)s::text[]) OR event.type = 'order.completed' AND (
                           event.payload->'properties' ?| %(evidence)s::text[]
                           OR EXISTS (
                               SELECT FROM early_fact
                               WHERE early_fact.workspace_id = %(own)s
                                 AND early_fact.subject = applied.participant_id::text
                           )
                       ) AS begins,
                       max(least(event.occurred_at, event.received_at)) OVER (
                           ORDER BY applied.position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                       ) AS latest
                FROM applied
                JOIN event ON event.workspace_id = applied.workspace_id AND event.id = applied.event_id
                WHERE applied.workspace_id = %(own)s
            ) AS told
            WHERE begins AND occurred_at <= latest
        )
        SELECT max(position), min(earliest)
        FROM late
        GROUP BY date_trunc('day', earliest, 'UTC')
        ORDER BY max(position)
        """,
        {
            "own": workspace_id,
            "begin": array("text", _BEGIN),
            "claims": array("text", (CLAIMED, APPROVED)),
            "evidence": array("text", sorted(AT_CHECKOUT)),
        },
    )
    return [(position, earliest) for position, earliest in rows]


def first_due(workspace_id: str) -> datetime | None:
    """When the earliest timer is due that has not rung."""
    due: datetime | None = fetch("SELECT min(due_at) FROM timer WHERE workspace_id = %s", [workspace_id])[0][0]
    return due
