"""What a participant earns or buys in a loyalty programme stands in line too: its event waits with it."""

from __future__ import annotations

from typing import Any

import pytest

from goodword.domain import ids
from goodword.domain.own_waiting import MAX_WAITING
from goodword.domain.rows import BEHIND
from support.books import check_books
from support.loyalty import MUG, booked, earns, points, shop
from support.memory import Memory
from unit.test_running import move

SHARE: dict[str, Any] = {"type": "points", "unit": "points", "amount": {"percent": 10}}
MONTHLY = {"per": "program", "every": "month", "budget": 300, "unit": "points", "when_reached": "waitlist"}
OWN = {"per": "participant", "every": "month", "count": 1, "when_reached": "waitlist"}


def house(*limits: dict[str, Any], catalogue: Any = (), tiers: Any = (), **rule: Any) -> Memory:
    """An order earns a tenth of it in points, 300 a month for all together."""
    rewards = [earns(**{"give": SHARE, **rule})]
    return Memory(shop(rewards=rewards, limits=list(limits or [MONTHLY]), catalogue=list(catalogue), tiers=list(tiers)))


def buys(memory: Memory, day: float, value: int, order: str = "", who: str = "ada", **told: Any) -> str | None:
    named = {"order_id": order} if order else {}
    return memory.say("order.completed", who, day, value=value, currency="USD", **named, **told)


def back(memory: Memory, day: float, value: int, order: str = "", who: str = "ada") -> str | None:
    named = {"order_id": order} if order else {}
    return memory.say("order.refunded", who, day, value=value, currency="USD", **named)


def later(memory: Memory, day: float) -> list[tuple[int | None, int, str]]:
    """What was given by then: amount, of it taken back, state."""
    memory.say("clock.ticked", "clock", day)
    return [(row.amount, row.reversed, row.state) for row in memory.state.rewards.values()]


def nothing_is_left(memory: Memory) -> None:
    """No event is kept, no timer waits, and nobody is counted as waiting."""
    assert not any(fact.recall_at == BEHIND for facts in memory.state.early.values() for fact in facts.values())
    assert memory.state.timers == {}
    assert not [
        count
        for counts in memory.state.counters.values()
        for name, (count, _) in counts.items()
        if name.startswith("waiting:") and count
    ]


def test_points_wait_for_the_next_month_and_are_of_their_own_order() -> None:
    memory = house()
    orders = ((1, 2000, "ada"), (2, 1800, "bob"), (3, 500, "ada"))
    told = [buys(memory, day, value, who=who) for day, value, who in orders]
    assert told == ["rewarded", "waitlisted", "waitlisted"]
    assert points(memory.state) == {"ada": 200}
    assert later(memory, 26) == [(200, 0, "approved")]
    assert later(memory, 28) == [(200, 0, "approved"), (180, 0, "approved"), (50, 0, "approved")]
    assert points(memory.state) == {"ada": 250, "bob": 180}
    assert [f"{row.granted_at:%m-%d}" for row in memory.state.rewards.values()] == ["01-06", "02-01", "02-01"]
    assert memory.rung == ["waitlist.reached rewarded"] * 2
    nothing_is_left(memory)
    check_books(memory)


def test_a_condition_reads_the_event_that_waited_and_the_first_so_many_were_counted_when_they_came() -> None:
    memory = house(OWN, when="event.properties.plan == 'gold' && event.value > 500", first=2)
    told = [buys(memory, day, 1000, plan=plan) for day, plan in ((1, "gold"), (2, "gold"), (3, "tin"), (4, "gold"))]
    assert told == ["rewarded", "waitlisted", "condition_not_met", "not_its_turn"]
    assert later(memory, 60) == [(100, 0, "approved")] * 2
    nothing_is_left(memory)


def test_refunds_before_while_it_waits_and_after_come_to_exactly_the_whole() -> None:
    memory = house()
    assert back(memory, 0, 100, "b") == "unknown_order"
    buys(memory, 1, 3000, "a")
    assert buys(memory, 2, 999, "b") == "waitlisted"
    assert [back(memory, 3, 233, "b"), back(memory, 4, 0, "b")] == ["kept_for_later", "unknown_order"]
    assert later(memory, 28) == [(300, 0, "approved"), (100, 33, "approved")]
    assert (points(memory.state), booked(memory.state)) == ({"ada": 367}, {"ada": {"available": 367}})
    assert back(memory, 29, 666, "b") == "reversed"
    assert later(memory, 30)[1] == (100, 100, "reversed")
    nothing_is_left(memory)
    check_books(memory)


def test_what_came_back_whole_leaves_the_line_at_its_turn_and_the_one_behind_has_it() -> None:
    memory = house()
    buys(memory, 1, 3000, "a")
    buys(memory, 2, 2000, "b")
    buys(memory, 3, 2000, "c", who="bob")
    assert back(memory, 4, 2000, "b") == "kept_for_later"
    assert later(memory, 28) == [(300, 0, "approved"), (200, 0, "approved")]
    assert memory.rung == ["waitlist.reached reversed_while_waiting", "waitlist.reached rewarded"]
    nothing_is_left(memory)


@pytest.mark.parametrize(
    ("reverse", "given"),
    [
        ({"on": ["order.refunded"], "how": "full"}, [(300, 0, "approved")]),
        ({"on": ["plan.left"], "how": "full"}, [(300, 0, "approved"), (100, 0, "approved")]),
        ({"on": ["order.refunded"], "how": "none"}, [(300, 0, "approved"), (100, 0, "approved")]),
        ({"on": ["order.refunded"], "when": "event.value > 700"}, [(300, 0, "approved"), (100, 0, "approved")]),
        ({"on": ["order.refunded"], "how": "proportional"}, [(300, 0, "approved"), (100, 50, "approved")]),
    ],
)
def test_what_waits_is_taken_back_as_its_rule_says(reverse: dict[str, Any], given: list[Any]) -> None:
    memory = house(reverse=reverse)
    buys(memory, 1, 3000, "a")
    buys(memory, 2, 1000, "b")
    back(memory, 3, 500, "b")
    back(memory, 3, 500, "b", who="bob")  # of somebody else
    if reverse["on"] == ["plan.left"]:
        assert memory.say("plan.left", "ada", 4, order_id="c") == "unknown_order"
    assert later(memory, 28) == given
    nothing_is_left(memory)


def test_another_event_may_take_it_back_whole() -> None:
    memory = house(reverse={"on": ["plan.left"], "how": "full"})
    buys(memory, 1, 3000, "a")
    buys(memory, 2, 1000, "b")
    assert memory.say("plan.left", "ada", 4, order_id="b") == "kept_for_later"
    assert later(memory, 28) == [(300, 0, "approved")]


def test_a_refund_that_came_before_the_order_takes_its_part_at_the_turn() -> None:
    memory = house()
    buys(memory, 1, 3000, "a")
    back(memory, 2, 250, "b")
    assert buys(memory, 3, 1000, "b") == "waitlisted"
    assert later(memory, 28)[1] == (100, 25, "approved")


def test_a_gift_without_an_amount_waits_and_a_part_of_a_refund_leaves_it() -> None:
    memory = house(OWN, give={"type": "service", "name": "An hour"})
    for day, order in ((1, "a"), (2, "b"), (3, "c")):
        buys(memory, day, 1000, order)
    back(memory, 4, 400, "b")
    back(memory, 5, 1000, "c")
    assert later(memory, 90) == [(None, 0, "approved")] * 2
    nothing_is_left(memory)


def test_it_goes_from_one_line_to_another_with_its_event() -> None:
    everybody = {"per": "program", "every": "quarter", "budget": 200, "unit": "points", "when_reached": "waitlist"}
    memory = house(OWN, everybody)
    buys(memory, 1, 2000, "a")
    buys(memory, 2, 700, "b")
    later(memory, 30)
    assert memory.rung == ["waitlist.reached waitlisted"]
    assert back(memory, 31, 350, "b") == "kept_for_later"
    assert later(memory, 100) == [(200, 0, "approved"), (70, 35, "approved")]
    nothing_is_left(memory)


def test_a_raised_budget_and_a_place_given_back_release_the_line() -> None:
    budget = {"per": "program", "budget": 300, "unit": "points", "when_reached": "waitlist"}
    memory = house(budget, hold="P90D")
    buys(memory, 1, 3000, "a")
    buys(memory, 2, 2000, "b")
    buys(memory, 3, 1500, "c")
    back(memory, 4, 3000, "a")
    assert [(row.amount, row.state) for row in memory.state.rewards.values()] == [(300, "cancelled")]
    assert later(memory, 5) == [(300, 300, "cancelled"), (200, 0, "pending")]
    document = shop(rewards=[earns(give=SHARE)], limits=[{**budget, "budget": 350}], catalogue=[])
    assert memory.publish(document, 2) == "published"
    assert later(memory, 6) == [(300, 300, "cancelled"), (200, 0, "pending"), (150, 0, "pending")]
    nothing = [timer for timer in memory.state.timers.values() if timer.kind == "waitlist.reached"]
    assert nothing == []


def test_an_anniversary_waits_with_its_number() -> None:
    give = {"type": "points", "unit": "points", "amount": {"cel": "event.properties.number * 10"}}
    limit = {"per": "program", "every": "quarter", "count": 1, "when_reached": "waitlist"}
    memory = house(limit, on="anniversary.reached", since="member.joined", each="P6M", give=give)
    memory.say("member.joined", "ada", 0)
    memory.say("member.joined", "bob", 1)
    assert later(memory, 290) == [(10, 0, "approved"), (10, 0, "approved")]
    assert memory.rung == [
        "anniversary.reached rewarded", "anniversary.reached waitlisted", "waitlist.reached rewarded",
    ]  # fmt: skip


TIERS = [{"id": "gold", "from": 150, "metric": "points", "every": "year"}]
BONUS = {"id": "bonus", "on": "tier.reached", "to": "participant",
         "give": {"type": "points", "unit": "points", "amount": 40}, "expire": {"after": "P30D"}}  # fmt: skip


def test_points_whose_turn_comes_may_lift_to_a_tier_whose_bonus_waits_in_the_same_line() -> None:
    limit = {"per": "participant", "every": "month", "count": 1, "when_reached": "waitlist"}
    memory = Memory(shop(rewards=[earns(), BONUS], limits=[limit], tiers=TIERS, catalogue=[]))
    assert [buys(memory, day, 1) for day in (1, 2)] == ["rewarded", "waitlisted"]
    memory.say("clock.ticked", "clock", 28)
    assert memory.rung == ["waitlist.reached rewarded"]
    assert memory.rewards() == [("order", "approved", 100)] * 2
    memory.say("clock.ticked", "clock", 57)
    assert memory.rewards()[2] == ("bonus", "approved", 40)
    assert points(memory.state) == {"ada": 240}
    memory.say("clock.ticked", "clock", 90)
    assert points(memory.state) == {"ada": 200}  # points for a tier lapse like others
    assert not [timer for timer in memory.state.timers.values() if timer.kind == "waitlist.reached"]


def test_a_gift_of_the_catalogue_waits_and_costs_its_points_only_at_its_turn() -> None:
    limit = {"per": "program", "every": "month", "count": 1, "rules": ["mug"], "when_reached": "waitlist"}
    memory = house(limit, catalogue=[MUG], give={"type": "points", "unit": "points", "amount": 100})
    for who in ("ada", "bob", "cyd"):
        buys(memory, 1, 1, who=who)
    wants = [
        memory.say("catalogue.redeemed", who, 2, program="shop", item="mug") for who in ("ada", "bob", "cyd", "cyd")
    ]
    assert wants == ["redeemed", "waitlisted", "waitlisted", "waitlisted"]
    assert points(memory.state) == {"ada": 40, "bob": 100, "cyd": 100}
    memory.say("clock.ticked", "clock", 120)
    assert memory.rung == ["waitlist.reached redeemed", "waitlist.reached waitlisted", "waitlist.reached redeemed",
                           "waitlist.reached not_enough_points"]  # fmt: skip
    assert points(memory.state) == {"ada": 40, "bob": 40, "cyd": 40}
    nothing_is_left(memory)
    check_books(memory)


def test_a_hundred_of_one_participant_wait_and_one_more_is_refused() -> None:
    memory = house({"per": "program", "count": 1, "when_reached": "waitlist"})
    told = [buys(memory, 1, 1000) for _ in range(MAX_WAITING + 2)]
    assert told == ["rewarded", *["waitlisted"] * MAX_WAITING, "cap_reached"]
    assert buys(memory, 2, 1000, who="bob") == "waitlisted"


def test_what_waits_is_theirs_who_stand_for_the_one_that_earned_it() -> None:
    memory = house(OWN)
    memory.say("participant.identified", "ada", 0)
    memory.say("order.completed", "guest", 1, value=1000, currency="USD")
    memory.say("order.completed", "guest", 2, value=500, currency="USD")
    guest = memory.state.participants[memory.state.participant_by_external["guest"]]
    memory.say("participant.identified", "ada", 3, previous_id=ids.public("par", guest.id))
    assert points(memory.state) == {"ada": 100}
    assert later(memory, 28) == [(100, 0, "approved"), (50, 0, "approved")]
    assert points(memory.state) == {"ada": 150}
    nothing_is_left(memory)


@pytest.mark.parametrize(("ending", "rung"), [("settle", "rewarded"), ("void", "program_ended")])
def test_where_a_programme_ends_what_waits_has_its_turn_or_leaves_the_line(ending: str, rung: str) -> None:
    document = shop(rewards=[earns()], limits=[OWN], catalogue=[], ending=ending)
    memory = Memory(document)
    assert [buys(memory, day, 1) for day in (1, 2)] == ["rewarded", "waitlisted"]
    move(memory, "ended", 3, "shop")
    assert buys(memory, 4, 1) == "program_ended"
    memory.say("clock.ticked", "clock", 60)
    assert memory.rung == [f"waitlist.reached {rung}"]
    nothing_is_left(memory)


def test_an_order_in_two_programmes_waits_in_each_by_its_own_value() -> None:
    one = shop(program="one", rewards=[earns(give=SHARE)], limits=[OWN], catalogue=[])
    give = {"type": "points", "unit": "points", "amount": {"percent": 20}}
    two = shop(program="two", rewards=[earns(give=give)], limits=[{**OWN, "every": "year"}], catalogue=[])
    memory = Memory(one, two)
    for day in (1, 2):
        memory.send({"type": "order.completed", "event_id": f"o{day}", "occurred_at": f"2026-01-0{day + 5}T12:00:00Z",
                     "participant": {"external_id": "ada"},
                     "properties": {"value": 1000, "currency": "USD", "order_id": f"o{day}"}})  # fmt: skip
    memory.send({"type": "clock.ticked", "event_id": "c", "occurred_at": "2026-11-01T12:00:00Z",
                 "participant": {"external_id": "clock"}, "properties": {}})  # fmt: skip
    assert sorted(row.amount or 0 for row in memory.state.rewards.values()) == [100, 100, 200]
