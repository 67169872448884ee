"""What a backtest says would be left owed: to people, and by them; and how debts make programmes reach each other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from goodword.domain import ids
from goodword.engine import programs as publishing
from goodword.engine.backtest import job, reach
from support.documents import self_serve, thanks

from .helpers import event, friend, link, seen, send
from .test_backtest import asked, left

BACK = {"on": ["order.refunded"], "how": "full"}


def generous(key: str, amount: int, **rule: Any) -> dict[str, Any]:
    return self_serve(
        program=key, name=key, rewards=[thanks(give={"type": "account_credit", "amount": amount}, **rule)]
    )


def handed_over(workspace: str, id: str, at: str) -> dict[str, Any]:
    """The approved rewards reach who has them."""
    with seen(workspace) as tables:
        [reward] = tables.Reward.objects.filter(state="approved").values_list("id", flat=True)
    return event(id, "reward.issued", at, reward=ids.public("rwd", str(reward)))


def refund(number: int, at: str) -> dict[str, Any]:
    return event(f"back-{number}", "order.refunded", at, f"friend-{number}", value=3000, currency="USD")


def test_debts_are_told_beside_what_is_owed_and_not_mixed_with_it(workspace: str) -> None:
    publishing.publish(workspace, generous("p", 1_000, reverse=BACK), by="test")
    send(workspace, link("p"), *friend(1))
    send(workspace, handed_over(workspace, "paid", "2025-03-02T10:00:00"), refund(1, "2025-03-03T10:00:00"))
    [row] = asked(workspace, document=generous("p", 1_000))[0]["liability"] or [None]
    assert row == {"unit": "USD", "before": left(debt=1_000), "after": left()}
    # The next reward pays it.
    send(workspace, *friend(2, at="2025-04-01T10:00:00"), *friend(3, at="2025-05-01T10:00:00"))
    [row] = asked(workspace, document=generous("p", 1_500, reverse=BACK))[0]["liability"]
    assert row == {"unit": "USD", "before": left(approved=1_000), "after": left(approved=1_500)}
    until = datetime(2025, 3, 15, tzinfo=UTC)
    [row] = asked(workspace, document=generous("p", 400, reverse=BACK), until=until)[0]["liability"]
    assert row == {"unit": "USD", "before": left(debt=1_000), "after": left(debt=400)}


def test_of_points_what_was_spent_is_owed_no_more_and_what_lapsed_unspent_costs_nothing(workspace: str) -> None:
    earn = {
        "id": "earn", "on": "order.completed", "to": "participant", "expire": {"after": "P60D"},
        "give": {"type": "points", "unit": "points", "amount": 100},
    }  # fmt: skip
    shop = {
        "program": "p", "name": "p", "kind": "loyalty", "currency": "USD", "units": ["points"], "rewards": [earn],
        "catalogue": [{"id": "mug", "name": "Mug", "price": 60, "gift": {"type": "product", "name": "Mug"}}],
    }  # fmt: skip
    publishing.publish(workspace, shop, by="test")
    order = event("o1", "order.completed", "2025-03-01T10:00:00", "ada", value=3000, currency="USD")
    mug = event("m1", "catalogue.redeemed", "2025-03-02T10:00:00", "ada", program="p", item="mug")
    later = event("o2", "order.completed", "2025-06-01T10:00:00", "bob", value=3000, currency="USD")
    last = event("o3", "order.completed", "2025-10-01T10:00:00", "cyd", value=3000, currency="USD")
    send(workspace, order, mug, later, last)
    until = datetime(2025, 3, 15, tzinfo=UTC)
    [row] = asked(workspace, document=shop, until=until)[0]["liability"]
    assert row == {"unit": "points", "before": left(approved=40), "after": left(approved=40)}
    result, changes = asked(workspace, document=shop, until=datetime(2025, 5, 15, tzinfo=UTC), as_of_version=1)
    assert (result["liability"], changes) == ([], [])
    [points] = [row for row in result["totals"] if row["unit"] == "points"]
    assert points["after"]["amount"] == 60  # of 100, 40 lapsed
    assert "lapsed" not in " ".join(result["assumptions"])
    result, _ = asked(workspace, document=shop, until=datetime(2025, 9, 1, tzinfo=UTC), as_of_version=1)
    assert "in no table: 1 rewards before, 1 after (earn)" in result["assumptions"][-1]
    assert (result["new"], result["lapsed"]) == (False, {"before": 1, "after": 1, "rules": "earn"})


def test_money_that_one_programme_is_owed_is_paid_by_anothers_rewards_and_found_where_it_is(
    workspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishing.publish(workspace, generous("p", 1_000, reverse=BACK), by="test")
    publishing.publish(workspace, generous("q", 700), by="test")
    send(workspace, link("p"), *friend(1))
    send(workspace, handed_over(workspace, "paid", "2025-03-02T10:00:00"), refund(1, "2025-03-03T10:00:00"))
    send(workspace, link("q", code="ada-q"), *friend(2, "ada-q", at="2025-04-01T10:00:00"))
    seen_ids: list[set[str]] = []
    reaching = reach.reaching

    def watched(*arguments: Any) -> set[str]:
        seen_ids.append(reaching(*arguments))
        return seen_ids[-1]

    monkeypatch.setattr(reach, "reaching", watched)
    for document in (generous("p", 1_000, reverse=BACK), generous("q", 700)):
        seen_ids.clear()
        result, changes = asked(workspace, document=document)
        assert (changes, result["changed"]["count"]) == ([], 0)
        assert [len(found) for found in seen_ids] == [1, 2]  # alone first; then with the one that money reaches
    seen_ids.clear()
    [row] = asked(workspace, document=generous("p", 1_000))[0]["liability"] or [None]
    assert row == {"unit": "USD", "before": left(debt=300), "after": left()}
    assert [len(found) for found in seen_ids] == [1]


def test_what_another_programme_made_known_is_known_though_it_is_not_decided(workspace: str) -> None:
    publishing.publish(workspace, generous("p", 1_000), by="test")
    publishing.publish(workspace, generous("q", 700, reverse=BACK), by="test")
    send(workspace, link("q"), link("p", "bob", "ADA"))  # the code is taken
    send(workspace, *friend(1), event("lost", "referral.qualified", "2025-04-01T10:00:00", referral="nobody"))
    with seen(workspace) as tables:
        [theirs] = tables.Referral.objects.values_list("id", flat=True)
    send(workspace, event("q", "referral.qualified", "2025-04-02T10:00:00", referral=ids.public("ref", str(theirs))))
    result, changes = asked(workspace, document=generous("p", 1_000))
    assert (changes, result["changed"]["count"]) == ([], 0)
    assert job.run(workspace, job.Question(generous("p", 1_000), as_of_version=1))["changed"]["count"] == 0
