"""What a workspace keeps of clicks for a time only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from goodword.domain import ids
from goodword.engine import forgetting
from goodword.store import tenancy, workspaces
from goodword.store.clicks import INSERT, Click, values
from goodword.store.models import Click as Row
from goodword.store.models import Workspace
from goodword.store.sql import execute

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_addresses_salts_and_clicks_go_when_their_time_is_over(workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "PAGE", 2)
    settings = {"raw_ip_days": 7, "clicks_days": 100, "ip_hash_days": 30}
    workspaces.configure(workspace, settings, by="test", door="cli")
    ages = [0, 6, 8, 9, 10, 99, 101, 102, 103]
    rows = []
    for age in ages:
        at = NOW - timedelta(days=age)
        link_id = ids.derive(NOW, "link")
        row = Click(ids.derive(at, str(age)), link_id, at, "visit", "phone", "", "", "", {}, None, "192.0.2.1", None)
        rows.append(row)
    with tenancy.workspace(workspace):
        execute(INSERT, values(workspace, rows))
        Workspace.objects.filter(id=workspace).update(salt=b"s", salted_at=NOW - timedelta(days=29))

    assert forgetting.forget(workspace, NOW) == 10  # seven addresses, three clicks
    assert forgetting.forget(workspace, NOW) == 0

    with tenancy.workspace(workspace):
        left = Row.objects.filter(workspace_id=workspace).order_by("-id")
        assert [(NOW - row.clicked_at).days for row in left] == [0, 6, 8, 9, 10, 99]
        assert [row.ip is not None for row in left] == [True, True, False, False, False, False]
        assert Workspace.objects.get(id=workspace).salt is not None
    forgetting.forget(workspace, NOW + timedelta(days=2))
    with tenancy.workspace(workspace):
        assert Workspace.objects.get(id=workspace).salt is None
