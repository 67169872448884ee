"""Whole lists as files: JSON Lines, or CSV that is safe to open in a spreadsheet. Read and sent page by page, so that
the longest takes no more memory than the shortest."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

import orjson
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from ninja import Router
from ninja.params.functions import Query

from goodword.api import params, shapes, shaping
from goodword.api.keys import caller
from goodword.api.referrals import WITH_PEOPLE
from goodword.api.rewards import WITH_PERSON
from goodword.insight.numbers import written
from goodword.insight.sheets import write_csv
from goodword.store import tenancy
from goodword.store.models import Referral, Reward, Tenant, Transfer

router = Router(tags=["Exports"])

PAGE = 1_000
"""Rows that are read at once."""
TYPES = {"jsonl": "application/jsonl", "csv": "text/csv"}
Format = Literal["jsonl", "csv"]
FORMAT = Query("jsonl", description="`csv` is a table for spreadsheets.")
FILES = {
    "responses": {
        200: {
            "description": "A row on each line.",
            "content": {
                TYPES["jsonl"]: {
                    "schema": {"type": "string"},
                    "example": '{"id":"rwd_01jq8x5e4me8k9d3v0h2r6t7wy",…}\n',
                },
                TYPES["csv"]: {"schema": {"type": "string"}, "example": "id,program,version,…\n"},
            },
        }
    }
}
PERSON = ("id", "external_id", "email", "name")
LEDGER = (
    "id", "effective_at", "recorded_at", "phase", "code", "amount", "unit", "debit", "credit", "participant",
    "participant_external_id", "program", "rule", "reward", "event",
)  # fmt: skip


@router.get("/rewards", operation_id="export_rewards", summary="Export rewards", openapi_extra=FILES)
def export_rewards(
    request: HttpRequest,
    program: params.Key | None = Query(None, description="The program's key."),
    state: shapes.RewardState | None = Query(None, description="Only those in this state."),
    test: bool = params.TEST,
    format: Format = FORMAT,
) -> Any:
    """Every reward, the oldest first, one a line, with the fields of the list of rewards. In CSV the participant is
    four columns, and an object is JSON in its cell.
    """
    filters = {"program__key": program, "program__test": params.mode(test, program), "state": state}
    return _file(request, "rewards", format, Reward, WITH_PERSON, filters, shaping.reward, _columns(shapes.Reward))


@router.get("/referrals", operation_id="export_referrals", summary="Export referrals", openapi_extra=FILES)
def export_referrals(
    request: HttpRequest,
    program: params.Key | None = Query(None, description="The program's key."),
    state: shapes.ReferralState | None = Query(None, description="Only those in this state."),
    test: bool = params.TEST,
    format: Format = FORMAT,
) -> Any:
    """Every referral, the oldest first, one a line, with the fields of the list of referrals. In CSV referrer and
    referred are four columns each, and an object is JSON in its cell.
    """
    filters = {"program__key": program, "program__test": params.mode(test, program), "state": state}
    return _file(
        request, "referrals", format, Referral, WITH_PEOPLE, filters, shaping.referral, _columns(shapes.Referral)
    )


@router.get("/ledger", operation_id="export_ledger", summary="Export the ledger", openapi_extra=FILES)
def export_ledger(
    request: HttpRequest,
    since: params.Time | None = Query(None, description="Only movements from this instant on (RFC 3339)."),
    until: params.Time | None = Query(None, description="Only movements before this instant (RFC 3339)."),
    format: Format = FORMAT,
) -> Any:
    """Every movement of the books, in the order in which they were written, one a line: what was debited and credited,
    in which unit, for which reward, by which event. `phase` is pending (held), posted, post (a hold came true) or void.
    """
    filters = {"effective_at__gte": since, "effective_at__lt": until}
    with_ = ("debit", "credit", "debit__participant", "credit__participant", "reward", "reward__program")
    return _file(request, "ledger", format, Transfer, with_, filters, _movement, LEDGER)


def _file(
    request: HttpRequest,
    name: str,
    format: Format,
    model: Any,
    with_: tuple[str, ...],
    filters: Mapping[str, Any],
    show: Callable[[Any], dict[str, Any]],
    columns: tuple[str, ...],
) -> StreamingHttpResponse:
    workspace_id = caller(request).workspace_id
    asked = {field: value for field, value in filters.items() if value is not None}

    def rows(after: str | None) -> list[Any]:
        with tenancy.workspace(workspace_id):
            query: QuerySet[Tenant] = model.objects.filter(workspace_id=workspace_id, **asked)
            query = query.filter(id__gt=after) if after else query
            return list(query.select_related(*with_).order_by("id")[:PAGE])

    def part(found: list[Any], first: bool) -> bytes:
        if format == "jsonl":
            return b"".join(written(show(row), orjson.OPT_UTC_Z) + b"\n" for row in found)
        text = io.StringIO()
        write_csv(text, columns if first else (), [_cells(show(row), columns) for row in found])
        return text.getvalue().encode()

    first = rows(None)  # what goes wrong here is told; later the line is cut
    return StreamingHttpResponse(
        _later(first, rows, part) if isinstance(request, ASGIRequest) else _parts(first, rows, part),
        content_type=f"{TYPES[format]}; charset=utf-8" if format == "csv" else TYPES[format],
        headers={"Content-Disposition": f'attachment; filename="{name}.{format}"'},
    )


def _parts(
    found: list[Any], rows: Callable[[str | None], list[Any]], part: Callable[[list[Any], bool], bytes]
) -> Iterator[bytes]:
    yield part(found, True)
    while len(found) == PAGE:
        found = rows(str(found[-1].id))
        yield part(found, False)


async def _later(
    found: list[Any], rows: Callable[[str | None], list[Any]], part: Callable[[list[Any], bool], bytes]
) -> AsyncIterator[bytes]:
    """The same where the server asks for each part when it has sent the one before."""
    yield part(found, True)
    while len(found) == PAGE:
        found = await sync_to_async(rows)(str(found[-1].id))
        yield await sync_to_async(part)(found, False)


def _columns(shape: type[shapes.Shape]) -> tuple[str, ...]:
    names: list[str] = []
    for name in shape.model_fields:
        people = name in ("participant", "referrer", "referred")
        names += [f"{name}_{inner}" for inner in PERSON] if people else [name]
    return tuple(names)


def _cells(row: Mapping[str, Any], columns: tuple[str, ...]) -> list[Any]:
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping) and f"{name}_id" in columns:
            flat |= {f"{name}_{inner}": value[inner] for inner in PERSON}
        elif isinstance(value, Mapping | list):
            flat[name] = json.dumps(value, ensure_ascii=False)
        elif isinstance(value, bool):
            flat[name] = "true" if value else "false"
        else:
            flat[name] = value
    return [flat[name] for name in columns]


def _movement(row: Transfer) -> dict[str, Any]:
    person = row.debit.participant or row.credit.participant
    moments: dict[str, datetime] = {"effective_at": row.effective_at, "recorded_at": row.recorded_at}
    return {
        "id": shaping.public("trf", row.id),
        **moments,
        "phase": row.phase,
        "code": row.code,
        "amount": row.amount,
        "unit": row.unit,
        "debit": row.debit.kind,
        "credit": row.credit.kind,
        "participant": shaping.public("par", person.id) if person else None,
        "participant_external_id": person.external_id if person else None,
        "program": row.reward.program.key,
        "rule": row.reward.rule,
        "reward": shaping.public("rwd", row.reward_id),
        "event": shaping.public("evt", row.event_id),
    }
