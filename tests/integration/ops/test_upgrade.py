"""An older version's database with data in it is brought up to date, and every row is there afterwards."""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any
from zlib import crc32

import pytest
from django.core.management import call_command
from django.db import connection, connections, models
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from goodword.engine import programs, record, replay, worker
from goodword.ops import migrations
from goodword.ops.postgres import ROLE
from goodword.store import tenancy, workspaces
from goodword.store.models import Inbox, Referral
from support.databases import TestServer

FIRST = ("store", "0001_initial")
WALLS = ("store", "0002_walls")
MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROWS = 3
DJANGOS = ["django_migrations", "django_content_type", "auth_permission"]
"""Django writes these when it migrates."""
CHOSEN: dict[str, dict[str, Any]] = {
    # What constraints and later walls want of a column; the rest is made by its type.
    "transfer": {"phase": "posted", "pending_id": None, "amount": 5},
    "ledger_account": {"kind": "program_cost"},
    "membership": {"role": "owner"},
}
DROPPED = {"outbox": {"key"}}
"""Columns that later versions do without, by table."""
RECIPE = "credit-after-threshold"
LINK = {
    "type": "link.created",
    "event_id": "link",
    "participant": "ada",
    "properties": {"program": RECIPE, "code": "ada"},
}


def friend(name: str) -> list[dict[str, Any]]:
    """A friend signs up with Ada's code and orders."""
    order = {"order_id": name, "value": 9000, "currency": "USD"}
    return [
        {"type": "participant.signed_up", "event_id": f"{name}-1", "participant": name, "properties": {"code": "ada"}},
        {"type": "order.completed", "event_id": f"{name}-2", "participant": name, "properties": order},
    ]


@pytest.fixture
def empty(database_server: TestServer) -> Iterator[str]:
    """A database without a table, with Django pointed at it."""
    name = f"upgrade_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    database_server.superuser(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(sql.Identifier(name), sql.Identifier(ROLE))
    )
    try:
        with database_server.pointed_at(name):
            yield name
    finally:
        database_server.superuser(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def value(field: models.Field[Any, Any], row: int) -> Any:
    """Something that a column may hold, another in each row."""
    if isinstance(field, models.ForeignKey | models.UUIDField):
        return uuid.UUID(int=(crc32(field.name.encode()) & 0xFFFF) << 64 | row + 1)
    if isinstance(field, models.DateTimeField):
        return MOMENT
    if isinstance(field, models.JSONField):
        return {"row": row, "text": "Ada Løvelace"}
    if isinstance(field, models.BooleanField):
        return bool(row % 2)
    if isinstance(field, models.BinaryField):
        return bytes([row]) * 32
    if isinstance(field, models.IntegerField):
        return 0 if field.name.endswith(("_pending", "_posted")) else row + 1
    return f"{field.name}-{row}"[: field.max_length]


def fill(apps: Any) -> None:
    """Rows in every table of the store, in two workspaces."""
    user = apps.get_model("auth", "User").objects.create(username="ada")
    for number in range(2):
        workspace = apps.get_model("store", "Workspace").objects.create(
            id=uuid.UUID(int=number + 1), slug=f"w{number}", name="W"
        )
        for model in apps.get_app_config("store").get_models():
            if model._meta.db_table == "workspace":
                continue
            for row in range(1 if model._meta.db_table == "membership" else ROWS):
                values = {
                    field.attname: value(field, row + ROWS * number)
                    for field in model._meta.concrete_fields
                    if not isinstance(field, models.AutoField)
                }
                values |= {"workspace_id": workspace.id} | CHOSEN.get(model._meta.db_table, {})
                if "user_id" in values:
                    values["user_id"] = user.id
                model(**values).save(force_insert=True)


def rows(server: TestServer, database: str) -> dict[str, list[Any]]:
    """Every row of every table, as JSON, past all walls."""
    found = {}
    with server.cluster.connect("postgres", database) as superuser:
        tables = superuser.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL (%s)", [DJANGOS]
        ).fetchall()
        for (table,) in tables:
            told = superuser.execute(
                sql.SQL("SELECT to_jsonb(t) FROM {} AS t").format(sql.Identifier(table))
            ).fetchall()
            found[table] = sorted((row for (row,) in told), key=lambda row: json.dumps(row, sort_keys=True))
    return found


def kept(told: dict[str, list[Any]], tables: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Of these tables what there was before, but for the columns that are gone on purpose."""
    return {
        table: sorted(
            ({name: row[name] for name in rows_before[0].keys() - DROPPED.get(table, set())} for row in tables[table]),
            key=lambda row: json.dumps(row, sort_keys=True),
        )
        for table, rows_before in told.items()
        if rows_before
    }


def test_rows_of_the_first_version_survive_every_later_migration(database_server: TestServer, empty: str) -> None:
    executor = MigrationExecutor(connection)
    others = [node for node in executor.loader.graph.leaf_nodes() if node[0] != "store"]
    executor.migrate([*others, FIRST])
    fill(MigrationExecutor(connection).loader.project_state([*others, FIRST]).apps)
    before = rows(database_server, empty)
    tenants = [model._meta.db_table for model in _models()]
    assert all(len(told) >= 2 for table, told in before.items() if table in tenants)
    assert migrations.apply()[0] == "store.0002_walls"
    assert migrations.pending() == []
    after = rows(database_server, empty)
    assert kept(before, after) == kept(before, before)


def _models() -> list[Any]:
    from django.apps import apps

    return list(apps.get_app_config("store").get_models())


def test_work_of_an_older_version_goes_on_after_the_upgrade_and_replay_agrees(
    database_server: TestServer, db: str
) -> None:
    workspace = str(workspaces.create("old", "Old").id)
    programs.publish(workspace, (files("goodword") / "recipes" / f"{RECIPE}.yaml").read_text(), by="test")
    record.record(workspace, [LINK, *friend("bob")])
    worker.drain(workspace)
    record.record(workspace, friend("eve"))
    call_command("migrate", *WALLS, verbosity=0)
    before = rows(database_server, db)
    assert len(before["inbox"]) == 2
    assert migrations.apply() == [f"store.{name}" for name in _names_after(WALLS)]
    assert kept(before, rows(database_server, db)) == kept(before, before)
    worker.drain(workspace)
    assert replay.verify(workspace).differences == ()
    with tenancy.workspace(workspace):
        assert Referral.objects.count() == 2
        assert not Inbox.objects.exists()


def _names_after(last: tuple[str, str]) -> list[str]:
    loader = MigrationExecutor(connection).loader
    return sorted(name for app, name in loader.disk_migrations if app == "store" and name > last[1])


def test_two_that_migrate_at_once_do_not_wait_for_each_other_for_ever(db: str) -> None:
    call_command("migrate", *WALLS, verbosity=0)
    done: list[list[str]] = []

    def run() -> None:
        try:
            done.append(migrations.apply())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(map(len, done)) == [0, 0, len(_names_after(WALLS))]


def test_an_index_whose_building_was_cut_short_is_built_again(database_server: TestServer, db: str) -> None:
    call_command("migrate", *WALLS, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX outbox_waiting ON outbox (workspace_id)")
        cursor.execute("ALTER TABLE inbox ADD COLUMN request varchar(64) NOT NULL DEFAULT ''")
    migrations.apply()
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'outbox_waiting'")
        assert "created_at" in cursor.fetchone()[0]
