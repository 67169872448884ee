"""Holds that end with an event, rewards that lapse on a day, and deals that must be registered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from goodword.domain import ids
from goodword.domain.program import ProgramError, read
from support.documents import sales, self_serve, thanks
from support.memory import START, Memory
from unit.test_decide import referred, submit
from unit.test_rewards import lines


def waiting(**changes: Any) -> dict[str, Any]:
    """A rule whose reward is held until the order is delivered."""
    return thanks(release_on=["order.delivered"], **changes)


def house(**changes: Any) -> Memory:
    memory = referred(Memory(self_serve(rewards=[waiting(**changes)])))
    order(memory, 1)
    return memory


def order(memory: Memory, day: float) -> None:
    memory.say("order.completed", "bob", day, value=100, currency="USD", order_id=f"o{day}")


def states(memory: Memory) -> list[str]:
    rows = sorted(memory.state.rewards.values(), key=lambda row: (row.granted_at, row.id))
    return [row.state for row in rows]


# Holds


def test_a_hold_lasts_until_its_event() -> None:
    memory = house()
    [reward] = memory.state.rewards.values()
    assert (reward.state, reward.hold_until, reward.pending_transfer_id is None) == ("pending", None, False)
    assert memory.say("order.delivered", "bob", 2, order_id="other") == "nothing_held"
    assert memory.say("order.delivered", "bob", 0.5) == "nothing_held"
    assert memory.say("order.delivered", "bob", 3, order_id="o1") == "recorded"
    assert memory.reward("thanks").approved_at is not None
    assert memory.say("order.delivered", "bob", 4) == "nothing_held"


def test_with_a_length_too_the_hold_ends_with_whichever_comes_first() -> None:
    memory = house(hold="P10D")
    memory.say("order.delivered", "bob", 2)
    assert (states(memory), memory.state.timers) == (["approved"], {})
    memory = house(hold="P10D")
    memory.say("plan.checked", "ada", 11)
    assert (states(memory), memory.rung) == (["approved"], ["hold.ended recorded"])


def test_what_is_promised_counts_from_the_end_of_the_hold_also_where_an_event_ends_it() -> None:
    memory = house(hold="P10D", promise={"fulfil": "P5D"})
    assert memory.reward("thanks").fulfil_by == START + timedelta(days=1 + 10 + 5)
    memory.say("order.delivered", "bob", 3)
    assert memory.reward("thanks").fulfil_by == START + timedelta(days=3 + 5)


def test_without_a_length_nothing_is_promised_until_the_event() -> None:
    memory = house(promise={"fulfil": "P5D"})
    assert memory.reward("thanks").fulfil_by is None
    memory.say("order.delivered", "bob", 3)
    assert memory.reward("thanks").fulfil_by == START + timedelta(days=3 + 5)


def test_a_person_and_the_event_must_both_have_their_say() -> None:
    for first in ("person", "event"):
        memory = house(approval={"by": "finance"})
        named = {"reward": ids.public("rwd", memory.reward("thanks").id)}
        if first == "person":
            assert memory.say("reward.approved", day=2, **named) == "recorded"
            assert memory.say("reward.approved", day=2, **named) == "held"
            assert states(memory) == ["pending"]
            assert memory.say("order.delivered", "bob", 3) == "recorded"
        else:
            assert memory.say("order.delivered", "bob", 2) == "awaiting_approval"
            assert states(memory) == ["pending"]
            assert memory.say("reward.approved", day=3, **named) == "recorded"
        assert states(memory) == ["approved"]


def test_the_end_of_a_hold_leaves_what_a_person_must_approve_to_them() -> None:
    memory = house(approval={"by": "finance"}, hold="P10D")
    memory.ring(START + timedelta(days=30))
    assert memory.rung == ["hold.ended awaiting_approval"]
    assert states(memory) == ["pending"]


def test_each_order_ends_the_hold_of_what_it_earned() -> None:
    memory = house(on="order.completed")
    order(memory, 2)
    order(memory, 3)
    assert memory.say("order.delivered", "bob", 4, order_id="o2") == "recorded"
    assert states(memory) == ["pending", "approved", "pending"]
    assert memory.say("order.delivered", "bob", 5) == "recorded"
    assert states(memory) == ["approved", "approved", "approved"]


def test_a_delivery_before_its_order_waits_for_it() -> None:
    memory = house(on="order.completed")
    assert memory.say("order.delivered", "bob", 3, order_id="o2") == "kept_for_later"
    order(memory, 2)
    memory.say("plan.checked", "ada", 4)
    assert (states(memory), memory.rung) == (["pending", "approved"], ["fact.recalled recorded"])


def test_an_event_may_end_one_hold_and_begin_another() -> None:
    rule = thanks(on="order.completed", release_on=["order.completed"])
    memory = referred(Memory(self_serve(rewards=[rule])))
    for day in (1, 2):
        assert memory.say("order.completed", "bob", day, value=1, currency="USD") == "rewarded"
    assert states(memory) == ["approved", "pending"]
    assert lines(memory, "order.completed", "bob", 3, value=1, currency="USD")["thanks"]["release_on"] == [
        "order.completed"
    ]


def test_one_event_may_take_back_and_let_go() -> None:
    rules = [
        waiting(reverse={"on": ["order.refunded"]}),
        thanks(id="kept", release_on=["order.refunded"]),
    ]
    memory = referred(Memory(self_serve(rewards=rules)))
    order(memory, 1)
    assert memory.say("order.refunded", "bob", 2, value=100, currency="USD") == "reversed"
    assert sorted(states(memory)) == ["approved", "cancelled"]


# Lapsing on a day


@pytest.mark.parametrize(
    ("expire", "issued", "expires"),
    [
        ({"on": "2026-01-10"}, 2, "2026-01-11T05:00:00+00:00"),
        ({"on": "2026-01-10", "after": "P1D"}, 2, "2026-01-08T12:00:00+00:00"),
        ({"on": "2026-01-10", "after": "P30D"}, 2, "2026-01-11T05:00:00+00:00"),
        ({"on": "2026-01-10"}, 9, "2026-01-14T12:00:00+00:00"),
    ],
)
def test_a_reward_lapses_at_the_end_of_a_day(expire: dict[str, str], issued: int, expires: str) -> None:
    zone = "America/New_York"
    memory = referred(Memory(self_serve(rewards=[thanks(expire=expire)], timezone=zone)))
    order(memory, 1)
    memory.say("reward.issued", day=issued, reward=ids.public("rwd", memory.reward("thanks").id))
    found = memory.reward("thanks").expires_at
    assert found is not None
    assert found.isoformat() == expires
    memory.say("plan.checked", "ada", 20)
    assert states(memory) == ["expired"]


# Registered deals


def partner(**changes: Any) -> Memory:
    rules = [thanks(), thanks(id="accepted", on="referral.qualified")]
    return Memory(sales(kind="partner", registration={"window": "P90D"}, rewards=rules, **changes))


def test_only_a_deal_that_was_accepted_in_time_pays() -> None:
    memory = partner()
    for name in ("L1", "L2"):
        submit(memory, name, name)
    assert memory.say("referral.qualified", day=89.9, referral="L1") == "rewarded"
    assert memory.say("referral.qualified", day=90, referral="L2") == "not_registered"
    assert memory.say("referral.closed_won", day=91, referral="L1") == "rewarded"
    assert memory.say("referral.closed_won", day=91, referral="L2") == "not_registered"


def test_a_deal_won_without_being_accepted_is_not_registered() -> None:
    memory = partner()
    submit(memory)
    found = lines(memory, "referral.closed_won", day=2, referral="L1")
    assert {rule: line["reason"] for rule, line in found.items()} == dict.fromkeys(
        ("accepted", "thanks"), "not_registered"
    )


def test_registration_may_have_no_window() -> None:
    memory = Memory(sales(kind="partner", registration={}))
    submit(memory)
    assert memory.say("referral.qualified", day=300, referral="L1") == "advanced"
    assert memory.say("referral.closed_won", day=301, referral="L1") == "rewarded"


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        (sales(registration={}), "registration", "not_allowed"),
        (self_serve(kind="partner", registration={}), "registration", "not_allowed"),
        (sales(rewards=[thanks(expire={})]), "rewards.0.expire", "missing"),
        (sales(rewards=[thanks(release_on=["hold.ended"])]), "rewards.0.release_on.0", "not_allowed"),
        (sales(rewards=[thanks(expire={"on": "31 May"})]), "rewards.0.expire.on", "wrong_type"),
    ],
)
def test_what_a_document_may_not_say(document: dict[str, Any], path: str, code: str) -> None:
    with pytest.raises(ProgramError) as caught:
        read(document)
    assert [(fault.path, fault.code) for fault in caught.value.faults] == [(path, code)]
