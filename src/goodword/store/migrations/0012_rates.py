"""Exchange rates by pair and day. Takes its locks for a moment: a table of its own."""

import uuid_utils.compat
from django.db import migrations, models
from django.db.models.deletion import DO_NOTHING

OWN = "workspace_id = (SELECT NULLIF(current_setting('goodword.workspace_id', true), '')::uuid)"


class Migration(migrations.Migration):
    dependencies = [("store", "0011_open_own_rewards")]

    operations = [
        migrations.CreateModel(
            "ExchangeRate",
            [
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("base", models.CharField(max_length=3)),
                ("quote", models.CharField(max_length=3)),
                ("day", models.DateField()),
                ("rate", models.CharField(help_text="What one base costs in quote, as it was told.", max_length=32)),
                ("source", models.CharField(max_length=200)),
                ("published_at", models.DateTimeField()),
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
            {"db_table": "exchange_rate"},
        ),
        migrations.AddIndex(
            "exchangerate", models.Index(fields=["workspace", "base", "quote", "day"], name="exchange_rate_day")
        ),
        migrations.RunSQL(
            [
                "ALTER TABLE exchange_rate DROP CONSTRAINT exchange_rate_pkey, ADD PRIMARY KEY (workspace_id, id)",
                "ALTER TABLE exchange_rate ENABLE ROW LEVEL SECURITY",
                "ALTER TABLE exchange_rate FORCE ROW LEVEL SECURITY",
                f"CREATE POLICY own ON exchange_rate USING ({OWN}) WITH CHECK ({OWN})",
            ],
            migrations.RunSQL.noop,
        ),
    ]
