"""What a document of its kind may have: referral programs have no catalogue, loyalty programs no referrals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from goodword.domain.conditions import Condition
from goodword.domain.document import Document
from goodword.domain.faults import Fault, near
from goodword.domain.rules import Rule

REFERRAL_TRIGGERS = (
    "referral.submitted", "referral.qualified", "referral.opportunity", "referral.closed_won", "referral.closed_lost"
)  # fmt: skip
_OF_REFERRALS = ("referral", "referrer", "referred")


def kind_faults(document: Document) -> Iterable[Fault]:
    """What does not belong into a document of its kind."""
    for index, tier in enumerate(document.tiers):
        if tier.every and tier.window:
            yield Fault(f"tiers.{index}.every", "not_allowed", "a tier has either window or every", tier.every)
        if tier.downgrade != "to_balance" and not (tier.every or tier.window):
            yield Fault(
                f"tiers.{index}.downgrade",
                "not_allowed",
                "what counts for ever has no period that ends; give every or window, or leave downgrade out",
                tier.downgrade,
            )
    yield from _terms_faults(document)
    if document.kind == "loyalty":
        yield from _loyalty_faults(document)
    else:
        yield from _referral_faults(document)


def _terms_faults(document: Document) -> Iterable[Fault]:
    terms = document.terms
    if terms is None:
        return
    if terms.version is None and (terms.text is not None or terms.required):
        asks = "is accepted" if terms.required else "is kept for good"
        yield Fault("terms.version", "missing", f"a text that {asks} needs its own number; begin with version: 1")
    if terms.required and terms.text is None and terms.url is None:
        yield Fault("terms", "missing", "say what is to be accepted: give text, url or both")
    if terms.since is not None and not terms.required:
        yield Fault("terms.since", "not_allowed", "since is for required: true; leave it out", terms.since)
    elif terms.since is not None and terms.version is not None and terms.since > terms.version:
        told = f"is after version {terms.version}; give an earlier one whose acceptance still counts, or leave it out"
        yield Fault("terms.since", "not_allowed", told, terms.since)


def _referral_faults(document: Document) -> Iterable[Fault]:
    if "lifecycle" not in document.model_fields_set:
        yield Fault("lifecycle", "missing", "a referral program says how a referral moves: give flow and its steps")
    if document.catalogue:
        yield Fault("catalogue", "not_allowed", "a catalogue is for a program of kind loyalty")
    for index, tier in enumerate(document.tiers):
        if tier.metric == "points":
            yield Fault(
                f"tiers.{index}.metric",
                "not_allowed",
                "points is for a program of kind loyalty; here referrals are counted, or their revenue",
                tier.metric,
            )
    for index, rule in enumerate(document.rewards):
        if rule.to == "participant":
            yield Fault(
                f"rewards.{index}.to",
                "not_allowed",
                "participant is for a program of kind loyalty; here it is referrer or referred",
                rule.to,
            )
    for index, limit in enumerate(document.limits):
        if limit.per == "participant":
            yield Fault(
                f"limits.{index}.per",
                "not_allowed",
                "participant is for a program of kind loyalty; allowed here: referrer, referred, account, program, "
                "campaign",
                limit.per,
            )


def _loyalty_faults(document: Document) -> Iterable[Fault]:
    for part in ("eligibility", "attribution", "links", "lifecycle"):
        if part in document.model_fields_set:
            yield Fault(part, "not_allowed", f"a loyalty program has no referrals, and so no {part}; leave it out")
    for index, tier in enumerate(document.tiers):
        if tier.metric not in ("points", "revenue"):
            yield Fault(
                f"tiers.{index}.metric", "not_allowed", "a loyalty program counts points or revenue", tier.metric
            )
        elif tier.window:
            yield Fault(
                f"tiers.{index}.window",
                "not_allowed",
                f"{tier.metric} is counted in calendar periods, or for ever; use every",
                tier.window.text,
            )
    for index, rule in enumerate(document.rewards):
        path = f"rewards.{index}"
        if rule.on in REFERRAL_TRIGGERS or rule.on == "catalogue.redeemed":
            yield Fault(
                f"{path}.on",
                "not_allowed",
                "a loyalty rule is earned by what a participant does; name a type of event such as order.completed",
                rule.on,
            )
        if rule.to != "participant":
            yield Fault(f"{path}.to", "not_allowed", "in a loyalty program a reward goes to the participant", rule.to)
    for index, limit in enumerate(document.limits):
        if limit.per not in ("participant", "program", "campaign"):
            yield Fault(
                f"limits.{index}.per",
                "not_allowed",
                "allowed in a loyalty program: participant, program, campaign",
                limit.per,
            )
    yield from _catalogue_faults(document)
    for path, condition in _conditions(document):
        for read in sorted({names[0] for names in condition.paths} & set(_OF_REFERRALS)):
            yield Fault(
                path,
                "not_allowed",
                f"there is no {read} in a loyalty program; conditions read event, participant, account, program and "
                "history",
                condition.source,
            )


def _catalogue_faults(document: Document) -> Iterable[Fault]:
    names = [rule.id for rule in document.rewards]
    for index, item in enumerate(document.catalogue):
        path = f"catalogue.{index}"
        if item.id in names:
            yield Fault(f"{path}.id", "duplicate", f"{item.id!r} is used twice; each needs its own", item.id)
        names.append(item.id)
        if item.unit is None and len(document.units) != 1:
            known = ", ".join(document.units) or "none; declare one under units"
            yield Fault(f"{path}.unit", "missing", f"say which unit the price is in. Units: {known}")
        elif item.unit is not None and item.unit not in document.units:
            yield Fault(
                f"{path}.unit",
                "unknown_unit",
                f"unknown unit {item.unit!r}; {near(item.unit, document.units, 'declare it under units.')}",
                item.unit,
            )
        if item.gift.type == "points":
            yield Fault(f"{path}.gift.type", "not_allowed", "points do not buy points", "points")


def _conditions(document: Document) -> Iterator[tuple[str, Condition]]:
    """Every condition with its path."""
    for index, rule in enumerate(document.rewards):
        yield from _of_rule(f"rewards.{index}", rule)
    for index, item in enumerate(document.catalogue):
        yield from _of_rule(f"catalogue.{index}", item.rule)
    for index, campaign in enumerate(document.campaigns):
        if campaign.when:
            yield f"campaigns.{index}.when", campaign.when


def _of_rule(path: str, rule: Rule) -> Iterator[tuple[str, Condition]]:
    if rule.when:
        yield f"{path}.when", rule.when
    if rule.reverse and rule.reverse.when:
        yield f"{path}.reverse.when", rule.reverse.when
