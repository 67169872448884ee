"""The settings of a workspace on a page: seen by those who may publish, changed by owners, wrong values said beside."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings

from goodword.store import tenancy, workspaces
from goodword.store.models import Workspace
from support.browsing import Page, logged_in

PATH = "/w/test/settings/"
GOOD = {
    "name": "Test Trading",
    "domain": "Go.Example.com",
    "fallback": "https://www.example.com/",
    "cookie": "always",
    "privacy_signals": "ignore",
    "ip_hash_days": "7",
    "raw_ip_days": "3",
    "clicks_days": "365",
}


def row(workspace: str) -> Workspace:
    with tenancy.workspace(workspace):
        return Workspace.objects.get(id=workspace)


def test_an_owner_changes_them_and_they_stay(visit: Client, story: str) -> None:
    first = Page(visit.get(PATH).content.decode())
    assert "Nobody has changed the settings yet." in first.text
    assert 'value="30"' in first.html
    assert "Visitors are shown the code." in first.text, "where the programs' links lead"
    answer = visit.post(PATH, GOOD, follow=True)
    assert "The settings are saved." in answer.content.decode()
    now = row(story)
    assert (now.name, now.domain) == ("Test Trading", "go.example.com")
    assert now.settings == {
        "fallback": "https://www.example.com/",
        "cookie": "always",
        "privacy_signals": "ignore",
        "ip_hash_days": 7,
        "raw_ip_days": 3,
        "clicks_days": 365,
    }
    html = visit.get(PATH).content.decode()
    said = Page(html).text
    assert "Name: Test → Test Trading" in said
    assert "Days for which the IP address itself is kept: 0 → 3" in said
    assert "Cookie that knows a browser again: Where the visitor agreed → Always" in said
    assert "owner@example.com · on this page" in said
    for shown in ('value="go.example.com"', 'value="365"', '<option value="always" selected>'):
        assert shown in html
    assert visit.post(PATH, GOOD | {"domain": "", "fallback": ""}).status_code == 302
    assert (row(story).domain, "fallback" in row(story).settings) == (None, False)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "A name has 1 to 200 characters."),
        ("domain", "https://go.example.com", "A host&#x27;s name without https://"),
        ("domain", "go.example.com:8000", "A host&#x27;s name without https://"),
        ("domain", "links.example.org", "server&#x27;s own name"),
        ("domain", "taken.example.com", "another workspace&#x27;s short domain"),
        ("fallback", "javascript:alert(1)", "An address begins with https://"),
        ("cookie", "sometimes", "Choose one of these."),
        ("privacy_signals", "", "Choose one of these."),
        ("ip_hash_days", "91", "A whole number from 1 to 90."),
        ("raw_ip_days", "-1", "A whole number from 0 to 90."),
        ("clicks_days", "²", "A whole number from 30 to 3660."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(
    visit: Client, workspace: str, elsewhere: str, field: str, value: str, words: str
) -> None:
    workspaces.configure(elsewhere, {"short_domain": "taken.example.com"}, by="test", door="cli")
    before = row(workspace)
    with override_settings(PUBLIC_URL="https://links.example.org"):
        answer = visit.post(PATH, GOOD | {field: value})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert words in html
    assert html.count('aria-invalid="true"') == 1
    after = row(workspace)
    assert (after.name, after.domain, after.settings) == (before.name, before.domain, before.settings)


@pytest.mark.parametrize(
    ("role", "sees", "changes"),
    [("owner", 200, 302), ("manager", 200, 403), ("finance", 403, 403), ("support", 403, 403)],
)
def test_who_may(workspace: str, hire: Callable[..., User], role: str, sees: int, changes: int) -> None:
    client = logged_in(hire(role))
    assert (client.get(PATH).status_code, client.post(PATH, GOOD).status_code) == (sees, changes)
    menu = client.get("/w/test/").content.decode()
    assert (f'href="{PATH}"' in menu) == (sees == 200)
    assert client.delete(PATH).status_code == 405


def test_nobody_from_elsewhere(workspace: str, hire: Callable[..., User], elsewhere: str) -> None:
    assert logged_in(hire("owner", where=elsewhere)).get(PATH).status_code == 404
