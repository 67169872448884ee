"""Where an import saw something first is told with its file too.

A column that may be empty: no row is read or written, and the lock is held for a moment.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0035_setting_changes_kept")]

    operations = [
        migrations.AddField(
            model_name="importkey",
            name="file",
            field=models.SmallIntegerField(help_text="Of the import; of those of before, nothing.", null=True),
        ),
    ]
