"""Loading history: while it lasts, the clock rings no timers, only the time of the events does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections

from goodword.engine.apply import history_key


@contextmanager
def loading(workspace_id: str) -> Iterator[None]:
    """Holds the workspace's clock for a block. Several loaders may hold it; a loader that dies lets go."""
    holder = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with holder.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock_shared(hashtextextended(%s, 0))", [history_key(workspace_id)])
            yield
            cursor.execute("SELECT pg_advisory_unlock_shared(hashtextextended(%s, 0))", [history_key(workspace_id)])
    finally:
        holder.close()
