"""The command line, run in this process on the test's database."""

from __future__ import annotations

import contextlib
import io
import signal
import sys
from dataclasses import dataclass
from typing import Any
from unittest import mock

import orjson

from goodword.ops.cli import main


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Its answer, when it answers in JSON."""
        return orjson.loads(self.out)


class Input(io.StringIO):
    """Standard input, from a terminal or not."""

    def __init__(self, text: str, *, terminal: bool) -> None:
        super().__init__(text)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def run(*arguments: str, stdin: str = "", terminal: bool = False) -> Ran:
    """Run `goodword` with these arguments; needs DATABASE_URL to name the database Django is pointed at."""
    out, err = io.StringIO(), io.StringIO()
    before = signal.getsignal(signal.SIGTERM)
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "stdin", Input(stdin, terminal=terminal)),
    ):
        try:
            main(list(arguments))
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        finally:
            signal.signal(signal.SIGTERM, before)
    return Ran(code, out.getvalue(), err.getvalue())
