"""A workspace's own: its members, its keys and what they asked for, and how its settings changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from goodword.store.models._base import NAME, SHORT, Tenant, reference, tenant


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
    replaced_by = reference("ApiKey", "+", null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_key"
        constraints = [models.UniqueConstraint(fields=["workspace", "digest"], name="api_key_digest")]


class IdempotencyKey(models.Model):
    """The first answer to a write of the API, kept for a day so that a repeat gets the same one. A row
    without a status is a request that is still running (or died: then it is taken over)."""

    pk = models.CompositePrimaryKey("workspace_id", "key")
    workspace = tenant()
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
    workspace = tenant()
    api_key = reference("ApiKey", "+")
    started_at = models.DateTimeField()
    requests = models.PositiveIntegerField()

    class Meta:
        db_table = "rate_window"
