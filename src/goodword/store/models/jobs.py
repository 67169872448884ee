"""Long work: backtests, simulations, and imports of other systems' files."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from goodword.store.models._base import NAME, SHORT, Tenant, reference, tenant


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
    workspace = tenant()
    job = reference("Job", "rows")
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
    workspace = tenant()
    run = reference("ImportRun", "parts")
    file = models.PositiveSmallIntegerField()
    part = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        db_table = "import_file"


class ImportRow(models.Model):
    """A line of an import's report: what became of a row, or of a part of it."""

    pk = models.CompositePrimaryKey("workspace_id", "run_id", "number")
    workspace = tenant()
    run = reference("ImportRun", "rows")
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
    event = reference("Event", "+", null=True)

    class Meta:
        db_table = "import_row"


class ImportKey(models.Model):
    """What an import has seen, so that later rows and imports find it: the digest of a vendor's id (`scope` the
    vendor), or of a name within one import (`scope` its id)."""

    pk = models.CompositePrimaryKey("workspace_id", "scope", "key")
    workspace = tenant()
    scope = models.CharField(max_length=SHORT)
    key = models.CharField(max_length=SHORT)
    run = reference("ImportRun", "keys")
    file = models.SmallIntegerField(null=True, help_text="Of the import; of those of before, nothing.")
    line = models.PositiveIntegerField()
    event = reference("Event", "+", null=True)
    target_id = models.UUIDField(null=True, help_text="The participant or referral, where it was there before.")

    class Meta:
        db_table = "import_key"
        indexes = [models.Index(fields=["workspace", "run"], name="import_key_run")]
