"""Where a form may take a document from: a program of the workspace, an open draft, a recipe, or its own text."""

from __future__ import annotations

from importlib import resources
from typing import NamedTuple

from django.utils.translation import gettext

from goodword.console.access import Place
from goodword.domain import ids
from goodword.insight import drafts
from goodword.insight.documents import as_yaml
from goodword.store import tenancy
from goodword.store.models import Program, ProgramDraft

TEXT = "text"
"""The choice of a text that is written on the form."""


class Choice(NamedTuple):
    """`value` is `program:KEY`, `draft:drf_…` or `recipe:NAME`."""

    value: str
    label: str


def choices(place: Place) -> list[tuple[str, list[Choice]]]:
    """What there is, by kind."""
    with tenancy.workspace(place.id):
        rows = Program.objects.filter(workspace_id=place.id, live_version__isnull=False).order_by("key")
        programs = [Choice(f"program:{row.key}", f"{row.name} ({row.key})") for row in rows[: drafts.PAGE]]
        found = drafts.drafts(place.id, only_open=True).defer("text")[: drafts.PAGE]
        open_ = [
            Choice(f"draft:{ids.public(ids.PREFIXES['draft'], row.id)}", f"{row.key}, {row.updated_at:%Y-%m-%d}")
            for row in found
        ]
    recipes = [Choice(f"recipe:{name}", name) for name in sorted(_recipes())]
    kinds = [(gettext("Programs"), programs), (gettext("Drafts"), open_), (gettext("Recipes"), recipes)]
    return [(name, members) for name, members in kinds if members]


def document_of(place: Place, value: str) -> str | None:
    """The document of a choice as text; None where there is none."""
    kind, _, name = value.partition(":")
    if kind == "recipe":
        return _recipes().get(name)
    with tenancy.workspace(place.id):
        if kind == "draft":
            return _draft(place, name)
        row = Program.objects.filter(workspace_id=place.id, key=name).select_related("live_version").first()
        return as_yaml(row.live_version.document) if kind == "program" and row and row.live_version else None


def _draft(place: Place, public_id: str) -> str | None:
    try:
        known = ids.internal(ids.PREFIXES["draft"], public_id)
    except ids.BadId:
        return None
    row = ProgramDraft.objects.filter(workspace_id=place.id, id=known).first()
    return str(row.text) if row else None


def _recipes() -> dict[str, str]:
    folder = resources.files("goodword").joinpath("recipes")
    files = (file for file in folder.iterdir() if file.name.endswith(".yaml"))
    return {file.name.removesuffix(".yaml"): file.read_text(encoding="utf-8") for file in files}
