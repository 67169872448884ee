"""Every recipe is played, and what comes out is what its words say: caps hold in every run, points add up, partners are
paid by their statements, goals and contests are decided."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import pytest

from goodword.domain.contests import counter as score_of
from goodword.domain.program import read
from goodword.insight.simulation import runs
from goodword.insight.simulation.loyalty import Members
from goodword.insight.simulation.measure import figures_of
from goodword.insight.simulation.notes import TEXTS, message, notes
from goodword.insight.simulation.parameters import settings
from goodword.insight.simulation.people import Chance
from goodword.insight.simulation.points import spendable
from goodword.insight.simulation.runs import START, history, offered, play, program_of, simulate, start_of
from goodword.insight.simulation.world import Plan, World
from support.books import balances, check_books
from support.commands import run as goodword

FOLDER = Path(str(files("goodword") / "recipes"))
RECIPES = sorted(file.stem for file in FOLDER.glob("*.yaml"))
LIVELY = ("cheats=0.1", "cheat_rate=0.5", "through_program=1", "friend_signs_up=0.6", "refer_rate=0.9",
          "opportunity_won=0.7", "opportunity_days=20", "partner_rate=3", "deal_won=0.6", "deal_days=10",
          "partners=0.1", "spend_gamma=80", "redeem_rate=1", "redeemers=1")  # fmt: skip
"""Parameters under which much happens to few people."""
PAYS_MONEY = {"b2b-sales", "bronze-silver-gold", "credit-after-threshold", "credit-capped", "ride-credit",
              "signature-invite", "quarter-contest", "partner-first-year", "recurring-20"}  # fmt: skip
"""Recipes that give amounts of money; what the others give has no price in their words."""


def source(name: str) -> dict[str, Any]:
    return read((FOLDER / f"{name}.yaml").read_text())[1]


def once(document: Mapping[str, Any], *changed: str, plan: Plan | None = None, seed: int = 1) -> World:
    program, p = program_of(document), settings(changed)
    plan = plan or Plan(35, 8, start_of([program]))
    return play(program, p, plan, Chance(seed, 1), offered(program, p, plan))


@cache
def lively(name: str, seed: int) -> World:
    """One small run of a recipe."""
    return once(source(name), *LIVELY, seed=seed)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_played_and_its_books_balance(name: str, seed: int) -> None:
    run = lively(name, seed)
    state, found = run.house.state, runs.outcome(run)
    check_books(run.house)  # type: ignore[arg-type]
    assert len(state.participants) >= 35
    assert state.referrals or run.program.is_loyalty
    by_kind: dict[tuple[str, str], int] = defaultdict(int)
    for (_owner, kind, unit), amount in balances(run.house).items():  # type: ignore[arg-type]
        by_kind[unit, kind] += amount
    money = run.currency
    assert found["cost"] == by_kind[money, "program_cost"] + by_kind[money, "held program_cost"]
    assert found["liability"] == by_kind[money, "participant_balance"] + by_kind[money, "held participant_balance"]
    assert (found["cost"] > 0) == (name in PAYS_MONEY), found["cost"]  # type: ignore[operator]
    assert found["rewards"] or name == "shared-goal"  # whose hundred are too many for so few
    for row in state.rewards.values():
        assert row.simulated or run.program.shared
        if row.referral_id and run.program.rules[row.rule].to in ("referrer", "referred"):
            referral = state.referrals[row.referral_id]
            assert row.participant_id in (referral.referrer_id, referral.referred_id)
            assert referral.referrer_id != referral.referred_id


@pytest.mark.parametrize("name", [name for name in RECIPES if "limits:" in (FOLDER / f"{name}.yaml").read_text()])
def test_caps_hold_in_every_run(name: str) -> None:
    """Counted anew from the rewards that were granted, by the period that they were granted in."""
    for run in (lively(name, 1), lively(name, 2)):
        state, program = run.house.state, run.program
        for limit in program.document.limits:
            used: Counter[tuple[str, ...]] = Counter()
            for row in state.rewards.values():
                if row.state in ("waitlisted", "rejected", "cancelled"):
                    continue
                rule = program.rules[row.rule]
                if (limit.rules and row.rule not in limit.rules) or (limit.per not in ("program", rule.to)):
                    continue
                at = row.granted_at - timedelta(hours=5)  # New York, but for an hour in summer
                period = {"month": f"{at:%Y-%m}", "quarter": f"{at.year}-{(at.month - 1) // 3}", "year": f"{at.year}"}
                if abs((at.date() - date(at.year, at.month, 1)).days) < 1 or (at + timedelta(days=1)).day == 1:
                    continue  # the period's edges are the engine's tests' concern
                who = "" if limit.per == "program" else row.participant_id
                unit = limit.unit or run.currency
                if limit.budget is not None and row.unit != unit:
                    continue
                used[who, period.get(limit.every or "", "ever")] += (
                    1 if limit.budget is None else (row.amount or 0) - row.reversed
                )
            cap = limit.budget if limit.count is None else limit.count
            assert used, limit
            assert max(used.values()) <= cap, limit  # type: ignore[operator]
    tight = source(name)
    for limit in tight["limits"]:
        limit["budget" if "budget" in limit else "count"] = 1
    assert runs.outcome(once(tight, *LIVELY))["refused"] > 0  # type: ignore[operator]


# Loyalty


def test_points_add_up_and_are_what_the_ledger_says() -> None:
    """Earned less spent, lapsed and taken back is what is left: by the lots, by the ledger, and by person."""
    run = once(source("points-shop"), *LIVELY, "refund_share=0.4", plan=Plan(80, 20, START))
    found, state = runs.outcome(run), run.house.state
    parts = [found[f"points_{name}"] for name in ("earned", "spent", "expired", "back", "left")]
    earned, spent, expired, back, left = parts
    assert all(part > 0 for part in parts), parts  # type: ignore[operator]
    assert left == earned - spent - expired - back  # type: ignore[operator]
    ledger: Counter[str] = Counter()
    for (_owner, kind, unit), amount in balances(run.house).items():  # type: ignore[arg-type]
        ledger[kind] += amount * (unit == "points")
    assert left == ledger["participant_balance"] + ledger["held participant_balance"] - ledger["participant_debt"]
    assert spent == ledger["fulfilled"]
    assert left == sum(spendable(state, id, "points") for id in state.participants)
    assert found["points_value"] == pytest.approx(left)  # type: ignore[arg-type]
    assert found["redemption_rate"] == spent / earned  # type: ignore[operator]
    assert found["breakage"] == expired / earned  # type: ignore[operator]
    gifts = Counter(row.rule for row in state.rewards.values() if row.rule in run.program.catalogue)
    assert sum(gifts.values()) == found["redemptions"]
    assert spent == sum(run.program.catalogue[name].price * count for name, count in gifts.items())
    assert run.tally.months[-1][3] == left
    assert found["in_tier"] > 0  # type: ignore[operator]
    assert (found["cost"], found["new_customers"]) == (0, 0)


def test_who_never_redeems_lets_every_point_lapse() -> None:
    plan = Plan(40, 30, START)
    never = runs.outcome(once(source("points-shop"), "redeemers=0", "start_share=1", plan=plan))
    assert (never["redemptions"], never["redemption_rate"], never["other_gifts"]) == (0, 0, 0)
    late = never["points_left"] / never["points_earned"]  # type: ignore[operator]
    assert never["breakage"] > 0.5 > late  # type: ignore[operator]


def test_a_return_brings_orders_and_their_margin_is_told() -> None:
    """What the programme adds is the margin of the orders that nobody would have made without it."""
    rich = source("points-shop")
    rich["rewards"][0]["give"]["amount"] = {"cel": "event.value"}  # a point a cent
    plan = Plan(150, 12, START)
    changed = ("points_lift=1", "unit_value=0.01", "refund_share=0", "redeemers=0")
    with_it, without = (once(rich, *changed, *more, plan=plan) for more in ((), ("unit_value=0",)))
    assert isinstance(with_it, Members)
    assert offered(with_it.program, with_it.p, plan)[0] == pytest.approx(35.22, abs=0.01)
    assert without.tally.added == 0
    assert with_it.tally.orders > 1.1 * without.tally.orders

    def ordered(run: World) -> float:
        named = run.house.state.counters.values()
        return sum(sum(n for name, (_, n) in row.items() if name.startswith("ordered:")) for row in named)

    assert with_it.tally.added == pytest.approx(0.4 * (ordered(with_it) - ordered(without)))


def test_members_renew_by_the_month_or_the_year() -> None:
    run = once(source("b2b-perks"), "annual_share=0.5", "plan_churn=0", plan=Plan(40, 13, START))
    support = [row for row in run.house.state.rewards.values() if row.rule == "support"]
    begun = sum(one.since <= datetime(2025, 1, 2, tzinfo=UTC) for one in run.customers if one.since)
    assert 0 < len(support) < begun  # a yearly subscription renews once in thirteen months
    workshops = Counter(
        (row.participant_id, row.granted_at.year) for row in run.house.state.rewards.values() if row.rule == "workshop"
    )
    assert max(workshops.values()) == 1
    dear = once(source("b2b-perks"), "spend_gamma=8000", plan=Plan(40, 6, START))
    assert dear.tally.cost > 0


# Partners


def test_partners_are_paid_by_their_statements_and_registered_deals_only() -> None:
    document = source("partner-first-year")
    run = once(document, *LIVELY, "cheats=0", "annual_share=0", plan=Plan(50, 10, START))
    found, state = runs.outcome(run), run.house.state
    names = {state.participants[row.referrer_id].external_id or "" for row in state.referrals.values()}
    assert all(name.startswith("partner-") for name in names)
    assert 0 < found["partners_active"] <= len(names)  # type: ignore[operator]
    assert found["statements"] > found["partners_active"]  # type: ignore[operator]
    assert found["registered"] < found["referrals"]  # type: ignore[operator]
    paid = [row for row in state.rewards.values() if row.state in ("issued", "redeemed")]
    assert paid
    assert all(row.issued_at and row.issued_at.day <= 4 for row in paid)  # two days after a month's statement
    assert all("registered" in state.referrals[row.referral_id or ""].properties for row in state.rewards.values())
    document["statement"]["minimum"] = 10**12
    kept = runs.outcome(once(document, *LIVELY, "cheats=0", plan=Plan(50, 10, START)))
    assert (kept["payable"], kept["liability"]) == (0, kept["cost"])
    assert kept["carried"] > 0  # type: ignore[operator]
    document["registration"] = {"window": "P1D"}
    late = runs.outcome(once(document, *LIVELY, "cheats=0", "accept_days=60", plan=Plan(50, 10, START)))
    assert late["registered"] < kept["registered"] / 4  # type: ignore[operator]


def test_a_commission_recurs_until_the_subscription_ends() -> None:
    run = once(source("recurring-20"), *LIVELY, "cheats=0", "annual_share=0", "deal_refund=0", plan=Plan(40, 8, START))
    each = Counter(row.referral_id for row in run.house.state.rewards.values())
    assert max(each.values()) > 3
    assert {row.amount for row in run.house.state.rewards.values()} == {600}  # 20 % of 30.00
    faithful = once(source("recurring-20"), *LIVELY, "cheats=0", "plan_churn=0", plan=Plan(40, 8, START))
    assert runs.outcome(faithful)["cost"] > runs.outcome(run)["cost"]  # type: ignore[operator]
    assert run.tally.joined.keys() <= {"organic", "paid", "referred"}


def test_few_partners_bring_most() -> None:
    """The most active tenth of them two thirds, as the source of the shape says."""
    shape = settings()["partner_shape"]
    active = sorted(Chance(1, 1).gamma(f"partner-{n}", "activity", shape, 1 / shape) for n in range(4_000))
    assert sum(active) / 4_000 == pytest.approx(1, abs=0.1)
    assert 0.6 < sum(active[-400:]) / sum(active) < 0.72


# Goals and contests


def test_a_goal_is_reached_and_everybody_has_the_gift() -> None:
    document = source("shared-goal")
    document["goals"][0]["target"] = 5
    run = once(document, *LIVELY, "cheats=0")
    state, found = run.house.state, runs.outcome(run)
    won = [row for row in state.referrals.values() if row.state == "closed_won"]
    assert len(won) >= 5
    assert found["goals_reached"] == 1
    given = {row.participant_id for row in state.rewards.values()}
    assert given == {link.participant_id for link in state.links.values()}
    assert found["cost"] == 0
    assert found["other_gifts"] == 1_000 * len(given)
    assert runs.outcome(once(source("shared-goal"), *LIVELY, plan=Plan(5, 3, START)))["goals_reached"] == 0


def test_a_contest_is_played_in_its_time_and_decided_by_place() -> None:
    run = lively("quarter-contest", 1)
    assert run.plan.start == date(2026, 2, 1)
    state, found = run.house.state, runs.outcome(run)
    assert found["contests_decided"] == 1
    won = Counter(
        row.referrer_id
        for row in state.referrals.values()
        if row.closed_at and row.state == "closed_won"
        and datetime(2026, 4, 1, 4, tzinfo=UTC) <= row.closed_at < datetime(2026, 7, 1, 4, tzinfo=UTC)
    )  # fmt: skip
    contest = run.program.document.contests[0]
    scores = {id: named.get(score_of(run.program, contest), (0, 0))[0] for id, named in state.counters.items()}
    first = next(row for row in state.rewards.values() if row.rule == "first")
    assert first.amount == 500_000
    assert scores[first.participant_id] == max(scores.values()) <= max(won.values())
    assert sum(row.rule == "top-ten" for row in state.rewards.values()) == min(10, sum(s > 0 for s in scores.values()))


def test_what_counts_in_a_contest_may_be_events_of_the_hosts_own() -> None:
    document = source("quarter-contest") | {"lifecycle": {"flow": "self_serve"}}
    document["contests"][0]["metric"] = {"count": "ride.ended"}
    events = history(program_of(document), settings(), Plan(20, 6, date(2026, 2, 1)), seed=1)
    assert sum(event["type"] == "ride.ended" for event in events) > 10
    assert {event["properties"]["simulated"] for event in events} == {True}
    assert runs.outcome(once(document, plan=Plan(20, 6, date(2026, 2, 1))))["contests_decided"] == 1


# What is told


def test_figures_are_those_that_mean_something_for_a_kind() -> None:
    told = {name: set(figures_of(program_of(source(name)))) for name in RECIPES}
    assert {"new_customers", "k_factor", "payback_months", "cost"} <= told["ride-credit"]
    assert not told["ride-credit"] & {"points_left", "statements", "goals_reached", "partners_active", "in_tier"}
    assert {"points_left", "breakage", "redemption_rate", "in_tier", "cost"} <= told["points-shop"]
    assert not told["points-shop"] & {"new_customers", "k_factor", "payback_months", "referrals"}
    assert not told["b2b-perks"] & {"points_left", "breakage"}
    assert {"statements", "registered", "payable", "partners_active"} <= told["partner-first-year"]
    assert not told["recurring-20"] & {"statements", "registered", "k_factor"}
    assert "goals_reached" in told["shared-goal"]
    assert "contests_decided" in told["quarter-contest"]


def test_what_lies_outside_the_time_or_is_not_played_is_noted() -> None:
    def noted(document: Mapping[str, Any], plan: Plan) -> list[str]:
        return [message(note) for note in notes(program_of(document), plan, settings())]

    contest = source("quarter-contest")
    assert noted(contest, Plan(1, 12, date(2026, 2, 1))) == []
    assert noted(contest, Plan(1, 3, date(2026, 2, 1))) == [
        "spring-2026 is decided on 2026-07-15, after the last day that is played: its prizes are not in the figures."
    ]
    assert noted(contest, Plan(1, 3, date(2026, 7, 1))) == [
        "spring-2026 is over on 2026-06-30, before the first day that is played."
    ]
    assert noted(source("b2b-sales"), Plan(1, 12, START)) == [
        "The campaign double-march does not run in the months that are played."
    ]
    assert noted(source("b2b-sales"), Plan(1, 12, date(2026, 1, 1))) == []
    paid = source("b2b-sales")
    rule = {"id": "each", "on": "invoice.paid", "to": "referrer", "give": {"type": "cash", "amount": {"percent": 1}}}
    assert noted(paid | {"rewards": [rule], "campaigns": [], "limits": []}, Plan(1, 1, START)) == [
        "The rule each pays for invoice.paid, which this model does not play: it costs nothing here."
    ]
    assert noted(source("points-shop"), Plan(1, 1, START)) == [
        "One of points counts as 0.01 USD; say with unit_value what it is worth to you."
    ]
    assert {note["code"] for note in notes(program_of(contest), Plan(1, 3, START), settings())} <= TEXTS.keys()


@pytest.mark.parametrize(
    "name", ["points-shop", "partner-first-year", "recurring-20", "shared-goal", "quarter-contest"]
)
def test_the_same_seed_gives_the_same_history(name: str) -> None:
    program, p = program_of(source(name)), settings(LIVELY)
    plan = Plan(15, 6, start_of([program]))
    first, again = (history(program, p, plan, seed=3) for _ in range(2))
    assert first == again
    assert first != history(program, p, plan, seed=4)
    moments = [event["occurred_at"] for event in first]
    assert moments == sorted(moments)
    one, same = (simulate(program, p, plan, seed=3, runs=2) for _ in range(2))
    assert one.outcomes == same.outcomes


def test_two_loyalty_programmes_have_the_same_members(tmp_path: Path) -> None:
    file, other = tmp_path / "one.json", tmp_path / "other.json"
    file.write_bytes(orjson.dumps(source("points-shop")))
    dearer = source("points-shop")
    dearer["catalogue"][0]["price"] = 600
    other.write_bytes(orjson.dumps(dearer))
    ran = goodword("simulate", str(file), str(other), "--customers", "60", "--months", "6", "--runs", "2",
                   "--set", "spend_gamma=80", "--set", "points_lift=0", "--json").json()  # fmt: skip
    assert ran["difference"]["points_earned"]["mean"] == 0
    assert ran["difference"]["redemptions"]["mean"] < 0
    assert ran["programs"][0]["kind"] == "loyalty"
    assert ran["programs"][0]["notes"][0]["about"] == {"unit": "points", "value": "0.01", "currency": "USD"}
    text = goodword("simulate", str(file), "--customers", "5", "--months", "2", "--runs", "1").out
    assert "points-shop: an order of average worth brings a member 0.35 USD, at the values assumed." in text
    assert "new_customers" not in text
