"""What no single field of a gift can tell: which terms its type needs and may have, and whether its amount, and the
rules that exclude each other, make sense."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from goodword.domain import money
from goodword.domain.document import Document
from goodword.domain.faults import Fault, unknown
from goodword.domain.gifts import Band, ByBand, ByOdds, ByTier, Gift, Share
from goodword.domain.rules import Stack


class _Terms(NamedTuple):
    """What a type of gift needs one of, and what else it may have; each may have an amount and a unit."""

    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


TERMS: Mapping[str, _Terms] = {
    "account_credit": _Terms(("amount",)),
    "cash": _Terms(("amount",)),
    "gift_card": _Terms(("amount",), ("brand",)),
    "discount": _Terms(("percent", "amount"), ("applies", "duration")),
    "free_period": _Terms(("duration", "amount"), ("plan",)),
    "trial_extension": _Terms(("duration", "amount")),
    "points": _Terms(("amount",)),
    "upgrade": _Terms(("plan",), ("duration",)),
    "feature": _Terms(("name",), ("duration",)),
    "quantity": _Terms(("amount",), ("name", "duration")),
    "service": _Terms(("name", "amount")),
    "product": _Terms(("name", "amount")),
    "donation": _Terms(("amount",), ("recipient",)),
    "access": _Terms((), ("name", "duration")),
    "recognition": _Terms((), ("name",)),
}
"""By type of gift, its terms."""
_OWN = ("percent", "applies", "duration", "plan", "brand", "recipient", "name")
"""Terms that not every type may have."""
_COUNTED = ("points", "quantity")
_TIMES = ("free_period", "trial_extension")
_SAID = {"points": "such as points", "quantity": "such as gb or seats", "time": "such as days or months"}


def gift_faults(path: str, gift: Gift) -> Iterable[Fault]:
    """Terms that are missing, that do not go together, or that are another type's."""
    terms = TERMS[gift.type]
    given = {name for name in (*_OWN, "amount", "unit") if getattr(gift, name) is not None}
    if terms.needs and not given & {*terms.needs}:
        at = path if len(terms.needs) > 1 else f"{path}.{terms.needs[0]}"
        yield Fault(at, "missing", f"a gift of type {gift.type} needs {' or '.join(terms.needs)}")
    for name in _OWN:
        if name in given and name not in (*terms.needs, *terms.may):
            owners = ", ".join(type for type, other in TERMS.items() if name in (*other.needs, *other.may))
            yield Fault(
                f"{path}.{name}",
                "not_allowed",
                f"{name} is for a gift of type {owners}; this one is of type {gift.type}",
                _shown(getattr(gift, name)),
            )
    if "unit" in given and "amount" not in given and terms.needs != ("amount",):
        yield Fault(f"{path}.unit", "not_allowed", "unit says what an amount counts; give an amount, or leave it out")
    for one, other in (("percent", "amount"), ("duration", "applies")):
        if gift.type == "discount" and {one, other} <= given:
            yield Fault(f"{path}.{other}", "not_allowed", f"a discount has either {one} or {other}; leave one out")
    if gift.type in _TIMES and {"duration", "amount"} <= given:
        yield Fault(f"{path}.amount", "not_allowed", f"a {gift.type} has either duration or amount; leave one out")
    kind = gift.type if gift.type in _COUNTED else "time" if gift.type in _TIMES and "amount" in given else ""
    if kind and (gift.unit is None or money.is_currency(gift.unit)):
        yield Fault(
            f"{path}.unit",
            "missing" if gift.unit is None else "not_allowed",
            f"a gift of type {gift.type} counts a unit of the program's own: declare one under units, {_SAID[kind]}, "
            "and name it here",
            gift.unit,
        )


def _shown(value: Any) -> Any:
    return value if isinstance(value, str | int) else None


def amount_faults(path: str, gift: Gift, document: Document, tier_ids: list[str]) -> Iterable[Fault]:
    """What is wrong with the amount in its form."""
    amount, path = gift.amount, f"{path}.amount"
    shares: list[tuple[str, Share]] = []
    if isinstance(amount, ByTier):
        for tier, given in amount.by_tier.items():
            if tier not in tier_ids:
                yield unknown(f"{path}.by_tier", "tier", tier, tier_ids)
            if isinstance(given, Share):
                shares.append((f"{path}.by_tier.{tier}", given))
    elif isinstance(amount, Share):
        shares.append((path, amount))
    elif isinstance(amount, ByBand):
        yield from _band_faults(f"{path}.band", amount.band)
    elif isinstance(amount, ByOdds) and not any(chance.amount for chance in amount.odds):
        yield Fault(f"{path}.odds", "nothing_to_win", "no entry has an amount above 0; give at least one")
    for place, share in shares:
        if share.floor is not None and share.ceiling is not None and share.floor > share.ceiling:
            yield Fault(
                f"{place}.floor",
                "floor_above_ceiling",
                f"{share.floor} is above the ceiling {share.ceiling}",
                share.floor,
            )
    of_value = shares or (isinstance(amount, ByBand) and any(band.percent is not None for band in amount.band))
    if of_value and gift.unit is not None and money.is_currency(gift.unit) and gift.unit != document.currency:
        yield Fault(
            f"{path.removesuffix('.amount')}.unit",
            "not_allowed",
            f"a percentage is in the program's currency, {document.currency}; leave unit out, or name one of the "
            "program's own units",
            gift.unit,
        )


def _band_faults(path: str, bands: list[Band]) -> Iterable[Fault]:
    for index, band in enumerate(bands):
        before = bands[index - 1] if index else None
        if before and band.from_ <= before.from_:
            yield Fault(
                f"{path}.{index}.from",
                "bands_not_rising",
                f"{band.from_} is not above {before.from_} of the band before; list bands from low to high",
                band.from_,
            )
        if (band.amount is None) == (band.percent is None):
            yield Fault(f"{path}.{index}", "amount_or_percent", "a band has either amount or percent")


def stack_faults(document: Document) -> Iterable[Fault]:
    """Stacks of rules that are not there, stand in two stacks, or cannot be compared."""
    rules = {rule.id: rule for rule in document.rewards}
    seen: dict[str, int] = {}
    for index, stack in enumerate(document.stacking):
        path = f"stacking.{index}.rules"
        for name in stack.rules:
            if name not in rules:
                yield unknown(path, "rule", name, list(rules))
            elif name in seen:
                where = "twice here" if seen[name] == index else f"in stacking.{seen[name]} too"
                yield Fault(path, "duplicate", f"{name!r} stands {where}; a rule is in one stack once", name)
            seen.setdefault(name, index)
        yield from _compared(path, stack, document)


def _compared(path: str, stack: Stack, document: Document) -> Iterable[Fault]:
    rules = [rule for rule in document.rewards if rule.id in stack.rules]
    triggers = sorted({str(rule.on) for rule in rules})
    if len(triggers) > 1:
        yield Fault(
            path,
            "different_triggers",
            f"the rules are triggered by {', '.join(triggers)}; one decision gives rewards of one trigger only",
        )
    if stack.keep != "better":
        return
    for rule in rules:
        if rule.give.amount is None:
            yield Fault(path, "no_amount", f"{rule.id} has no amount to compare; keep first instead", rule.id)
    units = sorted({rule.give.unit or document.currency for rule in rules})
    if len(units) > 1:
        yield Fault(
            path, "different_units", f"the amounts are in {', '.join(units)}; the better one is told in one unit only"
        )
