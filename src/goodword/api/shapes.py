"""The shapes of what the API answers. Times are RFC 3339 in UTC, amounts integers beside their unit."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from ninja import Schema
from pydantic import ConfigDict, Field

Item = TypeVar("Item")
EVENT = "evt_01jq8x5e4me8k9d3v0h2r6t7wy"
PARTICIPANT = "par_01jq8x5e4me8k9d3v0h2r6t7wy"
ACCOUNT = "acc_01jq8x5e4me8k9d3v0h2r6t7wy"
PROGRAM = "prg_01jq8x5e4me8k9d3v0h2r6t7wy"
REFERRAL = "ref_01jq8x5e4me8k9d3v0h2r6t7wy"
REWARD = "rwd_01jq8x5e4me8k9d3v0h2r6t7wy"
ERASURE = "ers_01jq8x5e4me8k9d3v0h2r6t7wy"
DECISION = "dec_01jq8x5e4me8k9d3v0h2r6t7wy"
TIME = "2026-03-14T10:22:00Z"
ReferralState = Literal[
    "submitted", "qualified", "opportunity", "closed_won", "closed_lost",
    "disqualified", "nurture", "expired", "duplicate", "voided",
]  # fmt: skip
RewardState = Literal[
    "pending", "approved", "issued", "redeemed",
    "rejected", "cancelled", "expired", "reversed", "failed",
]  # fmt: skip


class Shape(Schema):
    """The base of every answer: exactly these fields, all of them always present."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class List(Shape, Generic[Item]):
    """One page, newest first."""

    data: list[Item]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null on the last.")


class PersonRef(Shape):
    """A participant in short."""

    id: str = Field(examples=[PARTICIPANT])
    external_id: str | None = Field(examples=["u1"])
    email: str = Field(examples=["ada@example.com"])
    name: str = Field(examples=["Ada Lovelace"])


class AccountRef(Shape):
    """An account in short."""

    id: str = Field(examples=[ACCOUNT])
    external_id: str = Field(examples=["acme"])
    name: str = Field(examples=["Acme"])


class Participant(PersonRef):
    """A person known to the workspace."""

    account: AccountRef | None
    traits: dict[str, Any] = Field(description="What events told about the person.", examples=[{"country": "NO"}])
    first_seen_at: datetime = Field(examples=[TIME])
    updated_at: datetime = Field(examples=[TIME])
    merged: list[PersonRef] = Field(
        description="Participants who turned out to be this person. Their ids and addresses name this one.",
        examples=[[]],
    )


class ErasureReceipt(Shape):
    """What an erasure did. Nothing in it identifies anybody."""

    id: str = Field(examples=[ERASURE])
    participant: str = Field(description="The id that is left of the person.", examples=[PARTICIPANT])
    event: str = Field(description="The event in the log that says so.", examples=[EVENT])
    requested_by: str = Field(description="The key, or who ran the command.", examples=["key shop"])
    requested_at: datetime = Field(examples=[TIME])
    erased_at: datetime = Field(examples=[TIME])
    counts: dict[str, int] = Field(description="Rows rewritten or removed, by table.", examples=[{"event": 7}])
    left: dict[str, int] = Field(
        description="Rows that the workspace wrote itself and that still name the person, by table: publish programs "
        "and name keys without people.",
        examples=[{}],
    )
    repeated: bool = Field(description="The person was erased before; this is the receipt of then.")


class Erasure(Shape):
    """Whether a person was erased."""

    erased: bool
    receipt: ErasureReceipt | None


class ParticipantList(List[Participant]):
    """A page of participants, newest first."""


class Referral(Shape):
    """One referrer, one referred, one program, under the version that was live when it began."""

    id: str = Field(examples=[REFERRAL])
    external_id: str | None = Field(description="The sender's own id of it.", examples=["lead-7"])
    program: str = Field(description="The program's key.", examples=["b2b-sales"])
    version: int = Field(description="The version of the program whose terms it keeps.", examples=[3])
    state: ReferralState
    reason: str = Field(description="Why it ended, where it did; else empty.", examples=[""])
    referrer: PersonRef
    referred: PersonRef
    source: str = Field(description="The kind of touch that began it.", examples=["submission"])
    value: int | None = Field(description="The deal, in minor units of `currency`.", examples=[4_800_000])
    currency: str = Field(examples=["USD"])
    properties: dict[str, Any] = Field(examples=[{"company": "Analytical Engines"}])
    simulated: bool = Field(description="True when it was made up, as in the demo.")
    test: bool = Field(description="True where its program runs in test mode: it counts for nothing.", examples=[False])
    submitted_at: datetime = Field(examples=[TIME])
    qualified_at: datetime | None = Field(examples=[TIME])
    opportunity_at: datetime | None = Field(examples=[None])
    closed_at: datetime | None = Field(examples=[None])
    expires_at: datetime | None = Field(examples=[None])
    updated_at: datetime = Field(examples=[TIME])


class ReferralList(List[Referral]):
    """A page of referrals, newest first."""


class Reward(Shape):
    """One promised benefit to one participant."""

    id: str = Field(examples=[REWARD])
    program: str = Field(description="The program's key.", examples=["b2b-sales"])
    version: int = Field(examples=[3])
    rule: str = Field(description="The rule of the program that granted it.", examples=["closed"])
    participant: PersonRef
    referral: str | None = Field(examples=[REFERRAL])
    state: str = Field(
        description="`pending` (held), `approved`, `issued`, `redeemed`; aside: `rejected`, "
        "`cancelled`, `expired`, `reversed`, `failed`.",
        examples=["pending"],
    )
    reason: str = Field(description="Why it is aside, where it is; else empty.", examples=[""])
    gift: dict[str, Any] = Field(description="The gift as the rule words it.", examples=[{"type": "cash"}])
    amount: int | None = Field(description="In minor units for a currency.", examples=[150_000])
    unit: str = Field(description="ISO 4217, or a unit of the program; empty without an amount.", examples=["USD"])
    reversed: int = Field(description="The part that was taken back.", examples=[0])
    netted: int = Field(
        description="The part that paid what its receiver owed; what is handed over is less by it.", examples=[0]
    )
    needs_approval: str = Field(description="The role that must approve; else empty.", examples=["finance"])
    simulated: bool
    test: bool = Field(description="True where its program runs in test mode: it is owed to nobody.", examples=[False])
    hold_until: datetime | None = Field(examples=["2026-04-13T10:22:00Z"])
    granted_at: datetime = Field(examples=[TIME])
    approved_at: datetime | None = Field(examples=[None])
    issued_at: datetime | None = Field(examples=[None])
    ended_at: datetime | None = Field(examples=[None])
    expires_at: datetime | None = Field(examples=[None])
    notify_by: datetime | None = Field(description="The promise: told by then.", examples=[None])
    fulfil_by: datetime | None = Field(description="The promise: given by then.", examples=[None])
    source_id: str | None = Field(description="Of an imported one, its id in the other system.", examples=[None])
    source_state: str | None = Field(description="Of an imported one, its state there.", examples=[None])
    updated_at: datetime = Field(examples=[TIME])


class RewardList(List[Reward]):
    """A page of rewards, newest first."""


class Decision(Shape):
    """What the engine concluded from one event for one program, or about who is who."""

    id: str = Field(examples=[DECISION])
    event: str = Field(examples=[EVENT])
    program: str | None = Field(
        description="The program's key; null where two participants were merged or taken apart.",
        examples=["b2b-sales"],
    )
    version: int | None = Field(description="The version it was decided under; null without a program.", examples=[3])
    test: bool = Field(description="True where the program runs in test mode.", examples=[False])
    outcome: Literal["yes", "no"]
    reason: str = Field(description="A stable code.", examples=["rewarded"])
    participant: str | None = Field(examples=[PARTICIPANT])
    referral: str | None = Field(examples=[REFERRAL])
    occurred_at: datetime = Field(examples=[TIME])
    trace: dict[str, Any] | None = Field(
        description="How it was reached: `referral` (the move), `checks` (each condition with what it read), "
        "`rewards` (each rule with its outcome), `attribution` (which touch won), `merge` (who was merged into "
        "whom, or taken apart again, and what moved).",
        examples=[{"checks": [{"code": "not_paying", "ok": True, "read": {"account.status": "paying"}}]}],
    )


class DecisionList(List[Decision]):
    """A page of decisions, newest first."""


class Event(Shape):
    """One fact, as it was sent, with what became of it."""

    id: str = Field(examples=[EVENT])
    type: str = Field(examples=["order.completed"])
    event_id: str = Field(description="The sender's id.", examples=["order-123"])
    source: str = Field(examples=["api"])
    occurred_at: datetime = Field(examples=[TIME])
    received_at: datetime = Field(examples=[TIME])
    participant: dict[str, Any] | None = Field(description="As sent.", examples=[{"external_id": "u1"}])
    account: dict[str, Any] | None = Field(description="As sent.", examples=[None])
    properties: dict[str, Any] = Field(description="As sent.", examples=[{"value": 48000, "currency": "USD"}])
    status: Literal["applied", "waiting", "failed"] = Field(
        description="`waiting`: recorded, the engine will come to it; `failed`: the engine could not apply it, "
        "and after a few tries sets it aside."
    )
    error: str = Field(description="What failed; else empty.", examples=[""])
    position: int | None = Field(description="Its place in the order of application.", examples=[70_001])
    applied_at: datetime | None = Field(examples=[TIME])
    decisions: list[Decision]


class EventList(List[Event]):
    """A page of events, newest first."""


class Warned(Shape):
    """Something that may not be meant. `near_miss`: a type of one's own that is spelt nearly like a standard one."""

    code: Literal["near_miss"]
    type: str = Field(description="As it was sent.", examples=["order.completd"])
    nearest: str = Field(description="The standard type that may be meant.", examples=["order.completed"])
    detail: str = Field(description="What was done, and what to do.", examples=["did you mean order.completed?"])


class Recorded(Shape):
    """What became of the events that were sent. All of them are safe in the log."""

    inserted: list[str] = Field(description="Ids of the events that are new.", examples=[[EVENT]])
    duplicates: list[str] = Field(
        description="Ids of the events that were there before: same source and event_id. Nothing changed.",
        examples=[[]],
    )
    events: list[Event] | None = Field(
        description="With `wait=true`: the events with their decisions, inserted ones first. Else null."
    )
    warnings: list[Warned] = Field(
        default=[],
        description="What was recorded as it was sent, and may be a slip; each type of event once.",
        examples=[[]],
    )


class Entitlement(Shape):
    """Something a participant has a right to."""

    kind: str = Field(description="`perk`, or the type of the gift.", examples=["perk"])
    name: str = Field(description="The perk, or the gift's name.", examples=["priority_support"])
    program: str = Field(description="The program's key.", examples=["points-shop"])
    since: datetime | None = Field(
        description="Of a perk, when the tier was reached; of a gift, when it was given, or when it begins after one "
        "that opens the same. Null where that is not known."
    )
    until: datetime | None = Field(
        description="When it lapses, or, of a perk, when the period ends after which the tier is counted anew."
    )
    timezone: str = Field(description="The program's, in which its days are counted.", examples=["Europe/Oslo"])
    tier: str | None = Field(description="The tier that opens it.", examples=["gold"])
    reward: str | None = Field(description="Or the reward that gave it.")
    gift: dict[str, Any] | None = Field(
        description="What the reward gives, as the rule words it.", examples=[{"type": "discount", "percent": 20}]
    )


class Entitlements(Shape):
    """What a participant has a right to at a moment."""

    at: datetime | None
    data: list[Entitlement]


class FaultShape(Shape):
    """One thing wrong with the request."""

    model_config = ConfigDict(extra="forbid")

    pointer: str | None = Field(
        None, description="Where in the body: a JSON pointer (RFC 6901).", examples=["/events/3/type"]
    )
    parameter: str | None = Field(None, description="Or which parameter or header.", examples=["limit"])
    code: str = Field(description="A stable code.", examples=["unknown_type"])
    detail: str = Field(description="What to do.")


class ProblemShape(Shape):
    """Problem details (RFC 9457). Decide by `code`; it never changes its meaning."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="Where the problem is explained.", examples=["/docs#problem-invalid_events"])
    title: str
    status: int
    code: str = Field(examples=["invalid_events"])
    detail: str = Field(description="What to do.")
    errors: list[FaultShape] | None = None
