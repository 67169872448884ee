"""Campaigns: what they change, when several run, what they add to limits, and limits of their own; and which of
several programmes gives."""

from __future__ import annotations

from typing import Any

import pytest

from support.documents import sales, self_serve, thanks
from support.memory import Memory
from unit.test_waitlist import later, paid, reject, win

CREDIT = {"type": "account_credit", "amount": 1_000}
CHECKED = {"approval": {"by": "finance"}}


def campaign(id: str, first: str = "2026-01-01", last: str = "2026-01-31", **parts: Any) -> dict[str, Any]:
    """A campaign, of January where nothing else is said; `thanks` is what it does to the only rule."""
    if "thanks" in parts:
        parts["rewards"] = {"thanks": parts.pop("thanks")}
    return {"id": id, "from": first, "to": last, **parts}


def house(*campaigns: dict[str, Any], **parts: Any) -> Memory:
    return Memory(sales(rewards=[thanks(give=CREDIT, **CHECKED)], campaigns=list(campaigns), **parts))


DOUBLE = campaign("double", thanks={"multiply": 2}, name="Double January")
MORE = campaign("five-more", thanks={"add": 500})
FLAT = campaign("flat", thanks={"set": 1_800})


@pytest.mark.parametrize(
    ("overlap", "campaigns", "amount", "added"),
    [
        ("all", [DOUBLE, MORE], 2_500, {"double": 1_000, "five-more": 500}),
        ("all", [MORE, DOUBLE], 3_000, {"double": 1_500, "five-more": 500}),
        ("all", [DOUBLE, FLAT], 1_800, {"double": 1_000, "flat": -200}),
        ("best", [MORE, DOUBLE, FLAT], 2_000, {"double": 1_000}),
        ("best", [MORE, campaign("as-much", thanks={"add": 500})], 1_500, {"five-more": 500}),
        ("first", [FLAT, DOUBLE], 1_800, {"flat": 800}),
        ("first", [campaign("never", thanks={"add": 1}, when="false"), MORE, DOUBLE], 1_500, {"five-more": 500}),
    ],
)
def test_where_several_run_the_program_says_how_they_meet(
    overlap: str, campaigns: list[dict[str, Any]], amount: int, added: dict[str, int]
) -> None:
    memory = house(*campaigns, overlap=overlap)
    line = win(memory, "a")
    assert (line["amount"], line["campaigns"]) == (amount, added)
    assert memory.reward("thanks").gift["campaigns"] == added


def test_without_a_word_on_overlap_one_comes_after_the_other_and_the_trace_has_their_names() -> None:
    line = win(house(DOUBLE, MORE), "a")
    assert (line["amount"], line["campaign"]) == (2_500, "Double January, five more")
    assert "campaign" not in win(house(), "a")


@pytest.mark.parametrize(
    ("moment", "amount"),
    [
        ("2026-03-08T04:59:59.999999Z", 1_000),  # 7 March, 23:59:59 in New York, five hours behind
        ("2026-03-08T05:00:00Z", 2_000),
        ("2026-03-09T03:59:59.999999Z", 2_000),  # 8 March has 23 hours: the clock goes to four hours behind
        ("2026-03-09T04:00:00Z", 1_000),
        ("2026-11-01T03:59:59.999999Z", 1_000),
        ("2026-11-01T04:00:00Z", 2_000),
        ("2026-11-02T04:59:59.999999Z", 2_000),  # 1 November has 25
        ("2026-11-02T05:00:00Z", 1_000),
    ],
)
def test_a_day_of_a_campaign_is_the_days_of_its_time_zone_where_the_clock_changes(moment: str, amount: int) -> None:
    days = [campaign(day, day, day, thanks={"multiply": 2}) for day in ("2026-03-08", "2026-11-01")]
    memory = house(*days, timezone="America/New_York")
    told = {"email": "a@x.example", "name": "a"}
    memory.say("referral.submitted", "ada", 0, referral="a", referred=told)
    event = {"type": "referral.closed_won", "event_id": "won", "occurred_at": moment, "properties": {"referral": "a"}}
    memory.send(event)
    assert memory.reward("thanks").amount == amount


# Limits


def test_a_campaign_extends_a_limit_while_it_runs() -> None:
    limit = {"id": "cap", "per": "referrer", "every": "month", "count": 1}
    memory = house(campaign("more", "2026-01-10", "2026-01-20", extend={"cap": 2}), limits=[limit])
    assert win(memory, "a")["ok"]
    assert win(memory, "b", 1)["limit"]["limit"] == 1
    assert [win(memory, name, 6)["ok"] for name in "cd"] == [True, True]
    assert win(memory, "e", 7)["limit"] == {"per": "referrer", "period": "month", "used": 3, "limit": 3, "unit": ""}
    assert win(memory, "f", 17)["limit"]["limit"] == 1


def test_an_extension_has_its_audience_and_gives_those_who_wait_a_turn_as_it_begins() -> None:
    limit = {"id": "cap", "per": "program", "count": 1, "when_reached": "waitlist"}
    memory = house(
        campaign("nobody", "2026-01-08", "2026-01-31", extend={"cap": 9}, when="false"),
        campaign("more", "2026-01-12", "2026-01-31", extend={"cap": 1}),
        limits=[limit],
    )
    for name in "abc":
        win(memory, name)
    later(memory, 4)
    assert (paid(memory), memory.rung) == (["a"], ["waitlist.reached waitlisted"])
    later(memory, 8)
    assert paid(memory) == ["a", "b"]
    reject(memory, "a", 40)
    later(memory, 41)
    assert paid(memory) == ["b"], "the one place there is after the campaign is taken"


def test_a_campaign_that_has_given_its_number_changes_nothing_more() -> None:
    memory = house(campaign("two", thanks={"add": 5}, limit={"count": 2}))
    assert [win(memory, name)["amount"] for name in "abc"] == [1_005, 1_005, 1_000]
    reject(memory, "a")
    assert win(memory, "d")["amount"] == 1_005


def test_the_last_of_a_campaigns_budget_is_what_is_left() -> None:
    memory = house(campaign("budget", thanks={"multiply": 2}, limit={"budget": 2_500}), MORE, overlap="first")
    assert [win(memory, name)["amount"] for name in "abcd"] == [2_000, 2_000, 1_500, 1_500]
    assert memory.reward("thanks", 3).gift["campaigns"] == {"five-more": 500}
    reject(memory, "c")
    reject(memory, "a")
    assert [win(memory, name)["amount"] for name in "ef"] == [2_000, 1_500]


def test_a_campaigns_budget_is_in_one_unit_and_what_lowers_a_reward_needs_none() -> None:
    limit = {"budget": 1, "unit": "points"}
    rules = [
        thanks(give={"type": "points", "unit": "points", "amount": 10}),
        thanks(id="cash", give={"type": "cash", "amount": 10}),
    ]
    changes = {"thanks": {"add": 5}, "cash": {"add": 5}}
    memory = Memory(sales(rewards=rules, units=["points"], campaigns=[campaign("c", rewards=changes, limit=limit)]))
    win(memory, "a")
    win(memory, "b")
    assert [(rule, amount) for rule, _, amount in memory.rewards()] == [("thanks", 11), ("cash", 15), ("thanks", 10),
                                                                       ("cash", 15)]  # fmt: skip
    lower = house(campaign("less", thanks={"set": 1}, limit={"budget": 0}))
    assert win(lower, "a")["amount"] == 1


# Which of several programmes gives


def programs(*parts: dict[str, Any]) -> Memory:
    memory = Memory(*(self_serve(**{"rewards": [thanks(give=CREDIT)], **one}) for one in parts))
    for key in (one["program"] for one in parts):
        memory.send({"type": "link.created", "event_id": f"l{key}", "occurred_at": "2026-01-05T12:00:00Z",
                     "participant": "ada", "properties": {"program": key, "code": f"code-{key}"}})  # fmt: skip
        memory.send({"type": "participant.signed_up", "event_id": f"s{key}", "occurred_at": "2026-01-05T12:00:00Z",
                     "participant": "bob", "properties": {"code": f"code-{key}"}})  # fmt: skip
    return memory


def order(memory: Memory) -> dict[str, tuple[str, str]]:
    """Bob's order: the reason by program, and which other program gave instead, in the order of the decisions."""
    event = {"type": "order.completed", "event_id": f"o{memory.sent}", "occurred_at": "2026-01-06T12:00:00Z",
             "participant": "bob", "properties": {"value": 1, "currency": "USD"}}  # fmt: skip
    found = memory.send(event)
    return {key: (one.reason, one.trace["rewards"][0].get("by", "")) for key, one in found.items()}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([{}, {}], [("one", "rewarded", ""), ("two", "rewarded", "")]),
        ([{"exclusive": True}, {}], [("one", "rewarded", ""), ("two", "excluded_by_program", "one")]),
        ([{"exclusive": True}, {"priority": 1}], [("two", "rewarded", ""), ("one", "rewarded", "")]),
        (
            [{"priority": -1}, {"exclusive": True}],
            [("two", "rewarded", ""), ("one", "excluded_by_program", "two")],
        ),
        ([{"exclusive": "spring"}, {}], [("one", "rewarded", ""), ("two", "rewarded", "")]),
        (
            [{"exclusive": "spring"}, {"exclusive": "spring"}],
            [("one", "rewarded", ""), ("two", "excluded_by_program", "one")],
        ),
        ([{"exclusive": "spring"}, {"exclusive": "autumn"}], [("one", "rewarded", ""), ("two", "rewarded", "")]),
        (
            [{"exclusive": True, "rewards": [thanks(give=CREDIT, when="false")]}, {}],
            [("one", "condition_not_met", ""), ("two", "rewarded", "")],
        ),
        (
            [{"exclusive": True, "limits": [{"per": "program", "budget": 0}]}, {}],
            [("one", "cap_reached", ""), ("two", "rewarded", "")],
        ),
    ],
)
def test_which_program_gives_is_said_by_priority_and_exclusive(
    parts: list[dict[str, Any]], expected: list[tuple[str, str, str]]
) -> None:
    memory = programs(*({"program": key, **one} for key, one in zip(("one", "two"), parts, strict=True)))
    assert [(key, *told) for key, told in order(memory).items()] == expected
    assert {row.state for row in memory.state.referrals.values()} == {"closed_won"}, "a referral moves all the same"
