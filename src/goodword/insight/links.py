"""Links as they are shown: their addresses, their visits, their QR codes."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import segno
from django.db.models import Q

from goodword.domain import ids
from goodword.domain.codes import plain, possible
from goodword.domain.linking import OFF
from goodword.store import tenancy
from goodword.store.models import Link, Program, Workspace
from goodword.store.sql import array, fetch

SHOWN = 100
"""Links of one participant that a page shows."""
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


def address(begins: str, code: str) -> str:
    """The address of a code. Those of other systems may have letters that an address writes in another way."""
    return begins + quote(code, safe="")


def of_code(workspace_id: str, typed: str) -> str | None:
    """The id of the link whose code somebody typed: the one that is spelled so, else the oldest that can be meant.
    Needs the workspace's transaction."""
    if not possible(typed):
        return None
    rows = fetch(
        """
        SELECT id::text FROM link                                                         -- link_typed, link_code
        WHERE workspace_id = %(own)s AND (typed = %(key)s OR code IN (%(typed)s, %(key)s))
        ORDER BY code = %(typed)s DESC, created_at
        LIMIT 1
        """,
        {"own": workspace_id, "key": plain(typed) or typed, "typed": typed.lower()},
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


class Counts(NamedTuple):
    """Clicks of a link by what made them, `COUNTED` at most in all. Only visits count."""

    visit: int = 0
    preview: int = 0
    bot: int = 0


def clicks(workspace_id: str, link_ids: Sequence[str]) -> dict[str, Counts]:
    """The newest clicks of links, by link, counted by kind. Needs the workspace's transaction."""
    rows = fetch(
        """
        SELECT asked.id::text, counted.visit, counted.preview, counted.bot
        FROM unnest(%(links)s::uuid[]) AS asked (id)
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE kind = 'visit') AS visit, count(*) FILTER (WHERE kind = 'preview') AS preview,
                   count(*) FILTER (WHERE kind = 'bot') AS bot
            FROM (
                SELECT kind FROM click                                                               -- click_link
                WHERE workspace_id = %(own)s AND link_id = asked.id
                ORDER BY id DESC
                LIMIT %(most)s
            ) AS listed
        ) AS counted
        """,
        {"own": workspace_id, "links": array("uuid", link_ids), "most": COUNTED},
    )
    return {link: Counts(*counted) for link, *counted in rows}


class Shared(NamedTuple):
    """A link as its owner's page shows it. `state` is `on`, `off` or `expired`, or the program's own, `paused` or
    `ended`, under which no link leads anywhere; `destination` is '' where the program says."""

    id: str
    code: str
    address: str
    channel: str
    state: str
    on: bool
    simulated: bool
    destination: str
    created_at: datetime
    expires_at: datetime | None
    clicks: Counts

    @property
    def public_id(self) -> str:
        return ids.public("lnk", self.id)


class Shelf(NamedTuple):
    """A program and the links that somebody has in it, the newest first. `gives` says whether it makes links now."""

    key: str
    name: str
    state: str
    gives: bool
    links: tuple[Shared, ...]
    more: bool


def shelves(workspace_id: str, people: Sequence[str], server: str, now: datetime) -> list[Shelf]:
    """The links of a participant (their id, and those merged into them) by program: every program that is live and has
    referrals, and every other in which they have a link; those with links first, by name."""
    starts = begins(workspace_id, server)
    with tenancy.workspace(workspace_id):
        everything = Link.objects.filter(workspace_id=workspace_id, participant_id__in=people)
        rows = list(everything.order_by("-created_at", "-id")[: SHOWN + 1])
        more = len(rows) > SHOWN
        counted = clicks(workspace_id, [str(row.id) for row in rows[:SHOWN]]) if rows else {}
        programs = list(
            Program.objects.filter(
                Q(live_version__isnull=False, test=False) | Q(id__in=[row.program_id for row in rows]),
                workspace_id=workspace_id,
            )
            .exclude(kind="loyalty")
            .order_by("name", "key")
        )
    found = []
    for program in programs:
        mine = tuple(
            _shared(row, program.state, starts, counted, now) for row in rows[:SHOWN] if row.program_id == program.id
        )
        gives = program.live_version_id is not None and not program.test and not program.state
        if mine or gives:
            found.append(Shelf(program.key, program.name, program.state, gives, mine, more))
    return sorted(found, key=lambda shelf: not shelf.links)


def _shared(row: Link, program: str, starts: str, counted: Mapping[str, Counts], now: datetime) -> Shared:
    over = row.expires_at is not None and row.expires_at <= now
    state = OFF if row.state == OFF else "expired" if over else "on"
    if state == "on" and program:
        state = "paused" if program == "paused" else "ended"
    return Shared(
        str(row.id), row.code, address(starts, row.code), row.channel, state, row.state != OFF, row.simulated,
        row.destination, row.created_at, row.expires_at, counted.get(str(row.id), Counts()),
    )  # fmt: skip


def qr(address: str, kind: str, scale: int = 8) -> bytes:
    """The QR code of an address, as `svg` or `png`."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind=kind, scale=scale, border=4)
    return out.getvalue()
