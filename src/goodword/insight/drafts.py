"""Drafts as people look at them: the lists, and in which of six states a program is. Reads only."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from goodword.store import tenancy
from goodword.store.models import Program, ProgramDraft, ProgramVersion

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


def state(workspace_id: str, program: Program) -> str:
    """Where a program stands: `draft`, `review`, `scheduled`, `live`, `paused` or `ended`."""
    return state_of(workspace_id, str(program.id), program.key, program.state, live=program.live_version_id is not None)


def state_of(workspace_id: str, program_id: str, key: str, stopped: str, *, live: bool) -> str:
    """The same by what a row says of it; `stopped` is how it does not run."""
    if stopped:
        return "ended" if stopped == "settling" else stopped
    if live:
        return "live"
    with tenancy.workspace(workspace_id):
        if ProgramVersion.objects.filter(workspace_id=workspace_id, program_id=UUID(program_id)).exists():
            return "scheduled"
        found = drafts(workspace_id, key, only_open=True).values_list("state", flat=True).first()
    return "review" if found in ("review", "approved") else "draft"
