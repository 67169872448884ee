"""How far a long command is: drawn on a terminal, and written now and then elsewhere."""

from __future__ import annotations

import pytest

from goodword.ops.cli._progress import EVERY, FIRST, Progress


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_nothing_is_said_of_what_is_quick(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with Progress("months", 12, clock=clock, terminal=False) as progress:
        clock.now += FIRST - 0.1
        progress(11)
    assert capsys.readouterr() == ("", "")


def test_what_takes_long_is_said_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with Progress("months", 1_200, clock=clock, terminal=False) as progress:
        clock.now += FIRST
        progress(300)
        progress(301)
        clock.now += EVERY
        progress.part(1_000)(100)
    assert capsys.readouterr() == ("", "300 of 1,200 months (25 %) …\n1,100 of 1,200 months (91 %) …\n")


def test_a_terminal_shows_it_at_once_and_is_left_clean(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with Progress("months", 10, clock=clock, terminal=True) as progress:
        progress(1)
        progress(2)  # too soon to be drawn again
        clock.now += 1
        progress(5)
    first, second = "1 of 10 months (10 %)", "5 of 10 months (50 %)"
    assert capsys.readouterr().err == f"\r{first}\r{second}\r{' ' * len(second)}\r"
