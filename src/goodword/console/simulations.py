"""Simulations on pages: ask what a program would cost and bring, watch it being played, read the answer.

Everything here is simulated, and each page says so.
"""

from __future__ import annotations

import contextlib
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goodword.console import downloads, simulation_page
from goodword.console.access import Place, is_live, member
from goodword.console.backtests import ASKERS
from goodword.console.documents import TEXT, document_of
from goodword.console.simulation_form import SIDES, Question, filled
from goodword.domain import ids
from goodword.insight import simulations as insight
from goodword.insight.documents import as_yaml
from goodword.store import jobs
from goodword.store.models import NAME, Job

KIND, PREFIX = "simulation", "sim"


@require_http_methods(["GET", "HEAD", "POST"])
@member(ASKERS)
def ask(request: HttpRequest, place: Place) -> HttpResponse:
    """The form: with a program (`?program=`), a draft (`?draft=`), a recipe (`?recipe=`), or as an earlier simulation
    was asked (`?from=`). The button `show` puts a chosen document into the field for its text."""
    if request.method != "POST":
        return _form(request, Question(place, initial=_begin(request, place)))
    if request.POST.get("show") in SIDES:
        return _form(request, _with_text(request, place))
    form = Question(place, request.POST)
    if form.is_valid():
        key, question = form.kept()
        try:
            job = jobs.ask(place.id, KIND, key, question, str(request.user)[:NAME])
            return redirect("console:simulation", slug=place.slug, public_id=ids.public(PREFIX, job.id))
        except jobs.TooManyJobs:
            form.add_error(None, gettext("Several wait or run already. Wait for one to end, or cancel one."))
    return _form(request, form, 422)


def _form(request: HttpRequest, form: Question, status: int = 200) -> HttpResponse:
    return render(request, "console/simulation_new.html", {"form": form}, status=status)


def _with_text(request: HttpRequest, place: Place) -> Question:
    """The form as it was filled in, with the document of one side as a text to be changed."""
    asked = request.POST.dict()
    side = asked.pop("show")
    text = document_of(place, asked.get(side, ""))
    if text is not None:
        asked |= {side: TEXT, f"{side}_text": text}
    return Question(place, initial={name: value for name, value in asked.items() if value != ""})


@require_safe
@member()
def simulations(request: HttpRequest, place: Place) -> HttpResponse:
    """Those that are kept, the newest first."""
    rows = [simulation_page.line(job) for job in jobs.newest(place.id, KIND)]
    return render(request, "console/simulations.html", {"rows": rows, "may_ask": place.role in ASKERS})


@require_safe
@member()
def simulation(request: HttpRequest, place: Place, public_id: str) -> HttpResponse:
    """How far it is, or what came of it. A live request gets only how far it is, and the whole page at its end."""
    job = _find(place, public_id)
    context: dict[str, Any] = {"job": simulation_page.line(job), "may_ask": place.role in ASKERS}
    if is_live(request):
        if job.ended_at is None:
            return render(request, "console/simulation_progress.html", context)
        return HttpResponse(headers={"HX-Refresh": "true"})
    if job.result is not None:
        context["answer"] = simulation_page.answer(job)
    return render(request, "console/simulation.html", context)


@require_safe
@member()
def export(request: HttpRequest, place: Place, public_id: str) -> HttpResponse:
    """Every figure for spreadsheets."""
    job = _find(place, public_id)
    if job.result is None:
        raise Http404("no answer")
    return downloads.table(f"simulated-{job.program}", insight.csv(job.result))


@require_POST
@member(ASKERS)
def cancel(request: HttpRequest, place: Place, public_id: str) -> HttpResponse:
    """Gives it up, unless it is over already."""
    job = _find(place, public_id)
    with contextlib.suppress(jobs.JobOver):  # the page says how it ended
        jobs.cancel(place.id, KIND, str(job.id))
    return redirect("console:simulation", slug=place.slug, public_id=public_id)


def _begin(request: HttpRequest, place: Place) -> dict[str, Any]:
    """What the form begins with."""
    usual: dict[str, Any] = {**insight.DEFAULTS}
    if earlier := request.GET.get("from"):
        asked = _find(place, earlier).question
        texts = {f"{side}_text": as_yaml(document) for side, document in zip(SIDES, asked["documents"], strict=False)}
        chosen = {name.removesuffix("_text"): TEXT for name in texts}
        return {**{name: asked[name] for name in (*usual, "start")}, **chosen, **texts, **filled(asked["parameters"])}
    for kind in ("program", "draft", "recipe"):
        if name := request.GET.get(kind):
            value = f"{kind}:{name}"
            if document_of(place, value) is None:
                raise Http404(f"no such {kind}")
            usual["first"] = value
            if kind == "draft" and (beside := request.GET.get("beside")):
                usual["second"] = f"program:{beside}"
            break
    return usual


def _find(place: Place, public_id: str) -> Job:
    try:
        job = jobs.find(place.id, KIND, ids.internal(PREFIX, public_id))
    except ids.BadId as error:
        raise Http404("no such simulation") from error
    if job is None:
        raise Http404("no such simulation")
    return job
