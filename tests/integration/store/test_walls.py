"""What the database itself refuses: another workspace's rows, and a ledger that does not add up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import Error, IntegrityError, connection, transaction
from uuid_utils.compat import uuid7

from goodword.store import models, tenancy, workspaces

NOW = datetime(2025, 1, 1, tzinfo=UTC)


@contextmanager
def cursor(workspace: str | None = None) -> Iterator[Any]:
    scope = tenancy.workspace(workspace) if workspace else transaction.atomic()
    with scope, connection.cursor() as found:
        yield found


def account(workspace: str, kind: str, unit: str = "USD") -> models.LedgerAccount:
    return models.LedgerAccount.objects.create(workspace_id=workspace, kind=kind, unit=unit)


def transfer(workspace: str, debit: Any, credit: Any, amount: int = 100, **changes: Any) -> models.Transfer:
    values = {
        "phase": "posted", "unit": "USD", "code": "grant", "reward_id": uuid7(), "event_id": uuid7(),
        "effective_at": NOW, "recorded_at": NOW,
    }  # fmt: skip
    return models.Transfer.objects.create(
        workspace_id=workspace, debit_id=debit.id, credit_id=credit.id, amount=amount, **(values | changes)
    )


def test_every_table_of_a_workspace_has_the_wall_and_a_key_that_begins_with_it(db: str) -> None:
    tables = {
        model._meta.db_table for model in apps.get_app_config("store").get_models() if model is not models.Workspace
    }
    with cursor() as found:
        found.execute(
            """
            SELECT relname, relrowsecurity, relforcerowsecurity,
                   (SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
                    WHERE indrelid = pg_class.oid AND indisprimary),
                   (SELECT count(*) FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
                    WHERE indrelid = pg_class.oid AND indisunique AND attname <> 'workspace_id')
            FROM pg_class WHERE relname = ANY(%s) AND relkind IN ('r', 'p')
            """,
            [list(tables)],
        )
        rows = found.fetchall()
    assert {row[0] for row in rows} == tables
    for name, secured, forced, first, other_unique in rows:
        assert (secured, forced, first, other_unique) == (True, True, "workspace_id", 0), name


def test_the_role_of_the_application_cannot_pass_the_wall(db: str) -> None:
    with cursor() as found:
        found.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert found.fetchone() == (False,)


def test_a_query_that_forgot_its_filter_sees_one_workspace_or_none(workspace: str) -> None:
    other = str(workspaces.create("other", "Other").id)
    for id in (workspace, other):
        with tenancy.workspace(id):
            models.Participant.objects.create(workspace_id=id, external_id="ada", first_seen_at=NOW, updated_at=NOW)
    with tenancy.workspace(workspace):
        assert [str(row.workspace_id) for row in models.Participant.objects.all()] == [workspace]
        assert models.Participant.objects.filter(workspace_id=other).count() == 0
        assert [str(row.id) for row in models.Workspace.objects.all()] == [workspace]
    with cursor():
        assert models.Participant.objects.count() == 0
        assert models.Workspace.objects.count() == 0
    with tenancy.directory():
        assert models.Participant.objects.count() == 0
        assert models.Workspace.objects.count() == 2


def test_writing_into_another_workspace_is_refused(workspace: str) -> None:
    other = str(workspaces.create("other", "Other").id)
    with pytest.raises(Error, match="row-level security"), tenancy.workspace(workspace):
        models.Participant.objects.create(workspace_id=other, external_id="x", first_seen_at=NOW, updated_at=NOW)


def test_the_scope_ends_with_its_block_also_inside_a_transaction(workspace: str) -> None:
    other = str(workspaces.create("other", "Other").id)
    with transaction.atomic():
        with tenancy.workspace(workspace):
            with tenancy.workspace(other):
                assert str(models.Workspace.objects.get().id) == other
            assert str(models.Workspace.objects.get().id) == workspace
        assert models.Workspace.objects.count() == 0


def test_balances_follow_from_transfers(workspace: str) -> None:
    with tenancy.workspace(workspace):
        cost, owed = account(workspace, "program_cost"), account(workspace, "participant_balance")
        held = transfer(workspace, cost, owed, 300, phase="pending")
        transfer(workspace, cost, owed, 200, phase="post", pending_id=held.id)
        cost.refresh_from_db()
        owed.refresh_from_db()
    assert (cost.debits_pending, cost.debits_posted) == (0, 200)
    assert (owed.credits_pending, owed.credits_posted) == (0, 200)


@pytest.mark.parametrize(
    ("changes", "amount"),
    [
        ({}, 0),
        ({}, -5),
        ({"unit": "EUR"}, 100),
        ({"phase": "post"}, 100),
        ({"phase": "post", "pending_id": uuid7()}, 100),
        ({"phase": "pending", "pending_id": uuid7()}, 100),
    ],
)
def test_what_does_not_add_up_is_refused(workspace: str, changes: dict[str, Any], amount: int) -> None:
    with tenancy.workspace(workspace):
        cost, owed = account(workspace, "program_cost"), account(workspace, "participant_balance")
    with pytest.raises(IntegrityError), tenancy.workspace(workspace):
        transfer(workspace, cost, owed, amount, **changes)
    with tenancy.workspace(workspace):
        assert not models.Transfer.objects.exists()
        assert not models.LedgerAccount.objects.exclude(debits_posted=0, credits_posted=0).exists()


def test_a_hold_is_settled_once_and_for_no_more_than_it_held(workspace: str) -> None:
    with tenancy.workspace(workspace):
        cost, owed = account(workspace, "program_cost"), account(workspace, "participant_balance")
        held = transfer(workspace, cost, owed, 300, phase="pending")
    with pytest.raises(IntegrityError), tenancy.workspace(workspace):
        transfer(workspace, cost, owed, 301, phase="post", pending_id=held.id)
    with tenancy.workspace(workspace):
        transfer(workspace, cost, owed, 300, phase="void", pending_id=held.id)
    with pytest.raises(IntegrityError), tenancy.workspace(workspace):
        transfer(workspace, cost, owed, 300, phase="post", pending_id=held.id)


def test_nobody_is_owed_less_than_nothing(workspace: str) -> None:
    with tenancy.workspace(workspace):
        owed, fulfilled = account(workspace, "participant_balance"), account(workspace, "fulfilled")
    with pytest.raises(IntegrityError, match="ledger_not_below_zero"), tenancy.workspace(workspace):
        transfer(workspace, owed, fulfilled, 1)


@pytest.mark.parametrize(("debit", "credit"), [("participant_balance", "fulfilled"), ("program_cost", "program_cost")])
def test_holds_promise_no_more_than_there_is(workspace: str, debit: str, credit: str) -> None:
    """Of an account that grows by credits, and of one that grows by debits; the other side could bear any amount."""
    with tenancy.workspace(workspace):
        cost, owed = account(workspace, "program_cost"), account(workspace, "participant_balance")
        one, other = account(workspace, debit), account(workspace, credit)
        filled = (cost, one) if debit == "participant_balance" else (other, owed)
        transfer(workspace, *filled, 300)
        held = transfer(workspace, one, other, 200, phase="pending")
    for phase in ("pending", "posted"):
        with pytest.raises(IntegrityError, match="ledger_not_below_zero"), tenancy.workspace(workspace):
            transfer(workspace, one, other, 101, phase=phase)
    with tenancy.workspace(workspace):
        transfer(workspace, one, other, 50, phase="post", pending_id=held.id)
        transfer(workspace, one, other, 250, phase="pending")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE transfer SET amount = 1",
        "DELETE FROM transfer",
        "TRUNCATE transfer",
        "UPDATE ledger_account SET credits_posted = 5",
        "DELETE FROM ledger_account",
        "TRUNCATE ledger_account CASCADE",
        "INSERT INTO transfer SELECT * FROM transfer ON CONFLICT (workspace_id, id) DO UPDATE SET amount = 1",
        "MERGE INTO transfer USING transfer AS same ON same.id = transfer.id WHEN MATCHED THEN DELETE",
    ],
)
def test_the_books_are_append_only_for_the_application_too(workspace: str, statement: str) -> None:
    with tenancy.workspace(workspace):
        transfer(workspace, account(workspace, "program_cost"), account(workspace, "participant_balance"))
    with pytest.raises(Error, match="ledger: "), cursor(workspace) as found:
        found.execute(statement)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE setting_change SET by = 'nobody'", "DELETE FROM setting_change", "TRUNCATE setting_change"],
)
def test_what_was_changed_of_the_settings_is_append_only_for_the_application_too(
    workspace: str, statement: str
) -> None:
    workspaces.configure(workspace, {"name": "Another"}, by="ada", door="cli")
    with pytest.raises(Error, match="setting_change is refused"), cursor(workspace) as found:
        found.execute(statement)
    with tenancy.workspace(workspace):
        [row] = workspaces.changes(workspace)
    assert row.by == "ada"


def test_an_account_begins_empty(workspace: str) -> None:
    with pytest.raises(Error, match="ledger: "), tenancy.workspace(workspace):
        models.LedgerAccount.objects.create(
            workspace_id=workspace, kind="participant_balance", unit="USD", credits_posted=5
        )
