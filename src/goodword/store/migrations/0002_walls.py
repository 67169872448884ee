"""The walls that Django does not build: tenant keys, row-level security, and a ledger that the
database itself keeps balanced and append-only."""

from django.db import migrations

TENANT_TABLES = (
    "account",
    "api_key",
    "applied",
    "counter",
    "decision",
    "event",
    "idempotency_key",
    "inbox",
    "ledger_account",
    "link",
    "membership",
    "outbox",
    "participant",
    "program",
    "program_version",
    "rate_window",
    "referral",
    "reward",
    "timer",
    "transfer",
)
KEYS = {"applied": "event_id", "inbox": "seq"}
COMPOSITE_ALREADY = ("counter", "idempotency_key", "rate_window")
OFTEN_UPDATED = ("counter", "ledger_account", "participant", "referral", "reward")
OWN = "workspace_id = (SELECT NULLIF(current_setting('goodword.workspace_id', true), '')::uuid)"


def _tenant_keys() -> list[str]:
    return [
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey, ADD PRIMARY KEY (workspace_id, {KEYS.get(table, 'id')})"
        for table in TENANT_TABLES
        if table not in COMPOSITE_ALREADY
    ]


def _row_level_security() -> list[str]:
    statements = []
    for table in (*TENANT_TABLES, "workspace"):
        statements += [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        ]
    statements += [f"CREATE POLICY own ON {table} USING ({OWN}) WITH CHECK ({OWN})" for table in TENANT_TABLES]
    statements += [
        # A staff user may see which workspaces they are a member of.
        """
        CREATE POLICY my_memberships ON membership FOR SELECT
        USING (user_id = (SELECT NULLIF(current_setting('goodword.user_id', true), '')::int))
        """,
        """
        CREATE POLICY own ON workspace
        USING (
            id = (SELECT NULLIF(current_setting('goodword.workspace_id', true), '')::uuid)
            OR (SELECT current_setting('goodword.directory', true)) = 'on'
            OR EXISTS (
                SELECT FROM membership
                WHERE membership.workspace_id = workspace.id
                  AND membership.user_id = (SELECT NULLIF(current_setting('goodword.user_id', true), '')::int)
            )
        )
        WITH CHECK (id = (SELECT NULLIF(current_setting('goodword.workspace_id', true), '')::uuid))
        """,
    ]
    return statements


LEDGER = [
    """
    ALTER TABLE ledger_account
        ADD CONSTRAINT ledger_pending_not_negative CHECK (debits_pending >= 0 AND credits_pending >= 0),
        ADD CONSTRAINT ledger_not_below_zero CHECK (
            CASE kind
                WHEN 'program_cost' THEN debits_posted >= credits_posted
                WHEN 'participant_debt' THEN debits_posted >= credits_posted
                WHEN 'participant_balance' THEN credits_posted >= debits_posted
                WHEN 'fulfilled' THEN credits_posted >= debits_posted
                ELSE false
            END
        )
    """,
    # Balances follow from transfers and from nothing else. One statement, however many transfers: the
    # accounts are locked in the order of their keys, so that two writers never wait for each other.
    """
    CREATE FUNCTION ledger_post() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        expected bigint;
        touched bigint;
    BEGIN
        PERFORM FROM ledger_account AS account
        WHERE (account.workspace_id, account.id) IN (
            SELECT workspace_id, debit_id FROM moved
            UNION
            SELECT workspace_id, credit_id FROM moved
        )
        ORDER BY account.workspace_id, account.id
        FOR UPDATE;

        IF EXISTS (
            SELECT FROM moved
            LEFT JOIN transfer AS held
                   ON held.workspace_id = moved.workspace_id AND held.id = moved.pending_id
            WHERE moved.phase IN ('post', 'void')
              AND (
                  held.id IS NULL
                  OR held.phase <> 'pending'
                  OR held.debit_id <> moved.debit_id
                  OR held.credit_id <> moved.credit_id
                  OR held.unit <> moved.unit
                  OR held.amount < moved.amount
              )
        ) THEN
            RAISE EXCEPTION 'ledger: a post or void must settle a pending transfer of the same accounts, for no more'
                USING ERRCODE = 'check_violation';
        END IF;

        WITH side AS (
            SELECT moved.workspace_id, moved.debit_id AS id, moved.unit, moved.phase, moved.amount,
                   moved.pending_id, 1 AS debit
            FROM moved
            UNION ALL
            SELECT moved.workspace_id, moved.credit_id, moved.unit, moved.phase, moved.amount,
                   moved.pending_id, 0
            FROM moved
        ), change AS (
            SELECT side.workspace_id, side.id, side.unit,
                   sum(side.debit * CASE side.phase
                       WHEN 'pending' THEN side.amount WHEN 'posted' THEN 0 ELSE -held.amount END) AS debits_pending,
                   sum((1 - side.debit) * CASE side.phase
                       WHEN 'pending' THEN side.amount WHEN 'posted' THEN 0 ELSE -held.amount END) AS credits_pending,
                   sum(side.debit * CASE WHEN side.phase IN ('posted', 'post') THEN side.amount ELSE 0 END)
                       AS debits_posted,
                   sum((1 - side.debit) * CASE WHEN side.phase IN ('posted', 'post') THEN side.amount ELSE 0 END)
                       AS credits_posted
            FROM side
            LEFT JOIN transfer AS held
                   ON held.workspace_id = side.workspace_id AND held.id = side.pending_id
            GROUP BY side.workspace_id, side.id, side.unit
        ), done AS (
            UPDATE ledger_account AS account
            SET debits_pending = account.debits_pending + change.debits_pending,
                credits_pending = account.credits_pending + change.credits_pending,
                debits_posted = account.debits_posted + change.debits_posted,
                credits_posted = account.credits_posted + change.credits_posted
            FROM change
            WHERE account.workspace_id = change.workspace_id
              AND account.id = change.id
              AND account.unit = change.unit
            RETURNING 1
        )
        SELECT (SELECT count(*) FROM change), (SELECT count(*) FROM done) INTO expected, touched;

        IF expected <> touched THEN
            RAISE EXCEPTION 'ledger: a transfer names an account that does not exist in its unit'
                USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER ledger_post AFTER INSERT ON transfer
    REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION ledger_post()
    """,
    """
    CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'ledger: % on % is refused; book a new transfer instead', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END
    $$
    """,
    """
    CREATE TRIGGER transfer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()
    """,
    """
    CREATE TRIGGER ledger_account_by_transfers_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_account
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_refuse()
    """,
    """
    CREATE TRIGGER ledger_account_begins_empty BEFORE INSERT ON ledger_account
    FOR EACH ROW WHEN (
        NEW.debits_pending <> 0 OR NEW.debits_posted <> 0 OR NEW.credits_pending <> 0 OR NEW.credits_posted <> 0
    )
    EXECUTE FUNCTION ledger_refuse()
    """,
]
STORAGE = [f"ALTER TABLE {table} SET (fillfactor = 80)" for table in OFTEN_UPDATED] + [
    # A queue: emptied as fast as it is filled, so its dead rows must go soon.
    "ALTER TABLE inbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)",
]


class Migration(migrations.Migration):
    dependencies = [("store", "0001_initial")]

    operations = [
        migrations.RunSQL([statement]) for statement in [*_tenant_keys(), *_row_level_security(), *LEDGER, *STORAGE]
    ]
