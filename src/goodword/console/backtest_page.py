"""The answer of a backtest as its page shows it: both sides beside each other, differences, and lengths of bars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal

from goodword.console import labels
from goodword.domain import ids, money
from goodword.insight.backtests import PersonChange
from goodword.store.models import Job

PEOPLE = 12
"""People on the page, the greatest change first; the table for spreadsheets has all."""
DECISIONS = 5
"""Changed decisions on the page; a page of their own has all."""
KINDS = 8
"""Kinds of change on the page, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Line:
    """A backtest in short. `percent` is how far it is, 0 to 100."""

    public_id: str
    program: str
    state: str
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None
    done: int
    total: int
    percent: int
    failure: str
    detail: str

    @property
    def open(self) -> bool:
        """Whether it waits or runs."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two amounts in a unit, minor units for a currency; `percent` is the length of a bar for each, 0 to 100."""

    label: str
    unit: str
    before: int
    after: int
    percent: tuple[int, int] = (0, 0)
    rewards: tuple[int, int] = (0, 0)

    @property
    def change(self) -> int:
        """After less before."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed in a unit: to people what is held and what is approved and not handed over, together `to_people`;
    by people what was taken back of what they had; and what is left of the first after the second."""

    unit: str
    held: Pair
    approved: Pair
    to_people: Pair
    by_people: Pair
    net: Pair

    @property
    def debts(self) -> bool:
        """Whether anybody owes something back."""
        return bool(self.by_people.before or self.by_people.after)


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the chart: sums in the program's currency, in its major unit as a text."""

    first_day: date
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule cost, month by month, and in all by unit."""

    name: str
    totals: Sequence[Pair]
    months: Sequence[tuple[date, Pair]]


@dataclass(frozen=True, slots=True)
class Use:
    """How a limit per program was used in a month: `grown` by, and `used` of its period by then; rewards where it has
    no unit."""

    first_day: date
    unit: str
    grown: int
    used: int
    percent: int


@dataclass(frozen=True, slots=True)
class Who:
    """A person of the page, with the length of their bar."""

    row: PersonChange
    percent: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything the page shows. `since`, `until` and `elasticity` are as they were asked, the last as the
    reader writes it. `new`: the workspace had no
    program of that key. `lapsed` has how many rewards lapsed `before` and `after`, and of which `rules`;
    `waiting`, how many events were not applied yet, and are in no figure."""

    currency: str
    since: datetime | None
    until: datetime | None
    version: int | None
    elasticity: str | None
    events: int
    decisions: int
    seconds: float
    totals: Sequence[Pair]
    owed: Sequence[Owed]
    months: Sequence[Month]
    rules: Sequence[Rule]
    people: Sequence[Who]
    counts: Mapping[str, int]
    caps: Sequence[Mapping[str, Any]]
    budgets: Sequence[tuple[str, Sequence[Use]]]
    roi: Mapping[str, Any]
    changed: int
    kept: int
    kinds: Sequence[tuple[tuple[str, str], tuple[str, str], int, int]]
    kinds_left: int
    new: bool
    lapsed: Mapping[str, Any] | None
    waiting: int

    @property
    def same(self) -> bool:
        """Whether nothing at all would have been different."""
        return not self.changed


def line(job: Job) -> Line:
    """A job in short; its answer is not looked at."""
    share = job.done / job.total if job.total else 0
    return Line(
        ids.public("bkt", job.id), job.program, job.state, job.asked_by, job.asked_at, job.ended_at,
        job.done, job.total, 100 if job.state == "done" else min(99, int(100 * share)), job.failure, job.detail,
    )  # fmt: skip


def answer(job: Job, people: Sequence[PersonChange]) -> Answer:
    """The answer of a job that is done."""
    result = job.result
    assert result is not None
    asked = job.question
    currency = result["return"]["currency"]
    kinds = result["changed"]["kinds"]
    most = max((kind["count"] for kind in kinds), default=1)
    return Answer(
        currency=currency,
        since=_moment(asked["since"]),
        until=_moment(asked["until"]),
        version=asked["as_of_version"],
        elasticity=asked["elasticity"] and _number(asked["elasticity"]),
        events=result["events"],
        decisions=result["decisions"],
        seconds=result["seconds"],
        totals=_scaled(_pair(row["unit"], row) for row in result["totals"]),
        owed=_owed(result["liability"]),
        months=_months(result["cost"], currency),
        rules=_rules(result["cost"]),
        people=_who(people),
        counts=result["people"],
        caps=[{**row, "change": row["after"] - row["before"]} for row in result["caps"]],
        budgets=_budgets(result["budgets"], currency),
        roi=result["return"],
        changed=result["changed"]["count"],
        kept=result["changed"]["kept"],
        kinds=[
            (_said(kind["before"]), _said(kind["after"]), kind["count"], _percent(kind["count"], most))
            for kind in kinds[:KINDS]
        ],
        kinds_left=max(0, len(kinds) - KINDS),
        new=bool(result.get("new")),
        lapsed=result.get("lapsed"),
        waiting=result.get("waiting", 0),
    )


def _pair(label: str, row: Mapping[str, Any]) -> Pair:
    before, after = row["before"], row["after"]
    return Pair(label, row["unit"], before["amount"], after["amount"], rewards=(before["rewards"], after["rewards"]))


def _scaled(pairs: Iterable[Pair]) -> list[Pair]:
    """Pairs with bars: of each unit, the longest is that of its greatest amount."""
    found = list(pairs)
    most: dict[str, int] = {}
    for pair in found:
        most[pair.unit] = max(most.get(pair.unit, 1), pair.before, pair.after)
    return [
        Pair(
            pair.label, pair.unit, pair.before, pair.after,
            (_percent(pair.before, most[pair.unit]), _percent(pair.after, most[pair.unit])), pair.rewards,
        )
        for pair in found
    ]  # fmt: skip


def _owed(rows: Iterable[Mapping[str, Any]]) -> list[Owed]:
    return [
        Owed(row["unit"], *(Pair(name, row["unit"], row["before"][name], row["after"][name]) for name in _OWED))
        for row in rows
    ]


_OWED = ("pending", "approved", "owed", "debt", "net")


def _months(rows: Iterable[Mapping[str, Any]], currency: str) -> list[Month]:
    sums: dict[str, list[int]] = {}
    for row in rows:
        if row["unit"] == currency:
            month = sums.setdefault(row["month"], [0, 0])
            month[0] += row["before"]["amount"]
            month[1] += row["after"]["amount"]
    return [Month(_first_day(name), *(_major(sum, currency) for sum in sums[name])) for name in sorted(sums)]


def _rules(rows: Iterable[Mapping[str, Any]]) -> list[Rule]:
    names: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        names.setdefault(row["rule"], []).append(row)
    totals = [_total(name, unit, lines) for name, lines in names.items() for unit in _units(lines)]
    scaled = _scaled(totals)
    return [
        Rule(
            name,
            [pair for pair in scaled if pair.label == name],
            [
                (_first_day(row["month"]), _pair(row["unit"], row))
                for row in sorted(lines, key=lambda row: row["month"])
            ],
        )
        for name, lines in names.items()
    ]


def _units(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted({row["unit"] for row in rows})


def _total(name: str, unit: str, rows: Iterable[Mapping[str, Any]]) -> Pair:
    own = [row for row in rows if row["unit"] == unit]
    before, after = (
        {part: sum(row[side][part] for row in own) for part in ("rewards", "amount")} for side in ("before", "after")
    )
    return _pair(name, {"unit": unit, "before": before, "after": after})


def _who(people: Sequence[PersonChange]) -> list[Who]:
    most: dict[str, int] = {}
    for row in people:
        most[row.unit] = max(most.get(row.unit, 1), abs(row.change))
    return [Who(row, _percent(abs(row.change), most[row.unit])) for row in people]


def _budgets(rows: Iterable[Mapping[str, Any]], currency: str) -> list[tuple[str, Sequence[Use]]]:
    """By limit: its rules and period, and its use month by month."""
    limits: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        limits.setdefault(f"{row['rules'] or '*'} · {row['period'] or row['every']}", []).append(row)
    return [
        (
            label,
            [
                Use(
                    _first_day(row["month"]), _unit(row["what"], currency), row["grown"], row["used"],
                    _percent(row["used"], max(one["used"] for one in lines)),
                )
                for row in lines
            ],
        )
        for label, lines in limits.items()
    ]  # fmt: skip


def _unit(what: str, currency: str) -> str:
    """The unit of a counter: of `count` none, of `budget(points)` points."""
    return "" if what == "count" else what.removeprefix("budget").strip("()") or currency


def _said(kind: str) -> tuple[str, str]:
    """Outcome and reason; ('', '') where there is no decision."""
    outcome, _, reason = kind.partition(" ")
    return ("", "") if kind == "none" else (outcome, reason)


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _number(text: str) -> str:
    return str(format_decimal(Decimal(text), "0.####", locale=labels.locale()))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _major(amount: int, currency: str) -> str:
    return str(amount / 10 ** money.decimals(currency))


def _percent(value: int, most: int) -> int:
    return max(1, round(100 * value / most)) if value > 0 and most > 0 else 0
