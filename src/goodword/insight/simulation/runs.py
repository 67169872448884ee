"""Many runs of one programme or more, on the same people, and what they came to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from goodword.domain.program import Program
from goodword.insight.simulation.house import compiled
from goodword.insight.simulation.measure import FIGURES, MONTHLY, Interval, Outcome, interval
from goodword.insight.simulation.parameters import Settings, SimulationError
from goodword.insight.simulation.people import Chance
from goodword.insight.simulation.sales import Sales
from goodword.insight.simulation.selfserve import Shop
from goodword.insight.simulation.world import Plan, World

MAX_CUSTOMERS = 100_000
"""Customers who join by themselves in one run."""
MAX_MONTHS = 120
"""Months of one run."""
MAX_RUNS = 1_000
"""Runs of one simulation."""
START = date(2025, 1, 1)
"""When a simulation begins unless it is told: a fixed day, so that the same command gives the same result."""
FLOWS: Mapping[str, type[Shop] | type[Sales]] = {"self_serve": Shop, "sales": Sales}


@dataclass(frozen=True)
class Simulated:
    """What came of a programme: its offer to referrer and friend in the currency's units, the figures of each run, and
    for each run and month end those of `MONTHLY`."""

    program: Program
    offer: tuple[float, float]
    outcomes: Sequence[Outcome]
    months: Sequence[Sequence[tuple[int, int, int]]]

    def figures(self) -> dict[str, Interval]:
        """Every figure with its interval."""
        return {name: interval([outcome[name] for outcome in self.outcomes]) for name in FIGURES}

    def by_month(self) -> Iterator[tuple[int, str, Interval]]:
        """Month from 1, figure, interval of its sum since the beginning."""
        for month in range(len(self.months[0])):
            for place, name in enumerate(MONTHLY):
                yield month + 1, name, interval([run[month][place] for run in self.months])


def program_of(source: Mapping[str, Any]) -> Program:
    """The programme of a valid document, if it is of a kind that is played. Raises `SimulationError`."""
    # A simulation gives to nobody: what runs in test mode is played as it would run live.
    program = compiled({name: part for name, part in source.items() if name not in ("test", "beside")})
    kind = program.document.kind
    if kind != "referral":
        raise SimulationError(
            f"{program.key} is of kind {kind}; the simulation plays programmes of kind referral. "
            f"Simulate the referral programme beside it"
        )
    if program.document.lifecycle.flow not in FLOWS:
        raise SimulationError(
            f"{program.key} has the flow {program.document.lifecycle.flow}; the simulation plays {', '.join(FLOWS)}"
        )
    if program.shared:
        raise SimulationError(
            f"{program.key} has goals or contests, which the simulation does not play, "
            f"for made-up facts never count in them. "
            f"Simulate a copy without them"
        )
    return program


def simulate(
    program: Program, p: Settings, plan: Plan, *, seed: int, runs: int, told: Callable[[int], None] = lambda _run: None
) -> Simulated:
    """Plays the programme `runs` times; `told` hears of each run when it is done."""
    offer = offered(program, p, plan)
    outcomes, months = [], []
    for run in range(1, runs + 1):
        world = play(program, p, plan, Chance(seed, run), offer)
        outcomes.append(outcome(world))
        months.append(world.tally.months)
        told(run)
    return Simulated(program, offer, outcomes, months)


def history(program: Program, p: Settings, plan: Plan, *, seed: int) -> list[dict[str, Any]]:
    """The events of the first run as a host would send them, in order; `occurred_at` is a time. Left out is what only
    this workspace in memory knows by name: moves of rewards of referrals that have none."""
    world = play(program, p, plan, Chance(seed, 1), offered(program, p, plan), keep=True)
    assert world.kept is not None
    return world.kept


def offered(program: Program, p: Settings, plan: Plan) -> tuple[float, float]:
    """What the programme grants a first referrer and friend, in the currency's units."""
    return FLOWS[program.document.lifecycle.flow](program, p, Chance(0, 0), plan).offer()


def play(
    program: Program, p: Settings, plan: Plan, chance: Chance, offer: tuple[float, float], *, keep: bool = False
) -> World:
    """One run, played to its end."""
    world = FLOWS[program.document.lifecycle.flow](program, p, chance, plan, keep=keep)
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
    other = sum(world.worth(row) for row in standing if row.unit != world.currency and row.state != "expired")
    invented = 0.0
    for row in standing:
        referral = state.referrals.get(row.referral_id or "")
        friend = state.participants[referral.referred_id] if referral else None
        if referral and friend and {friend.external_id, referral.external_id} & world.fakes and row.state != "expired":
            invented += world.worth(row)
    new, everybody = tally.joined["referred"], sum(tally.joined.values())
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
        "events": world.house.sent,
    }
