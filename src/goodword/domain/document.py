"""The parts of a programme document, as they are written. `program.read` checks and compiles them.

Every field has a meaning here: the JSON Schema and `docs/reference/program.md` are made from it.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictFloat, StrictInt

from goodword.domain import money
from goodword.domain.calendar import Duration
from goodword.domain.conditions import MAX_SOURCE, Condition
from goodword.domain.formulas import Formula

STATES = ("submitted", "qualified", "opportunity", "closed_won", "closed_lost")
"""The states of a referral that a reward can be for, in the order of a good life."""
ON_STATES = frozenset(f"referral.{state}" for state in STATES)
"""What `on` says where a state earns the reward; else an event does."""
MAX_RULES = 200
"""Entries in any one list of a document."""
REDEEMED = "catalogue.redeemed"
"""The event by which points are spent."""

MAX_CONTESTS = 20
"""Goals, and contests, of a document."""


def _duration(text: object) -> Duration:
    if not isinstance(text, str):
        raise ValueError("expected an ISO 8601 duration such as P30D or PT24H")
    return Duration.parse(text)


def _no_business_days(duration: Duration) -> Duration:
    if duration.business_days:
        raise ValueError("business days are for promises; use calendar days here, such as P7D")
    return duration


def _condition(source: Any) -> Condition:
    return Condition(source)


def _formula(source: Any) -> Formula:
    return Formula(source)


def _day(text: object) -> date:
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError("expected a date such as 2026-03-01")
    return date.fromisoformat(text)


_AnyTimeText = Annotated[str, Field(title="duration or business days", examples=["5 business days"])]
_LengthText = Annotated[str, Field(title="duration", examples=["P30D"])]
_WhenText = Annotated[str, Field(title="CEL condition", max_length=MAX_SOURCE)]
_FormulaText = Annotated[str, Field(title="CEL number", max_length=MAX_SOURCE)]
_DayText = Annotated[str, Field(title="date", pattern=r"^\d{4}-\d{2}-\d{2}$")]
AnyTime = Annotated[Duration, BeforeValidator(_duration, json_schema_input_type=_AnyTimeText)]
Length = Annotated[
    Duration, AfterValidator(_no_business_days), BeforeValidator(_duration, json_schema_input_type=_LengthText)
]
When = Annotated[Condition, BeforeValidator(_condition, json_schema_input_type=_WhenText)]
Number = Annotated[Formula, BeforeValidator(_formula, json_schema_input_type=_FormulaText)]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=_DayText)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Amount = Annotated[StrictInt, Field(ge=0, le=money.MAX_AMOUNT)]
Percent = Annotated[StrictInt | StrictFloat, Field(gt=0, le=100)]
Count = Annotated[StrictInt, Field(ge=1, le=1_000_000_000)]
Month = Annotated[StrictInt, Field(ge=1, le=1_200)]
Place = Annotated[StrictInt, Field(ge=1, le=1_000)]
EventName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}\.[a-z][a-z0-9_]{0,30}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Requirement(_Part):
    """One condition that must hold; its code is the reason where it does not."""

    code: Code = Field(description="The reason code staff see.", examples=["not_paying"])
    when: When = Field(description="True lets the referral pass.", examples=["account.status == 'paying'"])


class Eligibility(_Part):
    """Who may refer and who may be referred. All must hold; the first that fails gives the reason."""

    refer: list[Requirement] = Field(
        [], description="What must hold of the referrer; else no referral is made.", max_length=MAX_RULES
    )
    be_referred: list[Requirement] = Field(
        [],
        description="What must hold of the referred person; else a submitted referral is kept as `disqualified`, "
        "and a sign-up makes none.",
        max_length=MAX_RULES,
    )


class Attribution(_Part):
    """Which evidence counts, and how long. As yet a referral has one piece of evidence, the code or submission it
    began with, so this is kept with the version and changes nothing."""

    window: Length | None = Field(None, description="How old evidence may be.", examples=["P90D"])
    model: Literal["first_touch", "last_touch", "sticky"] = Field(
        "last_touch", description="Which of several touches of the same strength wins."
    )
    evidence: list[Literal["code", "submission", "link", "invitation", "claim"]] = Field(
        ["code", "submission", "link", "invitation", "claim"], description="Strongest first.", max_length=5
    )


class Step(_Part):
    """The event that moves a referral into a state, and a condition on it."""

    on: EventName = Field(description="The type of the event.", examples=["order.completed"])
    when: When | None = Field(None, description="Must hold too.", examples=["history.order_value >= 2500"])


class Lifecycle(_Part):
    """How a referral moves: people move it (`sales`) or events move it (`self_serve`)."""

    flow: Literal["sales", "self_serve"] = Field(
        description="`sales`: begins with `referral.submitted`, and passes every state on its way. `self_serve`: "
        "begins when a person signs up with a code; states without a step are skipped."
    )
    qualified: Step | None = Field(None, description="What makes the lead good.")
    opportunity: Step | None = Field(None, description="What opens a deal.")
    closed_won: Step | None = Field(None, description="What wins it.")
    closed_lost: Step | None = Field(None, description="What loses it.")
    expire_after: Length | None = Field(
        None, description="An open referral expires this long after it began.", examples=["P180D"]
    )


class Tier(_Part):
    """A level that a person reaches by a count: of their referrals in this program, or, in a loyalty program, of what
    they earned or ordered. List them from low to high."""

    id: Id = Field(description="Its name in `by_tier`.", examples=["silver"])
    from_: Count = Field(alias="from", description="Reached at this count, the present referral or order included.")
    metric: Literal["submitted_referrals", "qualified_referrals", "closed_won_referrals", "points", "revenue"] = Field(
        description="What is counted: referrals that reached this state; in a loyalty program `points` earned, or "
        "`revenue`, the value of completed orders less refunds in minor units of the program's currency."
    )
    window: Length | None = Field(
        None, description="Only referrals this recent count. Not for points and revenue.", examples=["P365D"]
    )
    every: Literal["month", "quarter", "year"] | None = Field(
        None, description="Counted anew in each calendar period. Either this or `window`; neither: for ever."
    )
    downgrade: Literal["to_balance", "keep_until_period_end", "one_down"] = Field(
        "to_balance",
        description="When the count is no longer reached. `to_balance`: lost at once. `keep_until_period_end`: kept "
        "for one further period, or window. `one_down`: with each further one the person falls by one tier at most.",
    )
    after: Id | None = Field(None, description="A tier that must be held too.", examples=["silver"])
    perks: list[Id] = Field([], description="What else the tier opens, by name.", max_length=MAX_RULES)


Of = Annotated[
    Literal["event", "referral"] | None,
    Field(
        description="Whose value: the event's or the referral's; left out: the event's, or where it has none the "
        "referral's. A value in another currency is exchanged at the rate of the event's day.",
        examples=["referral"],
    ),
]


class Share(_Part):
    """A percentage of a value, in minor units of the program's currency, rounded half to even; then not less than
    `floor` and not more than `ceiling`."""

    percent: Percent = Field(description="Of the value.", examples=[12.5])
    of: Of = None
    floor: Amount | None = Field(None, description="At least this, in minor units.", examples=[500])
    ceiling: Amount | None = Field(None, description="At most this, in minor units.", examples=[10000])


class ByTier(_Part):
    """An amount per tier. A tier that is not named has the amount of the nearest one below it."""

    by_tier: dict[Id, Amount | Share] = Field(
        min_length=1, max_length=MAX_RULES, description="By tier id, the amount in minor units, or a percentage."
    )


class Band(_Part):
    """What values from here on give, up to where the next band begins."""

    from_: Amount = Field(alias="from", description="The first value of the band, in minor units.", examples=[10000])
    amount: Amount | None = Field(None, description="In minor units. Either this or `percent`.", examples=[500])
    percent: Percent | None = Field(None, description="Of the whole value, rounded half to even.", examples=[10])


class ByBand(_Part):
    """An amount per band of a value. A band has its `from` and all above it, up to but not including the next one's;
    a value below the first band gives nothing (`no_band`)."""

    band: list[Band] = Field(
        min_length=1,
        max_length=MAX_RULES,
        description="From low to high.",
        examples=[[{"from": 0, "amount": 500}, {"from": 10000, "percent": 10}]],
    )
    of: Of = None


class ByFormula(_Part):
    """An amount that an expression reckons: a number of minor units, rounded half to even. In it `event.value` is in
    the program's currency. One that cannot be reckoned, or is below 0, gives nothing (`amount_error`)."""

    cel: Number = Field(description="A CEL expression.", examples=["event.value / 10 + history.orders * 100"])


class Chance(_Part):
    """One amount of a draw."""

    amount: Amount = Field(description="In minor units.", examples=[5000])
    weight: Count = Field(description="Drawn this often among the sum of all weights.", examples=[1])


class ByOdds(_Part):
    """A draw from a published list that anybody can repeat: the BLAKE2b hash (16 bytes) of the reward's public id
    (`rwd_…`), as a big-endian whole number, modulo the sum of the weights; the amount in whose part of the sum, in the
    order of the list, that falls is drawn."""

    odds: list[Chance] = Field(
        min_length=1,
        max_length=MAX_RULES,
        description="The amounts and how often each is drawn.",
        examples=[[{"amount": 500, "weight": 99}, {"amount": 50000, "weight": 1}]],
    )


FORMS: tuple[type[_Part], ...] = (ByTier, Share, ByBand, ByFormula, ByOdds)
"""How an amount may be written beside a whole number; each is known by its first key."""


class Gift(_Part):
    """What is given. An amount is in minor units of the program's currency, or of `unit`."""

    type: Literal[
        "account_credit", "cash", "gift_card", "discount", "free_period", "trial_extension", "points",
        "upgrade", "feature", "quantity", "service", "product", "donation", "access", "recognition",
    ] = Field(description="What kind of thing it is.")  # fmt: skip
    amount: Amount | ByTier | Share | ByBand | ByFormula | ByOdds | None = Field(
        None,
        description="How much: fixed, by tier, a percentage or by band of a value, by an expression, or drawn.",
        examples=[2500],
    )
    unit: str | None = Field(
        None, description="A currency or one of the program's `units`.", max_length=64, examples=["points"]
    )
    percent: Annotated[StrictInt, Field(ge=1, le=100)] | None = Field(None, description="For a discount.")
    applies: Literal["once", "forever", "next_shipment"] | None = Field(
        None, description="Of a discount without `duration`: to what it applies; left out: once."
    )
    duration: Length | None = Field(
        None,
        description="How long a discount, upgrade, feature or access lasts; of a free period or a longer trial: how "
        "much time is given.",
    )
    plan: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="Of an upgrade: the plan it leads to.", examples=["pro"]
    )
    brand: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="Of a gift card: whose.", examples=["Bookshop"]
    )
    recipient: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="Of a donation: to whom it goes.", examples=["The Red Cross"]
    )
    name: Annotated[str, Field(max_length=200)] | None = Field(
        None,
        description="Of a feature, service, product, access or recognition, or of what a quantity is.",
        examples=["Priority support"],
    )


class Approval(_Part):
    """A person of the role must approve, always or above an amount (minor units)."""

    by: Code = Field(description="The role.", examples=["finance"])
    above: Amount | None = Field(None, description="Only amounts above this one need it; left out: all.")


class Reverse(_Part):
    """What takes a reward back: before approval it is cancelled, after issue a debt is posted."""

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


class Promise(_Part):
    """By when people are told and paid, counted from the grant (paid: from the end of the hold)."""

    notify: AnyTime | None = Field(None, description="By when the receiver is told.")
    fulfil: AnyTime | None = Field(None, description="By when the reward has reached them.")


class Expire(_Part):
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
    end_of: Literal["month"] | None = Field(
        None, description="Only when the month is over in which it would lapse, in the program's time zone."
    )


class Registration(_Part):
    """Deals must be registered: submitted, and accepted by `qualified` before they are won. Others earn nothing."""

    window: Length | None = Field(
        None, description="Accepted within this time after they were submitted.", examples=["P90D"]
    )


class Rule(_Part):
    """One promise: on what, to whom, what. On a state it pays once for a referral; on an event, once for each."""

    id: Id = Field(description="Its name in limits, campaigns and decisions.", examples=["thanks"])
    on: EventName = Field(
        description="The state of the referral that earns it: `referral.submitted`, `referral.qualified`, "
        "`referral.opportunity`, `referral.closed_won` or `referral.closed_lost`. Or the type of an event about the "
        "referred person, or naming the referral, while the referral stands. In a loyalty program any type of event "
        "about the participant, each event once.",
        examples=["referral.closed_won", "order.completed"],
    )
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


class Limit(_Part):
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
        None, description="With `per: campaign`, only these; left out: each.", min_length=1, max_length=MAX_RULES
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


class Change(_Part):
    """What a campaign does to a rule's amount: multiply (rounded half to even), then add; or set it."""

    multiply: Annotated[StrictInt | StrictFloat, Field(gt=0, le=100)] | None = Field(
        None, description="Times this.", examples=[2]
    )
    add: Amount | None = Field(None, description="Plus this, in minor units.", examples=[500])
    set: Amount | None = Field(None, description="This instead, in minor units.", examples=[5000])


class CampaignLimit(_Part):
    """How much a campaign gives in all. Once that is used up it changes nothing more."""

    count: Count | None = Field(None, description="How many rewards it changes. Either this or `budget`.")
    budget: Amount | None = Field(
        None, description="How much it adds to them in its unit; the last one gets what is left.", examples=[1000000]
    )
    unit: str | None = Field(
        None, description="The unit of the budget; left out: the program's currency.", max_length=64
    )


class Campaign(_Part):
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
    limit: CampaignLimit | None = Field(None, description="A limit of its own.")


class Stack(_Part):
    """Rules of one trigger of which one decision keeps one reward, or all. The others are traced as `stacked_out`."""

    rules: list[Id] = Field(
        min_length=2, max_length=MAX_RULES, description="The rules, each in one stack only.",
        examples=[["percent", "fixed"]],
    )  # fmt: skip
    keep: Literal["better", "first", "all"] = Field(
        description="`better`: the largest amount that the limits let through. `first`: the first in the document "
        "that pays. `all`: every one. One that is waitlisted is kept too."
    )


class SharedReward(_Part):
    """What one person gets of a shared goal or a contest, with all that an ordinary reward has."""

    id: Id = Field(
        description="Its name in limits, campaigns and decisions, unlike any rule's.", examples=["everybody"]
    )
    give: Gift = Field(description="What they get. Its amount, if it has one, is fixed.")
    hold: Length | None = Field(None, description="Kept pending this long.", examples=["P30D"])
    approval: Approval | None = Field(None, description="Whether a person must approve.")
    promise: Promise | None = Field(None, description="The deadlines we owe.")
    expire: Expire | None = Field(None, description="When it lapses if it is not used.")


class ByTrait(_Part):
    """Groups of people who share the value of a trait."""

    trait: Annotated[str, Field(min_length=1, max_length=64)] = Field(
        description="The participant's trait whose text names the group.", examples=["team"]
    )


class Goal(_Part):
    """A target that a group reaches together; then every member gets the rewards, each person once."""

    id: Id = Field(description="Its name in decisions.", examples=["hundred"])
    metric: Literal["submitted", "qualified", "closed_won", "revenue"] = Field(
        description="What of the members' referrals is counted: those submitted, qualified or won, or, as `revenue`, "
        "the value of those won less refunds, in minor units of the program's currency."
    )
    target: Count = Field(description="The count or sum that reaches it.", examples=[100])
    group: Literal["program", "account"] | ByTrait = Field(
        "program",
        description="Who counts together: everybody, the people of one account, or those with the same text in a "
        "trait. What a referral counted for stays with the group that its referrer was in then.",
    )
    from_: Day | None = Field(None, alias="from", description="The first day; left out: from the start.")
    to: Day | None = Field(None, description="The last day; left out: for ever.")
    every: Literal["day", "week", "month", "quarter", "year"] | None = Field(
        None, description="Begins anew with every calendar period in the program's time zone."
    )
    when: When | None = Field(
        None, description="Must hold for a referral to count.", examples=["referrer.country == 'US'"]
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


class Contest(_Part):
    """A ranked competition of referrers over a period: both days included, in the program's time zone."""

    id: Id = Field(description="Its name in decisions; each contest has its own.", examples=["spring-2026"])
    name: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="What people call it.", examples=["Spring contest"]
    )
    from_: Day = Field(alias="from", description="The first day.", examples=["2026-04-01"])
    to: Day = Field(description="The last day.", examples=["2026-06-30"])
    metric: Literal["submitted", "qualified", "closed_won", "revenue"] = Field(
        description="What is counted of a participant's referrals that got there within the period: those submitted, "
        "qualified or won, or, as `revenue`, the value of those won less refunds."
    )
    ties: Literal["earliest", "share", "all"] = Field(
        "earliest",
        description="Who has the same score. `earliest`: whoever reached it first is before. `share`: they share the "
        "prizes of their places. `all`: each wins the prize of the best of their places.",
    )
    when: When | None = Field(
        None, description="Must hold for a referral to count.", examples=["account.plan == 'enterprise'"]
    )
    final_after: Length | None = Field(
        None,
        description="How long after the end the result becomes final; until then late facts, refunds and "
        "disqualifications count. Left out: at the end.",
        examples=["P7D"],
    )
    prizes: list[Prize] = Field(min_length=1, max_length=MAX_RULES, description="What is won, by place.")


class Terms(_Part):
    """The legal text a version refers to."""

    version: Count | None = Field(None, description="The text's own number.")
    url: Annotated[str, Field(pattern=r"^https://\S+$", max_length=500)] | None = Field(
        None, description="Where it stands."
    )
    tax_note: Annotated[str, Field(max_length=1000)] | None = Field(None, description="Shown beside rewards.")


class CatalogueItem(_Part):
    """Something that points buy in a loyalty program."""

    id: Id = Field(description="Its name in `catalogue.redeemed` and in decisions.", examples=["mug"])
    name: Annotated[str, Field(min_length=1, max_length=200)] = Field(description="What people call it.")
    price: Count = Field(description="How much of the unit it takes.", examples=[500])
    unit: Code | None = Field(
        None, description="One of the program's `units`; may be left out where there is one.", examples=["points"]
    )
    gift: Gift = Field(description="What they get for it.")
    when: When | None = Field(None, description="Must hold too.", examples=["participant.country == 'NO'"])
    approval: Approval | None = Field(None, description="Whether a person must approve.")
    promise: Promise | None = Field(None, description="The deadlines we owe.")
    expire: Expire | None = Field(None, description="When it lapses if it is not used.")

    @cached_property
    def rule(self) -> Rule:
        """The rule by which it is given."""
        return Rule.model_construct(
            id=self.id, on=REDEEMED, to="participant", give=self.gift, when=self.when, approval=self.approval,
            promise=self.promise, expire=self.expire,
        )  # fmt: skip


NO_LIFECYCLE = Lifecycle.model_validate({"flow": "self_serve"})
"""Stands in programs without referrals."""


class Document(_Part):
    """A program as written."""

    program: Id = Field(description="The program's key in its workspace.", examples=["customer-referral"])
    kind: Literal["referral", "partner", "loyalty"] = Field(
        "referral",
        description="`referral`: rewards for good words. `partner`: the same, of resellers who bring deals. `loyalty`: "
        "points and gifts for what people do.",
    )
    name: Annotated[str, Field(min_length=1, max_length=200)] = Field(description="What people call it.")
    description: Annotated[str, Field(max_length=2000)] | None = Field(
        None, description="For staff.", examples=["Runs since spring."]
    )
    currency: str = Field(description="ISO 4217; amounts are in its minor units.", examples=["USD"])
    units: list[Code] = Field([], description="Units of its own, such as points.", max_length=20, examples=[["points"]])
    priority: Annotated[StrictInt, Field(ge=-1000, le=1000)] = Field(
        0, description="Of several programs that an event concerns, the higher decides first; alike: by key."
    )
    exclusive: bool | Id = Field(
        False,
        description="`true`: where this program gives something for an event, those that decide after it give nothing "
        "for it. A name: only those with the same name.",
        examples=["summer"],
    )
    timezone: str = Field(
        "UTC", description="IANA name; days, periods and campaigns are its.", examples=["America/New_York"]
    )
    calendar: str | None = Field(None, description="ISO 3166 country of business days.", examples=["US"])
    eligibility: Eligibility = Field(Eligibility.model_validate({}), description="Who may refer and be referred.")
    attribution: Attribution = Field(Attribution.model_validate({}), description="Which evidence counts.")
    lifecycle: Lifecycle = Field(
        NO_LIFECYCLE, description="How a referral moves. A referral program needs it; a loyalty program has none."
    )
    registration: Registration | None = Field(
        None, description="Of a `partner` program with a `sales` flow: only registered deals pay."
    )
    tiers: list[Tier] = Field([], description="Levels of people.", max_length=MAX_RULES)
    rewards: list[Rule] = Field(
        [],
        description="Who gets what, for what. Empty only beside goals or contests.",
        max_length=MAX_RULES,
    )
    limits: list[Limit] = Field(
        [], description="Caps and budgets; each must leave room, in this order.", max_length=MAX_RULES
    )
    stacking: list[Stack] = Field(
        [],
        description="Which rewards exclude each other.",
        max_length=MAX_RULES,
        examples=[[{"rules": ["percent", "fixed"], "keep": "better"}]],
    )
    campaigns: list[Campaign] = Field([], description="Time-boxed modifiers, in this order.", max_length=MAX_RULES)
    overlap: Literal["all", "best", "first"] = Field(
        "all",
        description="Where several campaigns change one reward. `all`: one after the other. `best`: the one that "
        "gives most. `first`: the first that applies.",
    )
    catalogue: list[CatalogueItem] = Field(
        [], description="What points buy, in a loyalty program.", max_length=MAX_RULES
    )
    goals: list[Goal] = Field([], description="Targets that groups reach together.", max_length=MAX_CONTESTS)
    contests: list[Contest] = Field([], description="Ranked competitions with prizes.", max_length=MAX_CONTESTS)
    ending: Literal["settle", "void"] = Field(
        "settle",
        description="When the program is ended: `settle`: open referrals may finish and be rewarded. `void`: they are "
        "voided and held rewards cancelled; what is approved stays. Nothing new begins either way.",
    )
    terms: Terms | None = Field(None, description="The legal text.")
