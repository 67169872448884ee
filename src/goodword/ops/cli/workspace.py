"""`goodword workspace`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from goodword.ops.cli._documents import user
from goodword.ops.cli._shared import (
    Refused,
    answer_json,
    find_workspace,
    json_option,
    with_database,
    workspace_option,
)

if TYPE_CHECKING:
    from goodword.store.models import Workspace


@click.group(epilog="Example: goodword workspace create acme --name 'Acme, Inc.'")
def command() -> None:
    """Make, set up and list workspaces: one for each company that runs programmes."""


@command.command(epilog="Example: goodword workspace create acme --name 'Acme, Inc.'")
@click.argument("slug")
@click.option("--name", help="The name people read; the slug when left out.")
@json_option
@with_database
def create(*, slug: str, name: str | None, as_json: bool) -> None:
    """Make a workspace. SLUG stands in addresses: lower-case letters, digits and hyphens."""
    from goodword.store import workspaces

    try:
        made = workspaces.create(slug, slug if name is None else name)
    except (workspaces.BadSlug, workspaces.BadName, workspaces.SlugTaken) as error:
        raise Refused(str(error)) from None
    if as_json:
        answer_json(_shown(made))
    else:
        click.echo(f"Made the workspace {made.slug} ({workspaces.public_id(made)}).")


@command.command("set", epilog="Example: goodword workspace set --short-domain go.example.com --raw-ip-days 7")
@workspace_option
@click.option("--name", help="The name people read.")
@click.option("--short-domain", metavar="HOST", help="The host of its links; '' for none of its own.")
@click.option("--fallback", metavar="URL", help="Where an unknown code leads; '' for a page that says so.")
@click.option("--cookie", type=click.Choice(["never", "consent", "always"]), help="Whether a click sets a cookie.")
@click.option("--privacy-signals", type=click.Choice(["respect", "ignore"]), help="What DNT and Sec-GPC lead to.")
@click.option("--ip-hash-days", type=int, help="How long hashes of IP addresses can be compared: 1 to 90.")
@click.option("--raw-ip-days", type=int, help="For how many days IP addresses are kept: 0 to 90.")
@click.option("--clicks-days", type=int, help="For how many days clicks are kept: 30 to 3660.")
@click.option("--by", help="Who changes it.  [default: your user name]")
@json_option
@with_database
def set_(*, workspace: str | None, by: str | None, as_json: bool, **settings: Any) -> None:
    """Say what a workspace is called, under which host its links are, and what is kept of clicks. What is left out
    stays; what changes is kept, with who changed it ('goodword workspace changes')."""
    from pydantic import ValidationError

    from goodword.store import workspaces

    found = find_workspace(workspace)
    told = {
        name: value or None if name in ("fallback", "short_domain") else value
        for name, value in settings.items()
        if value is not None
    }
    try:
        made = workspaces.configure(str(found.id), told, by=by or user(), door="cli")
    except (workspaces.BadName, workspaces.BadDomain, workspaces.DomainTaken) as error:
        raise Refused(str(error)) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        option = str(first["loc"][0]).replace("_", "-")
        raise Refused(f"--{option}: {first['msg'].removeprefix('Value error, ')}.") from None
    kept = workspaces.settings(made)
    if as_json:
        answer_json({**_shown(made), **kept})
        return
    for name, value in kept.items():
        click.echo(f"{name}: {_said(value)}")


@command.command("changes", epilog="Example: goodword workspace changes --limit 5")
@workspace_option
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="So many of the newest.")
@json_option
@with_database
def changes_(*, workspace: str | None, limit: int, as_json: bool) -> None:
    """List who changed a workspace's settings, when, and what they were before; the newest first."""
    from goodword.store import tenancy, workspaces

    found = find_workspace(workspace)
    with tenancy.workspace(str(found.id)):
        rows = list(workspaces.changes(str(found.id))[:limit])
    if as_json:
        told = [{"at": row.at.isoformat(), "by": row.by, "door": row.door, "changes": row.changes} for row in rows]
        answer_json(told)
        return
    for row in rows:
        what = ", ".join(f"{name}: {_said(before)} -> {_said(after)}" for name, (before, after) in row.changes.items())
        click.echo(f"{row.at:%Y-%m-%d %H:%M:%S}Z  {row.by} ({row.door})  {what}")
    if not rows:
        click.echo("Nobody has changed the settings yet.", err=True)


def _said(value: Any) -> str:
    return "none" if value is None else str(value)


@command.command("list", epilog="Example: goodword workspace list --json")
@json_option
@with_database
def list_(*, as_json: bool) -> None:
    """List the workspaces."""
    from goodword.store import workspaces

    everything = workspaces.everything()
    if as_json:
        answer_json([_shown(workspace) for workspace in everything])
        return
    for workspace in everything:
        click.echo(f"{workspaces.public_id(workspace)}  {workspace.slug}  {workspace.name}")
    if not everything:
        click.echo("There is no workspace yet; make one with 'goodword workspace create my-company'.", err=True)


def _shown(workspace: Workspace) -> dict[str, str]:
    from goodword.store import workspaces

    return {"id": workspaces.public_id(workspace), "slug": workspace.slug, "name": workspace.name}
