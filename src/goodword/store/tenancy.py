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
from psycopg.errors import error_from_result
from psycopg.generators import execute as answers
from psycopg.pq import ExecStatus, TransactionStatus

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
    with transaction.atomic():
        _say(setting, value)
        said[setting] = value
        try:
            yield
        finally:
            said[setting] = before
        if inside:
            # In an outer transaction the setting would outlive this scope; otherwise it ends here.
            _say(setting, before)


def _say(setting: str, value: str) -> None:
    """Sets it in the open transaction. Where the database has not heard of that yet, it begins in the same trip: every
    request opens several, and a trip of its own for each BEGIN would be a tenth of what a small one costs."""
    connection.ensure_connection()
    database = connection.connection
    begun = database.info.transaction_status != TransactionStatus.IDLE
    text = f"SET LOCAL {setting} = '{value}'"
    with connection.wrap_database_errors, database.lock:
        database.pgconn.send_query((text if begun else f"BEGIN; {text}").encode())
        for result in database.wait(answers(database.pgconn)):
            if result.status != ExecStatus.COMMAND_OK:
                raise error_from_result(result, "utf-8")


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
