"""The demo's events in order of time: real orders and what is simulated around them.

The same on every machine: the orders are a file with a checksum, everything else is drawn with a
published seed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import chain, groupby
from typing import Any

from goodword.ops.demo import companies, invitations, orders
from goodword.ops.demo.facts import REAL, SIMULATED, Dice, Fact, stamp
from goodword.ops.demo.invitations import Buyer
from goodword.ops.demo.orders import Order

EVENTS = 78_539
FINGERPRINT = "edcfdcfaee002f754d6651994e5d7135"
"""How many events there are and `fingerprint` of their ids, as published; a test compares."""
OPENS, CLOSES = 8, 22
"""Hours of the day in New York between which an order is put."""


def events() -> Iterator[dict[str, Any]]:
    """Every event of the demo as it is sent, oldest first."""
    buyers = read_buyers()
    made_up = sorted(chain(invitations.facts(buyers), companies.facts()), key=_place)
    yield from (fact.raw for fact in merge(_real(buyers), made_up, key=_place))


def read_buyers() -> list[Buyer]:
    """The customers with their orders, in the order of their first orders. The file has the day only:
    a time of day is drawn for each order, orders of one customer staying in the order of the file."""
    dice = Dice("hours")
    found = []
    for customer, theirs in groupby(orders.read(), key=lambda order: order.customer):
        placed: list[tuple[Any, Order]] = []
        for day, same_day in groupby(theirs, key=lambda order: order.day):
            batch = list(same_day)
            moments = sorted(dice.moment(day, OPENS, CLOSES) for _order in batch)
            placed += zip(moments, batch, strict=True)
        found.append(Buyer(customer, tuple(placed)))
    return sorted(found, key=lambda buyer: (buyer.first, buyer.customer))


def fingerprint(ids: Iterable[tuple[str, str]]) -> str:
    """A hash of (source, event_id) pairs in sorted order: the MD5 that PostgreSQL makes of the same."""
    return hashlib.md5("\n".join(sorted("/".join(pair) for pair in ids)).encode(), usedforsecurity=False).hexdigest()


def _real(buyers: Sequence[Buyer]) -> Iterator[Fact]:
    placed = ((at, order) for buyer in buyers for at, order in buyer.orders)
    for at, order in sorted(placed, key=lambda pair: (pair[0], pair[1].line)):
        yield Fact(at, _completed(stamp(at), order))


def _completed(at: str, order: Order) -> dict[str, Any]:
    name = f"cdnow-{order.line}"
    return {
        "type": "order.completed",
        "event_id": name,
        "source": REAL,
        "occurred_at": at,
        "participant": {"external_id": order.customer},
        "properties": {
            "order_id": name,
            "value": order.value,
            "currency": "USD",
            "quantity": order.quantity,
        },
    }


def _place(fact: Fact) -> tuple[Any, bool, str]:
    """The order of the stream: by time, real facts before made-up ones, then by id."""
    return fact.at, fact.raw["source"] == SIMULATED, fact.raw["event_id"]
