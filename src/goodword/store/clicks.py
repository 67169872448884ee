"""Clicks in the database: how they are written, and how one is found again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from goodword.store.sql import array, fetch


class Click(NamedTuple):
    """One request of a link's address. Ids are internal; `visitor_id` is the same browser's first click, None on
    that one and where nobody may be known again. `ip_hash` is in hex."""

    id: str
    link_id: str
    clicked_at: datetime
    kind: str
    device: str
    channel: str
    referrer: str
    language: str
    utm: dict[str, str]
    ip_hash: str | None
    ip: str | None
    visitor_id: str | None


_KINDS = ("uuid", "uuid", "timestamptz", "text", "text", "text", "text", "text", "jsonb", "text", "text", "uuid")
_COLUMNS = ", ".join(Click._fields)
_GIVEN = ", ".join(f"%s::{'text' if kind == 'jsonb' else kind}[]" for kind in _KINDS)
_READ = (
    "id::text, link_id::text, clicked_at, kind, device, channel, referrer, language, utm, encode(ip_hash, 'hex'), "
    "host(ip), visitor_id::text"
)
INSERT = f"""
INSERT INTO click (workspace_id, {_COLUMNS})
SELECT %s::uuid, id, link_id, clicked_at, kind, device, channel, referrer, language, coalesce(utm, '{{}}')::jsonb,
       decode(ip_hash, 'hex'), ip::inet, visitor_id
FROM unnest({_GIVEN}) AS row ({_COLUMNS})
ON CONFLICT (workspace_id, id) DO NOTHING
"""
"""Takes `values`. A click that is there already is left as it is, so that a batch may be sent again."""


def values(workspace_id: str, clicks: Iterable[Click]) -> list[Any]:
    """The parameters of `INSERT`. Texts are those of a request that was read, without control characters."""
    columns = zip(*clicks, strict=True)
    return [workspace_id, *(array(kind, column) for kind, column in zip(_KINDS, columns, strict=True))]


def find(workspace_id: str, id: str) -> Click | None:
    """A click by its id. Needs the workspace's transaction; one read by the key."""
    rows = fetch(f"SELECT {_READ} FROM click WHERE workspace_id = %s AND id = %s::uuid", [workspace_id, id])
    return Click(*rows[0]) if rows else None


def of_visitor(workspace_id: str, click: Click, limit: int = 100) -> list[Click]:
    """All clicks of the browser that made this one, oldest first; the earliest `limit` (the key and click_visitor)."""
    first = click.visitor_id or click.id
    rows = fetch(
        f"""
        SELECT {_READ} FROM click WHERE workspace_id = %(own)s AND id = %(first)s::uuid
        UNION
        SELECT {_READ} FROM click WHERE workspace_id = %(own)s AND visitor_id = %(first)s::uuid
        ORDER BY 1
        LIMIT %(limit)s
        """,
        {"own": workspace_id, "first": first, "limit": limit},
    )
    return [Click(*row) for row in rows]
