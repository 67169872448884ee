"""Anniversaries of a win, of a referral's beginning, and of a participant in a loyalty programme."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from goodword.domain import ids
from goodword.domain.program import ProgramError, read
from support.books import check_books
from support.documents import sales, self_serve, thanks
from support.loyalty import earns, points, shop
from support.memory import START, Memory
from unit.test_decide import referred, submit

KIND = "anniversary.reached"


def yearly(**changes: Any) -> dict[str, Any]:
    return thanks(**{"id": "year", "on": KIND, "each": "P1M", **changes})


def house(*rules: dict[str, Any], **changes: Any) -> Memory:
    """Bob's order of 20.00 on the first day won the referral."""
    memory = referred(Memory(self_serve(rewards=list(rules) or [yearly()], **changes)))
    assert memory.say("order.completed", "bob", 0, value=2000, currency="USD", order_id="o") == "advanced"
    return memory


def rung(memory: Memory, days: float) -> list[str]:
    """What the anniversaries until then gave."""
    before = len(memory.rung)
    memory.ring(START + timedelta(days=days))
    return [text.removeprefix(f"{KIND} ") for text in memory.rung[before:] if text.startswith(KIND)]


def test_each_is_given_at_its_own_moment_counted_from_the_win() -> None:
    memory = house()
    assert rung(memory, 100) == ["rewarded"] * 3
    granted = [row.granted_at for row in memory.state.rewards.values()]
    assert granted == [datetime(2026, month, 5, 12, tzinfo=UTC) for month in (2, 3, 4)]
    assert [row.occurrence for row in memory.state.rewards.values()] == ["1", "2", "3"]
    assert len(memory.state.timers) == 1
    check_books(memory)


def test_a_year_is_meant_where_nothing_is_said() -> None:
    memory = house(yearly(each=None))
    [timer] = memory.state.timers.values()
    assert timer.due_at == datetime(2027, 1, 5, 12, tzinfo=UTC)


def test_the_29th_of_february_comes_back_and_the_wall_clock_stays() -> None:
    document = self_serve(rewards=[yearly(each="P1Y")], timezone="Europe/Oslo")
    memory = Memory(document)
    for number, (kind, who, told) in enumerate(
        [
            ("link.created", "ada", {"program": "simple", "code": "ada"}),
            ("participant.signed_up", "bob", {"code": "ada"}),
            ("order.completed", "bob", {"value": 1, "currency": "USD"}),
        ]
    ):
        memory.send({"type": kind, "event_id": f"x{number}", "occurred_at": "2024-02-29T10:00:00+01:00",
                     "participant": who, "properties": told})  # fmt: skip
    memory.ring(datetime(2028, 3, 1, tzinfo=UTC))
    assert [f"{row.granted_at:%Y-%m-%d %H}" for row in memory.state.rewards.values()] == [
        "2025-02-28 09", "2026-02-28 09", "2027-02-28 09", "2028-02-29 09",
    ]  # fmt: skip


def test_summer_time_does_not_move_the_hour_on_the_wall() -> None:
    memory = house(yearly(each="P6M"), timezone="Europe/Oslo")
    rung(memory, 200)
    assert memory.reward("year").granted_at == datetime(2026, 7, 5, 11, tzinfo=UTC)


def test_it_may_be_counted_from_the_beginning() -> None:
    memory = Memory(sales(rewards=[yearly(since="begun")]))
    submit(memory)
    assert rung(memory, 40) == ["rewarded"]
    memory.say("referral.closed_lost", day=41, referral="L1")
    assert rung(memory, 100) == ["wrong_state"]
    assert not memory.state.timers


def test_of_a_win_nothing_is_due_while_nothing_is_won() -> None:
    memory = Memory(sales(rewards=[yearly()]))
    submit(memory)
    assert not memory.state.timers


@pytest.mark.parametrize(
    ("options", "given"),
    [
        ({"for": "P3M"}, ["rewarded"] * 3),
        ({"first": 2}, ["rewarded"] * 2),
        ({"nth": 3}, ["not_its_turn", "not_its_turn", "rewarded"]),
    ],
)
def test_it_goes_on_as_long_as_the_rule_says(options: dict[str, Any], given: list[str]) -> None:
    memory = house(yearly(**options))
    assert rung(memory, 300) == given
    assert not memory.state.timers


def test_an_event_ends_it() -> None:
    memory = house(yearly(until=["subscription.cancelled"]))
    assert rung(memory, 40) == ["rewarded"]
    assert memory.say("subscription.cancelled", "bob", 41) == "commission_ended"
    assert rung(memory, 300) == ["after_commission"]


def test_a_deal_that_was_paid_back_whole_has_no_anniversaries() -> None:
    memory = house()
    memory.say("order.refunded", "bob", 1, value=500, currency="USD", order_id="o")
    assert rung(memory, 40) == ["rewarded"]
    memory.say("order.refunded", "bob", 41, value=1500, currency="USD", order_id="o")
    assert rung(memory, 300) == ["deal_refunded"]


def test_a_refund_takes_back_what_was_given_too() -> None:
    memory = house(yearly(reverse={"on": ["order.refunded"], "how": "proportional"}))
    assert rung(memory, 70) == ["rewarded"] * 2
    assert memory.say("order.refunded", "bob", 71, value=500, currency="USD", order_id="o") == "reversed"
    assert [row.reversed for row in memory.state.rewards.values()] == [250, 250]
    check_books(memory)


def test_a_pause_stops_none_and_the_end_of_the_programme_ends_them() -> None:
    memory = house()
    [program] = memory.state.programs
    memory.state.stopped[program] = "paused"
    assert rung(memory, 40) == ["rewarded"]
    del memory.state.stopped[program]
    assert rung(memory, 70) == ["rewarded"]
    memory.state.stopped[program] = "settling"
    assert rung(memory, 300) == ["program_ended"]
    assert not memory.state.timers


def test_a_condition_and_an_amount_read_which_one_it_is() -> None:
    give = {"type": "cash", "amount": {"cel": "event.properties.number * 100"}}
    memory = house(yearly(give=give, when="event.properties.number != 2"))
    assert rung(memory, 100) == ["rewarded", "condition_not_met", "rewarded"]
    assert [row.amount for row in memory.state.rewards.values()] == [100, 300]


def test_a_share_is_of_what_the_referral_was_worth() -> None:
    memory = house(yearly(give={"type": "cash", "amount": {"percent": 10}}))
    rung(memory, 40)
    assert memory.reward("year").amount == 200


def test_an_approval_that_came_early_is_told_again() -> None:
    memory = house(yearly(approval={"by": "finance"}))
    referral = memory.referral()
    name = ids.public("ref", referral.id)
    assert memory.say("reward.approved", None, 1, referral=name, rule="year") == "unknown_reward"
    memory.ring(START + timedelta(days=40))
    assert memory.reward("year").state == "approved"


def test_a_referral_that_does_not_count_for_a_while_misses_only_those() -> None:
    memory = house()
    memory.say("participant.identified", "ada", 10, previous_id="bob")
    assert rung(memory, 40) == ["superseded"]
    memory.say("participant.split", None, 45, previous_id="bob")
    assert rung(memory, 70) == ["rewarded"]


@pytest.mark.parametrize("rule", [thanks(), thanks(id="year")])
def test_a_rule_that_is_no_more_has_no_anniversaries(rule: dict[str, Any]) -> None:
    memory = house()
    memory.publish(self_serve(rewards=[rule]), 2)
    [referral] = memory.state.referrals.values()
    [program] = memory.state.programs.values()
    memory.state.load(referral._replace(version_id=program.version_id))
    assert rung(memory, 100) == ["superseded"]


# In a loyalty programme


def member(**changes: Any) -> dict[str, Any]:
    return earns(**{"id": "year", "on": KIND, "since": "participant.signed_up", "each": "P1M", **changes})


def test_a_member_gets_points_each_year_since_the_first_event() -> None:
    memory = Memory(shop(rewards=[member(expire={"after": "P40D"})]))
    assert memory.say("participant.signed_up", "ada", 0) == "anniversaries_begun"
    assert memory.say("participant.signed_up", "ada", 3) is None
    assert rung(memory, 70) == ["rewarded"] * 2
    assert points(memory.state) == {"ada": 200}
    assert rung(memory, 129) == ["rewarded"] * 2
    assert points(memory.state) == {"ada": 200}  # the first two lapsed
    check_books(memory)


def test_rules_of_one_name_in_two_programmes_have_their_own_anniversaries() -> None:
    memory = Memory(shop(rewards=[member()]), shop(program="other", rewards=[member()]))
    memory.send({"type": "participant.signed_up", "event_id": "1", "occurred_at": START, "participant": "ada",
                 "properties": {}})  # fmt: skip
    assert rung(memory, 70) == ["rewarded"] * 4
    programs = {row.program_id for row in memory.state.rewards.values()}
    assert len(programs) == 2
    assert points(memory.state) == {"ada": 400}


def test_a_member_may_miss_one_and_the_end_ends_them() -> None:
    memory = Memory(shop(rewards=[member(when="event.properties.number != 1")]))
    memory.say("participant.signed_up", "ada", 0)
    assert rung(memory, 70) == ["condition_not_met", "rewarded"]
    [program] = memory.state.programs
    memory.state.stopped[program] = "ended"
    assert rung(memory, 200) == ["program_ended"]
    assert not memory.state.timers


def test_two_members_who_are_one_have_one_anniversary() -> None:
    memory = Memory(shop(rewards=[member()]))
    for who in ("ada", "bob"):
        memory.say("participant.signed_up", who, 0)
    memory.say("participant.identified", "ada", 1, previous_id="bob")
    assert sorted(rung(memory, 40)) == ["rewarded", "superseded"]
    memory.say("participant.split", None, 41, previous_id="bob")
    assert rung(memory, 70) == ["rewarded", "rewarded"]


def test_the_merged_ones_go_on_where_the_other_had_none() -> None:
    memory = Memory(shop(rewards=[member()]))
    memory.say("participant.signed_up", "bob", 0)
    memory.say("participant.identified", "ada", 1, previous_id="bob")
    assert rung(memory, 40) == ["rewarded"]
    assert points(memory.state) == {"ada": 100}


@pytest.mark.parametrize("rule", [earns(), earns(id="year")])
def test_a_members_rule_that_is_no_more_gives_nothing(rule: dict[str, Any]) -> None:
    memory = Memory(shop(rewards=[member()]))
    memory.say("participant.signed_up", "ada", 0)
    memory.publish(shop(rewards=[rule]), 2)
    assert rung(memory, 100) == ["superseded"]


# Faults


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        (sales(rewards=[thanks(since="won")]), "rewards.0.since", "not_allowed"),
        (sales(rewards=[thanks(each="P1Y")]), "rewards.0.each", "not_allowed"),
        (sales(rewards=[yearly(every=2)]), "rewards.0.every", "not_allowed"),
        (sales(rewards=[yearly(to_month=2)]), "rewards.0.to_month", "not_allowed"),
        (sales(rewards=[yearly(since="order.completed")]), "rewards.0.since", "not_allowed"),
        (sales(rewards=[yearly(since="begun", **{"for": "P2Y"})]), "rewards.0.for", "not_allowed"),
        (shop(rewards=[member(since="won")]), "rewards.0.since", "not_allowed"),
        (shop(rewards=[earns(on=KIND)]), "rewards.0.since", "missing"),
        (shop(rewards=[member(first=2)]), "rewards.0.first", "not_allowed"),
    ],
)
def test_what_makes_no_sense_is_refused(document: dict[str, Any], path: str, code: str) -> None:
    with pytest.raises(ProgramError) as refused:
        read(document)
    assert {fault.path: fault.code for fault in refused.value.faults} == {path: code}


@pytest.mark.parametrize("rule", [yearly(), yearly(first=3, until=["subscription.cancelled"]), yearly(since="begun")])
def test_what_makes_sense_is_read(rule: dict[str, Any]) -> None:
    assert read(sales(rewards=[rule]))
