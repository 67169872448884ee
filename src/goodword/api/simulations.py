"""Simulations: a program played forward, as a question that is answered after a while. All of it is simulated."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router, Status
from ninja.params.functions import Query

from goodword.api import body, job_bodies, job_rows, params, shaping
from goodword.api import job_shapes as shapes
from goodword.api.job_schemas import question_body
from goodword.api.problems import Refusal
from goodword.api.programs import nothing_said
from goodword.api.schemas import empty_body
from goodword.insight import simulations
from goodword.insight.simulation import runs
from goodword.insight.simulation.parameters import SimulationError, check, settings
from goodword.insight.simulation.world import Plan
from goodword.store.models import Job

KIND, PREFIX = "simulation", "sim"
ID = params.id_path(PREFIX, KIND)
FIELDS = ("document", "other", "customers", "months", "runs", "seed", "start", "parameters")

router = Router(tags=["Simulations"])


@router.post(
    "",
    response={202: shapes.Simulation},
    operation_id="create_simulation",
    summary="Play a program forward",
    openapi_extra=question_body("SentSimulation"),
)
def create_simulation(request: HttpRequest) -> Any:
    """Ask what a program would cost and bring on people that a published model makes up. With `other`, both are
    played on the same people, and their difference is told. Nothing of it is measured; everything says `simulated`."""
    key, question = _question(body.read_json(request))
    return Status(202, _shown(job_rows.ask(request, KIND, key, question)))


@router.get("", response=shapes.SimulationList, operation_id="list_simulations", summary="List simulations")
def list_simulations(
    request: HttpRequest,
    program: params.Key | None = Query(None, description="Of the program with this key."),
    state: shapes.JobState | None = Query(None, description="In this state."),
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """The simulations that are kept, the newest first."""
    return job_rows.listed(request, KIND, _shown, {"program": program, "state": state}, limit, cursor)


@router.get(
    "/{simulation_id}", response=shapes.SimulationAnswer, operation_id="get_simulation", summary="Get a simulation"
)
def get_simulation(request: HttpRequest, simulation_id: str = ID) -> Any:
    """How far it is, and its result once it is `done`."""
    job = job_rows.find(request, KIND, simulation_id)
    return {**_shown(job), "documents": job.question["documents"], "result": _result(job.result)}


@router.post(
    "/{simulation_id}/cancel",
    response=shapes.Simulation,
    operation_id="cancel_simulation",
    summary="Cancel a simulation",
    openapi_extra=empty_body(),
)
def cancel_simulation(request: HttpRequest, simulation_id: str = ID) -> Any:
    """Give up a simulation that waits or runs; the worker stops within seconds."""
    nothing_said(request)
    return _shown(job_rows.cancel(request, KIND, simulation_id))


@router.get(
    "/{simulation_id}/figures.csv",
    operation_id="export_simulation",
    summary="Export the figures of a simulation",
    openapi_extra={
        "responses": {
            200: {
                "description": "Every figure, also by month. Each row says that it is simulated.",
                "content": {"text/csv": {"schema": {"type": "string"}}},
            }
        }
    },
)
def export_simulation(request: HttpRequest, simulation_id: str = ID) -> HttpResponseBase:
    """Every figure, also by month, as CSV. Amounts are minor units."""
    job = job_rows.find(request, KIND, simulation_id)
    if job.result is None:
        raise Refusal("wrong_state", f"It is {job.state}; a table is there once it is done.")
    return HttpResponse(
        simulations.csv(job.result),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="simulated-{job.program}.csv"'},
    )


def _question(sent: Any) -> tuple[str, dict[str, Any]]:
    """The first program's key, and the question as it is kept. Raises `Refusal`."""
    read = job_bodies.Body(sent, FIELDS)
    usual = simulations.DEFAULTS
    customers = read.take("customers", job_bodies.whole(1, runs.MAX_CUSTOMERS), usual["customers"])
    months = read.take("months", job_bodies.whole(1, runs.MAX_MONTHS), usual["months"])
    count = read.take("runs", job_bodies.whole(1, runs.MAX_RUNS), usual["runs"])
    seed = read.take("seed", job_bodies.whole(0, simulations.LAST_SEED), usual["seed"])
    start = read.take("start", _day)
    changed = read.take("parameters", _numbers, {})
    _check_parameters(read, changed)
    found = {name: read.document(name) for name in ("document", "other")}
    if found["document"] is None and sent.get("document") is None:
        read.fault("document", "missing", "the program to play is needed, as an object or as YAML text")
    played = {name: one for name, one in found.items() if one}
    programs = []
    for name, one in played.items():
        try:
            programs.append(runs.program_of(one[1]))
            runs.offered(programs[-1], settings(), Plan(1, 1, runs.START))
        except SimulationError as error:
            read.fault(name, "not_played", str(error))
    if len({one[0].currency for one in played.values()}) > 1:
        read.fault("other", "other_currency", "the two have different currencies; only like is compared with like")
    work = simulations.work(customers, months, count, len(played))
    if work > simulations.MAX_WORK:
        read.fault(
            "runs", "too_much",
            f"customers × months × runs × programs is {work:,}; at most {simulations.MAX_WORK:,} are played",
        )  # fmt: skip
    read.done()
    first = played["document"]
    return first[0].program, simulations.question(
        [one[1] for one in played.values()], customers=customers, months=months, count=count, seed=seed,
        start=start or runs.start_of(programs), parameters=changed,
    )  # fmt: skip


def _day(value: Any) -> date:
    try:
        return runs.start_on(date.fromisoformat(value))
    except SimulationError:
        raise
    except (TypeError, ValueError):
        raise ValueError("expected a day, such as 2025-01-01") from None


def _numbers(value: Any) -> dict[str, float]:
    """Other values of parameters, by name."""
    if not isinstance(value, Mapping) or not all(
        isinstance(number, int | float) and not isinstance(number, bool) for number in value.values()
    ):
        raise ValueError('expected numbers by name, such as {"refer_rate": 0.3}')
    return {name: float(number) for name, number in value.items()}


def _check_parameters(read: job_bodies.Body, changed: Mapping[str, float]) -> None:
    """Each for itself, and then all of them together."""
    wrong = False
    for name, value in changed.items():
        try:
            check({name: value}, alone=True)
        except SimulationError as error:
            read.fault("parameters", "bad_value", str(error).removeprefix("--set "), name)
            wrong = True
    if not wrong:
        try:
            check(changed)
        except SimulationError as error:
            read.fault("parameters", "bad_value", str(error))


def _shown(job: Job) -> dict[str, Any]:
    asked = {name: job.question[name] for name in shapes.SimulationQuestion.model_fields}
    return {**shaping.job(job, PREFIX), "simulated": True, "question": asked}


def _result(result: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if result is None:
        return None
    return {name: result.get(name) for name in shapes.SimulationResult.model_fields}
