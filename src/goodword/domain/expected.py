"""What a referral would earn if it went on from where it is, as far as that is known before it happens.

The amounts are those of the rules, without limits, campaigns and conditions: what an order is worth, what a draw gives
and what an expression reckons is not known, so there the least and the most are told, and why; and what it comes to
where an order is worth what is assumed, and a draw gives its mean.
"""

from __future__ import annotations

from typing import NamedTuple

from goodword.domain import amounts, money, tiers
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
    """From the least to the most (None: no most), in minor units; `why` it is no one number, '' where it is, and then
    what it is `likely` to be, where that can be assumed."""

    low: int
    high: int | None
    why: str = ""
    likely: int | None = None

    def plus(self, other: Range) -> Range:
        """Both together."""
        high = None if self.high is None or other.high is None else self.high + other.high
        both = self.at_best is not None and other.at_best is not None and bool(self.why or other.why)
        likely = (self.at_best or 0) + (other.at_best or 0) if both else None
        return Range(self.low + other.low, high, self.why or other.why, likely)

    @property
    def at_best(self) -> int | None:
        """The one number, or what it is likely to be; None where nobody can say."""
        return self.low if self.low == self.high else self.likely

    def times(self, number: int) -> Range:
        """So many of it."""
        high, likely = (None if one is None else one * number for one in (self.high, self.likely))
        return Range(self.low * number, high, self.why, likely)


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


def ahead(draft: Draft, worth: int | None = None) -> list[Expected]:
    """Of the draft's referral under the draft's version, every reward with an amount that is still to come. `worth`:
    what an order or deal is assumed to be worth that is not known yet, in the program's currency."""
    row = draft.referral
    assert row
    worth = row.value or worth
    given = {(reward.rule, reward.occurrence) for reward in draft.rewards()}
    found = []
    for stage, rules in _stages(draft.program, row.state):
        draft.referral = _as_if(draft, row, stage)
        for rule in rules:
            if (rule.id, "1") not in given:
                held = tiers.tier_of(draft)[0] if isinstance(rule.give.amount, ByTier) else None
                found.append(_expected(draft.program, rule, [held], worth))
    draft.referral = row
    held = tiers.tier_of(draft)[0]
    found += [
        _expected(draft.program, rule, [held], worth)
        for rule in draft.program.document.rewards
        if _pays_for_events(rule)
    ]
    return [one for one in found if one]


def ahead_of_any(program: Program, state: str, worth: int | None = None) -> list[Expected]:
    """The same of a referral of that state of which nothing else is known, whatever its referrer's tier."""
    every: list[Tier | None] = [None, *program.document.tiers]
    found = [_expected(program, rule, every, worth) for _, rules in _stages(program, state) for rule in rules]
    found += [_expected(program, rule, every, worth) for rule in program.document.rewards if _pays_for_events(rule)]
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


def _expected(program: Program, rule: Rule, held: list[Tier | None], worth: int | None) -> Expected | None:
    if rule.give.amount is None:
        return None
    ranges = [amount(program, rule, tier, worth) for tier in held]
    lowest, highs = min(one.low for one in ranges), [one.high for one in ranges]
    most = None if None in highs else max(high for high in highs if high is not None)
    why = next((one.why for one in ranges if one.why), TIER if lowest != most else "")
    likely = {one.at_best for one in ranges} if why else {None}
    return Expected(
        rule.id,
        rule.on.removeprefix("referral."),
        rule.to,
        rule.give.unit or program.document.currency,
        Range(lowest, most, why, likely.pop() if len(likely) == 1 else None),
        _pays_for_events(rule),
        rule.when is not None,
        " or ".join(dict.fromkeys(found for tier in held if (found := form(program, rule, tier)))),
    )


def amount(program: Program, rule: Rule, tier: Tier | None, worth: int | None = None) -> Range:
    """What a rule gives at a tier, likely where an order is worth so much."""
    given = rule.give.amount
    if isinstance(given, ByTier):
        given = tiers.amount(program, tier, given)
    if given is None:
        return NOTHING
    if isinstance(given, Share):
        return Range(given.floor or 0, given.ceiling, ORDER, None if worth is None else amounts.of_share(given, worth))
    if isinstance(given, ByBand):
        return _of_bands(given.band)._replace(likely=None if worth is None else amounts.of_bands(given, worth) or 0)
    if isinstance(given, ByFormula):
        return Range(0, None, FACTS)
    if isinstance(given, ByOdds):
        drawn = [chance.amount for chance in given.odds]
        if len(set(drawn)) == 1:
            return Range(drawn[0], drawn[0])
        return Range(min(drawn), max(drawn), DRAW, amounts.mean_of(given))
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
    certain = [band.amount for band in bands if band.amount is not None]
    low = min(certain) if len(certain) == len(bands) and bands[0].from_ == 0 else 0
    return Range(low, max(certain) if len(certain) == len(bands) else None, ORDER)


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
    about = "" if range.likely is None else f", about {money.display(range.likely, unit)}"
    if range.high is None:
        least = f"at least {money.display(range.low, unit)}, " if range.low else ""
        return f"{least}{_WHY[range.why]}{about}"
    low = money.display(range.low, unit).rsplit(" ", 1)[0]
    return f"{low} to {money.display(range.high, unit)}, {_WHY[range.why]}{about}"
