"""How an amount came about, in signs that need no translation: `12.5 % × 480.00 USD`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goodword.domain import money


def told(
    amount_from: Mapping[str, Any], exchange: Mapping[str, Any], unit: str, locale: str = "en", currency: str = ""
) -> str:
    """What a rule's line of the trace says of its amount: the exchange, and what was taken of what; '' for a fixed
    one. `unit` is the reward's: a value has it where it is a currency and nothing was exchanged, else the program's
    `currency`."""
    parts = []
    ours = unit if money.is_currency(unit) else currency
    if exchange:
        pair = f"{exchange['base']}/{exchange['quote']}"
        ours = exchange["quote"] if exchange["base"] == exchange["currency"] else exchange["base"]
        sum = money.display(exchange["value"], exchange["currency"], locale)
        parts.append(f"{sum} → {ours} ({pair} {exchange['rate']}, {exchange['day']}, {exchange['source']})")
    if "value" in amount_from:
        parts.append(_of_value(amount_from, ours, unit, locale))
    elif "drawn" in amount_from:
        parts.append(f"{amount_from['drawn']} / {amount_from['of']}")
    elif "days" in amount_from:
        whole = money.display(amount_from["whole"], unit, locale).rstrip()
        parts.append(f"{amount_from['days']} / {amount_from['period']} × {whole}")
    return "; ".join(parts)


def _of_value(amount_from: Mapping[str, Any], currency: str, unit: str, locale: str) -> str:
    """The value and where a band begins are in the currency, the least and the most in the reward's unit, and left out
    where nobody knows it: 5,000 may be points or 50.00 USD."""
    text = money.tally(amount_from["value"], currency, locale)
    if "percent" in amount_from:
        text = f"{amount_from['percent']} % × {text}"
    for name, sign, of in (("from", "≥", currency), ("floor", "≥", unit), ("ceiling", "≤", unit)):
        if name in amount_from and (of or name == "from"):
            text += f", {sign} {money.tally(amount_from[name], of if money.is_currency(of) else '', locale)}"
    return text
