"""Migrations as the API answers them: their shapes, and how rows become them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from goodword.api.program_shapes import Change
from goodword.api.shapes import EVENT, PARTICIPANT, REFERRAL, TIME, ReferralState, Shape
from goodword.api.shaping import changes_in_words
from goodword.domain import expected
from goodword.engine import migrations as engine_migrations
from goodword.engine.migration_preview import Cost, Preview


class Migration(Shape):
    """An act that moves running referrals to another version of their program."""

    id: str = Field(description="That of its event.", examples=[EVENT])
    program: str = Field(examples=["b2b-sales"])
    to: int = Field(description="The version that referrals move to.", examples=[2])
    sources: list[int] = Field(description="The versions they come from.", examples=[[1]])
    named: int | None = Field(description="How many referrals it named; null: all that ran.", examples=[None])
    by: str = Field(examples=["key server"])
    reason: str = Field(examples=["Better terms for everybody"])
    at: datetime = Field(examples=[TIME])
    state: Literal["moving", "moved", "going_back", "undone"] = Field(examples=["moved"])
    moved: int = Field(description="Referrals that were moved so far.", examples=[40])
    stayed: int = Field(description="Referrals that it named and that could not be moved.", examples=[0])
    back: int = Field(description="Referrals that went back so far.", examples=[0])
    kept: int = Field(description="Referrals that could not go back: see the decisions.", examples=[0])
    undone_by: str = Field(description="Empty where it was not taken back.", examples=[""])
    undone_at: datetime | None = Field(examples=[None])
    undone_reason: str = Field(description="Why it was taken back, if anybody said.", examples=[""])


class MigrationList(Shape):
    """The newest 100 migrations of a program."""

    data: list[Migration]


class MigrationRange(Shape):
    """What rewards come to, in minor units: from the least to the most."""

    low: int = Field(examples=[100000])
    high: int | None = Field(description="Null where there is no most.", examples=[100000])
    depends_on: Literal["", "order", "facts", "draw", "tier"] = Field(
        description="What it depends on where it is no one number: what an order is worth, facts that an expression "
        "reads, a draw, or the referrer's tier.",
        examples=[""],
    )
    likely: int | None = Field(
        description="What it comes to where an order is worth `assumed_value`, and a draw gives its mean; null where "
        "it is one number, or nobody can say.",
        examples=[None],
    )
    text: str = Field(examples=["1,000.00 USD"])


class AssumedValue(Shape):
    """What an order or deal is taken to be worth that is not known yet."""

    value: int = Field(description="The mean of the referrals that were won, in minor units.", examples=[48000])
    currency: str = Field(examples=["USD"])
    referrals: int = Field(description="How many were won.", examples=[123])


class MigrationCost(Shape):
    """What one rule would give, or, in `totals`, all rules together in one unit (`rule` and `on` are empty)."""

    rule: str = Field(examples=["qualified"])
    on: str = Field(description="The state of the referral, or in `later` the event.", examples=["qualified"])
    to: str = Field(examples=["referrer"])
    unit: str = Field(examples=["USD"])
    rewards_before: int = Field(description="How many rewards.", examples=[5])
    rewards_after: int = Field(examples=[5])
    before: MigrationRange
    after: MigrationRange
    conditional: bool = Field(description="Whether a rule asks for more (`when`).", examples=[False])


class MigrationPerson(Shape):
    id: str = Field(examples=[PARTICIPANT])
    label: str = Field(description="Their name, else their external id or address.", examples=["Ada Lovelace"])


class MigrationRow(Shape):
    """One referral, and what would change for it."""

    id: str = Field(examples=[REFERRAL])
    external_id: str | None = Field(examples=["R1"])
    referrer: MigrationPerson
    referred: MigrationPerson
    state: ReferralState
    version: int = Field(description="The version it has.", examples=[1])
    changes: list[Change] = Field(description="What is still ahead of it, where that would not be the same.")
    stays: str = Field(description="The reason why it would not be moved, or empty.", examples=[""])


class MigrationSource(Shape):
    """A version that referrals would come from."""

    version: int = Field(examples=[1])
    referrals: int = Field(examples=[40])
    changes: list[Change] = Field(description="What the new version changes of it.")


class MigrationPreview(Shape):
    """What a migration would do: who is affected, what changes for each, and what it would cost at most."""

    program: str = Field(examples=["b2b-sales"])
    to: int = Field(examples=[2])
    referrals: int = Field(description="How many would be moved.", examples=[40])
    states: dict[str, int] = Field(description="The same by state.", examples=[{"submitted": 30, "qualified": 10}])
    stays: dict[str, int] = Field(description="How many would stay, by reason.", examples=[{}])
    sources: list[MigrationSource]
    costs: list[MigrationCost] = Field(description="By rule, if every referral went on to each state ahead of it.")
    totals: list[MigrationCost] = Field(description="The same by unit.")
    later: list[MigrationCost] = Field(
        description="Rewards for events, what each such event gives: how many will come nobody knows, so they are in "
        "no total."
    )
    exact: bool = Field(
        description="Whether each referrer's tier of today was looked at. Of over 5,000 referrals it is not: what "
        "depends on the tier is a range then.",
        examples=[True],
    )
    assumed_value: AssumedValue | None = Field(
        description="What `likely` amounts stand on; null where no referral of the program was won yet."
    )
    data: list[MigrationRow] = Field(description="One page, of at most 50.")
    after: str = Field(description="Give it as `after` for the next page; empty on the last.", examples=[""])


def shown(row: engine_migrations.Migration) -> dict[str, Any]:
    """A migration as it stands."""
    return {**asdict(row), "sources": list(row.sources)}


def previewed(found: Preview) -> dict[str, Any]:
    """What a migration would do."""
    return {
        "program": found.program,
        "to": found.to,
        "referrals": found.referrals,
        "states": found.states,
        "stays": found.stays,
        "sources": [
            {"version": row.number, "referrals": row.referrals, "changes": changes_in_words(row.changes)}
            for row in found.sources
        ],
        "costs": [_cost(row) for row in found.costs],
        "totals": [_cost(row) for row in found.totals],
        "later": [_cost(row) for row in found.later],
        "exact": found.exact,
        "assumed_value": found.assumed._asdict() if found.assumed else None,
        "data": [
            {
                "id": row.id,
                "external_id": row.external_id,
                "referrer": asdict(row.referrer),
                "referred": asdict(row.referred),
                "state": row.state,
                "version": row.version,
                "changes": changes_in_words(row.changes),
                "stays": row.stays,
            }
            for row in found.rows
        ],
        "after": found.after,
    }


def _cost(row: Cost) -> dict[str, Any]:
    return {
        "rule": row.rule,
        "on": row.on,
        "to": row.to,
        "unit": row.unit,
        "rewards_before": row.rewards[0],
        "rewards_after": row.rewards[1],
        "before": _range(row.before, row.unit),
        "after": _range(row.after, row.unit),
        "conditional": row.conditional,
    }


def _range(found: expected.Range, unit: str) -> dict[str, Any]:
    text = expected.in_words(found, unit)
    return {"low": found.low, "high": found.high, "depends_on": found.why, "likely": found.likely, "text": text}
