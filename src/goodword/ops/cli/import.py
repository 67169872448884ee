"""`goodword import`."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
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
    from goodword.engine.imports.mapping import Mapping_
    from goodword.store.models import ImportRun, Workspace

SHOWN = 20
"""Lines of the report that are told at once; `goodword import show` and --report have all."""

REPORT = click.Path(path_type=Path, dir_okay=False)
STATUS = click.Choice(["accepted", "skipped", "error", "undone", "kept"])
EPILOG = """\b
Examples:
  goodword import rewardful affiliates.csv --program friends --dry-run
  goodword import rewardful affiliates.jsonl referrals.jsonl commissions.jsonl --program friends
  goodword import my-mapping.yaml people.csv --kind participants --program friends --report report.csv
  goodword import mapping dub > my-mapping.yaml
  goodword import undo imp_01h2xcejqtf2nbrexx3vqjhp41

\b
Exit code 1: a file could not be read, or rows could not be taken; those that could be are there.
Try it with --dry-run first: nothing is written but the report."""


class Group(click.Group):
    """What is no subcommand is a vendor or a mapping's file: `run`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["run", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=Group, epilog=EPILOG)
def command() -> None:
    """Bring a programme over from another system: participants, links, referrals, rewards and balances.

    `goodword import VENDOR|MAPPING.yaml FILE…` imports files; the other commands look at imports and take them back.
    """


@command.command("run", epilog=EPILOG)
@click.argument("mapping")
@click.argument("files", nargs=-1, required=True)
@workspace_option
@click.option("--program", metavar="KEY", help="The program; not needed where only one is published.")
@click.option(
    "--kind", metavar="KIND",
    help="What the files hold: participants, links, referrals, rewards, balances, or a name of the mapping. Left out: "
    "as the columns tell. For one file of several write KIND=FILE.",
)  # fmt: skip
@click.option("--rule", metavar="ID", default="", help="The rule that imported rewards stand for.")
@click.option("--dry-run", is_flag=True, help="Write nothing but the report; say what would happen.")
@click.option("--report", type=REPORT, help="Write the whole report (.csv or .jsonl).")
@json_option
@with_database
def run(
    *, mapping: str, files: tuple[str, ...], workspace: str | None, program: str | None, kind: str | None, rule: str,
    dry_run: bool, report: Path | None, as_json: bool,
) -> int:  # fmt: skip
    """Import FILES as MAPPING says: the name of a ready one (goodword import mapping), or the file of your own.

    They may be given in any order: participants come first, then links, referrals, rewards and balances.
    """
    from goodword.engine.imports import running, store
    from goodword.engine.imports.reading import Unreadable

    found = find_workspace(workspace)
    read = _mapping(mapping)
    sent = [_sent(name, kind or "") for name in files]
    key = _program(str(found.id), program)
    try:
        made = store.create(str(found.id), read, key, rule, sent, dry_run=dry_run, by=_user())
    except (Unreadable, OSError) as error:
        raise Refused(f"{error}") from None
    say(f"Import {running.public(made)}; if it is broken off: goodword import resume {running.public(made)}")
    return _carry_out(found, made, report, as_json=as_json)


def _carry_out(workspace: Workspace, made: ImportRun, report: Path | None, *, as_json: bool) -> int:
    from goodword.engine import apply
    from goodword.engine.imports import running, store

    try:
        done = running.run(str(workspace.id), str(made.id), _progress(as_json))
    except running.ImportRefused as error:
        raise Refused(f"{error} Nothing was imported." if not _any(made) else str(error)) from None
    except (store.WrongState, apply.Busy) as error:
        raise Refused(str(error)) from None
    return _told(done, report, as_json=as_json)


def _any(made: ImportRun) -> bool:
    from goodword.engine.imports import store

    return bool(store.find(str(made.workspace_id), str(made.id)).counts)


def _told(done: ImportRun, report: Path | None, *, as_json: bool) -> int:
    from goodword.engine.imports import reports

    errors = reports.total(done, "error")
    if report:
        _write(
            report, reports.as_jsonl(done) if report.suffix.lower() in (".jsonl", ".ndjson") else reports.as_csv(done)
        )
    if as_json:
        answer_json(reports.data(done))
        return 1 if errors else 0
    _table(done)
    for number, line in enumerate(reports.lines(done, "error")):
        if number == SHOWN:
            say(f"… and {errors - SHOWN:,} more; goodword import show {reports.data(done)['id']} has all.")
            break
        say(_line(line))
    return 1 if errors else 0


def _table(done: ImportRun) -> None:
    from goodword.engine.imports import reports

    what = "Dry run" if done.dry_run else "Import"
    click.echo(f"{what} {reports.data(done)['id']} of {done.mapping} into {done.program}: {done.state}.")
    for row in reports.counts(done):
        told = ", ".join(f"{number:,} {status}" for status, number in row.items() if status != "kind" and number)
        click.echo(f"  {row['kind']:<13} {told or 'nothing'}")
    if done.dry_run:
        click.echo("Nothing was written.")
    if done.failure:
        click.echo(f"  {done.failure}: {done.detail}")


def _line(line: dict[str, Any]) -> str:
    where = f"{line['file']} line {line['line']}"
    what = " ".join(str(part) for part in (line["column"], repr(line["value"]) if line["value"] else "") if part)
    return f"{where}: {line['kind']}: {line['code']}: {what + ': ' if what else ''}{line['message']}"


def _write(path: Path, parts: Iterator[str]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(parts)
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}.") from None
    say(f"Wrote {path}.")


def _progress(quiet: bool) -> Any:
    if quiet or not sys.stderr.isatty():
        return lambda done, total: None
    return lambda done, total: click.echo(f"\r{done:>12,} of {total:,} rows ", nl=done >= total, err=True)


def _mapping(name: str) -> Mapping_:
    """A ready mapping, or one of somebody's own from a file. Raises Refused."""
    from goodword.engine.imports import mapping

    path = Path(name)
    try:
        if name in mapping.names() and not path.suffix:
            return mapping.ready(name)
        if not path.exists() and not path.suffix:
            mapping.ready_text(name)
        return mapping.read(path.read_bytes())
    except mapping.UnknownMapping as error:
        raise Refused(f"{error}; or give the file of your own mapping.") from None
    except mapping.MappingError as error:
        for fault in error.faults:
            say(f"{fault.path or 'mapping'}: {fault.code}: {fault.message}")
        raise Refused(f"The mapping has {len(error.faults)} faults; nothing was imported.") from None
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from None


def _sent(name: str, kind: str) -> Any:
    """A file to be sent: FILE, or KIND=FILE."""
    from goodword.engine.imports.store import Sent

    own, mark, rest = name.partition("=")
    if mark and not Path(name).exists():
        kind, name = own, rest
    path = Path(name)
    if path.is_dir():
        raise Refused(f"{path} is a folder; name its files.")
    if not path.exists():
        raise Refused(f"There is no file {path}.")
    return Sent(path.name, kind, _bytes(path))


def _bytes(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(262_144):
            yield part


def _program(workspace_id: str, key: str | None) -> str:
    from goodword.engine.imports import running

    if key:
        return key
    known = running.programs(workspace_id)
    if len(known) == 1:
        return known[0]
    raise Refused(f"Say --program: {', '.join(known) or 'no program is published yet'}.")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "operator"


@command.command(
    "mapping", epilog="\b\nExamples:\n  goodword import mapping\n  goodword import mapping rewardful > my.yaml"
)
@click.argument("vendor", required=False)
def mapping_command(*, vendor: str | None) -> None:
    """Show the ready mapping of VENDOR, to be used or changed; without VENDOR, which there are."""
    from goodword.engine.imports import mapping

    if vendor is None:
        for name in mapping.names():
            found = mapping.ready(name)
            click.echo(f"{name:<14} {found.title}: {', '.join(kind.name for kind in found.files)}")
        return
    try:
        click.echo(mapping.ready_text(vendor), nl=False)
    except mapping.UnknownMapping as error:
        raise Refused(f"{error}.") from None


@command.command("check", epilog="\b\nExample:\n  goodword import check my-mapping.yaml")
@click.argument("mapping")
def check(*, mapping: str) -> None:
    """Read a mapping and say everything that is wrong with it."""
    read = _mapping(mapping)
    click.echo(f"{read.name}: {', '.join(f'{k.name} ({len(k.makes)})' for k in read.files)}.")


@command.command("list", epilog="\b\nExample:\n  goodword import list --workspace acme")
@workspace_option
@json_option
@with_database
def list_imports(*, workspace: str | None, as_json: bool) -> None:
    """List the imports, the newest first."""
    from goodword.domain.moments import shown
    from goodword.engine.imports import reports, store

    rows = store.newest(str(find_workspace(workspace).id))
    if as_json:
        answer_json([reports.data(row) for row in rows])
        return
    for row in rows:
        told = ", ".join(f"{reports.total(row, status):,} {status}" for status in ("accepted", "skipped", "error"))
        dry = " (dry run)" if row.dry_run else ""
        click.echo(f"{reports.data(row)['id']}  {shown(row.asked_at)}  {row.mapping}{dry}  {row.state}  {told}")
    if not rows:
        click.echo("There are no imports yet.")


@command.command(
    "show", epilog="\b\nExample:\n  goodword import show imp_01h2xcejqtf2nbrexx3vqjhp41 --report report.csv"
)
@click.argument("id")
@workspace_option
@click.option("--status", type=STATUS, help="Only these lines.")
@click.option("--report", type=REPORT, help="Write the whole report (.csv or .jsonl).")
@json_option
@with_database
def show(*, id: str, workspace: str | None, status: str | None, report: Path | None, as_json: bool) -> None:
    """Show an import and its report, line by line."""
    from goodword.engine.imports import reports

    found = _find(workspace, id)
    if report:
        lines = report.suffix.lower() in (".jsonl", ".ndjson")
        _write(report, reports.as_jsonl(found, status) if lines else reports.as_csv(found, status))
    if as_json:
        answer_json(reports.data(found))
        return
    _table(found)
    if not report:
        for line in reports.lines(found, status):
            if status or line["status"] != "accepted":
                click.echo(f"{line['status']:<8} {_line(line)}")


@command.command("resume", epilog="\b\nExample:\n  goodword import resume imp_01h2xcejqtf2nbrexx3vqjhp41")
@click.argument("id")
@workspace_option
@click.option("--report", type=REPORT, help="Write the whole report (.csv or .jsonl).")
@json_option
@with_database
def resume(*, id: str, workspace: str | None, report: Path | None, as_json: bool) -> int:
    """Go on with an import that was broken off; nothing comes twice."""
    return _carry_out(find_workspace(workspace), _find(workspace, id), report, as_json=as_json)


@command.command("undo", epilog="\b\nExample:\n  goodword import undo imp_01h2xcejqtf2nbrexx3vqjhp41 --yes")
@click.argument("id")
@workspace_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--report", type=REPORT, help="Write the whole report (.csv or .jsonl).")
@json_option
@with_database
def undo(*, id: str, workspace: str | None, yes: bool, report: Path | None, as_json: bool) -> int:
    """Take an import out again, row by row: what something later depends on is kept, and the report says why.

    Exit code 1: something was kept. Broken off, the same command goes on.
    """
    from goodword.engine import apply
    from goodword.engine.imports import reports, store, undoing

    found = _find(workspace, id)
    if not yes:
        accepted = reports.total(found, "accepted")
        click.confirm(f"Take out what {id} brought, {accepted:,} rows?", abort=True, err=True)
    try:
        done = undoing.undo(str(found.workspace_id), str(found.id), _progress(as_json))
    except (store.WrongState, apply.Busy) as error:
        raise Refused(str(error)) from None
    kept = reports.total(done, "kept")
    if report:
        lines = report.suffix.lower() in (".jsonl", ".ndjson")
        _write(report, reports.as_jsonl(done) if lines else reports.as_csv(done))
    if as_json:
        answer_json(reports.data(done))
        return 1 if kept else 0
    _table(done)
    for number, line in enumerate(reports.lines(done, "kept")):
        if number == SHOWN:
            say(f"… and {kept - SHOWN:,} more; goodword import show {id} --status kept has all.")
            break
        say(_line(line))
    return 1 if kept else 0


def _find(workspace: str | None, id: str) -> ImportRun:
    from goodword.domain import ids
    from goodword.engine.imports import store

    try:
        return store.find(str(find_workspace(workspace).id), ids.internal("imp", id))
    except (ids.BadId, store.NoSuchImport) as error:
        raise Refused(f"{str(error).rstrip('.')}; goodword import list shows them.") from None
