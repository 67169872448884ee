"""`goodword worker`."""

from __future__ import annotations

import click

from goodword.ops.cli._shared import Refused, open_database, say


@click.command(
    epilog="""\b
Examples:
  DATABASE_URL=postgresql://goodword@db/goodword goodword worker
  goodword worker --metrics-port 9464"""
)
@click.option(
    "--metrics-port",
    type=click.IntRange(1, 65535),
    help="Answer this worker's own metrics on this port of 127.0.0.1.",
)
def command(*, metrics_port: int | None) -> None:
    """Run the engine's worker until Ctrl-C: apply recorded events, ring timers.

    'goodword serve' runs one already. Run more beside 'goodword serve --no-worker' on other machines.
    """
    from goodword.ops.serving import single
    from goodword.ops.serving.engine import run_worker

    try:
        with single.working(), open_database():
            if metrics_port is not None:
                _answer_metrics(metrics_port)
            say("The worker runs (Ctrl-C ends it).")
            run_worker()
    except single.AlreadyRunning as error:
        raise Refused(str(error)) from None


def _answer_metrics(port: int) -> None:
    from prometheus_client import start_http_server

    try:
        start_http_server(port, addr="127.0.0.1")
    except OSError as error:
        raise Refused(
            f"Cannot answer metrics on port {port} ({error.strerror}); end the program that uses it, or choose "
            "another with --metrics-port."
        ) from None
