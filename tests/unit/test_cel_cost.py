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
