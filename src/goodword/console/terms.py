"""Staff record on a participant's page that they accepted terms: which text, and how that was obtained."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from goodword.console.access import Place, member
from goodword.domain import ids
from goodword.engine import acceptances
from goodword.engine.apply import Busy
from goodword.engine.programs import StateError
from goodword.insight import participants
from goodword.insight.merged import survivor_id
from goodword.store.models import NAME


@require_POST
@member()
def accept(request: HttpRequest, place: Place, public_id: str) -> HttpResponse:
    """Records the acceptance as an event, and leads back to the participant."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    try:
        who = survivor_id(place.id, ids.internal("par", public_id))
        participants.profile(place.id, who)
    except (ids.BadId, participants.ParticipantNotFound) as error:
        raise Http404("no such participant") from error
    key, _, number = request.POST.get("text", "").rpartition(":")
    how = request.POST.get("how", "").strip()
    back = redirect("console:participant", slug=place.slug, public_id=ids.public("par", who))
    if not (number.isascii() and number.isdigit() and len(number) <= 10):
        messages.error(request, gettext("Choose which terms were accepted."))
        return back
    if not how:
        messages.error(request, gettext("Say how the acceptance was obtained; it is kept as the record."))
        return back
    by = request.user.get_username()[:NAME]
    try:
        acceptances.accept(place.id, who, key, int(number), by=by, how=how, source="console")
        messages.success(request, gettext("The acceptance is recorded."))
    except StateError as error:
        messages.error(request, error.said())
    except Busy:
        messages.info(request, gettext("It is recorded; the engine comes to it in a moment."))
    return back
