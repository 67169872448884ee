"""What a reader must know of a simulation before its figures: what lies outside its time, what is not played, and what
was assumed for lack of better."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from goodword.domain import money
from goodword.domain.fields import OF_REFERRALS
from goodword.domain.program import Program
from goodword.insight.simulation.parameters import Settings
from goodword.insight.simulation.runs import world_of
from goodword.insight.simulation.texts import gettext_noop as _
from goodword.insight.simulation.world import Plan, month_ends

TEXTS: Mapping[str, str] = {
    "contest_too_late": _(
        "%(contest)s is decided on %(day)s, after the last day that is played: its prizes are not in the figures."
    ),
    "contest_too_early": _("%(contest)s is over on %(day)s, before the first day that is played."),
    "campaign_elsewhere": _("The campaign %(campaign)s does not run in the months that are played."),
    "rule_not_played": _("The rule %(rule)s pays for %(on)s, which this model does not play: it costs nothing here."),
    "unit_assumed": _("One of %(unit)s counts as %(value)s %(currency)s; say with unit_value what it is worth to you."),
}
"""Every note by its code, as its text in English."""

Note = Mapping[str, str]
"""`code`, and what its text names."""


def message(note: Note) -> str:
    """A note in English."""
    return TEXTS[note["code"]] % note


def notes(program: Program, plan: Plan, p: Settings) -> list[Note]:
    """The notes on a programme that is played so."""
    return [*_dates(program, plan), *_rules(program), *_units(program, p)]


def _dates(program: Program, plan: Plan) -> Iterator[Note]:
    end = month_ends(plan)[-1]
    for span in program.contests.values():
        day = span.final_at.date().isoformat()
        if span.final_at >= end:
            yield {"code": "contest_too_late", "contest": span.contest.id, "day": day}
        elif span.contest.to < plan.start:
            yield {"code": "contest_too_early", "contest": span.contest.id, "day": span.contest.to.isoformat()}
    last = (end - timedelta(days=1)).date()
    for campaign in program.document.campaigns:
        if campaign.to < plan.start or campaign.from_ > last:
            yield {"code": "campaign_elsewhere", "campaign": campaign.id}


def _rules(program: Program) -> Iterator[Note]:
    world = world_of(program)
    for rule in program.document.rewards:
        if rule.on not in OF_REFERRALS and not world.plays(program, rule.on):
            yield {"code": "rule_not_played", "rule": rule.id, "on": rule.on}


def _units(program: Program, p: Settings) -> Iterator[Note]:
    given = {rule.give.unit or next(iter(program.document.units), "") for rule in program.promises if rule.give.amount}
    for unit in program.document.units:
        if unit in given and unit != "percent" and not money.is_currency(unit):
            value = f"{p['unit_value']:g}"
            yield {"code": "unit_assumed", "unit": unit, "value": value, "currency": program.document.currency}
