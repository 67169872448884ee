"""The simulation: what the programme grants is what the engine says, the people are the published model's, and the same
seed gives the same."""

from __future__ import annotations

import csv
import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import pytest

from goodword.domain.program import read
from goodword.insight.simulation import runs, world
from goodword.insight.simulation.measure import FIGURES, Interval, differences, figures_of, interval
from goodword.insight.simulation.parameters import PARAMETERS, SOURCES, SimulationError, settings
from goodword.insight.simulation.people import Chance, Person, friend_name, lift, poisson
from goodword.insight.simulation.runs import START, Simulated, history, offered, play, program_of, simulate
from goodword.insight.simulation.selfserve import Shop
from goodword.insight.simulation.world import Plan, World
from support.commands import run as goodword

FOLDER = Path(str(files("goodword") / "recipes"))
LIVELY = ("cheats=0.1", "cheat_rate=0.5", "through_program=1", "friend_signs_up=0.5", "refer_rate=0.5",
          "opportunity_won=0.6", "opportunity_days=20")  # fmt: skip
"""Parameters under which much happens to few people."""
PLAN = Plan(60, 8, START)


def source(name: str) -> dict[str, Any]:
    return read((FOLDER / f"{name}.yaml").read_text())[1]


def shop(**parts: Any) -> dict[str, Any]:
    """A small programme: 5.00 USD for a friend's first order."""
    give = {"type": "account_credit", "amount": 500}
    return {
        "program": "shop",
        "name": "Shop",
        "currency": "USD",
        "lifecycle": {"flow": "self_serve", "closed_won": {"on": "order.completed"}},
        "rewards": [{"id": "thanks", "on": "referral.closed_won", "to": "referrer", "give": give}],
    } | parts


def played(document: Mapping[str, Any], *changed: str, plan: Plan = PLAN, seed: int = 1) -> World:
    """One run."""
    program, p = program_of(document), settings(changed)
    return play(program, p, plan, Chance(seed, 1), offered(program, p, plan))


def figures(document: Mapping[str, Any], *changed: str, plan: Plan = PLAN, count: int = 1) -> Simulated:
    return simulate(program_of(document), settings(changed), plan, seed=1, runs=count)


@pytest.mark.parametrize("name", ["bronze-silver-gold", "b2b-sales"])
def test_the_same_seed_gives_the_same_and_another_another(name: str) -> None:
    program, p = program_of(source(name)), settings(LIVELY)
    first, again = (history(program, p, PLAN, seed=7) for _ in range(2))
    assert first == again
    other = history(program, p, PLAN, seed=8)
    assert [event["occurred_at"] for event in other] != [event["occurred_at"] for event in first]
    one, same = (simulate(program, p, PLAN, seed=7, runs=2) for _ in range(2))
    assert (one.outcomes, one.months) == (same.outcomes, same.months)
    assert one.outcomes[0] != one.outcomes[1]


def test_every_event_says_that_it_is_simulated_and_comes_in_the_order_of_time() -> None:
    events = history(program_of(source("b2b-sales")), settings([*LIVELY, "deal_refund=0.5"]), PLAN, seed=1)
    assert {event["properties"]["simulated"] for event in events} == {True}
    assert {event["participant"]["simulated"] for event in events if "participant" in event} == {True}
    assert len({event["event_id"] for event in events}) == len(events)
    moments = [event["occurred_at"] for event in events]
    assert moments == sorted(moments)
    assert {"referral.submitted", "crm.deal_won", "reward.issued", "order.refunded"} <= {e["type"] for e in events}


def test_two_histories_may_be_loaded_into_one_workspace() -> None:
    """Their events are told apart; the same history again is the same events."""
    told = [
        {event["event_id"] for event in history(program_of(one), settings(changed), Plan(10, 3, START), seed=seed)}
        for one, changed, seed in (
            (shop(), (), 1), (shop(), (), 1), (shop(), (), 2), (shop(), ("margin=0.1",), 1), (shop(name="O"), (), 1),
        )
    ]  # fmt: skip
    assert told[0] == told[1]
    assert all(not told[0] & other for other in told[2:])


def test_the_order_of_a_document_changes_nothing() -> None:
    there = source("signature-invite")
    back = {name: there[name] for name in reversed(there)}
    one, other = (figures(document, *LIVELY, count=2) for document in (there, back))
    assert one.outcomes == other.outcomes
    assert history(one.program, settings(), PLAN, seed=1) == history(other.program, settings(), PLAN, seed=1)


def test_who_uses_a_reward_uses_it_under_another_programme_too() -> None:
    """Nothing but the name differs, and so do all ids."""
    one, other = (figures(shop(name=name), *LIVELY) for name in ("A", "B"))
    assert one.outcomes == other.outcomes
    assert one.outcomes[0]["liability"]


def test_another_parameter_reshuffles_nothing_else() -> None:
    program = program_of(shop())

    def people(*changed: str) -> tuple[set[str], dict[str, list[Any]]]:
        events = history(program, settings(changed), PLAN, seed=3)
        orders: dict[str, list[Any]] = defaultdict(list)
        for event in events:
            if event["type"] == "order.completed":
                orders[event["participant"]["external_id"]].append((event["occurred_at"], event["properties"]["value"]))
        return {event["participant"]["external_id"] for event in events if event["type"].startswith("part")}, orders

    few, before = people("refer_rate=0.3", "cheats=0")
    more, after = people("refer_rate=0.9", "cheats=0")
    assert few < more
    assert all(after[who] == orders for who, orders in before.items())


def test_the_offer_is_what_the_programme_grants() -> None:
    p = settings()
    assert offered(program_of(source("credit-after-threshold")), p, PLAN) == (25.0, 200.0)
    assert offered(program_of(shop()), p, PLAN) == (5.0, 0.0)
    assert offered(program_of(source("b2b-sales")), p, PLAN) == (1_200.0, 5_600.0)  # 20 % of a deal of 28,000
    nobody = shop(eligibility={"be_referred": [{"code": "never", "when": "history.orders > 5"}]})
    assert offered(program_of(nobody), p, PLAN) == (0.0, 0.0)


def test_a_reward_makes_people_refer_and_a_cap_takes_that_away() -> None:
    changed, plan = (*LIVELY[2:], "cheats=0", "reward_lift=3", "refer_rate=0.2"), Plan(150, 8, START)
    nothing = shop()
    nothing["rewards"] = [nothing["rewards"][0] | {"give": {"type": "account_credit", "amount": 0}}]
    capped = shop(limits=[{"per": "referrer", "count": 1}])
    none, some, less = (figures(one, *changed, plan=plan).outcomes[0] for one in (nothing, shop(), capped))
    assert some["referrals"] > 1.5 * none["referrals"]  # type: ignore[operator]
    assert none["referrals"] < less["referrals"] < some["referrals"]  # type: ignore[operator]
    assert less["refused"] > 0  # type: ignore[operator]
    assert none["cost"] == 0


def test_orders_follow_the_published_model() -> None:
    """Expected repeat orders in a time t by Fader, Hardie and Lee (2005), equation 9; the mean order by Fader and
    Hardie (2013)."""
    p = settings(["refer_rate=0", "cheats=0", "start_share=1"])
    run = play(program_of(shop()), p, Plan(3_000, 12, START), Chance(1, 1), (0.0, 0.0), keep=True)
    orders = [event for event in run.kept or [] if event["type"] == "order.completed"]
    r, alpha, a, b, t = 0.243, 4.414, 0.793, 2.426, 365 / 7
    z, term, gauss = t / (alpha + t), 1.0, 1.0
    for n in range(2_000):
        term *= (r + n) * (b + n) / (a + b - 1 + n) / (n + 1) * z
        gauss += term
    expected = (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + t)) ** r * gauss)
    assert 1.2 < expected < 1.6
    assert len(orders) / 3_000 == pytest.approx(expected, rel=0.1)
    mean = sum(event["properties"]["value"] for event in orders) / len(orders)
    assert mean == pytest.approx(100 * 6.25 * 15.44 / 2.74, rel=0.06)


def test_friends_come_as_often_as_the_parameters_say() -> None:
    """With everybody a promoter of the same activity: rate × share of sign-ups, and no lift without a reward."""
    changed = ("promoters=1", "detractors=0", "activity_shape=100", "cheats=0", "through_program=1", "start_share=1",
               "refer_rate=0.4", "dropout_a=0.01", "dropout_b=1000", "friend_signs_up=0.162")  # fmt: skip
    run = play(program_of(shop()), settings(changed), Plan(600, 6, START), Chance(1, 1), (0.0, 0.0))
    direct = [row for row in run.house.state.participants.values() if (row.external_id or "").count(".") == 1]
    assert len(direct) == pytest.approx(600 * 0.4 * 5.0 * 0.162, rel=0.2)  # the first month is under way for half


def test_cheats_cost_and_those_who_refer_themselves_get_nothing() -> None:
    honest, full = "cheats=0", ("cheats=1", "cheat_rate=1")
    document = shop(rewards=[shop()["rewards"][0] | {"reverse": {"on": ["order.refunded"]}}])
    assert figures(document, honest).outcomes[0]["cheat_cost"] == 0
    run = played(document, *full)
    state = run.house.state
    ways = Counter(one.cheat for one in run.customers)
    assert set(ways) == {"self_referral", "fake_friends", "refund_after_reward"}
    of_fakes = [row for row in state.referrals.values() if state.participants[row.referred_id].external_id in run.fakes]
    assert len(of_fakes) > 50
    owners = {one.name: one.cheat for one in run.customers}
    cheated = {owners[state.participants[row.referrer_id].external_id or ""] for row in of_fakes}
    assert cheated == {"fake_friends", "refund_after_reward"}
    reversed_ = [row for row in state.rewards.values() if row.reversed == row.amount]
    assert {owners[state.participants[row.participant_id].external_id or ""] for row in reversed_} >= {
        "refund_after_reward"
    }
    assert runs.outcome(run)["cheat_cost"] > 0  # type: ignore[operator]
    assert run.tally.joined["invented"] == 0


def test_what_a_shop_plays_besides_orders() -> None:
    lifecycle = {
        "flow": "self_serve",
        "qualified": {"on": "subscription.started"},
        "opportunity": {"on": "milestone.reached"},
        "closed_won": {"on": "ride.finished", "when": "account.status == 'paying' || event.value > 0"},
        "closed_lost": {"on": "account_app.removed"},
    }
    rule = shop()["rewards"][0] | {"reverse": {"on": ["subscription.cancelled", "plan.ended"]}}
    program = program_of(shop(lifecycle=lifecycle, rewards=[rule]))
    events = history(program, settings([*LIVELY, "dropout_a=5"]), PLAN, seed=1)
    kinds = Counter(event["type"] for event in events)
    assert kinds["ride.finished"] == kinds["order.completed"] == kinds["milestone.reached"]
    assert 0 < kinds["subscription.cancelled"] == kinds["plan.ended"] < kinds["order.completed"]
    assert kinds["account.updated"] > 0
    assert "subscription.renewed" not in kinds


@pytest.mark.parametrize(
    ("lifecycle", "named"),
    [
        ({"flow": "self_serve", "closed_won": {"on": "account.updated"}}, "account.updated"),
        ({"flow": "sales", "closed_won": {"on": "invoice.paid"}}, "invoice.paid"),
    ],
)
def test_a_step_that_is_not_played_is_named(lifecycle: dict[str, Any], named: str) -> None:
    with pytest.raises(
        SimulationError, match=f"does not play {named}, which the lifecycle waits for; .* types of your own"
    ):
        figures(shop(lifecycle=lifecycle))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("refer_rate", "expected name=value"),
        ("refer_rat=1", "did you mean refer_rate"),
        ("zzz=1", "there are: start_share"),
        ("refer_rate=much", "from 0 to 10"),
        ("refer_rate=-1", "from 0 to 10"),
        ("refer_rate=nan", "from 0 to 10"),
        ("promoters=0.9", "together at most 1"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(SimulationError, match=said):
        settings([text])


def test_parameters_have_a_default_within_bounds_and_a_source_that_exists() -> None:
    for parameter in PARAMETERS.values():
        assert parameter.low <= parameter.default <= parameter.high, parameter.name
        assert not parameter.source or parameter.source in SOURCES, parameter.name
    read_by = "".join(file.read_text() for file in Path(runs.__file__).parent.glob("*.py"))
    assert [name for name in PARAMETERS if f'p["{name}"]' not in read_by] == []
    assert settings(["refer_rate= 0.5"])["refer_rate"] == 0.5


def test_friends_of_friends_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert world.MAX_PEOPLE == 500_000
    monkeypatch.setattr(world, "MAX_PEOPLE", 50)
    document = shop(rewards=[shop()["rewards"][0]])
    assert len(played(document, "refer_rate=0", "cheats=0", plan=Plan(50, 1, START)).customers) <= 50
    with pytest.raises(SimulationError, match=r"outgrow 50 people in month 1 of 1; lower refer_rate \(now 0\)"):
        played(document, "refer_rate=0", "cheats=0", "start_share=1", plan=Plan(51, 1, START))


def test_people_have_a_limit_for_each_customer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (world.MAX_GROWTH, world.LEAST_GROWTH) == (20, 500)
    monkeypatch.setattr(world, "MAX_GROWTH", 3)
    monkeypatch.setattr(world, "LEAST_GROWTH", 5)
    for customers, most in ((20, 60), (3, 15)):
        with pytest.raises(SimulationError, match=f"outgrow {most} people, 3 for each who joins") as stopped:
            played(shop(), "refer_rate=10", *LIVELY[:4], plan=Plan(customers, 30, START))
        assert "of 30; lower refer_rate (now 10) or through_program (now 1) with --set" in str(stopped.value)
    partners = source("partner-first-year")
    with pytest.raises(SimulationError, match=r"lower partners \(now 10\) or partner_rate \(now 1\)"):
        played(partners, "partners=10", plan=Plan(20, 2, START))


def test_months_that_are_over_are_told_by_one_process_and_by_two(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = list[int]()
    simulate(program_of(shop()), settings(), Plan(5, 4, START), seed=1, runs=3, passed=heard.append)
    assert heard == list(range(1, 13))
    looked = list[int]()
    steps = iter([runs.NotYet(), "a", runs.NotYet(), "b", StopIteration()])

    class Pooled:
        def next(self, _seconds: float) -> object:
            step = next(steps)
            if isinstance(step, BaseException):
                raise step
            return step

    assert list(runs._watched(Pooled(), lambda: looked.append(1))) == ["a", "b"]  # type: ignore[arg-type]
    assert looked == [1, 1]


def test_names_stay_short_however_long_the_chain() -> None:
    one, seen = Person("sim-000001", "organic", 1, "", 0), set()
    for turn in range(60):
        one = Person(friend_name(one, f"{turn}.0"), "referred", 1, "", 0, one)
        assert len(one.name) <= 40
        assert Shop.code(one) not in seen
        seen.add(Shop.code(one))


def test_chance_is_uniform_and_poisson_is_poisson() -> None:
    chance = Chance(1, 1)
    shares = [chance.share(str(number), "x") for number in range(4_000)]
    assert sum(shares) / 4_000 == pytest.approx(0.5, abs=0.02)
    assert sum(share < 0.1 for share in shares) == pytest.approx(400, abs=60)
    assert chance.share("a", "x") != chance.share("a", "y") != Chance(1, 2).share("a", "x")
    numbers = Counter(poisson(share, 1.5) for share in shares)
    for number in range(4):
        expected = 4_000 * math.exp(-1.5) * 1.5**number / math.factorial(number)
        assert numbers[number] == pytest.approx(expected, abs=5 * math.sqrt(expected))
    assert all(poisson(share, 1.0) <= poisson(share, 2.0) for share in shares)
    assert poisson(0.9, 0.0) == 0


def test_the_lift_of_a_reward_rises_and_levels_off() -> None:
    assert lift(0, 35, 0.5, 0.1) == lift(5, 0, 0.5, 0.1) == 1
    assert lift(3.5, 35, 0.5, 0.1) == pytest.approx(1.25)
    assert 1.25 < lift(7, 35, 0.5, 0.1) < lift(70, 35, 0.5, 0.1) < 1.5


def test_intervals_leave_out_runs_without_the_figure_and_say_so() -> None:
    assert interval([None, None]) == Interval(None, None, None, None, 2)
    assert interval([4]) == Interval(4, 4, 4, 4)
    assert interval([*range(11), None]) == Interval(5, 1, 5, 9, 1)
    ours: list[dict[str, float | None]] = [{"cost": 1}, {"cost": 5}, {"cost": None}]
    theirs: list[dict[str, float | None]] = [{"cost": 2}, {"cost": 9}, {"cost": 9}]
    assert differences(ours, theirs, "cost") == Interval(2.5, pytest.approx(1.3), 2.5, pytest.approx(3.7), 1)


def test_a_run_with_nobody_new_has_no_cost_per_customer() -> None:
    one = figures(shop(), "refer_rate=0", "cheats=0", plan=Plan(5, 2, START))
    assert one.figures()["cost_per_customer"].mean is None
    assert one.figures()["payback_months"].mean is None
    assert one.figures()["k_factor"].mean == 0


def test_months_end_on_calendar_days() -> None:
    ends = world.month_ends(Plan(1, 3, date(2025, 11, 30)))
    assert ends == [datetime(2025, 12, 28, tzinfo=UTC), datetime(2026, 1, 28, tzinfo=UTC),
                    datetime(2026, 2, 28, tzinfo=UTC)]  # fmt: skip
    months = figures(shop(), *LIVELY).months[0]
    assert len(months) == 8
    assert [row[0] for row in months] == sorted(row[0] for row in months)
    outcome = figures(shop(), *LIVELY).outcomes[0]
    assert months[-1] == (outcome["new_customers"], outcome["cost"], outcome["liability"], 0)


# The command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.json"
    path.write_bytes(orjson.dumps(shop()))
    return path


SMALL = ("--customers", "60", "--months", "4", "--runs", "2")


def test_the_command_says_simulated_everywhere_and_repeats_itself(file: Path, tmp_path: Path) -> None:
    rows, events = tmp_path / "f.csv", tmp_path / "e.jsonl"
    ran = goodword("simulate", str(file), *SMALL, "--set", "cheats=0.1", "--csv", str(rows), "--events", str(events))
    assert (ran.code, ran.out.splitlines()[0][:9]) == (0, "SIMULATED")
    assert "Changed: cheats=0.1." in ran.out
    told = figures_of(program_of(shop()))
    assert [name for name in FIGURES if f"\n{name} " in ran.out] == list(told)
    assert "simulated events in" in ran.err
    table = list(csv.DictReader(rows.open()))
    assert {row["simulated"] for row in table} == {"true"}
    assert len(table) == len(told) + 3 * 4
    sent = [orjson.loads(line) for line in events.read_bytes().splitlines()]
    assert sent[0]["occurred_at"] == "2025-01-01T00:00:00Z"
    assert all(event["properties"]["simulated"] for event in sent)
    assert goodword("simulate", str(file), *SMALL, "--set", "cheats=0.1").out == ran.out

    data = goodword("simulate", str(file), *SMALL, "--json").json()
    assert data["simulated"] is data["programs"][0]["simulated"] is True
    assert data["programs"][0]["offer"] == {"referrer": 5.0, "referred": 0.0}
    assert [month["month"] for month in data["programs"][0]["months"]] == [1, 2, 3, 4]
    assert set(data["parameters"]) == set(PARAMETERS)


def test_two_programmes_are_compared_on_the_same_people(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "double.json"
    double = shop()
    double["rewards"][0]["give"] = {"type": "account_credit", "amount": 1000}
    other.write_bytes(orjson.dumps(double))
    same = goodword("simulate", str(file), str(file), *SMALL, "--json").json()
    assert {value["mean"] for value in same["difference"].values()} <= {0, None}
    lively = [part for text in LIVELY for part in ("--set", text)]
    ran = goodword("simulate", str(file), str(other), *SMALL, *lively, "--json").json()
    cost = [one["figures"]["cost"]["mean"] for one in ran["programs"]]
    assert ran["difference"]["cost"]["mean"] == pytest.approx(cost[1] - cost[0])
    assert cost[1] > 1.5 * cost[0] > 0
    assert [one["name"] for one in ran["programs"]] == ["shop", "double"]
    assert [one["name"] for one in same["programs"]] == [str(file), str(file)]
    rows = tmp_path / "f.csv"
    text = goodword("simulate", str(file), str(other), *SMALL, "--csv", str(rows)).out
    assert "difference (second less first)" in text
    assert sum(row["program"] == "difference" for row in csv.DictReader(rows.open())) == len(
        figures_of(program_of(shop()))
    )


def test_customers_months_and_runs_have_limits(file: Path) -> None:
    for option, most in (("--customers", runs.MAX_CUSTOMERS), ("--months", runs.MAX_MONTHS), ("--runs", runs.MAX_RUNS)):
        for value in (0, most + 1):
            ran = goodword("simulate", str(file), *SMALL, option, str(value))
            assert (ran.code, f"{option} {value}: from 1 to {most:,}" in ran.err) == (2, True)
    assert (
        goodword("simulate", str(file), "--customers", "1", "--months", str(runs.MAX_MONTHS), "--runs", "1").code == 0
    )
    assert goodword("simulate", str(file), "--customers", "1", "--months", "1", "--runs", str(runs.MAX_RUNS)).code == 0


def test_what_is_played_in_all_has_a_limit(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert runs.MAX_PLAYED == 50_000_000
    beyond = goodword("simulate", str(file), "--customers", "100000", "--months", "120", "--runs", "5")
    assert (beyond.code, "is 60,000,000: at most 50,000,000 are played" in beyond.err) == (2, True)
    monkeypatch.setattr(runs, "MAX_PLAYED", 5 * 2 * 3 * 2)
    small = ("simulate", str(file), str(file), "--customers", "5", "--months", "2")
    assert goodword(*small, "--runs", "3").code == 0
    assert goodword(*small, "--runs", "4").code == 2


def test_more_processes_play_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "WORTH_A_PROCESS", 1)
    program, p, heard = program_of(shop()), settings(LIVELY), list[int]()
    one, two = (
        simulate(program, p, Plan(20, 4, START), seed=1, runs=5, told=heard.append, processes=count)
        for count in (1, 2)
    )  # fmt: skip
    assert (one.outcomes, one.months) == (two.outcomes, two.months)
    assert heard == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]


def test_what_cannot_be_simulated_is_said_in_words(file: Path, tmp_path: Path) -> None:
    bad, euro = tmp_path / "bad.yaml", tmp_path / "euro.json"
    bad.write_text("program: x\n")
    euro.write_bytes(orjson.dumps(shop(currency="EUR")))
    for arguments, code, said in (
        ((str(bad),), 1, "currency: missing"),
        ((str(tmp_path / "none.yaml"),), 1, "cannot be read (No such file"),
        ((str(file), str(euro)), 1, "different currencies"),
        ((str(file), str(file), str(file)), 2, "3 programmes are given"),
        ((str(file), str(file), "--events", "x"), 2, "name only one"),
        ((str(file), *SMALL, "--csv", str(tmp_path)), 1, "cannot be written"),
        ((str(file), "--set", "refer_rat=1"), 1, "did you mean refer_rate?\n"),
        ((str(file), "--start", "1800-01-01"), 1, "begins between 1980-01-01 and 2150-01-01, not on 1800-01-01"),
        ((str(file), "--csv", "-"), 2, "--csv -: name a file"),
        ((str(file), "--events", str(tmp_path / "no" / "x")), 1, "there is no folder"),
    ):
        ran = goodword("simulate", *arguments)
        assert (ran.code, said in ran.err) == (code, True), ran.err
