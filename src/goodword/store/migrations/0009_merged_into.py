"""Who is merged into a participant is found by an index, built beside the writers. Such a build can be cut short
and then leaves an invalid index, so the migration may run again."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("store", "0008_merges")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS participant_merged_into", migrations.RunSQL.noop),
                migrations.RunSQL(
                    "CREATE INDEX CONCURRENTLY participant_merged_into ON participant (workspace_id, merged_into_id) "
                    "WHERE merged_into_id IS NOT NULL",
                    "DROP INDEX CONCURRENTLY participant_merged_into",
                ),
            ],
            state_operations=[
                migrations.AddIndex(
                    "participant",
                    models.Index(
                        fields=["workspace", "merged_into"],
                        name="participant_merged_into",
                        condition=Q(merged_into__isnull=False),
                    ),
                ),
            ],
        )
    ]
