"""A participant's open rewards for no referral are found by an index, built beside the writers. Such a build can be cut
short and then leaves an invalid index, so the migration may run again."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("store", "0010_timer_place")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS reward_open_own", migrations.RunSQL.noop),
                migrations.RunSQL(
                    "CREATE INDEX CONCURRENTLY reward_open_own ON reward (workspace_id, participant_id) "
                    "WHERE referral_id IS NULL AND state IN ('pending', 'approved')",
                    "DROP INDEX CONCURRENTLY reward_open_own",
                ),
            ],
            state_operations=[
                migrations.AddIndex(
                    "reward",
                    models.Index(
                        fields=["workspace", "participant"],
                        name="reward_open_own",
                        condition=Q(referral__isnull=True, state__in=("pending", "approved")),
                    ),
                ),
            ],
        )
    ]
