"""Programmes, their published versions, and what is on its way to being one."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from goodword.store.models._base import NAME, SHORT, Tenant, reference


class Program(Tenant):
    """A versioned document of rules, known in the workspace by its key."""

    key = models.CharField(max_length=SHORT)
    name = models.CharField(max_length=NAME)
    kind = models.CharField(max_length=SHORT)
    live_version = reference("ProgramVersion", "+", null=True)
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

    program = reference("Program", "versions")
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
