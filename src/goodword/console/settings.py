"""The settings of a workspace: where its links are, what is kept of a click and for how long. Managers see them, owners
change them; where links may lead is each program's own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from goodword.console import labels
from goodword.console.access import Place, member
from goodword.domain import destinations
from goodword.domain.edge_settings import EdgeSettings
from goodword.store import tenancy, workspaces
from goodword.store.models import NAME, Membership, Program, Workspace
from goodword.store.staff import MAY_PUBLISH

MAY = frozenset({Membership.Role.OWNER.value})
"""Roles that change the settings: what is kept of visitors is the company's to answer for."""
CHOICES = {"cookie": ("consent", "always", "never"), "privacy_signals": ("respect", "ignore")}
DAYS = ("ip_hash_days", "raw_ip_days", "clicks_days")
NEWEST = 20
"""Changes that the page shows; the API gives all."""
FIELDS = ("name", "domain", "fallback", *CHOICES, *DAYS)


@require_http_methods(["GET", "HEAD", "POST"])
@member(MAY_PUBLISH)
def settings(request: HttpRequest, place: Place) -> HttpResponse:
    """The settings as they are, and the form that changes them."""
    with tenancy.workspace(place.id):
        row = Workspace.objects.get(id=place.id)
    faults: dict[str, str] = {}
    said = _now(row)
    if request.method == "POST":
        if place.role not in MAY:
            raise PermissionDenied
        said = {name: request.POST.get(name, "").strip()[:3_000] for name in FIELDS}
        if _save(place, request.user.get_username(), said, faults):
            messages.success(request, gettext("The settings are saved."))
            return redirect("console:settings", slug=place.slug)
    context = {
        "said": said,
        "faults": faults,
        "may": place.role in MAY,
        "days": {name: _bounds(name) for name in DAYS},
        "programs": _programs(place.id),
        "history": history(place.id),
        "newest": NEWEST,
        "lengths": {"name": NAME, "domain": workspaces.MAX_DOMAIN, "fallback": destinations.LONGEST},
    }
    return render(request, "console/settings.html", context, status=422 if faults else 200)


def _now(row: Workspace) -> dict[str, str]:
    known = EdgeSettings.model_validate(row.settings).model_dump(mode="json")
    told = {"name": row.name, "domain": row.domain or ""} | {name: known.get(name) for name in FIELDS[2:]}
    return {name: "" if value is None else str(value) for name, value in told.items()}


def _save(place: Place, by: str, said: dict[str, str], faults: dict[str, str]) -> bool:
    """Saves what the form says; False with what is wrong, by field."""
    if not 0 < len(said["name"]) <= NAME:
        faults["name"] = gettext("A name has 1 to %(n)s characters.") % {"n": NAME}
    if said["fallback"] and destinations.read(said["fallback"]) is None:
        faults["fallback"] = gettext("An address begins with https:// and a host's name, such as %(such)s") % {
            "such": "https://www.example.com/"
        }
    for name, allowed in CHOICES.items():
        if said[name] not in allowed:
            faults[name] = gettext("Choose one of these.")
    for name in DAYS:
        least, most = _bounds(name)
        text = said[name]
        if not (text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most):
            faults[name] = gettext("A whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
    if faults:
        return False
    told: dict[str, Any] = {name: said[name] for name in CHOICES} | {name: int(said[name]) for name in DAYS}
    told["fallback"] = said["fallback"] or None
    told |= {"name": said["name"], "short_domain": said["domain"].lower() or None}
    try:
        workspaces.configure(place.id, told, by=by, door="console")
    except workspaces.OwnDomain:
        faults["domain"] = gettext("This is the server's own name, under which the console is. Choose another one.")
    except workspaces.BadDomain:
        faults["domain"] = gettext("A host's name without https:// and port, such as go.example.com")
    except workspaces.DomainTaken:
        faults["domain"] = gettext("This is another workspace's short domain. Choose another one.")
    return not faults


def history(workspace_id: str) -> list[dict[str, Any]]:
    """The newest changes as people read them: who, when, through which door, and of each setting its name and what it
    was and became."""
    with tenancy.workspace(workspace_id):
        rows = list(workspaces.changes(workspace_id)[:NEWEST])
    return [
        {
            "at": row.at,
            "by": row.by,
            "door": row.door,
            "changes": [
                (labels.word(labels.SETTINGS, name), *(_value(name, value) for value in pair))
                for name, pair in row.changes.items()
            ],
        }
        for row in rows
    ]


def _value(setting: str, value: str | int | None) -> str:
    if value is None:
        return "–"
    return labels.word(labels.SETTING_VALUES, str(value)) if setting in CHOICES else str(value)


def _bounds(name: str) -> tuple[int, int]:
    """The least and the most days of a setting."""
    shape = EdgeSettings.model_json_schema()["properties"][name]
    return shape["minimum"], shape["maximum"]


def _programs(workspace_id: str) -> list[dict[str, Any]]:
    """Where the links of each live program lead."""
    with tenancy.workspace(workspace_id):
        rows = Program.objects.filter(workspace_id=workspace_id, test=False, live_version__isnull=False)
        found = list(rows.exclude(kind="loyalty").order_by("name", "key").select_related("live_version"))
    told = [(row, (row.live_version.document if row.live_version else {}).get("links") or {}) for row in found]
    return [
        {"key": row.key, "name": row.name} | {name: links.get(name) for name in ("destination", "hosts", "fallback")}
        for row, links in told
    ]
