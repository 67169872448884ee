"""Clicks in the database: how they are written, and how one is found again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from goodword.store.sql import array, execute, fetch


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


class Followed(NamedTuple):
    """The link of a code that somebody followed, whether it led on and the click was kept, and when it was read
    (`time.monotonic`)."""

    kept: bool
    id: str
    code: str
    program_id: str
    channel: str
    state: str
    expires_at: datetime | None
    destination: str
    read_at: float


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

_OF_LINK = ("link_id", "channel")
_OWN = [(name, kind) for name, kind in zip(Click._fields, _KINDS, strict=True) if name not in _OF_LINK]
FOLLOW = f"""
WITH asked AS (
    SELECT row.*, link.id AS link_id, link.code AS spelled, link.program_id, link.channel, link.state, link.expires_at,
           link.destination, link.state = '' AND (link.expires_at IS NULL OR link.expires_at > row.clicked_at)
           AND link.program_id = ANY(%s::uuid[]) AS leads
    FROM unnest(%s::text[], {", ".join(f"%s::{'text' if kind == 'jsonb' else kind}[]" for _, kind in _OWN)})
         AS row (wanted, {", ".join(name for name, _ in _OWN)})
    CROSS JOIN LATERAL (
        SELECT * FROM link WHERE workspace_id = %s::uuid AND code = row.wanted OFFSET 0                 -- link_code
    ) AS link
), kept AS (
    INSERT INTO click (workspace_id, {_COLUMNS})
    SELECT %s::uuid, id, link_id, clicked_at, kind, device, channel, referrer, language,
           coalesce(utm, '{{}}')::jsonb, decode(ip_hash, 'hex'), ip::inet, visitor_id
    FROM asked
    WHERE leads
    ON CONFLICT (workspace_id, id) DO NOTHING
)
SELECT id::text, leads, link_id::text, spelled, program_id::text, channel, state, expires_at, destination FROM asked
"""
"""Takes `values_of_codes`: keeps the clicks whose codes are links that lead on, and tells all the links. Each code is
looked up by itself, whatever the planner believes of the table."""


def values_of_codes(
    workspace_id: str, codes: Iterable[str], clicks: Iterable[Click], running: Iterable[str]
) -> list[Any]:
    """The parameters of `FOLLOW`: the codes, spelled as links spell them; a click of each, which names no link; and the
    programmes that run."""
    columns = dict(zip(Click._fields, zip(*clicks, strict=True), strict=True))
    own = [array(kind, columns[name]) for name, kind in _OWN]
    return [array("uuid", running), array("text", codes), *own, workspace_id, workspace_id]


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


def of_browsers(workspace_id: str, made: Iterable[str], limit: int | None = None) -> list[Click]:
    """All clicks of the browsers that made any of these, the newest first. Needs the workspace's transaction; the key
    and click_visitor."""
    rows = fetch(
        f"""
        WITH browser AS (
            SELECT DISTINCT coalesce(visitor_id, id) AS first FROM click
            WHERE workspace_id = %(own)s AND id = ANY(%(made)s::uuid[])
        )
        SELECT {_READ} FROM click WHERE workspace_id = %(own)s AND id IN (SELECT first FROM browser)
        UNION
        SELECT {_READ} FROM click WHERE workspace_id = %(own)s AND visitor_id IN (SELECT first FROM browser)
        ORDER BY 1 DESC
        LIMIT %(limit)s
        """,
        {"own": workspace_id, "made": array("uuid", sorted(set(made))), "limit": limit},
    )
    return [Click(*row) for row in rows]


def forget(workspace_id: str, made: Iterable[str]) -> int:
    """Takes whose they are out of all clicks of the browsers that made these: address, its hash, the browser's first
    click, language and page; each gets an id that nobody was told, of the same moment. They still count for their
    links. How many they were; needs the workspace's transaction."""
    found = of_browsers(workspace_id, made)
    if not found:
        return 0
    return execute(
        """
        UPDATE click SET id = row.fresh, ip = NULL, ip_hash = NULL, visitor_id = NULL, referrer = '', language = ''
        FROM unnest(%(ids)s::uuid[], %(fresh)s::uuid[]) AS row (id, fresh)
        WHERE click.workspace_id = %(own)s AND click.id = row.id
        """,
        {
            "own": workspace_id,
            "ids": array("uuid", (one.id for one in found)),
            "fresh": array("uuid", (_same_moment(one.id) for one in found)),
        },
    ).rowcount


def clean(
    workspace_id: str,
    patterns: Sequence[str],
    numbers: Sequence[str],
    cleaned: Callable[[dict[str, str]], dict[str, str]],
) -> int:
    """Takes a person out of what addresses said of their campaign (`utm_source=ada@x.example`), in all clicks of the
    workspace. `patterns` are of LIKE, `numbers` regular expressions. How many clicks changed; needs its transaction."""
    rows = fetch(
        """
        SELECT id::text, utm FROM click
        WHERE workspace_id = %s AND utm <> '{}' AND (utm::text ILIKE ANY(%s::text[]) OR utm::text ~ ANY(%s::text[]))
        """,
        [workspace_id, array("text", patterns), array("text", numbers)],
    )
    changed = [(id, after) for id, utm in rows if (after := cleaned(utm)) != utm]
    if not changed:
        return 0
    return execute(
        """
        UPDATE click SET utm = row.utm::jsonb
        FROM unnest(%(ids)s::uuid[], %(utm)s::text[]) AS row (id, utm)
        WHERE click.workspace_id = %(own)s AND click.id = row.id
        """,
        {
            "own": workspace_id,
            "ids": array("uuid", (id for id, _ in changed)),
            "utm": array("text", (orjson.dumps(utm).decode() for _, utm in changed)),
        },
    ).rowcount


def _same_moment(id: str) -> str:
    """Another UUIDv7 of the same millisecond."""
    return str(UUID(int=UUID(id).int >> 76 << 76 | secrets.randbits(76) & ~(3 << 62) | 2 << 62))
