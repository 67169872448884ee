"""Acts: one request, one event, applied before the answer, which says what was decided and how things are now."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.api.conftest import Api


def last_event(api: Api, answer: dict[str, Any]) -> dict[str, Any]:
    return dict(api.get(f"/v1/events/{answer['event']}").data)


def test_a_participant_is_made_and_changed_by_the_hosts_id(api: Api) -> None:
    made = api.post(
        "/v1/participants",
        {"external_id": "u1", "email": "ada@example.com", "name": "Ada", "country": "NO", "traits": {"role": "admin"}},
    )
    assert (made.status, made.data["applied"], made.data["duplicate"]) == (200, True, False)
    person = made.data["participant"]
    assert (person["external_id"], person["email"], person["name"]) == ("u1", "ada@example.com", "Ada")
    assert person["traits"] == {"role": "admin", "country": "NO"}
    event = last_event(api, made.data)
    assert (event["type"], event["source"], event["status"]) == ("participant.identified", "api", "applied")
    changed = api.post("/v1/participants", {"external_id": "u1", "name": "Ada Lovelace", "account": "acme"}).data
    assert changed["participant"]["id"] == person["id"]
    assert (changed["participant"]["name"], changed["participant"]["email"]) == ("Ada Lovelace", "ada@example.com")
    assert changed["participant"]["account"]["external_id"] == "acme"
    assert api.post("/v1/participants", {"email": "new@example.com"}).data["participant"]["external_id"] is None
    first = api.post("/v1/participants", {"external_id": "u1", "event_id": "e1", "name": "A"}).data
    again = api.post("/v1/participants", {"external_id": "u1", "event_id": "e1", "name": "B"}).data
    assert (again["event"], again["duplicate"], again["participant"]["name"]) == (first["event"], True, "A")
    later = api.post("/v1/participants?wait=false", {"external_id": "u9"})
    assert (later.status, later.data["applied"], later.data["participant"]) == (202, False, None)


def test_an_account_is_made_changed_and_found(api: Api) -> None:
    made = api.post(
        "/v1/accounts", {"external_id": "acme", "name": "Acme", "status": "paying", "traits": {"region": "north"}}
    )
    assert made.status == 200
    account = made.data["account"]
    assert (account["external_id"], account["name"], account["traits"]["status"]) == ("acme", "Acme", "paying")
    changed = api.post("/v1/accounts", {"external_id": "acme", "plan": "pro"}).data["account"]
    assert (changed["id"], changed["traits"]["plan"], changed["traits"]["region"]) == (account["id"], "pro", "north")
    assert api.get(f"/v1/accounts/{account['id']}").data == changed
    assert api.get("/v1/accounts", external_id="acme").data["data"] == [changed]
    assert api.get("/v1/accounts", external_id="other").data["data"] == []


def test_two_who_are_one_are_merged_and_taken_apart(api: Api, story: list[str]) -> None:
    [ada] = api.get("/v1/participants", external_id="ada").data["data"]
    other = api.post("/v1/participants", {"external_id": "countess"}).data["participant"]
    done = api.post(f"/v1/participants/{ada['id']}/merge", {"previous_id": other["id"]})
    assert done.status == 200
    assert [one["reason"] for one in done.data["decisions"]] == ["merged"]
    assert [one["external_id"] for one in done.data["participant"]["merged"]] == ["countess"]
    apart = api.post(f"/v1/participants/{other['id']}/split", {})
    assert apart.data["participant"]["external_id"] == "countess"
    assert api.post(f"/v1/participants/{other['id']}/split", {}).code == "wrong_state"
    for wrong, code in (("ada", "same_participant"), ("nobody", "unknown_participant"), ("par_x", "bad_id")):
        refused = api.post(f"/v1/participants/{ada['id']}/merge", {"previous_id": wrong})
        assert refused.errors == [("/previous_id", code)]


LEAD = {
    "program": "b2b-sales",
    "referral": "lead-9",
    "referrer": {"external_id": "ada"},
    "account": "acme",
    "referred": {"email": "tim@example.net", "name": "Tim", "company": "W", "country": "US", "employees": 90, "vip": 1},
}


def test_a_referral_is_submitted_once_and_moved_along_to_its_reward(api: Api, story: list[str]) -> None:
    done = api.post("/v1/referrals", LEAD)
    assert done.status == 200
    lead = done.data["referral"]
    assert (lead["external_id"], lead["state"], lead["referred"]["name"]) == ("lead-9", "submitted", "Tim")
    again = api.post("/v1/referrals", LEAD)
    assert (again.data["duplicate"], again.data["event"]) == (True, done.data["event"])
    where = f"/v1/referrals/{lead['id']}"
    assert api.post(f"{where}/qualify", {}).data["referral"]["state"] == "qualified"
    again = api.post(f"{where}/qualify", {}).data
    assert [one["outcome"] for one in again["decisions"]] == ["no"]
    assert api.post(f"{where}/open-opportunity", b"").data["referral"]["state"] == "opportunity"
    won = api.post(f"{where}/win", {"value": 900_000, "currency": "USD"}).data
    assert (won["referral"]["state"], won["referral"]["value"]) == ("closed_won", 900_000)
    rewards = api.get("/v1/rewards", referral=lead["id"]).data["data"]
    held = next(one for one in rewards if one["needs_approval"] or one["state"] == "pending")
    approved = api.post(f"/v1/rewards/{held['id']}/approve", {})
    assert approved.status == 200
    assert last_event(api, approved.data)["properties"]["by"] == "key tests"
    assert approved.data["decisions"]


def test_a_referrer_may_be_named_by_the_external_id_alone(api: Api, story: list[str]) -> None:
    done = api.post("/v1/referrals", LEAD | {"referrer": "ada"})
    assert done.data["referral"]["referrer"]["external_id"] == "ada"


def test_a_submission_to_a_program_of_links_and_codes_is_told_so(api: Api, story: list[str]) -> None:
    done = api.post("/v1/referrals", LEAD | {"program": "credit-after-threshold"})
    assert (done.status, done.data["referral"]) == (200, None)
    [decision] = done.data["decisions"]
    assert (decision["program"], decision["outcome"], decision["reason"]) == (
        "credit-after-threshold",
        "no",
        "no_submissions",
    )


def test_a_referral_is_lost_or_disqualified_with_a_reason(api: Api, story: list[str]) -> None:
    for verb, state in (("lose", "closed_lost"), ("disqualify", "disqualified")):
        body = LEAD | {"referral": verb, "referred": {**LEAD["referred"], "email": f"{verb}@example.net"}}  # type: ignore[dict-item]
        lead = api.post("/v1/referrals", body).data["referral"]
        moved = api.post(f"/v1/referrals/{lead['id']}/{verb}", {"reason": "too_small"}).data["referral"]
        assert (moved["state"], moved["reason"]) == (state, "too_small")


def test_a_reward_is_rejected_issued_and_redeemed(api: Api, story: list[str]) -> None:
    lead = api.post("/v1/referrals", LEAD).data["referral"]
    api.post(f"/v1/referrals/{lead['id']}/qualify", {})
    api.post(f"/v1/referrals/{lead['id']}/win", {"value": 900_000, "currency": "USD"})
    rewards = api.get("/v1/rewards", referral=lead["id"]).data["data"]
    first, second, *_ = sorted(rewards, key=lambda one: one["state"] != "pending")  # ids of one moment have no order
    rejected = api.post(f"/v1/rewards/{first['id']}/reject", {"by": "finance", "reason": "fraud"}).data
    assert (rejected["reward"]["state"], rejected["reward"]["reason"]) == ("rejected", "fraud")
    where = f"/v1/rewards/{second['id']}"
    assert api.post(f"{where}/approve", {}).data["reward"]["state"] == "approved"
    assert api.post(f"{where}/issue", {"by": "bank"}).data["reward"]["state"] == "issued"
    assert api.post(f"{where}/redeem", {}).data["reward"]["state"] == "redeemed"
    refused = api.post(f"{where}/fail", {}).data
    assert (refused["reward"]["state"], [one["outcome"] for one in refused["decisions"]]) == ("redeemed", ["no"])


@pytest.mark.parametrize(
    ("path", "body", "errors"),
    [
        ("/v1/participants", {}, [("/external_id", "missing")]),
        ("/v1/participants", {"external_id": " "}, [("/external_id", "bad_value")]),
        ("/v1/participants", {"external_id": 7}, [("/external_id", "wrong_type")]),
        ("/v1/participants", {"external_id": "a" * 201}, [("/external_id", "out_of_range")]),
        ("/v1/participants", {"external_id": "a", "traits": {"email": "x"}}, [("/traits/email", "not_a_trait")]),
        ("/v1/participants", {"external_id": "a", "traits": {"n": 2**63}}, [("/n", "number_too_large")]),
        ("/v1/participants", {"external_id": "a", "country": "Norway"}, [("/country", "bad_value")]),
        ("/v1/participants", {"external_id": "a", "occurred_at": "now"}, [("/occurred_at", "bad_value")]),
        (
            "/v1/participants",
            {"external_id": "a", "occurred_at": "2999-01-01T00:00:00Z"},
            [("/occurred_at", "time_in_future")],
        ),
        ("/v1/accounts", {"external_id": "a", "employees": -1}, [("/employees", "out_of_range")]),
        ("/v1/accounts", {"external_id": "a", "since": "2020"}, [("/since", "bad_value")]),
        ("/v1/accounts", {"external_id": "a", "traits": {"plan": "x"}}, [("/traits/plan", "not_a_trait")]),
        ("/v1/referrals", {"referred": {"email": "x@y.z"}}, [("/referrer", "missing")]),
        ("/v1/referrals", {"referrer": {}, "referred": {"email": "x@y.z"}}, [("/referrer/external_id", "missing")]),
        (
            "/v1/referrals",
            {"referrer": {"external_id": "a"}, "referred": {"email": "x"}},
            [("/referred/email", "bad_value")],
        ),
        (
            "/v1/referrals",
            {"referrer": {"external_id": "a"}, "referred": {"email": "x@y.z"}, "program": "none"},
            [("/program", "unknown_program")],
        ),
        ("/v1/referrals", {"referrer": 7, "referred": {"email": "x@y.z"}}, [("/referrer", "wrong_type")]),
        (
            "/v1/referrals",
            {"referrer": "", "referred": {"email": "x@y.z"}},
            [("/referrer/external_id", "out_of_range")],
        ),
    ],
)
def test_a_body_that_does_not_fit_is_told_by_its_place(unmoved: Api, path: str, body: object, errors: object) -> None:
    answer = unmoved.post(path, body)
    assert (answer.status, answer.code) == (422, "invalid_request")
    assert answer.errors == errors


def test_what_is_not_there_cannot_be_acted_upon(unmoved: Api) -> None:
    number = "01jq8x5e4me8k9d3v0h2r6t7wy"
    for path in (
        f"/v1/referrals/ref_{number}/win", f"/v1/rewards/rwd_{number}/approve",
        f"/v1/participants/par_{number}/merge", f"/v1/participants/par_{number}/split",
    ):  # fmt: skip
        assert unmoved.post(path, {"previous_id": "x"} if path.endswith("merge") else {}).code == "not_found", path


def test_the_workspace_gets_another_name(api: Api) -> None:
    answer = api.call("PATCH", "/v1/workspace", b'{"name": "Acme International"}')
    assert (answer.status, answer.data["name"], answer.data["slug"]) == (200, "Acme International", "test")
    assert api.get("/v1/workspace").data["name"] == "Acme International"
    assert api.call("PATCH", "/v1/workspace", b'{"slug": "x"}').code == "invalid_request"
