"""The workspace of the key, and its numbers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from goodword.api import sent, shapes, shaping
from goodword.api.keys import caller
from goodword.api.sent import Sent
from goodword.domain import scopes
from goodword.insight import summary
from goodword.store import tenancy, workspaces
from goodword.store.models import Workspace

router = Router(tags=["Workspace"])


@router.get(
    "/workspace",
    response=shapes.Workspace,
    operation_id="get_workspace",
    summary="Get the workspace",
)
def get_workspace(request: HttpRequest) -> Any:
    """The workspace this key belongs to: a first call that shows that the key works."""
    who = caller(request)
    with tenancy.workspace(who.workspace_id):
        row = Workspace.objects.get(id=who.workspace_id)
    return {
        "id": shaping.public("ws", row.id),
        "slug": row.slug,
        "name": row.name,
        "key": who.key_name,
        "scopes": [name for name in (scopes.ALL, *scopes.SCOPES) if name in who.scopes],
    }


class ChangeWorkspace(Sent):
    """What may be changed of a workspace."""

    name: sent.Name = Field(description="What people call it.")


@router.patch(
    "/workspace",
    response=shapes.Workspace,
    operation_id="update_workspace",
    summary="Change the workspace",
    openapi_extra=sent.body_of(ChangeWorkspace, name=("Another name", {"name": "Acme International"})),
)
def update_workspace(request: HttpRequest) -> Any:
    """Give the workspace another name. Its slug, which addresses hold, stays."""
    asked = sent.read(request, ChangeWorkspace)
    workspaces.rename(caller(request).workspace_id, asked.name)
    return get_workspace(request)


@router.get(
    "/summary",
    response=shapes.Summary,
    operation_id="get_summary",
    summary="Get the workspace in numbers",
)
def get_summary(request: HttpRequest) -> Any:
    """Participants, events, referrals, rewards, decisions by reason, and the trial balance."""
    found = summary.summary(caller(request).workspace_id)
    return {
        "participants": found.participants,
        "events_applied": found.events_applied,
        "events_waiting": found.events_waiting,
        "referrals": [asdict(row) for row in found.referrals],
        "rewards": [asdict(row) for row in found.rewards],
        "tested": [asdict(row) for row in found.tested],
        "decisions": [asdict(row) for row in found.decisions],
        "trial_balance": shaping.trial_balance(found.trial_balance),
    }
