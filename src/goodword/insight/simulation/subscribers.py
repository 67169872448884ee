"""Subscriptions: somebody pays by the month or for a year at once, until they cancel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from goodword.insight.simulation.people import Person
from goodword.insight.simulation.world import MONTH, World

PAYMENTS = frozenset({"invoice.paid", "subscription.started", "subscription.renewed", "subscription.cancelled"})
"""The standard types of event that subscribers cause."""


class Subscribers(World):
    """What a world does with subscribers. `waits_for` are the types of event that its programme hears."""

    waits_for: set[str]

    def subscribe(self, one: Person, price: float, at: datetime) -> None:
        """Somebody pays for the first time; `price` is that of a month, in the currency's units."""
        one.value = price
        yearly = self.chance.share(one.name, "pays yearly") < self.p["annual_share"]
        self.pay(one, 12 if yearly else 1, 1, at)
        self.later(at + MONTH, self.stay, one, 1)

    def pay(self, one: Person, months: int, number: int, at: datetime) -> None:
        """A payment for so many months, and the next one after them."""
        if one.left:
            return
        value = round(one.value * months * self.minor)
        paid: dict[str, Any] = {"value": value, "currency": self.currency}
        paid["term"] = "annual" if months == 12 else "monthly"
        payment = f"{one.name}-i{number}"
        begins = "subscription.started" if number == 1 else "subscription.renewed"
        if begins in self.waits_for:
            self.say(begins, at, one, subscription_id=one.name, **paid)
        if "invoice.paid" in self.waits_for:
            self.say("invoice.paid", at, one, order_id=payment, invoice_id=payment, **paid)
        self.received(one, value)
        if self.chance.share(payment, "gives back") < self.p["deal_refund"]:
            self.after(at, self.chance.wait(payment, "refund", self.p["refund_days"]), self.repay, one, payment, value)
        self.later(at + months * MONTH, self.pay, one, months, number + 1)

    def stay(self, one: Person, number: int, at: datetime) -> None:
        """A month later: somebody cancels, or not."""
        if one.left:
            return
        if self.chance.share(one.name, f"cancels {number}") < self.churn(one):
            one.left = at
            self.cancelled(one, at)
            return
        self.later(at + MONTH, self.stay, one, number + 1)

    def churn(self, _one: Person) -> float:
        """The share that cancels in a month."""
        return self.p["plan_churn"]

    def cancelled(self, one: Person, at: datetime) -> None:
        """The host tells of the end."""
        if "subscription.cancelled" in self.waits_for:
            self.say("subscription.cancelled", at, one, subscription_id=one.name)

    def repay(self, one: Person, payment: str, value: int, at: datetime) -> None:
        """A payment is given back."""
        self.received(one, -value)
        self.say("order.refunded", at, one, order_id=payment, value=value, currency=self.currency)

    def received(self, one: Person, value: int) -> None:
        """What a payment brings, or, below zero, what goes back."""
        if one.referrer and one.name not in self.fakes:
            self.tally.margin += value * self.p["deal_margin"]
