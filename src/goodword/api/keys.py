"""Who asks: a key in `Authorization`, a participant token there or in `Goodword-Token`, and with it the one workspace
the request may see."""

from __future__ import annotations

import time
from base64 import b64decode
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django.http import HttpRequest
from ninja.security import HttpBearer

from goodword.api import tokens
from goodword.api.access import Access
from goodword.api.problems import Refusal
from goodword.api.tokens import Person
from goodword.domain import ids, scopes
from goodword.store import keys
from goodword.store.models import NAME, ApiKey
from goodword.store.rate_windows import Window, counted

REALM = 'Bearer realm="goodword"'
TOKEN_HEADER = "Goodword-Token"  # noqa: S105
MAX_KEY = 200
_BASIC = 400
PARTS = 256
"""Parts into which the participants of a token secret fall, each with a rate limit of its own: one person who asks
too often is in nobody's way but that part's."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The key of a request and its workspace (internal ids). `kind` is secret, publishable or token; `person` is whom a
    participant token names; `window` has how many requests there were with it, None where they are counted by the
    address that asks."""

    workspace_id: str
    key_id: str
    key_name: str
    kind: str
    scopes: frozenset[str]
    origins: frozenset[str]
    person: Person | None
    window: Window | None

    @property
    def by(self) -> str:
        """Who did something, as the log names them."""
        return f"key {self.key_name}"[:NAME]

    def may(self, scope: str | None) -> bool:
        """Whether the key's scopes allow what needs that one."""
        return self.kind == keys.SECRET and scopes.allows(self.scopes, scope)

    def check_scope(self, scope: str | None) -> None:
        """Raises `Refusal` missing_scope."""
        if not self.may(scope):
            raise Refusal("missing_scope", f"This key does not have the scope {scope}; make one that has it.")


def authenticate(request: HttpRequest, *, basic: bool = False, times: int = 1) -> Caller:
    """The caller, whose `times` requests are counted; with `basic` also one whose key is the user's name of Basic
    authentication. Raises `Refusal` missing_key, bad_key, expired_key, bad_token or expired_token."""
    given = request.headers.get("Authorization", "")
    scheme, _, text = given.partition(" ")
    text = text.strip()
    named = basic and scheme.lower() == "basic"
    if not (named or scheme.lower() == "bearer") or not text:
        raise Refusal("missing_key", headers={"WWW-Authenticate": REALM})
    if named:
        text = _user(text)
    beside = request.headers.get(TOKEN_HEADER)
    if not named and tokens.looks_like_one(text):
        if beside is not None:
            raise _unbelieved("bad_token", f"Send the token in Authorization or in {TOKEN_HEADER}, not in both.")
        return _with_token(text, None, times)
    found = keys.find_key(text, times) if len(text) <= MAX_KEY and text.isascii() else None
    if found is None:
        raise _unbelieved("bad_key")
    if keys.expired(found.key):
        raise _unbelieved("expired_key")
    if beside is None:
        return _caller(found.key, None, found.window)
    if found.key.kind != keys.PUBLISHABLE:
        raise _unbelieved("bad_token", f"{TOKEN_HEADER} goes with a publishable key; a secret key speaks for itself.")
    return _with_token(beside.strip(), found.key, times)


def _user(text: str) -> str:
    """The user's name of Basic authentication, '' where it is none; there is no password."""
    try:
        name, _, password = b64decode(text[:_BASIC], validate=True).decode("ascii").partition(":")
    except ValueError:
        return ""
    return name if not password else ""


def _with_token(text: str, key: ApiKey | None, times: int) -> Caller:
    """Whom a token names; `key` is the publishable key beside it, of the same workspace."""
    try:
        audience, kid = tokens.addressed(text)
        workspace_id, key_id = ids.internal("ws", audience), ids.internal("key", kid)
        if key is not None and str(key.workspace_id) != workspace_id:
            raise tokens.BadToken("The token's aud is another workspace than the key's.")
        found = keys.find_token_secret(workspace_id, key_id)
        if found is None or keys.expired(found[0]):
            raise tokens.BadToken("The token's kid names no token secret of the workspace that is in use.")
        secret, signed_with = found
        person = tokens.read(text, signed_with, audience, time.time())
    except tokens.ExpiredToken as error:
        raise _unbelieved("expired_token", str(error)) from None
    except (tokens.BadToken, ids.BadId) as error:
        raise _unbelieved("bad_token", str(error)) from None
    part = hash_of(person.external_id) % PARTS
    return _caller(key or secret, person, counted(workspace_id, str(uuid5(UUID(key_id), str(part))), times))


def hash_of(text: str) -> int:
    """A number that is the same in every process."""
    return uuid5(UUID(int=0), text).int


def _caller(key: ApiKey, person: Person | None, window: Window | None) -> Caller:
    return Caller(
        str(key.workspace_id),
        str(key.id),
        key.name,
        key.kind,
        frozenset(key.scopes.split()),
        frozenset(key.origins.split()),
        person,
        window,
    )


def _unbelieved(code: str, detail: str = "") -> Refusal:
    return Refusal(code, detail, headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'})


def admit(who: Caller, access: Access) -> None:
    """Whether the caller may ask this. Raises `Refusal` missing_scope or wrong_key."""
    if who.person is not None:
        allowed = access.person or (access.publishable and who.kind == keys.PUBLISHABLE)
    elif who.kind == keys.PUBLISHABLE:
        allowed = access.publishable
    else:
        allowed = access.secret
        if allowed:
            who.check_scope(access.scope or None)
    if not allowed:
        raise Refusal("wrong_key", access.needs())


def caller(request: HttpRequest) -> Caller:
    """The caller that the door has let in."""
    found: Caller = request.goodword_caller  # type: ignore[attr-defined]
    return found


def person(request: HttpRequest) -> Person:
    """Whom the caller's token names."""
    found = caller(request).person
    assert found is not None, "the door lets nobody in here without a token"
    return found


class AnyKey(HttpBearer):
    """Tells the description of the API that a route asks who calls; the door has checked it already."""

    openapi_bearerFormat = "gw_sk_…"

    def __call__(self, request: HttpRequest) -> Any:
        return caller(request)

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Never asked: see `__call__`."""
        raise AssertionError("the door authenticates")
