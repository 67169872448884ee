"""A worker that slept for a week catches up in order and in bounded batches; a hold ends at its moment."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from goodword.engine import apply, programs, record, replay, worker
from goodword.store import tenancy, workspaces
from goodword.store.models import Reward, Timer
from goodword.store.sql import fetch
from support.embedded import wait_for

FRIENDS = 90


def document(hold: str, timezone: str = "America/New_York") -> dict[str, Any]:
    return {
        "program": "held",
        "kind": "referral",
        "name": "Held",
        "currency": "USD",
        "timezone": timezone,
        "lifecycle": {"flow": "self_serve", "closed_won": {"on": "order.completed"}},
        "rewards": [
            {
                "id": "thanks",
                "on": "referral.submitted",
                "to": "referrer",
                "give": {"type": "account_credit", "amount": 1_000},
                "hold": hold,
            }
        ],
    }


def link(at: datetime) -> dict[str, Any]:
    return {
        "type": "link.created",
        "event_id": "link",
        "occurred_at": at.isoformat(),
        "participant": "ada",
        "properties": {"program": "held", "code": "ada-code"},
    }


def friend(number: int, at: datetime) -> dict[str, Any]:
    return {
        "type": "participant.signed_up",
        "event_id": f"friend-{number}",
        "occurred_at": at.isoformat(),
        "participant": f"friend-{number}",
        "properties": {"code": "ada-code"},
    }


def apply_all(workspace: str, events: list[dict[str, Any]], now: datetime) -> None:
    record.record(workspace, events, now=now)
    while apply.apply_pending(workspace, now=now).more:
        pass


def rings(workspace: str) -> list[tuple[int, datetime]]:
    """The positions and moments of what rang, in the order in which it was applied."""
    with tenancy.workspace(workspace):
        return fetch(
            """
            SELECT applied.position, event.occurred_at
            FROM applied JOIN event ON event.id = applied.event_id
            WHERE event.source = 'timer'
            ORDER BY applied.position
            """
        )


@pytest.mark.usefixtures("db")
def test_a_worker_that_slept_for_a_week_catches_up_in_order_and_in_bounded_batches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = datetime.now(UTC)
    asleep = now - timedelta(days=7)
    ids = [str(workspaces.create(f"w{number}", "W").id) for number in range(3)]
    due: dict[str, list[datetime]] = {}
    for place, id in enumerate(ids):
        programs.publish(id, document("P14D", "UTC"), by="tests")
        # Their holds end while the worker sleeps, and are set in no order.
        moments = [
            asleep - timedelta(days=14) + timedelta(days=7) * ((number * 37 + place) % FRIENDS + 0.5) / FRIENDS
            for number in range(FRIENDS)
        ]
        early = min(moments) - timedelta(days=1)
        events = [link(early)] + [friend(number, at) for number, at in enumerate(moments)]
        apply_all(id, events, asleep)
        due[id] = sorted(moment + timedelta(days=14) for moment in moments)
        assert rings(id) == []

    batches: list[tuple[str, int]] = []
    real = apply.apply_pending

    def small(workspace_id: str, **options: Any) -> apply.Applied:
        applied = real(workspace_id, limit=20, **options)
        batches.append((workspace_id, applied.rings))
        return applied

    monkeypatch.setattr(worker, "apply_pending", small)
    stop = threading.Event()
    awake = threading.Thread(target=worker.run, args=(stop,))
    awake.start()
    try:
        wait_for(lambda: all(len(rings(id)) == FRIENDS for id in ids))
    finally:
        stop.set()
        awake.join(30)
    for id in ids:
        rung = rings(id)
        assert [moment for _, moment in rung] == due[id], "in the order in which they were due"
        first = rung[0][0]
        assert [position for position, _ in rung] == list(range(first, first + FRIENDS))
        sizes = [size for workspace, size in batches if workspace == id and size]
        assert max(sizes) <= 20
        assert sum(sizes) == FRIENDS
        with tenancy.workspace(id):
            assert set(Reward.objects.values_list("state", flat=True)) == {"approved"}
        assert replay.verify(id).differences == ()


@pytest.mark.parametrize(
    ("timezone", "granted", "hold", "ends"),
    [
        ("Europe/Oslo", "2026-03-28T11:00:00Z", "P1D", "2026-03-29T10:00:00Z"),  # the night is an hour shorter
        ("Europe/Oslo", "2025-10-25T10:00:00Z", "P1D", "2025-10-26T11:00:00Z"),  # and here an hour longer
        ("Europe/Oslo", "2026-03-28T01:30:00Z", "P1D", "2026-03-29T01:30:00Z"),  # 02:30 does not exist: 03:30
        ("Europe/Oslo", "2025-10-25T00:30:00Z", "P1D", "2025-10-26T00:30:00Z"),  # 02:30 comes twice: the first
        ("Europe/Oslo", "2026-03-28T11:00:00Z", "PT24H", "2026-03-29T11:00:00Z"),  # hours are hours
        ("America/New_York", "2026-02-15T17:00:00Z", "P30D", "2026-03-17T16:00:00Z"),
        ("America/New_York", "2026-01-31T17:00:00Z", "P1M", "2026-02-28T17:00:00Z"),
        ("America/New_York", "2024-01-31T17:00:00Z", "P1M", "2024-02-29T17:00:00Z"),
        ("America/New_York", "2024-02-29T17:00:00Z", "P1Y", "2025-02-28T17:00:00Z"),
        ("America/New_York", "2024-02-28T17:00:00Z", "P1D", "2024-02-29T17:00:00Z"),
        ("Asia/Kuala_Lumpur", "2025-12-31T17:00:00Z", "P1M", "2026-01-31T17:00:00Z"),  # 1 January there already
        ("Pacific/Apia", "2011-12-29T20:00:00Z", "P1D", "2011-12-30T20:00:00Z"),  # 30 December never was there
    ],
)
def test_a_hold_ends_at_the_right_moment_and_not_before(
    workspace: str, timezone: str, granted: str, hold: str, ends: str
) -> None:
    start, end = datetime.fromisoformat(granted), datetime.fromisoformat(ends)
    programs.publish(workspace, document(hold, timezone), by="tests")
    apply_all(workspace, [link(start - timedelta(days=1)), friend(1, start)], start)
    with tenancy.workspace(workspace):
        assert list(Timer.objects.values_list("kind", "due_at")) == [("hold.ended", end)]

    assert apply.apply_pending(workspace, now=end - timedelta(microseconds=1)).rings == 0
    with tenancy.workspace(workspace):
        assert Reward.objects.get().state == "pending"
    assert apply.apply_pending(workspace, now=end).rings == 1
    with tenancy.workspace(workspace):
        assert list(Reward.objects.values_list("state", "approved_at")) == [("approved", end)]
    assert apply.apply_pending(workspace, now=end + timedelta(days=365)).rings == 0
