"""How a history is cut: components into parts of about the same length, and how far time goes by the others."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodword.engine.backtest import survey


@pytest.mark.parametrize(("asked", "given"), [(3, 3), (survey.MOST_PARTS, 256), (survey.MOST_PARTS + 1, 256)])
def test_there_are_no_more_parts_than_the_limit(asked: int, given: int) -> None:
    parts = survey._packed(dict.fromkeys(range(1_000), 1), asked)
    assert len(set(parts.values())) == given


def test_the_heaviest_component_has_a_part_of_its_own() -> None:
    weights = {1: 100, 2: 40, 3: 40, 4: 30}
    loads: Counter[int] = Counter()
    for root, part in survey._packed(weights, 2).items():
        loads[part] += weights[root]
    assert sorted(loads.values()) == [100, 110]


@given(st.lists(st.tuples(st.booleans(), st.integers(-9, 9)), max_size=40))
def test_time_goes_by_the_latest_of_the_others_since_the_own_one_before(entries: list[tuple[bool, int]]) -> None:
    latest, before = survey._Latest(), 0
    for position, (own, micros) in enumerate(entries, start=1):
        if own:
            others = [at for _, at in entries[before : position - 1]]
            assert latest.since(before) == max(others, default=survey._NOT_BEFORE)
            before = position
        else:
            latest.add(position, micros)


def test_a_process_reads_its_part_before_django_knows_of_any_table() -> None:
    """A process that is started for a part unpickles it first, which imports this module."""
    subprocess.run([sys.executable, "-c", "import goodword.engine.backtest.parts"], check=True, timeout=120)
