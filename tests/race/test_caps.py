"""Caps hold to the cent, whoever applies: workers, and callers of the API who wait for the answer."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from django.db import connection

from goodword.engine import programs, worker
from goodword.store import keys, tenancy
from goodword.store.models import Reward
from support.serving import Served

FRIENDS = 30
CALLERS = 6
REFERRERS = ("ada", "bob", "cyd")
RULE = {
    "id": "thanks",
    "on": "referral.submitted",
    "to": "referrer",
    "give": {"type": "account_credit", "amount": 1_000},
}


def document(*limits: dict[str, Any]) -> dict[str, Any]:
    return {
        "program": "capped",
        "kind": "referral",
        "name": "Capped",
        "currency": "USD",
        "timezone": "America/New_York",
        "lifecycle": {"flow": "self_serve", "closed_won": {"on": "order.completed"}},
        "rewards": [RULE],
        "limits": list(limits),
    }


def race(workspace: str, server: Served) -> list[tuple[str, int, int]]:
    """Everybody brings friends in January and February at once: callers who wait, callers who do not, and
    two workers. Gives referrer, month and amount of each reward."""
    headers = {"Authorization": f"Bearer {keys.create_key(workspace, 'race')[1]}"}
    stop = threading.Event()
    workers = [threading.Thread(target=worker.run, args=(stop,)) for _ in range(2)]
    with httpx.Client(base_url=server.url, headers=headers, timeout=60, trust_env=False) as client:

        def send(event: dict[str, Any], wait: bool) -> None:
            answer = client.post("/v1/events" + ("?wait=true" if wait else ""), json=event)
            assert answer.status_code in (200, 202), answer.text

        for who in REFERRERS:
            send(link(who), True)
        try:
            for thread in workers:
                thread.start()
            with ThreadPoolExecutor(CALLERS) as pool:
                jobs = [
                    pool.submit(send, signed_up(who, month, number), number % 2 == 0)
                    for number in range(FRIENDS // 2)
                    for who in REFERRERS
                    for month in (1, 2)
                ]
                for job in jobs:
                    job.result()
        finally:
            stop.set()
            for thread in workers:
                thread.join(30)
    worker.drain(workspace)
    connection.close()
    with tenancy.workspace(workspace):
        rows = Reward.objects.values_list("participant__external_id", "granted_at", "amount")
        return [(who, moment.month, amount) for who, moment, amount in rows]


def link(who: str) -> dict[str, Any]:
    return {
        "type": "link.created",
        "event_id": f"link-{who}",
        "occurred_at": "2026-01-01T12:00:00Z",
        "participant": who,
        "properties": {"program": "capped", "code": f"{who}-code"},
    }


def signed_up(who: str, month: int, number: int) -> dict[str, Any]:
    return {
        "type": "participant.signed_up",
        "event_id": f"{who}-{month}-{number}",
        "occurred_at": f"2026-{month:02}-{number + 2:02}T12:00:00Z",
        "participant": f"{who}-friend-{month}-{number}",
        "properties": {"code": f"{who}-code"},
    }


@pytest.fixture
def publish(workspace: str) -> Callable[..., None]:
    return lambda *limits: programs.publish(workspace, document(*limits), by="tests") and None


def test_per_referrer_and_month(workspace: str, server: Served, publish: Callable[..., None]) -> None:
    publish({"per": "referrer", "every": "month", "count": 7})
    given = Counter((who, month) for who, month, _ in race(workspace, server))
    assert given == {(who, month): 7 for who in REFERRERS for month in (1, 2)}


def test_per_program_and_for_ever(workspace: str, server: Served, publish: Callable[..., None]) -> None:
    publish({"per": "program", "count": 31})
    assert len(race(workspace, server)) == 31


def test_a_budget_to_the_cent_and_what_is_left_of_it(
    workspace: str, server: Served, publish: Callable[..., None]
) -> None:
    publish({"per": "program", "every": "month", "budget": 12_345, "when_reached": "partial"})
    amounts: dict[int, list[int]] = {1: [], 2: []}
    for _, month, amount in race(workspace, server):
        amounts[month].append(amount)
    assert {month: sorted(each) for month, each in amounts.items()} == dict.fromkeys((1, 2), [345] + [1_000] * 12)
