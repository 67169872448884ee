"""What is told of a document with faults: all in one round, each with what is allowed and the nearest spelling."""

from __future__ import annotations

from typing import Any

import pytest

from goodword.domain import event_names, mending
from goodword.domain.faults import ProgramError
from goodword.domain.program import read
from support.documents import sales, self_serve, thanks
from support.loyalty import earns, shop


def told(document: Any) -> dict[str, str]:
    """By path, what is said of it."""
    with pytest.raises(ProgramError) as refused:
        read(document)
    faults = refused.value.faults
    assert len({(fault.path, fault.message) for fault in faults}) == len(faults)
    return {fault.path: fault.message for fault in faults}


MANY = """
program: a
name: A
currency: USD
kind: referal
lifecycle: {flow: self-serve, closed_won: {on: order.completd}}
tiers: [{id: t1, from: 3, metric: qualified_referrals}, {id: t2, from: 2, metric: qualified_referrals}]
rewards:
  - {id: thanks, on: referral.closed_won, to: referer, give: {type: cash, amont: 500}}
  - {id: more, on: referral.closed_won, to: referrer, give: {type: cash, amount: 5, unit: stars},
     when: "histry.orders > 1"}
  - {id: other, on: referral.closed_won, to: referrer, give: {type: cash, amount: {by_tier: {t9: 5}}}}
limits: [{per: referrer, rules: [thank], count: 5}, {per: referrer, count: five}]
campaigns: [{id: c, from: 2026-03-31, to: 2026-03-01, rewards: {thansk: {multiply: 2}}}]
"""


SILVER = {"id": "b", "from": 1, "metric": "qualified_referrals"}
ACCESS = [{"id": "x", "give": {"type": "access"}}]


def test_one_round_tells_of_schema_expressions_and_what_holds_between_the_parts_in_the_order_of_the_document() -> None:
    assert list(told(MANY)) == [
        "kind", "lifecycle.flow", "lifecycle.closed_won.on", "tiers.1.from", "rewards.0.to", "rewards.0.give.amont",
        "rewards.1.give.unit", "rewards.1.when", "rewards.2.give.amount.by_tier", "limits.0.rules", "limits.1.count",
        "campaigns.0.to", "campaigns.0.rewards",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "paths"),
    [
        # A misspelt key is taken as it is meant, with its value.
        (sales(rewards=[thanks(give={"type": "cash", "amont": -5})]), ["rewards.0.give.amont"] * 2),
        (sales(rewards=[thanks(tuer="gold")]), ["rewards.0.tuer"]),
        (sales(rewards=[{**thanks(), "On": "referral.closed_won", "on": None}]), ["rewards.0.On", "rewards.0.on"]),
        (sales(limts=[{"per": "referrer", "count": 1, "rules": ["x"]}]), ["limts", "limts.0.rules"]),
        # What refers to a part without its id, or stands beside what was left out, might be right.
        (sales(rewards=[{key: thanks()[key] for key in ("on", "to", "give")}], limits=[
            {"per": "referrer", "count": 1, "rules": ["thanks"]}, {"per": "referrer"}]),
         ["rewards.0.id", "limits.1"]),
        (sales(rewards=[thanks(give={"type": "cash", "amount": "x"})]), ["rewards.0.give.amount"]),
        (sales(rewards=[thanks(give={"type": "cash", "amount": {"percent": "x", "floor": 5}})]),
         ["rewards.0.give.amount.percent"]),
        (sales(rewards=[thanks(give={"type": "cash", "amount": {"by_tier": {"A b": 1}}})]),
         ["rewards.0.give.amount.by_tier.A b"]),
        (sales(rewards=[thanks(), "thanks", ["x"]], timezone="Europe/Olso"),
         ["rewards.1", "rewards.2", "timezone"]),
        (sales(units=["points", 5], rewards=[thanks(give={"type": "points", "unit": "points", "amount": 1})]),
         ["units.1"]),
        (sales(tiers=[{"id": "a", "metric": "qualified_referrals"}, SILVER]), ["tiers.0.from"]),
        (sales(kind=7, catalogue=[]), ["kind"]),
        (sales(rewards=[thanks(on="closed", to="referrer", hold="30")], timezone="Mars"),
         ["rewards.0.on", "rewards.0.hold", "timezone"]),
        (sales(campaigns=[{"id": "c", "from": "x", "to": "2026-01-01", "rewards": {"thanks": 2}}]),
         ["campaigns.0.from", "campaigns.0.rewards.thanks"]),
        (sales(contests=[{"id": "c"}], goals=[{"id": "g"}], calendar="ZZ"),
         ["contests.0.name", "contests.0.from", "contests.0.to", "contests.0.metric", "contests.0.prizes",
          "goals.0.metric", "goals.0.target", "goals.0.rewards", "calendar"]),
        # An unknown key may be what is missed.
        (sales(campaigns=[{"id": "c", "from": "2026-01-01", "to": "2026-01-02", "rewards": {"thanks": {"times": 2}}}]),
         ["campaigns.0.rewards.thanks.times"]),
        (sales(limits=[{"name": "cap", "per": "program", "count": 1}], campaigns=[
            {"id": "c", "from": "2026-01-01", "to": "2026-01-02", "extend": {"cap": 2}}]), ["limits.0.name"]),
        (sales(limits=[{"per": "program", "count": 1, "rules": ["A b", "C d"]}]),
         ["limits.0.rules.0", "limits.0.rules.1"]),
        (sales(units=[{}]), ["units.0"]),
        (sales(program="A b", limits=[{"per": "program", "count": 1, "rules": ["thank"]}]),
         ["program", "limits.0.rules"]),
        (sales(rewards=[thanks(give={"type": "cash", "amount": "x"}, approval={"by": "finance", "above": 5})]),
         ["rewards.0.give.amount"]),
        # What leans on a part that was left out.
        (sales(rewards=[], goals="g"), ["goals"]),
        (sales(rewards=[thanks(id="a"), thanks(id="b", on="x")], stacking=[{"rules": ["a", "b"], "keep": "better"}]),
         ["rewards.1.on"]),
        (shop(units=7), ["units"]),
        (sales(rewards=[thanks(give={"type": "cash", "amount": {"percent": "x", "floor": "y"}})]),
         ["rewards.0.give.amount.percent", "rewards.0.give.amount.floor"]),
        (sales(rewards=[thanks(give={"type": "cash", "amount": {"odds": [{"wieght": 1, "amount": 5}]}})]),
         ["rewards.0.give.amount.odds.0.wieght"]),
        ({"lifecycle": None}, ["program", "name", "currency", "lifecycle", "rewards"]),
    ],
)  # fmt: skip
def test_only_what_is_certain_is_told(document: dict[str, Any], paths: list[str]) -> None:
    with pytest.raises(ProgramError) as refused:
        read(document)
    assert sorted(fault.path for fault in refused.value.faults) == sorted(paths)


def test_a_document_that_cannot_be_mended_is_told_of_by_its_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(told({"rewards": []})) == ["rewards", "program", "name", "currency", "lifecycle"]
    monkeypatch.setattr(mending, "_STAND_INS", {})
    assert list(told({"rewards": []})) == ["program", "name", "currency"]


def give(**gift: Any) -> dict[str, Any]:
    return sales(rewards=[thanks(give={"type": "cash", **gift})])


CEL = "eligibility.refer.0.when"


def when(source: Any) -> dict[str, Any]:
    return sales(eligibility={"refer": [{"code": "x", "when": source}]})


SPELT = [
    (sales(program="Refer A Friend"), "program", "did you mean refer-a-friend?"),
    (sales(program="!"), "program", "an id has small letters, digits, - and _"),
    (sales(units=["2 Gold Stars"]), "units.0", "did you mean gold_stars?"),
    (sales(rewards=[thanks(on="closed_won")]), "rewards.0.on", "did you mean referral.closed_won?"),
    (sales(rewards=[thanks(on="Order Completed")]), "rewards.0.on", "did you mean order.completed?"),
    (sales(rewards=[thanks(on="something")]), "rewards.0.on", "two words in small letters with a dot between"),
    (sales(terms={"url": "http://x.example"}), "terms.url", "begins with https://"),
    (sales(currency="usd"), "currency", "did you mean USD?"),
    (sales(currency="EURO"), "currency", "did you mean EUR?"),
    (sales(currency="gold"), "currency", "use an ISO 4217 code such as USD"),
    (sales(calendar="no"), "calendar", "did you mean NO?"),
    (sales(calendar="Norway"), "calendar", "use an ISO 3166 code"),
    (give(amount=5, unit="usd"), "rewards.0.give.unit", "did you mean USD?"),
    (give(amount="5.00"), "rewards.0.give.amount", "1250 for 12.50; did you mean 500?"),
    (give(amount=5.5), "rewards.0.give.amount", "did you mean 550?"),
    (give(amount="5 EUR"), "rewards.0.give.amount", "did you mean 500?"),
    (give(amount="5"), "rewards.0.give.amount", "did you mean 5, without quotes?"),
    (give(amount="$1,50"), "rewards.0.give.amount", "did you mean 150?"),
    (give(amount="JPY 200"), "rewards.0.give.amount", "did you mean 200?"),
    (give(amount="200.50 JPY"), "rewards.0.give.amount", "minor units: 1250 for 12.50"),
    (give(amount="five"), "rewards.0.give.amount", "'five': expected a whole number of minor units"),
    (give(amount=True), "rewards.0.give.amount", "expected a whole number of minor units"),
    (give(amount={"percent": "20%"}), "rewards.0.give.amount.percent", "without quotes or %; did you mean 20?"),
    (give(amount={"percent": [20]}), "rewards.0.give.amount.percent", "expected a number, without quotes or %"),
    (sales(limits=[{"per": "referrer", "count": 2.5}]), "limits.0.count", "2.5: expected a whole number"),
    (sales(rewards=[thanks(to="both")]), "rewards.0.to", "for both write a reward for each"),
    (sales(rewards=[thanks(hold=30)]), "rewards.0.hold", "did you mean P30D?"),
    (sales(rewards=[thanks(hold=True)]), "rewards.0.hold", "expected an ISO 8601 duration such as P30D or PT24H"),
    (sales(rewards={"thanks": {}}), "rewards", "expected a list, an entry for each part"),
    (sales(rewards=[thanks(until="a.b")]), "rewards.0.until", "did you mean [a.b]?"),
    (sales(rewards=[thanks(reverse="order.refunded")]), "rewards.0.reverse", "did you mean {on: [order.refunded]}?"),
    (sales(lifecycle={"flow": "sales", "closed_won": "crm.won"}), "lifecycle.closed_won", "{on: crm.won}?"),
    (sales(lifecycle="sales"), "lifecycle", "'sales': expected named parts: flow, qualified"),
    (sales(rewards=[thanks(amount=5)]), "rewards.0.amount", "it stands under give. Allowed here: id, on"),
    (sales(name=None), "name", "is empty; expected a text"),
    (sales(lifecycle=None), "lifecycle", "is empty; expected named parts"),
    (sales(name=""), "name", "must not be empty"),
    (sales(name="x" * 201), "name", "at most 200 characters"),
    (sales(rewards=[thanks(reverse={"on": []})]), "rewards.0.reverse.on", "at least 1 must be given"),
    (sales(units=["a"] * 21), "units", "21 entries; at most 20 are allowed"),
    (sales(exclusive=5), "exclusive", "expected true or false"),
    (sales(exclusive="Some Name"), "exclusive", "did you mean some-name?"),
    (sales(goals=[{"id": "g", "metric": {"cuont": "a.b"}, "target": 1, "rewards": ACCESS}]),
     "goals.0.metric.cuont", "did you mean count?"),
    (sales(goals=[{"id": "g", "metric": "sumbitted", "target": 1, "rewards": ACCESS}]),
     "goals.0.metric", "did you mean submitted?"),
    (sales(goals=[{"id": "g", "metric": "submitted", "group": {"trait": 5}, "target": 1,
                   "rewards": ACCESS}]), "goals.0.group.trait", "expected a text"),
    (sales(rewards=[thanks(on="anniversary.reached", since="Won")]), "rewards.0.since", "did you mean won?"),
    (sales(rewards=[thanks(on="anniversary.reached", since="A.b")]), "rewards.0.since", "two words in small letters"),
    (sales(campaigns=[{"id": "c", "from": "31.03.2026", "to": "2026-4-1", "rewards": {"thanks": {"add": 1}}}]),
     "campaigns.0.from", "did you mean 2026-03-31?"),
    (sales(campaigns=[{"id": "c", "from": "2026-02-30", "to": "2026-04-01", "rewards": {"thanks": {"add": 1}}}]),
     "campaigns.0.from", "there is no such day"),
    (sales(campaigns=[{"id": "c", "from": "99.99.2026", "to": "2026-04-01", "rewards": {"thanks": {"add": 1}}}]),
     "campaigns.0.from", "'99.99.2026': expected a date such as 2026-03-01"),
    (sales(campaigns=[{"id": "c", "from": "March", "to": "2026/04/01", "rewards": {"thanks": {"add": 1}}}]),
     "campaigns.0.to", "did you mean 2026-04-01?"),
    (when("account.status = 'x'"), CEL, "compare with =="),
    (when("account.status == 'x' and account.plan == 'and'"), CEL, "and is written && (column"),
    (when("account.status == 'paying"), CEL, "a text has a quote at both ends"),
    (when("account.plan in ('a','b')"), CEL, "a list is written ['a', 'b']"),
    (when("account.age_days > 90d"), CEL, "column 22"),
    (when("account.plan == “pro”"), CEL, "a text has straight quotes: 'a' (column 17: '“' means nothing here)"),
    (when("account.age_days > 9 & account.age_days < 90"), CEL, "and is written &&"),
    (when("for == 1"), CEL, "reserved identifier: for"),
    (when("account.plan === 'pro'"), CEL, "compare with =="),
    (when("account.plan like 'p%'"), CEL, "searched with contains, startsWith, endsWith or matches"),
    (when("account.age_days between 1 and 5"), CEL, "a lower and an upper bound"),
    (when("referral.value > 2,500"), CEL, "write digits alone: 2500 for 25.00 (column 19: ',' is not expected here)"),
    (when("referral.value > 10%"), CEL, "0.1 for 10 % (column 21: the expression ends too early)"),
    (when(True), CEL, "expected a CEL expression"),
    ("program: Refer: a friend", "line 1", "put a text with a colon in quotes"),
    ("program: 'a", "line 1", "not YAML or JSON"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "path", "part"), SPELT, ids=[f"{path}-{part[:20]}" for _, path, part in SPELT])
def test_a_fault_says_what_is_allowed_and_the_nearest_spelling(document: Any, path: str, part: str) -> None:
    assert part in told(document)[path]


def test_a_part_of_a_period_and_a_limit_that_a_campaign_extends_are_read() -> None:
    prorated = thanks(id="share", on="invoice.paid", prorate=True)
    campaign = {"id": "c", "from": "2026-03-01", "to": "2026-03-31", "extend": {"cap": 2, "other": 1}}
    limits = [{"id": name, "per": "referrer", "count": 5} for name in ("cap", "other")]
    assert read(self_serve(rewards=[thanks(), prorated], limits=limits, campaigns=[campaign]))


# Types of events


STEP = {"flow": "self_serve", "closed_won": {"on": "order.completd"}}
NEAR = (
    "is no standard event; did you mean order.completed? If it is one of your own, say so at the top of the document: "
)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (self_serve(lifecycle=STEP), "lifecycle.closed_won.on"),
        (self_serve(rewards=[thanks(on="order.completd")]), "rewards.0.on"),
        (self_serve(rewards=[thanks(reverse={"on": ["order.refunded", "order.completd"]})]), "rewards.0.reverse.on.1"),
        (self_serve(rewards=[thanks(on="invoice.paid", until=["order.completd"])]), "rewards.0.until.0"),
        (self_serve(rewards=[thanks(release_on=["order.completd"])]), "rewards.0.release_on.0"),
        (shop(rewards=[earns(on="order.completd")]), "rewards.0.on"),
        (shop(rewards=[earns(on="anniversary.reached", since="order.completd")]), "rewards.0.since"),
        (shop(goals=[{"id": "g", "metric": {"count": "order.completd"}, "target": 1,
                      "rewards": ACCESS}]), "goals.0.metric.count"),
    ],
)  # fmt: skip
def test_an_event_that_is_nearly_a_standard_one_must_be_said_to_be_meant(document: dict[str, Any], path: str) -> None:
    assert told(document) == {path: f"'order.completd' {NEAR}own_events: [order.completd]"}
    assert read({**document, "own_events": ["order.completd"]})


@pytest.mark.parametrize(
    "name", ["crm.deal_won", "order.delivered", "subscription.paused", "invoice.void", "workshop.attended"]
)
def test_other_events_of_ones_own_need_no_word(name: str) -> None:
    assert read(self_serve(lifecycle={"flow": "self_serve", "closed_won": {"on": name}}))


@pytest.mark.parametrize(
    "name", ["invoice.payed", "order.complete", "oder.completed", "subscription.canceled", "order.refund"]
)
def test_slips_are_found(name: str) -> None:
    assert "did you mean" in told(self_serve(rewards=[thanks(on=name)]))["rewards.0.on"]


@pytest.mark.parametrize(
    ("document", "path", "part"),
    [
        (self_serve(lifecycle={"flow": "self_serve", "closed_won": {"on": "participant.signed_up"}}),
         "lifecycle.closed_won.on", "can do nothing here"),
        (self_serve(lifecycle={**STEP, "closed_won": {"on": "referral.qualified"}}),
         "lifecycle.closed_won.on", "closed_won"),
        (self_serve(rewards=[thanks(reverse={"on": ["reward.failed"]})]), "rewards.0.reverse.on.0", "can do nothing"),
        (shop(rewards=[earns(on="link.created")]), "rewards.0.on", "can do nothing here"),
        (self_serve(own_events=["order.completed"]), "own_events.0", "is a standard event; leave it out"),
        (self_serve(own_events=["reward.doubled"]), "own_events.0", "its first word is kept for standard events"),
    ],
)  # fmt: skip
def test_an_event_that_could_never_do_anything_there_is_refused(document: Any, path: str, part: str) -> None:
    assert part in told(document)[path]


def test_a_step_may_name_the_event_that_makes_it_anyway() -> None:
    steps = {"qualified": {"on": "referral.qualified"}, "opportunity": {"on": "referral.opportunity_opened"}}
    assert read(self_serve(lifecycle={"flow": "sales", **steps, "closed_lost": {"on": "referral.closed_lost"}}))


def test_a_standard_type_is_no_slip() -> None:
    assert event_names.near_miss("order.completd") == "order.completed"
    assert event_names.near_miss("order.completed") == ""
    assert event_names.near_miss("tea.was_served") == ""


RULE = {"id": "x", "on": "order.completed", "to": "participant"}
SPRING = {"id": "spring", "from": "2026-03-01", "to": "2026-03-31"}
PRIZE = {"id": "p", "give": {"type": "recognition"}}
QUARTER = {"id": "c", "name": "C", "from": "2026-01-01", "to": "2026-03-31", "metric": "closed_won"}


@pytest.mark.parametrize(
    ("document", "path", "part"),
    [
        (self_serve(timezone="Oslo"), "timezone",
         "unknown time zone 'Oslo'; use an IANA name such as Europe/Oslo; did "),
        (self_serve(timezone="US/Newyork"), "timezone", "did you mean America/New_York?"),
        (self_serve(timezone="europe/paris"), "timezone", "did you mean Europe/Paris?"),
        (self_serve(timezone="Europe/Belfat"), "timezone", "did you mean Europe/Belfast?"),
        (self_serve(links={"code_name": "1st"}), "links.code_name", "begins with a letter and has at most 32"),
        (self_serve(timezone="+02:00"), "timezone", "such as Europe/Oslo"),
        (self_serve(calendar="Norway"), "calendar", "did you mean NO?"),
        (self_serve(calendar="United States"), "calendar", "did you mean US?"),
        (self_serve(calendar="nor"), "calendar", "did you mean NO?"),
        (self_serve(rewards=[thanks(to="friend")]), "rewards.0.to", "did you mean referred?"),
        (self_serve(rewards=[thanks(to="advocate")]), "rewards.0.to", "did you mean referrer?"),
        (self_serve(rewards=[thanks(hold="two weeks")]), "rewards.0.hold", "did you mean P2W?"),
        (self_serve(rewards=[thanks(hold="P14")]), "rewards.0.hold", "did you mean P14D?"),
        (self_serve(rewards=[thanks(hold="0")]), "rewards.0.hold", "expected an ISO 8601 duration"),
        (self_serve(rewards=[thanks(approval=True)]), "rewards.0.approval", "did you mean {by: finance}?"),
        (self_serve(rewards=[thanks(expire="a year")]), "rewards.0.expire", "did you mean {after: P1Y}?"),
        (self_serve(rewards=[thanks(promise="P3D")]), "rewards.0.promise", "did you mean {fulfil: P3D}?"),
        (self_serve(rewards=[thanks(promise="soon")]), "rewards.0.promise", "expected named parts: notify, fulfil"),
        (self_serve(rewards=[thanks(reverse="order.refunded")]), "rewards.0.reverse", "mean {on: [order.refunded]}?"),
        (self_serve(eligibility={"refer": ["true"]}), "eligibility.refer.0",
         "did you mean {code: a_code, when: 'true'}?"),
        (self_serve(rewards=[thanks(give={"type": "cash", "amount": {"percent": 5, "min": 1}})]),
         "rewards.0.give.amount.min", "did you mean floor?"),
        (self_serve(campaigns=[{**SPRING, "rewards": {"thanks": {"replace": 5}}}]),
         "campaigns.0.rewards.thanks.replace",
         "did you mean set?"),
        (self_serve(limits=[{"per": "referrer", "every": "30 days", "count": 1}]), "limits.0.every",
         "write within: P30D."),
        (self_serve(limits=[{"per": "referrer", "count": "2.00"}]), "limits.0.count",
         "did you mean 2, without quotes?"),
        (self_serve(limits=[{"per": "referrer", "count": 2.0}]), "limits.0.count", "did you mean 2?"),
        (self_serve(limits=[{"per": "program", "amount": 100}]), "limits.0.amount", "did you mean budget?"),
        (self_serve(attribution={"model": "last-click"}), "attribution.model", "did you mean last_touch?"),
        (self_serve(ending="cancel"), "ending", "did you mean void?"),
        (self_serve(test="yes"), "test", "did you mean true, without quotes?"),
        (self_serve(test="false"), "test", "did you mean false, without quotes?"),
        (self_serve(terms={"url": "http://example.com/terms"}), "terms.url", "did you mean https://example.com/terms?"),
        (self_serve(terms={"url": "our terms"}), "terms.url", "begins with https://"),
        (self_serve(contests=[{**QUARTER, "ties": "first", "prizes": [{**PRIZE, "place": 1}]}]), "contests.0.ties",
         "did you mean earliest?"),
        (self_serve(contests=[{**QUARTER, "prizes": [{**PRIZE, "place": [1, 10]}]}]), "contests.0.prizes.0.place",
         "did you mean places: [1, 10]?"),
        (self_serve(experiments=[{"id": "x", "variants": ["As now", "more"]}]), "experiments.0.variants.0",
         "did you mean {id: as-now, weight: 1}?"),
    ],
)  # fmt: skip
def test_words_of_the_field_are_told_in_ours(document: Any, path: str, part: str) -> None:
    assert part in told(document)[path]


def test_a_fact_that_nobody_counts_is_found_wherever_an_expression_stands() -> None:
    when, amount = "history.nothing > 1", {"cel": "history.nothing"}
    gift = {"type": "account_credit", "amount": amount}
    step = {"on": "order.completed", "when": when}
    requirement = {"code": "known", "when": when}
    document = self_serve(
        eligibility={"refer": [requirement], "be_referred": [requirement]},
        lifecycle={
            "flow": "self_serve",
            "qualified": step,
            "opportunity": step,
            "closed_won": step,
            "closed_lost": step,
        },
        rewards=[thanks(when=when, give=gift, reverse={"on": ["order.refunded"], "when": when})],
        campaigns=[{**SPRING, "when": when, "rewards": {"thanks": {"add": 5}}}],
        goals=[{"id": "g", "metric": "submitted", "target": 2, "when": when, "rewards": [{"id": "r", "give": gift}]}],
        contests=[{**QUARTER, "when": when, "prizes": [{**PRIZE, "place": 1, "give": gift}]}],
    )
    loyal = shop(catalogue=[{**shop()["catalogue"][0], "when": when}])
    assert {path for path, message in {**told(document), **told(loyal)}.items() if "unknown fact" in message} == {
        "eligibility.refer.0.when", "eligibility.be_referred.0.when", "lifecycle.qualified.when",
        "lifecycle.opportunity.when", "lifecycle.closed_won.when", "lifecycle.closed_lost.when", "rewards.0.when",
        "rewards.0.give.amount.cel", "rewards.0.reverse.when", "campaigns.0.when", "goals.0.when",
        "goals.0.rewards.0.give.amount.cel", "contests.0.when", "contests.0.prizes.0.give.amount.cel",
        "catalogue.0.when",
    }  # fmt: skip
