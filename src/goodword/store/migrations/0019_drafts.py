"""Drafts of programs. Takes its locks for a moment: a table of its own."""

import uuid_utils.compat
from django.db import migrations, models
from django.db.models import Q
from django.db.models.deletion import DO_NOTHING

OWN = "workspace_id = (SELECT NULLIF(current_setting('goodword.workspace_id', true), '')::uuid)"


class Migration(migrations.Migration):
    dependencies = [("store", "0018_program_test")]

    operations = [
        migrations.CreateModel(
            "ProgramDraft",
            [
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.CharField(help_text="The program's.", max_length=64)),
                ("text", models.TextField(help_text="The document as it was written, YAML or JSON.")),
                (
                    "state",
                    models.CharField(help_text="draft, review, approved, published or discarded.", max_length=64),
                ),
                (
                    "beside",
                    models.PositiveIntegerField(db_default=0, help_text="The newest version when it was approved."),
                ),
                ("number", models.PositiveIntegerField(help_text="The version it was published as.", null=True)),
                (
                    "trail",
                    models.JSONField(
                        default=list, help_text="Steps, oldest first: at, by, what, comment, digest of the text."
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField()),
                (
                    "workspace",
                    models.ForeignKey(
                        to="store.workspace",
                        on_delete=DO_NOTHING,
                        db_constraint=False,
                        db_index=False,
                        related_name="+",
                    ),
                ),
            ],
            {"db_table": "program_draft"},
        ),
        migrations.AddConstraint(
            "programdraft",
            models.UniqueConstraint(
                fields=["workspace", "key"],
                condition=Q(state__in=("draft", "review", "approved")),
                name="program_draft_open",
            ),
        ),
        migrations.RunSQL(
            [
                "ALTER TABLE program_draft DROP CONSTRAINT program_draft_pkey, ADD PRIMARY KEY (workspace_id, id)",
                "ALTER TABLE program_draft ENABLE ROW LEVEL SECURITY",
                "ALTER TABLE program_draft FORCE ROW LEVEL SECURITY",
                f"CREATE POLICY own ON program_draft USING ({OWN}) WITH CHECK ({OWN})",
            ],
            migrations.RunSQL.noop,
        ),
    ]
