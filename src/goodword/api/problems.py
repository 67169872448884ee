"""Every way the API says no: problem details (RFC 9457) with a stable code and what to do about it.

A handler raises `Refusal`; nothing under /v1 answers in another form, whatever went wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.http import HttpResponse

MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 100
"""Entries in `errors` of one answer; `detail` says how many there were."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its HTTP status, a title that never changes, and what to do."""

    status: int
    title: str
    advice: str


KINDS: dict[str, Kind] = {
    "bad_request": Kind(400, "Bad request", "Repair the request line and headers as `detail` says."),
    "malformed_gzip": Kind(
        400, "The body is not gzip", "Send the whole of one gzip stream (RFC 1952), or leave out Content-Encoding."
    ),
    "malformed_json": Kind(
        400, "The body is not JSON", "Send one JSON value (RFC 8259) in UTF-8, without duplicate names."
    ),
    "malformed_form": Kind(
        400, "The body is no form", "Send multipart/form-data with a boundary, as HTTP clients make it."
    ),
    "malformed_yaml": Kind(400, "The body is not YAML", "Send one YAML document in UTF-8, without aliases or tags."),
    "missing_key": Kind(401, "A key is needed", "Send `Authorization: Bearer gw_sk_…` with a secret key."),
    "bad_key": Kind(401, "The key is not valid", "It is unknown or revoked: make one with `goodword key create`."),
    "expired_key": Kind(401, "The key has expired", "Use the key that took its place, or make a new one."),
    "bad_token": Kind(
        401, "The participant token is not valid", "Sign it as the guide on authentication says; see `detail`."
    ),
    "expired_token": Kind(401, "The participant token has expired", "Ask the host for a new one, and send it again."),
    "missing_scope": Kind(403, "The key lacks a scope", "Make a key that has the scope which `detail` names."),
    "wrong_key": Kind(403, "Another kind of key is needed", "See `detail`: it says which kind this route takes."),
    "bad_origin": Kind(
        403, "The key is not for this origin", "Make a publishable key or token secret that names the page's origin."
    ),
    "no_such_route": Kind(404, "No such address", "Compare the path with the reference at /docs."),
    "not_found": Kind(404, "Not found", "No such thing in this key's workspace: check the id."),
    "method_not_allowed": Kind(405, "Method not allowed", "Use one of the methods in the `Allow` header."),
    "idempotency_in_progress": Kind(
        409,
        "The first request with this Idempotency-Key is still running",
        "Wait for `Retry-After` seconds and send the same request again.",
    ),
    "too_many_keys": Kind(409, "The workspace has too many keys", "Revoke one that is not used any more."),
    "too_many_links": Kind(409, "The person has too many links", "Use one of those that are there."),
    "too_many_jobs": Kind(
        409,
        "Too many long questions wait or run",
        "Wait for one to end, or cancel one; then send it again.",
    ),
    "wrong_state": Kind(409, "It cannot be moved there from its state", "See `detail`; read its state first."),
    "head_too_large": Kind(431, "The head of the request is too large", "Send fewer or shorter headers."),
    "slow_body": Kind(408, "The body came too slowly", "Send it again, in one go."),
    "body_too_large": Kind(413, "The body is too large", "Send less at once: split a batch."),
    "url_too_long": Kind(414, "The address is too long", "Shorten the query."),
    "unsupported_media_type": Kind(
        415,
        "Unsupported media type",
        "Set `Content-Type` to one that the reference names, and `Content-Encoding` to gzip or to nothing.",
    ),
    "invalid_request": Kind(422, "The request is not valid", "Repair what `errors` names."),
    "invalid_events": Kind(
        422, "Events were refused", "Nothing was recorded. Repair what `errors` names and send all again."
    ),
    "invalid_program": Kind(422, "The program is not valid", "Nothing was published. Repair what `errors` names."),
    "invalid_mapping": Kind(422, "The mapping is not valid", "Nothing was imported. Repair what `errors` names."),
    "invalid_file": Kind(422, "A file cannot be imported", "Nothing was imported. `detail` says which, and why."),
    "bad_cursor": Kind(422, "The cursor is not valid", "Use `next_cursor` as it was answered, with the same filters."),
    "idempotency_key_reused": Kind(
        422,
        "This Idempotency-Key came with another request before",
        "Use a new key for a new request; repeat a request with its own body.",
    ),
    "rate_limited": Kind(429, "Too many requests", "Wait for `Retry-After` seconds; send events in batches."),
    "internal_error": Kind(500, "Something broke on our side", "Try again; report it with the time if it stays."),
    "engine_busy": Kind(
        503, "The engine is busy with this workspace", "Wait for `Retry-After` seconds and send it again."
    ),
    "overloaded": Kind(
        503,
        "Too many requests at once",
        "Wait for `Retry-After` seconds and send it again; send events in batches.",
    ),
    "unavailable": Kind(503, "The database cannot be reached", "Wait for `Retry-After` seconds and send it again."),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of `errors`: where in the body (a JSON pointer) or which parameter, and what is wrong."""

    code: str
    detail: str
    pointer: str | None = None
    parameter: str | None = None

    def shown(self) -> dict[str, str]:
        where = {"pointer": self.pointer} if self.pointer is not None else {"parameter": self.parameter or ""}
        return {**where, "code": self.code, "detail": self.detail}


class Refusal(Exception):
    """A request that is answered with a problem. `code` is one of `KINDS`."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.code = code
        self.kind = KINDS[code]
        self.detail = detail or self.kind.advice
        self.errors = errors
        self.headers = dict(headers or {})
        super().__init__(f"{code}: {self.detail}")


def not_found(what: str, given: str, prefix: str) -> Refusal:
    """The refusal for an id that names nothing here."""
    return Refusal(
        "not_found",
        f"There is no {what} {given[:60]!r} in this workspace; its id begins with {prefix}_ and 26 characters follow.",
    )


def bad_parameter(name: str, code: str, detail: str) -> Refusal:
    """The refusal of one parameter of the query, path or headers."""
    return Refusal("invalid_request", f"{name}: {detail}", [Fault(code, detail, parameter=name)])


def answer(refusal: Refusal) -> HttpResponse:
    """The refusal as a response."""
    content: dict[str, Any] = {
        "type": f"/docs#problem-{refusal.code}",
        "title": refusal.kind.title,
        "status": refusal.kind.status,
        "code": refusal.code,
        "detail": refusal.detail,
    }
    if refusal.errors:
        content["errors"] = [fault.shown() for fault in refusal.errors[:MAX_ERRORS]]
        if len(refusal.errors) > MAX_ERRORS:
            content["detail"] += f" The first {MAX_ERRORS} of {len(refusal.errors)} errors are listed."
    # A client's text may hold half a surrogate pair, which UTF-8 cannot carry.
    try:
        body = orjson.dumps(content)
    except orjson.JSONEncodeError:
        body = orjson.dumps(_clean(content))
    return HttpResponse(body, status=refusal.kind.status, content_type=MEDIA_TYPE, headers=refusal.headers)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_clean(key): _clean(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_clean(inner) for inner in value]
    return value
