"""What bounds the rewards of a programme document, and what changes them for a time: limits and campaigns."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictFloat, StrictInt

from goodword.domain.fields import MAX_RULES, Amount, Count, Day, Id, Length, Part, When


class Limit(Part):
    """A cap on the number of rewards, or a budget for their amounts in one unit. A rejected or cancelled reward gives
    its place back."""

    id: Id | None = Field(None, description="Its name in a campaign's `extend`.", examples=["monthly"])
    per: Literal["referrer", "referred", "participant", "account", "program", "campaign"] = Field(
        description="Counts rewards to the referrer, to the referred, to the participant (of a loyalty program), of "
        "the referrer's account, all, or all that a campaign changed, each campaign by itself."
    )
    every: Literal["day", "week", "month", "quarter", "year"] | None = Field(
        None, description="The calendar period in the program's time zone; left out, and `within` too: for ever."
    )
    within: Length | None = Field(
        None,
        description="A rolling period of whole days, today and those before it, in the program's time zone. Either "
        "this or `every`.",
        examples=["P30D"],
    )
    campaigns: list[Id] | None = Field(
        None,
        description="With `per: campaign`, only these; left out: each.",
        min_length=1,
        max_length=MAX_RULES,
        examples=[["double-march"]],
    )
    rules: list[Id] | None = Field(
        None, description="Only these rules; left out: all.", min_length=1, max_length=MAX_RULES
    )
    count: Count | None = Field(None, description="How many rewards. Either this or `budget`.")
    budget: Amount | None = Field(None, description="How much in its unit; rewards in other units do not count.")
    unit: str | None = Field(
        None,
        description="The unit of the budget, a currency or one of `units`; left out: the program's currency.",
        max_length=64,
        examples=["points"],
    )
    when_reached: Literal["reject", "partial", "waitlist"] = Field(
        "reject",
        description="`reject`: no reward. `partial`: what is left of the budget. `waitlist`: it stands in line, first "
        "come first served, and is tried again when a place is given back, the limit is raised, or the next period "
        "begins.",
    )


class Change(Part):
    """What a campaign does to a rule's amount: multiply (rounded half to even), then add; or set it."""

    multiply: Annotated[StrictInt | StrictFloat, Field(gt=0, le=100)] | None = Field(
        None, description="Times this.", examples=[2]
    )
    add: Amount | None = Field(None, description="Plus this, in minor units.", examples=[500])
    set: Amount | None = Field(None, description="This instead, in minor units.", examples=[5000])


class CampaignLimit(Part):
    """How much a campaign gives in all. Once that is used up it changes nothing more."""

    count: Count | None = Field(None, description="How many rewards it changes. Either this or `budget`.")
    budget: Amount | None = Field(
        None, description="How much it adds to them in its unit; the last one gets what is left.", examples=[1000000]
    )
    unit: str | None = Field(
        None,
        description="The unit of the budget; left out: the program's currency.",
        max_length=64,
        examples=["points"],
    )


class Campaign(Part):
    """A time-boxed modifier: both days included, in the program's time zone."""

    id: Id = Field(description="Its name in decisions.", examples=["double-march"])
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="What participants read; left out: its id in words.", examples=["Double rewards in March"]
    )
    from_: Day = Field(alias="from", description="The first day.", examples=["2026-03-01"])
    to: Day = Field(description="The last day.", examples=["2026-03-31"])
    when: When | None = Field(None, description="Must hold too.")
    rewards: dict[Id, Change] = Field(
        {}, max_length=MAX_RULES, description="By rule id, what changes.", examples=[{"thanks": {"add": 500}}]
    )
    extend: dict[Id, Count] = Field(
        {},
        max_length=MAX_RULES,
        description="By limit id, how much more the limit allows while the campaign runs: rewards, or amount.",
        examples=[{"monthly": 5}],
    )
    limit: CampaignLimit | None = Field(None, description="A limit of its own.", examples=[{"count": 100}])
