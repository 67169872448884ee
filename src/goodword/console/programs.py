"""The programs' pages: the list, and one program with its versions and what each changed."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from goodword.console import labels, running
from goodword.console.access import Place, member
from goodword.domain import ids
from goodword.insight import contests as insight_contests
from goodword.insight import drafts as insight_drafts
from goodword.insight import overview as insight_overview
from goodword.insight import parts as insight_parts
from goodword.insight import programs as insight_programs
from goodword.insight import standing, summary
from goodword.store import tenancy
from goodword.store.models import Program
from goodword.store.staff import MAY_PUBLISH


@require_safe
@member()
def programs(request: HttpRequest, place: Place) -> HttpResponse:
    """The workspace's programs."""
    context = {"programs": insight_overview.programs(place.id), "limit": insight_overview.PROGRAMS}
    return render(request, "console/programs.html", context)


@require_safe
@member()
def program(request: HttpRequest, place: Place, key: str) -> HttpResponse:
    """One program: its versions, the newest first, each with its changes in words."""
    with tenancy.workspace(place.id):
        row = Program.objects.filter(workspace_id=place.id, key=key).select_related("live_version").first()
    if row is None:
        raise Http404("no such program")
    live_id = str(row.live_version_id) if row.live_version_id else None
    state = standing.states(place.id, [str(row.id)])[str(row.id)]
    now = datetime.now(UTC)
    may = place.role in MAY_PUBLISH
    moves = standing.moves(place.id, str(row.id))
    with tenancy.workspace(place.id):
        draft = insight_drafts.drafts(place.id, key, only_open=True).first()
    context = {
        "program": row,
        "state": state,
        "stopped": next((move for move in moves if move.what in ("paused", "ended")), None) if row.state else None,
        "moves": moves,
        "draft": draft,
        "draft_id": ids.public("drf", draft.id) if draft else "",
        "may": may,
        "may_write": may and state != "ended",
        "may_try": may and not row.test and state != "ended" and row.live_version_id is not None,
        "verbs": running.verbs(row) if may else (),
        "versions": insight_programs.versions(place.id, str(row.id), live_id, moves),
        "limit": insight_programs.VERSIONS,
        "tested": summary.tested(place.id, str(row.id)) if row.test else (),
        "parts": insight_parts.parts(place.id, row, now, str(labels.locale())),
        "contests": insight_contests.of_program(place.id, row, now),
    }
    return render(request, "console/program.html", context)
