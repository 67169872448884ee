"""Units: ISO 4217 currencies in minor units, and units that a program declares itself."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from babel.core import get_global
from babel.numbers import format_decimal, get_currency_precision

MAX_AMOUNT = 10**15
"""The largest amount one fact or rule may name, in minor units."""


@cache
def currencies() -> frozenset[str]:
    """The codes of all currencies that are legal tender somewhere today (Unicode CLDR)."""
    tender: set[str] = set()
    for rows in get_global("territory_currencies").values():
        tender.update(code for code, _start, end, is_tender in rows if is_tender and end is None)
    return frozenset(tender)


def is_currency(unit: str) -> bool:
    """Whether the unit is a currency in use."""
    return unit in currencies()


def decimals(unit: str) -> int:
    """How many decimals the minor unit of a currency stands for; 0 for a declared unit."""
    return get_currency_precision(unit) if is_currency(unit) else 0


def display(amount: int, unit: str, locale: str = "en") -> str:
    """An amount as people read it: `display(150000, "USD")` gives `"1,500.00 USD"`."""
    digits = decimals(unit)
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return f"{format_decimal(Decimal(amount).scaleb(-digits), pattern, locale=locale)} {unit}"


def tally(number: int, unit: str, locale: str = "en") -> str:
    """What was counted, as people read it: a sum in its unit, or, where that is '', a number."""
    return display(number, unit, locale) if unit else str(format_decimal(number, locale=locale))


def share(amount: int, part: int, whole: int) -> int:
    """`amount * part / whole`, rounded half to even on exact integers. `0 <= part <= whole`, `whole > 0`."""
    quotient, remainder = divmod(amount * part, whole)
    twice = 2 * remainder
    if twice > whole or (twice == whole and quotient % 2 == 1):
        quotient += 1
    return quotient
