"""What people did within a time, on a database: whatever the batches, the same when replayed and in a backtest."""

from __future__ import annotations

import pytest

from goodword.engine import programs, replay
from goodword.engine.backtest import job
from goodword.store import tenancy
from goodword.store.models import Reward
from support.documents import self_serve, thanks

from .helpers import event, send


@pytest.mark.parametrize("batch", [1, 20])
def test_windows_and_variants_are_the_same_in_every_way_of_deciding(workspace: str, batch: int) -> None:
    amount = {"cel": "history.spent + history.recent * 10000 + (experiment.size == 'more' ? 1 : 0)"}
    document = self_serve(
        rewards=[thanks(on="order.completed", when="history.recent >= 2", give={"type": "cash", "amount": amount})],
        history=[
            {"id": "recent", "count": "order.completed", "within": "P10D"},
            {"id": "spent", "sum": "order.completed", "every": "month"},
        ],
        experiments=[{"id": "size", "variants": [{"id": "more", "weight": 1}, {"id": "less", "weight": 1}]}],
    )
    programs.publish(workspace, document, by="test")

    def order(id: str, day: int, value: int, kind: str = "order.completed") -> dict[str, object]:
        return event(
            f"{kind}{id}{day}", kind, f"2026-01-{day:02}T10:00:00", "bob", value=value, currency="USD", order_id=id
        )

    events = [
        event("l", "link.created", "2026-01-01T10:00:00", "ada", program="simple", code="ada"),
        event("s", "participant.signed_up", "2026-01-02T10:00:00", "bob", code="ada"),
        order("a", 3, 1000),  # the first in ten days
        order("b", 4, 300),  # two, 1,300 this month
        order("a", 5, 400, "order.refunded"),
        order("c", 6, 10),  # three, 910
        order("b", 7, 300, "order.refunded"),  # b is an order no more
        order("d", 13, 20),  # a is out: c and d are two, and 630 this month
        order("e", 26, 5),  # alone in its ten days
    ]
    for start in range(0, len(events), batch):
        send(workspace, *events[start : start + batch])
    with tenancy.workspace(workspace):
        found = sorted(row.amount for row in Reward.objects.all())
    more = found[0] - 20630
    assert more in (0, 1)
    assert found == [20630 + more, 21300 + more, 30910 + more]
    assert replay.verify(workspace).differences == ()
    result = job.run(workspace, job.Question(document=document))
    assert result["changed"]["count"] == 0
