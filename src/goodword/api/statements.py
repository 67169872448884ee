"""Statements of partners, to read: each as it was closed, with the movements behind it, as JSON or CSV."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.params.functions import Query

from goodword.api import ledger_shapes, params, shaping
from goodword.api.keys import caller
from goodword.api.paging import page
from goodword.api.params import inner, person_filter
from goodword.api.problems import not_found
from goodword.insight import partner_statements
from goodword.insight.sheets import flat, write_csv
from goodword.store import tenancy

router = Router(tags=["Ledger"])

CSV = "text/csv"
FORMAT = Query("json", description="`csv` answers with a table for spreadsheets.")
AS_CSV = {
    "responses": {
        200: {"content": {CSV: {"schema": {"type": "string"}, "example": "id,number,program,participant,…\n"}}},
    }
}


@router.get(
    "",
    response=ledger_shapes.StatementList,
    operation_id="list_statements",
    summary="List statements of partners",
    openapi_extra=AS_CSV,
)
def list_statements(
    request: HttpRequest,
    program: params.Key | None = Query(None, description="The program's key."),
    participant: str | None = params.id_query("par", "Only those of this partner."),
    period: str | None = Query(
        None, description="The period: `2026-03` or `2026-Q1`.", pattern=r"^[0-9]{4}-([0-9]{2}|Q[1-4])$"
    ),
    state: Literal["payable", "carried"] | None = Query(None, description="Only those in this state."),
    format: Literal["json", "csv"] = FORMAT,
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """Statements of partner programs as they were closed, the newest first. `payable_now` is what is still to be paid
    of a partner's latest one. As CSV, the rows of the same page; `next_cursor` then stands in the header
    `Goodword-Next-Cursor`.
    """
    workspace_id = caller(request).workspace_id
    filters = {
        "program": program,
        "participant_id": person_filter(workspace_id, participant, "participant"),
        "period": period,
        "state": state,
    }
    with tenancy.workspace(workspace_id):
        found = page(
            partner_statements.statements(workspace_id, **filters),
            lambda row: {"id": str(row.id)},
            workspace_id=workspace_id,
            route="statements",
            filters=filters,
            limit=limit,
            cursor=cursor,
        )
        rows = partner_statements.read(workspace_id, [row["id"] for row in found["data"]])
    found["data"] = [shaping.statement(row) for row in rows]
    if format == "json":
        return found
    answer = _csv(ledger_shapes.Statement.model_fields, found["data"])
    if found["next_cursor"]:
        answer["Goodword-Next-Cursor"] = found["next_cursor"]
    return answer


@router.get(
    "/{statement_id}",
    response=ledger_shapes.StatementWhole,
    operation_id="get_statement",
    summary="Get a statement with its movements",
    openapi_extra=AS_CSV,
)
def get_statement(
    request: HttpRequest,
    statement_id: str = params.id_path("dec", "statement"),
    format: Literal["json", "csv"] = FORMAT,
) -> Any:
    """One statement and what moved the balance: the first 10,000 movements, in the order in which they were heard of.
    What `lines` but `owed` add up to, where none is left out, is `closing` less `opening`. As CSV: the movements.
    """
    workspace_id = caller(request).workspace_id
    found = partner_statements.one(workspace_id, inner("dec", statement_id, "statement"))
    if found is None:
        raise not_found("statement", statement_id, "dec")
    lines = [shaping.statement_line(line) for line in partner_statements.lines(workspace_id, found)]
    if format == "csv":
        return _csv(ledger_shapes.StatementLine.model_fields, lines)
    return {**shaping.statement(found), "lines": lines}


def _csv(columns: Iterable[str], rows: list[dict[str, Any]]) -> HttpResponse:
    told = [flat(row) for row in rows]
    text = io.StringIO()
    write_csv(text, list(told[0]) if told else list(columns), [row.values() for row in told])
    return HttpResponse(text.getvalue(), content_type=CSV)
