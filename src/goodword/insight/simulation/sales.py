"""Sales: customers put companies forward, and people qualify, work and close the leads."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from goodword.domain.program import Program
from goodword.domain.rows import OPEN
from goodword.insight.simulation.parameters import Settings, SimulationError
from goodword.insight.simulation.people import SELF, Chance, Person, person
from goodword.insight.simulation.world import Plan, World, custom, listened

COUNTRIES, INDUSTRIES = ("US", "CA"), ("software", "finance", "retail", "health")
SAID = frozenset({"participant.identified", "account.updated", "subscription.cancelled", "order.refunded"})
"""The types of event that are told of beside the moves of a lead."""
UNFIT: tuple[dict[str, Any], ...] = ({"country": "NO"}, {"employees": 5}, {"is_customer": True}, {"in_pipeline": True})


class Sales(World):
    """See the module. A lead is its own referral's name."""

    def __init__(self, program: Program, p: Settings, chance: Chance, plan: Plan, *, keep: bool = False) -> None:
        super().__init__(program, p, chance, plan, keep=keep)
        self.typical = p["deal_median"]
        self.waits_for = set(listened(program.source))
        unplayed = {name for name in program.steps if not custom(name) and not name.startswith("referral.")}
        if unplayed:
            raise SimulationError(
                f"the simulation does not play {', '.join(sorted(unplayed))}, which the lifecycle waits for; sales "
                "play the moves of a referral and types of your own, such as crm.deal_won"
            )
        lifecycle = program.document.lifecycle
        self._kinds = {
            "qualified": lifecycle.qualified.on if lifecycle.qualified else "referral.qualified",
            "opportunity": lifecycle.opportunity.on if lifecycle.opportunity else "referral.opportunity_opened",
            "closed_won": lifecycle.closed_won.on if lifecycle.closed_won else "referral.closed_won",
            "closed_lost": lifecycle.closed_lost.on if lifecycle.closed_lost else "referral.closed_lost",
        }

    @classmethod
    def plays(cls, program: Program, name: str) -> bool:
        return name in SAID or name in program.steps

    def offer(self) -> tuple[float, float]:
        """What a first lead that becomes a deal brings referrer and referred: tried in an empty workspace."""
        at = self.moment(self.plan.start)
        ada = self.met(Person("probe", "organic", 1, "", 0))
        self.known(ada, at, at - timedelta(days=400), trouble=False)
        lead = {"email": "probe-lead@example.com", "company": "Lead", "country": "US", "employees": 200}
        self.say("referral.submitted", at, ada, referral="probe-lead", referred=lead, program=self.program.key)
        for state in ("qualified", "opportunity", "closed_won"):
            at += timedelta(days=1)
            self.move("probe-lead", state, at, round(self.typical * self.minor))
        found = [self.paid(referral) for referral in self.house.state.referrals.values()]
        return found[0] if found else (0.0, 0.0)

    def known(self, one: Person, at: datetime, since: datetime, *, trouble: bool = True) -> None:
        """The host tells of a customer's company and contact."""
        account, chance = f"acc-{one.name}", self.chance
        share = self.p["account_trouble"] if trouble else 0.0
        facts: dict[str, Any] = {
            "status": "paying", "plan": "pro", "since": since.isoformat(), "country": "US",
            "active_days_30": 1 + int(20 * chance.share(one.name, "active")),
            "in_collections": chance.share(one.name, "collections") < share,
            "open_dispute": chance.share(one.name, "dispute") < share,
        }  # fmt: skip
        self.say("account.updated", at, account=account, **facts)
        self.say("participant.identified", at, one, account=account)

    def join(self, one: Person, at: datetime) -> None:
        self.met(one)
        already = at == self.moment(self.plan.start)
        since = at - timedelta(days=1_000 * self.chance.share(one.name, "age")) if already else at
        self.known(one, at, since)
        self.begin(one, at)
        self.tally.orders += not already

    def month(self, one: Person, number: int, at: datetime) -> None:
        churn = self.p["company_churn"] * (self.p["referred_dropout"] if one.referrer else 1)
        if self.chance.share(one.name, f"leaves {number}") < churn:
            one.left = at
            self.say("account.updated", at, account=f"acc-{one.name}", status="churned")
            if "subscription.cancelled" in self.waits_for:
                self.say("subscription.cancelled", at, one)
        elif one.referrer:
            self.tally.margin += one.value / 12 * self.p["deal_margin"]

    def invite(self, one: Person, friend: str, at: datetime) -> None:
        self.submit(one, friend, at, {"email": f"{friend}@example.com", "name": f"Lead {friend}"})
        if not self.open(friend):
            return
        days = self.chance.wait(friend, "qualify", self.p["qualify_days"])
        if self.chance.share(friend, "qualified") < self.p["lead_qualified"]:
            self.after(at, days, self.qualify, one, friend)
        else:
            self.after(at, days, self.turn_down, friend)

    def submit(self, one: Person, friend: str, at: datetime, told: dict[str, Any]) -> None:
        """A lead comes in, with what the form tells of the company."""
        chance = self.chance
        facts: dict[str, Any] = {
            "company": f"Company {friend}",
            "country": COUNTRIES[chance.share(friend, "country") < 0.2],
            "industry": INDUSTRIES[int(chance.share(friend, "industry") * len(INDUSTRIES))],
            "employees": 20 + int(chance.wait(friend, "employees", 200)),
        }
        unfit = chance.share(friend, "unfit")
        if unfit < self.p["lead_unfit"]:
            what = int(len(UNFIT) * unfit / self.p["lead_unfit"])
            facts |= UNFIT[what]
        self.say("referral.submitted", at, one, referral=friend, program=self.program.key, referred=facts | told)

    def open(self, friend: str) -> bool:
        """Whether the lead stands in the programme, so that sales work on it."""
        state = self.house.state
        id = state.referral_by_external.get((self.program.id, friend))
        return id is not None and state.referrals[id].state in OPEN

    def move(self, friend: str, state: str, at: datetime, value: int | None = None) -> None:
        """Sales move a lead along; a deal has a value in minor units."""
        told: dict[str, Any] = {"value": value, "currency": self.currency} if value is not None else {}
        self.say(self._kinds[state], at, referral=friend, **told)

    def turn_down(self, friend: str, at: datetime) -> None:
        """Sales find that a lead is none."""
        if self.open(friend):
            self.say("referral.disqualified", at, referral=friend, reason="no_need")

    def qualify(self, one: Person, friend: str, at: datetime) -> None:
        """A lead is good; it becomes an opportunity or it is lost."""
        if self.open(friend):
            self.move(friend, "qualified", at)
            goes_on = self.chance.share(friend, "opportunity") < self.p["lead_opportunity"]
            days = self.chance.wait(friend, "opens", self.p["opportunity_days"])
            self.after(at, days, self.pursue if goes_on else self.lose, one, friend)

    def pursue(self, one: Person, friend: str, at: datetime) -> None:
        """An opportunity is won or lost."""
        if self.open(friend):
            self.move(friend, "opportunity", at)
            won = self.chance.share(friend, "won") < self.p["opportunity_won"]
            days = self.chance.wait(friend, "closes", self.p["won_days"])
            self.after(at, days, self.win if won else self.lose, one, friend)

    def lose(self, _one: Person, friend: str, at: datetime) -> None:
        """A lead came to nothing."""
        if self.open(friend):
            self.move(friend, "closed_lost", at)

    def win(self, one: Person, friend: str, at: datetime) -> None:
        """A deal: the company is a customer, and may refer others."""
        if not self.open(friend):
            return
        size = self.chance.normal(friend, "deal") * self.p["deal_sigma"]
        value = round(self.p["deal_median"] * math.exp(size) * self.minor)
        self.move(friend, "closed_won", at, value)
        new = self.met(person(self.chance, self.p, friend, "referred", one.offer, one))
        new.value = value
        self.known(new, at, at)
        self.begin(new, at)
        self.tally.orders += 1
        self.tally.first_referred += 1
        if self.chance.share(friend, "refund") < self.p["deal_refund"]:
            self.after(at, self.chance.wait(friend, "refunds", self.p["refund_days"]), self.refund, new)

    def refund(self, one: Person, at: datetime) -> None:
        """A deal is given back: the company is gone."""
        value, one.value, one.left = round(one.value), 0.0, at
        self.say("order.refunded", at, one, referral=one.name, value=value, currency=self.currency)

    def cheat(self, one: Person, friend: str, at: datetime) -> None:
        """Puts forward itself, or a company that does not exist; sales find out."""
        if one.cheat == SELF:
            self.submit(one, friend, at, {"email": one.email})
            return
        self.fakes.add(friend)
        self.submit(one, friend, at, {"email": f"{friend}@example.com"})
        days = self.chance.wait(friend, "qualify", self.p["qualify_days"])
        self.after(at, days, self.turn_down, friend)
