"""Imports: files of another system, run by the worker, with a report by row, and taken back."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import SuspiciousOperation, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.http.response import HttpResponseBase
from ninja import Router, Status
from ninja.params.functions import Path, Query

from goodword.api import body, job_bodies, paging, params
from goodword.api import import_shapes as shapes
from goodword.api.keys import caller
from goodword.api.problems import Fault, Refusal, not_found
from goodword.api.programs import nothing_said
from goodword.api.schemas import empty_body
from goodword.engine.imports import asking, mapping, reports, running, store
from goodword.engine.imports.mapping import Mapping_, MappingError, UnknownMapping
from goodword.engine.imports.reading import Unreadable
from goodword.engine.imports.store import Sent
from goodword.store import jobs, tenancy
from goodword.store.models import NAME, ImportRun

PREFIX = "imp"
ID = params.id_path(PREFIX, "import")
FIELDS = ("mapping", "program", "rule", "dry_run", "files")
FORM = ("mapping", "program", "rule", "dry_run", "kind")
MULTIPART = "multipart/form-data"
RAW = {"text/csv": ".csv", "application/x-ndjson": ".jsonl", "application/jsonl": ".jsonl"}
"""Types of a body that is a file itself, and how its name ends."""
RAW_ONLY = "Of a body that is the file itself:"
CSV = {
    "responses": {
        200: {
            "description": "The report, for spreadsheets: texts that one would run as a formula are quoted.",
            "content": {"text/csv": {"schema": {"type": "string"}}},
        }
    }
}

router = Router(tags=["Imports"])


@router.post(
    "",
    response={202: shapes.Import},
    operation_id="create_import",
    summary="Import files",
    openapi_extra=shapes.BODY,
)
def create_import(
    request: HttpRequest,
    mapping: str | None = Query(None, description=f"{RAW_ONLY} the name of a ready mapping, or one of your own."),
    program: str | None = Query(None, description=f"{RAW_ONLY} the program's key."),
    rule: str | None = Query(None, description=f"{RAW_ONLY} the rule that rewards stand for."),
    dry_run: params.Flag = Query(False, description=f"{RAW_ONLY} write nothing but the report."),
    kind: str | None = Query(None, description=f"{RAW_ONLY} what it holds, where its columns do not tell."),
    name: str | None = Query(None, description=f"{RAW_ONLY} the file's name, for the report."),
) -> Any:
    """Bring in participants, links, referrals, rewards and balances of another system, as a mapping says: by a form
    (`multipart/form-data`, one or several `file`), as JSON with the files as texts, or one file as the body itself
    (`text/csv`, `application/x-ndjson`), with the rest in the query. The worker runs it; ask for it by its id. Nothing
    is decided or paid again, and a row that cannot be taken does not keep the others from coming.
    With `dry_run` nothing is written but the report.
    """
    who = caller(request)
    media = body.media_type(request)
    raw = media in RAW
    if request.GET and not raw:
        detail = f"only with a body that is the file itself ({', '.join(RAW)}); say it in the body"
        raise Refusal("invalid_request", errors=[Fault("not_allowed", detail, parameter=next(iter(request.GET)))])
    read = _raw if raw else _form if media == MULTIPART else _json
    found, key, stands_for, tried, files = read(request)
    known = running.programs(who.workspace_id)
    if key not in known:
        detail = f"no such program; there are {', '.join(known) or 'none'}"
        where = {"parameter": "program"} if raw else {"pointer": "/program"}
        raise Refusal("invalid_request", errors=[Fault("unknown_program", detail, **where)])
    try:
        run = asking.ask(
            who.workspace_id, found, key, stands_for, files, dry_run=tried, by=f"key {who.key_name}"[:NAME]
        )
    except Unreadable as error:
        raise Refusal("invalid_file", str(error)) from None
    except jobs.TooManyJobs as error:
        raise Refusal("too_many_jobs", f"{error}.") from None
    return Status(202, _shown(run))


@router.get("", response=shapes.ImportList, operation_id="list_imports", summary="List imports")
def list_imports(
    request: HttpRequest,
    state: shapes.State | None = Query(None, description="In this state."),
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """The imports, the newest first."""
    workspace_id = caller(request).workspace_id
    filters = {"state": state} if state else {}
    with tenancy.workspace(workspace_id):
        return paging.page(
            ImportRun.objects.filter(workspace_id=workspace_id, **filters),
            _shown,
            workspace_id=workspace_id,
            route="imports",
            filters=filters,
            limit=limit,
            cursor=cursor,
        )


@router.get("/mappings", response=shapes.MappingList, operation_id="list_import_mappings", summary="List mappings")
def list_mappings(request: HttpRequest) -> Any:
    """The ready mappings, one for each vendor."""
    rows = [mapping.ready(name) for name in mapping.names()]
    return {
        "data": [
            {"name": row.name, "title": row.title, "files": [k.name for k in row.files], "document": row.source}
            for row in rows
        ]
    }


@router.get("/{import_id}", response=shapes.Import, operation_id="get_import", summary="Get an import")
def get_import(request: HttpRequest, import_id: str = ID) -> Any:
    """How far it is, which column was taken for what, and what came of it."""
    return _shown(_find(request, import_id))


@router.get(
    "/{import_id}/report",
    response=shapes.ImportLineList,
    operation_id="list_import_report",
    summary="Read an import's report",
)
def list_report(
    request: HttpRequest,
    import_id: str = ID,
    status: shapes.Status | None = Query(None, description="Only these lines."),
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """What became of each row, in the order in which they were imported."""
    run, workspace_id = _find(request, import_id), caller(request).workspace_id
    files = reports.names(run)
    return paging.numbered(
        lambda after, most: store.report(workspace_id, str(run.id), after, most, status),
        lambda row: reports.line(row, files),
        workspace_id=workspace_id,
        route="import_report",
        filters={"import": str(run.id), "status": status},
        limit=limit,
        cursor=cursor,
    )


@router.get(
    "/{import_id}/report.csv",
    operation_id="export_import_report",
    summary="Export an import's report",
    openapi_extra=CSV,
)
def export_report(
    request: HttpRequest,
    import_id: str = ID,
    status: shapes.Status | None = Query(None, description="Only these lines."),
) -> HttpResponseBase:
    """The whole report as CSV."""
    run = _find(request, import_id)
    name = f"{run.mapping}-report.csv"
    return HttpResponse(
        "".join(reports.as_csv(run, status)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.post(
    "/{import_id}/{act}",
    response={202: shapes.Import},
    operation_id="act_on_import",
    summary="Run, undo, resume or cancel an import",
    openapi_extra=empty_body(),
)
def act_on_import(
    request: HttpRequest,
    import_id: str = ID,
    act: str = Path(..., description="One of run, undo, resume and cancel.", pattern=r"^(run|undo|resume|cancel)$"),
) -> Any:
    """`run` imports what was tried with `dry_run`, as a new import with the same files, which are kept for a day.
    `undo` takes out what it brought, row by row, but for what something later depends on: that is `kept`, and the
    report says why. `resume` goes on with one that was broken off. `cancel` gives one up that waits or runs; what it
    brought so far stays until it is undone."""
    nothing_said(request)
    run, workspace_id = _find(request, import_id), caller(request).workspace_id
    try:
        meant = asking.act(workspace_id, run, act, f"key {caller(request).key_name}"[:NAME])
    except store.WrongState as error:
        raise Refusal("wrong_state", str(error)) from None
    except jobs.TooManyJobs as error:
        raise Refusal("too_many_jobs", f"{error}.") from None
    return Status(202, _shown(store.find(workspace_id, str(meant.id))))


def _find(request: HttpRequest, public_id: str) -> ImportRun:
    try:
        return store.find(caller(request).workspace_id, params.inner(PREFIX, public_id, "import"))
    except store.NoSuchImport:
        raise not_found("import", public_id, PREFIX) from None


def _shown(run: ImportRun) -> dict[str, Any]:
    return {**reports.data(run), "progress": reports.progress(run)}


Asked = tuple[Mapping_, str, str, bool, list[Sent]]


def _json(request: HttpRequest) -> Asked:
    sent = body.read_json(request)
    read = job_bodies.Body(sent, FIELDS)
    program = read.take("program", _text, "")
    rule = read.take("rule", _text, "")
    dry_run = read.take("dry_run", _flag, default=False)
    files = read.take("files", _files, [])
    for name, value in (("mapping", sent.get("mapping")), ("program", program), ("files", files)):
        if not value and not isinstance(value, int | float):
            read.fault(name, "missing", f"{name} is needed")
    read.done()
    return _mapping(sent["mapping"]), program, rule, dry_run, files


def _form(request: HttpRequest) -> Asked:
    raw = body.kept(request)
    try:
        handlers = [TemporaryFileUploadHandler(request)]
        posted, given = MultiPartParser(request.META, io.BytesIO(raw), handlers, "utf-8").parse()
    except (TooManyFilesSent, TooManyFieldsSent):
        said = f"The form has too many parts; an import has 1 to {store.MAX_FILES} files."
        raise Refusal("malformed_form", said) from None
    except (MultiPartParserError, SuspiciousOperation, ValueError) as error:
        raise Refusal("malformed_form", f"{str(error)[:200].rstrip('.')}.") from None
    faults = [
        Fault("unknown_field", f"unknown field; allowed: {', '.join(FORM)}, file", pointer=body.pointer(name))
        for name in {*posted, *given} - {*FORM, "file"}
    ]
    told = {name: str(posted.get(name, "")) for name in FORM}
    faults += [Fault(code, detail, pointer=body.pointer(name)) for name, code, detail in _wrong(told)]
    sent = given.getlist("file")
    if not sent:
        faults.append(Fault("missing", "a file is needed", pointer="/file"))
    if faults or "\0" in "".join(told.values()):
        raise Refusal("invalid_request", errors=faults)
    files = [Sent(str(one.name)[:200], told["kind"][:64], one.chunks()) for one in sent]
    return _mapping(told["mapping"]), told["program"][:64], told["rule"][:64], told["dry_run"] == "true", files


def _raw(request: HttpRequest) -> Asked:
    """One file that is the body itself; what it is, is said in the query."""
    told = {name: request.GET.get(name, "") for name in FORM}
    faults = [Fault(code, detail, parameter=name) for name, code, detail in _wrong(told)]
    raw = body.kept(request)
    if not raw.strip():
        faults.append(Fault("missing", "the body is the file, and is empty", pointer=""))
    if faults:
        raise Refusal("invalid_request", errors=faults)
    name = request.GET.get("name", "")[:200] or f"body{RAW[body.media_type(request)]}"
    files = [Sent(name, told["kind"][:64], iter([raw]))]
    found = _mapping(told["mapping"], parameter="mapping")
    return found, told["program"][:64], told["rule"][:64], told["dry_run"] == "true", files


def _wrong(told: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """What is wrong with the texts that go with files: which, a code, and words."""
    for name in ("mapping", "program"):
        if not told[name]:
            yield name, "missing", f"{name} is needed"
    if told["dry_run"] not in ("", "true", "false"):
        yield "dry_run", "bad_value", "expected true or false"


def _mapping(value: Any, **where: str) -> Mapping_:
    """The mapping that is named or sent; a fault is told at `where`, else at the body's own."""
    place = where or {"pointer": "/mapping"}
    try:
        if isinstance(value, str) and ":" not in value:
            return mapping.ready(value)
        if not isinstance(value, str | Mapping):
            detail = "expected a name, or a mapping as an object or YAML text"
            raise Refusal("invalid_request", errors=[Fault("wrong_type", detail, **place)])
        return mapping.read(value)
    except UnknownMapping as error:
        raise Refusal("invalid_request", errors=[Fault("unknown_mapping", str(error), **place)]) from None
    except MappingError as error:
        told = [
            (fault.code, f"{fault.path}: {fault.message}" if fault.path else fault.message) for fault in error.faults
        ]
        raise Refusal("invalid_mapping", errors=[Fault(code, detail, **place) for code, detail in told]) from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 64:
        raise ValueError("expected a text of at most 64 characters")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("expected true or false")
    return value


def _files(value: Any) -> list[Sent]:
    if not isinstance(value, list) or not 1 <= len(value) <= store.MAX_FILES:
        raise ValueError(f"expected 1 to {store.MAX_FILES} files, each with name and content")
    found = []
    for place, entry in enumerate(value):
        if not isinstance(entry, Mapping) or not {"name", "content"} <= entry.keys() <= {"name", "kind", "content"}:
            raise ValueError(f"file {place}: expected name and content, and kind where the columns do not tell")
        name, kind, content = entry["name"], entry.get("kind", ""), entry["content"]
        if not isinstance(name, str) or not 1 <= len(name) <= 200:
            raise ValueError(f"file {place}: expected a name of 1 to 200 characters")
        if not isinstance(kind, str) or len(kind) > 64 or not isinstance(content, str):
            raise ValueError(f"file {place}: kind and content are texts")
        found.append(Sent(name, kind, iter([content.encode()])))
    return found
