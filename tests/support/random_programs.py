"""Programmes and histories as hypothesis draws them: every part of a document, and facts that repeat, come late,
early, out of order, or name what nobody knows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from support.memory import START

BEGAN = START - timedelta(days=2_500)
REFERRERS = {"ada": "acme", "bob": "acme", "cyd": "globex"}
"""Who refers, and their account."""
ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Europe/Oslo")
STATES = ("submitted", "qualified", "opportunity", "closed_won", "closed_lost")
LENGTHS = ("PT12H", "P2D", "P1W", "P1M")
Document = dict[str, Any]
Event = dict[str, Any]


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


@st.composite
def rules(draw: Any, number: int, tiered: bool) -> dict[str, Any]:
    """One rule; those given to the referred person and those in points have no tiers."""
    amount: Any = draw(st.sampled_from([1, 333, 1_000, 2_500]))
    unit = draw(st.sampled_from([None, None, None, "points"]))
    if tiered and draw(st.booleans()):
        amount = {"by_tier": {"t1": amount, "t2": amount * 2}}
    rule: dict[str, Any] = {
        "id": f"r{number}",
        "on": f"referral.{draw(st.sampled_from(STATES))}" if number else "referral.closed_won",
        "to": draw(st.sampled_from(["referrer", "referrer", "referred"])),
        "give": {"type": "points" if unit else "account_credit", "amount": amount} | ({"unit": unit} if unit else {}),
        "when": draw(st.sampled_from([None, None, "event.value > 500", "history.orders > 1", "account.plan == 'pro'"])),
        "hold": draw(maybe(st.sampled_from(LENGTHS))),
        "release_on": draw(st.sampled_from([None, None, None, ["visit.made"], ["visit.made", "order.completed"]])),
        "approval": draw(maybe(st.sampled_from([{"by": "finance"}, {"by": "finance", "above": 999}]))),
        "expire": draw(maybe(st.just({"after": "P3D"}))),
    }
    if draw(st.integers(0, 2)) == 0 and number:
        rule["on"] = draw(st.sampled_from(["order.completed", "order.completed", "visit.made"]))
        rule |= draw(st.sampled_from([{}, {}, {"nth": 2}, {"first": 2}, {"every": 2}]))
        rule |= draw(st.sampled_from([{}, {}, {"for": "P20D"}, {"from_month": 2}, {"to_month": 1}]))
        rule |= draw(st.sampled_from([{}, {}, {"until": ["plan.ended"]}]))
    if draw(st.integers(0, 3)):
        rule["reverse"] = {
            "on": draw(st.sampled_from([["order.refunded"], ["order.refunded", "plan.ended"]])),
            "how": draw(st.sampled_from(["full", "proportional", "proportional", "none"])),
            "within": draw(maybe(st.just("P20D"))),
        }
    return {name: part for name, part in rule.items() if part is not None}


@st.composite
def limits(draw: Any, rule_ids: list[str], states: list[str]) -> dict[str, Any]:
    """One limit, with every way to say what happens when it is reached."""
    every = draw(st.sampled_from([None, None, "day", "week", "month", "quarter", "year"]))
    limit: dict[str, Any] = {
        "per": draw(st.sampled_from(["referrer", "referred", "account", "program"])),
        "every": every,
        "within": None if every else draw(maybe(st.sampled_from(["P1D", "P5D", "P2W"]))),
        "rules": draw(maybe(st.lists(st.sampled_from(rule_ids), min_size=1, unique=True))),
    }
    reached = ["reject", "waitlist"]
    if draw(st.booleans()):
        limit["count"] = draw(st.integers(1, 3))
    else:
        limit["budget"] = draw(st.sampled_from([0, 500, 1_000, 2_700, 6_001]))
        reached.append("partial")
    limit["when_reached"] = draw(st.sampled_from(reached))
    return {name: part for name, part in limit.items() if part is not None}


@st.composite
def documents(draw: Any, key: str = "p", flow: str | None = None) -> Document:
    """A valid document."""
    flow = flow or draw(st.sampled_from(["self_serve", "sales"]))
    lifecycle: dict[str, Any] = {"flow": flow, "expire_after": draw(maybe(st.sampled_from(["P10D", "P2M"])))}
    if flow == "self_serve":
        lifecycle["qualified"] = draw(maybe(st.just({"on": "order.completed"})))
        lifecycle["closed_won"] = {"on": "order.completed"} | draw(
            st.sampled_from([{}, {}, {"when": "history.order_value >= 1500"}])
        )
    else:
        lifecycle["closed_won"] = draw(maybe(st.just({"on": "crm.deal_won"})))
    tiered = draw(st.booleans())
    metric = st.sampled_from(["submitted_referrals", "qualified_referrals", "closed_won_referrals"])
    count = draw(st.integers(1, 4))
    given = [draw(rules(number, tiered)) for number in range(count)]
    ids = [rule["id"] for rule in given]
    states = [rule["id"] for rule in given if rule["on"].startswith("referral.")]
    document: Document = {
        "program": key,
        "name": key,
        "currency": "USD",
        "units": ["points"],
        "timezone": draw(st.sampled_from(ZONES)),
        "eligibility": {
            "be_referred": draw(
                st.sampled_from([[], [], [{"code": "existing_customer", "when": "history.orders == 0"}]])
            )
        },
        "lifecycle": {name: part for name, part in lifecycle.items() if part is not None},
        "rewards": given,
        "limits": [limit | {"id": f"l{n}"} for n, limit in enumerate(draw(st.lists(limits(ids, states), max_size=3)))],
        "overlap": draw(st.sampled_from(["all", "best", "first"])),
    }
    if tiered:
        window = draw(maybe(st.just("P30D")))
        document["tiers"] = [
            {"id": "t1", "from": 1, "metric": draw(metric)} | ({"window": window} if window else {}),
            {"id": "t2", "from": 2, "metric": "submitted_referrals", "after": "t1"},
        ]
        document["tiers"][0]["metric"] = draw(metric)
    if draw(st.booleans()):
        first = (BEGAN + timedelta(days=draw(st.integers(0, 40)))).date()
        document["campaigns"] = [
            {
                "id": "drive",
                "from": first.isoformat(),
                "to": (first + timedelta(days=20)).isoformat(),
                "rewards": {ids[0]: draw(st.sampled_from([{"multiply": 2}, {"multiply": 1.5, "add": 10}]))},
                "extend": {limit["id"]: 1 for limit in document["limits"]},
                **draw(st.sampled_from([{}, {"limit": {"count": 1}}, {"limit": {"budget": 700}}])),
            },
            {
                "id": "week",
                "from": (first + timedelta(days=5)).isoformat(),
                "to": (first + timedelta(days=11)).isoformat(),
                "rewards": {ids[0]: {"set": 800}},
            },
        ]
    return document


def with_limits(document: Document, kept: Callable[[Document], bool]) -> Document:
    """The document with those of its limits only, and campaigns that have none of their own."""
    limits = [limit for limit in document["limits"] if kept(limit)]
    known = {limit["id"] for limit in limits}
    campaigns = [
        {name: part for name, part in campaign.items() if name != "limit"}
        | {"extend": {id: more for id, more in campaign.get("extend", {}).items() if id in known}}
        for campaign in document.get("campaigns", ())
    ]
    return document | {"limits": limits} | ({"campaigns": campaigns} if campaigns else {})


FRIENDS = [f"f{number}" for number in range(8)]
LEADS = [f"L{number}" for number in range(9)]
friends = st.sampled_from(FRIENDS)
leads = st.sampled_from(LEADS)
values = st.sampled_from([0, 400, 1_000, 2_000, 2_000])
names = st.sampled_from([{}, {}, {"order_id": "o1"}, {"order_id": "o2"}])


def _order(kind: str, who: str, value: int, named: dict[str, str]) -> Event:
    return {"type": kind, "participant": who, "properties": {"value": value, "currency": "USD", **named}}


def _named(kind: str, name: str, **told: Any) -> Event:
    return {"type": kind, "properties": {"referral": name, **told}}


@st.composite
def friend_stories(draw: Any) -> list[Event]:
    """Somebody signs up with a code, and orders, and gives things back."""
    who = draw(friends)
    code = draw(st.sampled_from([*REFERRERS, *REFERRERS, "nobody"]))
    facts = [{"type": "participant.signed_up", "participant": who, "properties": {"code": code}}]
    named = draw(names)
    facts += [_order("order.completed", who, draw(values), named) for _ in range(draw(st.integers(0, 2)))]
    facts += [_order("order.refunded", who, draw(values), draw(names)) for _ in range(draw(st.integers(0, 2)))]
    facts += [{"type": "visit.made", "participant": who, "properties": {}}] * draw(st.integers(0, 2))
    if draw(st.integers(0, 5)) == 0:
        facts.append({"type": "plan.ended", "participant": who, "properties": {}})
    return facts


@st.composite
def lead_stories(draw: Any) -> list[Event]:
    """A participant puts in a good word, people move it along, and what comes of it is approved, paid, taken back."""
    name, who = draw(leads), draw(st.sampled_from(list(REFERRERS)))
    told = {"referral": name, "referred": {"email": f"{draw(leads)}@x.example"}}
    facts = [{"type": "referral.submitted", "participant": who, "properties": told}]
    moves = ["referral.qualified", "referral.closed_won", "referral.closed_won", "crm.deal_won", "referral.closed_lost"]
    facts += [_named(kind, name, value=draw(values)) for kind in draw(st.lists(st.sampled_from(moves), max_size=2))]
    kinds = draw(
        st.lists(st.sampled_from(["approved", "approved", "rejected", "issued", "redeemed", "failed"]), max_size=3)
    )
    facts += [_named(f"reward.{kind}", name, rule=draw(st.sampled_from(["r0", "r1"]))) for kind in kinds]
    if draw(st.integers(0, 2)) == 0:
        order = _named("order.completed", name, value=draw(values), currency="USD", **draw(names))
        facts.append(order | {"participant": {"email": f"{name}@x.example"}})
        facts.append(_named(draw(st.sampled_from(["visit.made", "plan.ended"])), name))
    if draw(st.booleans()):
        refund = _named("order.refunded", name, value=draw(values), currency="USD", **draw(names))
        facts.append(refund | {"participant": {"email": f"{name}@x.example"}})
    return facts


moves_on = st.builds(
    lambda who, account: [{"type": "participant.identified", "participant": who, "account": account, "properties": {}}],
    st.sampled_from(list(REFERRERS)),
    st.sampled_from(["acme", "globex"]),
)
"""A referrer changes company."""


@st.composite
def histories(draw: Any, document: Document) -> list[Event]:
    """The programme's people, then stories told beside each other: each fact days after the one before it in its
    story, the whole in the order of happening but for some that arrive early or late, and some that repeat."""
    self_serve = document["lifecycle"]["flow"] == "self_serve"
    begin: list[Event] = [
        {"type": "account.updated", "account": "acme", "properties": {"plan": "pro"}},
        *(
            {"type": "participant.identified", "participant": who, "account": account, "properties": {}}
            for who, account in REFERRERS.items()
        ),
    ]
    if self_serve:
        begin += [
            {"type": "link.created", "participant": who, "properties": {"program": document["program"], "code": who}}
            for who in REFERRERS
        ]
    events = [event | {"event_id": f"s{number}", "occurred_at": BEGAN} for number, event in enumerate(begin)]
    story = friend_stories() if self_serve else lead_stories()
    stories = st.lists(st.one_of(story, story, story, story, moves_on), min_size=3, max_size=13)
    told: list[Event] = []
    for number, facts in enumerate(draw(stories)):
        day = draw(st.integers(0, 25))
        for place, fact in enumerate(facts):
            moment = BEGAN + timedelta(days=20 + day, seconds=100 * number + place)
            told.append(fact | {"event_id": f"e{number}-{place}", "occurred_at": moment})
            day += draw(st.sampled_from([0, 1, 1, 3, 9, 33]))
    told.sort(key=lambda event: event["occurred_at"])
    for start, end in draw(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8)):
        told.insert(end % len(told), told.pop(start % len(told)))
    repeats = draw(st.lists(st.integers(0, 40), max_size=3))
    return [*events, *told, *(told[place % len(told)] for place in repeats)]
