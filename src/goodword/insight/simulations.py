"""The kept questions and answers of simulations, for the API and for pages. Each row of a table says that it is
simulated."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from goodword.insight import sheets
from goodword.insight.simulation.measure import FIGURES, MONTHLY
from goodword.insight.simulation.shown import CSV_HEAD, DIFFERENCE

MAX_WORK = 5_000_000
"""Customers × months × runs × programmes of one simulation that the worker has played."""
DEFAULTS = {"customers": 1_000, "months": 12, "runs": 20, "seed": 1}
"""What is asked where nothing else is said."""
LAST_SEED = 2**31 - 1
_PARTS = ("mean", "p10", "p50", "p90", "runs_without")


def work(customers: int, months: int, count: int, programs: int) -> int:
    """How much is asked, to be compared with `MAX_WORK`."""
    return customers * months * count * max(1, programs)


def question(
    documents: Sequence[Mapping[str, Any]], *, customers: int, months: int, count: int, seed: int, start: date,
    parameters: Mapping[str, float],
) -> dict[str, Any]:  # fmt: skip
    """A question as it is kept for the worker: one document, or two to be compared; `parameters` are the changed
    ones."""
    return {
        "documents": list(documents),
        "customers": customers,
        "months": months,
        "runs": count,
        "seed": seed,
        "start": start.isoformat(),
        "parameters": dict(parameters),
    }


def csv(result: Mapping[str, Any]) -> str:
    """Every figure of a kept answer, also by month, as `goodword simulate --csv` writes them."""
    out = io.StringIO()
    sheets.write_csv(out, CSV_HEAD, _rows(result))
    return out.getvalue()


def _rows(result: Mapping[str, Any]) -> Iterator[list[Any]]:
    for one in result["programs"]:
        yield from _figures(one["name"], one["figures"])
        for month in one["months"]:
            for name in (name for name in MONTHLY if name in month):
                yield _row(one["name"], month["month"], name, month[name])
    if DIFFERENCE in result:
        yield from _figures(DIFFERENCE, result[DIFFERENCE])


def _figures(label: str, figures: Mapping[str, Any]) -> Iterator[list[Any]]:
    for name in (name for name in FIGURES if name in figures):  # the database keeps no order
        yield _row(label, "", name, figures[name])


def _row(label: str, month: int | str, name: str, value: Mapping[str, Any]) -> list[Any]:
    return ["true", label, month, name, FIGURES[name].unit, *(value[part] for part in _PARTS)]
