"""What goals and contests make simulated people do: groups, nearness to a target, a prize within reach."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from goodword.insight.simulation import runs
from goodword.insight.simulation.parameters import settings
from goodword.insight.simulation.people import Chance
from goodword.insight.simulation.runs import START, history, offered, play, program_of
from goodword.insight.simulation.together import Together
from goodword.insight.simulation.world import Plan, World
from support.memory import Memory

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
FEATURE = [{"id": "all", "give": {"type": "feature", "name": "Dark mode"}}]
PRIZES = [{"id": "won", "places": [1, 2], "give": {"type": "account_credit", "amount": 5_000}}]
SALES = {"program": "p", "name": "P", "currency": "USD", "lifecycle": {"flow": "sales"}}
SHOP = SALES | {"lifecycle": {"flow": "self_serve", "closed_won": {"on": "order.completed"}}}
LIVELY = ("cheats=0", "through_program=1", "friend_signs_up=0.5", "refer_rate=0.5")


def goal(**told: Any) -> dict[str, Any]:
    return {"goals": [{"id": "g", "metric": "submitted", "target": 4, "rewards": FEATURE} | told]}


def contest(**told: Any) -> dict[str, Any]:
    first, last = "2026-03-01", "2026-03-31"
    told = {"id": "c", "name": "C", "from": first, "to": last, "metric": "submitted", "prizes": PRIZES} | told
    return {"contests": [told]}


def together(memory: Memory, *changed: str) -> Together:
    [program] = memory.state.programs.values()
    return Together(program, memory.state, settings(changed), Chance(1, 1), 40)


def submit(memory: Memory, who: str, lead: str, day: int) -> None:
    at = BEGAN + timedelta(days=day)
    told = {"referral": lead, "referred": {"email": f"{lead}@x.example"}, "program": "p"}
    fact = {"type": "referral.submitted", "event_id": lead, "occurred_at": at, "participant": who, "properties": told}
    memory.send(fact)


def played(document: dict[str, Any], *changed: str, plan: Plan) -> World:
    program, p = program_of(document), settings(changed)
    return play(program, p, plan, Chance(1, 1), offered(program, p, plan))


def test_a_goal_pulls_more_the_nearer_it_is_and_no_more_once_it_is_reached() -> None:
    memory = Memory(SALES | goal())
    found = [together(memory, "goal_pull=0.4").pull("ada", BEGAN)]
    for number in range(4):
        submit(memory, "ada", f"l{number}", number + 1)
        found.append(together(memory, "goal_pull=0.4").pull("ada", BEGAN + timedelta(days=number + 1)))
    assert found == pytest.approx([1, 1.1, 1.2, 1.3, 1])
    assert together(memory, "goal_pull=0.4").pull("nobody", BEGAN) == 1


def test_a_goal_of_events_pulls_orders_and_one_of_referrals_referring() -> None:
    for metric, events in (("submitted", False), ({"count": "ride.ended"}, True)):
        memory = Memory(SHOP | goal(metric=metric, target=2) if events else SALES | goal(target=2))
        if events:
            ride = {"type": "ride.ended", "event_id": "r", "occurred_at": BEGAN, "participant": "ada", "properties": {}}
            memory.send(ride)
        else:
            submit(memory, "ada", "l", 0)
        shared = together(memory, "goal_pull=1")
        assert shared.pull("ada", BEGAN, events=events) == 1.5
        assert shared.pull("ada", BEGAN, events=not events) == 1


def test_a_contest_pulls_while_it_runs_and_less_the_farther_behind() -> None:
    memory = Memory(SALES | contest())
    for who, leads in (("ada", 4), ("bob", 3), ("cyd", 1)):
        for number in range(leads):
            submit(memory, who, f"{who}{number}", 1)
    shared, at = together(memory, "contest_pull=1", "contest_gap=2"), BEGAN + timedelta(days=2)
    assert [shared.pull(who, at) for who in ("ada", "bob", "cyd")] == [2, 2, 1.5]
    assert [shared.pull("ada", BEGAN + timedelta(days=day)) for day in (-1, 31)] == [1, 1]


def test_groups_are_by_trait_or_account_and_of_the_size_that_is_said() -> None:
    document = SHOP | goal(metric="closed_won", group={"trait": "team"}, target=3)
    run = played(document, *LIVELY, "group_size=20", plan=Plan(60, 6, START))
    teams = Counter(person.traits.get("team") for person in run.house.state.participants.values())
    assert set(teams) == {"team 1", "team 2", "team 3"}
    assert run.tally.goals > 0
    document = SHOP | goal(metric="closed_won", group="account", target=3)
    run = played(document, *LIVELY, "group_size=20", plan=Plan(60, 6, START))
    accounts = {person.account_id for person in run.house.state.participants.values()} - {None}
    assert len(accounts) == 3
    assert run.tally.goals > 0


def test_a_contest_brings_more_referrals_and_its_prizes_are_in_the_cost() -> None:
    plan = Plan(80, 6, date(2026, 1, 1))
    document = SHOP | contest(metric="closed_won")
    calm, eager = (played(document, *LIVELY, f"contest_pull={pull}", "contest_gap=100", plan=plan) for pull in (0, 10))
    march = [sum(row.submitted_at.month == 3 for row in run.house.state.referrals.values()) for run in (calm, eager)]
    assert march[1] > 2 * march[0] > 0
    assert runs.outcome(eager)["contests_decided"] == 1
    assert runs.outcome(eager)["cost"] == 10_000  # two places, 50.00 each


def test_orders_come_faster_near_a_goal_of_orders() -> None:
    document = SHOP | goal(metric={"count": "order.completed"}, target=1_000_000)
    near = SHOP | goal(metric={"count": "order.completed"}, target=1)
    plan = Plan(60, 8, START)
    far_off, reached = (played(one, "goal_pull=20", plan=plan).tally.orders for one in (document, near))
    assert far_off == reached  # neither pulls
    halfway = SHOP | goal(metric={"count": "order.completed"}, target=far_off)
    assert played(halfway, "goal_pull=20", plan=plan).tally.orders > far_off


def test_a_history_tells_of_the_groups() -> None:
    document = SHOP | goal(metric="closed_won", group={"trait": "team"})
    events = history(program_of(document), settings(LIVELY), Plan(20, 3, START), seed=1)
    told = [event["participant"]["team"] for event in events if "participant" in event]
    assert told
    assert set(told) == {"team 1", "team 2"}
