"""What people bought, gave back and reached, and what a currency costs in another."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from goodword.domain.payloads.base import Amount, Code, Currency, Day, Name, Payload, Told
from goodword.domain.payloads.people import CLIENT_REFERENCE, Traced


class Billed(Payload):
    """A payment for a time, each day as 2026-03-01; the last ones are the first days after it."""

    period_from: Day | None = Field(None, description="The first day of the billing period.", examples=["2026-03-01"])
    period_to: Day | None = Field(None, description="The day after its last one.", examples=["2026-04-01"])
    covers_from: Day | None = Field(
        None, description="The first day that is paid for, where that is not the period's.", examples=["2026-03-11"]
    )
    covers_to: Day | None = Field(None, description="The day after the last one that is paid for.")


class OrderCompleted(Billed, Traced):
    """A paid order. The first one of somebody who was not referred begins a referral where its evidence says so."""

    order_id: Name | None = Field(None, description="The shop's own id.")
    value: Amount = Field(description="Minor units of `currency`.")
    currency: Currency = Field(description="ISO 4217.")
    quantity: Amount | None = Field(None, description="How many things.")
    coupon: Code | None = Field(None, description="The coupon that was used: evidence, where it is the code of a link.")
    client_reference_id: Told | None = Field(None, description=CLIENT_REFERENCE)


class OrderRefunded(Payload):
    """All or part of an order was paid back. Without `value` and `currency` it is the whole: all that is left of the
    order that `order_id` names; the log keeps the amount that this comes to."""

    order_id: Name | None = Field(None, description="The shop's own id; needed where there is no `value`.")
    value: Amount | None = Field(
        None, description="The refunded part, in minor units of `currency`. Left out: all that is left of the order."
    )
    currency: Currency | None = Field(None, description="ISO 4217; beside `value`.")

    @model_validator(mode="after")
    def _amount(self) -> OrderRefunded:
        if self.value is None and self.currency is None and self.order_id is None:
            raise ValueError("say what is paid back: give value with currency, or order_id for all that is left of it")
        if (self.value is None) != (self.currency is None):
            raise ValueError("value and currency go together: give both, or neither for all that is left of the order")
        return self


class Subscription(Billed):
    """A subscription began, went on, grew or ended."""

    subscription_id: Name | None = Field(None, description="The host's own id.")
    plan: Name | None = Field(None, description="The plan, as the host names it.")
    value: Amount | None = Field(None, description="Minor units of `currency`.")
    currency: Currency | None = Field(None, description="ISO 4217.")


class InvoicePaid(Billed):
    """An invoice was paid."""

    invoice_id: Name | None = Field(None, description="The host's own id.")
    value: Amount = Field(description="Minor units of `currency`.")
    currency: Currency = Field(description="ISO 4217.")


class Milestone(Payload):
    """A person reached something worth celebrating."""

    milestone: Name = Field(description="Its name.")


def _rate(text: object) -> object:
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,12})?", text):
        raise ValueError('expected a decimal as text, such as "1.0842": at most 9 digits before the point, 12 after')
    if not text.strip("0."):
        raise ValueError("a rate is more than 0: what one unit of base costs in quote")
    return text


def _calendar_day(text: str) -> str:
    try:
        date.fromisoformat(text if len(text) == 10 else "")
    except ValueError as error:
        raise ValueError("expected a day that exists, such as 2026-03-14") from error
    return text


class RatePublished(Payload):
    """What one currency costs in another on a day. A later event of the same pair and day takes its place."""

    base: Currency = Field(description="ISO 4217: one of this …")
    quote: Currency = Field(description="… costs `rate` of this. Another currency than `base`.")
    rate: Annotated[str, BeforeValidator(_rate)] = Field(description="A decimal as text, more than 0.")
    date: Annotated[str, AfterValidator(_calendar_day)] = Field(description="The day it is of, such as `2026-03-14`.")
    source: Name = Field(description="Who says so, such as `ECB`.")

    @field_validator("quote")
    @classmethod
    def _another(cls, quote: str, info: ValidationInfo) -> str:
        if quote == info.data.get("base"):
            raise PydanticCustomError("same_currency", "is the base too; a rate is between two currencies")
        return quote
