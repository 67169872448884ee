"""What is said of tables that cannot be distributed; `make check` says it of ours."""

from __future__ import annotations

import pytest
from django.db import connection

from goodword.ops.citus import CitusError, distribute, schema


def test_the_tables_that_the_migrations_make_can_be_distributed(db: str) -> None:
    assert schema.faults() == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            "CREATE UNIQUE INDEX stray ON participant (email, workspace_id)",
            "participant: the key stray begins with email",
        ),
        ("CREATE UNIQUE INDEX stray ON participant (lower(email))", "the key stray begins with (an expression)"),
        ("ALTER TABLE timer DROP CONSTRAINT timer_pkey", "timer has no primary key"),
        ("CREATE TABLE stray (id int PRIMARY KEY, workspace_id uuid)", "stray: the key stray_pkey begins with id"),
        (
            "ALTER TABLE link ADD UNIQUE (workspace_id, id, program_id), "
            "ADD CONSTRAINT stray FOREIGN KEY (program_id, workspace_id) REFERENCES program (id, workspace_id)",
            "link: the foreign key stray to program does not begin with workspace_id",
        ),
        (
            "CREATE TABLE stray (workspace_id uuid, id uuid, PRIMARY KEY (workspace_id, id))",
            "stray: its policies are not those that it gets on a cluster",
        ),
        ("ALTER POLICY own ON reward USING (true)", "reward: its policies are not those"),
        ("CREATE POLICY more ON reward FOR SELECT USING (amount = 0)", "reward: its policies are not those"),
        (
            "CREATE TABLE stray (id uuid PRIMARY KEY, workspace uuid, event uuid, "
            "FOREIGN KEY (workspace, event) REFERENCES event)",
            "stray: the foreign key stray_workspace_event_fkey points from a table of every node to event",
        ),
    ],
)
def test_what_does_not_qualify_is_named_and_not_distributed(
    db: str, change: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connection.cursor() as cursor:
        if "REFERENCES program (id, workspace_id)" in change:
            cursor.execute("ALTER TABLE program ADD UNIQUE (id, workspace_id)")
        cursor.execute(change)
    assert any(fault in one for one in schema.faults()), schema.faults()
    from goodword.ops.citus import run

    monkeypatch.setattr(run, "shape", dict)
    with pytest.raises(CitusError, match="cannot be distributed"):
        distribute()
