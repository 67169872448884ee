"""Loading a file of events: everything is checked first, then recorded in batches.

Nothing is recorded before the whole file was read once. A load that is broken off half way is finished
by running it again: what is there already counts as a duplicate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Literal

from django.db import connection

from goodword.domain.event_names import near_miss
from goodword.domain.events import Event, EventError, Problem, parse_event
from goodword.engine import near_misses, orders, record
from goodword.engine.near_misses import NearMiss
from goodword.ops.intake import csv_rows, jsonl_rows
from goodword.ops.intake.rows import Row, UnreadableFile
from goodword.store import tenancy

SOURCE = "file"
"""The source of events whose row names none."""
BATCH = 1_000
MAX_SHOWN = 50
"""Bad rows that are reported one by one; the rest are counted."""
SUFFIXES: Mapping[str, Literal["csv", "jsonl"]] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
READERS: Mapping[str, Callable[[BinaryIO], Iterator[Row]]] = {"csv": csv_rows.read, "jsonl": jsonl_rows.read}

Step = Callable[[int], None]
"""Is told how many rows were dealt with since the last call."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that cannot be recorded, with every reason."""

    line: int
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Report:
    """What a load did, or, in a dry run, would do. `shown` has the first bad rows; `types` those of good ones that
    may be slips, and `slips` what is told of them."""

    rows: int = 0
    bad: int = 0
    inserted: int = 0
    duplicates: int = 0
    shown: list[BadRow] = field(default_factory=list)
    types: set[str] = field(default_factory=set)
    slips: list[NearMiss] = field(default_factory=list)

    def refuse(self, line: int, problems: Iterable[Problem]) -> None:
        self.bad += 1
        if len(self.shown) < MAX_SHOWN:
            self.shown.append(BadRow(line, tuple(problems)))


def kind_of(path: Path, given: str | None) -> str:
    """`csv` or `jsonl`: as given, or by the file's name. Raises `UnreadableFile`."""
    kind = given or SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise UnreadableFile(
            "unknown_format", f"{path.name} ends in none of {', '.join(SUFFIXES)}; say --format csv or --format jsonl."
        )
    return kind


def load(
    workspace_id: str,
    path: Path,
    kind: str,
    *,
    skip_bad: bool = False,
    dry_run: bool = False,
    checked: Step = lambda _count: None,
    recorded: Step = lambda _count: None,
) -> Report:
    """Loads the events of a file. With bad rows nothing is recorded, unless `skip_bad`.

    `checked` and `recorded` are told of progress. Raises `UnreadableFile` with nothing recorded.
    """
    now = datetime.now(UTC)
    report = Report()
    if dry_run:
        _try(workspace_id, _good(workspace_id, path, kind, now, report, checked), report)
        report.slips = near_misses.of(workspace_id, sorted(report.types))
        return report
    for _batch in _good(workspace_id, path, kind, now, report, checked):
        pass
    report.slips = near_misses.of(workspace_id, sorted(report.types))
    if not report.bad or skip_bad:
        again = _good(workspace_id, path, kind, now, Report(), lambda _count: None)
        _record(workspace_id, again, report, recorded)
    return report


def _good(
    workspace_id: str, path: Path, kind: str, now: datetime, report: Report, step: Step
) -> Iterator[list[Mapping[str, Any]]]:
    """The good events of the file as they are sent, in batches; bad rows are put into the report."""
    with _opened(path) as file:
        rows = READERS[kind](file)
        while batch := list(islice(rows, BATCH)):
            report.rows += len(batch)
            problems = _problems(workspace_id, batch, now)
            for place, row in enumerate(batch):
                if place in problems:
                    report.refuse(row.line, problems[place])
            good = [row.raw for place, row in enumerate(batch) if place not in problems and row.raw is not None]
            report.types.update(raw["type"] for raw in good if near_miss(raw["type"]))
            yield good
            step(len(batch))
    if not report.rows:
        raise UnreadableFile("empty_file", f"{path.name} has no events.")


def _problems(workspace_id: str, batch: Sequence[Row], now: datetime) -> dict[int, Sequence[Problem]]:
    """What is wrong with the rows of a batch, by place in it: just what `record` would say."""
    problems: dict[int, Sequence[Problem]] = {}
    events: list[tuple[int, Event]] = []
    for place, row in enumerate(batch):
        if row.raw is None:
            problems[place] = row.problems
            continue
        try:
            event = parse_event(row.raw, now, SOURCE)
        except EventError as error:
            problems[place] = error.problems
            continue
        if orders.is_whole_refund(event):
            said = "a file says what was paid back: give value with currency"
            problems[place] = [Problem("/properties/value", "missing", said)]
        else:
            events.append((place, event))
    with tenancy.workspace(workspace_id):
        return problems | record.unknown_programs(workspace_id, events)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except IsADirectoryError as error:
        raise UnreadableFile("not_a_file", f"{path} is a folder; name a file of events.") from error
    except FileNotFoundError as error:
        raise UnreadableFile("no_such_file", f"There is no file {path}.") from error
    except PermissionError as error:
        raise UnreadableFile("not_readable", f"{path} may not be read by this user.") from error


def _record(workspace_id: str, batches: Iterator[list[Mapping[str, Any]]], report: Report, step: Step) -> None:
    for batch in batches:
        done = record.record(workspace_id, batch, source=SOURCE)
        report.inserted += len(done.inserted)
        report.duplicates += len(done.duplicates)
        step(len(batch))


def _try(workspace_id: str, batches: Iterator[list[Mapping[str, Any]]], report: Report) -> None:
    """Counts what would be inserted and what is there already. The ids are compared in a temporary table
    that goes with the transaction: memory stays bounded, and repeats within the file count too."""
    good = 0
    with tenancy.workspace(workspace_id), connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE TEMPORARY TABLE load_ids (source text, event_id text, PRIMARY KEY (source, event_id))
            ON COMMIT DROP
            """
        )
        for batch in batches:
            good += len(batch)
            cursor.execute(
                """
                INSERT INTO load_ids
                SELECT * FROM unnest(%s::text[], %s::text[])
                ON CONFLICT DO NOTHING
                """,
                [[raw.get("source", SOURCE) for raw in batch], [raw["event_id"] for raw in batch]],
            )
        cursor.execute(
            """
            SELECT count(*)
              FROM load_ids
             WHERE NOT EXISTS (
                   SELECT 1                                        -- event_source_id
                     FROM event e
                    WHERE e.workspace_id = %s
                      AND e.source = load_ids.source
                      AND e.event_id = load_ids.event_id)
            """,
            [workspace_id],
        )
        [report.inserted] = cursor.fetchone() or (0,)
    report.duplicates = good - report.inserted
