"""The decisions that closed statements are found by indexes, built beside the writers. Such a build can be cut short and
then leaves an invalid index, so the migration may run again."""

from django.db import migrations, models
from django.db.models import Q

INDEXES = {"decision_statement": ("id",), "decision_statement_of": ("participant", "id")}
COLUMNS = {"participant": "participant_id"}


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("store", "0015_program_state")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                operation
                for name, fields in INDEXES.items()
                for operation in (
                    migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {name}", migrations.RunSQL.noop),
                    migrations.RunSQL(
                        f"CREATE INDEX CONCURRENTLY {name} ON decision "
                        f"(workspace_id, {', '.join(COLUMNS.get(field, field) for field in fields)}) "
                        "WHERE reason IN ('statement_payable', 'statement_carried')",
                        f"DROP INDEX CONCURRENTLY {name}",
                    ),
                )
            ],
            state_operations=[
                migrations.AddIndex(
                    "decision",
                    models.Index(
                        fields=["workspace", *fields],
                        name=name,
                        condition=Q(reason__in=("statement_payable", "statement_carried")),
                    ),
                )
                for name, fields in INDEXES.items()
            ],
        )
    ]
