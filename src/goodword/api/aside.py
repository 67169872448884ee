"""What the engine could not apply: events and timers that are set aside, listed with their errors and tried again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from goodword.api import params, sent
from goodword.api.act_bodies import refused
from goodword.api.keys import caller
from goodword.api.paging import keyed
from goodword.api.sent import Sent
from goodword.api.shapes import TIME, List, Shape
from goodword.domain import ids
from goodword.domain.moments import parse_time
from goodword.engine import aside

router = Router(tags=["Events"])

EVENT = "evt_01h455vb4pex5vsknk084sn02q"
MAX_IDS = 1_000
"""Events and timers that one call has tried again by their ids."""


class Aside(Shape):
    """An event or timer that made the engine fail each time it was tried."""

    id: str = Field(description="The event's (`evt_…`) or timer's (`tmr_…`).", examples=[EVENT])
    kind: Literal["event", "timer"] = Field(description="A timer is a moment that came: the end of a hold, say.")
    type: str = Field(examples=["order.completed"])
    event_id: str | None = Field(description="As it was sent; null of a timer.", examples=["order-4711"])
    source: str | None = Field(description="Where it came from; null of a timer.", examples=["key:web shop"])
    request: str | None = Field(description="`X-Request-Id` of the request that it came with.", examples=[None])
    at: datetime = Field(description="When it happened, or the timer was due.", examples=[TIME])
    attempts: int = Field(examples=[3])
    error: str = Field(description="What went wrong, in the engine's words.", examples=["KeyError('currency')"])


class AsideList(List[Aside]):
    """A page of what is set aside, oldest first."""


class SentRetry(Sent):
    """Which are tried again: those of these ids, or all."""

    ids: Annotated[list[str], Field(min_length=1, max_length=MAX_IDS)] | None = Field(
        None, description="`evt_…` and `tmr_…`."
    )
    all: bool = False


class Retried(Shape):
    """How many will be tried again; those that were not set aside any more are not among them."""

    retried: int = Field(examples=[1])


@router.get("", response=AsideList, operation_id="list_aside", summary="List what is set aside")
def list_aside(request: HttpRequest, limit: params.Whole = params.LIMIT, cursor: str | None = params.CURSOR) -> Any:
    """Events and timers that the engine could not apply after three attempts, oldest first, each with its error. They
    hold up nobody else's, and nothing of them is lost: mend what made them fail, and have them tried again.
    """
    workspace_id = caller(request).workspace_id
    return keyed(
        lambda after, most: aside.listed(workspace_id, most, _read(after)),
        lambda row: f"{row.occurred_at.isoformat()} {row.id}",
        shown,
        workspace_id=workspace_id,
        route="aside",
        filters={},
        limit=limit,
        cursor=cursor,
    )


@router.post(
    "/retry",
    response=Retried,
    operation_id="retry_aside",
    summary="Have what is set aside tried again",
    openapi_extra=sent.body_of(SentRetry, some=("These", {"ids": [EVENT]}), all=("All of them", {"all": True})),
)
def retry_aside(request: HttpRequest) -> Any:
    """The engine tries them again, as often as any event, each at its own `occurred_at`."""
    asked = sent.read(request, SentRetry)
    if (asked.ids is None) is not asked.all:
        raise refused("missing", 'say which: {"ids": [...]} or {"all": true}', "ids")
    chosen = []
    for place, id in enumerate(asked.ids or ()):
        try:
            chosen.append(aside.internal(id))
        except ids.BadId as error:
            raise refused("bad_value", str(error), "ids", str(place)) from None
    return {"retried": aside.retry(caller(request).workspace_id, None if asked.all else chosen)}


def shown(row: aside.Aside) -> dict[str, Any]:
    """An event or timer as the API shows it."""
    return {
        "id": row.public_id,
        "kind": "event" if row.event_id else "timer",
        "type": row.type,
        "event_id": row.event_id or None,
        "source": row.source or None,
        "request": row.request or None,
        "at": row.occurred_at,
        "attempts": row.attempts,
        "error": row.error,
    }


def _read(key: str) -> tuple[datetime, str] | None:
    at, _, id = key.partition(" ")
    return (parse_time(at), id) if key else None
