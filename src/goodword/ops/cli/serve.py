"""`goodword serve`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from goodword.ops.cli._shared import Refused, Unavailable, open_database

if TYPE_CHECKING:
    from collections.abc import Callable


@click.command(epilog="Example: goodword serve --port 8080")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 64), help="Web processes to run.")
@click.option("--worker/--no-worker", default=True, help="Run the engine's worker too.  [default: worker]")
def command(*, host: str, port: int, processes: int, worker: bool) -> None:
    """Serve the console, the API and the engine until Ctrl-C.

    Starts the embedded PostgreSQL unless DATABASE_URL is set, and brings its tables up to date.
    """
    serve(host, port, processes=processes, worker=worker)


def serve(
    host: str,
    port: int,
    *,
    processes: int = 1,
    worker: bool = True,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until a signal; `ready` is called with the address when pages are served."""
    from goodword.ops.postgres import keeping
    from goodword.ops.serving import single, supervisor

    address = f"http://{supervisor.reached_at(host)}:{port}"
    os.environ.setdefault("GOODWORD_URL", address)

    def tell() -> None:
        click.echo(f"Goodword serves at {os.environ['GOODWORD_URL']} (Ctrl-C ends it).")
        if ready is not None:
            ready(address)

    try:
        with single.serving(worker=worker), open_database(migrate=True) as use, keeping.kept_up(use):
            supervisor.serve(host, port, processes=processes, worker=worker, ready=tell)
    except (single.AlreadyRunning, supervisor.PortTaken) as error:
        raise Refused(str(error)) from None
    except supervisor.ServeError as error:
        raise Unavailable(str(error)) from None
