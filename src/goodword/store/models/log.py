"""The facts, the order they were applied in, what was decided from them, and what must leave the system."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from goodword.store.models._base import NAME, SHORT, Tenant, reference, tenant
from goodword.store.relations import InsideOneToOneField


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
    workspace = tenant()
    event = reference("Event", "+")
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
    workspace = tenant()
    position = models.BigIntegerField()
    participant = reference("Participant", "applied", null=True)
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

    event = reference("Event", "decisions")
    program = reference("Program", "decisions", null=True)
    version = reference("ProgramVersion", "+", null=True)
    participant = reference("Participant", "decisions", null=True)
    referral = reference("Referral", "decisions", null=True)
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


class Outbox(Tenant):
    """What must leave the system, written in the transaction that decided it. Its id is the hash of the effect
    it stands for, so that one effect has one row."""

    topic = models.CharField(max_length=SHORT)
    event = reference("Event", "+")
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
