"""A simulation as text, JSON and CSV. Each says that it is simulated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from goodword.domain import money
from goodword.insight.simulation.measure import FIGURES, MONTHLY, Interval, differences, figures_of
from goodword.insight.simulation.notes import Note, message, notes
from goodword.insight.simulation.parameters import PARAMETERS, Settings
from goodword.insight.simulation.runs import Simulated
from goodword.insight.simulation.world import Plan

DIFFERENCE = "difference"
OFFERS = {
    "referral": "a first friend brings the referrer {own} and the friend {friend}",
    "partner": "a first customer brings the partner {own} and gets {friend}",
    "loyalty": "an order of average worth brings a member {own}",
}
"""What a programme offers at first, by kind."""
CSV_HEAD = ("simulated", "program", "month", "figure", "unit", "mean", "p10", "p50", "p90", "runs_without")


def labels(names: Sequence[tuple[str, str]], found: Sequence[Simulated]) -> list[str]:
    """What to call each programme: its key, the file's stem where two have the same, or the file. `names` are (file,
    stem)."""
    choices = [[one.program.key for one in found], [stem for _file, stem in names], [file for file, _stem in names]]
    return next((choice for choice in choices if len(set(choice)) == len(choice)), choices[-1])


def text(called: Sequence[str], found: Sequence[Simulated], p: Settings, plan: Plan, seed: int) -> Iterator[str]:
    """Line by line, for people."""
    runs = len(found[0].outcomes)
    yield (
        f"SIMULATED, not measured: {plan.customers:,} customers who join by themselves, {plan.months} months from "
        f"{plan.start.isoformat()}, {runs} run{'' if runs == 1 else 's'}, seed {seed}."
    )
    changed = {name: value for name, value in p.items() if value != PARAMETERS[name].default}
    if changed:
        yield "Changed: " + ", ".join(f"{name}={value:g}" for name, value in changed.items()) + "."
    for label, one in zip(called, found, strict=True):
        own, friend = (_money(amount, one) for amount in one.offer)
        yield f"{label}: {OFFERS[one.program.document.kind].format(own=own, friend=friend)}, at the values assumed."
        for note in notes(one.program, plan, p):
            yield f"{label}: {message(note)}"
    yield ""
    columns = [one.figures() for one in found]
    if len(found) == 2:
        columns.append(_differences(found))
        called = [*called, f"{DIFFERENCE} (second less first)"]
    widths = [max(len(label), 36) for label in called]
    head = "  ".join(f"{label:>{width}}" for label, width in zip(called, widths, strict=True))
    yield f"{'simulated: mean (10 % to 90 % of runs)':<40}{head}"
    for name in FIGURES:
        if not any(name in column for column in columns):
            continue
        cells = [_cell(column[name], name, found[0]) if name in column else "" for column in columns]
        yield f"{name:<40}" + "  ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
    yield ""
    yield "The figures are explained in docs/concepts/simulation.md, with what this model cannot tell."


def _cell(found: Interval, name: str, one: Simulated) -> str:
    if found.mean is None or found.p10 is None or found.p90 is None:
        return "none"
    mean, low, high = (_value(value, name, one) for value in (found.mean, found.p10, found.p90))
    without = f" in {len(one.outcomes) - found.missing} runs" if found.missing else ""
    return f"{mean} ({low} to {high}){without}"


def _value(value: float, name: str, one: Simulated) -> str:
    unit = FIGURES[name].unit
    if unit == "minor":
        return money.display(round(value), one.program.document.currency).removesuffix(
            f" {one.program.document.currency}"
        )
    if unit == "share":
        return f"{100 * value:.1f} %"
    return f"{value:.3f}" if name == "k_factor" else f"{value:,.1f}"


def _money(amount: float, one: Simulated) -> str:
    currency = one.program.document.currency
    return money.display(round(amount * 10 ** money.decimals(currency)), currency)


def data(called: Sequence[str], found: Sequence[Simulated], p: Settings, plan: Plan, seed: int) -> dict[str, Any]:
    """For programs. Amounts are in minor units of the programme's currency."""
    answer: dict[str, Any] = {
        "simulated": True,
        "customers": plan.customers,
        "months": plan.months,
        "start": plan.start.isoformat(),
        "runs": len(found[0].outcomes),
        "seed": seed,
        "parameters": dict(p),
        "programs": [
            {
                "simulated": True,
                "name": label,
                "program": one.program.key,
                "currency": one.program.document.currency,
                "kind": one.program.document.kind,
                "offer": {"referrer": one.offer[0], "referred": one.offer[1]},
                "notes": [_note(note) for note in notes(one.program, plan, p)],
                "figures": _figures(one.figures()),
                "months": _months(one),
            }
            for label, one in zip(called, found, strict=True)
        ],
    }
    if len(found) == 2:
        answer[DIFFERENCE] = _figures(_differences(found))
    return answer


def _note(note: Note) -> dict[str, Any]:
    about = {name: value for name, value in note.items() if name != "code"}
    return {"code": note["code"], "message": message(note), "about": about}


def _differences(found: Sequence[Simulated]) -> dict[str, Interval]:
    """The second less the first, of every figure that both have."""
    ours, theirs = (figures_of(one.program) for one in found)
    return {name: differences(found[0].outcomes, found[1].outcomes, name) for name in ours if name in theirs}


def _figures(found: Mapping[str, Interval]) -> dict[str, Any]:
    return {name: {"unit": FIGURES[name].unit, **_interval(value)} for name, value in found.items()}


def _months(one: Simulated) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [{"month": month + 1} for month in range(len(one.months[0]))]
    for month, name, value in one.by_month():
        rows[month - 1][name] = _interval(value)
    return rows


def _interval(found: Interval) -> dict[str, Any]:
    return {"mean": found.mean, "p10": found.p10, "p50": found.p50, "p90": found.p90, "runs_without": found.missing}


def csv_rows(called: Sequence[str], found: Sequence[Simulated]) -> Iterator[tuple[Any, ...]]:
    """The head and a row for every figure, and for every month end of `MONTHLY`; `month` is empty for the whole."""
    yield CSV_HEAD
    for label, one in zip(called, found, strict=True):
        for name, value in one.figures().items():
            yield ("true", label, "", name, FIGURES[name].unit, *value)
        for month, name, value in one.by_month():
            assert name in MONTHLY
            yield ("true", label, month, name, FIGURES[name].unit, *value)
    if len(found) == 2:
        for name, value in _differences(found).items():
            yield ("true", DIFFERENCE, "", name, FIGURES[name].unit, *value)
