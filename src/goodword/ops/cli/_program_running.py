"""`goodword program pause`, `resume` and `end`."""

from __future__ import annotations

import click

from goodword.ops.cli._documents import program_named, user
from goodword.ops.cli._shared import Refused, find_workspace, with_database, workspace_option

_by = click.option("--by", help="Who does it.  [default: your user name]")
_reason = click.option("--reason", default="", help="Why; kept with the event and shown on the program's page.")


@click.command(epilog="Example: goodword program pause b2b-sales --reason 'the offer is being changed'")
@click.argument("program")
@workspace_option
@_by
@_reason
@with_database
def pause(*, program: str, workspace: str | None, by: str | None, reason: str) -> None:
    """Let no new referral or reward begin; holds, approvals, reversals and expiries go on."""
    _move("pause", program, workspace, by, reason)
    click.echo(f"{program} is paused: nothing new begins. 'goodword program resume {program}' goes on.")


@click.command(epilog="Example: goodword program resume b2b-sales")
@click.argument("program")
@workspace_option
@_by
@_reason
@with_database
def resume(*, program: str, workspace: str | None, by: str | None, reason: str) -> None:
    """Let a paused program run again."""
    _move("resume", program, workspace, by, reason)
    click.echo(f"{program} runs again.")


@click.command(epilog="Example: goodword program end b2b-sales --yes")
@click.argument("program")
@workspace_option
@_by
@_reason
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_database
def end(*, program: str, workspace: str | None, by: str | None, reason: str, yes: bool) -> None:
    """End a program for good, as the 'ending' of its live document says: settle or void."""
    found = find_workspace(workspace)
    row = program_named(str(found.id), program)
    how = row.live_version.document.get("ending", "settle") if row.live_version else "settle"
    what = "open referrals are voided and held rewards cancelled" if how == "void" else "open referrals may finish"
    if not yes:
        click.confirm(f"{program} ends for good: {what}. Go on?", abort=True)
    _move("end", program, workspace, by, reason)
    click.echo(f"{program} has ended: {what}.")


def _move(verb: str, program: str, workspace: str | None, by: str | None, reason: str) -> None:
    from goodword.engine import programs

    found = find_workspace(workspace)
    row = program_named(str(found.id), program)
    try:
        getattr(programs, verb)(str(found.id), row.key, by=by or user(), reason=reason)
    except programs.StateError as error:
        raise Refused(str(error)) from None
