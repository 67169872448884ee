"""Two people who were erased have no external id and no e-mail either: only an e-mail is had once.

Built beside the writers, then the old index goes; may run again when it was cut short.
"""

from django.db import migrations, models
from django.db.models import Q

NEW = "participant_only_email"
OLD = "participant_email_only"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("store", "0005_erasure")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {NEW}", migrations.RunSQL.noop),
                migrations.RunSQL(
                    f"CREATE UNIQUE INDEX CONCURRENTLY {NEW} ON participant (workspace_id, email) "
                    "WHERE external_id IS NULL AND email <> ''",
                    f"DROP INDEX CONCURRENTLY {NEW}",
                ),
                migrations.RunSQL(
                    f"DROP INDEX CONCURRENTLY IF EXISTS {OLD}",
                    f"CREATE UNIQUE INDEX CONCURRENTLY {OLD} ON participant (workspace_id, email) "
                    "WHERE external_id IS NULL",
                ),
            ],
            state_operations=[
                migrations.RemoveConstraint("participant", OLD),
                migrations.AddConstraint(
                    "participant",
                    models.UniqueConstraint(
                        fields=["workspace", "email"],
                        condition=Q(external_id__isnull=True) & ~Q(email=""),
                        name=NEW,
                    ),
                ),
            ],
        )
    ]
