"""Whose rows a transaction may see. Row-level security reads what is set here, and sees nothing unset.

The settings are local to the transaction: they end with it, also on a pooled connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

WORKSPACE = "goodword.workspace_id"
USER = "goodword.user_id"
DIRECTORY = "goodword.directory"


@contextmanager
def _scope(setting: str, value: str) -> Iterator[None]:
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true), set_config(%s, %s, true)", [setting, setting, value])
        before = cursor.fetchone()[0] or ""
        yield
        if not outermost:  # the setting would outlive this scope
            cursor.execute("SELECT set_config(%s, %s, true)", [setting, before])


@contextmanager
def workspace(workspace_id: str | UUID) -> Iterator[None]:
    """A transaction that sees, and may write, the rows of one workspace."""
    with _scope(WORKSPACE, str(UUID(str(workspace_id)))):
        yield


@contextmanager
def user(user_id: int) -> Iterator[None]:
    """A transaction that sees which workspaces a staff user is a member of, and nothing else of them."""
    with _scope(USER, str(int(user_id))):
        yield


@contextmanager
def directory() -> Iterator[None]:
    """A transaction that sees the list of workspaces, and no rows in them."""
    with _scope(DIRECTORY, "on"):
        yield
