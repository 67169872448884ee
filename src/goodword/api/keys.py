"""Who asks: the secret key in `Authorization`, and with it the one workspace the request may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from goodword.api.problems import Refusal
from goodword.store import keys

REALM = 'Bearer realm="goodword"'
MAX_KEY = 200


@dataclass(frozen=True, slots=True)
class Caller:
    """The key of a request and its workspace (internal ids)."""

    workspace_id: str
    key_id: str
    key_name: str


def authenticate(request: HttpRequest) -> Caller:
    """The caller. Raises `Refusal` missing_key or bad_key."""
    given = request.headers.get("Authorization", "")
    scheme, _, token = given.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refusal("missing_key", headers={"WWW-Authenticate": REALM})
    found = keys.find_key(token.strip()) if len(token) <= MAX_KEY and token.isascii() else None
    if found is None:
        raise Refusal("bad_key", headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'})
    return Caller(str(found.workspace_id), str(found.id), found.name)


def caller(request: HttpRequest) -> Caller:
    """The caller that the door has let in."""
    found: Caller = request.goodword_caller  # type: ignore[attr-defined]
    return found


class SecretKey(HttpBearer):
    """Tells the description of the API that a route needs a key; the door has checked it already."""

    openapi_bearerFormat = "gw_sk_…"

    def __call__(self, request: HttpRequest) -> Any:
        return caller(request)

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Never asked: see `__call__`."""
        raise AssertionError("the door authenticates")
