"""Keys and token secrets: list, make, rotate, revoke. What opens doors is shown once, and kept nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.params.functions import Query
from pydantic import Field

from goodword.api import body, params, sent
from goodword.api.key_shapes import Key, KeyList, KeyMade
from goodword.api.keys import caller
from goodword.api.paging import page
from goodword.api.params import inner
from goodword.api.problems import Fault, Refusal, not_found
from goodword.api.sent import Sent
from goodword.domain import ids, scopes
from goodword.domain.events import parse_time
from goodword.insight.numbers import written
from goodword.store import keys, tenancy
from goodword.store.models import ApiKey

router = Router(tags=["Keys"])

ID = params.id_path("key", "key")


class SentKey(Sent):
    """A key to be made."""

    name: sent.Name = Field(description="Who uses it.")
    kind: Literal["secret", "publishable", "token"] = Field(
        "secret", description="`secret`: for servers; `publishable`: for pages; `token`: signs participant tokens."
    )
    scopes: list[Annotated[str, Field(max_length=64)]] | None = Field(
        None, description="Of a secret key: `all`, or some. Left out: those of the key that asks.", max_length=50
    )
    origins: list[Annotated[str, Field(max_length=200)]] | None = Field(
        None,
        description="Of the other kinds: where browsers may use it, such as `https://shop.example`, or `*`.",
        max_length=keys.MAX_ORIGINS,
    )
    expires_at: sent.Moment | None = Field(None, description="When it ends; left out: when it is revoked.")


class SentRotation(Sent):
    """How a key is rotated."""

    overlap_seconds: Annotated[int, Field(ge=0, le=int(keys.MAX_OVERLAP.total_seconds()))] = Field(
        int(keys.OVERLAP.total_seconds()), description="How long the old one lives on."
    )


class SentNothing(Sent):
    """Nothing more to say."""


@router.get("", response=KeyList, operation_id="list_keys", summary="List keys")
def list_keys(
    request: HttpRequest,
    kind: Literal["secret", "publishable", "token"] | None = Query(None, description="Only those of this kind."),
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """Every key and token secret of the workspace, the newest first, ended ones too. None of them can be read again."""
    workspace_id = caller(request).workspace_id
    with tenancy.workspace(workspace_id):
        query = ApiKey.objects.filter(workspace_id=workspace_id)
        return page(
            query.filter(kind=kind) if kind else query,
            shown,
            workspace_id=workspace_id,
            route="keys",
            filters={"kind": kind},
            limit=limit,
            cursor=cursor,
        )


@router.post(
    "",
    response={201: KeyMade},
    operation_id="create_key",
    summary="Make a key",
    openapi_extra=sent.body_of(
        SentKey,
        server=("A key for a server that sends events", {"name": "web shop", "scopes": ["events:write"]}),
        page=(
            "A key for a page",
            {"name": "shop pages", "kind": "publishable", "origins": ["https://shop.example"]},
        ),
        token=("A secret that signs participant tokens", {"name": "shop login", "kind": "token"}),
    ),
)
def create_key(request: HttpRequest) -> Any:
    """Make a key of any kind. `key` is the text to send as `Authorization: Bearer …` or, of a token secret, to sign
    with; `id` is then the `kid`. It is shown this once: a repeat with the same Idempotency-Key answers `key: null`.

    A key gives no more than it has: the new one's scopes are among its own.
    """
    who = caller(request)
    asked = sent.read(request, SentKey)
    for name, wrong in (("scopes", asked.kind != "secret"), ("origins", asked.kind == "secret")):
        if wrong and getattr(asked, name) is not None:
            detail = f"a key of the kind {asked.kind} has no {name}"
            raise Refusal("invalid_request", errors=[Fault("not_of_this_kind", detail, pointer=f"/{name}")])
    try:
        wanted = scopes.read(asked.scopes if asked.scopes is not None else who.scopes)
        _give_no_more(who.scopes, wanted if asked.kind == "secret" else ())
        made, text = keys.create_key(
            who.workspace_id,
            asked.name,
            kind=asked.kind,
            scope=wanted,
            origins=asked.origins or (),
            expires_at=parse_time(asked.expires_at) if asked.expires_at else None,
        )
    except scopes.BadScopes as error:
        raise Refusal("invalid_request", errors=[Fault(error.code, str(error), pointer="/scopes")]) from None
    except keys.BadKey as error:
        raise Refusal("invalid_request", errors=[Fault(error.code, str(error), pointer=f"/{error.field}")]) from None
    except keys.TooManyKeys as error:
        raise Refusal("too_many_keys", str(error)) from None
    return _told_once(201, shown(made), text)


@router.get("/{key_id}", response=Key, operation_id="get_key", summary="Get a key")
def get_key(request: HttpRequest, key_id: str = ID) -> Any:
    """One key, without its text."""
    workspace_id, known = caller(request).workspace_id, inner("key", key_id, "key")
    with tenancy.workspace(workspace_id):
        row = ApiKey.objects.filter(workspace_id=workspace_id, id=known).first()
    if row is None:
        raise not_found("key", key_id, "key")
    return shown(row)


@router.post(
    "/{key_id}/rotate",
    response={201: KeyMade},
    operation_id="rotate_key",
    summary="Rotate a key",
    openapi_extra=sent.body_of(
        SentRotation,
        required=False,
        day=("The old one lives for a day", {}),
        now=("The old one ends now", {"overlap_seconds": 0}),
    ),
)
def rotate_key(request: HttpRequest, key_id: str = ID) -> Any:
    """Make a key that takes the place of this one, with the same name, scopes and origins. The old one lives for
    `overlap_seconds` more, a day unless said otherwise, so that both work while the new one is put in place. A key that
    has an end gets one of the same length anew.
    """
    who = caller(request)
    known, asked = inner("key", key_id, "key"), sent.read(request, SentRotation)
    _within(who, known, key_id)
    try:
        _, made, text = keys.rotate_key(who.workspace_id, known, timedelta(seconds=asked.overlap_seconds))
    except keys.NoSuchKey:
        raise not_found("key", key_id, "key") from None
    except keys.NotRotatable as error:
        raise Refusal("wrong_state", str(error)) from None
    return _told_once(201, shown(made), text)


@router.post(
    "/{key_id}/revoke",
    response=Key,
    operation_id="revoke_key",
    summary="Revoke a key",
    openapi_extra=sent.body_of(SentNothing, required=False, act=("Nothing more to say", {})),
)
def revoke_key(request: HttpRequest, key_id: str = ID) -> Any:
    """From now on requests with it, or with tokens that it signed, are refused. Revoking it again changes nothing."""
    who = caller(request)
    known = inner("key", key_id, "key")
    sent.read(request, SentNothing)
    _within(who, known, key_id)
    try:
        return shown(keys.revoke_key(who.workspace_id, known))
    except keys.NoSuchKey:
        raise not_found("key", key_id, "key") from None


def _within(who: Any, known: str, key_id: str) -> None:
    """Refuse to act on a key that may more than the caller's. Raises `Refusal`."""
    with tenancy.workspace(who.workspace_id):
        row = ApiKey.objects.filter(workspace_id=who.workspace_id, id=known).only("scopes", "workspace_id").first()
    if row is None:
        raise not_found("key", key_id, "key")
    _give_no_more(who.scopes, row.scopes.split())


def _give_no_more(held: frozenset[str], wanted: Any) -> None:
    if missing := scopes.lacking(held, wanted):
        raise Refusal("missing_scope", f"This key does not have {', '.join(missing)}, and cannot give or take it.")


def _told_once(status: int, key: Mapping[str, Any], text: str) -> HttpResponse:
    """The answer with the key's text, and beside it what may be kept of it."""
    answer = HttpResponse(written({**key, "key": text}, orjson.OPT_UTC_Z), status=status, content_type=body.JSON)
    answer.goodword_kept = written({**key, "key": None}, orjson.OPT_UTC_Z)  # type: ignore[attr-defined]
    return answer


def shown(row: ApiKey) -> dict[str, Any]:
    """A key as the API shows it."""
    return {
        "id": ids.public("key", row.id),
        "kind": row.kind,
        "name": row.name,
        "hint": row.hint,
        "scopes": row.scopes.split(),
        "origins": row.origins.split(),
        "state": "revoked" if row.revoked_at else "expired" if keys.expired(row) else "active",
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "last_used_at": row.last_used_at,
        "revoked_at": row.revoked_at,
        "replaced_by": ids.public("key", row.replaced_by_id) if row.replaced_by_id else None,
    }
