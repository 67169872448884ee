"""Contests: what counts, who is where, who wins what, and what staff may change before the result is final."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from goodword.domain import contests, ids
from goodword.domain.contests import Score
from goodword.domain.program import ProgramError, compile_program, read
from goodword.domain.rows import Publish
from goodword.domain.shared import MAX_CONTESTS
from support.memory import Memory, uuid

BASE = {"program": "p", "name": "P", "currency": "USD", "lifecycle": {"flow": "sales"}}
CASH = {"type": "cash", "amount": 500_000}
PRIZES = [
    {"id": "first", "place": 1, "give": CASH},
    {"id": "second", "place": 2, "give": {"type": "cash", "amount": 200_001}},
    {"id": "top", "places": [1, 3], "give": {"type": "recognition"}},
]


def document(**told: Any) -> dict[str, Any]:
    contest = {"id": "q", "name": "Quarter", "from": "2026-01-01", "to": "2026-01-31", "metric": "closed_won"}
    return BASE | {"contests": [contest | {"prizes": PRIZES, "final_after": "P7D"} | told]}


def deal(memory: Memory, who: str, lead: str, day: float, value: int = 100, won: float | None = None) -> str | None:
    """Somebody puts in a good word, and the deal is closed; days after 5 January 2026, noon."""
    memory.say("referral.submitted", who, day, referral=lead, referred={"email": f"{lead}@x.example"}, program="p")
    return memory.say("referral.closed_won", None, won or day, referral=lead, value=value, currency="USD")


def refund(memory: Memory, lead: str, day: float, value: int) -> tuple[str | None, dict[str, Any]]:
    return memory.tell("order.refunded", lead, day, referral=lead, value=value, currency="USD")


def result(memory: Memory) -> list[tuple[str, str, int | None]]:
    names = {row.id: row.external_id or "" for row in memory.state.participants.values()}
    return sorted((row.rule, names[row.participant_id], row.amount) for row in memory.state.rewards.values())


def final(memory: Memory) -> list[tuple[str, str, int | None]]:
    memory.say("clock.ticked", "clock", 60)
    return result(memory)


def test_the_most_deals_win_and_ties_go_to_whoever_was_first() -> None:
    memory = Memory(document())
    for number, (who, day) in enumerate([("ada", 1), ("bob", 2), ("ada", 3), ("cyd", 1.5), ("bob", 4), ("dan", 5)]):
        assert deal(memory, who, f"l{number}", day) == "advanced"
    assert final(memory) == [
        ("first", "ada", 500_000), ("second", "bob", 200_001), ("top", "ada", None), ("top", "bob", None),
        ("top", "cyd", None),
    ]  # fmt: skip
    assert memory.rung == ["contest.decided contest_decided"]


def test_the_first_and_the_last_moment_are_in_and_the_next_is_not() -> None:
    memory = Memory(document(final_after=None) | {"timezone": "America/New_York"})
    start = datetime(2026, 1, 1, 5, tzinfo=UTC)
    span = memory.state.programs[uuid(1, 1)].contests["q"]
    assert (span.start, span.end, span.final_at) == (start, datetime(2026, 2, 1, 5, tzinfo=UTC), span.end)
    second = 1 / 86_400
    last = (span.end - datetime(2026, 1, 5, 12, tzinfo=UTC)).total_seconds() / 86_400
    deal(memory, "ada", "a", 1, won=last - second)
    deal(memory, "cyd", "c", last)
    assert ("first", "ada", 500_000) in final(memory)
    assert not [row for row in result(memory) if row[1] == "cyd"]


def test_a_fact_that_comes_late_counts_until_the_result_is_final() -> None:
    memory = Memory(document())
    deal(memory, "ada", "a", 1)
    memory.say("clock.ticked", "clock", 30)
    deal(memory, "bob", "b", 0.5)
    memory.say("clock.ticked", "clock", 34)
    assert ("first", "bob", 500_000) in result(memory)
    deal(memory, "cyd", "c", 0.1)
    assert not [row for row in final(memory) if row[1] == "cyd"]


def test_a_refund_within_the_review_takes_the_deal_away_and_one_after_it_does_not() -> None:
    memory = Memory(document())
    deal(memory, "ada", "a", 1)
    deal(memory, "bob", "b", 2)
    reason, trace = refund(memory, "a", 30, 60)
    assert (reason, trace.get("contests")) == ("nothing_to_reverse", None)
    reason, trace = refund(memory, "a", 31, 40)
    assert trace["contests"] == [{"contest": "q", "change": -1, "score": 0}]
    assert final(memory) == [("first", "bob", 500_000), ("top", "bob", None)]
    refund(memory, "b", 61, 100)
    assert result(memory) == [("first", "bob", 500_000), ("top", "bob", None)]


def test_a_refund_takes_back_the_reward_and_the_deal() -> None:
    rule = {
        "id": "r",
        "on": "referral.closed_won",
        "to": "referrer",
        "give": CASH,
        "reverse": {"on": ["order.refunded"]},
    }
    memory = Memory(document() | {"rewards": [rule]})
    deal(memory, "ada", "a", 1)
    reason, trace = refund(memory, "a", 2, 100)
    assert (reason, trace["contests"][0]["change"], memory.reward("r").state) == ("reversed", -1, "reversed")


def test_revenue_is_the_value_less_refunds() -> None:
    memory = Memory(document(metric="revenue"))
    deal(memory, "ada", "a", 1, 1_000)
    deal(memory, "bob", "b", 2, 700)
    assert refund(memory, "a", 3, 400)[1]["contests"] == [{"contest": "q", "change": -400, "score": 600}]
    assert ("first", "bob", 500_000) in final(memory)


@pytest.mark.parametrize("metric", ["submitted", "qualified"])
def test_a_referral_that_is_disqualified_counts_no_more(metric: str) -> None:
    memory = Memory(document(metric=metric))
    for who, lead in (("ada", "a"), ("bob", "b")):
        memory.say("referral.submitted", who, 1, referral=lead, referred={"email": f"{lead}@x.example"}, program="p")
        memory.say("referral.qualified", None, 2, referral=lead)
    memory.say("referral.disqualified", None, 3, referral="a")
    assert ("first", "bob", 500_000) in final(memory)


def test_a_contest_that_is_over_is_decided_also_where_a_version_goes_live_before_its_timer_rang() -> None:
    over = document(**{"from": "2025-12-20", "to": "2025-12-31"}, final_after="P1D")
    memory = Memory(over)
    deal(memory, "ada", "a", -10)
    assert memory.publish(over | {"name": "Another name"}, 2) == "published"
    assert ("first", "ada", 500_000) in final(memory)
    memory = Memory(over)
    deal(memory, "ada", "a", -10)
    longer = document(**{"from": "2025-12-20", "to": "2026-01-10"}, final_after="P1D")
    assert memory.publish(longer, 2) == "published"
    assert memory.state.timers.keys() != Memory(over).state.timers.keys()
    deal(memory, "bob", "b", 1)
    deal(memory, "bob", "c", 2)
    assert ("first", "bob", 500_000) in final(memory)
    assert memory.rung == ["contest.decided contest_decided"]


def test_only_what_the_condition_lets_in_counts_and_simulated_facts_never() -> None:
    memory = Memory(document(when="referred.country == 'US'"))
    deal(memory, "ada", "a", 1)
    memory.say("referral.submitted", "bob", 1, referral="s", referred={"email": "s@x.example"}, simulated=True)
    memory.say("referral.closed_won", None, 2, referral="s")
    assert final(memory) == []
    assert memory.rung == []


def test_the_disqualified_win_nothing_and_the_next_ones_move_up() -> None:
    memory = Memory(document())
    deal(memory, "ada", "a", 1)
    deal(memory, "bob", "b", 2)
    told = {"program": "p", "contest": "q"}
    assert memory.say("contest.reinstated", "ada", 20, **told) == "already_in_state"
    assert memory.say("contest.disqualified", "ada", 20, **told) == "contest_disqualified"
    assert memory.say("contest.disqualified", "ada", 20, **told) == "already_in_state"
    assert memory.say("contest.disqualified", "bob", 21, **told) == "contest_disqualified"
    assert memory.say("contest.reinstated", "bob", 22, **told) == "contest_reinstated"
    assert memory.say("contest.disqualified", "bob", 22, program="p", contest="other") == "unknown_contest"
    assert memory.say("contest.disqualified", "bob", 22, program="other", contest="q") is None
    assert final(memory) == [("first", "bob", 500_000), ("top", "bob", None)]
    assert memory.say("contest.reinstated", "ada", 61, **told) == "contest_final"


def test_the_trace_of_the_result_names_winners_by_our_id_alone() -> None:
    memory = Memory(document())
    deal(memory, "ada", "a", 1)
    memory.ring(datetime(2026, 2, 7, 23, 59, tzinfo=UTC))
    assert not memory.rung
    [timer] = [row for row in memory.state.timers.values() if row.kind == "contest.decided"]
    from goodword.domain.decide import step
    from goodword.domain.events import Event

    ring = Event(timer.kind, "timer", "t", timer.due_at, timer.due_at, {"timer": timer.id}, id=uuid(4, 1))
    [decision] = step(memory.state, ring).decisions
    ada = memory.referral().referrer_id
    assert decision.trace["contest"] == {
        "id": "q", "name": "Quarter", "metric": "closed_won",
        "ranking": [{"place": 1, "participant": ada, "score": 1, "at": "2026-01-06T12:00:00+00:00"}],
    }  # fmt: skip
    assert [(line["rule"], line["participant"], line["ok"]) for line in decision.trace["rewards"]] == [
        ("first", ada, True), ("top", ada, True)
    ]  # fmt: skip


def test_merged_people_compete_as_one() -> None:
    memory = Memory(document())
    deal(memory, "ada", "a", 1)
    deal(memory, "ada2", "b", 2)
    deal(memory, "bob", "c", 1)
    deal(memory, "bob", "d", 1.5)
    memory.say("participant.identified", "ada", 3, previous_id="ada2")
    deal(memory, "ada", "e", 4)
    ada = memory.state.participants[memory.state.participant_by_external["ada"]]
    assert memory.state.counter(ada.id, "contest:p:q")[0] == 3
    assert ("first", "ada", 500_000) in final(memory)


def test_who_was_taken_apart_again_is_no_later_than_before() -> None:
    memory = Memory(document())
    for who, lead, day in (("ada", "a", 1), ("bob", "b", 2), ("cyd", "c", 3)):
        deal(memory, who, lead, day)
    memory.say("participant.identified", "ada", 4, previous_id="cyd")
    memory.say("participant.split", None, 5, previous_id="cyd")
    assert [(rule, who) for rule, who, _ in final(memory)] == [
        ("first", "ada"), ("second", "bob"), ("top", "ada"), ("top", "bob"), ("top", "cyd"),
    ]  # fmt: skip


def test_a_new_version_moves_the_result_and_one_without_the_contest_drops_it() -> None:
    memory = Memory(document())
    deal(memory, "ada", "a", 1)
    assert memory.publish(document(final_after="P10D"), 2) == "published"
    [timer] = memory.state.timers.values()
    assert timer.due_at == datetime(2026, 2, 11, tzinfo=UTC)
    rules = [{"id": "r", "on": "referral.closed_won", "to": "referrer", "give": CASH}]
    assert memory.publish(BASE | {"rewards": rules}, 3) == "published"
    assert not memory.state.timers


def test_a_result_that_is_out_of_date_is_not_made() -> None:
    memory = Memory(document())
    deal(memory, "ada", "a", 1)
    [program] = memory.state.programs.values()
    later = compile_program(program.id, uuid(2, 9), 2, document(final_after="P10D"))
    memory.state.versions[later.version_id] = later
    memory.state.apply(Publish(program.id, later.version_id))
    assert final(memory) == []
    assert memory.rung == ["contest.decided superseded"]


def test_nobody_wins_where_all_are_out() -> None:
    memory = Memory(document())
    deal(memory, "ada", "a", 1)
    memory.say("contest.disqualified", "ada", 2, program="p", contest="q")
    assert final(memory) == []
    assert memory.rung == ["contest.decided nobody_won"]


def prizes(ties: str, *scores: int, given: list[dict[str, Any]] = PRIZES) -> list[tuple[str, str, int | None]]:
    program = compile_program(uuid(1, 1), uuid(2, 1), 1, document(ties=ties, prizes=given))
    contest = program.contests["q"].contest
    found = contests.ranking((Score(f"{number}", score, number) for number, score in enumerate(scores)), ties)
    return [(won.standing.participant_id, won.rule.id, won.amount) for won in contests.won(program, contest, found)]


def test_with_all_each_of_the_tied_wins_the_best_of_their_places() -> None:
    assert prizes("all", 9, 7, 7, 3) == [
        ("0", "first", None), ("0", "top", None), ("1", "second", None), ("1", "top", None), ("2", "second", None),
        ("2", "top", None),
    ]  # fmt: skip


def test_with_share_the_tied_divide_the_prizes_of_their_places_to_the_cent() -> None:
    assert prizes("share", 9, 7, 7, 3) == [
        ("0", "first", None), ("0", "top", None), ("1", "second", 100_001), ("1", "top", None),
        ("2", "second", 100_000), ("2", "top", None),
    ]  # fmt: skip
    assert [row for row in prizes("share", 7, 7, 7) if row[1] == "first"] == [
        ("0", "first", 233_334), ("1", "first", 233_334), ("2", "first", 233_333),
    ]  # fmt: skip


def test_a_shared_amount_is_what_the_reward_is() -> None:
    memory = Memory(document(ties="share"))
    deal(memory, "ada", "a", 1)
    deal(memory, "bob", "b", 2)
    assert [row for row in final(memory) if row[0] == "first"] == [("first", "ada", 350_001), ("first", "bob", 350_000)]


def test_a_result_ranks_a_thousand() -> None:
    found = contests.ranking((Score(f"{number:05}", 1, number) for number in range(1_500)), "all")
    assert (len(found), found[-1].participant_id, found[-1].tied) == (1_000, "00999", 1_000)


def test_a_prize_that_a_budget_has_no_room_for_waits_with_its_share() -> None:
    limit = {"per": "program", "every": "year", "budget": 400_000, "when_reached": "waitlist"}
    memory = Memory(document(ties="share") | {"limits": [limit]})
    deal(memory, "ada", "a", 1)
    deal(memory, "bob", "b", 2)
    assert [row for row in final(memory) if row[2]] == [("first", "ada", 350_001)]
    memory.say("clock.ticked", "clock", 300)
    memory.ring(datetime(2027, 1, 1, tzinfo=UTC))
    assert memory.rung[-1] == "waitlist.reached rewarded"
    assert ("first", "bob", 350_000) in result(memory)


def test_a_prize_is_held_and_approved_like_any_reward() -> None:
    prize = PRIZES[0] | {"hold": "P1D"}
    memory = Memory(document(prizes=[prize, PRIZES[1] | {"approval": {"by": "finance"}}]))
    deal(memory, "ada", "a", 1)
    deal(memory, "bob", "b", 2)
    memory.say("clock.ticked", "clock", 34)
    states = {row.rule: row.state for row in memory.state.rewards.values()}
    assert states == {"first": "pending", "second": "pending"}
    memory.say("clock.ticked", "clock", 35)
    assert memory.reward("first").state == "approved"
    assert memory.say("reward.approved", None, 36, reward=ids.public("rwd", memory.reward("second").id)) == "recorded"
    assert memory.reward("second").state == "approved"


def test_a_limit_per_account_counts_who_has_no_referral_alone() -> None:
    memory = Memory(document(prizes=[PRIZES[0], PRIZES[2]]) | {"limits": [{"per": "account", "count": 1}]})
    deal(memory, "ada", "a", 1)
    deal(memory, "bob", "b", 2)
    assert final(memory) == [("first", "ada", 500_000), ("top", "bob", None)]


@pytest.mark.parametrize(
    ("told", "path", "code"),
    [
        ({"to": "2025-12-31"}, "contests.0.to", "ends_before_start"),
        ({"prizes": [{"id": "x", "give": CASH}]}, "contests.0.prizes.0", "place_or_places"),
        (
            {"prizes": [{"id": "x", "place": 1, "places": [1, 2], "give": CASH}]},
            "contests.0.prizes.0",
            "place_or_places",
        ),
        ({"prizes": [{"id": "x", "places": [3, 2], "give": CASH}]}, "contests.0.prizes.0.places", "places_not_rising"),
        ({"prizes": [PRIZES[0], PRIZES[0]]}, "contests.0.prizes.1.id", "duplicate"),
        ({"prizes": [{"id": "x", "place": 1, "give": {"type": "cash"}}]}, "contests.0.prizes.0.give.amount", "missing"),
        (
            {"prizes": [{"id": "x", "place": 1, "give": {"type": "cash", "amount": {"by_tier": {"t": 1}}}}]},
            "contests.0.prizes.0.give.amount",
            "not_allowed",
        ),
        (
            {"prizes": [{"id": "x", "place": 1, "give": {"type": "recognition"}, "approval": {"by": "a", "above": 1}}]},
            "contests.0.prizes.0.approval.above",
            "not_allowed",
        ),
    ],
)
def test_what_is_wrong_with_a_contest_is_said(told: dict[str, Any], path: str, code: str) -> None:
    with pytest.raises(ProgramError) as raised:
        read(document(**told))
    assert [(fault.path, fault.code) for fault in raised.value.faults] == [(path, code)]


def test_a_document_has_so_many_contests_and_no_more() -> None:
    [contest] = document(prizes=[{"id": "x0", "place": 1, "give": CASH}])["contests"]

    def many(number: int) -> dict[str, Any]:
        parts = [contest | {"id": f"c{n}", "prizes": [contest["prizes"][0] | {"id": f"x{n}"}]} for n in range(number)]
        return BASE | {"contests": parts}

    assert len(read(many(MAX_CONTESTS))[0].contests) == MAX_CONTESTS
    with pytest.raises(ProgramError, match="contests"):
        read(many(MAX_CONTESTS + 1))


def test_a_program_gives_something() -> None:
    with pytest.raises(ProgramError, match="at least one reward, goal or contest"):
        read(BASE)
