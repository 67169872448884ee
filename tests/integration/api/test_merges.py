"""Two participants turn out to be one: sent as events, and told of both from then on."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.api.conftest import Api

MERGE = {
    "type": "participant.identified",
    "event_id": "merge-1",
    "occurred_at": "2026-03-01T10:00:00Z",
    "participant": "grace-new",
    "properties": {"previous_id": "grace"},
}


def found(api: Api, external_id: str) -> dict[str, Any]:
    [row] = api.get("/v1/participants", external_id=external_id).data["data"]
    return dict(row)


def split(of: str) -> dict[str, Any]:
    return {"type": "participant.split", "event_id": "split-1", "properties": {"previous_id": of}}


@pytest.fixture
def grace(api: Api, story: list[str]) -> dict[str, Any]:
    """Grace, before she turns out to be somebody else too."""
    return found(api, "grace")


def test_either_id_leads_to_the_one_who_stands_for_both(api: Api, grace: dict[str, Any]) -> None:
    api.send(MERGE)
    now = found(api, "grace-new")
    assert [one["external_id"] for one in now["merged"]] == ["grace"]
    assert grace["merged"] == []
    assert now["email"] == "grace@example.org"
    assert found(api, "grace") == now
    assert api.get("/v1/participants", email="grace@example.org").data["data"] == [now]
    assert now["id"] != grace["id"]
    for path in ("", "/referrals", "/rewards", "/balances"):
        mine, theirs = (api.get(f"/v1/participants/{id}{path}") for id in (now["id"], grace["id"]))
        assert mine.status == 200
        assert mine.data == theirs.data
    people = api.get("/v1/participants").data["data"]
    assert [row["external_id"] for row in people].count("grace") == 0
    for name, rows in (("referred", "referrals"), ("participant", "rewards")):
        lists = [api.get(f"/v1/{rows}", **{name: id}).data["data"] for id in (now["id"], grace["id"])]
        assert lists[0] == lists[1] != []
    accounts = api.get("/v1/ledger/accounts", participant=grace["id"])
    assert {row["participant"] for row in accounts.data["data"]} <= {now["id"]}


def test_the_decision_says_what_moved_and_concerns_no_program(api: Api, grace: dict[str, Any]) -> None:
    [event] = api.send(MERGE).data["events"]
    [decision] = event["decisions"]
    assert (decision["program"], decision["version"], decision["reason"]) == (None, None, "merged")
    merge = decision["trace"]["merge"]
    assert (merge["how"], merge["merged"], merge["survivor"]) == (
        "previous_id",
        grace["id"],
        found(api, "grace-new")["id"],
    )
    assert merge["received"] >= 1
    assert api.get(f"/v1/decisions/{decision['id']}").data == decision
    by_person = api.get("/v1/decisions", participant=grace["id"]).data["data"]
    assert decision in by_person
    assert len(by_person) > 1  # what was decided about grace before
    summary = api.get("/v1/summary").data
    assert [row for row in summary["decisions"] if row["program"] is None] == [
        {"program": None, "outcome": "yes", "reason": "merged", "count": 1}
    ]


def test_a_merge_is_taken_back(api: Api, grace: dict[str, Any]) -> None:
    api.send(MERGE)
    [event] = api.send(split(grace["id"])).data["events"]
    [decision] = event["decisions"]
    assert decision["reason"] == "split"
    assert decision["trace"]["merge"]["event"].startswith("evt_")
    again = found(api, "grace")
    assert {**again, "updated_at": ""} == {**grace, "updated_at": ""}
    assert found(api, "grace-new")["merged"] == []
    [event] = api.send({**split(grace["id"]), "event_id": "split-2"}).data["events"]
    assert [decision["reason"] for decision in event["decisions"]] == ["not_merged"]


def test_a_split_must_say_of_whom(api: Api) -> None:
    refused = api.send({"type": "participant.split", "event_id": "s", "properties": {}})
    assert (refused.status, refused.code) == (422, "invalid_events")
    assert refused.errors == [("/events/0/properties/previous_id", "missing")]
