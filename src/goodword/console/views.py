"""The console's pages. A view reads through `insight` and renders; it decides nothing itself."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from goodword.console.access import Place, is_live, member, places
from goodword.console.overview import figures
from goodword.domain import ids
from goodword.engine import acceptances as recording
from goodword.insight import merged as insight_merged
from goodword.insight import overview as insight_overview
from goodword.insight import participants as insight_participants
from goodword.insight import summary as insight_summary
from goodword.insight import timeline as insight_timeline
from goodword.insight.entitlements import entitlements
from goodword.insight.terms import acceptances

POSITION_DIGITS = 18
RIGHTS = 20
"""Entitlements, and acceptances of terms, on a participant's page."""


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Where a login leads: the person's first workspace, or a page that says how to get one."""
    mine = places(request)
    if mine:
        return redirect("console:overview", slug=mine[0].slug)
    return render(request, "console/no_workspace.html")


@require_safe
@member()
def overview(request: HttpRequest, place: Place) -> HttpResponse:
    """The workspace in numbers, its programs, and whether the books balance."""
    numbers = insight_summary.summary(place.id)
    context = {
        "numbers": numbers,
        "figures": figures(numbers),
        "months": insight_overview.months(place.id),
        "programs": insight_overview.programs(place.id),
    }
    return render(request, "console/overview.html", context)


@require_safe
@member()
def participants(request: HttpRequest, place: Place) -> HttpResponse:
    """The list of participants, searched by `q`. A live search gets only the results."""
    text = request.GET.get("q", "").strip()[: insight_participants.SEARCH_LENGTH]
    try:
        page = insight_participants.search(place.id, text, request.GET.get("after", ""))
    except ids.BadId as error:
        raise Http404("no such page") from error
    template = "console/participants_results.html" if is_live(request) else "console/participants.html"
    context = {
        "page": page,
        "text": text,
        "first_page": "after" not in request.GET,
        "limit": insight_participants.SEARCH_LENGTH,
    }
    return render(request, template, context)


@require_safe
@member()
def participant(request: HttpRequest, place: Place, public_id: str) -> HttpResponse:
    """One participant; of somebody merged into another: that one. With `before`, an older page of the timeline; a
    live request gets only that."""
    try:
        participant_id = ids.internal("par", public_id)
        survivor_id = insight_merged.survivor_id(place.id, participant_id)
        if survivor_id != participant_id:
            return redirect("console:participant", slug=place.slug, public_id=ids.public("par", survivor_id))
        profile = insight_participants.profile(place.id, participant_id)
    except (ids.BadId, insight_participants.ParticipantNotFound) as error:
        raise Http404("no such participant") from error
    before = _position(request.GET.get("before"))
    context: dict[str, object] = {
        "profile": profile,
        "before": before,
        "timeline": insight_timeline.timeline(place.id, participant_id, before),
    }
    if is_live(request):
        return render(request, "console/moments.html", context)
    rights = entitlements(place.id, participant_id)
    context |= {"rights": rights[:RIGHTS], "more_rights": len(rights) > RIGHTS}
    context["accepted"] = acceptances(place.id, participant_id)[:RIGHTS]
    context |= {"texts": recording.texts(place.id), "how_length": recording.MAX_HOW}
    return render(request, "console/participant.html", context)


def _position(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= POSITION_DIGITS):
        raise Http404("no such page")
    return int(text)
