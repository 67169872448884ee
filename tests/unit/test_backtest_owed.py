"""What a programme's rewards left owed at the end of a history in memory: to people, and by them."""

from __future__ import annotations

from goodword.domain import ids
from goodword.engine.backtest import owed
from support.documents import self_serve, thanks
from support.memory import Memory

BACK = {"on": ["order.refunded"], "how": "full"}


def brought(memory: Memory, friend: str, day: float) -> None:
    memory.say("participant.signed_up", friend, day, code="ada")
    memory.say("order.completed", friend, day, value=3000, currency="USD")


def test_what_is_approved_is_owed_until_it_is_handed_over_and_owed_back_once_it_is_taken_back() -> None:
    memory = Memory(self_serve(rewards=[thanks(reverse=BACK)]))
    [program] = memory.state.programs.values()
    memory.say("link.created", "ada", program="simple", code="ada")
    brought(memory, "bob", 1)
    assert owed.in_memory(memory.state, program) == {("USD", "approved"): 1000}
    memory.say("reward.issued", day=2, reward=ids.public("rwd", memory.reward("thanks").id))
    memory.say("order.refunded", "bob", 3, value=3000, currency="USD")
    memory.state.forget_changes()
    assert +owed.in_memory(memory.state, program) == {("USD", "debt"): 1000}
    brought(memory, "carl", 4)
    assert +owed.in_memory(memory.state, program) == {}
