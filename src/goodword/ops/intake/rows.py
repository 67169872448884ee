"""Rows of a file of events, one at a time, with bounded memory.

What is wrong with one row is reported with the row; what makes the rest of a file unreadable is raised.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from goodword.domain.events import Problem

MAX_LINE = 1_000_000
"""Bytes in one line of a file, and in one quoted cell: far more than an event may have."""


class UnreadableFile(Exception):
    """A file that cannot be read as events at all; the message says what to do. Nothing was loaded."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it begins on, the event as it is sent, or what is wrong with it."""

    line: int
    raw: Mapping[str, Any] | None
    problems: tuple[Problem, ...] = ()


class Lines:
    """The decoded lines of a file, counted from 1. A line that is too long is left out and reported in
    `too_long` where a row may begin; inside a row (a quoted cell of several lines) it is the file's end.

    Raises `UnreadableFile`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.number = 0
        self.row_begins = True
        self.too_long: list[int] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        while True:
            line = self._file.readline(MAX_LINE + 1)
            if not line:
                raise StopIteration
            self.number += 1
            if len(line) > MAX_LINE:
                self._skip_rest(line)
                continue
            self.row_begins = False
            return self._decoded(line)

    def _skip_rest(self, line: bytes) -> None:
        if not self.row_begins:
            raise UnreadableFile(
                "line_too_long",
                f"Line {self.number} has over {MAX_LINE:,} bytes and is inside quotes; is a quote missing before it?",
            )
        while line and not line.endswith(b"\n"):
            line = self._file.readline(MAX_LINE)
        self.too_long.append(self.number)

    def _decoded(self, line: bytes) -> str:
        if self.number == 1:
            if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise UnreadableFile("not_utf8", "The file is UTF-16; save it as UTF-8.")
            line = line.removeprefix(codecs.BOM_UTF8)
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            raise UnreadableFile(
                "not_utf8",
                f"Line {self.number} is not UTF-8 (byte 0x{line[error.start]:02X} at place {error.start + 1}); "
                "save the file as UTF-8.",
            ) from error

    def rows_too_long(self) -> Iterator[Row]:
        """The lines left out since the last call, as bad rows."""
        for number in self.too_long:
            problem = Problem("", "line_too_long", f"over {MAX_LINE:,} bytes; an event has at most 65,536")
            yield Row(number, None, (problem,))
        self.too_long.clear()
