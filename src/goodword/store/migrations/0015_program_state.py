"""Whether a program is paused or ended."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0014_shared_counters")]

    operations = [
        migrations.AddField(
            "program",
            "state",
            models.CharField(
                blank=True, db_default="", help_text="paused, settling or ended; empty while it runs.", max_length=64
            ),
        ),
    ]
