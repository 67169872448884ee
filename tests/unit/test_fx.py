"""Orders in other currencies: which rate counts, what is exchanged, and what a refund gives back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from goodword.domain.events import EventError, parse_event
from goodword.domain.fx import Rate, Rates, kept
from support.documents import self_serve, thanks
from support.memory import NOW, START, Memory

TENTH = {"type": "account_credit", "amount": {"percent": 10}}
BACK = {"on": ["order.refunded"], "how": "proportional"}


def rate(memory: Memory, text: str, day: str, base: str = "EUR", quote: str = "USD", at: float = 0) -> None:
    """Somebody publishes a rate."""
    memory.say("fx.rate_published", None, at, base=base, quote=quote, rate=text, date=day, source="ECB")


def shop(**changes: Any) -> Memory:
    """A programme in USD that gives a tenth of an order; Bob has come with Ada's code."""
    memory = Memory(self_serve(**{"rewards": [thanks(give=TENTH, reverse=BACK)], **changes}))
    memory.say("link.created", "ada", program="simple", code="ada")
    memory.say("participant.signed_up", "bob", code="ada")
    return memory


def order(memory: Memory, value: int, currency: str = "EUR", day: float = 5) -> dict[str, Any]:
    """Bob's order: the line of the reward."""
    line: dict[str, Any] = memory.tell("order.completed", "bob", day, value=value, currency=currency)[1]["rewards"][0]
    return line


def test_an_order_in_another_currency_is_exchanged_at_the_rate_of_its_day() -> None:
    memory = shop()
    rate(memory, "1.08", "2026-01-09")
    rate(memory, "1.10", "2026-01-10")
    rate(memory, "1.20", "2026-01-11")
    line = order(memory, 10_000)  # on 10 January
    assert line["amount"] == 1_100
    assert line["amount_from"] == {"value": 11_000, "percent": 10}
    assert line["exchange"] == {
        "value": 10_000, "currency": "EUR", "base": "EUR", "quote": "USD", "rate": "1.10", "day": "2026-01-10",
        "source": "ECB",
    }  # fmt: skip
    assert memory.referral().value == 11_000


def test_without_a_rate_of_the_day_the_newest_before_it_counts_never_a_later_one() -> None:
    memory = shop()
    rate(memory, "1.20", "2026-01-11")
    assert order(memory, 10_000)["reason"] == "no_exchange_rate"
    assert memory.referral().value is None
    memory = shop()
    rate(memory, "1.20", "2026-01-11")
    rate(memory, "1.05", "2025-06-01")
    assert order(memory, 10_000)["amount"] == 1_050


def test_a_reward_of_a_fixed_amount_says_too_that_its_order_has_no_price() -> None:
    memory = shop(rewards=[thanks(reverse=BACK)])
    told = {"value": 10_000, "currency": "EUR"}
    reason, trace = memory.tell("order.completed", "bob", 5, **told)
    assert (reason, trace["unpriced"]) == ("rewarded", told | {"reason": "no_exchange_rate"})
    rate(memory, "1.20", "2026-01-06")
    memory.say("participant.signed_up", "cyd", code="ada")
    assert "unpriced" not in memory.tell("order.completed", "cyd", 5, **told)[1]


def test_the_day_is_that_of_the_program() -> None:
    memory = shop(timezone="Asia/Kolkata")
    rate(memory, "1.10", "2026-01-10")
    rate(memory, "1.20", "2026-01-11")
    assert order(memory, 10_000, day=5.25)["amount"] == 1_100  # 18:00 UTC is 23:30 in Kolkata
    memory.say("participant.signed_up", "cy", 5.3, code="ada")
    _, trace = memory.tell("order.completed", "cy", 5.3, value=10_000, currency="EUR")  # 19:12 UTC is past midnight
    assert trace["rewards"][0]["amount"] == 1_200


def test_a_pair_that_was_told_the_other_way_round_is_turned_over() -> None:
    memory = shop()
    rate(memory, "0.8", "2026-01-10", "USD", "EUR")
    assert order(memory, 10_000)["amount"] == 1_250


def test_of_a_pair_told_both_ways_the_newer_counts_and_of_one_day_the_straight_one() -> None:
    def between(*told: Rate) -> str:
        rates = Rates()
        for row in told:
            rates.put(row)
        found = rates.between("EUR", "USD", date(2026, 1, 10))
        assert found
        return found.rate.rate

    def row(base: str, quote: str, day: int, text: str) -> Rate:
        return Rate(base, quote, date(2026, 1, day), text, "ECB", START)

    assert between(row("EUR", "USD", 9, "1.1"), row("USD", "EUR", 10, "0.8")) == "0.8"
    assert between(row("EUR", "USD", 10, "1.1"), row("USD", "EUR", 10, "0.8")) == "1.1"
    assert between(row("EUR", "USD", 10, "1.1"), row("USD", "EUR", 9, "0.8")) == "1.1"


def test_a_third_currency_is_no_way_around() -> None:
    memory = shop()
    rate(memory, "11.5", "2026-01-10", "EUR", "NOK")
    rate(memory, "0.09", "2026-01-10", "NOK", "USD")
    assert order(memory, 10_000)["reason"] == "no_exchange_rate"


@pytest.mark.parametrize(
    ("currency", "text", "value", "amount"),
    [
        ("JPY", "0.0065", 1_000, 650),  # a yen has no minor unit: 1,000 yen are 6.50 USD
        ("EUR", "1.00005", 10_000, 10_000),  # 10000.5 goes to the even 10000
        ("EUR", "1.00015", 10_000, 10_002),  # 10001.5 goes to the even 10002
        ("EUR", "0.000000000001", 10**15, 1_000),
    ],
)
def test_an_exchange_is_exact_and_rounded_half_to_even(currency: str, text: str, value: int, amount: int) -> None:
    memory = shop()
    rate(memory, text, "2026-01-10", currency)
    order(memory, value, currency)
    assert memory.referral().value == amount


def test_what_would_be_beyond_any_amount_is_none() -> None:
    memory = shop()
    rate(memory, "999999999", "2026-01-10")
    assert order(memory, 10**15)["reason"] == "amount_error"
    assert memory.referral().value is None


def test_a_later_event_of_the_same_day_takes_the_place_and_an_earlier_one_does_not() -> None:
    memory = shop()
    rate(memory, "1.10", "2026-01-10", at=2)
    rate(memory, "1.20", "2026-01-10", at=3)
    rate(memory, "1.30", "2026-01-10", at=1)
    assert order(memory, 10_000)["amount"] == 1_200


def test_an_expression_reads_the_value_in_the_currency_of_the_program() -> None:
    give = {"type": "cash", "amount": {"cel": "event.currency == 'EUR' ? event.value / 10 : 0"}}
    memory = shop(rewards=[thanks(give=give)])
    assert order(memory, 10_000)["reason"] == "no_exchange_rate"
    memory = shop(rewards=[thanks(give=give)])
    rate(memory, "1.10", "2026-01-10")
    line = order(memory, 10_000)
    assert (line["amount"], line["exchange"]["rate"]) == (1_100, "1.10")


def test_a_currency_that_is_no_text_has_no_rate() -> None:
    give = {"type": "cash", "amount": {"percent": 10}}
    memory = shop(rewards=[thanks(give=give)], lifecycle={"flow": "self_serve", "closed_won": {"on": "ride.finished"}})
    _, trace = memory.tell("ride.finished", "bob", 5, value=10, currency=["EUR"])
    assert trace["rewards"][0]["reason"] == "no_exchange_rate"


# Refunds


def refund(memory: Memory, value: int, currency: str = "EUR", day: float = 20) -> int:
    """A refund: how much of the reward is taken back by then."""
    memory.say("order.refunded", "bob", day, value=value, currency=currency)
    return memory.reward("thanks").reversed


@pytest.mark.parametrize("parts", [[9_999], [3_333, 3_333, 3_333], [1, 9_998], [5_000, 4_998, 1], [9_998, 5]])
def test_refunds_in_the_orders_currency_sum_to_exactly_the_whole_whatever_the_rate_is_by_then(parts: list[int]) -> None:
    memory = shop()
    rate(memory, "1.0837", "2026-01-10")
    rate(memory, "1.5", "2026-01-20")
    order(memory, 9_999)
    for number, part in enumerate(parts):
        refund(memory, part, day=20 + number)
    whole = memory.reward("thanks")
    assert (whole.state, whole.reversed) == ("reversed", whole.amount)
    assert memory.state.counter(memory.referral().id, "refunded")[1] >= (memory.referral().value or 0)


def test_half_a_refund_takes_half() -> None:
    memory = shop()
    rate(memory, "1.10", "2026-01-10")
    order(memory, 10_000)
    assert refund(memory, 5_000) == 550
    assert refund(memory, 1_100, "USD") == 660  # a tenth of the 110 USD


def test_a_refund_in_a_third_currency_is_exchanged_at_its_own_day() -> None:
    memory = shop()
    rate(memory, "1.10", "2026-01-10")
    rate(memory, "0.1", "2026-01-24", "NOK")
    order(memory, 10_000)
    assert refund(memory, 55_000, "NOK") == 550  # 5,500 of the 11,000 cents


def test_a_refund_that_nobody_can_exchange_takes_nothing_and_says_so() -> None:
    memory = shop()
    rate(memory, "1.10", "2026-01-10")
    order(memory, 10_000)
    assert memory.say("order.refunded", "bob", 20, value=1, currency="NOK") == "no_exchange_rate"
    assert memory.reward("thanks").reversed == 0
    assert refund(memory, 10_000, day=21) == 1_100


def test_a_refund_of_an_order_in_the_programs_currency_may_be_in_another() -> None:
    memory = shop()
    rate(memory, "1.10", "2026-01-20")
    order(memory, 11_000, "USD")
    assert refund(memory, 5_000) == 550


def test_what_a_referral_keeps_of_the_exchange_gives_it_again() -> None:
    memory = shop()
    rate(memory, "0.8", "2026-01-10", "USD", "EUR")
    order(memory, 10_000)
    exchange = memory.referral().properties["exchange"]
    assert kept(exchange).into(exchange["value"]) == memory.referral().value == 12_500
    assert refund(memory, 10_000) == 1_250


# What is sent


def problems(**changes: Any) -> list[tuple[str, str]]:
    """Pointer and code of what is wrong with a published rate."""
    properties = {"base": "EUR", "quote": "USD", "rate": "1.1", "date": "2026-01-10", "source": "ECB", **changes}
    raw = {"type": "fx.rate_published", "event_id": "x", "properties": properties}
    try:
        parse_event(raw, NOW)
    except EventError as error:
        return [(problem.pointer.removeprefix("/properties/"), problem.code) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"rate": "0"}, [("rate", "bad_value")]),
        ({"rate": "0.000"}, [("rate", "bad_value")]),
        ({"rate": "-1.1"}, [("rate", "bad_value")]),
        ({"rate": "1,1"}, [("rate", "bad_value")]),
        ({"rate": "1e3"}, [("rate", "bad_value")]),
        ({"rate": "١.١"}, [("rate", "bad_value")]),
        ({"rate": 1.1}, [("rate", "bad_value")]),
        ({"rate": "1." + "1" * 13}, [("rate", "bad_value")]),
        ({"rate": "0.000000000001"}, []),
        ({"quote": "EUR"}, [("quote", "same_currency")]),
        ({"base": "XYZ"}, [("base", "unknown_currency")]),
        ({"quote": "usd"}, [("quote", "unknown_currency")]),
        ({"date": "2026-02-30"}, [("date", "bad_value")]),
        ({"date": "20260210"}, [("date", "bad_value")]),
        ({"source": ""}, [("source", "wrong_type")]),
    ],
)
def test_a_rate_that_means_nothing_is_refused(changes: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert problems(**changes) == found


def test_a_rate_is_about_nobody_and_decides_nothing() -> None:
    memory = shop()
    raw = {"base": "EUR", "quote": "USD", "rate": "1.1", "date": "2026-01-10", "source": "ECB"}
    assert memory.say("fx.rate_published", None, 1, **raw) is None
    [row] = memory.state.changes.rates.values()
    assert row == Rate("EUR", "USD", date(2026, 1, 10), "1.1", "ECB", START + timedelta(days=1))
    assert row.published_at < datetime(2026, 2, 1, tzinfo=UTC)
    assert [event.type for event in memory.state.tellings()] == ["link.created", "participant.signed_up"]
