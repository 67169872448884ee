"""Many runs of one programme or more, on the same people, and what they came to."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from itertools import count
from multiprocessing import Pool, Value
from multiprocessing import TimeoutError as NotYet
from multiprocessing.pool import IMapIterator
from typing import Any

from goodword.domain.debts import is_lot
from goodword.domain.draft import Draft
from goodword.domain.events import Event
from goodword.domain.program import Program
from goodword.domain.tiers import tier_of
from goodword.insight.simulation.house import compiled
from goodword.insight.simulation.loyalty import Members
from goodword.insight.simulation.measure import MONTHLY, Interval, Outcome, figures_of, interval
from goodword.insight.simulation.parameters import Settings, SimulationError
from goodword.insight.simulation.partners import PartnerSales, PartnerShop, brought
from goodword.insight.simulation.people import Chance
from goodword.insight.simulation.points import count_points
from goodword.insight.simulation.sales import Sales
from goodword.insight.simulation.selfserve import Shop
from goodword.insight.simulation.world import Plan, World

MAX_CUSTOMERS = 100_000
"""Customers who join by themselves in one run."""
MAX_MONTHS = 120
"""Months of one run."""
MAX_RUNS = 1_000
"""Runs of one simulation."""
MAX_PLAYED = 50_000_000
"""Customers × months × runs × programmes of one simulation: more than half an hour of one core."""
FIRST_DAY, LAST_DAY = date(1980, 1, 1), date(2150, 1, 1)
"""Between these a simulation may begin."""
WORTH_A_PROCESS = 60_000
"""Customers × months × runs from which on several processes play: some seconds' work."""
START = date(2025, 1, 1)
"""When a simulation begins unless it is told: a fixed day, so that the same command gives the same result."""
WORLDS: Mapping[tuple[str, str], type[Shop] | type[Sales]] = {
    ("referral", "self_serve"): Shop,
    ("referral", "sales"): Sales,
    ("partner", "self_serve"): PartnerShop,
    ("partner", "sales"): PartnerSales,
}
"""Who plays a programme, by kind and flow; `Members` play loyalty programmes."""


@dataclass(frozen=True)
class Simulated:
    """What came of a programme: its offer to referrer and friend in the currency's units, the figures of each run, and
    for each run and month end those of `MONTHLY`."""

    program: Program
    offer: tuple[float, float]
    outcomes: Sequence[Outcome]
    months: Sequence[Sequence[tuple[int, ...]]]

    def figures(self) -> dict[str, Interval]:
        """Every figure that means something for it, with its interval."""
        return {name: interval([outcome[name] for outcome in self.outcomes]) for name in figures_of(self.program)}

    def by_month(self) -> Iterator[tuple[int, str, Interval]]:
        """Month from 1, figure, interval of its sum since the beginning."""
        told = figures_of(self.program)
        for month in range(len(self.months[0])):
            for place, name in enumerate(MONTHLY):
                if name not in told:
                    continue
                yield month + 1, name, interval([run[month][place] for run in self.months])


def program_of(source: Mapping[str, Any]) -> Program:
    """The programme of a valid document, to be played."""
    # A simulation gives to nobody: what runs in test mode is played as it would run live.
    return compiled({name: part for name, part in source.items() if name not in ("test", "beside")})


def world_of(program: Program) -> type[Shop] | type[Sales]:
    """Who plays a programme."""
    document = program.document
    return Members if program.is_loyalty else WORLDS[document.kind, document.lifecycle.flow]


def start_of(programs: Iterable[Program]) -> date:
    """The day on which a simulation begins unless it is told: `START`, or, for the first contest of the programmes, the
    first day of the month two months before it, so that sales have time to win what counts."""
    days = [contest.from_ for program in programs for contest in program.document.contests]
    if not days:
        return START
    first = min(days)
    years, month = divmod(first.month - 3, 12)
    return date(first.year + years, month + 1, 1)


def start_on(day: date) -> date:
    """The day, if a simulation may begin on it. Raises `SimulationError`."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise SimulationError(f"a simulation begins between {FIRST_DAY} and {LAST_DAY}, not on {day.isoformat()}")
    return day


def simulate(
    program: Program, p: Settings, plan: Plan, *, seed: int, runs: int, told: Callable[[int], None] = lambda _run: None,
    processes: int = 1, passed: Callable[[int], None] = lambda _months: None,
) -> Simulated:  # fmt: skip
    """Plays the programme `runs` times, in so many processes at most; `told` hears of each run when it is done,
    `passed` now and then of how many months of all runs are. The result is the same with any number of processes."""
    offer = offered(program, p, plan)
    outcomes, months = [], []
    with ExitStack() as stack:
        numbers = range(1, runs + 1)
        if processes > 1 and runs > 1 and plan.customers * plan.months * runs >= WORTH_A_PROCESS:
            months_over = Value("q", 0)
            asked = (program.source, dict(p), plan, seed, offer, months_over)
            pool = stack.enter_context(Pool(min(processes, runs), _begin, asked))
            played: Iterable[_Played] = _watched(pool.imap(_play_there, numbers), lambda: passed(months_over.value))
        else:
            ticks = count(1)
            played = (
                _play_here(program, p, plan, Chance(seed, run), offer, lambda: passed(next(ticks))) for run in numbers
            )
        for run, (found, by_month) in enumerate(played, 1):
            outcomes.append(found)
            months.append(by_month)
            told(run)
    return Simulated(program, offer, outcomes, months)


_Played = tuple[Outcome, list[tuple[int, ...]]]
_asked: list[tuple[Program, Settings, Plan, int, tuple[float, float], Any]] = []
"""What a process of a pool was asked to play, and the number that all add their months to."""


def _begin(
    source: Mapping[str, Any], p: Settings, plan: Plan, seed: int, offer: tuple[float, float], months_over: Any
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asked ends the pool
    _asked[:] = [(compiled(source), p, plan, seed, offer, months_over)]


def _watched(played: IMapIterator[_Played], look: Callable[[], None]) -> Iterator[_Played]:
    """The same runs; between them, twice a second, `look`."""
    while True:
        try:
            yield played.next(0.5)
        except StopIteration:
            return
        except NotYet:
            look()


def _play_there(run: int) -> _Played:
    program, p, plan, seed, offer, months_over = _asked[0]

    def passed() -> None:
        with months_over.get_lock():
            months_over.value += 1

    return _play_here(program, p, plan, Chance(seed, run), offer, passed)


def _play_here(
    program: Program, p: Settings, plan: Plan, chance: Chance, offer: tuple[float, float], passed: Callable[[], None]
) -> _Played:
    world = play(program, p, plan, chance, offer, passed=passed)
    return outcome(world), list(world.tally.months)


def history(program: Program, p: Settings, plan: Plan, *, seed: int) -> list[dict[str, Any]]:
    """The events of the first run as a host would send them, in order; `occurred_at` is a time. Left out is what only
    this workspace in memory knows by name: moves of rewards of referrals that have none."""
    world = play(program, p, plan, Chance(seed, 1), offered(program, p, plan), keep=True)
    assert world.kept is not None
    return world.kept


def offered(program: Program, p: Settings, plan: Plan) -> tuple[float, float]:
    """What the programme grants a first referrer and friend, in the currency's units."""
    return world_of(program)(program, p, Chance(0, 0), plan).offer()


def play(
    program: Program, p: Settings, plan: Plan, chance: Chance, offer: tuple[float, float], *, keep: bool = False,
    passed: Callable[[], None] = lambda: None,
) -> World:  # fmt: skip
    """One run, played to its end; `passed` is called at the end of each month."""
    world = world_of(program)(program, p, chance, plan, keep=keep)
    world.passed = passed
    world.run(offer)
    return world


def outcome(world: World) -> Outcome:
    """The figures of a run."""
    tally, state = world.tally, world.house.state
    standing = [
        row
        for row in state.rewards.values()
        if row.state not in ("rejected", "cancelled", "failed") and (row.amount is None or row.amount > row.reversed)
    ]
    other = sum(
        world.worth(row)
        for row in standing
        if row.unit != world.currency and row.state != "expired" and not is_lot(world.program, row)
    )
    invented = 0.0
    for row in standing:
        referral = state.referrals.get(row.referral_id or "")
        friend = state.participants[referral.referred_id] if referral else None
        if referral and friend and {friend.external_id, referral.external_id} & world.fakes and row.state != "expired":
            invented += world.worth(row)
    new = tally.joined["referred"]
    everybody = sum(tally.joined.values())
    cost = tally.cost + other * world.minor
    lived = sum(
        (
            (world.end - one.since).total_seconds() / 86_400 / 30.4375
            for one in world.customers
            if one.referrer and one.since
        ),
        0.0,
    )
    monthly = tally.margin / lived if lived else 0.0
    per_customer = cost / new if new else None
    return {
        "joined_organic": tally.joined["organic"],
        "joined_paid": tally.joined["paid"],
        "new_customers": new,
        "k_factor": new / everybody if everybody else 0.0,
        "referral_rate": tally.first_referred / tally.orders if tally.orders else 0.0,
        "referrals": len(state.referrals),
        "rewards": len(standing),
        "refused": tally.refused,
        "cost": tally.cost,
        "liability": tally.liability,
        "other_gifts": other * world.minor,
        "cheat_cost": invented * world.minor,
        "cost_per_customer": per_customer,
        "margin": tally.margin,
        "payback_months": per_customer / monthly if per_customer is not None and monthly > 0 else None,
        **_points(world),
        "in_tier": _in_tier(world),
        "added_margin": tally.added,
        **brought(world),
        "statements": tally.statements,
        "payable": sum(payable for payable, _carried in tally.last_statement.values()),
        "carried": sum(carried for _payable, carried in tally.last_statement.values()),
        "goals_reached": tally.goals,
        "contests_decided": tally.contests,
        "events": world.house.sent,
    }


def _points(world: World) -> dict[str, float | None]:
    tally = world.tally
    found = count_points(world.house.state, world.points, tally.points_spent)
    return {
        "points_earned": found.earned,
        "points_spent": found.spent,
        "points_expired": found.expired,
        "points_back": found.back,
        "points_left": found.left,
        "points_value": found.left * world.p["unit_value"] * world.minor,
        "redemptions": tally.redemptions,
        "redemption_rate": found.spent / found.earned if found.earned else None,
        "breakage": found.expired / found.earned if found.earned else None,
    }


def _in_tier(world: World) -> int:
    """People who hold a tier at the end."""
    program, state = world.program, world.house.state
    if not program.document.tiers:
        return 0
    asked = Event("simulation.asked", "simulation", "end", world.end, world.end, {})
    return sum(tier_of(Draft(state, asked, program, id))[0] is not None for id in state.participants)
