"""Shared goals: what counts for whom, when it is reached, and who gets what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from goodword.domain import goals
from goodword.domain.program import ProgramError, read
from goodword.domain.shared import EventMetric, is_money
from support.documents import thanks
from support.memory import START, Memory, uuid

BASE = {"program": "p", "name": "P", "currency": "USD", "lifecycle": {"flow": "sales"}}
FEATURE = [{"id": "all", "give": {"type": "feature", "name": "Dark mode"}}]


def document(**told: Any) -> dict[str, Any]:
    return BASE | {"goals": [{"id": "g", "metric": "submitted", "target": 3, "rewards": FEATURE} | told]}


def refer(memory: Memory, who: str, lead: str, day: float, **told: Any) -> tuple[str | None, dict[str, Any]]:
    given = {"referral": lead, "referred": {"email": f"{lead}@x.example"}, "program": "p"}
    return memory.tell("referral.submitted", who, day, **given, **told)


def link(memory: Memory, who: str, day: float) -> str | None:
    return memory.say("link.created", who, day, program="p", code=who)


def given(memory: Memory, day: float = 50) -> list[str]:
    memory.say("clock.ticked", "clock", day)
    return who(memory)


def who(memory: Memory) -> list[str]:
    names = {row.id: row.external_id or "" for row in memory.state.participants.values()}
    return sorted(names[row.participant_id] for row in memory.state.rewards.values())


def test_when_the_target_is_reached_every_contributor_gets_the_gift_once() -> None:
    memory = Memory(document())
    link(memory, "dan", 0)
    _, trace = refer(memory, "ada", "a", 1)
    assert trace["goals"] == [{"goal": "g", "change": 1, "count": 1, "target": 3}]
    refer(memory, "ada", "b", 2)
    assert given(memory, 2.5) == []
    _, trace = refer(memory, "bob", "c", 3)
    assert trace["goals"] == [{"goal": "g", "change": 1, "count": 3, "target": 3, "reached": True}]
    assert given(memory) == ["ada", "bob"]
    assert memory.rung == ["goal.reached goal_reached"]
    assert refer(memory, "ada", "d", 51)[0] == "opened"
    refer(memory, "cyd", "e", 52)
    assert given(memory, 60) == ["ada", "bob"]


def test_participants_have_a_link_or_submitted_something() -> None:
    memory = Memory(document(members="participants", target=2))
    link(memory, "dan", 0)
    refer(memory, "ada", "a", 1)
    memory.say("referral.disqualified", None, 1.5, referral="a")
    refer(memory, "bob", "b", 2)
    refer(memory, "bob", "c", 3)
    link(memory, "eve", 4)
    assert given(memory) == ["bob", "dan"]


def test_a_referral_that_counts_for_two_goals_leaves_both() -> None:
    goals_of = [{"id": id, "metric": "submitted", "target": 3, "rewards": FEATURE} for id in ("g", "h")]
    memory = Memory(BASE | {"goals": goals_of})
    refer(memory, "ada", "a", 1)
    _, trace = memory.tell("referral.disqualified", None, 2, referral="a")
    assert [(line["goal"], line["change"], line["count"]) for line in trace["goals"]] == [("g", -1, 0), ("h", -1, 0)]


def test_a_link_of_another_program_makes_nobody_a_member() -> None:
    memory = Memory(document(members="participants", target=1), BASE | {"program": "q", "rewards": [thanks()]})
    memory.send(
        {"type": "link.created", "event_id": "other", "participant": "dan", "occurred_at": START - timedelta(days=1),
         "properties": {"program": "q", "code": "dan"}}
    )  # fmt: skip
    refer(memory, "ada", "a", 1)
    assert given(memory) == ["ada"]


def test_a_merge_moves_what_counts_here_and_leaves_what_is_of_another_program() -> None:
    memory = Memory(document(target=3), BASE | {"program": "q", "rewards": [thanks()]})
    refer(memory, "ada", "a", 1)
    for who, lead, program in (("ada2", "b", "q"), ("ada2", "c", "p")):
        told = {"referral": lead, "referred": {"email": f"{lead}@x.example"}, "program": program}
        memory.send({"type": "referral.submitted", "event_id": lead, "participant": who, "properties": told,
                     "occurred_at": START + timedelta(days=1)})  # fmt: skip
    memory.send({"type": "participant.identified", "event_id": "join", "participant": "ada",
                 "properties": {"previous_id": "ada2"}, "occurred_at": START + timedelta(days=2)})  # fmt: skip
    assert len({row.referrer_id for row in memory.state.referrals.values()}) == 1
    assert given(memory, 2.5) == []
    refer(memory, "ada", "d", 3)
    assert given(memory) == ["ada"]


def test_late_joiners_get_it_at_once_where_the_program_says_so() -> None:
    memory = Memory(document(members="participants", target=1, late="give"))
    refer(memory, "ada", "a", 1)
    assert given(memory, 2) == ["ada"]
    assert link(memory, "dan", 3) == "rewarded"
    assert refer(memory, "eve", "e", 4)[0] == "rewarded"
    assert link(memory, "eve", 5) == "linked"
    assert refer(memory, "sim", "s", 6, simulated=True)[0] == "opened"
    assert who(memory) == ["ada", "dan", "eve"]


def test_simulated_facts_count_where_nothing_is_given() -> None:
    """Beside a live programme, in test mode; never in the live one."""
    live = document(members="participants", target=2, late="give")
    memory = Memory(live, live | {"program": "p-test", "test": True, "beside": "p"})
    for day, name in enumerate(("ada", "bob"), 1):
        told = {"referral": name, "referred": {"email": f"f-{name}@x.example"}, "program": "p", "simulated": True}
        fact = {"type": "referral.submitted", "participant": name, "properties": told}
        memory.send(fact | {"event_id": name, "occurred_at": START + timedelta(days=day)})
    programs = {row.id: row.key for row in memory.state.programs.values()}
    assert given(memory, 3) == ["ada", "bob"]
    told = {"program": "p", "code": "dan", "simulated": True}
    fact = {"type": "link.created", "participant": "dan", "properties": told}
    memory.send(fact | {"event_id": "dan", "occurred_at": START + timedelta(days=4)})
    assert who(memory) == ["ada", "bob", "dan"]
    assert {programs[row.program_id] for row in memory.state.rewards.values()} == {"p-test"}


def test_who_had_joined_before_and_is_heard_of_late_is_not_late() -> None:
    memory = Memory(document(members="participants", target=1))
    refer(memory, "ada", "a", 3)
    assert given(memory, 4) == ["ada"]
    assert link(memory, "bob", 2) == "rewarded"
    assert link(memory, "cyd", 5) == "linked"


@pytest.mark.parametrize("late", ["give", "none"])
def test_whoever_brought_it_there_gets_it_though_an_older_fact_is_heard_of_last(late: str) -> None:
    """Ada's is of the fifth day and counted; Bob's, of the third, is heard of last. Dan comes between, Eve after."""
    memory = Memory(document(target=2, late=late))
    refer(memory, "ada", "a", 5)
    assert refer(memory, "bob", "b", 3)[1]["goals"][0]["reached"]
    refer(memory, "dan", "d", 4)
    refer(memory, "eve", "e", 6)
    assert given(memory) == ["ada", "bob", "dan", *(["eve"] if late == "give" else [])]


def test_late_contributors_get_it_too_where_the_program_says_so() -> None:
    memory = Memory(document(target=1, late="give"))
    refer(memory, "ada", "a", 1)
    assert refer(memory, "bob", "b", 2)[0] == "rewarded"
    assert given(memory) == ["ada", "bob"]


def test_what_goes_back_before_it_is_reached_does_not_count_and_afterwards_nothing_is_taken() -> None:
    memory = Memory(document(target=2))
    refer(memory, "ada", "a", 1)
    _, trace = memory.tell("referral.disqualified", None, 2, referral="a")
    assert trace["goals"] == [{"goal": "g", "change": -1, "count": 0, "target": 2}]
    refer(memory, "bob", "b", 3)
    assert given(memory, 4) == []
    refer(memory, "bob", "c", 5)
    assert given(memory, 6) == ["bob"]
    memory.say("referral.disqualified", None, 7, referral="c")
    assert [row.state for row in memory.state.rewards.values()] == ["approved"]
    refer(memory, "bob", "d", 8)
    assert given(memory) == ["bob"]


def test_a_goal_begins_anew_with_every_period() -> None:
    memory = Memory(document(target=2, every="month"))
    refer(memory, "ada", "a", 1)
    refer(memory, "ada", "b", 30)  # 4 February
    refer(memory, "ada", "c", 31)
    refer(memory, "ada", "d", 60)  # 6 March
    refer(memory, "ada", "e", 61)
    assert given(memory, 90) == ["ada", "ada"]
    assert sorted(row.occurrence for row in memory.state.rewards.values()) == ["2026-02", "2026-03"]


def test_a_goal_has_a_first_and_a_last_day() -> None:
    memory = Memory(document(target=1, **{"from": "2026-01-07", "to": "2026-01-07"}))
    refer(memory, "ada", "a", 1)
    refer(memory, "bob", "b", 2.5)  # 8 January, midnight
    assert given(memory, 3) == []
    refer(memory, "cyd", "c", 2)
    assert given(memory) == ["cyd"]


def test_an_account_reaches_its_own_goal() -> None:
    memory = Memory(document(target=2, group="account", members="participants"))
    for name, account in (("ada", "acme"), ("bob", "acme"), ("cyd", "globex")):
        memory.send({
            "type": "participant.identified", "event_id": name, "participant": name, "account": account,
            "occurred_at": "2026-01-05T12:00:00Z",
        })  # fmt: skip
        link(memory, name, 0)
    link(memory, "nobody", 0)
    refer(memory, "ada", "a", 1)
    refer(memory, "nobody", "n", 1)
    refer(memory, "cyd", "c", 1)
    assert given(memory, 2) == []
    refer(memory, "ada", "b", 2)
    assert given(memory) == ["ada", "bob"]


def test_a_team_reaches_its_own_goal_and_what_counted_stays_with_it() -> None:
    memory = Memory(document(target=2, group={"trait": "team"}))
    for name, team in (("ada", "north"), ("bob", "north"), ("cyd", "south"), ("dan", 7)):
        memory.say("participant.identified", name, 0, team=team)
    _, trace = refer(memory, "ada", "a", 1)
    assert trace["checks"][0]["read"]["referrer.traits.team"] == "north"
    refer(memory, "cyd", "c", 1)
    assert "goals" not in refer(memory, "dan", "d", 1)[1]
    memory.say("participant.identified", "ada", 2, team="south")
    refer(memory, "bob", "b", 3)
    assert given(memory) == ["ada", "bob"]


def test_the_team_of_who_was_erased_is_on_record() -> None:
    memory = Memory(document(target=1, group={"trait": "team"}))
    line = {"code": "g", "ok": True, "read": {"group": uuid(9, 1)}}
    memory.state.concluded = {(uuid(3, 1), uuid(1, 1)): [line]}
    _, trace = refer(memory, "ada", "a", 1)
    assert (trace["checks"], trace["erased"], trace["goals"][0]["count"]) == ([line], True, 1)
    assert memory.state.counter(uuid(9, 1), "shared:p:g:ever")[0] == 1


def test_what_goes_back_in_part_changes_what_is_not_reached() -> None:
    memory = Memory(document(target=1_000, metric="closed_won"))
    refer(memory, "ada", "a", 1)
    memory.say("referral.closed_won", None, 2, referral="a", value=300, currency="USD")
    assert "goals" not in memory.tell("order.refunded", "a", 3, referral="a", value=100, currency="USD")[1]
    assert memory.tell("order.refunded", "a", 3, referral="a", value=200, currency="USD")[1]["goals"][0]["count"] == 0


def test_members_are_given_to_in_pages_a_second_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(goals, "PAGE", 2)
    memory = Memory(document(target=1, members="participants"))
    for number in range(4):
        link(memory, f"mem{number}", 0)
    refer(memory, "ada", "a", 1)
    assert len(given(memory)) == 5
    assert memory.rung == ["goal.reached goal_reached"] * 3
    moments = sorted({row.granted_at for row in memory.state.rewards.values()})
    assert [moment - moments[0] for moment in moments] == [timedelta(seconds=number) for number in range(3)]


def test_of_a_page_that_was_read_beforehand_exactly_those_are_given_to() -> None:
    memory = Memory(document(target=1, members="participants"))
    for name in ("mem0", "mem1"):
        link(memory, name, 0)
    refer(memory, "ada", "a", 1)
    [ring] = memory.state.timers
    [chosen] = [row.id for row in memory.state.participants.values() if row.external_id == "mem1"]
    memory.state.rolls[ring] = [chosen]
    assert given(memory) == ["mem1"]


def test_revenue_of_merged_people_stays_what_it_is() -> None:
    memory = Memory(document(target=1_000, metric="revenue", when="event.value > 0"))
    for name, lead, value in (("ada", "a", 300), ("ada2", "b", 400)):
        refer(memory, name, lead, 1)
        memory.say("referral.closed_won", None, 2, referral=lead, value=value, currency="USD")
    memory.say("participant.identified", "ada", 3, previous_id="ada2")
    [ada] = {row.referrer_id for row in memory.state.referrals.values()}
    group = memory.referral().program_id
    assert memory.state.counter(group, "shared:p:g:ever")[0] == 700
    assert memory.state.counter(ada, f"goal:p:g:ever:{group}")[0] == 700
    refer(memory, "bob", "c", 4)
    memory.say("referral.closed_won", None, 5, referral="c", value=300, currency="USD")
    assert given(memory) == ["ada", "bob"]


def test_a_referral_worth_nothing_leaves_no_moment_when_it_goes_over() -> None:
    memory = Memory(document(target=1_000, metric="revenue"))
    refer(memory, "ada", "a", 1)
    memory.say("referral.closed_won", None, 2, referral="a", value=0, currency="USD")
    memory.say("participant.identified", "bob", 3, previous_id="ada")
    name = f"goal:p:g:ever:{memory.referral().program_id}"
    assert [memory.state.counter(id, name) for id in memory.state.participants] == [(0, 0)] * 3


def test_a_goal_that_is_gone_gives_nothing_more() -> None:
    memory = Memory(document(target=1))
    refer(memory, "ada", "a", 1)
    memory.publish(document() | {"goals": [{**document()["goals"][0], "id": "other"}]}, 2)
    assert given(memory) == []
    assert memory.rung == ["goal.reached superseded"]


@pytest.mark.parametrize(
    ("told", "path", "code"),
    [
        ({"every": "month", "from": "2026-01-01"}, "goals.0.every", "not_allowed"),
        ({"from": "2026-01-02", "to": "2026-01-01"}, "goals.0.to", "ends_before_start"),
        ({"group": {"trait": "team"}, "members": "participants"}, "goals.0.members", "not_allowed"),
    ],
)
def test_what_is_wrong_with_a_goal_is_said(told: dict[str, Any], path: str, code: str) -> None:
    with pytest.raises(ProgramError) as raised:
        read(document(**told))
    assert [(fault.path, fault.code) for fault in raised.value.faults] == [(path, code)]


def test_a_loyalty_program_has_no_goals() -> None:
    rule = {"id": "r", "on": "order.completed", "to": "participant", "give": {"type": "recognition"}}
    loyalty = {name: part for name, part in document().items() if name != "lifecycle"}
    with pytest.raises(ProgramError, match="submitted counts referrals"):
        read(loyalty | {"kind": "loyalty", "rewards": [rule]})


def test_rules_goals_and_contests_share_their_names() -> None:
    rules = [{"id": "all", "on": "referral.closed_won", "to": "referrer", "give": {"type": "recognition"}}]
    with pytest.raises(ProgramError, match="'all' is used twice"):
        read(document() | {"rewards": rules})


def test_what_is_counted_in_money() -> None:
    assert [is_money(metric) for metric in ("revenue", "submitted")] == [True, False]
    told = ({"sum": "order.completed"}, {"sum": "ride.ended", "of": "kilometres"}, {"count": "order.completed"})
    assert [is_money(EventMetric(**metric)) for metric in told] == [True, False, False]
