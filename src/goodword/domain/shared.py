"""What people of a programme reach together or against one another: goals and contests."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from goodword.domain.fields import MAX_RULES, Count, Day, EventName, Id, Length, Part, Place, When
from goodword.domain.gifts import Gift
from goodword.domain.rules import Approval, Expire, Promise

MAX_CONTESTS = 20
"""Goals, and contests, of a document."""


class SharedReward(Part):
    """What one person gets of a shared goal or a contest, with all that an ordinary reward has."""

    id: Id = Field(
        description="Its name in limits, campaigns and decisions, unlike any rule's.", examples=["everybody"]
    )
    give: Gift = Field(description="What they get. Its amount, if it has one, is fixed.")
    hold: Length | None = Field(None, description="Kept pending this long.", examples=["P30D"])
    approval: Approval | None = Field(None, description="Whether a person must approve.", examples=[{"by": "finance"}])
    promise: Promise | None = Field(None, description="The deadlines we owe.", examples=[{"notify": "PT24H"}])
    expire: Expire | None = Field(None, description="When it lapses if it is not used.", examples=[{"after": "P90D"}])


class ByTrait(Part):
    """Groups of people who share the value of a trait."""

    trait: Annotated[str, Field(min_length=1, max_length=64)] = Field(
        description="The participant's trait whose text names the group.", examples=["team"]
    )


class EventMetric(Part):
    """Events about people: how many of a type, or the sum of a property of theirs."""

    count: EventName | None = Field(
        None, description="The type of event of which each counts for 1.", examples=["workshop.attended"]
    )
    sum: EventName | None = Field(
        None, description="Or the type of event of which `of` is added up.", examples=["order.completed"]
    )
    of: Annotated[str, Field(min_length=1, max_length=64)] = Field(
        "value",
        description="The property of the event that is added up, a whole number; `value` in the program's currency.",
        examples=["kilometres"],
    )

    @property
    def event(self) -> str:
        """The type of event."""
        return self.count or self.sum or ""


def is_money(metric: str | EventMetric) -> bool:
    """Whether what is counted is a sum in minor units of the program's currency."""
    if isinstance(metric, str):
        return metric == "revenue"
    return metric.sum is not None and metric.of == "value"


def metric_text(metric: str | EventMetric) -> str:
    """The metric in a word or few."""
    if isinstance(metric, str):
        return metric
    return f"count {metric.count}" if metric.count else f"sum {metric.sum} {metric.of}"


class Goal(Part):
    """A target that a group reaches together; then every member gets the rewards, each person once."""

    id: Id = Field(description="Its name in decisions.", examples=["hundred"])
    metric: Literal["submitted", "qualified", "closed_won", "revenue"] | EventMetric = Field(
        description="What of the members' referrals is counted: those submitted, qualified or won, or, as `revenue`, "
        "the value of those won less refunds, in minor units of the program's currency. Or events about members: "
        "`{count: workshop.attended}`, `{sum: order.completed}`, less refunds."
    )
    target: Count = Field(description="The count or sum that reaches it.", examples=[100])
    group: Literal["program", "account"] | ByTrait = Field(
        "program",
        description="Who counts together: everybody, the people of one account, or those with the same text in a "
        "trait. What a referral counted for stays with the group that its referrer was in then.",
    )
    from_: Day | None = Field(
        None, alias="from", description="The first day; left out: from the start.", examples=["2026-03-01"]
    )
    to: Day | None = Field(None, description="The last day; left out: for ever.", examples=["2026-05-31"])
    every: Literal["day", "week", "month", "quarter", "year"] | None = Field(
        None, description="Begins anew with every calendar period in the program's time zone."
    )
    when: When | None = Field(
        None, description="Must hold for a referral, or event, to count.", examples=["referrer.country == 'US'"]
    )
    members: Literal["contributors", "participants"] = Field(
        "contributors",
        description="`contributors`: whose referrals counted. `participants`: also who has a link of the program or "
        "submitted a referral in it.",
    )
    late: Literal["give", "none"] = Field(
        "none", description="Whether who becomes a member after it was reached, in the same period, gets the rewards."
    )
    rewards: list[SharedReward] = Field(min_length=1, max_length=MAX_RULES, description="What every member gets.")


class Prize(SharedReward):
    """What is won by a place, or by each of several places. A place may win several prizes."""

    place: Place | None = Field(None, description="The place that wins it.", examples=[1])
    places: Annotated[list[Place], Field(min_length=2, max_length=2)] | None = Field(
        None, description="Or the first and the last place that win it.", examples=[[3, 10]]
    )

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last place that win it."""
        if self.places:
            return self.places[0], self.places[1]
        assert self.place
        return self.place, self.place


class Contest(Part):
    """A ranked competition of referrers over a period: both days included, in the program's time zone."""

    id: Id = Field(description="Its name in decisions; each contest has its own.", examples=["spring-2026"])
    name: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="What people call it.", examples=["Spring contest"]
    )
    from_: Day = Field(alias="from", description="The first day.", examples=["2026-04-01"])
    to: Day = Field(description="The last day.", examples=["2026-06-30"])
    metric: Literal["submitted", "qualified", "closed_won", "revenue"] | EventMetric = Field(
        description="What is counted of a participant's referrals that got there within the period: those submitted, "
        "qualified or won, or, as `revenue`, the value of those won less refunds. Or events about the participant: "
        "`{count: workshop.attended}`, `{sum: order.completed}`, less refunds."
    )
    ties: Literal["earliest", "share", "all"] = Field(
        "earliest",
        description="Who has the same score. `earliest`: whoever reached it first is before. `share`: they share the "
        "prizes of their places. `all`: each wins the prize of the best of their places.",
    )
    when: When | None = Field(
        None, description="Must hold for a referral, or event, to count.", examples=["account.plan == 'enterprise'"]
    )
    final_after: Length | None = Field(
        None,
        description="How long after the end the result becomes final; until then late facts, refunds and "
        "disqualifications count. Left out: at the end.",
        examples=["P7D"],
    )
    prizes: list[Prize] = Field(min_length=1, max_length=MAX_RULES, description="What is won, by place.")
