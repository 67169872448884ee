"""Rewards for events: which events a rule pays for, when it begins and ends, and what a refund of one takes back."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from pydantic import ValidationError

from goodword.domain import ids
from goodword.domain.payloads import InvoicePaid
from goodword.domain.program import ProgramError, read
from support.documents import sales, self_serve, thanks
from support.memory import Memory
from unit.test_decide import referred, submit
from unit.test_rewards import lines


def paying(**changes: Any) -> dict[str, Any]:
    """A rule: the referrer gets 10 USD for an order."""
    return thanks(id="each", on="order.completed", **changes)


def orders(memory: Memory, *days: float, **told: Any) -> list[str | None]:
    """Orders of Bob's of 100 USD each on these days: the reasons."""
    return [
        memory.say("order.completed", "bob", day, **{"value": 10_000, "currency": "USD", "order_id": f"o{day}"} | told)
        for day in days
    ]


def given(memory: Memory) -> list[tuple[str, int | None, int]]:
    """Every reward, by age: state, amount, what was taken back of it."""
    rows = sorted(memory.state.rewards.values(), key=lambda row: (row.granted_at, row.id))
    return [(row.state, row.amount, row.reversed) for row in rows]


def house(*rules: dict[str, Any], **changes: Any) -> Memory:
    return referred(Memory(self_serve(rewards=list(rules), **changes)))


# Which events pay


def test_a_rule_on_an_event_pays_for_each_once() -> None:
    memory = house(paying())
    assert orders(memory, 1, 2, 3) == ["rewarded"] * 3
    assert [row.occurrence for row in memory.state.rewards.values()] == [
        "01900003-0000-7000-8000-000000000003",
        "01900003-0000-7000-8000-000000000004",
        "01900003-0000-7000-8000-000000000005",
    ]


@pytest.mark.parametrize(
    ("count", "paid"),
    [({"nth": 2}, [2]), ({"first": 3}, [1, 2, 3]), ({"every": 2}, [2, 4, 6]), ({}, [1, 2, 3, 4, 5, 6])],
)
def test_a_rule_counts_the_events_that_meet_its_condition(count: dict[str, int], paid: list[int]) -> None:
    memory = house(paying(when="event.value >= 5000", **count))
    orders(memory, 0.5, value=4_999)
    reasons = orders(memory, 1, 2, 3, 4, 5, 6)
    assert reasons == ["rewarded" if number in paid else "not_its_turn" for number in range(1, 7)]


def test_an_event_of_ones_own_pays_while_the_referral_stands() -> None:
    memory = house(thanks(id="each", on="workshop.attended"), thanks())
    assert memory.say("workshop.attended", "bob", 1) == "rewarded"
    assert memory.say("workshop.attended", "ada", 1) == "not_referred"
    assert orders(memory, 2) == ["rewarded"]
    assert memory.say("workshop.attended", "bob", 3) == "rewarded"


def test_an_event_that_names_the_referral_pays_too() -> None:
    memory = Memory(sales(rewards=[thanks(on="workshop.attended")]))
    submit(memory)
    assert memory.say("workshop.attended", day=1, referral="L1") == "rewarded"
    assert memory.say("workshop.attended", day=1, referral="L2") == "unknown_referral"


def test_an_ended_referral_earns_only_what_happened_before_its_end() -> None:
    memory = Memory(sales(rewards=[thanks(on="workshop.attended")]))
    submit(memory)
    memory.say("referral.closed_lost", day=5, referral="L1")
    assert memory.say("workshop.attended", day=6, referral="L1") == "wrong_state"
    assert memory.say("workshop.attended", day=4, referral="L1") == "rewarded"
    submit(memory, "L2", "heidi")
    memory.say("referral.disqualified", day=5, referral="L2")
    assert memory.say("workshop.attended", day=4, referral="L2") == "wrong_state"


def test_a_commission_needs_a_referral_that_was_won() -> None:
    memory = Memory(sales(rewards=[thanks(on="workshop.attended", until=["plan.ended"])]))
    submit(memory)
    memory.say("referral.closed_lost", day=5, referral="L1")
    assert memory.say("workshop.attended", day=4, referral="L1") == "wrong_state"
    assert memory.say("plan.ended", day=4, referral="L1") == "superseded"
    assert memory.state.counters.get(memory.referral().id) is None


def test_one_event_may_earn_by_state_and_by_itself() -> None:
    memory = house(thanks(), paying())
    found = lines(memory, "order.completed", "bob", 1, value=1, currency="USD")
    assert [found["thanks"]["ok"], found["each"]["ok"]] == [True, True]
    assert orders(memory, 2) == ["rewarded"]
    assert sorted(rule for rule, _, _ in memory.rewards()) == ["each", "each", "thanks"]


# The time after the win


def test_months_are_counted_from_the_win_on_the_local_calendar() -> None:
    # Won on 5 January; the third month ends on 5 April, 90 days later.
    memory = house(paying(from_month=2, to_month=3))
    assert orders(memory, 0, 30.9, 31, 89.9, 90) == [
        "before_commission", "before_commission", "rewarded", "rewarded", "after_commission",
    ]  # fmt: skip


def test_a_commission_for_a_length_of_time() -> None:
    memory = house(paying(**{"for": "P10D"}))
    assert orders(memory, 1, 10.9, 11) == ["rewarded", "rewarded", "after_commission"]


def test_an_introductory_rate_is_a_rule_for_the_first_months() -> None:
    intro = paying(to_month=1) | {"id": "intro"}
    memory = house(intro, paying(from_month=2, give={"type": "account_credit", "amount": 500}))
    assert orders(memory, 0, 40) == ["rewarded", "rewarded"]
    assert memory.rewards() == [("intro", "approved", 1000), ("each", "approved", 500)]


def test_a_cancellation_ends_it_for_good_wherever_it_stands_in_the_log() -> None:
    memory = house(paying(until=["subscription.cancelled"]))
    assert orders(memory, 1) == ["rewarded"]
    assert memory.say("subscription.cancelled", "bob", 10) == "commission_ended"
    assert orders(memory, 9, 10, 11) == ["rewarded", "after_commission", "after_commission"]
    assert memory.say("subscription.cancelled", "bob", 20) == "superseded"
    assert memory.say("subscription.cancelled", "bob", 5) == "commission_ended"
    assert orders(memory, 7) == ["after_commission"]


def test_what_comes_before_the_win_is_known_is_kept_and_told_again() -> None:
    memory = Memory(sales(rewards=[thanks(on="invoice.paid", until=["plan.ended"])]))
    submit(memory)
    for day, kind in ((1, "invoice.paid"), (11, "invoice.paid"), (12, "plan.ended"), (13, "invoice.paid")):
        told = {"referral": "L1"} | ({"value": 1, "currency": "USD"} if kind == "invoice.paid" else {})
        raw = {"type": kind, "event_id": f"k{day}", "participant": {"email": "grace@x.example"}}
        found = memory.send(raw | {"occurred_at": f"2026-01-{5 + day:02}T12:00:00Z", "properties": told})
        assert found["sold"].reason == "kept_for_later"
    assert memory.rewards() == []
    assert memory.say("referral.closed_won", day=10, referral="L1") == "advanced"
    memory.say("plan.checked", "ada", day=30)
    assert memory.rung == [
        "fact.recalled before_commission",
        "fact.recalled rewarded",
        "fact.recalled commission_ended",
        "fact.recalled after_commission",
    ]


def test_what_is_told_again_is_counted_once() -> None:
    counting = thanks(id="second", on="workshop.attended", nth=2)
    memory = Memory(sales(rewards=[counting, thanks(on="workshop.attended", to_month=1)]))
    submit(memory)
    memory.say("workshop.attended", day=2, referral="L1")
    memory.say("referral.closed_won", day=1, referral="L1")
    memory.say("plan.checked", "ada", day=3)
    assert memory.rewards() == [("thanks", "approved", 1000)]
    memory.say("workshop.attended", day=4, referral="L1")
    assert sorted(memory.rewards()) == [("second", "approved", 1000), *[("thanks", "approved", 1000)] * 2]


def test_orders_that_came_before_the_sign_up_are_paid_when_it_is_known() -> None:
    memory = Memory(self_serve(rewards=[paying()]))
    link = {"program": "simple", "code": "ADA"}
    memory.say("link.created", "ada", **link)
    memory.say("participant.identified", "bob")
    assert orders(memory, 2, 3) == ["not_referred"] * 2
    memory.say("participant.signed_up", "bob", 1, code="ada")
    memory.say("plan.checked", "ada", 4)
    assert given(memory) == [("approved", 1000, 0)] * 2


# Refunds of a payment

REVERSE = {"on": ["order.refunded", "subscription.cancelled"], "how": "proportional"}


def refund(memory: Memory, day: float, value: int, order_id: str | None, currency: str = "USD") -> str | None:
    named = {"order_id": order_id} if order_id else {}
    return memory.say("order.refunded", "bob", day, value=value, currency=currency, **named)


def test_a_refund_takes_back_what_its_own_order_earned() -> None:
    memory = house(paying(reverse=REVERSE))
    orders(memory, 1, 2, 3)
    assert refund(memory, 4, 2_500, "o2") == "reversed"
    assert given(memory) == [("approved", 1000, 0), ("approved", 1000, 250), ("approved", 1000, 0)]
    assert refund(memory, 5, 99_999, "o2") == "reversed"
    assert given(memory)[1] == ("reversed", 1000, 1000)
    assert refund(memory, 6, 1, "o2") == "nothing_to_reverse"


def test_parts_of_a_refund_sum_to_the_whole_in_any_order() -> None:
    for parts in ([1, 3_333, 3_333, 3_333], [3_333, 1, 3_333, 3_333], [3_333, 3_333, 3_333, 1]):
        memory = house(paying(reverse=REVERSE, give={"type": "account_credit", "amount": 7}))
        orders(memory, 1)
        for day, part in enumerate(parts, 2):
            refund(memory, day, part, "o1")
        assert given(memory) == [("reversed", 7, 7)]


def test_a_part_too_small_to_round_up_is_remembered() -> None:
    memory = house(paying(reverse=REVERSE, give={"type": "account_credit", "amount": 1}))
    orders(memory, 1)
    assert refund(memory, 2, 5_000, "o1") == "nothing_to_reverse"  # half of one, to even
    assert refund(memory, 3, 1, "o1") == "reversed"


def test_of_a_capped_reward_the_share_of_what_was_given_is_taken() -> None:
    cap = [{"per": "program", "budget": 1_400, "when_reached": "partial"}]
    memory = house(paying(reverse=REVERSE), limits=cap)
    orders(memory, 1, 2)
    refund(memory, 3, 5_000, "o2")
    assert given(memory) == [("approved", 1000, 0), ("approved", 400, 200)]


def test_a_gift_without_an_amount_goes_with_the_last_part() -> None:
    memory = house(paying(reverse=REVERSE, give={"type": "feature", "name": "Vault"}))
    orders(memory, 1)
    assert refund(memory, 2, 5_000, "o1") == "nothing_to_reverse"
    assert refund(memory, 2, 5_000, "o1") == "reversed"


def test_a_refund_without_a_rate_takes_no_share_and_full_takes_the_whole() -> None:
    memory = house(paying(reverse=REVERSE), paying(reverse=REVERSE | {"how": "full"}) | {"id": "other"})
    orders(memory, 1)
    refund(memory, 2, 5_000, "o1", "EUR")
    assert given(memory) == [("approved", 1000, 0), ("reversed", 1000, 1000)]


def test_refunds_in_other_currencies_are_exchanged_and_come_to_the_whole() -> None:
    """A payment of 100.00 EUR at 1.10 is worth 110.00 USD, and earns 20 %: 22.00 USD."""
    give = {"type": "cash", "amount": {"percent": 20}}
    for parts in (
        [(5_000, "EUR", 1_100), (5_500, "USD", 2_200)],
        [(1_100, "USD", 220), (9_900, "USD", 2_200)],
        [(3_667, "USD", 733), (3_667, "USD", 1_467), (3_666, "USD", 2_200)],
        [(4_400, "GBP", 1_100), (99_999, "GBP", 2_200)],
        [(4_400, "GBP", 1_100), (99_999, "NOK", 1_100)],  # nobody said what a krone is worth
    ):
        memory = house(paying(reverse=REVERSE, give=give))
        for base, rate in (("EUR", "1.10"), ("GBP", "1.25")):
            told = {"base": base, "quote": "USD", "rate": rate, "date": "2026-01-05", "source": "ECB"}
            memory.say("fx.rate_published", None, 0.5, **told)
        orders(memory, 1, currency="EUR", order_id="e1")
        for day, (value, currency, gone) in enumerate(parts, 2):
            assert refund(memory, day, value, "e1", currency) == (
                "no_exchange_rate" if currency == "NOK" else "reversed"
            )
            assert [row.reversed for row in memory.state.rewards.values()] == [gone]


def test_a_refund_without_a_name_is_of_the_latest_payment_before_it() -> None:
    memory = house(paying(reverse=REVERSE))
    orders(memory, 1, 2, 9)
    assert refund(memory, 4, 10_000, None) == "reversed"
    assert refund(memory, 5, 10_000, None) == "reversed"
    assert refund(memory, 6, 10_000, None) == "nothing_to_reverse"
    assert [row[0] for row in given(memory)] == ["reversed", "reversed", "approved"]


def test_a_named_refund_may_be_of_a_payment_without_a_name() -> None:
    memory = house(paying(reverse=REVERSE))
    orders(memory, 1, order_id=None)
    orders(memory, 2)
    assert refund(memory, 4, 10_000, "x") == "reversed"
    assert [row[0] for row in given(memory)] == ["reversed", "approved"]


def test_what_is_no_refund_takes_back_all_within_the_window() -> None:
    memory = house(paying(reverse=REVERSE | {"within": "P5D", "when": "event.type != 'order.refunded'"}))
    orders(memory, 1, 7, 8)
    assert refund(memory, 9, 1, "o8") == "condition_not_met"
    assert memory.say("subscription.cancelled", "bob", 9) == "reversed"
    assert [row[0] for row in given(memory)] == ["approved", "reversed", "reversed"]


def test_a_cancellation_may_end_a_commission_and_take_back_the_last_of_it() -> None:
    memory = house(paying(until=["subscription.cancelled"], reverse=REVERSE | {"within": "P5D"}))
    orders(memory, 1)
    assert memory.say("subscription.cancelled", "bob", 2) == "reversed"
    assert orders(memory, 3) == ["after_commission"]


def test_a_refund_before_its_order_waits_for_it() -> None:
    memory = house(thanks(), paying(reverse=REVERSE))
    orders(memory, 1)
    assert refund(memory, 3, 2_500, "o2") == "kept_for_later"
    assert refund(memory, 3, 2_500, None) == "reversed"
    orders(memory, 4)
    orders(memory, 2)
    memory.say("plan.checked", "ada", 5)
    assert memory.rung == ["fact.recalled reversed"]
    assert [memory.reward("each", number).reversed for number in range(3)] == [250, 250, 0]


def test_a_refund_that_is_known_as_the_order_that_won_waits_for_nothing() -> None:
    memory = house(thanks(), paying(reverse=REVERSE, when="event.value > 10000"))
    orders(memory, 1)
    assert refund(memory, 3, 2_500, "o1") == "nothing_to_reverse"


# Naming one of several rewards


def test_an_approval_by_rule_is_of_the_order_it_names_else_of_the_oldest_that_waits() -> None:
    memory = house(paying(approval={"by": "finance"}, hold="P30D"))
    orders(memory, 1, 2, 3, 4)
    [referral] = memory.state.referrals
    named = {"referral": ids.public("ref", referral), "rule": "each"}
    assert memory.say("reward.approved", day=5, **named, order_id="o3") == "recorded"
    for _ in range(3):
        assert memory.say("reward.approved", day=5, **named) == "recorded"
    assert memory.say("reward.approved", day=5, **named) == "held"
    memory.say("plan.checked", "ada", 40)
    assert memory.say("reward.issued", day=41, **named) == "recorded"
    assert memory.say("reward.approved", day=41, **named) == "wrong_state"
    assert [row[0] for row in given(memory)] == ["issued", "approved", "approved", "approved"]


# What a document may say


@pytest.mark.parametrize(
    ("changes", "path", "code", "says"),
    [
        ({"on": "order.packed"}, None, "", ""),
        ({"on": "referral.won"}, "rewards.0.on", "not_allowed", "Allowed: referral.closed_lost"),
        ({"on": "referral.submited"}, "rewards.0.on", "not_allowed", "did you mean referral.submitted?"),
        ({"on": "hold.ended"}, "rewards.0.on", "not_allowed", "Allowed"),
        ({"until": ["reward.issued"]}, "rewards.0.until.0", "not_allowed", ""),
        ({"until": ["order.completed"]}, "rewards.0.until.0", "not_allowed", "pays for"),
        ({"nth": 1, "every": 2}, "rewards.0.every", "not_allowed", "one of nth, first, every"),
        ({"for": "P1M", "to_month": 2}, "rewards.0.to_month", "not_allowed", "keep one"),
        ({"from_month": 3, "to_month": 2}, "rewards.0.to_month", "ends_before_start", "month 2 is before"),
        ({"kind": "loyalty", "until": ["plan.ended"]}, "rewards.0.until", "not_allowed", "a referral's win"),
        ({"kind": "loyalty", "release_on": ["plan.ended"]}, "rewards.0.release_on", "not_allowed", "with referrals"),
        ({"kind": "loyalty", "expire": {"on": "2026-01-01"}}, "rewards.0.expire", "not_allowed", "after"),
        ({"from_month": 1201}, "rewards.0.from_month", "out_of_range", "at most 1200"),
        ({"on": "referral.qualified", "for": "P1M"}, "rewards.0.for", "not_allowed", "referral.qualified comes once"),
        ({"kind": "loyalty", "every": 10}, None, "", ""),
        ({"kind": "loyalty", "first": 2, "nth": 1}, "rewards.0.first", "not_allowed", "one of nth, first, every"),
    ],
)
def test_a_document_says_what_a_rule_is_on(changes: dict[str, Any], path: str | None, code: str, says: str) -> None:
    document = self_serve(rewards=[paying() | changes])
    if document["rewards"][0].pop("kind", None):
        document["rewards"][0]["to"] = "participant"
        document["kind"] = "loyalty"
        del document["lifecycle"]
    if path is None:
        read(document)
        return
    with pytest.raises(ProgramError) as caught:
        read(document)
    [fault] = caught.value.faults
    assert (fault.path, fault.code) == (path, code)
    assert says in fault.message


def test_what_comes_many_times_may_wait_for_its_turn() -> None:
    limit = {"per": "program", "every": "month", "count": 1, "when_reached": "waitlist"}
    assert read(self_serve(rewards=[paying(), thanks()], limits=[limit]))


# Parts of a billing period


MARCH = {"period_from": "2026-03-01", "period_to": "2026-04-01"}


def part(**covers: Any) -> tuple[Any, Any]:
    """What a payment for that part of March earns of 10 USD, or the reason, and what the trace says of it."""
    memory = house(paying(prorate=True))
    _, trace = memory.tell("order.completed", "bob", 1, value=500, currency="USD", **covers)
    [line] = trace["rewards"]
    return line.get("amount", line.get("reason")), line.get("amount_from")


@pytest.mark.parametrize(
    ("covers", "earned"),
    [
        ({}, 1000),
        (MARCH, 1000),
        (MARCH | {"covers_to": "2026-03-11"}, 323),  # 10 of 31 days: 322.58
        (MARCH | {"covers_from": "2026-03-11"}, 677),  # what is left of the 1,000
        (MARCH | {"covers_from": "2026-03-11", "covers_to": "2026-03-12"}, 32),  # 11 days are 354.84, so 355 - 323
        (MARCH | {"covers_from": "2026-04-01"}, "bad_period"),
        (MARCH | {"covers_from": "2026-02-28"}, "bad_period"),
        (MARCH | {"covers_to": "2026-04-02"}, "bad_period"),
        (MARCH | {"covers_from": "2026-03-12", "covers_to": "2026-03-11"}, "bad_period"),
        ({"period_from": "2026-03-01"}, "bad_period"),
        ({"period_to": "2026-03-01"}, "bad_period"),
        (MARCH | {"period_to": "2026-03-01"}, "bad_period"),
    ],
)
def test_a_part_of_a_period_earns_the_part(covers: dict[str, str], earned: Any) -> None:
    assert part(**covers)[0] == earned


@pytest.mark.parametrize("day", ["1 March", "2026-3-1", "2026-02-30"])
def test_a_day_of_an_invoice_is_a_date(day: str) -> None:
    with pytest.raises(ValidationError, match="day"):
        InvoicePaid.model_validate({"value": 1, "currency": "USD", "period_from": day})


def test_the_trace_says_which_part() -> None:
    assert part(**MARCH | {"covers_from": "2026-03-11"})[1] == {"whole": 1000, "days": 21, "period": 31}
    assert part(**MARCH)[1] is None


@pytest.mark.parametrize("amount", [1, 7, 999, 1000, 1001])
def test_the_parts_of_a_period_come_to_the_whole_wherever_it_is_cut(amount: int) -> None:
    days = [f"2026-03-{day:02}" for day in (1, 2, 5, 17, 18, 30, 31)] + ["2026-04-01"]
    memory = house(paying(prorate=True, give={"type": "cash", "amount": amount}))
    for place, (first, last) in enumerate(pairwise(days)):
        told = MARCH | {"covers_from": first, "covers_to": last}
        memory.tell("order.completed", "bob", 1 + place, value=500, currency="USD", **told)
    assert sum(row.amount or 0 for row in memory.state.rewards.values()) == amount


def test_a_day_of_a_custom_event_that_is_no_day_earns_nothing() -> None:
    memory = house(thanks(id="each", on="seat.paid", prorate=True))
    for said in ("soon", 20260301, None):
        _, trace = memory.tell("seat.paid", "bob", 1, **MARCH | {"period_from": said})
        assert trace["rewards"][0]["reason"] == "bad_period"


def test_a_part_that_comes_to_nothing_is_no_reward() -> None:
    memory = house(paying(prorate=True, give={"type": "cash", "amount": 1}))
    _, trace = memory.tell("order.completed", "bob", 1, value=5, currency="USD", **MARCH | {"covers_to": "2026-03-02"})
    assert trace["rewards"][0]["reason"] == "amount_zero"


def test_a_tiers_fixed_amount_is_given_in_part_too() -> None:
    tiers = [{"id": "silver", "from": 1, "metric": "submitted_referrals"}]
    rule = paying(prorate=True, give={"type": "cash", "amount": {"by_tier": {"silver": 3100}}})
    memory = house(rule, tiers=tiers)
    memory.tell("order.completed", "bob", 1, value=5, currency="USD", **MARCH | {"covers_to": "2026-03-02"})
    assert [row.amount for row in memory.state.rewards.values()] == [100]


@pytest.mark.parametrize(
    "rule",
    [
        thanks(prorate=True),
        paying(prorate=True, give={"type": "cash", "amount": {"percent": 10}}),
        paying(prorate=True, give={"type": "cash", "amount": {"by_tier": {"silver": {"percent": 10}}}}),
        thanks(id="year", on="anniversary.reached", prorate=True),
    ],
)
def test_only_fixed_amounts_for_payments_are_given_in_part(rule: dict[str, Any]) -> None:
    tiers = [{"id": "silver", "from": 1, "metric": "submitted_referrals"}]
    with pytest.raises(ProgramError) as refused:
        read(self_serve(rewards=[rule], tiers=tiers))
    assert [(fault.path, fault.code) for fault in refused.value.faults] == [("rewards.0.prorate", "not_allowed")]
