"""The pages of partners' statements: the list, one statement with its movements, and both as CSV."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from goodword.console import downloads
from goodword.console.access import Place, member
from goodword.domain import ids
from goodword.insight import partner_statements as insight
from goodword.insight.sheets import flat, write_csv
from goodword.store import tenancy
from goodword.store.models import Program

SHOWN = 50
IN_A_FILE = 10_000
"""Statements in one file, the newest."""
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_PERIOD = re.compile(r"\d{4}-(\d\d|Q[1-4])")


@require_safe
@member()
def statements(request: HttpRequest, place: Place) -> HttpResponse:
    """Statements as they were closed, the newest first; by `program`, `period` and `state`. `format=csv` gives the
    same as a table."""
    filters = _filters(request)
    last = _internal(request.GET["after"]) if "after" in request.GET else None
    limit = IN_A_FILE if request.GET.get("format") == "csv" else SHOWN
    with tenancy.workspace(place.id):
        query = insight.statements(place.id, **filters)
        found = (query.filter(id__lt=last) if last else query).order_by("-id").values_list("id", flat=True)
        page = [str(id_) for id_ in found[: limit + 1]]
        programs = list(
            Program.objects.filter(workspace_id=place.id, kind="partner").order_by("name").values_list("key", "name")
        )
    rows = insight.read(place.id, page[:limit])
    if limit == IN_A_FILE:
        return _csv("statements", [row.told() for row in rows])
    context = {
        "statements": rows,
        "programs": programs,
        "filters": filters,
        "next": ids.public("dec", page[limit - 1]) if len(page) > limit else None,
        "first_page": last is None,
        "query": "&".join(f"{name}={value}" for name, value in filters.items() if value),
    }
    return render(request, "console/statements.html", context)


@require_safe
@member()
def statement(request: HttpRequest, place: Place, public_id: str) -> HttpResponse:
    """One statement: its figures, and what moved the balance."""
    found = insight.one(place.id, _internal(public_id))
    if found is None:
        raise Http404("no such statement")
    lines = insight.lines(place.id, found)
    if request.GET.get("format") == "csv":
        return _csv(f"statement-{found.program}-{found.period}", [asdict(line) for line in lines])
    context = {
        "statement": found,
        "public_id": public_id,
        "lines": lines,
        "figures": [row for row in _figures(found) if row[1].count or row[0] in ("approved", "reversed", "paid")],
        "cut": len(lines) == insight.LINES,
    }
    return render(request, "console/statement.html", context)


def _figures(row: insight.Statement) -> list[tuple[str, insight.Movement, int]]:
    """What moved the balance: the word for it, how much, and whether it adds or takes."""
    return [
        ("approved", row.approved, 1),
        ("reversed", row.reversed, -1),
        ("netted", row.netted, -1),
        ("paid", row.paid, -1),
        ("moved", row.moved, 1),
    ]


def _filters(request: HttpRequest) -> dict[str, str | None]:
    """What the address asks for. Anything that cannot be meant finds no page."""
    told = {name: request.GET.get(name, "").strip() or None for name in ("program", "period", "state")}
    program, period, state = told.values()
    if (program and not _KEY.fullmatch(program)) or (period and not _PERIOD.fullmatch(period)):
        raise Http404("no such program or period")
    if state and state not in insight.STATES:
        raise Http404("no such state")
    return told


def _internal(public_id: str) -> str:
    try:
        return ids.internal("dec", public_id)
    except ids.BadId as error:
        raise Http404("no such statement") from error


def _csv(name: str, rows: Iterable[Mapping[str, Any]]) -> HttpResponse:
    told = [flat(row) for row in rows]
    text = io.StringIO()
    write_csv(text, list(told[0]) if told else [], [row.values() for row in told])
    return downloads.table(name, text.getvalue())
