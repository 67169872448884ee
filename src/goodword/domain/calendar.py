"""Durations and periods in a program's own time zone and business calendar.

Days, weeks, months and years are steps on the local calendar (the wall clock stays, the length of a
day may be 23 or 25 hours; a month after 31 January is the last day of February). Hours, minutes and
seconds are exact. Business days skip the weekends and the public holidays of the calendar's country.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import holidays
from dateutil.relativedelta import relativedelta

MAX_YEARS = 100
_INSTANT = timedelta(microseconds=1)
_ISO = re.compile(
    r"^P(?=.)(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,5})D)?"
    r"(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$"
)
_BUSINESS = re.compile(r"^(\d{1,3}) business days?$")
SHORTEST_MONTH = 28
"""Days that every month has."""
PERIODS = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time: calendar steps, exact seconds, or business days."""

    months: int = 0
    days: int = 0
    seconds: int = 0
    business_days: int = 0
    text: str = ""

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Reads `P30D`, `P12M`, `PT24H` (ISO 8601) or `5 business days`. Raises `ValueError`."""
        return _read(text)

    @staticmethod
    def meant(text: str) -> str:
        """The duration that somebody meant who wrote `30 days`; '' where that is not clear."""
        return _meant(text)

    @classmethod
    def _parse(cls, text: str) -> Duration:
        business = _BUSINESS.match(text)
        if business:
            count = int(business[1])
            if not 1 <= count <= 260:
                raise ValueError("business days must be 1 to 260")
            return cls(business_days=count, text=text)
        match = _ISO.match(text)
        if not match:
            meant = _meant(text)
            hint = f"; did you mean {meant}?" if meant else ""
            raise ValueError(f"expected an ISO 8601 duration such as P30D, P12M or PT24H{hint}")
        years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
        found = cls(
            months=years * 12 + months,
            days=weeks * 7 + days,
            seconds=hours * 3600 + minutes * 60 + seconds,
            text=text,
        )
        if found.months + found.days / 30 + found.seconds / 2_592_000 > MAX_YEARS * 12:
            raise ValueError(f"longer than {MAX_YEARS} years")
        if not (found.months or found.days or found.seconds):
            raise ValueError("must be longer than nothing")
        return found

    def after(self, start: datetime, zone: str, country: str | None = None) -> datetime:
        """The moment this long after `start`, in UTC. `country` is needed for business days."""
        known = _ended.get(zone)
        if known is None or known[0] is not self or known[1] is not start or known[2] != country:
            known = _ended[zone] = (self, start, country, _after(self, start, zone, country))
        return known[3]

    def before(self, end: datetime, zone: str) -> datetime:
        """The moment this long before `end`, in UTC. Not for business days."""
        local = end.astimezone(timezone(zone)).replace(tzinfo=None)
        local -= relativedelta(months=self.months, days=self.days)
        return at_local(local, zone) - timedelta(seconds=self.seconds)


_ended: dict[str, tuple[Duration, datetime, str | None, datetime]] = {}
"""What was asked for last in each zone: the rules that one event pays by mostly hold for as long."""


@lru_cache(maxsize=4096)
def _read(text: str) -> Duration:
    return Duration._parse(text)


_NUMBER = {
    word: number
    for number, words in enumerate(
        ("a an one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), 1
    )
    for word in words.split()
}
_NUMBERS = re.compile(rf"^\s*({'|'.join(_NUMBER)})(?=\s+[a-z])", re.IGNORECASE)


@lru_cache(maxsize=1024)
def _meant(text: str) -> str:
    """The duration that somebody meant who wrote `30 days`, `two weeks`, `30D`, `PT30D` or `P30`; '' where that is not
    clear."""
    text = _NUMBERS.sub(lambda found: str(_NUMBER[found[1].lower()]), text)
    if bare := re.fullmatch(r"\s*P?\s*(\d{1,4})\s*", text, re.IGNORECASE):
        return f"P{int(bare[1])}D" if int(bare[1]) else ""
    found = re.fullmatch(r"\s*P?T?\s*(\d{1,4})\s*([a-z]+)\s*", text, re.IGNORECASE)
    word = found[2].lower().removesuffix("s") if found else ""
    letter = {"d": "D", "day": "D", "w": "W", "week": "W", "m": "M", "month": "M", "mo": "M", "y": "Y", "year": "Y",
              "h": "H", "hour": "H", "min": "M", "minute": "M"}.get(word)  # fmt: skip
    if not found or not letter:
        return ""
    return f"P{'T' if word in ('h', 'hour', 'min', 'minute') else ''}{int(found[1])}{letter}"


def _after(duration: Duration, start: datetime, zone: str, country: str | None) -> datetime:
    if duration.business_days:
        return _business_days_after(start, duration.business_days, zone, country)
    if not (duration.months or duration.days):
        return start + timedelta(seconds=duration.seconds)
    local = start.astimezone(timezone(zone))
    if duration.months:
        local = _months_on(local, duration.months)
    # A step is one on the wall clock: within one zone Python adds to what the clock says, fold 0 (see `at_local`).
    after = (local + timedelta(days=duration.days)).astimezone(UTC)
    return after + timedelta(seconds=duration.seconds) if duration.seconds else after


def _months_on(local: datetime, months: int) -> datetime:
    """So many months later by the wall clock: on the same day, or the last that the month has."""
    years, month = divmod(local.month - 1 + months, 12)
    year, month = local.year + years, month + 1
    if local.day <= SHORTEST_MONTH:
        return local.replace(year=year, month=month)
    return local.replace(year=year, month=month, day=min(local.day, monthrange(year, month)[1]))


@cache
def timezone(name: str) -> ZoneInfo:
    """The IANA time zone of that name."""
    return ZoneInfo(name)


@cache
def timezones() -> frozenset[str]:
    """The names of all time zones in the IANA database."""
    return frozenset(available_timezones())


def is_timezone(name: str) -> bool:
    """Whether the IANA database has a zone of that name."""
    return name in timezones()


@cache
def business_countries() -> frozenset[str]:
    """The ISO 3166 codes whose public holidays are known."""
    return frozenset(holidays.list_supported_countries())


@cache
def country_named(name: str) -> str:
    """The ISO 3166 code of a country by its English name or its code of three letters; '' where there is none."""
    plain = re.sub(r"[^a-z]", "", name.lower())
    for long, (_, code, three, *_more) in holidays.registry.COUNTRIES.items():
        if plain in (long.replace("_", ""), three.lower()):
            return str(code)
    return ""


def at_local(local: datetime, zone: str) -> datetime:
    """A wall-clock time as UTC. A time that a clock change skips moves forward with the clock; one that
    happens twice is the first of the two (PEP 495, fold 0)."""
    return local.replace(tzinfo=timezone(zone)).astimezone(UTC)


@cache
def _public_holidays(country: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country)


def is_business_day(day: date, country: str | None) -> bool:
    """Monday to Friday; where the calendar names a country, the days worked there: less its own weekend and public
    holidays, and with the weekend's days on which it works instead."""
    if country is None:
        return day.weekday() < 5
    return bool(_public_holidays(country).is_working_day(day))


def _business_days_after(start: datetime, count: int, zone: str, country: str | None) -> datetime:
    """The end of the n-th business day after the local day of `start`."""
    day = start.astimezone(timezone(zone)).date()
    while count:
        day += timedelta(days=1)
        count -= is_business_day(day, country)
    return at_local(datetime.combine(day + timedelta(days=1), time()), zone)


class Period(NamedTuple):
    """One calendar period: its label (`2026-03`), first moment, and the first moment after it."""

    label: str
    start: datetime
    end: datetime


def local_day(moment: datetime, zone: str) -> date:
    """The day on the wall calendar."""
    return moment.astimezone(timezone(zone)).date()


def start_of(day: date, zone: str) -> datetime:
    """The first moment of a day on the wall calendar, in UTC."""
    return at_local(datetime.combine(day, time()), zone)


_last: dict[tuple[str, str], Period] = {}
"""The period that was asked for last, by kind and zone: the next moment is mostly in it too."""


def period(moment: datetime, every: str, zone: str) -> Period:
    """The calendar day, week (Monday first), month, quarter or year around a moment, in the zone."""
    found = _last.get((every, zone))
    if found is None or not found.start <= moment < found.end:
        found = _last[every, zone] = _period(local_day(moment, zone), every, zone)
    return found


def preceding(found: Period, every: str, zone: str) -> Period:
    """The period that ends where this one begins."""
    return _ending(found.start, every, zone)


@lru_cache(maxsize=4096)
def _ending(end: datetime, every: str, zone: str) -> Period:
    return _period(local_day(end - _INSTANT, zone), every, zone)


@lru_cache(maxsize=4096)
def _period(day: date, every: str, zone: str) -> Period:
    if every == "day":
        first, step, label = day, relativedelta(days=1), day.isoformat()
    elif every == "week":
        first, step = day - timedelta(days=day.weekday()), relativedelta(weeks=1)
        label = f"{first.isocalendar().year}-W{first.isocalendar().week:02}"
    elif every == "month":
        first, step, label = day.replace(day=1), relativedelta(months=1), f"{day:%Y-%m}"
    elif every == "quarter":
        quarter = (day.month - 1) // 3
        first, step = date(day.year, quarter * 3 + 1, 1), relativedelta(months=3)
        label = f"{day.year}-Q{quarter + 1}"
    else:
        first, step, label = date(day.year, 1, 1), relativedelta(years=1), str(day.year)
    return Period(label, start_of(first, zone), start_of(first + step, zone))
