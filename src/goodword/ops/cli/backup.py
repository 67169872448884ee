"""`goodword backup`."""

from __future__ import annotations

from pathlib import Path

import click

from goodword.ops.cli._shared import Refused, answer_json, json_option, say


@click.command(
    epilog="""\b
Examples:
  goodword backup goodword-2026-03-14.backup
  goodword backup --force latest.backup

Copy GOODWORD_HOME/secret_key too: it signs sessions and is not in the file."""
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE when it exists.")
@json_option
def command(*, file: Path, force: bool, as_json: bool) -> None:
    """Write the embedded database to FILE, as it is at one moment, while Goodword goes on.

    The file is pg_dump's custom format and readable by you alone: it holds everything. A PostgreSQL of your
    own (DATABASE_URL) is backed up with its own tools.
    """
    from goodword.ops import database, home, postgres
    from goodword.ops.postgres import backup

    if database.url() is not None:
        raise Refused("DATABASE_URL names a server of your own; back it up with pg_dump or its own tools.")
    use = postgres.acquire(home.home(), say=say)
    try:
        size = backup.save(use.server, file, force=force)
    except postgres.BackupFailed as error:
        raise Refused(str(error)) from None
    finally:
        use.release()
    if as_json:
        answer_json({"file": str(file), "bytes": size})
    else:
        click.echo(f"Wrote {file} ({size / 1024**2:,.1f} MiB).")
