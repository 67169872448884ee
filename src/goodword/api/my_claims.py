"""One's own claims: that the participant whom the token names brought somebody."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext, override
from ninja import Router, Status
from pydantic import Field

from goodword.api import claim_shapes as shapes
from goodword.api import me, params, sent
from goodword.api.act_bodies import Email
from goodword.api.claims import EXAMPLE, Evidence
from goodword.api.keys import caller
from goodword.api.paging import page
from goodword.api.sent import Sent
from goodword.domain import ids
from goodword.domain.payloads import CLAIMED
from goodword.domain.reasons import participant_text
from goodword.insight import claims as insight
from goodword.store import tenancy

router = Router(tags=["Me"])
_WAITS = {"waiting": "claim_waiting", "approved": "claim_approved", "rejected": "claim_rejected"}
_NAMES = ("external_id", "email", "name")


class SentMyFriend(Sent):
    """Whom they brought. Your ids are not theirs to give: who is not known yet would be bound to the address."""

    email: Email
    name: sent.Name | None = None


class SentMyClaim(Evidence):
    """That they brought somebody."""

    referred: SentMyFriend = Field(description="Whom they brought.")


@router.get("/claims", response=shapes.MyClaimList, operation_id="list_my_claims", summary="My claims")
def list_my_claims(
    request: HttpRequest,
    locale: me.Locale = me.LOCALE,
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """The claims they made, the newest first, with where each stands and why."""
    workspace_id, people = me.family(request)
    with override(locale), tenancy.workspace(workspace_id):
        found = page(
            insight.claims(workspace_id, participant_id__in=people).select_related("program__live_version"),
            lambda row: {"id": str(row.id), "row": row},
            workspace_id=workspace_id,
            route="my_claims",
            filters={"person": people[0]},
            limit=limit,
            cursor=cursor,
        )
        rows = insight.seen(workspace_id, [one["row"] for one in found["data"]])
        return {**found, "data": [_shown(row) for row in rows]}


@router.post(
    "/claims",
    response=dict.fromkeys((200, 202), shapes.MyClaimAct),
    operation_id="make_my_claim",
    summary="Claim a referral of mine",
    openapi_extra=sent.body_of(SentMyClaim, friend=("A friend", EXAMPLE)),
)
def make_my_claim(request: HttpRequest, locale: me.Locale = me.LOCALE) -> Any:
    """Say that they brought somebody, with proof; people look at it and decide. Send an Idempotency-Key, so that a
    repeat is not another claim."""
    asked = sent.read(request, SentMyClaim)
    done = me.act(request, CLAIMED, asked.told(asked.referred))
    workspace_id = caller(request).workspace_id
    with override(locale), tenancy.workspace(workspace_id):
        rows = insight.claims(workspace_id, id=ids.internal("evt", done.event.public_id))
        seen = insight.seen(workspace_id, list(rows.select_related("program__live_version")))
        claim = _shown(seen[0]) if seen else None
    return Status(done.status, {**me.answer(done, locale), "claim": claim})


def _shown(one: insight.Seen) -> dict[str, Any]:
    row = one.row
    return {
        "id": one.public_id,
        "program": me.program_of(row.program),
        "state": row.state,
        "said": gettext(participant_text(row.reason or _WAITS[row.state])),
        "referred": {name: one.told[name] for name in _NAMES if isinstance(one.told.get(name), str)},
        "proof": one.proof,
        "url": one.url,
        "reference": one.reference,
        "claimed_at": row.claimed_at,
        "decided_at": row.decided_at,
        "referral": ids.public("ref", row.referral_id) if row.referral_id else None,
    }
