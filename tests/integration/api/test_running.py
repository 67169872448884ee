"""What runs for a participant: campaigns, contests and goals, in words for them."""

from __future__ import annotations

import json
from typing import Any

from tests.integration.api.conftest import Api

from support.documents import sales, thanks

PRIZES = [{"id": "first", "place": 1, "give": {"type": "cash", "amount": 1000}}]
GIFT = [{"id": "all", "give": {"type": "feature", "name": "Dark mode"}}]
DOCUMENT = sales(
    program="spring", timezone="America/New_York", rewards=[thanks()],
    tiers=[{"id": "gold", "from": 1, "metric": "closed_won_referrals", "window": "P30D", "perks": ["lounge"]}],
    campaigns=[
        {"id": "double-march", "from": "2026-03-01", "to": "2026-03-31", "rewards": {"thanks": {"multiply": 2}}},
        {"id": "bonus", "name": "Bonus", "from": "2026-03-01", "to": "2026-03-31",
         "rewards": {"thanks": {"add": 500}}, "when": "referred.country == 'US'"},
    ],
    contests=[{"id": "c", "name": "Spring", "from": "2026-03-01", "to": "2026-03-31", "metric": "closed_won",
               "final_after": "P7D", "prizes": PRIZES}],
    goals=[{"id": "a-hundred", "metric": "closed_won", "target": 2, "rewards": GIFT},
           {"id": "team", "metric": "closed_won", "target": 5, "group": {"trait": "team"}, "rewards": [
               {"id": "team-gift", "give": {"type": "recognition"}}]}],
)  # fmt: skip


def win(api: Api, who: str, lead: str, at: str) -> None:
    referred = {"program": "spring", "referral": lead, "referred": {"email": f"{lead}@x.example"}}
    sent = api.send(
        {"type": "referral.submitted", "event_id": f"s{lead}", "occurred_at": at, "participant": who,
         "properties": referred},
        {"type": "referral.closed_won", "event_id": f"w{lead}", "occurred_at": at, "properties": {"referral": lead}},
    )  # fmt: skip
    assert sent.status == 200


def runs(api: Api, who: str, at: str, **query: Any) -> dict[str, tuple[Any, ...]]:
    [person] = api.get("/v1/participants", external_id=who).data["data"]
    found = api.get(f"/v1/participants/{person['id']}/running", at=at, **query)
    assert found.status == 200
    return {row["id"]: (row["state"], row["place"], row["score"], row["text"]) for row in found.data["data"]}


def test_a_participant_sees_what_runs_and_how_far_they_are(api: Api) -> None:
    assert api.call("POST", "/v1/programs", json.dumps(DOCUMENT).encode(), "application/json").status == 201
    win(api, "ada", "l1", "2026-03-05T10:00:00Z")
    assert runs(api, "ada", "2026-03-10T10:00:00Z") == {
        "double-march": ("running", None, None, "Double march, until March 31, 2026: the reward is 2 times as much."),
        "bonus": (
            "running", None, None,
            "Bonus, until March 31, 2026: the reward is 5.00 USD more. It holds for some rewards only.",
        ),
        "a-hundred": ("running", None, 1, "Together you have 1 of 2; 1 to go."),
        "c": ("running", 1, 1, "Spring runs until March 31, 2026. Your place so far: 1."),
    }  # fmt: skip
    win(api, "bob", "l2", "2026-03-06T10:00:00Z")
    win(api, "bob", "l3", "2026-03-07T10:00:00Z")
    told = runs(api, "ada", "2026-03-10T10:00:00Z", locale="nb")
    assert told["c"][1:] == (2, 1, "Spring varer til og med 31. mars 2026. Din plass så langt: 2.")
    assert told["a-hundred"][3] == "Dere nådde målet sammen: 3 av 2."
    over = runs(api, "ada", "2026-04-02T10:00:00Z")
    assert over["c"] == ("review", 2, 1, "Spring is over and being checked. Your place so far: 2.")
    assert set(over) == {"a-hundred", "c"}
    out = {"program": "spring", "contest": "c"}
    told_out = {"type": "contest.disqualified", "event_id": "o", "occurred_at": "2026-04-03T10:00:00Z"}
    assert api.send(told_out | {"participant": "bob", "properties": out}).status == 200
    assert runs(api, "bob", "2026-04-04T10:00:00Z")["c"] == (
        "disqualified", None, 2, "You are not part of this contest."
    )  # fmt: skip
    tick = {"type": "clock.ticked", "event_id": "t", "occurred_at": "2026-04-10T10:00:00Z", "participant": "cyd"}
    assert api.send(tick).status == 200
    assert runs(api, "ada", "2026-04-11T10:00:00Z")["c"] == ("final", 1, 1, "Spring is decided. Your place: 1.")
    assert runs(api, "cyd", "2026-04-11T10:00:00Z")["c"][3] == "Spring is decided."
    assert "c" not in runs(api, "cyd", "2026-06-11T10:00:00Z")


def test_the_perks_of_a_tier_of_a_referral_program_are_had_while_it_is_held(api: Api) -> None:
    assert api.call("POST", "/v1/programs", json.dumps(DOCUMENT).encode(), "application/json").status == 201
    win(api, "ada", "l1", "2026-03-05T10:00:00Z")
    [person] = api.get("/v1/participants", external_id="ada").data["data"]

    def perks(at: str) -> list[tuple[str, str]]:
        found = api.get(f"/v1/participants/{person['id']}/entitlements", at=at).data["data"]
        return [(row["name"], row["tier"]) for row in found if row["kind"] == "perk"]

    assert perks("2026-03-06T10:00:00Z") == [("lounge", "gold")]
    assert perks("2026-04-20T10:00:00Z") == []  # 30 days after the win the tier is lost


def test_sums_are_money_in_the_readers_language_and_who_cannot_count_hears_nothing(api: Api) -> None:
    american = {"metric": "submitted", "target": 3, "when": "referrer.country == 'US' && account.plan == 'pro'"}
    goals = [
        {"id": "sold", "metric": "revenue", "target": 2_000_000, "rewards": GIFT},
        {"id": "at-home", "rewards": [{"id": "home", "give": {"type": "recognition"}}], **american},
        {"id": "told", "metric": "submitted", "target": 1200, "when": "referred.country == 'US'",
         "rewards": [{"id": "more", "give": {"type": "recognition"}}]},
    ]  # fmt: skip
    contest = {**DOCUMENT["contests"][0], "metric": {"sum": "order.completed"}}
    document = {**DOCUMENT, "goals": goals, "contests": [contest], "campaigns": []}
    assert api.call("POST", "/v1/programs", json.dumps(document).encode(), "application/json").status == 201
    at = "2026-03-05T10:00:00Z"
    for who, country, plan in (("ada", "US", "pro"), ("bob", "NO", "pro"), ("cyd", "US", "free")):
        event = {"type": "participant.identified", "event_id": f"i{who}", "occurred_at": at, "participant": who}
        account = {"external_id": f"firm-{plan}", "plan": plan}
        assert api.send({**event, "account": account, "properties": {"country": country}}).status == 200
    told = {"program": "spring", "referral": "l1", "referred": {"email": "l1@x.example"}}
    sent = api.send(
        {"type": "referral.submitted", "event_id": "s", "occurred_at": at, "participant": "ada", "properties": told},
        {"type": "referral.closed_won", "event_id": "w", "occurred_at": at,
         "properties": {"referral": "l1", "value": 123_450, "currency": "USD"}},
    )  # fmt: skip
    assert sent.status == 200
    later = "2026-03-10T10:00:00Z"
    norwegian = runs(api, "ada", later, locale="nb")
    assert norwegian["sold"][3] == "Sammen har dere 1\xa0234,50 USD av 20\xa0000,00 USD; 18\xa0765,50 USD gjenstår."
    assert norwegian["told"][3] == "Sammen har dere 0 av 1\xa0200; 1\xa0200 gjenstår. Ikke alt teller med."
    assert [set(runs(api, who, later)) & {"at-home"} for who in ("ada", "bob", "cyd")] == [{"at-home"}, set(), set()]
    [person] = api.get("/v1/participants", external_id="ada").data["data"]
    found = api.get(f"/v1/participants/{person['id']}/running", at=later).data["data"]
    assert {row["id"]: (row["unit"], row["timezone"]) for row in found} == {
        "sold": ("USD", "America/New_York"), "at-home": ("", "America/New_York"),
        "told": ("", "America/New_York"), "c": ("USD", "America/New_York"),
    }  # fmt: skip
