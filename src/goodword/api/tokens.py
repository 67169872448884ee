"""Participant tokens: a JWT that the host signs with a token secret of its workspace and that names one person.

Read strictly: HS256 and nothing else, with `kid`, `aud` (the workspace's id), `sub` (the person's external id) and an
`exp` that is not far away. What is wrong is told as far as it helps the host's developer and nobody else.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

MAX_TOKEN = 4_000
"""Characters of a token."""
MAX_LIFETIME = 86_400
"""Seconds from when a token is signed, or now, to its end."""
LEEWAY = 60
"""Seconds by which the host's clock may differ from ours."""
MAX_SUBJECT = 200
"""Characters of `sub`."""
HEADER = frozenset({"alg", "typ", "kid"})
PART = re.compile(r"[A-Za-z0-9_-]+")
KID = re.compile(r"key_[0-7][0-9a-hjkmnp-tv-z]{25}")
AUDIENCE = re.compile(r"ws_[0-7][0-9a-hjkmnp-tv-z]{25}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class BadToken(ValueError):
    """A token that is not to be believed. The message says what is wrong with it."""


class ExpiredToken(BadToken):
    """A token whose time is over."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a token names, and what its signer says of them; '' is nothing."""

    external_id: str
    email: str = ""
    name: str = ""


def looks_like_one(text: str) -> bool:
    """Whether this has the three parts of a JWT."""
    return text.count(".") == 2


def addressed(text: str) -> tuple[str, str]:
    """What an unverified token says of itself: the workspace (`aud`) and the secret (`kid`), as public ids. Raises
    `BadToken`."""
    if len(text) > MAX_TOKEN:
        raise BadToken(f"The token has over {MAX_TOKEN:,} characters.")
    parts = text.split(".")
    if len(parts) != 3 or not all(PART.fullmatch(part) for part in parts):
        raise BadToken("The token is not a JWT of three parts.")
    header, claims = _object(parts[0], "header"), _object(parts[1], "claims")
    if header.get("alg") != "HS256":
        raise BadToken("The token must be signed with HS256.")
    if header.get("typ", "JWT") not in ("JWT", "jwt") or not HEADER.issuperset(header):
        raise BadToken("The token's header may have alg, typ and kid.")
    kid, audience = header.get("kid"), claims.get("aud")
    if not isinstance(kid, str) or not KID.fullmatch(kid):
        raise BadToken("The token's header needs kid, the id of the token secret (key_…).")
    if not isinstance(audience, str) or not AUDIENCE.fullmatch(audience):
        raise BadToken("The token needs aud, the id of the workspace (ws_…), as one text.")
    return audience, kid


def read(text: str, secret: str, audience: str, now: float) -> Person:
    """Whom a token that `addressed` has read names, when `secret` signed it for that audience and its time has come and
    is not over. `now` is seconds since 1970. Raises `BadToken`."""
    try:
        claims = jwt.decode(
            text,
            secret,
            algorithms=["HS256"],
            audience=audience,
            options={
                "require": ["exp", "aud", "sub"],
                "verify_exp": False,  # reckoned below, with the others and with one clock
                "verify_nbf": False,
                "verify_iat": False,
                "verify_sub": False,
            },
        )
    except jwt.InvalidSignatureError:
        raise BadToken("The token's signature is not that of its secret.") from None
    except jwt.InvalidTokenError as error:
        raise BadToken(f"The token cannot be read: {error}.") from None
    _in_time(claims, now)
    return Person(_subject(claims.get("sub")), _email(claims.get("email")), _name(claims.get("name")))


def _in_time(claims: Mapping[str, Any], now: float) -> None:
    ends = _moment(claims, "exp")
    begins = _moment(claims, "iat") if "iat" in claims else now
    if begins > now + LEEWAY:
        raise BadToken("The token was signed in the future (iat): check the signer's clock.")
    if "nbf" in claims and _moment(claims, "nbf") > now + LEEWAY:
        raise BadToken("The token is not valid yet (nbf).")
    if ends <= now - LEEWAY:
        raise ExpiredToken("The token has expired: sign a new one.")
    if ends - begins > MAX_LIFETIME + LEEWAY:
        raise BadToken(f"The token lives too long: exp is at most {MAX_LIFETIME // 3600} hours after iat.")


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 2**60:
        raise BadToken(f"The token's {name} must be a number of seconds since 1970.")
    return float(value)


def _subject(value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_SUBJECT or value.isspace() or not _plain(value):
        raise BadToken(f"The token needs sub, the person's external id: a text of 1 to {MAX_SUBJECT} characters.")
    return value


def _email(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 254 or not EMAIL.fullmatch(value) or not _plain(value):
        raise BadToken("The token's email must be an e-mail address.")
    return value


def _name(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > MAX_SUBJECT or not _plain(value):
        raise BadToken(f"The token's name must be a text of at most {MAX_SUBJECT} characters.")
    return value


def _plain(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _object(part: str, what: str) -> dict[str, Any]:
    try:
        value = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise BadToken(f"The token's {what} cannot be read.") from None
    if not isinstance(value, dict):
        raise BadToken(f"The token's {what} must be a JSON object.")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found
