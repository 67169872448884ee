"""The workspace of the key, and its numbers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from goodword.api import params, sent, shaping, workspace_shapes
from goodword.api.act_bodies import refused
from goodword.api.keys import caller
from goodword.api.paging import page
from goodword.api.sent import Sent
from goodword.domain import scopes
from goodword.domain.edge_settings import EdgeSettings
from goodword.insight import summary
from goodword.store import tenancy, workspaces
from goodword.store.models import SettingChange, Workspace

router = Router(tags=["Workspace"])


@router.get(
    "/workspace",
    response=workspace_shapes.Workspace,
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
        "short_domain": row.domain,
        "clicks": EdgeSettings.model_validate(row.settings).model_dump(mode="json"),
        "key": who.key_name,
        "scopes": [name for name in (scopes.ALL, *scopes.SCOPES) if name in who.scopes],
    }


class ChangeWorkspace(Sent):
    """What may be changed of a workspace. What is left out stays."""

    name: sent.Name | None = Field(None, description="What people call it.")
    short_domain: Annotated[str, Field(max_length=workspaces.MAX_DOMAIN)] | None = Field(
        None, description="The host of its links, such as `go.example.com`; null: none of its own."
    )
    clicks: EdgeSettings | None = Field(None, description="How its links answer, and what is kept of a click.")


@router.patch(
    "/workspace",
    response=workspace_shapes.Workspace,
    operation_id="update_workspace",
    summary="Change the workspace",
    openapi_extra=sent.body_of(
        ChangeWorkspace,
        name=("Another name", {"name": "Acme International"}),
        links=(
            "A short domain, and what is kept of clicks",
            {"short_domain": "go.example.com", "clicks": {"cookie": "never"}},
        ),
    ),
)
def update_workspace(request: HttpRequest) -> Any:
    """Give the workspace another name, a short domain for its links, or other settings of its clicks. Its slug, which
    addresses hold, stays."""
    asked = sent.read(request, ChangeWorkspace)
    if not asked.model_fields_set:
        raise refused("missing", "say what changes: name, short_domain or clicks", "name")
    told = asked.model_dump(mode="json", include=asked.model_fields_set - {"clicks"})
    if asked.clicks is not None:
        told |= asked.clicks.model_dump(mode="json", include=asked.clicks.model_fields_set)
    if told.get("name", "") is None:
        del told["name"]
    who = caller(request)
    try:
        workspaces.configure(who.workspace_id, told, by=who.by, door="api")
    except (workspaces.BadDomain, workspaces.DomainTaken) as error:
        raise refused(error.code, str(error), "short_domain") from None
    return get_workspace(request)


@router.get(
    "/workspace/changes",
    response=workspace_shapes.SettingChangeList,
    operation_id="list_workspace_changes",
    summary="List changes of the workspace",
)
def list_changes(request: HttpRequest, limit: params.Whole = params.LIMIT, cursor: str | None = params.CURSOR) -> Any:
    """Who changed its name, its short domain or the settings of its clicks, when, and what they were before; the newest
    first. Nothing takes away what was changed."""
    workspace_id = caller(request).workspace_id
    with tenancy.workspace(workspace_id):
        return page(
            workspaces.changes(workspace_id),
            _change,
            workspace_id=workspace_id,
            route="workspace_changes",
            filters={},
            limit=limit,
            cursor=cursor,
        )


def _change(row: SettingChange) -> dict[str, Any]:
    changes = [{"setting": name, "before": before, "after": after} for name, (before, after) in row.changes.items()]
    return {
        "id": shaping.public("chg", row.id),
        "at": row.at,
        "by": row.by,
        "door": row.door,
        "changes": changes,
    }


@router.get(
    "/summary",
    response=workspace_shapes.Summary,
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
        "set_aside": found.set_aside,
        "referrals": [asdict(row) for row in found.referrals],
        "rewards": [asdict(row) for row in found.rewards],
        "tested": [asdict(row) for row in found.tested],
        "decisions": [asdict(row) for row in found.decisions],
        "trial_balance": shaping.trial_balance(found.trial_balance),
    }
