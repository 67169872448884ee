"""JSON of what people sent: a number of any length can come back from the database, which writes floats out."""

from __future__ import annotations

from typing import Any

import orjson

WHOLE = range(-(2**63), 2**64)
"""Whole numbers that JSON is written with here; others are floats, as they were when the log was read."""


def written(data: Any, option: int = 0) -> bytes:
    """The data as JSON, by orjson and with its options."""
    try:
        return orjson.dumps(data, option=option)
    except TypeError:
        return orjson.dumps(_floats(data), option=option)


def _floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _floats(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_floats(inner) for inner in value]
    return float(value) if isinstance(value, int) and value not in WHOLE else value
