"""`goodword demo`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from goodword.ops.cli._shared import Refused, open_database, say

if TYPE_CHECKING:
    from goodword.ops.demo.loading import Show

HOST = "127.0.0.1"
MEGABYTE = 1_000_000


@click.command(
    epilog="""\b
Examples:
  goodword demo
  goodword demo --load-only
  goodword demo --port 8080"""
)
@click.option("--load-only", is_flag=True, help="Load, print the summary and end.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def command(*, load_only: bool, port: int) -> None:
    """Load 69,659 real orders into a workspace of three programmes, and serve it on this computer.

    The orders are those of CDNOW's customers of 1997. Links, sign-ups and deals are simulated, and marked
    so. A second run finds everything there and loads nothing twice.
    """
    from goodword.ops.cli.serve import serve
    from goodword.ops.serving import single, supervisor

    try:
        if not load_only:
            supervisor.check_port(HOST, port)  # before the load, not after it
        with single.working(), open_database(migrate=True):
            password = _prepare_and_load()
    except (single.AlreadyRunning, supervisor.PortTaken) as error:
        raise Refused(str(error)) from None
    if not load_only:
        serve(HOST, port, ready=lambda address: _invite(address, password))


def _prepare_and_load() -> str:
    """Everything up to the summary; gives the login's password."""
    from goodword.insight import summary
    from goodword.ops.demo import loading, orders, setting_up

    workspace_id = str(setting_up.workspace().id)
    password = setting_up.login(workspace_id)
    setting_up.publish_programs(workspace_id)
    if loading.is_loaded(workspace_id):
        say("Everything is loaded already.")
    else:
        try:
            with _progress() as show:
                loaded = loading.load(workspace_id, show)
        except (loading.LoadFailed, orders.DamagedData) as error:
            raise Refused(str(error)) from None
        say(
            f"Loaded {loaded.sent:,} events ({loaded.duplicates:,} were there already) in {loaded.seconds:.1f} s; "
            f"the worker needed {loaded.peak_bytes / MEGABYTE:.0f} MB at most."
        )
    pace = loading.pace(workspace_id)
    click.echo(summary.render_text(summary.summary(workspace_id)))
    click.echo(
        f"\n{pace.events:,} events applied in {pace.seconds:.1f} s, from the first received to the last applied: "
        f"{pace.per_second:,.0f} events/s."
    )
    click.echo("Orders are real (CDNOW, 1997-98); links, sign-ups, deals and times of day are simulated.")
    return password


def _invite(address: str, password: str) -> None:
    from goodword.ops.demo import setting_up

    click.echo(f"Log in at {address} as {setting_up.EMAIL} with the password {password}")


@contextlib.contextmanager
def _progress() -> Iterator[Show]:
    """A bar with a rate on a terminal, a line at each tenth elsewhere."""
    from goodword.ops.demo.progress import Progress

    progress = Progress(sys.stderr, is_terminal=sys.stderr.isatty())
    try:
        yield progress.show
    finally:
        progress.end()
