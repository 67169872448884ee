"""The line for a limit in the real engine, in batches of any size: who waits is mostly not in memory when a place is
given back or a limit is raised."""

from __future__ import annotations

from typing import Any

import pytest

from goodword.domain.rows import BEHIND
from goodword.engine import apply, erase, programs, record, replay
from goodword.store import tenancy
from goodword.store.models import Applied, EarlyFact, Reward, Timer
from support.documents import sales, self_serve, thanks
from support.loyalty import earns, shop

from .helpers import event

RULE = thanks(approval={"by": "finance"})
LIMIT = {"per": "program", "count": 3, "when_reached": "waitlist"}
NAMES = [f"R{number}" for number in range(12)]


def tell(workspace: str, events: list[dict[str, Any]], batch: int) -> None:
    record.record(workspace, events)
    while apply.apply_pending(workspace, limit=batch, ring=False).more:
        pass


def submitted(name: str) -> dict[str, Any]:
    told = {"email": f"{name}@x.example"}
    return event(f"s{name}", "referral.submitted", "2025-03-01T10:00:00", "ada", referral=name, referred=told)


def rejected(name: str, hour: int) -> dict[str, Any]:
    return event(f"r{name}", "reward.rejected", f"2025-03-02T{hour:02}:00:00", None, referral=name, rule="thanks")


def granted(workspace: str) -> list[str]:
    """The referrals whose rewards were given, in the order in which that was applied."""
    with tenancy.workspace(workspace):
        found = {
            line["reward"]: name
            for name, trace in Applied.objects.order_by("-position").values_list(
                "event__decisions__referral__external_id", "event__decisions__trace"
            )
            for line in (trace or {}).get("rewards", ())
            if line["ok"] and "from" not in line
        }
        assert set(found) == {str(id) for id in Reward.objects.values_list("id", flat=True)}
        return list(reversed(found.values()))


def stand_in_line(workspace: str, batch: int) -> None:
    """Twelve referrals are won where three are paid."""
    programs.publish(workspace, sales(rewards=[RULE], limits=[LIMIT]), by="test")
    tell(workspace, [submitted(name) for name in NAMES], batch)
    wins = [event(f"w{name}", "referral.closed_won", "2025-03-01T11:00:00", referral=name) for name in NAMES]
    tell(workspace, wins, batch)


def make_room(workspace: str, batch: int) -> None:
    """Three rewards are rejected, one of them of somebody who waited."""
    tell(workspace, [rejected("R1", 9), rejected("R0", 9), rejected("R3", 10)], batch)
    tell(workspace, [event("tick", "clock.ticked", "2025-03-03T10:00:00", "clock")], batch)


def raise_the_limit(workspace: str, batch: int) -> None:
    """Three more are paid from now on."""
    programs.publish(workspace, sales(rewards=[RULE], limits=[LIMIT | {"count": 6}]), by="test")
    tell(workspace, [event("tock", "clock.ticked", "2026-03-03T10:00:00", "clock")], batch)
    while apply.apply_pending(workspace, limit=batch).more:
        pass


def invoice(number: int, value: int) -> dict[str, Any]:
    told = {"value": value, "currency": "USD", "order_id": f"i{number}"}
    return event(f"i{number}", "invoice.paid", f"2025-03-0{number}T12:00:00", "bo", **told)


@pytest.mark.parametrize("batch", [1, 50])
def test_an_event_waits_with_its_reward_and_what_is_refunded_meanwhile_is_taken_off(workspace: str, batch: int) -> None:
    share = thanks(id="share", on="invoice.paid", give={"type": "cash", "amount": {"percent": 20}},
                   reverse={"on": ["order.refunded"], "how": "proportional"})  # fmt: skip
    monthly = {"per": "program", "every": "month", "budget": 300, "when_reached": "waitlist"}
    programs.publish(workspace, self_serve(rewards=[share], limits=[monthly]), by="test")
    named = {"program": "simple", "code": "ada"}
    tell(workspace, [event("link", "link.created", "2025-02-01T10:00:00", "ada", **named)], batch)
    tell(workspace, [event("up", "participant.signed_up", "2025-03-01T10:00:00", "bo", code="ada")], batch)
    tell(workspace, [invoice(1, 1000), invoice(2, 900), invoice(3, 700)], batch)
    back = {"value": 450, "currency": "USD", "order_id": "i2"}
    tell(workspace, [event("back", "order.refunded", "2025-03-09T10:00:00", "bo", **back)], batch)
    tell(workspace, [event("tick", "clock.ticked", "2025-06-03T10:00:00", "clock")], batch)
    with tenancy.workspace(workspace):
        given = [(row.amount, row.reversed, f"{row.granted_at:%m-%d}") for row in Reward.objects.order_by("granted_at")]
        assert given == [(200, 0, "03-01"), (180, 90, "04-01"), (140, 0, "05-01")]
        assert (EarlyFact.objects.filter(recall_at=BEHIND).count(), Timer.objects.count()) == (0, 0)
    assert replay.verify(workspace).differences == ()


@pytest.mark.parametrize("batch", [1, 2, 50])
def test_a_line_moves_in_order_whatever_batches_the_facts_come_in(workspace: str, batch: int) -> None:
    stand_in_line(workspace, batch)
    assert granted(workspace) == NAMES[:3]
    make_room(workspace, batch)
    assert granted(workspace) == NAMES[:6]
    raise_the_limit(workspace, batch)
    assert granted(workspace) == NAMES[:9]
    assert replay.verify(workspace).differences == ()


@pytest.mark.parametrize("batch", [1, 50])
def test_points_wait_with_their_order_also_of_somebody_who_is_erased(workspace: str, batch: int) -> None:
    share = earns(give={"type": "points", "unit": "points", "amount": {"cel": "event.value / 10"}},
                  when="event.value > 100")  # fmt: skip
    budget = {"per": "program", "budget": 300, "unit": "points", "when_reached": "waitlist"}
    document = shop(rewards=[share], limits=[budget], catalogue=[])
    programs.publish(workspace, document, by="test")
    tell(workspace, [bought("ada", 1, 2000), bought("bo", 2, 1800), bought("cy", 3, 500)], batch)
    back = {"value": 900, "currency": "USD", "order_id": "o2"}
    tell(workspace, [event("back", "order.refunded", "2025-03-09T10:00:00", "bo", **back)], batch)
    erase.erase(workspace, erase.find(workspace, "bo"), by="test")
    programs.publish(workspace, {**document, "limits": [{**budget, "budget": 500}]}, by="test")
    while apply.apply_pending(workspace, limit=batch).more:
        pass
    with tenancy.workspace(workspace):
        given = [(row.amount, row.reversed) for row in Reward.objects.order_by("granted_at", "id")]
        assert sorted(given) == [(50, 0), (180, 90), (200, 0)]
        assert (EarlyFact.objects.count(), Timer.objects.count()) == (0, 0)
    assert replay.verify(workspace).differences == ()


def bought(who: str, day: int, value: int) -> dict[str, Any]:
    told = {"value": value, "currency": "USD", "order_id": f"o{day}"}
    return event(f"o{day}", "order.completed", f"2025-03-0{day}T12:00:00", who, **told)
