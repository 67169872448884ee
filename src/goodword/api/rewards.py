"""Rewards, to read. `moves` acts on them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router
from ninja.params.functions import Query

from goodword.api import params, shapes, shaping
from goodword.api.keys import caller
from goodword.api.paging import page
from goodword.api.params import inner, inner_filter, person_filter
from goodword.api.problems import not_found
from goodword.store import tenancy
from goodword.store.models import Reward

router = Router(tags=["Rewards"])

WITH_PERSON = ("program", "version", "participant")


@router.get(
    "",
    response=shapes.RewardList,
    operation_id="list_rewards",
    summary="List rewards",
)
def list_rewards(
    request: HttpRequest,
    program: params.Key | None = Query(None, description="The program's key."),
    rule: params.Key | None = Query(None, description="The rule's id."),
    state: shapes.RewardState | None = Query(None, description="Only those in this state."),
    participant: str | None = params.id_query("par", "Only those of this participant."),
    referral: str | None = params.id_query("ref", "Only those for this referral."),
    test: bool = params.TEST,
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """Rewards, the newest first. To act on one: `POST /v1/rewards/{reward_id}/approve` and so on."""
    workspace_id = caller(request).workspace_id
    filters = {
        "program__key": program,
        "program__test": params.mode(test, program),
        "rule": rule,
        "state": state,
        "participant_id": person_filter(workspace_id, participant, "participant"),
        "subject_id": inner_filter("ref", referral, "referral"),
    }
    with tenancy.workspace(workspace_id):
        query = Reward.objects.filter(
            workspace_id=workspace_id, **{name: value for name, value in filters.items() if value is not None}
        ).select_related(*WITH_PERSON)
        return page(
            query,
            shaping.reward,
            workspace_id=workspace_id,
            route="rewards",
            filters=filters,
            limit=limit,
            cursor=cursor,
        )


@router.get(
    "/{reward_id}",
    response=shapes.Reward,
    operation_id="get_reward",
    summary="Get a reward",
)
def get_reward(request: HttpRequest, reward_id: str = params.id_path("rwd", "reward")) -> Any:
    """One reward."""
    workspace_id = caller(request).workspace_id
    known = inner("rwd", reward_id, "reward")
    with tenancy.workspace(workspace_id):
        row = Reward.objects.filter(workspace_id=workspace_id, id=known).select_related(*WITH_PERSON).first()
        if row is None:
            raise not_found("reward", reward_id, "rwd")
        return shaping.reward(row)
