"""Participant tokens, read strictly: everything but an HS256 token for the workspace that is in its time is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import jwt
import pytest

from goodword.api import tokens

NOW = 1_800_000_000.0
SECRET = "gw_ts_" + "s" * 60
WS, KID = "ws_01jq8x5e4me8k9d3v0h2r6t7wy", "key_01jq8x5e4me8k9d3v0h2r6t7wy"
CLAIMS: dict[str, Any] = {"sub": "u1", "aud": WS, "iat": int(NOW), "exp": int(NOW) + 3600}


def signed(header: dict[str, Any] | None = None, *, secret: str = SECRET, **claims: Any) -> str:
    """A token; a claim or header of None is left out."""
    said = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    head = {name: value for name, value in {"alg": "HS256", "kid": KID, **(header or {})}.items() if value is not None}
    return raw(json.dumps(head), json.dumps(said), secret)


def raw(head: str, claims: str, secret: str = SECRET) -> str:
    text = b".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=") for part in (head, claims))
    mark = base64.urlsafe_b64encode(hmac.digest(secret.encode(), text, "sha256")).rstrip(b"=")
    return (text + b"." + mark).decode()


def read(text: str, now: float = NOW) -> tokens.Person:
    audience, kid = tokens.addressed(text)
    assert (audience, kid) == (WS, KID)
    return tokens.read(text, SECRET, audience, now)


def refused(text: str, now: float = NOW) -> str:
    with pytest.raises(tokens.BadToken) as caught:
        read(text, now)
    return str(caught.value)


def test_a_token_names_a_person_and_what_the_host_says_of_them() -> None:
    assert read(signed()) == tokens.Person("u1")
    assert read(signed(email="ada@example.com", name="Ada")) == tokens.Person("u1", "ada@example.com", "Ada")
    usual = jwt.encode(CLAIMS, SECRET, algorithm="HS256", headers={"kid": KID})
    assert read(usual) == tokens.Person("u1"), "as any JWT library makes it"


@pytest.mark.parametrize("alg", ["none", "None", "HS384", "RS256", "ES256", "hs256", None, 7])
def test_no_other_algorithm_is_believed(alg: Any) -> None:
    assert "HS256" in refused(signed({"alg": alg}))


def test_an_unsigned_token_is_refused() -> None:
    head, claims, _ = signed({"alg": "none"}).split(".")
    assert "three parts" in refused(f"{head}.{claims}.")
    head, claims, _ = signed().split(".")
    assert "three parts" in refused(f"{head}.{claims}.")
    assert "signature" in refused(f"{head}.{claims}.AAAA")


def test_a_token_of_another_secret_is_refused() -> None:
    assert "signature" in refused(signed(secret="gw_ts_" + "t" * 60))
    public = hashlib.sha256(b"a key that everybody knows").hexdigest()
    assert "signature" in refused(signed(secret=public))


def test_claims_that_were_changed_after_signing_are_refused() -> None:
    head, _, mark = signed().split(".")
    _, other, _ = signed(sub="u2").split(".")
    assert "signature" in refused(f"{head}.{other}.{mark}")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ({"kid": None}, "kid"),
        ({"kid": "1"}, "kid"),
        ({"kid": [KID]}, "kid"),
        ({"kid": "../../etc/passwd"}, "kid"),
        ({"crit": ["exp"]}, "alg, typ and kid"),
        ({"jku": "https://evil.example/keys"}, "alg, typ and kid"),
        ({"jwk": {"kty": "oct"}}, "alg, typ and kid"),
        ({"typ": "at+jwt"}, "alg, typ and kid"),
    ],
)
def test_the_header_says_the_secret_and_nothing_that_would_be_followed(header: dict[str, Any], said: str) -> None:
    assert said in refused(signed(header))


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"aud": None}, "aud"),
        ({"aud": [WS]}, "aud"),
        ({"aud": "goodword"}, "aud"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": "  "}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "x" * 201}, "sub"),
        ({"sub": "a\0b"}, "sub"),
        ({"exp": None}, "exp"),
        ({"exp": "soon"}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": 10**400}, "exp"),
        ({"iat": "then"}, "iat"),
        ({"nbf": []}, "nbf"),
        ({"email": "nobody"}, "email"),
        ({"email": 1}, "email"),
        ({"name": "x" * 201}, "name"),
        ({"name": {}}, "name"),
    ],
)
def test_a_claim_that_is_missing_or_odd_is_named(claims: dict[str, Any], said: str) -> None:
    assert said in refused(signed(**claims))


def test_time_is_held_on_both_sides_with_a_little_leeway() -> None:
    ends = CLAIMS["exp"]
    assert read(signed(), ends + tokens.LEEWAY - 1)
    with pytest.raises(tokens.ExpiredToken):
        read(signed(), ends + tokens.LEEWAY)
    assert read(signed(iat=int(NOW) + tokens.LEEWAY))
    assert "future" in refused(signed(iat=int(NOW) + tokens.LEEWAY + 1))
    assert read(signed(nbf=int(NOW) + tokens.LEEWAY))
    assert "not valid yet" in refused(signed(nbf=int(NOW) + tokens.LEEWAY + 1))


def test_a_token_lives_a_day_at_most() -> None:
    most = tokens.MAX_LIFETIME + tokens.LEEWAY
    assert read(signed(exp=int(NOW) + most))
    assert "lives too long" in refused(signed(exp=int(NOW) + most + 1))
    assert read(signed(iat=None, exp=int(NOW) + most))
    assert "lives too long" in refused(signed(iat=None, exp=int(NOW) + most + 1))
    assert "lives too long" in refused(signed(iat=int(NOW) - 80_000, exp=int(NOW) + most))


@pytest.mark.parametrize(
    "text",
    [
        "a.b", "a.b.c.d", "..", "a b.c.d", "é.é.é", "x" * 5_000, "W10.W10.AA", "bnVsbA.bnVsbA.AA", "e30.e30.AA",
        raw('{"alg":"HS256","alg":"HS256","kid":"k"}', "{}"), raw("[" * 2_000, "{}"), raw('{"alg":"HS256"', "{}"),
    ],
)  # fmt: skip
def test_what_is_no_token_is_refused(text: str) -> None:
    assert refused(text)


def test_a_token_has_a_length() -> None:
    longest = signed(note="")
    longest = signed(note="x" * ((tokens.MAX_TOKEN - len(longest)) * 3 // 4 - 3))
    assert len(longest) <= tokens.MAX_TOKEN
    assert read(longest)
    assert "characters" in refused(signed(note="x" * tokens.MAX_TOKEN))
