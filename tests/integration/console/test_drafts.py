"""The drafts' pages: somebody writes, somebody else approves, and both see why a step is refused."""

from __future__ import annotations

import re
from collections.abc import Callable

import yaml
from django.contrib.auth.models import User
from django.test import Client

from goodword.engine import drafts, programs
from support.browsing import Page, logged_in, stranger
from support.documents import self_serve

TEXT = "# Raised for spring.\n" + yaml.safe_dump(self_serve(name="Spring"), sort_keys=False)


def follow(client: Client, path: str, **values: str) -> tuple[str, Page]:
    answer = client.post(path, values, follow=True)
    assert answer.status_code == 200, answer
    page = Page(answer.content.decode())
    assert page.forbidden == []
    return answer.redirect_chain[-1][0], page


def refused(client: Client, path: str, **values: str) -> tuple[str, Page]:
    answer = client.post(path, values)
    assert answer.status_code == 422, answer
    return answer.content.decode(), Page(answer.content.decode())


def test_a_draft_goes_from_one_pair_of_eyes_to_the_other_and_live(
    workspace: str, visit: Client, hire: Callable[..., User]
) -> None:
    other = logged_in(hire("manager"))
    programs.publish(workspace, self_serve(), by="tests")
    new = Page(visit.get("/w/test/drafts/new/?program=simple").content.decode())
    assert "program: simple" in new.text, "the live document, to be changed"
    here, page = follow(visit, "/w/test/drafts/save/", text=TEXT + "reward: 1\n")
    assert "reward : unknown key 'reward'; did you mean rewards?" in page.text
    assert "It can be submitted once its faults are repaired." in page.text
    here, page = follow(
        visit, "/w/test/drafts/save/", text=TEXT.replace("\n", "\r\n"), digest=drafts.digest(TEXT + "reward: 1\n")
    )
    assert "Beside version 1, which is live." in page.text
    assert "name Changed Simple Spring" in page.text
    assert "# Raised for spring." in page.text
    _, page = follow(visit, f"{here}submit/", comment="For spring.")
    assert "In review" in page.text
    assert "You wrote this draft; somebody else must approve it." in page.text
    assert "somebody else must approve it" in refused(visit, f"{here}approve/")[1].text
    norwegian = visit.post(f"{here}approve/", follow=True, headers={"Accept-Language": "nb"}).content.decode()
    assert "skrev dette utkastet til simple; noen andre må godkjenne det." in Page(norwegian).text
    assert "Say in a comment what is to change" in refused(other, f"{here}send-back/")[1].text
    _, page = refused(other, f"{here}approve/", digest="0" * 64, comment="<Good> as it is.")
    assert "The draft was changed since you looked at it" in page.text
    assert "<Good> as it is." in page.text, "what was typed for the step is still there"
    _, page = follow(other, f"{here}approve/")
    assert "Approved · manager@example.com" in page.text
    html, page = refused(other, f"{here}publish/", at="2001-01-01T09:00", comment="As agreed.")
    assert "is not a moment within" in page.text
    assert ("As agreed." in page.text, 'value="2001-01-01T09:00"' in html) == (True, True)
    assert "Give a day and a time" in refused(other, f"{here}publish/", at="soon")[1].text
    _, page = follow(other, f"{here}publish/")
    assert "Published v2" in page.text
    assert "Submitted for review · owner@example.com For spring." in page.text
    assert "v2" in Page(visit.get("/w/test/programs/simple/").content.decode()).text
    listed = Page(visit.get("/w/test/drafts/?program=simple").content.decode())
    assert "Published v2 owner@example.com" in listed.text
    assert visit.get(here.replace("/test/", "/test/") + "dance/").status_code == 405
    assert visit.post(f"{here}dance/").status_code == 404


def test_what_somebody_else_saved_meanwhile_is_not_written_over_unseen(
    workspace: str, visit: Client, hire: Callable[..., User]
) -> None:
    other = logged_in(hire("manager"))
    save, mine = "/w/test/drafts/save/", TEXT.replace("raised", "mine")
    here, _ = follow(other, save, text=TEXT)
    for seen in ("", "0" * 64):  # it was begun where there was none yet, or from an earlier text
        html, page = refused(visit, save, text=mine + "reward: 1\n", digest=seen)
        assert "manager@example.com saved another draft of simple meanwhile. Yours is not saved yet" in page.text
        assert ("reward: 1" in page.text, here in page.links) == (True, True)
        assert "reward: 1" not in Page(visit.get(here).content.decode()).text
    again = re.search(r'name="digest" value="([0-9a-f]{64})"', html)
    assert again
    assert follow(visit, save, text=mine, digest=again[1])[0] == here, "they saw it, and save once more"
    assert follow(other, save, text=mine, digest="0" * 64)[0] == here, "the same text is nobody's loss"


def test_a_text_that_cannot_be_read_is_given_back_with_its_fault(workspace: str, visit: Client) -> None:
    answer = visit.post("/w/test/drafts/save/", {"text": "program: ["})
    assert answer.status_code == 422
    assert "program: [" in Page(answer.content.decode()).text
    programs.publish(workspace, self_serve(), by="tests")
    programs.end(workspace, "simple", by="tests")
    ended = visit.post("/w/test/drafts/save/", {"text": TEXT})
    assert (ended.status_code, "simple has ended" in ended.content.decode()) == (422, True)


def test_what_no_database_can_keep_is_refused_with_its_line(workspace: str, visit: Client) -> None:
    answer = visit.post("/w/test/drafts/save/", {"text": TEXT + 'description: "a\\0b"\n'})
    assert (answer.status_code, "has a NUL character" in answer.content.decode()) == (422, True)
    here, _ = follow(visit, "/w/test/drafts/save/", text=TEXT, comment="a\0b")
    assert "ab" in Page(visit.get(here).content.decode()).text
    assert visit.get("/w/test/drafts/?program=%00").status_code == 404


def test_a_program_that_is_only_written_yet_is_listed_with_its_state(workspace: str, visit: Client) -> None:
    here, _ = follow(visit, "/w/test/drafts/save/", text=TEXT)
    assert "Spring simple Referral Draft not published" in Page(visit.get("/w/test/programs/").content.decode()).text
    follow(visit, f"{here}submit/")
    assert "In review" in Page(visit.get("/w/test/programs/simple/").content.decode()).text
    assert visit.get("/w/test/drafts/new/?program=simple")["Location"] == here, "its open draft"
    follow(visit, f"{here}approve/")
    _, page = refused(visit, f"{here}publish/", at="2099-01-01T09:00")
    assert "is not a moment within" in page.text


def test_a_step_needs_the_token_of_a_page(workspace: str, visit: Client, hire: Callable[..., User]) -> None:
    client = stranger(csrf=True)
    client.force_login(hire("manager"), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post("/w/test/drafts/save/", {"text": TEXT}).status_code == 403
