"""`goodword citus distribute`, on a stand-in for Citus: the order of its steps, its refusals, what it leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import sql
from tests.integration.engine.helpers import friend, link, publish, send, snapshot
from tests.integration.store import test_walls as walls
from uuid_utils.compat import uuid7

from goodword.ops import migrations
from goodword.ops.citus import run as moving
from goodword.ops.citus import shape, tables
from goodword.ops.walls import open_tables
from goodword.store import tenancy, workspaces
from support.commands import Ran, run
from support.databases import TestServer
from support.shards import PART, standin

PROGRAM = "credit-after-threshold"


@pytest.fixture
def cluster(database_server: TestServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Ran]]:
    """Runs a command on a database that says it is a coordinator."""
    with standin(database_server) as name:
        monkeypatch.setenv("DATABASE_URL", database_server.url(name))
        yield run


@pytest.fixture
def operator(database_server: TestServer, cluster: Callable[..., Ran]) -> Callable[[str], None]:
    """Runs a statement as the superuser."""

    def act(statement: str) -> None:
        database_server.superuser(sql.Composed([sql.SQL(statement)]), connection.settings_dict["NAME"])

    return act


def test_a_full_installation_is_distributed_with_all_that_is_in_it(cluster: Callable[..., Ran]) -> None:
    mine, other = (str(workspaces.create(slug, slug).id) for slug in ("mine", "other"))
    for workspace in (mine, other):
        publish(workspace, PROGRAM)
        send(workspace, link(PROGRAM), *friend(1))
    before = {workspace: snapshot(workspace) for workspace in (mine, other)}

    ran = cluster("citus", "distribute", "--json")

    assert ran.code == 0, ran.err
    told = ran.json()
    assert told["workers"] == ["one:5432", "two:5432"]
    assert set(told["distributed"]) == set(tables.distributed())
    assert set(told["everywhere"]) == {*tables.everywhere()}
    assert {"workspace", "membership", "auth_user", "django_session"} <= set(told["everywhere"])
    assert told["distributed"]["participant"] == 4
    assert {workspace: snapshot(workspace) for workspace in (mine, other)} == before
    assert [name for name in open_tables() if not PART.fullmatch(name)] == []
    assert len({found.together for found in shape().values() if found.by}) == 1


def test_the_engine_and_the_walls_go_on_there(cluster: Callable[..., Ran]) -> None:
    assert cluster("citus", "distribute").code == 0
    mine, other = (str(workspaces.create(slug, slug).id) for slug in ("mine", "other"))
    publish(mine, PROGRAM)
    send(mine, link(PROGRAM), *friend(1))
    assert snapshot(mine)["rewards"]
    assert cluster("replay", "--verify", "-w", "mine").code == 0
    assert cluster("ledger", "trial-balance", "-w", "mine").code == 0
    assert not any(snapshot(other).values())
    with tenancy.directory():
        assert {row.slug for row in workspaces.Workspace.objects.all()} == {"mine", "other"}


def test_a_person_sees_the_workspaces_they_are_a_member_of_there(cluster: Callable[..., Ran]) -> None:
    from goodword.store import staff
    from goodword.store.models import Membership, Workspace

    assert cluster("citus", "distribute").code == 0
    mine = str(workspaces.create("mine", "Mine").id)
    workspaces.create("other", "Other")
    user = staff.create_user("ada@example.com", "correct horse battery", mine, "owner")
    with tenancy.user(user.id):
        assert [row.slug for row in Workspace.objects.all()] == ["mine"]
        assert Membership.objects.count() == 1
    with tenancy.user(user.id + 1):
        assert not Workspace.objects.exists()
        assert not Membership.objects.exists()


def test_again_it_changes_nothing(cluster: Callable[..., Ran]) -> None:
    assert cluster("citus", "distribute").code == 0
    again = cluster("citus", "distribute")
    assert again.code == 0
    assert again.out == f"All {len(shape())} tables are distributed already.\n"


def test_what_a_migration_added_is_taken_by_the_next_migrate(
    cluster: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cluster("citus", "distribute").code == 0
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE novelty (workspace_id uuid, id uuid, PRIMARY KEY (workspace_id, id))")
        cursor.execute("ALTER TABLE novelty ENABLE ROW LEVEL SECURITY")
        cursor.execute("ALTER TABLE novelty FORCE ROW LEVEL SECURITY")
        cursor.execute("CREATE POLICY own ON novelty USING (workspace_id = (SELECT NULL::uuid))")
    assert "novelty" not in shape()
    monkeypatch.setattr(migrations, "pending", lambda: ["store.9999_novelty"])
    monkeypatch.setattr(migrations, "call_command", lambda *_, **__: None)
    assert migrations.apply() == ["store.9999_novelty"]
    assert shape()["novelty"].together == shape()[tables.FIRST].together
    assert "novelty" not in open_tables()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("DROP FUNCTION standin.citus_version()", "not on a Citus cluster"),
        ("UPDATE standin.told SET version = 'Citus 11.3.0 on x'", "needs Citus 12.1 or newer on PostgreSQL 16 to 18"),
        ("UPDATE standin.told SET is_coordinator = false", "This node is a worker"),
        ("DELETE FROM standin.pg_dist_node WHERE groupid = 0", "citus_set_coordinator_host"),
        ("DELETE FROM standin.pg_dist_node WHERE groupid > 0", "citus_add_node"),
        (
            "UPDATE standin.pg_dist_node SET answer = 'FATAL: role goodword does not exist' WHERE groupid = 2",
            "two:5432 does not answer this role (FATAL: role goodword does not exist)",
        ),
        (
            "INSERT INTO standin.pg_dist_partition VALUES ('participant', 'h', 'id', 7)",
            "participant is distributed by id and must be by workspace_id",
        ),
        (
            "INSERT INTO standin.pg_dist_partition VALUES ('event', 'h', 'workspace_id', 2), "
            "('participant', 'h', 'workspace_id', 7)",
            "together with event; run SELECT undistribute_table('participant')",
        ),
        (
            "INSERT INTO standin.pg_dist_partition VALUES ('workspace', 'h', 'id', 7)",
            "must be a reference table",
        ),
    ],
)
def test_a_cluster_that_will_not_do_is_told_why(
    cluster: Callable[..., Ran], operator: Callable[[str], None], change: str, words: str
) -> None:
    operator(change)
    ran = cluster("citus", "distribute")
    assert (ran.code, ran.out) == (1, "")
    assert words in ran.err


def test_an_old_server_is_refused(cluster: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    from goodword.ops.citus import look

    monkeypatch.setattr(look, "SERVERS", range(90, 92))
    assert "on PostgreSQL 90 to 91" in cluster("citus", "distribute").err


def test_tables_in_use_are_waited_for_and_then_left_alone(
    cluster: Callable[..., Ran], database_server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "LOCK_WAIT", "100ms")
    with psycopg.connect(database_server.url(connection.settings_dict["NAME"])) as somebody:
        somebody.execute("LOCK TABLE timer IN ROW EXCLUSIVE MODE")
        ran = cluster("citus", "distribute")
    assert ran.code == 1
    assert "stop 'goodword serve' and 'goodword worker'" in ran.err
    assert shape() == {}


def test_a_failure_on_the_way_leaves_everything_as_it_was(cluster: Callable[..., Ran]) -> None:
    mine = str(workspaces.create("mine", "Mine").id)
    publish(mine, PROGRAM)
    before = snapshot(mine)
    original = moving._count

    def short(table: str) -> int:
        return original(table) - (table == "event" and table in shape())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moving, "_count", short)
        ran = cluster("citus", "distribute")
    assert ran.code == 1
    assert "event had" in ran.err
    assert "nothing was changed" in ran.err
    assert shape() == {}
    assert open_tables() == []
    assert snapshot(mine) == before
    assert cluster("citus", "distribute").code == 0


def test_numbers_go_on_where_they_were(cluster: Callable[..., Ran]) -> None:
    """A column that counted by itself counts on from its last number, also on tables of Django's own."""
    from goodword.store import staff

    mine = str(workspaces.create("mine", "Mine").id)
    first = staff.create_user("ada@example.com", "correct horse battery", mine, "owner")
    assert cluster("citus", "distribute").code == 0
    second = staff.create_user("bob@example.com", "correct horse battery", mine, "owner")
    assert second.id == first.id + 1


@pytest.fixture
def books(cluster: Callable[..., Ran]) -> str:
    """A workspace on the cluster, for the ledger's own tests."""
    assert cluster("citus", "distribute").code == 0
    return str(workspaces.create("test", "Test").id)


def test_the_ledger_is_held_to_the_same_there(books: str) -> None:
    """The tests of the ledger on one server, against the trigger in the form that a cluster runs."""
    walls.test_balances_follow_from_transfers(books)
    walls.test_a_hold_is_settled_once_and_for_no_more_than_it_held(books)
    walls.test_nobody_is_owed_less_than_nothing(books)
    walls.test_an_account_begins_empty(books)
    for statement in ("UPDATE transfer SET amount = 1", "DELETE FROM transfer", "DELETE FROM ledger_account"):
        walls.test_the_books_are_append_only_for_the_application_too(books, statement)


@pytest.mark.parametrize(
    ("changes", "amount"),
    [
        ({}, 0),
        ({"unit": "EUR"}, 100),
        ({"phase": "post"}, 100),
        ({"phase": "post", "pending_id": uuid7()}, 100),
        ({"phase": "pending", "pending_id": uuid7()}, 100),
    ],
)
def test_what_does_not_add_up_is_refused_there_too(books: str, changes: dict[str, Any], amount: int) -> None:
    walls.test_what_does_not_add_up_is_refused(books, changes, amount)
