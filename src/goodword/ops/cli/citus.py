"""`goodword citus`."""

from __future__ import annotations

import click

from goodword.ops.citus import MOST_SHARDS, SHARDS
from goodword.ops.cli._shared import Refused, answer_json, json_option, say, with_database


@click.group(
    epilog="""\b
Examples:
  goodword citus distribute
  goodword citus distribute --shards 64 --json"""
)
def command() -> None:
    """Let the database grow over many servers, on a Citus cluster."""


@command.command(
    epilog="""\b
Examples:
  DATABASE_URL=postgresql://goodword@coordinator/goodword goodword citus distribute
  goodword citus distribute --shards 64

Stop 'goodword serve' and 'goodword worker' on every machine first: the tables are locked until all of them are
moved. Run it again after 'goodword migrate' has added tables; it takes the new ones and leaves the others."""
)
@click.option(
    "--shards",
    type=click.IntRange(1, MOST_SHARDS),
    default=SHARDS,
    show_default=True,
    help="Shards of each table; they can be spread over as many workers.",
)
@json_option
@with_database
def distribute(*, shards: int, as_json: bool) -> None:
    """Distribute every table over the workers of the cluster, empty or full.

    A workspace's rows go to one shard, together; the list of workspaces, their members and the logins go to every
    node. All of it happens in one transaction. DATABASE_URL names the coordinator.
    """
    from goodword.ops import citus

    try:
        cluster = citus.fit()
        done = citus.distribute(shards, say=say)
    except citus.CitusError as error:
        raise Refused(str(error)) from error
    if as_json:
        answer_json(
            {
                "citus": cluster.version,
                "workers": cluster.workers,
                "distributed": done.distributed,
                "everywhere": done.everywhere,
                "before": done.before,
            }
        )
    elif done.distributed or done.everywhere:
        click.echo(
            f"Distributed {len(done.distributed)} tables by workspace over {len(cluster.workers)} workers; "
            f"{len(done.everywhere)} tables are on every node."
        )
    else:
        click.echo(f"All {done.before} tables are distributed already.")
