"""Rewards for events, which may come many times, stand in line like others: the event waits with them."""

from __future__ import annotations

from typing import Any

import pytest

from goodword.domain import waiting
from goodword.domain.rows import BEHIND
from support.books import check_books
from support.documents import sales, self_serve, thanks
from support.memory import Memory

SHARE: dict[str, Any] = {"type": "cash", "amount": {"percent": 20}}
BACK = {"on": ["order.refunded"], "how": "proportional"}
MONTHLY = {"per": "program", "every": "month", "budget": 300, "when_reached": "waitlist"}


def house(*limits: dict[str, Any], **rule: Any) -> Memory:
    """Ada referred Bo, who was won on day 0; each invoice earns her a fifth of it."""
    share = thanks(**{"id": "share", "on": "invoice.paid", "give": SHARE, "reverse": BACK, **rule})
    memory = Memory(self_serve(rewards=[share], limits=list(limits or [MONTHLY])))
    memory.say("link.created", "ada", program="simple", code="ADA")
    memory.say("participant.signed_up", "bo", 0, code="ada")
    assert memory.say("order.completed", "bo", 0, value=1, currency="USD", order_id="first") == "advanced"
    return memory


def pays(memory: Memory, day: float, value: int = 1000, order: str = "", **told: Any) -> str | None:
    named = {"order_id": order} if order else {}
    return memory.say("invoice.paid", "bo", day, value=value, currency="USD", **named, **told)


def back(memory: Memory, day: float, value: int, order: str = "") -> str | None:
    named = {"order_id": order} if order else {}
    return memory.say("order.refunded", "bo", day, value=value, currency="USD", **named)


def later(memory: Memory, day: float) -> list[tuple[int | None, int, str]]:
    """What was given by then: amount, of it taken back, state."""
    memory.say("clock.ticked", "clock", day)
    return [(row.amount, row.reversed, row.state) for row in memory.state.rewards.values()]


def kept(memory: Memory) -> int:
    return sum(fact.recall_at == BEHIND for facts in memory.state.early.values() for fact in facts.values())


def test_a_commission_waits_for_the_next_month_and_is_of_its_own_payment() -> None:
    memory = house()
    assert [pays(memory, day, value) for day, value in ((1, 1000), (2, 900), (3, 700))] == [
        "rewarded", "waitlisted", "waitlisted",
    ]  # fmt: skip
    assert kept(memory) == 2
    assert later(memory, 26) == [(200, 0, "approved")]
    assert later(memory, 28) == [(200, 0, "approved"), (180, 0, "approved")]  # 140 more are above 300
    assert later(memory, 60) == [(200, 0, "approved"), (180, 0, "approved"), (140, 0, "approved")]
    assert [f"{row.granted_at:%m-%d}" for row in memory.state.rewards.values()] == ["01-06", "02-01", "03-01"]
    assert (kept(memory), memory.state.timers) == (0, {})
    assert memory.rung == ["waitlist.reached rewarded", "waitlist.reached waitlisted", "waitlist.reached rewarded"]
    check_books(memory)


def test_a_condition_reads_the_event_that_waited() -> None:
    memory = house({"per": "referrer", "every": "month", "count": 1, "when_reached": "waitlist"},
                   when="event.properties.plan == 'gold' && event.value > 500")  # fmt: skip
    pays(memory, 1, plan="gold")
    assert pays(memory, 2, plan="gold") == "waitlisted"
    assert pays(memory, 3, plan="tin") == "condition_not_met"
    assert len(later(memory, 28)) == 2
    assert memory.reward("share", 1).basis == {"value": 1000, "currency": "USD"}


def test_refunds_while_it_waits_and_after_come_to_exactly_the_whole() -> None:
    memory = house({**MONTHLY, "budget": 200})
    pays(memory, 1, 1000, "a")
    assert pays(memory, 2, 999, "b") == "waitlisted"
    assert [back(memory, 3, 333, "b"), back(memory, 4, 100, "b")] == ["kept_for_later"] * 2
    assert back(memory, 5, 500, "a") == "reversed"
    assert later(memory, 28) == [(200, 100, "approved"), (200, 87, "approved")]
    assert back(memory, 29, 566, "b") == "reversed"
    assert later(memory, 30)[1] == (200, 200, "reversed")
    check_books(memory)


@pytest.mark.parametrize(("how", "value"), [("full", 1), ("proportional", 1000), ("proportional", 5000)])
def test_what_was_taken_back_wholly_leaves_the_line_at_its_turn(how: str, value: int) -> None:
    memory = house({**MONTHLY, "budget": 200}, reverse={"on": ["order.refunded"], "how": how})
    pays(memory, 1, 1000, "a")
    pays(memory, 2, 1000, "b")
    pays(memory, 3, 1000, "c")
    assert back(memory, 4, value, "b") == "kept_for_later"
    assert later(memory, 28) == [(200, 0, "approved")] * 2
    assert memory.rung == ["waitlist.reached reversed_while_waiting", "waitlist.reached rewarded"]
    assert kept(memory) == 0


def test_a_refund_without_a_name_is_of_the_latest_that_waits_and_another_event_of_all() -> None:
    memory = house({**MONTHLY, "budget": 200}, reverse={"on": ["order.refunded", "plan.left"], "how": "proportional"})
    for day in (1, 2, 3):
        pays(memory, day)
    back(memory, 4, 500)
    assert sorted(name for counts in memory.state.counters.values() for name in counts if name.startswith("taken:"))
    assert memory.say("plan.left", "bo", 5) == "reversed"
    assert later(memory, 60) == [(200, 200, "reversed")]


@pytest.mark.parametrize("reverse", [None, {"on": ["order.refunded"], "how": "none"}, {"on": ["plan.left"]},
                                     {"on": ["order.refunded"], "when": "event.value > 700"}])  # fmt: skip
def test_what_takes_nothing_back_takes_nothing_while_it_waits(reverse: dict[str, Any] | None) -> None:
    memory = house({**MONTHLY, "budget": 200}, reverse=reverse)
    pays(memory, 1, 1000, "a")
    pays(memory, 2, 1000, "b")
    back(memory, 3, 500, "b")
    assert later(memory, 28) == [(200, 0, "approved")] * 2


def test_a_gift_without_an_amount_waits_too_and_a_part_of_a_refund_leaves_it() -> None:
    gift = {"type": "service", "name": "An hour"}
    memory = house({"per": "referrer", "every": "month", "count": 1, "when_reached": "waitlist"}, give=gift)
    for day, order in ((1, "a"), (2, "b"), (3, "c")):
        pays(memory, day, 1000, order)
    back(memory, 4, 400, "b")
    back(memory, 5, 1000, "c")
    assert later(memory, 90) == [(None, 0, "approved")] * 2


def test_the_first_so_many_are_counted_when_they_come_not_when_it_is_their_turn() -> None:
    memory = house({"per": "referrer", "every": "month", "count": 1, "when_reached": "waitlist"}, first=2)
    assert [pays(memory, day) for day in (1, 2, 3)] == ["rewarded", "waitlisted", "not_its_turn"]
    assert len(later(memory, 90)) == 2


def test_it_goes_from_one_line_to_another_with_its_event() -> None:
    own = {"per": "referrer", "every": "month", "count": 1, "when_reached": "waitlist"}
    everybody = {"per": "program", "every": "quarter", "budget": 200, "when_reached": "waitlist"}
    memory = house(own, everybody)
    pays(memory, 1, 1000)
    pays(memory, 2, 700)
    later(memory, 30)
    assert (memory.rung, kept(memory)) == (["waitlist.reached waitlisted"], 1)
    assert later(memory, 100) == [(200, 0, "approved"), (140, 0, "approved")]
    assert kept(memory) == 0


def test_a_referral_that_counts_no_more_gives_up_its_places() -> None:
    memory = house({**MONTHLY, "budget": 200})
    pays(memory, 1)
    pays(memory, 2)
    memory.state.load(memory.referral()._replace(state="voided"))
    assert later(memory, 28) == [(200, 0, "approved")]
    assert kept(memory) == 0


def test_history_does_not_forget_an_event_that_waits() -> None:
    memory = Memory(self_serve(
        rewards=[thanks(on="order.completed", when="history.orders >= 2")],
        limits=[{"per": "program", "count": 1, "when_reached": "waitlist"}],
    ))  # fmt: skip
    memory.say("link.created", "ada", program="simple", code="ADA")
    memory.say("participant.signed_up", "bo", 0, code="ada")
    orders = [
        memory.tell("order.completed", "bo", day, value=5, currency="USD")[1]["rewards"][0] for day in range(1, 5)
    ]
    assert [line.get("reason") for line in orders] == ["condition_not_met", None, "waitlisted", "waitlisted"]
    checked = memory.tell("order.completed", "bo", 9, value=5, currency="USD")[1]["checks"][-1]
    assert checked["read"] == {"history.orders": 5}


def test_so_many_wait_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "MAX_WAITING", 2)
    memory = house({**MONTHLY, "budget": 200})
    assert [pays(memory, day) for day in (1, 2, 3, 4)] == ["rewarded", "waitlisted", "waitlisted", "cap_reached"]
    assert len(later(memory, 120)) == 3


def test_an_event_told_again_waits_as_the_event_that_it_was() -> None:
    rule = {"for": "P12M"}
    memory = Memory(self_serve(
        rewards=[thanks(id="share", on="invoice.paid", give=SHARE, **rule)], limits=[{**MONTHLY, "budget": 100}]
    ))  # fmt: skip
    memory.say("link.created", "ada", program="simple", code="ADA")
    memory.say("participant.signed_up", "bo", 0, code="ada")
    assert [pays(memory, 2, 500), pays(memory, 3, 400)] == ["kept_for_later"] * 2
    memory.say("order.completed", "bo", 1, value=1, currency="USD")
    assert memory.rung == []
    assert later(memory, 10) == [(100, 0, "approved")]
    assert later(memory, 28) == [(100, 0, "approved"), (80, 0, "approved")]


@pytest.mark.parametrize(("value", "currency", "gone"), [(501, "USD", 100), (100, "NOK", 0), (250, "EUR", 55)])
def test_what_waits_may_be_refunded_in_another_currency(value: int, currency: str, gone: int) -> None:
    """A payment of 9.10 EUR at 1.10 is worth 10.01 USD: 5.01 USD are a half of it; nobody knows what NOK are."""
    memory = house({**MONTHLY, "budget": 200})
    memory.say("fx.rate_published", None, 0.5, base="EUR", quote="USD", rate="1.10", date="2026-01-05", source="ECB")
    pays(memory, 1, 1000, "a")
    assert memory.say("invoice.paid", "bo", 2, value=910, currency="EUR", order_id="b") == "waitlisted"
    memory.say("order.refunded", "bo", 3, value=value, currency=currency, order_id="b")
    assert later(memory, 28)[1:] == [(200, gone, "approved")]


def test_a_payment_is_refunded_in_no_currency_without_a_rate() -> None:
    memory = house({**MONTHLY, "budget": 1000})
    pays(memory, 1, 1000, "a")
    told = {"value": 100, "currency": "NOK", "order_id": "a"}
    assert memory.say("order.refunded", "bo", 3, **told) == "no_exchange_rate"
    assert later(memory, 4) == [(200, 0, "approved")]


# Tiers and anniversaries


def test_a_tier_that_was_reached_waits_and_gives_its_own_amount() -> None:
    tiers = [
        {"id": name, "from": number, "metric": "closed_won_referrals"} for number, name in ((1, "tin"), (2, "iron"))
    ]
    give = {"type": "cash", "amount": {"by_tier": {"tin": 100, "iron": 300}}}
    memory = Memory(self_serve(rewards=[thanks(on="tier.reached", give=give)], tiers=tiers, limits=[
        {"per": "referrer", "every": "month", "count": 1, "when_reached": "waitlist"}]))  # fmt: skip
    memory.say("link.created", "ada", program="simple", code="ADA")
    for day, who in ((1, "bo"), (2, "cy")):
        memory.say("participant.signed_up", who, day, code="ada")
        memory.say("order.completed", who, day, value=5, currency="USD")
    assert later(memory, 28) == [(100, 0, "approved"), (300, 0, "approved")]


def test_an_anniversary_waits_and_knows_which_one_it_is_unless_the_deal_was_paid_back() -> None:
    give = {"type": "cash", "amount": {"cel": "event.properties.number * 100"}}
    rule = thanks(id="month", on="anniversary.reached", each="P10D", give=give)
    limit = {"per": "referrer", "every": "month", "count": 1, "when_reached": "waitlist"}
    memory = Memory(self_serve(rewards=[rule | {"first": 4}], limits=[limit]))
    memory.say("link.created", "ada", program="simple", code="ADA")
    memory.say("participant.signed_up", "bo", 0, code="ada")
    memory.say("order.completed", "bo", 1, value=500, currency="USD", order_id="o")
    assert [row[0] for row in later(memory, 45)] == [100, 200]
    assert [row[0] for row in later(memory, 60)] == [100, 200, 300]
    memory.say("order.refunded", "bo", 61, value=500, currency="USD", order_id="o")
    assert len(later(memory, 120)) == 3
    assert memory.rung[-1] == "waitlist.reached deal_refunded"
    assert memory.state.timers == {}


# What is told again takes nothing twice


def test_a_refund_that_is_told_again_takes_its_part_of_each_reward_once() -> None:
    own = {"give": SHARE, "reverse": BACK}
    rules = [thanks(id="a", on="order.completed", **own), thanks(id="b", on="invoice.paid", **own)]
    memory = Memory(sales(rewards=rules))
    memory.say("referral.submitted", "ada", 0, referral="R1", referred={"email": "bo@x.example"})
    memory.say("order.completed", "bo", 1, value=1000, currency="USD", order_id="x")
    assert back(memory, 2, 500, "x") == "reversed"
    assert pays(memory, 3, 1000, "x") == "rewarded"
    assert later(memory, 4) == [(200, 100, "approved"), (200, 100, "approved")]
    assert memory.rung == ["fact.recalled reversed"]


def test_a_refund_of_an_open_referral_takes_its_part_of_what_waits_once() -> None:
    memory = Memory(self_serve(rewards=[thanks(id="share", on="invoice.paid", give=SHARE, reverse=BACK)],
                               limits=[{**MONTHLY, "budget": 200}]))  # fmt: skip
    memory.say("link.created", "ada", program="simple", code="ADA")
    memory.say("participant.signed_up", "bo", 0, code="ada")
    pays(memory, 1, 1000, "a")
    pays(memory, 2, 1000, "b")
    back(memory, 3, 300, "b")
    assert later(memory, 28) == [(200, 0, "approved"), (200, 60, "approved")]
    back(memory, 29, 700, "b")
    assert later(memory, 30)[1] == (200, 200, "reversed")
    check_books(memory)


# What stays as it is


def test_a_refund_that_takes_nothing_says_what_it_looked_at() -> None:
    memory = Memory(
        self_serve(rewards=[thanks(reverse={"on": ["order.refunded"], "within": "P1D"}), thanks(id="stays")])
    )
    memory.say("link.created", "ada", program="simple", code="ADA")
    memory.say("participant.signed_up", "bo", 0, code="ada")
    memory.say("order.completed", "bo", 1, value=500, currency="USD", order_id="o")
    refused = memory.tell("order.refunded", "bo", 3, value=500, currency="USD", order_id="o")
    line = {"rule": "thanks", "reward": memory.reward("thanks").id, "stands": "approved", "reason": "outside_window"}
    assert refused == ("outside_window", {"reversal": [line]})
    other = memory.tell("order.refunded", "bo", 4, value=500, currency="USD", order_id="p")
    assert other == ("nothing_to_reverse", {"reversal": [line | {"reason": "nothing_to_reverse"}]})


def test_a_refund_where_nothing_was_given_says_so_too() -> None:
    memory = Memory(self_serve(rewards=[thanks(to="referred", on="referral.closed_lost", reverse=BACK)]))
    memory.say("link.created", "ada", program="simple", code="ADA")
    memory.say("participant.signed_up", "bo", 0, code="ada")
    memory.say("order.completed", "bo", 1, value=500, currency="USD", order_id="o")
    assert memory.tell("order.refunded", "bo", 2, value=500, currency="USD", order_id="o") == (
        "nothing_to_reverse", {"reversal": []},
    )  # fmt: skip
