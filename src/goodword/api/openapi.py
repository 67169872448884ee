"""The description of the API: OpenAPI 3.1, made from the routes and completed here with everything that
is true of all of them. The committed copy is docs/api/openapi.json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from goodword.api import access, answers, body, idempotency, job_schemas, keys, paging, problems, rates, schemas, shapes
from goodword.api.app import api
from goodword.api.follow import links
from goodword.api.keys import TOKEN_HEADER
from goodword.domain.reading import MAX_BYTES as DOCUMENT_BYTES

PREFIX = "/v1"
LIMITS = {
    "record_events": body.MAX_BATCH_BODY,
    "segment_batch": body.MAX_BATCH_BODY,
    "segment_import": body.MAX_BATCH_BODY,
    "publish_program": DOCUMENT_BYTES,
    "validate_program": DOCUMENT_BYTES,
    "save_draft": DOCUMENT_BYTES,
    "create_import": body.MAX_IMPORT_BODY,
}
"""Bytes of a body, where they differ from `body.MAX_BODY`."""

DESCRIPTION = f"""\
Send facts, read what they led to. Everything that changes a referral, a reward or a balance is an event; the
engine decides what it means under your programs, and every decision can be read with its reasons.

**Keys.** Make a secret key with `goodword key create` and send it as `Authorization: Bearer gw_sk_…`. A key belongs to
one workspace, sees nothing else, and may do what its scopes say. Keep it on your servers: pages have publishable keys
(`gw_pk_…`), and what is a participant's own, under `/v1/me`, is asked for with a token that your server signs. Each
route says whom it takes.

**Acting** on participants, accounts, referrals and rewards is done by routes of their own
(`POST /v1/rewards/{{id}}/approve`) or by sending the event (`reward.approved`): the same either way. There is no other
way in, so the log explains everything.

**Repeating** is safe. An event with the same `source` and `event_id` is recorded once, for ever. Any write may
carry an `{idempotency.HEADER}` (1 to {idempotency.MAX_KEY} printable ASCII characters): for 24 hours a repeat with the
same body gets the first answer again, with `Idempotency-Replayed: true`.

**Lists** come in pages, newest first: `?limit=` (at most {paging.MAX_LIMIT}) and `?cursor=` with `next_cursor` of the
page before. `?fields=` chooses fields of the rows. A parameter that a list does not have is refused, not ignored. An
answer that is read has an `ETag`: sent back as `If-None-Match`, it is answered 304 where nothing changed.

**Amounts** are integers, in minor units for a currency (4.80 USD is 480), beside their `unit` or `currency`.
**Times** are RFC 3339 in UTC. **Ids** tell what they name: `par_…`, `ref_…`, `rwd_…`, `evt_…`.

**Problems** are `application/problem+json` (RFC 9457) with a stable `code`, a `detail` that says what to do, and
`errors` with a JSON pointer into the body for each fault. Decide by `code`.

**Limits.** A key may make {rates.REQUESTS_PER_MINUTE:,} requests a minute unless the operator says otherwise. With a
publishable key one IP address may make a tenth of that, and all of them together ten times as many: one browser uses up
no other's. With a participant token, each part of the people ({keys.PARTS} by a hash) has a limit of its own.
`RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (seconds) are on every answer and tell of the nearest
limit, `Retry-After` on a 429. A body may have {body.MAX_BODY // 1024**2} MB, a batch \
{body.MAX_BATCH_BODY // 1024**2} MB, a program {DOCUMENT_BYTES // 1000} kB.
"""

TAGS = [
    ("Events", "The one way in. Record facts; with `wait=true` the answer has the decisions."),
    ("Segment", "Facts in Segment's shapes, so that Segment's own libraries work with another host."),
    ("Participants", "People known to the workspace, and their accounts, with referrals, rewards and balances."),
    ("Referrals", "One referrer, one referred, one program: submitted, and moved along."),
    ("Claims", "A participant's word that they brought somebody, with proof; staff decide."),
    ("Rewards", "Promised benefits, from held to redeemed."),
    ("Decisions", "What the engine concluded from each event for each program, and why."),
    ("Ledger", "Double entry by unit: accounts, balances at any instant, the trial balance; statements of partners."),
    ("Programs", "Versioned documents of rules: check, publish, read."),
    ("Backtests", "A program tried on the workspace's own past before it is published."),
    ("Drafts", "Documents on their way to being published: saved, reviewed by somebody else, published."),
    ("Simulations", "A program played forward on people that a published model makes up. Nothing of it is measured."),
    ("Imports", "Files of another system: brought in with a report by row, resumed, taken back."),
    ("Exports", "Whole lists as files: JSON Lines, or CSV for spreadsheets."),
    ("Links", "What participants share, the codes that people type, QR codes, and the clicks that came of them."),
    ("Me", "What the participant whom a token names sees and does: their own, and nothing else."),
    ("Keys", "What opens the door: keys for servers and pages, and secrets that sign participant tokens."),
    ("Workspace", "The key's own workspace, and its numbers."),
]

ACTS = frozenset(
    name
    for name, entry in access.ROUTES.items()
    if entry.scope in ("participants:write", "referrals:write", "rewards:write", "workspace:write")
)
"""Writes that are refused only for what every write is."""
OWN_ACTS = {"identify_me", "create_my_link", "submit_my_referral", "redeem_my_points", "accept_my_terms"}
ALWAYS = (
    *("bad_request", "url_too_long", "head_too_large", "method_not_allowed", "invalid_request", "internal_error"),
    *("overloaded", "unavailable"),
)
WITH_KEY = (
    "missing_key",
    "bad_key",
    "expired_key",
    "bad_token",
    "expired_token",
    "missing_scope",
    "wrong_key",
    "bad_origin",
    "rate_limited",
)
WRITES = (
    "idempotency_in_progress",
    "idempotency_key_reused",
    "slow_body",
    "body_too_large",
    "unsupported_media_type",
    "malformed_gzip",
    "malformed_json",
)

_WORDS = {
    400: "The request cannot be read",
    401: "No valid key",
    403: "The key may not do this",
    404: "No such thing in this workspace",
    405: "The address has other methods",
    408: "The body came too slowly",
    409: "The first request with this Idempotency-Key is still running",
    413: "The body is too large",
    414: "The query is too long",
    415: "Another media type is needed",
    422: "The request is not valid",
    429: "Too many requests",
    431: "The head of the request is too large",
    500: "Something broke on our side",
    503: "Not available now",
}
_PROBLEM_HEADERS = {
    401: ["WWW-Authenticate"],
    405: ["Allow"],
    409: ["Retry-After"],
    415: ["Accept-Encoding"],
    429: ["Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"],
    503: ["Retry-After"],
}
_HEADERS = {
    "RateLimit-Limit": ("Requests a caller may make in a window: the nearest limit.", 6000),
    "RateLimit-Remaining": ("Requests left in the present window.", 5999),
    "RateLimit-Reset": ("Seconds until the next window.", 42),
    "Retry-After": ("Seconds to wait before the next try.", 5),
    "WWW-Authenticate": ("How to authenticate.", None),
    "Allow": ("The methods of this address.", None),
    "Accept-Encoding": ("The encoding of a body that is read beside none, where another one came.", None),
    "ETag": ("What the answer is known by, for `If-None-Match`.", None),
    "Idempotency-Replayed": ("`true` on an answer that is a repeat of the first one.", None),
}


@cache
def document() -> dict[str, Any]:
    """The whole description."""
    found: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=PREFIX.strip("/") + "/"))
    found["info"] = {
        "title": api.title,
        "version": api.version,
        "summary": "Referral, loyalty and advocacy programmes: facts in, explained decisions out.",
        "description": DESCRIPTION,
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }
    found["servers"] = [{"url": "/", "description": "This server"}]
    found["tags"] = [{"name": name, "description": text} for name, text in TAGS]
    parts = found["components"]
    for operations in found["paths"].values():
        for method, operation in operations.items():
            if method == "get":
                _may_be_chosen(operation, parts["schemas"])
            _complete(method, operation)
    named = [
        parts["schemas"],
        {"ChosenFields": _CHOSEN},
        schemas.components(),
        job_schemas.components(),
        _problem_schemas(),
    ]
    parts["schemas"] = dict(sorted(item for each in named for item in each.items()))
    assert len(parts["schemas"]) == sum(map(len, named)), "two schemas have the same name"
    parts["securitySchemes"] = {
        "SecretKey": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "gw_sk_…",
            "description": "A secret key of the workspace, from `goodword key create`. Roles are its scopes.",
        },
        "PublishableKey": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "gw_pk_…",
            "description": "A publishable key, which may lie open in a page of the origins that it names.",
        },
        "BasicKey": {
            "type": "http",
            "scheme": "basic",
            "description": "A key as the user's name, with an empty password, as Segment's libraries send it.",
        },
        "ParticipantToken": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A token that the host signed (HS256) for one participant.",
        },
        "TokenHeader": {
            "type": "apiKey",
            "in": "header",
            "name": TOKEN_HEADER,
            "description": "The same token beside a publishable key.",
        },
    }
    parts["headers"] = {
        name: {"description": text, "schema": {"type": "integer" if example is not None else "string"}}
        for name, (text, example) in _HEADERS.items()
    }
    parts["responses"] = {f"Problem{status}": _problem(status) for status in _WORDS}
    return found


def fields(operation: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields of a list's rows that `?fields=` may name; none where the operation is no list."""
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == answers.FIELDS and parameter["in"] == "query":
            return tuple(parameter["schema"]["items"]["enum"])
    return ()


def _may_be_chosen(operation: dict[str, Any], known: Mapping[str, Any]) -> None:
    """A list in pages may be asked for only some fields of its rows."""
    content = operation["responses"].get(200, {}).get("content", {}).get(body.JSON, {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    rows = known.get(name, {}).get("properties", {}).get("data", {}).get("items", {}).get("$ref", "")
    if not rows or not any(parameter["name"] == "cursor" for parameter in operation.get("parameters", ())):
        return
    names = list(known[rows.rpartition("/")[2]]["properties"])
    operation["parameters"].append(
        {
            "name": answers.FIELDS,
            "in": "query",
            "required": False,
            "description": "Only these fields of each row, with commas between them.",
            "style": "form",
            "explode": False,
            "schema": {
                "type": "array",
                "items": {"enum": names, "type": "string"},
                "minItems": 1,
                "uniqueItems": True,
            },
            "example": names[:2],
        }
    )
    content["schema"] = {"anyOf": [content["schema"], {"$ref": "#/components/schemas/ChosenFields"}]}


_CHOSEN = {
    "title": "ChosenFields",
    "description": "A page of a list of which `fields` chose some fields: rows as they are listed, with those alone.",
    "type": "object",
    "required": ["data", "next_cursor"],
    "additionalProperties": False,
    "properties": {
        "data": {"type": "array", "items": {"type": "object"}},
        "next_cursor": {"type": ["string", "null"], "description": "As of the list.", "examples": [None]},
    },
}


def _complete(method: str, operation: dict[str, Any]) -> None:
    """What holds for every operation of its kind: security, headers, problems, examples."""
    write = method != "get"
    allowed = access.of(operation["operationId"])
    public = allowed.public
    operation["security"] = allowed.security()
    operation["description"] = f"{operation['description'].rstrip()}\n\n{allowed.needs()}"
    codes = [*ALWAYS, *(() if public else WITH_KEY)]
    parameters = operation.setdefault("parameters", [])
    if write:
        parameters.append(_IDEMPOTENCY)
        codes += [*WRITES, *_refusals(operation["operationId"])]
    if any(parameter["in"] == "path" for parameter in parameters):
        codes.append("not_found")
    if operation["operationId"] in ("export_backtest", "export_simulation"):
        codes.append("wrong_state")
    if operation["operationId"] == "diff_program" or operation["tags"] == ["Me"]:
        codes.append("not_found")
    if any(parameter["name"] == "cursor" for parameter in parameters):
        codes.append("bad_cursor")
    for parameter in parameters:
        parameter["schema"] = _sent(parameter["schema"])
    responses = operation["responses"]
    leads = links(operation["operationId"])
    for status, response in list(responses.items()):
        responses[str(status)] = responses.pop(status)
        if leads:
            response["links"] = leads
        if not public:
            response["headers"] = _headers("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
            if write:
                response["headers"] |= _headers("Idempotency-Replayed")
    if not write and not public and answers.TAGGED & responses.get("200", {}).get("content", {}).keys():
        parameters.append(_KNOWN)
        responses["200"]["headers"] |= _headers("ETag")
        same = "Not changed since the answer with that ETag."
        responses["304"] = {"description": same, "headers": _headers("ETag")}
    if operation["operationId"] in ACTS and "202" in responses:
        responses["200"]["description"] = "Recorded and applied."
        responses["202"]["description"] = "Recorded; the engine comes to it: it is busy, or `wait=false`."
    if operation["operationId"].startswith("record_"):
        responses["200"]["description"] = "Recorded and applied (`wait=true`)."
        responses["202"]["description"] = (
            "Recorded; the worker applies it. With `wait=true`, the engine was too busy to wait for."
        )
    if operation["operationId"] == "publish_program":
        responses["200"]["description"] = "The newest version says the same; it is live, or goes live when it is to."
        responses["201"]["description"] = "Published as a new version, and live."
        responses["202"]["description"] = "Published; it goes live when the engine, busy now, comes to it."
    if operation["operationId"] == "save_draft":
        responses["200"]["description"] = "The open draft of the program, as it is now."
        responses["201"]["description"] = "A new draft."
    if operation["operationId"] == "publish_draft":
        responses["202"]["description"] = "Published; it goes live when the engine, busy now, comes to it."
    by_status: dict[int, list[str]] = {}
    for code, kind in problems.KINDS.items():
        if code in codes:
            by_status.setdefault(kind.status, []).append(code)
    for status, some in sorted(by_status.items()):
        responses[str(status)] = {
            "$ref": f"#/components/responses/Problem{status}",
            "description": _described(status, some),
        }


def _refusals(operation: str) -> list[str]:
    """The problems that a write has of its own."""
    if operation == "erase_participant":
        return ["engine_busy"]
    if operation in ("pause_program", "resume_program", "end_program"):
        return ["wrong_state", "engine_busy"]
    if operation == "save_draft":
        return ["invalid_program", "malformed_yaml", "wrong_state"]
    if operation.endswith("_draft"):
        return ["invalid_program", "wrong_state"]
    if operation == "publish_program":
        return ["invalid_program", "malformed_yaml", "wrong_state"]
    if operation == "split_participant":
        return ["wrong_state"]
    if operation in ("create_link", "update_link"):
        return []
    if operation == "create_my_link":
        return ["too_many_links"]
    if operation in ACTS | OWN_ACTS:
        return []
    if operation in ("create_key", "rotate_key", "revoke_key"):
        return {"create_key": ["too_many_keys"], "rotate_key": ["wrong_state"], "revoke_key": []}[operation]
    if operation == "create_import":
        return ["invalid_mapping", "invalid_file", "malformed_form", "too_many_jobs"]
    if operation == "act_on_import":
        return ["wrong_state", "too_many_jobs"]
    if operation in ("cancel_backtest", "cancel_simulation"):
        return ["wrong_state"]
    if operation in ("create_backtest", "create_simulation"):
        return ["invalid_program", "too_many_jobs"]
    return ["invalid_program", "malformed_yaml"] if "program" in operation else ["invalid_events"]


def _described(status: int, codes: Iterable[str]) -> str:
    return f"{_WORDS[status]}: {', '.join(f'`{code}`' for code in codes)}."


def _sent(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a parameter as it is sent: one that is left out is not null."""
    kept = {name: value for name, value in schema.items() if name not in ("title", "description", "anyOf")}
    for inner in schema.get("anyOf", ()):
        if inner.get("type") != "null":
            kept.update(inner)
    return kept


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


_IDEMPOTENCY = {
    "name": idempotency.HEADER,
    "in": "header",
    "required": False,
    "description": "Makes a repeat of this very request safe for 24 hours: it gets the first answer again.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": idempotency.MAX_KEY,
        "pattern": r"^[\x20-\x7e]+$",
        "examples": ["4f2c9a6e-order-123"],
    },
}


_KNOWN = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "`ETag` of an earlier answer: 304 without a body where nothing changed.",
    "schema": {"type": "string", "examples": ['"4f2c9a6e1b7d40a0b0c1d2e3f4a5b6c7"']},
}


def _problem(status: int) -> dict[str, Any]:
    kinds = {code: kind for code, kind in problems.KINDS.items() if kind.status == status}
    names = _PROBLEM_HEADERS.get(status, [])
    return {
        "description": _described(status, kinds),
        **({"headers": _headers(*names)} if names else {}),
        "content": {
            problems.MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {
                    code: {
                        "summary": kind.title,
                        "value": {
                            "type": f"/docs#problem-{code}",
                            "title": kind.title,
                            "status": kind.status,
                            "code": code,
                            "detail": kind.advice,
                        },
                    }
                    for code, kind in kinds.items()
                },
            }
        },
    }


def _problem_schemas() -> dict[str, Any]:
    schema = shapes.ProblemShape.model_json_schema(ref_template=schemas.REF)
    fault = schema.pop("$defs")["FaultShape"]
    schema["properties"]["errors"] = {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Fault"},
        "description": "Every fault found, where there are several or they have a place.",
    }
    schema["properties"]["code"]["enum"] = list(problems.KINDS)
    for name in ("pointer", "parameter"):
        written = fault["properties"][name]
        fault["properties"][name] = {
            "type": "string",
            "description": written["description"],
            "examples": written["examples"],
        }
    schema["title"], fault["title"] = "Problem", "Fault"
    return {"Problem": schema, "Fault": fault}
