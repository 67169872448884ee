"""`goodword key`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from goodword.ops.cli._shared import (
    Instant,
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
    """Make, list, rotate and revoke the keys of the API."""


@command.command(
    epilog="Example: goodword key create 'web shop' --scope events:write --scope participants:read --workspace acme"
)
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(["secret", "publishable", "token"]),
    default="secret",
    show_default=True,
    help="secret: for servers. publishable: for pages. token: a secret that signs participant tokens.",
)
@click.option(
    "--scope",
    "scope",
    multiple=True,
    metavar="SCOPE",
    help="What a secret key may do; several times. Left out: all.",
)
@click.option(
    "--origin", "origins", multiple=True, metavar="ORIGIN", help="Where browsers may use the others; several times."
)
@click.option("--expires", "expires_at", type=Instant(), help="When it ends (RFC 3339).")
@workspace_option
@json_option
@with_database
def create(
    *,
    name: str,
    kind: str,
    scope: tuple[str, ...],
    origins: tuple[str, ...],
    expires_at: datetime | None,
    workspace: str | None,
    as_json: bool,
) -> None:
    """Make a key. NAME says who uses it. The key is shown once and kept nowhere."""
    from goodword.domain import scopes
    from goodword.store import keys

    if scope and kind != keys.SECRET:
        raise Refused(f"A key of the kind {kind} has no scopes: leave out --scope.")
    if origins and kind == keys.SECRET:
        raise Refused("A secret key has no origins: it does not belong in a page. Leave out --origin.")
    found = find_workspace(workspace)
    try:
        key, text = keys.create_key(
            str(found.id), name, kind=kind, scope=scope or (scopes.ALL,), origins=origins, expires_at=expires_at
        )
    except (keys.BadKey, keys.TooManyKeys, scopes.BadScopes) as error:
        raise Refused(str(error)) from None
    _tell(key, text, as_json)


@command.command(epilog="Example: goodword key rotate key_01h2xcejqtf2nbrexx3vqjhp41 --overlap-hours 48")
@click.argument("key_id")
@click.option(
    "--overlap-hours",
    type=click.IntRange(0, 720),
    default=24,
    show_default=True,
    help="How long the old one lives beside the new one.",
)
@workspace_option
@json_option
@with_database
def rotate(*, key_id: str, overlap_hours: int, workspace: str | None, as_json: bool) -> None:
    """Make a key that takes the place of KEY_ID (key_…), which lives on for a while."""
    from goodword.domain import ids
    from goodword.domain.moments import shown
    from goodword.store import keys

    try:
        internal = ids.internal(ids.PREFIXES["key"], key_id)
        old, key, text = keys.rotate_key(str(find_workspace(workspace).id), internal, timedelta(hours=overlap_hours))
    except (ids.BadId, keys.NoSuchKey, keys.NotRotatable) as error:
        raise Refused(str(error)) from None
    _tell(key, text, as_json)
    if not as_json:
        assert old.expires_at
        click.echo(f"The old one (…{old.hint}) ends at {shown(old.expires_at)}.", err=True)


def _tell(key: ApiKey, text: str, as_json: bool) -> None:
    """The key's text, which is shown this once."""
    if as_json:
        answer_json({**_shown(key), "key": text})
        return
    click.echo(text)
    if key.kind == "token":
        said = f"Sign participant tokens with it (HS256), with 'kid': '{_shown(key)['id']}'."
    else:
        said = "Send it as 'Authorization: Bearer …'."
    click.echo(f"Keep it: it is not shown again. {said}", err=True)


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
        state = key["state"] if key["state"] != "active" else f"last used {key['last_used_at'] or 'never'}"
        what = " ".join(key["scopes"] or key["origins"])
        click.echo(f"{key['id']}  …{key['hint']}  {key['kind']}  {key['name']}  {state}  {what}".rstrip())
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
    from goodword.store import keys

    return {
        "id": ids.public(ids.PREFIXES["key"], key.id),
        "kind": key.kind,
        "name": key.name,
        "hint": key.hint,
        "scopes": key.scopes.split(),
        "origins": key.origins.split(),
        "state": "revoked" if key.revoked_at else "expired" if keys.expired(key) else "active",
        "created_at": _time(key.created_at),
        "expires_at": _time(key.expires_at),
        "last_used_at": _time(key.last_used_at),
        "revoked_at": _time(key.revoked_at),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
