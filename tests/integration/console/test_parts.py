"""What a program's page says of its goals, contests, limits, campaigns and tiers as they stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from goodword.engine import programs, record, worker
from support.browsing import Page
from support.documents import sales, thanks

NOW = datetime.now(UTC)


def day(days: int) -> str:
    return f"{NOW + timedelta(days=days):%Y-%m-%d}"


def gift(id: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "give": {"type": "recognition", "name": id.capitalize()}, **more}


DOCUMENT = sales(
    program="spring", name="Spring", timezone="America/New_York", rewards=[thanks()],
    limits=[
        {"per": "program", "every": "year", "budget": 5000, "id": "yearly", "when_reached": "waitlist"},
        {"per": "referrer", "within": "P30D", "count": 3},
        {"per": "campaign", "count": 9},
    ],
    campaigns=[
        {"id": "gone", "from": day(-60), "to": day(-50), "rewards": {"thanks": {"add": 100}}},
        {"id": "later", "from": day(50), "to": day(60), "rewards": {"thanks": {"set": 9000}}},
        {"id": "double", "name": "Double", "from": day(-5), "to": day(5), "extend": {"yearly": 200},
         "rewards": {"thanks": {"multiply": 2}}, "limit": {"budget": 2500}},
        {"id": "some", "from": day(-5), "to": day(5), "extend": {"yearly": 100}, "when": "referrer.country == 'US'"},
    ],
    goals=[
        {"id": "a-hundred", "metric": "revenue", "target": 100_000, "rewards": [gift("mug")]},
        {"id": "by-team", "metric": "closed_won", "target": 2, "group": {"trait": "team name"}, "late": "give",
         "rewards": [gift("cake")]},
        {"id": "by-firm", "metric": "submitted", "target": 4, "group": "account", "members": "contributors",
         "every": "month", "rewards": [{"id": "paid", "give": {"type": "cash", "amount": 500}}]},
    ],
    contests=[{"id": "c", "name": "Cup", "from": day(-20), "to": day(20), "metric": "revenue", "ties": "share",
               "prizes": [gift("first", place=1), gift("all", places=[1, 10]),
                          {"id": "money", "places": [2, 4], "give": {"type": "cash", "amount": 30000}}]}],
    tiers=[{"id": "gold", "from": 150_000, "metric": "revenue", "every": "year", "perks": ["lounge"],
            "downgrade": "one_down"}],
)  # fmt: skip


def win(workspace: str, who: str, team: str, lead: str, value: int) -> None:
    at = (NOW - timedelta(seconds=1)).isoformat()
    told = {"program": "spring", "referral": lead, "referred": {"email": f"{lead}@x.example"}}
    record.record(
        workspace,
        [
            {"type": "referral.submitted", "event_id": f"s{lead}", "occurred_at": at, "properties": told,
             "participant": {"external_id": who, "team name": team},
             "account": {"external_id": "acme", "name": "Acme"}},
            {"type": "referral.closed_won", "event_id": f"w{lead}", "occurred_at": at,
             "properties": {"referral": lead, "value": value, "currency": "USD"}},
        ],
    )  # fmt: skip


def test_a_program_shows_how_its_parts_stand(workspace: str, visit: Client) -> None:
    programs.publish(workspace, DOCUMENT, by="Ada")
    for who, team, lead, value in (
        ("ada", "Red", "l1", 60_000), ("bo", "Red", "l2", 20_000), ("cy", "Blue", "l3", 20_000)
    ):  # fmt: skip
        win(workspace, who, team, lead, value)
    worker.drain(workspace)
    answer = visit.get("/w/test/programs/spring/")
    page = Page(answer.content.decode())
    shown = page.text
    assert page.forbidden == []
    # Goals: how far each group is, in money where money is counted, and who gets what.
    assert "Shared goal: 1,000.00 USD , revenue" in shown
    assert "Together reached" in shown
    assert "1,000.00 USD / 1,000.00 USD" in shown
    assert "3 people contributed" in shown
    assert "Red reached" in shown
    assert "2 / 2 2 people contributed" in shown
    assert "Blue 1 / 2 1 person contributed" in shown
    assert "Everybody who contributed gets: Recognition, Cake · also who comes later" in shown
    assert "Acme 3 / 4" in shown
    assert "gets: Cash 5.00 USD" in shown
    # The contest: places that several share, and what each of them wins.
    assert "Places 1–10 Recognition, All" in shown
    assert "Places 2–4 Cash 300.00 USD" in shown
    assert "1 ada 600.00 USD Recognition, First, Recognition, All" in shown
    assert "2–3 bo 200.00 USD Cash 300.00 USD , Recognition, All" in shown
    assert "2–3 cy 200.00 USD" in shown
    # Limits: what is used, who waits, what campaigns add.
    assert "per program, a year 40.00 USD / 50.00 USD" in shown
    assert (
        "then a place in line · 2.00 USD more by a campaign now · 1.00 USD more for some by a campaign now · 1 waits"
        in shown
    )
    assert "per referrer, in 30 days 3 rewards" in shown
    assert "per campaign double 2 / 9 rewards" in shown
    # Campaigns: those that run first, then those to come, then those that are over.
    names = [name for name in ("Double Running", "Some Running", "Later Coming", "Gone Over") if name in shown]
    assert [shown.index(name) for name in names] == sorted(shown.index(name) for name in names)
    assert len(names) == 4
    for change in ("thanks × 2", "thanks = 90.00 USD", "thanks + 1.00 USD"):
        assert change in shown
    assert "20.00 USD of 25.00 USD added" in shown
    assert "limit yearly allows 2.00 USD more" in shown
    assert "only when referrer.country == 'US'" in shown
    assert "times in America/New_York" in shown
    # Tiers.
    assert "gold 1,500.00 USD revenue a year down by one tier a period lounge" in shown


def test_a_program_says_what_it_gives_to_whom_and_for_what(workspace: str, visit: Client) -> None:
    def rule(id: str, amount: Any, **more: Any) -> dict[str, Any]:
        return thanks(id=id, give={"type": "cash", "amount": amount}, **more)

    reverse = {"on": ["order.refunded"], "how": "full"}
    rules = [
        rule(
            "tiered", {"by_tier": {"low": 1000, "high": {"percent": 12.5, "floor": 500, "ceiling": 5000}}}, hold="P14D"
        ),
        rule("banded", {"band": [{"from": 0, "amount": 100}, {"from": 10000, "percent": 5}]}, reverse=reverse),
        rule("drawn", {"odds": [{"amount": 500, "weight": 999}, {"amount": 9900, "weight": 1}]}, to="referred"),
        rule("reckoned", {"cel": "event.value / 7"}, on="order.completed", nth=3, until=["subscription.cancelled"]),
        rule("asked", 2000, approval={"by": "finance", "above": 1500}, release_on=["order.delivered"]),
        rule(
            "always-asked",
            2000,
            approval={"by": "sales"},
            when="event.value > 5",
            on="order.completed",
            **{"for": "P1Y"},
        ),
    ]
    tiers = [{"id": id, "from": place, "metric": "closed_won_referrals"} for place, id in enumerate(("low", "high"), 1)]
    size = {"id": "size", "variants": [{"id": "as-now", "weight": 2}, {"id": "more", "weight": 1}]}
    document = sales(program="spring", rewards=rules, tiers=tiers, experiments=[size])
    programs.publish(workspace, document, by="Ada")
    shown = Page(visit.get("/w/test/programs/spring/").content.decode()).text
    for told in (
        "tiered to the referrer Won Cash low: 10.00 USD high: 12.5 %, ≥ 5.00 USD, ≤ 50.00 USD held 14 days",
        "banded to the referrer Won Cash ≥ 0.00 USD: 1.00 USD ≥ 100.00 USD: 5 % taken back on order.refunded",
        "drawn to the referred person Won Cash 999 / 1,000: 5.00 USD 1 / 1,000: 99.00 USD",
        "order.completed nth: 3 until: subscription.cancelled Cash event.value / 7",
        "asked to the referrer Won Cash 20.00 USD held until order.delivered approved by finance above 15.00 USD",
        "order.completed for: P1Y only when event.value > 5 Cash 20.00 USD approved by sales",
        "size as-now 66.7 % · more 33.3 %",
    ):
        assert told in shown
    norwegian = Page(visit.get("/w/test/programs/spring/", headers={"Accept-Language": "nb"}).content.decode()).text
    assert "Hva programmet gir" in norwegian
    assert "low: 10,00 USD" in norwegian


def test_a_draft_has_no_parts_to_show(workspace: str, visit: Client) -> None:
    programs.publish(workspace, DOCUMENT, by="Ada", at=NOW + timedelta(days=2))
    assert "Campaigns" not in Page(visit.get("/w/test/programs/spring/").content.decode()).text
