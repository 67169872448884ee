"""Money as Segment's calls have it (decimals of the main unit beside a currency) in ours: whole minor units."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, NamedTuple

from goodword.domain import money
from goodword.domain.events import Problem

AMOUNTS = ("revenue", "total", "value", "subtotal")
"""The properties that may hold what something cost; the first that is there counts."""

_DECIMAL = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,20})?")


class Sum(NamedTuple):
    """What a call says something cost: minor units of the currency. Both None where it says nothing of it."""

    value: int | None = None
    currency: str | None = None
    problem: Problem | None = None


def read(properties: Mapping[str, Any]) -> Sum:
    """The amount of a call. A number is read as the decimal it is written as (19.99 is 1999), and rounded half to even
    where it has more decimals than the currency. An amount without a currency is a problem: nothing is guessed."""
    name = next((name for name in AMOUNTS if properties.get(name) is not None), None)
    told = properties.get("currency")
    if name is None:
        return Sum()
    currency = told.strip().upper() if isinstance(told, str) else ""
    if not currency:
        return _no("/currency", "missing", f"{name} has no currency beside it; give one (ISO 4217), such as USD")
    if not money.is_currency(currency):
        said = f"unknown currency {str(told)[:20]!r}; use an ISO 4217 code such as USD"
        return _no("/currency", "unknown_currency", said)
    amount = _decimal(properties[name])
    if amount is None:
        return _no(f"/{name}", "wrong_type", "expected a decimal number of the currency's main unit, such as 25.00")
    if amount < 0:
        return _no(f"/{name}", "out_of_range", "must be at least 0; what is paid back is an Order Refunded")
    value = int(amount.scaleb(money.decimals(currency)).to_integral_value(ROUND_HALF_EVEN))
    if value > money.MAX_AMOUNT:
        return _no(f"/{name}", "out_of_range", f"must be at most {money.MAX_AMOUNT:,} minor units")
    return Sum(value, currency)


def of_products(properties: Mapping[str, Any]) -> Sum:
    """The amount of a refund: what `read` reads, else the sum of its `products` (`price` times `quantity`, 1 when left
    out). One that lists products without their prices is a problem; one that lists none says nothing of an amount."""
    products = properties.get("products")
    if any(properties.get(name) is not None for name in AMOUNTS) or not isinstance(products, list) or not products:
        return read(properties)
    total = Decimal(0)
    for place, product in enumerate(products):
        told = product if isinstance(product, Mapping) else {}
        price, number = _decimal(told.get("price")), told.get("quantity", 1)
        if price is None or price < 0:
            said = "a refund of some products needs the price of each, a decimal number, or else its total"
            return _no(f"/products/{place}/price", "missing" if told.get("price") is None else "wrong_type", said)
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            return _no(f"/products/{place}/quantity", "wrong_type", "expected a whole number of things")
        total += price * number
    return read({**properties, "total": str(total)})


class Left(NamedTuple):
    """What is left of an order after its refunds: minor units of the currency."""

    value: int
    currency: str


def paid_back(properties: Mapping[str, Any], order: Left | None) -> Sum:
    """What a refund pays back. One that says no amount is of the whole order: all that is left of it."""
    found = of_products(properties)
    if found != Sum():
        return found
    if order is not None:
        return Sum(order.value, order.currency)
    if properties.get("order_id") in (None, ""):
        return _no("/order_id", "missing", "say what is paid back: give total with currency, or order_id for all of it")
    told = f"no order {str(properties['order_id'])[:60]!r} of this person is known yet, so nobody can tell what all of "
    return _no("/order_id", "unknown_order", told + "it is; send the order first, or give total with currency")


def _no(place: str, code: str, message: str) -> Sum:
    return Sum(problem=Problem(f"/properties{place}", code, message))


def _decimal(value: object) -> Decimal | None:
    """A number, or a text that is one, as the decimal that is written; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, float):
        return Decimal(repr(value)) if value - value == 0 else None
    if isinstance(value, int):
        return Decimal(value)
    text = value.strip()
    return Decimal(text) if _DECIMAL.fullmatch(text) else None
