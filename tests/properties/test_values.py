"""Laws of shares, ids, durations and periods that hold for any values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from goodword.domain import calendar, ids, money
from goodword.domain.calendar import Duration

AMOUNTS = st.integers(0, money.MAX_AMOUNT)
ZONES = st.sampled_from(["UTC", "America/New_York", "Europe/Oslo", "Australia/Lord_Howe", "Asia/Kuala_Lumpur"])
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001


@given(AMOUNTS, st.integers(1, money.MAX_AMOUNT), st.data())
def test_a_share_is_within_half_a_unit_of_the_exact_one(amount: int, whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    found = money.share(amount, part, whole)
    assert 0 <= found <= amount
    assert abs(found - Fraction(amount * part, whole)) <= Fraction(1, 2)
    assert money.share(amount, whole, whole) == amount
    assert money.share(amount, 0, whole) == 0


@given(AMOUNTS, st.lists(st.integers(1, 10**9), min_size=1, max_size=8))
def test_cumulative_shares_of_all_parts_sum_to_the_whole(amount: int, parts: list[int]) -> None:
    whole, refunded, taken = sum(parts), 0, 0
    for part in parts:
        refunded += part
        now = money.share(amount, refunded, whole)
        assert now >= taken
        taken = now
    assert taken == amount


@given(MOMENTS, st.lists(st.text(max_size=20), max_size=4), st.lists(st.text(max_size=20), max_size=4))
def test_derived_ids_differ_where_their_parts_do_and_sort_by_time(
    at: datetime, parts: list[str], others: list[str]
) -> None:
    first = ids.derive(at, "kind", *parts)
    assert UUID(first).version == 7
    same = "\x1f".join(["kind", *parts]) == "\x1f".join(["kind", *others])
    assert (first == ids.derive(at, "kind", *others)) == same
    assert first < ids.derive(at + timedelta(milliseconds=2), "kind", *others)
    assert ids.internal("rwd", ids.public("rwd", first)) == first


@given(MOMENTS, st.integers(0, 60), st.integers(0, 400), ZONES)
def test_steps_of_days_and_months_keep_the_wall_clock(at: datetime, months: int, days: int, zone: str) -> None:
    length = Duration(months=months, days=days)
    end = length.after(at, zone)
    assert end.tzinfo is UTC
    before, after = at.astimezone(calendar.timezone(zone)), end.astimezone(calendar.timezone(zone))
    wall = timedelta(hours=after.hour, minutes=after.minute) - timedelta(hours=before.hour, minutes=before.minute)
    if months or days:
        assert wall in (timedelta(), timedelta(hours=1), timedelta(minutes=30), timedelta(hours=-23))  # a skipped hour
        assert end > at
    else:
        assert end == at


@given(MOMENTS, st.integers(0, 10**7))
def test_seconds_are_exact_both_ways(at: datetime, seconds: int) -> None:
    length = Duration(seconds=seconds)
    assert length.before(length.after(at, "America/New_York"), "America/New_York") == at


@given(MOMENTS, st.integers(1, 30), ZONES, st.sampled_from([None, "US", "NO", "MY"]))
def test_a_promise_of_business_days_covers_that_many(at: datetime, count: int, zone: str, country: str | None) -> None:
    end = Duration(business_days=count).after(at, zone, country).astimezone(calendar.timezone(zone))
    day = at.astimezone(calendar.timezone(zone)).date()
    passed = 0
    while (day := day + timedelta(days=1)) < end.date():
        passed += calendar.is_business_day(day, country)
    assert passed == count
    assert calendar.is_business_day(end.date() - timedelta(days=1), country)


@given(MOMENTS, st.sampled_from(calendar.PERIODS), ZONES)
def test_periods_cover_time_without_gap_or_overlap(at: datetime, every: str, zone: str) -> None:
    found = calendar.period(at, every, zone)
    assert found.start <= at < found.end
    following = calendar.period(found.end, every, zone)
    assert (following.start, following.label != found.label) == (found.end, True)
    last = calendar.period(found.end - timedelta(microseconds=1), every, zone)
    assert last == found
