"""The pages that pause, resume and end a program: what it will do, a reason, and the act."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from goodword.console.access import Place, member
from goodword.domain.payloads import MAX_REASON
from goodword.domain.running import MAX_VOIDED
from goodword.engine import programs
from goodword.engine.apply import Busy
from goodword.insight import standing
from goodword.store import tenancy
from goodword.store.models import NAME, Program
from goodword.store.staff import MAY_PUBLISH

_STATES = {"pause": ("",), "resume": ("paused",), "end": ("", "paused")}


def verbs(program: Program) -> tuple[str, ...]:
    """What may be done with a program as it stands: `pause`, `resume`, `end`."""
    if program.live_version_id is None:
        return ()
    return tuple(verb for verb, states in _STATES.items() if program.state in states)


@require_http_methods(["GET", "HEAD", "POST"])
@member(MAY_PUBLISH)
def move(request: HttpRequest, place: Place, key: str, verb: str) -> HttpResponse:
    """Says what pausing, resuming or ending a program will do, and does it once somebody confirmed that."""
    with tenancy.workspace(place.id):
        row = Program.objects.filter(workspace_id=place.id, key=key).select_related("live_version").first()
    if row is None or verb not in _STATES:
        raise Http404("no such program")
    if request.method == "POST" and (done := _act(request, place, row, verb)):
        return done
    if verb not in verbs(row):
        return redirect("console:program", slug=place.slug, key=key)
    ending = str(row.live_version.document.get("ending", "settle"))
    left = standing.left(place.id, str(row.id))
    context = {
        "program": row,
        "state": standing.states(place.id, [str(row.id)])[str(row.id)],
        "verb": verb,
        "ending": ending,
        "left": left,
        "contests": bool(row.live_version.document.get("contests")),
        "too_many": verb == "end" and ending == "void" and left.open + left.held > MAX_VOIDED,
        "most": MAX_VOIDED,
        "reason_length": MAX_REASON,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "console/move.html", context, status=422 if request.method == "POST" else 200)


def _act(request: HttpRequest, place: Place, row: Program, verb: str) -> HttpResponse | None:
    """Does it; None where it is refused, with a message that says why."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    by, reason = request.user.get_username()[:NAME], request.POST.get("reason", "").strip()
    if verb != "resume" and not reason:
        messages.error(request, gettext("Say why; it is kept with what you do."))
        return None
    if verb == "end" and request.POST.get("sure") != "yes":
        messages.error(request, gettext("Tick that you mean it: an end is for good."))
        return None
    try:
        if verb == "end":
            programs.end(place.id, row.key, by=by, reason=reason, seen=request.POST.get("ending", ""))
        else:
            (programs.pause if verb == "pause" else programs.resume)(place.id, row.key, by=by, reason=reason)
    except programs.StateError as error:
        messages.error(request, error.said())
        return None
    except Busy:
        messages.info(request, gettext("It is recorded; the engine comes to it in a moment."))
        return redirect("console:program", slug=place.slug, key=row.key)
    done = {"pause": gettext("Paused."), "resume": gettext("It runs again."), "end": gettext("It has ended.")}
    messages.success(request, done[verb])
    return redirect("console:program", slug=place.slug, key=row.key)
