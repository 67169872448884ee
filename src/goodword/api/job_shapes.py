"""The shapes of long questions and their answers. Amounts are whole minor units beside their unit."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from goodword.api.shapes import EVENT, PARTICIPANT, TIME, List, PersonRef, Shape

BACKTEST = "bkt_01jq8x5e4me8k9d3v0h2r6t7wy"

JobState = Literal["waiting", "running", "done", "failed", "cancelled"]


class Progress(Shape):
    """How far it is."""

    done: int = Field(examples=[18_000], description="Steps done: events of the log, or runs of a simulation.")
    total: int = Field(examples=[69_659], description="Of how many; 0 until that is known.")
    share: float = Field(ge=0, le=1, examples=[0.26], description="From 0 to 1.")


class Failure(Shape):
    """Why there is no answer."""

    code: Literal["refused", "invalid_program", "too_long", "process_died", "broken"]
    detail: str = Field(examples=["It took longer than 60 minutes."])


class Job(Shape):
    """A long question: asked, worked at by the worker beside its live work, answered, kept for 30 days."""

    id: str = Field(examples=[BACKTEST])
    state: JobState
    program: str = Field(examples=["give-and-get"], description="The key that the document names.")
    asked_by: str = Field(examples=["key ci"])
    asked_at: datetime = Field(examples=[TIME])
    started_at: datetime | None = Field(examples=[TIME])
    ended_at: datetime | None = Field(examples=[TIME])
    progress: Progress
    failure: Failure | None


class BacktestQuestion(Shape):
    """What was asked beside the document."""

    since: datetime | None = Field(examples=[TIME])
    until: datetime | None = Field(examples=[TIME])
    as_of_version: int | None = Field(examples=[2])
    elasticity: str | None = Field(examples=["0.5"])


class Side(Shape):
    """One of the two sides of a line."""

    rewards: int = Field(examples=[12])
    amount: int = Field(examples=[30_000])


class BacktestTotal(Shape):
    unit: str = Field(examples=["USD"])
    before: Side
    after: Side


class BacktestCost(BacktestTotal):
    """What the rewards of a rule, granted in a month of the program's time zone, cost in the end."""

    rule: str = Field(examples=["thanks"])
    month: str = Field(examples=["2026-03"])


class BacktestCap(Shape):
    """How often a limit left nothing, or a part."""

    rule: str = Field(examples=["thanks"])
    per: str = Field(examples=["program"])
    every: str = Field(examples=["month"])
    led_to: str = Field(examples=["cap_reached"], description="A reason code, or `partial`.")
    before: int
    after: int


class BacktestBudget(Shape):
    """How the use of a limit per program grew in a month, and to how much since its period began."""

    what: str = Field(examples=["budget"])
    rules: str
    every: str = Field(examples=["year"])
    period: str = Field(examples=["2026"])
    month: str = Field(examples=["2026-03"])
    grown: int
    used: int


class Owed(Shape):
    pending: int = Field(description="Held.")
    approved: int = Field(description="Approved and not handed over, less what paid a debt; points: not spent either.")
    owed: int = Field(description="To people: `pending` and `approved`.")
    debt: int = Field(
        description="By people: what was taken back after they had it, and no later reward has paid. Later rewards "
        "pay it; nobody is asked for money back."
    )
    net: int = Field(description="`owed` less `debt`.")


class BacktestLiability(Shape):
    """What would be owed at the end, to people and by them, because of the program's rewards."""

    unit: str = Field(examples=["USD"])
    before: Owed
    after: Owed


class ReturnSide(Shape):
    won: int = Field(description="Referrals won.")
    value: int = Field(description="What they brought.")
    cost: int = Field(description="What rewards in the program's currency cost.")
    ratio: str | None = Field(examples=["2.3100"], description="(value - cost) / cost; null where nothing was spent.")


class BacktestReturn(Shape):
    """What won referrals brought against what they cost, under `assumptions`."""

    currency: str = Field(examples=["USD"])
    before: ReturnSide
    after: ReturnSide
    elasticity: str | None = Field(examples=["0.5"])


class BacktestKind(Shape):
    before: str = Field(examples=["yes rewarded"], description="Outcome and reason, or `none`.")
    after: str = Field(examples=["no cap_reached"])
    count: int


class BacktestChanges(Shape):
    """How many decisions would be others; the first 10,000 are kept with both traces."""

    count: int
    kept: int
    kinds: list[BacktestKind]


class BacktestPeople(Shape):
    """How many people would have more or less; the 10,000 with the greatest change are kept."""

    count: int
    kept: int
    gained: int
    lost: int


class BacktestResult(Shape):
    """`before` is what happened, or what the version that it was compared with would have done; `after` what the
    document would have."""

    version: int | None = Field(description="The published version that the document is, if it is one.")
    events: int
    timers: int = Field(description="Timers that would have rung.")
    decisions: int
    seconds: float
    processes: int
    whole: str | None = Field(description="Why the history was decided in one pass, where it was.")
    assumptions: list[str]
    changed: BacktestChanges
    people: BacktestPeople
    totals: list[BacktestTotal]
    cost: list[BacktestCost]
    caps: list[BacktestCap]
    budgets: list[BacktestBudget]
    liability: list[BacktestLiability]
    return_on_cost: BacktestReturn


class Backtest(Job):
    """A document tried on the workspace's own past. The answer's people and decisions are lists of their own."""

    question: BacktestQuestion


class BacktestAnswer(Backtest):
    """A backtest with its document, and its result once it is `done`."""

    document: dict[str, Any]
    result: BacktestResult | None


class BacktestList(List[Backtest]):
    """One page of backtests."""


class BacktestPerson(Shape):
    """Whose rewards would come to more or less."""

    participant: PersonRef | None = Field(description="Null where nobody is known by that id.")
    unit: str = Field(examples=["USD"])
    before: Side
    after: Side
    change: int


class BacktestPersonList(Shape):
    """One page, the greatest change first."""

    data: list[BacktestPerson]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null on the last.")


class OneDecision(Shape):
    outcome: str = Field(examples=["yes"])
    reason: str = Field(examples=["rewarded"])
    trace: dict[str, Any]


class ChangedDecision(Shape):
    """A decision that would be another one."""

    position: int | None = Field(description="Its place in the log; null for a timer that did not ring then.")
    event: str | None = Field(examples=[EVENT])
    type: str = Field(examples=["order.completed"])
    occurred_at: datetime = Field(examples=[TIME])
    participant: str | None = Field(examples=[PARTICIPANT])
    before: OneDecision | None
    after: OneDecision | None


class ChangedDecisionList(Shape):
    """One page, in the order of the log."""

    data: list[ChangedDecision]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null on the last.")
    removed: bool = Field(description="Whether traces were kept and went, because somebody was erased since.")


class SimulationQuestion(Shape):
    """What was asked beside the documents. `parameters` are those that were changed."""

    customers: int = Field(examples=[1_000])
    months: int = Field(examples=[12])
    runs: int = Field(examples=[20])
    seed: int = Field(examples=[1])
    start: date = Field(examples=["2025-01-01"])
    parameters: dict[str, float] = Field(examples=[{"refer_rate": 0.3}])


class Interval(Shape):
    """A figure over many runs; null where no run has it. `runs_without` is how many have none."""

    mean: float | None
    p10: float | None
    p50: float | None
    p90: float | None
    runs_without: int


class SimulatedFigure(Interval):
    unit: str = Field(examples=["minor"], description="`minor` are minor units of the program's currency.")


class SimulatedMonth(Shape):
    """How things stand at a month's end, since the beginning."""

    month: int
    new_customers: Interval | None = Field(None, description="Left out for a loyalty program.")
    cost: Interval
    liability: Interval
    points_left: Interval | None = Field(None, description="Where there are points: those outstanding.")


class Offer(Shape):
    """What a first friend or customer brings, in the currency's major unit, at the values assumed. Of a loyalty program
    `referrer` is what an order of average worth brings a member."""

    referrer: float
    referred: float


class SimulatedNote(Shape):
    """What to know before the figures. `about` is what the message names."""

    code: str = Field(examples=["contest_too_early"])
    message: str = Field(examples=["spring-2026 is over on 2026-06-30, before the first day that is played."])
    about: dict[str, str] = Field(examples=[{"contest": "spring-2026", "day": "2026-06-30"}])


class SimulatedProgram(Shape):
    """One program on people that a model made up."""

    simulated: Literal[True]
    name: str
    program: str
    kind: str = Field(examples=["referral"])
    currency: str
    offer: Offer
    notes: list[SimulatedNote]
    figures: dict[str, SimulatedFigure] = Field(description="Those that mean something for a program of its kind.")
    months: list[SimulatedMonth]


class SimulationResult(Shape):
    """Nothing of it is measured. `difference` is the second program less the first, on the same people."""

    simulated: Literal[True]
    parameters: dict[str, float]
    programs: list[SimulatedProgram]
    difference: dict[str, SimulatedFigure] | None


class Simulation(Job):
    """A program, or two, played forward on people that a published model makes up."""

    simulated: Literal[True]
    question: SimulationQuestion


class SimulationAnswer(Simulation):
    """A simulation with its documents, and its result once it is `done`."""

    documents: list[dict[str, Any]]
    result: SimulationResult | None


class SimulationList(List[Simulation]):
    """One page of simulations."""
