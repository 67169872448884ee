"""Statements of partners: what moves a balance, when it is closed, and what of it is payable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from goodword.domain import ids
from goodword.domain.program import ProgramError, read
from goodword.domain.statements import Account
from support.documents import self_serve, thanks
from support.memory import START, Memory

COMMISSION = {
    "id": "commission",
    "on": "invoice.paid",
    "to": "referrer",
    "give": {"type": "cash", "amount": {"percent": 10}},
    "reverse": {"on": ["order.refunded"], "how": "proportional"},
}


def document(**changes: Any) -> dict[str, Any]:
    """Ten percent of each invoice; statements by the month, paid from 50 USD on."""
    lifecycle = {"flow": "self_serve", "closed_won": {"on": "invoice.paid"}}
    given = {"lifecycle": lifecycle, "rewards": [COMMISSION], "statement": {"every": "month", "minimum": 5000}}
    return self_serve(**{"kind": "partner", "timezone": "America/New_York", **given, **changes})


def day(month: int, of_month: float, year: int = 2026) -> float:
    """Days from the start to noon (UTC) of that day."""
    return (datetime(year, month, 1, 12, tzinfo=UTC) - START).total_seconds() / 86_400 + of_month - 1


def begun(*documents: Any, partners: tuple[str, ...] = ("ada",)) -> Memory:
    """Each partner has a link, through which somebody signed up in January."""
    memory = Memory(*(documents or (document(),)))
    for who in partners:
        memory.send(raw("link.created", who, day(1, 6), program="simple", code=who) | {"event_id": who})
        memory.send(raw("participant.signed_up", f"of-{who}", day(1, 6), code=who) | {"event_id": f"of-{who}"})
    return memory


def pays(memory: Memory, value: int, when: float, order: str = "o", who: str = "of-ada") -> str | None:
    return memory.say("invoice.paid", who, when, value=value, currency="USD", order_id=order)


def issue(memory: Memory, number: int, when: float) -> str | None:
    reward = ids.public("rwd", memory.reward("commission", number).id)
    return memory.say("reward.issued", day=when, reward=reward)


def wait(memory: Memory, until: float) -> list[dict[str, Any]]:
    """The statements that closed since the last call, as the world hears of them."""
    memory.say("plan.checked", "clock", until)
    told = [dict(notice.payload) for notice in memory.state.changes.notices if notice.topic == "statement.closed"]
    memory.state.forget_changes()
    return told


def brief(told: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(row["period"], row["opening"], row["closing"], row["payable"], row["carried"]) for row in told]


def account(memory: Memory, who: str = "ada") -> Account:
    [program] = memory.state.programs.values()
    return Account(memory.state, program, memory.state.participant_by_external[who], "USD")


def test_a_statement_tells_what_moved_the_balance_and_what_is_payable() -> None:
    memory = begun()
    pays(memory, 60_000, day(1, 7), "a")
    pays(memory, 20_000, day(1, 8), "b")
    memory.say("order.refunded", "of-ada", day(1, 9), order_id="b", value=5_000, currency="USD")
    issue(memory, 0, day(1, 10))
    [told] = wait(memory, day(2, 2))
    assert told == {
        "participant": ids.public("par", memory.state.participant_by_external["ada"]),
        "program": "simple",
        "number": 1,
        "period": "2026-01",
        "from": "2026-01-01T05:00:00+00:00",
        "to": "2026-02-01T05:00:00+00:00",
        "currency": "USD",
        "opening": 0,
        "approved": {"count": 2, "amount": 8_000},
        "reversed": {"count": 1, "amount": 500},
        "paid": {"count": 1, "amount": 6_000},
        "closing": 1_500,
        "minimum": 5_000,
        "payable": 0,
        "carried": 1_500,
        "debt": 0,
    }
    assert memory.rung == ["statement.closed statement_carried"]


def test_what_is_below_the_minimum_is_carried_over_until_it_reaches_it() -> None:
    memory = begun()
    pays(memory, 49_990, day(1, 7))
    assert brief(wait(memory, day(2, 2))) == [("2026-01", 0, 4_999, 0, 4_999)]
    pays(memory, 10, day(2, 3), "b")
    assert brief(wait(memory, day(3, 2))) == [("2026-02", 4_999, 5_000, 5_000, 0)]
    assert memory.rung[-1] == "statement.closed statement_payable"
    assert account(memory).payable == 5_000


@pytest.mark.parametrize(
    ("zone", "when", "begins", "ends"),
    [
        ("America/New_York", day(3, 31), "2026-03-01T05:00:00+00:00", "2026-04-01T04:00:00+00:00"),
        ("Europe/Oslo", day(10, 31), "2026-09-30T22:00:00+00:00", "2026-10-31T23:00:00+00:00"),
    ],
)
def test_a_period_ends_at_midnight_on_the_wall_also_where_the_clock_changes(
    zone: str, when: float, begins: str, ends: str
) -> None:
    memory = begun(document(timezone=zone))
    pays(memory, 100, when)
    told, *_ = wait(memory, day(11, 15))
    assert (told["from"], told["to"]) == (begins, ends)


def test_the_last_instant_of_a_period_is_in_it_and_the_first_after_it_is_not() -> None:
    memory = begun()
    end = (datetime(2026, 2, 1, 5, tzinfo=UTC) - START).total_seconds() / 86_400
    pays(memory, 100, end - 1e-9, "a")
    pays(memory, 200, end, "b")
    assert brief(wait(memory, day(3, 2))) == [("2026-01", 0, 10, 0, 10), ("2026-02", 10, 30, 0, 30)]


def test_who_slept_for_three_months_closes_three_statements_in_order() -> None:
    memory = begun(partners=("ada", "bob"))
    pays(memory, 60_000, day(1, 7))
    pays(memory, 60_000, day(1, 7), "b", who="of-bob")
    found = wait(memory, day(4, 2))
    assert [row["period"] for row in found] == ["2026-01", "2026-01", "2026-02", "2026-02", "2026-03", "2026-03"]
    assert [row["opening"] for row in found] == [0, 0, 6_000, 6_000, 6_000, 6_000]


def test_what_is_heard_of_late_is_in_the_next_statement() -> None:
    memory = begun()
    pays(memory, 60_000, day(1, 7), "a")
    wait(memory, day(2, 2))
    memory.say("order.refunded", "of-ada", day(1, 20), order_id="a", value=30_000, currency="USD")
    assert account(memory).payable == 3_000
    [told] = wait(memory, day(3, 2))
    assert (told["opening"], told["reversed"]["amount"], told["closing"]) == (6_000, 3_000, 3_000)
    assert told["from"] == "2026-02-01T05:00:00+00:00"


def test_a_fact_of_long_ago_is_in_the_period_after_the_last_statement() -> None:
    memory = begun()
    pays(memory, 60_000, day(1, 7), "a")
    wait(memory, day(2, 2))
    issue(memory, 0, day(2, 3))
    assert brief(wait(memory, day(5, 2))) == [("2026-02", 6_000, 0, 0, 0)]
    pays(memory, 1_000, day(1, 8), "late")
    assert brief(wait(memory, day(5, 3))) == [("2026-03", 0, 100, 0, 100), ("2026-04", 100, 100, 0, 100)]


def test_what_is_paid_out_is_of_what_was_payable() -> None:
    memory = begun()
    pays(memory, 60_000, day(1, 7), "a")
    wait(memory, day(2, 2))
    pays(memory, 70_000, day(2, 3), "b")
    issue(memory, 0, day(2, 4))
    assert account(memory).payable == 0
    assert brief(wait(memory, day(3, 2))) == [("2026-02", 6_000, 7_000, 7_000, 0)]


def test_a_debt_stands_beside_the_balance_and_later_commissions_pay_it_first() -> None:
    memory = begun()
    pays(memory, 60_000, day(1, 7), "a")
    issue(memory, 0, day(1, 8))
    memory.say("order.refunded", "of-ada", day(1, 9), order_id="a", value=60_000, currency="USD")
    [told] = wait(memory, day(2, 2))
    assert (told["closing"], told["owed"], told["debt"]) == (0, {"count": 1, "amount": 6_000}, 6_000)
    pays(memory, 120_000, day(2, 3), "b")
    [told] = wait(memory, day(3, 2))
    assert (told["netted"], told["closing"], told["payable"]) == ({"count": 1, "amount": 6_000}, 6_000, 6_000)
    assert told["debt"] == 0


def test_a_debt_to_another_program_is_paid_by_commissions_too() -> None:
    thanked = self_serve(program="other", currency="USD", rewards=[thanks(reverse={"on": ["order.refunded"]})])
    memory = begun(document(), thanked)
    memory.say("link.created", "ada", day(1, 6), program="other", code="ada2")
    memory.send(raw("participant.signed_up", "friend", day(1, 6), code="ada2"))
    pay = {"value": 1_000, "currency": "USD", "order_id": "x"}
    memory.send(raw("order.completed", "friend", day(1, 7), **pay))
    memory.send(raw("reward.issued", None, day(1, 8), reward=ids.public("rwd", memory.reward("thanks").id)))
    memory.send(raw("order.refunded", "friend", day(1, 9), **pay))
    memory.send(raw("invoice.paid", "of-ada", day(1, 10), value=60_000, currency="USD", order_id="a"))
    memory.send(raw("plan.checked", "clock", day(2, 2)))
    [told] = [row.payload for row in memory.state.changes.notices if row.topic == "statement.closed"]
    assert (told["netted"]["amount"], told["closing"], told["debt"]) == (1_000, 5_000, 0)


def raw(kind: str, who: str | None, when: float, **properties: Any) -> dict[str, Any]:
    at = START + timedelta(days=when)
    person = {"participant": {"external_id": who, "email": f"{who}@x.example"}} if who else {}
    return {"type": kind, "event_id": f"{kind}-{when}", "occurred_at": at, "properties": properties} | person


def test_who_is_owed_nothing_gets_no_further_statement() -> None:
    memory = begun()
    pays(memory, 60_000, day(1, 7), "a")
    issue(memory, 0, day(1, 8))
    assert brief(wait(memory, day(2, 2))) == [("2026-01", 0, 0, 0, 0)]
    assert wait(memory, day(6, 2)) == []
    pays(memory, 60_000, day(6, 3), "b")
    [told] = wait(memory, day(7, 2))
    assert (told["number"], told["from"], told["opening"]) == (2, "2026-06-01T04:00:00+00:00", 0)


def test_a_held_commission_is_in_the_statement_of_its_approval() -> None:
    memory = begun(document(rewards=[COMMISSION | {"hold": "P30D"}]))
    pays(memory, 60_000, day(1, 7))
    assert brief(wait(memory, day(3, 2))) == [("2026-02", 0, 6_000, 6_000, 0)]


def test_points_are_on_no_statement() -> None:
    points = thanks(on="invoice.paid", give={"type": "points", "amount": 5, "unit": "points"})
    memory = begun(document(units=["points"], rewards=[points]))
    pays(memory, 60_000, day(1, 7))
    assert wait(memory, day(2, 2)) == []


def test_what_lapses_after_it_was_issued_is_no_movement() -> None:
    memory = begun(document(rewards=[COMMISSION | {"expire": {"after": "P5D"}}]))
    pays(memory, 60_000, day(1, 7))
    issue(memory, 0, day(1, 8))
    [told] = wait(memory, day(2, 2))
    assert memory.rung[0] == "reward.expired recorded"
    assert (told["closing"], told["paid"]) == (0, {"count": 1, "amount": 6_000})


def test_a_balance_in_a_currency_that_the_program_no_longer_has_is_payable_whatever_the_minimum() -> None:
    memory = begun()
    pays(memory, 1_000, day(1, 7), "a")
    memory.publish(document(currency="EUR"), 2)
    memory.say("link.created", "bob", day(1, 8), program="simple", code="bob")
    memory.say("participant.signed_up", "of-bob", day(1, 8), code="bob")
    memory.say("invoice.paid", "of-bob", day(1, 9), value=1_000, currency="EUR", order_id="b")
    found = wait(memory, day(2, 2))
    assert sorted((row["currency"], row["payable"], row["minimum"]) for row in found) == [
        ("EUR", 0, 5_000), ("USD", 100, 0)
    ]  # fmt: skip


def test_an_ended_program_pays_what_is_left_whatever_the_minimum() -> None:
    memory = begun()
    pays(memory, 1_000, day(1, 7))
    [program] = memory.state.programs.values()
    memory.state.stopped[program.id] = "settling"
    assert brief(wait(memory, day(2, 2))) == [("2026-01", 0, 100, 100, 0)]


@pytest.mark.parametrize("merged_first", [True, False])
def test_a_merge_takes_the_balance_and_what_is_payable_along(merged_first: bool) -> None:
    memory = begun(partners=("ada", "bob"))
    pays(memory, 60_000, day(1, 7), "a")
    pays(memory, 100_000, day(1, 7), "b", who="of-bob")
    pays(memory, 20_000, day(1, 8), "c", who="of-bob")
    wait(memory, day(2, 2))
    issue(memory, 1 if memory.reward("commission", 1).amount == 10_000 else 0, day(2, 3))
    memory.say("order.refunded", "of-bob", day(2, 4), order_id="b", value=10_000, currency="USD")
    assert (account(memory, "bob").balance, account(memory, "bob").payable) == (2_000, 2_000)
    survivor, merged = ("ada", "bob") if merged_first else ("bob", "ada")
    assert memory.say("participant.identified", survivor, day(2, 5), previous_id=merged) == "merged"
    assert (account(memory, survivor).balance, account(memory, survivor).payable) == (8_000, 8_000)
    assert (account(memory, merged).balance, account(memory, merged).payable) == (0, 0)
    found = {row["participant"]: row for row in wait(memory, day(4, 2)) if row["period"] == "2026-02"}
    here = found[ids.public("par", memory.state.participant_by_external[survivor])]
    there = found[ids.public("par", memory.state.participant_by_external[merged])]
    assert (here["closing"], there["closing"]) == (8_000, 0)
    assert here["moved"]["amount"] == -there["moved"]["amount"]


def test_a_version_without_statements_closes_none_and_a_later_one_goes_on_with_the_balance() -> None:
    memory = begun()
    pays(memory, 60_000, day(1, 7), "a")
    without = document()
    del without["statement"]
    memory.publish(without, 2)
    assert wait(memory, day(2, 2)) == []
    assert memory.rung == ["statement.closed superseded"]
    pays(memory, 10_000, day(2, 3), "b")
    assert wait(memory, day(3, 2)) == []
    memory.publish(document(statement={"every": "quarter"}), 3)
    pays(memory, 10_000, day(3, 3), "c")
    [told] = wait(memory, day(4, 2))
    assert (told["period"], told["number"], told["opening"]) == ("2026-Q1", 1, 0)
    assert (told["from"], told["approved"]) == ("2026-02-01T05:00:00+00:00", {"count": 3, "amount": 8_000})


def test_a_program_of_another_kind_has_no_statements() -> None:
    with pytest.raises(ProgramError) as caught:
        read(document(kind="referral"))
    assert [(fault.path, fault.code) for fault in caught.value.faults] == [("statement", "not_allowed")]
