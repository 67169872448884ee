"""The page of the API's keys: made, rotated and revoked by owners. A key's text is on the answer that made it,
and nowhere else."""

from __future__ import annotations

from datetime import datetime, time

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from goodword.console.access import Place, member
from goodword.domain import ids, scopes
from goodword.store import keys
from goodword.store.models import ApiKey, Membership

MAY = frozenset({Membership.Role.OWNER.value})
"""Roles that see and make keys: who has a key may do what nobody's role allows."""
KINDS = (keys.SECRET, keys.PUBLISHABLE, keys.TOKEN)


@require_http_methods(["GET", "HEAD", "POST"])
@member(MAY)
def api_keys(request: HttpRequest, place: Place) -> HttpResponse:
    """The keys of the workspace, and a form that makes one; its text is shown this once."""
    if request.method != "POST":
        return _page(request, place)
    kind = request.POST.get("kind", keys.SECRET)
    if kind not in KINDS:
        raise Http404("no such kind of key")
    try:
        made, text = keys.create_key(
            place.id,
            request.POST.get("name", ""),
            kind=kind,
            scope=request.POST.getlist("scope") or [scopes.ALL],
            origins=request.POST.get("origins", "").split() if kind != keys.SECRET else (),
            expires_at=_end_of(request.POST.get("ends", "")),
        )
    except scopes.BadScopes as error:
        return _page(request, place, refused=str(error))
    except (keys.BadKey, keys.TooManyKeys) as error:
        return _page(request, place, refused=error.said())
    return _page(request, place, made=made, text=text)


@require_POST
@member(MAY)
def api_key_step(request: HttpRequest, place: Place, public_id: str, verb: str) -> HttpResponse:
    """Rotates a key, and shows the text of the one in its place; or revokes it."""
    try:
        known = ids.internal("key", public_id)
        if verb == "rotate":
            _, made, text = keys.rotate_key(place.id, known)
            return _page(request, place, made=made, text=text)
        keys.revoke_key(place.id, known)
    except (ids.BadId, keys.NoSuchKey) as error:
        raise Http404("no such key") from error
    except keys.NotRotatable as error:
        messages.error(request, error.said())
    else:
        messages.success(request, gettext("The key is revoked."))
    return redirect("console:api_keys", slug=place.slug)


def _page(
    request: HttpRequest, place: Place, *, made: ApiKey | None = None, text: str = "", refused: str = ""
) -> HttpResponse:
    rows = keys.list_keys(place.id)[::-1]
    lines = [
        {
            "key": row,
            "id": ids.public("key", row.id),
            "state": _state(row),
            "allowed": (row.scopes or row.origins).split(),
        }
        for row in rows
    ]
    context = {
        "lines": lines,
        "made": made,
        "made_id": ids.public("key", made.id) if made else "",
        "workspace_id": ids.public("ws", place.id),
        "text": text,
        "refused": refused,
        "scopes": list(scopes.SCOPES),
        "said": request.POST if refused else {},
        "chosen": request.POST.getlist("scope") if refused else [],
    }
    return render(request, "console/api_keys.html", context, status=422 if refused else 200)


def _state(row: ApiKey) -> str:
    if row.revoked_at:
        return "revoked"
    if keys.expired(row):
        return "expired"
    return "replaced" if row.replaced_by_id else "active"


def _end_of(day: str) -> datetime | None:
    """The end of a day in the viewer's zone, None where none is given. Raises `BadExpiry`."""
    if not day.strip():
        return None
    try:
        return timezone.make_aware(datetime.combine(datetime.fromisoformat(day).date(), time(23, 59, 59)))
    except (ValueError, OverflowError):
        raise keys.BadExpiry(gettext("Give the last day as 2027-01-31.")) from None
