"""For those who operate it: the request that an event came with, and what waits in the outbox by age.

Takes no lock that anybody waits for: the column's default is a constant (no row is written), and the index
is built beside the writers. Such a build can be cut short and then leaves an invalid index, so the migration
may run again.
"""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("store", "0002_walls")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE inbox ADD COLUMN IF NOT EXISTS request varchar(64) NOT NULL DEFAULT ''",
                    "ALTER TABLE inbox DROP COLUMN request",
                ),
                migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS outbox_waiting", migrations.RunSQL.noop),
                migrations.RunSQL(
                    "CREATE INDEX CONCURRENTLY outbox_waiting ON outbox (workspace_id, created_at) "
                    "WHERE delivered_at IS NULL",
                    "DROP INDEX CONCURRENTLY outbox_waiting",
                ),
            ],
            state_operations=[
                migrations.AddField(
                    "inbox",
                    "request",
                    models.CharField(db_default="", help_text="The request it came with, for the logs.", max_length=64),
                ),
                migrations.AddIndex(
                    "outbox",
                    models.Index(
                        fields=["workspace", "created_at"],
                        name="outbox_waiting",
                        condition=Q(delivered_at__isnull=True),
                    ),
                ),
            ],
        )
    ]
