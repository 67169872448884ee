"""`goodword worker`."""

from __future__ import annotations

import click

from goodword.ops.cli._shared import Refused, open_database, say


@click.command(epilog="Example: DATABASE_URL=postgresql://goodword@db/goodword goodword worker")
def command() -> None:
    """Run the engine's worker until Ctrl-C: apply recorded events, ring timers.

    'goodword serve' runs one already. Run more beside 'goodword serve --no-worker' on other machines.
    """
    from goodword.ops.serving import single
    from goodword.ops.serving.engine import run_worker

    try:
        with single.working(), open_database():
            say("The worker runs (Ctrl-C ends it).")
            run_worker()
    except single.AlreadyRunning as error:
        raise Refused(str(error)) from None
