"""The worked cases of every recipe, held against the pure domain and against the engine on a database."""

from __future__ import annotations

import pytest

from support.cases import NAMES, Case, cases
from support.houses import DomainHouse, play

ALL = [pytest.param(case, id=f"{name}: {case.title}") for name in NAMES for case in cases(name)]


@pytest.mark.parametrize("case", ALL)
def test_the_domain_decides_as_worked_by_hand(case: Case) -> None:
    play(DomainHouse(case.recipe), case)
