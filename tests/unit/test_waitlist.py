"""Who waits for a place in a limit: the order of the line, and what gives the first one a turn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from goodword.domain import limits
from goodword.domain.draft import Draft
from goodword.domain.events import Event
from goodword.domain.rows import BEHIND, DropTimer, Timer, Wake
from goodword.domain.timers import NO_TURN_KNOWN
from support.documents import sales, thanks
from support.memory import START, Memory

WAITLIST = {"per": "program", "when_reached": "waitlist"}
CHECKED = {"approval": {"by": "finance"}}


def house(*caps: dict[str, Any], rules: list[dict[str, Any]] | None = None, **parts: Any) -> Memory:
    return Memory(sales(rewards=rules or [thanks(**CHECKED)], limits=list(caps), **parts))


def win(memory: Memory, name: str, day: float = 0, who: str = "ada") -> dict[str, Any]:
    """A deal that is won: the first line of the trace about rewards."""
    told = {"email": f"{name}@x.example", "name": name}
    assert memory.say("referral.submitted", who, day, referral=name, referred=told) in ("opened", "rewarded")
    line: dict[str, Any] = memory.tell("referral.closed_won", day=day, referral=name)[1]["rewards"][0]
    return line


def reject(memory: Memory, name: str, day: float = 0) -> None:
    assert memory.say("reward.rejected", day=day, referral=name, rule="thanks") == "recorded"


def paid(memory: Memory) -> list[str | None]:
    """The referrals with a reward that stands, in the order of the grants."""
    rows = [row for row in memory.state.rewards.values() if row.state in ("pending", "approved")]
    return [memory.state.referrals[row.referral_id or ""].external_id for row in rows]


def later(memory: Memory, day: float) -> None:
    memory.say("clock.ticked", "clock", day)


def test_those_who_wait_stand_in_the_order_in_which_they_came() -> None:
    memory = house(WAITLIST | {"count": 1})
    assert win(memory, "a")["ok"]
    assert [win(memory, name)["place"] for name in "zycxb"] == [1, 2, 3, 4, 5]
    for before in "azycx":
        reject(memory, before)
        later(memory, 0)
    assert paid(memory) == ["b"]
    granted = [row.referral_id for row in sorted(memory.state.rewards.values(), key=lambda row: row.id)]
    assert len(granted) == 6
    rows = list(memory.state.rewards.values())
    assert [memory.state.referrals[row.referral_id or ""].external_id for row in rows] == list("azycxb")
    assert memory.rung == ["waitlist.reached rewarded", "waitlist.reached waitlisted"] * 4 + [
        "waitlist.reached rewarded"
    ]


def test_a_limit_for_ever_has_no_turn_of_its_own() -> None:
    memory = house(WAITLIST | {"count": 1})
    win(memory, "a")
    win(memory, "b")
    win(memory, "c")
    assert sorted(timer.due_at for timer in memory.state.timers.values()) == [NO_TURN_KNOWN, BEHIND]
    later(memory, 300)
    assert (paid(memory), memory.rung) == (["a"], [])


def test_a_place_given_back_is_taken_at_that_moment_and_the_trace_says_since_when_it_waited() -> None:
    memory = house(WAITLIST | {"count": 1})
    win(memory, "a")
    line = win(memory, "b", 1)
    assert line["reason"] == "waitlisted"
    assert line["limit"] == {"per": "program", "period": None, "used": 1, "limit": 1, "unit": ""}
    reject(memory, "a", 2)
    later(memory, 5)
    reward = memory.reward("thanks", 1)
    assert (reward.state, (reward.granted_at - START).days) == ("pending", 2)
    assert memory.rung == ["waitlist.reached rewarded"]


def test_nobody_is_overtaken_not_even_by_a_reward_that_would_fit() -> None:
    rules = [
        thanks(on="referral.closed_won", give={"type": "account_credit", "amount": 900}, **CHECKED),
        thanks(id="small", on="referral.submitted", give={"type": "account_credit", "amount": 100}, **CHECKED),
    ]
    memory = house(WAITLIST | {"budget": 1_100}, rules=rules)
    win(memory, "a")
    assert [row[:2] for row in memory.rewards()] == [("small", "pending"), ("thanks", "pending")]
    assert win(memory, "b")["place"] == 1  # 100 more fit, 900 do not
    trace = memory.tell("referral.submitted", "ada", referral="c", referred={"email": "c@x.example", "name": "c"})[1]
    assert trace["rewards"][0]["place"] == 2
    assert trace["rewards"][0]["limit"]["used"] == 1_100
    reject(memory, "a")
    later(memory, 1)
    assert sorted(row[:2] for row in memory.rewards() if row[1] == "pending") == [("small", "pending")] * 2 + [
        ("thanks", "pending")
    ]
    assert memory.rung == ["waitlist.reached rewarded", "waitlist.reached waitlisted"]


def test_who_finds_no_room_stays_first_and_those_behind_are_not_asked() -> None:
    memory = house(WAITLIST | {"every": "day", "count": 1})
    win(memory, "a")
    for name in "bcd":
        win(memory, name)
    later(memory, 1)
    assert memory.rung == ["waitlist.reached rewarded", "waitlist.reached waitlisted"]
    later(memory, 2)
    assert paid(memory) == ["a", "b", "c"]
    later(memory, 10)
    assert paid(memory) == ["a", "b", "c", "d"]
    assert len(memory.rung) == 5
    assert not memory.state.timers


def test_a_place_given_back_in_a_period_that_is_over_gives_nobody_a_turn() -> None:
    memory = house(WAITLIST | {"every": "day", "count": 1})
    win(memory, "a")
    win(memory, "b", 1)
    win(memory, "c", 1.1)
    reject(memory, "a", 1.2)
    later(memory, 1.3)
    assert (paid(memory), memory.rung) == (["b"], [])


def test_a_higher_cap_gives_those_who_wait_their_turn_and_a_lower_one_takes_nobodys() -> None:
    rules = [thanks(**CHECKED)]
    limit = WAITLIST | {"count": 1}
    memory = house(limit)
    for name in "abcd":
        win(memory, name)
    memory.publish(sales(rewards=rules, limits=[WAITLIST | {"count": 3}]), 2)
    later(memory, 0)
    assert paid(memory) == ["a", "b", "c"]
    memory.publish(sales(rewards=rules, limits=[limit]), 3)
    later(memory, 0)
    assert memory.rung == ["waitlist.reached rewarded", "waitlist.reached rewarded", "waitlist.reached waitlisted"]
    memory.publish(sales(rewards=rules), 4)
    memory.publish(sales(rewards=rules, limits=[WAITLIST | {"count": 4}]), 5)
    later(memory, 0)
    assert paid(memory) == ["a", "b", "c", "d"]


def test_a_publish_that_raises_nothing_gives_nobody_a_turn() -> None:
    memory = house(WAITLIST | {"count": 1})
    win(memory, "a")
    win(memory, "b")
    memory.publish(sales(rewards=[thanks()], limits=[WAITLIST | {"count": 1}], name="Other"), 2)
    later(memory, 0)
    assert memory.rung == []


def test_lines_due_at_one_moment_take_turns_in_the_order_in_which_their_first_ones_came() -> None:
    own = {"per": "referrer", "every": "month", "count": 1, "when_reached": "waitlist"}
    everybody = {"per": "program", "every": "month", "count": 6, "when_reached": "reject"}
    memory = house(own, everybody)
    people = ("zoe", "ada", "mia", "bob", "kim", "eve")
    for who in people:
        win(memory, f"{who}-1", who=who)
    for who in people:
        assert win(memory, f"{who}-2", who=who)["place"] == 1
    later(memory, 60)
    assert paid(memory)[6:] == [f"{who}-2" for who in people]
    assert memory.rung == ["waitlist.reached rewarded"] * 6


def test_who_leaves_one_line_may_stand_in_another() -> None:
    own = {"per": "referrer", "count": 1, "when_reached": "waitlist"}
    memory = house(own, WAITLIST | {"count": 2})
    win(memory, "a1", who="ada")
    win(memory, "b1", who="bob")
    win(memory, "a2", who="ada")
    reject(memory, "a1")
    assert win(memory, "c1", who="cyd")["place"] == 1
    later(memory, 0)
    assert (paid(memory), memory.rung) == (["b1", "a2"], ["waitlist.reached rewarded"])
    reject(memory, "a2")
    later(memory, 0)
    assert paid(memory) == ["b1", "c1"]


def test_a_referral_put_aside_gives_up_its_place_when_its_turn_comes() -> None:
    memory = house(WAITLIST | {"count": 1})
    for name in "abc":
        win(memory, name)
    row = memory.referral(1)
    aside = next(row for row in memory.state.referrals.values() if row.external_id == "b")
    assert row
    memory.state.load(aside._replace(state="voided"))
    reject(memory, "a")
    later(memory, 0)
    assert paid(memory) == ["c"]
    assert memory.rung == ["waitlist.reached superseded", "waitlist.reached rewarded"]


def test_a_place_given_back_before_somebody_came_is_theirs_from_when_they_came() -> None:
    memory = house(WAITLIST | {"count": 1})
    win(memory, "a")
    win(memory, "b", 5)
    reject(memory, "a", 2)
    later(memory, 6)
    assert (memory.reward("thanks", 1).granted_at - START).days == 5


def test_a_timer_that_is_not_in_memory_is_noted_with_the_soonest_moment() -> None:
    memory = house(WAITLIST | {"count": 1})
    state = memory.state
    state.apply(Wake("t", START))
    assert (state.changes.woken, len(state.unseen)) == ({"t": START}, 1)
    timer = Timer("u", "waitlist.reached", START, "p", None, None, {}, 7)
    state.load(timer)
    state.apply(Wake("u", NO_TURN_KNOWN))
    assert state.timers["u"] is timer


def test_a_stored_timer_that_is_dropped_is_noted() -> None:
    memory = house(WAITLIST | {"count": 1})
    memory.state.load(Timer("u", "waitlist.reached", START, "p", None, None, {}, 7))
    memory.state.apply(DropTimer("u"))
    assert (memory.state.timers, [*memory.state.changes.dropped_timers]) == ({}, ["u"])


def test_a_program_has_lines_where_one_of_its_limits_may_be_waited_for() -> None:
    for caps, lines in (([WAITLIST | {"count": 1}], True), ([{"per": "program", "count": 1}], False), ([], False)):
        [program] = house(*caps).state.programs.values()
        assert program.has_lines is lines


def test_those_behind_are_found_by_their_tickets() -> None:
    memory = house(WAITLIST | {"count": 1})
    for name in "abcd":
        win(memory, name)
    [first, *others] = sorted(memory.state.timers.values(), key=lambda timer: timer.place)
    assert limits.behind(memory.state.workspace_id, first, 2) == [timer.id for timer in others]
    assert limits.behind(memory.state.workspace_id, first._replace(detail={"rule": "thanks"}), 2) == []


# Rolling periods


def test_a_rolling_period_is_so_many_days_with_today() -> None:
    memory = house({"per": "referrer", "within": "P30D", "count": 2})
    win(memory, "a")
    win(memory, "b", 10)
    assert win(memory, "c", 29)["limit"] == {"per": "referrer", "period": "P30D", "used": 2, "limit": 2, "unit": ""}
    assert win(memory, "d", 29.4)["reason"] == "cap_reached"
    assert win(memory, "e", 30)["ok"]
    assert not win(memory, "f", 39)["ok"]
    assert win(memory, "g", 40)["ok"]


def test_a_late_fact_breaks_no_later_rolling_period() -> None:
    memory = house({"per": "referrer", "within": "P7D", "count": 2})
    win(memory, "a", 10)
    win(memory, "b", 12)
    assert not win(memory, "c", 8)["ok"], "days 6 to 12 have two"
    assert win(memory, "d", 5)["ok"]
    assert not win(memory, "e", 6)["ok"]
    reject(memory, "b", 13)
    assert win(memory, "f", 7)["reason"] == "cap_reached", "days 5 to 11 have two"
    assert win(memory, "g", 13)["ok"]


def test_a_rolling_line_moves_when_the_oldest_day_falls_out() -> None:
    memory = house(WAITLIST | {"within": "P7D", "count": 2}, timezone="America/New_York")
    win(memory, "a")
    win(memory, "b", 2)
    win(memory, "c", 3)
    win(memory, "d", 3)
    later(memory, 20)
    days = [(memory.reward("thanks", number).granted_at - START).total_seconds() / 3600 for number in range(4)]
    assert days == [0, 48, 7 * 24 - 7, 9 * 24 - 7]  # midnight in New York, seven hours before the hour of the start
    assert memory.rung.count("waitlist.reached waitlisted") == 1


def test_a_budget_too_small_for_anybody_is_looked_at_every_day() -> None:
    memory = house(WAITLIST | {"within": "P7D", "budget": 1})
    win(memory, "a")
    later(memory, 3)
    assert memory.rung == ["waitlist.reached waitlisted"] * 3


# Units and campaigns


def test_a_budget_counts_its_own_unit_alone() -> None:
    rules = [
        thanks(give={"type": "points", "amount": 60, "unit": "points"}),
        thanks(id="cash", give={"type": "cash", "amount": 100}),
        thanks(id="honour", give={"type": "recognition"}),
    ]
    memory = house({"per": "program", "budget": 100, "unit": "points", "when_reached": "partial"}, rules=rules,
                   units=["points"])  # fmt: skip
    for name in "abc":
        win(memory, name)
    given = memory.rewards()
    assert [amount for rule, _, amount in given if rule == "thanks"] == [60, 40]
    assert [amount for rule, _, amount in given if rule == "cash"] == [100] * 3


@pytest.mark.parametrize(("named", "places"), [(None, 2), (["march"], 2), (["april"], 3)])
def test_a_limit_per_campaign_counts_what_that_campaign_changed(named: list[str] | None, places: int) -> None:
    limit: dict[str, Any] = {"per": "campaign", "count": 2} | ({"campaigns": named} if named else {})
    campaigns = [
        {"id": "march", "from": "2026-01-01", "to": "2026-01-10", "rewards": {"thanks": {"add": 1}}},
        {"id": "april", "from": "2026-01-11", "to": "2026-01-20", "rewards": {"thanks": {"add": 2}}},
    ]
    memory = house(limit, {"per": "program", "count": 100}, campaigns=campaigns)
    assert sum(win(memory, name)["ok"] for name in "abc") == places
    assert win(memory, "d", 30)["ok"]
    assert memory.reward("thanks").gift["campaigns"] == {"march": 1}
    caps = next(iter(memory.state.programs.values())).caps
    assert sorted(name.rsplit(":", 1)[1] for name in caps) == ["april", "ever", "march"]


def test_who_waits_without_a_referral_has_a_turn_too() -> None:
    memory = house({"per": "referrer", "count": 1}, WAITLIST | {"count": 1})
    win(memory, "a", who="bob")
    memory.send({"type": "participant.identified", "event_id": "ada", "occurred_at": START, "participant": "ada"})
    state = memory.state
    [program] = state.programs.values()
    draft = Draft(state, Event("x.y", "api", "x", START, START, {}), program, state.participant_by_external["ada"])
    line: dict[str, Any] = {}
    assert limits.leave(draft, program.rules["thanks"], "7", 10, "USD", line) == (None, "waitlisted")
    for effect in draft.effects:
        state.apply(effect)
    reject(memory, "a")
    later(memory, 1)
    row = memory.reward("thanks", 1)
    assert (row.referral_id, row.occurrence, row.participant_id) == (None, "7", state.participant_by_external["ada"])


def test_how_far_a_limit_is_used_and_who_waits_for_it() -> None:
    memory = house(WAITLIST | {"every": "month", "count": 2}, {"per": "program", "within": "P7D", "budget": 5000})
    for name in "abcd":
        win(memory, name)
    [program] = memory.state.programs.values()

    def used(day: float) -> list[tuple[int, int, int]]:
        now = START + timedelta(days=day)
        draft = Draft(memory.state, Event("x.y", "api", "x", now, now, {}), program)
        return [tuple(limits.use(draft, bound, program.id)) for bound in program.bounds]

    assert used(0) == [(2, 2, 2), (2000, 5000, 0)]
    assert used(40) == [(0, 2, 2), (0, 5000, 0)], "nothing counts any more, and those who wait are still there"
