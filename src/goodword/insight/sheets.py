"""Tables as CSV that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TextIO

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would take for a formula (OWASP, CSV Injection)."""


_SIDES = ("before_rewards", "before_amount", "after_rewards", "after_amount")
_OWED = ("pending", "approved", "owed", "debt", "net")
BACKTEST: Mapping[str, tuple[str, ...]] = {
    "totals": ("unit", *_SIDES),
    "cost": ("rule", "month", "unit", *_SIDES),
    "people": ("participant", "name", "unit", *_SIDES, "change"),
    "caps": ("rule", "per", "every", "led_to", "before", "after"),
    "budgets": ("what", "rules", "every", "period", "month", "grown", "used"),
    "liability": ("unit", *(f"{side}_{name}" for side in ("before", "after") for name in _OWED)),
}
"""The columns of the tables of a backtest, also where a table has no row."""


def write_csv(file: TextIO, columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    """A heading, unless it is empty, and rows; texts that a spreadsheet would run are quoted with an apostrophe."""
    writer = csv.writer(file, lineterminator="\n")
    if columns:
        writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> Any:
    """A value as a cell: numbers as they are, a text that a spreadsheet would run is quoted with '."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without rows in it: before {amount} becomes before_amount."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            found |= {f"{name}_{inner}": part for inner, part in value.items()}
        else:
            found[name] = value
    return found
