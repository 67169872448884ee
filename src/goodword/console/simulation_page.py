"""The answer of a simulation as its page shows it: figures with their intervals, both programmes beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext

from goodword.console import simulation_words as words
from goodword.console.backtest_page import Line
from goodword.domain import ids, money
from goodword.insight.simulation.measure import FIGURES, MONTHLY
from goodword.insight.simulation.notes import TEXTS
from goodword.insight.simulation.parameters import PARAMETERS
from goodword.insight.simulation.shown import DIFFERENCE
from goodword.store.models import Job

HEADLINES = (
    "cost", "other_gifts", "new_customers", "k_factor", "partners_active", "payback_months", "points_value",
    "redemption_rate", "breakage", "added_margin",
)  # fmt: skip
"""The figures at the top of the page, as far as the answer has them; other gifts only where there are some."""


class Cell(NamedTuple):
    """A figure of one programme: mean, 10th and 90th percentile, and in how many runs there was none."""

    name: str
    currency: str
    mean: float | None
    p10: float | None
    p90: float | None
    without: int


class Row(NamedTuple):
    """A figure of every programme, and the difference of two."""

    name: str
    label: str
    words: str
    cells: Sequence[Cell]
    difference: Cell | None


class Point(NamedTuple):
    """A figure at a month's end, as a number for the chart."""

    cell: Cell
    low: str
    value: str
    high: str


class Chart(NamedTuple):
    """A figure over the months; one programme with its interval, two with their means."""

    label: str
    unit: str
    names: Sequence[str]
    months: Sequence[tuple[int, Sequence[Point]]]


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything the page shows."""

    names: Sequence[str]
    keys: Sequence[str]
    currency: str
    customers: int
    months: int
    runs: int
    seed: int
    start: date
    changed: Sequence[tuple[str, str, str]]
    offers: Sequence[tuple[str, str, int, int]]
    headlines: Sequence[Row]
    rows: Sequence[Row]
    charts: Sequence[Chart]
    notes: Sequence[str]

    @property
    def compared(self) -> bool:
        """Whether there are two programmes."""
        return len(self.names) == 2


def line(job: Job) -> Line:
    """A job in short; its answer is not looked at."""
    share = job.done / job.total if job.total else 0
    return Line(
        ids.public("sim", job.id), job.program, job.state, job.asked_by, job.asked_at, job.ended_at,
        job.done, job.total, 100 if job.state == "done" else min(99, int(100 * share)), job.failure, job.detail,
    )  # fmt: skip


def answer(job: Job) -> Answer:
    """The answer of a job that is done."""
    result, asked = job.result, job.question
    assert result is not None
    programs = result["programs"]
    currency = programs[0]["currency"]
    rows = list(_rows(programs, result.get(DIFFERENCE), currency))
    minor = 10 ** money.decimals(currency)
    names = [_called(one["name"]) for one in programs]
    return Answer(
        names=names,
        keys=[one["program"] for one in programs],
        currency=currency,
        customers=asked["customers"],
        months=asked["months"],
        runs=asked["runs"],
        seed=asked["seed"],
        start=date.fromisoformat(asked["start"]),
        changed=[
            (name, f"{value:g}", f"{PARAMETERS[name].default:g}")
            for name, value in sorted(asked["parameters"].items())
            if name in PARAMETERS
        ],
        offers=[
            (name, one["kind"], round(one["offer"]["referrer"] * minor), round(one["offer"]["referred"] * minor))
            for name, one in zip(names, programs, strict=True)
        ],
        headlines=[row for name in HEADLINES for row in rows if row.name == name and _worth_telling(row)],
        rows=rows,
        charts=list(_charts(programs, names, currency)),
        notes=[_noted(note) for one in programs for note in one["notes"]],
    )


def _worth_telling(row: Row) -> bool:
    return row.name != "other_gifts" or any(cell.mean for cell in row.cells)


def _called(name: str) -> str:
    """What a programme is called: its key, or which of the two it is."""
    return {"document": gettext("the first"), "other": gettext("the second")}.get(name, name)


def _noted(note: Mapping[str, Any]) -> str:
    """A note in the reader's language."""
    text = TEXTS.get(note["code"])
    return gettext(text) % note["about"] if text else str(note["message"])


def _rows(programs: Sequence[Mapping[str, Any]], difference: Mapping[str, Any] | None, currency: str) -> list[Row]:
    found = []
    for name, figure in FIGURES.items():  # the database keeps no order
        if not all(name in one["figures"] for one in programs):
            continue
        cells = [_cell(name, one["figures"][name], currency) for one in programs]
        differs = _cell(name, difference[name], currency) if difference and name in difference else None
        found.append(Row(name, words.figure(name), gettext(figure.words), cells, differs))
    return found


def _cell(name: str, value: Mapping[str, Any], currency: str) -> Cell:
    return Cell(name, currency, value["mean"], value["p10"], value["p90"], value["runs_without"])


def _charts(programs: Sequence[Mapping[str, Any]], names: Sequence[str], currency: str) -> list[Chart]:
    found = []
    for name in MONTHLY:
        months = [
            (number, [_point(name, one["months"][number - 1][name], currency) for one in programs])
            for number in range(1, len(programs[0]["months"]) + 1)
            if all(name in one["months"][number - 1] for one in programs)
        ]
        if any(point.cell.mean for _number, points in months for point in points):
            unit = currency if FIGURES[name].unit == "minor" else ""
            found.append(Chart(words.figure(name), unit, names, months))
    return found


def _point(name: str, value: Mapping[str, Any], currency: str) -> Point:
    cell = _cell(name, value, currency)
    divisor = 10 ** money.decimals(currency) if FIGURES[name].unit == "minor" else 1
    low, middle, high = (f"{(number or 0) / divisor:.10g}" for number in (cell.p10, cell.mean, cell.p90))
    return Point(cell, low, middle, high)
