"""The real orders: 69,659 purchases at CDNOW, read from the packaged copy (data/PROVENANCE.md)."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib import resources

SHA256 = "eff6889ed364c5199d6eacbbeb7a6d559971df4406ac876f322c373f00a072ef"
"""Of the text as published."""


class DamagedData(Exception):
    """The packaged copy is not the file it was made from."""

    code = "demo_data_damaged"


@dataclass(frozen=True, slots=True)
class Order:
    """One purchase. `line` is its line in the file, the header being line 1; `value` is in US cents."""

    line: int
    customer: str
    day: date
    quantity: int
    value: int


def read_text() -> bytes:
    """The file as published. Raises `DamagedData`."""
    packed = resources.files("goodword").joinpath("data", "cdnow_orders.txt.gz").read_bytes()
    try:
        text = gzip.decompress(packed)
    except (OSError, EOFError) as error:
        raise DamagedData(f"The packaged orders cannot be unpacked ({error}); install Goodword again.") from error
    if hashlib.sha256(text).hexdigest() != SHA256:
        raise DamagedData("The packaged orders have another checksum than published; install Goodword again.")
    return text


def read() -> list[Order]:
    """All orders in the order of the file: by customer, then by date. Raises `DamagedData`."""
    days: dict[str, date] = {}
    found = []
    for line, row in enumerate(read_text().decode("ascii").splitlines()[1:], start=2):
        customer, day, quantity, dollars = row.split()
        if day not in days:
            days[day] = date.fromisoformat(day)
        found.append(Order(line, customer, days[day], int(quantity), int(Decimal(dollars) * 100)))
    return found
