"""Participants who turn out to be one: who stands for whom, what came over, and decisions that concern no program.

Takes its locks for a moment: a table of its own, a column without a default, and columns that may be empty now.
"""

from typing import Any

import uuid_utils.compat
from django.db import migrations, models
from django.db.models.deletion import DO_NOTHING

OWN = "workspace_id = (SELECT NULLIF(current_setting('goodword.workspace_id', true), '')::uuid)"


def reference(to: str, name: str = "+", **options: Any) -> Any:
    return models.ForeignKey(
        to=f"store.{to}", on_delete=DO_NOTHING, db_constraint=False, db_index=False, related_name=name, **options
    )


class Migration(migrations.Migration):
    dependencies = [("store", "0007_lean_rows")]

    operations = [
        migrations.CreateModel(
            "ParticipantMerge",
            [
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("merged_at", models.DateTimeField()),
                ("moved", models.JSONField()),
                ("split_at", models.DateTimeField(null=True)),
                ("workspace", reference("workspace")),
                ("merged", reference("participant", "merges")),
                ("survivor", reference("participant")),
                ("event", reference("event")),
                ("split_event", reference("event", null=True)),
            ],
            {"db_table": "participant_merge"},
        ),
        migrations.AddIndex(
            "participantmerge", models.Index(fields=["workspace", "merged"], name="participant_merge_merged")
        ),
        migrations.RunSQL(
            [
                "ALTER TABLE participant_merge DROP CONSTRAINT participant_merge_pkey, ADD PRIMARY KEY (workspace_id, id)",
                "ALTER TABLE participant_merge ENABLE ROW LEVEL SECURITY",
                "ALTER TABLE participant_merge FORCE ROW LEVEL SECURITY",
                f"CREATE POLICY own ON participant_merge USING ({OWN}) WITH CHECK ({OWN})",
            ],
            migrations.RunSQL.noop,
        ),
        migrations.AddField("participant", "merged_into", reference("participant", "merged", null=True)),
        migrations.AlterField("decision", "program", reference("program", "decisions", null=True)),
        migrations.AlterField("decision", "version", reference("programversion", null=True)),
    ]
