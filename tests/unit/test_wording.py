"""What changed between two versions, in words: nothing is silent, and a default written out is no change."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from goodword.domain.calendar import Duration
from goodword.domain.conditions import Condition
from goodword.domain.faults import ProgramError
from goodword.domain.fields import Amount, Length
from goodword.domain.program import read
from goodword.domain.wording import MAX_SHOWN, changes
from support.cases import NAMES, source
from support.documents import sales, self_serve, thanks

B2B = source("b2b-sales")


def told(before: Any, after: Any) -> list[str]:
    return [change.text for change in changes(read(before)[0], read(after)[0])]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("t2: 25000", "t2: 30000", "reward qualified, tier t2: 250.00 → 300.00 USD"),
        ("count: 10", "count: 12", "limit per referrer: 10 → 12 a month"),
        ("budget: 5000000", "budget: 1000000", "limit per program budget: 50,000.00 → 10,000.00 USD a quarter"),
        ("hold: P30D", "hold: P14D", "reward closed, hold: 30 days → 14 days"),
        ("percent: 20", "percent: 25", "reward welcome, percent: 20 → 25 %"),
        ("notify: PT24H", "notify: PT90M", "reward qualified, promise, notify: 24 hours → 1 hour 30 minutes"),
        (
            "fulfil: 5 business days",
            "fulfil: 1 business day",
            "reward qualified, promise, fulfil: 5 business days → 1 business day",
        ),
        ("above: 150000, ", "", "reward closed, approval, above: 1,500.00 USD → none"),
        (
            ">= 90",
            ">= 60",
            "requirement to refer account_too_new, when: account.age_days >= 90 → account.age_days >= 60",
        ),
        ("multiply: 2", "add: 500", "campaign double-march, reward qualified, add: none → 5.00 USD"),
        ("to: 2026-03-31", "to: 2026-04-30", "campaign double-march, to: 2026-03-31 → 2026-04-30"),
        ("perks: [advisory_board]", "perks: [a, b]", "tier t3, perks: advisory_board → a; b"),
        ("flow: sales", "flow: self_serve", "lifecycle, flow: sales → self_serve"),
        ("expire_after: P180D", "expire_after: P1Y6M", "lifecycle, expire after: 180 days → 1 year 6 months"),
        ("on: crm.deal_lost", "on: crm.lost", "lifecycle, closed lost, on: crm.deal_lost → crm.lost"),
        ("  closed_lost: {on: crm.deal_lost}\n", "", "lifecycle, closed lost: on crm.deal_lost → none"),
        (
            "amount: {by_tier: {t1: 20000, t2: 25000, t3: 30000}}",
            "amount: 100",
            "reward qualified: t1 200.00 USD, t2 250.00 USD, t3 300.00 USD → 1.00 USD",
        ),
        ("{t1: 20000, t2", "{t2", "removed reward qualified, tier t1: 200.00 USD"),
        ("every: month", "every: year", "limit per referrer, every: month → year"),
        ("name: Refer a company", "name: Refer", "name: Refer a company → Refer"),
        (
            "    - {code: existing_customer,   when: \"!referred.is_customer\"}\n",
            "",
            "removed requirement to be referred existing_customer: when !referred.is_customer",
        ),
    ],
)  # fmt: skip
def test_each_change_is_said_in_words(old: str, new: str, line: str) -> None:
    assert old in B2B
    assert line in told(B2B, B2B.replace(old, new, 1))


def test_what_is_new_or_removed_is_described_once() -> None:
    more = thanks(id="more", to="referred", give={"type": "points", "amount": 5, "unit": "points"})
    small = self_serve(units=["points"])
    large = self_serve(units=["points"], rewards=[thanks(), more])
    line = "reward more: on referral.closed_won, to referred, points, 5 points"
    assert told(small, large) == [f"new {line}"]
    assert told(large, small) == [f"removed {line}"]
    raised = copy.deepcopy(large)
    raised["rewards"][1]["give"]["amount"] = 7
    assert told(large, raised) == ["reward more: 5 → 7 points"]


def test_a_gift_in_another_unit_says_both() -> None:
    credit = self_serve(units=["points"], rewards=[thanks()])
    points = self_serve(units=["points"], rewards=[thanks(give={**thanks()["give"], "unit": "points"})])
    assert "reward thanks, unit: none → points" in told(credit, points)


def test_another_order_is_told_where_the_order_counts() -> None:
    one, two = thanks(id="one"), thanks(id="two")
    assert told(self_serve(rewards=[one, two]), self_serve(rewards=[two, one])) == [
        "rewards in another order: one, two → two, one"
    ]


def test_limits_that_are_alike_are_numbered() -> None:
    cap = {"per": "referrer", "count": 3}
    assert told(self_serve(limits=[cap]), self_serve(limits=[cap, {**cap, "count": 2}])) == [
        "new limit per referrer (2): 2 in all"
    ]
    assert told(self_serve(), self_serve(limits=[{**cap, "rules": ["thanks"], "every": "week"}])) == [
        "new limit per referrer of thanks: 3 a week"
    ]


def test_a_campaign_of_another_rule_is_new_beside_the_old_one() -> None:
    def campaign(rules: Mapping[str, Any]) -> dict[str, Any]:
        march = {"id": "march", "from": "2026-03-01", "to": "2026-03-31", "rewards": rules}
        return self_serve(rewards=[thanks(), thanks(id="more")], campaigns=[march])

    before, after = campaign({"thanks": {"add": 100}}), campaign({"more": {"add": 100}})
    assert told(before, after) == [
        "removed campaign march, reward thanks: add 1.00 USD",
        "new campaign march, reward more: add 1.00 USD",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_document_means_what_it_says_whoever_writes_it(name: str) -> None:
    document, plain = read(source(name))
    assert changes(document, read(plain)[0]) == ()
    assert told(self_serve(), self_serve(timezone="UTC", limits=[], kind="referral")) == []
    assert told(self_serve(rewards=[thanks(hold="P4W")]), self_serve(rewards=[thanks(hold="P28D")])) == []


def test_the_first_version_tells_every_part() -> None:
    lines = [change.text for change in changes(None, read(B2B)[0])]
    assert "new limit per program budget: 50,000.00 USD a quarter, when reached waitlist" in lines
    assert "new tier t3: from 6, metric qualified_referrals, window 365 days, perks advisory_board" in lines
    assert "new requirement to refer account_too_new: when account.age_days >= 90" in lines
    told = "new attribution: window 90 days, evidence code; submission; link; invitation; claim"
    assert told in lines
    assert "new calendar: US" in lines
    assert [change.text for change in changes(None, read(sales())[0])] == [
        "new lifecycle: flow sales",
        "new reward thanks: on referral.closed_won, to referrer, account_credit, 10.00 USD",
    ]


class Band(BaseModel):
    """A part that tells nothing apart, such as a band of values."""

    up_to: Amount
    share: int = 0
    count: int = 0


class Other(BaseModel):
    """A part of another kind."""

    days: Length


class Later(BaseModel):
    """A document with fields that nobody has thought of here."""

    currency: str = "EUR"
    bands: list[Band] = []
    rule: Band | Other | None = None
    flag: bool = False
    odds: dict[str, int] = {}
    free: dict[str, Any] = Field(default={})


def test_a_field_of_a_later_schema_is_told_too() -> None:
    before = Later(bands=[Band(up_to=500)], rule=Band(up_to=1), odds={"a": 1}, free={"x": [1]})
    after = Later(
        bands=[Band(up_to=700), Band(up_to=900, share=2, count=3)],
        flag=True,
        odds={"a": 2},
        free={"x": [2], "y": {}},
    )
    assert [change.text for change in changes(before, after)] == [
        "band 1, up to: 5.00 → 7.00 EUR",
        "new band 2: up to 9.00 EUR, share 2, 3",
        "rule: up to 0.01 EUR → none",
        "flag: no → yes",
        "odd a: 1 → 2",
        "free x: 1 → 2",
        "new free y: none",
    ]


def test_a_part_of_another_kind_stands_for_the_whole() -> None:
    band, days = Later(rule=Band(up_to=1)), Later(rule=Other.model_validate({"days": "P1D"}))
    assert [change.text for change in changes(band, days)] == ["rule: up to 0.01 EUR → days 1 day"]


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every single value of a document with its path."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            yield from leaves(inner, (*path, key))
    else:
        yield path, value


def meaning(value: Any) -> Any:
    """A checked document as plain data, defaults filled in."""
    if isinstance(value, BaseModel):
        return {name: meaning(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, list):
        return [meaning(entry) for entry in value]
    if isinstance(value, dict):
        return {key: meaning(entry) for key, entry in value.items()}
    if isinstance(value, Duration):
        return (value.months, value.days, value.seconds, value.business_days)
    return value.source if isinstance(value, Condition) else value


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_change_of_a_value_is_silent(data: st.DataObject) -> None:
    plain = read(source(data.draw(st.sampled_from(NAMES))))[1]
    path, value = data.draw(st.sampled_from(list(leaves(plain))))
    other = copy.deepcopy(plain)
    part = other
    for key in path[:-1]:
        part = part[key]
    if data.draw(st.booleans()):
        part[path[-1]] = value + 1 if isinstance(value, int) else f"{value}x"
    else:
        del part[path[-1]]
    try:
        after = read(other)[0]
    except ProgramError:
        return
    before = read(plain)[0]
    assert (changes(before, after) == ()) == (meaning(before) == meaning(after)), path


def test_a_rolling_limit_is_told_with_its_period() -> None:
    cap = {"per": "referrer", "within": "P30D", "count": 1}
    assert told(self_serve(limits=[cap]), self_serve(limits=[{**cap, "count": 2}])) == [
        "limit per referrer: 1 → 2 in 30 days"
    ]


def test_of_long_texts_what_is_around_the_first_difference_is_told() -> None:
    words = "We thank you with 10 USD. " * 100
    [change] = changes(
        read(self_serve(terms={"version": 1, "text": words}))[0],
        read(self_serve(terms={"version": 1, "text": words[:2000] + "Not " + words[2000:]}))[0],
    )
    assert change.what == ("terms", "text")
    assert len(change.after) == len("… ") + 703  # 2604 less the 1900 before, and the space at the end
    assert change.before[2:102] == change.after[2:102] == words[1900:2000]
    assert change.after[102:106] == "Not "
    first = changes(None, read(self_serve(terms={"version": 1, "text": words}))[0])
    [new] = [each for each in first if each.what[0] == "terms"]
    assert new.after.startswith("version 1, text We thank you")
    assert new.after.endswith(" …")
    assert len(new.after) == MAX_SHOWN + 2
