"""Durations, business days and periods, across changes of clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from goodword.domain import calendar
from goodword.domain.calendar import Duration

NEW_YORK = "America/New_York"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "months", "days", "seconds", "business"),
    [
        ("P30D", 0, 30, 0, 0),
        ("P2W", 0, 14, 0, 0),
        ("P12M", 12, 0, 0, 0),
        ("P1Y2M3W4DT5H6M7S", 14, 25, 5 * 3600 + 6 * 60 + 7, 0),
        ("PT24H", 0, 0, 86400, 0),
        ("P100Y", 1200, 0, 0, 0),
        ("1 business day", 0, 0, 0, 1),
        ("260 business days", 0, 0, 0, 260),
    ],
)
def test_a_duration_is_read(text: str, months: int, days: int, seconds: int, business: int) -> None:
    found = Duration.parse(text)
    assert (found.months, found.days, found.seconds, found.business_days) == (months, days, seconds, business)
    assert found.text == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected an ISO 8601 duration"),
        ("30 days", "expected an ISO 8601 duration"),
        ("P", "expected an ISO 8601 duration"),
        ("PT", "expected an ISO 8601 duration"),
        ("P1DT", "expected an ISO 8601 duration"),
        ("-P1D", "expected an ISO 8601 duration"),
        ("P1.5D", "expected an ISO 8601 duration"),
        ("p30d", "expected an ISO 8601 duration"),
        ("P0D", "must be longer than nothing"),
        ("PT0S", "must be longer than nothing"),
        ("P101Y", "longer than 100 years"),
        ("P1201M", "longer than 100 years"),
        ("P36030D", "longer than 100 years"),
        ("0 business days", "business days must be 1 to 260"),
        ("261 business days", "business days must be 1 to 260"),
    ],
)
def test_what_is_no_duration_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Duration.parse(text)


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2026-02-15T17:00:00", "P30D", "2026-03-17T16:00:00"),  # clocks forward: 23 hours fewer on the way
        ("2025-10-15T16:00:00", "P30D", "2025-11-14T17:00:00"),  # clocks back
        ("2026-02-06T07:30:00", "P30D", "2026-03-08T07:30:00"),  # 02:30 does not exist: 03:30
        ("2025-10-03T05:30:00", "P30D", "2025-11-02T05:30:00"),  # 01:30 comes twice: the first
        ("2026-01-31T17:00:00", "P1M", "2026-02-28T17:00:00"),
        ("2024-01-31T17:00:00", "P1M", "2024-02-29T17:00:00"),
        ("2024-02-29T17:00:00", "P1Y", "2025-02-28T17:00:00"),
        ("2026-03-07T17:00:00", "PT24H", "2026-03-08T17:00:00"),  # hours are exact
        ("2026-03-07T17:00:00", "P1DT1H", "2026-03-08T17:00:00"),  # 12:00 to 12:00 is 23 hours, then one
    ],
)
def test_days_are_steps_on_the_wall_and_hours_are_exact(start: str, length: str, end: str) -> None:
    assert Duration.parse(length).after(utc(start), NEW_YORK) == utc(end)


@pytest.mark.parametrize(
    ("end", "length", "start"),
    [
        ("2026-03-17T16:00:00", "P30D", "2026-02-15T17:00:00"),
        ("2026-05-10T14:00:00", "P365D", "2025-05-10T14:00:00"),
        ("2026-03-31T16:00:00", "P1M", "2026-02-28T17:00:00"),
        ("2026-03-08T17:00:00", "PT24H", "2026-03-07T17:00:00"),
    ],
)
def test_a_window_reaches_back(end: str, length: str, start: str) -> None:
    assert Duration.parse(length).before(utc(end), NEW_YORK) == utc(start)


@pytest.mark.parametrize(
    ("start", "count", "country", "end"),
    [
        ("2026-07-01T16:00:00", 5, "US", "2026-07-10T04:00:00"),  # Friday 3 July is observed
        ("2026-07-01T16:00:00", 5, None, "2026-07-09T04:00:00"),
        ("2025-11-24T17:00:00", 5, "US", "2025-12-03T05:00:00"),  # Thanksgiving
        ("2026-07-04T16:00:00", 1, "US", "2026-07-07T04:00:00"),  # from a Saturday: Monday to its end
        ("2026-03-03T03:00:00", 1, "US", "2026-03-04T05:00:00"),  # still Monday evening in New York
    ],
)
def test_business_days_skip_weekends_and_the_countrys_holidays(
    start: str, count: int, country: str | None, end: str
) -> None:
    found = Duration(business_days=count).after(utc(start), NEW_YORK, country)
    assert found == utc(end)


def test_a_business_day_is_monday_to_friday_and_no_holiday() -> None:
    assert calendar.is_business_day(date(2026, 7, 2), "US")
    assert not calendar.is_business_day(date(2026, 7, 3), "US")
    assert calendar.is_business_day(date(2026, 7, 3), "NO")
    assert not calendar.is_business_day(date(2026, 5, 17), None)


def test_a_countrys_week_is_its_own() -> None:
    friday, saturday, sunday = date(2026, 6, 5), date(2026, 6, 6), date(2026, 6, 7)
    for country, worked in (("US", [friday]), ("IL", [sunday]), ("SA", [sunday]), ("HK", [friday, saturday])):
        assert [day for day in (friday, saturday, sunday) if calendar.is_business_day(day, country)] == worked
    # Saturday 10 January 2026 was worked in Hungary for Friday the 2nd.
    assert calendar.is_business_day(date(2026, 1, 10), "HU")
    assert not calendar.is_business_day(date(2026, 1, 2), "HU")
    assert not calendar.is_business_day(date(2026, 1, 17), "HU")
    wednesday = utc("2026-06-03T09:00:00")
    assert Duration(business_days=2).after(wednesday, "Asia/Jerusalem", "IL") == utc("2026-06-07T21:00:00")
    assert Duration(business_days=2).after(wednesday, "Asia/Jerusalem") == utc("2026-06-05T21:00:00")


@pytest.mark.parametrize(
    ("moment", "every", "label", "start", "end"),
    [
        ("2026-03-08T12:00:00", "day", "2026-03-08", "2026-03-08T05:00:00", "2026-03-09T04:00:00"),
        ("2026-03-09T03:59:59", "day", "2026-03-08", "2026-03-08T05:00:00", "2026-03-09T04:00:00"),
        ("2026-03-11T12:00:00", "week", "2026-W11", "2026-03-09T04:00:00", "2026-03-16T04:00:00"),
        ("2027-01-02T12:00:00", "week", "2026-W53", "2026-12-28T05:00:00", "2027-01-04T05:00:00"),
        ("2026-04-01T03:59:59", "month", "2026-03", "2026-03-01T05:00:00", "2026-04-01T04:00:00"),
        ("2026-04-01T04:00:00", "month", "2026-04", "2026-04-01T04:00:00", "2026-05-01T04:00:00"),
        ("2026-04-01T03:59:59", "quarter", "2026-Q1", "2026-01-01T05:00:00", "2026-04-01T04:00:00"),
        ("2026-12-31T12:00:00", "quarter", "2026-Q4", "2026-10-01T04:00:00", "2027-01-01T05:00:00"),
        ("2026-01-01T04:59:59", "year", "2025", "2025-01-01T05:00:00", "2026-01-01T05:00:00"),
        ("2026-01-01T05:00:00", "year", "2026", "2026-01-01T05:00:00", "2027-01-01T05:00:00"),
    ],
)
def test_a_period_is_the_local_one(moment: str, every: str, label: str, start: str, end: str) -> None:
    found = calendar.period(utc(moment), every, NEW_YORK)
    assert (found.label, found.start, found.end) == (label, utc(start), utc(end))


def test_zones_and_countries_are_known_by_their_names() -> None:
    assert calendar.is_timezone("Europe/Oslo")
    assert not calendar.is_timezone("Europe/Olso")
    assert {"US", "NO", "DK", "MY"} <= calendar.business_countries()


@pytest.mark.parametrize(
    ("every", "at", "before"),
    [
        ("day", "2026-03-09T12:00:00", "2026-03-08"),
        ("week", "2026-01-01T12:00:00", "2025-W52"),
        ("month", "2026-03-31T12:00:00", "2026-02"),
        ("quarter", "2026-02-01T12:00:00", "2025-Q4"),
        ("year", "2026-06-01T12:00:00", "2025"),
    ],
)
def test_the_period_before_ends_where_a_period_begins(every: str, at: str, before: str) -> None:
    found = calendar.period(utc(at), every, NEW_YORK)
    earlier = calendar.preceding(found, every, NEW_YORK)
    assert (earlier.label, earlier.end) == (before, found.start)
