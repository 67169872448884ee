"""Moments as they are written: RFC 3339, with an offset; and as a line of text says them, with their zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from goodword.domain import calendar

_TIME = re.compile(r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$")


def parse_time(text: object) -> datetime:
    """An RFC 3339 time with its offset, as UTC. Raises `ValueError` with what to do."""
    if not isinstance(text, str) or not _TIME.match(text):
        raise ValueError("expected an RFC 3339 time with an offset, such as 2026-03-14T10:22:00Z")
    try:
        moment = datetime.fromisoformat(text.upper())
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("is not a time that exists; expected one such as 2026-03-14T10:22:00Z") from error


_said: list[tuple[datetime, str]] = [(datetime.fromtimestamp(0, UTC), "1970-01-01T00:00:00+00:00")]
"""The moment that was written last."""


def text(moment: datetime) -> str:
    """The moment as it stands in traces. The same one is often written twice in a row."""
    last = _said[0]
    if last[0] is not moment:
        last = _said[0] = (moment, moment.isoformat())
    return last[1]


def shown(at: datetime, zone: str = "UTC") -> str:
    """A moment to the minute by the clock of a zone, which is said: `2026-03-14 06:22 -04:00 America/New_York`."""
    local = at.astimezone(calendar.timezone(zone))
    offset = local.isoformat(timespec="minutes")[16:]
    return f"{local:%Y-%m-%d %H:%M} {'' if zone == 'UTC' else f'{offset} '}{zone}"
