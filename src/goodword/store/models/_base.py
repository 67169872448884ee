"""What tables have in common: the workspace they belong to, and references inside it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q, Value
from uuid_utils.compat import uuid7

from goodword.store.relations import InsideForeignKey

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


def reference(to: str, name: str, **options: Any) -> Any:
    """A reference inside the workspace: a relation for Django, a plain column for the database."""
    return InsideForeignKey(
        to, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name=name, **options
    )


def tenant() -> Any:
    """The tenant column. Row-level security, not a foreign key, says that it is the caller's own."""
    return models.ForeignKey(
        Workspace, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )


class Tenant(models.Model):
    """What every table of a workspace has: the tenant column and a globally unique UUIDv7."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = tenant()

    class Meta:
        abstract = True
