"""Imports on pages: files are sent and tried, the page shows which column was taken for what and what would become of
each row; then they are imported, and can be taken back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goodword.console import downloads
from goodword.console.access import Place, is_live, member
from goodword.console.backtests import ASKERS
from goodword.domain import ids
from goodword.engine.imports import asking, mapping, reports, running, store
from goodword.engine.imports.mapping import Mapping_, MappingError, UnknownMapping
from goodword.engine.imports.reading import Unreadable
from goodword.engine.imports.store import Sent
from goodword.store import jobs
from goodword.store.models import NAME, ImportRun

SHOWN = 50
"""Lines of the report on the page, those that went wrong first; the table for spreadsheets has all."""
OPEN = ("waiting", "running", "undoing")
OWN = "own"
"""The choice of a mapping of one's own."""


@require_http_methods(["GET", "HEAD", "POST"])
@member(ASKERS)
def imports(request: HttpRequest, place: Place) -> HttpResponse:
    """The imports so far, and the form that sends files."""
    context: dict[str, Any] = {"asked": {"mapping": "", "dry_run": True}, "faults": []}
    if request.method == "POST":
        found = _ask(request, place, context)
        if found is not None:
            return redirect("console:import", slug=place.slug, public_id=ids.public("imp", str(found.id)))
    context |= {
        "rows": [_line(run) for run in store.newest(place.id)],
        "mappings": [(name, mapping.ready(name).title) for name in mapping.names()],
        "programs": running.programs(place.id),
    }
    return render(request, "console/imports.html", context, status=422 if context["faults"] else 200)


def _ask(request: HttpRequest, place: Place, context: dict[str, Any]) -> ImportRun | None:
    """The import that the form asks for; None where it cannot be, with what is wrong in the context."""
    asked = {name: request.POST.get(name, "")[:200_000] for name in ("mapping", "text", "program", "rule", "dry_run")}
    context["asked"] = asked
    faults: list[str] = context["faults"]
    read = _mapping(asked, faults)
    files = [Sent(str(one.name)[:200], "", one.chunks()) for one in request.FILES.getlist("file")]
    if not files:
        faults.append(gettext("Choose a file."))
    if asked["program"] not in running.programs(place.id):
        faults.append(gettext("Choose a program."))
    if faults or read is None:
        return None
    try:
        return asking.ask(
            place.id, read, asked["program"], asked["rule"][:64], files, dry_run=bool(asked["dry_run"]),
            by=str(request.user)[:NAME],
        )  # fmt: skip
    except (Unreadable, jobs.TooManyJobs) as error:
        faults.append(error.said())
    return None


def _mapping(asked: dict[str, str], faults: list[str]) -> Mapping_ | None:
    try:
        return mapping.read(asked["text"]) if asked["mapping"] == OWN else mapping.ready(asked["mapping"])
    except UnknownMapping:
        faults.append(gettext("Choose a mapping."))
    except MappingError as error:
        faults += [f"{fault.path or 'mapping'}: {fault.message}" for fault in error.faults]
    return None


@require_safe
@member(ASKERS)
def import_(request: HttpRequest, place: Place, public_id: str) -> HttpResponse:
    """How far an import is, which column was taken for what, and what came of it. A live request gets only how far it
    is, and the whole page at its end."""
    run = _find(place, public_id)
    context: dict[str, Any] = {"run": _line(run), "told": reports.data(run)}
    if is_live(request):
        if run.state in OPEN:
            return render(request, "console/import_progress.html", context)
        return HttpResponse(headers={"HX-Refresh": "true"})
    if run.state not in OPEN:
        names = reports.names(run)
        shown = [
            reports.line(row, names)
            for status in ("error", "kept", "skipped")
            for row in store.report(place.id, str(run.id), 0, SHOWN, status)
        ][:SHOWN]
        all_of_them = sum(reports.total(run, status) for status in ("error", "kept", "skipped"))
        context |= {"lines": shown, "more": all_of_them - len(shown)}
    return render(request, "console/import.html", context)


@require_POST
@member(ASKERS)
def step(request: HttpRequest, place: Place, public_id: str, verb: str) -> HttpResponse:
    """Runs what was tried, takes it out again, goes on with it, or gives it up."""
    run = _find(place, public_id)
    if verb not in asking.ACTS:
        raise Http404("no such step")
    try:
        run = asking.act(place.id, run, verb, str(request.user)[:NAME])
    except (store.WrongState, jobs.TooManyJobs) as error:
        messages.error(request, error.said())
    return redirect("console:import", slug=place.slug, public_id=ids.public("imp", str(run.id)))


@require_safe
@member(ASKERS)
def export(request: HttpRequest, place: Place, public_id: str) -> HttpResponse:
    """The whole report for spreadsheets."""
    run = _find(place, public_id)
    return downloads.table(f"{run.mapping}-report", "".join(reports.as_csv(run)))


def _line(run: ImportRun) -> dict[str, Any]:
    """An import in short."""
    far = reports.progress(run)
    return {
        "public_id": ids.public("imp", str(run.id)),
        "run": run,
        "open": run.state in OPEN,
        "percent": 100 * far["done"] // far["total"] if far["total"] else 0,
        "done": far["done"],
        "total": far["total"],
        "accepted": reports.total(run, "accepted"),
        "errors": reports.total(run, "error"),
        "can_run": run.dry_run and run.state == "done" and bool(run.files) and store.has_files(run),
        "can_undo": not run.dry_run and run.state in store.CAN_BEGIN_TO_BE_UNDONE,
    }


def _find(place: Place, public_id: str) -> ImportRun:
    try:
        return store.find(place.id, ids.internal("imp", public_id))
    except (ids.BadId, store.NoSuchImport) as error:
        raise Http404("no such import") from error
