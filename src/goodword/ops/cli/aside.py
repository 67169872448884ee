"""`goodword aside`."""

from __future__ import annotations

from dataclasses import asdict

import click

from goodword.ops.cli._shared import Refused, answer_json, find_workspace, json_option, with_database, workspace_option


@click.group(
    epilog="""\b
Examples:
  goodword aside list --workspace acme
  goodword aside retry --all --workspace acme"""
)
def command() -> None:
    """Look at the events that the engine could not apply, and have them tried again."""


@command.command("list", epilog="Example: goodword aside list --workspace acme --json")
@workspace_option
@json_option
@with_database
def list_(*, workspace: str | None, as_json: bool) -> None:
    """List the events and timers that are set aside, each with its error."""
    from goodword.domain.moments import shown
    from goodword.engine import aside

    found = aside.listed(str(find_workspace(workspace).id))
    if as_json:
        answer_json([{**asdict(entry), "id": entry.public_id} for entry in found])
        return
    for entry in found:
        click.echo(f"{entry.public_id}  {entry.type}  {shown(entry.occurred_at)}  tried {entry.attempts} times")
        click.echo(f"  {entry.error}")
    if not found:
        click.echo("Nothing is set aside.")


@command.command(epilog="Example: goodword aside retry evt_01h455vb4pex5vsknk084sn02q --workspace acme")
@click.argument("names", nargs=-1, metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help="All that is set aside.")
@workspace_option
@json_option
@with_database
def retry(*, names: tuple[str, ...], everything: bool, workspace: str | None, as_json: bool) -> None:
    """Have events (evt_…) or timers (tmr_…) tried again, after what made them fail is mended."""
    from goodword.domain import ids
    from goodword.engine import aside

    if bool(names) == everything:
        raise click.UsageError("Name what to try again, or say --all.")
    try:
        chosen = [aside.internal(name) for name in names]
    except ids.BadId as error:
        raise Refused(f"{error}.") from None
    count = aside.retry(str(find_workspace(workspace).id), None if everything else chosen)
    if as_json:
        answer_json({"retried": count})
    elif count:
        click.echo(f"{count} will be tried again by the worker.")
    else:
        raise Refused("None of these is set aside; 'goodword aside list' shows what is.")
