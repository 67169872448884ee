"""How much a rule gives: the gift's amount in each of its forms, as running campaigns change it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from hashlib import blake2b
from itertools import accumulate
from typing import Any

from goodword.domain import campaigns, ids, tiers, values
from goodword.domain.draft import Draft
from goodword.domain.gifts import Band, ByBand, ByFormula, ByOdds, ByTier, Share
from goodword.domain.rules import Rule


def amount_of(draft: Draft, rule: Rule, line: dict[str, Any], occurrence: str = "1") -> int | None:
    """The gift's amount in minor units, or None: it has none, or the line of the trace has the reason.

    `line` also gets `tier`, `amount_from` (the value and what was taken of it, what the expression gave, or the draw),
    `exchange` and `campaign`.
    """
    given: Any = rule.give.amount
    if draft.reached:
        line["tier"] = draft.reached
    if type(given) is int and not rule.prorate:
        return _changed(draft, rule, given, line)
    if isinstance(given, ByTier):
        tier, reached = tiers.tier_of(draft)
        line["tier_count"] = reached
        if draft.reached:
            tier = next(one for one in draft.program.document.tiers if one.id == draft.reached)
        given = tiers.amount(draft.program, tier, given)
        if tier is None or given is None:
            line["reason"] = "no_tier"
            return None
        line["tier"] = tier.id
    if given is None:
        return None
    if isinstance(given, Share | ByBand):
        amount = _of_value(draft, rule, given, line, occurrence)
    elif isinstance(given, ByFormula):
        amount = _by_formula(draft, rule, given, line, occurrence)
    elif isinstance(given, ByOdds):
        amount = _drawn(given, reward_id(draft, rule, occurrence), line)
    else:
        amount = _part(draft, int(given), line) if rule.prorate else int(given)
    return None if amount is None else _changed(draft, rule, amount, line)


def _changed(draft: Draft, rule: Rule, amount: int, line: dict[str, Any]) -> int:
    """The amount as campaigns change it; the line has the reason where it comes to nothing."""
    changed = campaigns.amount(draft, rule, amount, line)
    if not changed and (amount or line.get("amount_from", {}).keys() & {"percent", "cel", "days"}):
        line["reason"] = "amount_zero"  # a 0 that the document says itself is meant
    return changed


def reward_id(draft: Draft, rule: Rule, occurrence: str) -> str:
    """The id of the reward that the rule would give at the moment of the draft's event."""
    now, program = draft.event.occurred_at, draft.program
    return ids.derive(now, draft.state.workspace_id, "reward", program.id, draft.subject_id, rule.id, occurrence)


def percent_of(value: int, percent: float) -> int:
    """`value * percent / 100`, rounded half to even on exact fractions; `percent` is the decimal it is written as."""
    return round(value * Fraction(str(percent)) / 100)


def draw(id: str, total: int) -> int:
    """A number from 0 to below `total`, of a reward's id: the BLAKE2b hash of 16 bytes of its public id, as a
    big-endian whole number, modulo the total."""
    return int.from_bytes(blake2b(ids.public("rwd", id).encode(), digest_size=16).digest()) % total


def _of_value(draft: Draft, rule: Rule, given: Share | ByBand, line: dict[str, Any], occurrence: str) -> int | None:
    value = _value(draft, given.of, _kept(draft, rule, occurrence), line)
    if value is None:
        return None
    line["amount_from"] = {"value": value}
    if isinstance(given, Share):
        line["amount_from"]["percent"] = given.percent
        return _within(percent_of(value, given.percent), given, line["amount_from"])
    band = _band(given, value)
    if band is None:
        line["reason"] = "no_band"
        return None
    line["amount_from"]["from"] = band.from_
    if band.percent is None:
        return band.amount
    line["amount_from"]["percent"] = band.percent
    return percent_of(value, band.percent)


def _band(given: ByBand, value: int) -> Band | None:
    return next((band for band in reversed(given.band) if value >= band.from_), None)


# What a value would come to


def of_share(given: Share, value: int) -> int:
    """The percentage of a value."""
    return _within(percent_of(value, given.percent), given, {})


def of_bands(given: ByBand, value: int) -> int | None:
    """What the value's band gives, None below the first."""
    band = _band(given, value)
    if band is None:
        return None
    return band.amount if band.percent is None else percent_of(value, band.percent)


def mean_of(given: ByOdds) -> int:
    """What a draw gives on the mean, rounded half to even."""
    weights = sum(chance.weight for chance in given.odds)
    return round(Fraction(sum(chance.amount * chance.weight for chance in given.odds), weights))


def _within(amount: int, given: Share, told: dict[str, Any]) -> int:
    """The amount, not below the floor nor above the ceiling."""
    if given.floor is not None and amount < given.floor:
        told["floor"] = given.floor
        return given.floor
    if given.ceiling is not None and amount > given.ceiling:
        told["ceiling"] = given.ceiling
        return given.ceiling
    return amount


def _value(draft: Draft, of: str | None, kept: int | None, line: dict[str, Any]) -> int | None:
    """The value that a percentage or a band is of, in the program's currency; None with the reason in the line."""
    if kept is not None:
        return kept
    worth = values.of_event(draft)
    if of == "referral" or (of is None and worth.reason == "no_value"):
        worth = values.Worth(draft.referral.value if draft.referral else None, "no_value")
    if worth.exchange:
        line["exchange"] = worth.exchange
    if worth.amount is None:
        line["reason"] = worth.reason
    return worth.amount


def _part(draft: Draft, whole: int, line: dict[str, Any]) -> int | None:
    """What a payment for a part of its billing period earns of what the whole earns; all, where it names no period.

    What is earned up to a day is `whole * days / days of the period`, rounded half to even, and a part has the
    difference between its two days: parts that make up the period come to exactly the whole, in any order."""
    said = draft.event.properties
    if "period_from" not in said and "period_to" not in said:
        return whole
    try:
        start, end = date.fromisoformat(said["period_from"]), date.fromisoformat(said["period_to"])
        first = date.fromisoformat(said.get("covers_from") or said["period_from"])
        last = date.fromisoformat(said.get("covers_to") or said["period_to"])
    except (KeyError, TypeError, ValueError):
        first = last = start = end = date.min
    if not start <= first < last <= end:
        line["reason"] = "bad_period"
        return None
    days = (end - start).days
    upto = [round(Fraction(whole * (day - start).days, days)) for day in (first, last)]
    if first > start or last < end:
        line["amount_from"] = {"whole": whole, "days": (last - first).days, "period": days}
    return upto[1] - upto[0]


def _by_formula(draft: Draft, rule: Rule, given: ByFormula, line: dict[str, Any], occurrence: str) -> int | None:
    amount = _kept(draft, rule, occurrence)
    if amount is None:
        worth = values.of_event(draft) if given.cel.reads_event_value else values.Worth(None)
        if worth.exchange:
            line["exchange"] = worth.exchange
        if worth.reason == "no_exchange_rate":
            line["reason"] = worth.reason
            return None
        amount = draft.reckon(f"{rule.id}.amount", given.cel, worth.amount)
    if amount is None:
        line["reason"] = "amount_error"
        return None
    line["amount_from"] = {"cel": amount}
    return amount


def _drawn(given: ByOdds, id: str, line: dict[str, Any]) -> int:
    ends = list(accumulate(chance.weight for chance in given.odds))
    drawn = draw(id, ends[-1])
    line["amount_from"] = {"drawn": drawn, "of": ends[-1]}
    return given.odds[bisect_right(ends, drawn)].amount


# A reward on the waiting list is tried again under another event: what its amount is reckoned from is kept


def keep(draft: Draft, rule: Rule, line: Mapping[str, Any], occurrence: str) -> None:
    """Keeps the value, or what the expression gave, of a reward that must wait."""
    told = line.get("amount_from", {})
    basis = told.get("value", told.get("cel"))
    if basis is not None and _kept(draft, rule, occurrence) is None:
        draft.count(draft.subject_id, _waits(draft, rule, occurrence), 1, basis)


def _kept(draft: Draft, rule: Rule, occurrence: str) -> int | None:
    times, basis = draft.counter(draft.subject_id, _waits(draft, rule, occurrence))
    return basis if times else None


def _waits(draft: Draft, rule: Rule, occurrence: str) -> str:
    """The counter. Of an order, which may earn in several programs, it names the program."""
    of = f"{draft.program.key}:" if draft.program.is_loyalty else ""
    return f"waits:{of}{rule.id}:{occurrence}"
