"""A loyalty programme: members order, earn points, spend them from the catalogue, and forget the rest."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from goodword.domain.program import Program
from goodword.insight.simulation.parameters import Settings
from goodword.insight.simulation.people import Chance, Person, lift
from goodword.insight.simulation.points import spendable
from goodword.insight.simulation.selfserve import Shop
from goodword.insight.simulation.subscribers import PAYMENTS, Subscribers
from goodword.insight.simulation.world import Plan


class Members(Shop, Subscribers):
    """See the module. Nobody refers, and nobody cheats. `_without` is how many orders a member would have made until
    the end without the programme."""

    def __init__(self, program: Program, p: Settings, chance: Chance, plan: Plan, *, keep: bool = False) -> None:
        super().__init__(program, p, chance, plan, keep=keep)
        self._subscriptions = bool(self.waits_for & PAYMENTS)
        self._dearest = sorted(program.document.catalogue, key=lambda item: (-item.price, item.id))
        self._lift = 1.0
        self._without: dict[str, int] = {}

    def offer(self) -> tuple[float, float]:
        """What one order of average worth brings a member: tried in an empty workspace."""
        at = self.moment(self.plan.start)
        ada = self.met(Person("probe", "organic", 0, "", 0))
        self.known(ada, at - timedelta(days=400))
        ada.orders = 1
        self.buy(ada, round(self.typical * self.minor), at)
        return sum(self.worth(row) for row in self.house.state.rewards.values()), 0.0

    def gather(self, own: float) -> None:
        self._lift = lift(own, self.typical, self.p["points_lift"], self.p["reward_half"])
        super().gather(own)

    def draw(self, one: Person) -> None:
        super().draw(one)
        one.factor, one.cheat = 0.0, ""

    def begin(self, one: Person, at: datetime) -> None:
        super().begin(one, at)
        self._without[one.name] = self._orders_without(one, at)
        one.rate *= self._lift
        if self._subscriptions:
            self.subscribe(one, self.p["plan_price"], at)

    def _orders_without(self, one: Person, at: datetime) -> int:
        """How many orders they would have made by the end: the same chance, at the rate that is theirs."""
        number = max(one.orders, 1)
        while one.rate > 0:
            days = self.days_to_next(one, number, one.rate)
            if days > (self.end - at).days + 1 or (at := at + timedelta(days=days)) >= self.end:
                break
            number += 1
            if self.chance.share(f"{one.name}-o{number}", "leaves") < one.dropout:
                break
        return number

    def earned(self, one: Person, number: int, value: int) -> None:
        if number > self._without[one.name]:
            self.tally.added += value * self.p["margin"]

    def received(self, one: Person, value: int) -> None:
        """Subscriptions are as they are."""

    def buy(self, one: Person, value: int, at: datetime) -> str:
        """Subscribers pay at their own times."""
        heard = self.waits_for
        self.waits_for = heard - PAYMENTS
        try:
            return super().buy(one, value, at)
        finally:
            self.waits_for = heard

    def month(self, one: Person, number: int, at: datetime) -> None:
        """A look at the catalogue."""
        if not self._dearest or self.chance.share(one.name, "redeems") >= self.p["redeemers"]:
            return
        if self.chance.share(one.name, f"looks {number}") >= 1 - math.exp(-self.p["redeem_rate"]):
            return
        id = self.house.state.participant_by_external.get(one.name)
        for item in self._dearest:
            unit = item.unit or self.program.document.units[0]
            if id and spendable(self.house.state, id, unit) >= item.price:
                told = self.say("catalogue.redeemed", at, one, program=self.program.key, item=item.id)
                if any(decision.reason == "redeemed" for decision in told):
                    return
