"""The programs' pages: every version with what it changed, in words."""

from __future__ import annotations

from django.test import Client

from goodword.engine import apply, programs, record
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
    assert "v2 Live" in shown
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


def test_a_contest_shows_how_it_stands(visit: Client, workspace: str) -> None:
    programs.publish(workspace, recipe("quarter-contest"), by="Ada")
    assert "Nobody has a score yet." in page(visit, "/w/test/programs/quarter-contest/").text
    when = "2026-05-01T10:00:00Z"
    told = {"program": "quarter-contest", "referral": "L1", "referred": {"email": "l1@x.example"}}
    record.record(
        workspace,
        [
            {
                "type": "referral.submitted",
                "event_id": "s",
                "occurred_at": when,
                "participant": "ada",
                "properties": told,
            },
            {"type": "referral.closed_won", "event_id": "w", "occurred_at": when, "properties": {"referral": "L1"}},
        ],
    )
    apply.apply_pending(workspace, ring=False)
    assert (
        "1 ada 1 Cash 5,000.00 USD , Recognition, Named among the first ten"
        in page(visit, "/w/test/programs/quarter-contest/").text
    )


def test_a_program_in_test_mode_is_marked_wherever_it_shows(visit: Client, workspace: str) -> None:
    programs.publish(workspace, self_serve(), by="Ada")
    programs.publish(workspace, self_serve(program="next", name="Next", test=True), by="Ada")
    assert "Next Test mode" in page(visit, "/w/test/programs/").text
    assert "It has given nothing so far." in page(visit, "/w/test/programs/next/").text
    at = "2025-03-01T10:00:00Z"
    sent = (
        ("link.created", "ada", {"program": "simple", "code": "ada"}),
        ("participant.signed_up", "bob", {"code": "ada"}),
        ("order.completed", "bob", {"value": 3000, "currency": "USD"}),
    )
    record.record(
        workspace,
        [
            {"type": kind, "event_id": kind, "occurred_at": at, "participant": who, "properties": properties}
            for kind, who, properties in sent
        ],
    )
    apply.apply_pending(workspace, ring=False)
    shown = page(visit, "/w/test/programs/next/").text
    assert "nobody is owed them" in shown
    assert "thanks Approved 1 10.00 USD" in shown
    assert "Test mode" not in page(visit, "/w/test/programs/simple/").text
