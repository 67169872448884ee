"""Claims. A table of its own, empty, so nobody waits for it."""

from typing import Any

import uuid_utils.compat
from django.db import migrations, models
from django.db.models.deletion import DO_NOTHING

OWN = "workspace_id = (SELECT NULLIF(current_setting('goodword.workspace_id', true), '')::uuid)"


def reference(to: str, **options: Any) -> Any:
    return models.ForeignKey(
        to=f"store.{to}", on_delete=DO_NOTHING, db_constraint=False, db_index=False, related_name="+", **options
    )


class Migration(migrations.Migration):
    dependencies = [("store", "0025_ledger_room")]

    operations = [
        migrations.CreateModel(
            "Claim",
            [
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("state", models.CharField(help_text="waiting, approved, rejected.", max_length=64)),
                ("reason", models.CharField(blank=True, max_length=64)),
                ("at", models.DateTimeField(help_text="When the person was told, as the claimant says.")),
                ("claimed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("workspace", reference("workspace")),
                ("program", reference("program")),
                ("participant", reference("participant")),
                ("referred", reference("participant")),
                ("decision", reference("event", null=True, help_text="The event by which staff decided.")),
                ("referral", reference("referral", null=True)),
            ],
            {
                "db_table": "claim",
                "indexes": [
                    models.Index(fields=["workspace", "state", "id"], name="claim_state"),
                    models.Index(fields=["workspace", "participant", "id"], name="claim_participant"),
                    models.Index(fields=["workspace", "referred"], name="claim_referred"),
                ],
            },
        ),
        migrations.RunSQL(
            [
                "ALTER TABLE claim DROP CONSTRAINT claim_pkey, ADD PRIMARY KEY (workspace_id, id)",
                "ALTER TABLE claim ENABLE ROW LEVEL SECURITY",
                "ALTER TABLE claim FORCE ROW LEVEL SECURITY",
                f"CREATE POLICY own ON claim USING ({OWN}) WITH CHECK ({OWN})",
            ],
            migrations.RunSQL.noop,
        ),
    ]
