"""`goodword program draft`: documents on their way to being published."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from goodword.ops.cli._documents import FILE, moment, tell_faults, text, user
from goodword.ops.cli._shared import (
    Refused,
    answer_json,
    find_workspace,
    json_option,
    with_database,
    workspace_option,
)

if TYPE_CHECKING:
    from goodword.store.models import ProgramDraft

_by = click.option("--by", help="Who does it.  [default: your user name]")
_comment = click.option("--comment", default="", help="Kept in the draft's record.")


@click.group(
    epilog="""\b
Examples:
  goodword program draft save program.yaml
  goodword program draft submit b2b-sales
  goodword program draft approve b2b-sales --by grace@example.com
  goodword program draft publish b2b-sales"""
)
def draft() -> None:
    """Write a change, have somebody else approve it, and publish what was approved."""


@draft.command(epilog="Example: goodword program draft save program.yaml --comment 'Higher cap for spring'")
@click.argument("file", type=FILE)
@workspace_option
@_by
@_comment
@with_database
def save(*, file: Path, workspace: str | None, by: str | None, comment: str) -> int:
    """Save a document as the open draft of its program; - reads the standard input.

    It may have faults yet; they are told. Another text makes an approval void.
    """
    from goodword.domain.faults import ProgramError
    from goodword.engine import drafts

    found = find_workspace(workspace)
    try:
        saved, new = drafts.save(str(found.id), text(file), by=by or user(), comment=comment)
        told = drafts.faults(str(found.id), saved.text)
    except ProgramError as error:
        tell_faults(error, file, outcome="nothing was saved")
        return 1
    except drafts.DraftError as error:
        raise Refused(str(error)) from None
    click.echo(f"{'Saved' if new else 'Changed'} the draft of {saved.key} in {found.slug}.")
    for fault in told:
        click.echo(f"{fault.path or 'document'}: {fault.code}: {fault.message}", err=True)
    if told:
        click.echo("It cannot be submitted before these are repaired.", err=True)
    else:
        click.echo(f"Next: 'goodword program draft submit {saved.key}'.")
    return 0


@draft.command(name="list", epilog="Example: goodword program draft list --all")
@workspace_option
@click.option("--all", "everything", is_flag=True, help="Also those that were published or discarded.")
@json_option
@with_database
def list_(*, workspace: str | None, everything: bool, as_json: bool) -> None:
    """List the open drafts of a workspace, the newest first."""
    from goodword.insight import drafts as insight
    from goodword.store import tenancy

    found = find_workspace(workspace)
    with tenancy.workspace(found.id):
        rows = list(insight.drafts(str(found.id), only_open=not everything)[: insight.PAGE])
    if as_json:
        answer_json([_facts(row) for row in rows])
    elif not rows:
        click.echo(f"{found.slug} has no open draft; save one with 'goodword program draft save FILE'.")
    for row in () if as_json else rows:
        click.echo(f"{row.key:<32} {row.state:<10} {_told(row.trail[-1])}")


@draft.command(epilog="Example: goodword program draft show b2b-sales")
@click.argument("program")
@workspace_option
@json_option
@with_database
def show(*, program: str, workspace: str | None, as_json: bool) -> None:
    """Show the open draft of a program: its text, its faults, what it changes, and its record."""
    from goodword.domain.program import read
    from goodword.engine import drafts
    from goodword.insight.programs import compare

    found = find_workspace(workspace)
    row = _open(str(found.id), program)
    faults = drafts.faults(str(found.id), row.text)
    changes = [] if faults else [change.text for change in compare(str(found.id), read(row.text)[0]).changes]
    if as_json:
        told = [{"path": fault.path, "code": fault.code, "message": fault.message} for fault in faults]
        answer_json({**_facts(row), "trail": row.trail, "faults": told, "changes": changes, "text": row.text})
        return
    click.echo(f"# {row.key}, a draft in the state {row.state}")
    for step in row.trail:
        said = f": {step['comment']}" if step["comment"] else ""
        click.echo(f"# {_told(step)}{said}")
    for fault in faults:
        click.echo(f"# fault: {fault.path or 'document'}: {fault.message}")
    for change in changes:
        click.echo(f"# change: {change}")
    click.echo(row.text, nl=not row.text.endswith("\n"))


def _step(verb: str, name: str, does: str, told: str) -> click.Command:
    """The command of one step of a draft."""

    @click.argument("program")
    @workspace_option
    @_by
    @_comment
    @with_database
    def command(*, program: str, workspace: str | None, by: str | None, comment: str) -> int:
        from goodword.engine import drafts

        found, who = find_workspace(workspace), by or user()
        if verb == "approve":
            _check_approver(str(found.id), who)
        return _done(str(found.id), program, getattr(drafts, verb), told, by=who, comment=comment)

    command.__doc__ = does
    comment = " --comment 'No cap'" if verb == "send_back" else ""
    return click.command(name=name, epilog=f"Example: goodword program draft {name} b2b-sales{comment}")(command)


for _each in (
    _step("submit", "submit", "Ask for a review of the open draft of a program.", "in review"),
    _step("approve", "approve", "Approve the open draft of a program, which somebody else wrote.", "approved"),
    _step("send_back", "send-back", "Send a draft back to who wrote it; --comment says why.", "sent back"),
    _step("discard", "discard", "Give the open draft of a program up; it stays on record.", "discarded"),
):
    draft.add_command(_each)


@draft.command(epilog="Example: goodword program draft publish b2b-sales --at 2026-12-01T00:00:00Z")
@click.argument("program")
@workspace_option
@_by
@_comment
@click.option("--at", metavar="TIME", help="Go live at this moment (RFC 3339), not now.")
@with_database
def publish(*, program: str, workspace: str | None, by: str | None, comment: str, at: str | None) -> int:
    """Publish the approved draft of a program as its next version."""
    from goodword.engine import drafts

    found = find_workspace(workspace)
    when, who = moment("--at", at), by or user()
    return _done(str(found.id), program, drafts.publish, "published", by=who, comment=comment, at=when)


def _check_approver(workspace_id: str, who: str) -> None:
    """Refuses a name that nobody has who may approve. Where the workspace has no such login, whoever runs commands on
    the server may."""
    from goodword.store import staff

    may = staff.publishers(workspace_id)
    if may and who not in may:
        raise Refused(
            f"{who} may not approve: that is for an owner or a manager of the workspace. Say who does with --by: "
            f"{', '.join(may[:5])}{', …' if len(may) > 5 else ''}."
        )


def _done(workspace_id: str, program: str, step: Callable[..., Any], told: str, **values: Any) -> int:
    """Does a step and says so; 1 where the document has faults."""
    from goodword.domain.faults import ProgramError
    from goodword.engine.programs import StateError

    row = _open(workspace_id, program)
    try:
        done = step(workspace_id, str(row.id), **values)
    except ProgramError as error:
        tell_faults(error, Path(f"the draft of {program}"))
        return 1
    except StateError as error:
        raise Refused(str(error)) from None
    number = f" as version {done.number}" if told == "published" else ""
    click.echo(f"The draft of {program} is {told}{number}.")
    return 0


def _open(workspace_id: str, program: str) -> ProgramDraft:
    from goodword.engine import drafts

    try:
        return drafts.open_draft(workspace_id, program)
    except drafts.UnknownDraft as error:
        raise Refused(f"{error} 'goodword program draft list' shows those there are.") from None


def _facts(row: ProgramDraft) -> dict[str, Any]:
    return {
        "program": row.key,
        "state": row.state,
        "version": row.number,
        "by": row.trail[-1]["by"],
        "updated_at": row.updated_at,
    }


def _told(step: dict[str, str]) -> str:
    from goodword.domain.moments import shown

    return f"{shown(datetime.fromisoformat(step['at']))} {step['what'].replace('_', ' ')} by {step['by']}"
