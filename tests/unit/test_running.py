"""A program is paused, resumed, ended, or goes live at a moment: what begins, what goes on, what is let go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from goodword.domain.decide import step
from goodword.domain.events import Event, EventError, parse_event
from goodword.domain.program import compile_program
from support.documents import sales, self_serve, thanks
from support.memory import NOW, START, Memory, uuid


def move(memory: Memory, how: str, day: float, key: str = "simple") -> str | None:
    """The engine's own event about the running of a program."""
    at = START + timedelta(days=day)
    memory.ring(at)
    memory.sent += 1
    raw = {"type": f"program.{how}", "event_id": f"m{memory.sent}", "occurred_at": at,
           "properties": {"program": key, "by": "Ada"}}  # fmt: skip
    event = parse_event(raw, NOW, internal=True)._replace(id=uuid(3, memory.sent))
    decisions = step(memory.state, event).decisions
    return decisions[0].reason if decisions else None


def begun(**changes: Any) -> Memory:
    """Ada has a link, and Bo signed up with it."""
    memory = Memory(self_serve(**changes))
    memory.say("link.created", "ada", program="simple", code="ADA")
    assert memory.say("participant.signed_up", "bo", 1, code="ada") == "opened"
    return memory


def order(memory: Memory, who: str, day: float) -> str | None:
    return memory.say("order.completed", who, day, value=3000, currency="USD")


def test_nothing_new_begins_in_a_pause_and_all_goes_on_after_it() -> None:
    memory = begun()
    assert move(memory, "paused", 2) == "paused"
    assert memory.say("participant.signed_up", "cy", 3, code="ada") == "program_paused"
    assert order(memory, "bo", 3) == "rewarded", "Bo's referral ran before"
    assert move(memory, "resumed", 4) == "resumed"
    assert memory.say("participant.signed_up", "cy", 5, code="ada") == "opened"
    assert order(memory, "cy", 6) == "rewarded"


def test_a_hold_ends_and_a_refund_takes_back_in_a_pause() -> None:
    reverse = {"on": ["order.refunded"]}
    memory = begun(rewards=[thanks(hold="P5D"), thanks(id="back", reverse=reverse)])
    assert order(memory, "bo", 2) == "rewarded"
    move(memory, "paused", 3)
    assert memory.say("order.refunded", "bo", 8, value=3000, currency="USD") == "reversed"
    assert memory.rung == ["hold.ended recorded"]
    assert memory.reward("thanks").state == "approved"
    assert memory.reward("back").state == "reversed"


def test_a_submission_is_refused_in_a_pause() -> None:
    memory = Memory(sales())
    move(memory, "paused", 1, "sold")
    told = {"referral": "R1", "referred": {"email": "bo@x.example"}}
    assert memory.say("referral.submitted", "ada", 2, **told) == "program_paused"
    assert memory.state.referrals == {}


def test_an_ended_program_that_settles_lets_open_referrals_finish() -> None:
    memory = begun()
    assert move(memory, "ended", 2) == "program_over"
    assert memory.say("participant.signed_up", "cy", 3, code="ada") == "program_ended"
    assert order(memory, "bo", 4) == "rewarded"
    assert move(memory, "ended", 5) == "wrong_state"
    assert move(memory, "resumed", 5) == "wrong_state"
    assert move(memory, "paused", 5) == "wrong_state"


def test_an_ended_program_that_voids_lets_go_of_what_is_open_and_held() -> None:
    limits = [{"per": "referrer", "count": 3}]
    memory = begun(ending="void", rewards=[thanks(hold="P9D"), thanks(id="now")], limits=limits)
    assert order(memory, "bo", 2) == "rewarded"
    memory.say("participant.signed_up", "cy", 3, code="ada")
    assert move(memory, "ended", 4) == "program_over"
    assert [row.state for row in memory.state.referrals.values()] == ["closed_won", "voided"]
    assert memory.referral(1).reason == "program_ended"
    assert sorted(memory.rewards()) == [("now", "approved", 1000), ("thanks", "cancelled", 1000)]
    assert memory.reward("thanks").reason == "program_ended"
    counters = (item for counts in memory.state.counters.values() for item in counts.items())
    [count] = [count for name, (count, _) in counters if name.startswith("limit:")]
    assert count == 1, "the place of the cancelled reward is free again"
    assert order(memory, "cy", 5) == "wrong_state"
    assert memory.rung == [], "no timer is left of what was let go"
    assert memory.state.timers == {}


def test_a_held_reward_without_a_referral_is_let_go_too() -> None:
    memory = begun(ending="void", rewards=[thanks(hold="P9D")])
    order(memory, "bo", 2)
    held = memory.reward("thanks")
    alone = held._replace(referral_id=None, subject_id=held.participant_id)
    del memory.state.rewards[held.id]
    memory.state.rewards_of.clear()
    memory.state.load(alone)
    move(memory, "ended", 4)
    assert memory.reward("thanks").state == "cancelled"


def test_a_pause_needs_a_live_program() -> None:
    assert move(begun(), "paused", 2, "another") is None


def schedule(memory: Memory, number: int, day: float, amount: int, **changes: Any) -> str:
    """A version that goes live on a day; its id. `instead_of`: the day on which it was to until then."""
    before = changes.pop("instead_of", None)
    [first] = memory.state.programs.values()
    document = self_serve(rewards=[thanks(give={"type": "account_credit", "amount": amount})], **changes)
    version = compile_program(first.id, uuid(2, 100 + number), number, document)
    memory.state.versions[version.version_id] = version
    memory.sent += 1
    at = (START + timedelta(days=day)).isoformat()
    properties = {"program": "simple", "version": version.version_id, "at": at}
    if before is not None:
        properties["instead_of"] = (START + timedelta(days=before)).isoformat()
    event = Event("program.scheduled", "goodword", f"s{number}", START, START, properties, id=uuid(3, memory.sent))
    assert [decision.reason for decision in step(memory.state, event).decisions] == ["scheduled"]
    return version.version_id


def test_a_scheduled_version_goes_live_at_its_moment_and_not_before() -> None:
    memory = begun()
    schedule(memory, 2, 3, 7000)
    assert memory.say("participant.signed_up", "cy", 2.9, code="ada") == "opened"
    assert memory.say("participant.signed_up", "di", 3, code="ada") == "opened"
    for who in ("cy", "di"):
        order(memory, who, 4)
    assert [amount for _, _, amount in memory.rewards()] == [1000, 7000]
    assert memory.rung == ["program.due published"]


def test_a_scheduled_version_goes_live_at_another_moment_than_it_was_to() -> None:
    memory = begun()
    schedule(memory, 2, 3, 7000)
    schedule(memory, 2, 5, 7000, instead_of=3)
    assert memory.say("participant.signed_up", "cy", 4, code="ada") == "opened"
    assert memory.say("participant.signed_up", "di", 5, code="ada") == "opened"
    for who in ("cy", "di"):
        order(memory, who, 6)
    assert [amount for _, _, amount in memory.rewards()] == [1000, 7000]
    assert memory.rung == ["program.due published"]


def test_a_scheduled_version_goes_live_at_once_and_once() -> None:
    memory = begun()
    version = schedule(memory, 2, 3, 7000)
    memory.sent += 1
    properties = {"program": "simple", "version": version, "instead_of": (START + timedelta(days=3)).isoformat()}
    event = Event("program.published", "goodword", "now", START, START, properties, id=uuid(3, memory.sent))
    assert [decision.reason for decision in step(memory.state, event).decisions] == ["published"]
    assert memory.state.timers == {}
    memory.say("participant.signed_up", "cy", 1, code="ada")
    order(memory, "cy", 4)
    assert [amount for _, _, amount in memory.rewards()] == [7000]
    assert memory.rung == []


def test_a_scheduled_version_stays_behind_a_later_one_that_is_live() -> None:
    memory = begun()
    schedule(memory, 2, 3, 7000)
    memory.publish(self_serve(), 3)
    memory.ring(START + timedelta(days=4))
    assert memory.rung == ["program.due superseded"]
    assert next(iter(memory.state.programs.values())).number == 3


def test_what_stood_in_line_has_its_turn_in_a_pause_and_when_a_scheduled_version_makes_room() -> None:
    memory = begun(limits=[{"per": "program", "count": 1, "when_reached": "waitlist"}])
    memory.say("participant.signed_up", "cy", 1, code="ada")
    assert order(memory, "bo", 2) == "rewarded"
    assert order(memory, "cy", 2) == "waitlisted"
    schedule(memory, 2, 3, 1000, limits=[{"per": "program", "count": 2, "when_reached": "waitlist"}])
    assert move(memory, "paused", 2.5) == "paused"
    memory.ring(START + timedelta(days=4))
    assert memory.rung == ["program.due published", "waitlist.reached rewarded"]


def test_a_ring_without_its_timer_is_nothing() -> None:
    memory = begun()
    event = Event("program.due", "timer", "x", START, START, {"timer": uuid(5, 1)}, id=uuid(3, 999))
    assert step(memory.state, event).decisions == ()


def test_only_the_engine_moves_a_program() -> None:
    with pytest.raises(EventError, match="program"):
        parse_event({"type": "program.paused", "event_id": "1", "properties": {"program": "a", "by": "b"}}, NOW)
