"""Programs: read them, try a document, publish it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpRequest
from ninja import Router, Status
from ninja.params.functions import Path, Query

from goodword.api import body, documents, params, program_shapes, shaping
from goodword.api.keys import caller
from goodword.api.paging import page
from goodword.api.problems import Fault, Refusal
from goodword.api.schemas import program_body, reason_body
from goodword.domain import faults, ids
from goodword.domain import program as program_document
from goodword.engine import programs
from goodword.engine.apply import Busy
from goodword.insight import contests, standing
from goodword.insight import programs as versions
from goodword.store import tenancy
from goodword.store.models import NAME, Program, ProgramVersion

MAX_VERSION = 2**31 - 1

router = Router(tags=["Programs"])

WHICH = Path(
    ...,
    description="The program's key, or its id (`prg_…`).",
    pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$",
)


@router.get(
    "",
    response=program_shapes.ProgramList,
    operation_id="list_programs",
    summary="List programs",
)
def list_programs(request: HttpRequest, limit: params.Whole = params.LIMIT, cursor: str | None = params.CURSOR) -> Any:
    """The workspace's programs, the newest first."""
    workspace_id = caller(request).workspace_id
    with tenancy.workspace(workspace_id):
        found = page(
            Program.objects.filter(workspace_id=workspace_id).select_related("live_version"),
            lambda row: {"row": row},
            workspace_id=workspace_id,
            route="programs",
            filters={},
            limit=limit,
            cursor=cursor,
        )
    return {**found, "data": _shown(workspace_id, [each["row"] for each in found["data"]])}


@router.post(
    "",
    response=dict.fromkeys((200, 201, 202), program_shapes.ProgramVersion),
    operation_id="publish_program",
    summary="Publish a program",
    openapi_extra=program_body(),
)
def publish_program(
    request: HttpRequest,
    at: params.Time | None = Query(None, description="Go live at this moment (RFC 3339), not now."),
) -> Any:
    """Publish a document, as JSON or as YAML, as a new version of the program it names. Referrals that
    run keep the version they began under. Publishing the live document again answers 200 and changes
    nothing; one that is to go live later goes live now, or at the new moment.
    """
    who = caller(request)
    document, plain = documents.read(request)
    try:
        new = programs.publish(who.workspace_id, plain, by=f"key {who.key_name}"[:NAME], at=at).new
        status = 201 if new else 200
    except faults.ProgramError as error:
        raise documents.invalid(error) from None
    except programs.StateError as error:
        raise Refusal("wrong_state", str(error)) from None
    except Busy:  # it is recorded, and goes live when the engine comes to it
        status = 202
    with tenancy.workspace(who.workspace_id):
        row = found_program(who.workspace_id, document.program)
        last = _versions(who.workspace_id, row).order_by("-number")[0]
        return Status(status, shaping.version(last, row, last.document.get("terms")))


@router.post(
    "/validate",
    response=program_shapes.ValidProgram,
    operation_id="validate_program",
    summary="Check a program",
    openapi_extra=program_body(),
)
def validate_program(request: HttpRequest) -> Any:
    """Check a document without publishing it: the answer is the one that publishing would give."""
    document, _ = documents.read(request)
    return {"valid": True, "program": document.program, "rules": [rule.id for rule in document.rewards]}


@router.post(
    "/diff",
    response=program_shapes.ProgramChanges,
    operation_id="diff_program",
    summary="Say what a document changes",
    openapi_extra=program_body(),
)
def diff_program(
    request: HttpRequest,
    against: params.Whole | None = Query(
        None, ge=1, le=MAX_VERSION, description="A version; the live one if left out."
    ),
) -> Any:
    """What a document changes of a published version of its program, in words. Publishes nothing."""
    document, _ = documents.read(request)
    try:
        return shaping.changes(versions.compare(caller(request).workspace_id, document, against))
    except versions.NoVersion as error:
        raise Refusal("not_found", str(error)) from None


@router.get(
    "/schema",
    response=dict[str, Any],
    auth=None,
    operation_id="get_program_schema",
    summary="Get the JSON Schema of a program",
)
def get_schema(request: HttpRequest) -> Any:
    """The JSON Schema (draft 2020-12) that editors and checks of your own can use. It needs no key."""
    return program_document.json_schema()


@router.get(
    "/{program}",
    response=program_shapes.Program,
    operation_id="get_program",
    summary="Get a program",
)
def get_program(request: HttpRequest, program: str = WHICH) -> Any:
    """One program, by its key or id."""
    workspace_id = caller(request).workspace_id
    with tenancy.workspace(workspace_id):
        row = found_program(workspace_id, program)
    return _shown(workspace_id, [row])[0]


@router.get(
    "/{program}/document",
    response=program_shapes.ProgramDocument,
    operation_id="get_program_document",
    summary="Get a program's live document",
)
def get_document(request: HttpRequest, program: str = WHICH) -> Any:
    """The document that new referrals begin under."""
    workspace_id = caller(request).workspace_id
    with tenancy.workspace(workspace_id):
        row = found_program(workspace_id, program)
        if row.live_version is None:
            raise Refusal("not_found", f"No version of {row.key} is live.")
        return _whole(row.live_version, row)


@router.get(
    "/{program}/versions",
    response=program_shapes.ProgramVersionList,
    operation_id="list_program_versions",
    summary="List a program's versions",
)
def list_versions(
    request: HttpRequest,
    program: str = WHICH,
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """Every published version, the newest first, with the terms that hold in it."""
    workspace_id = caller(request).workspace_id

    def shown(version: Any) -> dict[str, Any]:
        return shaping.version(version, row, version.terms)

    with tenancy.workspace(workspace_id):
        row = found_program(workspace_id, program)
        return page(
            _versions(workspace_id, row).defer("document").annotate(terms=F("document__terms")),
            shown,
            workspace_id=workspace_id,
            route="program_versions",
            filters={"program": row.id},
            limit=limit,
            cursor=cursor,
        )


@router.get(
    "/{program}/versions/{number}",
    response=program_shapes.ProgramDocument,
    operation_id="get_program_version",
    summary="Get a version with its document",
)
def get_version(
    request: HttpRequest,
    program: str = WHICH,
    number: params.Whole = Path(..., ge=1, le=MAX_VERSION, description="The version's number, from 1."),
) -> Any:
    """One version as it was published."""
    workspace_id = caller(request).workspace_id
    with tenancy.workspace(workspace_id):
        row = found_program(workspace_id, program)
        version = _versions(workspace_id, row).filter(number=number).first()
        if version is None:
            raise Refusal("not_found", f"There is no version {number} of {row.key}.")
        return _whole(version, row)


@router.get(
    "/{program}/versions/{number}/changes",
    response=program_shapes.ProgramChanges,
    operation_id="get_program_changes",
    summary="Say what a version changed",
)
def get_changes(
    request: HttpRequest,
    program: str = WHICH,
    number: params.Whole = Path(..., ge=1, le=MAX_VERSION, description="The version's number, from 1."),
    against: params.Whole | None = Query(
        None, ge=1, le=MAX_VERSION, description="A version; the one before if left out."
    ),
) -> Any:
    """What a version changed of the one before, or of another, in words."""
    workspace_id = caller(request).workspace_id
    with tenancy.workspace(workspace_id):
        row = found_program(workspace_id, program)
    try:
        return shaping.changes(versions.between(workspace_id, row, number, against))
    except versions.NoVersion as error:
        raise Refusal("not_found", str(error)) from None


@router.get(
    "/{program}/contests/{contest}",
    response=program_shapes.Contest,
    operation_id="get_contest",
    summary="See how a contest stands",
)
def get_contest(
    request: HttpRequest,
    program: str = WHICH,
    contest: str = Path(
        ..., description="The contest's id in the live version.", pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$"
    ),
) -> Any:
    """A contest of the live version and its first 100 places: provisional until `state` is `final`. Whoever is
    disqualified is left out."""
    workspace_id = caller(request).workspace_id
    with tenancy.workspace(workspace_id):
        row = found_program(workspace_id, program)
    found = contests.contest(workspace_id, row, contest, datetime.now(UTC))
    if found is None:
        raise Refusal("not_found", f"The live version of {row.key} has no contest {contest!r}.")
    return shaping.contest(found)


@router.post(
    "/{program}/pause",
    response=program_shapes.Program,
    operation_id="pause_program",
    summary="Pause a program",
    openapi_extra=reason_body(),
)
def pause_program(request: HttpRequest, program: str = WHICH) -> Any:
    """Nothing new begins until it is resumed. Referrals that run go on under their terms: they move, are rewarded, and
    holds, promises, reversals and expiries take their course."""
    return _moved(request, program, programs.pause)


@router.post(
    "/{program}/resume",
    response=program_shapes.Program,
    operation_id="resume_program",
    summary="Resume a program",
    openapi_extra=reason_body(),
)
def resume_program(request: HttpRequest, program: str = WHICH) -> Any:
    """A paused program runs again."""
    return _moved(request, program, programs.resume)


@router.post(
    "/{program}/end",
    response=program_shapes.Program,
    operation_id="end_program",
    summary="End a program",
    openapi_extra=reason_body(),
)
def end_program(request: HttpRequest, program: str = WHICH) -> Any:
    """For good, as the `ending` of its live document says: open referrals may finish (`settle`), or are voided with
    what is held (`void`). What is approved stays."""
    return _moved(request, program, programs.end)


def _whole(version: ProgramVersion, program: Program) -> dict[str, Any]:
    return {**shaping.version(version, program, version.document.get("terms")), "document": version.document}


def _moved(request: HttpRequest, program: str, move: Callable[..., None]) -> dict[str, Any]:
    who = caller(request)
    reason = body.reason(request)
    with tenancy.workspace(who.workspace_id):
        row = found_program(who.workspace_id, program)
    try:
        move(who.workspace_id, row.key, by=f"key {who.key_name}"[:NAME], reason=reason)
    except programs.StateError as error:
        raise Refusal("wrong_state", str(error)) from None
    with tenancy.workspace(who.workspace_id):
        row = found_program(who.workspace_id, program)
    return _shown(who.workspace_id, [row])[0]


def _shown(workspace_id: str, rows: list[Program]) -> list[dict[str, Any]]:
    """Programs with where they stand, in two statements."""
    states = standing.states(workspace_id, [str(row.id) for row in rows])
    stopped = standing.stopped(workspace_id, [str(row.id) for row in rows if row.state])
    return [shaping.program(row, states[str(row.id)], stopped.get(str(row.id))) for row in rows]


def nothing_said(request: HttpRequest) -> None:
    """Checks that the body of an act says nothing more. Raises `Refusal`."""
    raw = body.kept(request)
    if raw.strip() and body.parse_json(raw) != {}:
        raise Refusal("invalid_request", errors=[Fault("unknown_field", "expected {} or no body", pointer="")])


def found_program(workspace_id: str, program: str) -> Program:
    """The program of that key or id, inside its workspace. Raises `Refusal`."""
    query = Program.objects.filter(workspace_id=workspace_id).select_related("live_version")
    row = query.filter(key=program).first()
    if row is None:
        try:
            row = query.filter(id=ids.internal("prg", program)).first()
        except ids.BadId:
            row = None
    if row is None:
        raise Refusal("not_found", f"There is no program {program!r} in this workspace; list them first.")
    return row


def _versions(workspace_id: str, program: Program) -> QuerySet[ProgramVersion]:
    return ProgramVersion.objects.filter(workspace_id=workspace_id, program_id=program.id)
