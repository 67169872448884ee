"""What a reward for an event is of: the payment's order, value and currency, and how much of it was refunded. Adding
the column with a constant default rewrites no row."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0012_rates")]

    operations = [
        migrations.AddField(
            "reward",
            "basis",
            models.JSONField(
                default=dict,
                db_default={},
                help_text="Of a reward for an event: order_id, value and currency, and how much of it was refunded.",
            ),
        )
    ]
