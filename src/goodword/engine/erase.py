"""Erasure: what identifies a person is taken out of everything that is held, and what was decided stays.

The log's events, the rows made of them and the traces are rewritten in one transaction, together with an event
that says so. Names become our id, so that replay finds the same person without them; of conditions that
read what is gone, the outcome on record counts. See docs/concepts/erasure.md and ADR 0010.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db import OperationalError
from uuid_utils import uuid7

from goodword.domain import ids
from goodword.domain.decide import step
from goodword.domain.erasure import MAX_ALSO, Eraser
from goodword.domain.events import Event
from goodword.engine import apply, load
from goodword.engine.erase_rows import Rewriting
from goodword.engine.imports import store as reports
from goodword.engine.save import Done, save
from goodword.store import clicks, jobs, tenancy
from goodword.store.digests import digest
from goodword.store.models import Erasure
from goodword.store.sql import array, execute, fetch

SOURCE = "goodword"
CATCH_UP = 25
"""Batches of waiting events applied before the erasure; what waits longer is rewritten and applied after it."""
ALSO_LENGTH = range(3, 201)
"""Characters of a further text that names the person."""


class UnknownParticipant(LookupError):
    """No such participant in the workspace."""

    code = "participant_not_found"


class BadText(ValueError):
    """A further text that names the person is too short, too long, or one too many."""

    code = "bad_also"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an erasure did. `counts`: rows rewritten or removed, by table. `left`: rows that the workspace
    itself wrote (programs, keys) and that still name the person, by table. `repeated`: it was done before."""

    id: str
    participant_id: str
    event_id: str
    requested_by: str
    requested_at: datetime
    erased_at: datetime
    counts: Mapping[str, int]
    left: Mapping[str, int]
    repeated: bool = False


def find(workspace_id: str, name: str) -> str:
    """The participant of that public id, external id or e-mail, also one who was erased. Raises
    `UnknownParticipant`."""
    text = name.strip()
    try:
        id = ids.internal("par", text)
    except ids.BadId:
        id = "00000000-0000-0000-0000-000000000000"
    with tenancy.workspace(workspace_id):
        found = fetch(
            """
            SELECT id::text FROM participant WHERE workspace_id = %(own)s AND id = %(id)s::uuid
            UNION ALL
            SELECT id::text FROM participant WHERE workspace_id = %(own)s AND external_id = %(text)s
            UNION ALL
            SELECT id::text FROM participant WHERE workspace_id = %(own)s AND email = %(email)s AND email <> ''
            UNION ALL
            SELECT participant_id::text FROM erasure WHERE workspace_id = %(own)s AND digests ?| %(digests)s::text[]
            """,
            {
                "own": workspace_id,
                "id": id,
                "text": text,
                "email": text.lower(),
                "digests": array("text", [_mark(workspace_id, kind, text) for kind in ("external_id", "email")]),
            },
        )
    if not found:
        raise UnknownParticipant(f"There is no participant {name[:60]!r} here; give a par_… id, external id or e-mail.")
    return str(found[0][0])


def receipt(workspace_id: str, participant_id: str) -> Receipt | None:
    """The receipt of a participant's erasure, if there was one."""
    with tenancy.workspace(workspace_id):
        row = Erasure.objects.filter(workspace_id=workspace_id, participant_id=participant_id).first()
    if row is None:
        return None
    return Receipt(
        str(row.id),
        str(row.participant_id),
        str(row.event_id),
        row.requested_by,
        row.requested_at,
        row.erased_at,
        row.counts,
        row.left,
    )


def erase(
    workspace_id: str, participant_id: str, *, by: str, also: Sequence[str] = (), now: datetime | None = None
) -> Receipt:
    """Erases a participant, with everybody who was merged into it or whom it was merged into: they are one person,
    and the receipt is that of the one who stands for all. Again, it answers with the first receipt. `by` says who
    asked; `also` are further texts that name the person, up to `MAX_ALSO`.

    The workspace waits only while rows are rewritten, not while they are looked for. Raises
    `UnknownParticipant`, `BadText`, and `apply.Busy` where the engine does not come free.
    """
    asked = now or datetime.now(UTC)
    _check(also)
    _known(workspace_id, participant_id)
    if done := receipt(workspace_id, _family(workspace_id, participant_id)[-1]):
        return replace(done, repeated=True)
    for _ in range(CATCH_UP):
        if not apply.apply_pending(workspace_id, wait=True, ring=False, now=asked).more:
            break
    family = _family(workspace_id, participant_id)
    for member in family:
        _erase_one(workspace_id, member, by, also, asked)
    done = receipt(workspace_id, family[-1])
    assert done
    return done


def _family(workspace_id: str, participant_id: str) -> list[str]:
    """Everybody who is one person with the participant, the one who stands for all last."""
    with tenancy.workspace(workspace_id):
        rows = fetch(
            """
            WITH survivor AS (
                SELECT coalesce(merged_into_id, id) AS id FROM participant
                WHERE workspace_id = %(own)s AND id = %(id)s::uuid
            )
            SELECT participant.id::text
            FROM participant
            JOIN survivor ON survivor.id IN (participant.id, participant.merged_into_id)
            WHERE participant.workspace_id = %(own)s
            ORDER BY participant.id = survivor.id, participant.id
            """,  # participant_merged_into
            {"own": workspace_id, "id": participant_id},
        )
    return [row[0] for row in rows]


def _erase_one(workspace_id: str, participant_id: str, by: str, also: Sequence[str], asked: datetime) -> None:
    with tenancy.workspace(workspace_id):
        search = _Search(workspace_id, participant_id, also)
        search.look(0, apply.last_position(workspace_id))
        search.clicks = clicks.clean(workspace_id, search.eraser.patterns, search.eraser.numbers, search.eraser.each)
    try:
        with tenancy.workspace(workspace_id):
            apply.lock(workspace_id, wait=True)
            _erase(search, by, asked)
    except OperationalError as error:
        if "lock timeout" in str(error):
            raise apply.Busy("the engine is busy with this workspace; nothing was erased, try again") from error
        raise


def _check(also: Sequence[str]) -> None:
    if len(also) > MAX_ALSO:
        raise BadText(f"{len(also)} further texts; at most {MAX_ALSO} are allowed")
    for text in also:
        if len(text.strip()) not in ALSO_LENGTH or len(text) not in ALSO_LENGTH:
            raise BadText(
                f"a further text has {ALSO_LENGTH.start} to {ALSO_LENGTH.stop - 1} characters; {text[:40]!r} does not"
            )


def _known(workspace_id: str, participant_id: str) -> None:
    with tenancy.workspace(workspace_id):
        if not fetch(
            "SELECT FROM participant WHERE workspace_id = %s AND id = %s::uuid", [workspace_id, participant_id]
        ):
            raise UnknownParticipant(f"There is no participant {ids.public('par', participant_id)} here.")


def _mark(workspace_id: str, kind: str, text: str) -> str:
    return digest(workspace_id, "person", kind, text.lower() if kind == "email" else text).hex()


class _Search:
    """Who the person is, and which events and decisions name them, up to a position of the applied order."""

    def __init__(self, workspace_id: str, participant_id: str, also: Sequence[str]) -> None:
        self.workspace_id = workspace_id
        self.participant_id = participant_id
        self.also = also
        self.secret = secrets.token_bytes(32)
        self.known, self.codes = _names(workspace_id, participant_id)
        self.eraser = Eraser(participant_id, self.known, self.codes, self.secret, also)
        self.position = 0
        self.events: set[str] = set()
        self.decisions: set[str] = set()
        self.clicks = 0
        """Clicks whose address named the person."""

    def look(self, after: int, until: int) -> None:
        """Finds what was applied after one position and up to another."""
        texts, numbers = array("text", self.eraser.patterns), array("text", self.eraser.numbers)
        found = {"own": self.workspace_id, "after": after, "until": until, "me": self.participant_id}
        found |= {"texts": texts, "numbers": numbers}
        self.events |= _column(
            """
            SELECT event.id::text
            FROM applied
            JOIN event ON event.workspace_id = applied.workspace_id AND event.id = applied.event_id
            WHERE applied.workspace_id = %(own)s AND applied.position > %(after)s AND applied.position <= %(until)s
              AND (event.payload::text ILIKE ANY(%(texts)s::text[])
                   OR event.payload::text ~ ANY(%(numbers)s::text[])
                   OR event.event_id ILIKE ANY(%(texts)s::text[])
                   OR event.source ILIKE ANY(%(texts)s::text[]))
            """,
            found,
        )
        self.events |= _column(
            """
            SELECT decision.event_id::text
            FROM applied
            JOIN decision ON decision.workspace_id = applied.workspace_id AND decision.event_id = applied.event_id
            WHERE applied.workspace_id = %(own)s
              AND applied.position > %(after)s AND applied.position <= %(until)s
              AND decision.program_id IS NULL
              AND %(me)s IN (decision.trace->'merge'->>'merged', decision.trace->'merge'->>'survivor')
            """,
            found,
        )
        self.decisions |= _column(
            """
            SELECT decision.id::text
            FROM applied
            JOIN decision ON decision.workspace_id = applied.workspace_id AND decision.event_id = applied.event_id
            WHERE applied.workspace_id = %(own)s AND applied.position > %(after)s AND applied.position <= %(until)s
              AND (decision.trace::text ILIKE ANY(%(texts)s::text[])
                   OR decision.trace::text ~ ANY(%(numbers)s::text[]))
            """,
            found,
        )
        self.position = until

    def catch_up(self) -> None:
        """What came since, under the lock; everything again where the person got a new name meanwhile."""
        known, codes = _names(self.workspace_id, self.participant_id)
        if (known, codes) != (self.known, self.codes):
            self.known, self.codes, self.position = known, codes, 0
            self.eraser = Eraser(self.participant_id, known, codes, self.secret, self.also)
        self.look(self.position, apply.last_position(self.workspace_id))


def _names(workspace_id: str, participant_id: str) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Every way in which events named the person, also while somebody else stood for them (but for an address that is
    others' too), and their links by code. Of somebody who was merged into the person once and taken apart again, the
    names are not theirs."""
    named = fetch(
        """
        SELECT DISTINCT event.payload->'participant' || CASE event.type
                   WHEN 'participant.identified' THEN (event.payload->'properties') - 'touches' ELSE '{}' END
        FROM applied
        JOIN event ON event.workspace_id = applied.workspace_id AND event.id = applied.event_id
        WHERE applied.workspace_id = %(own)s AND applied.participant_id = %(id)s::uuid
          AND event.payload ? 'participant'
          AND NOT EXISTS (
              SELECT FROM participant AS other
              WHERE other.workspace_id = event.workspace_id
                AND other.external_id = event.payload->'participant'->>'external_id'
                AND other.id <> %(id)s::uuid
          )
          AND NOT EXISTS (
              SELECT FROM participant AS other
              WHERE other.workspace_id = event.workspace_id
                AND event.payload->'participant'->>'external_id' IS NULL
                AND other.email = lower(event.payload->'participant'->>'email')
                AND other.email <> ''
                AND other.id <> %(id)s::uuid
          )
        UNION
        SELECT event.payload->'properties'->'referred'
        FROM referral
        JOIN decision ON decision.workspace_id = referral.workspace_id AND decision.referral_id = referral.id
        JOIN event ON event.workspace_id = decision.workspace_id AND event.id = decision.event_id
        WHERE referral.workspace_id = %(own)s AND referral.referred_id = %(id)s::uuid
          AND event.type IN ('referral.submitted', 'import.referral')
        UNION
        SELECT event.payload->'properties'->'referred'
        FROM claim
        JOIN event ON event.workspace_id = claim.workspace_id AND event.id = claim.id
        WHERE claim.workspace_id = %(own)s AND claim.referred_id = %(id)s::uuid
        UNION
        SELECT jsonb_build_object('external_id', event.payload->'properties'->>'anonymous_id')
        FROM applied
        JOIN event ON event.workspace_id = applied.workspace_id AND event.id = applied.event_id
        WHERE applied.workspace_id = %(own)s AND applied.participant_id = %(id)s::uuid
          AND event.payload->'properties' ? 'anonymous_id'
        UNION
        SELECT event.payload->'participant'
        FROM participant AS me
        JOIN participant_merge AS merge ON merge.workspace_id = %(own)s AND merge.merged_id = me.id
        JOIN applied ON applied.workspace_id = %(own)s AND applied.participant_id = merge.survivor_id
        JOIN event ON event.workspace_id = %(own)s AND event.id = applied.event_id
        WHERE me.workspace_id = %(own)s AND me.id = %(id)s::uuid
          AND event.payload->'participant'->>'external_id' = me.external_id
          AND NOT EXISTS (
              SELECT FROM participant AS other
              WHERE other.workspace_id = %(own)s
                AND other.email = lower(event.payload->'participant'->>'email')
                AND other.email <> ''
                AND other.id NOT IN (me.id, merge.survivor_id)
          )
          AND NOT EXISTS (
              SELECT FROM applied AS about
              JOIN event AS told ON told.workspace_id = %(own)s AND told.id = about.event_id
              WHERE about.workspace_id = %(own)s AND about.participant_id = merge.survivor_id
                AND told.payload->'participant'->>'external_id' <> me.external_id
                AND lower(told.payload->'participant'->>'email') = lower(event.payload->'participant'->>'email')
          )
        UNION
        SELECT traits || jsonb_build_object('external_id', external_id, 'email', email, 'name', name)
        FROM participant
        WHERE workspace_id = %(own)s AND id = %(id)s::uuid
        """,
        {"own": workspace_id, "id": participant_id},
    )
    links = fetch(
        "SELECT code, id::text FROM link WHERE workspace_id = %s AND participant_id = %s::uuid",
        [workspace_id, participant_id],
    )
    return sorted((row[0] for row in named if row[0]), key=repr), dict(links)


def _column(statement: str, parameters: Mapping[str, Any]) -> set[str]:
    return {row[0] for row in fetch(statement, parameters)}


def _erase(search: _Search, by: str, asked: datetime) -> None:
    """Everything that one transaction does, under the workspace's lock."""
    workspace_id, participant_id = search.workspace_id, search.participant_id
    if fetch(
        "SELECT FROM erasure WHERE workspace_id = %s AND participant_id = %s::uuid", [workspace_id, participant_id]
    ):
        return  # somebody else's request was first
    search.catch_up()
    rows = Rewriting(workspace_id, search.eraser, search.codes)
    rows.counts["click"] += search.clicks
    rows.rewrite(search.events, search.decisions)
    rows.counts.update(jobs.forget_people(workspace_id))
    rows.counts["import_row"] += reports.forget_people(workspace_id, search.eraser.patterns)
    now = datetime.now(UTC)
    public = ids.public("par", participant_id)
    id = str(uuid7())
    event = Event("participant.erased", SOURCE, id, now, now, {"participant": public}, id=id)
    state = load.programs(workspace_id)
    load.fill(state, [event], ())
    result = step(state, event)
    position = apply.last_position(workspace_id) + 1
    save(state, [Done(event, position, result.participant_id, result.decisions, True)], now, execute)
    Erasure.objects.create(
        workspace_id=workspace_id,
        participant_id=participant_id,
        event_id=event.id,
        requested_by=by[:200],
        requested_at=asked,
        erased_at=now,
        counts=dict(sorted(rows.counts.items())),
        left=_left(workspace_id, search.eraser.patterns),
        digests=sorted(_marks(workspace_id, search.known)),
    )


def _marks(workspace_id: str, known: Iterable[Mapping[str, Any]]) -> set[str]:
    return {
        _mark(workspace_id, kind, person[kind])
        for person in known
        for kind in ("external_id", "email")
        if isinstance(person.get(kind), str) and person[kind]
    }


def _left(workspace_id: str, patterns: list[str]) -> dict[str, int]:
    """Rows that the workspace wrote itself: versions and drafts, and names of keys, are not ours to change."""
    values = [workspace_id, array("text", patterns)]
    statement = "SELECT count(*) FROM {} WHERE workspace_id = %s AND {}::text ILIKE ANY(%s::text[])"
    found = {
        table: fetch(statement.format(table, column), values)[0][0]
        for table, column in (
            ("program_version", "document"),
            ("program_draft", "text || trail::text"),
            ("api_key", "name"),
        )
    }
    return {table: count for table, count in found.items() if count}
