"""A pause stops new promises. Who is in the programme already goes on under their terms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from support.books import check_books
from support.documents import sales, self_serve, thanks
from support.loyalty import MUG, booked, earns, points, shop
from support.memory import START, Memory
from unit.test_running import begun, move, order

GIFT = [{"id": "all", "give": {"type": "feature", "name": "Dark mode"}}]
PRIZE = [{"id": "first", "place": 1, "give": {"type": "cash", "amount": 5000}}]


def buys(memory: Memory, who: str, day: float, value: int = 1000) -> str | None:
    return memory.say("order.completed", who, day, value=value, currency="USD", order_id=f"{who}-{day}")


def given(memory: Memory) -> list[tuple[str, str]]:
    names = {row.id: row.external_id or "" for row in memory.state.participants.values()}
    return sorted((row.rule, names[row.participant_id]) for row in memory.state.rewards.values())


def test_a_referral_that_runs_is_won_and_rewarded_in_a_pause() -> None:
    """The worked example of docs/concepts/program.md."""
    memory = begun()
    move(memory, "paused", 2)
    assert order(memory, "bo", 3) == "rewarded"
    assert memory.say("participant.signed_up", "cy", 3, code="ada") == "program_paused"
    assert order(memory, "cy", 4) == "not_referred"
    move(memory, "resumed", 5)
    assert order(memory, "cy", 6) == "not_referred"
    assert memory.rewards() == [("thanks", "approved", 1000)]


def test_every_state_on_the_way_pays_in_a_pause() -> None:
    rules = [thanks(id=state, on=f"referral.{state}") for state in ("qualified", "opportunity", "closed_won")]
    memory = Memory(sales(rewards=rules))
    memory.say("referral.submitted", "ada", 0, referral="R1", referred={"email": "bo@x.example"})
    move(memory, "paused", 1, "sold")
    for day, step in enumerate(("qualified", "opportunity_opened", "closed_won"), 2):
        assert memory.say(f"referral.{step}", None, day, referral="R1") == "rewarded"
    assert [row[0] for row in memory.rewards()] == ["qualified", "opportunity", "closed_won"]


def test_a_commission_goes_on_in_a_pause_and_a_referral_expires_in_it() -> None:
    share = thanks(id="share", on="invoice.paid", give={"type": "cash", "amount": {"percent": 20}})
    lifecycle = {"flow": "self_serve", "closed_won": {"on": "order.completed"}, "expire_after": "P9D"}
    memory = begun(rewards=[share | {"for": "P12M"}], lifecycle=lifecycle)
    memory.say("participant.signed_up", "cy", 1, code="ada")
    order(memory, "bo", 2)
    move(memory, "paused", 3)
    assert memory.say("invoice.paid", "bo", 20, value=500, currency="USD") == "rewarded"
    assert memory.rewards() == [("share", "approved", 100)]
    assert memory.referral(1).state == "expired"
    assert memory.say("invoice.paid", "stranger", 20, value=500, currency="USD") == "not_referred"


def test_a_tier_of_referrers_is_reached_in_a_pause_and_pays() -> None:
    tiers = [{"id": "silver", "from": 1, "metric": "closed_won_referrals"}]
    memory = begun(tiers=tiers, rewards=[thanks(on="tier.reached")])
    move(memory, "paused", 2)
    assert order(memory, "bo", 3) == "rewarded"


# Loyalty


def test_single_events_earn_nothing_in_a_pause_and_points_are_spent_mature_and_lapse() -> None:
    rule = earns(hold="P5D", expire={"after": "P30D"})
    memory = Memory(shop(rewards=[rule]))
    assert [buys(memory, "ada", day) for day in (0, 1)] == ["rewarded", "rewarded"]
    move(memory, "paused", 2, "shop")
    assert buys(memory, "ada", 3) == "program_paused"
    assert memory.say("catalogue.redeemed", "ada", 7, program="shop", item="mug") == "redeemed"
    assert points(memory.state) == {"ada": 140}
    assert memory.say("order.refunded", "ada", 8, value=500, currency="USD", order_id="ada-1") == "reversed"
    assert booked(memory.state)["ada"] == {"available": 90, "spent": 60}
    memory.ring(START + timedelta(days=40))
    assert points(memory.state) == {}
    move(memory, "resumed", 41, "shop")
    assert buys(memory, "ada", 42) == "rewarded"
    check_books(memory)


def test_orders_count_towards_tiers_in_a_pause_and_a_tier_that_is_reached_pays() -> None:
    tiers = [{"id": "gold", "from": 3000, "metric": "revenue", "every": "year"}]
    rules = [earns(), earns(id="gold-gift", on="tier.reached")]
    memory = Memory(shop(rewards=rules, tiers=tiers))
    buys(memory, "ada", 0, 2000)
    move(memory, "paused", 1, "shop")
    reason, trace = memory.tell("order.completed", "ada", 2, value=2000, currency="USD", order_id="o")
    assert (reason, trace["tier"]["to"]) == ("rewarded", "gold")
    assert [(line["rule"], line.get("reason")) for line in trace["rewards"]] == [
        ("order", "program_paused"), ("gold-gift", None),
    ]  # fmt: skip
    assert buys(memory, "bo", 3, 100) == "program_paused"


def test_years_that_began_come_in_a_pause_and_none_begins() -> None:
    rule = earns(id="month", on="anniversary.reached", since="participant.signed_up", each="P1M")
    memory = Memory(shop(rewards=[rule]))
    memory.say("participant.signed_up", "ada", 0)
    move(memory, "paused", 1, "shop")
    assert memory.say("participant.signed_up", "bo", 2) == "program_paused"
    memory.ring(START + timedelta(days=35))
    move(memory, "resumed", 36, "shop")
    assert memory.rung == ["anniversary.reached rewarded"]
    assert memory.say("participant.signed_up", "bo", 40) == "anniversaries_begun"
    memory.ring(START + timedelta(days=75))
    assert given(memory) == [("month", "ada"), ("month", "ada"), ("month", "bo")]


def test_a_first_event_that_counts_for_tiers_begins_no_years_in_a_pause() -> None:
    tiers = [{"id": "gold", "from": 3000, "metric": "revenue"}]
    rule = earns(id="month", on="anniversary.reached", since="order.completed", each="P1M")
    memory = Memory(shop(rewards=[rule], tiers=tiers))
    move(memory, "paused", 1, "shop")
    assert buys(memory, "ada", 2) == "counted"
    assert memory.state.timers == {}


def test_after_an_end_that_settles_points_are_spent_and_after_one_that_voids_they_are_not() -> None:
    for ending, answer in (("settle", "redeemed"), ("void", "program_ended")):
        memory = Memory(shop(ending=ending))
        buys(memory, "ada", 0)
        move(memory, "ended", 1, "shop")
        assert buys(memory, "ada", 2) == "program_ended"
        assert memory.say("participant.signed_up", "bo", 2) is None
        assert memory.say("catalogue.redeemed", "ada", 3, program="shop", item=MUG["id"]) == answer


def test_after_an_end_no_tier_pays() -> None:
    tiers = [{"id": "gold", "from": 3000, "metric": "revenue"}]
    memory = Memory(shop(rewards=[earns(on="tier.reached")], tiers=tiers))
    move(memory, "ended", 1, "shop")
    _, trace = memory.tell("order.completed", "ada", 2, value=4000, currency="USD")
    assert trace["rewards"][0]["reason"] == "program_ended"


# Goals and contests


def contest(**told: Any) -> dict[str, Any]:
    told = {"id": "c", "name": "C", "from": "2026-01-06", "to": "2026-01-20", "prizes": PRIZE} | told
    return {"program": "club", "name": "Club", "currency": "USD", "contests": [told]}


def test_a_contest_counts_events_of_whoever_was_in_it_and_gives_its_prize_in_a_pause() -> None:
    memory = Memory(contest(metric={"count": "order.completed"}) | {"kind": "loyalty"})
    assert [buys(memory, who, 2) for who in ("ada", "bo")] == ["tallied", "tallied"]
    move(memory, "paused", 3, "club")
    assert buys(memory, "bo", 4) == "tallied"
    assert [buys(memory, "cy", 5 + extra) for extra in range(3)] == ["program_paused"] * 3
    memory.ring(START + timedelta(days=30))
    assert given(memory) == [("first", "bo")]


@pytest.mark.parametrize(("ending", "winners"), [("settle", [("first", "ada")]), ("void", [])])
def test_a_contest_of_an_ended_program_counts_nothing_more(ending: str, winners: list[tuple[str, str]]) -> None:
    memory = Memory(contest(metric={"count": "order.completed"}) | {"kind": "loyalty", "ending": ending})
    buys(memory, "ada", 2)
    move(memory, "ended", 3, "club")
    assert [buys(memory, who, 4) for who in ("ada", "bo", "bo")] == ["program_ended"] * 3
    memory.ring(START + timedelta(days=30))
    assert given(memory) == winners


def test_deals_that_run_count_in_a_contest_in_a_pause() -> None:
    memory = Memory(contest(metric="closed_won") | {"lifecycle": {"flow": "sales"}})
    for who, name in (("ada", "A1"), ("bo", "B1")):
        memory.say("referral.submitted", who, 1, referral=name, referred={"email": f"{name}@x.example"})
    move(memory, "paused", 2, "club")
    memory.say("referral.closed_won", None, 3, referral="B1")
    memory.ring(START + timedelta(days=30))
    assert given(memory) == [("first", "bo")]


def test_a_goal_is_reached_in_a_pause_and_nobody_joins_it_then() -> None:
    goal = {"id": "g", "metric": "closed_won", "target": 1, "members": "participants", "late": "give", "rewards": GIFT}
    memory = begun(goals=[goal])
    move(memory, "paused", 2)
    order(memory, "bo", 3)
    memory.ring(START + timedelta(days=4))
    assert memory.rung == ["goal.reached goal_reached"]
    _, trace = memory.tell("link.created", "di", 5, program="simple", code="DIA")
    assert [(line["rule"], line["reason"]) for line in trace["rewards"]] == [("all", "program_paused")]
    assert ("all", "di") not in given(memory)
    _, trace = memory.tell("link.created", "ada", 6, program="simple", code="ADA2")
    assert "rewards" not in trace, "Ada has hers already"
    move(memory, "resumed", 7)
    memory.say("link.created", "di", 8, program="simple", code="DIA2")
    assert ("all", "di") in given(memory)


def test_a_goal_that_late_comers_do_not_get_says_nothing_to_them_in_a_pause() -> None:
    goal = {"id": "g", "metric": "closed_won", "target": 1, "members": "participants", "rewards": GIFT}
    memory = begun(goals=[goal])
    order(memory, "bo", 2)
    move(memory, "paused", 3)
    _, trace = memory.tell("link.created", "di", 5, program="simple", code="DIA")
    assert "rewards" not in trace


def test_self_serve_starts_again_after_the_pause() -> None:
    memory = Memory(self_serve())
    memory.say("link.created", "ada", program="simple", code="ADA")
    move(memory, "paused", 1)
    assert memory.say("participant.signed_up", "bo", 2, code="ada") == "program_paused"
    move(memory, "resumed", 3)
    assert memory.say("participant.signed_up", "bo", 4, code="ada") == "opened"
