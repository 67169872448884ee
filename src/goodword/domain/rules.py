"""What a programme document promises, and what becomes of it: rules, approvals, reversals, the catalogue."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StrictBool

from goodword.domain.fields import (
    MAX_RULES,
    REDEEMED,
    Amount,
    AnyTime,
    Code,
    Count,
    Day,
    EventName,
    Id,
    Length,
    Month,
    Part,
    When,
)
from goodword.domain.gifts import Gift


class Approval(Part):
    """A person of the role must approve, always or above an amount (minor units)."""

    by: Code = Field(description="The role.", examples=["finance"])
    above: Amount | None = Field(None, description="Only amounts above this one need it; left out: all.")


class Reverse(Part):
    """What takes a reward back: before approval it is cancelled, after issue a debt is posted, which the next
    rewards of that unit pay."""

    on: list[EventName] = Field(
        min_length=1, max_length=20, description="Types of events about the referred person, or naming the referral."
    )
    within: Length | None = Field(None, description="Counted from the grant; left out: for ever.")
    how: Literal["full", "proportional", "none"] = Field(
        "full",
        description="`full`: all that is left. `proportional`: the refunded share of the referral's value, all "
        "refunds taken together, rounded half to even. `none`: nothing.",
    )
    when: When | None = Field(None, description="Must hold too.", examples=["event.value >= 1000"])


class Promise(Part):
    """By when people are told and paid, counted from the grant (paid: from the end of the hold)."""

    notify: AnyTime | None = Field(None, description="By when the receiver is told.")
    fulfil: AnyTime | None = Field(None, description="By when the reward has reached them.")


class Expire(Part):
    """When an issued, unused reward lapses, or points that were not spent: with both, whichever comes first."""

    after: Length | None = Field(
        None, description="Counted from issue; for points from the end of their hold.", examples=["P60D"]
    )
    on: Day | None = Field(
        None,
        description="At the end of this day in the program's time zone; what is issued later lapses at once. Not for "
        "points.",
        examples=["2026-12-31"],
    )
    inactive: Length | None = Field(
        None,
        description="When the owner did nothing for so long: no event about them, of any type but the engine's own.",
        examples=["P12M"],
    )
    end_of: Literal["month"] | None = Field(
        None,
        description="Only when the month is over in which it would lapse, in the program's time zone.",
        examples=["month"],
    )


class Rule(Part):
    """One promise: on what, to whom, what. On a state it pays once for a referral; on an event, once for each."""

    id: Id = Field(description="Its name in limits, campaigns and decisions.", examples=["thanks"])
    on: EventName = Field(
        description="The state of the referral that earns it: `referral.submitted`, `referral.qualified`, "
        "`referral.opportunity`, `referral.closed_won` or `referral.closed_lost`. Or the type of an event about the "
        "referred person, or naming the referral, while the referral stands. Or `tier.reached`, by the referrer, or "
        "`anniversary.reached`. In a "
        "loyalty program any type of event about the participant, each event once.",
        examples=["referral.closed_won", "order.completed"],
    )
    tier: Id | None = Field(
        None,
        description="Of a rule on `tier.reached`: only this tier; left out: each that is reached. A tier is paid once "
        "in its period, its window, or for ever.",
        examples=["silver"],
    )
    since: Literal["won", "begun"] | EventName | None = Field(
        None,
        description="Of a rule on `anniversary.reached`, from when it counts: `won` (left out too) or `begun`, of the "
        "referral; in a loyalty program the type of event whose first one about the participant begins it.",
        examples=["won", "participant.signed_up"],
    )
    each: Length | None = Field(
        None, description="Of a rule on `anniversary.reached`: how far apart they are; left out: a year.",
        examples=["P1Y", "P6M"],
    )  # fmt: skip
    nth: Count | None = Field(None, description="Of the events that could earn it, only this one does.", examples=[1])
    first: Count | None = Field(None, description="Of the events that could earn it, only the first so many.")
    every: Count | None = Field(None, description="Of the events that could earn it, each so-many-th.", examples=[5])
    for_: Length | None = Field(
        None, alias="for", description="Only events this soon after the referral was won.", examples=["P12M"]
    )
    from_month: Month | None = Field(
        None, description="Only events from this month on, counted from the moment the referral was won, which begins "
        "month 1.", examples=[4],
    )  # fmt: skip
    to_month: Month | None = Field(None, description="Only events up to the end of this month.", examples=[12])
    until: list[EventName] = Field(
        [], description="Types of events that end it for good: what happens later earns nothing.", max_length=20,
        examples=[["subscription.cancelled"]],
    )  # fmt: skip
    to: Literal["referrer", "referred", "participant"] = Field(
        description="Who gets it; `participant`: whom the event is about, in a loyalty program."
    )
    give: Gift = Field(description="What they get.")
    prorate: StrictBool = Field(
        False,
        description="Of a fixed amount for a payment, or one by tier: it is for the whole billing period, "
        "`period_from` to `period_to` of the event, and a payment for a part of it, "
        "`covers_from` to `covers_to`, earns the part.",
    )
    when: When | None = Field(None, description="Must hold too.", examples=["event.value >= 10000"])
    hold: Length | None = Field(None, description="Kept pending this long.", examples=["P30D"])
    release_on: list[EventName] = Field(
        [],
        description="Types of events that end the hold. With `hold` it ends then at the latest; without, it lasts "
        "until one comes. Where event and reward both name an order, it must be the same.",
        max_length=20,
        examples=[["order.delivered"]],
    )
    approval: Approval | None = Field(None, description="Whether a person must approve.")
    reverse: Reverse | None = Field(None, description="What takes it back.")
    promise: Promise | None = Field(None, description="The deadlines we owe.")
    expire: Expire | None = Field(None, description="When it lapses if it is not used.")


class Stack(Part):
    """Rules of one trigger of which one decision keeps one reward, or all. The others are traced as `stacked_out`."""

    rules: list[Id] = Field(
        min_length=2, max_length=MAX_RULES, description="The rules, each in one stack only.",
        examples=[["percent", "fixed"]],
    )  # fmt: skip
    keep: Literal["better", "first", "all"] = Field(
        description="`better`: the largest amount that the limits let through. `first`: the first in the document "
        "that pays. `all`: every one. One that is waitlisted is kept too."
    )


class CatalogueItem(Part):
    """Something that points buy in a loyalty program."""

    id: Id = Field(description="Its name in `catalogue.redeemed` and in decisions.", examples=["mug"])
    name: Annotated[str, Field(min_length=1, max_length=200)] = Field(description="What people call it.")
    price: Count = Field(description="How much of the unit it takes.", examples=[500])
    unit: Code | None = Field(
        None, description="One of the program's `units`; may be left out where there is one.", examples=["points"]
    )
    gift: Gift = Field(description="What they get for it.")
    when: When | None = Field(None, description="Must hold too.", examples=["participant.country == 'NO'"])
    approval: Approval | None = Field(None, description="Whether a person must approve.", examples=[{"by": "finance"}])
    promise: Promise | None = Field(None, description="The deadlines we owe.", examples=[{"notify": "PT24H"}])
    expire: Expire | None = Field(None, description="When it lapses if it is not used.", examples=[{"after": "P90D"}])

    @cached_property
    def rule(self) -> Rule:
        """The rule by which it is given."""
        return Rule.model_construct(
            id=self.id, on=REDEEMED, to="participant", give=self.gift, when=self.when, approval=self.approval,
            promise=self.promise, expire=self.expire,
        )  # fmt: skip
