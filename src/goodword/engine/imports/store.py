"""The rows of imports: what was asked, the bytes of its files, and the report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

import orjson
from django.utils.translation import gettext_noop as N_

from goodword.engine.imports import reading
from goodword.engine.imports.mapping import Mapping_
from goodword.engine.imports.planning import Line
from goodword.engine.imports.reading import Detector, Format, Unreadable
from goodword.store import cluster, tenancy
from goodword.store.models import ImportRun
from goodword.store.sql import array, execute, fetch
from goodword.store.worded import Worded

PART = 256 * 1024
"""Bytes of a file that one row holds."""
MAX_FILES = 20
"""Files of one import."""
KEPT_RUNS = 200
"""Imports that are listed."""
TRIED_KEPT = timedelta(days=1)
"""How long files that were tried are kept, so that they can be imported as they are."""
CAN_BEGIN_TO_BE_UNDONE = ("done", "failed", "cancelled")
OVER = (*CAN_BEGIN_TO_BE_UNDONE, "undone")


class NoSuchImport(LookupError):
    """The workspace has no import of that id."""

    code = "import_not_found"


class WrongState(Worded):
    """The import is not in a state in which that can be done; the message says why."""

    code = "wrong_state"


class Sent(NamedTuple):
    """A file that somebody sends: its name, what it holds where they say so, and its bytes in parts."""

    name: str
    kind: str
    parts: Iterable[bytes]


def create(
    workspace_id: str, mapping: Mapping_, program: str, rule: str, files: Sequence[Sent], *, dry_run: bool, by: str
) -> ImportRun:
    """Keeps an import with its files, to be run. Raises `Unreadable` for a file that cannot be one."""
    if not 1 <= len(files) <= MAX_FILES:
        raise Unreadable(
            "too_many_files", N_("%(count)s files; an import has 1 to %(most)s."), count=len(files), most=MAX_FILES
        )
    forget_tried(workspace_id)
    with tenancy.workspace(workspace_id):
        run = ImportRun.objects.create(
            workspace_id=workspace_id,
            mapping=mapping.name,
            document={"text": orjson.dumps(mapping.source).decode()},
            program=program,
            rule=rule,
            dry_run=dry_run,
            state="waiting",
            asked_by=by[:200],
            asked_at=datetime.now(UTC),
        )
        run.files = [_keep(workspace_id, str(run.id), place, sent, mapping) for place, sent in enumerate(files)]
        ImportRun.objects.filter(workspace_id=workspace_id, id=run.id).update(files=run.files)
    return run


def _keep(workspace_id: str, run_id: str, place: int, sent: Sent, mapping: Mapping_) -> dict[str, Any]:
    detector, digest = Detector(), sha256()
    for number, part in enumerate(_parts(sent.parts)):
        detector.see(part)
        digest.update(part)
        if detector.size > reading.MAX_FILE:
            raise Unreadable(
                "file_too_large", N_("%(name)s has over %(most)s bytes; split it."),
                name=sent.name, most=f"{reading.MAX_FILE:,}",
            )  # fmt: skip
        execute(
            "INSERT INTO import_file (workspace_id, run_id, file, part, body) VALUES (%s, %s, %s, %s, %s)",
            [workspace_id, run_id, place, number, part],
        )
    format = reading.format_of(sent.name, detector, mapping.encoding, mapping.delimiter)
    return {
        "name": sent.name[:200], "kind": sent.kind, "size": detector.size, "sha256": digest.hexdigest(),
        "format": format.kind, "encoding": format.encoding, "delimiter": format.delimiter,
    }  # fmt: skip


def _parts(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes in parts of one size."""
    left = b""
    for part in parts:
        left += part
        while len(left) >= PART:
            yield left[:PART]
            left = left[PART:]
    if left:
        yield left


def body(workspace_id: str, run_id: str, file: int) -> Iterator[bytes]:
    """The bytes of a file, part by part, each read when it is asked for."""
    number = 0
    while True:
        with tenancy.workspace(workspace_id):
            rows = fetch(
                "SELECT body FROM import_file WHERE workspace_id = %s AND run_id = %s AND file = %s AND part = %s",
                [workspace_id, run_id, file, number],
            )
        if not rows:
            return
        yield bytes(rows[0][0])
        number += 1


def format_of(file: Mapping[str, Any]) -> Format:
    """How a kept file is written."""
    return Format(file["format"], file["encoding"], file["delimiter"])


def find(workspace_id: str, id: str) -> ImportRun:
    """An import. Raises `NoSuchImport`."""
    with tenancy.workspace(workspace_id):
        run = ImportRun.objects.filter(workspace_id=workspace_id, id=id).first()
    if run is None:
        raise NoSuchImport("There is no import of this id here.")
    return run


def newest(workspace_id: str) -> list[ImportRun]:
    """The imports, the newest first."""
    with tenancy.workspace(workspace_id):
        return list(ImportRun.objects.filter(workspace_id=workspace_id).defer("document").order_by("-id")[:KEPT_RUNS])


def change(workspace_id: str, id: str, *, only: Sequence[str] = (), **values: Any) -> bool:
    """Writes columns of an import; `only` where it is in one of these states. Gives whether it was."""
    with tenancy.workspace(workspace_id):
        rows = ImportRun.objects.filter(workspace_id=workspace_id, id=id)
        return bool((rows.filter(state__in=only) if only else rows).update(**values))


def again(workspace_id: str, tried: ImportRun, by: str) -> ImportRun:
    """What was tried, as an import that is not tried, with the same files. Raises `WrongState` where they are gone."""
    with tenancy.workspace(workspace_id):
        if not has_files(tried):
            raise WrongState(N_("Its files are no longer kept; send them again."))
        kept = ("name", "kind", "size", "sha256", "format", "encoding", "delimiter")
        run = ImportRun.objects.create(
            workspace_id=workspace_id,
            mapping=tried.mapping,
            document=tried.document,
            program=tried.program,
            rule=tried.rule,
            dry_run=False,
            state="waiting",
            asked_by=by[:200],
            asked_at=datetime.now(UTC),
            files=[{name: file[name] for name in kept} for file in tried.files],
        )
        execute(
            "UPDATE import_file SET run_id = %s WHERE workspace_id = %s AND run_id = %s",
            [run.id, workspace_id, tried.id],
        )
    return run


def has_files(run: ImportRun) -> bool:
    """Whether what was sent is still there."""
    with tenancy.workspace(run.workspace_id):
        return bool(
            fetch("SELECT FROM import_file WHERE workspace_id = %s AND run_id = %s LIMIT 1", [run.workspace_id, run.id])
        )


def forget_tried(workspace_id: str) -> None:
    """Files that were tried a day ago and not imported go."""
    with tenancy.workspace(workspace_id):
        execute(
            """
            DELETE FROM import_file
            WHERE workspace_id = %(own)s AND run_id IN (
                SELECT id FROM import_run WHERE workspace_id = %(own)s AND dry_run AND ended_at < %(before)s
            )
            """,
            {"own": workspace_id, "before": datetime.now(UTC) - TRIED_KEPT},
        )


def drop_files(workspace_id: str, id: str) -> None:
    """The import is over: what was sent is no longer kept."""
    with tenancy.workspace(workspace_id):
        execute("DELETE FROM import_file WHERE workspace_id = %s AND run_id = %s", [workspace_id, id])


# The report


class ReportLine(NamedTuple):
    """A line of the report. `file` counts from 0; `event_id` is the log's id of what a row became."""

    number: int
    file: int
    line: int
    kind: str
    status: str
    code: str
    column: str
    value: str
    message: str
    source_id: str
    event_id: str | None


_COLUMNS = "number, file, line, kind, status, code, column_name, value, message, source_id, event_id::text"


def add_lines(
    workspace_id: str, run_id: str, file: int, first: int, lines: Sequence[Line], events: Mapping[int, str]
) -> None:
    """Writes lines of the report, numbered from `first` on; `events` has the log's ids by number."""
    told = [(number, line) for number, line in enumerate(lines, first) if not line.quiet]
    troubles = [line.trouble for _, line in told]
    execute(
        """
        INSERT INTO import_row (workspace_id, run_id, file, number, line, kind, status, code, column_name, value,
                                message, source_id, event_id)
        SELECT %s::uuid, %s::uuid, %s, row.*
        FROM unnest(%s::int[], %s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
                    %s::text[], %s::uuid[]) AS row
        """
        + cluster.returning(),
        [
            workspace_id, run_id, file, array("int", [number for number, _ in told]),
            array("int", [line.record.line for _, line in told]), array("text", [line.record.kind for _, line in told]),
            array("text", [line.status for _, line in told]), array("text", [t.code if t else "" for t in troubles]),
            array("text", [t.column[:200] if t else "" for t in troubles]),
            array("text", [t.value[:200] if t else "" for t in troubles]),
            array("text", [t.message[:1000] if t else "" for t in troubles]),
            array("text", [str(line.record.get("source_id") or "")[:200] for _, line in told]),
            array("uuid", [events.get(number) for number, _ in told]),
        ],
    )  # fmt: skip


def report(workspace_id: str, run_id: str, after: int, limit: int, status: str | None = None) -> list[ReportLine]:
    """Lines of the report after a number, in order (import_row_pkey); only those of a status."""
    with tenancy.workspace(workspace_id):
        rows = fetch(
            f"""
            SELECT {_COLUMNS} FROM import_row
            WHERE workspace_id = %s AND run_id = %s AND number > %s AND %s IN ('', status)
            ORDER BY number
            LIMIT %s
            """,
            [workspace_id, run_id, after, status or "", limit],
        )
    return [ReportLine(*row) for row in rows]


def forget_people(workspace_id: str, patterns: Sequence[str]) -> int:
    """Somebody is erased: what reports quote of them goes. `patterns` are of LIKE."""
    return execute(
        """
        UPDATE import_row SET value = '', source_id = '', message = CASE WHEN message ILIKE ANY(%(texts)s::text[])
            THEN '' ELSE message END
        WHERE workspace_id = %(own)s
          AND (value ILIKE ANY(%(texts)s::text[]) OR source_id ILIKE ANY(%(texts)s::text[])
               OR message ILIKE ANY(%(texts)s::text[]))
        """,
        {"own": workspace_id, "texts": array("text", patterns)},
    ).rowcount
