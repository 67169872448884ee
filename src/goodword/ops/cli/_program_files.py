"""`goodword program diff`, `apply` and `export`: programmes that a team keeps in files, such as in git."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from goodword.ops.cli._documents import FILE, program_named, tell_faults, text, user
from goodword.ops.cli._shared import (
    Refused,
    answer_json,
    find_workspace,
    json_option,
    with_database,
    workspace_option,
)

if TYPE_CHECKING:
    from goodword.domain.wording import Change
    from goodword.insight.programs import Compared

SAME, DIFFERENT, NOT_COMPARED = 0, 1, 2


class NotCompared(click.ClickException):
    """Two documents could not be compared; exit code 2, because 1 says that they differ."""

    exit_code = NOT_COMPARED


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that was read, beside what is live."""

    file: Path
    source: dict[str, Any]
    compared: Compared


@click.command(
    epilog="""\b
Examples:
  goodword program diff program.yaml
  goodword program diff program.yaml --against 2"""
)
@click.argument("file", type=FILE)
@click.option("--against", "number", type=click.IntRange(1), help="A version; the live one if left out.")
@workspace_option
@json_option
@with_database
def diff(*, file: Path, number: int | None, workspace: str | None, as_json: bool) -> int:
    """Say in words what a document changes of the published program; - reads the standard input.

    Exit code 0: it means the same; 1: it differs; 2: they cannot be compared.
    """
    from goodword.domain import program as documents
    from goodword.domain.faults import ProgramError
    from goodword.insight.programs import NoVersion, compare

    try:
        found = find_workspace(workspace)
        document, _ = documents.read(text(file))
        compared = compare(str(found.id), document, number)
    except ProgramError as error:
        tell_faults(error, file, as_json=as_json, outcome="nothing was compared")
        return NOT_COMPARED
    except (NoVersion, Refused) as error:
        raise NotCompared(str(error)) from error
    if as_json:
        answer_json(
            {
                "program": compared.program,
                "against": compared.number,
                "changes": [change_data(change) for change in compared.changes],
            }
        )
    elif compared.changes:
        _tell(compared)
    else:
        click.echo(f"{_name(file)} means the same as version {compared.number} of {compared.program}.")
    return DIFFERENT if compared.changes else SAME


@click.command(
    epilog="""\b
Examples:
  goodword program apply programs/*.yaml --dry-run
  goodword program apply programs/*.yaml --by "$(git log -1 --format=%an)\""""
)
@click.argument("files", type=FILE, nargs=-1, required=True)
@workspace_option
@click.option("--dry-run", is_flag=True, help="Only say what would be published.")
@click.option("--by", help="Who publishes.  [default: your user name]")
@json_option
@with_database
def apply(*, files: Sequence[Path], workspace: str | None, dry_run: bool, by: str | None, as_json: bool) -> int:
    """Publish those of the documents that mean something else than what is live, after saying what changes.

    All are checked before the first is published. The same files again change nothing, and neither does one of a
    version that is to go live later.
    """
    from goodword.engine import programs

    found = find_workspace(workspace)
    read = _read_all(str(found.id), files, as_json=as_json)
    if read is None:
        return 1
    try:
        for each in read:  # before the first is published, and in a dry run too
            if each.compared.changes:
                programs.check_open(str(found.id), each.compared.program)
    except programs.StateError as error:
        raise Refused(str(error)) from None
    done = []
    for each in read:
        compared, version = each.compared, each.compared.number
        changed = bool(compared.changes) or version is None
        if not as_json and changed:
            _tell(compared)
        if changed and not dry_run:
            try:
                version = programs.publish(str(found.id), each.source, by=by or user()).number
            except programs.StateError as error:
                raise Refused(str(error)) from None
        done.append(
            {
                "file": str(each.file),
                "program": compared.program,
                "version": version,
                "changed": changed,
                "published": changed and not dry_run,
                "changes": [change_data(change) for change in compared.changes],
            }
        )
        if not as_json:
            click.echo(_conclusion(compared.program, version, changed=changed, dry_run=dry_run))
    if as_json:
        answer_json({"workspace": found.slug, "programs": done})
    return 0


@click.command(
    epilog="""\b
Examples:
  goodword program export b2b-sales > b2b-sales.yaml
  goodword program export b2b-sales --version 1"""
)
@click.argument("program")
@workspace_option
@click.option("--version", "number", type=click.IntRange(1), help="A version; the live one if left out.")
@with_database
def export(*, program: str, workspace: str | None, number: int | None) -> None:
    """Print a published document as YAML that 'goodword program apply' takes back as it is."""
    from goodword.insight.documents import as_yaml
    from goodword.store import tenancy
    from goodword.store.models import ProgramVersion

    found = find_workspace(workspace)
    row = program_named(str(found.id), program)
    with tenancy.workspace(found.id):
        versions = ProgramVersion.objects.filter(workspace_id=found.id, program_id=row.id)
        chosen = versions.filter(number=number).first() if number else row.live_version
    if chosen is None:
        raise Refused(f"{program} has no version {number}." if number else f"No version of {program} is live.")
    click.echo(as_yaml(chosen.document), nl=False)


def change_data(change: Change) -> dict[str, Any]:
    """A change as programs read it."""
    return {
        "kind": change.kind,
        "what": list(change.what),
        "before": change.before,
        "after": change.after,
        "text": change.text,
    }


def _read_all(workspace_id: str, files: Sequence[Path], *, as_json: bool) -> list[_Read] | None:
    """Every file beside what is live, or is to go live and says the same; None where one has faults, which are told, or
    two say they are one program."""
    from goodword.domain import program as documents
    from goodword.domain.faults import ProgramError
    from goodword.engine import programs
    from goodword.insight.programs import compare

    read: list[_Read] = []
    bad = False
    for file in files:
        try:
            document, source = documents.read(text(file))
        except ProgramError as error:
            tell_faults(error, file, as_json=as_json)
            bad = True
            continue
        for other in read:
            if other.compared.program == document.program:
                raise Refused(f"{_name(file)} and {_name(other.file)} are both {document.program}; give one of them.")
        read.append(_Read(file, source, compare(workspace_id, document, programs.waiting(workspace_id, source))))
    return None if bad else read


def _tell(compared: Compared) -> None:
    beside = f"beside version {compared.number}" if compared.number else "which is new"
    click.echo(f"{compared.program}, {beside}:")
    for change in compared.changes:
        click.echo(f"  {change.text}")


def _conclusion(program: str, version: int | None, *, changed: bool, dry_run: bool) -> str:
    if not changed:
        return f"{program}: version {version} means the same."
    return f"{program}: would be published." if dry_run else f"{program}: version {version} is published."


def _name(file: Path) -> str:
    return "The document" if str(file) == "-" else str(file)
