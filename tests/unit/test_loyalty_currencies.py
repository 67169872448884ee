"""What orders in other currencies, and what is given back of them, are for the tiers of a loyalty programme."""

from __future__ import annotations

import pytest

from support.loyalty import shop
from support.memory import Memory

_KINDS = {"+": "order.completed", "-": "order.refunded"}


def counted(*facts: str, rate: str = "1.10") -> int:
    """What Ada's orders count for in US cents, after these facts in turn, a day each, such as `+1000 EUR one`: so much
    was ordered, or given back (`-`), under the name of an order or none. A euro costs `rate` dollars on the first day,
    and 1.50 from the third on."""
    memory = Memory(shop(tiers=[{"id": "gold", "from": 100_000, "metric": "revenue"}]))
    rates = {0: ("2026-01-05", rate), 2: ("2026-01-07", "1.50")}
    for day, fact in enumerate(facts):
        if day in rates:
            on, price = rates[day]
            memory.say("fx.rate_published", None, day, base="EUR", quote="USD", rate=price, date=on, source="ECB")
        amount, currency, *name = fact.split()
        told = {"value": int(amount[1:]), "currency": currency}
        memory.say(_KINDS[amount[0]], "ada", day, **told, **({"order_id": name[0]} if name else {}))
    [ada] = memory.state.participants
    return memory.state.counter(ada, "tier:shop:revenue:ever")[1]


@pytest.mark.parametrize(
    ("facts", "left"),
    [
        (["+1000 EUR one"], 1100),
        (["+1000 EUR"], 1100),
        (["+1000 EUR", "-500 EUR"], 550),
        (["+1000 EUR", "+1 USD", "-500 EUR"], 351),  # of no known order: 500 at 1.50
        (["+1000 NOK one", "-1000 NOK one"], 0),
        (["+1000 NOK one", "+7 USD two", "-1000 NOK one"], 7),
        # at the order's rate, whatever it has become; all of them together come to the whole
        (["+1000 EUR one", "+1 USD two", "-500 EUR one"], 551),
        (["+1001 EUR one", "-333 EUR one"], 735),  # 1101 less 366.27, which is 366
        (["+1001 EUR one", "-333 EUR one", "-335 EUR one", "-333 EUR one"], 0),
        (["+1001 EUR one", "+5 USD two", "-335 EUR one", "-9999 EUR one"], 5),
        # in another currency than the order's, at its own day's
        (["+1000 EUR one", "-110 USD one"], 990),
        (["+1000 EUR one", "-110 USD one", "-900 EUR one"], 0),
        (["+1100 USD one", "-100 EUR one"], 990),
        (["+1100 USD one", "+5 USD two", "-100 EUR one"], 955),
        (["+1000 EUR one", "-110 NOK one"], 1100),
        # before its order
        (["-100 EUR one", "+1000 EUR one"], 990),
        (["-110 USD one", "+1000 EUR one"], 990),
        (["-5000 EUR one", "+1000 EUR one", "+5 USD two"], 5),
        # one order in two currencies
        (["+1000 EUR one", "+200 USD one", "-1000 EUR one"], 200),
    ],
)
def test_a_tier_by_revenue_counts_in_the_programs_currency(facts: list[str], left: int) -> None:
    assert counted(*facts) == left


def test_what_others_earned_by_an_order_is_not_theirs_to_give_back() -> None:
    memory = Memory(shop(tiers=[{"id": "gold", "from": 100_000, "metric": "revenue"}]))
    for who, order in (("ada", "one"), ("bob", "two")):
        memory.say("order.completed", who, 1, value=1_000, currency="USD", order_id=order)
    for who in ("bob", "bob", "ada"):
        memory.say("order.refunded", who, 2, value=400, currency="USD", order_id="one")
    left = {row.external_id: memory.state.counter(id, "tier:shop:revenue:ever")[1]
            for id, row in memory.state.participants.items()}  # fmt: skip
    assert left == {"ada": 600, "bob": 1_000}
