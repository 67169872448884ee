"""What a programme document gives: the forms of an amount, and the gift."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictInt

from goodword.domain.fields import MAX_RULES, PERCENT, Amount, Count, Id, Length, Number, Part, Percent

Of = Annotated[
    Literal["event", "referral"] | None,
    Field(
        description="Whose value: the event's or the referral's; left out: the event's, or where it has none the "
        "referral's. A value in another currency is exchanged at the rate of the event's day.",
        examples=["referral"],
    ),
]


class Share(Part):
    """A percentage of a value, in minor units of the program's currency, rounded half to even; then not less than
    `floor` and not more than `ceiling`."""

    percent: Percent = Field(description="Of the value.", examples=[12.5])
    of: Of = None
    floor: Amount | None = Field(None, description="At least this, in minor units.", examples=[500])
    ceiling: Amount | None = Field(None, description="At most this, in minor units.", examples=[10000])


class ByTier(Part):
    """An amount per tier. A tier that is not named has the amount of the nearest one below it."""

    by_tier: dict[Id, Amount | Share] = Field(
        min_length=1, max_length=MAX_RULES, description="By tier id, the amount in minor units, or a percentage."
    )


class Band(Part):
    """What values from here on give, up to where the next band begins."""

    from_: Amount = Field(alias="from", description="The first value of the band, in minor units.", examples=[10000])
    amount: Amount | None = Field(None, description="In minor units. Either this or `percent`.", examples=[500])
    percent: Percent | None = Field(None, description="Of the whole value, rounded half to even.", examples=[10])


class ByBand(Part):
    """An amount per band of a value. A band has its `from` and all above it, up to but not including the next one's;
    a value below the first band gives nothing (`no_band`)."""

    band: list[Band] = Field(
        min_length=1,
        max_length=MAX_RULES,
        description="From low to high.",
        examples=[[{"from": 0, "amount": 500}, {"from": 10000, "percent": 10}]],
    )
    of: Of = None


class ByFormula(Part):
    """An amount that an expression reckons: a number of minor units, rounded half to even. In it `event.value` is in
    the program's currency. One that cannot be reckoned, or is below 0, gives nothing (`amount_error`)."""

    cel: Number = Field(description="A CEL expression.", examples=["event.value / 10 + history.orders * 100"])


class Chance(Part):
    """One amount of a draw."""

    amount: Amount = Field(description="In minor units.", examples=[5000])
    weight: Count = Field(description="Drawn this often among the sum of all weights.", examples=[1])


class ByOdds(Part):
    """A draw from a published list that anybody can repeat: the BLAKE2b hash (16 bytes) of the reward's public id
    (`rwd_…`), as a big-endian whole number, modulo the sum of the weights; the amount in whose part of the sum, in the
    order of the list, that falls is drawn."""

    odds: list[Chance] = Field(
        min_length=1,
        max_length=MAX_RULES,
        description="The amounts and how often each is drawn.",
        examples=[[{"amount": 500, "weight": 99}, {"amount": 50000, "weight": 1}]],
    )


FORMS: tuple[type[Part], ...] = (ByTier, Share, ByBand, ByFormula, ByOdds)
"""How an amount may be written beside a whole number; each is known by its first key."""


class Gift(Part):
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
    percent: Annotated[StrictInt, Field(ge=1, le=100), PERCENT] | None = Field(None, description="For a discount.")
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
