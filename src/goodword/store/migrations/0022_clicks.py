"""Clicks, what links gained, and what a workspace says of both. Takes its locks for a moment."""

from typing import Any

import uuid_utils.compat
from django.db import migrations, models
from django.db.models import Q, Value
from django.db.models.deletion import DO_NOTHING

OWN = "workspace_id = (SELECT NULLIF(current_setting('goodword.workspace_id', true), '')::uuid)"


def _reference(to: str, name: str = "+") -> Any:
    return models.ForeignKey(to=to, on_delete=DO_NOTHING, db_constraint=False, db_index=False, related_name=name)


class Migration(migrations.Migration):
    dependencies = [("store", "0021_keys")]

    operations = [
        migrations.AddField(
            "link",
            "state",
            models.CharField(
                blank=True, db_default="", help_text="off; empty while it leads somewhere.", max_length=64
            ),
        ),
        migrations.AddField("link", "expires_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "link",
            "destination",
            models.CharField(blank=True, db_default="", help_text="Its own; empty for the program's.", max_length=2000),
        ),
        migrations.AddField(
            "link",
            "typed",
            models.CharField(
                blank=True,
                db_default="",
                help_text="The code without what people leave out: `codes.plain`. Empty where the link is older than that.",
                max_length=64,
            ),
        ),
        migrations.AddField(
            "workspace",
            "domain",
            models.CharField(help_text="The short domain of its links.", max_length=253, null=True),
        ),
        migrations.AddField(
            "workspace", "settings", models.JSONField(db_default=Value({}, models.JSONField()), default=dict)
        ),
        migrations.AddField(
            "workspace",
            "salt",
            models.BinaryField(
                help_text="Of the hashes of IP addresses, until it is thrown away.", max_length=32, null=True
            ),
        ),
        migrations.AddField("workspace", "salted_at", models.DateTimeField(null=True)),
        migrations.CreateModel(
            "Click",
            [
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("clicked_at", models.DateTimeField()),
                ("kind", models.CharField(help_text="visit, preview or bot.", max_length=64)),
                ("device", models.CharField(help_text="phone, tablet, desktop or other.", max_length=64)),
                ("channel", models.CharField(help_text="The link's when it was clicked.", max_length=64)),
                ("referrer", models.CharField(help_text="Host and path.", max_length=300)),
                ("language", models.CharField(max_length=35)),
                ("utm", models.JSONField(db_default=Value({}, models.JSONField()), default=dict)),
                ("ip_hash", models.BinaryField(max_length=16, null=True)),
                ("ip", models.GenericIPAddressField(null=True)),
                ("visitor_id", models.UUIDField(help_text="The same browser's first click; empty on that.", null=True)),
                ("link", _reference("store.link", "clicks")),
                ("workspace", _reference("store.workspace")),
            ],
            {"db_table": "click"},
        ),
        migrations.AddIndex("click", models.Index(fields=["workspace", "link", "id"], name="click_link")),
        migrations.AddIndex(
            "click",
            models.Index(
                fields=["workspace", "visitor_id"], condition=Q(visitor_id__isnull=False), name="click_visitor"
            ),
        ),
        migrations.AddIndex(
            "click", models.Index(fields=["workspace", "id"], condition=Q(ip__isnull=False), name="click_ip")
        ),
        migrations.RunSQL(
            [
                "ALTER TABLE click DROP CONSTRAINT click_pkey, ADD PRIMARY KEY (workspace_id, id)",
                "ALTER TABLE click ENABLE ROW LEVEL SECURITY",
                "ALTER TABLE click FORCE ROW LEVEL SECURITY",
                f"CREATE POLICY own ON click USING ({OWN}) WITH CHECK ({OWN})",
            ],
            migrations.RunSQL.noop,
        ),
    ]
