"""`goodword replay`."""

from __future__ import annotations

from dataclasses import asdict

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


@click.command(
    epilog="""\b
Examples:
  goodword replay --verify --workspace demo
  goodword replay --verify --json

Exit code 1 says that a row differs from what the log says; the first of each table is shown."""
)
@click.option("--verify", is_flag=True, required=True, help="Compare with what stands, and change nothing.")
@workspace_option
@json_option
@with_database
def command(*, verify: bool, workspace: str | None, as_json: bool) -> None:
    """Rebuild a workspace from its event log beside the live one, and compare every row.

    Live work may go on meanwhile. The rebuilt tables are temporary and gone afterwards.
    """
    from goodword.engine import replay

    found = replay.verify(str(find_workspace(workspace).id), progress=lambda count: say(f"{count:>10,} events rebuilt"))
    if as_json:
        answer_json({**asdict(found), "same": not found.differences})
    else:
        click.echo(f"{found.events:,} events rebuilt and compared in {found.seconds:.1f} s.")
        for difference in found.differences:
            click.echo(f"{difference.table} {difference.key}")
            click.echo(f"  as it stands      {_row(difference.live)}")
            click.echo(f"  as the log says   {_row(difference.replayed)}")
    if found.differences:
        raise Refused("The state is not what the log says; please report it with the rows above.")
    if not as_json:
        click.echo("Everything is as the log says.")


def _row(row: dict[str, object] | None) -> str:
    return "no such row" if row is None else ", ".join(f"{name}={value!r}" for name, value in row.items())
