"""What templates may ask: words for codes, amounts, times and addresses in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal, format_percent
from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from goodword.console import files, labels
from goodword.domain import money
from goodword.domain.bounds import Change
from goodword.domain.calendar import Duration
from goodword.domain.expected import Range
from goodword.domain.shared import EventMetric
from goodword.insight import reckoned
from goodword.insight.explained import DecisionView, Explanation, RuleOutcome
from goodword.insight.simulation.measure import FIGURES

register = template.Library()

READ_LENGTH = 120


@register.simple_tag
def built(name: str) -> str:
    """The address of a built static file."""
    return files.address(name)


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """A picture from the sprite. Decoration only: the words stand beside it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        extra,
        files.address("icons.svg"),
        name,
    )


@register.filter
def count(number: int) -> str:
    """A number with the reader's separators."""
    return format_decimal(number, locale=labels.locale())


@register.simple_tag
def amount(value: int | None, unit: str) -> SafeString:
    """An amount in its unit: minor units of a currency become decimals. Nothing for None."""
    if value is None:
        return SafeString("")
    shown = money.display(value, unit, str(labels.locale())).removesuffix(f" {unit}")
    return format_html(
        '<span class="money">{}&nbsp;<span class="unit">{}</span></span>', shown, labels.unit(unit, value)
    )


@register.simple_tag
def figure(value: float | None, name: str, currency: str) -> SafeString:
    """A figure of a simulation: money in its currency, a share in percent, others to as many places as tell them."""
    if value is None:
        return SafeString("–")
    unit = FIGURES[name].unit
    if unit == "minor":
        return amount(round(value), currency)
    if unit == "share":
        return format_html('<span class="number">{}</span>', format_percent(value, "#,##0.0 %", locale=labels.locale()))
    places = "#,##0.000" if name == "k_factor" else "#,##0.0"
    return format_html('<span class="number">{}</span>', format_decimal(value, places, locale=labels.locale()))


@register.simple_tag
def span(found: Range, unit: str) -> SafeString:
    """From the least to the most, in its unit, and what it depends on; one amount where both are the same."""
    if found.low == found.high:
        return amount(found.low, unit)
    why = labels.word(labels.DEPENDS, found.why)
    if found.likely is not None:
        why = format_html("{}, ≈&nbsp;{}", why, amount(found.likely, unit))
    if found.high is None:
        least = format_html("≥&nbsp;{} ", amount(found.low, unit)) if found.low else ""
        return format_html('{}<span class="muted">{}</span>', least, why)
    return format_html('{} – {} <span class="muted">{}</span>', amount(found.low, unit), amount(found.high, unit), why)


@register.simple_tag
def difference(change: int, unit: str) -> SafeString:
    """A difference with its sign, in a tone of more, less or none."""
    tone = "more" if change > 0 else "less" if change < 0 else "none"
    sign = {"more": "+", "less": "−", "none": "±"}[tone]
    shown = amount(abs(change), unit) if unit else count(abs(change))
    return format_html('<span class="diff diff-{}">{}{}</span>', tone, sign, shown)


@register.filter
def times(ratio: str | None) -> str:
    """A ratio as people read it, to two places; a dash for none."""
    return format_decimal(Decimal(ratio), "#,##0.00", locale=labels.locale()) if ratio else "–"


@register.filter
def major(value: str, unit: str) -> str:
    """A sum in a currency's major unit, given as a number's text."""
    digits = money.decimals(unit)
    return format_decimal(Decimal(value), "#,##0" + ("." + "0" * digits if digits else ""), locale=labels.locale())


@register.filter
def sides(pair: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Both sides of a comparison, by name."""
    return [(name, pair[name]) for name in ("before", "after")]


@register.filter
def moment(text: str) -> datetime:
    """A moment out of its RFC 3339 text."""
    return datetime.fromisoformat(text)


@register.filter
def pretty(value: Any) -> str:
    """Plain data as indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False)


@register.filter
def date_value(value: date | str) -> str:
    """A day as a field for days wants it."""
    return value.isoformat() if isinstance(value, date) else value


@register.filter
def how(rule: RuleOutcome) -> str:
    """How the amount of a rule's line came about; '' for a fixed one."""
    return reckoned.told(rule.amount_from, rule.exchange, rule.amount_unit, str(labels.locale()), rule.currency)


@register.simple_tag
def when(at: datetime | None, form: str = "minute") -> SafeString:
    """A moment in the viewer's zone as <time>; the tooltip has it to the second. Form: minute or day."""
    if at is None:
        return SafeString("")
    local, locale = timezone.localtime(at), labels.locale()
    day = format_skeleton("yMMMd", local, locale=locale)
    shown = day if form == "day" else f"{day}, {local:%H:%M}"
    title = f"{day}, {local:%H:%M:%S} {local.tzname()}"
    stamp = at.astimezone(timezone.get_fixed_timezone(0)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return format_html('<time datetime="{}" title="{}">{}</time>', stamp, title, shown)


@register.simple_tag
def zoned(at: datetime | None, zone: str, form: str = "minute") -> SafeString:
    """A moment in a program's zone, which is named in the tooltip, as <time>. Form: minute, day, or last for the day
    that ends with it."""
    if at is None:
        return SafeString("")
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    title = f"{labels.moment(at, zone)} ({zone})"
    return format_html('<time datetime="{}" title="{}">{}</time>', stamp, title, labels.moment(at, zone, form))


@register.simple_tag
def gives(given: Any) -> SafeString:
    """A gift with its amount, of what has `gift`, `amount` and `unit`."""
    if given.amount is None:
        return format_html("{}", labels.gift(given.gift))
    return format_html("{} {}", labels.gift(given.gift), amount(given.amount, given.unit))


@register.simple_tag
def tally(number: int, unit: str) -> SafeString:
    """What was counted: a sum in its unit, or a number."""
    return amount(number, unit) if unit else format_html("{}", count(number))


@register.simple_tag
def signed(change: int, unit: str) -> SafeString:
    """A change of what was counted, with its sign."""
    return format_html("{}{}", "+" if change > 0 else "−" if change < 0 else "±", tally(abs(change), unit))


@register.simple_tag
def altered(change: Change, unit: str) -> SafeString:
    """What a campaign makes of an amount: × 2, + 5.00 USD, or the amount it is then."""
    if change.set is not None:
        return format_html("= {}", amount(change.set, unit))
    parts = []
    if change.multiply is not None:
        parts.append(format_html("× {}", format_decimal(change.multiply, locale=labels.locale())))
    if change.add:
        parts.append(format_html("+ {}", amount(change.add, unit)))
    return format_html_join(" ", "{}", ((part,) for part in parts))


@register.filter
def metric(counted: str | EventMetric) -> str:
    """What a goal or contest counts."""
    return labels.metric(counted)


@register.filter
def places(prize: Any) -> str:
    """The places of a prize, or those that the tied hold: 1, or 4–10."""
    first = prize.first if hasattr(prize, "first") else prize.place
    return str(first) if first == prize.last else f"{first}–{prize.last}"


@register.simple_tag
def earned(on: str) -> SafeString:
    """What a rule is on: a state of the referral as a tag, another type of event as it is spelt."""
    noun, _, what = on.partition(".")
    if noun == "referral" and what in labels.REFERRAL_STATES:
        return state("referral", what)
    return format_html("<code>{}</code>", on)


@register.filter
def decimal(number: float) -> str:
    """A number with a fraction as the reader writes it."""
    return str(format_decimal(number, locale=labels.locale()))


@register.filter
def lasts(duration: Duration) -> str:
    """A length of time in words."""
    return labels.length(duration)


@register.filter
def month(day: date) -> str:
    """A month and its year, short."""
    return format_skeleton("yMMM", day, locale=labels.locale())


@register.filter
def day(value: date) -> str:
    """A day without time."""
    return format_date(value, "medium", locale=labels.locale())


@register.simple_tag
def state(kind: str, code: str) -> SafeString:
    """A state of a referral, reward or event as a coloured tag."""
    label, tone = labels.state(kind, code)
    return format_html('<span class="tag tag-{}">{}</span>', tone, label)


@register.simple_tag
def change(kind: str) -> SafeString:
    """What kind of change a version made, as a coloured tag."""
    label, tone = labels.CHANGES[kind]
    return format_html('<span class="tag tag-{}">{}</span>', tone, label)


@register.filter
def state_label(code: str) -> str:
    """The name of a referral state."""
    return labels.state("referral", code)[0]


@register.filter
def reason(code: str) -> str:
    """The staff text of a reason code."""
    return labels.reason(code)


@register.filter
def gift(terms: Mapping[str, Any]) -> str:
    """A gift in few words."""
    return labels.gift(terms)


@register.filter
def word(code: str, words: str) -> str:
    """The word for a code out of one of the tables of `labels`, named in lower case."""
    return labels.word(getattr(labels, words.upper()), code)


@register.filter
def initials(name: str) -> str:
    """Up to two letters that stand for a person."""
    parts = [part for part in name.replace("@", " ").replace(".", " ").split() if part[0].isalnum()]
    return "".join(part[0] for part in parts[:2]).upper() or "·"


@register.filter
def shown(value: Any) -> str:
    """A value a condition read, or a trait, as staff read it."""
    if value is None:
        return gettext("unknown")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= READ_LENGTH else text[: READ_LENGTH - 1] + "…"


@register.filter
def days_until(start: datetime, end: datetime) -> int:
    """Whole days from one moment to another, rounded."""
    return round((end - start).total_seconds() / 86_400)


@register.filter
def value(event: Explanation) -> int | None:
    """What an event was worth in minor units of its own currency, where it says so."""
    worth, currency = event.properties.get("value"), event.properties.get("currency")
    return worth if isinstance(worth, int) and isinstance(currency, str) else None


@register.filter
def quiet(decision: DecisionView) -> bool:
    """Whether a decision is told in one line: no referral, no rule, no condition, nobody merged, nothing shared."""
    return not (decision.referral or decision.rules or decision.checks or decision.merge or decision.together)


@register.filter
def concerns(event: Explanation) -> bool:
    """Whether an event changed something for some program."""
    return any(decision.yes for decision in event.decisions)
