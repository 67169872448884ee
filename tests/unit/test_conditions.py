"""Conditions: what is refused when a program is published, and what an evaluation answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from goodword.domain import conditions
from goodword.domain.conditions import Condition, ConditionError

FACTS: Mapping[str, Mapping[str, Any]] = {
    "event": {"value": 480, "currency": "USD", "occurred_at": datetime(2026, 3, 14, tzinfo=UTC), "properties": {}},
    "account": {
        "status": "paying",
        "age_days": 90,
        "traits": {"seats": [1, 2, 3], "many": list(range(1000)), "top": 2**63 - 1},
    },
    "referred": {"employees": None, "country": "NO", "is_customer": False},
    "history": {"orders": 1, "order_value": 2500},
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("account.status == 'paying'", True),
        ("account.age_days >= 90", True),
        ("account.age_days > 90", False),
        ("!referred.is_customer", True),
        ("referred.country in ['US', 'CA']", False),
        ("history.order_value >= 2500 && history.orders == 1", True),
        ("account.traits.seats.exists(seat, seat > 2)", True),
        ("account.traits.seats.all(seat, account.traits.seats.exists(other, other == seat))", True),
        ("has(account.traits.seats)", True),
        ("has(account.traits.nothing)", False),
        ("account.traits['seats'].size() == 3", True),
        ("event.occurred_at > timestamp('2026-01-01T00:00:00Z')", True),
        ("event.currency.startsWith('U') // a remark", True),
        ('event.currency == """USD"""', True),
        ("referred.employees == null", True),
    ],
)
def test_a_condition_answers_true_or_false(source: str, expected: bool) -> None:
    outcome = Condition(source).test(FACTS)
    assert (outcome.ok, outcome.error) == (expected, "")


def test_false_wins_over_a_missing_fact_in_either_order() -> None:
    for source in (
        "referred.employees >= 20 && referred.country in ['US']",
        "referred.country in ['US'] && referred.employees >= 20",
    ):
        assert Condition(source).test(FACTS).ok is False


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("referred.employees >= 20", "referred.employees has no value"),
        ("account.traits.nothing == 1", "account.traits.nothing has no value"),
        ("event.properties.a.b == 1", "event.properties.a has no value"),
        ("account.traits.top", "gave something other than true or false"),
        ("history.orders / 0 == 1", "division by zero in CEL expression"),
        ("account.traits.seats[7] == 1", "index out of bounds: 7"),
        ("account.traits.top + 1 > 0", "Arithmetic overflow in 'add' on 9223372036854775807 and 1."),
        ("event.currency.matches('(')", "Function 'matches' error: '(' not a valid regex:"),
    ],
)
def test_a_condition_that_cannot_be_decided_says_why(source: str, error: str) -> None:
    outcome = Condition(source).test(FACTS)
    assert outcome.ok is None
    assert outcome.error == error


def test_a_group_of_facts_that_is_not_there_has_no_values() -> None:
    assert Condition("account.status == 'paying'").test({}).error == "account.status has no value"


def test_an_error_without_words_is_still_an_error() -> None:
    assert conditions._first_line("  ") == "cannot be evaluated"


def test_the_trace_has_the_values_that_were_read() -> None:
    read = Condition("account.status == 'x' || event.occurred_at == null || has(account.traits.no)").test(FACTS).read
    assert read == {"account.status": "paying", "event.occurred_at": "2026-03-14T00:00:00+00:00"}


def test_a_whole_object_is_read_once() -> None:
    condition = Condition("account.traits.seats.size() > 0 && account.traits.exists(key, key == 'seats')")
    assert condition.paths == (("account", "traits"),)
    assert condition.test(FACTS).ok is True


def test_equal_inputs_of_another_type_are_not_confused() -> None:
    condition = Condition("event.properties.paid == true")
    answers = [condition.test({"event": {"properties": {"paid": paid}}}).ok for paid in (True, 1, 1.0, True)]
    assert answers == [True, False, False, True]


def test_the_memo_of_results_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditions, "MEMO", 3)
    condition = Condition("history.orders > 5")
    answers = [condition.test({"history": {"orders": orders}}).ok for orders in range(10)]
    assert answers == [orders > 5 for orders in range(10)]
    assert len(condition._memo) <= 3


@pytest.mark.parametrize(
    ("source", "code", "message"),
    [
        ("", "cel_syntax", "expected a CEL expression"),
        ("   ", "cel_syntax", "expected a CEL expression"),
        (7, "cel_syntax", "expected a CEL expression"),
        ("account.status = 'paying'", "cel_syntax", "column"),
        ("account.status == 'paying", "cel_syntax", ""),
        ("acount.status == 'x'", "cel_unknown_name", "did you mean account?"),
        ("account.statu == 'x'", "cel_unknown_name", "did you mean status?"),
        ("account == null", "cel_unknown_name", "account is a group of facts; name one of them"),
        ("size(account) > 0", "cel_unknown_name", "account is a group of facts"),
        ("max(1, 2) == 2", "cel_unknown_name", "unknown function max()"),
        ("account.name.lowerAscii() == 'x'", "cel_unknown_name", "unknown function lowerAscii()"),
        ("zzz == 1", "cel_unknown_name", "Known: account, event"),
    ],
)
def test_what_cannot_be_a_condition_is_refused_at_once(source: Any, code: str, message: str) -> None:
    with pytest.raises(ConditionError) as caught:
        Condition(source)
    assert caught.value.code == code
    assert message in str(caught.value)


def _sum(count: int) -> str:
    return " + ".join(["1"] * count) + " > 0"


def _nested(count: int) -> str:
    return "(" * count + "true" + ")" * count


@pytest.mark.parametrize(
    ("within", "beyond"),
    [
        ("true" + " " * (conditions.MAX_SOURCE - 4), "true" + " " * (conditions.MAX_SOURCE - 3)),
        (_sum(conditions.MAX_TOKENS // 2 - 1), _sum(conditions.MAX_TOKENS // 2)),
        (_nested(conditions.MAX_NESTING), _nested(conditions.MAX_NESTING + 1)),
        (
            "account.traits.a.all(x, account.traits.a.all(y, true))",
            "account.traits.a.all(x, account.traits.a.all(y, account.traits.a.all(z, true)))",
        ),
    ],
    ids=["characters", "tokens", "nesting", "macros"],
)
def test_the_cost_of_a_condition_is_bounded_when_it_is_published(within: str, beyond: str) -> None:
    Condition(within)
    with pytest.raises(ConditionError) as caught:
        Condition(beyond)
    assert caught.value.code == "cel_cost"


def test_a_long_expression_may_not_nest_macros() -> None:
    loop = "account.traits.a.all(x, account.traits.b.all(y, x == y))"
    Condition(loop)
    with pytest.raises(ConditionError, match="make it shorter or use one macro"):
        Condition(" && ".join([loop, *["history.orders > 0"] * 10]))


def test_the_entries_of_a_list_deep_inside_count_too() -> None:
    condition = Condition("account.traits.deep.all(k, account.traits.deep.a.b.all(y, y >= 0))")
    short = {"account": {"traits": {"deep": {"a": {"b": [1, 2]}}}}}
    long = {"account": {"traits": {"deep": {"a": {"b": [list(range(1000))]}}}}}
    assert condition.test(short).ok is True
    assert "would take more than" in condition.test(long).error


def test_a_loop_over_lists_that_are_too_long_is_not_even_begun() -> None:
    one = Condition("account.traits.many.all(x, x >= 0)")
    two = Condition("account.traits.many.all(x, account.traits.many.exists(y, y == x))")
    assert one.test(FACTS).ok is True
    outcome = two.test(FACTS)
    assert outcome.ok is None
    assert outcome.error == f"would take more than {conditions.MAX_COST} steps over these lists"


@pytest.mark.parametrize(
    "source",
    [
        "history.orders",
        "(history.orders)",
        "account.traits",
        "event.occurred_at",
        "'yes'",
        "1",
        "1 + 1",
        "-history.orders",
        "null",
        "[true]",
        "{'a': true}",
        "size(account.traits)",
        "account.traits.seats.map(seat, seat)",
        "account.traits.seats.size()",
        "referred.is_customer ? 1 : 2",
        "referred.is_customer ? true : (referred.is_customer ? false : 'no')",
        "referred.is_customer ? true : referred.is_customer ? 1 : false",
    ],
)
def test_what_is_never_true_or_false_is_refused_when_it_is_written(source: str) -> None:
    with pytest.raises(ConditionError, match="compare it with something") as refused:
        Condition(source)
    assert refused.value.code == "cel_not_boolean"


@pytest.mark.parametrize(
    "source",
    [
        "true",
        "(true)",
        "(true) && (false)",
        "referred.is_customer",
        "account.traits.vip",
        "account.traits.flags[0]",
        "event.value",
        "!account.traits.vip",
        "1 + 1 == 2",
        "'a' in account.traits.tags",
        "has(account.traits.vip)",
        "account.traits.tags.exists(tag, tag == 'a')",
        "referred.is_customer ? true : account.traits.vip",
        "event.currency.matches('U.D')",
    ],
)
def test_what_may_be_true_or_false_may_be_published(source: str) -> None:
    assert Condition(source).source == source


@pytest.mark.parametrize(
    "source",
    [
        "history.orders == '3'",
        "'3' == history.orders",
        "true && (history.orders>='3' || false)",
        "history.orders in [3, '4']",
        "history.orders == 3 ? experiment.offer != 1 : true",
        "participant.tier > 2 && true",
        "[1].exists(x, x > 0 && 3 == referral.state)",
    ],
)
def test_a_number_is_not_compared_with_a_text(source: str) -> None:
    [(code, told)] = Condition(source).doubts()
    assert (code, "compare like with like" in told) == ("cel_mixed_kinds", True)


@pytest.mark.parametrize(
    "source",
    [
        "history.orders == 3",
        "history.orders == null",
        "3.5 < history.orders",
        "string(history.orders) == '3'",
        "history.orders == int('3')",
        "history.orders in [size('3'), 4]",
        "history.orders == '3'.size()",
        "event.value == '3'",
        "account.traits.level == '3' && account.traits.level != 3",
        "event.type in [event.properties.vip ? 'a' : 'b', 'c']",
        "event.type in ['a', 'b'] && !(referral.state == 'x')",
        "account.traits.note == \"history.orders == '3'\" && history.orders > 1",
        "account.traits.history.orders == '3' && history.orders > 1",
    ],
)
def test_what_may_be_alike_may_be_compared(source: str) -> None:
    assert [*Condition(source).doubts()] == []


def test_a_macro_names_nothing_like_a_group_of_facts() -> None:
    for source in ("event.properties.x == 1 && [1].exists(event, event > 0)", "[1].all(history, history > 0)"):
        assert [code for code, _ in Condition(source).doubts()] == ["cel_hidden_name"]
    assert [*Condition("[1].exists(order, order > 0)").doubts()] == []
