"""JSON read by a compiled decoder, where it surely says the same as the strict reading (`body.parse_json`) would.

The decoder takes what that one refuses: names given twice, NUL characters, whole numbers of more than 64 bits, any
depth. Each is looked for in a way that costs next to nothing and never misses one; it may suspect what is innocent,
which is then read strictly.
"""

from __future__ import annotations

from typing import Any

import orjson

from goodword.domain.events import has_long_number, surely_fine

IN_DOUBT = object()
"""The answer for what should be read strictly."""
_ESCAPES = (b"\\u0000", b"\\u003")
"""In a text that has neither, the decoder's texts have no NUL, and a colon that is there as itself."""
_LEVELS = 3
"""Levels of a body that are looked at one by one: its own, the list of a batch, and what is in it."""


def read(raw: bytes, *, depth: int, values: int) -> Any:
    """The value, or `IN_DOUBT`. It has at most that depth, and so many values and names."""
    if _doubtful(raw, values):
        return IN_DOUBT
    try:
        value = orjson.loads(raw)
        written = orjson.dumps(value)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return IN_DOUBT
    # Of a name that is given twice the decoder keeps one, and its colon.
    if raw.count(b":") != written.count(b":") or not _shallow(value, written, depth, _LEVELS):
        return IN_DOUBT
    return value


def events(raw: bytes, *, batch: bool, values: int) -> list[Any] | None:
    """The event of a body, or those of a batch's, where surely nothing is wrong with the JSON nor with the shape of any
    of them (`domain.events.surely_fine`); else None. An event is written again once for all of that."""
    if _doubtful(raw, values):
        return None
    try:
        value = orjson.loads(raw)
        found = value["events"] if batch and isinstance(value, dict) and len(value) == 1 else [value]
        if not isinstance(found, list) or not found:
            return None
        texts = [orjson.dumps(event) for event in found]
    except (KeyError, orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None
    colons = sum([text.count(b":") for text in texts]) + batch
    return found if raw.count(b":") == colons and surely_fine(texts) else None


def _doubtful(raw: bytes, values: int) -> bool:
    """Whether bytes may say what the decoder takes and the strict reading refuses, or too much."""
    many = raw.count(b",") + raw.count(b"{") + raw.count(b"[") > values
    return many or any(escape in raw for escape in _ESCAPES) or has_long_number(raw)


def _shallow(value: Any, written: bytes, depth: int, levels: int) -> bool:
    """Whether the value, which is written so, surely has no more levels than `depth`."""
    if written.count(b"{") + written.count(b"[") <= depth:
        return True
    if levels == 0:
        return False
    if isinstance(value, dict):
        value = list(value.values())
    if len(value) == 1 and isinstance(value[0], dict | list):  # its text is as good as that of the one thing in it
        return _shallow(value[0], written, depth - 1, levels - 1)
    return all(
        _shallow(inner, orjson.dumps(inner), depth - 1, levels - 1) for inner in value if isinstance(inner, dict | list)
    )
