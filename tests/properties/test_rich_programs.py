"""Over programmes with every form of amount, goals, contests, partners and points: caps and budgets hold, the books
balance, points are never spent twice, and a full refund takes back exactly what an order earned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodword.domain.draft import Decision
from properties.test_random_programs import Caps, Watched, live_and_replayed
from support.books import balances, check_books
from support.random_programs import BEGAN, Document, documents
from support.rich_programs import OF_STANDING, loyal, shopping, told

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
Told = tuple[Document, list[dict[str, Any]]]
Row = dict[str, Any]


class Room(Caps):
    """The limits as a person with a list would keep them: what was given takes its place under every limit that
    counts it, and leaves it when it never came true."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        shares = [share for part in document.get("goals", ()) for share in part["rewards"]]
        shares += [share for part in document.get("contests", ()) for share in part["prizes"]]
        self.rules |= {share["id"]: share | {"to": "participant"} for share in shares}
        self.rules |= {
            item["id"]: {"to": "participant", "give": item["gift"]} for item in document.get("catalogue", ())
        }

    def places(self, limit: Mapping[str, Any], row: Row) -> Iterator[tuple[str, Any]]:
        """Under what a limit counts a reward; a limit per campaign under each that changed it."""
        per, rule = limit["per"], row["rule"]
        if "rules" in limit and rule not in limit["rules"]:
            return
        if per == "campaign":
            yield from ((per, id) for id in row["campaigns"])
        elif per == "program":
            yield per, ""
        elif per == "account" or per == self.rules[rule]["to"]:
            yield per, row["who"].get(per, row["who"]["participant"])

    def take(self, decision: Decision, at: datetime, who: Mapping[str, str]) -> None:
        """Holds one decision to the list, and brings the list up to date."""
        for line in decision.trace.get("rewards", ()):
            if "from" in line:
                if line["from"] == "pending" and line["state"] in ("rejected", "cancelled", "expired"):
                    del self.given[line["reward"]]
            elif line["ok"]:
                gift = self.rules[line["rule"]]["give"]
                row = {
                    "rule": line["rule"],
                    "at": at,
                    "amount": line.get("amount", 0) + line.get("reversed", 0),
                    "unit": gift.get("unit", self.document["currency"]) if "amount" in line else "",
                    "campaigns": line.get("campaigns", {}),
                    "who": {**who, "participant": line.get("participant") or decision.participant_id},
                }
                self.given[line["reward"]] = row
                self.check(row, at)

    def check(self, new: Row, at: datetime) -> None:
        """Nothing is above its cap where the new reward has its place."""
        for limit in self.document["limits"]:
            for place in self.places(limit, new):
                same = [row for row in self.given.values() if place in self.places(limit, row)]
                unit = limit.get("unit", self.document["currency"])
                if "budget" in limit and new["unit"] != unit:
                    continue
                for rows in self.periods(limit, same, at):
                    used = sum(row["amount"] for row in rows if row["unit"] == unit)
                    assert (len(rows) if "count" in limit else used) <= self.cap(limit, at), (limit, place, new)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(told=told)
def test_caps_hold_and_the_books_agree_whatever_the_programme_gives(told: Told) -> None:
    document, events = told
    memory = Watched(document)
    for event in {event["event_id"]: event for event in events}.values():
        memory.send(event)
    memory.ring(BEGAN.replace(year=BEGAN.year + 1))
    room = Room(document)
    for at, decision, who, _ in memory.decided:
        room.take(decision, at, who)
    check_books(memory)
    for row in memory.state.rewards.values():
        spent = memory.state.counter(row.id, "spent")[1]
        assert 0 <= spent <= (row.amount or 0) - row.reversed


@st.composite
def bought(draw: Any) -> Told:
    """A loyalty programme that takes back what an order earned when that is refunded, and a history."""
    document = draw(loyal())
    document["rewards"] = [
        {name: part for name, part in rule.items() if name != "reverse"}
        for rule in document["rewards"]
        if rule["id"] not in OF_STANDING
    ]
    document = {name: part for name, part in document.items() if name not in ("goals", "contests")}
    return document, draw(shopping(document))


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(told=bought(), parts=st.integers(1, 3))
def test_a_full_refund_of_every_order_leaves_no_points_of_orders_but_those_owed(told: Told, parts: int) -> None:
    document, events = told
    events = [event for event in events if event["type"] != "visit.made"]
    memory = Watched(document)
    for event in {event["event_id"]: event for event in events}.values():
        memory.send(event)
    at = max(event["occurred_at"] for event in events)
    orders = {event["properties"]["order_id"]: event for event in events if event["type"] == "order.completed"}
    for order in orders.values():
        whole = order["properties"]["value"]
        for part in range(parts):
            value = whole // parts if part < parts - 1 else whole - whole // parts * (parts - 1)
            name = f"all-{order['event_id']}-{part}"
            refund = {"type": "order.refunded", "event_id": name, "occurred_at": at}
            memory.send(order | refund | {"properties": order["properties"] | {"value": value}})
    check_books(memory)
    catalogue = {item["id"] for item in document["catalogue"]}
    left = [row for row in memory.state.rewards.values() if row.rule not in catalogue]
    assert all(row.reversed == row.amount or row.state in ("expired", "rejected") for row in left), left
    found: dict[tuple[str | None, str], dict[str, int]] = defaultdict(dict)
    for (owner, kind, unit), amount in balances(memory).items():
        found[owner, unit][kind] = amount
    for (_owner, unit), kinds in found.items():
        if unit == "points":  # what was bought is kept, and the points that it took are owed
            assert set(kinds) == {"participant_debt", "fulfilled"}, kinds
            assert kinds["participant_debt"] == kinds["fulfilled"]


@settings(max_examples=8, deadline=None, suppress_health_check=[*SLOW, HealthCheck.function_scoped_fixture])
@given(
    told=told,
    second=documents("q", "sales"),
    chunk=st.integers(1, 40),
    batch=st.integers(1, 30),
    change=st.booleans(),
)
@pytest.mark.usefixtures("db")
def test_replay_equals_live_whatever_the_programme_gives(
    told: Told, second: Document, chunk: int, batch: int, change: bool
) -> None:
    live_and_replayed(told, second, chunk, batch, change)
