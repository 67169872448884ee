"""The tables.

Only the engine writes referrals, rewards, balances, timers and what hangs on them, and only while
applying an event. Everybody else reads. Every table carries `workspace_id`; the migrations make it
the first column of each key and put row-level security on it. References between tenant tables are
plain columns for the database (no constraint across the tenant key) and relations for Django.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from uuid_utils.compat import uuid7

from goodword.store.relations import InsideForeignKey, InsideOneToOneField

SHORT = 64
NAME = 200


class Workspace(models.Model):
    """One company running programmes; everything belongs to exactly one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=SHORT, unique=True)
    name = models.CharField(max_length=NAME)
    domain = models.CharField(max_length=253, null=True, help_text="The short domain of its links.")
    settings = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    salt = models.BinaryField(
        max_length=32, null=True, help_text="Of the hashes of IP addresses, until it is thrown away."
    )
    salted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "workspace"
        constraints = [
            models.UniqueConstraint(fields=["domain"], name="workspace_domain", condition=Q(domain__isnull=False))
        ]

    def __str__(self) -> str:
        return self.name


def _reference(to: str, name: str, **options: Any) -> Any:
    """A reference inside the workspace: a relation for Django, a plain column for the database."""
    return InsideForeignKey(
        to, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name=name, **options
    )


def _tenant() -> Any:
    """The tenant column. Row-level security, not a foreign key, says that it is the caller's own."""
    return models.ForeignKey(
        Workspace, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )


class Tenant(models.Model):
    """What every table of a workspace has: the tenant column and a globally unique UUIDv7."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = _tenant()

    class Meta:
        abstract = True


class SettingChange(Tenant):
    """One change of a workspace's settings: written when it is made, and never again."""

    at = models.DateTimeField()
    by = models.CharField(max_length=NAME, help_text="Who: a member, a key, or whoever was at the command line.")
    door = models.CharField(max_length=SHORT, help_text="console, api or cli.")
    changes = models.JSONField(help_text="By setting, what it was and what it became.")

    class Meta:
        db_table = "setting_change"


class Membership(Tenant):
    """A staff user's role in a workspace."""

    class Role(models.TextChoices):
        OWNER = "owner"
        MANAGER = "manager"
        FINANCE = "finance"
        SUPPORT = "support"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships", db_index=True
    )
    role = models.CharField(max_length=SHORT, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "membership"
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="membership_once")]


class ApiKey(Tenant):
    """A key of the API, or a secret that the host signs participant tokens with. Only the SHA-256 of it is kept."""

    kind = models.CharField(
        max_length=SHORT, default="secret", db_default="secret", help_text="secret, publishable or token."
    )
    name = models.CharField(max_length=NAME)
    digest = models.BinaryField(max_length=32)
    hint = models.CharField(max_length=8, help_text="The last four characters, to tell keys apart.")
    scopes = models.CharField(max_length=1000, default="all", db_default="all", help_text="With spaces between them.")
    origins = models.TextField(
        default="", db_default="", help_text="Where browsers may use it from, with spaces between; * is anywhere."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    replaced_by = _reference("ApiKey", "+", null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_key"
        constraints = [models.UniqueConstraint(fields=["workspace", "digest"], name="api_key_digest")]


class Account(Tenant):
    """The company or subscription that participants belong to."""

    external_id = models.CharField(max_length=NAME)
    name = models.CharField(max_length=NAME, blank=True)
    since = models.DateTimeField(null=True, help_text="When the account became a customer.")
    traits = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "account"
        constraints = [models.UniqueConstraint(fields=["workspace", "external_id"], name="account_external_id")]


class Participant(Tenant):
    """A person known to a workspace. `external_id` is the host product's id; a person who is so far
    only an e-mail address has none."""

    external_id = models.CharField(max_length=NAME, null=True)
    email = models.CharField(max_length=254, blank=True)
    name = models.CharField(max_length=NAME, blank=True)
    account = _reference("Account", "participants", null=True)
    traits = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField()
    merged_into = _reference("Participant", "merged", null=True)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "participant"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "external_id"], name="participant_external_id"),
            models.UniqueConstraint(
                fields=["workspace", "email"],
                condition=Q(external_id__isnull=True) & ~Q(email=""),
                name="participant_only_email",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "email"], name="participant_email", condition=~Q(email="")),
            models.Index(fields=["workspace", "account"], name="participant_account"),
            models.Index(
                fields=["workspace", "merged_into"],
                name="participant_merged_into",
                condition=Q(merged_into__isnull=False),
            ),
        ]


class ParticipantMerge(Tenant):
    """One participant merged into another, with what came over, so that it can be taken back."""

    merged = _reference("Participant", "merges")
    survivor = _reference("Participant", "+")
    event = _reference("Event", "+")
    merged_at = models.DateTimeField()
    moved = models.JSONField()
    split_event = _reference("Event", "+", null=True)
    split_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "participant_merge"
        indexes = [models.Index(fields=["workspace", "merged"], name="participant_merge_merged")]


class Program(Tenant):
    """A versioned document of rules, known in the workspace by its key."""

    key = models.CharField(max_length=SHORT)
    name = models.CharField(max_length=NAME)
    kind = models.CharField(max_length=SHORT)
    live_version = _reference("ProgramVersion", "+", null=True)
    state = models.CharField(
        max_length=SHORT, db_default="", blank=True, help_text="paused, settling or ended; empty while it runs."
    )
    test = models.BooleanField(
        default=False, db_default=False, help_text="Whether it runs in test mode: what it gives goes nowhere."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "program"
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="program_key")]


class ProgramVersion(Tenant):
    """One immutable published revision of a program."""

    program = _reference("Program", "versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    digest = models.CharField(max_length=SHORT, help_text="SHA-256 of the document in canonical JSON.")
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=NAME)

    class Meta:
        db_table = "program_version"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "program", "number"], name="program_version_number")
        ]


class ProgramDraft(Tenant):
    """A document on its way to being published, and what happened to it."""

    key = models.CharField(max_length=SHORT, help_text="The program's.")
    text = models.TextField(help_text="The document as it was written, YAML or JSON.")
    state = models.CharField(max_length=SHORT, help_text="draft, review, approved, published or discarded.")
    beside = models.PositiveIntegerField(db_default=0, help_text="The newest version when it was approved.")
    number = models.PositiveIntegerField(null=True, help_text="The version it was published as.")
    trail = models.JSONField(default=list, help_text="Steps, oldest first: at, by, what, comment, digest of the text.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "program_draft"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "key"],
                condition=Q(state__in=("draft", "review", "approved")),
                name="program_draft_open",
            )
        ]


class Link(Tenant):
    """What a participant shares for one program. Its code is stored in lower case."""

    program = _reference("Program", "links")
    participant = _reference("Participant", "links")
    code = models.CharField(max_length=SHORT)
    channel = models.CharField(max_length=SHORT, blank=True)
    simulated = models.BooleanField(default=False)
    state = models.CharField(
        max_length=SHORT, db_default="", blank=True, help_text="off; empty while it leads somewhere."
    )
    expires_at = models.DateTimeField(null=True)
    destination = models.CharField(
        max_length=2000, db_default="", blank=True, help_text="Its own; empty for the program's."
    )
    created_at = models.DateTimeField()
    typed = models.CharField(
        max_length=SHORT,
        db_default="",
        blank=True,
        help_text="The code without what people leave out: `codes.plain`. Empty where the link is older than that.",
    )

    class Meta:
        db_table = "link"
        constraints = [models.UniqueConstraint(fields=["workspace", "code"], name="link_code")]
        indexes = [
            models.Index(fields=["workspace", "participant"], name="link_participant"),
            models.Index(fields=["workspace", "typed"], name="link_typed"),
        ]


class Click(Tenant):
    """One request of a link's address, kept before it was answered. Evidence, and no event: there are millions."""

    link = _reference("Link", "clicks")
    clicked_at = models.DateTimeField()
    kind = models.CharField(max_length=SHORT, help_text="visit, preview or bot.")
    device = models.CharField(max_length=SHORT, help_text="phone, tablet, desktop or other.")
    channel = models.CharField(max_length=SHORT, help_text="The link's when it was clicked.")
    referrer = models.CharField(max_length=300, help_text="Host and path.")
    language = models.CharField(max_length=35)
    utm = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    ip_hash = models.BinaryField(max_length=16, null=True)
    ip = models.GenericIPAddressField(null=True)
    visitor_id = models.UUIDField(null=True, help_text="The same browser's first click; empty on that.")

    class Meta:
        db_table = "click"
        indexes = [
            models.Index(fields=["workspace", "link", "id"], name="click_link"),
            models.Index(
                fields=["workspace", "visitor_id"], name="click_visitor", condition=Q(visitor_id__isnull=False)
            ),
            models.Index(fields=["workspace", "id"], name="click_ip", condition=Q(ip__isnull=False)),
        ]


class Event(Tenant):
    """One fact that happened, as it was sent. Never changed but by the erasure of a person."""

    source = models.CharField(max_length=SHORT)
    event_id = models.CharField(max_length=NAME)
    type = models.CharField(max_length=SHORT)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    payload = models.JSONField(help_text="participant, account and properties, as sent.")

    class Meta:
        db_table = "event"
        constraints = [models.UniqueConstraint(fields=["workspace", "source", "event_id"], name="event_source_id")]


class Inbox(models.Model):
    """A recorded event that is not applied yet. `seq` is arrival, not order of commit: a late writer's
    row is simply found later, because the row itself, not a watermark, says that work is left."""

    seq = models.BigAutoField(primary_key=True)
    workspace = _tenant()
    event = _reference("Event", "+")
    attempts = models.PositiveSmallIntegerField(db_default=0)
    error = models.TextField(db_default="")
    request = models.CharField(max_length=SHORT, db_default="", help_text="The request it came with, for the logs.")

    class Meta:
        db_table = "inbox"


class Applied(models.Model):
    """The stored, total order in which one workspace's events were applied."""

    event = InsideOneToOneField(
        Event,
        primary_key=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="applied",
    )
    workspace = _tenant()
    position = models.BigIntegerField()
    participant = _reference("Participant", "applied", null=True)
    applied_at = models.DateTimeField()

    class Meta:
        db_table = "applied"
        constraints = [models.UniqueConstraint(fields=["workspace", "position"], name="applied_position")]
        indexes = [
            models.Index(fields=["workspace", "participant", "position"], name="applied_participant"),
        ]


class Decision(Tenant):
    """What the engine concluded from one event for one program, with its trace; or, without a program, about
    who is who."""

    event = _reference("Event", "decisions")
    program = _reference("Program", "decisions", null=True)
    version = _reference("ProgramVersion", "+", null=True)
    participant = _reference("Participant", "decisions", null=True)
    referral = _reference("Referral", "decisions", null=True)
    outcome = models.CharField(max_length=8, help_text="yes or no")
    reason = models.CharField(max_length=SHORT)
    trace = models.JSONField(null=True)
    occurred_at = models.DateTimeField()

    class Meta:
        db_table = "decision"
        indexes = [
            models.Index(fields=["workspace", "event"], name="decision_event"),
            models.Index(
                fields=["workspace", "referral"],
                name="decision_referral",
                condition=Q(referral__isnull=False),
            ),
            models.Index(
                fields=["workspace", "id"],
                name="decision_statement",
                condition=Q(reason__in=("statement_payable", "statement_carried")),
            ),
            models.Index(
                fields=["workspace", "participant", "id"],
                name="decision_statement_of",
                condition=Q(reason__in=("statement_payable", "statement_carried")),
            ),
            models.Index(
                fields=["workspace", "program", "id"],
                name="decision_standing",
                condition=Q(reason__in=("scheduled", "published", "paused", "resumed", "program_over")),
            ),
        ]


class Referral(Tenant):
    """One referrer, one referred, one program, under the version that was live when it began."""

    program = _reference("Program", "referrals")
    version = _reference("ProgramVersion", "+")
    referrer = _reference("Participant", "referrals_made")
    referred = _reference("Participant", "referrals_received")
    external_id = models.CharField(max_length=NAME, null=True)
    source = models.CharField(max_length=SHORT, help_text="The kind of touch that began it.")
    state = models.CharField(max_length=SHORT)
    reason = models.CharField(max_length=SHORT, blank=True)
    submitted_at = models.DateTimeField()
    qualified_at = models.DateTimeField(null=True)
    opportunity_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    value = models.BigIntegerField(null=True, help_text="Minor units of the program's currency at close.")
    properties = models.JSONField(default=dict)
    simulated = models.BooleanField(default=False)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "referral"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "program", "referred"],
                condition=~Q(state__in=["duplicate", "disqualified", "expired", "voided", "closed_lost"]),
                name="referral_one_standing",
            ),
            models.UniqueConstraint(
                fields=["workspace", "program", "external_id"],
                condition=Q(external_id__isnull=False),
                name="referral_external_id",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "referrer"], name="referral_referrer"),
            models.Index(fields=["workspace", "referred"], name="referral_referred"),
        ]


class Reward(Tenant):
    """One promised benefit to one participant."""

    program = _reference("Program", "rewards")
    version = _reference("ProgramVersion", "+")
    rule = models.CharField(max_length=SHORT)
    subject_id = models.UUIDField(help_text="The referral, or the participant where there is none.")
    occurrence = models.CharField(max_length=NAME)
    referral = _reference("Referral", "rewards", null=True)
    participant = _reference("Participant", "rewards")
    gift = models.JSONField(help_text="The gift as the rule words it: type and its terms.")
    amount = models.BigIntegerField(null=True)
    unit = models.CharField(max_length=SHORT, blank=True)
    reversed = models.BigIntegerField(default=0)
    state = models.CharField(max_length=SHORT)
    reason = models.CharField(max_length=SHORT, blank=True)
    needs_approval = models.CharField(max_length=SHORT, blank=True, help_text="The role that must approve.")
    hold_until = models.DateTimeField(null=True)
    pending_transfer_id = models.UUIDField(null=True, help_text="The transfer that holds its amount.")
    granted_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    issued_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="When it left the good path.")
    expires_at = models.DateTimeField(null=True)
    notify_by = models.DateTimeField(null=True)
    fulfil_by = models.DateTimeField(null=True)
    simulated = models.BooleanField(default=False)
    basis = models.JSONField(
        default=dict,
        db_default={},
        help_text="Of a reward for an event: order_id, value and currency, and how much of it was refunded.",
    )
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "reward"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "subject_id", "program", "rule", "occurrence"], name="reward_once"
            )
        ]
        indexes = [
            models.Index(fields=["workspace", "participant"], name="reward_participant"),
            models.Index(
                fields=["workspace", "participant"],
                name="reward_open_own",
                condition=Q(referral__isnull=True, state__in=("pending", "approved")),
            ),
        ]


class Counter(models.Model):
    """A running count and amount the engine needs without reading history: what a participant ordered,
    what a limit has used in a period."""

    pk = models.CompositePrimaryKey("workspace_id", "subject_id", "name")
    workspace = _tenant()
    subject_id = models.UUIDField()
    name = models.CharField(max_length=NAME)
    count = models.BigIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        db_table = "counter"
        indexes = [
            models.Index(
                fields=["workspace", "name", "subject_id"],
                name="counter_shared",
                condition=Q(name__startswith="contest:") | Q(name__startswith="goal:"),
            ),
        ]


class Timer(Tenant):
    """A moment at which something becomes an event: the end of a hold, an expiry, a waitlist's turn."""

    kind = models.CharField(max_length=SHORT)
    due_at = models.DateTimeField()
    program = _reference("Program", "+")
    referral = _reference("Referral", "+", null=True)
    reward = _reference("Reward", "timers", null=True)
    detail = models.JSONField(default=dict)
    place = models.BigIntegerField(db_default=0)
    attempts = models.PositiveSmallIntegerField(db_default=0)
    error = models.TextField(db_default="")

    class Meta:
        db_table = "timer"
        indexes = [
            models.Index(fields=["workspace", "due_at"], name="timer_due"),
        ]


class EarlyFact(Tenant):
    """A fact that came before what it builds on, kept until that comes. What it says stays in the log."""

    program = _reference("Program", "+")
    subject = models.CharField(max_length=NAME, help_text="The referral's id, or the name it will have.")
    event = _reference("Event", "+")
    recall_at = models.DateTimeField(null=True, help_text="When it is told again, where that is known.")

    class Meta:
        db_table = "early_fact"
        indexes = [models.Index(fields=["workspace", "subject"], name="early_fact_subject")]


class Claim(Tenant):
    """A participant's word that they brought somebody. What they told of it, and what staff did, is in the events."""

    program = _reference("Program", "+")
    participant = _reference("Participant", "+")
    referred = _reference("Participant", "+")
    state = models.CharField(max_length=SHORT, help_text="waiting, approved, rejected.")
    reason = models.CharField(max_length=SHORT, blank=True)
    at = models.DateTimeField(help_text="When the person was told, as the claimant says.")
    claimed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decision = _reference("Event", "+", null=True, help_text="The event by which staff decided.")
    referral = _reference("Referral", "+", null=True)

    class Meta:
        db_table = "claim"
        indexes = [
            models.Index(fields=["workspace", "state", "id"], name="claim_state"),
            models.Index(fields=["workspace", "participant", "id"], name="claim_participant"),
            models.Index(fields=["workspace", "referred"], name="claim_referred"),
        ]


class ExchangeRate(Tenant):
    """What one currency costs in another on a day, as the newest event about it told."""

    base = models.CharField(max_length=3)
    quote = models.CharField(max_length=3)
    day = models.DateField()
    rate = models.CharField(max_length=32, help_text="What one base costs in quote, as it was told.")
    source = models.CharField(max_length=NAME)
    published_at = models.DateTimeField()

    class Meta:
        db_table = "exchange_rate"
        indexes = [models.Index(fields=["workspace", "base", "quote", "day"], name="exchange_rate_day")]


class LedgerAccount(Tenant):
    """One side of transfers, in one unit. Balances are kept by the database from the transfers."""

    class Kind(models.TextChoices):
        PROGRAM_COST = "program_cost"  # what rewards cost the program (debit)
        OPENING = "opening"  # what came with an import: another system's books bore it (debit)
        PARTICIPANT_BALANCE = "participant_balance"  # approved, not yet issued (credit)
        FULFILLED = "fulfilled"  # issued (credit)
        PARTICIPANT_DEBT = "participant_debt"  # reversed after issue, nets later (debit)

    kind = models.CharField(max_length=SHORT, choices=Kind.choices)
    unit = models.CharField(max_length=SHORT)
    program = _reference("Program", "ledger_accounts", null=True)
    participant = _reference("Participant", "ledger_accounts", null=True)
    debits_pending = models.BigIntegerField(db_default=0)
    debits_posted = models.BigIntegerField(db_default=0)
    credits_pending = models.BigIntegerField(db_default=0)
    credits_posted = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "ledger_account"
        indexes = [
            models.Index(
                fields=["workspace", "participant"],
                name="ledger_account_participant",
                condition=Q(participant__isnull=False),
            ),
        ]


class Transfer(Tenant):
    """One immutable double-entry movement. One debit, one credit, one amount, one unit: it cannot be
    unbalanced. A pending transfer is settled once, by a `post` (whole or part) or a `void`."""

    class Phase(models.TextChoices):
        PENDING = "pending"
        POSTED = "posted"
        POST = "post"
        VOID = "void"

    debit = _reference("LedgerAccount", "debits")
    credit = _reference("LedgerAccount", "credits")
    unit = models.CharField(max_length=SHORT)
    amount = models.BigIntegerField()
    phase = models.CharField(max_length=8, choices=Phase.choices)
    pending = _reference("Transfer", "settled_by", null=True)
    code = models.CharField(max_length=SHORT, help_text="grant, approve, issue, cancel, reverse, net")
    reward = _reference("Reward", "transfers")
    event = _reference("Event", "transfers")
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "transfer"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_amount_positive"),
            models.CheckConstraint(condition=~Q(debit=models.F("credit")), name="transfer_two_accounts"),
            models.CheckConstraint(
                condition=Q(phase__in=["pending", "posted"], pending__isnull=True)
                | Q(phase__in=["post", "void"], pending__isnull=False),
                name="transfer_phase",
            ),
            models.UniqueConstraint(
                fields=["workspace", "pending"],
                condition=Q(pending__isnull=False),
                name="transfer_settled_once",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "debit"], name="transfer_debit"),
            models.Index(fields=["workspace", "credit"], name="transfer_credit"),
            models.Index(fields=["workspace", "reward"], name="transfer_reward"),
        ]


class Outbox(Tenant):
    """What must leave the system, written in the transaction that decided it. Its id is the hash of the effect
    it stands for, so that one effect has one row."""

    topic = models.CharField(max_length=SHORT)
    event = _reference("Event", "+")
    payload = models.JSONField()
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "outbox"
        indexes = [
            models.Index(
                fields=["workspace", "created_at"], name="outbox_waiting", condition=Q(delivered_at__isnull=True)
            ),
        ]


class Erasure(Tenant):
    """The receipt of a person's erasure. Says what was done, and nothing that identifies."""

    participant = _reference("Participant", "+")
    event = _reference("Event", "+")
    requested_by = models.CharField(max_length=NAME)
    requested_at = models.DateTimeField()
    erased_at = models.DateTimeField()
    counts = models.JSONField(help_text="Rows rewritten or removed, by table.")
    left = models.JSONField(help_text="Rows of the workspace's own that still name the person, by table.")
    digests = models.JSONField(help_text="Keyed hashes of external ids and e-mails, to tell who was erased.")

    class Meta:
        db_table = "erasure"
        constraints = [models.UniqueConstraint(fields=["workspace", "participant"], name="erasure_once")]


class ErasedEvent(models.Model):
    """An event whose sender's id named an erased person, by the keyed hash of that id: sent again, it is still
    known."""

    pk = models.CompositePrimaryKey("workspace_id", "digest")
    workspace = _tenant()
    digest = models.BinaryField(max_length=32)
    event = _reference("Event", "+")

    class Meta:
        db_table = "erased_event"


class IdempotencyKey(models.Model):
    """The first answer to a write of the API, kept for a day so that a repeat gets the same one. A row
    without a status is a request that is still running (or died: then it is taken over)."""

    pk = models.CompositePrimaryKey("workspace_id", "key")
    workspace = _tenant()
    key = models.CharField(max_length=NAME)
    digest = models.BinaryField(max_length=32, help_text="SHA-256 of the request it belongs to.")
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.BinaryField(null=True)
    started_at = models.DateTimeField()

    class Meta:
        db_table = "idempotency_key"
        indexes = [models.Index(fields=["workspace", "started_at"], name="idempotency_key_started")]


class RateWindow(models.Model):
    """How many requests an API key has made in its present window of the rate limit."""

    pk = models.CompositePrimaryKey("workspace_id", "api_key_id")
    workspace = _tenant()
    api_key = _reference("ApiKey", "+")
    started_at = models.DateTimeField()
    requests = models.PositiveIntegerField()

    class Meta:
        db_table = "rate_window"


class Job(Tenant):
    """A long question: a backtest or a simulation, asked by somebody and answered by a process beside the worker.
    `run` is the attempt that works at it: what another one writes is not taken."""

    kind = models.CharField(max_length=SHORT)
    program = models.CharField(max_length=SHORT, help_text="The key of the program that the document names.")
    question = models.JSONField()
    state = models.CharField(max_length=SHORT)
    asked_by = models.CharField(max_length=NAME)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True, help_text="When who works at it last said so.")
    attempts = models.PositiveSmallIntegerField(default=0)
    run = models.UUIDField(null=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    result = models.JSONField(null=True)
    failure = models.CharField(max_length=SHORT, default="")
    detail = models.CharField(max_length=1000, default="")

    class Meta:
        db_table = "job"
        constraints = [
            models.UniqueConstraint(fields=["workspace"], condition=Q(state="running"), name="job_one_running"),
        ]


class JobRow(models.Model):
    """A line of a job's answer that is too long for its result: a changed decision, or what somebody gains or loses.
    Names nobody but by our ids; `decision` rows hold traces, and go when somebody is erased."""

    pk = models.CompositePrimaryKey("workspace_id", "job_id", "kind", "number")
    workspace = _tenant()
    job = _reference("Job", "rows")
    kind = models.CharField(max_length=SHORT)
    number = models.IntegerField()
    data = models.JSONField()

    class Meta:
        db_table = "job_row"


class ImportRun(Tenant):
    """An import of another system's files: what was asked, how far it is, and what came of it. `position` says where
    it goes on after a crash. It is kept; its files go when it is over."""

    mapping = models.CharField(max_length=SHORT, help_text="The name of the mapping.")
    document = models.JSONField(help_text="The mapping, as text: its order counts.")
    program = models.CharField(max_length=SHORT, help_text="The program's key.")
    rule = models.CharField(max_length=SHORT, blank=True, help_text="What rewards stand for, where that was said.")
    dry_run = models.BooleanField()
    state = models.CharField(max_length=SHORT, help_text="waiting, running, done, failed, cancelled, undoing, undone.")
    asked_by = models.CharField(max_length=NAME)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    files = models.JSONField(default=list, help_text="name, kind, size, digest, format, rows of each.")
    position = models.JSONField(default=dict, help_text="step, row, number, settled; of an undoing: number.")
    counts = models.JSONField(default=dict, help_text="By kind: accepted, skipped, error; and undone, kept.")
    failure = models.CharField(max_length=SHORT, default="")
    detail = models.CharField(max_length=1000, default="")

    class Meta:
        db_table = "import_run"


class ImportFile(models.Model):
    """A part of the bytes of a file that waits to be imported."""

    pk = models.CompositePrimaryKey("workspace_id", "run_id", "file", "part")
    workspace = _tenant()
    run = _reference("ImportRun", "parts")
    file = models.PositiveSmallIntegerField()
    part = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        db_table = "import_file"


class ImportRow(models.Model):
    """A line of an import's report: what became of a row, or of a part of it."""

    pk = models.CompositePrimaryKey("workspace_id", "run_id", "number")
    workspace = _tenant()
    run = _reference("ImportRun", "rows")
    number = models.PositiveIntegerField()
    file = models.PositiveSmallIntegerField()
    line = models.PositiveIntegerField()
    kind = models.CharField(max_length=SHORT)
    status = models.CharField(max_length=SHORT, help_text="accepted, skipped, error, undone or kept.")
    code = models.CharField(max_length=SHORT, blank=True)
    column_name = models.CharField(max_length=NAME, blank=True)
    value = models.CharField(max_length=NAME, blank=True)
    message = models.CharField(max_length=1000, blank=True)
    source_id = models.CharField(max_length=NAME, blank=True)
    event = _reference("Event", "+", null=True)

    class Meta:
        db_table = "import_row"


class ImportKey(models.Model):
    """What an import has seen, so that later rows and imports find it: the digest of a vendor's id (`scope` the
    vendor), or of a name within one import (`scope` its id)."""

    pk = models.CompositePrimaryKey("workspace_id", "scope", "key")
    workspace = _tenant()
    scope = models.CharField(max_length=SHORT)
    key = models.CharField(max_length=SHORT)
    run = _reference("ImportRun", "keys")
    line = models.PositiveIntegerField()
    event = _reference("Event", "+", null=True)
    target_id = models.UUIDField(null=True, help_text="The participant or referral, where it was there before.")

    class Meta:
        db_table = "import_key"
        indexes = [models.Index(fields=["workspace", "run"], name="import_key_run")]
