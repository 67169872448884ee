"""Rewards and points that lapse when their owner does nothing for long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from goodword.domain import ids
from goodword.domain.inactivity import ACTIVE
from goodword.domain.program import ProgramError, read
from support.books import check_books
from support.documents import sales, self_serve, thanks
from support.loyalty import earns, points, shop
from support.memory import START, Memory
from unit.test_decide import referred


def house(**expire: str) -> Memory:
    """Ada's reward for Bob's order is issued on the first day."""
    memory = referred(Memory(self_serve(rewards=[thanks(expire=expire)])))
    memory.say("order.completed", "bob", 0, value=1, currency="USD")
    memory.say("reward.issued", None, 0, reward=ids.public("rwd", memory.reward("thanks").id))
    return memory


def rung(memory: Memory, day: float) -> list[str]:
    before = len(memory.rung)
    memory.ring(START + timedelta(days=day))
    return [text.removeprefix("reward.expired ") for text in memory.rung[before:]]


def test_it_lapses_when_its_owner_did_nothing_for_so_long() -> None:
    memory = house(inactive="P30D")
    assert (rung(memory, 29.9), rung(memory, 30)) == ([], ["recorded"])
    assert memory.reward("thanks").state == "expired"
    check_books(memory)


def test_whatever_they_do_sets_it_anew_with_one_timer() -> None:
    memory = house(inactive="P30D")
    for day in (3, 9, 20):
        memory.say("page.visited", "ada", day)
    assert len(memory.state.timers) == 1
    assert rung(memory, 49.9) == ["still_active"]
    assert memory.reward("thanks").expires_at == START + timedelta(days=50)
    assert rung(memory, 50) == ["recorded"]


def test_what_a_friend_does_or_the_engine_is_nothing_they_did() -> None:
    memory = house(inactive="P30D")
    memory.say("order.completed", "bob", 20, value=1, currency="USD")
    assert rung(memory, 30) == ["recorded"]


def test_what_is_heard_late_counts_when_it_happened() -> None:
    memory = house(inactive="P30D")
    memory.say("page.visited", "ada", 20)
    memory.say("page.visited", "ada", 10)
    assert rung(memory, 30) == ["still_active"]
    assert memory.reward("thanks").expires_at == START + timedelta(days=50)


def test_of_several_ends_the_first_counts() -> None:
    memory = house(inactive="P30D", after="P40D")
    memory.say("page.visited", "ada", 20)
    assert rung(memory, 30) == ["still_active"]
    assert memory.reward("thanks").expires_at == START + timedelta(days=40)
    memory.say("page.visited", "ada", 35)
    assert rung(memory, 40) == ["recorded"]
    memory = house(inactive="P30D", on="2026-01-15")
    assert rung(memory, 12) == ["recorded"]


def test_one_that_is_used_lapses_no_more() -> None:
    memory = house(inactive="P30D")
    memory.say("page.visited", "ada", 20)
    rung(memory, 30)
    memory.say("reward.redeemed", None, 31, reward=ids.public("rwd", memory.reward("thanks").id))
    assert not memory.state.timers


def test_of_those_who_have_nothing_that_lapses_so_nothing_is_kept() -> None:
    memory = house(after="P30D")
    memory.say("page.visited", "ada", 20)
    assert not any(ACTIVE in names for names in memory.state.counters.values())
    assert rung(memory, 30) == ["recorded"]


def test_points_lapse_so_too() -> None:
    memory = Memory(shop(rewards=[earns(expire={"inactive": "P30D"})]))
    memory.say("order.completed", "ada", 0, value=1, currency="USD")
    memory.say("page.visited", "ada", 20)
    assert rung(memory, 49.9) == ["still_active"]
    assert points(memory.state) == {"ada": 100}
    assert rung(memory, 50) == ["recorded"]
    assert points(memory.state) == {}
    check_books(memory)


def test_what_either_of_two_who_are_one_does_keeps_the_rewards_of_both() -> None:
    memory = Memory(shop(rewards=[earns(expire={"inactive": "P30D"})]))
    memory.say("order.completed", "ada", 0, value=1, currency="USD")
    memory.say("order.completed", "bob", 5, value=1, currency="USD")
    memory.say("participant.identified", "cyd", 6, previous_id="ada")
    memory.say("participant.identified", "cyd", 7, previous_id="bob")
    memory.say("page.visited", "cyd", 20)
    assert rung(memory, 40) == ["still_active", "still_active"]
    memory.say("participant.split", None, 41, previous_id="bob")
    assert rung(memory, 49.9) == []
    assert sorted(rung(memory, 50)) == ["recorded", "still_active"]  # the split was an event about bob
    assert rung(memory, 71) == ["recorded"]


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        (sales(rewards=[thanks(expire={})]), "rewards.0.expire", "missing"),
        (shop(rewards=[earns(expire={"on": "2026-12-31"})]), "rewards.0.expire", "not_allowed"),
        (shop(rewards=[earns(expire={})]), "rewards.0.expire", "not_allowed"),
    ],
)
def test_a_rule_must_say_when(document: dict[str, Any], path: str, code: str) -> None:
    with pytest.raises(ProgramError) as refused:
        read(document)
    assert {fault.path: fault.code for fault in refused.value.faults} == {path: code}
