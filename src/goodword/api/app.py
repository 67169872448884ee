"""The API as an application: routers, how values become JSON, and how faults become problems."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import orjson
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.renderers import BaseRenderer

from goodword import __version__
from goodword.api import (
    aside,
    backtests,
    body,
    claims,
    decisions,
    drafts,
    erasure,
    events,
    exports,
    imports,
    key_routes,
    ledger,
    links,
    me,
    migrations,
    moves,
    my_claims,
    people_acts,
    problems,
    programs,
    segment,
    simulations,
    statements,
    workspaces,
)
from goodword.api.keys import AnyKey
from goodword.api.problems import Fault, Refusal
from goodword.api.sent import said_of
from goodword.insight.numbers import written

RETRY_SECONDS = 5

log = logging.getLogger(__name__)


class Renderer(BaseRenderer):
    """JSON as orjson writes it, times in UTC with a Z."""

    media_type = body.JSON

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return written(data, orjson.OPT_UTC_Z)


class _Api(NinjaAPI):
    def get_content_type(self) -> str:
        """Without a charset: JSON has none (RFC 8259)."""
        return body.JSON


api = _Api(
    title="Goodword API",
    version=__version__,
    urls_namespace="api",
    openapi_url=None,
    docs_url=None,
    auth=AnyKey(),
    renderer=Renderer(),
)
api.add_router("/events", events.router)
api.add_router("/aside", aside.router)
api.add_router("/participants", people_acts.participants)
api.add_router("/participants", erasure.router)
api.add_router("/referrals", moves.referrals)
api.add_router("/rewards", moves.rewards)
api.add_router("/accounts", people_acts.accounts)
api.add_router("/decisions", decisions.router)
api.add_router("/ledger", ledger.router)
api.add_router("/statements", statements.router)
api.add_router("/programs", programs.router)
api.add_router("/programs", migrations.router)
api.add_router("/backtests", backtests.router)
api.add_router("/drafts", drafts.router)
api.add_router("/simulations", simulations.router)
api.add_router("/exports", exports.router)
api.add_router("/links", links.links)
api.add_router("/codes", links.codes)
api.add_router("/clicks", links.clicks)
api.add_router("/imports", imports.router)
api.add_router("/claims", claims.router)
api.add_router("/me", me.router)
api.add_router("/me", my_claims.router)
api.add_router("/keys", key_routes.router)
api.add_router("", segment.router)
api.add_router("", workspaces.router)


@api.exception_handler(Refusal)
def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return problems.answer(refusal)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Parameters that do not fit. One that is part of the path names nothing: not found."""
    faults = []
    for item in error.errors:
        place, name, *_ = item["loc"]
        if place == "path":
            return problems.answer(Refusal("not_found", f"{name}: {_said(item)}."))
        faults.append(Fault(_code(item), _said(item), parameter=str(name)))
    said = "; ".join(f"{fault.parameter}: {fault.detail}" for fault in faults)
    return problems.answer(Refusal("invalid_request", f"{said}.", faults))


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problems.answer(Refusal("not_found"))


@api.exception_handler(Exception)
def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.answer(fault_of_ours(error))


def fault_of_ours(error: Exception) -> Refusal:
    """The refusal for an error that no handler expected; it is logged with its traceback."""
    if isinstance(error, (OperationalError, InterfaceError)):
        log.warning("database unavailable: %s", error)
        return Refusal("unavailable", headers={"Retry-After": str(RETRY_SECONDS)})
    log.error("request failed", exc_info=error)
    return Refusal("internal_error")


def _code(item: Mapping[str, Any]) -> str:
    if item["type"] == "missing":
        return "missing"
    if item["type"] in ("greater_than_equal", "less_than_equal", "string_too_long", "string_too_short"):
        return "out_of_range"
    return "bad_value"


def _said(item: Mapping[str, Any]) -> str:
    return said_of(item).rstrip(".")
