"""Running referrals moved to another version over HTTP: a look, the act, the list, the way back."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.api.conftest import Api

from goodword.api.migrations import MAX_REASON
from goodword.domain.migrating import MAX_NAMED
from support.documents import self_serve, thanks
from support.loyalty import shop

PATH = "/v1/programs/simple/migrations"


def paying(amount: int) -> dict[str, Any]:
    return self_serve(rewards=[thanks(give={"type": "cash", "amount": amount})])


@pytest.fixture
def moving(api: Api) -> Api:
    """Bo is referred under the first version; the second is live."""
    api.post("/v1/programs", paying(1000))
    link = {"program": "simple", "code": "ada"}
    api.send(
        {"type": "link.created", "event_id": "1", "participant": "ada", "properties": link},
        {"type": "participant.signed_up", "event_id": "2", "participant": "bo", "properties": {"code": "ada"}},
    )
    api.post("/v1/programs", paying(2500))
    return api


def test_a_look_the_act_and_the_way_back(moving: Api) -> None:
    looked = moving.post(f"{PATH}/preview", {"to": 2})
    assert looked.status == 200
    assert (looked.data["referrals"], looked.data["states"], looked.data["after"]) == (1, {"submitted": 1}, "")
    [row] = looked.data["data"]
    assert (row["referrer"]["label"], row["referred"]["label"], row["version"]) == ("ada", "bo", 1)
    assert [change["text"] for change in row["changes"]] == ["reward thanks: 10.00 USD → 25.00 USD"]
    [total] = looked.data["totals"]
    assert total["after"] == {"low": 2500, "high": 2500, "depends_on": "", "likely": None, "text": "25.00 USD"}
    assert looked.data["assumed_value"] is None, "none was won yet"
    assert moving.get(PATH).data == {"data": []}, "a look does nothing"

    done = moving.post(PATH, {"to": 2, "from": [1], "referrals": [row["id"]], "reason": "better"})
    assert (done.status, done.data["state"], done.data["moved"], done.data["by"]) == (201, "moved", 1, "key tests")
    assert moving.get(PATH).data["data"] == [done.data]
    [source] = moving.post(f"{PATH}/preview", {"to": 2}).data["sources"]
    assert (source["version"], source["referrals"]) == (1, 0)

    undone = moving.post(f"{PATH}/{done.data['id']}/undo", {"reason": "it was meant for March"})
    assert (undone.data["reason"], undone.data["undone_reason"]) == ("better", "it was meant for March")
    assert moving.get(PATH).data["data"] == [undone.data]
    assert (undone.status, undone.data["state"], undone.data["back"], undone.data["kept"]) == (200, "undone", 1, 0)
    again = moving.post(f"{PATH}/{done.data['id']}/undo", {})
    assert (again.status, again.code) == (409, "wrong_state")


def test_a_reason_at_its_limits(moving: Api) -> None:
    done = moving.post(PATH, {"to": 2})
    for bad in ({"reason": "x" * (MAX_REASON + 1)}, {"why": "x"}, [], {"reason": 5}):
        assert moving.post(f"{PATH}/{done.data['id']}/undo", bad).code == "invalid_request"
    assert moving.post(f"{PATH}/{done.data['id']}/undo", {"reason": "x" * MAX_REASON}).status == 200


def test_what_changes_for_each_tells_percentages(moving: Api) -> None:
    for number, percent in ((3, 20), (4, 25)):
        share = {"type": "cash", "amount": {"percent": percent, "ceiling": 5000}}
        document = self_serve(rewards=[thanks(id="share", on="invoice.paid", give=share), thanks(give=share)])
        assert moving.post("/v1/programs", document).data["number"] == number
    moving.post(PATH, {"to": 3})
    [row] = moving.post(f"{PATH}/preview", {"to": 4}).data["data"]
    before, after = (f"{percent} % of the order, at most 50.00 USD" for percent in (20, 25))
    assert [change["text"] for change in row["changes"]] == [
        f"reward thanks: {before} → {after}",
        f"reward share: {before} for each invoice.paid → {after} for each invoice.paid",
    ]


def test_what_is_not_there_and_what_cannot_be(moving: Api) -> None:
    moving.post("/v1/programs", shop())
    for path, sent, status, told in (
        (PATH, {"to": 9}, 404, "no version 9; it has 1 to 2"),
        (PATH, {"to": 2, "referrals": ["R9"]}, 404, "no referral 'R9'"),
        (PATH, {"to": 2, "from": [2]}, 409, "leave it out"),
        (f"/v1/programs/{shop()['program']}/migrations", {"to": 1}, 409, "loyalty"),
        ("/v1/programs/simpel/migrations", {"to": 1}, 404, "simpel"),
        (f"{PATH}/evt_01jq8x5e4me8k9d3v0h2r6t7wy/undo", {}, 404, "no migration"),
    ):
        answer = moving.post(path, sent)
        assert answer.status == status, answer
        assert told in answer.data["detail"]
    assert moving.get("/v1/programs/simpel/migrations").status == 404


def test_a_body_at_its_limits_and_beyond(moving: Api) -> None:
    named = [f"R{number}" for number in range(MAX_NAMED)]
    assert moving.post(PATH, {"to": 2, "referrals": named}).status == 404, "read, and not known"
    for field, value, code in (
        ("referrals", [*named, "more"], "wrong_value"),
        ("referrals", [], "wrong_value"),
        ("referrals", [1], "wrong_value"),
        ("reason", "r" * (MAX_REASON + 1), "wrong_value"),
        ("to", 0, "wrong_value"),
        ("to", True, "wrong_value"),
        ("from", ["1"], "wrong_value"),
        ("form", [1], "unknown_field"),
        ("after", "", "unknown_field"),
    ):
        answer = moving.post(PATH, {"to": 2, field: value})
        assert answer.errors == [(f"/{field}", code)], answer
    assert moving.post(PATH, {}).errors == [("/to", "wrong_value")]
    assert moving.post(PATH, []).errors == [("", "not_an_object")]
    assert moving.post(f"{PATH}/preview", {"to": 2, "after": "R1"}).errors == [("/after", "bad_id")]
    assert moving.post(PATH, {"to": 2, "reason": "r" * MAX_REASON}).status == 201
