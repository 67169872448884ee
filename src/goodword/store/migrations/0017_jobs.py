"""Long questions and their answers. Takes its locks for a moment: tables of their own."""

from typing import Any

import uuid_utils.compat
from django.db import migrations, models
from django.db.models import Q
from django.db.models.deletion import DO_NOTHING

OWN = "workspace_id = (SELECT NULLIF(current_setting('goodword.workspace_id', true), '')::uuid)"


def own(table: str) -> list[str]:
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY own ON {table} USING ({OWN}) WITH CHECK ({OWN})",
    ]


def reference(to: str, name: str) -> Any:
    return models.ForeignKey(
        to=f"store.{to}", on_delete=DO_NOTHING, db_constraint=False, db_index=False, related_name=name
    )


class Migration(migrations.Migration):
    dependencies = [("store", "0016_statements")]

    operations = [
        migrations.CreateModel(
            "Job",
            [
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=64)),
                (
                    "program",
                    models.CharField(help_text="The key of the program that the document names.", max_length=64),
                ),
                ("question", models.JSONField()),
                ("state", models.CharField(max_length=64)),
                ("asked_by", models.CharField(max_length=200)),
                ("asked_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(help_text="When who works at it last said so.", null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("run", models.UUIDField(null=True)),
                ("done", models.BigIntegerField(default=0)),
                ("total", models.BigIntegerField(default=0)),
                ("result", models.JSONField(null=True)),
                ("failure", models.CharField(default="", max_length=64)),
                ("detail", models.CharField(default="", max_length=1000)),
                ("workspace", reference("workspace", "+")),
            ],
            {"db_table": "job"},
        ),
        migrations.CreateModel(
            "JobRow",
            [
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "workspace_id",
                        "job_id",
                        "kind",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("kind", models.CharField(max_length=64)),
                ("number", models.IntegerField()),
                ("data", models.JSONField()),
                ("workspace", reference("workspace", "+")),
                ("job", reference("job", "rows")),
            ],
            {"db_table": "job_row"},
        ),
        migrations.AddConstraint(
            "job",
            models.UniqueConstraint(condition=Q(state="running"), fields=("workspace",), name="job_one_running"),
        ),
        migrations.RunSQL(
            [
                "ALTER TABLE job DROP CONSTRAINT job_pkey, ADD PRIMARY KEY (workspace_id, id)",
                *own("job"),
                *own("job_row"),
            ],
            migrations.RunSQL.noop,
        ),
    ]
