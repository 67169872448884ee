"""The kept answers of simulations as tables. Each row says that it is simulated."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

from goodword.insight import sheets
from goodword.insight.simulation.measure import FIGURES, MONTHLY
from goodword.insight.simulation.shown import CSV_HEAD, DIFFERENCE

MAX_WORK = 5_000_000
"""Customers × months × runs × programmes of one simulation that the worker has played."""
_PARTS = ("mean", "p10", "p50", "p90", "runs_without")


def csv(result: Mapping[str, Any]) -> str:
    """Every figure of a kept answer, also by month, as `goodword simulate --csv` writes them."""
    out = io.StringIO()
    sheets.write_csv(out, CSV_HEAD, _rows(result))
    return out.getvalue()


def _rows(result: Mapping[str, Any]) -> Iterator[list[Any]]:
    for one in result["programs"]:
        yield from _figures(one["name"], one["figures"])
        for month in one["months"]:
            for name in MONTHLY:
                yield _row(one["name"], month["month"], name, month[name])
    if DIFFERENCE in result:
        yield from _figures(DIFFERENCE, result[DIFFERENCE])


def _figures(label: str, figures: Mapping[str, Any]) -> Iterator[list[Any]]:
    for name in FIGURES:  # the database keeps no order
        yield _row(label, "", name, figures[name])


def _row(label: str, month: int | str, name: str, value: Mapping[str, Any]) -> list[Any]:
    return ["true", label, month, name, FIGURES[name].unit, *(value[part] for part in _PARTS)]
