"""Whether a program runs in test mode."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0017_jobs")]

    operations = [
        migrations.AddField(
            "program",
            "test",
            models.BooleanField(
                db_default=False, default=False, help_text="Whether it runs in test mode: what it gives goes nowhere."
            ),
        ),
    ]
