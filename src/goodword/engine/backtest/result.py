"""The result of a backtest as plain data: tables of both sides, and the assumptions it stands on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from goodword.domain import ids
from goodword.domain.program import Program
from goodword.engine.backtest.books import Sums
from goodword.engine.backtest.compare import Found, Span

FORMAT = "goodword.backtest/1"
UNCHANGED = "Behaviour is unchanged: the same people do the same things at the same times, whatever they are promised."
NEW = (
    "{key} is no program of this workspace: it is tried as if it had been live from the first event on, with no link "
    "of its own."
)
WAITING = "Recorded and not applied yet, so not in it: {events}. Try again when a worker has got so far."
LAPSED = (
    "What lapsed unused has cost nothing and stands in no table: {before:,} rewards before, {after:,} after ({rules}). "
    "To see what was owed at some moment, end the stretch there (until)."
)
ELASTIC = (
    "For each percent that the mean reward per won referral is worth more or less, there are {elasticity} percent more "
    "or fewer won referrals, each worth and costing as much as the mean one: the number is multiplied by {factor}. "
    "The tables are without this; only return on cost has it."
)


def build(
    found: Found,
    tested: Program,
    *,
    new: bool,
    against: int | None,
    published: int | None,
    elasticity: Decimal | None,
    span: Span,
    seconds: float,
    processes: int,
    cluster: Mapping[str, Any] | None,
    whole: str,
    waiting: int,
) -> dict[str, Any]:
    """The result. Amounts are whole minor units beside their unit; `before` is what happened, or what the version
    `against` would have made of it, `after` what the tested document would have. `new`: the workspace has no program of
    that key."""
    roi = _return(found, tested.document.currency, elasticity)
    lapsed = _lapsed(found.before.lapsed, found.after.lapsed)
    return {
        "format": FORMAT,
        "program": tested.key,
        "version": published,
        "compared_with": {"version": against} if against else "what_happened",
        "since": span.since,
        "until": span.until,
        "events": found.events,
        "timers": found.rings,
        "decisions": found.decisions,
        "seconds": round(seconds, 3),
        "processes": processes,
        "cluster": cluster,
        "whole": whole or None,
        "assumptions": [
            *roi.pop("assumptions"),
            *([NEW.format(key=tested.key)] if new else []),
            *([LAPSED.format(**lapsed)] if lapsed else []),
            *([WAITING.format(events=f"{waiting:,} event{'s' * (waiting > 1)}")] if waiting else []),
        ],
        "new": new,
        "lapsed": lapsed,
        "waiting": waiting,
        "changed": {
            "count": found.kinds.total(),
            "kinds": [
                {"before": before, "after": after, "count": count}
                for (before, after), count in sorted(found.kinds.items(), key=lambda item: (-item[1], item[0]))
            ],
        },
        "totals": _totals(found),
        "cost": _cost(found),
        "people": _people(found),
        "caps": _caps(found),
        "budgets": _budgets(found),
        "liability": _liability(found),
        "return": roi,
        "in_memory": dict(found.held),
    }


def _lapsed(before: Counter[str], after: Counter[str]) -> dict[str, Any] | None:
    """How many rewards lapsed on each side, and of which rules; None where none did."""
    rules = ", ".join(_both(before, after))
    return {"before": before.total(), "after": after.total(), "rules": rules} if rules else None


def _both(one: Iterable[Any], other: Iterable[Any]) -> list[Any]:
    return sorted({*one, *other})


def _totals(found: Found) -> list[dict[str, Any]]:
    before, after = _by_unit(found.before), _by_unit(found.after)
    return [
        {
            "unit": unit,
            "before": {"rewards": before[unit][0], "amount": before[unit][1]},
            "after": {"rewards": after[unit][0], "amount": after[unit][1]},
        }
        for unit in _both(before, after)
    ]


def _by_unit(sums: Sums) -> dict[str, tuple[int, int]]:
    number: Counter[str] = Counter()
    amount: Counter[str] = Counter()
    for (rule, month, unit), count in sums.given.items():
        number[unit] += count
        amount[unit] += sums.cost[rule, month, unit]
    return _Zeros({unit: (number[unit], amount[unit]) for unit in number})


class _Zeros(dict[str, tuple[int, int]]):
    def __missing__(self, key: str) -> tuple[int, int]:
        return (0, 0)


def _cost(found: Found) -> list[dict[str, Any]]:
    before, after = found.before, found.after
    return [
        {
            "rule": key[0],
            "month": key[1],
            "unit": key[2],
            "before": {"rewards": before.given[key], "amount": before.cost[key]},
            "after": {"rewards": after.given[key], "amount": after.cost[key]},
        }
        for key in _both(before.given, after.given)
    ]


def _people(found: Found) -> list[dict[str, Any]]:
    """Those who would have more or less, the greatest change first."""
    before, after = found.before, found.after
    rows = [
        {
            "participant": ids.public("par", id) if id else None,
            "name": found.people.get(id, ""),
            "unit": unit,
            "before": {"rewards": before.people_given[id, unit], "amount": before.people[id, unit]},
            "after": {"rewards": after.people_given[id, unit], "amount": after.people[id, unit]},
            "change": after.people[id, unit] - before.people[id, unit],
        }
        for id, unit in _both(before.people_given, after.people_given)
        if (before.people[id, unit], before.people_given[id, unit])
        != (after.people[id, unit], after.people_given[id, unit])
    ]
    return sorted(rows, key=lambda row: (-abs(row["change"]), row["unit"], row["participant"] or ""))


def _caps(found: Found) -> list[dict[str, Any]]:
    return [
        {
            "rule": rule, "per": per, "every": every, "led_to": led_to,
            "before": found.before.caps[rule, per, every, led_to], "after": found.after.caps[rule, per, every, led_to],
        }
        for rule, per, every, led_to in _both(found.before.caps, found.after.caps)
    ]  # fmt: skip


def _budgets(found: Found) -> list[dict[str, Any]]:
    """Of each limit per program, by month how its use grew, and to how much since its period began."""
    rows: list[dict[str, Any]] = []
    so_far: Counter[str] = Counter()
    amounts: Counter[str] = Counter()
    for (name, month), (number, amount) in sorted(found.budgets.items(), key=lambda item: (item[0][0], item[0][1])):
        so_far[name] += number
        amounts[name] += amount
        _, _, _, what, rules, every, period = name.split(":", 6)
        grown, used = (number, so_far[name]) if what == "count" else (amount, amounts[name])
        rows.append(
            {"what": what, "rules": rules, "every": every, "period": period, "month": month, "grown": grown,
             "used": used}
        )  # fmt: skip
    return rows


def _liability(found: Found) -> list[dict[str, Any]]:
    """What would be owed at the end: to people what is held, or approved and not handed over; by people, `debt`."""
    before, after = found.before.owed, found.after.owed
    units = sorted({unit for sums in (before, after) for (unit, _), amount in sums.items() if amount})
    return [{"unit": unit, "before": _owed(before, unit), "after": _owed(after, unit)} for unit in units]


def _owed(sums: Counter[tuple[str, str]], unit: str) -> dict[str, int]:
    pending, approved, debt = (sums[unit, what] for what in ("pending", "approved", "debt"))
    return {
        "pending": pending, "approved": approved, "owed": pending + approved, "debt": debt,
        "net": pending + approved - debt,
    }  # fmt: skip


def _return(found: Found, currency: str, elasticity: Decimal | None) -> dict[str, Any]:
    before = _one_return(found.before, currency, Decimal(1))
    factor = _factor(found, currency, elasticity)
    assumptions = [UNCHANGED]
    if elasticity is not None:
        assumptions = [ELASTIC.format(elasticity=elasticity, factor=factor.quantize(Decimal("0.0001")))]
    return {
        "currency": currency,
        "before": before,
        "after": _one_return(found.after, currency, factor),
        "elasticity": str(elasticity) if elasticity is not None else None,
        "assumptions": assumptions,
    }


def _factor(found: Found, currency: str, elasticity: Decimal | None) -> Decimal:
    """How many times as many referrals there would be: (mean reward after / before) to the power of the elasticity.
    1 where there is nothing to compare."""
    means = [_mean(sums, currency) for sums in (found.before, found.after)]
    if elasticity is None or not all(means):
        return Decimal(1)
    return Decimal((means[1] / means[0]) ** elasticity)


def _mean(sums: Sums, currency: str) -> Decimal:
    cost = sum(amount for (_, _, unit), amount in sums.cost.items() if unit == currency)
    return Decimal(cost) / sums.won["referrals"] if sums.won["referrals"] else Decimal(0)


def _one_return(sums: Sums, currency: str, factor: Decimal) -> Mapping[str, Any]:
    """What referrals brought against what rewards in the programme's currency cost; `ratio` is (brought - cost) /
    cost to four places, None where nothing was spent."""
    cost = sum(amount for (_, _, unit), amount in sums.cost.items() if unit == currency)
    scaled = {name: _times(value, factor) for name, value in (("won", sums.won["referrals"]),
              ("value", sums.won["value"]), ("cost", cost))}  # fmt: skip
    ratio = None
    if cost:
        ratio = str((Decimal(sums.won["value"] - cost) / cost).quantize(Decimal("0.0001"), ROUND_HALF_EVEN))
    return {"won": scaled["won"], "value": scaled["value"], "cost": scaled["cost"], "ratio": ratio}


def _times(value: int, factor: Decimal) -> int:
    return int((value * factor).to_integral_value(ROUND_HALF_EVEN))
