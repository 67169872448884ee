"""What a referral would earn if it went on: known where it is known, else a range with its reason."""

from __future__ import annotations

from typing import Any

import pytest

from goodword.domain import expected
from goodword.domain.draft import Draft
from goodword.domain.events import Event
from goodword.domain.expected import DRAW, FACTS, NOTHING, ORDER, TIER, Expected, Range, in_words
from goodword.domain.program import compile_program
from support.documents import sales, self_serve, thanks
from support.memory import NOW, Memory, uuid

TIERS = [{"id": f"t{least}", "from": least, "metric": "qualified_referrals"} for least in (1, 3)]
BANDS = [{"from": 0, "amount": 500}, {"from": 10000, "amount": 900}]


def paying(amount: Any, **more: Any) -> dict[str, Any]:
    return thanks(give={"type": "cash", "amount": amount}, **more)


def odds(*amounts: int) -> list[dict[str, int]]:
    return [{"amount": amount, "weight": 1} for amount in amounts]


def ahead(memory: Memory, number: int = 0, worth: int | None = None) -> list[Expected]:
    row = memory.referral(number)
    version = memory.state.versions[row.version_id]
    event = Event("program.migrated", "preview", "", NOW, NOW, {})
    draft = Draft(memory.state, event, version, row.referrer_id, row)
    found = expected.ahead(draft, worth)
    assert draft.effects == []
    assert draft.referral is row
    return found


@pytest.mark.parametrize(
    ("amount", "told", "words"),
    [
        (1000, Range(1000, 1000), "10.00 USD"),
        ({"percent": 10}, Range(0, None, ORDER), "depends on the order"),
        ({"percent": 10, "floor": 500}, Range(500, None, ORDER), "at least 5.00 USD, depends on the order"),
        ({"percent": 10, "ceiling": 900}, Range(0, 900, ORDER), "0.00 to 9.00 USD, depends on the order"),
        ({"band": BANDS}, Range(500, 900, ORDER), "5.00 to 9.00 USD, depends on the order"),
        ({"band": BANDS[1:]}, Range(0, 900, ORDER), "0.00 to 9.00 USD, depends on the order"),
        ({"band": [*BANDS, {"from": 20000, "percent": 5}]}, Range(0, None, ORDER), "depends on the order"),
        ({"cel": "history.orders * 100"}, Range(0, None, FACTS), "depends on facts to come"),
        ({"odds": odds(5, 7)}, Range(5, 7, DRAW, 6), "0.05 to 0.07 USD, drawn, about 0.06 USD"),
        ({"odds": odds(5, 5)}, Range(5, 5), "0.05 USD"),
    ],
)  # fmt: skip
def test_every_form_of_an_amount(amount: Any, told: Range, words: str) -> None:
    memory = Memory(self_serve(rewards=[paying(amount)]))
    memory.say("link.created", "ada", program="simple", code="ADA")
    memory.say("participant.signed_up", "bo", 1, code="ada")
    [one] = ahead(memory)
    assert (one.rule, one.on, one.to, one.unit, one.amount) == ("thanks", "closed_won", "referrer", "USD", told)
    assert (one.each, one.conditional) == (False, False)
    assert in_words(one.amount, "USD") == words


@pytest.mark.parametrize(
    ("amount", "likely", "words"),
    [
        (1000, None, "10.00 USD"),
        ({"percent": 10}, 1500, "depends on the order, about 15.00 USD"),
        ({"percent": 10, "floor": 2000}, 2000, "at least 20.00 USD, depends on the order, about 20.00 USD"),
        ({"percent": 10, "ceiling": 900}, 900, "0.00 to 9.00 USD, depends on the order, about 9.00 USD"),
        ({"band": BANDS}, 900, "5.00 to 9.00 USD, depends on the order, about 9.00 USD"),
        ({"band": [{"from": 20000, "percent": 5}]}, 0, "depends on the order, about 0.00 USD"),
        ({"band": [{"from": 100, "percent": 5}]}, 750, "depends on the order, about 7.50 USD"),
        ({"cel": "history.orders * 100"}, None, "depends on facts to come"),
        ({"odds": [{"amount": 5, "weight": 1}, {"amount": 700, "weight": 2}]}, 468,
         "0.05 to 7.00 USD, drawn, about 4.68 USD"),
    ],
)  # fmt: skip
def test_what_it_is_likely_to_be_where_an_order_is_worth_what_is_assumed(
    amount: Any, likely: int | None, words: str
) -> None:
    memory = Memory(self_serve(rewards=[paying(amount)]))
    memory.say("link.created", "ada", program="simple", code="ADA")
    memory.say("participant.signed_up", "bo", 1, code="ada")
    [one] = ahead(memory, worth=15000)
    assert one.amount.likely == likely
    assert in_words(one.amount, "USD") == words


def test_a_deal_whose_value_is_known_is_worth_that() -> None:
    memory = Memory(sales(rewards=[paying({"percent": 10, "of": "referral"})]))
    memory.say("referral.submitted", "ada", referral="R", referred={"email": "x@x.example"})
    row = memory.referral()
    memory.state.referrals[row.id] = row._replace(value=7000)
    assert [one.amount.likely for one in ahead(memory, worth=15000)] == [700]


def test_only_what_is_ahead_counts_and_at_the_tier_that_is_reached_on_the_way() -> None:
    rules = [
        paying({"by_tier": {"t1": 100, "t3": 300}}, id="qualified", on="referral.qualified"),
        paying({"by_tier": {"t3": 700}}, id="won", when="referral.value > 5"),
        thanks(id="badge", give={"type": "recognition"}),
        paying(9, id="renewal", on="subscription.renewed"),
    ]
    memory = Memory(sales(tiers=TIERS, rewards=rules))
    for number in range(3):
        memory.say(
            "referral.submitted", "ada", number, referral=f"R{number}", referred={"email": f"{number}@x.example"}
        )
    first, won, renewal = ahead(memory)
    assert (first.amount, won.amount, won.conditional) == (Range(100, 100), NOTHING, True)
    assert (renewal.on, renewal.each, renewal.amount) == ("subscription.renewed", True, Range(9, 9))
    memory.say("referral.qualified", None, 4, referral="R0")
    memory.say("referral.qualified", None, 4, referral="R1")
    assert [one.rule for one in ahead(memory)] == ["won", "renewal"]
    assert [one.amount for one in ahead(memory, 2)] == [Range(300, 300), Range(700, 700), Range(9, 9)]
    row = memory.reward("qualified")
    memory.state.load(row._replace(id=uuid(7, 1), rule="won"))
    assert [one.rule for one in ahead(memory)] == ["renewal"], "what was given is not to come"
    memory.say("referral.closed_won", None, 5, referral="R1", value=9, currency="USD")
    assert [one.rule for one in ahead(memory, 1)] == ["renewal"]

    version = compile_program(uuid(1, 1), uuid(2, 1), 1, sales(tiers=TIERS, rewards=rules))
    told = {one.rule: one.amount for one in expected.ahead_of_any(version, "submitted")}
    assert told == {"qualified": Range(0, 300, TIER), "won": Range(0, 700, TIER), "renewal": Range(9, 9)}
    assert in_words(told["qualified"], "USD") == "0.00 to 3.00 USD, depends on the tier"
    assert [one.rule for one in expected.ahead_of_any(version, "closed_won")] == ["renewal"]


def test_ranges_add_up() -> None:
    assert Range(1, 2, ORDER).plus(Range(3, 3)) == Range(4, 5, ORDER)
    assert Range(1, 1).plus(Range(0, None, FACTS)) == Range(1, None, FACTS)
    assert Range(0, None, FACTS).times(3) == Range(0, None, FACTS)
    assert Range(2, 5, DRAW).times(3) == Range(6, 15, DRAW)
    assert Range(2, 5, DRAW, 3).times(3) == Range(6, 15, DRAW, 9)
    assert Range(2, 5, DRAW, 3).plus(Range(4, 4)) == Range(6, 9, DRAW, 7)
    assert Range(2, 5, DRAW, 3).plus(Range(0, None, FACTS)) == Range(2, None, DRAW)
    assert NOTHING.plus(Range(4, 4)) == Range(4, 4)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (1000, ""),
        ({"percent": 12.5}, "12.5 % of the order"),
        ({"percent": 10, "of": "referral", "floor": 500, "ceiling": 900},
         "10 % of the deal, at least 5.00 USD, at most 9.00 USD"),
        ({"band": [*BANDS, {"from": 20000, "percent": 5}]},
         "from 0.00 USD 5.00 USD; from 100.00 USD 9.00 USD; from 200.00 USD 5 %"),
        ({"cel": "history.orders * 100"}, "history.orders * 100"),
        ({"odds": [{"amount": 5, "weight": 1}, {"amount": 700, "weight": 3}]}, "0.05 USD (1 of 4), 7.00 USD (3 of 4)"),
        ({"by_tier": {"t1": 100, "t3": {"percent": 3}}}, ""),
    ],
)  # fmt: skip
def test_how_an_amount_is_reckoned_is_told_in_words(amount: Any, words: str) -> None:
    memory = Memory(self_serve(rewards=[paying(amount)], tiers=TIERS))
    memory.say("link.created", "ada", program="simple", code="ADA")
    memory.say("participant.signed_up", "bo", 1, code="ada")
    [one] = ahead(memory)
    assert one.form == words


def test_of_any_tier_each_way_is_told() -> None:
    shares = {"by_tier": {"t1": {"percent": 2}, "t3": {"percent": 3}}}
    [program] = Memory(self_serve(rewards=[paying(shares)], tiers=TIERS)).state.programs.values()
    [one] = expected.ahead_of_any(program, "submitted")
    assert one.form == "2 % of the order or 3 % of the order"
