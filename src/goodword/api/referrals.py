"""Referrals, to read. `moves` acts on them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router
from ninja.params.functions import Query

from goodword.api import params, shapes, shaping
from goodword.api.keys import caller
from goodword.api.paging import page
from goodword.api.params import inner, person_filter
from goodword.api.problems import not_found
from goodword.store import tenancy
from goodword.store.models import Referral

router = Router(tags=["Referrals"])

WITH_PEOPLE = ("program", "version", "referrer", "referred")


@router.get(
    "",
    response=shapes.ReferralList,
    operation_id="list_referrals",
    summary="List referrals",
)
def list_referrals(
    request: HttpRequest,
    program: params.Key | None = Query(None, description="The program's key."),
    state: shapes.ReferralState | None = Query(None, description="Only those in this state."),
    referrer: str | None = params.id_query("par", "Only those this participant made."),
    referred: str | None = params.id_query("par", "Only those this participant came by."),
    external_id: params.Text | None = Query(None, description="The sender's own id of the referral."),
    test: bool = params.TEST,
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """Referrals, the newest first. To move one along: `POST /v1/referrals/{referral_id}/qualify` and so on."""
    workspace_id = caller(request).workspace_id
    filters = {
        "program__key": program,
        "program__test": params.mode(test, program),
        "state": state,
        "referrer_id": person_filter(workspace_id, referrer, "referrer"),
        "referred_id": person_filter(workspace_id, referred, "referred"),
        "external_id": external_id,
    }
    with tenancy.workspace(workspace_id):
        query = Referral.objects.filter(
            workspace_id=workspace_id, **{name: value for name, value in filters.items() if value is not None}
        ).select_related(*WITH_PEOPLE)
        return page(
            query,
            shaping.referral,
            workspace_id=workspace_id,
            route="referrals",
            filters=filters,
            limit=limit,
            cursor=cursor,
        )


@router.get(
    "/{referral_id}",
    response=shapes.Referral,
    operation_id="get_referral",
    summary="Get a referral",
)
def get_referral(request: HttpRequest, referral_id: str = params.id_path("ref", "referral")) -> Any:
    """One referral. Its history is in its decisions: `GET /v1/decisions?referral=…`."""
    workspace_id = caller(request).workspace_id
    known = inner("ref", referral_id, "referral")
    with tenancy.workspace(workspace_id):
        row = Referral.objects.filter(workspace_id=workspace_id, id=known).select_related(*WITH_PEOPLE).first()
        if row is None:
            raise not_found("referral", referral_id, "ref")
        return shaping.referral(row)
