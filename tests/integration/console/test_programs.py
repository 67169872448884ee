"""The programs' pages: every version with what it changed, in words."""

from __future__ import annotations

from django.test import Client

from goodword.engine import programs
from support.browsing import Page
from support.documents import self_serve, thanks
from support.stories import recipe


def page(visit: Client, path: str) -> Page:
    answer = visit.get(path)
    assert answer.status_code == 200
    return Page(answer.content.decode())


def test_a_program_shows_its_versions_and_what_each_changed(visit: Client, workspace: str) -> None:
    text = recipe("b2b-sales")
    programs.publish(workspace, text, by="Ada")
    programs.publish(workspace, text.replace("t2: 25000", "t2: 30000"), by="Grace")
    assert "Refer a company" in page(visit, "/w/test/programs/").text
    shown = page(visit, "/w/test/programs/b2b-sales/").text
    assert "v2 live" in shown
    assert "reward qualified, tier t2 Changed 250.00 300.00 USD" in shown
    assert "Grace" in shown
    assert "0 referrals keep these terms, 0 open" in shown


def test_words_of_a_document_are_text_and_an_unknown_program_is_not_there(visit: Client, workspace: str) -> None:
    programs.publish(workspace, self_serve(name="<b>Bold</b>", rewards=[thanks()]), by="<i>")
    html = visit.get("/w/test/programs/simple/").content.decode()
    assert "&lt;b&gt;Bold&lt;/b&gt;" in html
    assert "<i>" not in html
    assert visit.get("/w/test/programs/nothing/").status_code == 404
    assert visit.post("/w/test/programs/simple/").status_code == 405
