"""The decisions that say what became of a program are found by an index, built beside the writers. Such a build can be
cut short and then leaves an invalid index, so the migration may run again."""

from django.db import migrations, models
from django.db.models import Q

REASONS = ("scheduled", "published", "paused", "resumed", "program_over")
NAME = "decision_standing"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("store", "0019_drafts")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}", migrations.RunSQL.noop),
                migrations.RunSQL(
                    f"CREATE INDEX CONCURRENTLY {NAME} ON decision (workspace_id, program_id, id) "
                    "WHERE reason IN ('scheduled', 'published', 'paused', 'resumed', 'program_over')",
                    f"DROP INDEX CONCURRENTLY {NAME}",
                ),
            ],
            state_operations=[
                migrations.AddIndex(
                    "decision",
                    models.Index(fields=["workspace", "program", "id"], name=NAME, condition=Q(reason__in=REASONS)),
                )
            ],
        )
    ]
