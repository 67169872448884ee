"""Imports. Takes its locks for a moment: tables of their own, and one more kind of ledger account, which no row has."""

from typing import Any

import uuid_utils.compat
from django.db import migrations, models
from django.db.models.deletion import DO_NOTHING

OWN = "workspace_id = (SELECT NULLIF(current_setting('goodword.workspace_id', true), '')::uuid)"


def own(table: str) -> list[str]:
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY own ON {table} USING ({OWN}) WITH CHECK ({OWN})",
    ]


def reference(to: str, name: str, **options: Any) -> Any:
    return models.ForeignKey(
        to=f"store.{to}", on_delete=DO_NOTHING, db_constraint=False, db_index=False, related_name=name, **options
    )


def key(*columns: str) -> Any:
    return models.CompositePrimaryKey(*columns, blank=True, editable=False, primary_key=True, serialize=False)


def never_below_zero(*debit: str) -> Any:
    named = " ".join(f"WHEN '{kind}' THEN debits_posted >= credits_posted" for kind in debit)
    """The rule of accounts, for these that grow by debits. Every row that is there keeps it already, so none is read."""
    return [
        f"""
        ALTER TABLE ledger_account
            DROP CONSTRAINT ledger_not_below_zero,
            ADD CONSTRAINT ledger_not_below_zero CHECK (
                CASE kind
                    {named}
                    WHEN 'participant_balance' THEN credits_posted >= debits_posted
                    WHEN 'fulfilled' THEN credits_posted >= debits_posted
                    ELSE false
                END
            ) NOT VALID
        """
    ]


class Migration(migrations.Migration):
    dependencies = [("store", "0023_link_indexes")]

    operations = [
        migrations.CreateModel(
            "ImportRun",
            [
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("mapping", models.CharField(help_text="The name of the mapping.", max_length=64)),
                ("document", models.JSONField(help_text="The mapping, as text: its order counts.")),
                ("program", models.CharField(help_text="The program's key.", max_length=64)),
                (
                    "rule",
                    models.CharField(
                        blank=True, help_text="What rewards stand for, where that was said.", max_length=64
                    ),
                ),
                ("dry_run", models.BooleanField()),
                (
                    "state",
                    models.CharField(
                        help_text="waiting, running, done, failed, cancelled, undoing, undone.", max_length=64
                    ),
                ),
                ("asked_by", models.CharField(max_length=200)),
                ("asked_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "files",
                    models.JSONField(default=list, help_text="name, kind, size, digest, format, rows of each."),
                ),
                (
                    "position",
                    models.JSONField(default=dict, help_text="step, row, number, settled; of an undoing: number."),
                ),
                (
                    "counts",
                    models.JSONField(default=dict, help_text="By kind: accepted, skipped, error; and undone, kept."),
                ),
                ("failure", models.CharField(default="", max_length=64)),
                ("detail", models.CharField(default="", max_length=1000)),
                ("workspace", reference("workspace", "+")),
            ],
            {"db_table": "import_run"},
        ),
        migrations.CreateModel(
            "ImportFile",
            [
                ("pk", key("workspace_id", "run_id", "file", "part")),
                ("file", models.PositiveSmallIntegerField()),
                ("part", models.PositiveIntegerField()),
                ("body", models.BinaryField()),
                ("workspace", reference("workspace", "+")),
                ("run", reference("importrun", "parts")),
            ],
            {"db_table": "import_file"},
        ),
        migrations.CreateModel(
            "ImportRow",
            [
                ("pk", key("workspace_id", "run_id", "number")),
                ("number", models.PositiveIntegerField()),
                ("file", models.PositiveSmallIntegerField()),
                ("line", models.PositiveIntegerField()),
                ("kind", models.CharField(max_length=64)),
                (
                    "status",
                    models.CharField(help_text="accepted, skipped, error, undone or kept.", max_length=64),
                ),
                ("code", models.CharField(blank=True, max_length=64)),
                ("column_name", models.CharField(blank=True, max_length=200)),
                ("value", models.CharField(blank=True, max_length=200)),
                ("message", models.CharField(blank=True, max_length=1000)),
                ("source_id", models.CharField(blank=True, max_length=200)),
                ("event", reference("event", "+", null=True)),
                ("run", reference("importrun", "rows")),
                ("workspace", reference("workspace", "+")),
            ],
            {"db_table": "import_row"},
        ),
        migrations.CreateModel(
            "ImportKey",
            [
                ("pk", key("workspace_id", "scope", "key")),
                ("scope", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=64)),
                ("line", models.PositiveIntegerField()),
                (
                    "target_id",
                    models.UUIDField(help_text="The participant or referral, where it was there before.", null=True),
                ),
                ("event", reference("event", "+", null=True)),
                ("run", reference("importrun", "keys")),
                ("workspace", reference("workspace", "+")),
            ],
            {
                "db_table": "import_key",
                "indexes": [models.Index(fields=["workspace", "run"], name="import_key_run")],
            },
        ),
        migrations.AlterField(
            "ledgeraccount",
            "kind",
            models.CharField(
                choices=[
                    ("program_cost", "Program Cost"),
                    ("opening", "Opening"),
                    ("participant_balance", "Participant Balance"),
                    ("fulfilled", "Fulfilled"),
                    ("participant_debt", "Participant Debt"),
                ],
                max_length=64,
            ),
        ),
        migrations.RunSQL(
            [
                "ALTER TABLE import_run DROP CONSTRAINT import_run_pkey, ADD PRIMARY KEY (workspace_id, id)",
                *(line for table in ("import_run", "import_file", "import_row", "import_key") for line in own(table)),
            ],
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            never_below_zero("program_cost", "opening", "participant_debt"),
            never_below_zero("program_cost", "participant_debt"),
        ),
    ]
