"""How a history is cut: components into parts of about the same length, and how far time goes by the others."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodword.engine.backtest import components, survey

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(("asked", "given"), [(3, 3), (survey.MOST_PARTS, 256), (survey.MOST_PARTS + 1, 256)])
def test_there_are_no_more_parts_than_the_limit(asked: int, given: int) -> None:
    parts = [1] * 1_000
    assert survey._packed(parts, asked) == [*range(given)]
    lengths = Counter(parts)
    assert len(lengths) == given
    assert max(lengths.values()) - min(lengths.values()) <= 1


def test_what_is_everybodys_has_a_part_where_nobody_has_one() -> None:
    assert survey._packed([0], 2) == [0]


def test_the_heaviest_component_has_a_part_of_its_own() -> None:
    weights = [0, 100, 40, 0, 40, 30]
    assert packed(weights, 2) == [None, 0, 1, None, 1, 1]


def test_what_is_light_fills_up_what_the_heavy_ones_leave() -> None:
    weights = [3, *[1] * 2_000, 1_000, 0, 1_500]
    loads: Counter[int] = Counter()
    for part, weight in zip(packed(weights, 3), weights, strict=True):
        if part is not None:
            loads[part] += weight
    assert sorted(loads.values()) == [1_501, 1_501, 1_501]


def test_parts_that_nothing_goes_to_are_not_used() -> None:
    weights = [0, 7, 0, 5]
    assert components.pack(weights, 200) == [0, 1]
    assert components.pack([0, 0], 2) == []


def packed(weights: list[int], count: int) -> list[int | None]:
    """By component its part."""
    parts = list(weights)
    assert components.pack(parts, count) == sorted(
        {part for part, weight in zip(parts, weights, strict=True) if weight}
    )
    return [part if weight else None for part, weight in zip(parts, weights, strict=True)]


@PATIENT
@given(st.lists(st.lists(st.integers(0, 60).map(str), min_size=1, max_size=4), max_size=60))
def test_who_appears_with_whom_belongs_together_and_nobody_else_does(entries: list[list[str]]) -> None:
    groups: list[set[str]] = []
    for entry in entries:
        met = [group for group in groups if not group.isdisjoint(entry)]
        groups = [group for group in groups if group not in met] + [set(entry).union(*met)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(components, "FIRST", 2)
        together = components.Components(Path(tempfile.gettempdir()))
    with together:
        numbers = [together.join(entry) for entry in entries]
        roots = [together.root(number) for number in numbers]
        assert together.length == sum(map(len, groups))
    for entry, root in zip(entries, roots, strict=True):
        [group] = [group for group in groups if entry[0] in group]
        assert {other for names, other in zip(entries, roots, strict=True) if names[0] in group} == {root}


def test_tables_grow_with_the_names_and_keep_what_belongs_together(tmp_path: Path) -> None:
    count = 4 * components.FIRST
    with components.Components(tmp_path) as together:
        for number in range(count):
            together.join([f"x{number}", f"x{number % 7}"])
        roots = {together.root(together.join([f"x{number}"])) for number in range(count)}
        assert (len(roots), together.length) == (7, count)
        assert together.root(together.join(["x8"])) == together.root(together.join(["x1"]))
        with closing(together.weights()) as column:
            assert (len(column.cells), set(column.cells)) == (count, {0})
        assert [*tmp_path.iterdir()] == []  # files have no name: nothing is left behind, whatever happens


def test_names_with_the_same_hash_belong_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(components, "hash", lambda name: int(name) % 5 - 2, raising=False)
    with components.Components(tmp_path) as together:
        roots = [together.root(together.join([str(number)])) for number in range(10)]
        assert (together.length, roots) == (5, [*range(5)] * 2)


@PATIENT
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-9, 9)), max_size=60), st.integers(0, 5))
def test_time_goes_by_the_latest_of_the_others_since_the_own_one_before(
    entries: list[tuple[int, int]], kept: int
) -> None:
    before = [0] * 4
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(survey, "KEPT", kept)
        latest = survey._Latest(before)
    for position, (own, micros) in enumerate(entries, start=1):
        others = [at for _, at in entries[before[own] : position - 1]]
        assert latest.since(before[own]) == max(others, default=survey._NOT_BEFORE)
        before[own] = position
        latest.add(position, micros)


def test_where_time_goes_back_only_what_may_be_asked_for_is_kept() -> None:
    before = [0, 0, 0]
    latest = survey._Latest(before)
    for position in range(1, 3 * survey.KEPT):
        latest.add(position, -position)
        before[position % 2] = position
    assert len(latest._micros) <= 2 * len(before) + survey.KEPT
    assert (latest.since(0), latest.since(before[0])) == (-1, -before[1])


def test_a_process_reads_its_part_before_django_knows_of_any_table() -> None:
    """A process that is started for a part unpickles it first, which imports this module."""
    subprocess.run([sys.executable, "-c", "import goodword.engine.backtest.parts"], check=True, timeout=120)
