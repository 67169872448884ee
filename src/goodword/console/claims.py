"""The page of claims: what participants say whom they brought, with proof, and what staff make of it."""

from __future__ import annotations

import re

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from uuid_utils import uuid7

from goodword.console.access import Place, member
from goodword.domain import ids
from goodword.domain.payloads import APPROVED, REJECTED
from goodword.domain.reasons import staff_text
from goodword.engine import apply, record
from goodword.engine.apply import Busy
from goodword.insight import claims as insight
from goodword.insight import explain
from goodword.store import tenancy
from goodword.store.models import NAME, Membership, Program

SHOWN = 50
STATES = ("waiting", "approved", "rejected")
REASONS = ("not_proven", "brought_by_another", "known_before", "claim_refused")
MAX_NOTE = 500
MAY = frozenset({Membership.Role.OWNER.value, Membership.Role.MANAGER.value, Membership.Role.SUPPORT.value})
"""Roles that decide about claims; everybody sees them."""
SOURCE = "console"
_VERBS = {"approve": APPROVED, "reject": REJECTED}
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@require_safe
@member()
def claims(request: HttpRequest, place: Place) -> HttpResponse:
    """Claims, the newest first: those that wait, or by `state` and `program`."""
    state, program = request.GET.get("state", STATES[0]), request.GET.get("program", "").strip()
    if state not in STATES or (program and not _KEY.fullmatch(program)):
        raise Http404("no such state or program")
    filters = {"state": state} | ({"program__key": program} if program else {})
    last = _internal(request.GET["after"]) if "after" in request.GET else None
    with tenancy.workspace(place.id):
        query = insight.claims(place.id, **filters).order_by("-id")
        rows = list((query.filter(id__lt=last) if last else query)[: SHOWN + 1])
        context = {
            "claims": insight.seen(place.id, rows[:SHOWN]),
            "programs": list(
                Program.objects.filter(workspace_id=place.id, test=False)
                .exclude(kind="loyalty")
                .order_by("name", "key")
                .values_list("key", "name")
            ),
            "state": state,
            "program": program,
            "next": ids.public("clm", rows[SHOWN - 1].id) if len(rows) > SHOWN else None,
            "may": place.role in MAY,
            "reasons": REASONS,
            "note_length": MAX_NOTE,
        }
    return render(request, "console/claims.html", context)


@require_POST
@member(MAY)
def decide(request: HttpRequest, place: Place, public_id: str, verb: str) -> HttpResponse:
    """Approves or rejects a claim, and says what came of it."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    known = _internal(public_id)
    with tenancy.workspace(place.id):
        found = insight.claims(place.id, id=known).exists()
    if verb not in _VERBS or not found:
        raise Http404("no such claim")
    here = redirect("console:claims", slug=place.slug)
    reason, note = request.POST.get("reason", ""), request.POST.get("note", "").strip()[:MAX_NOTE]
    if verb == "reject" and reason not in REASONS:
        messages.error(request, gettext("Say why: the participant is told."))
        return here
    told = {"claim": public_id, "by": request.user.get_username()[:NAME]}
    told |= ({"note": note} if note else {}) | ({"reason": reason} if verb == "reject" else {})
    raw = {"type": _VERBS[verb], "event_id": str(uuid7()), "properties": told}
    inserted = record.record(place.id, [raw], source=SOURCE, wake=False).inserted
    try:
        apply.apply_until(place.id, inserted)
    except Busy:
        with tenancy.workspace(place.id):
            record.call_worker(place.id)
        messages.info(request, gettext("It is recorded; the engine comes to it in a moment."))
        return here
    [event] = explain.explain_many(place.id, inserted)
    for view in event.decisions:
        said = gettext(staff_text(view.reason))
        (messages.success if view.outcome == "yes" else messages.error)(request, f"{said}.")
    return here


def _internal(public_id: str) -> str:
    try:
        return ids.internal("clm", public_id)
    except ids.BadId as error:
        raise Http404("no such claim") from error
