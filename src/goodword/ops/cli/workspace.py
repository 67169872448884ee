"""`goodword workspace`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from goodword.ops.cli._shared import Refused, answer_json, json_option, with_database

if TYPE_CHECKING:
    from goodword.store.models import Workspace


@click.group(epilog="Example: goodword workspace create acme --name 'Acme, Inc.'")
def command() -> None:
    """Make and list workspaces: one for each company that runs programmes."""


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
