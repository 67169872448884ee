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


class Sums(Shape):
    """Debits and credits, held (pending) and posted, in `unit`."""

    debits_pending: int = Field(examples=[0])
    debits_posted: int = Field(examples=[150_000])
    credits_pending: int = Field(examples=[0])
    credits_posted: int = Field(examples=[0])


class LedgerAccount(Sums):
    """One account of the ledger. `posted` and `pending` are positive on the account's normal side."""

    id: str = Field(examples=["lac_01jq8x5e4me8k9d3v0h2r6t7wy"])
    kind: Literal["program_cost", "opening", "participant_balance", "fulfilled", "participant_debt"]
    unit: str = Field(examples=["USD"])
    program: str | None = Field(examples=["b2b-sales"])
    participant: str | None = Field(examples=[PARTICIPANT])
    posted: int = Field(examples=[150_000])
    pending: int = Field(examples=[0])


class LedgerAccounts(Shape):
    """Accounts as they stand, or stood at `at`."""

    at: datetime | None
    data: list[LedgerAccount]


class KindSums(Sums):
    """All accounts of one kind."""

    kind: Literal["program_cost", "opening", "participant_balance", "fulfilled", "participant_debt"]


class UnitTrial(Shape):
    """The trial balance of one unit."""

    unit: str = Field(examples=["USD"])
    balanced: bool
    kinds: list[KindSums]
    totals: Sums


class TrialBalance(Shape):
    """Every unit's debits and credits, added up from the transfers."""

    at: datetime | None = Field(description="The instant asked for; null is now.")
    balanced: bool
    drifting_accounts: int | None = Field(
        description="Accounts whose kept balance differs from the sum of their transfers: 0, unless something "
        "is badly wrong. Null for a past instant.",
        examples=[0],
    )
    units: list[UnitTrial]


class Balance(Shape):
    """What a participant has in one unit."""

    unit: str = Field(examples=["USD"])
    reserved: int = Field(description="Held or waiting for approval.", examples=[150_000])
    available: int = Field(description="Approved, not yet issued.", examples=[0])
    issued: int = Field(description="Handed over.", examples=[20_000])
    owed: int = Field(description="Debt that later rewards are netted against.", examples=[0])


class Balances(Shape):
    """A participant's balances as they stand, or stood at `at`."""

    at: datetime | None
    data: list[Balance]


class Entitlement(Shape):
    """Something a participant has a right to."""

    kind: str = Field(description="`perk`, or the type of the gift.", examples=["perk"])
    name: str = Field(description="The perk, or the gift's name.", examples=["priority_support"])
    program: str = Field(description="The program's key.", examples=["points-shop"])
    since: datetime | None = Field(
        description="Of a perk, when the tier was reached; of a gift, when it was given. Null where that is not known."
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


class Movement(Shape):
    """How often something moved a balance, and by how much in all, in minor units."""

    count: int = Field(examples=[3])
    amount: int = Field(examples=[75000])


class Statement(Shape):
    """A partner's statement of one period. Amounts are in minor units of `currency`."""

    id: str = Field(description="The decision that closed it.", examples=["dec_01jq8x5e4me8k9d3v0h2r6t7wy"])
    number: int = Field(description="The partner's first is 1.", examples=[4])
    program: str = Field(examples=["partner-first-year"])
    participant: str = Field(examples=["par_01jq8x5e4me8k9d3v0h2r6t7wy"])
    external_id: str | None = Field(examples=["u1"])
    period: str = Field(examples=["2026-03"])
    begins_at: datetime = Field(examples=[TIME])
    ends_at: datetime = Field(description="The first moment after it.", examples=[TIME])
    timezone: str = Field(
        description="The program's, in which the period begins and ends at midnight.", examples=["Europe/Oslo"]
    )
    currency: str = Field(examples=["USD"])
    opening: int = Field(description="`closing` of the one before.", examples=[3000])
    approved: Movement = Field(description="Commissions that were approved.")
    reversed: Movement = Field(description="What was taken back before it was issued, by refunds or otherwise.")
    netted: Movement = Field(description="What paid a debt.")
    paid: Movement = Field(description="What was issued.")
    moved: Movement = Field(description="What a merge with another participant, or its end, brought or took.")
    owed: Movement = Field(description="What was taken back after it was issued: a debt, which moves no balance.")
    closing: int = Field(
        description="`opening` and `approved` and `moved`, less `reversed`, `netted` and `paid`.", examples=[78000]
    )
    minimum: int = Field(description="The least balance that was payable then.", examples=[5000])
    payable: int = Field(description="What of `closing` became payable: all of it, or nothing.", examples=[78000])
    carried: int = Field(description="What of `closing` was carried over.", examples=[0])
    debt: int = Field(
        description="What the partner owed then; later rewards of any program pay it first.", examples=[0]
    )
    payable_now: int = Field(description="What of it is still to be paid. 0 where a later one exists.", examples=[0])
    state: Literal["payable", "carried"] = Field(examples=["payable"])


class StatementList(List[Statement]):
    """A page of statements, newest first."""


class StatementLine(Shape):
    """One movement on a statement."""

    at: datetime = Field(description="When it took effect.", examples=[TIME])
    kind: Literal["approved", "reversed", "netted", "paid", "moved", "owed"] = Field(
        description="`owed` leaves the balance as it is.", examples=["approved"]
    )
    code: str = Field(description="The code of the transfer in the ledger.", examples=["grant"])
    amount: int = Field(
        description="What it added to the balance; below zero, took from it. Of `owed`: the debt.", examples=[25000]
    )
    rule: str = Field(examples=["commission"])
    reward: str = Field(examples=["rwd_01jq8x5e4me8k9d3v0h2r6t7wy"])
    referral: str | None = Field(examples=["ref_01jq8x5e4me8k9d3v0h2r6t7wy"])
    event: str = Field(examples=["evt_01jq8x5e4me8k9d3v0h2r6t7wy"])


class StatementWhole(Statement):
    """A statement with its movements."""

    lines: list[StatementLine]


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


class Clicks(Shape):
    """How the links of a workspace answer, and what is kept of a click."""

    fallback: str | None = Field(description="Where an unknown code leads.", examples=["https://www.example.com/"])
    cookie: Literal["never", "consent", "always"] = Field(description="Whether a click sets a cookie.")
    privacy_signals: Literal["respect", "ignore"] = Field(description="What `DNT` and `Sec-GPC` lead to.")
    ip_hash_days: int = Field(description="How long hashes of IP addresses can be compared.", examples=[30])
    raw_ip_days: int = Field(description="For how many days the IP address itself is kept.", examples=[0])
    clicks_days: int = Field(description="For how many days clicks are kept.", examples=[730])


class Workspace(Shape):
    """The workspace of the key that asks."""

    id: str = Field(examples=["ws_01jq8x5e4me8k9d3v0h2r6t7wy"])
    slug: str = Field(examples=["demo"])
    name: str = Field(examples=["Demo"])
    short_domain: str | None = Field(description="The host of its links.", examples=["go.example.com"])
    clicks: Clicks
    key: str = Field(description="The name of the key.", examples=["server"])
    scopes: list[str] = Field(description="What the key may do; `all` is everything.", examples=[["all"]])


class SettingChanged(Shape):
    """One setting that changed."""

    setting: str = Field(description="`name`, `short_domain`, or one of `clicks`.", examples=["raw_ip_days"])
    before: str | int | None = Field(description="What it was.", examples=[0])
    after: str | int | None = Field(description="What it became.", examples=[7])


class SettingChange(Shape):
    """One change of the workspace's settings."""

    id: str = Field(examples=["chg_01jq8x5e4me8k9d3v0h2r6t7wy"])
    at: datetime = Field(examples=[TIME])
    by: str = Field(
        description="Who: a member's address, `key` and its name, or who was at the command line.",
        examples=["key server"],
    )
    door: Literal["console", "api", "cli"] = Field(description="Through which door it came.", examples=["api"])
    changes: list[SettingChanged]


class SettingChangeList(List[SettingChange]):
    pass


class ReferralCount(Shape):
    program: str = Field(examples=["b2b-sales"])
    state: str = Field(examples=["submitted"])
    count: int
    simulated: int


class RewardCount(Shape):
    program: str = Field(examples=["b2b-sales"])
    rule: str = Field(examples=["closed"])
    state: str = Field(examples=["pending"])
    count: int
    simulated: int
    unit: str = Field(examples=["USD"])
    amount: int | None
    reversed: int


class DecisionCount(Shape):
    program: str | None = Field(description="Null for decisions about who is who.", examples=["b2b-sales"])
    outcome: str = Field(examples=["no"])
    reason: str = Field(examples=["cap_reached"])
    count: int


class Summary(Shape):
    """The workspace in numbers."""

    participants: int
    events_applied: int
    events_waiting: int
    set_aside: int = Field(description="Events and timers that made the engine fail: see `GET /v1/aside`.")
    referrals: list[ReferralCount]
    rewards: list[RewardCount]
    tested: list[RewardCount] = Field(
        description="What programs in test mode would have given; all else is of live ones."
    )
    decisions: list[DecisionCount]
    trial_balance: TrialBalance


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
