"""The nearest valid spelling of a value that a field does not take, and what the field takes, in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache

from goodword.domain import money
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
    r"^https://\S+$": ("expected an address that begins with https://", _same),
}  # fmt: skip
"""By pattern, what it asks for, and how to spell what was meant."""


def pattern(text: str, wanted: str) -> str:
    """What a text that does not fit the pattern should be, and the nearest that it may be meant to be."""
    told, spell = _PATTERNS[wanted]
    return told + question(spell(text))


def question(meant: str) -> str:
    """`; did you mean …?`, or nothing where that is not clear."""
    return f"; did you mean {meant}?" if meant else ""


def whole_number(value: object, *, of_money: bool) -> str:
    """What is expected instead of a value that is no whole number; an amount of money is in minor units."""
    told = "expected a whole number" + (" of minor units: 1250 for 12.50" if of_money else "")
    found = re.fullmatch(r"\s*(\d{1,12})(?:\.(\d{1,2}))?\s*[A-Z€$£%]*\s*", str(value))
    if not found or isinstance(value, bool):
        return told
    if not found[2]:
        return told + question(f"{found[1]}, without quotes")
    return told + question(f"{found[1]}{found[2]:0<2}" if of_money else "")


def number(value: object) -> str:
    """What is expected instead of a value that is no number."""
    found = re.fullmatch(r"\s*(\d{1,6}(?:\.\d{1,6})?)\s*%?\s*", str(value)) if isinstance(value, str) else None
    return "expected a number, without quotes or %" + question(found[1] if found else "")


@cache
def currency(text: str) -> str:
    """The currency that is meant by a code in small letters, or one with a further letter; '' for none."""
    known = money.currencies()
    if text.strip().upper() in known:
        return text.strip().upper()
    return next((code for code in sorted(known) if len(text) == 4 and text.upper().startswith(code)), "")


_SLIPS = (
    (re.compile(r"(?<![=!<>])=(?!=)"), "compare with =="),
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
