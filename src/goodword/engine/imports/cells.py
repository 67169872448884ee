"""Values of cells: texts, times, amounts and states, as the mapping says they are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from goodword.domain import money
from goodword.domain.events import MAX_AHEAD, OLDEST
from goodword.engine.imports.reading import Trouble

EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_ISO = re.compile(
    r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?$", re.I
)
_EPOCH = re.compile(r"^\d{9,14}(?:\.\d+)?$")
_CODE = re.compile(r"^[^\s/?#\x00-\x1f\x7f]{1,64}$")
_POINT = re.compile(r"[-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+|(?=\.[0-9]))(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,4})?")
_COMMA = re.compile(r"[-+]?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+|(?=,[0-9]))(?:,[0-9]*)?")
_SIGNS: Mapping[str, tuple[str, ...]] = {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "BRL", "ARS", "CLP", "COP", "TWD"),
    "US$": ("USD",), "€": ("EUR",), "£": ("GBP",), "¥": ("JPY", "CNY"), "₹": ("INR",), "₩": ("KRW",),
    "KR": ("NOK", "SEK", "DKK", "ISK"), "KR.": ("DKK", "NOK", "SEK", "ISK"),
    "RM": ("MYR",), "R$": ("BRL",), "ZŁ": ("PLN",),
}  # fmt: skip
"""The currencies that a sign may mean."""
_MARK = r"[A-Za-z]{3}|US\$|R\$|[$€£¥₹₩]|kr\.?|rm|zł"
_MARKED = re.compile(
    rf"(?P<minus>-)?(?:(?P<before>{_MARK})(?P<inner>-)?(?P<digits>[0-9.,]+)|(?P<amount>[0-9.,]+)(?P<behind>{_MARK}))",
    re.I,
)
_PARAMETERS = ("via", "ref", "fpr", "mbsy", "rscode", "ucc", "code", "tap_a", "referral", "r", "grsf", "kwalcode")
"""Query parameters of links elsewhere that hold the code."""


class Bad(ValueError):
    """A cell that cannot be read; `trouble` says why and what to do."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)

    def at(self, column: str, value: Any) -> Trouble:
        """The trouble, with where it is."""
        return Trouble(self.code, str(self), column, str(value)[:200])


def text(value: Any) -> str:
    """A cell as text, without spaces around it; numbers as they are written, nothing for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        raise Bad("NOT_A_TEXT", "is a list or an object; name one of its fields, such as customer.email")
    return str(value).strip()


def short(value: str) -> str:
    """A text of at most 200 characters."""
    if len(value) > 200:
        raise Bad("TEXT_TOO_LONG", f"{len(value):,} characters; at most 200 are kept")
    return value


def email(value: str) -> str:
    """An address, in small letters."""
    lowered = value.lower().removeprefix("mailto:")
    if len(lowered) > 254 or not EMAIL.match(lowered):
        raise Bad("EMAIL_INVALID", "is no e-mail address; write one such as ada@example.com")
    return lowered


def country(value: str) -> str:
    """An ISO 3166-1 alpha-2 code."""
    if not re.fullmatch(r"[A-Za-z]{2}", value):
        raise Bad("COUNTRY_INVALID", "is no country code of two letters, such as NO; map the names to codes")
    return value.upper()


def currency(value: str) -> str:
    """An ISO 4217 code."""
    if not money.is_currency(value.upper()):
        raise Bad("CURRENCY_UNKNOWN", "is no currency in use; write an ISO 4217 code such as USD")
    return value.upper()


def unit(value: str) -> str:
    """A currency, in capitals, or a unit of a program's own, as it is."""
    return value.upper() if money.is_currency(value.upper()) else short(value)


def code(value: str, *, take: str = "") -> str:
    """A code as people type it. With `take`, the code in a link, if it is one."""
    found = value
    if take and "://" in value:
        parts = urlsplit(value)
        asked = {name.lower(): values[0] for name, values in parse_qs(parts.query).items()}
        named = next((asked[name] for name in _PARAMETERS if name in asked), "")
        found = named or unquote(parts.path.rstrip("/").rpartition("/")[2])
        if not found:
            raise Bad("CODE_INVALID", "is a link without a code")
    if not _CODE.match(found) or not _CODE.match(found.lower()):
        raise Bad("CODE_INVALID", "is no code: 1 to 64 characters without spaces, / ? and #")
    return found


def state(value: str, allowed: tuple[str, ...], words: Mapping[str, str] | None) -> str:
    """One of our states. Raises `Bad` for a word that the mapping does not know."""
    found = words.get(value.casefold()) if words is not None else value.casefold()
    if found is None or (found not in allowed and found != "skip"):
        known = ", ".join(sorted(words)) if words is not None else ", ".join(allowed)
        raise Bad("STATE_UNKNOWN", f"the mapping does not know this state; it knows {known}")
    return found


def amount(value: str, currency: str, how: str, *, comma: bool = False) -> int:
    """Minor units of a currency or unit; `how` the file writes them is one of `mapping.MONEY`. The currency's own sign
    or code may stand before or behind (`$1,234.50`, `12.50 NOK`); another's is refused."""
    plain = _without_currency(value.replace("\u00a0", "").replace("\u202f", "").replace(" ", ""), currency)
    written = _COMMA if comma else _POINT
    if not written.fullmatch(plain):
        hint = ""
        if not comma and _COMMA.fullmatch(plain):
            hint = "; say decimal_comma: true in the mapping"
        elif comma and _POINT.fullmatch(plain):
            hint = "; the mapping says decimal_comma, and here a point is the decimal mark"
        raise Bad("AMOUNT_INVALID", f"is no amount: write digits alone, such as 12.50 or 1250{hint}")
    plain = plain.replace(".", "").replace(",", ".") if comma else plain.replace(",", "")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > 10**18:
        raise Bad("AMOUNT_INVALID", "is no amount that can be")
    if number < 0:
        raise Bad("AMOUNT_NEGATIVE", "is below zero; leave corrections out, or import the sum that is left")
    decimals = money.decimals(currency)
    if how == "hundredths":
        number = (number / 100).scaleb(decimals)
    elif how == "decimal":
        number = number.scaleb(decimals)
    if number != number.to_integral_value():
        allowed = f"{currency} has {decimals} decimals" if how != "minor" else "minor units are whole (4.80 USD is 480)"
        raise Bad("AMOUNT_TOO_FINE", f"has more decimals than can be kept: {allowed}; is money right in the mapping?")
    if number > money.MAX_AMOUNT:
        raise Bad("AMOUNT_TOO_LARGE", f"is over {money.MAX_AMOUNT:,} minor units; is money right in the mapping?")
    return int(number)


def _without_currency(value: str, currency: str) -> str:
    """The amount without the sign or code of its currency. Raises `Bad` for that of another."""
    parts = _MARKED.fullmatch(value)
    if parts is None:
        return value
    mark = (parts["before"] or parts["behind"]).upper()
    meant = currency in _SIGNS[mark] if mark in _SIGNS else mark == currency.upper()
    if not meant:
        raise Bad(
            "AMOUNT_INVALID", f"is marked {mark}, and the row is in {currency}; map its currency, or write digits alone"
        )
    sign = "-" if parts["minus"] or parts["inner"] else ""
    return sign + (parts["digits"] or parts["amount"])


def moment(value: str, how: str, zone: ZoneInfo, now: datetime, *, ahead: bool = False) -> datetime:
    """A time in UTC. One without an offset is of the mapping's zone. `ahead`: it may lie in the future."""
    found = _moment(value, how, zone)
    if found < OLDEST or found.year > 9000:
        raise Bad("TIME_OUT_OF_RANGE", "is before 1970 or beyond all time; is time right in the mapping?")
    if not ahead and found > now + MAX_AHEAD:
        raise Bad("TIME_OUT_OF_RANGE", "lies in the future; is time right in the mapping (epoch_s or epoch_ms)?")
    return found


def _moment(value: str, how: str, zone: ZoneInfo) -> datetime:
    try:
        if _EPOCH.match(value) and how in ("auto", "epoch_s", "epoch_ms"):
            number = Decimal(value)
            if how == "epoch_ms" or (how == "auto" and number >= 10**11):
                number /= 1000
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(number * 10**6))
        if "%" in how:
            told = datetime.strptime(value, how)  # noqa: DTZ007 (the zone is put in below)
            return (told if told.tzinfo else told.replace(tzinfo=zone)).astimezone(UTC)
        if _ISO.match(value) and how in ("auto", "iso"):
            shorter = re.sub(r"\s*(UTC|Z)$", "+00:00", value, flags=re.I).replace(",", ".")
            told = datetime.fromisoformat(re.sub(r"\s+(?=[+-]\d\d:?\d\d$)", "", shorter))
            return (told if told.tzinfo else told.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise Bad("TIME_OUT_OF_RANGE", "is beyond all time; is time right in the mapping?") from None
    except ValueError:
        raise Bad("TIME_INVALID", "is no time that exists") from None
    raise Bad(
        "TIME_INVALID",
        "cannot be read as a time; write 2026-03-14T10:22:00Z, or say time in the mapping: a pattern such as %d/%m/%Y",
    )
