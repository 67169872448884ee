"""Who competes in a contest, or contributed to a goal, is found by an index, built beside the writers. Of the other
counters it has nothing, and none of its columns ever changes. Such a build can be cut short and then leaves an invalid
index, so the migration may run again."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("store", "0013_reward_basis")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS counter_shared", migrations.RunSQL.noop),
                migrations.RunSQL(
                    "CREATE INDEX CONCURRENTLY counter_shared ON counter (workspace_id, name, subject_id) "
                    "WHERE name LIKE 'contest:%' OR name LIKE 'goal:%'",
                    "DROP INDEX CONCURRENTLY counter_shared",
                ),
            ],
            state_operations=[
                migrations.AddIndex(
                    "counter",
                    models.Index(
                        fields=["workspace", "name", "subject_id"],
                        name="counter_shared",
                        condition=Q(name__startswith="contest:") | Q(name__startswith="goal:"),
                    ),
                ),
            ],
        )
    ]
