"""The programme document: its schema, its errors, and the compiled form that decisions use.

A document is YAML or JSON. `read` turns it into a `Program` or raises `ProgramError` with every problem,
each naming the path, the value, and what is allowed. The JSON Schema is `json_schema()`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from hashlib import blake2b
from typing import Any, NamedTuple

from pydantic import ValidationError

from goodword.domain import calendar
from goodword.domain.bounds import Campaign, Limit
from goodword.domain.checks import cross_faults
from goodword.domain.document import Document, Step
from goodword.domain.faults import ProgramError, first_of
from goodword.domain.fields import ANNIVERSARY, CONTEST_DECIDED, GOAL_REACHED, OF_REFERRALS, ON_STATES, STATES
from goodword.domain.history import HistoryCount
from goodword.domain.mending import all_faults
from goodword.domain.reading import plain
from goodword.domain.rules import CatalogueItem, Rule, Stack
from goodword.domain.shared import Contest, EventMetric, Goal, SharedReward


class Bound(NamedTuple):
    """A limit, the name of the counter that knows what is used of it, but for the period, and the unit of its
    budget; `every` is the period for which a counter counts, '' for one that counts for ever."""

    limit: Limit
    counter: str
    unit: str
    every: str


class GoalSpan(NamedTuple):
    """A goal, its first moment and the first one after it, in UTC; None where it has no such day."""

    goal: Goal
    start: datetime | None
    end: datetime | None


class ContestSpan(NamedTuple):
    """A contest, its first moment, the first one after it, and when its result is final, in UTC."""

    contest: Contest
    start: datetime
    end: datetime
    final_at: datetime


def _as_rule(on: str, share: SharedReward) -> Rule:
    """What a goal or contest gives, as the rule that a reward keeps to."""
    told = {name: getattr(share, name) for name in SharedReward.model_fields}
    return Rule.model_construct(on=on, to="participant", **told)


def _counter(key: str, currency: str, limit: Limit) -> str:
    """The same in every version that words the limit alike, so that raising a cap keeps what was used."""
    what = "count" if limit.count is not None else "budget"
    if limit.budget is not None and limit.unit not in (None, currency):
        what = f"budget({limit.unit})"
    rules = ",".join(sorted(limit.rules)) if limit.rules else "*"
    if len(rules) > 64:
        rules = blake2b(rules.encode(), digest_size=16).hexdigest()
    period = f"P{limit.within.days}D" if limit.within else limit.every or "ever"
    return f"limit:{key}:{limit.per}:{what}:{rules}:{period}"


@dataclass(frozen=True)
class Program:
    """A published version, ready for decisions. `id` and `version_id` are internal ids; `number` counts
    from 1; `source` is the document as plain data."""

    id: str
    version_id: str
    number: int
    document: Document
    source: Mapping[str, Any]

    @cached_property
    def key(self) -> str:
        """The program's key in its workspace."""
        return self.document.program

    @cached_property
    def is_test(self) -> bool:
        """Whether it runs in test mode: what it gives goes nowhere."""
        return self.document.test

    def takes(self, key: str) -> bool:
        """Whether an event that names a program by that key is for this one."""
        return key == self.key or (self.is_test and self.document.beside in (None, key))

    @cached_property
    def zone(self) -> str:
        """The IANA time zone in which its days and periods are counted."""
        return self.document.timezone

    @cached_property
    def is_loyalty(self) -> bool:
        """Whether it rewards what people do themselves, without referrals."""
        return self.document.kind == "loyalty"

    @cached_property
    def has_lines(self) -> bool:
        """Whether rewards may wait for a place in a limit."""
        return any(limit.when_reached == "waitlist" for limit in self.document.limits)

    @cached_property
    def is_partner(self) -> bool:
        """Whether it is of resellers who bring deals."""
        return self.document.kind == "partner"

    @cached_property
    def counts_orders(self) -> bool:
        """Whether a tier counts what people ordered."""
        return any(tier.metric == "revenue" for tier in self.document.tiers)

    @cached_property
    def catalogue(self) -> Mapping[str, CatalogueItem]:
        """What points buy, by id."""
        return {item.id: item for item in self.document.catalogue}

    @cached_property
    def _all_rules(self) -> tuple[Rule, ...]:
        """Its rules, and one for each item of the catalogue."""
        return (*self.document.rewards, *(item.rule for item in self.document.catalogue))

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """Its rules by id, those behind the catalogue, goals and contests among them."""
        return {rule.id: rule for rule in self.promises}

    @cached_property
    def earning(self) -> Mapping[str, tuple[Rule, ...]]:
        """The rules of a loyalty program by the type of event that triggers them."""
        found: dict[str, list[Rule]] = {}
        for rule in self.document.rewards:
            found.setdefault(rule.on, []).append(rule)
        return {name: tuple(rules) for name, rules in found.items()}

    @cached_property
    def promises(self) -> tuple[Rule, ...]:
        """Everything it may give: its rules, then, as rules, items of the catalogue, rewards of goals and prizes."""
        shared = [
            (kind, share)
            for kind, owners in (
                (GOAL_REACHED, [goal.rewards for goal in self.document.goals]),
                (CONTEST_DECIDED, [contest.prizes for contest in self.document.contests]),
            )
            for shares in owners
            for share in shares
        ]
        return (*self._all_rules, *(_as_rule(kind, share) for kind, share in shared))

    @cached_property
    def shared(self) -> bool:
        """Whether it has goals or contests."""
        return bool(self.document.goals or self.document.contests)

    @cached_property
    def tallied(self) -> frozenset[str]:
        """Types of events that count in a goal or contest, and what takes that back."""
        metrics: list[str | EventMetric] = [goal.metric for goal in self.document.goals]
        metrics += [contest.metric for contest in self.document.contests]
        found = {metric.event for metric in metrics if isinstance(metric, EventMetric)}
        return frozenset(found | {"order.refunded"} if found else found)

    @cached_property
    def counts(self) -> Mapping[str, tuple[HistoryCount, ...]]:
        """What it counts of people within a time, by the types of event that add to it or take it back; of several that
        count the same, the first, for they share counters."""
        kinds = {(entry.event, entry.sum and entry.of): entry for entry in reversed(self.document.history)}
        found: dict[str, list[HistoryCount]] = {}
        for entry in kinds.values():
            found.setdefault(entry.event, []).append(entry)
            if entry.event == "order.completed" and entry.of == "value":
                found.setdefault("order.refunded", []).append(entry)
        return {name: tuple(entries) for name, entries in found.items()}

    @cached_property
    def goals(self) -> Mapping[str, GoalSpan]:
        """Its goals by id, each with its first moment and the first one after it, where it has them."""
        return {
            goal.id: GoalSpan(
                goal,
                self._midnight(goal.from_) if goal.from_ else None,
                self._midnight(goal.to + timedelta(days=1)) if goal.to else None,
            )
            for goal in self.document.goals
        }

    @cached_property
    def contests(self) -> Mapping[str, ContestSpan]:
        """Its contests by id, each with its first moment, the first one after it, and when it is decided."""
        found = {}
        for contest in self.document.contests:
            end = self._midnight(contest.to + timedelta(days=1))
            final_at = contest.final_after.after(end, self.zone) if contest.final_after else end
            found[contest.id] = ContestSpan(contest, self._midnight(contest.from_), end, final_at)
        return found

    def _midnight(self, day: date) -> datetime:
        return calendar.at_local(datetime.combine(day, time()), self.zone)

    @cached_property
    def rules_on(self) -> Mapping[str, tuple[Rule, ...]]:
        """Its rules by the referral state that triggers them."""
        return {
            state: tuple(rule for rule in self.document.rewards if rule.on == f"referral.{state}") for state in STATES
        }

    @cached_property
    def rules_hearing(self) -> Mapping[str, tuple[Rule, ...]]:
        """By event type, its rules that pay for such events, or end with one."""
        found: dict[str, list[Rule]] = {}
        for rule in self.document.rewards:
            if rule.on not in ON_STATES:
                for name in dict.fromkeys((rule.on, *rule.until)):
                    found.setdefault(name, []).append(rule)
        return {name: tuple(rules) for name, rules in found.items()}

    @cached_property
    def releases(self) -> frozenset[str]:
        """Event types that may end a hold."""
        return frozenset(name for rule in self.document.rewards for name in rule.release_on)

    @cached_property
    def payment_events(self) -> frozenset[str]:
        """Event types that may take back, or let go, a reward for an event."""
        rules = [rule for rule in self.document.rewards if rule.on not in OF_REFERRALS]
        back = (rule.reverse.on for rule in rules if rule.reverse and rule.reverse.how != "none")
        return frozenset(name for names in (*back, *(rule.release_on for rule in rules)) for name in names)

    @cached_property
    def listened(self) -> frozenset[str]:
        """Types of events about its referrals that could lead to anything, beside the engine's own."""
        return frozenset((*self.steps, *self.reversals, *self.rules_hearing, *self.releases))

    @cached_property
    def gifts(self) -> Mapping[str, Mapping[str, Any]]:
        """By rule, the gift as its rewards keep it: the type and its terms, without the amount."""
        return {
            rule.id: rule.give.model_dump(mode="json", exclude={"amount", "duration"}, exclude_none=True)
            | ({"duration": rule.give.duration.text} if rule.give.duration else {})
            for rule in self.promises
        }

    @cached_property
    def limits_on(self) -> Mapping[str, tuple[Bound, ...]]:
        """By rule, the limits its rewards count against, in the order of the document."""
        return {
            rule.id: tuple(
                self._bound(limit)
                for limit in self.document.limits
                if (limit.rules is None or rule.id in limit.rules)
                and (limit.per in ("account", "program", "campaign") or limit.per == rule.to)
            )
            for rule in self.promises
        }

    @cached_property
    def bounds(self) -> tuple[Bound, ...]:
        """All limits, in the order of the document."""
        return tuple(self._bound(limit) for limit in self.document.limits)

    @cached_property
    def limits_campaigns(self) -> bool:
        """Whether a limit counts apart for each campaign."""
        return any(limit.per == "campaign" for limit in self.document.limits)

    def _bound(self, limit: Limit) -> Bound:
        currency = self.document.currency
        every = "day" if limit.within else limit.every or ""
        return Bound(limit, _counter(self.key, currency, limit), limit.unit or currency, every)

    @cached_property
    def caps(self) -> Mapping[str, int]:
        """By counter, the least that its limits allow: all must leave room."""
        found: dict[str, int] = {}
        for limit in self.document.limits:
            counter, cap = self._bound(limit).counter, limit.budget if limit.count is None else limit.count
            campaigns = [campaign.id for campaign in self.document.campaigns] if limit.per == "campaign" else []
            for name in [f"{counter}:{id}" for id in campaigns] or [counter]:
                found[name] = min(cap or 0, found.get(name, cap or 0))
        return found

    @cached_property
    def stack_of(self) -> Mapping[str, Stack]:
        """By rule, the stack it is in."""
        return {rule_id: stack for stack in self.document.stacking for rule_id in stack.rules}

    @cached_property
    def steps(self) -> Mapping[str, tuple[tuple[str, Step], ...]]:
        """By event type, the steps of the lifecycle it can cause, in the order of a good life."""
        lifecycle = self.document.lifecycle
        found: dict[str, list[tuple[str, Step]]] = {}
        for state in STATES[1:]:
            step: Step | None = getattr(lifecycle, state)
            if step:
                found.setdefault(step.on, []).append((state, step))
        return {name: tuple(steps) for name, steps in found.items()}

    @cached_property
    def reversals(self) -> frozenset[str]:
        """Event types that may take a reward back, or a referral's part in a goal or contest."""
        found = frozenset(name for rule in self.document.rewards if rule.reverse for name in rule.reverse.on)
        metrics = {goal.metric for goal in self.document.goals} | {part.metric for part in self.document.contests}
        counted = bool(metrics & {"closed_won", "revenue"}) or self.counts_deals
        counted = counted or (not self.is_loyalty and ANNIVERSARY in self.earning)
        return found | {"order.refunded"} if counted else found

    @cached_property
    def tiers_every(self) -> Mapping[str, tuple[str, ...]]:
        """By metric, the kinds of calendar period in which tiers count it; '' for ever."""
        tiers = self.document.tiers
        return {
            metric: tuple(sorted({tier.every or "" for tier in tiers if tier.metric == metric}))
            for metric in {tier.metric for tier in tiers}
        }

    @cached_property
    def counts_deals(self) -> bool:
        """Whether a tier counts what won referrals are worth."""
        return not self.is_loyalty and any(tier.metric == "revenue" for tier in self.document.tiers)

    @cached_property
    def campaign_spans(self) -> tuple[tuple[Campaign, datetime, datetime], ...]:
        """Each campaign with its first moment and the first moment after it, in UTC."""
        return tuple(
            (
                campaign,
                self._midnight(campaign.from_),
                self._midnight(campaign.to + timedelta(days=1)),
            )
            for campaign in self.document.campaigns
        )

    def concerns(self, event_type: str) -> bool:
        """Whether an event of that type could lead to anything here, beside the engine's own types."""
        if event_type in self.listened:
            return True
        if event_type == "participant.signed_up":
            return self.document.lifecycle.flow == "self_serve"
        if event_type == "referral.submitted":
            return self.document.lifecycle.flow == "sales"
        return False


def read(text: str | bytes | Mapping[str, Any]) -> tuple[Document, dict[str, Any]]:
    """Reads a document: YAML or JSON text, or plain data. Returns it checked, and as plain data.

    Raises `ProgramError` with every fault found, where they are not too many.
    """
    source = plain(text)
    try:
        document = Document.model_validate(source)
    except ValidationError as error:
        raise ProgramError(all_faults(error, source)) from error
    faults = first_of(cross_faults(document))
    if faults:
        raise ProgramError(faults)
    return document, source


def compile_program(id: str, version_id: str, number: int, source: Mapping[str, Any]) -> Program:
    """The compiled form of a document that was published, and so read, before: what `read` has learnt to refuse since
    stops no version that runs."""
    return Program(id, version_id, number, Document.model_validate(dict(source)), dict(source))


def json_schema() -> dict[str, Any]:
    """The published JSON Schema (draft 2020-12) of a programme document."""
    schema = Document.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Goodword program", **schema}
