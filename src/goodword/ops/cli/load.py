"""`goodword load`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from goodword.ops.cli._shared import (
    Refused,
    answer_json,
    find_workspace,
    json_option,
    say,
    with_database,
    workspace_option,
)

if TYPE_CHECKING:
    from goodword.ops.intake.load import BadRow, Report

EPILOG = """\b
Examples:
  goodword load orders.csv --dry-run
  goodword load events.jsonl --workspace demo --on-error skip
  zcat events.jsonl.gz | goodword load - --format jsonl

\b
A CSV file begins with the names of its columns: event_id, type, occurred_at, source, participant
(the host product's id), email, name, account, and properties.<name> for anything else, such as
properties.value. A JSON lines file has one event a line, as the API takes it.

Exit code 1: there were bad rows and nothing was loaded. With --on-error skip, bad rows are reported and
the exit code is 0."""


@click.command(epilog=EPILOG)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@workspace_option
@click.option(
    "--format", "kind", type=click.Choice(["csv", "jsonl"]), help="Needed where the file's name does not tell."
)
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would happen.")
@click.option(
    "--on-error",
    type=click.Choice(["reject", "skip"]),
    default="reject",
    show_default=True,
    help="With bad rows: load nothing, or load the good ones.",
)
@json_option
@with_database
def command(*, file: Path, workspace: str | None, kind: str | None, dry_run: bool, on_error: str, as_json: bool) -> int:
    """Load events from a CSV or JSON lines file; - reads the standard input.

    Every row is checked before the first is recorded. Sending a file twice changes nothing: events that are
    there already, by source and event_id, count as duplicates.
    """
    from goodword.ops.intake import load
    from goodword.ops.intake.rows import UnreadableFile

    found = find_workspace(workspace)
    skip_bad = on_error == "skip"
    try:
        with _at_rest(file, kind) as (path, kind), _progress(as_json) as (checked, recorded):
            report = load.load(
                str(found.id), path, kind, skip_bad=skip_bad, dry_run=dry_run, checked=checked, recorded=recorded
            )
    except UnreadableFile as error:
        raise Refused(str(error)) from None
    refused = bool(report.bad) and not skip_bad
    if as_json:
        answer_json(
            {
                "file": str(file),
                "workspace": found.slug,
                "dry_run": dry_run,
                "loaded": not (dry_run or refused),
                **_data(report),
            }
        )
    else:
        _tell(report, dry_run=dry_run, refused=refused)
    return 1 if refused else 0


@contextmanager
def _at_rest(file: Path, kind: str | None) -> Iterator[tuple[Path, str]]:
    """The file, which is read twice: the standard input is kept in a temporary one."""
    from goodword.ops.intake import load

    if str(file) != "-":
        yield file, load.kind_of(file, kind)
        return
    if kind is None:
        raise click.UsageError("Say --format csv or --format jsonl for the standard input.")
    with tempfile.NamedTemporaryFile(prefix="goodword-load-") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield Path(copy.name), kind


@contextmanager
def _progress(quiet: bool) -> Iterator[tuple[Any, Any]]:
    """Two callbacks that count rows on the terminal, where somebody is looking."""
    if quiet or not sys.stderr.isatty():
        yield (lambda _count: None), (lambda _count: None)
        return
    totals = {"checked": 0, "recorded": 0}

    def count(word: str, rows: int) -> None:
        totals[word] += rows
        click.echo(f"\r{totals[word]:>12,} {word} ", nl=False, err=True)

    yield (lambda rows: count("checked", rows)), (lambda rows: count("recorded", rows))
    click.echo("\r", nl=False, err=True)


def _tell(report: Report, *, dry_run: bool, refused: bool) -> None:
    for row in report.shown:
        for text in _lines(row):
            say(text)
    for slip in report.slips:
        say(f"warning: near_miss: {slip.detail}.")
    if report.bad > len(report.shown):
        say(f"… and {report.bad - len(report.shown):,} more bad rows.")
    if refused and not dry_run:
        say(
            f"Nothing was loaded: {_many(report.bad, 'bad row')} of {report.rows:,}. Mend them, or use --on-error skip."
        )
        return
    verb = "Would insert" if dry_run else "Inserted"
    skipped = f", {_many(report.bad, 'bad row')} {'reported' if refused else 'left out'}" if report.bad else ""
    click.echo(f"{verb} {_many(report.inserted, 'event')}, {_many(report.duplicates, 'duplicate')}{skipped}.")
    if refused:
        click.echo("Without --on-error skip nothing would be loaded.")


def _lines(row: BadRow) -> Iterator[str]:
    for problem in row.problems:
        yield f"line {row.line}: {problem.pointer or 'row'}: {problem.code}: {problem.message}"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _data(report: Report) -> dict[str, Any]:
    return {
        "rows": report.rows,
        "inserted": report.inserted,
        "duplicates": report.duplicates,
        "bad": report.bad,
        "problems": [
            {"line": row.line, "pointer": problem.pointer, "code": problem.code, "message": problem.message}
            for row in report.shown
            for problem in row.problems
        ],
        "bad_not_shown": report.bad - len(report.shown),
        "warnings": [
            {"code": "near_miss", "type": slip.type, "nearest": slip.nearest, "detail": f"{slip.detail}."}
            for slip in report.slips
        ],
    }
