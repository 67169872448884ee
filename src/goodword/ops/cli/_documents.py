"""Documents and programs as the subcommands name them: a file's text, its faults, a program by its key."""

from __future__ import annotations

import getpass
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from goodword.ops.cli._shared import Refused, answer_json

if TYPE_CHECKING:
    from goodword.domain.faults import ProgramError
    from goodword.store.models import Program

FILE = click.Path(path_type=Path, allow_dash=True)


def user() -> str:
    """The name of the person at the keyboard; a container's user may have none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "operator"


def text(file: Path) -> bytes:
    """The document's bytes, one more than is allowed at most."""
    from goodword.domain.reading import MAX_BYTES

    if str(file) == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise Refused(f"There is no file {file}.") from None
    except IsADirectoryError:
        raise Refused(f"{file} is a folder; name a YAML or JSON file.") from None
    except OSError as error:
        raise Refused(f"{file} cannot be read ({error.strerror}).") from None


def faults_data(error: ProgramError) -> dict[str, Any]:
    """Every fault of a document, as programs read it."""
    faults = [{"path": fault.path, "code": fault.code, "message": fault.message} for fault in error.faults]
    return {"valid": False, "faults": faults}


def tell_faults(
    error: ProgramError, file: Path, *, as_json: bool = False, outcome: str = "nothing was published"
) -> None:
    """Prints every fault of a document by its path, and what came of it."""
    if as_json:
        answer_json(faults_data(error))
        return
    for fault in error.faults:
        click.echo(f"{fault.path or 'document'}: {fault.code}: {fault.message}", err=True)
    name = "The document" if str(file) == "-" else file
    count = len(error.faults)
    told = f"{name} has {count} fault{'' if count == 1 else 's'}"
    click.echo(f"{told}; {outcome}." if outcome else f"{told}.", err=True)


def programs_of(workspace_id: str) -> list[Program]:
    """The workspace's programs by key, each with its live version."""
    from goodword.store import tenancy
    from goodword.store.models import Program

    with tenancy.workspace(workspace_id):
        return list(Program.objects.filter(workspace_id=workspace_id).select_related("live_version").order_by("key"))


def moment(option: str, given: str | None) -> datetime | None:
    """A moment given as RFC 3339 with an offset; raises Refused."""
    from goodword.domain.events import parse_time

    try:
        return parse_time(given) if given is not None else None
    except ValueError as error:
        raise Refused(f"{option} {given!r}: {error}") from None


def program_named(workspace_id: str, key: str) -> Program:
    """The program of that key; raises Refused."""
    known = {row.key: row for row in programs_of(workspace_id)}
    if key not in known:
        raise Refused(f"There is no program {key[:60]!r}; there is {', '.join(known) or 'none'}.")
    return known[key]
