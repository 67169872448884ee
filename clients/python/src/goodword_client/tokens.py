"""Participant tokens, which your server signs so that a page or an app of yours may speak for one person."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping


def sign_participant_token(
    secret: str,
    *,
    kid: str,
    workspace: str,
    external_id: str,
    lifetime: int = 3600,
    email: str | None = None,
    name: str | None = None,
    now: float | None = None,
) -> str:
    """A JWT (RFC 7519, HS256) that names one person. On your server only: the secret never leaves it.

    `secret` and its id `kid` (key_…) are those of a token secret, `workspace` is its id (ws_…), `external_id` is your
    id of the person, `lifetime` is in seconds (at most a day), `now` in seconds since 1970.
    """
    issued = int(time.time() if now is None else now)
    claims: dict[str, object] = {"aud": workspace, "sub": external_id, "iat": issued, "exp": issued + lifetime}
    claims |= {key: value for key, value in (("email", email), ("name", name)) if value is not None}
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{_part(claims)}"
    return f"{signed}.{_encoded(hmac.digest(secret.encode(), signed.encode(), hashlib.sha256))}"


def _part(value: Mapping[str, object]) -> str:
    return _encoded(json.dumps(value, separators=(",", ":")).encode())


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
