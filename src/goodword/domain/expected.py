"""What a referral would earn if it went on from where it is, as far as that is known before it happens.

The amounts are those of the rules, without limits, campaigns and conditions: what an order is worth, what a draw gives
and what an expression reckons is not known, so there the least and the most are told, and why.
"""

from __future__ import annotations

from typing import NamedTuple

from goodword.domain import money, tiers
from goodword.domain.document import Tier
from goodword.domain.draft import Draft
from goodword.domain.fields import ON_STATES
from goodword.domain.gifts import Band, ByBand, ByFormula, ByOdds, ByTier, Share
from goodword.domain.lifecycle import RANK, passed
from goodword.domain.program import Program
from goodword.domain.rows import Referral
from goodword.domain.rules import Rule

ORDER, FACTS, DRAW, TIER = "order", "facts", "draw", "tier"
"""Why an amount is not known: it depends on what the order is worth, on an expression, on a draw, on the tier."""


class Range(NamedTuple):
    """From the least to the most (None: no most), in minor units; `why` it is no one number, '' where it is."""

    low: int
    high: int | None
    why: str = ""

    def plus(self, other: Range) -> Range:
        """Both together."""
        high = None if self.high is None or other.high is None else self.high + other.high
        return Range(self.low + other.low, high, self.why or other.why)

    def times(self, number: int) -> Range:
        """So many of it."""
        return Range(self.low * number, None if self.high is None else self.high * number, self.why)


NOTHING = Range(0, 0)


class Expected(NamedTuple):
    """One reward to come: `on` says with which state of the referral, or for each of which events (`each`);
    `conditional`, whether the rule asks for more; `form` how the amount is reckoned, in words, where it is no fixed
    one."""

    rule: str
    on: str
    to: str
    unit: str
    amount: Range
    each: bool
    conditional: bool
    form: str


def ahead(draft: Draft) -> list[Expected]:
    """Of the draft's referral under the draft's version, every reward with an amount that is still to come."""
    row = draft.referral
    assert row
    given = {(reward.rule, reward.occurrence) for reward in draft.rewards()}
    found = []
    for stage, rules in _stages(draft.program, row.state):
        draft.referral = _as_if(draft, row, stage)
        for rule in rules:
            if (rule.id, "1") not in given:
                held = tiers.tier_of(draft)[0] if isinstance(rule.give.amount, ByTier) else None
                found.append(_expected(draft.program, rule, [held]))
    draft.referral = row
    held = tiers.tier_of(draft)[0]
    found += [
        _expected(draft.program, rule, [held]) for rule in draft.program.document.rewards if _pays_for_events(rule)
    ]
    return [one for one in found if one]


def ahead_of_any(program: Program, state: str) -> list[Expected]:
    """The same of a referral of that state of which nothing else is known, whatever its referrer's tier."""
    every: list[Tier | None] = [None, *program.document.tiers]
    found = [_expected(program, rule, every) for _, rules in _stages(program, state) for rule in rules]
    found += [_expected(program, rule, every) for rule in program.document.rewards if _pays_for_events(rule)]
    return [one for one in found if one]


def _pays_for_events(rule: Rule) -> bool:
    return rule.on not in ON_STATES


def _stages(program: Program, state: str) -> list[tuple[str, tuple[Rule, ...]]]:
    """The states still to come on the way to the win, each with its rules."""
    here = RANK.get(state, RANK["closed_won"])
    return [(stage, program.rules_on[stage]) for stage in passed(program, "closed_won") if RANK[stage] > here]


def _as_if(draft: Draft, row: Referral, stage: str) -> Referral:
    """The referral as if it got there now, which may count for the referrer's tier."""
    now = draft.event.occurred_at
    row = row._replace(state=stage, qualified_at=row.qualified_at or now)
    return row._replace(closed_at=now) if stage == "closed_won" else row


def _expected(program: Program, rule: Rule, held: list[Tier | None]) -> Expected | None:
    if rule.give.amount is None:
        return None
    ranges = [amount(program, rule, tier) for tier in held]
    lowest, highs = min(one.low for one in ranges), [one.high for one in ranges]
    most = None if None in highs else max(high for high in highs if high is not None)
    why = next((one.why for one in ranges if one.why), TIER if lowest != most else "")
    return Expected(
        rule.id,
        rule.on.removeprefix("referral."),
        rule.to,
        rule.give.unit or program.document.currency,
        Range(lowest, most, why),
        _pays_for_events(rule),
        rule.when is not None,
        " or ".join(dict.fromkeys(found for tier in held if (found := form(program, rule, tier)))),
    )


def amount(program: Program, rule: Rule, tier: Tier | None) -> Range:
    """What a rule gives at a tier."""
    given = rule.give.amount
    if isinstance(given, ByTier):
        given = tiers.amount(program, tier, given)
    if given is None:
        return NOTHING
    if isinstance(given, Share):
        return Range(given.floor or 0, given.ceiling, ORDER)
    if isinstance(given, ByBand):
        return _of_bands(given.band)
    if isinstance(given, ByFormula):
        return Range(0, None, FACTS)
    if isinstance(given, ByOdds):
        amounts = [chance.amount for chance in given.odds]
        return Range(min(amounts), max(amounts), DRAW if len(set(amounts)) > 1 else "")
    assert isinstance(given, int)
    return Range(given, given)


def form(program: Program, rule: Rule, tier: Tier | None) -> str:
    """How a rule reckons its amount at a tier, in words: `20 % of the order, at most 50.00 USD`; '' for a fixed one."""
    given, unit = rule.give.amount, rule.give.unit or program.document.currency
    if isinstance(given, ByTier):
        given = tiers.amount(program, tier, given)
    if isinstance(given, Share):
        return _share(given, unit)
    if isinstance(given, ByBand):
        bands = [
            f"from {money.display(band.from_, program.document.currency)} {_band(band, unit)}" for band in given.band
        ]
        return "; ".join(bands)
    if isinstance(given, ByFormula):
        return given.cel.source
    if isinstance(given, ByOdds):
        total = sum(chance.weight for chance in given.odds)
        return ", ".join(f"{money.display(one.amount, unit)} ({one.weight} of {total})" for one in given.odds)
    return ""


def _share(share: Share, unit: str) -> str:
    least = f", at least {money.display(share.floor, unit)}" if share.floor else ""
    most = f", at most {money.display(share.ceiling, unit)}" if share.ceiling is not None else ""
    return f"{share.percent:g} % of the {'deal' if share.of == 'referral' else 'order'}{least}{most}"


def _band(band: Band, unit: str) -> str:
    return f"{band.percent:g} %" if band.amount is None else money.display(band.amount, unit)


def _of_bands(bands: list[Band]) -> Range:
    """From nothing, for a value below the first band, or a small one, to the highest amount."""
    amounts = [band.amount for band in bands]
    certain = [each for each in amounts if each is not None]
    low = min(certain) if len(certain) == len(amounts) and bands[0].from_ == 0 else 0
    return Range(low, max(certain) if len(certain) == len(amounts) else None, ORDER)


_WHY = {
    ORDER: "depends on the order",
    FACTS: "depends on facts to come",
    DRAW: "drawn",
    TIER: "depends on the tier",
    "": "",
}


def in_words(range: Range, unit: str) -> str:
    """`200.00 USD`, or `0.00 to 50.00 USD, depends on the order`."""
    if range.low == range.high:
        return money.display(range.low, unit)
    if range.high is None:
        least = f"at least {money.display(range.low, unit)}, " if range.low else ""
        return f"{least}{_WHY[range.why]}"
    low = money.display(range.low, unit).rsplit(" ", 1)[0]
    return f"{low} to {money.display(range.high, unit)}, {_WHY[range.why]}"
