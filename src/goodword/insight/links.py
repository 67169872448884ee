"""Links as they are shown: their addresses, their visits, their QR codes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from urllib.parse import urlsplit

import segno

from goodword.domain.codes import plain
from goodword.store import tenancy
from goodword.store.models import Workspace
from goodword.store.sql import array, fetch

COUNTED = 100_000
"""Visits of one link that are counted; what is more is told as so many."""


def begins(workspace_id: str, server: str) -> str:
    """How the addresses of a workspace's links begin: with its short domain, or with the server's address, where the
    oldest workspace needs no name."""
    with tenancy.directory():
        row = Workspace.objects.get(id=workspace_id)
        oldest = Workspace.objects.order_by("id").values_list("id", flat=True).first()
    if row.domain:
        return f"{urlsplit(server).scheme}://{row.domain}/"
    return f"{server}/r/" if oldest == row.id else f"{server}/r/{row.slug}/"


def of_code(workspace_id: str, typed: str) -> str | None:
    """The id of the link whose code somebody typed: the one that is spelled so, else the oldest that can be meant.
    Needs the workspace's transaction."""
    key = plain(typed)
    if not (key.isascii() and key.isalnum()):
        return None
    rows = fetch(
        """
        SELECT id::text FROM link                                                         -- link_typed, link_code
        WHERE workspace_id = %(own)s AND (typed = %(key)s OR code IN (%(typed)s, %(key)s))
        ORDER BY code = %(typed)s DESC, created_at
        LIMIT 1
        """,
        {"own": workspace_id, "key": key, "typed": typed.lower()},
    )
    return rows[0][0] if rows else None


def visits(workspace_id: str, link_ids: Sequence[str]) -> dict[str, int]:
    """How many visits links had, by link, up to `COUNTED`. Needs the workspace's transaction."""
    rows = fetch(
        """
        SELECT asked.id::text, counted.visits
        FROM unnest(%(links)s::uuid[]) AS asked (id)
        CROSS JOIN LATERAL (
            SELECT count(*) AS visits
            FROM (
                SELECT FROM click                                                                    -- click_link
                WHERE workspace_id = %(own)s AND link_id = asked.id AND kind = 'visit'
                LIMIT %(most)s
            ) AS listed
        ) AS counted
        """,
        {"own": workspace_id, "links": array("uuid", link_ids), "most": COUNTED},
    )
    return dict(rows)


def qr(address: str, kind: str, scale: int = 8) -> bytes:
    """The QR code of an address, as `svg` or `png`."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind=kind, scale=scale, border=4)
    return out.getvalue()
