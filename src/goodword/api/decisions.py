"""Decisions: what the engine concluded, and why."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Router

from goodword.api import params, shapes, shaping
from goodword.api.keys import caller
from goodword.api.paging import page
from goodword.api.params import inner, inner_filter
from goodword.api.problems import not_found
from goodword.insight import merged
from goodword.store import tenancy
from goodword.store.models import Applied, Decision, Referral

router = Router(tags=["Decisions"])

WITH_VERSION = ("program", "version")


@router.get(
    "",
    response=shapes.DecisionList,
    operation_id="list_decisions",
    summary="List decisions",
)
def list_decisions(
    request: HttpRequest,
    event: str | None = params.id_query("evt", "Only those about this event."),
    participant: str | None = params.id_query(
        "par", "Only those about this participant's events and the referrals they are part of."
    ),
    referral: str | None = params.id_query("ref", "Only those about this referral."),
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """Decisions, the newest first, the "no" ones too, each with its reason and its trace."""
    workspace_id = caller(request).workspace_id
    filters = {
        "event": inner_filter("evt", event, "event"),
        "participant": inner_filter("par", participant, "participant"),
        "referral": inner_filter("ref", referral, "referral"),
    }
    with tenancy.workspace(workspace_id):
        query = Decision.objects.filter(workspace_id=workspace_id).select_related(*WITH_VERSION)
        if filters["event"]:
            query = query.filter(event_id=filters["event"])
        if filters["referral"]:
            query = query.filter(referral_id=filters["referral"])
        if filters["participant"]:
            query = query.filter(id__in=_about(workspace_id, filters["participant"]))
        return page(
            query,
            shaping.decision,
            workspace_id=workspace_id,
            route="decisions",
            filters=filters,
            limit=limit,
            cursor=cursor,
        )


@router.get(
    "/{decision_id}",
    response=shapes.Decision,
    operation_id="get_decision",
    summary="Get a decision",
)
def get_decision(request: HttpRequest, decision_id: str = params.id_path("dec", "decision")) -> Any:
    """One decision with its trace."""
    workspace_id = caller(request).workspace_id
    known = inner("dec", decision_id, "decision")
    with tenancy.workspace(workspace_id):
        row = Decision.objects.filter(workspace_id=workspace_id, id=known).select_related(*WITH_VERSION).first()
        if row is None:
            raise not_found("decision", decision_id, "dec")
        return shaping.decision(row)


def _about(workspace_id: str, participant_id: str) -> Any:
    """Ids of the decisions about a participant and those merged into it, by two indexes (decision_event,
    decision_referral)."""
    decisions = Decision.objects.filter(workspace_id=workspace_id).order_by()
    people = merged.family(workspace_id, merged.survivor_id(workspace_id, participant_id))
    events = Applied.objects.filter(workspace_id=workspace_id, participant_id__in=people)
    referrals = Referral.objects.filter(workspace_id=workspace_id).filter(
        Q(referrer_id__in=people) | Q(referred_id__in=people)
    )
    return (
        decisions.filter(event_id__in=events.values("event_id"))
        .values("id")
        .union(decisions.filter(referral_id__in=referrals.values("id")).values("id"))
    )
