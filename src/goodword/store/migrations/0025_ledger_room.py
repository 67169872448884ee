"""Room for what every account of the ledger is told at once.

An account is made empty and gets its first transfer in the same batch. Where its page has no room for the row as it is
then, the row goes elsewhere and into both indexes again; with half a page of room it stays, and the room is used anew by
each transfer after it. Takes its lock for a moment: no row is read or moved.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("store", "0024_imports")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE ledger_account SET (fillfactor = 45)",
            "ALTER TABLE ledger_account SET (fillfactor = 80)",
        ),
    ]
