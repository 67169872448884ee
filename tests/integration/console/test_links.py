"""A participant's links on a page: seen by everybody, made and changed by those who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client

from goodword.domain import ids
from goodword.engine import programs, replay
from goodword.store import tenancy
from goodword.store.clicks import INSERT, Click, values
from goodword.store.models import Event, Link, Participant
from goodword.store.sql import execute
from support.browsing import Page, logged_in

PROGRAM = "credit-after-threshold"


def of(workspace: str, name: str) -> str:
    with tenancy.workspace(workspace):
        return ids.public("par", Participant.objects.get(workspace_id=workspace, external_id=name).id)


@pytest.fixture
def path(story: str) -> str:
    return f"/w/test/participants/{of(story, 'ada')}/links/"


def ada(workspace: str) -> Link:
    with tenancy.workspace(workspace):
        return Link.objects.get(workspace_id=workspace, code="ada")


def step(path: str, link: Link, verb: str) -> str:
    return f"{path}{ids.public('lnk', link.id)}/{verb}/"


def test_a_page_shows_each_link_with_its_address_and_what_clicked_it(visit: Client, story: str, path: str) -> None:
    kinds = ["visit", "visit", "preview", "bot", "bot", "bot"]
    now = datetime(2026, 3, 1, tzinfo=UTC)
    rows = [
        Click(ids.derive(now, str(n)), str(ada(story).id), now, kind, "phone", "", "", "", {}, None, None, None)
        for n, kind in enumerate(kinds)
    ]
    with tenancy.workspace(story):
        execute(INSERT, values(story, rows))
    answer = visit.get(path)
    page = Page(answer.content.decode())
    assert "Visits 2 Previews 1 Bots 3" in page.text
    assert 'value="http://127.0.0.1:8000/r/ada"' in page.html
    assert "No link yet" in page.text, "of the other programs that run"
    assert [bad for bad in page.forbidden if not bad.startswith("http://127.0.0.1:8000/r/")] == []
    assert f'href="{path}"' in visit.get(path.removesuffix("links/")).content.decode()


def test_its_address_is_a_qr_code_to_see_and_to_save(visit: Client, story: str, path: str) -> None:
    at = f"{path}{ids.public('lnk', ada(story).id)}/qr"
    seen, saved = visit.get(f"{at}.svg"), visit.get(f"{at}.png?save=1")
    assert (seen["Content-Type"], saved["Content-Type"]) == ("image/svg+xml", "image/png")
    assert seen.content.startswith(b"<?xml")
    assert saved.content.startswith(b"\x89PNG")
    assert saved["Content-Disposition"] == 'attachment; filename="ada.png"'
    assert visit.get(f"{at}.gif").status_code == 404


def test_staff_make_a_link_with_a_code_of_their_choice_once(visit: Client, story: str, path: str) -> None:
    asked = {"program": PROGRAM, "code": "Ada-4711", "channel": "card"}
    for _ in range(2):
        answer = visit.post(path, asked, follow=True)
        assert "The link ada-4711 is ready." in answer.content.decode()
    with tenancy.workspace(story):
        assert Link.objects.filter(workspace_id=story, code="ada-4711").count() == 1
        made = Event.objects.get(workspace_id=story, type="link.created", source="console")
    assert made.payload["properties"]["by"] == "owner@example.com"
    same = visit.post(path, {"program": PROGRAM, "code": "ADA", "channel": "email"}, follow=True)
    assert "The link ada is ready." in same.content.decode(), "it was made by an event of the host's"
    made_one = visit.post(path, {"program": "b2b-sales"}, follow=True).content.decode()
    assert re.search(r"The link [a-z0-9]{8} is ready\.", made_one)
    assert replay.verify(story).differences == ()


def test_a_code_that_cannot_be_is_refused_beside_its_field_in_the_readers_language(visit: Client, path: str) -> None:
    said = {
        "admin": "This word is reserved.",
        "a b": "A code has 3 to 64 letters",
        "ada": "Another link has this code.",
        "A-D-A": "Another link has this code.",
        "grüße": "A code has 3 to 64 letters",
    }
    for code, words in said.items():
        answer = visit.post(path, {"program": "b2b-sales", "code": code})
        assert answer.status_code == 422, code
        assert words in answer.content.decode()
    answer = visit.post(path, {"program": "b2b-sales", "code": "admin"}, headers={"Accept-Language": "nb"})
    assert "Dette ordet er reservert." in answer.content.decode()
    assert 'value="admin"' in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("destination", "javascript:alert(1)", "An address begins with https://"),
        ("destination", "https://elsewhere.example/", "do not lead there"),
        ("ends", "soon", "Give the last day as"),
        ("ends", "2020-01-01", "That day is over."),
        ("channel", "x" * 65, "at most 64 characters"),
        ("program", "no-such", "Choose a program."),
        ("program", "", "Choose a program."),
    ],
)
def test_what_else_is_wrong_is_said(visit: Client, path: str, field: str, value: str, words: str) -> None:
    answer = visit.post(path, {"program": PROGRAM, field: value})
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_link_that_was_refused_for_its_address_is_made_with_another(visit: Client, path: str) -> None:
    asked = {"program": PROGRAM, "channel": "card"}
    assert visit.post(path, {**asked, "destination": "https://elsewhere.example/"}).status_code == 422
    assert " is ready." in visit.post(path, asked, follow=True).content.decode()


def test_a_link_is_switched_off_and_on_and_given_a_last_day(visit: Client, story: str, path: str) -> None:
    link = ada(story)
    for verb, state in (("off", "off"), ("on", "")):
        assert "is changed" in visit.post(step(path, link, verb), follow=True).content.decode()
        assert ada(story).state == state
    visit.post(step(path, link, "ends"), {"ends": "2099-12-31"})
    assert ada(story).expires_at == datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)
    visit.post(step(path, link, "ends"), {"ends": ""})
    assert ada(story).expires_at is None
    assert "Give the last day as" in visit.post(step(path, link, "ends"), {"ends": "x"}, follow=True).content.decode()
    assert visit.post(step(path, link, "burn")).status_code == 404
    assert visit.get(step(path, link, "off")).status_code == 405


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("manager", True), ("support", True), ("finance", False)])
def test_who_may_make_links(story: str, path: str, hire: Callable[..., User], role: str, may: bool) -> None:
    client, link = logged_in(hire(role)), ada(story)
    answers = (
        client.post(path, {"program": "b2b-sales"}).status_code,
        client.post(step(path, link, "off")).status_code,
    )
    assert answers == ((302, 302) if may else (403, 403))
    page = client.get(path).content.decode()
    assert ("Make a link" in page, "Switch on" in page) == (may, may)
    assert client.get(f"{path}{ids.public('lnk', link.id)}/qr.svg").status_code == 200


def test_a_link_of_somebody_else_is_not_on_this_page(visit: Client, story: str, elsewhere: str) -> None:
    theirs = f"/w/test/participants/{of(story, 'grace')}/links/"
    assert visit.post(step(theirs, ada(story), "off")).status_code == 404
    assert visit.get(f"{theirs}{ids.public('lnk', ada(story).id)}/qr.svg").status_code == 404
    mine = f"/w/elsewhere/participants/{of(story, 'ada')}/links/"
    assert visit.get(mine).status_code == 404


def test_a_paused_program_gives_no_links_and_says_so(visit: Client, story: str, path: str) -> None:
    programs.pause(story, PROGRAM, by="tests", reason="a rest")
    page = Page(visit.get(path).content.decode())
    assert "Program paused" in page.text
    assert f'<option value="{PROGRAM}"' not in page.html
