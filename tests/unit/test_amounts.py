"""How much a rule gives, in every form of an amount, and which of several rewards is kept."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from hashlib import blake2b
from typing import Any

import pytest

from goodword.domain import amounts, ids
from goodword.domain.program import ProgramError, read
from support.documents import self_serve, thanks
from support.memory import START, Memory, uuid

SILVER = {"id": "silver", "from": 1, "metric": "closed_won_referrals"}
GOLD = {"id": "gold", "from": 2, "metric": "closed_won_referrals"}


def gives(amount: Any, **changes: Any) -> dict[str, Any]:
    """A programme that thanks for an order with that amount."""
    unit = {"unit": changes["units"][0]} if "units" in changes else {}
    return self_serve(rewards=[thanks(give={"type": "account_credit", "amount": amount, **unit})], **changes)


def friend(memory: Memory, name: str = "bob") -> None:
    """Somebody signs up with Ada's code."""
    if not memory.state.links:
        memory.say("link.created", "ada", program="simple", code="ada")
    memory.say("participant.signed_up", name, code="ada")


def earned(amount: Any, value: int | None, **changes: Any) -> tuple[Any, dict[str, Any]]:
    """What an order of that value earns: the amount or the reason, and the line of the trace."""
    memory = Memory(gives(amount, **changes))
    friend(memory)
    _, trace = memory.tell("order.completed", "bob", 1, value=value, currency="USD")
    [line] = trace["rewards"]
    return line.get("amount", line.get("reason")), line


@pytest.mark.parametrize(
    ("percent", "value", "amount"),
    [
        (10, 5000, 500),
        (10, 6, 1),
        (10, 15, 2),  # 1.5 goes to the even 2
        (10, 25, 2),  # 2.5 goes to the even 2
        (12.5, 1000, 125),
        (0.1, 5000, 5),  # 0.1 is a tenth, not the nearest binary fraction
        (2.675, 20000, 535),
        (100, 10**15, 10**15),
    ],
)
def test_a_percentage_is_exact_and_rounded_half_to_even(percent: float, value: int, amount: int) -> None:
    found, line = earned({"percent": percent}, value)
    assert (found, line["amount_from"]) == (amount, {"value": value, "percent": percent})


@pytest.mark.parametrize(("value", "amount", "bound"), [(4990, 500, "floor"), (5000, 500, ""), (20000, 2000, "")])
def test_a_percentage_has_a_floor(value: int, amount: int, bound: str) -> None:
    found, line = earned({"percent": 10, "floor": 500, "ceiling": 2000}, value)
    assert (found, bound in line["amount_from"]) == (amount, bool(bound))


def test_a_percentage_has_a_ceiling() -> None:
    found, line = earned({"percent": 10, "floor": 500, "ceiling": 2000}, 20_010)
    assert (found, line["amount_from"]["ceiling"]) == (2000, 2000)


BANDS = {"band": [{"from": 1000, "amount": 50}, {"from": 10000, "amount": 800}, {"from": 50000, "percent": 10}]}


@pytest.mark.parametrize(
    ("value", "given"),
    [
        (0, "no_band"), (999, "no_band"), (1000, 50), (9999, 50), (10000, 800), (49999, 800), (50000, 5000),
        (50005, 5000), (50015, 5002),
    ],
)  # fmt: skip
def test_a_band_has_its_first_value_and_ends_before_the_next(value: int, given: Any) -> None:
    assert earned(BANDS, value)[0] == given


def test_a_tier_may_give_a_percentage() -> None:
    amount = {"by_tier": {"silver": 500, "gold": {"percent": 10, "ceiling": 700}}}
    memory = Memory(gives(amount, tiers=[SILVER, GOLD]))
    for name, value in (("bob", 9000), ("cy", 6000), ("di", 9000)):
        friend(memory, name)
        memory.say("order.completed", name, 1, value=value, currency="USD")
    assert [row.amount for row in memory.state.rewards.values()] == [500, 600, 700]


def test_the_value_may_be_that_of_the_referral() -> None:
    rules = [
        thanks(id="own", on="referral.qualified", give={"type": "cash", "amount": {"percent": 1, "of": "event"}}),
        thanks(id="deal", give={"type": "cash", "amount": {"percent": 1, "of": "referral"}}),
        thanks(id="either", on="referral.qualified", give={"type": "cash", "amount": {"percent": 1}}),
    ]
    memory = Memory(self_serve(lifecycle={"flow": "sales"}, rewards=rules))
    memory.say("referral.submitted", "ada", referral="L1", referred={"email": "b@x.example"})
    _, trace = memory.tell("referral.qualified", None, 1, referral="L1")
    assert [line["reason"] for line in trace["rewards"]] == ["no_value", "no_value"]
    _, trace = memory.tell("referral.closed_won", None, 2, referral="L1", value=5000, currency="USD")
    assert [(line["rule"], line["amount"]) for line in trace["rewards"]] == [("deal", 50)]


def test_a_value_of_a_custom_event_counts_where_it_is_one() -> None:
    document = gives({"percent": 10}, lifecycle={"flow": "self_serve", "closed_won": {"on": "ride.finished"}})
    for told, given in (({"value": 100}, 10), ({"value": "100"}, None), ({"value": -1}, None), ({"value": True}, None)):
        memory = Memory(document)
        friend(memory)
        _, trace = memory.tell("ride.finished", "bob", 1, **told)
        assert trace["rewards"][0].get("amount") == given
        assert trace["rewards"][0].get("reason") == (None if given else "no_value")


@pytest.mark.parametrize(
    ("formula", "value", "given"),
    [
        ("event.value / 10", 4805, 480),  # CEL divides whole numbers to a whole one
        ("double(event.value) * 0.1", 4805, 480),  # 480.5 goes to the even 480
        ("double(event.value) * 0.1", 4815, 482),
        ("history.orders * 250", 10, 250),
        ("event.value > 1000 ? 500 : 100", 1001, 500),
        ("event.value - 1000", 999, "amount_error"),
        ("event.value / 0", 999, "amount_error"),
        ("event.properties.stars * 100", 999, "amount_error"),
        ("event.properties.coupon", 999, "amount_error"),
        ("double(event.value) / 0.0", 999, "amount_error"),
        ("event.value * 1000000000000", 10**12, "amount_error"),
    ],
)
def test_an_expression_gives_a_whole_amount_or_the_reason_why_not(formula: str, value: int, given: Any) -> None:
    memory = Memory(gives({"cel": formula}))
    friend(memory)
    _, trace = memory.tell("order.completed", "bob", 1, value=value, currency="USD", coupon="SPRING")
    [line], [check] = trace["rewards"], trace["checks"]
    assert line.get("amount", line.get("reason")) == given
    assert check["code"] == "thanks.amount"
    assert (check["ok"], "error" in check) == (given != "amount_error", given == "amount_error")


def test_an_expression_whose_facts_were_erased_gives_what_it_gave() -> None:
    memory = Memory(gives({"cel": "referrer.traits.level * 100"}))
    friend(memory)
    program = next(iter(memory.state.programs.values()))
    line = {"code": "thanks.amount", "ok": True, "read": {}, "amount": 700}
    memory.state.concluded = {(uuid(3, 3), program.id): [line]}
    _, trace = memory.tell("order.completed", "bob", 1, value=5, currency="USD")
    assert (trace["rewards"][0]["amount"], trace["checks"], trace["erased"]) == (700, [line], True)


ODDS = {"odds": [{"amount": 100, "weight": 6}, {"amount": 0, "weight": 3}, {"amount": 5000, "weight": 1}]}


def test_a_draw_can_be_repeated_by_anybody_from_the_rewards_id() -> None:
    memory = Memory(gives(ODDS))
    for number in range(40):
        friend(memory, f"f{number}")
        _, trace = memory.tell("order.completed", f"f{number}", 1 + number, value=1, currency="USD")
        [line] = trace["rewards"]
        reward = memory.state.rewards[line["reward"]]
        text = ids.public("rwd", reward.id)
        place = int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "big") % 10
        assert reward.amount == ([100] * 6 + [0] * 3 + [5000])[place]
        assert line["amount_from"] == {"drawn": place, "of": 10}
    assert {row.amount for row in memory.state.rewards.values()} == {100, 0, 5000}


def test_draws_follow_the_weights() -> None:
    """4,000 draws of 10: each part of the sum is drawn 400 times, give or take 4.5 standard deviations (19 each)."""
    drawn = Counter(amounts.draw(f"0190a000-0000-7000-8000-{number:012}", 10) for number in range(4_000))
    assert len(drawn) == 10
    assert all(abs(times - 400) < 86 for times in drawn.values())


@pytest.mark.parametrize(
    ("form", "amount"),
    [({"percent": 10}, 500), (BANDS, 50), ({"cel": "event.value / 5"}, 1000), ({"percent": 10, "of": "event"}, 500)],
)
def test_a_waitlisted_amount_is_of_the_value_it_was_first_of(form: Any, amount: int) -> None:
    limit = {"per": "program", "every": "month", "count": 1, "when_reached": "waitlist"}
    memory = Memory(gives(form, limits=[limit]))
    for name, value in (("bob", 1000), ("cy", 5000), ("di", 5000)):
        friend(memory, name)
        memory.say("order.completed", name, 1, value=value, currency="USD")
    memory.ring(START + timedelta(days=90))
    assert [row.amount for row in memory.state.rewards.values()][1:] == [amount, amount]


def test_a_waitlisted_fixed_amount_keeps_nothing() -> None:
    limit = {"per": "program", "every": "month", "count": 1, "when_reached": "waitlist"}
    memory = Memory(gives(700, limits=[limit]))
    for name in ("bob", "cy"):
        friend(memory, name)
        memory.say("order.completed", name, 1, value=1, currency="USD")
    assert not any(name.startswith("waits:") for counters in memory.state.counters.values() for name in counters)


# Stacking


def stacked(keep: str, *given: int, **changes: Any) -> tuple[list[tuple[str, Any]], str | None]:
    """Rules a, b, c of one trigger: by rule what each line says."""
    named = zip("abc", given, strict=False)
    rules = [thanks(id=name, give={"type": "cash", "amount": amount}) for name, amount in named]
    stack = {"rules": [rule["id"] for rule in rules], "keep": keep}
    memory = Memory(self_serve(rewards=rules, stacking=[stack], **changes))
    friend(memory)
    reason, trace = memory.tell("order.completed", "bob", 1, value=1, currency="USD")
    return [(line["rule"], line.get("amount", line.get("reason"))) for line in trace["rewards"]], reason


def test_the_better_one_is_kept() -> None:
    assert stacked("better", 100, 300, 200) == (
        [("a", "stacked_out"), ("b", 300), ("c", "stacked_out")],
        "rewarded",
    )


def test_of_equal_ones_the_first_is_the_better() -> None:
    assert stacked("better", 300, 300)[0] == [("a", 300), ("b", "stacked_out")]


def test_the_first_one_is_kept() -> None:
    assert stacked("first", 100, 300)[0] == [("a", 100), ("b", "stacked_out")]


def test_all_are_kept_where_all_may_be() -> None:
    assert stacked("all", 100, 300)[0] == [("a", 100), ("b", 300)]


def test_where_the_better_one_finds_no_room_the_next_is_kept() -> None:
    full = {"per": "program", "rules": ["b"], "budget": 299}
    assert stacked("better", 100, 300, 200, limits=[full])[0] == [
        ("a", "stacked_out"), ("b", "cap_reached"), ("c", 200)
    ]  # fmt: skip


def test_one_that_is_waitlisted_is_kept() -> None:
    full = {"per": "program", "every": "month", "rules": ["b"], "budget": 299, "when_reached": "waitlist"}
    assert stacked("better", 100, 300, limits=[full])[0] == [("a", "stacked_out"), ("b", "waitlisted")]


def test_the_better_one_is_what_a_budget_lets_through() -> None:
    """Of 6.00 and 5.00 the first finds 4.00 left in its budget: 5.00 is better. With 5.00 left, the first in the
    document is kept; a budget in another unit is of neither."""
    out = "stacked_out"
    for left, a, b in ((400, out, 500), (500, 500, out), (700, 600, out)):
        limits = [
            {"per": "program", "rules": ["a"], "budget": left, "when_reached": "partial"},
            {"per": "program", "budget": 1, "unit": "EUR", "when_reached": "partial"},
        ]
        assert stacked("better", 600, 500, limits=limits)[0] == [("a", a), ("b", b)]


def test_one_whose_condition_fails_excludes_nothing() -> None:
    rules = [thanks(id="a", when="event.value > 5"), thanks(id="b", give={"type": "cash", "amount": 1}), thanks(id="c")]
    memory = Memory(self_serve(rewards=rules, stacking=[{"rules": ["a", "b"], "keep": "better"}]))
    friend(memory)
    _, trace = memory.tell("order.completed", "bob", 1, value=1, currency="USD")
    assert [line.get("reason", "ok") for line in trace["rewards"]] == ["condition_not_met", "ok", "ok"]


# What is refused


def faults(**changes: Any) -> list[tuple[str, str]]:
    """Path and code of every fault of a document."""
    with pytest.raises(ProgramError) as refused:
        read(self_serve(**changes))
    return [(fault.path, fault.code) for fault in refused.value.faults]


def of_gift(give: dict[str, Any], **changes: Any) -> list[tuple[str, str]]:
    """The same for one gift, by path inside it."""
    found = faults(rewards=[thanks(give=give)], units=["gb", "days"], tiers=[SILVER, GOLD], **changes)
    return [(path.removeprefix("rewards.0.give").removeprefix("."), code) for path, code in found]


@pytest.mark.parametrize(
    ("amount", "path", "code"),
    [
        ({"percent": 0}, "amount.percent", "out_of_range"),
        ({"percent": 100.1}, "amount.percent", "out_of_range"),
        ({"percent": "5"}, "amount.percent", "wrong_type"),
        ({"percnt": 5}, "amount.percnt", "unknown_key"),
        ({"percent": 5, "flor": 5}, "amount.flor", "unknown_key"),
        ({"percent": 5, "of": "order"}, "amount.of", "not_allowed"),
        ({"percent": 5, "floor": -1}, "amount.floor", "negative_amount"),
        ({"percent": 5, "floor": 6, "ceiling": 5}, "amount.floor", "floor_above_ceiling"),
        ({"by_tier": {"gold": {"percent": 101}}}, "amount.by_tier.gold.percent", "out_of_range"),
        ({"by_tier": {"gold": {"percent": 5, "cieling": 1}}}, "amount.by_tier.gold.cieling", "unknown_key"),
        ({"by_tier": {"gold": {"percent": 5, "floor": 6, "ceiling": 5}}}, "amount.by_tier.gold.floor",
         "floor_above_ceiling"),
        ({"by_tier": {"gold": {"percent": 5}, "golf": 1}}, "amount.by_tier", "unknown_tier"),
        ({"band": []}, "amount.band", "wrong_type"),
        ({"band": 5}, "amount.band", "wrong_type"),
        ({"band": [{"amount": 5}]}, "amount.band.0.from", "missing"),
        ({"band": [{"from": 0}]}, "amount.band.0", "amount_or_percent"),
        ({"band": [{"from": 0, "amount": 5, "percent": 5}]}, "amount.band.0", "amount_or_percent"),
        ({"band": [{"from": 0, "amount": 5}, {"from": 0, "amount": 6}]}, "amount.band.1.from", "bands_not_rising"),
        ({"band": [{"from": 0, "amout": 5}]}, "amount.band.0.amout", "unknown_key"),
        ({"cel": "event.valu"}, "amount.cel", "cel_unknown_name"),
        ({"cel": "event.value > 5"}, "amount.cel", "cel_not_number"),
        ({"cel": "'five'"}, "amount.cel", "cel_not_number"),
        ({"cel": "(true)"}, "amount.cel", "cel_not_number"),
        ({"cel": "!referrer.is_customer"}, "amount.cel", "cel_not_number"),
        ({"cel": "event.value > 1 ? 'x' : 5"}, "amount.cel", "cel_not_number"),
        ({"cel": "event.value > 1 ? 5 : true"}, "amount.cel", "cel_not_number"),
        ({"cel": "event.type.startsWith('x')"}, "amount.cel", "cel_not_number"),
        ({"cel": 5}, "amount.cel", "cel_syntax"),
        ({"cel": "((((("}, "amount.cel", "cel_syntax"),
        ({"cel": "5 + " * 300 + "5"}, "amount.cel", "cel_cost"),
        ({"odds": []}, "amount.odds", "wrong_type"),
        ({"odds": [{"amount": 5}]}, "amount.odds.0.weight", "missing"),
        ({"odds": [{"amount": 5, "weight": 0}]}, "amount.odds.0.weight", "out_of_range"),
        ({"odds": [{"amount": 0, "weight": 1}]}, "amount.odds", "nothing_to_win"),
        ({"odds": [{"amount": 5, "wieght": 1}]}, "amount.odds.0.wieght", "unknown_key"),
    ],
)  # fmt: skip
def test_an_amount_that_means_nothing_is_refused(amount: Any, path: str, code: str) -> None:
    found = of_gift({"type": "cash", "amount": amount})
    assert (path, code) == found[0]
    assert len({path for path, _ in found}) == len(found)


def test_an_unknown_key_of_any_form_names_what_is_allowed() -> None:
    for amount, said in (
        ({"percent": 5, "cieling": 5}, "did you mean ceiling? Allowed here: percent, of, floor, ceiling"),
        ({"by_tier": {"gold": {"percent": 5, "flor": 1}}}, "did you mean floor? Allowed here: percent, of, floor"),
        ({"band": [{"frm": 0, "from": 0, "amount": 5}]}, "did you mean from? Allowed here: from, amount, percent"),
        ({"odds": [{"amount": 5, "weight": 1, "wt": 1}]}, "Allowed here: amount, weight"),
    ):
        with pytest.raises(ProgramError) as refused:
            read(self_serve(rewards=[thanks(give={"type": "cash", "amount": amount})], tiers=[GOLD]))
        assert said in str(refused.value)


@pytest.mark.parametrize(
    ("give", "path", "code"),
    [
        ({"type": "discount"}, "", "missing"),
        ({"type": "discount", "percent": 5, "amount": 5}, "amount", "not_allowed"),
        ({"type": "discount", "percent": 5, "applies": "once", "duration": "P1M"}, "applies", "not_allowed"),
        ({"type": "discount", "percent": 5, "applies": "one"}, "applies", "not_allowed"),
        ({"type": "discount", "percent": 5, "unit": "USD"}, "unit", "not_allowed"),
        ({"type": "cash", "amount": 5, "applies": "once"}, "applies", "not_allowed"),
        ({"type": "cash", "amount": 5, "duration": "P1M"}, "duration", "not_allowed"),
        ({"type": "cash", "amount": 5, "brand": "Books"}, "brand", "not_allowed"),
        ({"type": "cash", "amount": 5, "plan": "pro"}, "plan", "not_allowed"),
        ({"type": "gift_card"}, "amount", "missing"),
        ({"type": "gift_card", "amount": 5, "recipient": "Them"}, "recipient", "not_allowed"),
        ({"type": "gift_card", "amount": 5, "percent": 5}, "percent", "not_allowed"),
        ({"type": "free_period"}, "", "missing"),
        ({"type": "free_period", "duration": "P1M", "amount": 5, "unit": "days"}, "amount", "not_allowed"),
        ({"type": "free_period", "amount": 5}, "unit", "missing"),
        ({"type": "trial_extension", "amount": 5, "unit": "EUR"}, "unit", "not_allowed"),
        ({"type": "trial_extension", "duration": "5 business days"}, "duration", "wrong_type"),
        ({"type": "quantity", "amount": 5}, "unit", "missing"),
        ({"type": "quantity", "amount": 5, "unit": "USD"}, "unit", "not_allowed"),
        ({"type": "quantity", "unit": "gb"}, "amount", "missing"),
        ({"type": "points", "amount": 5, "unit": "USD"}, "unit", "not_allowed"),
        ({"type": "upgrade"}, "plan", "missing"),
        ({"type": "upgrade", "plan": ""}, "plan", "wrong_type"),
        ({"type": "feature"}, "name", "missing"),
        ({"type": "service"}, "", "missing"),
        ({"type": "product", "plan": "pro", "name": "Mug"}, "plan", "not_allowed"),
        ({"type": "donation"}, "amount", "missing"),
        ({"type": "access", "brand": "x"}, "brand", "not_allowed"),
        ({"type": "recognition", "duration": "P1M"}, "duration", "not_allowed"),
        ({"type": "cash", "amount": {"percent": 5}, "unit": "EUR"}, "unit", "not_allowed"),
        ({"type": "cash", "amount": {"band": [{"from": 0, "percent": 5}]}, "unit": "EUR"}, "unit", "not_allowed"),
        ({"type": "cash", "amount": {"by_tier": {"gold": {"percent": 5}}}, "unit": "EUR"}, "unit", "not_allowed"),
    ],
)
def test_terms_that_are_missing_or_another_types_are_refused(give: dict[str, Any], path: str, code: str) -> None:
    assert of_gift(give) == [(path, code)]


def test_every_type_of_gift_can_be_given_with_its_terms() -> None:
    gifts: list[dict[str, Any]] = [
        {"type": "account_credit", "amount": 1},
        {"type": "cash", "amount": {"band": [{"from": 0, "amount": 5}]}, "unit": "EUR"},
        {"type": "gift_card", "amount": 1500, "brand": "Bookshop"},
        {"type": "discount", "percent": 20, "duration": "P12M"},
        {"type": "discount", "amount": 500, "applies": "next_shipment"},
        {"type": "free_period", "duration": "P1M", "plan": "pro"},
        {"type": "trial_extension", "amount": 14, "unit": "days"},
        {"type": "points", "amount": {"percent": 1}, "unit": "points"},
        {"type": "upgrade", "plan": "pro", "duration": "P1M"},
        {"type": "feature", "name": "Dark mode"},
        {"type": "quantity", "amount": 500, "unit": "mb", "name": "Storage"},
        {"type": "service", "amount": 3, "unit": "hours"},
        {"type": "product", "name": "Mug"},
        {"type": "donation", "amount": 500, "recipient": "The Red Cross"},
        {"type": "access", "name": "Beta", "duration": "P1M"},
        {"type": "recognition", "name": "Hall of fame"},
    ]
    rules = [thanks(id=f"r{number}", give=give) for number, give in enumerate(gifts)]
    memory = Memory(read(self_serve(rewards=rules, units=["points", "mb", "days", "hours"]))[1])
    friend(memory)
    memory.say("order.completed", "bob", 1, value=5000, currency="USD")
    given = [(row.gift["type"], row.amount, row.unit) for row in memory.state.rewards.values()]
    assert given[:3] == [("account_credit", 1, "USD"), ("cash", 5, "EUR"), ("gift_card", 1500, "USD")]
    assert given[7] == ("points", 50, "points")
    assert memory.reward("r3").gift == {"type": "discount", "percent": 20, "duration": "P12M"}
    assert memory.reward("r2").gift == {"type": "gift_card", "brand": "Bookshop"}


A, B = thanks(id="a"), thanks(id="b", give={"type": "points", "amount": 5, "unit": "points"})
C, D = thanks(id="c", on="referral.qualified"), thanks(id="d", give={"type": "access"})


@pytest.mark.parametrize(
    ("stacks", "path", "code"),
    [
        ([{"rules": ["a"], "keep": "first"}], "stacking.0.rules", "wrong_type"),
        ([{"rules": ["a", "e"], "keep": "first"}], "stacking.0.rules", "unknown_rule"),
        ([{"rules": ["a", "a"], "keep": "first"}], "stacking.0.rules", "duplicate"),
        ([{"rules": ["a", "d"], "keep": "all"}, {"rules": ["d", "b"], "keep": "first"}], "stacking.1.rules",
         "duplicate"),
        ([{"rules": ["a", "c"], "keep": "all"}], "stacking.0.rules", "different_triggers"),
        ([{"rules": ["a", "d"], "keep": "better"}], "stacking.0.rules", "no_amount"),
        ([{"rules": ["a", "b"], "keep": "better"}], "stacking.0.rules", "different_units"),
    ],
)  # fmt: skip
def test_a_stack_that_cannot_be_kept_is_refused(stacks: list[Any], path: str, code: str) -> None:
    assert faults(rewards=[A, B, C, D], units=["points"], stacking=stacks) == [(path, code)]


def test_a_stack_kept_in_no_known_way_is_told_beside_what_else_is_wrong() -> None:
    found = faults(rewards=[A, B, C, D], units=["points"], stacking=[{"rules": ["a", "d"], "keep": "best"}])
    assert ("stacking.0.keep", "not_allowed") in found


def test_what_was_published_runs_on_where_it_would_be_refused_today() -> None:
    memory = Memory(self_serve(rewards=[thanks(give={"type": "feature"})]))
    friend(memory)
    assert memory.say("order.completed", "bob", 1, value=1, currency="USD") == "rewarded"
