"""Rewards for reaching a tier in programmes with referrals, tiers by revenue, and amounts that come to nothing."""

from __future__ import annotations

from typing import Any

import pytest

from goodword.domain import ids
from goodword.domain.program import ProgramError, read
from support.books import balances, check_books
from support.documents import sales, self_serve, thanks
from support.loyalty import earns, shop
from support.memory import Memory
from unit.test_decide import referred, submit

TIERS = [
    {"id": "low", "from": 1, "metric": "closed_won_referrals"},
    {"id": "mid", "from": 2, "metric": "closed_won_referrals"},
    {"id": "high", "from": 3, "metric": "closed_won_referrals"},
]


def bonus(**changes: Any) -> dict[str, Any]:
    return {"id": "bonus", "on": "tier.reached", "to": "referrer", "give": {"type": "cash", "amount": 500}, **changes}


def tiers(**changes: Any) -> list[dict[str, Any]]:
    return [{**tier, **changes} for tier in TIERS]


def win(memory: Memory, count: int = 1, day: float = 0, **told: Any) -> list[str]:
    """Submits and wins so many referrals of Ada's; the tiers whose bonus is new, one text for each win."""
    found = []
    for _ in range(count):
        name = f"w{memory.sent}"
        assert submit(memory, name, name, day) in ("opened", "rewarded")
        _, trace = memory.tell("referral.closed_won", day=day, referral=name, **told)
        lines = [line for line in trace.get("rewards", []) if line["rule"] == "bonus"]
        found.append(" ".join(line["tier"] if line["ok"] else line["reason"] for line in lines))
    return found


def test_each_tier_that_is_reached_pays_the_referrer_once() -> None:
    memory = Memory(sales(tiers=TIERS, rewards=[bonus()]))
    assert win(memory, 4) == ["low", "mid", "high", ""]
    assert {row.participant_id for row in memory.state.rewards.values()} == {memory.referral().referrer_id}
    reached = [notice.payload for notice in memory.state.changes.notices if notice.topic == "tier.reached"]
    assert [(row["from"], row["to"], row["count"]) for row in reached] == [
        (None, "low", 1), ("low", "mid", 2), ("mid", "high", 3)
    ]  # fmt: skip
    assert reached[0]["participant"] == ids.public("par", memory.referral().referrer_id)


def test_a_rule_may_ask_for_one_tier() -> None:
    memory = Memory(sales(tiers=TIERS, rewards=[bonus(tier="mid")]))
    assert win(memory, 3) == ["", "mid", ""]


def test_tiers_that_are_passed_at_once_pay_each_their_own_amount() -> None:
    by_tier = {"type": "cash", "amount": {"by_tier": {"low": 100, "mid": 200, "high": 300}}}
    ladder = [{**tier, "from": number} for number, tier in zip((1, 2, 2), TIERS, strict=True)]
    memory = Memory(sales(tiers=ladder, rewards=[bonus(give=by_tier)]))
    assert win(memory, 2) == ["low", "mid high"]
    assert sorted(row.amount or 0 for row in memory.state.rewards.values()) == [100, 200, 300]


def test_a_tier_of_submissions_is_reached_when_a_referral_begins() -> None:
    ladder = tiers(metric="submitted_referrals")
    memory = Memory(sales(tiers=ladder, rewards=[bonus()]))
    assert [submit(memory, "L1", "bob"), submit(memory, "L2", "carl")] == ["rewarded", "rewarded"]
    memory = Memory(self_serve(tiers=ladder, rewards=[bonus(when="referral.source == 'code'")]))
    assert referred(memory).state.rewards


@pytest.mark.parametrize(
    ("options", "days", "paid"),
    [
        ({"every": "quarter"}, (0, 1, 100), ["low", "mid", "low"]),
        ({"window": "P30D"}, (0, 40, 80), ["low", "low", "low"]),
        ({"window": "P30D"}, (0, 20, 35), ["low", "mid", ""]),  # low is held on; mid was paid within 30 days
        ({}, (0, 150, 300), ["low", "mid", "high"]),
    ],
)
def test_it_is_paid_again_in_another_period_or_window(options: Any, days: Any, paid: list[str]) -> None:
    memory = Memory(sales(tiers=tiers(**options), rewards=[bonus()]))
    assert [win(memory, 1, day)[0] for day in days] == paid


def test_one_that_is_lost_and_reached_again_within_its_window_is_not_paid_again() -> None:
    memory = Memory(sales(tiers=tiers(window="P30D"), rewards=[bonus()]))
    assert [win(memory, 1, day)[0] for day in (0, 29)] == ["low", "mid"]
    # On day 31 the first win is older than 30 days, so mid is lost; the next reaches it again, too soon after it paid.
    assert win(memory, 1, 31) == [""]
    assert win(memory, 1, 90) == ["low"]


def test_first_counts_what_the_referrer_reached_not_what_one_referral_did() -> None:
    memory = Memory(sales(tiers=tiers(every="quarter"), rewards=[bonus(first=2)]))
    assert [win(memory, 1, day)[0] for day in (0, 1, 100)] == ["low", "mid", "not_its_turn"]


def test_a_refund_of_the_referral_that_reached_it_takes_the_bonus_back() -> None:
    memory = Memory(self_serve(tiers=TIERS, rewards=[bonus(reverse={"on": ["order.refunded"]})]))
    referred(memory)
    memory.say("order.completed", "bob", 1, value=100, currency="USD", order_id="o")
    assert memory.say("order.refunded", "bob", 2, value=100, currency="USD", order_id="o") == "reversed"
    assert memory.rewards() == [("bonus", "reversed", 500)]
    check_books(memory)


def test_a_merge_does_not_pay_a_tier_twice() -> None:
    memory = Memory(sales(tiers=TIERS, rewards=[bonus()]))
    win(memory, 2)
    memory.say("participant.identified", "new", 1, previous_id="ada")
    submit(memory, "L9", "zoe", 2)
    raw = {"referral": "L8", "program": "sold", "referred": {"email": "y@x.no", "name": "Y"}}
    memory.say("referral.submitted", "new", 3, **raw)
    _, trace = memory.tell("referral.closed_won", day=4, referral="L8")
    assert [line["tier"] for line in trace["rewards"]] == ["high"]
    assert len(memory.rewards()) == 3


def test_a_programme_whose_rules_ask_for_no_tier_makes_no_fact_of_it() -> None:
    memory = Memory(sales(tiers=TIERS))
    win(memory, 2)
    assert not [notice for notice in memory.state.changes.notices if notice.topic == "tier.reached"]


def test_a_loyalty_rule_may_ask_for_one_tier_too() -> None:
    ladder = [{"id": name, "from": at, "metric": "revenue"} for name, at in (("silver", 100), ("gold", 200))]
    workshop = earns(id="shop", on="tier.reached", tier="gold", give={"type": "service", "name": "Workshop"})
    memory = Memory(shop(tiers=ladder, rewards=[workshop]))
    for value in (100, 100):
        memory.say("order.completed", "ada", value=value, currency="USD")
    assert memory.rewards() == [("shop", "approved", None)]


# Tiers by revenue


REVENUE = [{"id": "low", "from": 1000, "metric": "revenue"}, {"id": "high", "from": 5000, "metric": "revenue"}]


def sold(memory: Memory, value: int, day: float = 0) -> str:
    return win(memory, 1, day, value=value, currency="USD")[0]


def test_what_won_referrals_are_worth_reaches_a_tier() -> None:
    memory = Memory(sales(tiers=REVENUE, rewards=[bonus()]))
    assert [sold(memory, value) for value in (999, 1, 3999, 1)] == ["", "low", "", "high"]


@pytest.mark.parametrize("period", [{"window": "P30D"}, {"every": "month"}])
def test_only_deals_of_the_window_or_period_count(period: dict[str, str]) -> None:
    memory = Memory(sales(tiers=[{**tier, **period} for tier in REVENUE], rewards=[bonus()]))
    assert [sold(memory, value, day) for value, day in ((999, 0), (999, 40), (1, 41))] == ["", "", "low"]


def test_a_refund_takes_its_part_off_and_never_more_than_the_deal() -> None:
    memory = Memory(self_serve(tiers=REVENUE, rewards=[bonus()]))
    referred(memory)
    memory.say("order.completed", "bob", 1, value=900, currency="USD", order_id="o")
    assert memory.say("order.refunded", "bob", 2, value=2000, currency="USD", order_id="o") == "nothing_to_reverse"
    memory.say("participant.signed_up", "carl", 3, code="ada")
    assert memory.say("order.completed", "carl", 4, value=999, currency="USD") == "advanced"
    memory.say("participant.signed_up", "dora", 5, code="ada")
    assert memory.say("order.completed", "dora", 6, value=1, currency="USD") == "rewarded"


def test_a_deal_without_a_known_value_counts_nothing() -> None:
    memory = Memory(sales(tiers=REVENUE, rewards=[bonus()]))
    assert win(memory, 2) == ["", ""]


def test_what_is_not_loaded_whole_counts_as_it_was_loaded() -> None:
    memory = Memory(sales(tiers=REVENUE, rewards=[bonus()]))
    submit(memory)
    referral = memory.referral()
    state = memory.state
    at = referral.submitted_at
    state.load_progress(referral.program_id, referral.referrer_id, "elsewhere", at, at, at)
    state.worth["elsewhere"] = 999
    assert [sold(memory, 1), sold(memory, 1)] == ["low", ""]


# What comes to nothing


@pytest.mark.parametrize(
    ("amount", "value", "reason"),
    [
        ({"percent": 10}, 5, "amount_zero"),  # 0.5 goes to the even 0
        ({"percent": 10}, 6, "rewarded"),
        ({"percent": 33}, 0, "amount_zero"),
        ({"cel": "event.value / 10"}, 4, "amount_zero"),
        ({"band": [{"from": 0, "percent": 1}]}, 9, "amount_zero"),
        ({"band": [{"from": 0, "amount": 0}]}, 9, "rewarded"),
        (0, 9, "rewarded"),
        ({"percent": 10, "floor": 1}, 5, "rewarded"),
    ],
)
def test_an_amount_that_comes_to_nothing_is_no_reward_unless_nothing_was_said(
    amount: Any, value: int, reason: str
) -> None:
    memory = referred(Memory(self_serve(rewards=[thanks(give={"type": "cash", "amount": amount})])))
    assert memory.say("order.completed", "bob", 1, value=value, currency="USD") == reason
    assert len(memory.rewards()) == (reason == "rewarded")


def test_no_lot_is_made_of_no_points() -> None:
    rule = earns(give={"type": "points", "amount": {"percent": 10}, "unit": "points"})
    memory = Memory(shop(rewards=[rule]))
    assert memory.say("order.completed", "ada", 0, value=3, currency="USD") == "amount_zero"
    assert (memory.rewards(), balances(memory)) == ([], {})


def test_a_campaign_that_leaves_nothing_gives_nothing() -> None:
    half = {"id": "half", "from": "2026-01-01", "to": "2026-12-31", "rewards": {"thanks": {"multiply": 0.1}}}
    memory = referred(Memory(self_serve(rewards=[thanks(give={"type": "cash", "amount": 3})], campaigns=[half])))
    assert memory.say("order.completed", "bob", 1, value=1, currency="USD") == "amount_zero"


# Faults


def faults(document: dict[str, Any]) -> dict[str, str]:
    try:
        read(document)
    except ProgramError as error:
        return {fault.path: fault.code for fault in error.faults}
    return {}


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        (sales(rewards=[bonus()]), "rewards.0.on", "not_allowed"),
        (sales(tiers=TIERS, rewards=[bonus(tier="midd")]), "rewards.0.tier", "unknown_tier"),
        (sales(tiers=TIERS, rewards=[bonus(to="referred")]), "rewards.0.to", "not_allowed"),
        (sales(tiers=TIERS, rewards=[thanks(tier="mid")]), "rewards.0.tier", "not_allowed"),
        (sales(tiers=TIERS, rewards=[bonus(**{"for": "P1Y"})]), "rewards.0.for", "not_allowed"),
        (sales(tiers=TIERS, rewards=[bonus(until=["subscription.cancelled"])]), "rewards.0.until", "not_allowed"),
        (sales(tiers=[{**TIERS[0], "metric": "points"}]), "tiers.0.metric", "not_allowed"),
    ],
)
def test_what_makes_no_sense_is_refused(document: dict[str, Any], path: str, code: str) -> None:
    assert faults(document) == {path: code}


@pytest.mark.parametrize(
    "document",
    [
        sales(tiers=TIERS, rewards=[bonus(tier="mid", nth=1)]),
        sales(tiers=[{**tier, "window": "P90D"} for tier in REVENUE], rewards=[bonus()]),
    ],
)
def test_what_makes_sense_is_read(document: dict[str, Any]) -> None:
    assert faults(document) == {}
