"""Evidence that comes before the person does, and evidence at the checkout."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from goodword.domain import attribution, evidence
from goodword.domain.events import EventError, parse_event
from support.memory import NOW, START, Memory
from unit.test_attribution import document, memory, touch

BUY: Mapping[str, Any] = {"value": 9_000, "currency": "USD"}


def seen(found: Memory, visitor: str, day: float, **told: Any) -> str | None:
    """A visitor whom nobody knows yet."""
    return found.say("visitor.touched", None, day, anonymous_id=visitor, **told)


def begun(found: Memory) -> list[tuple[str, str, str]]:
    """Of each referral: by whom, from which kind of touch, and its state."""
    names = {row.id: row.external_id or "" for row in found.state.participants.values()}
    return [(names[row.referrer_id], row.source, row.state) for row in found.state.referrals.values()]


def test_what_is_told_of_a_visitor_counts_for_the_person_they_turn_out_to_be() -> None:
    found = memory(window="P30D")
    assert seen(found, "v1", 1, touches=[touch("link", "ada", 1)]) == "touch_kept"
    assert found.say("participant.identified", "new", 2, anonymous_id="v1") == "touch_kept"
    assert found.say("participant.signed_up", "new", 3) == "opened"
    assert begun(found) == [("ada", "link", "submitted")]


def test_a_sign_up_may_name_the_visitor_itself() -> None:
    found = memory()
    seen(found, "v1", 1, code="ada-1")
    reason, trace = found.tell("participant.signed_up", "new", 3, anonymous_id="v1")
    assert (reason, trace["attribution"]["won"]) == ("opened", "code")


def test_another_visitor_is_somebody_else() -> None:
    found = memory()
    seen(found, "v1", 1, code="ada-1")
    assert found.say("participant.identified", "new", 2, anonymous_id="v2") is None
    assert found.say("participant.signed_up", "new", 3, anonymous_id="v2") == "not_referred"


def test_evidence_of_a_person_who_is_identified_is_kept_until_they_sign_up() -> None:
    found = memory()
    reason, trace = found.tell("participant.identified", "new", 1, code="bob-1", touches=[touch("link", "ada", 0.5)])
    assert reason == "touch_kept"
    assert [line["kind"] for line in trace["attribution"]["kept"]] == ["code", "link"]
    assert found.state.participants[found.state.participant_by_external["new"]].traits == {}
    assert found.say("participant.signed_up", "new", 3) == "opened"
    assert begun(found) == [("bob", "code", "submitted")]


@pytest.mark.parametrize(("model", "won"), [("last_touch", "bob"), ("first_touch", "ada"), ("sticky", "ada")])
def test_the_policy_picks_among_all_that_was_kept(model: str, won: str) -> None:
    found = memory(model=model)
    seen(found, "v1", 1, touches=[touch("link", "ada", 1)])
    found.say("participant.identified", "new", 5, anonymous_id="v1", touches=[touch("link", "bob", 4)])
    assert found.say("participant.signed_up", "new", 6) == "opened"
    assert begun(found)[0][0] == won


SECOND = 1 / 86_400


@pytest.mark.parametrize(
    ("after", "reason"), [(7 - SECOND, "opened"), (7, "touch_outside_window"), (7 + SECOND, "touch_outside_window")]
)
def test_the_window_of_what_was_kept_ends_to_the_second(after: float, reason: str) -> None:
    found = memory(window="P7D")
    seen(found, "v1", 1, touches=[touch("link", "ada", 1)])
    assert found.say("participant.signed_up", "new", 1 + after, anonymous_id="v1") == reason


def test_what_is_told_twice_is_kept_once() -> None:
    found = memory()
    seen(found, "v1", 1, code="ada-1")
    assert found.say("participant.identified", "new", 2, anonymous_id="v1") == "touch_kept"
    assert found.say("participant.identified", "new", 3, anonymous_id="v1") is None
    [who] = [found.state.participant_by_external["new"]]
    assert len(found.state.early[who]) == 1


def test_no_more_is_kept_of_one_than_may_be() -> None:
    found = memory()
    for number in range(evidence.MAX_KEPT):
        assert seen(found, "v1", 1 + number / 100, code="ada-1") == "touch_kept"
    assert seen(found, "v1", 3, code="bob-1") == "too_many_touches"


def test_a_code_that_nobody_has_is_said_to_be_none_and_another_programs_is_theirs() -> None:
    found = memory()
    assert seen(found, "v1", 1, code="nobody") == "unknown_code"
    two = Memory(document("one"), document("two"))
    two.send({"type": "link.created", "event_id": "l", "participant": "ada", "occurred_at": START.isoformat(),
              "properties": {"program": "one", "code": "ada-1"}})  # fmt: skip
    decided = two.send({"type": "visitor.touched", "event_id": "v", "occurred_at": START.isoformat(),
                        "properties": {"anonymous_id": "v1", "code": "ada-1"}})  # fmt: skip
    assert {name: decision.reason for name, decision in decided.items()} == {"one": "touch_kept"}
    mixed = memory()
    _, trace = mixed.tell(
        "visitor.touched", None, 1, anonymous_id="v1", code="nobody", touches=[touch("link", "ada", 1)]
    )
    assert [line["reason"] for line in trace["attribution"]["kept"]] == ["unknown_code", "touch_kept"]


def test_a_referral_keeps_the_touch_it_began_with() -> None:
    found = memory()
    found.say("participant.signed_up", "new", 1, code="ada-1")
    assert found.say("participant.identified", "new", 2, code="bob-1") is None
    assert found.say("order.completed", "new", 3, code="bob-1", **BUY) == "rewarded"
    assert begun(found) == [("ada", "code", "qualified")]


def test_what_was_kept_of_somebody_goes_with_them_in_a_merge_and_back_in_a_split() -> None:
    found = memory()
    found.say("participant.identified", "phone", 1, code="ada-1")
    found.send({"type": "participant.identified", "event_id": "m", "participant": "new",
                "occurred_at": (START + timedelta(days=2)).isoformat(),
                "properties": {"previous_id": "phone"}})  # fmt: skip
    assert found.say("participant.signed_up", "new", 3) == "opened"
    assert begun(found) == [("ada", "code", "submitted")]


@pytest.mark.parametrize(
    ("told", "source"),
    [({"code": "ADA-1"}, "code"), ({"coupon": "Ada-1"}, "coupon"), ({"anonymous_id": "v1"}, "link"),
     ({"touches": [touch("invitation", "ada", 1)]}, "invitation")],
)  # fmt: skip
def test_a_first_order_with_evidence_begins_the_referral_and_counts_for_it(
    told: Mapping[str, Any], source: str
) -> None:
    found = memory()
    seen(found, "v1", 1, touches=[touch("link", "ada", 1)])
    reason, trace = found.tell("order.completed", "new", 2, **BUY, **told)
    assert (reason, trace["attribution"]["won"], trace["referral"]["from"]) == ("rewarded", source, None)
    assert [(rule, amount) for rule, _, amount in found.rewards()] == [("credit", 500)]
    assert found.say("order.completed", "new", 3, **BUY, **told) == "already_in_state"
    assert len(begun(found)) == 1


def test_evidence_that_was_kept_counts_for_an_order_without_a_sign_up() -> None:
    found = memory()
    found.say("participant.identified", "new", 1, code="ada-1")
    assert found.say("order.completed", "new", 2, **BUY) == "rewarded"


def test_who_ordered_before_is_nobody_new() -> None:
    found = memory()
    assert found.say("order.completed", "new", 1, **BUY) == "not_referred"
    assert found.say("order.completed", "new", 2, **BUY, code="ada-1") == "ordered_before"
    assert begun(found) == []


def test_the_order_is_no_part_of_the_history_by_which_its_person_may_be_referred() -> None:
    new = {"code": "existing_customer", "when": "history.orders == 0 && history.order_value == 0"}
    found = Memory(document() | {"eligibility": {"be_referred": [new]}})
    found.say("link.created", "ada", program="friends", code="ada-1")
    assert found.say("order.completed", "new", 2, **BUY, code="ada-1") == "rewarded"
    assert found.say("order.completed", "kroner", 2, value=5, currency="NOK", code="ada-1") == "rewarded"


def test_a_programs_own_condition_holds_for_an_order_too() -> None:
    found = Memory(document() | {"eligibility": {"be_referred": [{"code": "known", "when": "!referred.is_customer"}]}})
    found.say("link.created", "ada", program="friends", code="ada-1")
    found.say("participant.identified", "new", 1, is_customer=True)
    assert found.say("order.completed", "new", 2, **BUY, code="ada-1") == "known"


def test_the_shops_own_coupon_is_no_evidence_and_a_wrong_code_is_told() -> None:
    found = memory()
    assert found.say("order.completed", "new", 1, **BUY, coupon="SUMMER") == "not_referred"
    assert found.say("order.completed", "other", 1, **BUY, code="nobody") == "unknown_code"


def test_nobody_brings_themselves_to_the_checkout() -> None:
    assert memory().say("order.completed", "ada", 1, **BUY, code="ada-1") == "self_referral"


def test_where_nothing_is_heard_of_orders_the_referral_begins_all_the_same() -> None:
    quiet = document() | {"lifecycle": {"flow": "self_serve", "qualified": {"on": "subscription.started"}}}
    found = Memory(quiet)
    found.say("link.created", "ada", program="friends", code="ada-1")
    assert found.say("order.completed", "new", 1, **BUY, code="ada-1") == "opened"


def test_an_order_that_earns_nothing_begins_the_referral() -> None:
    big = {"flow": "self_serve", "qualified": {"on": "order.completed", "when": "event.value > 10000"}}
    found = Memory(document() | {"lifecycle": big})
    found.say("link.created", "ada", program="friends", code="ada-1")
    assert found.say("order.completed", "new", 1, **BUY, code="ada-1") == "opened"


def test_a_program_that_listens_to_identification_hears_of_it_too() -> None:
    lifecycle = {"flow": "self_serve", "qualified": {"on": "participant.identified"}}
    found = Memory(document() | {"lifecycle": lifecycle})
    found.say("link.created", "ada", program="friends", code="ada-1")
    assert found.say("participant.identified", "new", 1, code="ada-1") == "touch_kept"
    assert found.say("participant.identified", "other", 1, anonymous_id="v9") == "not_referred"
    assert found.say("participant.signed_up", "new", 2) == "opened"
    assert found.say("participant.identified", "new", 3, code="ada-1") == "rewarded"


def test_evidence_after_a_referral_that_is_over_is_first_what_the_program_hears() -> None:
    lifecycle = {"flow": "self_serve", "qualified": {"on": "participant.identified"}, "expire_after": "P1D"}
    found = Memory(document() | {"lifecycle": lifecycle})
    found.say("link.created", "ada", program="friends", code="ada-1")
    found.say("participant.signed_up", "new", 2, code="ada-1")
    found.ring(NOW)
    assert found.say("participant.identified", "new", 300, code="ada-1") == "referral_expired"


def test_what_waits_of_a_person_for_another_reason_is_no_evidence() -> None:
    found = memory()
    found.say("participant.identified", "new", 1, code="ada-1")
    [subject] = found.state.early
    [kept] = found.state.early[subject].values()
    other = kept._replace(id="other", event=kept.event._replace(type="order.completed"))
    found.state.early[subject] = {"other": other}
    assert not attribution.kept(found.state, subject)
    found.state.early[subject] = {"other": other, kept.id: kept}
    assert list(attribution.facts(found.state, subject)) == [kept]


def test_a_visitor_has_an_id() -> None:
    for told in ({}, {"anonymous_id": " "}, {"anonymous_id": "x" * 129}):
        raw = {"type": "visitor.touched", "event_id": "1", "properties": {"code": "ada-1", **told}}
        with pytest.raises(EventError) as refused:
            parse_event(raw, NOW)
        assert refused.value.problems[0].pointer == "/properties/anonymous_id"


def test_of_nobody_nothing_is_kept() -> None:
    assert not attribution.kept(memory().state, None)


def test_an_order_that_names_a_referral_is_that_ones_whatever_else_it_tells() -> None:
    found = memory()
    found.say("participant.signed_up", "friend", 1, code="bob-1")
    found.say("referral.submitted", "ada", 1, program="friends", referral="deal-7", referred={"email": "d@x.example"})
    told = found.say("order.completed", "buyer", 2, **BUY, code="ada-1", referral="deal-7")
    assert told != "opened"
    assert "buyer" not in {row.referred_id for row in found.state.referrals.values()}
    before = len(found.state.referrals)
    assert found.say("order.completed", "buyer2", 3, **BUY, code="ada-1", referral="deal-9") != "opened"
    assert len(found.state.referrals) == before
