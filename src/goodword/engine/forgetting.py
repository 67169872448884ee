"""What a workspace keeps of clicks for a time only: IP addresses, the salt of their hashes, the clicks themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from goodword.domain import ids
from goodword.domain.edge_settings import EdgeSettings
from goodword.store import tenancy
from goodword.store.models import Workspace
from goodword.store.sql import execute

EVERY = 3_600.0
"""Seconds between two looks of a worker."""
PAGE = 5_000
"""Rows changed in one transaction."""


def forget(workspace_id: str, now: datetime | None = None) -> int:
    """Removes what is older than the workspace's settings allow; how many rows that were."""
    moment = now or datetime.now(UTC)
    with tenancy.workspace(workspace_id):
        settings = EdgeSettings.model_validate(Workspace.objects.get(id=workspace_id).settings)
        salted = moment - timedelta(days=settings.ip_hash_days)
        Workspace.objects.filter(id=workspace_id, salted_at__lt=salted).update(salt=None, salted_at=None)
    addresses = """
        UPDATE click SET ip = NULL
        WHERE workspace_id = %(own)s AND id IN (
            SELECT id FROM click                                                                      -- click_ip
            WHERE workspace_id = %(own)s AND ip IS NOT NULL AND id < %(before)s::uuid
            LIMIT %(page)s
        )
    """
    clicks = """
        DELETE FROM click
        WHERE workspace_id = %(own)s AND id IN (
            SELECT id FROM click                                                                      -- the key
            WHERE workspace_id = %(own)s AND id < %(before)s::uuid
            ORDER BY id
            LIMIT %(page)s
        )
    """
    return sum(
        _page_by_page(workspace_id, statement, ids.earliest(moment - timedelta(days=days)))
        for statement, days in ((addresses, settings.raw_ip_days), (clicks, settings.clicks_days))
    )


def _page_by_page(workspace_id: str, statement: str, before: str) -> int:
    changed = 0
    while True:
        with tenancy.workspace(workspace_id):
            rows = execute(statement, {"own": workspace_id, "before": before, "page": PAGE}).rowcount
        changed += rows
        if rows < PAGE:
            return changed
