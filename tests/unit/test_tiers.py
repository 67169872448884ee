"""Tiers: what is counted, in which period, what happens when it is no longer reached, and that the world hears."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from goodword.domain.draft import Draft
from goodword.domain.events import Event
from goodword.domain.faults import ProgramError
from goodword.domain.program import read
from goodword.domain.tiers import reached_at, tier_of
from support.documents import sales, thanks
from support.loyalty import earns, shop
from support.memory import START, Memory
from unit.test_rewards import won

YEAR = 365
WORKSHOP = {"type": "service", "name": "Workshop"}


@pytest.fixture(autouse=True)
def _years_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("support.memory.NOW", datetime(2031, 1, 1, tzinfo=UTC))


def ladder(metric: str = "revenue", **changes: Any) -> list[dict[str, Any]]:
    """Bronze, silver and gold at 100, 200 and 300, counted each calendar year."""
    shared = {"metric": metric, "every": "year", **changes}
    return [
        {"id": id, "from": start, **shared} for id, start in (("bronze", 100), ("silver", 200), ("gold", 300))
    ]  # fmt: skip


def order(memory: Memory, value: int, day: float = 0, name: str = "", kind: str = "order.completed") -> str | None:
    """Ada orders, or is paid back."""
    named = {"order_id": name} if name else {}
    return memory.say(kind, "ada", day, value=value, currency="USD", **named)


def tier(memory: Memory, day: float = 0) -> str | None:
    """Ada's tier on a day; the timers up to then ring."""
    memory.say("clock.ticked", "bob", day)
    [program] = memory.state.programs.values()
    event = memory.state.told(memory.state.participant_by_external["bob"])[-1]
    held, _ = tier_of(Draft(memory.state, event, program, memory.state.participant_by_external["ada"]))
    return held.id if held else None


def topics(memory: Memory) -> list[str]:
    """What the world heard of tiers."""
    return [notice.topic for notice in memory.state.changes.notices if notice.topic.startswith("tier.")]


def test_a_tier_is_reached_at_its_boundary_and_lost_with_a_refund() -> None:
    memory = Memory(shop(tiers=ladder(), rewards=[earns(on="ride.finished")]))
    assert [order(memory, 99), order(memory, 1), order(memory, 1)] == ["counted", "tier_reached", "counted"]
    assert order(memory, 2, kind="order.refunded") == "tier_lost"
    assert memory.say("order.completed", "ada", value=500, currency="EUR") == "counted"
    assert order(memory, 250) == "tier_reached"
    assert topics(memory) == ["tier.reached", "tier.lost", "tier.reached"]
    assert memory.state.changes.notices[-1].payload["from"] is None
    assert memory.state.changes.notices[-1].payload["to"] == "gold"


def test_a_refund_takes_no_more_from_a_tier_than_its_order_gave() -> None:
    memory = Memory(shop(tiers=ladder(), rewards=[earns(on="ride.finished")]))
    order(memory, 90, 0, "a")
    order(memory, 150, 1, "b")
    assert tier(memory, 1) == "silver"
    order(memory, 9_999, 2, "b", "order.refunded")
    order(memory, 9_999, 3, "b", "order.refunded")
    assert tier(memory, 3) is None
    order(memory, 110, 4, "c")  # 90 and 110, not less
    assert tier(memory, 4) == "silver"


def test_a_refund_that_comes_before_its_order_takes_its_part_of_it() -> None:
    memory = Memory(shop(tiers=ladder(), rewards=[earns(on="ride.finished")]))
    order(memory, 60, 0, "a", "order.refunded")
    assert tier(memory) is None
    order(memory, 160, 1, "a")
    assert tier(memory, 1) == "bronze"
    order(memory, 40, 2, "a", "order.refunded")
    assert tier(memory, 2) is None


def test_points_count_when_they_are_earned_and_are_given_back() -> None:
    memory = Memory(shop(tiers=ladder("points", every=None), rewards=[earns(hold="P9D")]))
    assert [order(memory, 5, 0, "a"), tier(memory)] == ["rewarded", "bronze"]
    assert [order(memory, 5, 0, "a", "order.refunded"), tier(memory)] == ["reversed", None]
    assert topics(memory) == ["tier.reached", "tier.lost"]


@pytest.mark.parametrize(
    ("policy", "next_year", "the_one_after", "then"),
    [
        ("to_balance", None, None, None),
        ("keep_until_period_end", "gold", None, None),
        ("one_down", "silver", "bronze", None),
    ],
)
def test_a_tier_falls_as_its_policy_says_when_a_period_ends(
    policy: str, next_year: str | None, the_one_after: str | None, then: str | None
) -> None:
    memory = Memory(shop(tiers=ladder(downgrade=policy)))
    order(memory, 300)
    assert tier(memory, 359) == "gold"
    assert [tier(memory, 361), tier(memory, YEAR + 361), tier(memory, 2 * YEAR + 362)] == [
        next_year, the_one_after, then
    ]  # fmt: skip
    lost = [after for before, after in [("gold", next_year), (next_year, the_one_after), (the_one_after, then)]
            if before != after]  # fmt: skip
    told = [n.payload["to"] for n in memory.state.changes.notices if n.topic == "tier.lost"]
    assert told == lost
    assert memory.state.timers == {}


def test_a_period_that_ends_with_the_tier_kept_says_so() -> None:
    memory = Memory(shop(tiers=ladder(downgrade="keep_until_period_end")))
    order(memory, 100)
    tier(memory, 361)
    assert memory.rung == ["tier.reviewed tier_kept"]


def test_what_a_tier_pays_is_paid_once_in_its_period() -> None:
    rules = [earns(id="shop", on="tier.reached", give=WORKSHOP, when="participant.tier == 'silver'")]
    memory = Memory(shop(tiers=ladder(), rewards=rules))
    assert order(memory, 300, 0, "a") == "rewarded"
    order(memory, 300, 1, "a", "order.refunded")
    order(memory, 300, 2)
    assert [row.rule for row in memory.state.rewards.values()] == ["shop"]
    assert order(memory, 200, YEAR + 1) == "rewarded"


def test_a_rule_reads_the_tier_and_amounts_follow_it() -> None:
    give = {"type": "points", "unit": "points", "amount": {"by_tier": {"bronze": 10, "gold": 20}}}
    memory = Memory(
        shop(tiers=ladder(), rewards=[earns(give=give), earns(id="extra", when="participant.tier == 'gold'")])
    )
    assert [order(memory, 100), order(memory, 200)] == ["rewarded", "rewarded"]
    assert [(row.rule, row.amount) for row in memory.state.rewards.values()] == [
        ("order", 10), ("order", 20), ("extra", 100)
    ]  # fmt: skip


def test_what_was_counted_goes_over_when_two_are_one() -> None:
    memory = Memory(shop(tiers=ladder(), rewards=[earns(on="ride.finished")]))
    order(memory, 100)
    memory.say("order.completed", "eve", value=100, currency="USD")
    memory.say("participant.identified", "ada", 1, previous_id="eve")
    assert tier(memory, 2) == "silver"
    memory.say("participant.split", None, 3, previous_id="eve")
    assert tier(memory, 4) == "bronze"
    assert tier(memory, 361) is None
    assert sorted(memory.rung) == ["tier.reviewed tier_lost"] * 2


@pytest.mark.parametrize(
    ("span", "days", "reasons"),
    [
        ({"every": "year"}, (0, 359, 361), [1, 2, None]),
        ({"every": "year", "downgrade": "keep_until_period_end"}, (0, 359, 361), [1, 2, 2]),
        ({"window": "P30D", "downgrade": "keep_until_period_end"}, (0, 1, 40), [1, 2, 2]),
        ({"window": "P30D", "downgrade": "one_down"}, (0, 1, 40), [1, 2, 1]),
        ({"window": "P30D"}, (0, 1, 40), [1, 2, 1]),
        # Both are in the window until day 30; t2 is kept for 30 days more, without a break, and not a day longer.
        ({"window": "P30D", "downgrade": "keep_until_period_end"}, (0, 1, 30.5), [1, 2, 2]),
        ({"window": "P30D", "downgrade": "keep_until_period_end"}, (0, 1, 59.9), [1, 2, 2]),
        ({"window": "P30D", "downgrade": "keep_until_period_end"}, (0, 1, 60), [1, 2, 1]),
        ({"window": "P30D", "downgrade": "one_down"}, (0, 1, 31), [1, 2, 1]),
    ],
)
def test_tiers_of_referrers_have_periods_and_policies_too(
    span: dict[str, Any], days: tuple[float, ...], reasons: list[int | None]
) -> None:
    tiers = [{"id": f"t{n}", "from": n, "metric": "closed_won_referrals", **span} for n in (1, 2)]
    give = {"type": "account_credit", "amount": {"by_tier": {"t1": 1, "t2": 2}}}
    memory = Memory(sales(tiers=tiers, rewards=[thanks(give=give)]))
    for day in days:
        won(memory, day=day)
    paid = [row.amount for row in sorted(memory.state.rewards.values(), key=lambda row: row.granted_at)]
    assert paid == [amount if amount is not None else 1 for amount in reasons]


@pytest.mark.parametrize(
    ("day", "falls_to"), [(29.9, 300), (30, 200), (59.9, 200), (60, 100), (60.5, 100), (89.9, 100), (90, 50)]
)
def test_in_a_rolling_window_a_person_falls_by_one_tier_with_each_further_one(day: float, falls_to: int) -> None:
    """Four in the window until day 30; then t2 for thirty days, then t1; on day 90 what anybody gets."""
    tiers = [{"id": f"t{n}", "from": n + 1, "metric": "submitted_referrals", "window": "P30D", "downgrade": "one_down"}
             for n in (1, 2, 3)]  # fmt: skip
    low = {"id": "t0", "from": 1, "metric": "submitted_referrals"}
    give = {"type": "account_credit", "amount": {"by_tier": {"t0": 50, "t1": 100, "t2": 200, "t3": 300}}}
    memory = Memory(sales(tiers=[low, *tiers], rewards=[thanks(on="referral.submitted", give=give)]))
    for number, at in enumerate((0, 0, 0, 0, day)):
        told = {"referral": f"R{number}", "referred": {"email": f"r{number}@x.example"}}
        assert memory.say("referral.submitted", "ada", at, **told) == "rewarded"
    assert memory.reward("thanks", 4).amount == falls_to


@pytest.mark.parametrize(
    ("document", "path", "words"),
    [
        (shop(tiers=[{**ladder()[0], "window": "P30D"}]), "tiers.0.every", "either window or every"),
        (shop(tiers=ladder(every=None, window="P30D")[:1]), "tiers.0.window", "use every"),
        (shop(tiers=ladder(every=None, downgrade="one_down")[:1]), "tiers.0.downgrade", "no period that ends"),
        (shop(tiers=ladder("closed_won_referrals")[:1]), "tiers.0.metric", "points or revenue"),
        (sales(tiers=ladder("points")[:1]), "tiers.0.metric", "kind loyalty"),
    ],
)
def test_a_tier_that_cannot_be_is_refused_with_what_to_do(document: Any, path: str, words: str) -> None:
    with pytest.raises(ProgramError) as caught:
        read(document)
    assert [fault.path for fault in caught.value.faults if words in fault.message] == [path]


# Since when


def since(memory: Memory, day: float) -> tuple[str, float | None] | None:
    """Ada's tier on a day, and on which day she reached it."""
    [program] = memory.state.programs.values()
    now, ada = START + timedelta(days=day), memory.state.participant_by_external["ada"]
    draft = Draft(memory.state, Event("x.y", "api", "x", now, now, {}), program, ada)
    held, _ = tier_of(draft)
    if held is None:
        return None
    at = reached_at(draft, held)
    return held.id, None if at is None else (at - START).total_seconds() / 86_400


def referrers(**tier: Any) -> Memory:
    """Ada wins deals of 10 USD on days 0, 10, 50 and 52."""
    steps = [{"id": "bronze", "from": 1, **tier}, {"id": "silver", "from": 2, **tier}]
    if tier["metric"] == "revenue":
        steps = [one | {"from": 1000 * int(one["from"])} for one in steps]
    memory = Memory(sales(tiers=steps))
    for name, day in (("a", 0), ("b", 10), ("c", 50), ("d", 52)):
        told = {"email": f"{name}@x.example"}
        memory.say("referral.submitted", "ada", day, referral=name, referred=told)
        memory.say("referral.closed_won", day=day, referral=name, value=1000, currency="USD")
    return memory


@pytest.mark.parametrize("metric", ["closed_won_referrals", "revenue"])
def test_a_tier_for_ever_is_had_since_its_count_was_reached(metric: str) -> None:
    memory = referrers(metric=metric)
    assert [since(memory, day) for day in (5, 11, 400)] == [("bronze", 0), ("silver", 10), ("silver", 10)]


def test_a_tier_of_a_window_is_had_since_there_was_always_enough_in_it() -> None:
    memory = referrers(metric="closed_won_referrals", window="P20D")
    assert [since(memory, day) for day in (5, 15, 25, 31)] == [("bronze", 0), ("silver", 10), ("bronze", 0), None]
    assert [since(memory, day) for day in (51, 60)] == [("bronze", 50), ("silver", 52)], "it was lost in between"
    kept = referrers(metric="closed_won_referrals", window="P20D", downgrade="keep_until_period_end")
    assert since(kept, 35) == ("silver", 10), "what was reached in the window before"


def test_a_tier_of_a_period_is_had_since_it_was_reached_in_that_or_the_one_it_is_kept_from() -> None:
    memory = referrers(metric="closed_won_referrals", every="month")
    assert [since(memory, day) for day in (11, 27, 52)] == [("silver", 10), None, ("silver", 52)]
    kept = referrers(metric="closed_won_referrals", every="month", downgrade="keep_until_period_end")
    assert [since(kept, day) for day in (30, 51)] == [("silver", 10), ("silver", 10)]


def test_a_tier_of_a_loyalty_program_is_had_since_it_was_noted() -> None:
    kept = {"downgrade": "one_down"}
    memory = Memory(shop(tiers=ladder(**kept)))
    order(memory, 150)
    order(memory, 100, 3)
    assert since(memory, 4) == ("silver", 3)
    assert since(memory, YEAR + 4) == ("bronze", 0), "a year later it has fallen by one"
    for_ever = Memory(shop(tiers=ladder(every=None)))
    order(for_ever, 150)
    assert since(for_ever, 3 * YEAR) == ("bronze", 0)
    ada = for_ever.state.participant_by_external["ada"]
    [name] = [name for name in for_ever.state.counters[ada] if "reached" in name]
    for_ever.state.load_counter(ada, name, 2, 77)
    assert since(for_ever, 1) == ("bronze", None), "two who both had reached it are one now"
    del for_ever.state.counters[ada][name]
    assert since(for_ever, 1) == ("bronze", None)


def test_who_had_reached_a_tier_in_no_period_that_counts_has_no_moment() -> None:
    memory = referrers(metric="closed_won_referrals", every="month")
    [program] = memory.state.programs.values()
    now, ada = START + timedelta(days=300), memory.state.participant_by_external["ada"]
    draft = Draft(memory.state, Event("x.y", "api", "x", now, now, {}), program, ada)
    assert reached_at(draft, program.document.tiers[0]) is None
