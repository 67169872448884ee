"""Every table of a workspace, walked with rows of two workspaces: a query that forgot its filter reads, changes and
removes nothing of the other's, and nothing can be written as theirs. A table that is new is walked too."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import Error, connection, transaction
from psycopg import sql
from uuid_utils.compat import uuid7

from goodword.ops.walls import tenant_tables
from goodword.store import tenancy, workspaces
from goodword.store.models import Workspace
from support.databases import TestServer

TABLES = sorted(
    model._meta.db_table
    for model in apps.get_app_config("store").get_models()
    if model is not Workspace and any(field.column == "workspace_id" for field in model._meta.fields)
)
KEPT = {"ledger_account": "ledger: ", "transfer": "ledger: ", "setting_change": "what stands there is history"}
"""Refuse to be changed at all, in these words."""
SPECIAL = {
    # What a CHECK asks for.
    "ledger_account": {"kind": "program_cost"} | dict.fromkeys(("debits_pending", "credits_pending"), 0),
    "transfer": {"amount": 1, "phase": "pending", "pending_id": None},
}
COLUMNS = """
    SELECT attname, format_type(atttypid, NULL), attnotnull
    FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity = ''
"""
ANY = {
    "uuid": "uuid", "character varying": "x", "text": "x", "jsonb": "{}", "bytea": b"x", "boolean": False,
    "timestamp with time zone": "2025-01-01T00:00:00Z", "integer": 0, "bigint": 0, "smallint": 0,
    "text[]": "{}", "uuid[]": "{}", "double precision": 0, "date": "2025-01-01",
}  # fmt: skip


@pytest.fixture
def two(db: str, database_server: TestServer) -> tuple[str, str]:
    """Two workspaces."""
    return str(workspaces.create("mine", "Mine").id), str(workspaces.create("theirs", "Theirs").id)


def fill(table: str, workspace: str) -> sql.Composed:
    """An INSERT of one row of a workspace: what is not nullable, with any value that will do."""
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [table])
        columns = cursor.fetchall()
    special = SPECIAL.get(table, {})
    values: dict[str, Any] = {}
    for name, kind, needed in columns:
        if name == "workspace_id":
            values[name] = UUID(workspace)
        elif name in special:
            values[name] = special[name]
        elif needed:
            values[name] = uuid7() if kind == "uuid" else ANY[kind]
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(map(sql.Literal, values.values())),
    )


def by_the_superuser(server: TestServer, statement: sql.Composed) -> None:
    """No wall and no trigger stands in the way of who fills the tables."""
    free = sql.SQL("SET session_replication_role = replica; ")
    server.superuser(free + statement, connection.settings_dict["NAME"])


def change(workspace: str, statement: str) -> int:
    """Runs it in a workspace; how many rows it met."""
    with tenancy.workspace(workspace), connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)


def owners(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT workspace_id FROM "{table}"')
        return [str(owner) for (owner,) in cursor.fetchall()]


def test_the_walk_knows_every_table_that_the_database_has(db: str) -> None:
    assert set(tenant_tables()) == {*TABLES, "workspace"}


@pytest.mark.parametrize("table", TABLES)
def test_a_query_without_a_filter_finds_nothing_of_another_workspace(
    two: tuple[str, str], database_server: TestServer, table: str
) -> None:
    mine, theirs = two
    for workspace in two:
        by_the_superuser(database_server, fill(table, workspace))
    with tenancy.workspace(mine):
        assert owners(table) == [mine]
    for statement, refused in (
        (f"UPDATE \"{table}\" SET workspace_id = '{theirs}'", "row-level security"),
        (fill(table, theirs).as_string(None), "row-level security"),
        (f'UPDATE "{table}" SET workspace_id = workspace_id', None),
        (f'DELETE FROM "{table}"', None),
    ):
        words = KEPT.get(table, refused) if "INSERT" not in statement else refused
        if words:
            with pytest.raises(Error, match=words):
                change(mine, statement)
        else:
            assert change(mine, statement) == 1, statement
    with tenancy.workspace(theirs):
        assert owners(table) == [theirs]
    for scope in (transaction.atomic(), tenancy.directory(), tenancy.user(0)):
        with scope:
            assert [owner for owner in owners(table) if table != "membership" or owner == mine] == []
