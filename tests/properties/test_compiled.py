"""The compiled domain decides as its sources do, over programmes and histories that nobody thought of; and what was
not compiled of these very sources is not used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodword import compiled
from properties.test_random_programs import told
from support.deciding import Decider
from support.random_programs import Document
from support.rich_programs import told as told_of_all

SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.fixture(scope="module")
def deciders() -> Iterator[tuple[Decider, Decider]]:
    """A process that runs the sources, and one that runs what was compiled of them."""
    with ExitStack() as stack:
        pure, fast = (stack.enter_context(Decider(pure=pure)) for pure in (True, False))
        assert not pure.compiled
        if not fast.compiled:
            pytest.skip("nothing is compiled of these sources; `make fast` does it, and runs this")
        yield pure, fast


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
@given(told=st.one_of(told, told_of_all))
def test_what_was_compiled_decides_as_its_sources_do(
    deciders: tuple[Decider, Decider], told: tuple[Document, list[dict[str, Any]]]
) -> None:
    pure, fast = deciders
    assert fast.decide(*told) == pure.decide(*told)


@pytest.fixture
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sources that were compiled, or so a folder beside them says."""
    monkeypatch.delenv(compiled.PURE, raising=False)
    monkeypatch.setattr(compiled, "DOMAIN", tmp_path)
    monkeypatch.setattr(compiled, "FOLDER", tmp_path / "made")
    monkeypatch.setattr(compiled, "STAMP", tmp_path / "made" / "fingerprint")
    (tmp_path / "made").mkdir()
    (tmp_path / "one.py").write_text("ONE = 1\n")
    compiled.STAMP.write_text(compiled.fingerprint())
    return tmp_path


def used() -> list[str]:
    path = ["sources"]
    compiled.use(path)
    return path


def test_what_was_compiled_is_looked_for_before_the_sources(somewhere: Path) -> None:
    assert used() == [str(somewhere / "made"), "sources"]


@pytest.mark.parametrize("change", ["changed", "added", "removed", "asked"])
def test_what_was_compiled_of_other_sources_is_not_used(
    somewhere: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    if change == "changed":
        (somewhere / "one.py").write_text("ONE = 2\n")
    elif change == "added":
        (somewhere / "two.py").write_text("")
    elif change == "removed":
        (somewhere / "one.py").unlink()
    else:
        monkeypatch.setenv(compiled.PURE, "1")
    assert used() == ["sources"]
