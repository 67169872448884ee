"""Anniversaries on a database: rung in order, and the same when replayed."""

from __future__ import annotations

from goodword.engine import programs, replay
from goodword.store import tenancy
from goodword.store.models import Reward
from support.documents import self_serve, thanks
from support.loyalty import earns, shop

from .helpers import event, send

KIND = "anniversary.reached"


def test_anniversaries_of_referrals_and_members_come_and_replay_alike(workspace: str) -> None:
    month = thanks(id="month", on=KIND, each="P1M", until=["subscription.cancelled"])
    member = earns(id="year", on=KIND, since="participant.signed_up", each="P2M")
    programs.publish(workspace, self_serve(rewards=[month]), by="test")
    programs.publish(workspace, shop(rewards=[member]), by="test")
    send(
        workspace,
        event("1", "link.created", "2026-01-05T10:00:00", "ada", program="simple", code="ada-1"),
        event("2", "participant.signed_up", "2026-01-31T10:00:00", "bob", code="ada-1"),
        event("3", "order.completed", "2026-01-31T10:00:00", "bob", value=1, currency="USD"),
    )
    send(workspace, event("4", "participant.identified", "2026-03-15T10:00:00", "cyd"))
    send(
        workspace,
        event("5", "participant.identified", "2026-04-10T10:00:00", "cyd", previous_id="bob"),
        event("6", "subscription.cancelled", "2026-05-15T10:00:00", "cyd"),
        event("7", "participant.identified", "2026-10-15T10:00:00", "ada"),
    )
    with tenancy.workspace(workspace):
        rows = Reward.objects.values_list("rule", "participant__external_id", "granted_at").order_by("granted_at", "id")
        found = [(rule, who, f"{at:%m-%d %H}") for rule, who, at in rows]
    assert [row for row in found if row[0] == "month"] == [
        ("month", "ada", day) for day in ("02-28 10", "03-31 10", "04-30 10")
    ]
    assert [row for row in found if row[0] == "year"] == [
        ("year", "cyd", day) for day in ("03-31 10", "05-31 10", "07-31 10", "09-30 10")
    ]
    assert replay.verify(workspace).differences == ()
