"""A shop: people sign up with a code, order, give things back, and leave."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from goodword.domain.program import Program
from goodword.insight.simulation.parameters import Settings, SimulationError
from goodword.insight.simulation.people import FAKE, REFUND, SELF, Chance, Person, lift, person, shopper
from goodword.insight.simulation.world import Plan, World, custom, listened

PLAYED = frozenset({
    "participant.signed_up", "order.completed", "order.refunded", "invoice.paid", "milestone.reached",
    "subscription.started", "subscription.renewed", "subscription.cancelled",
})  # fmt: skip
"""The standard types of event that a shop's people cause, where the programme waits for them."""
SAID = frozenset({"participant.identified", "link.created"})
"""Those that the host tells of in any case."""
PROBE_ORDERS = 5


class Shop(World):
    """See the module."""

    def __init__(self, program: Program, p: Settings, chance: Chance, plan: Plan, *, keep: bool = False) -> None:
        super().__init__(program, p, chance, plan, keep=keep)
        self.typical = p["spend_p"] * p["spend_gamma"] / (p["spend_q"] - 1)
        self.waits_for = {name for name in listened(program.source) if name in PLAYED or custom(name)}
        self._accounts = "account." in str(program.source) or self.together.by_account
        unplayed = program.steps.keys() - self.waits_for
        if unplayed:
            raise SimulationError(
                f"the simulation does not play {', '.join(sorted(unplayed))}, which the lifecycle waits for; it plays "
                f"{', '.join(sorted(PLAYED))} and types of your own"
            )

    @classmethod
    def plays(cls, program: Program, name: str) -> bool:
        return name in PLAYED or name in SAID or custom(name)

    def offer(self) -> tuple[float, float]:
        """What a first friend who orders a few times brings referrer and friend: tried in an empty workspace."""
        at = self.moment(self.plan.start)
        ada = self.met(Person("probe", "organic", 1, "", 0))
        self.known(ada, at - timedelta(days=400))
        self.link(ada, at)
        friend = self.met(Person("probe-friend", "referred", 1, "", 0, ada))
        self.say("participant.signed_up", at, friend, code=self.code(ada))
        for number in range(PROBE_ORDERS):
            self.buy(friend, round(self.typical * self.minor), at + timedelta(days=number))
        found = [self.paid(referral) for referral in self.house.state.referrals.values()]
        return found[0] if found else (0.0, 0.0)

    @staticmethod
    def code(one: Person) -> str:
        """The code of somebody's link."""
        return one.name.replace(".", "_")[:64]

    def known(self, one: Person, since: datetime) -> None:
        """The host tells of somebody's company, where the programme asks for one."""
        if self._accounts:
            account = f"acc-{self.together.group(one.name)}" if self.together.by_account else f"acc-{one.name}"
            facts: dict[str, Any] = {
                "status": "paying",
                "plan": "pro",
                "since": since.isoformat(),
                "active_days_30": 12,
            }
            self.say("account.updated", max(since, self.moment(self.plan.start)), account=account, **facts)
            self.say("participant.identified", max(since, self.moment(self.plan.start)), one, account=account)

    def link(self, one: Person, at: datetime) -> None:
        """Somebody shares for the first time."""
        if not one.shared:
            one.shared = True
            self.say("link.created", at, one, program=self.program.key, code=self.code(one))

    def draw(self, one: Person) -> None:
        """How somebody orders."""
        shopper(self.chance, self.p, one)

    def join(self, one: Person, at: datetime) -> None:
        self.met(one)
        self.draw(one)
        already = at == self.moment(self.plan.start)
        self.known(one, at - timedelta(days=400 * self.chance.share(one.name, "age")) if already else at)
        if already:
            if not self._accounts:
                self.say("participant.identified", at, one)
            one.orders = 1  # the first order was before anybody looked
            self.begin(one, at)
            self.next_order(one, at)
        else:
            self.say("participant.signed_up", at, one)
            self.order(one, at)

    def invite(self, one: Person, friend: str, at: datetime) -> None:
        chances = lift(self.referred_offer, self.typical, self.p["friend_lift"], self.p["reward_half"])
        if self.chance.share(friend, "signs up") >= self.p["friend_signs_up"] * chances:
            return
        self.link(one, at)
        new = self.met(person(self.chance, self.p, friend, "referred", one.offer, one))
        self.draw(new)
        self.say("participant.signed_up", at, new, code=self.code(one))
        if self.chance.share(friend, "orders") < self.p["friend_orders"] * chances:
            self.after(at, self.chance.wait(friend, "first order", self.p["friend_days"]), self.order, new)

    def order(self, one: Person, at: datetime) -> None:
        """An order, what comes of it, and when the next one will be."""
        if one.since is None:
            self.known(one, at)
            self.begin(one, at)
        one.orders += 1
        turn = f"{one.name}-o{one.orders}"
        value = max(1, round(self.chance.gamma(turn, "value", self.p["spend_p"], one.scale) * self.minor))
        self.tally.orders += 1
        self.tally.first_referred += one.orders == 1 and one.referrer is not None
        self.earned(one, one.orders, value)
        order_id = self.buy(one, value, at)
        if self.chance.share(turn, "gives back") < self.p["refund_share"]:
            back = value // 2 if self.chance.share(turn, "part") < self.p["refund_part"] else value
            wait = self.chance.wait(order_id, "refund", self.p["refund_days"])
            self.after(at, wait, self.refund, one, order_id, back, one.orders)
        if one.orders > 1 and self.chance.share(turn, "leaves") < one.dropout:
            self.leave(one, at)
        else:
            self.next_order(one, at)

    def earned(self, one: Person, number: int, value: int) -> None:
        """What somebody's order with that number brings, or, below zero, what goes back."""
        if one.referrer and one.name not in self.fakes:
            self.tally.margin += value * self.p["margin"]

    def next_order(self, one: Person, at: datetime) -> None:
        """The next order of somebody who did not leave."""
        if one.rate > 0:
            rate = one.rate * self.together.pull(one.name, at, events=True)
            self.after(at, self.days_to_next(one, one.orders, rate), self.order, one)

    def days_to_next(self, one: Person, number: int, rate: float) -> float:
        """Days from the order with that number to the next one, at so many orders a week."""
        weeks = self.chance.wait(f"{one.name}-o{number}", "next order", 1.0)
        return min(1e6, 7 * weeks / rate)

    def buy(self, one: Person, value: int, at: datetime) -> str:
        """The events of one order; its id."""
        order_id = f"{one.name}-o{one.orders}"
        paid: dict[str, Any] = {"value": value, "currency": self.currency}
        self.say("order.completed", at, one, order_id=order_id, **paid)
        renewal = "subscription.started" if one.orders <= 1 else "subscription.renewed"
        for kind in sorted(self.waits_for - {"order.completed", "order.refunded", "participant.signed_up"}):
            if kind == "milestone.reached":
                self.say(kind, at, one, milestone=f"order {one.orders}")
            elif kind in ("invoice.paid", renewal) or (custom(kind) and kind not in self.program.reversals):
                self.say(kind, at, one, **paid)
        return order_id

    def refund(self, one: Person, order_id: str, value: int, number: int, at: datetime) -> None:
        """An order is given back, or a part."""
        self.earned(one, number, -value)
        self.say("order.refunded", at, one, order_id=order_id, value=value, currency=self.currency)

    def leave(self, one: Person, at: datetime) -> None:
        """Somebody is gone for good."""
        one.left = at
        for kind in sorted(self.waits_for & (self.program.reversals | {"subscription.cancelled"})):
            if kind == "subscription.cancelled" or custom(kind):
                self.say(kind, at, one)

    def cheat(self, one: Person, friend: str, at: datetime) -> None:
        self.link(one, at)
        if one.cheat == SELF:
            self.say("participant.signed_up", at, one, code=self.code(one))
            return
        assert one.cheat in (FAKE, REFUND)
        fake = self.met(Person(friend, "invented", 0, "", 0, one))
        self.fakes.add(friend)
        self.say("participant.signed_up", at, fake, code=self.code(one))
        value = round(self.typical * self.minor)
        order_id = self.buy(fake, value, at)
        if one.cheat == REFUND:
            self.after(at, self.p["cheat_days"], self.refund, fake, order_id, value, 1)
