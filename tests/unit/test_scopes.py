"""What a secret key may do, by its scopes."""

from __future__ import annotations

import pytest

from goodword.domain import payloads, scopes


def test_scopes_are_read_in_the_catalogues_order_and_once() -> None:
    assert scopes.read(["rewards:write", "events:write", "rewards:write"]) == ("events:write", "rewards:write")
    assert scopes.read(["events:write", "all"]) == ("all",)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "A secret key needs a scope"),
        (["events:wirte"], "Did you mean events:write?"),
        (["zzz"], "There is no scope 'zzz'. There are all, events:read"),
        (["event:write\0"], "There is no scope"),
    ],
)
def test_a_scope_that_does_not_exist_is_refused_with_the_nearest(given: list[str], said: str) -> None:
    with pytest.raises(scopes.BadScopes, match=r".") as caught:
        scopes.read(given)
    assert said in str(caught.value)


def test_a_key_may_what_its_scopes_say_and_no_more() -> None:
    assert scopes.allows(["events:write"], "events:write")
    assert not scopes.allows(["events:write"], "events:read")
    assert scopes.allows(["all"], "keys:admin")
    assert scopes.allows([], None)


def test_a_key_cannot_give_what_it_does_not_have() -> None:
    assert scopes.lacking(["keys:admin", "events:write"], ["events:write", "rewards:write"]) == ("rewards:write",)
    assert scopes.lacking(["keys:admin"], ["all"]) == ("all",)
    assert scopes.lacking(["all"], ["all", "rewards:write"]) == ()


def test_events_that_move_things_need_the_scope_of_the_thing() -> None:
    needed = {kind: scopes.of_event(kind) for kind in payloads.CATALOGUE if not payloads.CATALOGUE[kind].internal}
    assert {kind for kind, scope in needed.items() if scope is None} == {
        "participant.identified", "participant.signed_up", "order.completed", "order.refunded", "subscription.started",
        "subscription.renewed", "subscription.upgraded", "subscription.cancelled", "invoice.paid", "milestone.reached",
        "referral.submitted", "catalogue.redeemed", "terms.accepted", "fx.rate_published", "account.updated",
        "visitor.touched",
    }  # fmt: skip
    assert needed["reward.approved"] == "rewards:write"
    assert needed["referral.closed_won"] == "referrals:write"
    assert needed["participant.split"] == "participants:write"
    assert set(filter(None, needed.values())) <= set(scopes.SCOPES)
    assert scopes.of_event("ride.finished") is None
