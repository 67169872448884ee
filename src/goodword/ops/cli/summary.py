"""`goodword summary`."""

from __future__ import annotations

from dataclasses import asdict

import click

from goodword.ops.cli._shared import answer_json, find_workspace, json_option, with_database, workspace_option


@click.command(epilog="Example: goodword summary --workspace demo")
@workspace_option
@json_option
@with_database
def command(*, workspace: str | None, as_json: bool) -> None:
    """Print a workspace in numbers: participants, events, referrals, rewards, decisions and the ledger."""
    from goodword.api import shaping
    from goodword.insight import summary

    numbers = summary.summary(str(find_workspace(workspace).id))
    if as_json:
        answer_json({**asdict(numbers), "trial_balance": shaping.trial_balance(numbers.trial_balance)})
    else:
        click.echo(summary.render_text(numbers))
