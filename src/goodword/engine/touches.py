"""What an event's click was, written into the event: replay and backtests find it there, and not in the clicks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from goodword.domain import ids
from goodword.domain.events import Event
from goodword.domain.evidence import TELLS
from goodword.store.sql import array, fetch

MOST_TOUCHES = 50
"""Touches of one event; of a browser's visits, the latest are taken."""


def completed(workspace_id: str, events: Sequence[Event]) -> list[Event]:
    """The events as they are, but for those with a `click_id`: their `touches` have that visit, and those that the same
    browser made before it. A click that is unknown, or was no visit, adds nothing. Needs the workspace's transaction;
    takes a statement where there is a click."""
    clicks = {name: _internal(name) for event in events if (name := _click(event))}
    if not clicks:
        return list(events)
    found = _visits(workspace_id, sorted({id for id in clicks.values() if id}))
    return [_with(event, found.get(clicks.get(_click(event), ""), ())) for event in events]


_TOLD = frozenset({"participant.signed_up", *TELLS})
"""Types of event that may name a click."""


def _click(event: Event) -> str:
    if event.type not in _TOLD:
        return ""
    told = str(event.properties.get("click_id") or event.properties.get("client_reference_id") or "")
    return told if told.startswith("clk_") else ""


def _internal(name: object) -> str:
    try:
        return ids.internal("clk", str(name))
    except ids.BadId:
        return ""


def _with(event: Event, visits: Sequence[dict[str, Any]]) -> Event:
    if not visits:
        return event
    told = list(event.properties.get("touches") or ())
    known = {touch.get("click") for touch in told}
    more = [visit for visit in visits if visit["click"] not in known][-max(0, MOST_TOUCHES - len(told)) :]
    return event._replace(properties={**event.properties, "touches": [*told, *more]})


def _visits(workspace_id: str, clicks: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """By click, the visits of its browser up to it, oldest first (the keys, click_visitor)."""
    if not clicks:
        return {}
    rows = fetch(
        """
        SELECT asked.id::text, visit.id::text, visit.clicked_at, link.code
        FROM click AS asked
        CROSS JOIN LATERAL (
            SELECT id, clicked_at, link_id FROM click
            WHERE workspace_id = %(own)s AND id = coalesce(asked.visitor_id, asked.id) AND kind = 'visit'
            UNION
            SELECT id, clicked_at, link_id FROM click
            WHERE workspace_id = %(own)s AND visitor_id = coalesce(asked.visitor_id, asked.id) AND kind = 'visit'
              AND clicked_at <= asked.clicked_at
        ) AS visit
        JOIN link ON link.workspace_id = %(own)s AND link.id = visit.link_id
        WHERE asked.workspace_id = %(own)s AND asked.id = ANY(%(clicks)s::uuid[]) AND asked.kind = 'visit'
        ORDER BY visit.clicked_at, visit.id
        """,
        {"own": workspace_id, "clicks": array("uuid", clicks)},
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for asked, visit, at, code in rows:
        touch = {"kind": "link", "code": code, "at": at.isoformat(), "click": ids.public("clk", visit)}
        found.setdefault(asked, []).append(touch)
    return found
