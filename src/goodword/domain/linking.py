"""Links: how they come to be, and how they change. Where they lead is the edge's."""

from __future__ import annotations

from datetime import datetime

from goodword.domain import beside, codes, destinations, ids
from goodword.domain.draft import Decision, Draft
from goodword.domain.events import Event
from goodword.domain.moments import parse_time
from goodword.domain.rows import Link

OFF = "off"
"""The state of a link that leads nowhere any more."""


def create(draft: Draft) -> Decision:
    """Somebody got a link of this program."""
    event = draft.event
    told = event.properties
    code = told["code"].lower()
    assert draft.participant_id
    if draft.program.is_test:
        return draft.no("test_has_no_codes")
    if code in draft.state.links:
        return draft.no("code_taken")
    if not _may_lead(draft, told.get("destination") or ""):
        return draft.no("destination_not_allowed")
    draft.effects.append(link_of(draft.state.workspace_id, event, draft.program.id, draft.participant_id))
    return draft.yes("linked")


def link_of(workspace_id: str, event: Event, program_id: str, participant_id: str) -> Link:
    """The link that an event gives somebody in a program."""
    told = event.properties
    code = told["code"].lower()
    return Link(
        id=event.erased.get("link") or ids.derive(event.occurred_at, workspace_id, "link", code),
        program_id=program_id,
        participant_id=participant_id,
        code=code,
        channel=told.get("channel") or "",
        simulated=event.simulated,
        created_at=event.occurred_at,
        expires_at=_moment(told.get("expires_at")),
        destination=told.get("destination") or "",
        typed=codes.plain(code),
    )


def create_beside(draft: Draft) -> Decision | None:
    """Somebody got a link of a live program that this one is tested beside; its goals may count them in."""
    event = draft.event
    link = draft.state.links.get(event.properties["code"].lower())
    made = link and (link.created_at, link.participant_id) == (event.occurred_at, draft.participant_id)
    if link and made and draft.program.shared and beside.shares(draft.state, draft.program, link.program_id):
        return draft.yes("linked")
    return None


def update(draft: Draft) -> Decision | None:
    """A link is switched off or on, or leads elsewhere. None for a link of another program."""
    told = draft.event.properties
    link = draft.state.links.get(told["code"].lower())
    if link is None:
        return None if draft.program.is_test else draft.no("unknown_code")
    if link.program_id != draft.program.id:
        return None
    if not _may_lead(draft, told.get("destination") or ""):
        return draft.no("destination_not_allowed")
    if told.get("state") is not None:
        link = link._replace(state=OFF if told["state"] == OFF else "")
    if told.get("channel") is not None:
        link = link._replace(channel=told["channel"])
    if told.get("expires_at") is not None:
        link = link._replace(expires_at=_moment(told["expires_at"]))
    if told.get("destination") is not None:
        link = link._replace(destination=told["destination"])
    draft.effects.append(link)
    return draft.yes("link_changed")


def stopped(link: Link, at: datetime) -> str | None:
    """Why nothing begins by a link at a moment; None where something may."""
    if link.state == OFF:
        return "code_off"
    return "code_expired" if link.expires_at is not None and link.expires_at <= at else None


def _may_lead(draft: Draft, destination: str) -> bool:
    """Whether a link of the program may lead there; '' is where the program says."""
    home = draft.program.document.links.home
    return not destination or bool(home and destinations.within(destination, home, draft.program.document.links.hosts))


def _moment(text: str | None) -> datetime | None:
    return parse_time(text) if text else None
