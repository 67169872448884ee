"""Drafts of programs: write them, have them reviewed, publish what was approved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Status
from ninja.params.functions import Query

from goodword.api import body, documents, draft_shapes, params, shaping
from goodword.api.keys import caller
from goodword.api.paging import page
from goodword.api.problems import Fault, Refusal, not_found
from goodword.api.schemas import draft_body, step_body
from goodword.domain.faults import ProgramError
from goodword.domain.program import read
from goodword.engine import drafts, programs
from goodword.engine.apply import Busy
from goodword.insight import drafts as insight_drafts
from goodword.insight import programs as versions
from goodword.store import tenancy
from goodword.store.models import NAME, ProgramDraft

router = Router(tags=["Drafts"])

ID = params.id_path("drf", "draft")
_SAID = ("comment", "digest")


@router.get(
    "",
    response=draft_shapes.DraftList,
    operation_id="list_drafts",
    summary="List drafts",
)
def list_drafts(
    request: HttpRequest,
    program: params.Key | None = Query(None, description="The program's key."),
    state: Literal["draft", "review", "approved", "published", "discarded"] | None = Query(
        None, description="Only those in this state."
    ),
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """Every draft with its record, the newest first; a program has one open draft at most."""
    workspace_id = caller(request).workspace_id
    with tenancy.workspace(workspace_id):
        found = insight_drafts.drafts(workspace_id, program).defer("text")
        return page(
            found.filter(state=state) if state else found,
            shaping.draft,
            workspace_id=workspace_id,
            route="drafts",
            filters={"program": program, "state": state},
            limit=limit,
            cursor=cursor,
        )


@router.post(
    "",
    response=dict.fromkeys((200, 201), draft_shapes.DraftWhole),
    operation_id="save_draft",
    summary="Save a draft",
    openapi_extra=draft_body(),
)
def save_draft(request: HttpRequest) -> Any:
    """Save a document as the open draft of the program it names. It may have faults yet; the answer lists them. Another
    document makes an approval void.
    """
    who = caller(request)
    try:
        draft, new = drafts.save(who.workspace_id, documents.written(request), by=_by(request))
    except ProgramError as error:
        raise documents.invalid(error) from None
    except drafts.DraftError as error:
        raise Refusal("wrong_state", str(error)) from None
    return Status(201 if new else 200, _whole(who.workspace_id, draft))


@router.get(
    "/{draft_id}",
    response=draft_shapes.DraftWhole,
    operation_id="get_draft",
    summary="Get a draft",
)
def get_draft(request: HttpRequest, draft_id: str = ID) -> Any:
    """One draft: its text, its faults, what it changes of the live version in words, and its record."""
    workspace_id = caller(request).workspace_id
    return _whole(workspace_id, _find(workspace_id, draft_id))


@router.post(
    "/{draft_id}/submit",
    response=draft_shapes.DraftWhole,
    operation_id="submit_draft",
    summary="Submit a draft for review",
    openapi_extra=step_body(),
)
def submit_draft(request: HttpRequest, draft_id: str = ID) -> Any:
    """Ask for a review. A document with faults is refused."""
    return _stepped(request, draft_id, drafts.submit)


@router.post(
    "/{draft_id}/approve",
    response=draft_shapes.DraftWhole,
    operation_id="approve_draft",
    summary="Approve a draft",
    openapi_extra=step_body(),
)
def approve_draft(request: HttpRequest, draft_id: str = ID) -> Any:
    """Approve a draft in review. Who wrote it cannot, unless nobody else in the workspace may publish. Give the
    `digest` of the text you looked at, and nothing else can be approved by mistake.
    """
    return _stepped(request, draft_id, drafts.approve)


@router.post(
    "/{draft_id}/send-back",
    response=draft_shapes.DraftWhole,
    operation_id="send_back_draft",
    summary="Send a draft back",
    openapi_extra=step_body(),
)
def send_back_draft(request: HttpRequest, draft_id: str = ID) -> Any:
    """Send a draft in review, or an approved one, back to who wrote it; the `comment` says why."""
    return _stepped(request, draft_id, drafts.send_back)


@router.post(
    "/{draft_id}/discard",
    response=draft_shapes.DraftWhole,
    operation_id="discard_draft",
    summary="Discard a draft",
    openapi_extra=step_body(),
)
def discard_draft(request: HttpRequest, draft_id: str = ID) -> Any:
    """Give a draft up. It stays on record."""
    return _stepped(request, draft_id, drafts.discard)


@router.post(
    "/{draft_id}/publish",
    response=dict.fromkeys((200, 202), draft_shapes.DraftWhole),
    operation_id="publish_draft",
    summary="Publish an approved draft",
    openapi_extra=step_body(),
)
def publish_draft(
    request: HttpRequest,
    draft_id: str = ID,
    at: params.Time | None = Query(None, description="Go live at this moment (RFC 3339), not now."),
) -> Any:
    """Publish an approved draft as the next version of its program, now or at a moment."""

    def publish(workspace_id: str, id: str, **told: Any) -> ProgramDraft:
        drafts.publish(workspace_id, id, at=at, **told)
        return _find(workspace_id, draft_id)

    return _stepped(request, draft_id, publish)


def _stepped(request: HttpRequest, draft_id: str, step: Callable[..., ProgramDraft]) -> Any:
    who = caller(request)
    draft, status = _find(who.workspace_id, draft_id), 200
    told = _told(request)
    try:
        draft = step(
            who.workspace_id,
            str(draft.id),
            by=_by(request),
            comment=told.get("comment", ""),
            seen=told.get("digest", ""),
        )
    except ProgramError as error:
        raise documents.invalid(error) from None
    except programs.StateError as error:
        raise Refusal("wrong_state", str(error)) from None
    except Busy:  # it is recorded, and goes live when the engine comes to it
        draft, status = _find(who.workspace_id, draft_id), 202
    shown = _whole(who.workspace_id, draft)
    return Status(status, shown) if status == 202 else shown


def _told(request: HttpRequest) -> Mapping[str, str]:
    """The comment and the digest that a step may come with. Raises `Refusal`."""
    raw = body.kept(request)
    sent = body.read_json(request) if raw.strip() else {}
    if not isinstance(sent, Mapping):
        raise Refusal("invalid_request", errors=[Fault("not_an_object", 'expected {"comment": "…"} or {}', pointer="")])
    faults = [
        Fault("unknown_field", f"unknown field; allowed: {', '.join(_SAID)}", pointer=body.pointer(name))
        for name in sent
        if name not in _SAID
    ]
    faults += [
        Fault("wrong_type", "expected a text", pointer=body.pointer(name))
        for name in _SAID
        if not isinstance(sent.get(name, ""), str)
    ]
    if len(str(sent.get("comment", ""))) > drafts.MAX_COMMENT:
        faults.append(Fault("text_too_long", f"at most {drafts.MAX_COMMENT} characters are kept", pointer="/comment"))
    if faults:
        raise Refusal("invalid_request", errors=faults)
    return sent


def _by(request: HttpRequest) -> str:
    return f"key {caller(request).key_name}"[:NAME]


def _find(workspace_id: str, draft_id: str) -> ProgramDraft:
    known = params.inner("drf", draft_id, "draft")
    with tenancy.workspace(workspace_id):
        row = ProgramDraft.objects.filter(workspace_id=workspace_id, id=known).first()
    if row is None:
        raise not_found("draft", draft_id, "drf")
    return row


def _whole(workspace_id: str, draft: ProgramDraft) -> dict[str, Any]:
    faults = drafts.faults(workspace_id, draft.text)
    compared = None if faults else versions.compare(workspace_id, read(draft.text)[0])
    return {
        **shaping.draft(draft),
        "text": draft.text,
        "digest": drafts.digest(draft.text),
        "faults": [documents.fault_at(fault).shown() for fault in faults],
        "changes": shaping.changes(compared) if compared else None,
    }
