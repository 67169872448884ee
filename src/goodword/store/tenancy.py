"""Whose rows a transaction may see. Row-level security reads what is set here, and sees nothing unset.

The settings are local to the transaction: they end with it, also on a pooled connection. They are said with
SET LOCAL and not by a function, because only the statement is passed on by a cluster's coordinator to its
workers (docs/adr, on Citus).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

WORKSPACE = "goodword.workspace_id"
USER = "goodword.user_id"
DIRECTORY = "goodword.directory"

_said: WeakKeyDictionary[BaseDatabaseWrapper, dict[str, str]] = WeakKeyDictionary()
"""What the open scopes of a connection have set, so that the database need not be asked."""


@contextmanager
def _scope(setting: str, value: str) -> Iterator[None]:
    """The value is one of ours, a UUID, a number or a word: SET takes no parameters."""
    said = _said.setdefault(connections[DEFAULT_DB_ALIAS], {})
    before, inside = said.get(setting, ""), connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {setting} = '{value}'")
        said[setting] = value
        try:
            yield
        finally:
            said[setting] = before
        if inside:
            # In an outer transaction the setting would outlive this scope; otherwise it ends here.
            cursor.execute(f"SET LOCAL {setting} = '{before}'")


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
