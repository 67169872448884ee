"""Drafts as people look at them: the lists. Where a program stands is `standing`. Reads only."""

from __future__ import annotations

from django.db.models import QuerySet

from goodword.store.models import ProgramDraft

OPEN = ("draft", "review", "approved")
PAGE = 100
"""Drafts on a page, the newest."""


def drafts(workspace_id: str, key: str | None = None, *, only_open: bool = False) -> QuerySet[ProgramDraft]:
    """The drafts of a workspace, or of one program, the newest first. To be read within the workspace."""
    found = ProgramDraft.objects.filter(workspace_id=workspace_id)
    if key is not None:
        found = found.filter(key=key)
    if only_open:
        found = found.filter(state__in=OPEN)
    return found.order_by("-id")
