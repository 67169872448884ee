"""The compiled domain decides as its sources do, over programmes and histories that nobody thought of; and what was
not compiled of these very sources is not used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodword import compiled
from properties.test_random_programs import told
from support.deciding import TESTS, Decider
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


@pytest.fixture(scope="module")
def partly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sources as these, of which a few modules are compiled as `make fast` compiles all: it takes seconds, not minutes,
    so it is done wherever there is a compiler."""
    if not (shutil.which("cc") and find_spec("setuptools") and find_spec("mypyc")):
        pytest.skip("this machine has no C compiler, or no setuptools: nothing can be compiled here")
    sources = tmp_path_factory.mktemp("partly") / "src"
    (sources / "goodword").mkdir(parents=True)
    for path in compiled.DOMAIN.parent.iterdir():
        if path != compiled.DOMAIN and path.name != "__pycache__":
            (sources / "goodword" / path.name).symlink_to(path)
    domain = sources / "goodword" / "domain"
    shutil.copytree(compiled.DOMAIN, domain, ignore=shutil.ignore_patterns("__compiled__", "__pycache__"))
    subprocess.run(
        [sys.executable, TESTS.parent / "tools" / "compile_domain.py", *FEW.split()],
        env=os.environ | {"PYTHONPATH": str(sources)},
        check=True,
    )
    return sources


FEW = "ids ledger limits rewards rows state"


def test_a_few_compiled_modules_decide_as_their_sources_do(partly: Path) -> None:
    made = {path.name.split(".")[0] for path in (partly / "goodword" / "domain" / "__compiled__").glob("*.so")}
    assert made == {*FEW.split(), "_all__mypyc"}
    with Decider(pure=True) as pure, Decider(pure=False, sources=partly) as fast:
        assert (pure.compiled, fast.compiled) == (False, True)

        @settings(max_examples=10, deadline=None, database=None, suppress_health_check=SLOW)
        @given(told=st.one_of(told, told_of_all))
        def same(told: tuple[Document, list[dict[str, Any]]]) -> None:
            assert fast.decide(*told) == pure.decide(*told)

        same()


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
