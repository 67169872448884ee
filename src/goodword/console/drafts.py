"""The drafts' pages: the list, one draft with its faults, changes and record, and the steps that lead it on.

Everybody in the workspace may read them; who may publish (`store.staff`) may write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goodword.console.access import Place, member
from goodword.domain import ids
from goodword.domain.faults import Fault, ProgramError
from goodword.domain.program import read
from goodword.engine import drafts as engine
from goodword.engine.apply import Busy
from goodword.engine.programs import StateError
from goodword.insight import drafts as insight
from goodword.insight.documents import as_yaml
from goodword.insight.programs import compare
from goodword.store import tenancy
from goodword.store.models import SHORT, Program, ProgramDraft
from goodword.store.staff import MAY_PUBLISH, others_may_publish

_STEPS: Mapping[str, Callable[..., Any]] = {
    "submit": engine.submit,
    "approve": engine.approve,
    "send-back": engine.send_back,
    "discard": engine.discard,
    "publish": engine.publish,
}


@require_safe
@member()
def drafts(request: HttpRequest, place: Place) -> HttpResponse:
    """Drafts of the workspace, the newest first; those of one program with `program`."""
    key = _key(request)
    with tenancy.workspace(place.id):
        rows = list(insight.drafts(place.id, key or None).defer("text")[: insight.PAGE])
    lines = [
        {"draft": row, "id": _public(row), "last": _shown(row.trail[-1]), "authors": sorted(engine.authors(row))}
        for row in rows
    ]
    context = {"lines": lines, "key": key, "limit": insight.PAGE, "may": place.role in MAY_PUBLISH}
    return render(request, "console/drafts.html", context)


@require_safe
@member()
def draft(request: HttpRequest, place: Place, public_id: str) -> HttpResponse:
    """One draft: the document, its faults, what it changes of the live version, and its record."""
    return _page(request, place, public_id)


def _page(request: HttpRequest, place: Place, public_id: str, status: int = 200) -> HttpResponse:
    """The draft's page; after a refused step, with what was typed for it."""
    row = _find(place, public_id)
    open_ = row.state in engine.OPEN
    faults = engine.faults(place.id, row.text) if open_ else []
    compared = compare(place.id, read(row.text)[0]) if open_ and not faults else None
    me = request.user.get_username()
    context = {
        "draft": row,
        "id": public_id,
        "open": open_,
        "digest": engine.digest(row.text),
        "faults": faults,
        "compared": compared,
        "trail": [_shown(step) for step in row.trail],
        "may": place.role in MAY_PUBLISH,
        "mine": me in engine.authors(row) and others_may_publish(place.id, me),
        "rows": min(40, row.text.count("\n") + 3),
        "comment": _comment(request),
        "at": request.POST.get("at", ""),
    }
    return render(request, "console/draft.html", context, status=status)


@require_safe
@member(MAY_PUBLISH)
def write(request: HttpRequest, place: Place) -> HttpResponse:
    """A new draft: an empty page, or the live document of `program`. The open draft of it, where there is one."""
    key = _key(request)
    with tenancy.workspace(place.id):
        row = Program.objects.filter(workspace_id=place.id, key=key).select_related("live_version").first()
        found = insight.drafts(place.id, key, only_open=True).first() if key else None
    if found:
        return redirect("console:draft", slug=place.slug, public_id=_public(found))
    return _form(request, as_yaml(row.live_version.document) if row and row.live_version else "", ())


@require_POST
@member(MAY_PUBLISH)
def save(request: HttpRequest, place: Place) -> HttpResponse:
    """Saves the text as the open draft of the program it names; not over one that the page did not show."""
    text = request.POST.get("text", "")
    try:
        row, _ = engine.save(
            place.id, text, by=_me(request), comment=_comment(request), seen=request.POST.get("digest", "")
        )
    except ProgramError as error:
        return _form(request, text, error.faults)
    except engine.DraftChanged as error:
        return _form(request, text, [Fault("", "wrong_state", error.said())], error.draft)
    except StateError as error:
        return _form(request, text, [Fault("", "wrong_state", error.said())])
    return redirect("console:draft", slug=place.slug, public_id=_public(row))


@require_http_methods(["POST"])
@member(MAY_PUBLISH)
def step(request: HttpRequest, place: Place, public_id: str, verb: str) -> HttpResponse:
    """Submits, approves, sends back, discards or publishes a draft; says so on its page, or why it cannot be."""
    row, does = _find(place, public_id), _STEPS.get(verb)
    if does is None:
        raise Http404("no such step")
    told: dict[str, Any] = {"by": _me(request), "comment": _comment(request), "seen": request.POST.get("digest", "")}
    try:
        if verb == "publish":
            told["at"] = _moment(request.POST.get("at", ""))
        does(place.id, str(row.id), **told)
    except ProgramError as error:
        messages.error(request, str(error))
    except StateError as error:
        messages.error(request, error.said())
        return _page(request, place, public_id, status=422)
    except Busy:
        messages.info(request, gettext("It is published, and goes live when the engine comes to it."))
    return redirect("console:draft", slug=place.slug, public_id=public_id)


def _form(request: HttpRequest, text: str, faults: Sequence[Fault], theirs: ProgramDraft | None = None) -> HttpResponse:
    """A text that is not saved yet. With `theirs`, the draft that stands: saved once more, the text takes its place."""
    context = {
        "text": text,
        "faults": faults,
        "rows": max(24, min(40, text.count("\n") + 3)),
        "digest": engine.digest(theirs.text) if theirs else request.POST.get("digest", ""),
        "theirs": _public(theirs) if theirs else "",
    }
    return render(request, "console/draft_new.html", context, status=422 if faults else 200)


def _find(place: Place, public_id: str) -> ProgramDraft:
    try:
        known = ids.internal("drf", public_id)
    except ids.BadId as error:
        raise Http404("no such draft") from error
    with tenancy.workspace(place.id):
        row = ProgramDraft.objects.filter(workspace_id=place.id, id=known).first()
    if row is None:
        raise Http404("no such draft")
    return row


def _key(request: HttpRequest) -> str:
    """The program that the address names, or ''."""
    key = request.GET.get("program", "")
    if len(key) > SHORT or "\0" in key:
        raise Http404("no such program")
    return key


def _public(row: ProgramDraft) -> str:
    return ids.public("drf", row.id)


def _shown(step: Mapping[str, str]) -> dict[str, Any]:
    return {**step, "at": datetime.fromisoformat(step["at"])}


def _me(request: HttpRequest) -> str:
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user.get_username()


def _comment(request: HttpRequest) -> str:
    return request.POST.get("comment", "")


def _moment(text: str) -> datetime | None:
    """The moment in the viewer's zone that a form gave, or None for now. Raises `StateError`."""
    if not text.strip():
        return None
    try:
        return timezone.make_aware(datetime.fromisoformat(text).replace(tzinfo=None))
    except ValueError:
        raise StateError(gettext_noop("Give a day and a time, such as 2026-12-01T09:00.")) from None
