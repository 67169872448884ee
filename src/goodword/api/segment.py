"""Facts in Segment's shapes: read by `domain.segment`, recorded as every event is."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router
from uuid_utils import uuid7

from goodword.api import body, shaping
from goodword.api.body import pointer
from goodword.api.keys import Caller, caller
from goodword.api.problems import Fault, Refusal
from goodword.api.schemas import MAX_BATCH
from goodword.api.segment_shapes import Taken, batch_body, call_body
from goodword.domain import segment
from goodword.domain.events import Problem
from goodword.domain.segment import Read
from goodword.domain.segment_money import Left
from goodword.engine import orders, record, watch
from goodword.store import keys, tenancy

router = Router(tags=["Segment"])
log = logging.getLogger(__name__)

_NOT_FROM_PAGES = Problem("", "wrong_key", "a publishable key tells who brought a visitor; this needs a secret key")
_KEPT = "It is about a visitor whom nobody knows, and does not tell who brought them: there is nothing to record."
_NONE_GOOD = "Nothing was recorded: no call of the batch can be read. Repair what `errors` names and send it again."


@router.post(
    "/track",
    response=Taken,
    operation_id="segment_track",
    summary="Something happened",
    openapi_extra=call_body("track"),
)
def track(request: HttpRequest) -> Any:
    """One fact, by its name: Segment's e-commerce names become types of ours (`Order Completed` is `order.completed`,
    with the amount in minor units), any other name a custom type (`Product Viewed` is `product.viewed`). The guide on
    Segment has the table.
    """
    return _one(request, "track")


@router.post(
    "/identify",
    response=Taken,
    operation_id="segment_identify",
    summary="Who somebody is",
    openapi_extra=call_body("identify"),
)
def identify(request: HttpRequest) -> Any:
    """A person's traits: `participant.identified`, with e-mail, name and company where they are told."""
    return _one(request, "identify")


@router.post(
    "/page", response=Taken, operation_id="segment_page", summary="A page was seen", openapi_extra=call_body("page")
)
def page(request: HttpRequest) -> Any:
    """A page that a person saw: `page.viewed`. What its address tells of who brought them (a click, the code of a link)
    is kept, also of a visitor whom nobody knows yet: `visitor.touched`.
    """
    return _one(request, "page")


@router.post(
    "/screen",
    response=Taken,
    operation_id="segment_screen",
    summary="A screen was seen",
    openapi_extra=call_body("screen"),
)
def screen(request: HttpRequest) -> Any:
    """A screen of an app that a person saw: `screen.viewed`."""
    return _one(request, "screen")


@router.post(
    "/group",
    response=Taken,
    operation_id="segment_group",
    summary="Which account somebody is of",
    openapi_extra=call_body("group"),
)
def group(request: HttpRequest) -> Any:
    """An account's traits, and that the person is of it: `account.updated`."""
    return _one(request, "group")


@router.post(
    "/alias",
    response=Taken,
    operation_id="segment_alias",
    summary="Two ids are one person",
    openapi_extra=call_body("alias"),
)
def alias(request: HttpRequest) -> Any:
    """`previousId` is another id of `userId`: the two become one, by `participant.identified` with `previous_id`."""
    return _one(request, "alias")


@router.post(
    "/batch",
    response=Taken,
    operation_id="segment_batch",
    summary="Up to 1,000 calls of Segment's",
    openapi_extra=batch_body(),
)
def batch(request: HttpRequest) -> Any:
    """Many calls at once, as Segment's libraries send them. The good ones are recorded; what is wrong with another one
    is answered under `refused`, and it is kept as an event `segment.refused` where it names somebody. Of a batch
    without a single good call nothing is recorded: 422.
    """
    return _many(request)


@router.post(
    "/import",
    response=Taken,
    operation_id="segment_import",
    summary="The same as /v1/batch",
    openapi_extra=batch_body(),
)
def import_(request: HttpRequest) -> Any:
    """The name that older libraries of Segment's have for `/v1/batch`. Files come in by `/v1/imports`."""
    return _many(request)


def _one(request: HttpRequest, kind: str) -> Mapping[str, Any]:
    sent = body.read_json(request)
    [found] = _read_all(caller(request), [sent], kind, None)
    if found.problems:
        raise _refusal(_faults("", found.problems))
    return _recorded(request, [("", found)])


def _many(request: HttpRequest) -> Mapping[str, Any]:
    sent = body.read_json(request, texts=False)
    calls = sent.get("batch") if isinstance(sent, Mapping) else None
    if not isinstance(calls, list) or not 1 <= len(calls) <= MAX_BATCH:
        told = f'expected {{"batch": […]}} with 1 to {MAX_BATCH:,} calls'
        raise Refusal("invalid_events", errors=[Fault("bad_batch", told, pointer="/batch")])
    who, around = caller(request), sent.get("context")
    read = _read_all(who, [_within(call, around) for call in calls], None, sent.get("sentAt"))
    each = [(pointer("batch", place), found) for place, found in enumerate(read)]
    if all(found.problems for _, found in each):
        raise _refusal([fault for place, found in each for fault in _faults(place, found.problems)], _NONE_GOOD)
    return _recorded(request, each)


def _within(call: Any, around: Any) -> Any:
    """A call with what the batch says of all of them, where it does not say otherwise itself."""
    if not (isinstance(call, Mapping) and isinstance(around, Mapping)):
        return call
    own = call.get("context")
    return {**call, "context": {**around, **(own if isinstance(own, Mapping) else {})}}


def _read_all(who: Caller, calls: Sequence[Any], kind: str | None, sent_at: Any) -> list[Read]:
    """Reads the calls in their order; a refund of a whole order finds what the log or a call before it tells of it."""
    asked = {named for call in calls if (named := segment.whole_refund(call))}
    known: dict[tuple[str, str], Left] = {}
    if asked and who.kind != keys.PUBLISHABLE:
        with tenancy.workspace(who.workspace_id):
            known = orders.left(who.workspace_id, asked)
    each = []
    for call in calls:
        found = _read(who, call, kind, sent_at, known)
        each.append(found)
        for event in found.events if asked else ():
            _note(known, event)
    return each


def _note(known: dict[tuple[str, str], Left], event: Mapping[str, Any]) -> None:
    """Counts an order or a refund of the same batch."""
    person, told = event.get("participant"), event["properties"]
    who = person.get("external_id") if isinstance(person, Mapping) else person
    key = (str(who), str(told.get("order_id")))
    if event["type"] == "order.completed":
        known.setdefault(key, Left(told["value"], told["currency"]))
    elif event["type"] == "order.refunded" and key in known and known[key].currency == told["currency"]:
        known[key] = Left(max(0, known[key].value - told["value"]), told["currency"])


def _read(who: Caller, call: Any, kind: str | None, sent_at: Any, known: segment.Orders) -> Read:
    now, spare = datetime.now(UTC), str(uuid7())
    found = segment.read(call, now, kind=kind, sent_at=sent_at, spare_id=spare, orders=known)
    if who.kind != keys.PUBLISHABLE:
        return found
    if any(event["type"] != segment.VISITOR for event in found.events):
        return Read(problems=(_NOT_FROM_PAGES,))
    return found._replace(kept=None)


def _recorded(request: HttpRequest, each: Sequence[tuple[str, Read]]) -> Mapping[str, Any]:
    bad = [(place, found) for place, found in each if found.problems]
    events = [event for _, found in each for event in found.events]
    events += [found.kept for _, found in bad if found.kept]
    recorded = record.record(caller(request).workspace_id, events, source=segment.SOURCE)
    if bad:
        watch.recorded(0, 0, refused=len(bad))
        codes = Counter(problem.code for _, found in bad for problem in found.problems)
        log.warning("%d of %d calls in Segment's shapes were refused: %s", len(bad), len(each), dict(codes))
    refused = [fault.shown() for place, found in bad for fault in _faults(place, found.problems)]
    left = [{"pointer": place, "code": found.left_out, "detail": _KEPT} for place, found in each if found.left_out]
    return {
        "success": True,
        "inserted": [shaping.public("evt", id_) for id_ in recorded.inserted],
        "duplicates": [shaping.public("evt", id_) for id_ in recorded.duplicates],
        "left_out": left,
        "refused": refused,
    }


def _faults(place: str, problems: Sequence[Problem]) -> list[Fault]:
    return [Fault(each.code, _plain(each.message), pointer=place + _plain(each.pointer)) for each in problems]


def _plain(text: str) -> str:
    """A text that may quote what was sent, without halves of surrogate pairs."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _refusal(faults: Sequence[Fault], told: str = "") -> Refusal:
    if all(fault.code == _NOT_FROM_PAGES.code for fault in faults):
        return Refusal("wrong_key", _NOT_FROM_PAGES.message[0].upper() + _NOT_FROM_PAGES.message[1:] + ".")
    return Refusal("invalid_events", told, faults)
