"""Less to write for each event.

An outbox row's id is the hash of the effect it stands for, so its key already keeps one row to one effect; the
text of the effect, and a second index over it, only cost. An account of the ledger begins with zeros by itself,
and is told from others by its id alone.
The ledger finds what a transfer settles by its key, however many transfers there are, and adds up once.
Each takes its lock for a moment: no row is read.
"""

from django.db import migrations, models

BALANCES = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")

# What a transfer settles is looked up by its key: a join might be made by reading every transfer. The balances are
# planned each time, for as many accounts as there are then; and of the ways to find them only those are left that
# come to them in the order of their keys, so that two writers never wait for each other.
LEDGER_POST = """
    CREATE OR REPLACE FUNCTION ledger_post() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_seqscan = off SET enable_bitmapscan = off
    AS $$
    DECLARE
        expected bigint;
        touched bigint;
    BEGIN
        IF EXISTS (
            SELECT FROM moved
            WHERE phase IN ('post', 'void') AND (
                SELECT held.phase = 'pending'
                   AND held.debit_id = moved.debit_id
                   AND held.credit_id = moved.credit_id
                   AND held.unit = moved.unit
                   AND held.amount >= moved.amount
                FROM transfer AS held
                WHERE held.workspace_id = moved.workspace_id AND held.id = moved.pending_id
            ) IS NOT TRUE
        ) THEN
            RAISE EXCEPTION 'ledger: a post or void must settle a pending transfer of the same accounts, for no more'
                USING ERRCODE = 'check_violation';
        END IF;

        EXECUTE $statement$
            WITH step AS MATERIALIZED (
                SELECT workspace_id, debit_id, credit_id, unit,
                       CASE phase
                           WHEN 'pending' THEN amount
                           WHEN 'posted' THEN 0
                           ELSE - (
                               SELECT held.amount FROM transfer AS held
                               WHERE held.workspace_id = moved.workspace_id AND held.id = moved.pending_id
                           )
                       END AS pending,
                       CASE WHEN phase IN ('posted', 'post') THEN amount ELSE 0 END AS posted
                FROM moved
            ), change AS MATERIALIZED (
                SELECT workspace_id, id, unit,
                       sum(debits_pending)::bigint AS debits_pending, sum(debits_posted)::bigint AS debits_posted,
                       sum(credits_pending)::bigint AS credits_pending, sum(credits_posted)::bigint AS credits_posted
                FROM (
                    SELECT workspace_id, debit_id, unit, pending, posted, 0, 0 FROM step
                    UNION ALL
                    SELECT workspace_id, credit_id, unit, 0, 0, pending, posted FROM step
                ) AS side (workspace_id, id, unit, debits_pending, debits_posted, credits_pending, credits_posted)
                GROUP BY workspace_id, id, unit
                ORDER BY workspace_id, id
            ), done AS (
                UPDATE ledger_account AS account
                SET debits_pending = account.debits_pending + change.debits_pending,
                    debits_posted = account.debits_posted + change.debits_posted,
                    credits_pending = account.credits_pending + change.credits_pending,
                    credits_posted = account.credits_posted + change.credits_posted
                FROM change
                WHERE account.workspace_id = change.workspace_id
                  AND account.id = change.id
                  AND account.unit = change.unit
                RETURNING 1
            )
            SELECT (SELECT count(*) FROM change), (SELECT count(*) FROM done)
        $statement$ INTO expected, touched;

        IF expected <> touched THEN
            RAISE EXCEPTION 'ledger: a transfer names an account that does not exist in its unit'
                USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END
    $$
"""


class Migration(migrations.Migration):
    dependencies = [("store", "0006_erased_people")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE outbox DROP COLUMN key",
                    "ALTER TABLE outbox ADD COLUMN key varchar(200) NOT NULL DEFAULT ''",
                ),
                migrations.RunSQL(
                    "ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_unit",
                    "ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_unit UNIQUE (workspace_id, id, unit)",
                ),
                *(
                    migrations.RunSQL(
                        f"ALTER TABLE ledger_account ALTER COLUMN {balance} SET DEFAULT 0",
                        f"ALTER TABLE ledger_account ALTER COLUMN {balance} DROP DEFAULT",
                    )
                    for balance in BALANCES
                ),
            ],
            state_operations=[
                migrations.RemoveConstraint("outbox", "outbox_key"),
                migrations.RemoveField("outbox", "key"),
                migrations.RemoveConstraint("ledgeraccount", "ledger_account_unit"),
                *(
                    migrations.AlterField("ledgeraccount", balance, models.BigIntegerField(db_default=0))
                    for balance in BALANCES
                ),
            ],
        ),
        migrations.RunSQL([LEDGER_POST], migrations.RunSQL.noop),
    ]
