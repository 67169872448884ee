"""The command line `goodword`.

A subcommand is a file of this package whose name is the command's (`_` for `-`) and which holds it as
`command`; nothing else registers it. Files that begin with `_` are helpers.
"""

from __future__ import annotations

import importlib
import pkgutil
import signal
import sys
import traceback
from types import FrameType

import click

from goodword import __version__

OK, PROBLEM, USAGE, UNAVAILABLE, FAILED, INTERRUPTED = 0, 1, 2, 3, 4, 130

EPILOG = """\b
Exit codes:
  0    done
  1    a problem was found, or the input was refused
  2    the command was used wrongly
  3    the database or the installation is not available
  4    Goodword itself failed; please report it
  130  interrupted

\b
Example:
  goodword serve"""


class Commands(click.Group):
    """Imports a subcommand when it is used, so that the others cost nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(
            module.name.replace("_", "-")
            for module in pkgutil.iter_modules(__path__)
            if not module.name.startswith("_")
        )

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"{__name__}.{name.replace('-', '_')}").command
        assert isinstance(command, click.Command)
        return command


class State:
    """What holds for the whole run."""

    debug = False


@click.command(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(__version__, prog_name="goodword")
@click.pass_context
def goodword(context: click.Context, *, debug: bool) -> None:
    """Goodword: the engine for referral, loyalty and advocacy programmes.

    The embedded PostgreSQL is used unless DATABASE_URL is set; GOODWORD_HOME is the folder for its data.
    """
    context.ensure_object(State).debug = debug


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code. An error is one sentence that says what to do."""
    signal.signal(signal.SIGTERM, _terminated)
    state = State()
    try:
        answer = goodword.main(arguments, prog_name="goodword", standalone_mode=False, obj=state)
        code = answer if isinstance(answer, int) else OK
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        code = INTERRUPTED
    except Exception as error:
        if state.debug:
            traceback.print_exc()
        code = _tell(error)
    sys.exit(code)


def _tell(error: Exception) -> int:
    from goodword.ops.cli._shared import unavailable_reason

    reason = unavailable_reason(error)
    if reason is not None:
        click.echo(f"Error: {reason}", err=True)
        return UNAVAILABLE
    click.echo(
        f"Error: Goodword failed ({type(error).__name__}: {error}); run it as 'goodword --debug …' for the "
        "details and report them.",
        err=True,
    )
    return FAILED


def _terminated(_signal: int, _frame: FrameType | None) -> None:
    """Leave through the `finally` blocks, so that nothing this process started outlives it."""
    raise SystemExit(128 + signal.SIGTERM)
