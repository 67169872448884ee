"""Keys of several kinds, with scopes, origins and an end. Takes its lock for a moment: the defaults are constants."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0020_standing")]

    operations = [
        migrations.AddField(
            "apikey",
            "kind",
            models.CharField(
                db_default="secret", default="secret", help_text="secret, publishable or token.", max_length=64
            ),
        ),
        migrations.AddField(
            "apikey",
            "scopes",
            models.CharField(db_default="all", default="all", help_text="With spaces between them.", max_length=1000),
        ),
        migrations.AddField(
            "apikey",
            "origins",
            models.TextField(
                db_default="",
                default="",
                help_text="Where browsers may use it from, with spaces between; * is anywhere.",
            ),
        ),
        migrations.AddField("apikey", "expires_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "apikey",
            "replaced_by",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=models.DO_NOTHING,
                related_name="+",
                to="store.apikey",
            ),
        ),
    ]
