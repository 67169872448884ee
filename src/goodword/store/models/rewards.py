"""Rewards, and what deciding the next one needs: counts, timers, early facts, exchange rates."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from goodword.store.models._base import NAME, SHORT, Tenant, reference, tenant


class Reward(Tenant):
    """One promised benefit to one participant."""

    program = reference("Program", "rewards")
    version = reference("ProgramVersion", "+")
    rule = models.CharField(max_length=SHORT)
    subject_id = models.UUIDField(help_text="The referral, or the participant where there is none.")
    occurrence = models.CharField(max_length=NAME)
    referral = reference("Referral", "rewards", null=True)
    participant = reference("Participant", "rewards")
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
    workspace = tenant()
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
    program = reference("Program", "+")
    referral = reference("Referral", "+", null=True)
    reward = reference("Reward", "timers", null=True)
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

    program = reference("Program", "+")
    subject = models.CharField(max_length=NAME, help_text="The referral's id, or the name it will have.")
    event = reference("Event", "+")
    recall_at = models.DateTimeField(null=True, help_text="When it is told again, where that is known.")

    class Meta:
        db_table = "early_fact"
        indexes = [models.Index(fields=["workspace", "subject"], name="early_fact_subject")]


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
