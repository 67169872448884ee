"""Participants, and what belongs to them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import override
from ninja import Router
from ninja.params.functions import Query

from goodword.api import ledger_shapes, params, program_shapes, rewards, shapes, shaping
from goodword.api.keys import caller
from goodword.api.paging import page
from goodword.api.params import inner
from goodword.api.problems import not_found
from goodword.api.referrals import WITH_PEOPLE
from goodword.insight import entitlements, ledger, merged, running, terms
from goodword.store import tenancy
from goodword.store.models import Participant, Referral, Reward

router = Router(tags=["Participants"])

ID = params.id_path("par", "participant")


@router.get(
    "",
    response=shapes.ParticipantList,
    operation_id="list_participants",
    summary="List participants",
)
def list_participants(
    request: HttpRequest,
    external_id: params.Text | None = Query(None, description="The host product's id."),
    email: params.Email | None = Query(None, description="The e-mail address, in any case."),
    account: params.Text | None = Query(None, description="The external id of their account."),
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """People known to the workspace, the newest first. Find one by the host product's id with
    `external_id`. Whoever was merged into another is found as that one.
    """
    workspace_id = caller(request).workspace_id
    filters = {"external_id": external_id, "email": email, "account": account}
    with tenancy.workspace(workspace_id):
        everybody = Participant.objects.filter(workspace_id=workspace_id)
        query = _whole(everybody.filter(merged_into__isnull=True), workspace_id)
        if external_id is not None:
            query = query.filter(_known_by(everybody, external_id=external_id))
        if email is not None:
            query = query.filter(_known_by(everybody, email=email.lower()))
        if account is not None:
            query = query.filter(account__workspace_id=workspace_id, account__external_id=account)
        return page(
            query,
            shaping.participant,
            workspace_id=workspace_id,
            route="participants",
            filters=filters,
            limit=limit,
            cursor=cursor,
        )


@router.get(
    "/{participant_id}",
    response=shapes.Participant,
    operation_id="get_participant",
    summary="Get a participant",
)
def get_participant(request: HttpRequest, participant_id: str = ID) -> Any:
    """One person, by our id. By the id of somebody who was merged into another: that one."""
    return shaping.participant(found_participant(request, participant_id))


@router.get(
    "/{participant_id}/referrals",
    response=shapes.ReferralList,
    operation_id="list_participant_referrals",
    summary="List a participant's referrals",
)
def list_referrals(
    request: HttpRequest,
    participant_id: str = ID,
    side: Literal["referrer", "referred"] | None = Query(
        None, description="Only those the person made (`referrer`) or came by (`referred`)."
    ),
    test: bool = params.TEST_ONLY,
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """The referrals a person made and came by, the newest first."""
    workspace_id = caller(request).workspace_id
    who = found_participant(request, participant_id).id
    sides = {"referrer": Q(referrer_id=who), "referred": Q(referred_id=who)}
    with tenancy.workspace(workspace_id):
        query = Referral.objects.filter(workspace_id=workspace_id, program__test=test).select_related(*WITH_PEOPLE)
        query = query.filter(sides[side] if side else sides["referrer"] | sides["referred"])
        return page(
            query,
            shaping.referral,
            workspace_id=workspace_id,
            route="participant_referrals",
            filters={"participant": who, "side": side, "test": test},
            limit=limit,
            cursor=cursor,
        )


@router.get(
    "/{participant_id}/rewards",
    response=shapes.RewardList,
    operation_id="list_participant_rewards",
    summary="List a participant's rewards",
)
def list_rewards(
    request: HttpRequest,
    participant_id: str = ID,
    test: bool = params.TEST_ONLY,
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """The rewards promised to a person, the newest first."""
    workspace_id = caller(request).workspace_id
    who = found_participant(request, participant_id).id
    with tenancy.workspace(workspace_id):
        return page(
            Reward.objects.filter(workspace_id=workspace_id, participant_id=who, program__test=test).select_related(
                *rewards.WITH_PERSON
            ),
            shaping.reward,
            workspace_id=workspace_id,
            route="participant_rewards",
            filters={"participant": who, "test": test},
            limit=limit,
            cursor=cursor,
        )


@router.get(
    "/{participant_id}/balances",
    response=ledger_shapes.Balances,
    operation_id="get_participant_balances",
    summary="Get a participant's balances",
)
def get_balances(request: HttpRequest, participant_id: str = ID, at: params.Time | None = params.AT) -> Any:
    """What a person has in each unit, now or at any past instant, added up from the ledger."""
    who = str(found_participant(request, participant_id).id)
    found = ledger.balances(caller(request).workspace_id, who, at)
    return {"at": at, "data": [asdict(balance) for balance in found]}


@router.get(
    "/{participant_id}/entitlements",
    response=shapes.Entitlements,
    operation_id="get_participant_entitlements",
    summary="Get a participant's entitlements",
)
def get_entitlements(request: HttpRequest, participant_id: str = ID, at: params.Time | None = params.AT) -> Any:
    """What a person has a right to now, or at another moment by what is known now: the perks of the tiers they
    hold, and discounts, features, access and free periods that were given and have not lapsed. Send the `ETag` of the
    last answer as `If-None-Match`: 304 says that it still holds.
    """
    known = inner("par", participant_id, "participant")
    try:
        found = entitlements.entitlements(caller(request).workspace_id, known, at)
    except entitlements.UnknownPerson:
        raise not_found("participant", participant_id, "par") from None
    return {"at": at, "data": [asdict(one) for one in found]}


@router.get(
    "/{participant_id}/terms",
    response=program_shapes.Acceptances,
    operation_id="list_participant_terms",
    summary="List the terms a participant accepted",
)
def list_terms(request: HttpRequest, participant_id: str = ID) -> Any:
    """Every acceptance on record, the last first. To record one, send the event `terms.accepted`."""
    who = str(found_participant(request, participant_id).id)
    found = terms.acceptances(caller(request).workspace_id, who)
    return {"data": [{name: getattr(one, name) for name in program_shapes.Acceptance.model_fields} for one in found]}


@router.get(
    "/{participant_id}/running",
    response=program_shapes.RunningList,
    operation_id="get_participant_running",
    summary="Get what runs for a participant",
)
def get_running(
    request: HttpRequest,
    participant_id: str = ID,
    locale: Literal["en", "nb", "da", "ms"] = Query("en", description="The language of the texts."),
    at: params.Time | None = params.AT,
) -> Any:
    """Campaigns, contests and goals of live programs that run now, or at another moment by what is known now: each
    with a sentence that the participant may read, and how far they are. A contest is told of for 31 days after it is
    decided.
    """
    who = str(found_participant(request, participant_id).id)
    with override(locale):
        found = running.running(caller(request).workspace_id, who, at)
    return {"at": at, "data": [asdict(one) for one in found]}


def found_participant(request: HttpRequest, participant_id: str) -> Participant:
    """The participant of that id, or who stands for them. Raises `Refusal`."""
    workspace_id = caller(request).workspace_id
    known = inner("par", participant_id, "participant")
    with tenancy.workspace(workspace_id):
        everybody = Participant.objects.filter(workspace_id=workspace_id, merged_into__isnull=True)
        who = merged.survivor_id(workspace_id, known)
        row = _whole(everybody.filter(id=who), workspace_id).first()
    if row is None:
        raise not_found("participant", participant_id, "par")
    return row


def _whole(query: QuerySet[Participant], workspace_id: str) -> QuerySet[Participant]:
    """With the account, and with those merged into each."""
    merged = Participant.objects.filter(workspace_id=workspace_id)
    return query.select_related("account").prefetch_related(Prefetch("merged", queryset=merged))


def _known_by(everybody: QuerySet[Participant], **name: str) -> Q:
    """Those of a name, and those whom somebody of that name was merged into."""
    through = everybody.filter(merged_into__isnull=False, **name).values("merged_into_id")
    return Q(**name) | Q(id__in=through)
