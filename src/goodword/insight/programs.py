"""Programs and their versions as people compare them: what each version changed, in words.

Reads only. The words are computed when somebody looks (`domain.wording`); nothing is stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from goodword.domain.document import Document
from goodword.domain.wording import Change, changes
from goodword.insight.standing import Move
from goodword.store import tenancy
from goodword.store.models import Program, ProgramDraft, ProgramVersion

VERSIONS = 50
"""Versions that a page shows, the newest first."""


class NoVersion(LookupError):
    """The program has no version of that number."""

    def __init__(self, program: str, number: int) -> None:
        self.program, self.number = program, number
        super().__init__(f"There is no version {number} of {program}.")


@dataclass(frozen=True, slots=True)
class Compared:
    """A document beside a version: `number` is that version's, None where the program has none yet."""

    program: str
    number: int | None
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version, what it changed of the one before, and how many referrals keep it. `live_at` is when it went live,
    `due_at` when it is to; neither where a later one took its place. Of a draft, `authors` wrote it and `approved_by`
    looked at it."""

    number: int
    live: bool
    published_at: datetime
    published_by: str
    live_at: datetime | None
    due_at: datetime | None
    authors: tuple[str, ...]
    approved_by: str
    changes: tuple[Change, ...]
    terms: Mapping[str, Any]
    referrals: int
    open: int


def compare(workspace_id: str, document: Document, against: int | None = None) -> Compared:
    """A document beside the live version of its program, or the one numbered `against`. Raises `NoVersion`."""
    with tenancy.workspace(workspace_id):
        program = (
            Program.objects.filter(workspace_id=workspace_id, key=document.program)
            .select_related("live_version")
            .first()
        )
        old = program.live_version if program and against is None else None
        if against is not None:
            old = _version(workspace_id, program, document.program, against)
    before = _written(old.document) if old else None
    return Compared(document.program, old.number if old else None, changes(before, document))


def between(workspace_id: str, program: Program, number: int, against: int | None = None) -> Compared:
    """A version beside another, or the one before it. Raises `NoVersion`."""
    other = number - 1 if against is None else against
    with tenancy.workspace(workspace_id):
        version = _version(workspace_id, program, program.key, number)
        old = _version(workspace_id, program, program.key, other) if other else None
    before = _written(old.document) if old else None
    return Compared(program.key, old.number if old else None, changes(before, _written(version.document)))


def versions(
    workspace_id: str, program_id: str, live_version_id: str | None, moves: Sequence[Move]
) -> list[VersionLine]:
    """The last `VERSIONS` versions of a program, the newest first; `moves` is what became of it."""
    went_live = {move.version: move.at for move in reversed(moves) if move.what == "live"}
    due = {move.version: move.due_at for move in reversed(moves) if move.what == "scheduled"}
    with tenancy.workspace(workspace_id):
        rows = list(
            ProgramVersion.objects.filter(workspace_id=workspace_id, program_id=program_id)
            .select_related("program")
            .order_by("-number")[: VERSIONS + 1]
        )
        counts = _referrals(workspace_id, program_id)
        records = (
            dict(
                ProgramDraft.objects.filter(
                    workspace_id=workspace_id, key=rows[0].program.key, number__in=[row.number for row in rows]
                ).values_list("number", "trail")
            )
            if rows
            else {}
        )
    live_number = next((row.number for row in rows if str(row.id) == str(live_version_id)), 0)
    documents = [_written(row.document) for row in rows]
    lines = []
    for place, row in enumerate(rows[:VERSIONS]):
        before = documents[place + 1] if place + 1 < len(rows) else None
        all_, open_ = counts.get(str(row.id), (0, 0))
        trail = records.get(row.number, ())
        approvals = [step["by"] for step in trail if step["what"] == "approved"]
        due_at = due.get(row.number)
        lines.append(
            VersionLine(
                row.number,
                str(row.id) == str(live_version_id),
                row.published_at,
                row.published_by,
                went_live.get(row.number),
                due_at if due_at and due_at > datetime.now(UTC) and row.number > live_number else None,
                tuple(sorted({step["by"] for step in trail if step["what"] == "saved"})),
                approvals[-1] if approvals else "",
                changes(before, documents[place]),
                row.document.get("terms") or {},
                all_,
                open_,
            )
        )
    return lines


def _written(source: Mapping[str, Any]) -> Document:
    """A document that was published: what is refused since then stops nobody from reading it."""
    return Document.model_validate(dict(source))


def _version(workspace_id: str, program: Program | None, key: str, number: int) -> ProgramVersion:
    found = (
        ProgramVersion.objects.filter(workspace_id=workspace_id, program_id=program.id, number=number).first()
        if program
        else None
    )
    if found is None:
        raise NoVersion(key, number)
    return found


def _referrals(workspace_id: str, program_id: str) -> dict[str, tuple[int, int]]:
    """By version, how many referrals keep it, and how many of them are open."""
    rows = _query(
        """
        SELECT version_id::text, COUNT(*),
               COUNT(*) FILTER (WHERE state IN ('submitted', 'qualified', 'opportunity', 'nurture'))
        FROM referral
        WHERE workspace_id = %s AND program_id = %s
        GROUP BY version_id
        """,
        [workspace_id, program_id],
    )
    return {version_id: (all_, open_) for version_id, all_, open_ in rows}


def _query(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
