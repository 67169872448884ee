"""Links are found by the code as people type it, and a short domain is one workspace's: indexes built beside the writers.
Such a build can be cut short and then leaves an invalid index, so the migration may run again."""

from django.db import migrations, models
from django.db.models import Q

LINK_TYPED = "CREATE INDEX CONCURRENTLY link_typed ON link (workspace_id, typed)"
WORKSPACE_DOMAIN = "CREATE UNIQUE INDEX CONCURRENTLY workspace_domain ON workspace (domain) WHERE domain IS NOT NULL"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("store", "0022_clicks")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS link_typed", migrations.RunSQL.noop),
                migrations.RunSQL(LINK_TYPED, "DROP INDEX CONCURRENTLY link_typed"),
                migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS workspace_domain", migrations.RunSQL.noop),
                migrations.RunSQL(WORKSPACE_DOMAIN, "DROP INDEX CONCURRENTLY workspace_domain"),
            ],
            state_operations=[
                migrations.AddIndex(
                    "link",
                    models.Index(fields=["workspace", "typed"], name="link_typed"),
                ),
                migrations.AddConstraint(
                    "workspace",
                    models.UniqueConstraint(
                        fields=["domain"], name="workspace_domain", condition=Q(domain__isnull=False)
                    ),
                ),
            ],
        )
    ]
