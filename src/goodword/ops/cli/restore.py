"""`goodword restore`."""

from __future__ import annotations

from pathlib import Path

import click

from goodword.ops.cli._shared import Refused, answer_json, json_option, open_database, say, set_up_django


@click.command(
    epilog="""\b
Examples:
  goodword restore goodword-2026-03-14.backup
  GOODWORD_HOME=/tmp/look goodword restore goodword-2026-03-14.backup
  goodword restore --force latest.backup

Restore only files that you made: a backup may hold any statement, and is run by the database's superuser."""
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace the data there is.")
@json_option
def command(*, file: Path, force: bool, as_json: bool) -> None:
    """Make the embedded database what FILE of 'goodword backup' holds, wholly or not at all.

    Goodword must not be serving. Tables of an older version are brought up to date. Then look with
    'goodword check' and 'goodword replay --verify'.
    """
    from goodword.ops import database, home, postgres
    from goodword.ops.postgres import backup
    from goodword.ops.serving import single

    if database.url() is not None:
        raise Refused("DATABASE_URL names a server of your own; restore it with pg_restore or its own tools.")
    try:
        with single.serving(worker=True):
            use = postgres.acquire(home.home(), say=say)
            try:
                set_up_django()
                from goodword.ops import migrations

                backup.restore(use.server, file, force=force, accept=migrations.refusal)
                with open_database():
                    pass
            finally:
                use.release()
    except (single.AlreadyRunning, postgres.BackupUnusable, postgres.DatabaseExists, postgres.DatabaseInUse) as error:
        raise Refused(str(error)) from None
    if as_json:
        answer_json({"file": str(file), "restored": True})
    else:
        click.echo(f"Restored {file}. Run 'goodword check' and 'goodword replay --verify'.")
