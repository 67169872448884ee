"""An import as it is told: what was asked and what came of it, and the report by row, as data and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from goodword.domain import ids
from goodword.engine.imports import store
from goodword.engine.imports.kinds import KINDS, STATUSES
from goodword.engine.imports.store import ReportLine
from goodword.store.models import ImportRun

HEADER = ("number", "file", "line", "kind", "status", "code", "column", "value", "message", "source_id", "event")
_PAGE = 2_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def data(run: ImportRun) -> dict[str, Any]:
    """An import as plain data."""
    files = [
        {
            "name": file["name"],
            "kind": file.get("is"),
            "size": file["size"],
            "sha256": file["sha256"],
            "format": file["format"],
            "encoding": "utf-8" if file["encoding"] == "utf-8-sig" else file["encoding"],
            "rows": file.get("rows"),
            "columns": file.get("columns", []),
        }
        for file in run.files
    ]
    return {
        "id": ids.public("imp", str(run.id)),
        "mapping": run.mapping,
        "program": run.program,
        "rule": run.rule or None,
        "dry_run": run.dry_run,
        "state": run.state,
        "asked_by": run.asked_by,
        "asked_at": run.asked_at,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "undone_at": run.undone_at,
        "files": files,
        "counts": counts(run),
        "failure": {"code": run.failure, "detail": run.detail} if run.failure else None,
    }


def counts(run: ImportRun) -> list[dict[str, Any]]:
    """How many lines of each kind had which end, in the order in which they were imported."""
    return [
        {"kind": kind} | {status: run.counts[kind].get(status, 0) for status in STATUSES}
        for kind in KINDS
        if kind in run.counts
    ]


def progress(run: ImportRun) -> dict[str, int]:
    """How far it is, of how many steps; of 0 until that is known."""
    place = run.position or {}
    of = int(place.get("of", 0))
    if run.state == "undoing" and ("step" in place or not place):  # its turn has not come yet
        return {"done": 0, "total": int(place.get("number", 1)) - 1}
    if run.state in ("undoing", "undone"):
        return {"done": of + 1 - int(place.get("number", 0)) if run.state == "undoing" else of, "total": of}
    return {"done": of if run.state == "done" else int(place.get("done", 0)), "total": of}


def total(run: ImportRun, status: str) -> int:
    """How many lines had that end."""
    return sum(int(numbers.get(status, 0)) for numbers in run.counts.values())


def line(row: ReportLine, files: Mapping[int, str]) -> dict[str, Any]:
    """A line of the report as plain data."""
    return {
        "number": row.number,
        "file": files.get(row.file, ""),
        "line": row.line,
        "kind": row.kind,
        "status": row.status,
        "code": row.code or None,
        "column": row.column or None,
        "value": row.value or None,
        "message": row.message or None,
        "source_id": row.source_id or None,
        "event": ids.public("evt", row.event_id) if row.event_id else None,
    }


def names(run: ImportRun) -> dict[int, str]:
    """The names of its files, by place."""
    return {place: file["name"] for place, file in enumerate(run.files)}


def lines(run: ImportRun, status: str | None = None) -> Iterator[dict[str, Any]]:
    """The whole report, a page at a time."""
    after, called = 0, names(run)
    while rows := store.report(str(run.workspace_id), str(run.id), after, _PAGE, status):
        for row in rows:
            yield line(row, called)
        after = rows[-1].number


def as_csv(run: ImportRun, status: str | None = None) -> Iterator[str]:
    """The report as CSV, in parts. A cell that a spreadsheet would run as a formula is quoted."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for number, row in enumerate(lines(run, status)):
        writer.writerow([_safe(row[name]) for name in HEADER])
        if number % 1_000 == 999:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else "" if value is None else value


def as_jsonl(run: ImportRun, status: str | None = None) -> Iterator[str]:
    """The report as JSON, a line each."""
    for row in lines(run, status):
        yield orjson.dumps(row).decode() + "\n"
