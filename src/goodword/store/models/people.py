"""Participants and their accounts; who turned out to be one, and who was erased."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from goodword.store.models._base import NAME, Tenant, reference, tenant


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
    account = reference("Account", "participants", null=True)
    traits = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField()
    merged_into = reference("Participant", "merged", null=True)
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

    merged = reference("Participant", "merges")
    survivor = reference("Participant", "+")
    event = reference("Event", "+")
    merged_at = models.DateTimeField()
    moved = models.JSONField()
    split_event = reference("Event", "+", null=True)
    split_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "participant_merge"
        indexes = [models.Index(fields=["workspace", "merged"], name="participant_merge_merged")]


class Erasure(Tenant):
    """The receipt of a person's erasure. Says what was done, and nothing that identifies."""

    participant = reference("Participant", "+")
    event = reference("Event", "+")
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
    workspace = tenant()
    digest = models.BinaryField(max_length=32)
    event = reference("Event", "+")

    class Meta:
        db_table = "erased_event"
