"""How many requests a key made in the present minute: one row each, counted in PostgreSQL so that it holds over any
number of processes."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from goodword.store.trip import Step, carry_out, workspace_scope

SECONDS = 60
"""How long a window is."""


class Window(NamedTuple):
    """How many requests the present window has, and when it began."""

    requests: int
    began: datetime


UNHURRIED = Step(b"SET LOCAL synchronous_commit = off")
"""A lost count after a crash harms nobody, so the commit does not wait for the disk."""
BEGAN = f"date_bin('{SECONDS} seconds', clock_timestamp(), 'epoch')"
ADD = """
    ON CONFLICT (workspace_id, api_key_id) DO UPDATE
       SET requests = CASE WHEN w.started_at < excluded.started_at THEN excluded.requests
                           ELSE w.requests + excluded.requests END,
           started_at = GREATEST(w.started_at, excluded.started_at)
    RETURNING requests, started_at
"""
"""How a count is added, in an insert into `rate_window AS w`."""

_COUNT = f"""
    INSERT INTO rate_window AS w (workspace_id, api_key_id, started_at, requests)
    VALUES ($1::uuid, $2::uuid, {BEGAN}, $3::bigint)
    {ADD}
""".encode()  # noqa: S608  nothing in it is from outside


def counted(workspace_id: str, key_id: str, times: int) -> Window:
    """Counts so many requests under that id: the window with them."""
    given = [workspace_id.encode(), key_id.encode(), str(times).encode()]
    [[row]] = carry_out(workspace_scope(workspace_id), UNHURRIED, Step(_COUNT, given, b"count"))
    return Window(*row)
