"""The nearest valid spelling of a value that a field does not take, and what the field takes, in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from difflib import get_close_matches
from functools import cache

from goodword.domain import calendar, money
from goodword.domain.calendar import Duration
from goodword.domain.fields import ANNIVERSARY, ON_STATES, REACHED
from goodword.domain.payloads import CATALOGUE

_EVENTS = sorted({name for name, kind in CATALOGUE.items() if not kind.internal} | ON_STATES | {REACHED, ANNIVERSARY})
_STATES = {name.partition(".")[2]: name for name in sorted(ON_STATES)}


def _slug(text: str, mark: str) -> str:
    return re.sub(r"[^a-z0-9]+", mark, text.lower()).strip(mark)[:64]


def _id(text: str) -> str:
    return _slug(text, "-")


def _code(text: str) -> str:
    return _slug(text, "_").lstrip("0123456789_")


def event(text: str) -> str:
    """The type of event that is meant: `closed_won` is `referral.closed_won`, `Order Completed` `order.completed`."""
    plain = re.sub(r"[^a-z0-9.]+", "_", text.strip().lower()).strip("_.")
    if plain in _STATES:
        return _STATES[plain]
    near = get_close_matches(plain, _EVENTS, n=1, cutoff=0.8)
    return near[0] if near else ""


def _same(text: str) -> str:
    return ""


def _address(text: str) -> str:
    found = re.fullmatch(r"(?:http://)?([a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/\S*)?)", text.strip(), re.IGNORECASE)
    return f"https://{found[1]}" if found else ""


_PATTERNS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "^[a-z0-9][a-z0-9_-]{0,63}$": ("an id has small letters, digits, - and _, at most 64 of them", _id),
    "^[a-z][a-z0-9_]{0,63}$": ("a code has small letters, digits and _, and begins with a letter", _code),
    r"^[a-z][a-z0-9_]{0,30}\.[a-z][a-z0-9_]{0,30}$": (
        "a type of event is two words in small letters with a dot between, such as order.completed", event
    ),
    "^[A-Za-z][A-Za-z0-9_-]{0,31}$": (
        "a name in an address has letters, digits, - and _, begins with a letter and has at most 32", _same
    ),
    r"^\d{4}-\d{2}-\d{2}$": ("a date is written as 2026-03-31", _same),
    r"^https://\S+$": ("expected an address that begins with https://", _address),
}  # fmt: skip
"""By pattern, what it asks for, and how to spell what was meant."""


def pattern(text: str, wanted: str) -> str:
    """What a text that does not fit the pattern should be, and the nearest that it may be meant to be."""
    told, spell = _PATTERNS[wanted]
    return told + question(spell(text))


def duration(value: object) -> str:
    """The duration that a text means; '' where it means none."""
    with suppress(ValueError):
        return Duration.parse(str(value)).text
    return Duration.meant(str(value))


def part(name: str, keys: Collection[str], value: object) -> str:
    """The part with names that a lone value in its place means: a type of event is what it is on, a length of time
    after which or by when, a condition what must hold; '' where that is not clear."""
    if value is True and "by" in keys:
        return "{by: finance}"
    if not isinstance(value, str):
        return ""
    if "on" in keys and re.fullmatch(r"[a-z_]+\.[a-z_]+", value):
        return f"{{on: [{value}]}}" if name == "reverse" else f"{{on: {value}}}"
    if (length := duration(value)) and (key := next((key for key in ("after", "fulfil", "window") if key in keys), "")):
        return f"{{{key}: {length}}}"
    if {"code", "when"} <= set(keys):
        return f"{{code: a_code, when: {value[:60]!r}}}"
    if "weight" in keys and "id" in keys:
        return f"{{id: {_id(value)}, weight: 1}}"
    return ""


def question(meant: str) -> str:
    """`; did you mean …?`, or nothing where that is not clear."""
    return f"; did you mean {meant}?" if meant else ""


_SUM = re.compile(
    r"\s*(?P<before>[A-Z]{3}|[€$£])?\s*(?P<whole>\d{1,12})(?:[.,](?P<part>\d{1,2}))?\s*(?P<after>[A-Z]{3}|[€$£%])?\s*"
)
"""A number as people write sums: `12.50`, `12,50`, `$200`, `200 USD`."""


def whole_number(value: object, *, of_money: bool) -> str:
    """What is expected instead of a value that is no whole number; an amount of money is in minor units."""
    told = "expected a whole number" + (" of minor units: 1250 for 12.50" if of_money else "")
    found = _SUM.fullmatch(str(value))
    if not found or isinstance(value, bool):
        return told
    whole, part, unit = found["whole"], found["part"] or "", found["before"] or found["after"] or ""
    if of_money and unit != "%" and (part or unit):  # of the unit itself, not of cents
        places = money.decimals(unit) if money.is_currency(unit) else 2
        return told + question(str(int(whole + part.ljust(places, "0"))) if len(part) <= places else "")
    if part.strip("0"):
        return told
    return told + question(f"{int(whole)}, without quotes" if isinstance(value, str) else str(int(whole)))


def number(value: object) -> str:
    """What is expected instead of a value that is no number."""
    found = re.fullmatch(r"\s*(\d{1,6}(?:\.\d{1,6})?)\s*%?\s*", str(value)) if isinstance(value, str) else None
    return "expected a number, without quotes or %" + question(found[1] if found else "")


@cache
def timezone(text: str) -> str:
    """The zone that a city or a slip in a name means: `Oslo`, `US/Newyork`; '' where that is not clear."""
    known = sorted(calendar.timezones(), key=lambda name: (name.count("/") != 1, name))
    city = re.sub(r"[^a-z]", "", text.rpartition("/")[2].lower())
    if alike := [name for name in known if city and re.sub(r"[^a-z]", "", name.rpartition("/")[2].lower()) == city]:
        return next((name for name in alike if name.partition("/")[0] == text.partition("/")[0]), alike[0])
    return next(iter(get_close_matches(text, known, n=1)), "")


@cache
def currency(text: str) -> str:
    """The currency that is meant by a code in small letters, or one with a further letter; '' for none."""
    known = money.currencies()
    if text.strip().upper() in known:
        return text.strip().upper()
    return next((code for code in sorted(known) if len(text) == 4 and text.upper().startswith(code)), "")


_SLIPS = (
    (re.compile(r"(?<![=!<>])=(?!=)|==="), "compare with =="),
    (re.compile(r"(?<!&)&(?!&)"), "and is written &&"),
    (re.compile(r"(?<!\|)\|(?!\|)"), "or is written ||"),
    (re.compile(r"[\u2018-\u201f\u00ab\u00bb\u00b4`]"), "a text has straight quotes: 'a'"),
    (re.compile(r"\blike\b", re.IGNORECASE), "a text is searched with contains, startsWith, endsWith or matches"),
    (re.compile(r"\bbetween\b", re.IGNORECASE), "write a lower and an upper bound, joined with &&"),
    (re.compile(r"[$€£]\s*\d|\d\s*[€£]|\d,\d{3}\b"), "write digits alone: 2500 for 25.00"),
    (re.compile(r"\d\s*%\s*(?:$|[&|)?:])"), "a percentage is written 0.1 for 10 %"),
    (re.compile(r"\band\b", re.IGNORECASE), "and is written &&"),
    (re.compile(r"\bor\b", re.IGNORECASE), "or is written ||"),
    (re.compile(r"\bnot\b", re.IGNORECASE), "not is written !"),
    (re.compile(r"<>"), "unlike is written !="),
    (re.compile(r"\b(?:True|False|None|TRUE|FALSE|NULL)\b"), "write true, false and null in small letters"),
    (re.compile(r"\bis\b"), "compare with =="),
    (re.compile(r"\bin\s*\("), "a list is written ['a', 'b']"),
    (re.compile(r"\bif\b"), "either is written condition ? one : other"),
)
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"")


def expression(source: str) -> str:
    """What to write instead of a slip from another language in a CEL expression; '' where there is none."""
    bare = _QUOTED.sub("''", source)
    if "'" in bare.replace("''", "") or '"' in bare:
        return "a text has a quote at both ends"
    return "; ".join(dict.fromkeys(told for slip, told in _SLIPS if slip.search(bare)))
