"""Claims: made for a participant by the host, listed, approved and rejected. Each act is one event."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Status
from ninja.params.functions import Query
from pydantic import Field

from goodword.api import claim_shapes as shapes
from goodword.api import params, sent, shaping
from goodword.api.act_bodies import WAIT, Email, Fact, Id, Person, given, record, refused, somebody
from goodword.api.keys import caller
from goodword.api.paging import page
from goodword.api.params import inner, person_filter
from goodword.api.problems import not_found
from goodword.api.sent import Sent
from goodword.domain import ids
from goodword.domain.payloads import APPROVED, CLAIMED, MAX_PROOF, REJECTED, Rejection
from goodword.insight import claims as insight
from goodword.store import tenancy

router = Router(tags=["Claims"])

CLAIM = params.id_path("clm", "claim")
Proof = Annotated[str, Field(min_length=1, max_length=MAX_PROOF, pattern=r"\S")]
Address = Annotated[str, Field(max_length=2_000, pattern=r"^https?://[^\s]+$")]


class SentClaimed(Sent):
    """Whom they brought: by your own id, an e-mail address, or both."""

    external_id: Id | None = None
    email: Email | None = None
    name: sent.Name | None = None


class Evidence(Sent):
    """What is claimed, and what shows it: at least one of `proof`, `url` and `reference`."""

    program: sent.Code = Field(description="The program's key.")
    proof: Proof | None = Field(None, description="What shows it, in words.")
    url: Address | None = Field(None, description="Where it can be seen (http or https).")
    reference: sent.Name | None = Field(None, description="A number or name by which it can be found.")
    at: sent.Moment | None = Field(None, description="When they told the person; now, when left out.")

    def told(self, referred: Sent) -> dict[str, Any]:
        """The event's properties. Raises `Refusal` where nothing shows it."""
        if self.proof is None and self.url is None and self.reference is None:
            raise refused("missing", "a claim needs proof: give proof (words), url or reference", "proof")
        names = ("program", "proof", "url", "reference", "at")
        told = given({name: getattr(self, name) for name in names})
        return {**told, "referred": referred.model_dump(exclude_none=True)}


class MakeClaim(Evidence, Fact):
    """A participant claims that they brought somebody."""

    participant: Person = Field(description="Who claims: their external id, or an object.")
    referred: SentClaimed = Field(description="Whom they brought.")


class ApproveClaim(Fact):
    """Staff believe it."""

    by: sent.Name | None = Field(None, description="Who decided; the key's name, when left out.")
    note: Annotated[str, Field(max_length=500)] | None = Field(None, description="For staff, in words.")


class RejectClaim(ApproveClaim):
    """Staff do not believe it, or it comes to nothing."""

    reason: Rejection = Field(description="Why; the participant is told in their language.")


EXAMPLE = {
    "program": "ride-credit",
    "referred": {"email": "grace@example.org"},
    "proof": "I told her over lunch on Monday.",
    "reference": "order 77",
}


@router.get("", response=shapes.ClaimList, operation_id="list_claims", summary="List claims")
def list_claims(
    request: HttpRequest,
    program: params.Key | None = Query(None, description="The program's key."),
    state: shapes.State | None = Query(None, description="Only those in this state: `waiting` is the queue."),
    participant: str | None = params.id_query("par", "Only those this participant made."),
    referred: str | None = params.id_query("par", "Only those about this participant."),
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """Claims, the newest first."""
    workspace_id = caller(request).workspace_id
    filters = {
        "program__key": program,
        "state": state,
        "participant_id": person_filter(workspace_id, participant, "participant"),
        "referred_id": person_filter(workspace_id, referred, "referred"),
    }
    with tenancy.workspace(workspace_id):
        found = page(
            insight.claims(workspace_id, **{name: value for name, value in filters.items() if value is not None}),
            lambda row: {"id": str(row.id), "row": row},
            workspace_id=workspace_id,
            route="claims",
            filters=filters,
            limit=limit,
            cursor=cursor,
        )
        rows = insight.seen(workspace_id, [one["row"] for one in found["data"]])
    return {**found, "data": [shown(row) for row in rows]}


@router.get("/{claim_id}", response=shapes.Claim, operation_id="get_claim", summary="Get a claim")
def get_claim(request: HttpRequest, claim_id: str = CLAIM) -> Any:
    """One claim, with its proof and what staff said."""
    return _known(request, claim_id)


@router.post(
    "",
    response=dict.fromkeys((200, 202), shapes.ClaimAct),
    operation_id="make_claim",
    summary="Claim a referral",
    openapi_extra=sent.body_of(MakeClaim, friend=("A friend", {"participant": {"external_id": "u1"}, **EXAMPLE})),
)
def make_claim(request: HttpRequest, wait: params.Flag = WAIT) -> Any:
    """A participant claims that they brought somebody, with proof. It waits until staff decide; where it can come to
    nothing, the decision says why and no claim is made. It is the event `referral.claimed`.
    """
    asked = sent.read(request, MakeClaim)
    somebody(asked.participant, "participant")
    raw = {
        **asked.envelope(),
        "type": CLAIMED,
        "participant": asked.participant.model_dump(exclude_none=True),
        "properties": asked.told(asked.referred),
    }
    done = record(request, raw, wait)
    return Status(done.status, {**done.shown(), "claim": _claim(request, ids.internal("evt", done.event.public_id))})


@router.post(
    "/{claim_id}/approve",
    response=dict.fromkeys((200, 202), shapes.ClaimAct),
    operation_id="approve_claim",
    summary="Approve a claim",
    openapi_extra=sent.body_of(ApproveClaim, required=False, plain=("By the key's name", {})),
)
def approve_claim(request: HttpRequest, claim_id: str = CLAIM, wait: params.Flag = WAIT) -> Any:
    """Staff believe it. Of somebody who has not come yet it is a touch of the kind `claim`; of somebody who came and
    stands in no referral, it begins the referral when they came. Where the program refuses that, the claim waits on and
    the decision says why. It is the event `claim.approved`.
    """
    _known(request, claim_id)
    return _decide(request, claim_id, APPROVED, sent.read(request, ApproveClaim), wait)


@router.post(
    "/{claim_id}/reject",
    response=dict.fromkeys((200, 202), shapes.ClaimAct),
    operation_id="reject_claim",
    summary="Reject a claim",
    openapi_extra=sent.body_of(RejectClaim, unproven=("Not proven", {"reason": "not_proven"})),
)
def reject_claim(request: HttpRequest, claim_id: str = CLAIM, wait: params.Flag = WAIT) -> Any:
    """Staff do not believe it. The participant sees why, in their language. It is the event `claim.rejected`."""
    _known(request, claim_id)
    return _decide(request, claim_id, REJECTED, sent.read(request, RejectClaim), wait)


def _decide(request: HttpRequest, claim_id: str, kind: str, asked: ApproveClaim, wait: bool) -> Any:
    told = asked.model_dump(exclude_none=True, exclude={"event_id", "occurred_at"})
    properties = {"claim": claim_id, **told, "by": asked.by or caller(request).by}
    done = record(request, {**asked.envelope(), "type": kind, "properties": properties}, wait)
    return Status(done.status, {**done.shown(), "claim": _known(request, claim_id)})


def _known(request: HttpRequest, claim_id: str) -> dict[str, Any]:
    found = _claim(request, inner("clm", claim_id, "claim"))
    if found is None:
        raise not_found("claim", claim_id, "clm")
    return found


def _claim(request: HttpRequest, known: str) -> dict[str, Any] | None:
    workspace_id = caller(request).workspace_id
    with tenancy.workspace(workspace_id):
        rows = insight.seen(workspace_id, list(insight.claims(workspace_id, id=known)))
        return shown(rows[0]) if rows else None


def shown(one: insight.Seen) -> dict[str, Any]:
    """A claim, to staff and hosts."""
    row = one.row
    return {
        "id": one.public_id,
        "program": row.program.key,
        "state": row.state,
        "reason": row.reason,
        "participant": shaping.person(one.claimant),
        "referred": shaping.person(one.referred),
        "proof": one.proof,
        "url": one.url,
        "reference": one.reference,
        "at": row.at,
        "claimed_at": row.claimed_at,
        "decided_at": row.decided_at,
        "by": one.by,
        "note": one.note,
        "referral": shaping.public("ref", row.referral_id),
        "standing": shaping.public("ref", one.standing.id) if one.standing else None,
        "others": one.others,
    }
