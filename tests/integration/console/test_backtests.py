"""Backtests on pages: asked with a form, watched, read with both sides, never by who may not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from goodword.domain import ids
from goodword.engine import drafts, erase, record, worker
from goodword.engine import programs as publishing
from goodword.ops.jobs import work
from goodword.store import jobs, tenancy
from support.browsing import Page, logged_in
from support.stories import recipe

KEY = "credit-after-threshold"
FORM = f"/w/test/programs/{KEY}/try/"
LIMIT = "\n  - {per: program, rules: [welcome], every: month, budget: 30000, when_reached: partial}\n"


@pytest.fixture
def history(workspace: str) -> str:
    """Ada's link brought two friends in March 2025 and one in May; all holds are over."""
    publishing.publish(workspace, recipe(KEY), by="Ada")
    told = [
        {"type": "participant.identified", "event_id": "a", "occurred_at": "2025-03-01T08:00:00Z",
         "participant": {"external_id": "ada", "email": "ada@example.com", "name": "Ada <b>L</b>"}, "properties": {}},
        {"type": "link.created", "event_id": "l", "occurred_at": "2025-03-01T09:00:00Z", "participant": "ada",
         "properties": {"program": KEY, "code": "ada"}},
    ]  # fmt: skip
    for number, month in enumerate(("03", "03", "05"), 1):
        for type, properties in (
            ("participant.signed_up", {"code": "ada"}),
            ("order.completed", {"value": 3000, "currency": "USD"}),
        ):
            told.append(
                {"type": type, "event_id": f"{type}{number}", "occurred_at": f"2025-{month}-0{number + 1}T10:00:00Z",
                 "participant": f"friend-{number}", "properties": properties}
            )  # fmt: skip
    record.record(workspace, told)
    while worker.drain(workspace):
        pass
    return workspace


def try_out(visit: Client, document: str, **asked: str) -> str:
    """Asks by the form; the address of the answer's page."""
    sent = visit.post(FORM, {"document": document.replace("\n", "\r\n"), **asked})
    assert sent.status_code == 302, Page(sent.content.decode()).text
    return str(sent["Location"])


def answer(workspace: str) -> None:
    claim = jobs.claim(workspace)
    assert claim
    work.carry_out(claim)


def page(visit: Client, path: str) -> Page:
    found = visit.get(path)
    assert found.status_code == 200, path
    shown = Page(found.content.decode())
    assert shown.forbidden == []
    return shown


def test_a_change_is_tried_watched_and_read_with_both_sides(visit: Client, history: str) -> None:
    assert FORM in page(visit, f"/w/test/programs/{KEY}/").links
    form = visit.get(FORM).content.decode()
    assert "program: credit-after-threshold" in form
    path = try_out(visit, recipe(KEY).replace("amount: 2500", "amount: 4000").rstrip() + LIMIT, elasticity="0.5")

    waiting = visit.get(path).content.decode()
    assert "Waiting for the worker" in waiting
    assert 'http-equiv="refresh"' in waiting
    live = visit.get(path, headers={"HX-Request": "true"})
    assert "<html" not in live.content.decode()
    assert 'hx-trigger="every 1s"' in live.content.decode()
    answer(history)
    ended = visit.get(path, headers={"HX-Request": "true"})
    assert (ended["HX-Refresh"], ended.content) == ("true", b"")

    shown = page(visit, path)
    assert "Before 675.00 USD" in shown.text
    assert "there are 0.5 percent more or fewer" in shown.text
    assert "thanks 3 → 3 75.00 USD 120.00 USD + 45.00 USD" in shown.text
    assert "welcome 3 → 3 600.00 USD 500.00 USD − 100.00 USD" in shown.text
    assert "Ada <b>L</b>" in shown.text  # a text, not a tag
    assert "1 get more 1 get less" in shown.text
    assert "A part was granted" in shown.text
    assert "Mar 2025 300.00 USD 300.00 USD" in shown.text
    assert 'data-value="450.0"' in shown.html  # March before: two welcomes and two thanks

    decisions = page(visit, f"{path}decisions/")
    assert "order.completed" in decisions.text
    assert "25.00 USD to the referrer" in decisions.text
    assert "40.00 USD to the referrer" in decisions.text
    assert path in page(visit, "/w/test/backtests/").links
    table = visit.get(f"{path}people.csv")
    assert table["Content-Type"] == "text/csv; charset=utf-8"
    assert b",ada,USD,3,7500,3,12000,4500" in table.content
    assert table.content.startswith(b"\xef\xbb\xbfparticipant,name,"), "a spreadsheet reads names as UTF-8"
    danish = visit.get(path, headers={"Accept-Language": "da"}).content.decode()
    assert "bliver der 0,5 procent" in danish
    assert visit.get(f"{path}secrets.csv").status_code == 404
    again = visit.get(f"{FORM}?from={path.split('/')[-2]}").content.decode()
    assert "amount: 4000" in again
    assert 'value="0.5"' in again


def test_the_first_day_is_that_of_the_programs_zone_and_a_version_can_be_compared_with(
    visit: Client, history: str
) -> None:
    path = try_out(visit, recipe(KEY), since="2025-05-01", until="2025-06-01", as_of_version="1")
    job = jobs.find(history, "backtest", ids.internal("bkt", path.split("/")[-2]))
    assert job
    asked = {name: job.question[name] for name in ("since", "until", "as_of_version", "elasticity")}
    assert asked == {
        "since": "2025-05-01T00:00:00-04:00", "until": "2025-06-01T00:00:00-04:00", "as_of_version": 1,
        "elasticity": None,
    }  # fmt: skip
    answer(history)
    shown = page(visit, path)
    assert "This document would have decided everything as it was." in shown.text
    assert "“Before” is what version 1 would have done." in shown.text
    assert "behaviour is unchanged" in shown.text
    assert 'value="2025-05-01"' in visit.get(f"{FORM}?from={path.split('/')[-2]}").content.decode()


def test_what_lapsed_and_a_new_program_are_told_on_the_page(visit: Client, history: str) -> None:
    document = recipe(KEY).replace("hold: P30D", "expire: {after: P10D}", 1)
    path = try_out(visit, document)
    answer(history)
    assert "lapsed" not in page(visit, path).text  # credit is handed over before it may lapse
    job = jobs.find(history, "backtest", ids.internal("bkt", path.split("/")[-2]))
    assert job
    assert job.result
    with tenancy.workspace(history):
        job.result |= {"new": True, "lapsed": {"before": 1200, "after": 3, "rules": "thanks, welcome"}, "waiting": 1}
        job.save(update_fields=["result"])
    shown = page(visit, path).text
    assert "stands in no table: 1,200 rewards before, 3 after (thanks, welcome)." in shown
    assert f"{KEY} is no program of this workspace" in shown
    assert "not applied yet, so not in it: 1 event." in shown


def test_a_draft_is_tried_before_it_is_published(visit: Client, history: str) -> None:
    draft = ids.public("drf", drafts.save(history, recipe(KEY).replace("amount: 2500", "amount: 777"), by="Ada")[0].id)
    address = f"{FORM}?draft={draft}"
    assert address in page(visit, f"/w/test/drafts/{draft}/").links
    assert "amount: 777" in visit.get(address).content.decode()
    assert visit.get(f"{FORM}?draft={draft[:-1]}0").status_code == 404
    assert visit.get(f"{FORM}?draft=nothing").status_code == 404


def test_what_is_wrong_stands_on_the_form_and_what_was_typed_stays(visit: Client, history: str) -> None:
    for document, asked, said in (
        ("program: x", {}, "The document cannot be a program yet"),
        (recipe(KEY).replace("currency: USD", "currency: <i>"), {}, "currency"),
        (recipe("b2b-sales"), {}, "The document is of the program b2b-sales"),
        (recipe(KEY), {"since": "2025-05-02", "until": "2025-05-02"}, "Choose a day after the first one."),
        (recipe(KEY), {"elasticity": "11"}, "less than or equal to 10"),
        (recipe(KEY), {"as_of_version": "9"}, "9 is not one of the available choices"),
    ):
        sent = visit.post(FORM, {"document": document, **asked})
        shown = Page(sent.content.decode())
        assert (sent.status_code, said in shown.text) == (422, True), (said, shown.text)
        assert "<i>" not in shown.html
    assert jobs.newest(history, "backtest") == []
    for _ in range(jobs.MAX_OPEN):
        try_out(visit, recipe(KEY))
    full = visit.post(FORM, {"document": recipe(KEY)})
    assert "Several wait or run already." in Page(full.content.decode()).text


def test_who_may_ask_and_cancel_and_who_may_read(
    visit: Client, history: str, hire: Callable[..., User], elsewhere: str
) -> None:
    path = try_out(visit, recipe(KEY))
    for role, may in (("finance", False), ("support", False), ("manager", True)):
        client = logged_in(hire(role))
        assert client.get(path).status_code == client.get("/w/test/backtests/").status_code == 200
        assert ("Cancel" in Page(client.get(path).content.decode()).text) is may
        assert client.get(FORM).status_code == (200 if may else 403)
        assert client.post(FORM, {"document": "x"}).status_code == (422 if may else 403)
        assert client.post(f"{path}cancel/").status_code == (302 if may else 403)
    assert "It was cancelled" in page(visit, path).text
    assert visit.post(f"{path}cancel/").status_code == 302
    stranger = logged_in(hire("owner", where=elsewhere, email="else@example.com"))
    for method, address in (("get", path), ("get", FORM), ("post", f"{path}cancel/"), ("get", f"{path}cost.csv")):
        assert getattr(stranger, method)(address).status_code == 404
        assert getattr(stranger, method)(address.replace("/w/test/", "/w/elsewhere/")).status_code == 404
    assert visit.get(f"{path}decisions/").status_code == 404  # there is no answer


def test_decisions_that_went_with_an_erasure_are_said_to_be_gone(visit: Client, history: str) -> None:
    path = try_out(visit, recipe(KEY).replace("amount: 2500", "amount: 4000"))
    answer(history)
    erase.erase(history, erase.find(history, "ada"), by="tests")
    assert "They were removed" in page(visit, f"{path}decisions/").text
    shown = page(visit, path)
    assert "Ada" not in shown.text
    assert "1 get more" in shown.text
