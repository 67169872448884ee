"""Events over HTTP: recorded once, all or none, and explained when the caller waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, connections
from tests.integration.api.conftest import STORY, Api

from goodword.api import schemas
from goodword.domain import ids
from goodword.engine import apply, record

ORDER: dict[str, Any] = {
    "type": "order.completed",
    "event_id": "order-1",
    "occurred_at": "2026-01-05T10:00:00Z",
    "participant": {"external_id": "ada", "email": "ada@example.com"},
    "properties": {"value": 100, "currency": "USD"},
}


def test_events_are_listed_and_found_by_the_senders_own_id(api: Api, other: Api, story: list[str]) -> None:
    sent = api.get(f"/v1/events/{ids.public('evt', story[4])}").data
    assert sent["decisions"]
    own = {"event_id": sent["event_id"]}
    assert api.get("/v1/events", source=sent["source"], **own).data["data"] == [sent]
    assert api.get("/v1/events", source="elsewhere", **own).data["data"] == []
    api.send({"type": "ride.finished", "event_id": "ride-1", "participant": "ada"})
    [ride] = api.get("/v1/events", event_id="ride-1").data["data"]
    assert (ride["type"], ride["source"], ride["status"]) == ("ride.finished", "api", "applied")
    assert api.get("/v1/events", event_id="nothing").data == {"data": [], "next_cursor": None}
    assert other.get("/v1/events").data["data"] == []

    seen: list[str] = []
    cursor = None
    while True:
        page = api.get("/v1/events", limit=3, **({"cursor": cursor} if cursor else {})).data
        seen += [one["id"] for one in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert {ids.public("evt", id_) for id_ in story} < set(seen)
    assert len(set(seen)) == len(seen)

    [ada] = api.get("/v1/participants", external_id="ada").data["data"]
    hers = api.get("/v1/events", participant=ada["id"], fields="id,participant").data["data"]
    assert 0 < len(hers) < len(seen)
    assert api.get("/v1/events", participant=ada["id"], cursor="x").code == "bad_cursor"


def test_an_event_is_recorded_and_answered_with_its_id(api: Api) -> None:
    answer = api.post("/v1/events", ORDER)
    assert answer.status == 202
    [id_] = answer.data["inserted"]
    assert ids.internal("evt", id_)
    assert (answer.data["duplicates"], answer.data["events"]) == ([], None)
    found = api.get(f"/v1/events/{id_}").data
    assert (found["event_id"], found["source"], found["status"]) == ("order-1", "api", "waiting")
    assert found["properties"] == ORDER["properties"]


def test_a_type_that_may_be_a_slip_is_recorded_and_asked_about(api: Api) -> None:
    slip = {"type": "order.completd", "participant": "u1", "properties": {}}
    own = {"type": "ride.finished", "event_id": "ride", "participant": "u1", "properties": {}}
    answer = api.send({**slip, "event_id": "1"}, {**slip, "event_id": "2"}, own, ORDER, wait=False).data
    assert len(answer["inserted"]) == 4
    [warned] = answer["warnings"]
    assert (warned["code"], warned["type"], warned["nearest"]) == ("near_miss", "order.completd", "order.completed")
    assert "own_events" in warned["detail"]
    api.post("/v1/programs", {**schemas.PROGRAM_EXAMPLE, "own_events": ["order.completd"]})
    assert api.post("/v1/events", {**slip, "event_id": "3"}).data["warnings"] == []


def test_a_repeat_is_a_duplicate_with_the_first_id(api: Api) -> None:
    first = api.post("/v1/events", ORDER).data["inserted"]
    again = api.post("/v1/events", ORDER).data
    assert (again["inserted"], again["duplicates"]) == ([], first)


def test_a_batch_tells_new_from_old(api: Api) -> None:
    first = api.send(ORDER, wait=False).data["inserted"]
    both = api.send(ORDER, {**ORDER, "event_id": "order-2"}, wait=False).data
    assert both["duplicates"] == first
    assert len(both["inserted"]) == 1


def test_the_same_id_from_another_source_is_another_event(api: Api) -> None:
    api.post("/v1/events", ORDER)
    other = api.post("/v1/events", {**ORDER, "source": "shop"})
    assert len(other.data["inserted"]) == 1


def test_waiting_answers_with_the_decisions(api: Api, recipes: None) -> None:
    answer = api.send(*STORY)
    assert answer.status == 200
    told = {event["event_id"]: event for event in answer.data["events"]}
    assert all(event["status"] == "applied" for event in told.values())
    [paid] = [decision for decision in told["order-1"]["decisions"] if decision["program"] == "credit-after-threshold"]
    assert (paid["outcome"], paid["reason"]) == ("yes", "rewarded")
    assert paid["trace"]["referral"]["to"] == "closed_won"
    assert paid["trace"]["referral"]["id"].startswith("ref_")
    [line] = [line for line in paid["trace"]["rewards"] if line["rule"] == "thanks"]
    assert (line["amount"], line["unit"]) == (2500, "USD")
    assert api.get(f"/v1/rewards/{line['reward']}").data["rule"] == "thanks"
    refused = [decision for event in told.values() for decision in event["decisions"] if decision["outcome"] == "no"]
    assert refused, "the no's are told too"
    assert all(decision["reason"] for decision in refused)


def test_waiting_for_a_duplicate_answers_with_its_decisions(api: Api, recipes: None) -> None:
    first = api.send(*STORY).data["events"]
    again = api.send(*STORY).data
    assert again["inserted"] == []
    assert again["events"] == first


def test_waiting_for_a_busy_engine_ends_and_loses_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> None:
        raise apply.Busy("busy")

    monkeypatch.setattr(apply, "apply_until", busy)
    answer = api.post("/v1/events?wait=true", ORDER)
    assert answer.status == 202
    assert [event["status"] for event in answer.data["events"]] == ["waiting"]


def test_the_worker_is_called_unless_the_caller_applies(
    api: Api, workspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with listener.cursor() as cursor:
            cursor.execute(f"LISTEN {record.CHANNEL}")

        def called(seconds: float = 20) -> list[str]:
            return [notice.payload for notice in listener.connection.notifies(timeout=seconds, stop_after=1)]

        api.post("/v1/events", ORDER)
        assert called() == [workspace]
        api.post("/v1/events?wait=true", {**ORDER, "event_id": "order-2"})
        assert called(0.2) == []

        def busy(*_: object, **__: object) -> None:
            raise apply.Busy("busy")

        monkeypatch.setattr(apply, "apply_until", busy)
        api.post("/v1/events?wait=true", {**ORDER, "event_id": "order-3"})
        assert called() == [workspace]
    finally:
        listener.close()


def test_an_event_the_engine_cannot_apply_says_so(api: Api, workspace: str) -> None:
    from django.db import connection

    from goodword.store import tenancy

    [id_] = api.post("/v1/events", ORDER).data["inserted"]
    with tenancy.workspace(workspace), connection.cursor() as cursor:
        cursor.execute("UPDATE inbox SET attempts = 3, error = 'it broke'")
    found = api.get(f"/v1/events/{id_}").data
    assert (found["status"], found["error"]) == ("failed", "it broke")


def test_a_batch_with_one_bad_event_leaves_nothing(api: Api, tables: Callable[[], dict[str, int]]) -> None:
    before = tables()
    answer = api.send(ORDER, {**ORDER, "event_id": "order-2", "properties": {"value": "1", "currency": "XXX"}}, {})
    assert (answer.status, answer.code) == (422, "invalid_events")
    assert ("/events/1/properties/value", "wrong_type") in answer.errors
    assert ("/events/1/properties/currency", "unknown_currency") in answer.errors
    assert ("/events/2/type", "bad_type") in answer.errors
    assert tables() == before


def test_the_largest_batch_is_taken_and_one_more_is_not(api: Api, tables: Callable[[], dict[str, int]]) -> None:
    many = [{**ORDER, "event_id": f"order-{number}"} for number in range(schemas.MAX_BATCH + 1)]
    refused = api.send(*many, wait=False)
    assert (refused.status, refused.errors) == (422, [("/events", "bad_batch")])
    assert tables()["event"] == 0
    taken = api.send(*many[:-1], wait=False)
    assert (taken.status, len(taken.data["inserted"])) == (202, schemas.MAX_BATCH)


def test_many_faults_are_counted_and_the_first_are_listed(api: Api) -> None:
    answer = api.post("/v1/events/batch", {"events": [{}] * 200})
    assert len(answer.data["errors"]) == 100
    assert "The first 100 of 400 errors" in answer.data["detail"]


def test_an_unknown_event_is_not_found(api: Api) -> None:
    for id_ in ("evt_01jq8x5e4me8k9d3v0h2r6t7wy", "par_01jq8x5e4me8k9d3v0h2r6t7wy", "evt_short", "42"):
        answer = api.get(f"/v1/events/{id_}")
        assert (answer.status, answer.code) == (404, "not_found"), id_


def test_the_api_and_the_engine_speak_of_the_same_limits() -> None:
    assert schemas.MAX_BATCH <= record.MAX_BATCH


def test_a_number_beyond_64_bits_is_told_as_a_float(api: Api) -> None:
    told = {"type": "participant.identified", "event_id": "long", "participant": {"external_id": "ada", "shoe": 1e25}}
    assert api.send(told).status == 200
    found = api.get("/v1/participants", external_id="ada")
    assert found.status == 200
    assert found.data["data"][0]["traits"]["shoe"] == 1e25
    [id] = [row["id"] for row in found.data["data"]]
    assert api.get(f"/v1/participants/{id}/export").status == 200


def _refund(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "order.refunded", "event_id": name, "participant": "ada", "properties": more}


def test_a_refund_that_names_its_order_alone_is_of_all_that_is_left(api: Api) -> None:
    whole = _refund("r-2", order_id="7")
    unknown = api.post("/v1/events", whole)
    assert (unknown.status, unknown.errors) == (422, [("/properties/order_id", "unknown_order")])
    order = {**ORDER, "properties": {"order_id": "7", "value": 1_000, "currency": "USD"}}
    part = _refund("r-1", order_id="7", value=300, currency="USD")
    other = {**_refund("r-0", order_id="7"), "participant": "grace"}
    assert api.send(order, other).errors == [("/events/1/properties/order_id", "unknown_order")]
    sent = api.send(order, part, whole, _refund("r-3", order_id="7"))
    assert [event["properties"].get("value") for event in sent.data["events"]] == [1_000, 300, 700, 0]
    assert sent.data["events"][2]["properties"] == {"order_id": "7", "value": 700, "currency": "USD"}
    again = api.post("/v1/events", whole)
    assert (again.status, again.data["inserted"], len(again.data["duplicates"])) == (202, [], 1)
    late = api.send(_refund("r-4", order_id="7"))
    assert late.data["events"][0]["properties"]["value"] == 0, "nothing is left"
