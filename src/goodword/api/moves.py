"""Acts upon referrals and rewards: submitted, and moved along. Each is one event, applied before the answer, with the
referral or reward as it is afterwards."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Status
from pydantic import BaseModel, ConfigDict, Field

from goodword.api import act_shapes as shapes
from goodword.api import acts, params, sent, shaping
from goodword.api import referrals as read_referrals
from goodword.api import rewards as read_rewards
from goodword.api.act_bodies import WAIT, Country, Email, Fact, Id, Person, given, record, somebody
from goodword.api.keys import caller
from goodword.api.params import inner
from goodword.api.problems import not_found
from goodword.api.referrals import WITH_PEOPLE
from goodword.api.rewards import WITH_PERSON
from goodword.store import tenancy
from goodword.store.models import Referral, Reward

referrals, rewards = read_referrals.router, read_rewards.router

REFERRAL = params.id_path("ref", "referral")
CANNOT = "Where it cannot be moved there, it is not, and the decision says why."
REWARD = params.id_path("rwd", "reward")


class SentReferred(BaseModel):
    """Whom the referral is of. Further facts of your own are kept with the referral."""

    model_config = ConfigDict(extra="allow", strict=True)

    email: Email = Field(description="Tells whether the person is known already.")
    name: sent.Name | None = None
    company: sent.Name | None = None
    country: Country | None = None
    industry: sent.Name | None = None
    employees: sent.Amount | None = None
    is_customer: bool | None = None
    in_pipeline: bool | None = None


class SubmitReferral(Fact):
    """A participant put in a good word for somebody."""

    referrer: Person = Field(description="Who refers: their external id, or an object.")
    referred: SentReferred = Field(description="Who is put forward.")
    program: sent.Code | None = Field(None, description="The program's key; may be left out where there is one.")
    referral: Id | None = Field(None, description="Your own id of the referral: sent again, it is the same one.")
    account: Id | None = Field(None, description="The external id of the referrer's account.")
    need: sent.Words | None = Field(None, description="What they look for, in words.")


class MoveReferral(Fact):
    """How the referral moved."""

    value: sent.Amount | None = Field(None, description="The deal, in minor units of `currency`.")
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(None, description="ISO 4217.")
    reason: sent.Code | None = Field(None, description="Why, as a code of your own.")


class MoveReward(Fact):
    """Who moved the reward, and why."""

    by: sent.Name | None = Field(None, description="Who decided; the key's name, when left out.")
    reason: sent.Code | None = Field(None, description="Why, as a code of your own.")


@referrals.post(
    "",
    response=dict.fromkeys((200, 202), shapes.ReferralAct),
    operation_id="submit_referral",
    summary="Submit a referral",
    openapi_extra=sent.body_of(
        SubmitReferral,
        company=(
            "A company",
            {
                "program": "b2b-sales",
                "referral": "lead-7",
                "referrer": {"external_id": "u1"},
                "account": "acme",
                "referred": {"name": "Grace Hopper", "email": "grace@example.org", "company": "Compilers Inc."},
            },
        ),
    ),
)
def submit_referral(request: HttpRequest, wait: params.Flag = WAIT) -> Any:
    """A participant put in a good word for somebody. With `referral`, your own id of it, sending it again answers the
    first with `duplicate: true`. It is the event `referral.submitted`.
    """
    asked = sent.read(request, SubmitReferral)
    somebody(asked.referrer, "referrer")
    own = asked.referral or f"api-{acts.fresh()}"
    raw = {
        **asked.envelope(),
        "event_id": asked.event_id or (f"referral.submitted:{own}"[:200] if asked.referral else None),
        "type": "referral.submitted",
        "participant": asked.referrer.model_dump(exclude_none=True),
        "account": asked.account,
        "properties": {
            "referral": own,
            "referred": asked.referred.model_dump(exclude_none=True),
            **given({"program": asked.program, "need": asked.need}),
        },
    }
    done = record(request, raw, wait, {"/participant": "/referrer"})
    return Status(done.status, {**done.shown(), "referral": _referral(request, done.referral_id())})


def _move_referral(move: str, verb: str, title: str, text: str, example: dict[str, Any]) -> None:
    def moved(request: HttpRequest, referral_id: str = REFERRAL, wait: params.Flag = WAIT) -> Any:
        known = inner("ref", referral_id, "referral")
        if _referral(request, known) is None:
            raise not_found("referral", referral_id, "ref")
        asked = sent.read(request, MoveReferral)
        told = asked.model_dump(exclude_none=True, exclude={"event_id", "occurred_at"})
        raw = {**asked.envelope(), "type": f"referral.{move}", "properties": {"referral": referral_id, **told}}
        done = record(request, raw, wait)
        return Status(done.status, {**done.shown(), "referral": _referral(request, known)})

    moved.__doc__ = f"{text} {CANNOT} It is the event `referral.{move}`."
    referrals.post(
        f"/{{referral_id}}/{verb}",
        response=dict.fromkeys((200, 202), shapes.ReferralAct),
        operation_id=f"{verb.replace('-', '_')}_referral",
        summary=title,
        openapi_extra=sent.body_of(MoveReferral, required=False, act=(title, example)),
    )(moved)


for _each in (
    ("qualified", "qualify", "Qualify a referral", "Sales looked at it, and it is a lead.", {}),
    ("opportunity_opened", "open-opportunity", "Open the opportunity of a referral", "A deal is on its way.", {}),
    (
        "closed_won",
        "win",
        "Win a referral",
        "The deal is won, and what it is worth is said.",
        {"value": 4_800_000, "currency": "USD"},
    ),
    ("closed_lost", "lose", "Lose a referral", "The deal is lost.", {"reason": "price"}),
    ("disqualified", "disqualify", "Disqualify a referral", "It is no lead.", {"reason": "too_small"}),
):
    _move_referral(*_each)


def _move_reward(move: str, verb: str, title: str, text: str) -> None:
    def moved(request: HttpRequest, reward_id: str = REWARD, wait: params.Flag = WAIT) -> Any:
        known = inner("rwd", reward_id, "reward")
        if _reward(request, known) is None:
            raise not_found("reward", reward_id, "rwd")
        asked = sent.read(request, MoveReward)
        told = given({"reward": reward_id, "by": asked.by or caller(request).by, "reason": asked.reason})
        done = record(request, {**asked.envelope(), "type": f"reward.{move}", "properties": told}, wait)
        return Status(done.status, {**done.shown(), "reward": _reward(request, known)})

    moved.__doc__ = f"{text} {CANNOT} It is the event `reward.{move}`."
    rewards.post(
        f"/{{reward_id}}/{verb}",
        response=dict.fromkeys((200, 202), shapes.RewardAct),
        operation_id=f"{verb}_reward",
        summary=title,
        openapi_extra=sent.body_of(
            MoveReward,
            required=False,
            plain=("By the key's name", {}),
            named=("By somebody", {"by": "finance", "reason": "checked"}),
        ),
    )(moved)


for _one in (
    ("approved", "approve", "Approve a reward", "It is owed from now on."),
    ("rejected", "reject", "Reject a reward", "It comes to nothing."),
    ("issued", "issue", "Say that a reward was handed over", "It was paid, credited or sent."),
    ("redeemed", "redeem", "Say that a reward was used", "Whoever has it made use of it."),
    ("failed", "fail", "Say that a reward could not be handed over", "The provider could not do it."),
):
    _move_reward(*_one)


def _referral(request: HttpRequest, known: str | None) -> dict[str, Any] | None:
    workspace_id = caller(request).workspace_id
    if known is None:
        return None
    with tenancy.workspace(workspace_id):
        rows = Referral.objects.filter(workspace_id=workspace_id, id=known).select_related(*WITH_PEOPLE)
        row = rows.first()
        return shaping.referral(row) if row else None


def _reward(request: HttpRequest, known: str) -> dict[str, Any] | None:
    workspace_id = caller(request).workspace_id
    with tenancy.workspace(workspace_id):
        rows = Reward.objects.filter(workspace_id=workspace_id, id=known).select_related(*WITH_PERSON)
        row = rows.first()
        return shaping.reward(row) if row else None
