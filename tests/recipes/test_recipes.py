"""The worked cases of every recipe, held against the pure domain and against the engine on a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from support.cases import NAMES, Case, cases, source
from support.databases import TestServer
from support.houses import DomainHouse, balances, play

ALL = [pytest.param(case, id=f"{name}: {case.title}") for name in NAMES for case in cases(name)]
FEW = 5
"""Events a batch, so that a case's state is written and loaded many times."""
MANY = 150
"""Rows from which a case is applied in batches of this size instead."""


@pytest.fixture(scope="module")
def slugs(database_server: TestServer) -> Iterator[Callable[[], str]]:
    """Names for workspaces of one database, a workspace for each case."""
    numbers = count(1)
    with database_server.database():
        yield lambda: f"case-{next(numbers)}"


@pytest.mark.parametrize("case", ALL)
def test_the_domain_decides_as_worked_by_hand(case: Case) -> None:
    play(DomainHouse(case.recipe), case)


@pytest.mark.parametrize("case", ALL)
def test_the_engine_does_as_worked_by_hand(case: Case, slugs: Callable[[], str]) -> None:
    from goodword.engine.backtest import job
    from goodword.insight import ledger
    from support.engine_house import EngineHouse

    rows = sum(len(rows) for rows, _ in case.stages)
    house = EngineHouse(slugs(), case.recipe, batch=MANY if rows > MANY else FEW)
    play(house, case)
    assert ledger.trial_balance(house.id).balanced
    found = job.run(house.id, job.Question(source(case.recipe)))
    assert (found["changed"]["kinds"], found["people"]) == ([], [])
    if rows <= MANY:  # a statement per person
        assert house.told() == balances(house.transfers())
