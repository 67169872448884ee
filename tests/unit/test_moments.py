"""Moments as text: with the clock, offset and name of a zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from goodword.domain.moments import shown


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("UTC", "2026-07-01 22:05 UTC"),
        ("America/New_York", "2026-07-01 18:05 -04:00 America/New_York"),
        ("Asia/Kolkata", "2026-07-02 03:35 +05:30 Asia/Kolkata"),
        ("Europe/London", "2026-07-01 23:05 +01:00 Europe/London"),
    ],
)
def test_a_moment_is_shown_by_the_clock_of_a_zone_that_is_named(zone: str, told: str) -> None:
    assert shown(datetime(2026, 7, 1, 22, 5, 59, tzinfo=UTC), zone) == told


def test_without_a_zone_it_is_utc() -> None:
    assert shown(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01 00:00 UTC"
