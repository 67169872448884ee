"""`goodword key`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from goodword.ops.cli._shared import (
    Refused,
    answer_json,
    find_workspace,
    json_option,
    with_database,
    workspace_option,
)

if TYPE_CHECKING:
    from goodword.store.models import ApiKey


@click.group(epilog="Example: goodword key create 'web shop' --workspace acme")
def command() -> None:
    """Make, list and revoke the secret keys of the API."""


@command.command(epilog="Example: goodword key create 'web shop' --workspace acme")
@click.argument("name")
@workspace_option
@json_option
@with_database
def create(*, name: str, workspace: str | None, as_json: bool) -> None:
    """Make a key. NAME says who uses it. The key is shown once and kept nowhere."""
    from goodword.store import keys

    found = find_workspace(workspace)
    try:
        key, text = keys.create_key(str(found.id), name)
    except keys.BadKeyName as error:
        raise Refused(str(error)) from None
    if as_json:
        answer_json({**_shown(key), "key": text})
    else:
        click.echo(text)
        click.echo("Keep it: it is not shown again. Send it as 'Authorization: Bearer …'.", err=True)


@command.command("list", epilog="Example: goodword key list --workspace acme")
@workspace_option
@json_option
@with_database
def list_(*, workspace: str | None, as_json: bool) -> None:
    """List the keys of a workspace."""
    from goodword.store import keys

    shown = [_shown(key) for key in keys.list_keys(str(find_workspace(workspace).id))]
    if as_json:
        answer_json(shown)
        return
    for key in shown:
        state = "revoked" if key["revoked_at"] else f"last used {key['last_used_at'] or 'never'}"
        click.echo(f"{key['id']}  …{key['hint']}  {key['name']}  {state}")
    if not shown:
        click.echo("The workspace has no key yet; make one with 'goodword key create NAME'.", err=True)


@command.command(epilog="Example: goodword key revoke key_01h2xcejqtf2nbrexx3vqjhp41 --workspace acme")
@click.argument("key_id")
@workspace_option
@json_option
@with_database
def revoke(*, key_id: str, workspace: str | None, as_json: bool) -> None:
    """Revoke the key KEY_ID (key_…): from now on requests with it are refused."""
    from goodword.domain import ids
    from goodword.store import keys

    try:
        internal = ids.internal(ids.PREFIXES["key"], key_id)
        key = keys.revoke_key(str(find_workspace(workspace).id), internal)
    except (ids.BadId, keys.NoSuchKey) as error:
        raise Refused(str(error)) from None
    if as_json:
        answer_json(_shown(key))
    else:
        click.echo(f"Revoked {key.name} (…{key.hint}).")


def _shown(key: ApiKey) -> dict[str, Any]:
    from goodword.domain import ids

    return {
        "id": ids.public(ids.PREFIXES["key"], key.id),
        "name": key.name,
        "hint": key.hint,
        "created_at": _time(key.created_at),
        "last_used_at": _time(key.last_used_at),
        "revoked_at": _time(key.revoked_at),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
