"""The programme document: its schema, its errors, and the compiled form that decisions use.

A document is YAML or JSON. `read` turns it into a `Program` or raises `ProgramError` with every problem,
each naming the path, the value, and what is allowed. The JSON Schema is `json_schema()`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from difflib import get_close_matches
from functools import cached_property
from hashlib import blake2b
from typing import Any, NamedTuple

import yaml
from pydantic import BaseModel, ValidationError

from goodword.domain import calendar, money
from goodword.domain.conditions import ConditionError
from goodword.domain.document import ByTier, Campaign, Change, Document, Limit, Rule, Step, Tier

MAX_BYTES = 200_000
"""Bytes of one document."""
MAX_DEPTH = 16

STATES = ("submitted", "qualified", "opportunity", "closed_won", "closed_lost")
"""The states of a referral that a reward can be for, in the order of a good life."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a document: where (dotted path), what (stable code), what to do, and the value."""

    path: str
    code: str
    message: str
    value: Any = None


class ProgramError(ValueError):
    """A document that cannot be a program. `faults` has every reason."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(f"{fault.path or 'document'}: {fault.message}" for fault in faults))


class Bound(NamedTuple):
    """A limit, and the name of the counter that knows what is used of it, but for the period."""

    limit: Limit
    counter: str


def _counter(key: str, limit: Limit) -> str:
    """The same in every version that words the limit alike, so that raising a cap keeps what was used."""
    what = "count" if limit.count is not None else "budget"
    rules = ",".join(sorted(limit.rules)) if limit.rules else "*"
    if len(rules) > 64:
        rules = blake2b(rules.encode(), digest_size=16).hexdigest()
    return f"limit:{key}:{limit.per}:{what}:{rules}:{limit.every or 'ever'}"


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
    def zone(self) -> str:
        """The IANA time zone in which its days and periods are counted."""
        return self.document.timezone

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """Its rules by id."""
        return {rule.id: rule for rule in self.document.rewards}

    @cached_property
    def rules_on(self) -> Mapping[str, tuple[Rule, ...]]:
        """Its rules by the referral state that triggers them."""
        return {
            state: tuple(rule for rule in self.document.rewards if rule.on == f"referral.{state}") for state in STATES
        }

    @cached_property
    def gifts(self) -> Mapping[str, Mapping[str, Any]]:
        """By rule, the gift as its rewards keep it: the type and its terms, without the amount."""
        return {
            rule.id: rule.give.model_dump(mode="json", exclude={"amount", "duration"}, exclude_none=True)
            | ({"duration": rule.give.duration.text} if rule.give.duration else {})
            for rule in self.document.rewards
        }

    @cached_property
    def limits_on(self) -> Mapping[str, tuple[Bound, ...]]:
        """By rule, the limits its rewards count against, in the order of the document."""
        return {
            rule.id: tuple(
                Bound(limit, _counter(self.key, limit))
                for limit in self.document.limits
                if (limit.rules is None or rule.id in limit.rules)
                and (limit.per in ("account", "program") or limit.per == rule.to)
            )
            for rule in self.document.rewards
        }

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
        """Event types that may take a reward back."""
        return frozenset(name for rule in self.document.rewards if rule.reverse for name in rule.reverse.on)

    @cached_property
    def campaign_spans(self) -> tuple[tuple[Campaign, datetime, datetime], ...]:
        """Each campaign with its first moment and the first moment after it, in UTC."""
        return tuple(
            (
                campaign,
                calendar.at_local(datetime.combine(campaign.from_, time()), self.zone),
                calendar.at_local(datetime.combine(campaign.to + timedelta(days=1), time()), self.zone),
            )
            for campaign in self.document.campaigns
        )

    def concerns(self, event_type: str) -> bool:
        """Whether an event of that type could lead to anything here, beside the engine's own types."""
        if event_type in self.steps or event_type in self.reversals:
            return True
        if event_type == "participant.signed_up":
            return self.document.lifecycle.flow == "self_serve"
        if event_type == "referral.submitted":
            return self.document.lifecycle.flow == "sales"
        return False


def read(text: str | bytes | Mapping[str, Any]) -> tuple[Document, dict[str, Any]]:
    """Reads a document: YAML or JSON text, or plain data. Returns it checked, and as plain data.

    Raises `ProgramError` with every fault found.
    """
    source = _plain(text)
    try:
        document = Document.model_validate(source)
    except ValidationError as error:
        raise ProgramError([_fault(item, source) for item in _meant(error)]) from error
    faults = list(_cross_faults(document))
    if faults:
        raise ProgramError(faults)
    return document, source


def compile_program(id: str, version_id: str, number: int, source: Mapping[str, Any]) -> Program:
    """The compiled form of a document that was published, and so read, before."""
    document, plain = read(source)
    return Program(id, version_id, number, document, plain)


def json_schema() -> dict[str, Any]:
    """The published JSON Schema (draft 2020-12) of a programme document."""
    schema = Document.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Goodword program", **schema}


class _Loader(yaml.CSafeLoader):
    """YAML with the scalars of YAML 1.2's JSON schema: `on` is a word, a date is a text."""


_Loader.yaml_implicit_resolvers = {
    letter: [
        (tag, pattern) for tag, pattern in rules if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
    ]
    for letter, rules in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def _no_duplicates(loader: yaml.CSafeLoader, node: yaml.MappingNode) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise _yaml_fault(key_node, "bad_key", f"{key!r} is not a name; keys are texts")
        if key in found:
            raise _yaml_fault(key_node, "duplicate_key", f"{key!r} stands twice; keep one")
        found[key] = loader.construct_object(value_node, deep=True)
    return found


def _yaml_fault(place: yaml.Node | yaml.Event, code: str, message: str) -> ProgramError:
    where = f"line {place.start_mark.line + 1}" if place.start_mark else ""
    return ProgramError([Fault(where, code, message)])


_Loader.add_constructor("tag:yaml.org,2002:map", _no_duplicates)


def _plain(text: str | bytes | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(text, Mapping):
        return dict(text)
    size = len(text.encode(errors="surrogatepass") if isinstance(text, str) else text)
    if size > MAX_BYTES:
        raise ProgramError([Fault("", "too_large", f"{size} bytes; at most {MAX_BYTES} are allowed")])
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise _yaml_fault(event, "alias", "anchors and aliases are not allowed; write it out")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise _yaml_fault(event, "too_deep", f"nested deeper than {MAX_DEPTH} levels")
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 -- a CSafeLoader with fewer scalars
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, ProgramError):
            raise
        mark: Any = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not readable as text"
        raise ProgramError([Fault(where, "not_yaml", f"not YAML or JSON: {problem}")]) from error
    if not isinstance(data, dict):
        raise ProgramError([Fault("", "not_an_object", "a program is a set of named parts: program, name, rewards, …")])
    return data


_UNION_TAGS = frozenset({"ByTier", "constrained-int", "int", "float"})


def _meant(error: ValidationError) -> list[Any]:
    """The errors of the union member that the author meant: an object is never meant as a number."""
    return [
        item
        for item in error.errors(include_url=False)
        if not (item["type"] == "int_type" and item["loc"][-1] in _UNION_TAGS and isinstance(item["input"], dict))
        and not (item["type"] == "model_type" and item["loc"][-1] == "ByTier")
    ]


def _fault(item: Any, source: Any) -> Fault:
    """A schema error in words, with the path as the author wrote it."""
    location = _written(item["loc"], source)
    path = ".".join(str(part) for part in location)
    kind, value = item["type"], item.get("input")
    shown = value if isinstance(value, str | int | float | bool) or value is None else None
    if kind == "extra_forbidden":
        return Fault(path, "unknown_key", f"unknown key {str(location[-1])[:60]!r}; {_allowed_keys(item['loc'])}")
    if kind == "missing":
        return Fault(path, "missing", "is missing")
    if kind == "literal_error":
        expected = [part.strip(" '") for part in item["ctx"]["expected"].replace(" or ", ", ").split(",")]
        near = get_close_matches(str(value), expected, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return Fault(
            path,
            "not_allowed",
            f"{str(value)[:60]!r} is not allowed{hint or '.'} Allowed: {', '.join(expected)}",
            shown,
        )
    error = item.get("ctx", {}).get("error")
    if isinstance(error, ConditionError):
        return Fault(path, error.code, str(error), shown)
    if kind in ("greater_than_equal", "greater_than", "less_than_equal"):
        bound = next(iter(item["ctx"].values()))
        word = {"greater_than_equal": "at least", "greater_than": "more than", "less_than_equal": "at most"}[kind]
        code = "negative_amount" if isinstance(value, int) and value < 0 else "out_of_range"
        return Fault(path, code, f"{value} is not allowed; it must be {word} {bound}", shown)
    if kind == "string_pattern_mismatch":
        return Fault(path, "bad_text", f"{str(value)[:60]!r} does not fit the pattern {item['ctx']['pattern']}", shown)
    if kind == "int_type":
        return Fault(
            path,
            "wrong_type",
            f"{str(value)[:60]!r}: expected a whole number (amounts are in minor units)",
            shown,
        )
    return Fault(path, "wrong_type", item["msg"].removeprefix("Value error, "), shown)


def _written(location: Iterable[Any], source: Any) -> list[Any]:
    """Pydantic's location without the names of union members, which no author wrote."""
    found: list[Any] = []
    here = source
    for part in location:
        if part in _UNION_TAGS:
            continue
        if isinstance(here, dict) and isinstance(part, str):
            found.append(part)
            here = here.get(part)
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            found.append(part)
            here = here[part]
    return found or list(location)


def _allowed_keys(location: tuple[Any, ...]) -> str:
    """The keys that are allowed where the unknown one stands, the nearest first."""
    model: Any = Document
    for part in location[:-1]:
        if isinstance(part, int):
            continue
        model = _child(model, str(part))
    keys = [field.alias or name for name, field in model.model_fields.items()]
    near = get_close_matches(str(location[-1]), keys, n=1)
    return (f"did you mean {near[0]}? " if near else "") + f"Allowed here: {', '.join(keys)}"


def _child(model: Any, name: str) -> Any:
    """The model behind a field, or behind the entries of a mapping."""
    if model in _MAPPED_MODELS:
        return _MAPPED_MODELS[model]
    if name == "ByTier":
        return ByTier
    if model is Campaign and name == "rewards":
        return _Changes
    field = next(field for key, field in model.model_fields.items() if name in (key, field.alias))
    return _models_in(field.annotation)


class _Changes:
    """Stands for the mapping from rule to change in a campaign, while an unknown key is located."""

    model_fields: Mapping[str, Any] = {}


_MAPPED_MODELS: Mapping[Any, Any] = {_Changes: Change}


def _models_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _models_in(inner)
        if found:
            return found
    return None


def _cross_faults(document: Document) -> Iterable[Fault]:
    """What no single field can tell: references, order, circles, units."""
    if not money.is_currency(document.currency):
        yield Fault(
            "currency",
            "unknown_currency",
            f"unknown currency {document.currency[:20]!r}; use an ISO 4217 code such as USD",
            document.currency,
        )
    if not calendar.is_timezone(document.timezone):
        yield Fault(
            "timezone",
            "unknown_timezone",
            "unknown time zone; "
            + _near(document.timezone, calendar.timezones(), "use an IANA name such as Europe/Oslo"),
            document.timezone,
        )
    if document.calendar is not None and document.calendar not in calendar.business_countries():
        yield Fault(
            "calendar",
            "unknown_calendar",
            "unknown country; use an ISO 3166 code such as US or NO",
            document.calendar,
        )
    for unit in document.units:
        if money.is_currency(unit.upper()):
            yield Fault(
                "units",
                "unit_is_currency",
                f"{unit!r} is a currency; amounts in it need no unit of their own",
                unit,
            )
    yield from _unique("rewards", [rule.id for rule in document.rewards])
    yield from _unique("campaigns", [campaign.id for campaign in document.campaigns])
    yield from _unique("eligibility.refer", [entry.code for entry in document.eligibility.refer], "code")
    yield from _unique("eligibility.be_referred", [entry.code for entry in document.eligibility.be_referred], "code")
    yield from _tier_faults(document.tiers)
    rule_ids = [rule.id for rule in document.rewards]
    tier_ids = [tier.id for tier in document.tiers]
    for index, rule in enumerate(document.rewards):
        yield from _rule_faults(f"rewards.{index}", rule, document, tier_ids)
    for index, limit in enumerate(document.limits):
        yield from _limit_faults(f"limits.{index}", limit, rule_ids)
    for index, campaign in enumerate(document.campaigns):
        path = f"campaigns.{index}"
        if campaign.to < campaign.from_:
            yield Fault(
                f"{path}.to",
                "ends_before_start",
                f"{campaign.to} is before {campaign.from_}",
                str(campaign.to),
            )
        for rule_id, change in campaign.rewards.items():
            if rule_id not in rule_ids:
                yield _unknown(f"{path}.rewards", "rule", rule_id, rule_ids)
            if change.multiply is None and change.add is None:
                yield Fault(f"{path}.rewards.{rule_id}", "empty_change", "say what changes: multiply or add")
    if document.lifecycle.flow == "self_serve" and not any(
        (document.lifecycle.qualified, document.lifecycle.opportunity, document.lifecycle.closed_won)
    ):
        yield Fault(
            "lifecycle",
            "no_step",
            "a self_serve flow needs an event that moves it: qualified, opportunity or closed_won",
        )


def _rule_faults(path: str, rule: Rule, document: Document, tier_ids: list[str]) -> Iterable[Fault]:
    gift = rule.give
    if gift.unit is not None and not (money.is_currency(gift.unit) or gift.unit in document.units):
        allowed = [document.currency, *document.units]
        yield Fault(
            f"{path}.give.unit",
            "unknown_unit",
            f"unknown unit {gift.unit!r}; {_near(gift.unit, allowed, 'declare it under units.')} "
            + f"Allowed: {', '.join(['an ISO 4217 currency', *document.units])}",
            gift.unit,
        )
    if gift.type == "points" and gift.unit is None:
        yield Fault(
            f"{path}.give.unit",
            "missing",
            "points need a unit: declare one under units, such as points, and name it",
        )
    if gift.type in ("account_credit", "cash", "gift_card", "points", "donation") and gift.amount is None:
        yield Fault(f"{path}.give.amount", "missing", f"a gift of type {gift.type} needs an amount")
    if gift.type == "discount" and gift.amount is None and gift.percent is None:
        yield Fault(f"{path}.give", "missing", "a discount needs percent or amount")
    if isinstance(gift.amount, ByTier):
        for tier in gift.amount.by_tier:
            if tier not in tier_ids:
                yield _unknown(f"{path}.give.amount.by_tier", "tier", tier, tier_ids)
    if gift.percent is not None and gift.type != "discount":
        yield Fault(f"{path}.give.percent", "not_allowed", "percent is for a gift of type discount", gift.percent)
    if rule.approval and rule.approval.above is not None and gift.amount is None:
        yield Fault(f"{path}.approval.above", "not_allowed", "the gift has no amount to compare with; leave above out")


def _limit_faults(path: str, limit: Limit, rule_ids: list[str]) -> Iterable[Fault]:
    if (limit.count is None) == (limit.budget is None):
        yield Fault(path, "count_or_budget", "a limit has either count or budget")
    for rule_id in limit.rules or ():
        if rule_id not in rule_ids:
            yield _unknown(f"{path}.rules", "rule", rule_id, rule_ids)
    if limit.when_reached == "partial" and limit.budget is None:
        yield Fault(f"{path}.when_reached", "not_allowed", "partial is for a budget; a count has no part", "partial")
    if limit.when_reached == "waitlist" and limit.every is None:
        yield Fault(
            f"{path}.when_reached",
            "not_allowed",
            "waitlist needs every: a limit for ever has no next turn",
            "waitlist",
        )


def _tier_faults(tiers: list[Tier]) -> Iterable[Fault]:
    yield from _unique("tiers", [tier.id for tier in tiers])
    by_id = {tier.id: tier for tier in tiers}
    last: dict[str, Tier] = {}
    for index, tier in enumerate(tiers):
        path = f"tiers.{index}"
        before = last.get(tier.metric)
        if before and tier.from_ <= before.from_:
            yield Fault(
                f"{path}.from",
                "tiers_not_rising",
                f"{tier.id} starts at {tier.from_}, not above {before.id}'s {before.from_}; "
                "list tiers from low to high",
                tier.from_,
            )
        last[tier.metric] = tier
        if tier.after is None:
            continue
        if tier.after not in by_id:
            yield _unknown(f"{path}.after", "tier", tier.after, list(by_id))
            continue
        chain = [tier.id]
        here: Tier | None = tier
        while here and here.after and here.after in by_id:
            chain.append(here.after)
            if here.after == tier.id:
                yield Fault(
                    f"{path}.after",
                    "tier_cycle",
                    f"tiers go round in a circle: {' → '.join(chain)}; let one of them stand alone",
                    tier.after,
                )
                break
            if chain.count(here.after) > 1:
                break  # a circle that this tier leads into; its members report it
            here = by_id[here.after]


def _unique(path: str, names: list[str], word: str = "id") -> Iterable[Fault]:
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Fault(f"{path}.{index}.{word}", "duplicate", f"{name!r} is used twice; each needs its own", name)


def _unknown(path: str, word: str, name: str, known: list[str]) -> Fault:
    return Fault(
        path,
        f"unknown_{word}",
        f"unknown {word} {name!r}; {_near(name, known, 'choose another.')} Known: {', '.join(known) or 'none'}",
        name,
    )


def _near(name: str, known: Iterable[str], otherwise: str) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]}?" if near else otherwise
