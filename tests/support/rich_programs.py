"""Random programmes with the newer parts of a document: amounts in every form, units, stacks, limits per campaign,
goals, contests, partners, tiers that fall, rates of exchange; and loyalty programmes. Histories to match."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from support.random_programs import BEGAN, FRIENDS, REFERRERS, Document, Event, documents, friends, histories, maybe

CLOSED = ("program", "campaign")
"""Limits that make one's reward another's refusal."""
PERCENTS = st.sampled_from([5, 12.5, 33.3, 100])


def _bound(draw: Any) -> dict[str, int]:
    return draw(st.sampled_from([{}, {}, {"floor": 150}, {"ceiling": 300}, {"floor": 100, "ceiling": 120}]))


@st.composite
def amounts(draw: Any, number: int) -> Any:
    """An amount in any of the forms that need no tier."""
    of = draw(st.sampled_from([{}, {}, {"of": "referral"}, {"of": "event"}]))
    form = draw(st.sampled_from(["fixed", "percent", "band", "cel", "odds"]))
    if form == "percent":
        return {"percent": draw(PERCENTS), **_bound(draw), **of}
    if form == "band":
        return {"band": [{"from": draw(st.sampled_from([0, 300])), "amount": 50}, {"from": 1_000, "percent": 10}], **of}
    if form == "cel":
        return {"cel": draw(st.sampled_from(["event.value / 3", "history.orders * 100", "event.value - 500"]))}
    if form == "odds":
        return {"odds": [{"amount": 100, "weight": 2}, {"amount": 0, "weight": 1}, {"amount": 999, "weight": 1}]}
    return draw(st.sampled_from([1, 333, 1_000, 2_500])) + number


def _stacking(draw: Any, rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A stack of rules of one trigger and unit, where there are two."""
    alike: dict[Any, list[str]] = {}
    for rule in rules:
        alike.setdefault((rule["on"], rule["give"].get("unit")), []).append(rule["id"])
    stacks = [ids for ids in alike.values() if len(ids) > 1]
    keep = draw(st.sampled_from(["better", "first", "all"]))
    return [{"rules": stacks[0], "keep": keep}] if stacks and draw(st.booleans()) else []


def _share(draw: Any, id: str) -> dict[str, Any]:
    give = draw(st.sampled_from([{"type": "feature", "name": id}, {"type": "account_credit", "amount": 301}]))
    more = draw(st.sampled_from([{}, {"hold": "P2D"}, {"approval": {"by": "finance"}}]))
    return {"id": id, "give": give, **more}


EVENTS = [{"count": "visit.made"}, {"sum": "order.completed"}, {"sum": "order.completed", "of": "value"}]


@st.composite
def shared(draw: Any, *, loyalty: bool = False) -> dict[str, Any]:
    """Goals and contests."""
    states = [] if loyalty else ["submitted", "qualified", "closed_won", "revenue"]
    metric: st.SearchStrategy[Any] = st.sampled_from([*states, *EVENTS])
    first = (BEGAN + timedelta(days=draw(st.integers(0, 30)))).date()
    wanted = draw(metric)
    goal = {
        "id": "g",
        "metric": wanted,
        "target": 1_500 if wanted == "revenue" or "sum" in wanted else draw(st.integers(1, 3)),
        "group": draw(st.sampled_from(["program", "account"])),
        "every": draw(maybe(st.sampled_from(["week", "month"]))),
        "members": "contributors" if loyalty else draw(st.sampled_from(["contributors", "participants"])),
        "late": draw(st.sampled_from(["give", "none"])),
        "rewards": [_share(draw, "all")],
    }
    contest = {
        "id": "c",
        "name": "C",
        "metric": draw(metric),
        "from": first.isoformat(),
        "to": (first + timedelta(days=25)).isoformat(),
        "ties": draw(st.sampled_from(["earliest", "share", "all"])),
        "final_after": draw(maybe(st.just("P10D"))),
        "prizes": [{**_share(draw, "first"), "place": 1}, {**_share(draw, "others"), "places": [2, 3]}],
    }
    parts = {"goals": [goal], "contests": [contest]}
    for part in (goal, contest):
        for name in [name for name, value in part.items() if value is None]:
            del part[name]
    return {name: parts[name] for name in draw(st.sets(st.sampled_from(["goals", "contests"]), min_size=1))}


def _of_standing(draw: Any, tiered: bool) -> list[dict[str, Any]]:
    """Rules on a tier that is reached, and on anniversaries of a referral."""
    give = {"type": "account_credit", "amount": draw(st.sampled_from([70, 901]))}
    found = []
    if tiered and draw(st.booleans()):
        only = draw(st.sampled_from([{}, {"tier": "t2"}]))
        found.append({"id": "up", "on": "tier.reached", "to": "referrer", "give": give, **only})
    if draw(st.integers(0, 3)) == 0:
        since = draw(st.sampled_from([{"for": "P40D"}, {"since": "begun", "first": 3}, {"first": 2}, {"nth": 2}]))
        to = draw(st.sampled_from(["referrer", "referred"]))
        found.append({"id": "stayed", "on": "anniversary.reached", "each": "P15D", "to": to, "give": give, **since})
    return found


OF_STANDING = ("up", "stayed")
"""Rules whose rewards are for no order."""


def _is_fixed(amount: Any) -> bool:
    return isinstance(amount, int) or all(isinstance(one, int) for one in amount.get("by_tier", {"": ""}).values())


def terms() -> st.SearchStrategy[Document]:
    """Terms that must have been accepted, terms that need not, or none."""
    text = {"version": 2, "text": "You refer; we thank you."}
    return st.sampled_from(
        [
            {},
            {},
            {"terms": text},
            {"terms": text | {"required": True}},
            {"terms": text | {"required": True, "since": 1}},
        ]
    )


def accepting(document: Document, who: list[str]) -> st.SearchStrategy[list[Event]]:
    """Who accepts the document's terms: most, from the beginning or late, and now and then terms that there are not."""
    if "terms" not in document:
        return st.just([])
    days, numbers = st.sampled_from([0, 0, 0, 31]), st.sampled_from([2, 2, 2, 1])
    one = st.builds(_accepted, st.just(document["program"]), st.sampled_from(who), days, numbers)
    return st.lists(one, min_size=len(who) - 1, max_size=len(who), unique_by=lambda event: event["participant"])


def _accepted(program: str, who: str, day: int, number: int) -> Event:
    at = BEGAN + timedelta(days=day)
    properties = {"program": program, "terms": number}
    return {"type": "terms.accepted", "event_id": f"terms-{who}", "occurred_at": at, "participant": who,
            "properties": properties}  # fmt: skip


PERIODS = [
    {"period_from": "2026-03-01", "period_to": "2026-04-01", "covers_from": "2026-03-11"},
    {"period_from": "2026-03-01", "period_to": "2026-04-01", "covers_to": "2026-03-11"},
    {"period_from": "2026-03-01", "period_to": "2026-04-01"},
    {"period_from": "2026-03-01", "period_to": "2026-02-01"},
]
"""Billing periods that a payment names: the last is none."""


@st.composite
def rich(draw: Any, key: str = "p", flow: str | None = None, *, together: bool = True) -> Document:
    """A valid programme with referrals; unless `together`, nothing in it makes one person's reward another's."""
    document: Document = draw(documents(key, flow))
    rules = document["rewards"]
    for number, rule in enumerate(rules):
        give = rule["give"]
        if isinstance(give["amount"], int):
            give["amount"] = draw(amounts(number))
        elif draw(st.booleans()):
            give["amount"]["by_tier"]["t2"] = {"percent": draw(PERCENTS), **_bound(draw)}
        if isinstance(give["amount"], int) and "unit" not in give and draw(st.integers(0, 4)) == 0:
            give["unit"] = "EUR"
        if not rule["on"].startswith("referral.") and _is_fixed(give["amount"]) and draw(st.booleans()):
            rule["prorate"] = True
    rules += _of_standing(draw, bool(document.get("tiers")))
    document |= draw(terms())
    if draw(st.integers(0, 2)) == 0:
        models = st.sampled_from(["first_touch", "last_touch", "sticky"])
        document["attribution"] = {"model": draw(models), **draw(st.sampled_from([{}, {"window": "P9D"}]))}
    if stacking := _stacking(draw, rules):
        document["stacking"] = stacking
    for tier in document.get("tiers", ())[:1]:
        tier.pop("window", None)
        tier |= draw(st.sampled_from([{}, {"window": "P30D"}, {"every": "month"}]))
        tier |= draw(st.sampled_from([{}, {}, {"metric": "revenue", "from": 1_500}]))
        if len(tier) > 3:
            tier["downgrade"] = draw(st.sampled_from(["to_balance", "keep_until_period_end", "one_down"]))
    for campaign in document.get("campaigns", ()):
        if draw(st.integers(0, 3)) == 0:
            campaign["when"] = "event.value > 500"
    if document["lifecycle"]["flow"] == "sales" and draw(st.booleans()):
        document["kind"] = "partner"
        document |= draw(st.sampled_from([{}, {"registration": {}}, {"registration": {"window": "P9D"}}]))
        document |= draw(st.sampled_from([{}, {"statement": {"every": "month", "minimum": 600}}]))
    document |= {"priority": draw(st.integers(0, 2)), "exclusive": draw(st.sampled_from([False, True, "x"]))}
    if together:
        if document.get("campaigns") and draw(st.booleans()):
            limit = draw(st.sampled_from([{"count": 1}, {"budget": 900}, {"budget": 900, "when_reached": "partial"}]))
            document["limits"].append({"id": "lc", "per": "campaign", **limit})
        if draw(st.integers(0, 2)) == 0:
            document |= draw(shared())
        return document
    return apart(document)


def apart(document: Document) -> Document:
    """Without what everybody shares."""
    kept = [limit for limit in document["limits"] if limit["per"] not in CLOSED]
    known = {limit["id"] for limit in kept}
    found = {name: part for name, part in document.items() if name not in ("goals", "contests")} | {"limits": kept}
    if "campaigns" in found:
        found["campaigns"] = [
            {name: part for name, part in campaign.items() if name != "limit"}
            | {"extend": {id: more for id, more in campaign.get("extend", {}).items() if id in known}}
            for campaign in found["campaigns"]
        ]
    return found


def rates(*, fixed: bool = False) -> st.SearchStrategy[list[Event]]:
    """What euros cost, now and then the other way round, and not always; `fixed`: from the beginning on."""
    return st.lists(
        st.builds(_rate, st.just(0) if fixed else st.sampled_from([0, 0, 24, 40]), st.booleans(), st.booleans()),
        max_size=2,
        unique_by=lambda event: event["event_id"],
    )


def _rate(day: int, high: bool, turned: bool) -> Event:
    at = BEGAN + timedelta(days=day)
    pair = {"base": "USD", "quote": "EUR"} if turned else {"base": "EUR", "quote": "USD"}
    told = {"rate": "1.1" if high else "0.93337", "source": "ECB", "date": at.date().isoformat()}
    return {"type": "fx.rate_published", "event_id": f"fx{day}{turned}", "occurred_at": at, "properties": pair | told}


def _in_euros(event: Event) -> Event:
    properties = event["properties"]
    return event | {"properties": properties | {"currency": "EUR"}} if "value" in properties else event


@st.composite
def rich_histories(draw: Any, document: Document) -> list[Event]:
    """A history of the programme's people in which some values are in another currency."""
    events: list[Event] = list(draw(histories(document)))
    chosen = draw(st.sets(st.integers(0, 60), max_size=6))
    foreign = {event["event_id"] for number, event in enumerate(events) if number in chosen}
    events = [_in_euros(event) if event["event_id"] in foreign else event for event in events]
    for place in draw(st.sets(st.integers(0, 60), max_size=6)):
        if place < len(events) and events[place]["type"] in ("order.completed", "visit.made"):
            told = events[place]["properties"] | draw(st.sampled_from(PERIODS))
            again = events[place]["event_id"]
            events = [event | {"properties": told} if event["event_id"] == again else event for event in events]
    events = [*draw(accepting(document, list(REFERRERS))), *events]
    if document.get("contests") and draw(st.booleans()):
        named = {"program": document["program"], "contest": "c"}
        who = draw(st.sampled_from(list(REFERRERS)))
        for number, kind in enumerate(["contest.disqualified", "contest.reinstated"][: draw(st.integers(1, 2))]):
            at = BEGAN + timedelta(days=30 + 2 * number)
            moved = {"type": kind, "event_id": kind, "occurred_at": at, "participant": who, "properties": named}
            events.insert(draw(st.integers(0, len(events))), moved)
    return [*draw(rates()), *events]


# Loyalty


@st.composite
def loyal(draw: Any, key: str = "p", *, together: bool = True) -> Document:
    """A valid loyalty programme: points as lots that mature, expire and are spent."""
    rules = []
    for number in range(draw(st.integers(1, 3))):
        on = (
            draw(st.sampled_from(["order.completed", "order.completed", "visit.made"])) if number else "order.completed"
        )
        fixed: Any = draw(st.sampled_from([40, 100, 250]))
        forms: list[Any] = [fixed]
        if on == "order.completed":
            forms += [{"percent": 10, **_bound(draw)}, {"cel": "event.value / 7 * (participant.tier == 't1' ? 2 : 1)"}]
        points = number == 0 or draw(st.booleans())
        give = {"type": "points", "unit": "points"} if points else {"type": "account_credit"}
        rule: dict[str, Any] = {
            "id": f"r{number}",
            "on": on,
            "to": "participant",
            "give": give | {"amount": draw(st.sampled_from(forms))},
            "when": draw(st.sampled_from([None, None, "history.orders > 1"])),
            "hold": draw(maybe(st.sampled_from(["PT12H", "P2D", "P1M"]))),
            "approval": draw(maybe(st.just({"by": "finance"}))),
            "expire": draw(maybe(st.sampled_from([{"after": "P5D"}, {"after": "P20D", "end_of": "month"}]))),
        }
        if draw(st.integers(0, 2)) == 0:
            how = draw(st.sampled_from(["full", "proportional", "none"]))
            rule["reverse"] = {"on": ["order.refunded"], "how": how} | draw(st.sampled_from([{}, {"within": "P20D"}]))
        rules.append({name: part for name, part in rule.items() if part is not None})
    limits = []
    for number in range(draw(st.integers(0, 2))):
        size = draw(st.sampled_from([{"count": 2}, {"budget": 180, "unit": "points"}, {"budget": 300}]))
        how = ["reject", "waitlist", "partial"] if "budget" in size else ["reject", "waitlist"]
        reached = draw(st.sampled_from(how))
        every = draw(st.sampled_from([{}, {"every": "month"}, {"within": "P5D"}]))
        per = draw(st.sampled_from(["participant", "program"]))
        limits.append({"id": f"l{number}", "per": per, "when_reached": reached, **size, **every})
    if draw(st.integers(0, 2)) == 0:
        give = {"type": "points", "unit": "points", "amount": 25}
        rules.append({"id": "up", "on": "tier.reached", "to": "participant", "give": give})
    if draw(st.integers(0, 3)) == 0:
        give = {"type": "account_credit", "amount": 5}
        since = {"since": "order.completed", "each": draw(st.sampled_from(["P1Y", "P30M"]))}
        rules.append({"id": "stayed", "on": "anniversary.reached", "to": "participant", "give": give, **since})
    metric = draw(st.sampled_from(["points", "revenue"]))
    every = draw(st.sampled_from([{}, {"every": "month"}]))
    if every:
        every["downgrade"] = draw(st.sampled_from(["to_balance", "keep_until_period_end", "one_down"]))
    first = (BEGAN + timedelta(days=draw(st.integers(15, 40)))).date()
    campaign = {
        "id": "drive", "from": first.isoformat(), "to": (first + timedelta(days=9)).isoformat(),
        "rewards": {"r0": {"multiply": 2}},
    }  # fmt: skip
    gift = draw(st.sampled_from([{"type": "product", "name": "Mug"}, {"type": "account_credit", "amount": 500}]))
    return {
        "program": key,
        "kind": "loyalty",
        "name": key,
        "currency": "USD",
        "units": ["points"],
        "timezone": draw(st.sampled_from(["UTC", "America/New_York"])),
        "tiers": [{"id": "t1", "from": draw(st.sampled_from([100, 1_500])), "metric": metric, **every}],
        "rewards": rules,
        "limits": limits,
        "catalogue": [{"id": "mug", "name": "Mug", "price": draw(st.sampled_from([30, 90])), "gift": gift}],
        **({"campaigns": [campaign]} if draw(st.booleans()) else {}),
        **(draw(shared(loyalty=True)) if together and draw(st.integers(0, 3)) == 0 else {}),
        **draw(terms()),
    }


@st.composite
def shopping(draw: Any, document: Document) -> list[Event]:
    """People order, give back in parts, visit, and buy with points; facts arrive late, early and twice."""
    told: list[Event] = []
    for number in range(draw(st.integers(2, 8))):
        who, day, order = draw(friends), draw(st.integers(0, 25)), f"o{number}"
        value = draw(st.sampled_from([400, 1_000, 2_001]))
        named = {"order_id": order, "currency": "USD"}
        facts = [{"type": "order.completed", "properties": {"value": value, **named}}]
        facts += [
            {"type": "order.refunded", "properties": {"value": part, **named}}
            for part in draw(st.sampled_from([[], [], [value], [value // 3, value - value // 3], [value, value], [99]]))
        ]
        facts += [{"type": "visit.made", "properties": {}}] * draw(st.integers(0, 2))
        bought = {"program": document["program"], "item": draw(st.sampled_from(["mug", "mug", "hat"]))}
        facts += [{"type": "catalogue.redeemed", "properties": bought}] * draw(st.integers(0, 2))
        facts = draw(st.permutations(facts)) if draw(st.integers(0, 2)) == 0 else facts
        for place, fact in enumerate(facts):
            moment = BEGAN + timedelta(days=20 + day, seconds=100 * number + place)
            told.append(fact | {"participant": who, "event_id": f"e{number}-{place}", "occurred_at": moment})
            day += draw(st.sampled_from([0, 0, 1, 3, 9, 33]))
    told.sort(key=lambda event: event["occurred_at"])
    for start, end in draw(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=5)):
        told.insert(end % len(told), told.pop(start % len(told)))
    told = [*draw(accepting(document, FRIENDS)), *told]
    return [*told, *(told[place % len(told)] for place in draw(st.lists(st.integers(0, 40), max_size=2)))]


def telling(document: Document) -> st.SearchStrategy[list[Event]]:
    """A history to match the programme."""
    return shopping(document) if document.get("kind") == "loyalty" else rich_histories(document)


told = st.one_of(rich(), rich(), loyal()).flatmap(lambda document: st.tuples(st.just(document), telling(document)))
"""A programme of any kind, and a history."""
