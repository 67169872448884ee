"""Points that lapse by inactivity on a database: whatever the batches, and the same when replayed."""

from __future__ import annotations

import pytest

from goodword.engine import programs, replay
from goodword.store import tenancy
from goodword.store.models import Counter, Reward, Timer
from support.loyalty import earns, shop

from .helpers import event, send


@pytest.mark.parametrize("batch", [1, 20])
def test_points_of_those_who_are_there_stay(workspace: str, batch: int) -> None:
    programs.publish(workspace, shop(rewards=[earns(expire={"inactive": "P30D"})]), by="test")
    events = [
        event("1", "order.completed", "2026-01-05T10:00:00", "ada", value=1, currency="USD"),
        event("2", "order.completed", "2026-01-05T10:00:00", "bob", value=1, currency="USD"),
        *(event(f"v{day}", "page.visited", f"2026-01-{day:02}T10:00:00", who)
          for day, who in ((9, "ada"), (20, "ada"), (21, "cyd"), (25, "ada"))),
        event("9", "page.visited", "2026-02-10T10:00:00", "cyd"),
    ]  # fmt: skip
    for start in range(0, len(events), batch):
        send(workspace, *events[start : start + batch])
    with tenancy.workspace(workspace):
        found = dict(Reward.objects.values_list("participant__external_id", "state"))
        assert Counter.objects.filter(name="active").count() == 2
        assert [f"{at:%m-%d}" for at in Timer.objects.values_list("due_at", flat=True)] == ["02-24"]
    assert found == {"ada": "approved", "bob": "expired"}
    assert replay.verify(workspace).differences == ()
