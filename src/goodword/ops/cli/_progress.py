"""How far a command is that takes long: on the terminal as it goes, elsewhere a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import click

FIRST = 5.0
"""Seconds after which the first line is written where nobody looks at a terminal."""
EVERY = 15.0
"""Seconds between two such lines."""
REDRAWN = 0.2
"""Seconds between two counts on a terminal."""


class Progress:
    """Says on the standard error how much of a whole is done. Call it with a growing number, within `with`."""

    def __init__(
        self, what: str, total: int, *, clock: Callable[[], float] = time.monotonic, terminal: bool | None = None
    ) -> None:
        self._what, self._total, self._clock = what, total, clock
        self._terminal = sys.stderr.isatty() if terminal is None else terminal
        self._due = clock() + (0 if self._terminal else FIRST)
        self._drawn = 0

    def __call__(self, done: int) -> None:
        now = self._clock()
        if now < self._due:
            return
        self._due = now + (REDRAWN if self._terminal else EVERY)
        text = f"{done:,} of {self._total:,} {self._what} ({100 * done // max(1, self._total)} %)"
        if self._terminal:
            click.echo("\r" + text.ljust(self._drawn), nl=False, err=True)
            self._drawn = len(text)
        else:
            click.echo(f"{text} …", err=True)

    def part(self, before: int) -> Callable[[int], None]:
        """The same for a part that begins when so much is done."""
        return lambda done: self(before + done)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_raised: object) -> None:
        """The line on the terminal is wiped; what follows begins on a clean one."""
        if self._drawn:
            click.echo("\r" + " " * self._drawn + "\r", nl=False, err=True)
