"""Timers due at one moment ring in the order in which they were set, not by their hashed ids."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0009_merged_into")]

    operations = [migrations.AddField("timer", "place", models.BigIntegerField(db_default=0))]
