"""Goals and contests that count events about people."""

from __future__ import annotations

from typing import Any

import pytest

from goodword.domain import contests
from goodword.domain.program import ProgramError, read
from support.documents import self_serve
from support.memory import Memory

POINTS = {"id": "points", "on": "order.completed", "to": "participant",
          "give": {"type": "points", "amount": 1, "unit": "points"}}  # fmt: skip
GIFT = [{"id": "all", "give": {"type": "feature", "name": "Dark mode"}}]
PRIZES = [{"id": "first", "place": 1, "give": {"type": "cash", "amount": 1000}}]


def goal(**told: Any) -> dict[str, Any]:
    given = {"id": "g", "metric": {"count": "order.completed"}, "target": 3, "rewards": GIFT}
    return loyalty(goals=[given | told])


def contest(**told: Any) -> dict[str, Any]:
    given = {"id": "c", "name": "C", "from": "2026-01-10", "to": "2026-01-20", "final_after": "P10D",
             "metric": {"sum": "order.completed"}, "prizes": PRIZES}  # fmt: skip
    return loyalty(contests=[given | told])


def loyalty(**told: Any) -> dict[str, Any]:
    return {"program": "club", "kind": "loyalty", "name": "Club", "currency": "USD"} | told


def buys(memory: Memory, who: str, day: float, value: int = 1000, order: str | None = None, **told: Any) -> str | None:
    named = {"order_id": order} if order else {}
    return memory.say("order.completed", who, day, **{"value": value, "currency": "USD"} | named | told)


def refunds(memory: Memory, who: str, day: float, value: int, order: str, currency: str = "USD") -> str | None:
    return memory.say("order.refunded", who, day, value=value, currency=currency, order_id=order)


def names(memory: Memory) -> dict[str, str]:
    return {row.id: row.external_id or "" for row in memory.state.participants.values()}


def winners(memory: Memory, rule: str = "all") -> list[str]:
    memory.say("clock.ticked", "clock", 50)
    return sorted(names(memory)[row.participant_id] for row in memory.state.rewards.values() if row.rule == rule)


def scores(memory: Memory) -> dict[str, int]:
    [program] = memory.state.programs.values()
    [span] = program.contests.values()
    rows = contests.in_hand(memory.state, program, span.contest)
    return {names(memory)[row.participant_id]: row.score for row in rows}


def progress(memory: Memory) -> int:
    return sum(
        count
        for counters in memory.state.counters.values()
        for name, (count, _) in counters.items()
        if name.startswith("shared:")
    )


def test_a_community_reaches_a_goal_by_what_its_members_do() -> None:
    memory = Memory(goal())
    assert buys(memory, "ada", 1, order="o1") == "tallied"
    reason, trace = memory.tell("order.completed", "ada", 2, value=5, currency="USD")
    assert (reason, trace["goals"]) == ("tallied", [{"goal": "g", "change": 1, "count": 2, "target": 3}])
    assert memory.say("plan.checked", "cyd", 2.5) is None
    buys(memory, "bob", 3, order="o3")
    assert winners(memory) == ["ada", "bob"]
    buys(memory, "eve", 51)
    assert winners(memory) == ["ada", "bob"]


def test_who_comes_late_gets_it_where_that_is_the_rule() -> None:
    memory = Memory(goal(late="give"))
    for number, who in enumerate(("ada", "bob", "cyd", "dan")):
        reason = buys(memory, who, 1 + number)
    assert reason == "rewarded"
    assert winners(memory) == ["ada", "bob", "cyd", "dan"]


def test_a_refund_of_the_whole_order_takes_it_off_a_count_and_a_part_of_it_does_not() -> None:
    memory = Memory(goal())
    for number in range(2):
        buys(memory, "ada", 1 + number, order=f"o{number}")
    assert refunds(memory, "ada", 3, 400, "o0") == "unknown_order"
    assert progress(memory) == 2
    reason, trace = memory.tell("order.refunded", "ada", 4, value=600, currency="USD", order_id="o0")
    assert (reason, trace["goals"][0]["change"]) == ("tallied", -1)
    assert refunds(memory, "ada", 4.5, 600, "o0") == "unknown_order"
    buys(memory, "bob", 5)
    assert winners(memory) == []


def test_a_sum_loses_the_share_that_was_paid_back() -> None:
    memory = Memory(contest())
    buys(memory, "ada", 6, 1001, "o1")
    assert refunds(memory, "ada", 7, 333, "o1") == "tallied"
    assert scores(memory) == {"ada": 668}
    refunds(memory, "ada", 8, 900, "o1")
    assert scores(memory) == {}


def test_a_refund_that_is_heard_of_first_waits_for_its_order() -> None:
    memory = Memory(contest())
    assert refunds(memory, "ada", 7, 300, "o1") == "unknown_order"
    buys(memory, "ada", 6, 1000, "o1")
    assert scores(memory) == {"ada": 700}


def test_in_a_referral_program_too() -> None:
    memory = Memory(self_serve(contests=contest()["contests"], rewards=[]))
    assert refunds(memory, "ada", 7, 300, "o1") == "kept_for_later"
    buys(memory, "ada", 6, 1000, "o1")
    assert scores(memory) == {"ada": 700}
    told = {"value": 1, "currency": "EUR", "order_id": "o1"}
    assert memory.tell("order.refunded", "ada", 8, **told) == ("nothing_to_reverse", {"reversal": []})


def test_a_goal_and_a_contest_beside_those_of_referrals() -> None:
    others = {"contests": [*contest()["contests"], contest(id="d", metric="submitted", prizes=[
        {"id": "d1", "place": 1, "give": {"type": "recognition"}}])["contests"][0]],
        "goals": [goal(metric="submitted")["goals"][0]]}  # fmt: skip
    memory = Memory(self_serve(**others))
    buys(memory, "ada", 6, 1000, "o1")
    memory.say("participant.identified", "ada", 7, previous_id="bob")
    refunds(memory, "ada", 8, 1000, "o1")
    assert progress(memory) == 0


def test_an_order_of_which_all_was_paid_back_before_counts_for_nothing() -> None:
    memory = Memory(contest())
    refunds(memory, "ada", 7, 1000, "o1")
    assert buys(memory, "ada", 6, 1000, "o1") == "reversed_while_waiting"
    assert scores(memory) == {}


def test_a_refund_in_another_currency_or_of_nobodys_order_changes_nothing() -> None:
    memory = Memory(contest())
    buys(memory, "ada", 6, 1000, "o1")
    refunds(memory, "ada", 7, 300, "o1", "EUR")
    memory.say("order.refunded", "ada", 7, value=300, currency="USD")
    refunds(memory, "bob", 7, 300, "o1")
    assert scores(memory) == {"ada": 1000}


def test_an_order_told_of_twice_counts_both_and_is_taken_back_whole() -> None:
    memory = Memory(contest(metric={"count": "order.completed"}))
    buys(memory, "ada", 6, 600, "o1")
    buys(memory, "ada", 7, 400, "o1")
    assert scores(memory) == {"ada": 2}
    refunds(memory, "ada", 8, 1000, "o1")
    assert scores(memory) == {}


def test_a_contest_counts_its_days_and_is_decided_by_the_best() -> None:
    memory = Memory(contest())
    for day, who, value in ((4, "ada", 9000), (6, "bob", 500), (7, "cyd", 500), (8, "bob", 100), (20, "cyd", 9000)):
        buys(memory, who, day, value)
    assert scores(memory) == {"bob": 600, "cyd": 500}
    assert winners(memory, "first") == ["bob"]
    assert memory.rung == ["contest.decided contest_decided"]
    buys(memory, "ada", 51, order="o9")
    assert refunds(memory, "ada", 52, 5, "o9") == "unknown_order"


def test_after_the_result_a_refund_changes_nothing() -> None:
    memory = Memory(contest())
    buys(memory, "ada", 6, 1000, "o1")
    assert winners(memory, "first") == ["ada"]
    assert refunds(memory, "ada", 51, 1000, "o1") == "unknown_order"
    assert scores(memory) == {"ada": 1000}


@pytest.mark.parametrize(("when", "told"), [("event.value >= 100", {"value": 99}), ("participant.country == 'US'", {})])
def test_a_condition_keeps_out_what_does_not_hold(when: str, told: dict[str, Any]) -> None:
    memory = Memory(contest(when=when))
    assert buys(memory, "ada", 6, **told) in ("condition_not_met", "condition_error")
    assert scores(memory) == {}


def test_any_whole_number_of_an_event_is_added_up() -> None:
    memory = Memory(contest(metric={"sum": "ride.ended", "of": "km"}))
    assert memory.say("ride.ended", "ada", 6, km=12) == "tallied"
    assert memory.say("ride.ended", "ada", 7, km="far") is None
    assert memory.say("ride.ended", "ada", 7) is None
    assert scores(memory) == {"ada": 12}


def test_what_is_simulated_or_comes_in_a_pause_does_not_count() -> None:
    memory = Memory(contest())
    buys(memory, "ada", 6, simulated=True)
    [program] = memory.state.programs.values()
    memory.state.stopped[program.id] = "paused"
    assert buys(memory, "ada", 7) == "program_paused"
    assert scores(memory) == {}


def test_what_is_simulated_counts_in_test_mode() -> None:
    memory = Memory(contest() | {"test": True})
    assert buys(memory, "ada", 6, simulated=True) == "tallied"
    assert [name for name, score in scores(memory).items() if score] == ["ada"]


def test_beside_what_a_program_gives_the_decision_says_both() -> None:
    memory = Memory(goal() | {"units": ["points"], "rewards": [POINTS]})
    reason, trace = memory.tell("order.completed", "ada", 1, value=1000, currency="USD")
    assert (reason, trace["goals"][0]["count"], trace["rewards"][0]["ok"]) == ("rewarded", 1, True)


def test_in_a_referral_program_members_need_no_referral() -> None:
    metric = {"count": "workshop.attended"}
    memory = Memory(self_serve(goals=[{"id": "g", "metric": metric, "target": 2, "rewards": GIFT}]))
    assert memory.say("workshop.attended", "ada", 1) == "tallied"
    memory.say("workshop.attended", "bob", 2)
    assert winners(memory) == ["ada", "bob"]


def test_an_event_that_the_lifecycle_refuses_may_count_all_the_same() -> None:
    memory = Memory(self_serve(contests=contest()["contests"]))
    reason, trace = memory.tell("order.completed", "ada", 6, value=700, currency="USD")
    assert (reason, trace["contests"]) == ("tallied", [{"contest": "c", "change": 700, "score": 700}])


@pytest.mark.parametrize("ties", ["earliest", "share"])
def test_merged_people_have_one_score_and_two_again_when_they_are_taken_apart(ties: str) -> None:
    memory = Memory(contest(ties=ties))
    buys(memory, "ada", 6, 300)
    buys(memory, "bob", 7, 500, "o1")
    buys(memory, "cyd", 8, 800)
    memory.say("participant.identified", "ada", 9, previous_id="bob")
    assert scores(memory) == {"ada": 800, "cyd": 800}
    refunds(memory, "ada", 10, 500, "o1")
    assert scores(memory) == {"ada": 300, "cyd": 800}
    buys(memory, "bob", 11, 50)
    assert scores(memory)["ada"] == 350
    memory.say("participant.split", None, 12, previous_id="bob")
    assert scores(memory) == {"bob": 350, "cyd": 800}


def test_who_was_taken_apart_again_is_no_later_than_before() -> None:
    memory = Memory(contest())
    for who, day in (("ada", 6), ("bob", 7), ("cyd", 8)):
        buys(memory, who, day, 100)
    memory.say("participant.identified", "ada", 9, previous_id="cyd")
    memory.say("participant.split", None, 10, previous_id="cyd")
    assert scores(memory) == {"ada": 100, "bob": 100, "cyd": 100}
    assert winners(memory, "first") == ["ada"]


def test_who_had_no_score_takes_over_the_moment_with_the_score() -> None:
    memory = Memory(contest())
    memory.say("participant.identified", "ada", 1)
    for who, day in (("cyd", 6), ("bob", 7)):
        buys(memory, who, day, 100)
    memory.say("participant.identified", "ada", 9, previous_id="cyd")
    assert scores(memory) == {"ada": 100, "bob": 100}
    assert winners(memory, "first") == ["ada"]


def test_who_counted_since_the_merge_is_as_late_as_that_when_they_are_taken_apart() -> None:
    memory = Memory(contest())
    for who, day, value in (("ada", 6, 50), ("bob", 7, 100), ("cyd", 8, 100)):
        buys(memory, who, day, value)
    memory.say("participant.identified", "ada", 9, previous_id="cyd")
    buys(memory, "ada", 9.5, 50)
    memory.say("participant.split", None, 10, previous_id="cyd")
    assert winners(memory, "first") == ["bob"]


def test_who_is_merged_into_a_contributor_is_one_member() -> None:
    memory = Memory(goal(target=2, group={"trait": "team"}))
    for day, who in ((1, "ada"), (2, "bob")):
        memory.say("participant.identified", who, 0, team="north")
        if who == "bob":
            memory.say("participant.identified", "ada", 1.5, previous_id="bob")
        assert buys(memory, who, day, order=who) == "tallied"
    assert winners(memory) == ["ada"]
    refunds(memory, "ada", 51, 1000, "ada")
    assert progress(memory) == 1


def test_an_order_counts_where_it_did_first() -> None:
    memory = Memory(goal(metric={"sum": "order.completed"}, every="month", target=1500))
    buys(memory, "ada", 20, 1000, "o1")
    reason, trace = memory.tell("order.completed", "ada", 40, value=500, currency="USD", order_id="o1")
    assert (reason, trace["goals"][0]["count"], trace["goals"][0]["reached"]) == ("tallied", 1500, True)


def test_what_merged_people_contributed_is_one_members_and_goes_back_when_they_are_taken_apart() -> None:
    memory = Memory(goal(target=4))
    buys(memory, "bob", 1, order="o1")
    buys(memory, "ada", 2)
    memory.say("participant.identified", "ada", 3, previous_id="bob")
    memory.say("participant.identified", "ada", 3, previous_id="nobody")
    memory.say("participant.split", None, 4, previous_id="bob")
    memory.say("participant.split", None, 4, previous_id="nobody")
    buys(memory, "cyd", 5)
    buys(memory, "cyd", 6)
    assert winners(memory) == ["ada", "bob", "cyd"]


def test_a_merge_after_the_result_changes_nothing() -> None:
    memory = Memory(contest())
    buys(memory, "ada", 6, 300)
    winners(memory)
    memory.say("participant.identified", "bob", 51, previous_id="ada")
    assert scores(memory) == {"ada": 300}


def test_who_did_nothing_brings_nothing_and_takes_nothing() -> None:
    memory = Memory(contest() | goal())
    for who, other in (("ada", "bob"), ("cyd", "dan")):
        memory.say("participant.identified", other, 5)
        buys(memory, who, 6, 300)
        memory.say("participant.identified", who, 7, previous_id=other)
        memory.say("participant.split", None, 8, previous_id=other)
    assert scores(memory) == {"ada": 300, "cyd": 300}


def test_referrals_move_no_goal_of_events() -> None:
    metric = {"count": "workshop.attended"}
    memory = Memory(self_serve(goals=[{"id": "g", "metric": metric, "target": 2, "rewards": GIFT}]))
    memory.say("link.created", "ada", 1, program="simple", code="ada")
    memory.say("participant.signed_up", "bob", 2, code="ada")
    assert progress(memory) == 0


def test_who_is_in_no_group_contributes_nothing() -> None:
    memory = Memory(goal(group="account"))
    assert buys(memory, "ada", 1) is None


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        (contest(metric="closed_won"), "contests.0.metric", "not_allowed"),
        (contest(metric={}), "contests.0.metric", "count_or_sum"),
        (contest(metric={"count": "order.completed", "sum": "order.completed"}), "contests.0.metric", "count_or_sum"),
        (contest(metric={"count": "catalogue.bought"}), "contests.0.metric.count", "not_allowed"),
        (contest(metric={"count": "referral.closed_won"}), "contests.0.metric.count", "not_allowed"),
        (contest(metric={"count": "order.completed", "of": "km"}), "contests.0.metric.of", "not_allowed"),
        (contest(when="referrer.country == 'US'"), "contests.0.when", "not_allowed"),
        (goal(metric="submitted"), "goals.0.metric", "not_allowed"),
        (goal(members="participants"), "goals.0.members", "not_allowed"),
    ],
)
def test_what_cannot_be_meant_is_refused(document: dict[str, Any], path: str, code: str) -> None:
    with pytest.raises(ProgramError) as caught:
        read(document)
    assert (path, code) in [(fault.path, fault.code) for fault in caught.value.faults]


@pytest.mark.parametrize(
    "metric", [{"count": "participant.signed_up"}, {"count": "link.created"}, {"sum": "ride.ended", "of": "km"}]
)
def test_any_event_about_people_may_count(metric: dict[str, Any]) -> None:
    assert read(goal(metric=metric))[0].goals[0].metric


def test_staff_disqualify_in_a_contest_of_a_loyalty_programme() -> None:
    memory = Memory(contest(metric={"count": "order.completed"}))
    for who, day in (("ada", 6), ("ada", 7), ("bob", 7)):
        buys(memory, who, day)
    assert memory.say("contest.disqualified", "ada", 9, program="club", contest="c") == "contest_disqualified"
    assert memory.say("contest.disqualified", "bob", 9, program="other", contest="c") is None
    assert winners(memory, "first") == ["bob"]
