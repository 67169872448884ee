"""What the API tells of people, referrals, rewards, decisions and the ledger, after a small story."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.api.conftest import Api


@pytest.fixture
def ada(api: Api, story: list[str]) -> dict[str, Any]:
    """Ada, as the API tells of her."""
    [found] = api.get("/v1/participants", external_id="ada").data["data"]
    return dict(found)


def test_a_participant_is_found_by_the_hosts_id_and_by_email(api: Api, ada: dict[str, Any]) -> None:
    assert ada["email"] == "ada@example.com"
    assert ada["name"] == "Ada Lovelace"
    assert ada["account"]["external_id"] == "acme"
    assert ada["first_seen_at"] == "2026-01-02T10:00:00Z"
    assert api.get("/v1/participants", email="ADA@example.com").data["data"] == [ada]
    assert api.get(f"/v1/participants/{ada['id']}").data == ada
    assert api.get("/v1/participants", external_id="nobody").data == {"data": [], "next_cursor": None}
    in_acme = api.get("/v1/participants", account="acme").data["data"]
    assert [person["external_id"] for person in in_acme] == ["ada"]


def test_a_participants_referrals_are_told_by_side(api: Api, ada: dict[str, Any]) -> None:
    made = api.get(f"/v1/participants/{ada['id']}/referrals", side="referrer").data["data"]
    assert {(row["program"], row["state"]) for row in made} >= {
        ("credit-after-threshold", "closed_won"),
        ("b2b-sales", "qualified"),
    }
    assert api.get(f"/v1/participants/{ada['id']}/referrals", side="referred").data["data"] == []
    assert len(api.get(f"/v1/participants/{ada['id']}/referrals").data["data"]) == len(made)


def test_referrals_are_filtered_and_got(api: Api, ada: dict[str, Any]) -> None:
    [lead] = api.get("/v1/referrals", external_id="lead-1").data["data"]
    assert (lead["program"], lead["version"], lead["state"], lead["source"]) == (
        "b2b-sales",
        1,
        "qualified",
        "submission",
    )
    assert lead["referrer"]["id"] == ada["id"]
    assert lead["referred"]["email"] == "lead1@example.net"
    assert lead["currency"] == "USD"
    assert lead["qualified_at"] == "2026-01-07T10:00:00Z"
    assert api.get(f"/v1/referrals/{lead['id']}").data == lead
    for query in (
        {"program": "b2b-sales"},
        {"state": "qualified"},
        {"referrer": ada["id"], "program": "b2b-sales"},
        {"referred": lead["referred"]["id"]},
    ):
        assert api.get("/v1/referrals", **query).data["data"] == [lead], query
    assert api.get("/v1/referrals", state="voided").data["data"] == []


def test_rewards_are_filtered_and_got(api: Api, ada: dict[str, Any]) -> None:
    [thanks] = api.get("/v1/rewards", rule="thanks").data["data"]
    assert (thanks["state"], thanks["amount"], thanks["unit"]) == ("pending", 2500, "USD")
    assert thanks["participant"]["id"] == ada["id"]
    assert thanks["hold_until"]
    assert api.get(f"/v1/rewards/{thanks['id']}").data == thanks
    for query in (
        {"program": "credit-after-threshold", "participant": ada["id"]},
        {"referral": thanks["referral"], "participant": ada["id"]},
        {"program": "credit-after-threshold", "state": "pending"},
    ):
        assert api.get("/v1/rewards", **query).data["data"] == [thanks], query
    mine = api.get(f"/v1/participants/{ada['id']}/rewards").data["data"]
    assert {reward["rule"] for reward in mine} >= {"thanks", "qualified"}


def test_a_reward_is_acted_on_by_an_event(api: Api, story: list[str]) -> None:
    [welcome] = api.get("/v1/rewards", rule="welcome", program="credit-after-threshold").data["data"]
    assert welcome["state"] == "approved"
    sent = api.send(
        {
            "type": "reward.issued",
            "event_id": "issue-1",
            "occurred_at": "2026-01-10T00:00:00Z",
            "properties": {"reward": welcome["id"], "by": "billing"},
        }
    )
    [decision] = sent.data["events"][0]["decisions"]
    assert (decision["outcome"], decision["reason"]) == ("yes", "recorded")
    after = api.get(f"/v1/rewards/{welcome['id']}").data
    assert (after["state"], after["issued_at"]) == ("issued", "2026-01-10T00:00:00Z")


def test_balances_now_and_then(api: Api, ada: dict[str, Any]) -> None:
    now = api.get(f"/v1/participants/{ada['id']}/balances").data
    assert now["at"] is None
    [usd] = now["data"]
    assert usd["unit"] == "USD"
    assert usd["reserved"] >= 2500
    assert usd["available"] == 20_000
    before = api.get(f"/v1/participants/{ada['id']}/balances", at="2026-01-06T00:00:00+01:00").data
    assert before["at"] == "2026-01-05T23:00:00Z"
    assert [(row["unit"], row["available"]) for row in before["data"]] == [("USD", 0)]
    assert api.get(f"/v1/participants/{ada['id']}/balances", at="2020-01-01T00:00:00Z").data["data"] == [
        {"unit": "USD", "reserved": 0, "available": 0, "issued": 0, "owed": 0}
    ]


def test_decisions_by_event_participant_and_referral(api: Api, ada: dict[str, Any], story: list[str]) -> None:
    order = next(row for row in api.get("/v1/decisions", limit=200).data["data"] if row["reason"] == "rewarded")
    same = api.get("/v1/decisions", event=order["event"]).data["data"]
    assert order in same
    assert {row["event"] for row in same} == {order["event"]}
    assert api.get(f"/v1/decisions/{order['id']}").data == order
    about = api.get("/v1/decisions", referral=order["referral"]).data["data"]
    assert about
    assert {row["referral"] for row in about} == {order["referral"]}
    hers = api.get("/v1/decisions", participant=ada["id"], limit=200).data["data"]
    assert order in hers, "what her friend's order decided about her referral"
    everything = api.get("/v1/decisions", limit=200).data["data"]
    assert len(hers) < len(everything)
    both = api.get("/v1/decisions", participant=ada["id"], event=order["event"]).data["data"]
    assert order in both


def test_the_ledger_by_account_and_its_trial_balance(api: Api, ada: dict[str, Any]) -> None:
    mine = api.get("/v1/ledger/accounts", participant=ada["id"]).data["data"]
    assert {account["participant"] for account in mine} == {ada["id"]}
    assert sum(account["posted"] for account in mine if account["kind"] == "participant_balance") == 20_000
    costs = api.get("/v1/ledger/accounts").data["data"]
    assert {account["kind"] for account in costs} == {"program_cost"}
    trial = api.get("/v1/ledger/trial-balance").data
    assert (trial["balanced"], trial["drifting_accounts"], trial["at"]) == (True, 0, None)
    [usd] = trial["units"]
    assert usd["totals"]["debits_posted"] == usd["totals"]["credits_posted"] > 0
    assert usd["totals"]["debits_pending"] == usd["totals"]["credits_pending"] > 0
    then = api.get("/v1/ledger/trial-balance", at="2020-01-01T00:00:00Z").data
    assert then == {"at": "2020-01-01T00:00:00Z", "balanced": True, "drifting_accounts": None, "units": []}


def test_the_summary(api: Api, story: list[str]) -> None:
    found = api.get("/v1/summary").data
    assert found["participants"] == 3
    assert found["events_applied"] >= len(story)
    assert found["events_waiting"] == 0
    assert {row["state"] for row in found["referrals"]} >= {"closed_won", "qualified"}
    assert any(row["outcome"] == "no" for row in found["decisions"])
    assert found["trial_balance"]["balanced"] is True


@pytest.mark.parametrize(
    ("path", "prefix"),
    [
        ("/v1/participants/{}", "par"),
        ("/v1/participants/{}/referrals", "par"),
        ("/v1/participants/{}/rewards", "par"),
        ("/v1/participants/{}/balances", "par"),
        ("/v1/referrals/{}", "ref"),
        ("/v1/rewards/{}", "rwd"),
        ("/v1/events/{}", "evt"),
        ("/v1/decisions/{}", "dec"),
    ],
)
def test_what_is_not_there_is_not_found(api: Api, path: str, prefix: str) -> None:
    body = "01jq8x5e4me8k9d3v0h2r6t7wy"
    for id_ in (f"{prefix}_{body}", f"xxx_{body}", f"{prefix}_short", f"{prefix}_8{body[1:]}", "1", "%00", "é"):
        answer = api.get(path.format(id_))
        assert (answer.status, answer.code) in ((404, "not_found"), (400, "bad_request")), id_
