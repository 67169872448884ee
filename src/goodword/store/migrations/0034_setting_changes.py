"""Who changed a workspace's settings. A table of its own, empty, so nobody waits for it."""

import uuid_utils.compat
from django.db import migrations, models
from django.db.models.deletion import DO_NOTHING

OWN = "workspace_id = (SELECT NULLIF(current_setting('goodword.workspace_id', true), '')::uuid)"


class Migration(migrations.Migration):
    dependencies = [("store", "0033_holds_covered")]

    operations = [
        migrations.CreateModel(
            "SettingChange",
            [
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.CharField(
                        help_text="Who: a member, a key, or whoever was at the command line.", max_length=200
                    ),
                ),
                ("door", models.CharField(help_text="console, api or cli.", max_length=64)),
                ("changes", models.JSONField(help_text="By setting, what it was and what it became.")),
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
            {"db_table": "setting_change"},
        ),
        migrations.RunSQL(
            [
                "ALTER TABLE setting_change DROP CONSTRAINT setting_change_pkey, ADD PRIMARY KEY (workspace_id, id)",
                "ALTER TABLE setting_change ENABLE ROW LEVEL SECURITY",
                "ALTER TABLE setting_change FORCE ROW LEVEL SECURITY",
                f"CREATE POLICY own ON setting_change USING ({OWN}) WITH CHECK ({OWN})",
            ],
            migrations.RunSQL.noop,
        ),
    ]
