"""The page of what the engine could not apply: events and timers set aside with their errors, to be tried again."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from goodword.console.access import Place, member
from goodword.domain import ids
from goodword.engine import aside as engine
from goodword.store.models import Membership

SHOWN = 50
MAY = frozenset({Membership.Role.OWNER.value, Membership.Role.MANAGER.value, Membership.Role.SUPPORT.value})
"""Roles that have something tried again; everybody sees it."""


@require_safe
@member()
def aside(request: HttpRequest, place: Place) -> HttpResponse:
    """What is set aside, oldest first; the first `SHOWN`."""
    rows = engine.listed(place.id, SHOWN + 1)
    context = {"rows": rows[:SHOWN], "more": len(rows) > SHOWN, "shown": SHOWN, "may": place.role in MAY}
    return render(request, "console/aside.html", context)


@require_POST
@member(MAY)
def retry(request: HttpRequest, place: Place) -> HttpResponse:
    """Has one tried again, `id`, or all."""
    one = request.POST.get("id")
    try:
        chosen = [engine.internal(one)] if one else None
    except ids.BadId as error:
        raise Http404("no such event or timer") from error
    count = engine.retry(place.id, chosen)
    if count:
        told = ngettext(
            "%(count)d is tried again; it is here again if it fails.",
            "%(count)d are tried again; what fails is here again.",
            count,
        )
        messages.success(request, told % {"count": count})
    else:
        messages.info(request, gettext("Nothing of this is set aside any more."))
    return redirect("console:aside", slug=place.slug)
