"""Segment's shapes over HTTP: who may send them, what is answered, and what becomes of them."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.integration.api.conftest import Answer, Api

from goodword.domain.segment import CALLS
from goodword.engine import apply
from goodword.store import keys

ORDER: dict[str, Any] = {
    "type": "track",
    "event": "Order Completed",
    "messageId": "m-order",
    "userId": "grace",
    "properties": {"order_id": "7", "revenue": 19.99, "currency": "USD"},
}


def basic(user: str, password: str = "") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def events(api: Api, answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer
    assert answer.data["success"] is True
    return [api.get(f"/v1/events/{id_}").data for id_ in answer.data["inserted"]]


def test_the_key_is_the_users_name(api: Api) -> None:
    assert api.key
    nobody = Api(None)
    answer = nobody.call("POST", "/v1/batch", json.dumps({"batch": [ORDER]}).encode(), headers=basic(api.key))
    (event,) = events(api, answer)
    assert (event["type"], event["source"], event["event_id"]) == ("order.completed", "segment", "m-order")
    assert event["properties"]["value"] == 1999


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"Authorization": "Basic"},
        {"Authorization": "Basic !"},
        {"Authorization": "Basic " + "QQ==" * 500},
        basic(""),
        basic("gw_sk_nothing"),
        basic("é"),
        {"Authorization": "Digest x"},
    ],
)
def test_another_name_is_not_let_in(unmoved: Api, given: dict[str, str]) -> None:
    answer = Api(None).call("POST", "/v1/track", b"{}", headers=given)
    assert (answer.status, answer.code in ("missing_key", "bad_key")) == (401, True)


def test_a_password_is_none_of_ours_and_basic_opens_no_other_route(unmoved: Api) -> None:
    assert unmoved.key
    nobody = Api(None)
    assert nobody.call("POST", "/v1/track", b"{}", headers=basic(unmoved.key, "x")).code == "bad_key"
    assert nobody.call("POST", "/v1/events", b"{}", headers=basic(unmoved.key)).code == "missing_key"
    assert nobody.call("GET", "/v1/workspace", headers=basic(unmoved.key)).code == "missing_key"


@pytest.mark.parametrize("kind", CALLS)
def test_each_call_has_a_route(api: Api, kind: str) -> None:
    call = {"userId": "u1", "event": "Ride Finished", "groupId": "acme", "previousId": "v1", "messageId": f"m-{kind}"}
    (event,) = events(api, api.post(f"/v1/{kind}", call))
    assert event["event_id"] == f"m-{kind}"
    again = api.post(f"/v1/{kind}", call)
    assert (again.status, again.data["inserted"], len(again.data["duplicates"])) == (200, [], 1)


def test_one_bad_call_is_told_by_its_place(api: Api) -> None:
    answer = api.post("/v1/track", {**ORDER, "properties": {"revenue": "25,-", "currency": "USD"}})
    assert (answer.status, answer.code, answer.errors) == (
        422,
        "invalid_events",
        [("/properties/revenue", "wrong_type")],
    )


def test_a_bad_call_of_a_batch_is_kept_and_the_others_are_recorded(api: Api) -> None:
    bad = {**ORDER, "messageId": "m-bad", "properties": {"revenue": 5}}
    visitor = {"type": "page", "anonymousId": "v1"}
    answer = api.post(
        "/v1/batch", {"batch": [ORDER, bad, visitor, {"type": "page"}, "call", {**ORDER, "type": "trak"}]}
    )

    order, kept = events(api, answer)
    assert (order["event_id"], kept["type"], kept["event_id"]) == ("m-order", "segment.refused", "m-bad:refused")
    assert kept["properties"]["sent"] == {"properties": {"revenue": 5}}
    assert [(each["pointer"], each["code"]) for each in answer.data["refused"]] == [
        ("/batch/1/properties/currency", "missing"),
        ("/batch/3/userId", "no_identity"),
        ("/batch/4", "not_an_object"),
        ("/batch/5/type", "unknown_call"),
    ]
    assert [(each["pointer"], each["code"]) for each in answer.data["left_out"]] == [("/batch/2", "nobody_known")]
    mended = api.post("/v1/batch", {"batch": [{**bad, "properties": {"revenue": 5, "currency": "USD"}}]})
    assert events(api, mended)[0]["event_id"] == "m-bad"


def test_a_batch_without_a_good_call_is_refused_and_leaves_nothing(api: Api) -> None:
    answer = api.post("/v1/batch", {"batch": [{**ORDER, "properties": {}}, {"type": "alias"}]})
    assert (answer.status, answer.code) == (422, "invalid_events")
    assert ("/batch/0/properties/revenue", "missing") in answer.errors
    assert api.get("/v1/participants").data["data"] == []


@pytest.mark.parametrize("body", [[], {}, {"batch": []}, {"batch": {}}, {"batch": [ORDER] * 1001}])
def test_a_batch_that_is_none(unmoved: Api, body: Any) -> None:
    answer = unmoved.post("/v1/import", body)
    assert (answer.status, answer.code, answer.errors) == (422, "invalid_events", [("/batch", "bad_batch")])


def test_text_that_cannot_be_stored_costs_its_own_call_alone(api: Api) -> None:
    raw = json.dumps({"batch": [ORDER, {**ORDER, "messageId": "m-2", "event": "\ud800\0"}]}).encode()
    answer = api.post("/v1/batch", raw)
    assert len(answer.data["inserted"]) == 1
    assert {each["code"] for each in answer.data["refused"]} == {"bad_text"}


def test_a_batch_may_come_as_gzip_and_say_what_holds_for_all(api: Api) -> None:
    batch = {
        "batch": [{**ORDER, "context": {"campaign": {"source": "mine"}}}, {**ORDER, "messageId": "m-2"}],
        "context": {"campaign": {"source": "all"}, "groupId": "acme", "ip": "192.0.2.7"},
        "writeKey": "ignored",
    }
    packed = gzip.compress(json.dumps(batch).encode())
    answer = api.call("POST", "/v1/batch", packed, headers={"Content-Encoding": "gzip"})
    found = events(api, answer)
    assert [event["properties"]["campaign"] for event in found] == [{"source": "mine"}, {"source": "all"}]
    assert "192.0.2.7" not in json.dumps(found)


def test_a_publishable_key_tells_who_brought_a_visitor_and_nothing_else(workspace: str, api: Api) -> None:
    page = Api(keys.create_key(workspace, "page", kind="publishable", origins=["*"])[1])
    seen = {"type": "page", "anonymousId": "v1", "properties": {"url": "https://x.example/?via=ada"}}
    for call in (ORDER, {"userId": "grace", "type": "identify"}, {**seen, "userId": "grace"}):
        refused = page.post(f"/v1/{call['type']}", call)
        assert (refused.status, refused.code) == (403, "wrong_key")
    (event,) = events(api, page.post("/v1/page", seen))
    assert event["type"] == "visitor.touched"
    mixed = page.post("/v1/batch", {"batch": [seen, ORDER]})
    assert [(each["pointer"], each["code"]) for each in mixed.data["refused"]] == [("/batch/1", "wrong_key")]
    assert len(mixed.data["inserted"]) == 1
    assert page.post("/v1/page", {"anonymousId": "v1"}).data["left_out"][0]["code"] == "nobody_known"


def test_a_visitor_who_came_by_a_link_signs_up_and_orders(workspace: str, api: Api, recipes: None) -> None:
    began = datetime.now(UTC) - timedelta(days=2)
    link = {
        "type": "link.created",
        "event_id": "l1",
        "occurred_at": (began - timedelta(days=1)).isoformat(),
        "participant": {"external_id": "ada", "email": "ada@example.com"},
        "properties": {"program": "credit-after-threshold", "code": "ada-4711"},
    }
    assert api.send(link).status == 200
    calls: list[dict[str, Any]] = [
        {"type": "page", "anonymousId": "v1", "properties": {"url": "https://x.example/?via=ADA-4711"}},
        {"type": "identify", "anonymousId": "v1", "userId": "grace", "traits": {"email": "grace@example.org"}},
        {"type": "track", "event": "Signed Up", "anonymousId": "v1", "userId": "grace"},
        {**ORDER, "properties": {"order_id": "7", "revenue": 30, "currency": "USD"}},
    ]
    at = [(began + timedelta(minutes=place)).isoformat() for place in range(len(calls))]
    sent = [{"messageId": f"m-{place}", **call, "timestamp": at[place]} for place, call in enumerate(calls)]
    assert len(api.post("/v1/batch", {"batch": sent, "sentAt": datetime.now(UTC).isoformat()}).data["inserted"]) == 4
    while apply.apply_pending(workspace, ring=False).events:
        pass
    (ada,) = api.get("/v1/participants", external_id="ada").data["data"]
    (reward,) = api.get(f"/v1/participants/{ada['id']}/rewards").data["data"]
    assert (reward["amount"], reward["unit"]) == (2500, "USD")


def test_a_whole_order_is_paid_back_by_its_id(api: Api, workspace: str) -> None:
    def refund(name: str, **more: Any) -> dict[str, Any]:
        return {"type": "track", "event": "Order Refunded", "messageId": name, "userId": "grace", "properties": more}

    unknown = api.post("/v1/track", refund("m-0", order_id="7"))
    assert (unknown.status, unknown.errors) == (422, [("/properties/order_id", "unknown_order")])
    api.post("/v1/batch", {"batch": [ORDER]})
    part = refund("m-1", order_id="7", products=[{"price": 4.99}], currency="USD")
    found = events(api, api.post("/v1/batch", {"batch": [part, refund("m-2", order_id="7")]}))
    assert [one["properties"]["value"] for one in found] == [499, 1_500], "the order waits for the engine or is applied"
    again = api.post("/v1/track", refund("m-2", order_id="7"))
    assert (again.data["inserted"], len(again.data["duplicates"])) == ([], 1)
    while apply.apply_pending(workspace, ring=False).events:
        pass
    [event] = events(api, api.post("/v1/track", refund("m-3", order_id="7")))
    assert event["properties"]["value"] == 0, "nothing is left of it"
    other = {**ORDER, "messageId": "m-4", "properties": {"order_id": 8, "total": 5, "currency": "JPY"}}
    found = events(api, api.post("/v1/batch", {"batch": [other, refund("m-5", order_id="8")]}))
    assert [(one["type"], one["properties"]["value"]) for one in found] == [
        ("order.completed", 5),
        ("order.refunded", 5),
    ]
    sent = api.post("/v1/batch", {"batch": [refund("m-6", order_id="9"), {**other, "messageId": "m-7"}]})
    assert [one["code"] for one in sent.data["refused"]] == ["unknown_order"]
