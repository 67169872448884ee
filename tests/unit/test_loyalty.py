"""Points: earned once per event, spent oldest first, given back with their order, and gone when their time is over."""

from __future__ import annotations

from typing import Any

import pytest

from goodword.domain import ids
from goodword.domain.program import read
from support.documents import self_serve
from support.loyalty import MUG, booked, earns, points, shop
from support.memory import Memory


def buy(memory: Memory, order: str | None = None, day: float = 0, value: int = 10000, **told: Any) -> str | None:
    """Ada's order of 100 USD."""
    named = {"order_id": order} if order else {}
    return memory.say("order.completed", "ada", day, value=value, currency="USD", **named, **told)


def refund(memory: Memory, order: str | None, day: float = 0, value: int = 10000, **told: Any) -> str | None:
    """Ada gets the price of an order back, or a part of it."""
    named = {"order_id": order} if order else {}
    return memory.say("order.refunded", "ada", day, value=value, **{"currency": "USD", **named, **told})


def redeem(memory: Memory, day: float = 0, item: str = "mug", who: str = "ada") -> str | None:
    """Somebody spends points."""
    return memory.say("catalogue.redeemed", who, day, program="shop", item=item)


def states(memory: Memory, rule: str = "order") -> list[str]:
    """The states of what a rule gave, oldest first."""
    rows = sorted(memory.state.rewards.values(), key=lambda row: (row.granted_at, row.id))
    return [row.state for row in rows if row.rule == rule]


def move(memory: Memory, kind: str, day: float = 0, number: int = 0, rule: str = "order") -> str | None:
    """Moves what a rule gave."""
    return memory.say(kind, None, day, reward=ids.public("rwd", memory.reward(rule, number).id))


# Earning


def test_every_event_about_the_participant_earns_once() -> None:
    memory = Memory(shop())
    assert [buy(memory), buy(memory), buy(memory, "o1"), buy(memory, "o1")] == ["rewarded"] * 4
    assert points(memory.state) == {"ada": 400}
    assert booked(memory.state) == {"ada": {"available": 400}}


def test_of_rules_that_exclude_each_other_the_better_earns() -> None:
    share = {"type": "points", "unit": "points", "amount": {"percent": 2}}
    stack = {"rules": ["order", "share"], "keep": "better"}
    memory = Memory(read(shop(rewards=[earns(), earns(id="share", give=share)], stacking=[stack]))[1])
    assert [buy(memory, value=10_000), buy(memory, value=400)] == ["rewarded"] * 2
    assert [row.rule for row in memory.state.rewards.values()] == ["share", "order"]


def test_an_event_of_another_type_or_about_nobody_concerns_nothing() -> None:
    memory = Memory(shop(rewards=[earns(on="ride.finished")]))
    assert [buy(memory), memory.say("ride.finished", referral="x"), memory.say("ride.finished", "ada")] == [
        None,
        None,
        "rewarded",
    ]


def test_a_condition_reads_the_participant_the_account_and_the_history() -> None:
    when = "participant.country == 'NO' && history.orders == 2"
    memory = Memory(shop(rewards=[earns(when=when)]))
    memory.say("participant.identified", "ada", country="NO")
    assert [buy(memory), buy(memory), buy(memory)] == ["condition_not_met", "rewarded", "condition_not_met"]


def test_a_limit_per_participant_holds_for_each() -> None:
    memory = Memory(shop(limits=[{"per": "participant", "count": 1}]))
    told = {"value": 1, "currency": "USD"}
    assert [memory.say("order.completed", who, **told) for who in ("ada", "bob", "ada")] == [
        "rewarded", "rewarded", "cap_reached"
    ]  # fmt: skip


def test_a_loyalty_programme_has_no_links_and_no_referrals() -> None:
    memory = Memory(shop())
    assert memory.say("link.created", "ada", program="shop", code="ADA1") == "no_referrals"
    assert memory.say("link.created", "ada", program="other", code="ADA1") is None
    assert memory.say("participant.signed_up", "bob", code="ADA1") is None
    assert memory.say("reward.approved", referral="R1", rule="order") == "unknown_referral"


def test_points_mature_after_their_hold() -> None:
    memory = Memory(shop(rewards=[earns(hold="P14D")]))
    buy(memory)
    assert redeem(memory, 13.99) == "not_enough_points"
    assert redeem(memory, 14) == "redeemed"


def test_points_wait_for_a_person_and_are_not_handed_over() -> None:
    memory = Memory(shop(rewards=[earns(approval={"by": "care"})]))
    buy(memory)
    buy(memory)
    assert [redeem(memory), move(memory, "reward.approved"), redeem(memory)] == [
        "not_enough_points", "recorded", "redeemed"
    ]  # fmt: skip
    assert move(memory, "reward.rejected", number=1) == "recorded"
    assert move(memory, "reward.issued") == "points_are_kept"
    assert move(memory, "reward.approved") == "wrong_state"
    assert points(memory.state) == {"ada": 40}


def test_other_gifts_of_a_loyalty_programme_are_handed_over_as_always() -> None:
    cake = {"type": "discount", "amount": 500}
    memory = Memory(shop(rewards=[earns(id="cake", give=cake, hold="P1D", expire={"after": "P1D"})]))
    buy(memory)
    assert move(memory, "reward.issued", 1, rule="cake") == "recorded"
    memory.say("clock.ticked", "bob", 3)
    assert memory.rung == ["hold.ended recorded", "reward.expired recorded"]


# Spending


def test_spending_takes_the_lots_that_lapse_first_and_parts_of_them() -> None:
    late, soon = earns(id="late", expire={"after": "P90D"}), earns(on="ride.finished", expire={"after": "P30D"})
    memory = Memory(shop(rewards=[late, soon]))
    buy(memory)
    memory.say("ride.finished", "ada", 1)
    reason, trace = memory.tell("catalogue.redeemed", "ada", 2, program="shop", item="mug")
    assert reason == "redeemed"
    soonest = memory.reward("order")
    assert trace["spent"] == {
        "item": "mug", "price": 60, "unit": "points", "left": 140, "lots": [{"reward": soonest.id, "amount": 60}]
    }  # fmt: skip
    assert redeem(memory, 3) == "redeemed"
    assert (states(memory), states(memory, "late")) == (["redeemed"], ["approved"])
    assert points(memory.state) == {"ada": 80}
    assert booked(memory.state) == {"ada": {"available": 80, "spent": 120}}
    assert memory.state.changes.notices[-1].topic == "points.spent"


def test_the_last_point_can_be_spent_and_no_more() -> None:
    memory = Memory(shop(catalogue=[{**MUG, "price": 100}]))
    assert redeem(memory) == "not_enough_points"
    buy(memory)
    assert [redeem(memory), redeem(memory)] == ["redeemed", "not_enough_points"]
    assert booked(memory.state) == {"ada": {"spent": 100}}
    assert states(memory, "mug") == [
        "approved",
    ]


@pytest.mark.parametrize(("item", "reason"), [("cup", "unknown_item"), ("mug", "condition_not_met")])
def test_what_is_not_given_costs_nothing(item: str, reason: str) -> None:
    memory = Memory(shop(catalogue=[{**MUG, "when": "participant.country == 'NO'", "unit": "points"}]))
    buy(memory)
    memory.say("participant.identified", "ada", country="DK")
    assert redeem(memory, item=item) == reason
    assert points(memory.state) == {"ada": 100}


def test_redeeming_names_its_programme() -> None:
    memory = Memory(shop())
    assert memory.say("catalogue.redeemed", "ada", program="other", item="mug") is None


# Lapsing


def test_only_what_is_left_of_a_lot_lapses_and_not_a_second_early() -> None:
    memory = Memory(shop(rewards=[earns(expire={"after": "P30D"})]))
    buy(memory)
    assert redeem(memory, 29.9999) == "redeemed"
    memory.ring(memory.reward("order").expires_at or 0)  # type: ignore[arg-type]
    assert memory.rung == ["reward.expired recorded"]
    assert (points(memory.state), booked(memory.state)) == ({}, {"ada": {"spent": 60}})


def test_points_that_nobody_approved_lapse_too_and_ended_ones_do_not() -> None:
    memory = Memory(shop(rewards=[earns(approval={"by": "care"}, expire={"after": "P30D"})]))
    buy(memory)
    buy(memory)
    move(memory, "reward.rejected")
    memory.say("clock.ticked", "bob", 31)
    assert sorted(memory.rung) == ["reward.expired recorded", "reward.expired superseded"]
    assert booked(memory.state) == {}


def test_lapsing_can_wait_for_the_end_of_the_month() -> None:
    rule = earns(expire={"after": "P30D", "end_of": "month"})
    memory = Memory(shop(timezone="Europe/Oslo", rewards=[rule]))
    buy(memory)
    assert str(memory.reward("order").expires_at) == "2026-02-28 23:00:00+00:00"


# Giving back


def test_refunds_in_parts_take_their_share_and_the_last_one_the_rest() -> None:
    memory = Memory(shop())
    buy(memory, "o1", value=300)
    left = []
    for day in (1, 2, 3):
        assert refund(memory, "o1", day, value=100) == "reversed"
        left.append(points(memory.state).get("ada", 0))
    assert left == [67, 33, 0]
    assert (refund(memory, "o1", 4, value=100), states(memory)) == ("nothing_to_reverse", ["reversed"])


def test_a_refund_takes_only_what_its_order_earned() -> None:
    memory = Memory(shop())
    buy(memory, "o1")
    buy(memory, "o2")
    assert refund(memory, "o2") == "reversed"
    assert (refund(memory, None), refund(memory, "o3")) == ("unknown_order", "unknown_order")
    assert refund(memory, "o1", currency="EUR") == "no_exchange_rate"
    assert memory.say("order.refunded", "bob", value=1, currency="USD", order_id="o1") == "unknown_order"
    assert states(memory).count("approved") == 1


def test_nobody_can_tell_what_share_of_an_order_without_a_value_was_refunded() -> None:
    memory = Memory(shop(rewards=[earns(on="ride.finished")]))
    assert memory.say("ride.finished", "ada", order_id="o1") == "rewarded"
    assert refund(memory, "o1") == "nothing_to_reverse"


def test_a_refund_before_its_order_is_remembered() -> None:
    memory = Memory(shop())
    assert refund(memory, "o1", value=5000) == "unknown_order"
    assert buy(memory, "o1") == "rewarded"
    assert points(memory.state) == {"ada": 50}


def test_points_spent_already_become_a_debt_that_later_points_pay() -> None:
    memory = Memory(shop())
    buy(memory, "o1")
    redeem(memory, 1)
    assert refund(memory, "o1", 2) == "reversed"
    assert booked(memory.state) == {"ada": {"spent": 60, "owed": 60}}
    buy(memory, "o2", 3)
    assert booked(memory.state) == {"ada": {"spent": 60, "available": 40}}
    assert points(memory.state) == {"ada": 40}


def test_a_debt_is_paid_before_anything_is_bought() -> None:
    memory = Memory(shop(rewards=[earns(), earns(id="held", on="ride.finished", hold="P10D")]))
    buy(memory, "o1")
    redeem(memory)
    buy(memory, "o2")
    refund(memory, "o1")
    assert booked(memory.state) == {"ada": {"spent": 60, "owed": 60, "available": 100}}
    assert redeem(memory) == "not_enough_points"
    memory.say("ride.finished", "ada")
    memory.say("clock.ticked", "bob", 10)
    assert booked(memory.state) == {"ada": {"spent": 60, "available": 140}}
    buy(memory, "o3", 11)
    refund(memory, "o2", 11, value=1000)
    reason, trace = memory.tell("catalogue.redeemed", "ada", 11, program="shop", item="mug")
    assert (reason, trace["spent"]["left"]) == ("redeemed", 170)
    assert booked(memory.state) == {"ada": {"spent": 120, "available": 170}}
    assert points(memory.state) == {"ada": 170}


def test_a_debt_is_paid_by_a_whole_lot_when_it_matures() -> None:
    memory = Memory(shop(rewards=[earns(), earns(id="held", on="ride.finished", hold="P10D", expire={"after": "P1D"})]))
    buy(memory, "o1")
    buy(memory, "o2")
    [redeem(memory) for _ in range(3)]
    memory.say("ride.finished", "ada")
    refund(memory, "o1")
    refund(memory, "o2")
    assert booked(memory.state) == {"ada": {"spent": 180, "owed": 180}}
    memory.say("clock.ticked", "bob", 20)
    assert (memory.rung, states(memory, "held")) == (["hold.ended recorded"], ["redeemed"])
    assert booked(memory.state) == {"ada": {"spent": 180, "owed": 80}}


def test_what_lapsed_is_not_owed_when_its_order_is_refunded() -> None:
    memory = Memory(shop(rewards=[earns(expire={"after": "P30D"})]))
    buy(memory, "o1")
    redeem(memory)
    assert refund(memory, "o1", 31, value=5000) == "reversed"
    assert (booked(memory.state), states(memory)) == ({"ada": {"spent": 60, "owed": 10}}, ["expired"])
    assert refund(memory, "o1", 32, value=5000) == "reversed"
    assert (booked(memory.state), states(memory)) == ({"ada": {"spent": 60, "owed": 60}}, ["expired"])


def test_a_part_spent_lot_ends_when_the_rest_is_given_back() -> None:
    memory = Memory(shop(rewards=[earns(expire={"after": "P30D"})]))
    buy(memory, "o1")
    redeem(memory)
    refund(memory, "o1", value=4000)
    assert (states(memory), points(memory.state), memory.state.timers) == (["redeemed"], {}, {})


def test_points_that_are_held_are_reduced_or_never_come() -> None:
    memory = Memory(shop(rewards=[earns(hold="P10D", expire={"after": "P1D"})]))
    buy(memory, "o1")
    buy(memory, "o2")
    refund(memory, "o1", value=2500)
    refund(memory, "o2")
    memory.say("clock.ticked", "bob", 10)
    assert (points(memory.state), sorted(states(memory))) == ({"ada": 75}, ["approved", "cancelled"])


def test_a_rule_can_say_what_takes_its_points_back() -> None:
    reverse = {"on": ["order.refunded", "order.returned"], "how": "full", "within": "P10D", "when": "event.value > 1"}
    memory = Memory(shop(rewards=[earns(reverse=reverse)]))
    assert buy(memory, "o1") == "rewarded"
    assert refund(memory, "o1", value=1) == "condition_not_met"
    assert memory.say("order.returned", "ada", 1, order_id="o1") == "condition_error"
    assert refund(memory, "o1", 10, value=2) == "outside_window"
    assert memory.say("order.returned", "ada", 9, order_id="o1", value=5000) == "reversed"
    assert points(memory.state) == {}


@pytest.mark.parametrize("how", ["none", "proportional"])
def test_a_rule_can_leave_its_points_alone(how: str) -> None:
    memory = Memory(shop(rewards=[earns(reverse={"on": ["order.returned"], "how": how})]))
    buy(memory, "o1")
    assert [refund(memory, "o1"), memory.say("order.returned", "ada", order_id="o1")][0] == "nothing_to_reverse"
    assert points(memory.state) == ({"ada": 100} if how == "none" else {})


@pytest.mark.parametrize("issued", [False, True])
def test_other_gifts_are_given_back_too(issued: bool) -> None:
    give = {"type": "account_credit", "amount": 1000}
    memory = Memory(shop(rewards=[earns(give=give, expire={"after": "P30D"})]))
    buy(memory, "o1")
    if issued:
        move(memory, "reward.issued")
    assert refund(memory, "o1", value=2500) == "reversed"
    assert (memory.reward("order").reversed, states(memory)[0]) == (250, "issued" if issued else "approved")
    assert refund(memory, "o1", value=7500) == "reversed"
    assert (memory.reward("order").reversed, states(memory), memory.state.timers) == (1000, ["reversed"], {})


def test_a_gift_without_an_amount_is_given_back_with_the_whole_order_only() -> None:
    memory = Memory(shop(rewards=[earns(give={"type": "recognition", "name": "Star"})]))
    buy(memory, "o1")
    assert [refund(memory, "o1", value=5000), refund(memory, "o1", value=5000)] == ["nothing_to_reverse", "reversed"]
    assert refund(memory, "o1") == "nothing_to_reverse"


def test_two_programmes_of_which_one_is_for_referrals_do_not_meet() -> None:
    memory = Memory(shop(), self_serve())
    raw = {"type": "order.completed", "event_id": "1", "participant": "ada"}
    told = {"value": 1, "currency": "USD", "order_id": "o1"}
    found = memory.send({**raw, "properties": told, "occurred_at": "2026-01-05T12:00:00Z"})
    assert {key: decision.reason for key, decision in found.items()} == {"shop": "rewarded", "simple": "not_referred"}


# When two turn out to be one


def merge(memory: Memory, day: float = 0) -> str | None:
    """Bob turns out to be Ada."""
    return memory.say("participant.identified", "ada", day, previous_id="bob")


def split(memory: Memory, day: float = 0) -> str | None:
    """And then not."""
    return memory.say("participant.split", None, day, previous_id="bob")


def order(memory: Memory, who: str, name: str, day: float = 0) -> str | None:
    """Somebody's order of 100 USD."""
    return memory.say("order.completed", who, day, value=10000, currency="USD", order_id=name)


def test_lots_go_over_and_come_back_as_far_as_they_are_left() -> None:
    memory = Memory(shop(limits=[{"per": "participant", "count": 3, "rules": ["order"]}]))
    [order(memory, who, name, day) for who, name, day in (("ada", "a", 0), ("bob", "b", 0.1), ("bob", "c", 0.2))]
    assert merge(memory, 1) == "merged"
    assert (points(memory.state), booked(memory.state)) == ({"ada": 300}, {"ada": {"available": 300}})
    assert [redeem(memory, 2), order(memory, "ada", "d", 2)] == ["redeemed", "cap_reached"]
    assert split(memory, 3) == "split"
    assert points(memory.state) == {"ada": 40, "bob": 200}
    assert booked(memory.state) == {"ada": {"available": 40, "spent": 60}, "bob": {"available": 200}}


def test_held_points_go_over_too() -> None:
    memory = Memory(shop(rewards=[earns(hold="P10D")]))
    order(memory, "bob", "b")
    order(memory, "bob", "c")
    memory.say("order.refunded", "bob", value=10000, currency="USD", order_id="c")
    merge(memory, 1)
    memory.say("clock.ticked", "eve", 11)
    assert booked(memory.state) == {"ada": {"available": 100}}


def in_debt(memory: Memory, who: str, name: str) -> None:
    """Somebody owes 60 points."""
    order(memory, who, name)
    assert redeem(memory, who=who) == "redeemed"
    memory.say("order.refunded", who, value=10000, currency="USD", order_id=name)


def test_what_is_owed_goes_over_and_comes_back() -> None:
    memory = Memory(shop())
    in_debt(memory, "bob", "b")
    merge(memory, 1)
    assert booked(memory.state) == {"ada": {"spent": 60, "owed": 60}}
    split(memory, 2)
    assert booked(memory.state) == {"bob": {"spent": 60, "owed": 60}}
    order(memory, "bob", "c", 3)
    assert booked(memory.state) == {"bob": {"spent": 60, "available": 40}}


def test_what_one_paid_of_the_others_debt_stays_paid() -> None:
    memory = Memory(shop())
    in_debt(memory, "bob", "b")
    merge(memory, 1)
    order(memory, "ada", "a", 2)
    assert booked(memory.state) == {"ada": {"spent": 60, "available": 40}}
    split(memory, 3)
    assert booked(memory.state) == {"ada": {"available": 40}, "bob": {"spent": 60}}
    memory.say("participant.identified", "cyd", 4, previous_id="ada")
    assert (booked(memory.state), points(memory.state)) == (
        {"cyd": {"available": 40}, "bob": {"spent": 60}},
        {"cyd": 40},
    )


def test_what_the_merged_one_paid_stays_paid_too() -> None:
    memory = Memory(shop())
    [order(memory, "bob", name) for name in ("b", "c")]
    in_debt(memory, "ada", "a")
    merge(memory, 1)
    assert (redeem(memory, 2), booked(memory.state)) == ("redeemed", {"ada": {"spent": 120, "available": 80}})
    split(memory, 3)
    assert booked(memory.state) == {"ada": {"spent": 60}, "bob": {"spent": 60, "available": 80}}
    memory.say("participant.identified", "cyd", 4, previous_id="bob")
    assert booked(memory.state) == {"ada": {"spent": 60}, "cyd": {"spent": 60, "available": 80}}
