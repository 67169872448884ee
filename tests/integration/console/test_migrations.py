"""The page that moves running referrals: what it would do, the act, the way back, and who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from goodword.engine import apply, migration_preview, migrations, programs, record
from support.browsing import Page, logged_in
from support.documents import self_serve, thanks

PATH = "/w/test/programs/simple/migrate/"


def paying(amount: int) -> dict[str, Any]:
    by_event = thanks(id="renewal", on="subscription.renewed", give={"type": "cash", "amount": {"percent": 10}})
    return self_serve(rewards=[thanks(give={"type": "cash", "amount": amount}), by_event])


def page(visit: Client, path: str = PATH) -> Page:
    answer = visit.get(path)
    assert answer.status_code == 200
    shown = Page(answer.content.decode())
    assert shown.forbidden == []
    return shown


@pytest.fixture
def moving(workspace: str) -> str:
    """Bo and Cy are referred under the first version; the second is live."""
    programs.publish(workspace, paying(1000), by="tests")
    link = {"program": "simple", "code": "ada"}
    sent = [{"type": "link.created", "event_id": "1", "participant": "ada", "properties": link}]
    sent += [
        {"type": "participant.signed_up", "event_id": who, "participant": who, "properties": {"code": "ada"}}
        for who in ("bo", "<i>")
    ]
    record.record(workspace, sent)
    apply.apply_pending(workspace)
    programs.publish(workspace, paying(2500), by="tests")
    return workspace


def test_a_look_the_act_and_the_way_back(visit: Client, moving: str) -> None:
    assert PATH in page(visit, "/w/test/programs/simple/").links
    shown = page(visit).text
    assert "2 referrals would move to version 2. Submitted 2" in shown
    assert "reward thanks Changed 10.00 25.00 USD" in shown
    assert "thanks to the referrer Won 20.00 USD 50.00 USD In all 20.00 USD 50.00 USD" in shown
    assert "renewal to the referrer subscription.renewed each time, in no total depends on the order" in shown
    assert "ada bo Submitted v1 reward thanks: 10.00 USD → 25.00 USD" in shown
    assert migrations.listed(moving, "simple") == []

    answer = visit.post(PATH, {"to": "2", "from": "1", "reason": "better"})
    assert (answer.status_code, answer["Location"]) == (302, PATH)
    shown = page(visit).text
    assert "The referrals are moved." in shown
    assert "v1 → v2 Done 2 0 owner@example.com better Reason Take back" in shown
    assert "No referral would be moved" in shown
    [row] = migrations.listed(moving, "simple")
    visit.post(PATH, {"undo": row.id, "reason": "meant for March"})
    shown = page(visit).text
    told = "v1 → v2 Taken back 2 2 owner@example.com better Taken back by owner@example.com meant for March"
    assert told in shown
    assert "2 referrals would move to version 2" in shown
    refused = visit.post(PATH, {"undo": row.id, "reason": "once more"})
    assert (refused.status_code, "is taken back already" in Page(refused.content.decode()).text) == (422, True)


def test_a_refused_move_keeps_what_was_typed(visit: Client, moving: str) -> None:
    names = " ".join(f"r{number}" for number in range(501))
    refused = visit.post(PATH, {"to": "1", "from": "2", "only": names, "reason": "for <these>"})
    html = refused.content.decode()
    assert (refused.status_code, "501 referrals are named; at most 500" in html) == (422, True)
    assert (f'name="only" value="{names}"' in html, '<option value="1" selected>' in html) == (True, True)

    assert page(visit, f"{PATH}?to=2&from=0&only=").text == page(visit).text, "from all others, as the form says it"
    looked = visit.get(PATH, {"to": "1", "from": "0", "only": "nobody, at all"}).content.decode()
    assert ("has no referral" in looked, 'name="only" value="nobody, at all"' in looked) == (True, True)

    visit.post(PATH, {"to": "2", "from": "1"})
    visit.post(PATH, {"to": "1", "from": "2"})
    first = migrations.listed(moving, "simple")[-1]
    html = visit.post(PATH, {"undo": first.id, "reason": "meant for <March>"}).content.decode()
    assert "take that migration back first" in html
    assert html.count('value="meant for &lt;March&gt;"') == 1, "in the field of the migration that it was typed for"


def test_what_a_percentage_is_likely_to_come_to_is_told_with_what_it_stands_on(visit: Client, moving: str) -> None:
    order = {"type": "order.completed", "participant": "bo", "event_id": "o"}
    record.record(moving, [order | {"properties": {"value": 48000, "currency": "USD"}}])
    apply.apply_pending(moving)
    programs.publish(moving, self_serve(rewards=[thanks(give={"type": "cash", "amount": {"percent": 10}})]), by="tests")
    shown = page(visit).text
    assert "≈: an order whose value is not known yet is taken to be worth 480.00 USD , the mean of 1 referral" in shown
    assert "depends on the order, ≈ 48.00 USD" in shown.replace("\N{NO-BREAK SPACE}", " ")


def test_a_page_of_many_has_a_next_one(visit: Client, moving: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration_preview, "SHOWN", 1)
    first = page(visit)
    [further] = [link for link in first.links if "after=" in link]
    second = page(visit, PATH + further)
    assert [sum(who in shown.text for who in ("ada bo", "ada <i>")) for shown in (first, second)] == [1, 1]
    assert "1 referral would move to version 2" in page(visit, f"{PATH}?to=2&only={migrations_of(moving)}").text


def migrations_of(workspace: str) -> str:
    chosen = migrations.choose(workspace, "simple", 2)
    return migration_preview.preview(workspace, chosen).rows[0].id


def test_who_may_not_and_what_is_not_there(visit: Client, moving: str, hire: Callable[..., User]) -> None:
    clerk = logged_in(hire("support"))
    assert "Move them" not in page(clerk).text
    assert clerk.post(PATH, {"to": "2"}).status_code == 403
    assert migrations.listed(moving, "simple") == []
    assert visit.get("/w/test/programs/nothing/migrate/").status_code == 404
    for asked in ("to=x", "from=-1", "to=99999999999", "after=x"):
        assert visit.get(f"{PATH}?{asked}").status_code == 404, asked
    assert "no version 9; it has 1 to 2" in page(visit, f"{PATH}?to=9").text
    assert "no referral" in page(visit, f"{PATH}?only=R9").text
    assert visit.post(PATH, {"to": "9"}).status_code == 404
    assert visit.post(PATH, {"undo": "evt_x"}).status_code == 404
