"""Facts that came before what they build on. A table of its own, empty, so nobody waits for it."""

from typing import Any

import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models

OWN = "workspace_id = (SELECT NULLIF(current_setting('goodword.workspace_id', true), '')::uuid)"


def _reference(to: str) -> Any:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to=to,
    )


class Migration(migrations.Migration):
    dependencies = [("store", "0003_operating")]

    operations = [
        migrations.CreateModel(
            name="EarlyFact",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "subject",
                    models.CharField(help_text="The referral's id, or the name it will have.", max_length=200),
                ),
                (
                    "recall_at",
                    models.DateTimeField(help_text="When it is told again, where that is known.", null=True),
                ),
                ("event", _reference("store.event")),
                ("program", _reference("store.program")),
                ("workspace", _reference("store.workspace")),
            ],
            options={
                "db_table": "early_fact",
                "indexes": [models.Index(fields=["workspace", "subject"], name="early_fact_subject")],
            },
        ),
        migrations.RunSQL(
            [
                "ALTER TABLE early_fact DROP CONSTRAINT early_fact_pkey, ADD PRIMARY KEY (workspace_id, id)",
                "ALTER TABLE early_fact ENABLE ROW LEVEL SECURITY",
                "ALTER TABLE early_fact FORCE ROW LEVEL SECURITY",
                f"CREATE POLICY own ON early_fact USING ({OWN}) WITH CHECK ({OWN})",
            ],
            migrations.RunSQL.noop,
        ),
    ]
