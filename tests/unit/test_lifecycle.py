"""A referral's life beyond what the recipes show."""

from __future__ import annotations

import pytest

from support.documents import sales, self_serve, thanks
from support.memory import Memory
from unit.test_decide import referred, submit

FUNNEL = {
    "flow": "self_serve",
    "qualified": {"on": "trial.started"},
    "opportunity": {"on": "demo.held"},
    "closed_won": {"on": "order.completed"},
    "closed_lost": {"on": "trial.ended"},
    "expire_after": "P30D",
}


def test_without_expiry_a_referral_stays_open() -> None:
    memory = referred(Memory(self_serve()))
    memory.say("clock.ticked", "clock", 300)
    assert memory.rung == []
    assert memory.referral().state == "submitted"


def test_every_named_step_is_walked_and_every_skipped_one_passed() -> None:
    memory = referred(Memory(self_serve(lifecycle=FUNNEL)))
    assert memory.say("trial.started", "bob", 1) == "advanced"
    assert memory.say("trial.started", "bob", 2) == "already_in_state"
    assert memory.say("order.completed", "bob", 3, value=1, currency="USD") == "rewarded"
    referral = memory.referral()
    assert referral.qualified_at < referral.opportunity_at == referral.closed_at
    assert memory.say("demo.held", "bob", 4) == "wrong_state"


def test_in_self_serve_an_opportunity_that_no_step_names_is_not_passed() -> None:
    rules = [thanks(id=state, on=f"referral.{state}") for state in ("qualified", "opportunity", "closed_won")]
    memory = referred(Memory(self_serve(rewards=rules)))
    assert memory.say("order.completed", "bob", value=1, currency="USD") == "rewarded"
    assert [rule for rule, _, _ in memory.rewards()] == ["qualified", "closed_won"]
    assert memory.referral().opportunity_at is None


def test_a_referral_is_submitted_once_under_its_name() -> None:
    memory = Memory(sales())
    assert [submit(memory), submit(memory, friend="bob")] == ["opened", "already_submitted"]
    assert len(memory.state.referrals) == 1


def test_a_step_may_lose_the_referral_too() -> None:
    memory = referred(Memory(self_serve(lifecycle=FUNNEL, rewards=[thanks(on="referral.closed_lost")])))
    assert memory.say("trial.ended", "bob", 1) == "rewarded"
    assert memory.referral().state == "closed_lost"


def test_a_condition_of_a_step_that_cannot_be_decided_says_so() -> None:
    lifecycle = {"flow": "self_serve", "closed_won": {"on": "order.completed", "when": "event.properties.size > 1"}}
    memory = referred(Memory(self_serve(lifecycle=lifecycle)))
    assert memory.say("order.completed", "bob", value=1, currency="USD") == "condition_error"
    assert memory.referral().state == "submitted"


def test_a_state_behind_is_not_reached_again_by_name() -> None:
    memory = Memory(sales())
    submit(memory)
    memory.say("referral.opportunity_opened", referral="L1")
    assert memory.say("referral.qualified", referral="L1") == "wrong_state"
    assert memory.say("referral.opportunity_opened", referral="L1") == "already_in_state"


@pytest.mark.parametrize(
    ("moves", "state"),
    [([], "submitted"), (["qualified"], "qualified"), (["opportunity_opened"], "opportunity")],
)
def test_a_late_fact_finds_the_referral_as_it_was_before_it_expired(moves: list[str], state: str) -> None:
    memory = Memory(
        sales(lifecycle={"flow": "sales", "expire_after": "P30D"}, rewards=[thanks(on="referral.closed_lost")])
    )
    submit(memory)
    for move in moves:
        memory.say(f"referral.{move}", day=1, referral="L1")
    memory.say("clock.ticked", "clock", 31)
    assert memory.referral().state == "expired"
    assert memory.say("referral.closed_lost", day=2, referral="L1") == "rewarded"
    assert memory.rung == ["referral.expired ended"]


def test_a_late_step_revives_a_referral_only_until_it_expires_again() -> None:
    memory = Memory(sales(lifecycle={"flow": "sales", "expire_after": "P30D"}))
    submit(memory)
    memory.say("clock.ticked", "clock", 31)
    assert memory.say("referral.qualified", day=2, referral="L1") == "advanced"
    assert memory.referral().state == "qualified"
    assert memory.say("referral.qualified", day=2, referral="L1") == "already_in_state"
    memory.say("clock.ticked", "clock", 32)
    assert memory.rung == ["referral.expired ended"] * 2
    assert memory.say("referral.qualified", day=3, referral="L1") == "already_in_state"
    assert memory.say("referral.qualified", day=31, referral="L1") == "referral_expired"


def test_a_late_fact_does_not_push_another_referral_of_the_person_aside() -> None:
    memory = Memory(sales(lifecycle={"flow": "sales", "expire_after": "P30D"}))
    submit(memory, "L1")
    memory.say("clock.ticked", "clock", 31)
    assert submit(memory, "L2", day=32) == "opened"
    assert memory.say("referral.closed_won", day=2, referral="L1") == "already_referred"
    assert memory.say("referral.closed_lost", day=2, referral="L1") == "ended"
    assert [memory.referral(0).state, memory.referral(1).state] == ["closed_lost", "submitted"]


def test_an_expiry_that_comes_after_the_end_is_superseded() -> None:
    memory = Memory(sales(lifecycle={"flow": "sales", "expire_after": "P30D"}))
    submit(memory)
    [timer] = memory.state.timers.values()
    memory.say("referral.closed_lost", referral="L1", reason="budget")
    memory.state.load(timer)
    memory.say("clock.ticked", "clock", 31)
    assert memory.rung == ["referral.expired superseded"]
    assert memory.referral().reason == "budget"


def test_the_need_told_at_submission_is_kept() -> None:
    memory = Memory(sales())
    submit(memory, need="a quote by May")
    assert memory.referral().properties["need"] == "a quote by May"


def test_the_deal_is_worth_what_was_told_in_the_programmes_currency() -> None:
    memory = Memory(sales())
    for name, told in {
        "a": {"value": 500, "currency": "USD"},
        "b": {"value": 500},
        "c": {"value": 500, "currency": "EUR"},
        "d": {},
    }.items():
        submit(memory, name, name)
        memory.say("referral.closed_won", referral=name, **told)
    values = {row.external_id: row.value for row in memory.state.referrals.values()}
    assert values == {"a": 500, "b": 500, "c": None, "d": None}


def test_a_made_up_referral_makes_made_up_rewards() -> None:
    memory = Memory(sales())
    submit(memory, simulated=True)
    memory.say("referral.closed_won", referral="L1")
    assert memory.referral().simulated
    assert memory.reward("thanks").simulated
