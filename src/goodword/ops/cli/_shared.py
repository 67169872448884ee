"""What the subcommands share: the database for a block, the workspace they act on, answers and refusals."""

from __future__ import annotations

import contextlib
import functools
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from goodword.ops import database, home, postgres

if TYPE_CHECKING:
    from goodword.store.models import Workspace

P = ParamSpec("P")
R = TypeVar("R")


class Refused(click.ClickException):
    """A problem was found or the input was refused; exit code 1. The message says what to do."""

    exit_code = 1


class Unavailable(click.ClickException):
    """The database or the installation is not available; exit code 3. The message says what to do."""

    exit_code = 3


def unavailable_reason(error: BaseException) -> str | None:
    """The sentence for an error that means "not available", None for any other error."""
    if isinstance(error, (database.DatabaseUrlError, home.HomeError, postgres.PostgresError)):
        return str(error)
    from django.core.exceptions import ImproperlyConfigured
    from django.db import InterfaceError, OperationalError
    from psycopg import OperationalError as DriverError

    # The driver's errors include the pool's.
    if isinstance(error, (OperationalError, InterfaceError, DriverError)):
        first = (str(error).strip().splitlines() or ["no answer"])[0]
        return f"The database cannot be used ({first}); run 'goodword check' to see what is wrong."
    if isinstance(error, ImproperlyConfigured):
        return f"The settings cannot be used: {error}"
    return None


class Instant(click.ParamType[datetime]):
    """A time with an offset."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        from goodword.domain.events import parse_time

        if isinstance(value, datetime):
            return value
        try:
            return parse_time(value)
        except ValueError as error:
            self.fail(f"{value!r}: {error}.", param, ctx)


def say(sentence: str) -> None:
    """Tell the person something beside the answer."""
    click.echo(sentence, err=True)


def set_up_django() -> None:
    """Load Django's settings and applications."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.ops.settings")
    import django

    django.setup()


@contextlib.contextmanager
def open_database(*, migrate: bool | None = None, any_role: bool = False) -> Iterator[postgres.Use | None]:
    """Django and a database for a block: the embedded server is started (or joined) and left again. Gives the use of
    it, None where there is a server of the operator's own.

    `migrate` says whether to bring its tables up to date; by default that is done for the embedded server,
    and a server of the operator's own is left alone: when its tables are not up to date, Unavailable is
    raised. So it is for a role that row-level security does not bind, unless `any_role`."""
    use = postgres.acquire(home.home(), say=say) if database.url() is None else None
    try:
        database.probe()
        set_up_django()
        from goodword.ops import migrations, walls

        try:
            if not any_role and (power := walls.power_of_role()) is not None:
                raise Unavailable(
                    f"The database's role is {power}, for whom the walls between workspaces do not exist; "
                    "'goodword check' says how to mend it."
                )
            waiting = migrations.pending()
            if waiting and (migrate or (migrate is None and use is not None)):
                migrations.apply()
            elif waiting and migrate is None:
                raise Unavailable(
                    f"The database lacks {len(waiting)} migrations (the first is {waiting[0]}); run 'goodword migrate'."
                )
            yield use
        finally:
            database.close()
    finally:
        if use is not None:
            use.release()


def with_database(function: Callable[P, R]) -> Callable[P, R]:
    """Run a command inside `open_database`."""

    @functools.wraps(function)
    def run(*arguments: P.args, **options: P.kwargs) -> R:
        with open_database():
            return function(*arguments, **options)

    return run


json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")

workspace_option = click.option(
    "--workspace",
    "-w",
    envvar="GOODWORD_WORKSPACE",
    metavar="SLUG",
    help="The workspace, by slug or ws_… id; not needed when there is only one. [env: GOODWORD_WORKSPACE]",
)


def find_workspace(name: str | None) -> Workspace:
    """The workspace of that slug or public id, or the only one there is; raises Refused."""
    from goodword.store import workspaces

    everything = workspaces.everything()
    if name is None:
        if len(everything) == 1:
            return everything[0]
        if not everything:
            raise Refused("There is no workspace yet; make one with 'goodword workspace create my-company'.")
        raise Refused(f"There are {len(everything)} workspaces; choose one with --workspace: {_slugs(everything)}.")
    for workspace in everything:
        if name in (workspace.slug, workspaces.public_id(workspace)):
            return workspace
    raise Refused(f"There is no workspace {name!r}; there is {_slugs(everything) or 'none'}.")


def _slugs(everything: list[Workspace]) -> str:
    shown = [workspace.slug for workspace in everything[:10]]
    return ", ".join(shown) + (" and more" if len(everything) > len(shown) else "")


def answer_json(data: Any) -> None:
    """Print the answer for a program: JSON, indented, times as the API gives them, ids as text."""
    click.echo(json.dumps(data, indent=2, ensure_ascii=False, default=_as_text))


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)
