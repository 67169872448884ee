"""People whom an event names by our id, written into the event by their own names: the log knows no other way.

Whoever reads `par_…` in an answer may send it back as the participant. Taken for the host product's id, it would make a
new person whom nobody meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from goodword.domain import ids
from goodword.domain.events import Event, PersonRef, Problem
from goodword.store.sql import array, fetch

_OURS = ids.PREFIXES["participant"] + "_"
_REFERRED = frozenset({"referral.submitted", "referral.claimed"})
"""Types of event that name a second person, under `referred`."""


class Named(NamedTuple):
    """By place, the events that had ids of ours, with names of their own instead; and where nobody has such an id."""

    events: dict[int, Event]
    problems: dict[int, Sequence[Problem]]


def by_our_ids(workspace_id: str, events: Sequence[tuple[int, Event]]) -> Named:
    """Those of the events that name somebody by our id. An external id that looks like ours is one where somebody has
    it. Needs the workspace's transaction; takes two statements where such an id is named, else none."""
    told = [(place, event, names) for place, event in events if _may_tell(event) and (names := dict(_told(event)))]
    named: dict[int, Event] = {}
    problems: dict[int, Sequence[Problem]] = {}
    if not told:
        return Named(named, problems)
    people = _people(workspace_id, {name for _, _, names in told for name in names.values()})
    for place, event, names in told:
        problems_here = [_nobody(pointer, name) for pointer, name in names.items() if name not in people]
        if problems_here:
            problems[place] = problems_here
        else:
            named[place] = _with(event, {pointer: people[name] for pointer, name in names.items()})
    return Named(named, problems)


_PARTICIPANT = "/participant"
_SECOND = "/properties/referred"


def _may_tell(event: Event) -> bool:
    """Asked of every event that is recorded: a quick look."""
    name = event.participant.external_id if event.participant is not None else None
    return (name is not None and name.startswith(_OURS)) or event.type in _REFERRED


def _told(event: Event) -> Iterator[tuple[str, str]]:
    """Where an event has what looks like an id of ours, and the id."""
    if event.participant and (event.participant.external_id or "").startswith(_OURS):
        yield from _valid(_PARTICIPANT, event.participant.external_id or "")
    if event.type in _REFERRED and str(event.properties["referred"].get("external_id") or "").startswith(_OURS):
        yield from _valid(_SECOND, event.properties["referred"]["external_id"])


def _valid(pointer: str, name: str) -> Iterator[tuple[str, str]]:
    try:
        ids.internal(ids.PREFIXES["participant"], name)
    except ids.BadId:
        return
    yield pointer, name


def _people(workspace_id: str, names: set[str]) -> dict[str, tuple[str | None, str]]:
    """External id and e-mail of people, by how they were named: by an external id that somebody has, else by our id.
    Of whom only the id is left is nobody (participant_external, participant_pkey)."""
    rows = fetch(
        "SELECT external_id FROM participant WHERE workspace_id = %s AND external_id = ANY(%s::text[])",
        [workspace_id, array("text", names)],
    )
    found: dict[str, tuple[str | None, str]] = {name: (name, "") for (name,) in rows}
    inner = {ids.internal(ids.PREFIXES["participant"], name): name for name in names - found.keys()}
    rows = fetch(
        "SELECT id::text, external_id, email FROM participant WHERE workspace_id = %s AND id = ANY(%s::uuid[])",
        [workspace_id, array("uuid", inner)],
    )
    for id, external_id, email in rows:
        if external_id is not None or email:
            found[inner[id]] = (external_id, "" if external_id is not None else email)
    return found


def _nobody(pointer: str, name: str) -> Problem:
    return Problem(
        f"{pointer}/external_id",
        "unknown_participant",
        f"{name} looks like an id of ours, and nobody here has it; give your own external_id, or an e-mail",
    )


def _with(event: Event, people: dict[str, tuple[str | None, str]]) -> Event:
    if (who := people.get(_PARTICIPANT)) and event.participant:
        event = event._replace(participant=_ref(event.participant, *who))
    if whom := people.get(_SECOND):
        told: dict[str, Any] = dict(event.properties["referred"])
        own = {"external_id": whom[0]} if whom[0] is not None else {"email": whom[1]}
        told.pop("external_id")
        event = event._replace(properties={**event.properties, "referred": {**told, **own}})
    return event


def _ref(sent: PersonRef, external_id: str | None, email: str) -> PersonRef:
    return sent._replace(external_id=external_id, email=email if external_id is None else sent.email)
