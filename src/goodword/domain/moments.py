"""Moments as they are written: RFC 3339, with an offset."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_TIME = re.compile(r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$")


def parse_time(text: object) -> datetime:
    """An RFC 3339 time with its offset, as UTC. Raises `ValueError` with what to do."""
    if not isinstance(text, str) or not _TIME.match(text):
        raise ValueError("expected an RFC 3339 time with an offset, such as 2026-03-14T10:22:00Z")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("is not a time that exists; expected one such as 2026-03-14T10:22:00Z") from error
