"""Names in JSON that are given twice: the compiled decoder keeps the last of two and says nothing."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import orjson


class GivenTwice(ValueError):
    """An object has a name twice."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"the name {name[:100]!r} stands twice in one object")


def look_for_twice(text: str, value: Any) -> None:
    """Raises `GivenTwice` where an object in the JSON text has a name twice. `value` is what the decoder made of it: of
    such a name it keeps one, and its colon. A colon may be escaped (`\\u003a`); then the text is read again."""
    if "\\u003" not in text and text.count(":") == orjson.dumps(value).count(b":"):
        return
    with contextlib.suppress(RecursionError):  # so deep that whoever asks refuses it
        json.loads(text, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> None:
    seen = set()
    for name, _ in pairs:
        if name in seen:
            raise GivenTwice(name)
        seen.add(name)
