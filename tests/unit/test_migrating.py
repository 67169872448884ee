"""Running referrals move to another version: what they keep, what changes, and how it is taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from goodword.domain import ids, migrating
from goodword.domain.decide import step
from goodword.domain.draft import Decision
from goodword.domain.events import Event, EventError, parse_event
from support.documents import sales, self_serve, thanks
from support.memory import NOW, START, Memory, uuid

PAYS = {"type": "account_credit"}


def act(memory: Memory, kind: str, day: float, **properties: Any) -> Decision:
    """The engine's own event, and the rings that it sets."""
    at = START + timedelta(days=day)
    memory.ring(at)
    memory.sent += 1
    [program] = memory.state.programs.values()
    raw = {"type": f"program.{kind}", "event_id": f"a{memory.sent}", "occurred_at": at,
           "properties": {"program": program.key, "by": "Ada", **properties}}  # fmt: skip
    event = parse_event(raw, NOW, internal=True)._replace(id=uuid(3, memory.sent))
    [decision] = step(memory.state, event).decisions
    assert memory.state.programs[program.id] is program, "the live version stays"
    return decision


def migrate(memory: Memory, day: float, to: int = 2, source: tuple[int, ...] = (1,), **more: Any) -> str:
    """Moves referrals, and rings until all are; the id of the migration."""
    decision = act(memory, "migrated", day, to_version=to, from_versions=list(source), **more)
    assert decision.reason == "migrating"
    memory.ring(START + timedelta(days=day, seconds=30))
    return str(decision.trace["migration"]["id"])


def undo(memory: Memory, day: float, migration: str, to: int = 2) -> str:
    decision = act(memory, "migration_undone", day, migration=migration, to_version=to)
    memory.ring(START + timedelta(days=day, seconds=30))
    return decision.reason


def version(memory: Memory, number: int = 0) -> int:
    return memory.state.versions[memory.referral(number).version_id].number


def pays(amount: int, **changes: Any) -> dict[str, Any]:
    return thanks(give={**PAYS, "amount": amount}, **changes)


def begun(before: dict[str, Any], after: dict[str, Any], friends: tuple[str, ...] = ("bo",)) -> Memory:
    """Ada referred friends under the first version; the second is live."""
    memory = Memory(before)
    memory.say("link.created", "ada", program="simple", code="ADA")
    for friend in friends:
        assert memory.say("participant.signed_up", friend, 1, code="ada") == "opened"
    memory.publish(after, 2)
    return memory


def order(memory: Memory, who: str, day: float, value: int = 3000, **more: Any) -> str | None:
    return memory.say("order.completed", who, day, value=value, currency="USD", **more)


def refund(memory: Memory, who: str, day: float, value: int = 3000) -> str | None:
    return memory.say("order.refunded", who, day, value=value, currency="USD")


TWO = self_serve(rewards=[pays(2500)])


def test_what_comes_later_is_judged_by_the_new_version() -> None:
    memory = begun(self_serve(), TWO, ("bo", "cy"))
    migrate(memory, 2, referrals=[ids.public("ref", memory.referral(0).id)])
    assert [version(memory, number) for number in (0, 1)] == [2, 1]
    order(memory, "bo", 3)
    order(memory, "cy", 3)
    assert sorted(amount or 0 for _, _, amount in memory.rewards()) == [1000, 2500]
    assert memory.rung == ["program.migrating migrated"]


def test_a_reward_keeps_the_terms_it_was_given_under() -> None:
    back = {"on": ["order.refunded"], "how": "full"}
    before = self_serve(rewards=[pays(1000, reverse=back, expire={"after": "P10D"})])
    other = {**pays(2500), "id": "other", "on": "subscription.renewed"}
    memory = begun(before, self_serve(rewards=[other]))
    order(memory, "bo", 2)
    migrate(memory, 3)
    assert version(memory) == 2
    reward = ids.public("rwd", memory.reward("thanks").id)
    reason, trace = memory.tell("reward.issued", None, 4, reward=reward)
    assert (reason, trace["kept_version"]) == ("recorded", 1)
    assert memory.reward("thanks").expires_at == START + timedelta(days=14)
    assert memory.say("subscription.renewed", "bo", 4) == "rewarded", "the new version pays for renewals"
    assert refund(memory, "bo", 5) == "reversed", "the old one takes back, which the new one does not"
    assert sorted(memory.rewards()) == [("other", "approved", 2500), ("thanks", "reversed", 1000)]


def test_a_reward_of_the_live_version_is_judged_by_it_though_its_referral_went_back_to_an_older_one() -> None:
    memory = begun(self_serve(), self_serve(rewards=[pays(2500), pays(10, id="renewal", on="subscription.renewed")]))
    memory.say("participant.signed_up", "cy", 2, code="ada")
    order(memory, "cy", 3)
    migrate(memory, 4, 1, (2,))
    assert version(memory, 1) == 1
    reward = ids.public("rwd", memory.reward("thanks").id)
    reason, trace = memory.tell("reward.issued", None, 5, reward=reward)
    assert (reason, "kept_version" in trace) == ("recorded", False)


def test_a_hold_ends_as_it_was_promised() -> None:
    before = self_serve(rewards=[pays(1000, release_on=["invoice.paid"]), pays(500, id="slow", hold="P9D")])
    memory = begun(before, self_serve(rewards=[{**pays(1), "id": "other", "on": "ride.finished"}]))
    order(memory, "bo", 2)
    migrate(memory, 3)
    assert memory.say("invoice.paid", "bo", 4, value=1, currency="USD") == "recorded"
    memory.ring(START + timedelta(days=12))
    assert sorted(memory.rewards()) == [("slow", "approved", 500), ("thanks", "approved", 1000)]


def test_states_that_were_passed_are_not_passed_again() -> None:
    rule = {**pays(700), "id": "early", "on": "referral.qualified"}
    memory = Memory(sales())
    memory.say("referral.submitted", "ada", 0, referral="R1", referred={"email": "bo@x.example"})
    memory.say("referral.qualified", None, 1, referral="R1")
    memory.publish(sales(rewards=[rule, pays(2500)]), 2)
    migrate(memory, 2)
    assert memory.say("referral.closed_won", None, 3, referral="R1", value=9, currency="USD") == "rewarded"
    assert memory.rewards() == [("thanks", "approved", 2500)]


def test_an_event_that_was_paid_for_is_not_paid_twice_and_counting_goes_on() -> None:
    before = self_serve(rewards=[pays(10, on="subscription.renewed", first=2)])
    memory = begun(before, self_serve(rewards=[pays(20, on="subscription.renewed", first=2)]))
    order(memory, "bo", 2)
    memory.say("subscription.renewed", "bo", 3)
    migrate(memory, 4)
    assert memory.say("subscription.renewed", "bo", 5) == "rewarded"
    assert memory.say("subscription.renewed", "bo", 6) == "not_its_turn"
    assert [amount for _, _, amount in memory.rewards()] == [10, 20]


def test_a_place_in_a_line_keeps_its_version_and_a_refund_finds_it() -> None:
    line = [{"per": "program", "every": "month", "count": 1, "when_reached": "waitlist"}]
    before = self_serve(rewards=[pays(1000, reverse={"on": ["order.refunded"]})], limits=line)
    memory = begun(before, self_serve(rewards=[{**pays(9), "id": "other"}]), ("bo", "cy", "di"))
    order(memory, "bo", 2)
    assert order(memory, "cy", 3) == order(memory, "di", 3) == "waitlisted"
    migrate(memory, 4, referrals=[ids.public("ref", row.id) for row in memory.state.referrals.values()])
    assert version(memory, 1) == 1, "a won referral runs no more"
    for id, row in list(memory.state.referrals.items()):  # as one that was moved while it ran
        memory.state.referrals[id] = row._replace(version_id=memory.state.programs[row.program_id].version_id)
        memory.state.load_counter(id, "migrated:x", 1, 0)
    assert refund(memory, "di", 5) == "kept_for_later"
    memory.ring(START + timedelta(days=40))
    assert [row for row in memory.rung if row.startswith("wait")] == [
        "waitlist.reached rewarded",
        "waitlist.reached reversed_while_waiting",
    ]
    assert memory.rewards() == [("thanks", "approved", 1000)] * 2


def test_a_place_that_was_taken_after_the_move_outlives_the_way_back() -> None:
    line = [{"per": "program", "every": "month", "count": 1, "when_reached": "waitlist"}]
    after = self_serve(rewards=[pays(2500, reverse={"on": ["order.refunded"]})], limits=line)
    memory = begun(self_serve(rewards=[pays(9, id="other", on="ride.finished")]), after, ("bo", "cy"))
    migration = migrate(memory, 2)
    assert (order(memory, "bo", 3), order(memory, "cy", 3)) == ("rewarded", "waitlisted")
    undo(memory, 4, migration)
    assert [version(memory, number) for number in (0, 1)] == [2, 1]
    assert refund(memory, "cy", 5) == "kept_for_later", "the new version takes back what stands in its line"
    memory.ring(START + timedelta(days=40))
    assert memory.rung[-1] == "waitlist.reached reversed_while_waiting"


def test_a_referral_runs_out_no_sooner_than_it_was_promised() -> None:
    def life(days: int | None) -> dict[str, Any]:
        lifecycle = {"flow": "self_serve", "closed_won": {"on": "order.completed"}}
        return self_serve(lifecycle=lifecycle | ({"expire_after": f"P{days}D"} if days else {}))

    for before, after, left in ((30, 60, 60), (60, 30, 60), (None, 30, None), (30, None, None), (30, 30, 30)):
        memory = begun(life(before), life(after))
        began = memory.referral().submitted_at
        migration = migrate(memory, 2)
        expected = began + timedelta(days=left) if left else None
        assert memory.referral().expires_at == expected, (before, after)
        due = [timer.due_at for timer in memory.state.timers.values()]
        assert due == ([expected] if expected else [])
        undo(memory, 40 if after is None or after > 30 else 3, migration)
        if before == 30 and left != 30:
            assert memory.referral().state == "expired", "what would have run out meanwhile runs out now"
            assert memory.referral().closed_at == START + timedelta(days=40)
        else:
            assert memory.referral().expires_at == (began + timedelta(days=before) if before else None)


def test_a_migration_is_taken_back_but_where_a_reward_was_given() -> None:
    memory = begun(self_serve(), TWO, ("bo", "cy", "di"))
    order(memory, "di", 1.5)
    migration = migrate(memory, 2)
    order(memory, "bo", 3)
    assert undo(memory, 4, migration) == "migrating_back"
    assert [version(memory, number) for number in range(3)] == [2, 1, 1]
    assert memory.rung[-1] == "program.migrating migration_undone"
    order(memory, "cy", 5)
    assert [amount for _, _, amount in memory.rewards()] == [1000, 2500, 1000]
    assert undo(memory, 6, migration) == "already_undone"


def test_a_refund_of_an_old_reward_hinders_no_undoing() -> None:
    rules = [pays(1000, id="old", on="subscription.renewed", reverse={"on": ["subscription.cancelled"]})]
    memory = begun(self_serve(rewards=rules), TWO)
    memory.say("subscription.renewed", "bo", 2)
    migration = migrate(memory, 3)
    assert memory.say("subscription.cancelled", "bo", 4) == "reversed"
    undo(memory, 5, migration)
    assert version(memory) == 1
    assert memory.say("subscription.renewed", "bo", 6) == "rewarded"


def test_who_was_moved_again_stays_and_comes_back_step_by_step() -> None:
    memory = begun(self_serve(), TWO)
    first = migrate(memory, 2)
    memory.publish(self_serve(rewards=[pays(3000)]), 3)
    second = migrate(memory, 3, 3, (1, 2))
    assert version(memory) == 3
    undo(memory, 4, first)
    assert version(memory) == 3
    assert undo(memory, 5, second, 3) == "migrating_back"
    assert version(memory) == 2


def test_what_cannot_be_moved_stays_with_the_reason() -> None:
    memory = begun(self_serve(), self_serve(currency="EUR"), ("bo", "cy"))
    order(memory, "cy", 1.5)
    decision = act(memory, "migrated", 2, to_version=2, from_versions=[1],
                   referrals=[ids.public("ref", row.id) for row in memory.state.referrals.values()])  # fmt: skip
    [timer] = memory.state.timers.values()
    event = Event(timer.kind, "timer", timer.id, timer.due_at, timer.due_at, {"timer": timer.id}, id=uuid(4, 900))
    [decision] = step(memory.state, event).decisions
    first, second = (memory.referral(number).id for number in (0, 1))
    assert decision.trace["migration"]["stayed"] == {"other_currency": [first], "not_running": [second]}
    assert decision.trace["migration"]["moved"] == {}
    migrate(memory, 3, source=(), referrals=[ids.public("ref", first)])
    assert version(memory) == 1


def test_a_deal_accepted_before_counts_as_registered_where_it_came_in_time() -> None:
    def partner(**more: Any) -> dict[str, Any]:
        return sales(kind="partner", **more)

    memory = Memory(partner())
    for number, day in ((1, 1), (2, 9), (3, 99)):
        memory.say("referral.submitted", "ada", 0, referral=f"R{number}", referred={"email": f"{number}@x.example"})
        if day < 99:
            memory.say("referral.qualified", None, day, referral=f"R{number}")
    memory.publish(partner(registration={"window": "P5D"}), 2)

    def registered() -> dict[str | None, Any]:
        return {row.external_id: row.properties.get("registered") for row in memory.state.referrals.values()}

    first = migrate(memory, 10)
    assert registered() == {"R1": True, "R2": None, "R3": None}
    undo(memory, 10.5, first)
    assert registered() == {"R1": None, "R2": None, "R3": None}
    migrate(memory, 10.6)
    memory.publish(partner(registration={}), 3)
    second = migrate(memory, 11, 3, (2,))
    assert registered() == {"R1": True, "R2": None, "R3": None}, "what was asked before is not asked again"
    undo(memory, 12, second, 3)
    assert registered() == {"R1": True, "R2": None, "R3": None}, "the version they have again asks for it too"


def test_pages_follow_each_other_and_an_undo_overtakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrating, "PAGE", 2)
    memory = begun(self_serve(), TWO, ("bo", "cy", "di", "em", "fa"))
    migration = migrate(memory, 2)
    assert [version(memory, number) for number in range(5)] == [2] * 5
    assert memory.rung == ["program.migrating migrating"] * 2 + ["program.migrating migrated"]
    [program] = memory.state.programs.values()
    internal = ids.internal("evt", migration)
    assert memory.state.counter(program.id, migrating.phase(internal)) == (migrating.DONE, 0)
    assert memory.state.counter(program.id, migrating.moved(internal)) == (5, 0)
    undo(memory, 3, migration)
    again = str(act(memory, "migrated", 4, to_version=2, from_versions=[1]).trace["migration"]["id"])
    assert undo(memory, 4, again) == "migrating_back"
    assert [version(memory, number) for number in range(5)] == [1] * 5
    assert "program.migrating superseded" in memory.rung


def test_a_referral_that_begins_later_is_left_alone() -> None:
    memory = begun(self_serve(), TWO)
    memory.say("participant.signed_up", "cy", 2, code="ada")
    decision = act(memory, "migrated", 1.5, to_version=1, from_versions=[2])
    assert decision.outcome == "yes"
    memory.ring(START + timedelta(days=3))
    assert version(memory, 1) == 2


def test_what_names_nothing_is_refused() -> None:
    memory = begun(self_serve(), TWO)
    assert act(memory, "migrated", 2, to_version=9, from_versions=[1]).reason == "unknown_version"
    unknown = ids.public("evt", uuid(9, 9))
    assert undo(memory, 2, unknown) == "unknown_migration"
    migration = migrate(memory, 2)
    assert undo(memory, 3, migration, 9) == "unknown_migration"
    event = Event(migrating.PAGED, "timer", "x", START, START, {"timer": uuid(5, 1)}, id=uuid(3, 999))
    assert step(memory.state, event).decisions == ()
    with pytest.raises(EventError, match="program"):
        parse_event({"type": "program.migrated", "event_id": "1", "properties": {"program": "a", "by": "b"}}, NOW)
