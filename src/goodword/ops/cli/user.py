"""`goodword user`."""

from __future__ import annotations

import sys

import click

from goodword.ops.cli._shared import (
    Refused,
    answer_json,
    find_workspace,
    json_option,
    with_database,
    workspace_option,
)

ROLES = ("owner", "manager", "finance", "support")

role_option = click.option(
    "--role",
    type=click.Choice(ROLES),
    default="owner",
    show_default=True,
    help="What the person may do in the workspace.",
)
password_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input instead of asking for it."
)


@click.group(epilog="Example: goodword user create ada@example.com --workspace acme")
def command() -> None:
    """Make logins for the console, and say what they may do."""


@command.command(epilog="Example: goodword user create ada@example.com --workspace acme --role finance")
@click.argument("email")
@workspace_option
@role_option
@password_option
@json_option
@with_database
def create(*, email: str, workspace: str | None, role: str, password_stdin: bool, as_json: bool) -> None:
    """Make a login for EMAIL with a role in a workspace."""
    from goodword.store import staff

    found = find_workspace(workspace)
    try:
        user = staff.create_user(email, _password(from_stdin=password_stdin), str(found.id), role)
    except staff.StaffError as error:
        raise Refused(str(error)) from None
    _tell(user.email, found.slug, role, as_json=as_json)


@command.command(epilog="Example: goodword user grant ada@example.com --workspace acme --role manager")
@click.argument("email")
@workspace_option
@role_option
@json_option
@with_database
def grant(*, email: str, workspace: str | None, role: str, as_json: bool) -> None:
    """Give the login of EMAIL another role, or a role in another workspace."""
    from goodword.store import staff

    found = find_workspace(workspace)
    try:
        staff.grant(email, str(found.id), role)
    except staff.StaffError as error:
        raise Refused(str(error)) from None
    _tell(email.strip().lower(), found.slug, role, as_json=as_json)


@command.command(epilog="Example: goodword user password ada@example.com")
@click.argument("email")
@password_option
@with_database
def password(*, email: str, password_stdin: bool) -> None:
    """Give the login of EMAIL another password; its sessions end."""
    from goodword.store import staff

    try:
        user = staff.set_password(email, _password(from_stdin=password_stdin))
    except staff.StaffError as error:
        raise Refused(str(error)) from None
    click.echo(f"Changed the password of {user.email}.")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask for the password; use --password-stdin.")
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt="Once more")
    return answer


def _tell(email: str, slug: str, role: str, *, as_json: bool) -> None:
    if as_json:
        answer_json({"email": email, "workspace": slug, "role": role})
    else:
        click.echo(f"{email} is {role} of {slug}.")
