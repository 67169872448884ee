"""The one way in: events are read, checked, and written to the log, once each.

A repeat, by (source, event_id), is answered as a duplicate and changes nothing. An event is in the log
and in the inbox or in neither; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from uuid_utils import uuid7

from goodword.domain import codes
from goodword.domain.events import Event, EventError, Problem, parse_event
from goodword.domain.payloads import CLAIMED, VISITOR
from goodword.engine import erased_events, naming, orders, touches, watch
from goodword.store import tenancy
from goodword.store.sql import array, execute, fetch, keeping_plans, packed

CHANNEL = "goodword_inbox"
"""The notification that new events wait; its payload is the workspace's id."""
MAX_BATCH = 5_000
"""Events in one call."""

_INSERT = """
    WITH sent AS (
        SELECT *
        FROM unnest(
            %(id)s::uuid[], %(source)s::text[], %(event_id)s::text[], %(type)s::text[],
            %(occurred_at)s::timestamptz[], %(payload)s::jsonb[], %(request)s::text[]
        ) WITH ORDINALITY AS row (id, source, event_id, type, occurred_at, payload, request, place)
    ), written AS (
        INSERT INTO event (workspace_id, id, source, event_id, type, occurred_at, received_at, payload)
        SELECT %(workspace)s::uuid, id, source, event_id, type, occurred_at, %(now)s::timestamptz, payload
        FROM sent
        ORDER BY place
        ON CONFLICT (workspace_id, source, event_id) DO NOTHING
        RETURNING id
    ), waiting AS (
        INSERT INTO inbox (workspace_id, event_id, request)
        SELECT %(workspace)s::uuid, written.id, sent.request
        FROM written
        JOIN sent USING (id)
        ORDER BY sent.place
        RETURNING event_id
    )
    SELECT count(*), EXISTS (SELECT FROM erased_event WHERE workspace_id = %(workspace)s::uuid) FROM waiting
"""

NAMING = frozenset(
    {"link.created", "referral.submitted", "catalogue.redeemed", "contest.disqualified", "contest.reinstated"}
    | {"terms.accepted", CLAIMED}
)
"""Types of event that name a program of the workspace."""


class Receipt(NamedTuple):
    """What became of one event: its log id (of the first, where it is a duplicate)."""

    id: str
    source: str
    event_id: str
    duplicate: bool


@dataclass(frozen=True, slots=True)
class Recorded:
    """The answer, in the order of the events as sent."""

    receipts: tuple[Receipt, ...]

    @property
    def inserted(self) -> list[str]:
        """Log ids of the events that were new."""
        return [receipt.id for receipt in self.receipts if not receipt.duplicate]

    @property
    def duplicates(self) -> list[str]:
        """Log ids of the events that were there already."""
        return [receipt.id for receipt in self.receipts if receipt.duplicate]


class RejectedEvents(ValueError):
    """Some events cannot be recorded, and so none was. `problems` has every reason by place in the call."""

    code = "invalid_events"

    def __init__(self, problems: Mapping[int, Sequence[Problem]]) -> None:
        self.problems = problems
        super().__init__(
            "; ".join(
                f"event {place}{problem.pointer}: {problem.message}"
                for place, found in sorted(problems.items())
                for problem in found
            )
        )


def record(
    workspace_id: str,
    raws: Sequence[Mapping[str, Any]],
    *,
    source: str = "api",
    now: datetime | None = None,
    wake: bool = True,
) -> Recorded:
    """Records up to `MAX_BATCH` events as they are sent, all or none.

    `source` is for events that name none; `now` is the time of receipt. Without `wake` the caller applies them
    and no worker is called; one would come to them by itself, a second later. Raises `RejectedEvents`.
    """
    moment = now or datetime.now(UTC)
    sent = Sent(*read(raws, moment, source), len(raws), watch.request_id())
    [outcome] = record_each(workspace_id, [sent], moment, wake=wake)
    if isinstance(outcome, RejectedEvents):
        raise outcome
    return outcome


class Sent(NamedTuple):
    """The events of one call, as `read` gives them; how many were sent, and with which request."""

    events: Sequence[tuple[int, Event]]
    problems: Mapping[int, Sequence[Problem]]
    size: int
    request: str


def record_each(
    workspace_id: str, sent: Sequence[Sent], now: datetime, *, wake: bool = True
) -> list[Recorded | RejectedEvents]:
    """Records the events of several calls in one transaction, those of each all or none: what became of each call, in
    their order."""
    outcomes: list[Recorded | RejectedEvents] = []
    with tenancy.workspace(workspace_id), keeping_plans():
        numbered = [(number, event) for number, event in enumerate(event for one in sent for _, event in one.events)]
        unknown = unknown_programs(workspace_id, numbered)
        named = naming.by_our_ids(workspace_id, numbered)
        known = [(number, named.events.get(number, event)) for number, event in numbered] if named.events else numbered
        for number, found in named.problems.items():
            unknown[number] = [*unknown.get(number, ()), *found]
        full, unheard = orders.told_in_full(workspace_id, _of_sound_calls(sent, known, unknown))
        for number, found in unheard.items():
            unknown[number] = [*unknown.get(number, ()), *found]
        taken: list[Event] = []
        requests: list[str] = []
        sizes: list[int | RejectedEvents] = []
        number = 0
        for one in sent:
            problems = dict(one.problems)
            first = number
            for place, _ in one.events:
                if number in unknown:
                    problems[place] = unknown[number]
                number += 1
            if problems:
                sizes.append(RejectedEvents(problems))
                continue
            sizes.append(len(one.events))
            taken += [full.get(place, event) if full else event for place, event in known[first:number]]
            requests += [one.request] * len(one.events)
        written: tuple[Receipt, ...] = ()
        if taken:
            told = touches.completed(workspace_id, spelled(workspace_id, taken))
            written = write(workspace_id, told, now, requests).receipts
        if wake and any(not receipt.duplicate for receipt in written):
            call_worker(workspace_id)
    first = 0
    for one, size in zip(sent, sizes, strict=True):
        if isinstance(size, RejectedEvents):
            watch.recorded(0, 0, refused=one.size)
            outcomes.append(size)
            continue
        recorded = Recorded(written[first : first + size])
        first += size
        watch.recorded(len(recorded.inserted), len(recorded.duplicates))
        outcomes.append(recorded)
    return outcomes


def _of_sound_calls(
    sent: Sequence[Sent], events: Sequence[tuple[int, Event]], unknown: Mapping[int, object]
) -> list[tuple[int, Event]]:
    """The events of calls with which nothing is wrong so far: no other call relies on what is refused."""
    sound: list[tuple[int, Event]] = []
    first = 0
    for one in sent:
        own = events[first : first + len(one.events)]
        first += len(own)
        if not one.problems and not any(number in unknown for number, _ in own):
            sound += own
    return sound


def call_worker(workspace_id: str) -> None:
    """Tells the workers, at the commit, that events wait. Needs the workspace's transaction."""
    execute("SELECT pg_notify(%s, %s)", [CHANNEL, workspace_id])


def read(
    raws: Sequence[object], now: datetime, source: str, *, fine: bool = False
) -> tuple[list[tuple[int, Event]], dict[int, Sequence[Problem]]]:
    """Reads events: the good ones with their place, and the problems of the others by place. `fine` as in
    `parse_event`."""
    if len(raws) > MAX_BATCH:
        problem = Problem("", "too_many_events", f"{len(raws)} events in one call; at most {MAX_BATCH} are allowed")
        return [], {MAX_BATCH: [problem]}
    events: list[tuple[int, Event]] = []
    problems: dict[int, Sequence[Problem]] = {}
    for place, raw in enumerate(raws):
        try:
            events.append((place, parse_event(raw, now, source, fine=fine)))
        except EventError as error:
            problems[place] = error.problems
    return events, problems


_NAME_A_PROGRAM = frozenset({"link.created", "referral.submitted", "catalogue.redeemed"})


def unknown_programs(workspace_id: str, events: Iterable[tuple[int, Event]]) -> dict[int, Sequence[Problem]]:
    """Events that name a program the workspace does not have. Needs the workspace's transaction."""
    named = [
        (place, event.properties["program"])
        for place, event in events
        if event.type in NAMING and event.properties.get("program")
    ]
    if not named:
        return {}
    rows = fetch(
        "SELECT key FROM program WHERE workspace_id = %s AND live_version_id IS NOT NULL ORDER BY key", [workspace_id]
    )
    known = [key for (key,) in rows]
    return {
        place: [
            Problem(
                "/properties/program",
                "unknown_program",
                f"no program {key!r} is published here; known: {', '.join(known) or 'none'}",
            )
        ]
        for place, key in named
        if key not in known
    }


_TYPED = frozenset({"participant.signed_up", "participant.identified", VISITOR, "order.completed", "link.updated"})
"""Types of event with a code that a person may have typed."""


def spelled(workspace_id: str, events: Sequence[Event]) -> list[Event]:
    """The events with the codes that people typed spelled as their links spell them; what is no link's code stays as it
    was sent. Needs the workspace's transaction."""
    codes_of = ((place, event.properties.get("code")) for place, event in enumerate(events) if event.type in _TYPED)
    typed = {place: str(code) for place, code in codes_of if code}
    keys = {place: codes.plain(code) for place, code in typed.items()}
    if not keys:
        return list(events)
    rows = fetch(
        """
        SELECT code FROM link                                                                -- link_typed, link_code
        WHERE workspace_id = %s AND (typed = ANY(%s::text[]) OR code = ANY(%s::text[]))
        ORDER BY created_at DESC
        """,
        [
            workspace_id,
            array("text", set(keys.values())),
            array("text", {*keys.values(), *(code.lower() for code in typed.values())}),
        ],
    )
    known, exact = {codes.plain(code): code for (code,) in rows}, {code for (code,) in rows}
    found = list(events)
    for place, key in keys.items():
        event = events[place]
        if key in known and event.properties["code"].lower() not in exact:
            found[place] = event._replace(properties={**event.properties, "code": known[key]})
    return found


def write(workspace_id: str, events: Sequence[Event], now: datetime, requests: Sequence[str] | None = None) -> Recorded:
    """Writes events that were read. Needs the workspace's transaction; takes two statements at most, and three
    more where people were erased here. Calls no worker. `requests` has the id of each event's request; left out, it is
    the one that is being answered here."""
    if not events:
        return Recorded(())
    ids = [str(uuid7()) for _ in events]
    [(written, some_erased)] = fetch(
        _INSERT,
        {
            "workspace": workspace_id,
            "now": now,
            "request": array("text", [watch.request_id()] * len(events) if requests is None else requests),
            "id": packed("uuid", ids),
            "source": array("text", [event.source for event in events]),
            "event_id": array("text", [event.event_id for event in events]),
            "type": array("text", [event.type for event in events]),
            "occurred_at": array("timestamptz", [event.occurred_at for event in events]),
            "payload": packed("jsonb", [event.payload() for event in events]),
        },
    )
    first: dict[tuple[str, str], str] = {}
    new = set(ids) if written == len(ids) else _among(workspace_id, ids)
    if some_erased and new:
        names = {id: (event.source, event.event_id) for id, event in zip(ids, events, strict=True) if id in new}
        again = erased_events.take_back(workspace_id, names)
        first = {names[id]: known for id, known in again.items()}
        new -= again.keys()
    if written < len(events):
        first |= _first_ids(workspace_id, events)
    return Recorded(
        tuple(
            Receipt(
                id if id in new else first[event.source, event.event_id],
                event.source,
                event.event_id,
                id not in new,
            )
            for id, event in zip(ids, events, strict=True)
        )
    )


def _among(workspace_id: str, ids: Sequence[str]) -> set[str]:
    """Those of the ids that the log has."""
    rows = fetch(
        "SELECT id::text FROM event WHERE workspace_id = %s AND id = ANY(%s::uuid[])",
        [workspace_id, packed("uuid", ids)],
    )
    return {id for (id,) in rows}


def _first_ids(workspace_id: str, events: Sequence[Event]) -> dict[tuple[str, str], str]:
    """The log's id of each event, whoever sent it first."""
    rows = fetch(
        """
        SELECT event.source, event.event_id, event.id::text
        FROM event
        JOIN unnest(%s::text[], %s::text[]) AS sent (source, event_id) USING (source, event_id)
        WHERE event.workspace_id = %s
        """,
        [
            array("text", [event.source for event in events]),
            array("text", [event.event_id for event in events]),
            workspace_id,
        ],
    )
    return {(source, event_id): id for source, event_id, id in rows}
