"""The ledger's trigger as a cluster can run it.

It says what the one of the migrations says, in statements that each name one workspace: what was inserted is
first taken into arrays, because a table of a trigger's own cannot be joined with a distributed one.
"""

POST = """
    CREATE OR REPLACE FUNCTION ledger_post() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        own uuid;
        debits uuid[];
        credits uuid[];
        units text[];
        phases text[];
        amounts bigint[];
        settles uuid[];
        bad bigint;
        ids uuid[];
        id_units text[];
        sums bigint[];
        touched bigint;
    BEGIN
        FOR own IN SELECT DISTINCT workspace_id FROM moved ORDER BY workspace_id LOOP
            SELECT array_agg(debit_id), array_agg(credit_id), array_agg(unit), array_agg(phase), array_agg(amount),
                   array_agg(pending_id)
            INTO debits, credits, units, phases, amounts, settles
            FROM moved
            WHERE workspace_id = own;

            PERFORM FROM ledger_account AS account
            WHERE account.workspace_id = own AND account.id = ANY (debits || credits)
            ORDER BY account.id
            FOR UPDATE;

            WITH sent AS (
                SELECT *
                FROM unnest(debits, credits, units, phases, amounts, settles)
                    AS row (debit_id, credit_id, unit, phase, amount, pending_id)
            ), held AS (
                SELECT id, debit_id, credit_id, unit, phase, amount
                FROM transfer
                WHERE workspace_id = own AND id = ANY (settles)
            ), known AS (
                SELECT sent.*, held.amount AS held,
                       sent.phase IN ('post', 'void') AND (
                           held.id IS NULL
                           OR held.phase <> 'pending'
                           OR held.debit_id <> sent.debit_id
                           OR held.credit_id <> sent.credit_id
                           OR held.unit <> sent.unit
                           OR held.amount < sent.amount
                       ) AS wrong
                FROM sent
                LEFT JOIN held ON held.id = sent.pending_id
            ), side AS (
                SELECT debit_id AS id, unit, phase, amount, held, wrong, 1 AS debit FROM known
                UNION ALL
                SELECT credit_id, unit, phase, amount, held, false, 0 FROM known
            ), change AS (
                SELECT id, unit, count(*) FILTER (WHERE wrong) AS wrong,
                       sum(debit * CASE phase WHEN 'pending' THEN amount WHEN 'posted' THEN 0 ELSE -held END)
                           AS debits_pending,
                       sum((1 - debit) * CASE phase WHEN 'pending' THEN amount WHEN 'posted' THEN 0 ELSE -held END)
                           AS credits_pending,
                       sum(debit * CASE WHEN phase IN ('posted', 'post') THEN amount ELSE 0 END) AS debits_posted,
                       sum((1 - debit) * CASE WHEN phase IN ('posted', 'post') THEN amount ELSE 0 END) AS credits_posted
                FROM side
                GROUP BY id, unit
            )
            SELECT sum(change.wrong), array_agg(id), array_agg(unit),
                   array_agg(debits_pending) || array_agg(credits_pending)
                   || array_agg(debits_posted) || array_agg(credits_posted)
            INTO bad, ids, id_units, sums
            FROM change;

            IF bad > 0 THEN
                RAISE EXCEPTION USING
                    MESSAGE = 'ledger: a post or void must settle a pending transfer of the same accounts, for no more',
                    ERRCODE = 'check_violation';
            END IF;

            UPDATE ledger_account AS account
            SET debits_pending = account.debits_pending + change.debits_pending,
                credits_pending = account.credits_pending + change.credits_pending,
                debits_posted = account.debits_posted + change.debits_posted,
                credits_posted = account.credits_posted + change.credits_posted
            FROM unnest(
                ids, id_units, sums[1:cardinality(ids)], sums[cardinality(ids) + 1:2 * cardinality(ids)],
                sums[2 * cardinality(ids) + 1:3 * cardinality(ids)], sums[3 * cardinality(ids) + 1:]
            ) AS change (id, unit, debits_pending, credits_pending, debits_posted, credits_posted)
            WHERE account.workspace_id = own AND account.id = change.id AND account.unit = change.unit;
            GET DIAGNOSTICS touched = ROW_COUNT;

            IF touched <> cardinality(ids) THEN
                RAISE EXCEPTION 'ledger: a transfer names an account that does not exist in its unit'
                    USING ERRCODE = 'foreign_key_violation';
            END IF;
        END LOOP;
        RETURN NULL;
    END
    $$
"""
