"""`goodword migrate`."""

from __future__ import annotations

import click

from goodword.ops.cli._shared import answer_json, json_option, open_database


@click.command(epilog="Example: goodword migrate")
@json_option
def command(*, as_json: bool) -> None:
    """Bring the database's tables up to date.

    'goodword serve' does it by itself; use this before new processes start on a server of your own.
    """
    with open_database(migrate=False):
        from goodword.ops import migrations

        applied = migrations.apply()
    if as_json:
        answer_json({"applied": applied})
    else:
        click.echo(f"Applied {len(applied)} migrations." if applied else "The database is up to date.")
