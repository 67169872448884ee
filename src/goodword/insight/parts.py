"""The parts of a program's live version as they stand: shared goals, limits, campaigns and tiers. Reads only.

What is used of a limit is known for the program as a whole; of one that counts by person, its cap is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from goodword.domain import calendar, campaigns, goals, limits, money, scores
from goodword.domain.bounds import Campaign, Limit
from goodword.domain.calendar import Duration
from goodword.domain.document import Tier
from goodword.domain.draft import Draft
from goodword.domain.events import Event
from goodword.domain.experiments import Experiment
from goodword.domain.gifts import ByBand, ByOdds, ByTier, Share
from goodword.domain.program import Bound, GoalSpan, Program, compile_program
from goodword.domain.rules import Rule
from goodword.domain.shared import ByTrait, Goal, is_money
from goodword.domain.state import State
from goodword.store import models, tenancy
from goodword.store.models import Account, Counter
from goodword.store.sql import array, fetch

GROUPS = 10
"""Groups of a goal that are shown, the furthest first."""
COUNTERS = 20_000
"""Counters of a program that are read at most."""
_ASKED = 50
"""Members of a group who are asked for what it is called."""


@dataclass(frozen=True, slots=True)
class Group:
    """How far one group is; `name` is '' for the whole program, or where it is not known by now."""

    name: str
    count: int
    percent: int
    contributors: int
    reached_at: datetime | None


@dataclass(frozen=True, slots=True)
class Gift:
    """What a rule gives: the gift's terms, and an amount in a unit, None for one without a fixed amount."""

    rule: str
    gift: Mapping[str, Any]
    amount: int | None
    unit: str


@dataclass(frozen=True, slots=True)
class GoalView:
    """A goal in its present period. `state` is upcoming, running or over; `unit` is that of the counts, '' for none."""

    goal: Goal
    name: str
    unit: str
    trait: str
    state: str
    start: datetime | None
    end: datetime | None
    gifts: tuple[Gift, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class LimitView:
    """A limit. `used` of the `cap` counts now, None where it is by person; `extended` is what running campaigns add,
    and `sometimes` what they add under a condition. `campaign` says for which one it counts."""

    limit: Limit
    unit: str
    cap: int
    used: int | None
    percent: int
    waiting: int
    extended: int
    sometimes: int
    campaign: str


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign: `state` is now, next or past; `changes` has each rule with what becomes of it and the unit,
    `extends` each limit with how much more it allows, in its unit, '' for rewards. Of one with a limit of its own,
    `used` is how much of it is used up, in `unit` where that is an amount."""

    campaign: Campaign
    name: str
    state: str
    start: datetime
    end: datetime
    changes: tuple[tuple[str, Any, str], ...]
    extends: tuple[tuple[str, int, str], ...]
    used: int
    unit: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule: what it is on, to whom it gives what, and how an amount that is not fixed is reckoned, in signs.
    `counted` has what the document says of which events count, in its own words."""

    rule: Rule
    gift: Gift
    reckoned: tuple[str, ...]
    counted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExperimentView:
    """An experiment, and each variant's share in percent."""

    id: str
    shares: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a live version; `zone` is the program's."""

    zone: str
    currency: str
    rules: tuple[RuleView, ...]
    experiments: tuple[ExperimentView, ...]
    goals: tuple[GoalView, ...]
    limits: tuple[LimitView, ...]
    campaigns: tuple[CampaignView, ...]
    tiers: tuple[Tier, ...]


def parts(workspace_id: str, row: models.Program, now: datetime, locale: str = "en") -> Parts | None:
    """The parts of a program's live version, with amounts as the locale writes them; None where none is live."""
    version = row.live_version
    if version is None:
        return None
    program = compile_program(str(row.id), str(version.id), version.number, version.document)
    with tenancy.workspace(workspace_id):
        state = State(workspace_id, {program.id: program}, {program.version_id: program})
        known = Counter.objects.filter(workspace_id=workspace_id, subject_id=row.id)
        for name, count, amount in known.values_list("name", "count", "amount")[:COUNTERS]:
            state.load_counter(program.id, name, count, amount)
        draft = Draft(state, Event("insight.asked", "insight", "now", now, now, {}), program)
        shown = tuple(_goal(workspace_id, draft, span) for span in program.goals.values())
    return Parts(
        program.zone,
        program.document.currency,
        tuple(_rule(program, rule, locale) for rule in program.document.rewards),
        tuple(map(_experiment, program.document.experiments)),
        shown,
        tuple(_limits(draft)),
        tuple(_campaigns(draft)),
        tuple(program.document.tiers),
    )


# Rules

_COUNTED = ("tier", "since", "each", "nth", "first", "every", "for_", "from_month", "to_month", "until")


def _rule(program: Program, rule: Rule, locale: str) -> RuleView:
    give = rule.give
    unit = give.unit or program.document.currency
    told = [f"{name.rstrip('_')}: {_plain(value)}" for name in _COUNTED if (value := getattr(rule, name))]
    amount = None if give.amount is None or isinstance(give.amount, int) else give.amount
    forms = tuple(_reckoned(amount, unit, program, locale)) if amount else ()
    return RuleView(rule, _gift(program, rule.id), forms, tuple(told))


def _plain(value: Any) -> str:
    """A field's value as the document spells it."""
    if isinstance(value, Duration):
        return value.text
    return ", ".join(value) if isinstance(value, list) else str(value)


def _reckoned(amount: Any, unit: str, program: Program, locale: str) -> Iterator[str]:
    """How an amount is reckoned: by tier, band or chance a line each."""
    if isinstance(amount, int):
        yield money.display(amount, unit, locale)
    elif isinstance(amount, Share):
        bounds = [(sign, most) for sign, most in (("≥", amount.floor), ("≤", amount.ceiling)) if most is not None]
        told = [f"{sign} {money.display(most, unit, locale)}" for sign, most in bounds]
        yield ", ".join([f"{amount.percent} %", *told])
    elif isinstance(amount, ByTier):
        for tier in program.document.tiers:
            if tier.id in amount.by_tier:
                yield f"{tier.id}: {next(_reckoned(amount.by_tier[tier.id], unit, program, locale))}"
    elif isinstance(amount, ByBand):
        currency = program.document.currency
        for band in amount.band:
            given = f"{band.percent} %" if band.amount is None else money.display(band.amount, unit, locale)
            yield f"≥ {money.display(band.from_, currency, locale)}: {given}"
    elif isinstance(amount, ByOdds):
        weights = sum(chance.weight for chance in amount.odds)
        for chance in amount.odds:
            yield f"{chance.weight:,} / {weights:,}: {money.display(chance.amount, unit, locale)}"
    else:
        yield amount.cel.source


def _experiment(experiment: Experiment) -> ExperimentView:
    weights = sum(variant.weight for variant in experiment.variants)
    shares = tuple((variant.id, round(100 * variant.weight / weights, 1)) for variant in experiment.variants)
    return ExperimentView(experiment.id, shares)


# Goals


def _goal(workspace_id: str, draft: Draft, span: GoalSpan) -> GoalView:
    program, goal, now = draft.program, span.goal, draft.event.occurred_at
    label = goals.label_at(program, goal, now)
    period = calendar.period(now, goal.every, program.zone) if goal.every else None
    over = span.end is not None and now >= span.end
    return GoalView(
        goal,
        goal.id.replace("-", " ").capitalize(),
        program.document.currency if is_money(goal.metric) else "",
        goal.group.trait if isinstance(goal.group, ByTrait) else "",
        "upcoming" if span.start and now < span.start else "over" if over else "running",
        period.start if period else span.start,
        period.end if period else span.end,
        tuple(_gift(program, share.id) for share in goal.rewards),
        tuple(_groups(workspace_id, draft, goal, label)),
    )


def _gift(program: Program, rule_id: str) -> Gift:
    give = program.rules[rule_id].give
    amount = give.amount if isinstance(give.amount, int) else None
    return Gift(rule_id, program.gifts[rule_id], amount, give.unit or program.document.currency)


def _groups(workspace_id: str, draft: Draft, goal: Goal, label: str) -> Iterator[Group]:
    """The groups that are furthest; of a goal of the whole program, that."""
    program = draft.program
    prefix = goals.contributed(program, goal, label, "")
    rows = fetch(
        """
        SELECT right(name, 36), sum(count)::bigint, count(*), (array_agg(subject_id::text))[1:%(asked)s]
        FROM counter                                                     -- counter_shared
        WHERE workspace_id = %(own)s
          AND (name LIKE 'contest:%%' OR name LIKE 'goal:%%')
          AND starts_with(name, %(prefix)s)
          AND count > 0
        GROUP BY name
        ORDER BY 2 DESC, 1
        LIMIT %(limit)s
        """,
        {"own": workspace_id, "prefix": prefix, "asked": _ASKED, "limit": GROUPS},
    )
    if goal.group == "program":
        count = draft.counter(program.id, goals.progress(program, goal, label))[0]
        rows = [(program.id, max(count, 0), sum(row[2] for row in rows), [])]
    ids = [row[0] for row in rows]
    name = goals.reached_name(program, goal, label)
    reached = dict(
        Counter.objects.filter(workspace_id=workspace_id, subject_id__in=ids, name=name).values_list(
            "subject_id", "amount"
        )
    )
    when = {str(id): scores.from_micros(at) for id, at in reached.items()}
    called = _names(workspace_id, goal, {row[0]: row[3] for row in rows})
    for id, count, contributors, _ in rows:
        percent = min(100, 100 * count // goal.target)
        yield Group(called.get(id, ""), count, percent, contributors, when.get(id))


def _names(workspace_id: str, goal: Goal, groups: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """What the groups are called: an account by its name, those of a trait by its value, as a member has it."""
    if goal.group == "program":
        return {}
    if goal.group == "account":
        known = Account.objects.filter(workspace_id=workspace_id, id__in=groups)
        return {str(account.id): account.name or account.external_id for account in known}
    assert isinstance(goal.group, ByTrait)
    trait = goal.group.trait
    asked = {id for members in groups.values() for id in members}
    values = fetch(
        """
        SELECT DISTINCT traits ->> %(trait)s FROM participant
        WHERE workspace_id = %(own)s AND id = ANY(%(asked)s::uuid[]) AND jsonb_typeof(traits -> %(trait)s) = 'string'
        """,
        {"own": workspace_id, "trait": trait, "asked": array("uuid", asked)},
    )
    return {goals.trait_group(workspace_id, trait, value): value for (value,) in values}


# Limits


def _limits(draft: Draft) -> Iterator[LimitView]:
    for bound in draft.program.bounds:
        if bound.limit.per == "campaign":
            for campaign in draft.program.document.campaigns:
                if bound.limit.campaigns is None or campaign.id in bound.limit.campaigns:
                    yield _limit(draft, bound._replace(counter=f"{bound.counter}:{campaign.id}"), campaign.id)
        else:
            yield _limit(draft, bound, "")


def _limit(draft: Draft, bound: Bound, campaign: str) -> LimitView:
    limit, whole = bound.limit, bound.limit.per in ("program", "campaign")
    use = limits.use(draft, bound, draft.program.id)
    extended = sometimes = 0
    for one, start, end in draft.program.campaign_spans:
        if limit.id in one.extend and start <= draft.event.occurred_at < end:
            more = one.extend[limit.id]
            extended, sometimes = (extended, sometimes + more) if one.when else (extended + more, sometimes)
    room = use.cap + extended
    return LimitView(
        limit,
        "" if limit.budget is None else bound.unit,
        use.cap,
        use.used if whole else None,
        min(100, 100 * use.used // room) if whole and room else 0,
        use.waiting if whole else 0,
        extended,
        sometimes,
        campaign,
    )


# Campaigns


def _campaigns(draft: Draft) -> Iterator[CampaignView]:
    """Those that run first, then those that come, then those that are over, the last one first."""
    program, now = draft.program, draft.event.occurred_at
    found = [_campaign(draft, campaign, start, end) for campaign, start, end in program.campaign_spans]
    yield from sorted((one for one in found if one.state == "now"), key=lambda one: one.end)
    yield from sorted((one for one in found if one.start > now), key=lambda one: one.start)
    yield from sorted((one for one in found if one.state == "past"), key=lambda one: one.end, reverse=True)


def _campaign(draft: Draft, campaign: Campaign, start: datetime, end: datetime) -> CampaignView:
    program, now = draft.program, draft.event.occurred_at
    currency = program.document.currency
    number, amount = draft.counter(program.id, campaigns.counter(program.key, campaign.id))
    by_count = campaign.limit is None or campaign.limit.count is not None
    unit = "" if by_count or campaign.limit is None else campaign.limit.unit or currency
    units = {bound.limit.id: bound.unit for bound in program.bounds if bound.limit.budget is not None}
    return CampaignView(
        campaign,
        campaign.name or campaign.id.replace("-", " ").capitalize(),
        "past" if now >= end else "now" if now >= start else "next",
        start,
        end,
        tuple((rule, change, program.rules[rule].give.unit or currency) for rule, change in campaign.rewards.items()),
        tuple((limit, more, units.get(limit, "")) for limit, more in campaign.extend.items()),
        number if by_count else amount,
        unit,
    )
