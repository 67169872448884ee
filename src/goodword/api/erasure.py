"""Taking a participant's identity out of everything that is held, and giving out all of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from ninja import Router

from goodword.api import body, params, shapes, shaping
from goodword.api.body import pointer
from goodword.api.keys import caller
from goodword.api.params import inner
from goodword.api.problems import Fault, Refusal, not_found
from goodword.api.schemas import erasure_body
from goodword.engine import apply, erase
from goodword.insight import export
from goodword.insight.participants import ParticipantNotFound
from goodword.store.models import NAME

router = Router(tags=["Participants"])

ID = params.id_path("par", "participant")


@router.post(
    "/{participant_id}/erase",
    response=shapes.ErasureReceipt,
    operation_id="erase_participant",
    summary="Erase a participant",
    openapi_extra=erasure_body(),
)
def erase_participant(request: HttpRequest, participant_id: str = ID) -> Any:
    """Remove what identifies a person from events, decisions, messages and everything else that is held.
    Referrals, rewards, the ledger and all sums stay, under an id that names nobody. **It cannot be undone.**

    A person who was erased already gets the first receipt again, with `repeated`. What arrives about the
    person afterwards is about somebody new: stop sending first. See the guide on erasure for what is kept.
    """
    who = caller(request)
    known = inner("par", participant_id, "participant")
    also = _also(body.read_json(request))
    try:
        done = erase.erase(who.workspace_id, known, by=f"key {who.key_name}"[:NAME], also=also)
    except erase.UnknownParticipant:
        raise not_found("participant", participant_id, "par") from None
    except erase.BadText as error:
        raise Refusal("invalid_request", errors=[Fault(error.code, str(error), pointer="/also")]) from None
    except apply.Busy as error:
        raise Refusal("engine_busy", str(error), headers={"Retry-After": "5"}) from None
    return shaping.receipt(done)


@router.get(
    "/{participant_id}/erasure",
    response=shapes.Erasure,
    operation_id="get_participant_erasure",
    summary="Get the receipt of an erasure",
)
def get_erasure(request: HttpRequest, participant_id: str = ID) -> Any:
    """Whether a person was erased, and the receipt: when, who asked, and how many rows were rewritten."""
    workspace_id = caller(request).workspace_id
    try:
        known = erase.find(workspace_id, participant_id)
    except erase.UnknownParticipant:
        raise not_found("participant", participant_id, "par") from None
    done = erase.receipt(workspace_id, known)
    return {"erased": done is not None, "receipt": shaping.receipt(done) if done else None}


@router.get(
    "/{participant_id}/export",
    response=dict[str, Any],
    operation_id="export_participant",
    summary="Export everything held about a participant",
)
def export_participant(request: HttpRequest, participant_id: str = ID) -> Any:
    """One document to give to the person: profile, links, referrals on both sides, rewards, balances and movements,
    events, decisions with their reasons, messages, receipts. What is other people's is left out. Lists hold the
    newest; `not_whole` names those that have more. `goodword participant export --html` makes a page of it.
    """
    known = inner("par", participant_id, "participant")
    try:
        return export.export(caller(request).workspace_id, known)
    except ParticipantNotFound:
        raise not_found("participant", participant_id, "par") from None


def _also(sent: Any) -> list[str]:
    """The further texts of a request. Raises `Refusal`."""
    if not isinstance(sent, Mapping):
        raise Refusal("invalid_request", errors=[Fault("not_an_object", 'expected {"also": […]} or {}', pointer="")])
    faults = [
        Fault("unknown_field", "unknown field; allowed: also", pointer=pointer(name)) for name in sent if name != "also"
    ]
    also = sent.get("also", [])
    if not isinstance(also, list) or not all(isinstance(text, str) for text in also):
        faults.append(Fault("wrong_type", "expected a list of texts", pointer="/also"))
    if faults:
        raise Refusal("invalid_request", errors=faults)
    return list(also)
