"""Callers who come while a run is under way share the next one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from goodword.engine.turns import Turn, Turns


def test_those_who_come_meanwhile_share_one_run_that_begins_after_them() -> None:
    turn: Turn[int] = Turn()
    begun, go_on = threading.Event(), threading.Event()
    runs: list[int] = []

    def run() -> int:
        runs.append(len(runs))
        if len(runs) == 1:
            begun.set()
            assert go_on.wait(10)
        return runs[-1]

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(turn.take, run)
        assert begun.wait(10)
        others = [pool.submit(turn.take, run) for _ in range(5)]
        while len(turn._changed._waiters) < 5:  # type: ignore[attr-defined]
            pass
        go_on.set()
        assert first.result(10) == 0
        assert [other.result(10) for other in others] == [1] * 5
    assert runs == [0, 1]
    assert turn.take(run) == 2


def test_a_run_that_fails_is_its_runners_own() -> None:
    turn: Turn[str] = Turn()
    begun, go_on = threading.Event(), threading.Event()

    def fail() -> str:
        begun.set()
        assert go_on.wait(10)
        raise ValueError("mine")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(turn.take, fail)
        assert begun.wait(10)
        second = pool.submit(turn.take, lambda: "done")
        go_on.set()
        with pytest.raises(ValueError, match="mine"):
            first.result(10)
        assert second.result(10) == "done"


def test_each_workspace_has_its_own_turn_while_somebody_uses_it() -> None:
    turns: Turns[int] = Turns()
    one = turns.of("one")
    assert turns.of("one") is one
    assert turns.of("two") is not one
    del one
    assert len(turns._turns) == 0
