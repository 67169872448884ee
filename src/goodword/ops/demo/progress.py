"""How far the load is: a bar with a rate where somebody watches, a line at each tenth elsewhere."""

from __future__ import annotations

import time
from typing import TextIO

from goodword.ops.demo import stream

WIDTH = 28
REDRAW = 0.1


class Progress:
    """Shows how many of the demo's events are applied."""

    def __init__(self, out: TextIO, *, is_terminal: bool) -> None:
        self._out = out
        self._is_terminal = is_terminal
        self._began = time.monotonic()
        self._drawn = 0.0
        self._tenths = 0

    def show(self, recorded: int, applied: int) -> None:
        """Is told how many events are recorded and applied so far."""
        if self._is_terminal:
            if time.monotonic() - self._drawn >= REDRAW:
                self._draw(recorded, applied)
        elif applied * 10 // stream.EVENTS > self._tenths:
            self._tenths = applied * 10 // stream.EVENTS
            self._out.write(self._line(applied) + "\n")
            self._out.flush()

    def end(self) -> None:
        """Clears the bar."""
        if self._is_terminal:
            self._out.write("\r\x1b[K")
            self._out.flush()

    def _draw(self, recorded: int, applied: int) -> None:
        self._drawn = time.monotonic()
        done, begun = (min(WIDTH, count * WIDTH // stream.EVENTS) for count in (applied, recorded))
        bar = "█" * done + "▒" * (begun - done) + " " * (WIDTH - max(begun, done))
        self._out.write(f"\r\x1b[K│{bar}│ {self._line(applied)}")
        self._out.flush()

    def _line(self, applied: int) -> str:
        rate = applied / max(0.001, time.monotonic() - self._began)
        return f"{applied:>9,} of {stream.EVENTS:,} events applied, {rate:,.0f} a second"
