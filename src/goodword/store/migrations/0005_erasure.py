"""Receipts of erasures, and the events whose sender's id named an erased person. Both tables are new."""

from typing import Any

import uuid_utils.compat
from django.db import migrations, models

OWN = "workspace_id = (SELECT NULLIF(current_setting('goodword.workspace_id', true), '')::uuid)"


def _reference(to: str) -> Any:
    return models.ForeignKey(to, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")


class Migration(migrations.Migration):
    dependencies = [("store", "0004_early_facts")]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("requested_by", models.CharField(max_length=200)),
                ("requested_at", models.DateTimeField()),
                ("erased_at", models.DateTimeField()),
                ("counts", models.JSONField(help_text="Rows rewritten or removed, by table.")),
                (
                    "left",
                    models.JSONField(help_text="Rows of the workspace's own that still name the person, by table."),
                ),
                (
                    "digests",
                    models.JSONField(help_text="Keyed hashes of external ids and e-mails, to tell who was erased."),
                ),
                ("event", _reference("store.event")),
                ("participant", _reference("store.participant")),
                ("workspace", _reference("store.workspace")),
            ],
            options={"db_table": "erasure"},
        ),
        migrations.CreateModel(
            name="ErasedEvent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "workspace_id", "digest", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.BinaryField(max_length=32)),
                ("event", _reference("store.event")),
                ("workspace", _reference("store.workspace")),
            ],
            options={"db_table": "erased_event"},
        ),
        migrations.AddConstraint(
            model_name="erasure",
            constraint=models.UniqueConstraint(fields=("workspace", "participant"), name="erasure_once"),
        ),
        *(
            migrations.RunSQL([statement], migrations.RunSQL.noop)
            for statement in (
                "ALTER TABLE erasure DROP CONSTRAINT erasure_pkey, ADD PRIMARY KEY (workspace_id, id)",
                *(
                    text.format(table=table, own=OWN)
                    for table in ("erasure", "erased_event")
                    for text in (
                        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
                        "ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
                        "CREATE POLICY own ON {table} USING ({own}) WITH CHECK ({own})",
                    )
                ),
            )
        ),
    ]
