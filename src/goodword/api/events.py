"""Events: the one way in. Recording them, and reading back what was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.http import HttpRequest
from ninja import Router, Status
from ninja.params.functions import Query

from goodword.api import acts, body, params, shapes, shaping
from goodword.api.body import pointer
from goodword.api.keys import Caller, caller
from goodword.api.paging import page
from goodword.api.params import inner, person_filter
from goodword.api.problems import Fault, Refusal, not_found
from goodword.api.schemas import MAX_BATCH, batch_body, event_body
from goodword.domain import ids, scopes
from goodword.engine import near_misses, record
from goodword.insight import explain, merged
from goodword.store import tenancy
from goodword.store.models import Applied, Event

router = Router(tags=["Events"])
SOURCE = "api"
"""The source of events that name none."""

WAIT = Query(
    False,
    description="Apply the events before answering, and answer with their decisions. "
    "Without it the worker applies them a moment later.",
)


@router.post(
    "",
    response={200: shapes.Recorded, 202: shapes.Recorded},
    operation_id="record_event",
    summary="Record one event",
    openapi_extra=event_body(),
)
def record_one(request: HttpRequest, wait: params.Flag = WAIT) -> Any:
    """Record one fact. It is safe in the log when this answers, and applied by the worker or, with
    `wait=true`, before the answer.

    Sending an event again, with the same `source` and `event_id`, changes nothing and answers its id
    under `duplicates`. Whatever moves a referral or a reward is an event too: send `referral.qualified`,
    `reward.approved` and so on. A type that is spelt nearly like a standard one is taken as one of your own, and
    `warnings` asks whether it is.
    """
    return _record(request, one(body.read_json(request)), wait)


@router.post(
    "/batch",
    response={200: shapes.Recorded, 202: shapes.Recorded},
    operation_id="record_events",
    summary="Record up to 1,000 events",
    openapi_extra=batch_body(),
)
def record_batch(request: HttpRequest, wait: params.Flag = WAIT) -> Any:
    """Record many events at once, all or none: one bad event refuses the batch, and `errors` names
    every fault by its place, such as `/events/3/properties/value`.
    """
    return _record(request, many(body.read_json(request)), wait)


@router.get(
    "",
    response=shapes.EventList,
    operation_id="list_events",
    summary="List events",
)
def list_events(
    request: HttpRequest,
    event_id: params.Text | None = Query(None, description="The sender's own id, of `source`."),
    source: params.Key | None = Query(None, description="Who sent it; with `event_id`, `api` when left out."),
    participant: str | None = params.id_query("par", "Only those about this participant."),
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """Events as they were sent, each with what every program concluded from it, the newest first. Find one by your own
    id with `event_id`: whether it came, and what it led to.
    """
    workspace_id = caller(request).workspace_id
    filters = {
        "event_id": event_id,
        "source": source or (SOURCE if event_id is not None else None),
        "participant": person_filter(workspace_id, participant, "participant"),
    }
    with tenancy.workspace(workspace_id):
        query = Event.objects.filter(workspace_id=workspace_id)
        if filters["source"] is not None:
            query = query.filter(source=filters["source"])
        if event_id is not None:
            query = query.filter(event_id=event_id)
        if filters["participant"] is not None:
            people = merged.family(workspace_id, filters["participant"])
            about = Applied.objects.filter(workspace_id=workspace_id, participant_id__in=people)
            query = query.filter(id__in=about.values("event_id"))
        listed = page(
            query.only("id"),
            lambda row: {"id": str(row.id)},
            workspace_id=workspace_id,
            route="events",
            filters=filters,
            limit=limit,
            cursor=cursor,
        )
    told = explain.explain_many(workspace_id, [row["id"] for row in listed["data"]])
    return listed | {"data": [shaping.event(found) for found in told]}


@router.get(
    "/{event_id}",
    response=shapes.Event,
    operation_id="get_event",
    summary="Get an event with its decisions",
)
def get_event(request: HttpRequest, event_id: str = params.id_path("evt", "event")) -> Any:
    """One event as it was sent, with what every program concluded from it and why."""
    known = inner("evt", event_id, "event")
    found = explain.explain_many(caller(request).workspace_id, [known])
    if not found:
        raise not_found("event", event_id, "evt")
    return shaping.event(found[0])


class Told(NamedTuple):
    """The events of a body, and the pointer of the list that they stand in, '' for the one event of a body. `fine` as
    in `domain.events.parse_event`."""

    raws: Sequence[Any]
    at: str
    fine: bool = False


def one(raw: Any) -> Told:
    """The event of a body that is one."""
    return Told([raw], "")


def many(raw: Any) -> Told:
    """The events of a batch's body. Raises `Refusal`."""
    if not isinstance(raw, Mapping):
        raise Refusal("invalid_events", errors=[Fault("not_an_object", 'expected {"events": […]}', pointer="")])
    unknown = [name for name in raw if name != "events"]
    if unknown:
        raise Refusal(
            "invalid_events",
            errors=[
                Fault("unknown_field", "unknown field; allowed: events", pointer=pointer(name)) for name in unknown
            ],
        )
    events = raw.get("events")
    if not isinstance(events, list) or not 1 <= len(events) <= MAX_BATCH:
        raise Refusal(
            "invalid_events",
            errors=[Fault("bad_batch", f"expected a list of 1 to {MAX_BATCH} events", pointer="/events")],
        )
    return Told(events, "/events")


def _record(request: HttpRequest, told: Told, wait: bool) -> Any:
    who = caller(request)
    workspace_id = who.workspace_id
    check_scopes(who, told)
    try:
        recorded = record.record(workspace_id, told.raws, source=SOURCE, wake=not wait)
    except record.RejectedEvents as error:
        raise rejected(error, told.at) from None
    each = [*recorded.inserted, *recorded.duplicates]
    applied = wait and acts.apply_now(workspace_id, each)
    answer = {
        **names(recorded),
        "events": [shaping.event(found) for found in explain.explain_many(workspace_id, each)] if wait else None,
        "warnings": warnings(workspace_id, told.raws),
    }
    return Status(200 if applied else 202, answer)


_public = ids.public.__wrapped__
"""Without its memory: most of these ids are told once."""


def names(recorded: record.Recorded) -> dict[str, list[str]]:
    """What became of the events, by their public ids."""
    return {
        "inserted": [_public("evt", id_) for id_ in recorded.inserted],
        "duplicates": [_public("evt", id_) for id_ in recorded.duplicates],
    }


def warnings(workspace_id: str, raws: Sequence[Any]) -> list[dict[str, str]]:
    """What may be a slip in events that were recorded."""
    return [
        {"code": "near_miss", "type": slip.type, "nearest": slip.nearest, "detail": f"{slip.detail}."}
        for slip in near_misses.of(workspace_id, (raw["type"] for raw in raws))
    ]


def check_scopes(who: Caller, told: Told) -> None:
    """Some types of event need a scope of their own. Raises `Refusal` missing_scope, and nothing is recorded."""
    kinds = [raw.get("type") if isinstance(raw, dict) else None for raw in told.raws]
    if all(who.may(scopes.of_event(kind)) for kind in {kind for kind in kinds if isinstance(kind, str)}):
        return
    faults = []
    for index, kind in enumerate(kinds):
        needed = scopes.of_event(kind) if isinstance(kind, str) else None
        if not who.may(needed):
            place = f"{told.at}/{index}" if told.at else ""
            faults.append(Fault("missing_scope", f"{kind} needs the scope {needed}", pointer=f"{place}/type"))
    if faults:
        raise Refusal("missing_scope", f"{faults[0].detail}, which this key does not have.", faults)


def rejected(error: record.RejectedEvents, at: str) -> Refusal:
    """The refusal of events that stand at that pointer."""
    faults = [
        Fault(problem.code, problem.message, pointer=(f"{at}/{index}" if at else "") + problem.pointer)
        for index, problems in sorted(error.problems.items())
        for problem in problems
    ]
    return Refusal("invalid_events", errors=faults)
