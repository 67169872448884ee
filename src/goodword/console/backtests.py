"""Backtests on pages: ask what a document would have done, watch it being worked out, read the answer."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goodword.console import backtest_page, downloads
from goodword.console.access import Place, is_live, member
from goodword.domain import ids
from goodword.domain import program as documents
from goodword.domain.document import Document
from goodword.domain.faults import ProgramError
from goodword.domain.reading import MAX_BYTES
from goodword.insight import backtests as insight
from goodword.insight.documents import as_yaml
from goodword.store import jobs, tenancy
from goodword.store.models import NAME, Job, Program, ProgramDraft, ProgramVersion

KIND, PREFIX = "backtest", "bkt"
ASKERS = frozenset({"owner", "manager"})
"""Roles that may ask and cancel; every member may read."""
VERSIONS = 20
"""Versions to compare with, and to begin from: the newest."""
PAGE = 25
"""Changed decisions on a page."""
ELASTICITY = 10
NUMBER_DIGITS = 9


class Question(forms.Form):
    """What is asked. `read` and `plain` have the document once the form is valid."""

    document = forms.CharField(max_length=MAX_BYTES, strip=False)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)
    as_of_version = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    elasticity = forms.DecimalField(
        required=False, min_value=Decimal(-ELASTICITY), max_value=Decimal(ELASTICITY), max_digits=8, decimal_places=4
    )

    def __init__(self, versions: list[int], *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["as_of_version"].choices = [("", _("what happened")), *((n, f"v{n}") for n in versions)]  # type: ignore[attr-defined]
        self.read: Document
        self.plain: Mapping[str, Any]
        self.faults: list[tuple[str, str]] = []

    def clean_document(self) -> str:
        """The document, as it may be published; `faults` has every one of one that may not."""
        text: str = self.cleaned_data["document"].replace("\r\n", "\n")
        try:
            self.read, self.plain = documents.read(text)
        except ProgramError as error:
            self.faults = [(fault.path, fault.message) for fault in error.faults]
            raise forms.ValidationError(gettext("The document cannot be a program yet; nothing was tried.")) from None
        return text

    def clean(self) -> dict[str, Any]:
        """Since comes before until."""
        found = super().clean() or {}
        since, until = found.get("since"), found.get("until")
        if since and until and since >= until:
            self.add_error("until", gettext("Choose a day after the first one."))
        return found

    def kept(self) -> dict[str, Any]:
        """The question for the worker. Days begin in the time zone of the program."""
        zone = ZoneInfo(self.read.timezone)

        def start(day: date | None) -> datetime | None:
            return datetime.combine(day, time(), zone) if day else None

        asked = self.cleaned_data
        return insight.question(
            self.plain, start(asked["since"]), start(asked["until"]), asked["as_of_version"], asked["elasticity"]
        )


@require_http_methods(["GET", "HEAD", "POST"])
@member(ASKERS)
def ask(request: HttpRequest, place: Place, key: str) -> HttpResponse:
    """The form: the live document, another version (`?version=`), a draft (`?draft=`), or that of an earlier backtest
    (`?from=`)."""
    with tenancy.workspace(place.id):
        program = Program.objects.filter(workspace_id=place.id, key=key).select_related("live_version").first()
        if program is None:
            raise Http404("no such program")
        rows = ProgramVersion.objects.filter(workspace_id=place.id, program_id=program.id).order_by("-number")
        versions = list(rows.values_list("number", flat=True)[:VERSIONS])
        begin = None if request.method == "POST" else _begin(request, place, program, rows)
    form = Question(versions, request.POST if begin is None else None, initial=begin or {})
    if begin is None and form.is_valid():
        if form.read.program != key:
            wrong = gettext("The document is of the program %(other)s; this page tries %(key)s.")
            form.add_error("document", wrong % {"other": form.read.program, "key": key})
        else:
            try:
                job = jobs.ask(place.id, KIND, key, form.kept(), str(request.user)[:NAME])
                return redirect("console:backtest", slug=place.slug, public_id=ids.public(PREFIX, job.id))
            except jobs.TooManyJobs:
                form.add_error(None, gettext("Several wait or run already. Wait for one to end, or cancel one."))
    context = {
        "program": program,
        "form": form,
        "versions": versions,
        "earlier": [backtest_page.line(job) for job in jobs.newest(place.id, KIND, key)[:5]],
    }
    return render(request, "console/backtest_new.html", context, status=200 if begin is not None else 422)


@require_safe
@member()
def backtests(request: HttpRequest, place: Place) -> HttpResponse:
    """Those that are kept, the newest first."""
    rows = [backtest_page.line(job) for job in jobs.newest(place.id, KIND)]
    return render(request, "console/backtests.html", {"rows": rows})


@require_safe
@member()
def backtest(request: HttpRequest, place: Place, public_id: str) -> HttpResponse:
    """How far it is, or what came of it. A live request gets only how far it is, and the whole page at its end."""
    job = _find(place, public_id)
    context: dict[str, Any] = {"job": backtest_page.line(job), "may_ask": place.role in ASKERS}
    if is_live(request):
        if job.ended_at is None:
            return render(request, "console/backtest_progress.html", context)
        return HttpResponse(headers={"HX-Refresh": "true"})
    if job.result is not None:
        people = insight.people(place.id, str(job.id), 0, backtest_page.PEOPLE)
        context |= {
            "answer": backtest_page.answer(job, people),
            "decisions": insight.decisions(place.id, str(job.id), 0, backtest_page.DECISIONS),
            "tables": insight.TABLES,
        }
    return render(request, "console/backtest.html", context)


@require_safe
@member()
def decisions(request: HttpRequest, place: Place, public_id: str) -> HttpResponse:
    """Changed decisions after a number, each with both sides."""
    job = _find(place, public_id)
    if job.result is None:
        raise Http404("no answer yet")
    after = _number(request.GET.get("after", "0"))
    rows = insight.decisions(place.id, str(job.id), after, PAGE + 1)
    context = {
        "job": backtest_page.line(job),
        "rows": rows[:PAGE],
        "next": rows[PAGE - 1].number if len(rows) > PAGE else None,
        "after": after,
        "changed": job.result["changed"],
        "removed": insight.erased_since(place.id, job),
    }
    return render(request, "console/backtest_decisions.html", context)


@require_safe
@member()
def export(request: HttpRequest, place: Place, public_id: str, table: str) -> HttpResponse:
    """A table of the answer for spreadsheets."""
    job = _find(place, public_id)
    if job.result is None or table not in insight.TABLES:
        raise Http404("no such table")
    return downloads.table(f"{job.program}-{table}", "".join(insight.csv(place.id, job, table)))


@require_POST
@member(ASKERS)
def cancel(request: HttpRequest, place: Place, public_id: str) -> HttpResponse:
    """Gives it up, unless it is over already."""
    job = _find(place, public_id)
    with contextlib.suppress(jobs.JobOver):  # the page says how it ended
        jobs.cancel(place.id, KIND, str(job.id))
    return redirect("console:backtest", slug=place.slug, public_id=public_id)


def _begin(request: HttpRequest, place: Place, program: Program, rows: Any) -> dict[str, Any]:
    """What the form begins with."""
    if earlier := request.GET.get("from"):
        job = _find(place, earlier)
        if job.program != program.key:
            raise Http404("of another program")
        asked = job.question
        zone = ZoneInfo(documents.read(asked["document"])[0].timezone)
        days = {
            name: datetime.fromisoformat(asked[name]).astimezone(zone).date() if asked[name] else None
            for name in ("since", "until")
        }
        return {
            "document": as_yaml(asked["document"]), "as_of_version": asked["as_of_version"],
            "elasticity": asked["elasticity"], **days,
        }  # fmt: skip
    if draft := request.GET.get("draft"):
        return {"document": _draft(place, program, draft)}
    number = _number(request.GET.get("version", "0"))
    version = rows.filter(number=number).first() if number else program.live_version or rows.first()
    if version is None:
        raise Http404("no such version")
    return {"document": as_yaml(version.document)}


def _draft(place: Place, program: Program, public_id: str) -> str:
    try:
        known = ids.internal(ids.PREFIXES["draft"], public_id)
    except ids.BadId as error:
        raise Http404("no such draft") from error
    with tenancy.workspace(place.id):
        row = ProgramDraft.objects.filter(workspace_id=place.id, id=known, key=program.key).first()
    if row is None:
        raise Http404("no such draft")
    return str(row.text)


def _find(place: Place, public_id: str) -> Job:
    try:
        job = jobs.find(place.id, KIND, ids.internal(PREFIX, public_id))
    except ids.BadId as error:
        raise Http404("no such backtest") from error
    if job is None:
        raise Http404("no such backtest")
    return job


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS):
        raise Http404("no such page")
    return int(text)
