"""The shapes of programmes: what runs, versions and what they change, terms, contests."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from goodword.api.shapes import PROGRAM, TIME, List, Shape


class Running(Shape):
    """A campaign, contest or goal that runs, as a participant may see it."""

    kind: Literal["campaign", "contest", "goal"]
    program: str = Field(description="The program's key.", examples=["quarter-contest"])
    id: str = Field(examples=["spring-2026"])
    name: str = Field(examples=["Spring contest"])
    starts_at: datetime | None = Field(examples=[TIME])
    ends_at: datetime | None = Field(description="The first moment after it.", examples=[TIME])
    state: Literal["running", "review", "final", "disqualified", "reached"] = Field(
        description="`review`: the contest is over, and not final yet. `reached`: the goal is."
    )
    text: str = Field(
        description="For the participant.",
        examples=["Spring contest runs until 30 June 2026. Your place so far: 2."],
    )
    timezone: str = Field(description="The program's, in which its days begin.", examples=["America/New_York"])
    place: int | None = Field(description="Of a contest: the participant's place.", examples=[2])
    score: int | None = Field(description="Of a contest: their score. Of a goal: what the group has.", examples=[7])
    target: int | None = Field(description="Of a goal.", examples=[100])
    unit: str = Field(
        description="Where `score` and `target` are sums: the currency whose minor units they are; else empty.",
        examples=[""],
    )


class RunningList(Shape):
    """What runs for a participant at a moment."""

    at: datetime | None
    data: list[Running]


class Stopped(Shape):
    """Who paused or ended a program, when and why."""

    at: datetime = Field(examples=[TIME])
    by: str = Field(description="A member of the workspace, or the name of the key.", examples=["ada@example.com"])
    reason: str = Field(description="Why, in words; empty where nothing was said.", examples=["The budget is spent."])
    ending: Literal["settle", "void"] | None = Field(
        description="Of an end: whether open referrals may finish (`settle`), or were voided. Null for a pause."
    )


class Program(Shape):
    """A versioned document of rules."""

    id: str = Field(examples=[PROGRAM])
    key: str = Field(examples=["b2b-sales"])
    name: str = Field(examples=["Refer a company"])
    kind: str = Field(examples=["referral"])
    test: bool = Field(description="True where it runs in test mode: its rewards go nowhere.", examples=[False])
    live_version: int | None = Field(examples=[3])
    state: Literal["draft", "review", "scheduled", "live", "paused", "ended"] = Field(
        description="`draft` and `review`: nothing was published yet. `scheduled`: no version is live yet."
    )
    settling: bool = Field(description="Whether it has ended and its open referrals may still finish.")
    stopped: Stopped | None = Field(description="What stopped it, where it is paused or has ended.")
    created_at: datetime = Field(examples=[TIME])


class ProgramList(List[Program]):
    """A page of programs, newest first."""


class Terms(Shape):
    """The legal text of a version."""

    version: int | None = Field(description="The number by which it is accepted.", examples=[3])
    text: str | None = Field(examples=["You refer; we thank you."])
    url: str | None = Field(examples=["https://example.com/terms"])
    tax_note: str | None = Field(examples=["Cash above 600 USD a year is reported."])
    required: bool = Field(description="Whether nothing new begins for who has not accepted it.")
    since: int | None = Field(description="The earliest terms whose acceptance is good enough; null: only these.")


class Acceptance(Shape):
    """A participant accepted terms."""

    program: str = Field(description="The program's key.", examples=["b2b-sales"])
    terms: int = Field(description="The number of the text.", examples=[3])
    accepted_at: datetime = Field(examples=[TIME])
    by: str = Field(description="Who recorded it for them; empty where they did it themselves.", examples=[""])
    how: str = Field(description="How it was obtained then, where that is told.", examples=[""])
    source: str = Field(description="Who sent the event.", examples=["api"])
    event: str = Field(description="The event that is the record.", examples=["evt_01jq8x5e4me8k9d3v0h2r6t7wy"])


class Acceptances(Shape):
    """What a participant accepted, the last first; 200 at most."""

    data: list[Acceptance]


class ProgramVersion(Shape):
    """One immutable published revision, without its document."""

    id: str = Field(examples=["prv_01jq8x5e4me8k9d3v0h2r6t7wy"])
    program: str = Field(examples=["b2b-sales"])
    number: int = Field(examples=[3])
    live: bool
    due_at: datetime | None = Field(description="When it is to go live, where that is later.")
    digest: str = Field(description="SHA-256 of the document in canonical JSON.", examples=["9f86d081884c7d65…"])
    published_at: datetime = Field(examples=[TIME])
    published_by: str = Field(examples=["ada@example.com"])
    terms: Terms | None = Field(description="The legal text that holds for what begins under it.")


class ContestPlace(Shape):
    """One place in a contest."""

    place: int = Field(examples=[1])
    participant: str = Field(examples=["par_01jq8x5e4me8k9d3v0h2r6t7wy"])
    external_id: str | None = Field(examples=["u1"])
    score: int = Field(description="A count, or minor units where the metric is `revenue`.", examples=[12])
    at: datetime = Field(description="When the last fact that raised the score happened.", examples=[TIME])
    tied: int = Field(description="How many share the place, this one included.", examples=[1])
    prizes: list[str] = Field(
        description="The ids of the prizes that the place wins as it stands.", examples=[["first"]]
    )


class Contest(Shape):
    """A contest of a program's live version, and its first 100 places."""

    program: str = Field(examples=["quarter-contest"])
    id: str = Field(examples=["spring-2026"])
    name: str = Field(examples=["Spring contest"])
    metric: str = Field(examples=["closed_won"])
    ties: str = Field(examples=["earliest"])
    state: str = Field(
        description="`upcoming`, `running`, `review` (over, not final yet) or `final`.", examples=["running"]
    )
    starts_at: datetime = Field(description="The first moment.", examples=[TIME])
    ends_at: datetime = Field(description="The first moment after it.", examples=[TIME])
    final_at: datetime = Field(description="When the result becomes final.", examples=[TIME])
    entries: int = Field(description="Referrals that were entered, also where they count no more.", examples=[40])
    ranking: list[ContestPlace]


class ProgramVersionList(List[ProgramVersion]):
    """A page of versions, newest first."""


class ProgramDocument(ProgramVersion):
    """A published revision with its document."""

    document: dict[str, Any] = Field(examples=[{"program": "b2b-sales", "kind": "referral"}])


class Change(Shape):
    """One difference between two documents, in words."""

    kind: Literal["new", "removed", "changed", "order"]
    what: list[str] = Field(
        description="Which part, outermost first, in the document's spelling.",
        examples=[["reward qualified", "tier t2"]],
    )
    before: str = Field(description="Empty for what is new.", examples=["200.00"])
    after: str = Field(description="Empty for what was removed.", examples=["250.00 USD"])
    text: str = Field(examples=["reward qualified, tier t2: 200.00 → 250.00 USD"])


class ProgramChanges(Shape):
    """What a document changes of a version. No changes: they mean the same."""

    program: str = Field(examples=["b2b-sales"])
    against: int | None = Field(description="The version beside it; null where there is none.", examples=[2])
    changes: list[Change]


class ValidProgram(Shape):
    """A document that can be published as it is."""

    valid: Literal[True]
    program: str = Field(examples=["b2b-sales"])
    rules: list[str] = Field(description="The ids of its reward rules.", examples=[["qualified", "closed"]])
