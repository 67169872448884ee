"""The page that moves running referrals to another version: what it would do, the act, and the way back."""

from __future__ import annotations

import re

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from goodword.console.access import Place, member
from goodword.domain import ids
from goodword.engine import migration_preview, migrations, programs
from goodword.engine.apply import Busy
from goodword.store import tenancy
from goodword.store.models import NAME, Membership, Program, ProgramVersion

MAY_MOVE = frozenset({Membership.Role.OWNER, Membership.Role.MANAGER})
"""Roles that may move referrals; everybody may look."""
REASON = 200
_BETWEEN = re.compile(r"[\s,;]+")
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


@require_http_methods(["GET", "HEAD", "POST"])
@member()
def migrate(request: HttpRequest, place: Place, key: str) -> HttpResponse:
    """What moving running referrals would do, by `to`, `from` (several) and `only`; a form that does it. With `undo`,
    the way back."""
    if request.method == "POST":
        if place.role not in MAY_MOVE:
            raise PermissionDenied
        if done := _act(request, place, key):
            return done
    asked = request.GET if "undo" in request.POST else request.POST or request.GET  # what was refused is shown again
    with tenancy.workspace(place.id):
        row = Program.objects.filter(workspace_id=place.id, key=key).select_related("live_version").first()
        if row is None:
            raise Http404("no such program")
        numbers = list(
            ProgramVersion.objects.filter(workspace_id=place.id, program_id=row.id)
            .order_by("-number")
            .values_list("number", flat=True)
        )
    live = row.live_version.number if row.live_version else 0
    context: dict[str, object] = {
        "program": row,
        "versions": [number for number in numbers if number <= live],
        "to": live,
        "only": asked.get("only", ""),
        "rows": migrations.listed(place.id, key),
        "may_move": place.role in MAY_MOVE,
        "reason_length": REASON,
        "reason": request.POST.get("reason", ""),
        "undo": request.POST.get("undo", ""),
    }
    try:
        to, sources = _numbers(asked, live)
        context |= {"to": to, "sources": sources}
        chosen = _chosen(place, key, asked, live)
        context["sources"] = [each.number for each in chosen.sources]
        context["looked"] = migration_preview.preview(place.id, chosen, request.GET.get("after", ""))
    except (migrations.NotFound, programs.StateError) as error:
        if request.method != "POST":  # else it is said already
            context["refused"] = error.said()
    except ids.BadId as error:
        raise Http404("no such page") from error
    return render(request, "console/migrate.html", context, status=422 if request.method == "POST" else 200)


def _numbers(asked: QueryDict, live: int) -> tuple[int, list[int]]:
    """To and from which versions; 0 is the form's word for all others. Anything that cannot be meant finds no page."""
    numbers = [asked.get("to") or str(live), *asked.getlist("from")]
    if not all(_NUMBER.fullmatch(number) or number == "0" for number in numbers):
        raise Http404("no such version")
    to, *sources = map(int, numbers)
    return to, [number for number in sources if number not in (0, to)]


def _chosen(place: Place, key: str, asked: QueryDict, live: int) -> migrations.Chosen:
    """What the form asks for."""
    to, sources = _numbers(asked, live)
    only = [name for name in _BETWEEN.split(asked.get("only", "")) if name]
    return migrations.choose(place.id, key, to, sources, only)


def _act(request: HttpRequest, place: Place, key: str) -> HttpResponse | None:
    """Moves referrals or takes a move back; None where it is refused, with a message that says why."""
    by, reason = str(request.user)[:NAME], request.POST.get("reason", "").strip()[:REASON]
    try:
        if undo := request.POST.get("undo"):
            migrations.undo(place.id, key, undo, by=by, reason=reason)
            messages.success(request, gettext("The referrals go back to the version they had before."))
        else:
            chosen = _chosen(place, key, request.POST, 0)
            migrations.migrate(place.id, chosen, by=by, reason=reason)
            messages.success(request, gettext("The referrals are moved."))
    except migrations.NotFound as error:
        raise Http404(str(error)) from error
    except programs.StateError as error:
        messages.error(request, error.said())
        return None
    except Busy:
        messages.success(request, gettext("It is recorded; the engine comes to it in a moment."))
    return redirect("console:migrate", slug=place.slug, key=key)
