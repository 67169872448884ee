# Made by tools/make_clients.py from the API's description. Run `make docs` after a change to the API.
# ruff: noqa: E501

"""What the API takes and answers. Objects that may have keys of your own are plain dictionaries."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class Acceptance(TypedDict):
    """A participant accepted terms."""

    program: str
    terms: int
    accepted_at: str
    by: str
    how: str
    source: str
    event: str


class Acceptances(TypedDict):
    """What a participant accepted, the last first; 200 at most."""

    data: list[Acceptance]


class Account(TypedDict):
    """A company or subscription that participants belong to."""

    id: str
    external_id: str
    name: str
    since: str | None
    traits: dict[str, Any]
    updated_at: str


class AccountAct(TypedDict):
    """An act upon an account."""

    event: str
    duplicate: bool
    applied: bool
    decisions: list[Decision]
    account: Account | None


class AccountList(TypedDict):
    """A page of accounts, newest first."""

    data: list[Account]
    next_cursor: str | None


class AccountRef(TypedDict):
    """An account in short."""

    id: str
    external_id: str
    name: str


class AccountUpdatedEvent(TypedDict):
    """Facts about a company or subscription; the ones left out stay as they were."""

    type: Literal["account.updated"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: NotRequired[SentParticipant]
    account: SentAccount
    properties: NotRequired[dict[str, Any]]


class Aside(TypedDict):
    """An event or timer that made the engine fail each time it was tried."""

    id: str
    kind: Literal["event", "timer"]
    type: str
    event_id: str | None
    source: str | None
    request: str | None
    at: str
    attempts: int
    error: str


class AsideList(TypedDict):
    """A page of what is set aside, oldest first."""

    data: list[Aside]
    next_cursor: str | None


class AssumedValue(TypedDict):
    """What an order or deal is taken to be worth that is not known yet."""

    value: int
    currency: str
    referrals: int


class Backtest(TypedDict):
    """A document tried on the workspace's own past. The answer's people and decisions are lists of their
    own."""

    id: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    program: str
    asked_by: str
    asked_at: str
    started_at: str | None
    ended_at: str | None
    progress: Progress
    failure: Failure | None
    question: BacktestQuestion


class BacktestAnswer(TypedDict):
    """A backtest with its document, and its result once it is `done`."""

    id: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    program: str
    asked_by: str
    asked_at: str
    started_at: str | None
    ended_at: str | None
    progress: Progress
    failure: Failure | None
    question: BacktestQuestion
    document: dict[str, Any]
    result: BacktestResult | None


class BacktestBudget(TypedDict):
    """How the use of a limit per program grew in a month, and to how much since its period began."""

    what: str
    rules: str
    every: str
    period: str
    month: str
    grown: int
    used: int


class BacktestCap(TypedDict):
    """How often a limit left nothing, or a part."""

    rule: str
    per: str
    every: str
    led_to: str
    before: int
    after: int


class BacktestChanges(TypedDict):
    """How many decisions would be others; the first 10,000 are kept with both traces."""

    count: int
    kept: int
    kinds: list[BacktestKind]


class BacktestCost(TypedDict):
    """What the rewards of a rule, granted in a month of the program's time zone, cost in the end."""

    unit: str
    before: Side
    after: Side
    rule: str
    month: str


class BacktestKind(TypedDict):
    before: str
    after: str
    count: int


class BacktestLiability(TypedDict):
    """What would be owed at the end, to people and by them, because of the program's rewards."""

    unit: str
    before: Owed
    after: Owed


class BacktestList(TypedDict):
    """One page of backtests."""

    data: list[Backtest]
    next_cursor: str | None


class BacktestPeople(TypedDict):
    """How many people would have more or less; the 10,000 with the greatest change are kept."""

    count: int
    kept: int
    gained: int
    lost: int


class BacktestPerson(TypedDict):
    """Whose rewards would come to more or less."""

    participant: PersonRef | None
    unit: str
    before: Side
    after: Side
    change: int


class BacktestPersonList(TypedDict):
    """One page, the greatest change first."""

    data: list[BacktestPerson]
    next_cursor: str | None


class BacktestQuestion(TypedDict):
    """What was asked beside the document."""

    since: str | None
    until: str | None
    as_of_version: int | None
    elasticity: str | None


class BacktestResult(TypedDict):
    """`before` is what happened, or what the version that it was compared with would have done; `after`
    what the document would have."""

    version: int | None
    events: int
    timers: int
    decisions: int
    seconds: float
    processes: int
    whole: str | None
    assumptions: list[str]
    changed: BacktestChanges
    people: BacktestPeople
    totals: list[BacktestTotal]
    cost: list[BacktestCost]
    caps: list[BacktestCap]
    budgets: list[BacktestBudget]
    liability: list[BacktestLiability]
    return_on_cost: BacktestReturn


class BacktestReturn(TypedDict):
    """What won referrals brought against what they cost, under `assumptions`."""

    currency: str
    before: ReturnSide
    after: ReturnSide
    elasticity: str | None


class BacktestTotal(TypedDict):
    unit: str
    before: Side
    after: Side


class Balance(TypedDict):
    """What a participant has in one unit."""

    unit: str
    reserved: int
    available: int
    issued: int
    owed: int


class Balances(TypedDict):
    """A participant's balances as they stand, or stood at `at`."""

    at: str | None
    data: list[Balance]


class CatalogueRedeemedEvent(TypedDict):
    """A participant spends points on something of a loyalty program's catalogue."""

    type: Literal["catalogue.redeemed"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: SentParticipant
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class Change(TypedDict):
    """One difference between two documents, in words."""

    kind: Literal["new", "removed", "changed", "order"]
    what: list[str]
    before: str
    after: str
    text: str


class ChangedDecision(TypedDict):
    """A decision that would be another one."""

    position: int | None
    event: str | None
    type: str
    occurred_at: str
    participant: str | None
    before: OneDecision | None
    after: OneDecision | None


class ChangedDecisionList(TypedDict):
    """One page, in the order of the log."""

    data: list[ChangedDecision]
    next_cursor: str | None
    removed: bool


class Claim(TypedDict):
    """A participant's word that they brought somebody."""

    id: str
    program: str
    state: Literal["waiting", "approved", "rejected"]
    reason: str
    participant: PersonRef
    referred: PersonRef
    proof: str
    url: str
    reference: str
    at: str
    claimed_at: str
    decided_at: str | None
    by: str
    note: str
    referral: str | None
    standing: str | None
    others: int


class ClaimAct(TypedDict):
    """What became of a claim, or of what staff decided."""

    event: str
    duplicate: bool
    applied: bool
    decisions: list[Decision]
    claim: Claim | None


class ClaimApprovedEvent(TypedDict):
    """Staff believe a claim."""

    type: Literal["claim.approved"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: NotRequired[SentParticipant]
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class ClaimList(TypedDict):
    """A page of claims, newest first."""

    data: list[Claim]
    next_cursor: str | None


class ClaimRejectedEvent(TypedDict):
    """Staff do not believe a claim, or it comes to nothing."""

    type: Literal["claim.rejected"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: NotRequired[SentParticipant]
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class ClaimedPerson(TypedDict):
    """Whom somebody says they brought: the host product's id of them, or their address, or both."""

    external_id: NotRequired[str | None]
    email: NotRequired[str | None]
    name: NotRequired[str | None]


class Click(TypedDict):
    """One request of a link's address. What a workspace does not keep is empty or null."""

    id: str
    link: str
    clicked_at: str
    kind: Literal["visit", "preview", "bot"]
    device: Literal["phone", "tablet", "desktop", "other"]
    channel: str
    referrer: str
    language: str
    utm: dict[str, str]
    ip_hash: str | None
    ip: str | None
    visitor: str | None


class ClickList(TypedDict):
    """A page of clicks, newest first."""

    data: list[Click]
    next_cursor: str | None


class Clicks(TypedDict):
    """How the links of a workspace answer, and what is kept of a click."""

    fallback: str | None
    cookie: Literal["never", "consent", "always"]
    privacy_signals: Literal["respect", "ignore"]
    ip_hash_days: int
    raw_ip_days: int
    clicks_days: int


class CodeCheck(TypedDict):
    """Whether a code is good now."""

    valid: bool
    code: str | None
    program: CodeProgram | None


class CodeProgram(TypedDict):
    """The program of a code, to whom typed it."""

    key: str
    name: str


class Contest(TypedDict):
    """A contest of a program's live version, and its first 100 places."""

    program: str
    id: str
    name: str
    metric: str
    ties: str
    state: str
    starts_at: str
    ends_at: str
    final_at: str
    entries: int
    ranking: list[ContestPlace]


class ContestDisqualifiedEvent(TypedDict):
    """Staff took a participant out of a contest, or let them back in, before its result is final."""

    type: Literal["contest.disqualified"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: SentParticipant
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class ContestPlace(TypedDict):
    """One place in a contest."""

    place: int
    participant: str
    external_id: str | None
    score: int
    at: str
    tied: int
    prizes: list[str]


class ContestReinstatedEvent(TypedDict):
    """Staff took a participant out of a contest, or let them back in, before its result is final."""

    type: Literal["contest.reinstated"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: SentParticipant
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class CustomEvent(TypedDict):
    """A fact of your own, `noun.verb` in lower case, about a participant or an account."""

    type: str
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: NotRequired[SentParticipant]
    account: NotRequired[SentAccount]
    properties: NotRequired[dict[str, Any]]


class Decision(TypedDict):
    """What the engine concluded from one event for one program, or about who is who."""

    id: str
    event: str
    program: str | None
    version: int | None
    test: bool
    outcome: Literal["yes", "no"]
    reason: str
    participant: str | None
    referral: str | None
    occurred_at: str
    trace: dict[str, Any] | None


class DecisionCount(TypedDict):
    program: str | None
    outcome: str
    reason: str
    count: int


class DecisionList(TypedDict):
    """A page of decisions, newest first."""

    data: list[Decision]
    next_cursor: str | None


class Draft(TypedDict):
    """A document on its way to being published, and its record."""

    id: str
    program: str
    state: Literal["draft", "review", "approved", "published", "discarded"]
    version: int | None
    trail: list[DraftStep]
    created_at: str
    updated_at: str


class DraftFault(TypedDict):
    """Something that keeps a draft from being published."""

    pointer: str
    code: str
    detail: str


class DraftList(TypedDict):
    """A page of drafts, newest first."""

    data: list[Draft]
    next_cursor: str | None


class DraftStep(TypedDict):
    """Something that was done with a draft."""

    at: str
    by: str
    what: Literal["saved", "submitted", "approved", "sent_back", "published", "discarded"]
    comment: str
    digest: str


class DraftWhole(TypedDict):
    """A draft with its text."""

    id: str
    program: str
    state: Literal["draft", "review", "approved", "published", "discarded"]
    version: int | None
    trail: list[DraftStep]
    created_at: str
    updated_at: str
    text: str
    digest: str
    faults: list[DraftFault]
    changes: ProgramChanges | None


class Entitlement(TypedDict):
    """Something a participant has a right to."""

    kind: str
    name: str
    program: str
    since: str | None
    until: str | None
    timezone: str
    tier: str | None
    reward: str | None
    gift: dict[str, Any] | None


class Entitlements(TypedDict):
    """What a participant has a right to at a moment."""

    at: str | None
    data: list[Entitlement]


class Erasure(TypedDict):
    """Whether a person was erased."""

    erased: bool
    receipt: ErasureReceipt | None


class ErasureReceipt(TypedDict):
    """What an erasure did. Nothing in it identifies anybody."""

    id: str
    participant: str
    event: str
    requested_by: str
    requested_at: str
    erased_at: str
    counts: dict[str, int]
    left: dict[str, int]
    repeated: bool


class Event(TypedDict):
    """One fact, as it was sent, with what became of it."""

    id: str
    type: str
    event_id: str
    source: str
    occurred_at: str
    received_at: str
    participant: dict[str, Any] | None
    account: dict[str, Any] | None
    properties: dict[str, Any]
    status: Literal["applied", "waiting", "failed"]
    error: str
    position: int | None
    applied_at: str | None
    decisions: list[Decision]


class EventList(TypedDict):
    """A page of events, newest first."""

    data: list[Event]
    next_cursor: str | None


class Failure(TypedDict):
    """Why there is no answer."""

    code: Literal["refused", "invalid_program", "too_long", "process_died", "broken"]
    detail: str


class FxRatePublishedEvent(TypedDict):
    """What one currency costs in another on a day. A later event of the same pair and day takes its place."""

    type: Literal["fx.rate_published"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: NotRequired[SentParticipant]
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class Import(TypedDict):
    """Files of another system that were brought in, or are tried."""

    id: str
    mapping: str
    program: str
    rule: str | None
    dry_run: bool
    state: Literal["waiting", "running", "done", "failed", "cancelled", "undoing", "undone"]
    progress: ImportProgress
    asked_by: str
    asked_at: str
    started_at: str | None
    ended_at: str | None
    undone_at: str | None
    files: list[ImportFile]
    counts: list[ImportCount]
    failure: ImportFailure | None


class ImportColumn(TypedDict):
    """A column of a file, and what it is here."""

    column: str
    fields: str


class ImportCount(TypedDict):
    """How many lines of the report had which end, of one kind."""

    kind: Literal["participants", "links", "referrals", "rewards", "balances"]
    accepted: int
    skipped: int
    error: int
    undone: int
    kept: int


class ImportFailure(TypedDict):
    """Why nothing, or no more, was imported."""

    code: str
    detail: str


class ImportFile(TypedDict):
    """A file that was sent."""

    name: str
    kind: str | None
    size: int
    sha256: str
    format: Literal["csv", "jsonl", "json"]
    encoding: str
    rows: int | None
    columns: list[ImportColumn]


class ImportLine(TypedDict):
    """A line of the report: what became of a row, or of a part of it."""

    number: int
    file: str
    line: int
    kind: Literal["participants", "links", "referrals", "rewards", "balances"]
    status: Literal["accepted", "skipped", "error", "undone", "kept"]
    code: str | None
    column: str | None
    value: str | None
    message: str | None
    source_id: str | None
    event: str | None


class ImportLineList(TypedDict):
    """One page of an import's report."""

    data: list[ImportLine]
    next_cursor: str | None


class ImportList(TypedDict):
    """One page of imports."""

    data: list[Import]
    next_cursor: str | None


class ImportProgress(TypedDict):
    """How far it is."""

    done: int
    total: int


class Interval(TypedDict):
    """A figure over many runs; null where no run has it. `runs_without` is how many have none."""

    mean: float | None
    p10: float | None
    p50: float | None
    p90: float | None
    runs_without: int


class InvoicePaidEvent(TypedDict):
    """An invoice was paid."""

    type: Literal["invoice.paid"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: SentParticipant
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class Key(TypedDict):
    """A key, or a secret that signs participant tokens, without its text."""

    id: str
    kind: Literal["secret", "publishable", "token"]
    name: str
    hint: str
    scopes: list[str]
    origins: list[str]
    state: Literal["active", "expired", "revoked"]
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None
    replaced_by: str | None


class KeyList(TypedDict):
    """A page of keys, newest first."""

    data: list[Key]
    next_cursor: str | None


class KeyMade(TypedDict):
    """A key that was made just now."""

    id: str
    kind: Literal["secret", "publishable", "token"]
    name: str
    hint: str
    scopes: list[str]
    origins: list[str]
    state: Literal["active", "expired", "revoked"]
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None
    replaced_by: str | None
    key: str | None


class KindSums(TypedDict):
    """All accounts of one kind."""

    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int
    kind: Literal["program_cost", "opening", "participant_balance", "fulfilled", "participant_debt"]


class LedgerAccount(TypedDict):
    """One account of the ledger. `posted` and `pending` are positive on the account's normal side."""

    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int
    id: str
    kind: Literal["program_cost", "opening", "participant_balance", "fulfilled", "participant_debt"]
    unit: str
    program: str | None
    participant: str | None
    posted: int
    pending: int


class LedgerAccounts(TypedDict):
    """Accounts as they stand, or stood at `at`."""

    at: str | None
    data: list[LedgerAccount]


class Link(TypedDict):
    """What a participant shares for one program."""

    id: str
    program: LinkProgram
    participant: PersonRef
    code: str
    url: str
    channel: str
    state: Literal["on", "off"]
    expires_at: str | None
    destination: str | None
    visits: int
    created_at: str


class LinkAct(TypedDict):
    """An act upon a link."""

    event: str
    duplicate: bool
    applied: bool
    decisions: list[Decision]
    link: Link | None


class LinkCreatedEvent(TypedDict):
    """A participant got a link and code for a program."""

    type: Literal["link.created"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: SentParticipant
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class LinkList(TypedDict):
    """A page of links, newest first."""

    data: list[Link]
    next_cursor: str | None


class LinkProgram(TypedDict):
    """The program of a link in short."""

    id: str
    key: str


class LinkUpdatedEvent(TypedDict):
    """A link was switched off or on, or leads elsewhere from now on. What is left out stays."""

    type: Literal["link.updated"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: NotRequired[SentParticipant]
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class Mapping(TypedDict):
    """A ready mapping."""

    name: str
    title: str
    files: list[str]
    document: dict[str, Any]


class MappingList(TypedDict):
    """The ready mappings."""

    data: list[Mapping]


class Me(TypedDict):
    """The participant whom the token names."""

    id: str
    external_id: str
    name: str
    email: str
    country: str | None
    locale: str | None
    since: str


class Migration(TypedDict):
    """An act that moves running referrals to another version of their program."""

    id: str
    program: str
    to: int
    sources: list[int]
    named: int | None
    by: str
    reason: str
    at: str
    state: Literal["moving", "moved", "going_back", "undone"]
    moved: int
    stayed: int
    back: int
    kept: int
    undone_by: str
    undone_at: str | None
    undone_reason: str


class MigrationCost(TypedDict):
    """What one rule would give, or, in `totals`, all rules together in one unit (`rule` and `on` are
    empty)."""

    rule: str
    on: str
    to: str
    unit: str
    rewards_before: int
    rewards_after: int
    before: MigrationRange
    after: MigrationRange
    conditional: bool


class MigrationList(TypedDict):
    """The newest 100 migrations of a program."""

    data: list[Migration]


class MigrationPerson(TypedDict):
    id: str
    label: str


class MigrationPreview(TypedDict):
    """What a migration would do: who is affected, what changes for each, and what it would cost at most."""

    program: str
    to: int
    referrals: int
    states: dict[str, int]
    stays: dict[str, int]
    sources: list[MigrationSource]
    costs: list[MigrationCost]
    totals: list[MigrationCost]
    later: list[MigrationCost]
    exact: bool
    assumed_value: AssumedValue | None
    data: list[MigrationRow]
    after: str


class MigrationRange(TypedDict):
    """What rewards come to, in minor units: from the least to the most."""

    low: int
    high: int | None
    depends_on: Literal["", "order", "facts", "draw", "tier"]
    likely: int | None
    text: str


class MigrationRow(TypedDict):
    """One referral, and what would change for it."""

    id: str
    external_id: str | None
    referrer: MigrationPerson
    referred: MigrationPerson
    state: Literal[
        "submitted",
        "qualified",
        "opportunity",
        "closed_won",
        "closed_lost",
        "disqualified",
        "nurture",
        "expired",
        "duplicate",
        "voided",
    ]
    version: int
    changes: list[Change]
    stays: str


class MigrationSource(TypedDict):
    """A version that referrals would come from."""

    version: int
    referrals: int
    changes: list[Change]


class MilestoneReachedEvent(TypedDict):
    """A person reached something worth celebrating."""

    type: Literal["milestone.reached"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: SentParticipant
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class Movement(TypedDict):
    """How often something moved a balance, and by how much in all, in minor units."""

    count: int
    amount: int


class MyAct(TypedDict):
    """What became of what they did."""

    event: str
    applied: bool
    outcomes: list[MyOutcome]


class MyClaim(TypedDict):
    """A claim of theirs."""

    id: str
    program: MyProgram
    state: Literal["waiting", "approved", "rejected"]
    said: str
    referred: dict[str, str]
    proof: str
    url: str
    reference: str
    claimed_at: str
    decided_at: str | None
    referral: str | None


class MyClaimAct(TypedDict):
    """What became of a claim that they made."""

    event: str
    applied: bool
    outcomes: list[MyOutcome]
    claim: MyClaim | None


class MyClaimList(TypedDict):
    """A page of claims, newest first."""

    data: list[MyClaim]
    next_cursor: str | None


class MyLink(TypedDict):
    """A link of theirs."""

    id: str
    program: MyProgram
    code: str
    url: str
    channel: str
    state: Literal["on", "off"]
    expires_at: str | None
    created_at: str


class MyLinkList(TypedDict):
    """A page of links, newest first."""

    data: list[MyLink]
    next_cursor: str | None


class MyMovement(TypedDict):
    """One movement on their accounts."""

    at: str
    phase: Literal["pending", "posted", "post", "void"]
    amount: int
    unit: str
    program: str
    reward: str


class MyMovements(TypedDict):
    """The newest movements, the newest first."""

    data: list[MyMovement]


class MyNewLink(TypedDict):
    """What became of a link that they asked for."""

    event: str
    applied: bool
    outcomes: list[MyOutcome]
    link: MyLink | None


class MyOutcome(TypedDict):
    """What a program made of what they did."""

    program: str | None
    outcome: Literal["yes", "no"]
    said: str


class MyProgram(TypedDict):
    """A program, to a participant."""

    key: str
    name: str


class MyReferral(TypedDict):
    """A referral that they made."""

    id: str
    program: MyProgram
    state: Literal[
        "submitted",
        "qualified",
        "opportunity",
        "closed_won",
        "closed_lost",
        "disqualified",
        "nurture",
        "expired",
        "duplicate",
        "voided",
    ]
    said: str
    referred: dict[str, str]
    submitted_at: str
    qualified_at: str | None
    closed_at: str | None
    updated_at: str


class MyReferralList(TypedDict):
    """A page of referrals, newest first."""

    data: list[MyReferral]
    next_cursor: str | None


class MyReward(TypedDict):
    """A reward of theirs."""

    id: str
    program: MyProgram
    referral: str | None
    state: str
    said: str
    gift: dict[str, Any]
    amount: int | None
    unit: str
    reversed: int
    netted: int
    granted_at: str
    hold_until: str | None
    approved_at: str | None
    issued_at: str | None
    expires_at: str | None


class MyRewardList(TypedDict):
    """A page of rewards, newest first."""

    data: list[MyReward]
    next_cursor: str | None


class MySubmission(TypedDict):
    """What became of a referral that they submitted."""

    event: str
    applied: bool
    outcomes: list[MyOutcome]
    referral: MyReferral | None


class Noted(TypedDict):
    """One call of which something is to be said."""

    pointer: str
    code: str
    detail: str


class Offer(TypedDict):
    """What a first friend or customer brings, in the currency's major unit, at the values assumed. Of a
    loyalty program `referrer` is what an order of average worth brings a member."""

    referrer: float
    referred: float


class OneDecision(TypedDict):
    outcome: str
    reason: str
    trace: dict[str, Any]


class OrderCompletedEvent(TypedDict):
    """A paid order. The first one of somebody who was not referred begins a referral where its evidence
    says so."""

    type: Literal["order.completed"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: SentParticipant
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class OrderRefundedEvent(TypedDict):
    """All or part of an order was paid back. Without `value` and `currency` it is the whole: all that is
    left of the order that `order_id` names; the log keeps the amount that this comes to."""

    type: Literal["order.refunded"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: SentParticipant
    account: NotRequired[SentAccount]
    properties: NotRequired[dict[str, Any]]


class Owed(TypedDict):
    pending: int
    approved: int
    owed: int
    debt: int
    net: int


class Participant(TypedDict):
    """A person known to the workspace."""

    id: str
    external_id: str | None
    email: str
    name: str
    account: AccountRef | None
    traits: dict[str, Any]
    first_seen_at: str
    updated_at: str
    merged: list[PersonRef]


class ParticipantAct(TypedDict):
    """An act upon a participant."""

    event: str
    duplicate: bool
    applied: bool
    decisions: list[Decision]
    participant: Participant | None


class ParticipantIdentifiedEvent(TypedDict):
    """A person's traits, as the host product knows them. Later facts replace earlier ones. Evidence of who
    brought the person is kept until they sign up or order."""

    type: Literal["participant.identified"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: SentParticipant
    account: NotRequired[SentAccount]
    properties: NotRequired[dict[str, Any]]


class ParticipantList(TypedDict):
    """A page of participants, newest first."""

    data: list[Participant]
    next_cursor: str | None


class ParticipantSignedUpEvent(TypedDict):
    """A person joined the host product, perhaps through a link or with a code."""

    type: Literal["participant.signed_up"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: SentParticipant
    account: NotRequired[SentAccount]
    properties: NotRequired[dict[str, Any]]


class ParticipantSplitEvent(TypedDict):
    """Two participants who were merged are two people after all: the merge is taken back. It is about the
    one whom `previous_id` names; a `participant` beside it is not read."""

    type: Literal["participant.split"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: NotRequired[SentParticipant]
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class PersonRef(TypedDict):
    """A participant in short."""

    id: str
    external_id: str | None
    email: str
    name: str


class Program(TypedDict):
    """A versioned document of rules."""

    id: str
    key: str
    name: str
    kind: str
    test: bool
    live_version: int | None
    state: Literal["draft", "review", "scheduled", "live", "paused", "ended"]
    settling: bool
    stopped: Stopped | None
    created_at: str


class ProgramApproval(TypedDict):
    """A person of the role must approve, always or above an amount (minor units)."""

    by: str
    above: NotRequired[int | None]


class ProgramAttribution(TypedDict):
    """Which evidence counts, and how long."""

    window: NotRequired[str | None]
    model: NotRequired[Literal["first_touch", "last_touch", "sticky"]]
    evidence: NotRequired[list[Literal["code", "coupon", "submission", "link", "invitation", "claim", "crm"]]]


ProgramBand = TypedDict(
    "ProgramBand",
    {
        "from": "int",
        "amount": "NotRequired[int | None]",
        "percent": "NotRequired[int | float | None]",
    },
)


class ProgramByBand(TypedDict):
    """An amount per band of a value. A band has its `from` and all above it, up to but not including the
    next one's; a value below the first band gives nothing (`no_band`)."""

    band: list[ProgramBand]
    of: NotRequired[Literal["event", "referral"] | None]


class ProgramByFormula(TypedDict):
    """An amount that an expression reckons: a number of minor units, rounded half to even. In it
    `event.value` is in the program's currency. One that cannot be reckoned, or is below 0, gives
    nothing (`amount_error`)."""

    cel: str


class ProgramByOdds(TypedDict):
    """A draw from a published list that anybody can repeat: the BLAKE2b hash (16 bytes) of the reward's
    public id (`rwd_…`), as a big-endian whole number, modulo the sum of the weights; the amount in
    whose part of the sum, in the order of the list, that falls is drawn."""

    odds: list[ProgramChance]


class ProgramByTier(TypedDict):
    """An amount per tier. A tier that is not named has the amount of the nearest one below it."""

    by_tier: dict[str, Any]


class ProgramByTrait(TypedDict):
    """Groups of people who share the value of a trait."""

    trait: str


ProgramCampaign = TypedDict(
    "ProgramCampaign",
    {
        "id": "str",
        "name": "NotRequired[str | None]",
        "from": "str",
        "to": "str",
        "when": "NotRequired[str | None]",
        "rewards": "NotRequired[dict[str, Any]]",
        "extend": "NotRequired[dict[str, Any]]",
        "limit": "NotRequired[ProgramCampaignLimit | None]",
    },
)


class ProgramCampaignLimit(TypedDict):
    """How much a campaign gives in all. Once that is used up it changes nothing more."""

    count: NotRequired[int | None]
    budget: NotRequired[int | None]
    unit: NotRequired[str | None]


class ProgramCatalogueItem(TypedDict):
    """Something that points buy in a loyalty program."""

    id: str
    name: str
    price: int
    unit: NotRequired[str | None]
    gift: ProgramGift
    when: NotRequired[str | None]
    approval: NotRequired[ProgramApproval | None]
    promise: NotRequired[ProgramPromise | None]
    expire: NotRequired[ProgramExpire | None]


class ProgramChance(TypedDict):
    """One amount of a draw."""

    amount: int
    weight: int


class ProgramChange(TypedDict):
    """What a campaign does to a rule's amount: multiply (rounded half to even), then add; or set it."""

    multiply: NotRequired[int | float | None]
    add: NotRequired[int | None]
    set: NotRequired[int | None]


class ProgramChanges(TypedDict):
    """What a document changes of a version. No changes: they mean the same."""

    program: str
    against: int | None
    changes: list[Change]


ProgramContest = TypedDict(
    "ProgramContest",
    {
        "id": "str",
        "name": "str",
        "from": "str",
        "to": "str",
        "metric": 'Literal["submitted", "qualified", "closed_won", "revenue"] | ProgramEventMetric',
        "ties": 'NotRequired[Literal["earliest", "share", "all"]]',
        "when": "NotRequired[str | None]",
        "final_after": "NotRequired[str | None]",
        "prizes": "list[ProgramPrize]",
    },
)


class ProgramDocument(TypedDict):
    """A published revision with its document."""

    id: str
    program: str
    number: int
    live: bool
    due_at: str | None
    digest: str
    published_at: str
    published_by: str
    terms: Terms | None
    document: dict[str, Any]


class ProgramEligibility(TypedDict):
    """Who may refer and who may be referred. All must hold; the first that fails gives the reason."""

    refer: NotRequired[list[ProgramRequirement]]
    be_referred: NotRequired[list[ProgramRequirement]]


class ProgramEventMetric(TypedDict):
    """Events about people: how many of a type, or the sum of a property of theirs."""

    count: NotRequired[str | None]
    sum: NotRequired[str | None]
    of: NotRequired[str]


class ProgramExperiment(TypedDict):
    """A controlled comparison: conditions and amounts read a person's variant as `experiment.` and its id.
    The BLAKE2b hash (16 bytes) of `program:experiment:par_…`, as a big-endian whole number, modulo the
    sum of the weights, falls into the part of one variant, in the order of the list."""

    id: str
    whose: NotRequired[Literal["referrer", "referred"] | None]
    variants: list[ProgramVariant]


class ProgramExpire(TypedDict):
    """When an issued, unused reward lapses, or points that were not spent: with both, whichever comes
    first."""

    after: NotRequired[str | None]
    on: NotRequired[str | None]
    inactive: NotRequired[str | None]
    end_of: NotRequired[Literal["month"] | None]


class ProgramGift(TypedDict):
    """What is given. An amount is in minor units of the program's currency, or of `unit`."""

    type: Literal[
        "account_credit",
        "cash",
        "gift_card",
        "discount",
        "free_period",
        "trial_extension",
        "points",
        "upgrade",
        "feature",
        "quantity",
        "service",
        "product",
        "donation",
        "access",
        "recognition",
    ]
    amount: NotRequired[int | ProgramByTier | ProgramShare | ProgramByBand | ProgramByFormula | ProgramByOdds | None]
    unit: NotRequired[str | None]
    percent: NotRequired[int | None]
    applies: NotRequired[Literal["once", "forever", "next_shipment"] | None]
    duration: NotRequired[str | None]
    plan: NotRequired[str | None]
    brand: NotRequired[str | None]
    recipient: NotRequired[str | None]
    name: NotRequired[str | None]


ProgramGoal = TypedDict(
    "ProgramGoal",
    {
        "id": "str",
        "metric": 'Literal["submitted", "qualified", "closed_won", "revenue"] | ProgramEventMetric',
        "target": "int",
        "group": 'NotRequired[Literal["program", "account"] | ProgramByTrait]',
        "from": "NotRequired[str | None]",
        "to": "NotRequired[str | None]",
        "every": 'NotRequired[Literal["day", "week", "month", "quarter", "year"] | None]',
        "when": "NotRequired[str | None]",
        "members": 'NotRequired[Literal["contributors", "participants"]]',
        "late": 'NotRequired[Literal["give", "none"]]',
        "rewards": "list[ProgramSharedReward]",
    },
)


class ProgramHistoryCount(TypedDict):
    """Events of a type about a person, counted, or a property of them added up, within a time. Conditions
    and amounts read it as `history.` and its id. It counts from the moment its version is live."""

    count: NotRequired[str | None]
    sum: NotRequired[str | None]
    of: NotRequired[str]
    id: str
    within: NotRequired[str | None]
    every: NotRequired[Literal["day", "week", "month", "quarter", "year"] | None]
    whose: NotRequired[Literal["referrer", "referred"] | None]


class ProgramLifecycle(TypedDict):
    """How a referral moves: people move it (`sales`) or events move it (`self_serve`)."""

    flow: Literal["sales", "self_serve"]
    qualified: NotRequired[ProgramStep | None]
    opportunity: NotRequired[ProgramStep | None]
    closed_won: NotRequired[ProgramStep | None]
    closed_lost: NotRequired[ProgramStep | None]
    expire_after: NotRequired[str | None]


class ProgramLimit(TypedDict):
    """A cap on the number of rewards, or a budget for their amounts in one unit. A rejected or cancelled
    reward gives its place back."""

    id: NotRequired[str | None]
    per: Literal["referrer", "referred", "participant", "account", "program", "campaign"]
    every: NotRequired[Literal["day", "week", "month", "quarter", "year"] | None]
    within: NotRequired[str | None]
    campaigns: NotRequired[list[str] | None]
    rules: NotRequired[list[str] | None]
    count: NotRequired[int | None]
    budget: NotRequired[int | None]
    unit: NotRequired[str | None]
    when_reached: NotRequired[Literal["reject", "partial", "waitlist"]]


class ProgramLinks(TypedDict):
    """Where the links of a program's participants lead. Nothing leads anywhere else."""

    destination: NotRequired[str | None]
    hosts: NotRequired[list[str]]
    fallback: NotRequired[str | None]
    automatic: NotRequired[bool]
    code_name: NotRequired[str]
    click_name: NotRequired[str]


class ProgramList(TypedDict):
    """A page of programs, newest first."""

    data: list[Program]
    next_cursor: str | None


class ProgramPrize(TypedDict):
    """What is won by a place, or by each of several places. A place may win several prizes."""

    id: str
    give: ProgramGift
    hold: NotRequired[str | None]
    approval: NotRequired[ProgramApproval | None]
    promise: NotRequired[ProgramPromise | None]
    expire: NotRequired[ProgramExpire | None]
    place: NotRequired[int | None]
    places: NotRequired[list[int] | None]


class ProgramPromise(TypedDict):
    """By when people are told and paid, counted from the grant (paid: from the end of the hold)."""

    notify: NotRequired[str | None]
    fulfil: NotRequired[str | None]


class ProgramRegistration(TypedDict):
    """Deals must be registered: submitted, and accepted by `qualified` before they are won. Others earn
    nothing."""

    window: NotRequired[str | None]


class ProgramRequirement(TypedDict):
    """One condition that must hold; its code is the reason where it does not."""

    code: str
    when: str


class ProgramReverse(TypedDict):
    """What takes a reward back: before approval it is cancelled, after issue a debt is posted, which the
    next rewards of that unit pay."""

    on: list[str]
    within: NotRequired[str | None]
    how: NotRequired[Literal["full", "proportional", "none"]]
    when: NotRequired[str | None]


ProgramRule = TypedDict(
    "ProgramRule",
    {
        "id": "str",
        "on": "str",
        "tier": "NotRequired[str | None]",
        "since": 'NotRequired[Literal["won", "begun"] | str | None]',
        "each": "NotRequired[str | None]",
        "nth": "NotRequired[int | None]",
        "first": "NotRequired[int | None]",
        "every": "NotRequired[int | None]",
        "for": "NotRequired[str | None]",
        "from_month": "NotRequired[int | None]",
        "to_month": "NotRequired[int | None]",
        "until": "NotRequired[list[str]]",
        "to": 'Literal["referrer", "referred", "participant"]',
        "give": "ProgramGift",
        "prorate": "NotRequired[bool]",
        "when": "NotRequired[str | None]",
        "hold": "NotRequired[str | None]",
        "release_on": "NotRequired[list[str]]",
        "approval": "NotRequired[ProgramApproval | None]",
        "reverse": "NotRequired[ProgramReverse | None]",
        "promise": "NotRequired[ProgramPromise | None]",
        "expire": "NotRequired[ProgramExpire | None]",
    },
)


class ProgramShare(TypedDict):
    """A percentage of a value, in minor units of the program's currency, rounded half to even; then not
    less than `floor` and not more than `ceiling`."""

    percent: int | float
    of: NotRequired[Literal["event", "referral"] | None]
    floor: NotRequired[int | None]
    ceiling: NotRequired[int | None]


class ProgramSharedReward(TypedDict):
    """What one person gets of a shared goal or a contest, with all that an ordinary reward has."""

    id: str
    give: ProgramGift
    hold: NotRequired[str | None]
    approval: NotRequired[ProgramApproval | None]
    promise: NotRequired[ProgramPromise | None]
    expire: NotRequired[ProgramExpire | None]


class ProgramSource(TypedDict):
    """A program as written."""

    program: str
    kind: NotRequired[Literal["referral", "partner", "loyalty"]]
    name: str
    test: NotRequired[bool]
    beside: NotRequired[str | None]
    description: NotRequired[str | None]
    currency: str
    units: NotRequired[list[str]]
    own_events: NotRequired[list[str]]
    priority: NotRequired[int]
    exclusive: NotRequired[bool | str]
    timezone: NotRequired[str]
    calendar: NotRequired[str | None]
    history: NotRequired[list[ProgramHistoryCount]]
    experiments: NotRequired[list[ProgramExperiment]]
    eligibility: NotRequired[ProgramEligibility]
    attribution: NotRequired[ProgramAttribution]
    links: NotRequired[ProgramLinks]
    lifecycle: NotRequired[ProgramLifecycle]
    registration: NotRequired[ProgramRegistration | None]
    statement: NotRequired[ProgramStatement | None]
    tiers: NotRequired[list[ProgramTier]]
    rewards: NotRequired[list[ProgramRule]]
    limits: NotRequired[list[ProgramLimit]]
    stacking: NotRequired[list[ProgramStack]]
    campaigns: NotRequired[list[ProgramCampaign]]
    overlap: NotRequired[Literal["all", "best", "first"]]
    catalogue: NotRequired[list[ProgramCatalogueItem]]
    goals: NotRequired[list[ProgramGoal]]
    contests: NotRequired[list[ProgramContest]]
    ending: NotRequired[Literal["settle", "void"]]
    terms: NotRequired[ProgramTerms | None]
    review: NotRequired[bool]


class ProgramStack(TypedDict):
    """Rules of one trigger of which one decision keeps one reward, or all. The others are traced as
    `stacked_out`."""

    rules: list[str]
    keep: Literal["better", "first", "all"]


class ProgramStatement(TypedDict):
    """Partners get a statement at the end of each period, in the program's time zone: what their balance
    was, what was approved, taken back and paid out since, what it is now, and what of it is payable."""

    every: Literal["month", "quarter"]
    minimum: NotRequired[int]


class ProgramStep(TypedDict):
    """The event that moves a referral into a state, and a condition on it."""

    on: str
    when: NotRequired[str | None]


class ProgramTerms(TypedDict):
    """The legal text of a version. It is kept with the version as it is, and what participants accept is
    its number."""

    version: NotRequired[int | None]
    text: NotRequired[str | None]
    url: NotRequired[str | None]
    tax_note: NotRequired[str | None]
    required: NotRequired[bool]
    since: NotRequired[int | None]


ProgramTier = TypedDict(
    "ProgramTier",
    {
        "id": "str",
        "from": "int",
        "metric": 'Literal["submitted_referrals", "qualified_referrals", "closed_won_referrals", "points", "revenue"]',
        "window": "NotRequired[str | None]",
        "every": 'NotRequired[Literal["month", "quarter", "year"] | None]',
        "downgrade": 'NotRequired[Literal["to_balance", "keep_until_period_end", "one_down"]]',
        "after": "NotRequired[str | None]",
        "perks": "NotRequired[list[str]]",
    },
)


class ProgramVariant(TypedDict):
    """One side of an experiment."""

    id: str
    weight: int


class ProgramVersion(TypedDict):
    """One immutable published revision, without its document."""

    id: str
    program: str
    number: int
    live: bool
    due_at: str | None
    digest: str
    published_at: str
    published_by: str
    terms: Terms | None


class ProgramVersionList(TypedDict):
    """A page of versions, newest first."""

    data: list[ProgramVersion]
    next_cursor: str | None


class Progress(TypedDict):
    """How far it is."""

    done: int
    total: int
    share: float


class Recorded(TypedDict):
    """What became of the events that were sent. All of them are safe in the log."""

    inserted: list[str]
    duplicates: list[str]
    events: list[Event] | None
    warnings: list[Warned]


class Referral(TypedDict):
    """One referrer, one referred, one program, under the version that was live when it began."""

    id: str
    external_id: str | None
    program: str
    version: int
    state: Literal[
        "submitted",
        "qualified",
        "opportunity",
        "closed_won",
        "closed_lost",
        "disqualified",
        "nurture",
        "expired",
        "duplicate",
        "voided",
    ]
    reason: str
    referrer: PersonRef
    referred: PersonRef
    source: str
    value: int | None
    currency: str
    properties: dict[str, Any]
    simulated: bool
    test: bool
    submitted_at: str
    qualified_at: str | None
    opportunity_at: str | None
    closed_at: str | None
    expires_at: str | None
    updated_at: str


class ReferralAct(TypedDict):
    """An act upon a referral."""

    event: str
    duplicate: bool
    applied: bool
    decisions: list[Decision]
    referral: Referral | None


class ReferralClaimedEvent(TypedDict):
    """A participant claims that they brought somebody, with proof. It waits until staff approve or reject
    it."""

    type: Literal["referral.claimed"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: SentParticipant
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class ReferralClosedLostEvent(TypedDict):
    """Sales moved a referral along, or ended it."""

    type: Literal["referral.closed_lost"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: NotRequired[SentParticipant]
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class ReferralClosedWonEvent(TypedDict):
    """Sales moved a referral along, or ended it."""

    type: Literal["referral.closed_won"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: NotRequired[SentParticipant]
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class ReferralCount(TypedDict):
    program: str
    state: str
    count: int
    simulated: int


class ReferralDisqualifiedEvent(TypedDict):
    """Sales moved a referral along, or ended it."""

    type: Literal["referral.disqualified"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: NotRequired[SentParticipant]
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class ReferralList(TypedDict):
    """A page of referrals, newest first."""

    data: list[Referral]
    next_cursor: str | None


class ReferralOpportunityOpenedEvent(TypedDict):
    """Sales moved a referral along, or ended it."""

    type: Literal["referral.opportunity_opened"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: NotRequired[SentParticipant]
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class ReferralQualifiedEvent(TypedDict):
    """Sales moved a referral along, or ended it."""

    type: Literal["referral.qualified"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: NotRequired[SentParticipant]
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class ReferralSubmittedEvent(TypedDict):
    """A participant put in a good word for somebody."""

    type: Literal["referral.submitted"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: SentParticipant
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class Retried(TypedDict):
    """How many will be tried again; those that were not set aside any more are not among them."""

    retried: int


class ReturnSide(TypedDict):
    won: int
    value: int
    cost: int
    ratio: str | None


class Reward(TypedDict):
    """One promised benefit to one participant."""

    id: str
    program: str
    version: int
    rule: str
    participant: PersonRef
    referral: str | None
    state: str
    reason: str
    gift: dict[str, Any]
    amount: int | None
    unit: str
    reversed: int
    netted: int
    needs_approval: str
    simulated: bool
    test: bool
    hold_until: str | None
    granted_at: str
    approved_at: str | None
    issued_at: str | None
    ended_at: str | None
    expires_at: str | None
    notify_by: str | None
    fulfil_by: str | None
    source_id: str | None
    source_state: str | None
    updated_at: str


class RewardAct(TypedDict):
    """An act upon a reward."""

    event: str
    duplicate: bool
    applied: bool
    decisions: list[Decision]
    reward: Reward | None


class RewardApprovedEvent(TypedDict):
    """A person or a provider moved a reward along, or ended it. Name it by id, or by referral and rule."""

    type: Literal["reward.approved"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: NotRequired[SentParticipant]
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class RewardCount(TypedDict):
    program: str
    rule: str
    state: str
    count: int
    simulated: int
    unit: str
    amount: int | None
    reversed: int


class RewardFailedEvent(TypedDict):
    """A person or a provider moved a reward along, or ended it. Name it by id, or by referral and rule."""

    type: Literal["reward.failed"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: NotRequired[SentParticipant]
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class RewardIssuedEvent(TypedDict):
    """A person or a provider moved a reward along, or ended it. Name it by id, or by referral and rule."""

    type: Literal["reward.issued"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: NotRequired[SentParticipant]
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class RewardList(TypedDict):
    """A page of rewards, newest first."""

    data: list[Reward]
    next_cursor: str | None


class RewardRedeemedEvent(TypedDict):
    """A person or a provider moved a reward along, or ended it. Name it by id, or by referral and rule."""

    type: Literal["reward.redeemed"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: NotRequired[SentParticipant]
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class RewardRejectedEvent(TypedDict):
    """A person or a provider moved a reward along, or ended it. Name it by id, or by referral and rule."""

    type: Literal["reward.rejected"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: NotRequired[SentParticipant]
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class Running(TypedDict):
    """A campaign, contest or goal that runs, as a participant may see it."""

    kind: Literal["campaign", "contest", "goal"]
    program: str
    id: str
    name: str
    starts_at: str | None
    ends_at: str | None
    state: Literal["running", "review", "final", "disqualified", "reached"]
    text: str
    timezone: str
    place: int | None
    score: int | None
    target: int | None
    unit: str


class RunningList(TypedDict):
    """What runs for a participant at a moment."""

    at: str | None
    data: list[Running]


class SentBacktest(TypedDict):
    """What to try, on which stretch of the past, and what to compare it with."""

    document: ProgramSource | str
    since: NotRequired[str]
    until: NotRequired[str]
    as_of_version: NotRequired[int]
    elasticity: NotRequired[float]


class SentBatch(TypedDict):
    events: list[SentEvent]


class SentErasure(TypedDict):
    """What to look for beside the names, e-mails, ids and codes that the workspace knows."""

    also: NotRequired[list[str]]


class SentImport(TypedDict):
    """What to import, and as which mapping says."""

    mapping: str | dict[str, Any]
    program: str
    rule: NotRequired[str]
    dry_run: NotRequired[bool]
    files: list[dict[str, Any]]


class SentSimulation(TypedDict):
    """What to play, on how many people, for how long, how often."""

    document: ProgramSource | str
    other: NotRequired[ProgramSource | str]
    customers: NotRequired[int]
    months: NotRequired[int]
    runs: NotRequired[int]
    seed: NotRequired[int]
    start: NotRequired[str]
    parameters: NotRequired[dict[str, float]]


class SentStep(TypedDict):
    """What is said with a step of a draft."""

    comment: NotRequired[str]
    digest: NotRequired[str]


class SettingChange(TypedDict):
    """One change of the workspace's settings."""

    id: str
    at: str
    by: str
    door: Literal["console", "api", "cli"]
    changes: list[SettingChanged]


class SettingChangeList(TypedDict):
    data: list[SettingChange]
    next_cursor: str | None


class SettingChanged(TypedDict):
    """One setting that changed."""

    setting: str
    before: str | int | None
    after: str | int | None


class Side(TypedDict):
    """One of the two sides of a line."""

    rewards: int
    amount: int


class SimulatedFigure(TypedDict):
    mean: float | None
    p10: float | None
    p50: float | None
    p90: float | None
    runs_without: int
    unit: str


class SimulatedMonth(TypedDict):
    """How things stand at a month's end, since the beginning."""

    month: int
    new_customers: Interval | None
    cost: Interval
    liability: Interval
    points_left: Interval | None


class SimulatedNote(TypedDict):
    """What to know before the figures. `about` is what the message names."""

    code: str
    message: str
    about: dict[str, str]


class SimulatedProgram(TypedDict):
    """One program on people that a model made up."""

    simulated: Literal[True]
    name: str
    program: str
    kind: str
    currency: str
    offer: Offer
    notes: list[SimulatedNote]
    figures: dict[str, SimulatedFigure]
    months: list[SimulatedMonth]


class Simulation(TypedDict):
    """A program, or two, played forward on people that a published model makes up."""

    id: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    program: str
    asked_by: str
    asked_at: str
    started_at: str | None
    ended_at: str | None
    progress: Progress
    failure: Failure | None
    simulated: Literal[True]
    question: SimulationQuestion


class SimulationAnswer(TypedDict):
    """A simulation with its documents, and its result once it is `done`."""

    id: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    program: str
    asked_by: str
    asked_at: str
    started_at: str | None
    ended_at: str | None
    progress: Progress
    failure: Failure | None
    simulated: Literal[True]
    question: SimulationQuestion
    documents: list[dict[str, Any]]
    result: SimulationResult | None


class SimulationList(TypedDict):
    """One page of simulations."""

    data: list[Simulation]
    next_cursor: str | None


class SimulationQuestion(TypedDict):
    """What was asked beside the documents. `parameters` are those that were changed."""

    customers: int
    months: int
    runs: int
    seed: int
    start: str
    parameters: dict[str, float]


class SimulationResult(TypedDict):
    """Nothing of it is measured. `difference` is the second program less the first, on the same people."""

    simulated: Literal[True]
    parameters: dict[str, float]
    programs: list[SimulatedProgram]
    difference: dict[str, SimulatedFigure] | None


class Statement(TypedDict):
    """A partner's statement of one period. Amounts are in minor units of `currency`."""

    id: str
    number: int
    program: str
    participant: str
    external_id: str | None
    period: str
    begins_at: str
    ends_at: str
    timezone: str
    currency: str
    opening: int
    approved: Movement
    reversed: Movement
    netted: Movement
    paid: Movement
    moved: Movement
    owed: Movement
    closing: int
    minimum: int
    payable: int
    carried: int
    debt: int
    payable_now: int
    state: Literal["payable", "carried"]


class StatementLine(TypedDict):
    """One movement on a statement."""

    at: str
    kind: Literal["approved", "reversed", "netted", "paid", "moved", "owed"]
    code: str
    amount: int
    rule: str
    reward: str
    referral: str | None
    event: str


class StatementList(TypedDict):
    """A page of statements, newest first."""

    data: list[Statement]
    next_cursor: str | None


class StatementWhole(TypedDict):
    """A statement with its movements."""

    id: str
    number: int
    program: str
    participant: str
    external_id: str | None
    period: str
    begins_at: str
    ends_at: str
    timezone: str
    currency: str
    opening: int
    approved: Movement
    reversed: Movement
    netted: Movement
    paid: Movement
    moved: Movement
    owed: Movement
    closing: int
    minimum: int
    payable: int
    carried: int
    debt: int
    payable_now: int
    state: Literal["payable", "carried"]
    lines: list[StatementLine]


class Stopped(TypedDict):
    """Who paused or ended a program, when and why."""

    at: str
    by: str
    reason: str
    ending: Literal["settle", "void"] | None


class SubscriptionCancelledEvent(TypedDict):
    """A subscription began, went on, grew or ended."""

    type: Literal["subscription.cancelled"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: SentParticipant
    account: NotRequired[SentAccount]
    properties: NotRequired[dict[str, Any]]


class SubscriptionRenewedEvent(TypedDict):
    """A subscription began, went on, grew or ended."""

    type: Literal["subscription.renewed"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: SentParticipant
    account: NotRequired[SentAccount]
    properties: NotRequired[dict[str, Any]]


class SubscriptionStartedEvent(TypedDict):
    """A subscription began, went on, grew or ended."""

    type: Literal["subscription.started"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: SentParticipant
    account: NotRequired[SentAccount]
    properties: NotRequired[dict[str, Any]]


class SubscriptionUpgradedEvent(TypedDict):
    """A subscription began, went on, grew or ended."""

    type: Literal["subscription.upgraded"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: SentParticipant
    account: NotRequired[SentAccount]
    properties: NotRequired[dict[str, Any]]


class Summary(TypedDict):
    """The workspace in numbers."""

    participants: int
    events_applied: int
    events_waiting: int
    set_aside: int
    referrals: list[ReferralCount]
    rewards: list[RewardCount]
    tested: list[RewardCount]
    decisions: list[DecisionCount]
    trial_balance: TrialBalance


class Sums(TypedDict):
    """Debits and credits, held (pending) and posted, in `unit`."""

    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int


class Taken(TypedDict):
    """What became of the calls."""

    success: Literal[True]
    inserted: list[str]
    duplicates: list[str]
    left_out: list[Noted]
    refused: list[Noted]


class Terms(TypedDict):
    """The legal text of a version."""

    version: int | None
    text: str | None
    url: str | None
    tax_note: str | None
    required: bool
    since: int | None


class TermsAcceptedEvent(TypedDict):
    """A participant accepted the terms of a program. Somebody may record it for them, with `by`."""

    type: Literal["terms.accepted"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: SentParticipant
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class Touched(TypedDict):
    """One piece of evidence of who brought a person."""

    kind: Literal["code", "coupon", "link", "invitation", "crm"]
    code: str
    at: NotRequired[str | None]
    click: NotRequired[str | None]
    proof: NotRequired[str | None]


class TrialBalance(TypedDict):
    """Every unit's debits and credits, added up from the transfers."""

    at: str | None
    balanced: bool
    drifting_accounts: int | None
    units: list[UnitTrial]


class UnitTrial(TypedDict):
    """The trial balance of one unit."""

    unit: str
    balanced: bool
    kinds: list[KindSums]
    totals: Sums


class ValidProgram(TypedDict):
    """A document that can be published as it is."""

    valid: Literal[True]
    program: str
    rules: list[str]


class VisitorTouchedEvent(TypedDict):
    """A visitor whom nobody knows yet came by a link or a code. It is kept under `anonymous_id`, and
    counts for the person whom a later event names beside that id."""

    type: Literal["visitor.touched"]
    event_id: str
    source: NotRequired[str]
    occurred_at: NotRequired[str]
    participant: NotRequired[SentParticipant]
    account: NotRequired[SentAccount]
    properties: dict[str, Any]


class Warned(TypedDict):
    """Something that may not be meant. `near_miss`: a type of one's own that is spelt nearly like a
    standard one."""

    code: Literal["near_miss"]
    type: str
    nearest: str
    detail: str


class Workspace(TypedDict):
    """The workspace of the key that asks."""

    id: str
    slug: str
    name: str
    short_domain: str | None
    clicks: Clicks
    key: str
    scopes: list[str]


Currency: TypeAlias = 'Literal["AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BHD", "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLP", "CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VES", "VND", "VUV", "WST", "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG"]'

Person: TypeAlias = "dict[str, Any]"

SentAccount: TypeAlias = "str | dict[str, Any]"

SentEvent: TypeAlias = "ParticipantIdentifiedEvent | ParticipantSignedUpEvent | OrderCompletedEvent | OrderRefundedEvent | SubscriptionStartedEvent | SubscriptionRenewedEvent | SubscriptionUpgradedEvent | SubscriptionCancelledEvent | InvoicePaidEvent | MilestoneReachedEvent | LinkCreatedEvent | ReferralSubmittedEvent | ReferralClaimedEvent | CatalogueRedeemedEvent | TermsAcceptedEvent | ContestDisqualifiedEvent | ContestReinstatedEvent | ParticipantSplitEvent | LinkUpdatedEvent | VisitorTouchedEvent | ClaimApprovedEvent | ClaimRejectedEvent | FxRatePublishedEvent | AccountUpdatedEvent | ReferralQualifiedEvent | ReferralOpportunityOpenedEvent | ReferralClosedWonEvent | ReferralClosedLostEvent | ReferralDisqualifiedEvent | RewardApprovedEvent | RewardRejectedEvent | RewardIssuedEvent | RewardRedeemedEvent | RewardFailedEvent | CustomEvent"

SentParticipant: TypeAlias = "str | dict[str, Any]"
