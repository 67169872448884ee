"""Whether people who never met can matter to each other: then a history is decided in one pass, else in parts."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel

from goodword.domain.bounds import Campaign, Limit
from goodword.domain.document import Document
from goodword.domain.program import Program
from goodword.domain.rules import CatalogueItem, Rule

APART: dict[type[BaseModel], frozenset[str]] = {
    Document: frozenset(
        {"program", "kind", "name", "description", "currency", "units", "timezone", "calendar", "eligibility",
         "attribution", "links", "lifecycle", "tiers", "rewards", "limits", "campaigns", "overlap", "terms", "review",
         "priority", "exclusive", "stacking", "registration", "catalogue"}
    ),
    Campaign: frozenset({"id", "name", "from_", "to", "when", "rewards", "extend"}),
    Rule: frozenset({"id", "on", "to", "give", "when", "hold", "approval", "reverse", "promise", "expire",
         "release_on", "tier", "prorate", "since", "each", "nth", "first", "every", "for_", "from_month", "to_month",
         "until"}),
    Limit: frozenset({"id", "per", "every", "within", "rules", "count", "budget", "unit", "when_reached"}),
    CatalogueItem: frozenset({"id", "name", "price", "unit", "gift", "when", "approval", "promise", "expire"}),
}  # fmt: skip
"""What of a document reads and counts only a person, a company and those they refer. Whatever else a document may
say is taken to couple everybody, until somebody has shown that it does not."""
LIMITED = frozenset({"referrer", "referred", "participant", "account"})


def couples(programs: Iterable[Program]) -> str:
    """Why people who never met can matter to each other under these programmes; '' where they cannot."""
    for program in programs:
        why = _couples(program.document)
        if why:
            return f"{program.key}: {why}"
    return ""


def _couples(document: Document) -> str:
    if strange := _strange(document):
        return strange
    for limit in document.limits:
        if strange := _strange(limit):
            return f"limits: {strange}"
        if limit.per not in LIMITED:
            return f"a limit per {limit.per}"
    for campaign in document.campaigns:
        if strange := _strange(campaign):
            return f"campaigns.{campaign.id}: {strange}"
    for rule in document.rewards:
        if strange := _strange(rule):
            return f"rewards.{rule.id}: {strange}"
    for item in document.catalogue:
        if strange := _strange(item):
            return f"catalogue.{item.id}: {strange}"
    return ""


def _strange(part: BaseModel) -> str:
    return next(iter(sorted(part.model_fields_set - APART[type(part)])), "")
