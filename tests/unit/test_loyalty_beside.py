"""What several programmes, or several parts of one, count of the same people and orders is kept apart."""

from __future__ import annotations

from typing import Any

import pytest

from support.memory import Memory

_CONTEST = {
    "id": "c", "name": "C", "metric": {"sum": "order.completed", "of": "value"}, "from": "2026-01-01",
    "to": "2026-02-01", "prizes": [{"id": "p1", "place": 1, "give": {"type": "feature", "name": "x"}}],
}  # fmt: skip


def shop(key: str, rule: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    earn: dict[str, Any] = {
        "id": "earn", "on": "order.completed", "to": "participant",
        "give": {"type": "points", "unit": "points", "amount": 100},
    }  # fmt: skip
    return {
        "program": key, "name": key, "kind": "loyalty", "currency": "USD", "units": ["points"],
        "tiers": [{"id": "t1", "from": 100, "metric": "points"}],
        "rewards": [earn | (rule or {})],
    } | changes  # fmt: skip


def ordered(memory: Memory, number: int, who: str = "ada", kind: str = "completed", value: int = 1000) -> list[str]:
    """An order with a name of its own: what each programme made of it."""
    made = memory.send(
        {
            "type": f"order.{kind}", "event_id": f"{kind}-{number}-{memory.sent}",
            "occurred_at": "2026-01-05T12:00:00Z", "participant": who,
            "properties": {"value": value, "currency": "USD", "order_id": f"o{number}"},
        }
    )  # fmt: skip
    return [decision.reason for decision in made.values()]


@pytest.mark.parametrize(
    ("rule", "paid"),
    [({"first": 2}, [1, 2]), ({"every": 2}, [2, 4]), ({"nth": 3}, [3])],
)
def test_so_many_orders_are_counted_by_person_and_program_whatever_they_are_called(
    rule: dict[str, int], paid: list[int]
) -> None:
    memory = Memory(shop("a", rule), shop("b", rule))
    for number in range(1, 6):
        expected = "rewarded" if number in paid else "not_its_turn"
        assert ordered(memory, number) == [expected, expected]
    assert ordered(memory, 9, "bob") == ["rewarded" if 1 in paid else "not_its_turn"] * 2


def test_who_turns_out_to_be_one_has_had_the_turns_of_both() -> None:
    memory = Memory(shop("a", {"every": 3}))
    assert ordered(memory, 1) + ordered(memory, 2, "bob") == ["not_its_turn"] * 2
    memory.say("participant.identified", "ada", previous_id="bob")
    assert ordered(memory, 3) == ["rewarded"]


def test_each_program_tells_the_world_of_its_own_tier() -> None:
    memory = Memory(shop("a"), shop("b"))
    ordered(memory, 1)
    keys = [notice.key for notice in memory.state.changes.notices if notice.topic == "tier.reached"]
    assert (len(keys), len(set(keys))) == (2, 2)


def test_a_refund_is_taken_once_from_a_contest_and_once_from_a_tier() -> None:
    revenue = [{"id": "t1", "from": 1500, "metric": "revenue"}]
    memory = Memory(shop("a", tiers=revenue, contests=[_CONTEST]))
    ordered(memory, 1, value=2000)
    for left in (1500, 1000):
        ordered(memory, 1, kind="refunded", value=500)
        [ada] = memory.state.participants
        assert memory.state.counter(ada, "contest:a:c")[0] == left
        assert memory.state.counter(ada, "tier:a:revenue:ever")[1] == left
