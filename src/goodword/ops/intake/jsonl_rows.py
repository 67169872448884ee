"""JSON lines: one event a line, as the API takes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import orjson

from goodword.domain.events import Problem
from goodword.domain.json_names import GivenTwice, look_for_twice
from goodword.ops.intake.rows import Lines, Row


def read(file: BinaryIO) -> Iterator[Row]:
    """The rows of a file, blank lines left out. Raises `UnreadableFile`."""
    lines = Lines(file)
    for text in lines:
        number = lines.number
        yield from lines.rows_too_long()
        lines.row_begins = True
        if text.strip():
            yield _row(number, text)
    yield from lines.rows_too_long()


def _row(number: int, text: str) -> Row:
    try:
        found = orjson.loads(text)
        look_for_twice(text, found)
    except orjson.JSONDecodeError as error:
        where = f"{error.msg} at place {error.colno}"
        return Row(number, None, (Problem("", "not_json", f"is not JSON: {where}; write one object a line"),))
    except GivenTwice as error:
        return Row(number, None, (Problem("", "not_json", f"{error}; leave one out"),))
    if not isinstance(found, dict):
        return Row(
            number, None, (Problem("", "not_an_object", "expected a JSON object with type, event_id and so on"),)
        )
    return Row(number, found)
