"""Who changed a workspace's settings is written once: the database refuses to change it or to take it away.

Takes its lock for a moment: no row is read.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("store", "0034_setting_changes")]

    operations = [
        migrations.RunSQL(
            [
                """
                CREATE FUNCTION append_only_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE EXCEPTION '% on % is refused: what stands there is history', TG_OP, TG_TABLE_NAME
                        USING ERRCODE = 'restrict_violation';
                END
                $$
                """,
                """
                CREATE TRIGGER setting_change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON setting_change
                FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse()
                """,
            ],
            [
                "DROP TRIGGER setting_change_append_only ON setting_change",
                "DROP FUNCTION append_only_refuse()",
            ],
        ),
    ]
