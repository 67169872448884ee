"""What may be asked of an answer that is read: only some fields of a list's rows, and nothing at all where the asker
has it already (ETag, RFC 9110)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from goodword.api.body import JSON
from goodword.api.problems import bad_parameter

FIELDS = "fields"
TAGGED = frozenset({JSON, "image/svg+xml", "image/png"})
"""Types of answers that are known again by their ETag."""
REREAD = "private, no-cache"
"""A cache of the asker's own may keep the answer, and asks each time whether it is still so."""


def selected(request: HttpRequest, known: Collection[str]) -> tuple[str, ...] | None:
    """The fields that `?fields=` names, None for all of them. Raises `Refusal`."""
    given = request.GET.get(FIELDS)
    if given is None or not known:
        return None
    names = given.split(",")
    for name in names:
        if name not in known:
            raise bad_parameter(FIELDS, "unknown_field", f"unknown: {name[:60]!r}; allowed: {', '.join(known)}")
    if len(set(names)) != len(names):
        raise bad_parameter(FIELDS, "given_twice", "name each field once")
    return tuple(names)


def read(request: HttpRequest, response: HttpResponseBase, fields: tuple[str, ...] | None) -> HttpResponseBase:
    """The answer to a GET, with only those fields of its rows, its ETag, or 304 where the asker has it."""
    if not isinstance(response, HttpResponse) or response.status_code != 200 or response["Content-Type"] not in TAGGED:
        return response
    if fields is not None:
        response.content = orjson.dumps(_only(orjson.loads(response.content), fields))
    tag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    if _has(request, tag):
        response = HttpResponse(status=304)
        del response["Content-Type"]
    response["ETag"] = tag
    response["Cache-Control"] = REREAD
    patch_vary_headers(response, ["Authorization", "Goodword-Token"])
    return response


def _only(answer: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    return {**answer, "data": [{name: row[name] for name in fields} for row in answer["data"]]}


def _has(request: HttpRequest, tag: str) -> bool:
    given = request.headers.get("If-None-Match", "")
    named = [one.strip().removeprefix("W/") for one in given.split(",")]
    return tag in named or named == ["*"]
