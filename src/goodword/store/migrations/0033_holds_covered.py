"""A hold promises no more than there is.

What is held of an account counts against it, as what is booked does: two holds that would together take more than the
account has are refused when they are made, not when the second is posted. Every row that is there keeps it already, for
nothing was held on that side, so none is read.
"""

from __future__ import annotations

from django.db import migrations


def never_below_zero(debits: str, credits: str) -> str:
    """The rule of accounts: what is taken from one that grows by debits, and from one that grows by credits."""
    return f"""
        ALTER TABLE ledger_account
            DROP CONSTRAINT ledger_not_below_zero,
            ADD CONSTRAINT ledger_not_below_zero CHECK (
                CASE kind
                    WHEN 'program_cost' THEN debits_posted >= {credits}
                    WHEN 'opening' THEN debits_posted >= {credits}
                    WHEN 'participant_debt' THEN debits_posted >= {credits}
                    WHEN 'participant_balance' THEN credits_posted >= {debits}
                    WHEN 'fulfilled' THEN credits_posted >= {debits}
                    ELSE false
                END
            ) NOT VALID
    """


class Migration(migrations.Migration):
    dependencies = [("store", "0027_claims")]

    operations = [
        migrations.RunSQL(
            [never_below_zero("debits_posted + debits_pending", "credits_posted + credits_pending")],
            [never_below_zero("debits_posted", "credits_posted")],
        ),
    ]
