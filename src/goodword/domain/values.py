"""What an event is worth in the program's currency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from goodword.domain import calendar, fx, money
from goodword.domain.draft import Draft
from goodword.domain.rows import Referral

WAITING = ""
"""The occurrence of a reward that has none yet."""


class Worth(NamedTuple):
    """Minor units of the program's currency, or the reason why they are not known; and the exchange, where one was
    needed (`fx.Exchange.plain`)."""

    amount: int | None
    reason: str = ""
    exchange: Mapping[str, Any] | None = None


def of_event(draft: Draft) -> Worth:
    """What the draft's event says it is worth. One that names no currency means the program's."""
    value = draft.event.properties.get("value")
    if type(value) is not int or not 0 <= value <= money.MAX_AMOUNT:
        return Worth(None, "no_value")
    ours = draft.program.document.currency
    currency = draft.event.properties.get("currency") or ours
    if currency == ours:
        return Worth(value)
    exchange = _exchange(draft, currency)
    if exchange is None:
        return Worth(None, "no_exchange_rate")
    amount = exchange.into(value)
    return Worth(amount, "", exchange.plain(value)) if amount <= money.MAX_AMOUNT else Worth(None, "amount_error")


def refunded(draft: Draft, referral: Referral) -> int | None:
    """What the draft's refund gives back of the referral's value, after those before it, in minor units of the
    program's currency; None where nobody can tell.

    A refund in the currency of the order is exchanged at the order's rate, all such refunds together, so that a full
    refund gives back exactly the value. One in a third currency is exchanged at the rate of its own day.
    """
    if draft.event.type != "order.refunded" or referral.value is None:
        return None
    value, currency = draft.event.properties["value"], draft.event.properties["currency"]
    order = referral.properties.get("exchange")
    if currency == draft.program.document.currency:
        return int(value)
    if order and order["currency"] == currency:
        exchange, before = fx.kept(order), draft.counter(referral.id, _in_currency(currency))[1]
        return exchange.into(before + value) - exchange.into(before)
    own = _exchange(draft, currency)
    return own.into(value) if own else None


def count_refund(draft: Draft, referral: Referral) -> int:
    """Adds the draft's refund to what was given back of the referral's value, and gives it."""
    given_back = refunded(draft, referral)
    assert given_back is not None
    draft.count(referral.id, "refunded", 1, given_back)
    told, order = draft.event.properties, referral.properties.get("exchange")
    if order and order["currency"] == told["currency"]:
        draft.count(referral.id, _in_currency(told["currency"]), 1, told["value"])
    return given_back


def without_rate(draft: Draft, referral: Referral) -> bool:
    """Whether the draft's refund is in a currency for which there is no rate, so that nobody can tell its share of the
    referral's value."""
    refund = draft.event.type == "order.refunded" and bool(referral.value)
    return refund and refunded(draft, referral) is None


def spare(draft: Draft, referral: Referral, rule: str, occurrence: str, given_back: int) -> None:
    """Notes that the draft's refund takes nothing of a reward, by its rule's word, and is none for it later either."""
    if given_back:
        draft.count(referral.id, _spared(rule, occurrence), 1, given_back)


def counted_refunds(draft: Draft, referral: Referral, rule: str, occurrence: str = WAITING) -> int:
    """What was given back of the referral's value, no more than that, as far as the rule's word lets it count for the
    reward; `WAITING` stands for one in a line, and counts for what it becomes."""
    names = {_spared(rule, WAITING), _spared(rule, occurrence)}
    spared = sum(draft.counter(referral.id, name)[1] for name in names)
    return min(draft.counter(referral.id, "refunded")[1] - spared, referral.value or 0)


def _spared(rule: str, occurrence: str) -> str:
    """The counter of refunds of a referral that take nothing of a reward."""
    return f"spared:{rule}:{occurrence}"


def _in_currency(currency: str) -> str:
    """The counter of a referral's refunds in the currency of its order."""
    return f"refunded:{currency}"


def _exchange(draft: Draft, currency: object) -> fx.Exchange | None:
    """From a currency into the program's at the rate of the event's day, where it is day for the program. Where
    there is no rate, the trace says what has no price for the want of one (`unpriced`)."""
    if not isinstance(currency, str):
        return None
    day = calendar.local_day(draft.event.occurred_at, draft.program.zone)
    found = draft.state.rates.between(currency, draft.program.document.currency, day)
    if found is None:
        value = draft.event.properties["value"]
        draft.trace["unpriced"] = {"value": value, "currency": currency, "reason": "no_exchange_rate"}
    return found
