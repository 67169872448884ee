"""Nothing acknowledged is lost and nothing is applied twice, whoever is killed and when."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.torture import Torture, torture

ROUNDS = 10
"""`make torture` runs 200, of more events."""
EVENTS = 1_200


@pytest.fixture(scope="module")
def house() -> Iterator[Torture]:
    with torture() as victim:
        yield victim


@pytest.mark.parametrize("seed", range(1, ROUNDS + 1))
def test_kill_anything_at_any_moment_and_everything_is_applied_once(house: Torture, seed: int) -> None:
    done = house.round(seed, EVENTS)
    assert done.counts["reward"] > 100
    assert done.counts["transfer"] > 100
