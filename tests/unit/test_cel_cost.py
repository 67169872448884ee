"""Expressions that would copy without end are refused, or not begun."""

from __future__ import annotations

from typing import Any

import pytest

from goodword.domain import cel_cost
from goodword.domain.conditions import Condition, ConditionError

FACTS: dict[str, Any] = {
    "event": {
        "properties": {
            "long": list(range(1000)),
            "text": "a" * 8000,
            "texts": ["a" * 200] * 900,
            "few": [1, 2, 3],
            "parts": [{"price": 3, "tags": ["a", "b"]}, {"price": 7, "tags": []}],
        }
    }
}
LONG, TEXT, TEXTS = (f"event.properties.{name}" for name in ("long", "text", "texts"))
TOO_MUCH = f"would copy more than {cel_cost.MAX_COPIES} entries over these lists"


@pytest.mark.parametrize(
    "source",
    [
        f"{LONG}.map(x, {LONG} + {LONG} + {LONG}).size() > 0",
        f"{LONG}.map(x, {LONG}).size() > 0",
        f"{TEXTS}.map(x, {TEXT} + {TEXT}).size() > 0",
        f"{LONG}.filter(x, {LONG} == {LONG}).size() > 0",
        f"{LONG}.exists(x, {LONG} + {LONG} + {LONG} + {LONG} == {TEXTS})",
        f"{LONG}.map(x, [{', '.join('x' * 40)}]).size() > 0",
    ],
)
def test_what_would_copy_too_much_is_not_even_begun(source: str) -> None:
    outcome = Condition(source).test(FACTS)
    assert (outcome.ok, outcome.error) == (None, TOO_MUCH)


@pytest.mark.parametrize(
    "source",
    [
        f"{LONG}.map(x, x * 2).size() > 3",
        f"{LONG}.all(x, x in {LONG})",
        f"{TEXTS}.all(x, !({TEXT} + 'b').endsWith(x))",
        "event.properties.parts.filter(part, part.price > 5).map(part, part.price) == [7]",
        "event.properties.parts.exists(part, part.tags.exists(tag, tag == 'a'))",
        "event.properties.few.map(x, [x, event.properties.few.size()]).size() == 3",
        "'map' == 'map' && event.properties.few.exists(map, map == 2)",
    ],
)
def test_what_people_ask_of_lists_is_answered(source: str) -> None:
    outcome = Condition(source).test(FACTS)
    assert (outcome.ok, outcome.error) == (True, "")


@pytest.mark.parametrize("body", ["[x, x]", "x + x"])
def test_one_map_behind_another_could_double_what_it_is_given(body: str) -> None:
    one = f".map(x, {body})"
    assert Condition(f"[1]{one * cel_cost.MAX_MAPS}.size() == 1").test({}).ok is True
    with pytest.raises(ConditionError, match="map stands 2 times; 1 is allowed") as caught:
        Condition(f"[1]{one * (cel_cost.MAX_MAPS + 1)}.size() == 1")
    assert caught.value.code == "cel_cost"


NESTED = "((a{1,60}){1,60}){1,6}"


def test_a_pattern_in_a_macro_counts_as_what_its_repetitions_come_to() -> None:
    outcome = Condition(f"{TEXTS}.exists(x, x.matches('{NESTED}b'))").test(FACTS)
    assert (outcome.ok, outcome.error) == (None, TOO_MUCH)
    outcome = Condition(f"{TEXTS}.exists(x, x.matches('^a+b?[a-z]{{3}}$'))").test(FACTS)
    assert (outcome.ok, outcome.error) == (True, "")


@pytest.mark.parametrize(
    ("pattern", "cost"),
    [
        ("ab", 2 + 2),
        ("a{3}", 4 + 3),
        ("a{2,5}", 6 + 5),
        ("a{3}{4}", 7 + 12),
        ("(a{3})*{4}", 10 + 12),
        ("[abc]{2}", 8 + 2 * 5),
        (r"\w{3}", 5 + 3 * 100),
        (r"[\d-]{3}", 8 + 3 * 100),
        ("[^a]{2}", 7 + 20),
        (".{2}", 4 + 20),
        (r"\({2}", 5 + 2 * 2),
        ("a{,}", 4 + 1),
        (")(", 2 + 1),
        ("{2}", 3 + 1),
        ("a{12345678}", 11 + 123456),
    ],
)
def test_the_size_of_a_pattern_by_hand(pattern: str, cost: int) -> None:
    assert cel_cost.pattern_cost(pattern) == cost


@pytest.mark.parametrize(
    "call",
    [
        "x.matches(x)",
        "x.matches('a' + x)",
        f"x.matches({TEXT})",
        r"x.matches('(a\x7b1,60\x7d)')",
        r"x.matches('a\1737\175')",
    ],
)
def test_a_pattern_in_a_macro_is_written_out(call: str) -> None:
    with pytest.raises(ConditionError, match="inside a macro the pattern of matches is written out"):
        Condition(f"{TEXTS}.exists(x, {call})")


@pytest.mark.parametrize("pattern", ["'b'", '"b"', r"r'\w'", r"'\\w'", "'''b'''", r"'\\x61'"])
def test_a_pattern_may_be_written_in_any_quotes(pattern: str) -> None:
    assert Condition(f"{TEXTS}.exists(x, x.matches({pattern}))").test(FACTS).error == ""


def test_outside_macros_a_pattern_may_come_from_a_fact() -> None:
    assert Condition(f"{TEXT}.matches({TEXT})").test(FACTS).ok
    assert Condition(f"event.properties.few.all(x, x > 0) && {TEXT}.matches({TEXT})").test(FACTS).ok


def test_patterns_are_bounded_in_number() -> None:
    told = " || ".join(["event.type.matches('b')"] * 21)
    with pytest.raises(ConditionError, match="matches stands 21 times; 20 are allowed"):
        Condition(told)
    Condition(" || ".join(["event.type.matches('b')"] * 20))
