"""A transaction of one trip, on Django's own connection."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection

from goodword.store import tenancy
from goodword.store.sql import fetch, keeping_plans
from goodword.store.trip import Step, carry_out, workspace_scope


def _session() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [[pid]] = cursor.fetchall()
    return int(pid)


NAMED = Step(b"SELECT current_setting('goodword.workspace_id', true), $1::int", [b"4"], b"test_named")


def test_it_sees_its_workspace_and_leaves_nothing_behind(workspace: str) -> None:
    for _ in range(2):
        assert carry_out(workspace_scope(workspace), NAMED) == [[(workspace, 4)]]
    assert carry_out(NAMED) == [[("", 4)]]
    with tenancy.workspace(workspace):
        assert fetch("SELECT 1") == [(1,)]


def test_what_the_session_forgot_is_said_again(workspace: str) -> None:
    other = Step(b"SELECT $1::int + 1", [b"4"], b"test_other")
    for _ in range(2):
        carry_out(workspace_scope(workspace), NAMED)
        carry_out(other)
        session = _session()
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")
        assert carry_out(other) == [[(5,)]]
        assert carry_out(workspace_scope(workspace), NAMED) == [[(workspace, 4)]]
        assert carry_out(other) == [[(5,)]]
        assert _session() == session


def test_a_transaction_that_was_undone_makes_no_difference(workspace: str) -> None:
    """The driver makes the session forget what it keeps, then."""
    for _ in range(3):
        assert carry_out(workspace_scope(workspace), NAMED) == [[(workspace, 4)]]
        with pytest.raises(DatabaseError):
            _undone(workspace)


def _undone(workspace: str) -> None:
    with tenancy.workspace(workspace), keeping_plans():
        fetch("SELECT %s::int", [1])
        fetch("SELECT 1 / 0")


def test_what_is_refused_changes_nothing_and_the_next_one_is_answered(workspace: str) -> None:
    counted = Step(
        b"INSERT INTO rate_window (workspace_id, api_key_id, started_at, requests)"
        b" VALUES ($1::uuid, $1::uuid, now(), 1) RETURNING requests",
        [workspace.encode()],
    )
    with pytest.raises(DatabaseError, match="division by zero"):
        carry_out(workspace_scope(workspace), counted, Step(b"SELECT 1 / 0"), NAMED)
    with tenancy.workspace(workspace):
        assert fetch("SELECT count(*) FROM rate_window") == [(0,)]
    assert carry_out(workspace_scope(workspace), counted) == [[(1,)]]


def test_a_transaction_that_is_open_is_not_ended_by_it(workspace: str) -> None:
    with tenancy.workspace(workspace), pytest.raises(AssertionError):
        carry_out(workspace_scope(workspace), NAMED)
