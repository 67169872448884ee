"""Events: the one way in. Recording them, and reading back what was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from ninja import Router, Status
from ninja.params.functions import Query

from goodword.api import acts, body, params, shapes, shaping
from goodword.api.body import pointer
from goodword.api.keys import Caller, caller
from goodword.api.params import inner
from goodword.api.problems import Fault, Refusal, not_found
from goodword.api.schemas import MAX_BATCH, batch_body, event_body
from goodword.domain import scopes
from goodword.engine import near_misses, record
from goodword.insight import explain

router = Router(tags=["Events"])

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
    return _record(request, [body.read_json(request)], wait, at="")


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
    raw = body.read_json(request)
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
    return _record(request, events, wait, at="/events")


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


def _record(request: HttpRequest, raws: Sequence[Any], wait: bool, at: str) -> Any:
    who = caller(request)
    workspace_id = who.workspace_id
    _check_scopes(who, raws, at)
    try:
        recorded = record.record(workspace_id, raws, source="api", wake=not wait)
    except record.RejectedEvents as error:
        raise Refusal("invalid_events", errors=list(_faults(error, at))) from None
    each = [*recorded.inserted, *recorded.duplicates]
    applied = wait and acts.apply_now(workspace_id, each)
    answer = {
        "inserted": [shaping.public("evt", id_) for id_ in recorded.inserted],
        "duplicates": [shaping.public("evt", id_) for id_ in recorded.duplicates],
        "events": [shaping.event(found) for found in explain.explain_many(workspace_id, each)] if wait else None,
        "warnings": [
            {"code": "near_miss", "type": one.type, "nearest": one.nearest, "detail": f"{one.detail}."}
            for one in near_misses.of(workspace_id, (raw["type"] for raw in raws))
        ],
    }
    return Status(200 if applied else 202, answer)


def _check_scopes(who: Caller, raws: Sequence[Any], at: str) -> None:
    """Some types of event need a scope of their own. Raises `Refusal` missing_scope, and nothing is recorded."""
    faults = []
    for index, raw in enumerate(raws):
        kind = raw.get("type") if isinstance(raw, Mapping) else None
        needed = scopes.of_event(kind) if isinstance(kind, str) else None
        if not who.may(needed):
            place = f"{at}/{index}" if at else ""
            faults.append(Fault("missing_scope", f"{kind} needs the scope {needed}", pointer=f"{place}/type"))
    if faults:
        raise Refusal("missing_scope", f"{faults[0].detail}, which this key does not have.", faults)


def _faults(error: record.RejectedEvents, at: str) -> list[Fault]:
    return [
        Fault(problem.code, problem.message, pointer=(f"{at}/{index}" if at else "") + problem.pointer)
        for index, problems in sorted(error.problems.items())
        for problem in problems
    ]
