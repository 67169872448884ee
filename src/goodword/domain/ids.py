"""Ids: TypeIDs at the doors, plain UUID text inside, and ids derived from what they stand for.

An id that the engine gives is a hash of the facts behind it, so applying the same log again gives the
same ids. Nothing here may ever read a clock or draw a random number.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import product
from typing import ClassVar

from typeid import TypeID
from typeid.core.errors import TypeIDException

PREFIXES = {
    "workspace": "ws",
    "participant": "par",
    "account": "acc",
    "program": "prg",
    "version": "prv",
    "draft": "drf",
    "link": "lnk",
    "click": "clk",
    "referral": "ref",
    "event": "evt",
    "decision": "dec",
    "reward": "rwd",
    "transfer": "trf",
    "ledger_account": "lac",
    "timer": "tmr",
    "outbox": "out",
    "key": "key",
    "erasure": "ers",
    "backtest": "bkt",
    "simulation": "sim",
    "import": "imp",
    "claim": "clm",
    "setting_change": "chg",
}


class BadId(ValueError):
    """A text that is not a public id of the expected kind. The message says what one looks like."""

    code: ClassVar[str] = "bad_id"


_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
RECENT = 1_024
"""Of how many ids the last answers are kept: those of one event are asked for again while it is decided, and few
others ever; a cache of more would be slower than the work that it saves."""
_PAIRS = ["".join(digits) for digits in product(_DIGITS, repeat=2)]


@lru_cache(maxsize=RECENT)
def public(prefix: str, uuid_text: object) -> str:
    """The TypeID of an internal id: `public("par", "0190…")` gives `"par_01j…"`.

    The 128 bits in 26 digits of Crockford's base 32, two digits at a time (typeid specification 0.3): the
    library, which reads them, takes several times as long to write one. (Three at a time are fewer steps, and a table
    so large that the processor waits for it.)
    """
    number = int(str(uuid_text).replace("-", ""), 16)
    high, low = number >> 60, number & 0xFFF_FFFF_FFFF_FFFF
    two = _PAIRS
    return (
        f"{prefix}_{two[high >> 60]}{two[high >> 50 & 1023]}{two[high >> 40 & 1023]}{two[high >> 30 & 1023]}"
        f"{two[high >> 20 & 1023]}{two[high >> 10 & 1023]}{two[high & 1023]}{two[low >> 50]}{two[low >> 40 & 1023]}"
        f"{two[low >> 30 & 1023]}{two[low >> 20 & 1023]}{two[low >> 10 & 1023]}{two[low & 1023]}"
    )


def internal(prefix: str, text: str) -> str:
    """The UUID text behind a TypeID. Raises `BadId` for another prefix or a malformed suffix."""
    try:
        type_id = TypeID.from_string(text)
    except (TypeIDException, ValueError) as error:
        raise BadId(f"{text[:60]!r} is not an id; expected {prefix}_ and 26 characters") from error
    if type_id.prefix != prefix:
        raise BadId(f"{text[:60]!r} is an id of another kind; expected one that begins with {prefix}_")
    return str(type_id.uuid)


_VARIANT = {digit: "-" + "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
"""A dash, and a digit of a hash with the two bits that mark an RFC 9562 id."""


@lru_cache(maxsize=RECENT)
def _moment(at: datetime) -> str:
    """The time of an id and its version's digit: the first 13 of its digits."""
    milliseconds = f"{max(0, int(at.timestamp() * 1000)) & 0xFFFFFFFFFFFF:012x}"
    return f"{milliseconds[:8]}-{milliseconds[8:]}-7"


def earliest(at: datetime) -> str:
    """No id of that moment or later is smaller; every earlier one is."""
    return f"{_moment(at)}000-8000-000000000000"


def derive(at: datetime, *parts: str) -> str:
    """A UUIDv7-shaped id (RFC 9562, 5.7): 48 bits of `at` in milliseconds, the rest BLAKE2b of `parts`.

    Sorts by time like any UUIDv7, and is the same whenever the same parts are hashed.
    """
    seed = blake2b("\x1f".join(parts).encode(), digest_size=10).hexdigest()
    return f"{_moment(at)}{seed[1:4]}{_VARIANT[seed[4]]}{seed[5:8]}-{seed[8:]}"
