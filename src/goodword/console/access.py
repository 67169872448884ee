"""Who may see what: every page of a workspace asks here, and nothing else decides.

A page of a workspace the person is not a member of does not exist for them (404, not 403): the answer
never tells whether there is such a workspace.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers

from goodword.store import tenancy
from goodword.store.models import Membership

View = Callable[..., HttpResponse]

EVERYBODY = frozenset(Membership.Role.values)
WORKSPACES = 100
ZONE_COOKIE = "goodword_tz"


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace as one member sees it."""

    id: str
    slug: str
    name: str
    role: str


def places(request: HttpRequest) -> list[Place]:
    """The workspaces a person is a member of, by name; at most `WORKSPACES`."""
    user_id = request.user.pk
    assert user_id is not None, "asked for a person who is not logged in"
    with tenancy.user(user_id):
        rows = (
            Membership.objects.filter(user_id=user_id)
            .select_related("workspace")
            .order_by("workspace__name", "workspace__slug")[:WORKSPACES]
        )
        return [Place(str(row.workspace_id), row.workspace.slug, row.workspace.name, row.role) for row in rows]


def member(roles: frozenset[str] = EVERYBODY) -> Callable[[View], View]:
    """A view of a workspace for its members in one of `roles`.

    The view gets the `Place` where the address has the slug. Sets `request.place` and `request.places`
    for the frame of the page, and the viewer's time zone. Answers are never kept by a shared cache.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, slug: str, **values: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_login(request)
            mine = places(request)
            place = next((one for one in mine if one.slug == slug), None)
            if place is None:
                raise Http404("no such workspace")
            if place.role not in roles:
                raise PermissionDenied
            request.place, request.places = place, mine  # type: ignore[attr-defined]
            with timezone.override(viewer_zone(request)):
                response = view(request, place, **values)
            patch_cache_control(response, private=True, no_store=True)
            patch_vary_headers(response, ["Cookie", "HX-Request"])
            return response

        return checked

    return decorate


def is_live(request: HttpRequest) -> bool:
    """Whether a part of a page is asked for, to be put into the page that the person is looking at."""
    return request.headers.get("HX-Request") == "true"


def _to_login(request: HttpRequest) -> HttpResponse:
    """The login, and back. A live request reloads its page instead: a login form does not belong inside it."""
    if is_live(request):
        return HttpResponse(status=401, headers={"HX-Refresh": "true"})
    return redirect_to_login(request.get_full_path())


def viewer_zone(request: HttpRequest) -> zoneinfo.ZoneInfo:
    """The time zone the browser told in a cookie; UTC before it did, or for a name that is no zone."""
    name = request.COOKIES.get(ZONE_COOKIE, "").replace("%2F", "/")
    if name in zoneinfo.available_timezones():
        return zoneinfo.ZoneInfo(name)
    return zoneinfo.ZoneInfo("UTC")
