"""Exchange rates through the real engine: whatever batches the facts come in, they end the same and replay agrees."""

from __future__ import annotations

from typing import Any

import pytest

from goodword.engine import apply, programs, rates, record, replay, worker
from goodword.store import tenancy
from goodword.store.models import Decision, ExchangeRate, Referral, Reward
from support.documents import self_serve, thanks

from .helpers import event

TENTH = {"type": "account_credit", "amount": {"percent": 10}}
DOCUMENT = self_serve(
    rewards=[thanks(give=TENTH, reverse={"on": ["order.refunded"], "how": "proportional"})],
    limits=[{"per": "program", "every": "month", "count": 2, "when_reached": "waitlist"}],
)


def at(day: int, kind: str, who: str | None = "bob", **told: Any) -> dict[str, Any]:
    return event(f"{kind}-{day}-{who}-{len(told)}", kind, f"2025-03-{day:02}T10:00:00", who, **told)


def rate(day: int, text: str, on: int, **told: Any) -> dict[str, Any]:
    properties = {"base": "EUR", "quote": "USD", "rate": text, "date": f"2025-03-{on:02}", "source": "ECB", **told}
    return event(f"rate-{day}-{on}-{text}", "fx.rate_published", f"2025-03-{day:02}T09:00:00", **properties)


STORY = [
    at(1, "link.created", "ada", program="simple", code="ada"),
    *(at(2, "participant.signed_up", who, code="ada") for who in ("bob", "cyd", "dee", "eve")),
    at(3, "order.completed", "bob", value=10_000, currency="EUR"),  # no rate yet
    rate(4, "1.10", 4),
    rate(5, "1.11", 4),  # told anew
    at(5, "order.completed", "cyd", value=9_999, currency="EUR"),
    rate(6, "0.5", 6, base="USD", quote="EUR"),
    at(7, "order.completed", "dee", value=10_000, currency="EUR"),
    at(8, "order.completed", "eve", value=20_000, currency="EUR"),  # waits for April
    rate(9, "3", 9),
    at(9, "order.refunded", "cyd", value=3_333, currency="EUR"),
    at(10, "order.refunded", "cyd", value=6_666, currency="EUR"),
    event("tick", "clock.ticked", "2025-05-01T10:00:00", "clock"),
]


@pytest.mark.parametrize("batch", [1, 3, 100])
def test_rates_are_those_of_the_day_in_batches_of_any_size(workspace: str, batch: int) -> None:
    programs.publish(workspace, DOCUMENT, by="test")
    record.record(workspace, STORY)
    while apply.apply_pending(workspace, limit=batch, ring=False).more:
        pass
    worker.drain(workspace)
    with tenancy.workspace(workspace):
        found = Reward.objects.order_by("granted_at").values_list("participant__external_id", "amount", "reversed")
        assert sorted(found) == [("ada", 1_110, 1_110), ("ada", 2_000, 0), ("ada", 4_000, 0)]
        assert Referral.objects.get(referred__external_id="cyd").value == 11_099  # 9,999 at 1.11 is 11,098.89
        told = Decision.objects.get(event__event_id__startswith="order.completed-3").trace["rewards"]
        assert [line["reason"] for line in told] == ["no_exchange_rate"]
        assert sorted(ExchangeRate.objects.values_list("base", "day__day", "rate")) == [
            ("EUR", 4, "1.11"), ("EUR", 9, "3"), ("USD", 6, "0.5")
        ]  # fmt: skip
    assert replay.verify(workspace).differences == ()


def test_rates_are_read_only_where_an_event_needs_them(workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    programs.publish(workspace, DOCUMENT, by="test")
    asked: list[Any] = []
    fetch = rates.fetch
    monkeypatch.setattr(rates, "fetch", lambda *told: asked.append(told) or fetch(*told))
    record.record(workspace, [*STORY[:5], at(3, "order.completed", "bob", value=10_000, currency="USD")])
    worker.drain(workspace)
    assert asked == []
    record.record(workspace, STORY[5:])
    worker.drain(workspace)
    assert len(asked) == 1
