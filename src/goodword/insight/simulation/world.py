"""One run: people act in the order of time, the programme answers, and what it answers changes what they do next."""

from __future__ import annotations

import heapq
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from itertools import count
from typing import Any, NamedTuple

from goodword.domain import ids, money
from goodword.domain.debts import is_lot
from goodword.domain.draft import Decision
from goodword.domain.events import EventError
from goodword.domain.fields import STATES
from goodword.domain.payloads import CATALOGUE, RESERVED_NOUNS
from goodword.domain.program import Program
from goodword.domain.rows import Referral, Reward, Transfer
from goodword.insight.simulation.house import House
from goodword.insight.simulation.measure import Tally, points_unit
from goodword.insight.simulation.parameters import Settings, SimulationError
from goodword.insight.simulation.people import Chance, Person, friend_name, lift, person, poisson
from goodword.insight.simulation.points import count_points
from goodword.insight.simulation.together import Together

SOURCE = "simulation"
MONTH = timedelta(days=365.25 / 12)
MAX_PEOPLE = 500_000
"""People of one run, friends and inventions included."""
MAX_GROWTH = 20
"""People of one run for each customer who joins by themselves, and for each of `LEAST_GROWTH` where those are fewer."""
LEAST_GROWTH = 500


class Plan(NamedTuple):
    """How many join by themselves, over how many months, from when."""

    customers: int
    months: int
    start: date


class World(ABC):
    """See the module. What a flow has of its own is in `selfserve` and `sales`."""

    typical = 0.0
    """An average order or deal in the currency's units."""

    def __init__(self, program: Program, p: Settings, chance: Chance, plan: Plan, *, keep: bool = False) -> None:
        self.program, self.p, self.chance, self.plan = program, p, chance, plan
        self.currency = program.document.currency
        self.minor = 10 ** money.decimals(self.currency)
        self.house = House(program)
        self.together = Together(program, self.house.state, p, chance, plan.customers)
        self.points = points_unit(program)
        self.tally = Tally(self.currency, self.points)
        self.kept: list[dict[str, Any]] | None = [] if keep else None
        self.end = month_ends(plan)[-1]
        self.referred_offer = 0.0
        self._mark = _mark(program, p, chance, plan)
        self.fakes: set[str] = set()
        self.customers: list[Person] = []
        self._known = 0
        self._most = min(MAX_PEOPLE, MAX_GROWTH * max(plan.customers, LEAST_GROWTH))
        self.passed: Callable[[], None] = lambda: None
        """Called when a month is over."""
        self._handled: set[str] = set()
        self._to_be_paid: dict[str, list[str]] = {}
        self._owners: dict[str, Person] = {}
        self._queue: list[tuple[datetime, int, Callable[..., None], tuple[Any, ...]]] = []
        self._turns = count()
        paid = [rule.on for rule in program.document.rewards if rule.to == "referrer"]
        decisive = [state for state in STATES if f"referral.{state}" in paid]
        self._decisive = decisive[-1] if decisive else ""

    # What a flow says

    @classmethod
    @abstractmethod
    def plays(cls, program: Program, name: str) -> bool:
        """Whether people here cause events of that type, where the programme waits for them."""

    @abstractmethod
    def join(self, one: Person, at: datetime) -> None:
        """Somebody becomes known, and a customer."""

    @abstractmethod
    def invite(self, one: Person, friend: str, at: datetime) -> None:
        """A recommendation reaches a friend."""

    @abstractmethod
    def cheat(self, one: Person, friend: str, at: datetime) -> None:
        """An attempt of a cheat."""

    def month(self, one: Person, number: int, at: datetime) -> None:
        """What else a month brings: nothing, where a flow does not say."""
        return

    # A run

    def run(self, offer: tuple[float, float]) -> None:
        """Plays all months. `offer` is what the programme promises referrer and friend."""
        own, self.referred_offer = offer
        self.together.typical = self.typical * self.minor
        self.gather(own)
        for month_end in month_ends(self.plan):
            while self._queue and self._queue[0][0] < month_end:
                at, _turn, act, arguments = heapq.heappop(self._queue)
                act(*arguments, at)
            self.react(self.house.ring(month_end), month_end)
            self.tally.close_month(self.points_left())
            self.passed()

    def gather(self, own: float) -> None:
        """Those who join by themselves get their moments; `own` is what they expect of the programme."""
        for number in range(self.plan.customers):
            name = f"sim-{number + 1:06}"
            channel = "paid" if self.chance.share(name, "channel") < self.p["paid_share"] else "organic"
            self.later(self.joins(name), self.join, person(self.chance, self.p, name, channel, own))

    def joins(self, name: str) -> datetime:
        """When somebody joins: at the beginning, or evenly over the time."""
        begin = self.moment(self.plan.start)
        late = max(0.0, self.chance.share(name, "joins") - self.p["start_share"]) / max(1e-9, 1 - self.p["start_share"])
        return begin + (self.end - begin) * late

    def points_left(self) -> int:
        """The points that are outstanding."""
        return count_points(self.house.state, self.points, self.tally.points_spent).left if self.points else 0

    @staticmethod
    def moment(day: date) -> datetime:
        """The first moment of a day."""
        return datetime(day.year, day.month, day.day, tzinfo=UTC)

    def later(self, at: datetime, act: Callable[..., None], *arguments: Any) -> None:
        """Puts an act into its place in time, to the second; `act` gets the moment as its last argument."""
        if at < self.end:
            heapq.heappush(self._queue, (at.replace(microsecond=0), next(self._turns), act, arguments))

    def after(self, at: datetime, days: float, act: Callable[..., None], *arguments: Any) -> None:
        """The same, days from a moment."""
        if days <= (self.end - at).days + 1:
            self.later(at + timedelta(days=days), act, *arguments)

    def met(self, one: Person) -> Person:
        """Counts somebody who becomes known to the host."""
        self._known += 1
        if self._known > self._most:
            raise SimulationError(self._too_many())
        self._owners[one.name] = one
        return one

    def _too_many(self) -> str:
        month = len(self.tally.months) + 1
        names = ("refer_rate", "through_program") if not self.program.is_partner else ("partners", "partner_rate")
        now = " or ".join(f"{name} (now {self.p[name]:g})" for name in names)
        per = f", {MAX_GROWTH} for each who joins by themselves," if self._most < MAX_PEOPLE else ""
        return (
            f"the friends of friends outgrow {self._most:,} people{per} in month {month} of {self.plan.months}; lower "
            f"{now} with --set, or simulate fewer months" + ("" if per else " or customers")
        )

    def begin(self, one: Person, at: datetime) -> None:
        """Somebody is a customer from now on."""
        one.since = at
        self.customers.append(one)
        self.tally.joined[one.channel] += 1
        self.later(at + MONTH * self.chance.share(one.name, "phase"), self.tick, one, 0)

    def tick(self, one: Person, number: int, at: datetime) -> None:
        """A month of a customer: friends, and attempts of a cheat."""
        if one.left:
            return
        rate = self.p["refer_rate"] * self.p["through_program"] * one.factor
        rate *= lift(one.offer, self.typical, self.p["reward_lift"], self.p["reward_half"])
        rate *= self.together.pull(one.name, at)
        for turn in range(poisson(self.chance.share(one.name, f"friends {number}"), rate)):
            friend = friend_name(one, f"{number}.{turn}")
            self.later(at + MONTH * self.chance.share(friend, "day"), self.invite, one, friend)
        if one.cheat and one.offer > 0:
            for turn in range(poisson(self.chance.share(one.name, f"attempts {number}"), self.p["cheat_rate"])):
                friend = friend_name(one, f"{number}.x{turn}")
                self.later(at + MONTH * self.chance.share(friend, "day"), self.cheat, one, friend)
        self.month(one, number, at)
        self.later(at + MONTH, self.tick, one, number + 1)

    # Events

    def say(
        self, kind: str, at: datetime, who: Person | None = None, *,
        account: str | None = None, send: bool = True, **properties: Any,
    ) -> list[Decision]:  # fmt: skip
        """One event, as the host would send it, and what was decided; `send` is whether it is of the kind a file of
        events has."""
        raw: dict[str, Any] = {
            "type": kind,
            "event_id": f"sim-{self._mark}-{self.house.sent + 1:07}",
            "source": SOURCE,
            "occurred_at": at,
            "properties": {**properties, "simulated": True},
        }
        if who:
            known: dict[str, object] = {"external_id": who.name, "email": who.email, "simulated": True}
            raw["participant"] = known | self.together.traits(who.name)
        if account:
            raw["account"] = account
        try:
            decisions = self.house.send(raw, at)
        except EventError as error:
            raise SimulationError(f"the simulation cannot play {kind}: {error}") from error
        if self.kept is not None and send:
            self.kept.append(raw)
        self.react(decisions, at)
        return decisions

    def react(self, decisions: Iterable[Decision], at: datetime) -> None:
        """The house does what it must, and people learn what they get."""
        for decision in decisions:
            self.tally.told(decision)
            if "statement" in decision.trace and decision.trace["statement"]["payable"]:
                self.after(at, self.p["issue_days"], self._pay_out, decision.participant_id)
            for effect in decision.effects:
                if isinstance(effect, Transfer):
                    self.tally.move(effect)
                elif isinstance(effect, Reward):
                    self._hand_over(effect, at)
                elif isinstance(effect, Referral) and effect.state == self._decisive:
                    self._learn(effect)

    def _learn(self, referral: Referral) -> None:
        """The referrer knows now what a friend brings."""
        name = self.house.state.participants[referral.referrer_id].external_id
        if name in self._owners:
            self._owners[name].offer = self.paid(referral)[0]

    def paid(self, referral: Referral) -> tuple[float, float]:
        """What a referral has brought its referrer and its friend, in the currency's units."""
        state = self.house.state
        rows = [state.rewards[id] for id in state.rewards_of.get(referral.id, ())]
        standing = [row for row in rows if row.state not in ("rejected", "cancelled")]
        own = sum(self.worth(row) for row in standing if row.participant_id == referral.referrer_id)
        return own, sum(self.worth(row) for row in standing if row.participant_id == referral.referred_id)

    def worth(self, row: Reward) -> float:
        """What a reward is worth to whoever gets it, in the currency's units."""
        if row.amount is not None:
            left = row.amount - row.reversed
            if row.unit == "percent":
                return self.typical * left / 100
            return left / self.minor if row.unit == self.currency else left * self.p["unit_value"]
        percent = row.gift.get("percent")
        if isinstance(percent, int | float):
            return self.typical * percent / 100
        if row.rule in self.program.catalogue:
            return self.program.catalogue[row.rule].price * self.p["unit_value"]
        return 0.0 if row.gift["type"] == "recognition" else self.p["gift_value"]

    # The house

    def _hand_over(self, row: Reward, at: datetime) -> None:
        if row.state == "pending" and row.needs_approval:
            self._once(row, "approve", max(at, row.granted_at), self.p["approve_days"], self._decide)
        elif row.state == "approved" and not is_lot(self.program, row):
            if self.program.document.statement:
                self._to_be_paid.setdefault(row.participant_id, []).append(row.id)
                return
            self._once(row, "issue", max(at, row.approved_at or at), self.p["issue_days"], self._issue)

    def _once(self, row: Reward, what: str, at: datetime, days: float, act: Callable[..., None]) -> None:
        if f"{what} {row.id}" not in self._handled:
            self._handled.add(f"{what} {row.id}")
            self.after(at, days, act, row.id)

    def _decide(self, id: str, at: datetime) -> None:
        said_yes = self.chance.share(self._named(id), "approved") < self.p["approved"]
        self._move("approved" if said_yes else "rejected", id, at)

    def _issue(self, id: str, at: datetime) -> None:
        self._move("issued", id, at)
        name = self._named(id)
        if self.chance.share(name, "redeemed") < self.p["redeemed"]:
            self.after(at, self.chance.wait(name, "redeems", self.p["redeem_days"]), self._redeem, id)

    def _named(self, id: str) -> str:
        """What a reward is called where chance asks: by whose it is and what for, the same under every programme."""
        row, state = self.house.state.rewards[id], self.house.state
        referral = state.referrals.get(row.referral_id or "")
        friend = state.participants[referral.referred_id] if referral else None
        about = (friend.external_id or friend.email) if friend else ""
        return f"{state.participants[row.participant_id].external_id}/{row.rule}/{about}/{row.granted_at.isoformat()}"

    def _pay_out(self, partner: str, at: datetime) -> None:
        """What a statement lets be paid is paid: everything that was approved and still is."""
        for id in dict.fromkeys(self._to_be_paid.pop(partner, ())):
            if self.house.state.rewards[id].state == "approved":
                self._issue(id, at)

    def _redeem(self, id: str, at: datetime) -> None:
        self._move("redeemed", id, at)

    def _move(self, verb: str, id: str, at: datetime) -> None:
        """Named by referral and rule where the referral has a name: only such an event means the same elsewhere."""
        row = self.house.state.rewards[id]
        referral = self.house.state.referrals.get(row.referral_id or "")
        if referral and referral.external_id:
            self.say(f"reward.{verb}", at, referral=referral.external_id, rule=row.rule)
        else:
            self.say(f"reward.{verb}", at, send=False, reward=ids.public("rwd", id))


def _mark(program: Program, p: Settings, chance: Chance, plan: Plan) -> str:
    """What tells the events of a history from those of others that are loaded into the same workspace."""
    what = [program.source, p, chance.seed, chance.run, plan.customers, plan.months, plan.start.isoformat()]
    return blake2b(json.dumps(what, sort_keys=True, default=str).encode(), digest_size=6).hexdigest()


def month_ends(plan: Plan) -> list[datetime]:
    """The last moment of each month, which is the first of the next."""
    found = []
    for number in range(1, plan.months + 1):
        years, month = divmod(plan.start.month - 1 + number, 12)
        day = min(plan.start.day, 28)
        found.append(datetime(plan.start.year + years, month + 1, day, tzinfo=UTC))
    return found


def listened(source: Any) -> Iterator[str]:
    """Every type of event that a document waits for, wherever it says `on`, or counts in a goal or contest."""
    if isinstance(source, Mapping):
        for key, value in source.items():
            if key == "on":
                yield from _names(value)
            elif key == "metric" and isinstance(value, Mapping):
                yield from _names([value.get("count"), value.get("sum")])
            yield from listened(value)
    elif isinstance(source, list):
        for value in source:
            yield from listened(value)


def _names(value: Any) -> Iterator[str]:
    found = value if isinstance(value, list) else [value]
    yield from (name for name in found if isinstance(name, str) and "." in name)


def custom(name: str) -> bool:
    """Whether a type is one of the host's own."""
    return name not in CATALOGUE and name.partition(".")[0] not in RESERVED_NOUNS
