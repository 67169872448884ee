"""A participant's links and codes on a page: to copy, to print as QR codes, to make and to switch off."""

from __future__ import annotations

from datetime import UTC, datetime, time

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goodword.console import labels
from goodword.console.access import Place, member
from goodword.domain import codes, destinations, ids
from goodword.domain.codes import SHAPE
from goodword.domain.reasons import REASONS
from goodword.engine import sharing
from goodword.engine.apply import Busy
from goodword.engine.sharing import Refused, Wanted
from goodword.insight import links as shown
from goodword.insight import merged
from goodword.insight.explain import person
from goodword.store import tenancy
from goodword.store.models import NAME, SHORT, Link, Membership, Participant

MAY = frozenset({Membership.Role.OWNER.value, Membership.Role.MANAGER.value, Membership.Role.SUPPORT.value})
"""Roles that make and change links of participants. Every role sees them."""
SOURCE = "console"
KINDS = {"svg": "image/svg+xml", "png": "image/png"}
FIELDS = ("program", "code", "channel", "destination", "ends")


@require_http_methods(["GET", "HEAD", "POST"])
@member()
def links(request: HttpRequest, place: Place, public_id: str) -> HttpResponse:
    """Somebody's links by program, and the form that makes another."""
    row = _participant(place, public_id)
    if ids.public("par", row.id) != public_id:
        return redirect("console:links", slug=place.slug, public_id=ids.public("par", row.id))
    asked: dict[str, str] = {}
    faults: dict[str, str] = {}
    if request.method == "POST":
        if place.role not in MAY:
            raise PermissionDenied
        asked = {name: request.POST.get(name, "").strip()[:3_000] for name in FIELDS}
        if _make(request, place, row, asked, faults):
            return redirect("console:links", slug=place.slug, public_id=public_id)
    people = merged.family(place.id, str(row.id))
    shelves = shown.shelves(place.id, people, settings.PUBLIC_URL, datetime.now(UTC))
    context = {
        "person": person(row),
        "shelves": shelves,
        "giving": [shelf for shelf in shelves if shelf.gives],
        "may": place.role in MAY and bool(sharing.person(row).named),
        "asked": asked,
        "faults": faults,
        "longest": {"code": codes.LONGEST, "channel": SHORT, "destination": destinations.LONGEST},
    }
    return render(request, "console/links.html", context, status=422 if faults else 200)


def _make(request: HttpRequest, place: Place, row: Participant, asked: dict[str, str], faults: dict[str, str]) -> bool:
    """Makes the link that the form asks for; False with what is wrong, by field ('' for none of them)."""
    found = {
        "code": _code_fault(asked["code"]),
        "channel": gettext("A channel has at most %(n)s characters.") % {"n": SHORT}
        if len(asked["channel"]) > SHORT
        else "",
        "destination": _destination_fault(asked["destination"]),
        "ends": _day_fault(asked["ends"]),
        "program": "" if asked["program"] else gettext("Choose a program."),
    }
    faults.update({name: said for name, said in found.items() if said})
    if faults:
        return False
    wanted = Wanted(asked["program"], asked["code"], asked["channel"], asked["destination"], _end_of(asked["ends"]))
    try:
        code = sharing.make(place.id, sharing.person(row), wanted, by=_who(request), source=SOURCE)
    except Refused as refused:
        faults[_FIELD.get(refused.reason, "program")] = _said(refused)
        return False
    except Busy:
        messages.info(request, gettext("It is recorded; the engine comes to it in a moment."))
        return True
    messages.success(request, gettext("The link %(code)s is ready.") % {"code": code})
    return True


@require_POST
@member(MAY)
def link_step(request: HttpRequest, place: Place, public_id: str, link_id: str, verb: str) -> HttpResponse:
    """Switches a link off or on, or says how long it leads anywhere."""
    row = _link(place, public_id, link_id)
    told = {"off": {"state": "off"}, "on": {"state": "on"}}.get(verb)
    day = request.POST.get("ends", "").strip()[:40]
    if verb == "ends":
        if fault := _day_fault(day):
            messages.error(request, fault)
            return redirect("console:links", slug=place.slug, public_id=public_id)
        end = _end_of(day)
        told = {"expires_at": end.isoformat() if end else ""}
    if told is None:
        raise Http404("no such step")
    try:
        sharing.change(place.id, row.code, told, by=_who(request), source=SOURCE)
        messages.success(request, gettext("The link %(code)s is changed.") % {"code": row.code})
    except Refused as refused:
        messages.error(request, _said(refused))
    except Busy:
        messages.info(request, gettext("It is recorded; the engine comes to it in a moment."))
    return redirect("console:links", slug=place.slug, public_id=public_id)


@require_safe
@member()
def link_qr(request: HttpRequest, place: Place, public_id: str, link_id: str, kind: str) -> HttpResponse:
    """The QR code of a link's address, as a picture to print."""
    row = _link(place, public_id, link_id)
    if kind not in KINDS:
        raise Http404("no such picture")
    address = shown.address(shown.begins(place.id, settings.PUBLIC_URL), row.code)
    picture = shown.qr(address, kind, scale=16 if kind == "png" else 8)
    name = f'attachment; filename="{row.code if SHAPE.fullmatch(row.code) else "link"}.{kind}"'
    headers = {"Content-Disposition": name} if "save" in request.GET else {}
    return HttpResponse(picture, content_type=KINDS[kind], headers=headers)


_FIELD = {"code_taken": "code", "destination_not_allowed": "destination"}


def _said(refused: Refused) -> str:
    """Why a link was refused, in the reader's language."""
    if refused.reason == "code_taken":
        return gettext("Another link has this code. Choose another one.")
    if refused.reason == "destination_not_allowed":
        return gettext("The program's links do not lead there: its hosts are in its document under links.")
    if refused.reason == "unknown_program":
        return gettext("Choose a program.")
    return labels.reason(refused.reason) if refused.reason in REASONS else str(refused)


def _code_fault(code: str) -> str:
    if not code:
        return ""
    if not SHAPE.fullmatch(code):
        return gettext(
            "A code has 3 to %(n)s letters (a to z), digits, hyphens and underscores, a letter or digit first."
        ) % {"n": codes.LONGEST}
    if codes.plain(code) in codes.RESERVED:
        return gettext("This word is reserved. Choose another code.")
    return ""


def _destination_fault(text: str) -> str:
    if not text or destinations.read(text):
        return ""
    return gettext("An address begins with https:// and a host's name, such as https://www.example.com/shoes")


def _day_fault(day: str) -> str:
    try:
        end = _end_of(day)
    except (ValueError, OverflowError):
        return gettext("Give the last day as 2027-01-31.")
    return gettext("That day is over.") if end is not None and end <= timezone.now() else ""


def _end_of(day: str) -> datetime | None:
    """The end of a day in the viewer's zone, None where none is given."""
    if not day:
        return None
    return timezone.make_aware(datetime.combine(datetime.fromisoformat(day).date(), time(23, 59, 59)))


def _who(request: HttpRequest) -> str:
    assert request.user.is_authenticated, "members are logged in"
    return request.user.get_username()[:NAME]


def _participant(place: Place, public_id: str) -> Participant:
    """The participant, or who stands for them."""
    try:
        known = merged.survivor_id(place.id, ids.internal("par", public_id))
    except ids.BadId as error:
        raise Http404("no such participant") from error
    with tenancy.workspace(place.id):
        row = Participant.objects.filter(workspace_id=place.id, id=known).select_related("account").first()
    if row is None:
        raise Http404("no such participant")
    return row


def _link(place: Place, public_id: str, link_id: str) -> Link:
    row = _participant(place, public_id)
    people = merged.family(place.id, str(row.id))
    try:
        known = ids.internal("lnk", link_id)
    except ids.BadId as error:
        raise Http404("no such link") from error
    with tenancy.workspace(place.id):
        link = Link.objects.filter(workspace_id=place.id, id=known, participant_id__in=people).first()
    if link is None:
        raise Http404("no such link")
    return link
