"""The keys' page: an owner makes a key, sees it once, rotates and revokes it; nobody else sees the page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from goodword.store import keys
from support.browsing import Page, logged_in

WHERE = "/w/test/keys/"


def shown(answer: object) -> tuple[str, str]:
    """The key's text on an answer, and the whole page as text."""
    html = answer.content.decode()  # type: ignore[attr-defined]
    page = Page(html)
    assert page.forbidden == []
    found = re.search(r'id="made-key">([^<]+)<', html)
    return (found[1] if found else ""), page.text


def test_a_key_is_made_and_shown_once(visit: Client, workspace: str) -> None:
    assert "No keys" in shown(visit.get(WHERE))[1]
    answer = visit.post(WHERE, {"name": "web shop", "kind": "secret", "scope": ["events:write", "rewards:read"]})
    text, page = shown(answer)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    found = keys.find_key(text)
    assert found is not None
    assert (found.key.name, found.key.scopes) == ("web shop", "events:write rewards:read")
    assert "Copy it now: it is not shown again." in page
    text_again, page = shown(visit.get(WHERE))
    assert text_again == ""
    assert text not in page
    assert f"web shop …{text[-4:]} Secret key events:write , rewards:read" in page


def test_a_page_key_and_a_token_secret_say_what_they_need(visit: Client, workspace: str) -> None:
    answer = visit.post(
        WHERE, {"name": "pages", "kind": "publishable", "origins": "https://shop.example\nhttps://x.example"}
    )
    assert shown(answer)[0].startswith("gw_pk_")
    text, page = shown(visit.post(WHERE, {"name": "login", "kind": "token", "ends": "2030-01-31"}))
    assert text.startswith("gw_ts_")
    assert "kid = key_" in page
    assert "aud = ws_" in page
    [_, secret] = keys.list_keys(workspace)
    assert secret.expires_at is not None
    assert secret.expires_at.isoformat().startswith("2030-01-31T23:59:59")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": " ", "kind": "secret"}, "A key's name has 1 to 200 characters"),
        ({"name": "a", "kind": "publishable"}, "names the origins it is used from"),
        ({"name": "a", "kind": "publishable", "origins": "shop"}, "is not an origin"),
        ({"name": "a", "kind": "secret", "scope": "evnts:write"}, "Did you mean events:write?"),
        ({"name": "a", "kind": "secret", "ends": "soon"}, "Give the last day as 2027-01-31."),
        ({"name": "a", "kind": "secret", "ends": "2001-01-01"}, "A key expires in the future"),
    ],
)
def test_what_cannot_be_made_is_told_and_kept_in_the_form(
    visit: Client, workspace: str, sent: dict[str, str], said: str
) -> None:
    answer = visit.post(WHERE, sent)
    assert answer.status_code == 422
    assert said in shown(answer)[1].replace("&#x27;", "'")
    assert keys.list_keys(workspace) == []
    assert visit.post(WHERE, {"name": "a", "kind": "master"}).status_code == 404


def test_a_key_is_rotated_and_revoked(visit: Client, workspace: str) -> None:
    first, _ = shown(visit.post(WHERE, {"name": "shop", "kind": "secret"}))
    made = re.search(r"keys/(key_\w+)/rotate/", visit.get(WHERE).content.decode())
    assert made
    second, page = shown(visit.post(f"{WHERE}{made[1]}/rotate/"))
    assert second.startswith("gw_sk_")
    assert second != first
    assert "Replaced until" in page
    again = visit.post(f"{WHERE}{made[1]}/rotate/", follow=True)
    assert "was rotated before" in shown(again)[1]
    assert "The key is revoked." in shown(visit.post(f"{WHERE}{made[1]}/revoke/", follow=True))[1]
    assert keys.find_key(first) is None
    assert keys.find_key(second) is not None
    for wrong in (f"{WHERE}key_x/revoke/", f"{WHERE}key_01jq8x5e4me8k9d3v0h2r6t7wy/revoke/"):
        assert visit.post(wrong).status_code == 404
    assert visit.get(f"{WHERE}{made[1]}/revoke/").status_code == 405


def test_only_an_owner_comes_here(hire: Callable[..., User], elsewhere: str) -> None:
    for role in ("manager", "finance", "support"):
        client = logged_in(hire(role))
        assert client.get(WHERE).status_code == 403
        assert client.post(WHERE, {"name": "a", "kind": "secret"}).status_code == 403
        assert "/w/test/keys/" not in client.get("/w/test/").content.decode()
    stranger = logged_in(hire("owner", where=elsewhere, email="other@example.com"))
    assert stranger.get(WHERE).status_code == 404
