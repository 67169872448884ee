"""What must hold between the parts of a rule that say which events it pays for."""

from __future__ import annotations

from collections.abc import Iterable

from goodword.domain.document import Document
from goodword.domain.event_names import COUNTED, HEARD, event_faults
from goodword.domain.faults import Fault, unknown
from goodword.domain.fields import ANNIVERSARY, ON_STATES, REACHED
from goodword.domain.gifts import ByTier, Share
from goodword.domain.rules import Rule
from goodword.domain.shared import Contest, Goal

_EARNING = HEARD | ON_STATES | {REACHED, ANNIVERSARY}
_COUNTED = ("nth", "first", "every")
_AFTER_WIN = ("for", "from_month", "to_month", "until")
_OF_EVENTS = (*_COUNTED, *_AFTER_WIN)


def partner_faults(document: Document) -> Iterable[Fault]:
    """What is wrong with asking for registered deals, and with statements."""
    if document.registration and (document.kind != "partner" or document.lifecycle.flow != "sales"):
        yield Fault(
            "registration", "not_allowed", "registration is for kind: partner with lifecycle.flow: sales; leave it out"
        )
    if document.statement and document.kind != "partner":
        yield Fault("statement", "not_allowed", "statements are for kind: partner; leave it out, or say kind: partner")


def hold_faults(path: str, rule: Rule, document: Document) -> Iterable[Fault]:
    """What is wrong with when a rule's rewards are let go, and when they lapse."""
    for index, name in enumerate(rule.release_on):
        yield from event_faults(f"{path}.release_on.{index}", name, HEARD, document)
    if document.kind == "loyalty":
        if rule.release_on:
            yield Fault(f"{path}.release_on", "not_allowed", "release_on is for a program with referrals; use hold")
        if rule.expire and (rule.expire.on or not (rule.expire.after or rule.expire.inactive)):
            yield Fault(
                f"{path}.expire",
                "not_allowed",
                "in a loyalty program say after how long: after, or inactive, such as P12M",
            )
        return
    if rule.expire and not (rule.expire.after or rule.expire.on or rule.expire.inactive):
        yield Fault(f"{path}.expire", "missing", "say when it lapses: after or inactive, such as P60D, or on, a date")


def anniversary_faults(path: str, rule: Rule, document: Document) -> Iterable[Fault]:
    """What is wrong with what an anniversary is counted from, and how."""
    if rule.on != ANNIVERSARY:
        for name in ("since", "each"):
            if getattr(rule, name):
                yield Fault(f"{path}.{name}", "not_allowed", f"{name} is for a rule on {ANNIVERSARY}; leave it out")
        return
    for name in ("every", "from_month", "to_month"):
        if getattr(rule, name):
            yield Fault(
                f"{path}.{name}", "not_allowed", f"anniversaries are each so far apart; use each instead of {name}"
            )
    if document.kind == "loyalty":
        if rule.since is None or rule.since in ("won", "begun"):
            yield Fault(
                f"{path}.since",
                "missing" if rule.since is None else "not_allowed",
                "in a loyalty program say since which event about the participant, such as participant.signed_up",
                rule.since,
            )
        for name in ("nth", "first", "for", "until"):
            if getattr(rule, "for_" if name == "for" else name):
                yield Fault(f"{path}.{name}", "not_allowed", f"{name} is for anniversaries of a referral; leave it out")
        return
    if rule.since not in (None, "won", "begun"):
        yield Fault(
            f"{path}.since", "not_allowed", "of a referral: since it was won, or since it was begun", rule.since
        )
    if rule.since == "begun":
        for name in ("for", "until"):
            if getattr(rule, "for_" if name == "for" else name):
                yield Fault(
                    f"{path}.{name}", "not_allowed", f"{name} counts from the win; leave it out, or since: begun"
                )


def prorate_faults(path: str, rule: Rule) -> Iterable[Fault]:
    """What is wrong with giving a part for a part of a billing period."""
    if not rule.prorate:
        return
    amount = rule.give.amount
    if rule.on in ON_STATES or rule.on in (REACHED, ANNIVERSARY):
        yield Fault(
            f"{path}.prorate", "not_allowed", "prorate is for a rule on a payment, such as invoice.paid; leave it out"
        )
    elif not (
        type(amount) is int
        or (isinstance(amount, ByTier) and not any(isinstance(one, Share) for one in amount.by_tier.values()))
    ):
        yield Fault(
            f"{path}.prorate",
            "not_allowed",
            "prorate is for a fixed amount, or fixed ones by tier; a percentage is of what was paid as it is",
        )


def tier_faults(path: str, rule: Rule, document: Document) -> Iterable[Fault]:
    """What is wrong with a rule's tier, or with being on one that is reached."""
    if rule.on != REACHED:
        if rule.tier:
            yield Fault(f"{path}.tier", "not_allowed", f"tier is for a rule on {REACHED}; leave it out", rule.tier)
        return
    tiers = [tier.id for tier in document.tiers]
    if not tiers:
        yield Fault(f"{path}.on", "not_allowed", "there are no tiers to reach; declare them under tiers", rule.on)
    elif rule.tier and rule.tier not in tiers:
        yield unknown(f"{path}.tier", "tier", rule.tier, tiers)
    if document.kind != "loyalty" and rule.to == "referred":
        yield Fault(f"{path}.to", "not_allowed", "a tier is the referrer's; so is its reward", rule.to)


def trigger_faults(path: str, rule: Rule, document: Document) -> Iterable[Fault]:
    """What is wrong with what a rule is on, and how it counts."""
    counted = [name for name in _COUNTED if getattr(rule, name)]
    if len(counted) > 1 and rule.on not in ON_STATES:
        yield Fault(f"{path}.{counted[1]}", "not_allowed", f"choose one of {', '.join(_COUNTED)}, not {len(counted)}")
    if document.kind == "loyalty":
        for name in _AFTER_WIN if rule.on != ANNIVERSARY else ():
            if getattr(rule, "for_" if name == "for" else name):
                yield Fault(
                    f"{path}.{name}", "not_allowed", f"{name} counts from a referral's win; a loyalty program has none"
                )
        return
    if rule.on in ON_STATES:
        for name in _OF_EVENTS:
            if getattr(rule, "for_" if name == "for" else name):
                yield Fault(
                    f"{path}.{name}",
                    "not_allowed",
                    f"{name} is for a rule on a type of event, such as order.completed; {rule.on} comes once",
                )
        return
    if rule.on == REACHED:
        for name in _AFTER_WIN:
            if getattr(rule, "for_" if name == "for" else name):
                yield Fault(f"{path}.{name}", "not_allowed", f"{name} is for events after the win; leave it out")
    elif rule.on != ANNIVERSARY:
        yield from event_faults(f"{path}.on", rule.on, _EARNING, document)
    for index, name in enumerate(rule.until):
        yield from event_faults(f"{path}.until.{index}", name, HEARD, document)
        if name == rule.on:
            yield Fault(f"{path}.until.{index}", "not_allowed", f"{name} is what the rule pays for", name)
    if rule.for_ and rule.to_month:
        yield Fault(
            f"{path}.to_month", "not_allowed", "for and to_month both say when it ends; keep one", rule.to_month
        )
    if rule.from_month and rule.to_month and rule.to_month < rule.from_month:
        yield Fault(
            f"{path}.to_month",
            "ends_before_start",
            f"month {rule.to_month} is before from_month {rule.from_month}",
            rule.to_month,
        )


def metric_faults(path: str, part: Goal | Contest, document: Document) -> Iterable[Fault]:
    """What is wrong with what a goal or contest counts."""
    metric = part.metric
    if isinstance(metric, str):
        if document.kind == "loyalty":
            yield Fault(
                f"{path}.metric",
                "not_allowed",
                f"{metric} counts referrals, and a loyalty program has none; count events: {{count: order.completed}}",
                metric,
            )
        return
    if (metric.count is None) == (metric.sum is None):
        yield Fault(f"{path}.metric", "count_or_sum", "say either count or sum, with the type of event")
        return
    name = "count" if metric.count else "sum"
    yield from event_faults(f"{path}.metric.{name}", metric.event, COUNTED, document)
    if metric.count and "of" in metric.model_fields_set:
        yield Fault(f"{path}.metric.of", "not_allowed", "of is what is added up; it stands beside sum", metric.of)
    if isinstance(part, Goal) and part.members == "participants" and document.kind == "loyalty":
        yield Fault(
            f"{path}.members",
            "not_allowed",
            "participants are who have links or referrals; a loyalty program has contributors",
            part.members,
        )
    roots = {names[0] for names in part.when.paths} if part.when else set()
    for root in sorted(roots & {"referral", "referrer", "referred"}):
        assert part.when
        yield Fault(
            f"{path}.when",
            "not_allowed",
            f"there is no {root} where events are counted; conditions read event, participant, account, program and "
            "history",
            part.when.source,
        )
