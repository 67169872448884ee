"""Links, their codes and QR codes, and clicks. A link is made and changed by one event, applied before the answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router, Status
from ninja.params.functions import Path, Query
from pydantic import Field

from goodword.api import acts, params, sent, shaping
from goodword.api import link_shapes as shapes
from goodword.api.act_bodies import WAIT, Fact, Id, given, record, refused
from goodword.api.acts import Acted
from goodword.api.keys import caller
from goodword.api.paging import page
from goodword.api.params import inner, inner_filter, person_filter
from goodword.api.participants import found_participant
from goodword.api.problems import Refusal, not_found
from goodword.domain import ids
from goodword.domain.codes import LONGEST
from goodword.domain.linking import OFF
from goodword.engine import sharing
from goodword.insight import links as shown_links
from goodword.store import tenancy
from goodword.store.models import Click, Link

links, codes, clicks = (Router(tags=["Links"]) for _ in range(3))

ID = params.id_path("lnk", "link")
SCALE = Query(8, ge=1, le=40, description="How many pixels, or units, a module has on each side.")
WHOLE = ("program", "participant")


class SentLink(Fact):
    """A link to be made."""

    participant: Id = Field(description="Whose: your own id of them, or ours (par_…).")
    program: sent.Code = Field(description="The program's key.")
    code: Annotated[str, Field(min_length=1, max_length=LONGEST)] | None = Field(
        None, description="One that people choose. Left out: one is made, the same for the same channel."
    )
    channel: sent.Code | None = Field(None, description="Where it is shared, such as `email`.")
    expires_at: sent.Moment | None = Field(None, description="From when on it leads nowhere.")
    destination: Annotated[str, Field(max_length=2_000)] | None = Field(
        None, description="Where it leads instead of the program's destination, on one of the program's hosts."
    )


class ChangedLink(Fact):
    """What changes of a link. What is left out stays; null takes it away."""

    state: Literal["on", "off"] = Field("on", description="Whether it leads anywhere.")
    channel: Annotated[str, Field(max_length=64)] | None = Field(None, description="Where it is shared.")
    expires_at: sent.Moment | None = Field(None, description="From when on it leads nowhere; null: never.")
    destination: Annotated[str, Field(max_length=2_000)] | None = Field(
        None, description="Where it leads, on one of the program's hosts; null: where the program says."
    )
    by: sent.Name | None = Field(None, description="Who changed it.")


@links.get("", response=shapes.LinkList, operation_id="list_links", summary="List links")
def list_links(
    request: HttpRequest,
    participant: str | None = params.id_query("par", "Only those of this participant."),
    program: params.Key | None = Query(None, description="The program's key."),
    channel: params.Key | None = Query(None, description="Only those shared there."),
    state: Literal["on", "off"] | None = Query(None, description="Only those that are on, or off."),
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """Links, the newest first. Find one by its code with `/v1/codes/{code}`."""
    workspace_id = caller(request).workspace_id
    filters = {
        "participant_id": person_filter(workspace_id, participant, "participant"),
        "program__key": program,
        "channel": channel,
        "state": None if state is None else OFF if state == OFF else "",
    }
    with tenancy.workspace(workspace_id):
        query = Link.objects.filter(
            workspace_id=workspace_id, **{name: value for name, value in filters.items() if value is not None}
        ).select_related(*WHOLE)
        found = page(
            query,
            lambda row: {"row": row},
            workspace_id=workspace_id,
            route="links",
            filters=filters,
            limit=limit,
            cursor=cursor,
        )
    return {**found, "data": _shown(workspace_id, [one["row"] for one in found["data"]])}


@links.post(
    "",
    response=dict.fromkeys((200, 202), shapes.LinkAct),
    operation_id="create_link",
    summary="Make a link",
    openapi_extra=sent.body_of(
        SentLink,
        made=("A link with a code that is made", {"participant": "u1", "program": "customer-referral"}),
        chosen=(
            "A code of their own for one channel",
            {"participant": "u1", "program": "customer-referral", "code": "ADA-4711", "channel": "email"},
        ),
    ),
)
def create_link(request: HttpRequest, wait: params.Flag = WAIT) -> Any:
    """A link of a participant in a program. Asked for again, with no code or with the same one, it is answered with the
    link that is there. It is the event `link.created`; `decisions` say why where there is no link. What was decided
    against is decided anew when it is asked for again after the program changed, or with another destination or end.
    """
    workspace_id = caller(request).workspace_id
    asked = sent.read(request, SentLink)
    person = asked.participant
    if person.startswith("par_"):
        row = found_participant(request, person)
        named: Any = given({"external_id": row.external_id, "email": row.email or None})
        key = str(row.id)
    else:
        named, key = person, person
    if asked.code is not None:
        _check_code(workspace_id, asked.code, asked.program, person)
    told = given({name: getattr(asked, name) for name in ("program", "code", "channel", "expires_at", "destination")})
    name = f"{asked.program}:{asked.channel or ''}:{asked.code.lower() if asked.code else ''}"

    def tell(ending: str) -> sharing.Answered[Acted]:
        raw = {"type": "link.created", "participant": named, "properties": told, **asked.envelope()}
        places = {"/participant": "/participant", "/properties": ""}
        event_id = asked.event_id or sharing.short(f"link:{key}:{name}{ending}")
        return acts.link_answer(record(request, raw | {"event_id": event_id}, wait, places))

    elsewhere = f"{told.get('destination', '')}:{told.get('expires_at', '')}"
    answered = sharing.ask(workspace_id, asked.program, tell, chosen=asked.code is not None, told=elsewhere)
    done, made = answered.what, answered.reason == sharing.LINKED
    code = done.event.properties.get("code") if made else None
    found = _by_codes(workspace_id, [code.lower()]) if code else []
    return Status(done.status, {**done.shown(), "link": _shown(workspace_id, found)[0] if found else None})


@links.get("/{link_id}", response=shapes.Link, operation_id="get_link", summary="Get a link")
def get_link(request: HttpRequest, link_id: str = ID) -> Any:
    """One link."""
    return _shown(caller(request).workspace_id, [_found(request, link_id)])[0]


@links.patch(
    "/{link_id}",
    response=dict.fromkeys((200, 202), shapes.LinkAct),
    operation_id="update_link",
    summary="Change a link",
    openapi_extra=sent.body_of(
        ChangedLink,
        off=("Switch it off", {"state": "off"}),
        until=("Let it expire", {"expires_at": "2027-01-01T00:00:00Z"}),
    ),
)
def update_link(request: HttpRequest, link_id: str = ID, wait: params.Flag = WAIT) -> Any:
    """Switch a link off or on, or let it expire or lead elsewhere. It is the event `link.updated`. Visitors meet the
    change within about three seconds.
    """
    row, asked = _found(request, link_id), sent.read(request, ChangedLink)
    changed = asked.model_fields_set - {"event_id", "occurred_at", "by"}
    if not changed:
        raise refused("missing", "say what changes: state, channel, expires_at or destination", "state")
    told = {name: getattr(asked, name) for name in changed}
    told = {"code": row.code} | {name: "" if value is None else value for name, value in told.items()}
    raw = {**asked.envelope(), "type": "link.updated", "properties": told | given({"by": asked.by})}
    done = record(request, raw, wait)
    now = _found(request, link_id)
    return Status(done.status, {**done.shown(), "link": _shown(caller(request).workspace_id, [now])[0]})


def _picture(kind: str) -> dict[str, Any]:
    return {"responses": {200: {"description": "The picture.", "content": {kind: {"schema": {"type": "string"}}}}}}


@links.get(
    "/{link_id}/qr.svg",
    operation_id="get_link_qr_svg",
    summary="Get a link's QR code as SVG",
    openapi_extra=_picture("image/svg+xml"),
)
def get_qr_svg(request: HttpRequest, link_id: str = ID, scale: params.Whole = SCALE) -> HttpResponse:
    """The link's address as a QR code, for print and pages."""
    return _qr(request, link_id, "svg", "image/svg+xml", scale)


@links.get(
    "/{link_id}/qr.png",
    operation_id="get_link_qr_png",
    summary="Get a link's QR code as PNG",
    openapi_extra=_picture("image/png"),
)
def get_qr_png(request: HttpRequest, link_id: str = ID, scale: params.Whole = SCALE) -> HttpResponse:
    """The same as a picture of pixels."""
    return _qr(request, link_id, "png", "image/png", scale)


@codes.get("/{code}", response=shapes.Link, operation_id="get_code", summary="Get the link of a code")
def get_code(
    request: HttpRequest,
    code: str = Path(..., description="The code as a person typed it, in any case.", min_length=1, max_length=100),
) -> Any:
    """The link of a code, with the same forgiveness as its address has: `ada 47-11` is `ADA-4711`."""
    workspace_id = caller(request).workspace_id
    with tenancy.workspace(workspace_id):
        known = shown_links.of_code(workspace_id, code)
        row = Link.objects.filter(workspace_id=workspace_id, id=known).select_related(*WHOLE).first() if known else None
    if row is None:
        raise Refusal("not_found", f"No link has the code {code[:60]!r}.")
    return _shown(workspace_id, [row])[0]


@codes.get("/{code}/check", response=shapes.CodeCheck, operation_id="check_code", summary="Check a code")
def check_code(
    request: HttpRequest,
    code: str = Path(..., description="The code as a person typed it, in any case.", min_length=1, max_length=100),
) -> Any:
    """Whether something may begin by a code now, and in which program: for the form in which a person types one. It
    says nothing of whose code it is. A code that nobody has is `valid: false` too.
    """
    workspace_id, now = caller(request).workspace_id, datetime.now(UTC)
    with tenancy.workspace(workspace_id):
        known = shown_links.of_code(workspace_id, code)
        found = Link.objects.filter(workspace_id=workspace_id, id=known, program__test=False) if known else None
        row = found.select_related("program__live_version").first() if found is not None else None
    lives = row is not None and row.state != OFF and (row.expires_at is None or row.expires_at > now)
    if row is None or not lives or row.program.state or row.program.live_version is None:
        return {"valid": False, "code": None, "program": None}
    name = row.program.live_version.document.get("name") or row.program.key
    return {"valid": True, "code": row.code, "program": {"key": row.program.key, "name": name}}


@clicks.get("", response=shapes.ClickList, operation_id="list_clicks", summary="List clicks")
def list_clicks(
    request: HttpRequest,
    link: str | None = params.id_query("lnk", "Only those of this link."),
    visitor: str | None = params.id_query("clk", "Only later ones of the browser that made this click first."),
    kind: Literal["visit", "preview", "bot"] | None = Query(None, description="Only those of this kind."),
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """Clicks, the newest first."""
    workspace_id = caller(request).workspace_id
    filters = {
        "link_id": inner_filter("lnk", link, "link"),
        "visitor_id": inner_filter("clk", visitor, "visitor"),
        "kind": kind,
    }
    with tenancy.workspace(workspace_id):
        return page(
            Click.objects.filter(
                workspace_id=workspace_id, **{name: value for name, value in filters.items() if value is not None}
            ),
            _click,
            workspace_id=workspace_id,
            route="clicks",
            filters=filters,
            limit=limit,
            cursor=cursor,
        )


@clicks.get("/{click_id}", response=shapes.Click, operation_id="get_click", summary="Get a click")
def get_click(request: HttpRequest, click_id: str = params.id_path("clk", "click")) -> Any:
    """One click, by the id that the destination was told."""
    workspace_id = caller(request).workspace_id
    with tenancy.workspace(workspace_id):
        row = Click.objects.filter(workspace_id=workspace_id, id=inner("clk", click_id, "click")).first()
    if row is None:
        raise not_found("click", click_id, "clk")
    return _click(row)


def _check_code(workspace_id: str, code: str, program: str, person: str) -> None:
    """Refuse a code that another link has, or that differs from one only in how it is typed."""
    with tenancy.workspace(workspace_id):
        known = shown_links.of_code(workspace_id, code)
        row = Link.objects.filter(workspace_id=workspace_id, id=known).select_related(*WHOLE).first() if known else None
    if row is None:
        return
    named = (row.participant.external_id, ids.public("par", row.participant_id))
    if row.code != code.lower() or row.program.key != program or person not in named:
        raise refused("code_taken", f"another link has this code ({row.code}); choose another one", "code")


def _by_codes(workspace_id: str, wanted: Sequence[str]) -> list[Link]:
    with tenancy.workspace(workspace_id):
        return list(Link.objects.filter(workspace_id=workspace_id, code__in=wanted).select_related(*WHOLE))


def _found(request: HttpRequest, link_id: str) -> Link:
    workspace_id = caller(request).workspace_id
    known = inner("lnk", link_id, "link")
    with tenancy.workspace(workspace_id):
        row = Link.objects.filter(workspace_id=workspace_id, id=known).select_related(*WHOLE).first()
    if row is None:
        raise not_found("link", link_id, "lnk")
    return row


def _shown(workspace_id: str, rows: Sequence[Link]) -> list[dict[str, Any]]:
    """Links as they are answered: with their addresses and their visits."""
    if not rows:
        return []
    begins = shown_links.begins(workspace_id, settings.PUBLIC_URL)
    with tenancy.workspace(workspace_id):
        visits = shown_links.visits(workspace_id, [str(row.id) for row in rows])
    return [
        {
            "id": shaping.public("lnk", row.id),
            "program": {"id": shaping.public("prg", row.program_id), "key": row.program.key},
            "participant": shaping.person(row.participant),
            "code": row.code,
            "url": shown_links.address(begins, row.code),
            "channel": row.channel,
            "state": OFF if row.state == OFF else "on",
            "expires_at": row.expires_at,
            "destination": row.destination or None,
            "visits": visits.get(str(row.id), 0),
            "created_at": row.created_at,
        }
        for row in rows
    ]


def _click(row: Click) -> dict[str, Any]:
    return {
        "id": shaping.public("clk", row.id),
        "link": shaping.public("lnk", row.link_id),
        "clicked_at": row.clicked_at,
        "kind": row.kind,
        "device": row.device,
        "channel": row.channel,
        "referrer": row.referrer,
        "language": row.language,
        "utm": row.utm,
        "ip_hash": bytes(row.ip_hash).hex() if row.ip_hash else None,
        "ip": row.ip,
        "visitor": shaping.public("clk", row.visitor_id) if row.visitor_id else None,
    }


def _qr(request: HttpRequest, link_id: str, kind: str, content_type: str, scale: int) -> HttpResponse:
    row = _found(request, link_id)
    address = shown_links.address(shown_links.begins(str(row.workspace_id), settings.PUBLIC_URL), row.code)
    return HttpResponse(shown_links.qr(address, kind, scale), content_type=content_type)
