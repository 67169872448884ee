"""Refunds of which a rule takes nothing, by its window or its condition: they are none for its reward later either, so
that what is taken is the same in whatever order refunds of one order are heard of."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from support.documents import sales, self_serve, thanks
from support.loyalty import earns, shop
from support.memory import Memory

GOODWILL = "event.properties.reason != 'goodwill'"
WITHIN = {"within": "P30D"}
WHEN = {"when": GOODWILL}


def taken(reverse: dict[str, Any], refunds: tuple[tuple[float, int, str], ...]) -> int:
    """What these refunds (day, value, reason) of an order of 100.00 take of a reward of 10.00."""
    rule = thanks(reverse={"on": ["order.refunded"], "how": "proportional", **reverse})
    memory = Memory(self_serve(rewards=[rule | {"give": {"type": "cash", "amount": 1000}}]))
    memory.say("link.created", "ada", program="simple", code="ADA")
    memory.say("participant.signed_up", "bob", code="ADA")
    assert memory.say("order.completed", "bob", 1, value=10000, currency="USD", order_id="o") == "rewarded"
    for day, value, reason in refunds:
        told = {"value": value, "currency": "USD", "order_id": "o", "reason": reason}
        memory.say("order.refunded", "bob", day, **told)
    return memory.reward("thanks").reversed


@pytest.mark.parametrize("refunds", list(permutations([(5.0, 3000, ""), (40.0, 5000, ""), (6.0, 333, "")])))
def test_a_refund_after_the_window_is_none_in_whatever_order_it_comes(refunds: tuple[Any, ...]) -> None:
    assert taken(WITHIN, refunds) == 333  # 10 % of 33.33; the one on day 40 takes nothing


@pytest.mark.parametrize(
    "refunds", list(permutations([(5.0, 3000, "goodwill"), (6.0, 5000, "return"), (7.0, 2500, "return")]))
)
def test_a_refund_that_the_condition_lets_pass_is_none_in_whatever_order_it_comes(refunds: tuple[Any, ...]) -> None:
    assert taken(WHEN, refunds) == 750


def test_a_full_refund_takes_what_was_not_let_pass() -> None:
    assert taken(WHEN, ((5.0, 3000, "goodwill"), (6.0, 99999, "return"))) == 1000
    assert taken(WHEN, ((5.0, 3000, "goodwill"), (6.0, 7000, "return"))) == 700


@pytest.mark.parametrize("goodwill_first", [True, False])
def test_a_refund_that_is_let_pass_while_the_reward_waits_is_none_for_it_later(goodwill_first: bool) -> None:
    reverse = {"on": ["order.refunded"], "how": "proportional", "when": GOODWILL}
    rule = thanks(give={"type": "cash", "amount": 1000}, reverse=reverse)
    limit = {"per": "program", "every": "month", "count": 1, "when_reached": "waitlist"}
    memory = Memory(sales(rewards=[rule], limits=[limit]))
    for name in ("first", "second"):
        referred = {"email": f"{name}@x.example", "external_id": name}
        memory.say("referral.submitted", "ada", program="sold", referral=name, referred=referred)
    memory.say("referral.closed_won", day=1, referral="first")
    assert memory.say("referral.closed_won", day=1, referral="second", value=10000, currency="USD") == "waitlisted"
    reasons = ("goodwill", "return") if goodwill_first else ("return", "goodwill")
    for reason in reasons:
        value = {"goodwill": 3000, "return": 2000}[reason]
        memory.say("order.refunded", "second", 2, value=value, currency="USD", reason=reason)
    memory.say("clock.ticked", "clock", 40)  # in February it has its turn
    assert (memory.reward("thanks", 1).amount, memory.reward("thanks", 1).reversed) == (1000, 200)
    memory.say("order.refunded", "second", 41, value=1000, currency="USD", reason="goodwill")
    memory.say("order.refunded", "second", 42, value=1000, currency="USD", reason="return")
    assert memory.reward("thanks", 1).reversed == 300


# Loyalty


def points(reverse: dict[str, Any], *refunds: tuple[float, int, str]) -> int:
    """What these refunds of an order of 100.00 take of the 100 points it earned."""
    memory = Memory(shop(rewards=[earns(reverse={"on": ["order.refunded"], "how": "proportional", **reverse})]))
    memory.say("order.completed", "ada", 1, value=10000, currency="USD", order_id="o")
    for day, value, reason in refunds:
        memory.say("order.refunded", "ada", day, value=value, currency="USD", order_id="o", reason=reason)
    return memory.reward("order").reversed


def test_points_keep_what_a_refund_let_pass_in_whatever_order() -> None:
    soon, late = (5, 3000, ""), (40, 5000, "")
    assert points(WITHIN, soon, late) == points(WITHIN, late, soon) == 30
    goodwill, back = (5, 3000, "goodwill"), (6, 5000, "return")
    assert points(WHEN, goodwill, back) == points(WHEN, back, goodwill) == 50


def test_a_refund_that_comes_before_its_order_is_let_pass_for_good() -> None:
    reverse = {"on": ["order.refunded"], "how": "proportional", "when": "event.type == 'order.refunded'"}
    memory = Memory(shop(rewards=[earns(reverse=reverse)]))
    memory.say("order.refunded", "ada", 2, value=4000, currency="USD", order_id="o")
    memory.say("order.completed", "ada", 1, value=10000, currency="USD", order_id="o")
    memory.say("order.refunded", "ada", 3, value=1000, currency="USD", order_id="o")
    assert memory.reward("order").reversed == 10


def test_an_event_that_takes_nothing_lets_no_refund_pass() -> None:
    """Another rule is taken back by cancellations, this one is not: what was refunded before it stays taken."""
    other = earns(id="other", reverse={"on": ["order.cancelled"]})
    memory = Memory(shop(rewards=[earns(reverse={"on": ["order.refunded"], "how": "proportional"}), other]))
    memory.say("order.completed", "ada", 1, value=10000, currency="USD", order_id="o")
    memory.say("order.refunded", "ada", 2, value=4000, currency="USD", order_id="o")
    memory.say("order.cancelled", "ada", 3, order_id="o")
    memory.say("order.refunded", "ada", 4, value=1000, currency="USD", order_id="o")
    assert (memory.reward("order").reversed, memory.reward("other").reversed) == (50, 100)


def euro_order(*, rated: bool = True, currency: str = "EUR", order: str = "o") -> Memory:
    """1 % of an order of 100.00 EUR in points, at 1.20 USD for a euro."""
    memory = Memory(shop(rewards=[earns(give={"type": "points", "unit": "points", "amount": 120})]))
    if rated:
        memory.say("fx.rate_published", base="EUR", quote="USD", rate="1.2", date="2026-01-05", source="ECB")
    memory.say("order.completed", "ada", 1, value=10000, currency=currency, order_id=order)
    return memory


def test_a_refund_in_the_programmes_currency_takes_its_share_of_an_order_in_another() -> None:
    memory = euro_order()
    assert memory.say("order.refunded", "ada", 2, value=6000, currency="USD", order_id="o") == "reversed"
    assert memory.reward("order").reversed == 60  # 60.00 of 120.00 USD
    assert memory.say("order.refunded", "ada", 3, value=5000, currency="EUR", order_id="o") == "reversed"
    assert (memory.reward("order").state, memory.reward("order").reversed) == ("reversed", 120)


def test_a_refund_in_another_currency_than_an_order_in_the_programmes_takes_its_share() -> None:
    memory = euro_order(currency="USD")
    assert memory.say("order.refunded", "ada", 2, value=2500, currency="EUR", order_id="o") == "reversed"
    assert memory.reward("order").reversed == 36  # 30.00 of 100.00 USD


def test_a_refund_of_loyalty_whose_share_nobody_can_tell_takes_nothing() -> None:
    memory = euro_order(rated=False)
    assert memory.say("order.refunded", "ada", 2, value=1, currency="USD", order_id="o") == "no_exchange_rate"
    assert memory.say("order.refunded", "ada", 2, value=5000, currency="EUR", order_id="o") == "reversed"
    assert memory.reward("order").reversed == 60


@pytest.mark.parametrize(
    ("refunds", "ordered", "taken"),
    [
        ([(2500, "EUR")], "USD", 36),  # 30.00 of 100.00 USD
        ([(6000, "USD"), (5000, "EUR")], "EUR", 120),  # the half of 100.00 EUR each
        ([(2500, "EUR"), (1000, "USD")], "USD", 48),
        ([(1000, "NOK"), (5000, "USD")], "USD", 60),  # nobody knows what kroner are
    ],
)
@pytest.mark.parametrize("order_first", [True, False])
def test_refunds_in_another_currency_take_their_share_also_where_they_come_before_the_order(
    refunds: list[tuple[int, str]], ordered: str, taken: int, order_first: bool
) -> None:
    memory = euro_order(currency=ordered, order="o" if order_first else "another")
    for value, currency in refunds:
        memory.say("order.refunded", "ada", 2, value=value, currency=currency, order_id="o")
    if not order_first:
        memory.say("order.completed", "ada", 3, value=10000, currency=ordered, order_id="o")
    assert sum(row.reversed for row in memory.state.rewards.values()) == taken


@pytest.mark.parametrize("goodwill_first", [True, False])
def test_a_refund_that_is_let_pass_while_points_wait_is_none_for_them_later(goodwill_first: bool) -> None:
    rule = earns(reverse={"on": ["order.refunded", "order.returned"], "how": "proportional", "when": GOODWILL})
    limit = {"per": "program", "every": "month", "count": 1, "when_reached": "waitlist"}
    memory = Memory(shop(rewards=[rule], limits=[limit]))
    memory.say("order.completed", "bob", 0, value=10000, currency="USD", order_id="other")
    assert memory.say("order.completed", "ada", 1, value=10000, currency="USD", order_id="o") == "waitlisted"
    memory.say("order.returned", "ada", 1.5, order_id="o", reason="goodwill")
    refunds = [(3000, "goodwill"), (2000, "return")]
    for value, reason in refunds if goodwill_first else refunds[::-1]:
        memory.say("order.refunded", "ada", 2, value=value, currency="USD", order_id="o", reason=reason)
    memory.say("clock.ticked", "clock", 40)  # in February they have their turn
    assert (memory.reward("order", 1).amount, memory.reward("order", 1).reversed) == (100, 20)
    memory.say("order.refunded", "ada", 41, value=1000, currency="USD", order_id="o", reason="goodwill")
    memory.say("order.refunded", "ada", 42, value=1000, currency="USD", order_id="o", reason="return")
    assert memory.reward("order", 1).reversed == 30
