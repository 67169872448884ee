"""Backtests: a document tried on the past, as a question that is answered after a while."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router, Status
from ninja.params.functions import Path, Query

from goodword.api import body, job_bodies, job_rows, paging, params, shaping
from goodword.api import job_shapes as shapes
from goodword.api.job_schemas import question_body
from goodword.api.keys import caller
from goodword.api.problems import Refusal
from goodword.api.programs import MAX_VERSION, nothing_said
from goodword.api.schemas import empty_body
from goodword.domain.events import parse_time
from goodword.insight import backtests
from goodword.insight.explained import Person
from goodword.store import tenancy
from goodword.store.models import Job, Program, ProgramVersion

KIND, PREFIX = "backtest", "bkt"
ID = params.id_path(PREFIX, KIND)
FIELDS = ("document", "since", "until", "as_of_version", "elasticity")

router = Router(tags=["Backtests"])


@router.post(
    "",
    response={202: shapes.Backtest},
    operation_id="create_backtest",
    summary="Try a program on the past",
    openapi_extra=question_body("SentBacktest"),
)
def create_backtest(request: HttpRequest) -> Any:
    """Ask what a document would have done, had it been the program from the start: the worker goes through the
    workspace's log once, beside its live work, and changes nothing. Ask for the answer by the id; it is kept for 30
    days. A workspace may have 5 backtests and simulations that wait or run.
    """
    key, question = _question(caller(request).workspace_id, body.read_json(request))
    return Status(202, _shown(job_rows.ask(request, KIND, key, question)))


@router.get("", response=shapes.BacktestList, operation_id="list_backtests", summary="List backtests")
def list_backtests(
    request: HttpRequest,
    program: params.Key | None = Query(None, description="Of the program with this key."),
    state: shapes.JobState | None = Query(None, description="In this state."),
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """The backtests that are kept, the newest first."""
    return job_rows.listed(request, KIND, _shown, {"program": program, "state": state}, limit, cursor)


@router.get("/{backtest_id}", response=shapes.BacktestAnswer, operation_id="get_backtest", summary="Get a backtest")
def get_backtest(request: HttpRequest, backtest_id: str = ID) -> Any:
    """How far it is, and its result once it is `done`."""
    job = job_rows.find(request, KIND, backtest_id)
    return {**_shown(job), "document": job.question["document"], "result": _result(job.result)}


@router.post(
    "/{backtest_id}/cancel",
    response=shapes.Backtest,
    operation_id="cancel_backtest",
    summary="Cancel a backtest",
    openapi_extra=empty_body(),
)
def cancel_backtest(request: HttpRequest, backtest_id: str = ID) -> Any:
    """Give up a backtest that waits or runs; the worker stops within seconds."""
    nothing_said(request)
    return _shown(job_rows.cancel(request, KIND, backtest_id))


@router.get(
    "/{backtest_id}/people",
    response=shapes.BacktestPersonList,
    operation_id="list_backtest_people",
    summary="List who gains and loses",
)
def list_people(
    request: HttpRequest, backtest_id: str = ID, limit: params.Whole = params.LIMIT, cursor: str | None = params.CURSOR
) -> Any:
    """Whose rewards would come to more or less, the greatest change first."""
    job, workspace_id = job_rows.find(request, KIND, backtest_id), caller(request).workspace_id
    return paging.numbered(
        lambda after, most: backtests.people(workspace_id, str(job.id), after, most),
        _person,
        workspace_id=workspace_id,
        route="backtest_people",
        filters={"backtest": str(job.id)},
        limit=limit,
        cursor=cursor,
    )


@router.get(
    "/{backtest_id}/decisions",
    response=shapes.ChangedDecisionList,
    operation_id="list_backtest_decisions",
    summary="List changed decisions",
)
def list_decisions(
    request: HttpRequest, backtest_id: str = ID, limit: params.Whole = params.LIMIT, cursor: str | None = params.CURSOR
) -> Any:
    """Every decision that would be another one, in the order of the log, with both traces; the first 10,000 are kept.
    A side is null where only the other decides, such as for a hold that would have ended on another day."""
    job, workspace_id = job_rows.find(request, KIND, backtest_id), caller(request).workspace_id
    found = paging.numbered(
        lambda after, most: backtests.decisions(workspace_id, str(job.id), after, most),
        _decision,
        workspace_id=workspace_id,
        route="backtest_decisions",
        filters={"backtest": str(job.id)},
        limit=limit,
        cursor=cursor,
    )
    return {**found, "removed": not cursor and backtests.erased_since(workspace_id, job)}


@router.get(
    "/{backtest_id}/{table}.csv",
    operation_id="export_backtest",
    summary="Export a table of a backtest",
    openapi_extra={
        "responses": {
            200: {
                "description": "The table, for spreadsheets: texts that one would run as a formula are quoted.",
                "content": {"text/csv": {"schema": {"type": "string"}}},
            }
        }
    },
)
def export_backtest(
    request: HttpRequest,
    backtest_id: str = ID,
    table: str = Path(
        ..., description=f"One of {', '.join(backtests.TABLES)}.", pattern=rf"^({'|'.join(backtests.TABLES)})$"
    ),
) -> HttpResponseBase:
    """A table of the result as CSV. Amounts are whole minor units beside their unit."""
    job = job_rows.find(request, KIND, backtest_id)
    if job.result is None:
        raise Refusal("wrong_state", f"It is {job.state}; a table is there once it is done.")
    name = f"{job.program}-{table}.csv"
    return HttpResponse(
        "".join(backtests.csv(caller(request).workspace_id, job, table)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _question(workspace_id: str, sent: Any) -> tuple[str, dict[str, Any]]:
    """The program's key, and the question as it is kept. Raises `Refusal`."""
    read = job_bodies.Body(sent, FIELDS)
    since, until = (read.take(name, job_bodies.moment) for name in ("since", "until"))
    version = read.take("as_of_version", job_bodies.whole(1, MAX_VERSION))
    elasticity = read.take("elasticity", job_bodies.elasticity)
    found = read.document("document")
    if found is None and sent.get("document") is None:
        read.fault("document", "missing", "the program to try is needed, as an object or as YAML text")
    if found and found[0].test:
        live = found[0].beside or "the live program"
        read.fault("document", "test_mode", f"leave out test and beside, and give it the key of {live}")
    if since and until and since >= until:
        read.fault("until", "out_of_range", "until is not after since")
    if found and version and not _is_version(workspace_id, found[0].program, version):
        read.fault("as_of_version", "no_such_version", f"{found[0].program} has no version {version} here")
    read.done()
    assert found
    return found[0].program, backtests.question(found[1], since, until, version, elasticity)


def _is_version(workspace_id: str, key: str, number: int) -> bool:
    with tenancy.workspace(workspace_id):
        program = Program.objects.filter(workspace_id=workspace_id, key=key).first()
        return (
            program is not None
            and ProgramVersion.objects.filter(workspace_id=workspace_id, program_id=program.id, number=number).exists()
        )


def _shown(job: Job) -> dict[str, Any]:
    asked = job.question
    question = {name: asked[name] for name in ("as_of_version", "elasticity")}
    question |= {name: parse_time(asked[name]) if asked[name] else None for name in ("since", "until")}
    return {**shaping.job(job, PREFIX), "question": question}


def _result(result: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if result is None:
        return None
    told = {**result, "return_on_cost": result["return"]}
    return {name: told[name] for name in shapes.BacktestResult.model_fields}


def _person(row: backtests.PersonChange) -> dict[str, Any]:
    return {
        "participant": _who(row.person),
        "unit": row.unit,
        "before": {"rewards": row.before.rewards, "amount": row.before.amount},
        "after": {"rewards": row.after.rewards, "amount": row.after.amount},
        "change": row.change,
    }


def _who(person: Person | None) -> dict[str, Any] | None:
    if person is None:
        return None
    return {
        "id": person.public_id, "external_id": person.external_id, "email": person.email, "name": person.name,
    }  # fmt: skip


def _decision(row: backtests.Changed) -> dict[str, Any]:
    return {
        "position": row.position,
        "event": row.event,
        "type": row.type,
        "occurred_at": parse_time(row.occurred_at),
        "participant": row.person.public_id if row.person else None,
        "before": _side(row.before),
        "after": _side(row.after),
    }


def _side(side: backtests.Side | None) -> dict[str, Any] | None:
    if side is None:
        return None
    return {"outcome": side.outcome, "reason": side.reason, "trace": side.trace}
