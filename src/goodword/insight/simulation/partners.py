"""Partner programmes: partners send people through their links, or put deals forward, and are paid by statements."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from goodword.domain.program import Program
from goodword.insight.simulation.parameters import Settings
from goodword.insight.simulation.people import CHEATS, REFUND, SELF, Chance, Person, friend_name, lift, person, poisson
from goodword.insight.simulation.sales import Sales
from goodword.insight.simulation.selfserve import PROBE_ORDERS, Shop
from goodword.insight.simulation.subscribers import PAYMENTS, Subscribers
from goodword.insight.simulation.world import MONTH, Plan, World


class Partners(World):
    """Who brings customers here: partners, who are none themselves. Customers do not refer."""

    def gather(self, own: float) -> None:
        super().gather(own)
        for number in range(max(1, round(self.plan.customers * self.p["partners"]))):
            name = f"partner-{number + 1:05}"
            shape = self.p["partner_shape"]
            cheat = ""
            if self.chance.share(name, "cheat") < self.p["cheats"]:
                cheat = CHEATS[int(self.chance.share(name, "way") * len(CHEATS))]
            one = Person(name, "partner", self.chance.gamma(name, "activity", shape, 1 / shape), cheat, own)
            self.later(self.joins(name), self.enrol, one)

    def enrol(self, one: Person, at: datetime) -> None:
        """A partner begins."""
        self.met(one)
        self.enrolled(one, at)
        self.later(at + MONTH * self.chance.share(one.name, "phase"), self.tick, one, 0)

    def enrolled(self, one: Person, at: datetime) -> None:
        """The host tells of a partner."""
        self.say("participant.identified", at, one)

    def tick(self, one: Person, number: int, at: datetime) -> None:
        """A month of a partner, or of a customer, who brings nobody."""
        if one.channel != "partner":
            super().tick(one, number, at)
            return
        rate = self.p["partner_rate"] * one.factor
        rate *= lift(one.offer, self.typical, self.p["reward_lift"], self.p["reward_half"])
        rate *= self.together.pull(one.name, at)
        for what, mean, act in (("", rate, self.invite), ("x", self.p["cheat_rate"], self.cheat)):
            if what and not (one.cheat and one.offer > 0):
                continue
            for turn in range(poisson(self.chance.share(one.name, f"brings {what}{number}"), mean)):
                friend = friend_name(one, f"{number}.{what}{turn}")
                self.later(at + MONTH * self.chance.share(friend, "day"), act, one, friend)
        self.later(at + MONTH, self.tick, one, number + 1)


class PartnerShop(Partners, Shop, Subscribers):
    """Partners share a link; whoever came through it orders, or subscribes where the programme hears of payments."""

    def __init__(self, program: Program, p: Settings, chance: Chance, plan: Plan, *, keep: bool = False) -> None:
        super().__init__(program, p, chance, plan, keep=keep)
        self._subscriptions = bool(self.waits_for & PAYMENTS)
        if self._subscriptions:
            self.typical = p["plan_price"]

    def offer(self) -> tuple[float, float]:
        """What a first customer who pays a few times brings a partner: tried in an empty workspace."""
        at = self.moment(self.plan.start)
        ada = self.met(Person("probe", "partner", 1, "", 0))
        self.enrolled(ada, at)
        friend = self.met(Person("probe-friend", "referred", 1, "", 0, ada, value=self.typical))
        self.say("participant.signed_up", at, friend, code=self.code(ada))
        for number in range(1, PROBE_ORDERS + 1):
            friend.orders = number
            if self._subscriptions:
                self.pay(friend, 1, number, at + timedelta(days=number))
            else:
                self.buy(friend, round(self.typical * self.minor), at + timedelta(days=number))
        found = [self.paid(referral) for referral in self.house.state.referrals.values()]
        return found[0] if found else (0.0, 0.0)

    def enrolled(self, one: Person, at: datetime) -> None:
        self.known(one, at)
        self.link(one, at)

    def draw(self, one: Person) -> None:
        super().draw(one)
        if one.channel != "invented":
            one.factor, one.cheat = 0.0, ""

    def join(self, one: Person, at: datetime) -> None:
        if not self._subscriptions:
            super().join(one, at)
            return
        self.met(one)
        self.draw(one)
        self.known(one, at)
        self.say("participant.identified" if at == self.moment(self.plan.start) else "participant.signed_up", at, one)
        self.become(one, at)

    def become(self, one: Person, at: datetime) -> None:
        """Somebody pays from now on."""
        self.begin(one, at)
        self.tally.orders += 1
        self.tally.first_referred += one.referrer is not None
        self.subscribe(one, self.p["plan_price"], at)

    def invite(self, one: Person, friend: str, at: datetime) -> None:
        new = self.met(person(self.chance, self.p, friend, "referred", 0, one))
        self.draw(new)
        self.say("participant.signed_up", at, new, code=self.code(one))
        if self.chance.share(friend, "orders") < self.p["partner_wins"]:
            days = self.chance.wait(friend, "first order", self.p["friend_days"])
            self.after(at, days, self.become if self._subscriptions else self.order, new)

    def cheat(self, one: Person, friend: str, at: datetime) -> None:
        if not self._subscriptions or one.cheat == SELF:
            super().cheat(one, friend, at)
            return
        fake = self.met(Person(friend, "invented", 0, "", 0, one, value=self.typical))
        self.fakes.add(friend)
        self.say("participant.signed_up", at, fake, code=self.code(one))
        self.pay(fake, 1, 1, at)
        fake.left = at
        if one.cheat == REFUND:
            value = round(self.typical * self.minor)
            self.after(at, self.p["cheat_days"], self.repay, fake, f"{friend}-i1", value)


class PartnerSales(Partners, Sales, Subscribers):
    """Partners put deals forward; sales accept and win them, and the customer pays from then on."""

    @classmethod
    def plays(cls, program: Program, name: str) -> bool:
        return super().plays(program, name) or name in PAYMENTS

    def offer(self) -> tuple[float, float]:
        """What a first deal brings a partner until its first year is paid: tried in an empty workspace."""
        at = self.moment(self.plan.start)
        ada = self.met(Person("probe", "partner", 1, "", 0))
        self.enrolled(ada, at)
        lead = {"email": "probe-lead@example.com", "company": "Lead", "country": "US", "employees": 200}
        self.say("referral.submitted", at, ada, referral="probe-lead", referred=lead, program=self.program.key)
        value = round(self.typical * self.minor)
        self.move("probe-lead", "qualified", at + timedelta(days=1))
        self.move("probe-lead", "closed_won", at + timedelta(days=2), value)
        new = self.met(Person("probe-lead", "referred", 1, "", 0, ada, value=self.typical / 12))
        self.known(new, at + timedelta(days=2), at, trouble=False)
        self.pay(new, 12, 1, at + timedelta(days=3))
        found = [self.paid(referral) for referral in self.house.state.referrals.values()]
        return found[0] if found else (0.0, 0.0)

    def enrolled(self, one: Person, at: datetime) -> None:
        self.known(one, at, at - timedelta(days=400), trouble=False)

    def join(self, one: Person, at: datetime) -> None:
        one.factor, one.cheat = 0.0, ""
        super().join(one, at)

    def month(self, one: Person, number: int, at: datetime) -> None:
        """Customers of partners pay and leave as subscribers do; the others leave as they would."""
        if not one.referrer:
            super().month(one, number, at)

    def churn(self, _one: Person) -> float:
        return self.p["company_churn"]

    def cancelled(self, one: Person, at: datetime) -> None:
        self.say("account.updated", at, account=f"acc-{one.name}", status="churned")
        super().cancelled(one, at)

    def invite(self, one: Person, friend: str, at: datetime) -> None:
        self.submit(one, friend, at, {"email": f"{friend}@example.com", "name": f"Lead {friend}"})
        if self.open(friend):
            good = self.chance.share(friend, "accepted") < self.p["deal_accepted"]
            days = self.chance.wait(friend, "accepts", self.p["accept_days"])
            self.after(at, days, self.accept if good else self.reject, one, friend)

    def reject(self, _one: Person, friend: str, at: datetime) -> None:
        """Sales turn a deal down."""
        self.turn_down(friend, at)

    def accept(self, one: Person, friend: str, at: datetime) -> None:
        """Sales accept a deal; it is won or lost."""
        if self.open(friend):
            self.move(friend, "qualified", at)
            won = self.chance.share(friend, "won") < self.p["deal_won"]
            days = self.chance.wait(friend, "closes", self.p["deal_days"])
            self.after(at, days, self.win if won else self.lose, one, friend)

    def win(self, one: Person, friend: str, at: datetime) -> None:
        if not self.open(friend):
            return
        size = self.chance.normal(friend, "deal") * self.p["deal_sigma"]
        yearly = self.p["deal_median"] * math.exp(size)
        self.move(friend, "closed_won", at, round(yearly * self.minor))
        new = self.met(person(self.chance, self.p, friend, "referred", 0, one))
        new.factor, new.cheat = 0.0, ""
        self.known(new, at, at)
        self.begin(new, at)
        self.tally.orders += 1
        self.tally.first_referred += 1
        self.subscribe(new, yearly / 12, at + timedelta(minutes=1))


def brought(world: World) -> dict[str, Any]:
    """How many partners brought a customer, and how many deals were registered."""
    state = world.house.state
    real = [
        row
        for row in state.referrals.values()
        if state.participants[row.referred_id].external_id not in world.fakes and row.external_id not in world.fakes
    ]
    return {
        "partners_active": len({row.referrer_id for row in real if row.state == "closed_won"}),
        "registered": sum("registered" in row.properties for row in real),
    }
