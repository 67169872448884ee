"""Which programmes can reach the one that is tried: by shutting it out, by minding when somebody was last there, and by
money that people owe."""

from __future__ import annotations

from typing import Any

import pytest

from goodword.domain.program import Program, compile_program
from goodword.domain.rows import Count, Participant
from goodword.domain.state import State
from goodword.engine.backtest import reach
from support.documents import self_serve, thanks
from support.random_programs import BEGAN

_TRIED = "tried"


def program(key: str, **changes: Any) -> Program:
    return compile_program(key, f"{key}-1", 1, self_serve(program=key, name=key, **changes))


def reaching(*others: Program, money_of: tuple[str, ...] = (), **tried: Any) -> set[str]:
    return reach.reaching([program(_TRIED, **tried)], others, money_of) - {_TRIED}


def test_a_programme_of_its_own_reaches_nobody() -> None:
    assert reaching(program("other", limits=[{"per": "program", "budget": 100}])) == set()


@pytest.mark.parametrize(
    ("theirs", "mine", "reaches"),
    [
        ({"exclusive": True, "priority": 1}, {}, True),
        ({"exclusive": True, "priority": -1}, {}, False),  # it decides after the tried one
        ({"exclusive": True}, {}, True),  # alike: by key, and "other" is before "tried"
        ({"exclusive": "summer", "priority": 1}, {"exclusive": "summer"}, True),
        ({"exclusive": "summer", "priority": 1}, {"exclusive": "winter"}, False),
        ({"exclusive": "summer", "priority": 1}, {}, False),
        ({}, {"exclusive": True, "priority": 1}, False),
    ],
)
def test_what_is_exclusive_and_decides_first_reaches_what_it_shuts_out(
    theirs: dict[str, Any], mine: dict[str, Any], reaches: bool
) -> None:
    assert reaching(program("other", **theirs), **mine) == ({"other"} if reaches else set())


def test_who_reaches_one_that_reaches_is_among_them() -> None:
    first = program("first", exclusive=True, priority=2)
    second = program("second", exclusive="summer", priority=1)
    assert reaching(first, second, exclusive="summer", priority=3) == set()
    assert reaching(first, second, exclusive="summer", priority=0) == {"first", "second"}


def test_both_mind_when_somebody_was_last_there() -> None:
    idle = [thanks(expire={"inactive": "P30D"})]
    assert reaching(program("other", rewards=idle), rewards=idle) == {"other"}
    assert reaching(program("other", rewards=idle)) == set()


def test_money_reaches_where_it_is_known_to() -> None:
    dollars, points = program("dollars"), program("points", units=["points"], rewards=[
        thanks(give={"type": "points", "amount": 5, "unit": "points"})
    ])  # fmt: skip
    assert reaching(dollars, points) == set()
    assert reaching(dollars, points, money_of=("USD",)) == {"dollars"}


def test_a_programme_in_test_mode_reaches_nobody() -> None:
    assert reaching(program("other", test=True, exclusive=True, priority=1)) == set()


def test_who_owed_money_at_any_time_is_told_with_who_stands_for_them() -> None:
    state = State("w", {}, {})
    for row in (
        Participant("a", "a", "", "", None, {}, BEGAN, "b"),
        Participant("b", "b", "", "", None, {}, BEGAN),
    ):
        state.apply(row)
    for name, amount in (("debt:USD", 500), ("debt:USD", -500), ("debt:p:points", 5), ("orders:USD", 1)):
        state.apply(Count("a", name, 0, amount))
    assert reach.owing(state) == {("a", "USD"), ("b", "USD")}
