"""A transaction of one trip, on Django's own connection."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection

from goodword.store import tenancy
from goodword.store.sql import fetch
from goodword.store.trip import Step, carry_out, workspace_scope

NAMED = Step(b"SELECT current_setting('goodword.workspace_id', true), $1::int", [b"4"], b"test_named")


def test_it_sees_its_workspace_and_leaves_nothing_behind(workspace: str) -> None:
    for _ in range(2):
        assert carry_out(workspace_scope(workspace), NAMED) == [[(workspace, 4)]]
    assert carry_out(NAMED) == [[("", 4)]]
    with tenancy.workspace(workspace):
        assert fetch("SELECT 1") == [(1,)]


def test_what_the_session_forgot_is_said_again(workspace: str) -> None:
    carry_out(workspace_scope(workspace), NAMED)
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert carry_out(workspace_scope(workspace), NAMED) == [[(workspace, 4)]]


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
