"""The parts of a programme document, as they are written. `program.read` checks and compiles them.

Every field has a meaning here: the JSON Schema and `docs/reference/program.md` are made from it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt

from goodword.domain.bounds import Campaign, Limit
from goodword.domain.experiments import Experiment
from goodword.domain.fields import MAX_RULES, Amount, Code, Count, EventName, Id, Length, Part, When
from goodword.domain.history import HistoryCount
from goodword.domain.links import Links
from goodword.domain.rules import CatalogueItem, Rule, Stack
from goodword.domain.shared import MAX_CONTESTS, Contest, Goal


class Requirement(Part):
    """One condition that must hold; its code is the reason where it does not."""

    code: Code = Field(description="The reason code staff see.", examples=["not_paying"])
    when: When = Field(description="True lets the referral pass.", examples=["account.status == 'paying'"])


class Eligibility(Part):
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


Evidence = Literal["code", "coupon", "submission", "link", "invitation", "claim", "crm"]
"""The kinds of touch."""


class Attribution(Part):
    """Which evidence counts, and how long."""

    window: Length | None = Field(
        None, description="How old a touch may be: it counts until this long after it.", examples=["P90D"]
    )
    model: Literal["first_touch", "last_touch", "sticky"] = Field(
        "last_touch",
        description="Which of several touches of the strongest kind wins: the first or the last. `sticky`: the first "
        "touch of any kind, whatever comes later.",
    )
    evidence: list[Evidence] = Field(
        ["code", "coupon", "submission", "link", "invitation", "claim", "crm"],
        description="The kinds of touch that count, strongest first.",
        max_length=7,
        examples=[["link", "code"]],
    )


class Step(Part):
    """The event that moves a referral into a state, and a condition on it."""

    on: EventName = Field(description="The type of the event.", examples=["order.completed"])
    when: When | None = Field(None, description="Must hold too.", examples=["history.order_value >= 2500"])


class Lifecycle(Part):
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


class Tier(Part):
    """A level that a person reaches by a count: of their referrals in this program, or, in a loyalty program, of what
    they earned or ordered. List them from low to high."""

    id: Id = Field(description="Its name in `by_tier`.", examples=["silver"])
    from_: Count = Field(alias="from", description="Reached at this count, the present referral or order included.")
    metric: Literal["submitted_referrals", "qualified_referrals", "closed_won_referrals", "points", "revenue"] = Field(
        description="What is counted: referrals that reached this state, or `revenue`, what those that were won are "
        "worth less refunds, in minor units of the program's currency; in a loyalty program `points` earned, or "
        "`revenue`, the value of completed orders less refunds."
    )
    window: Length | None = Field(
        None, description="Only referrals this recent count. Not in a loyalty program.", examples=["P365D"]
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


class Registration(Part):
    """Deals must be registered: submitted, and accepted by `qualified` before they are won. Others earn nothing."""

    window: Length | None = Field(
        None, description="Accepted within this time after they were submitted.", examples=["P90D"]
    )


class Statement(Part):
    """Partners get a statement at the end of each period, in the program's time zone: what their balance was, what was
    approved, taken back and paid out since, what it is now, and what of it is payable."""

    every: Literal["month", "quarter"] = Field(description="The calendar period of a statement.")
    minimum: Amount = Field(
        0,
        description="The least balance that is paid out, in minor units of `currency`; a smaller one is carried over "
        "to the next statement.",
        examples=[5000],
    )


class Terms(Part):
    """The legal text of a version. It is kept with the version as it is, and what participants accept is its number."""

    version: Count | None = Field(
        None, description="The text's own number. A text that was published keeps its number for good.", examples=[3]
    )
    text: Annotated[str, Field(min_length=1, max_length=50_000)] | None = Field(
        None, description="The text itself, in plain words or Markdown.", examples=["You refer; we thank you."]
    )
    url: Annotated[str, Field(pattern=r"^https://\S+$", max_length=500)] | None = Field(
        None, description="Where it stands."
    )
    tax_note: Annotated[str, Field(max_length=1000)] | None = Field(None, description="Shown beside rewards.")
    required: bool = Field(
        False,
        description="Whether a participant must have accepted the terms (the event `terms.accepted`) before anything "
        "new begins for them: a referral they make, or, in a loyalty program, a reward they earn.",
    )
    since: Count | None = Field(
        None,
        description="The earliest terms whose acceptance is still good enough; these very ones if left out.",
        examples=[2],
    )


NO_LIFECYCLE = Lifecycle.model_validate({"flow": "self_serve"})
"""Stands in programs without referrals."""


class Document(Part):
    """A program as written."""

    program: Id = Field(description="The program's key in its workspace.", examples=["customer-referral"])
    kind: Literal["referral", "partner", "loyalty"] = Field(
        "referral",
        description="`referral`: rewards for good words. `partner`: the same, of resellers who bring deals. `loyalty`: "
        "points and gifts for what people do.",
    )
    name: Annotated[str, Field(min_length=1, max_length=200)] = Field(description="What people call it.")
    test: StrictBool = Field(
        False,
        description="`true`: it decides on the same events as live programs, and its rewards go nowhere. A key that "
        "was published in test mode stays in it; go live under another key.",
    )
    beside: Id | None = Field(
        None,
        description="Of a program in test mode: the live program whose codes, links and submissions it takes for its "
        "own. Left out: every live program's.",
        examples=["customer-referral"],
    )
    description: Annotated[str, Field(max_length=2000)] | None = Field(
        None, description="For staff.", examples=["Runs since spring."]
    )
    currency: str = Field(description="ISO 4217; amounts are in its minor units.", examples=["USD"])
    units: list[Code] = Field([], description="Units of its own, such as points.", max_length=20, examples=[["points"]])
    own_events: list[EventName] = Field(
        [],
        description="Types of events of your own that are spelt nearly like a standard one. Others of your own need no "
        "word; without one, a near spelling is taken for a slip.",
        max_length=50,
        examples=[["order.complete"]],
    )
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
    history: list[HistoryCount] = Field(
        [],
        description="What is counted of people within a time, for conditions and amounts to read.",
        max_length=20,
        examples=[[{"id": "recent_orders", "count": "order.completed", "within": "P30D"}]],
    )
    experiments: list[Experiment] = Field(
        [],
        description="Comparisons in which each person is in one variant, for conditions and amounts to read.",
        max_length=20,
        examples=[[{"id": "size", "variants": [{"id": "as_now", "weight": 1}, {"id": "more", "weight": 1}]}]],
    )
    eligibility: Eligibility = Field(Eligibility.model_validate({}), description="Who may refer and be referred.")
    attribution: Attribution = Field(Attribution.model_validate({}), description="Which evidence counts.")
    links: Links = Field(
        Links.model_validate({}),
        description="Where the links of its participants lead.",
        examples=[{"automatic": False}],
    )
    lifecycle: Lifecycle = Field(
        NO_LIFECYCLE, description="How a referral moves. A referral program needs it; a loyalty program has none."
    )
    registration: Registration | None = Field(
        None, description="Of a `partner` program with a `sales` flow: only registered deals pay."
    )
    statement: Statement | None = Field(None, description="Of a `partner` program: statements and the minimum payout.")
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
    review: bool = Field(
        False,
        description="Whether the version after this one must be a draft that somebody else approved; a direct publish "
        "is then refused.",
    )
