"""Claims: who may claim whom, what staff's word does, and what the policy makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from goodword.domain import claims, ids
from goodword.domain.events import EventError, parse_event
from goodword.domain.rows import Claim
from support.documents import sales
from support.memory import NOW, Memory
from unit.test_attribution import document, memory, touch
from unit.test_evidence import BUY, SECOND, begun

FRIEND: Mapping[str, Any] = {"email": "new@x.example", "name": "New"}


def claim(found: Memory, who: str = "ada", day: float = 1, program: str = "friends", **told: Any) -> str | None:
    return found.say(
        "referral.claimed", who, day, program=program, **{"referred": dict(FRIEND), "proof": "We had lunch.", **told}
    )


def one(found: Memory, number: int = 0) -> Claim:
    return list(found.state.claims.values())[number]


def approve(found: Memory, day: float, number: int = 0) -> str | None:
    return found.say("claim.approved", None, day, claim=ids.public("clm", one(found, number).id), by="Eva")


def reject(found: Memory, day: float, number: int = 0, reason: str = "not_proven") -> str | None:
    name = ids.public("clm", one(found, number).id)
    return found.say("claim.rejected", None, day, claim=name, by="Eva", reason=reason)


def test_an_approved_claim_of_somebody_who_has_not_come_is_a_touch() -> None:
    found = memory()
    assert claim(found) == "claim_waiting"
    assert approve(found, 2) == "claim_approved"
    assert (one(found).state, one(found).referral_id) == ("approved", None)
    reason, trace = found.tell("participant.signed_up", "new", 3)
    assert (reason, trace["attribution"]["by"]["claim"]) == ("opened", one(found).id)
    assert begun(found) == [("ada", "claim", "submitted")]
    assert one(found).referral_id == found.referral().id


def test_a_claim_that_waits_or_was_rejected_is_no_touch() -> None:
    found = memory()
    claim(found)
    assert found.say("participant.signed_up", "new", 3) == "not_referred"
    other = memory()
    claim(other)
    assert reject(other, 2) == "claim_rejected"
    assert (one(other).state, one(other).reason) == ("rejected", "not_proven")
    assert other.say("participant.signed_up", "new", 3) == "not_referred"
    assert other.say("order.completed", "new", 4, **BUY) == "not_referred"


def test_of_somebody_who_came_without_a_touch_the_approval_begins_the_referral_when_they_came() -> None:
    """The friend opened the link in another browser: what they did since counts."""
    found = memory()
    assert found.say("participant.signed_up", "new", 2) == "not_referred"
    assert found.say("order.completed", "new", 3, **BUY) == "not_referred"
    assert claim(found, day=4) == "claim_waiting"
    assert approve(found, 5) == "claim_approved"
    found.ring(NOW)
    assert begun(found) == [("ada", "claim", "qualified")]
    assert found.referral().submitted_at.day == 7
    assert [(rule, amount) for rule, _, amount in found.rewards()] == [("credit", 500)]


def test_a_reward_for_the_beginning_is_the_headline() -> None:
    early = document() | {
        "rewards": [{"id": "hi", "on": "referral.submitted", "to": "referrer", "give": {"type": "cash", "amount": 100}}]
    }
    found = Memory(early)
    found.say("participant.signed_up", "new", 2)
    claim(found, day=4)
    assert approve(found, 5) == "rewarded"


def test_somebody_who_only_ordered_came_with_the_first_order() -> None:
    found = memory()
    found.say("order.completed", "new", 3, **BUY)
    found.say("order.completed", "new", 2, **BUY)
    claim(found, day=4)
    approve(found, 5)
    found.ring(NOW)
    assert begun(found) == [("ada", "claim", "qualified")]
    assert found.referral().submitted_at.day == 7


def test_an_approved_claim_counts_for_an_order_without_a_sign_up() -> None:
    found = memory()
    claim(found)
    approve(found, 2)
    assert found.say("order.completed", "new", 3, **BUY) == "rewarded"
    assert begun(found) == [("ada", "claim", "qualified")]


def test_two_people_who_claim_one_friend() -> None:
    """Before the friend comes the policy picks among approved claims; afterwards the first that is approved stands."""
    for model, won in (("last_touch", "bob"), ("first_touch", "ada"), ("sticky", "ada")):
        found = memory(model=model)
        claim(found, "ada", 1)
        claim(found, "bob", 2)
        assert [approve(found, 3, 1), approve(found, 4, 0)] == ["claim_approved"] * 2
        reason, trace = found.tell("participant.signed_up", "new", 5)
        assert (reason, begun(found)[0][0]) == ("opened", won)
        assert [line["claim"] for line in trace["attribution"]["kept"]] != [trace["attribution"]["by"]["claim"]]
    found = memory()
    found.say("participant.signed_up", "new", 1)
    claim(found, "ada", 2)
    claim(found, "bob", 3)
    assert approve(found, 4, 1) == "claim_approved"
    assert approve(found, 5, 0) == "already_referred"
    assert (one(found).state, begun(found)[0][0]) == ("waiting", "bob")
    assert reject(found, 6, 0, "brought_by_another") == "claim_rejected"


def test_the_order_of_strength_holds_for_claims() -> None:
    for order, won in ((["code", "claim"], "bob"), (["claim", "code"], "ada")):
        found = memory(evidence=order)
        claim(found)
        approve(found, 2)
        found.say("participant.signed_up", "new", 3, code="bob-1")
        assert begun(found)[0][0] == won
    weak = memory(evidence=["code"])
    assert claim(weak) == "touch_not_counted"


def test_a_standing_referral_is_not_taken_away_until_staff_end_it() -> None:
    found = memory()
    found.say("participant.signed_up", "new", 1, code="bob-1")
    assert claim(found, "bob", 2) == "already_referred"
    assert claim(found, "ada", 2) == "claim_waiting"
    assert approve(found, 3) == "already_referred"
    name = ids.public("ref", found.referral().id)
    assert found.say("referral.disqualified", None, 4, referral=name) == "ended"
    assert approve(found, 5) == "claim_approved"
    assert sorted(row.state for row in found.state.referrals.values()) == ["disqualified", "submitted"]


def test_a_friend_who_was_a_customer_is_judged_by_the_program() -> None:
    found = Memory(document() | {"eligibility": {"be_referred": [{"code": "known", "when": "!referred.is_customer"}]}})
    found.say("participant.identified", "new", 1, is_customer=True)
    found.say("participant.signed_up", "new", 2)
    claim(found, day=3)
    assert approve(found, 4) == "known"
    assert one(found).state == "waiting"


def test_nobody_claims_themselves() -> None:
    found = memory()
    assert claim(found, referred={"external_id": "ada"}) == "self_referral"
    assert claim(found, referred={"email": "ada@x.example"}) == "self_referral"
    fresh = memory()
    assert claim(fresh, "zoe", referred={"email": "zoe@x.example"}) == "self_referral"
    assert claim(fresh, "yan", referred={"external_id": "yan"}) == "self_referral"
    assert fresh.state.claims == {}


def test_who_turns_out_to_be_the_claimant_is_nobody_they_brought() -> None:
    found = memory()
    claim(found, referred={"external_id": "phone"})
    found.say("participant.identified", "ada", 2, previous_id="phone")
    assert approve(found, 3) == "self_referral"
    early = memory()
    claim(early, referred={"external_id": "phone"})
    approve(early, 2)
    early.say("participant.identified", "ada", 3, previous_id="phone")
    assert early.say("participant.signed_up", "ada", 4) == "self_referral"


def test_a_claim_twice() -> None:
    found = memory()
    claim(found)
    assert claim(found, day=2, proof="Again!") == "already_claimed"
    reject(found, 3)
    assert claim(found, day=4, proof="Look: an e-mail.") == "claim_waiting"
    assert reject(found, 5) == "already_in_state"
    assert approve(found, 5) == "wrong_state"
    assert approve(found, 6, 1) == "claim_approved"
    assert approve(found, 7, 1) == "already_in_state"
    assert claim(found, day=8) == "already_claimed"
    assert reject(found, 9, 1) == "claim_rejected"
    assert found.say("participant.signed_up", "new", 10) == "not_referred"


def test_a_claim_that_brought_somebody_stays() -> None:
    found = memory()
    claim(found)
    approve(found, 2)
    found.say("participant.signed_up", "new", 3)
    assert reject(found, 4) == "wrong_state"


@pytest.mark.parametrize(("after", "reason"), [(7 - SECOND, "claim_waiting"), (7, "claim_too_late")])
def test_a_claim_after_the_window_to_the_second(after: float, reason: str) -> None:
    found = memory(window="P7D")
    found.say("participant.signed_up", "new", 1)
    assert claim(found, day=1 + after) == reason


@pytest.mark.parametrize(("after", "reason"), [(7 - SECOND, "opened"), (7, "touch_outside_window")])
def test_a_claim_before_the_sign_up_counts_for_the_window_to_the_second(after: float, reason: str) -> None:
    found = memory(window="P7D")
    claim(found, day=1)
    approve(found, 2)
    assert found.say("participant.signed_up", "new", 1 + after) == reason


@pytest.mark.parametrize(("told", "reason"), [(3 + SECOND, "claim_waiting"), (3, "touch_outside_window")])
def test_whom_one_told_too_long_before_they_came(told: float, reason: str) -> None:
    found = memory(window="P7D")
    found.say("participant.signed_up", "new", 10)
    assert claim(found, day=11, at=touch("link", "ada", told)["at"]) == reason
    assert claim(found, "bob", day=11, at=touch("link", "ada", 40)["at"]) == "claim_waiting"


def test_the_window_is_the_one_of_the_day_of_the_decision() -> None:
    found = memory(window="P30D")
    found.say("participant.signed_up", "new", 1)
    claim(found, day=10)
    found.publish(document(window="P7D"), 2)
    assert approve(found, 11) == "claim_too_late"
    found.publish(document(evidence=["code"]), 3)
    assert approve(found, 12) == "touch_not_counted"


def test_in_a_sales_program_the_approval_begins_the_referral() -> None:
    found = Memory(sales())
    key = sales()["program"]
    assert claim(found, program=key) == "claim_waiting"
    assert approve(found, 2) in ("claim_approved", "rewarded")
    assert begun(found) == [("ada", "claim", "submitted")]


def test_what_takes_no_claims() -> None:
    found = memory()
    [program] = found.state.programs.values()
    program.__dict__["is_test"] = True
    assert claim(found) == "test_takes_no_claims"
    points = {
        "program": "points", "kind": "loyalty", "name": "Points", "currency": "USD",
        "rewards": [{"id": "p", "on": "order.completed", "to": "participant", "give": {"type": "cash", "amount": 5}}],
    }  # fmt: skip
    assert claim(Memory(points), program="points") == "no_referrals"
    assert claim(memory(), program="another") is None


def test_where_the_program_is_stopped_or_its_terms_are_not_accepted() -> None:
    asked = Memory(document() | {"terms": {"version": 1, "url": "https://x.example/t", "required": True}})
    assert claim(asked) == "terms_not_accepted"
    found = memory()
    claim(found)
    found.say("participant.signed_up", "new", 2)
    found.state.stopped[next(iter(found.state.programs))] = "paused"
    assert claim(found, "bob", 3) == "program_paused"
    assert approve(found, 3) == "program_paused"


def test_no_more_claims_wait_than_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "MAX_WAITING", 2)
    found = memory()
    for number in range(2):
        assert claim(found, referred={"external_id": f"f{number}"}) == "claim_waiting"
    assert claim(found, referred={"external_id": "f9"}) == "too_many_claims"
    assert claim(found, "bob", referred={"external_id": "f9"}) == "claim_waiting"


def test_a_claim_that_nobody_made() -> None:
    found = memory()
    assert found.say("claim.approved", None, 1, claim=ids.public("clm", NOWHERE)) == "unknown_claim"
    two = Memory(document("one"), document("two"))
    two.say("referral.claimed", "ada", 1, program="one", referred=dict(FRIEND), proof="x")
    assert approve(two, 2) == "claim_approved"


NOWHERE = "0190a000-0000-7000-8000-00000000abcd"


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"proof": None}, "/properties"),
        ({"proof": "x" * 2_001}, "/properties/proof"),
        ({"proof": "  "}, "/properties/proof"),
        ({"url": "javascript:alert(1)"}, "/properties/url"),
        ({"reference": "x" * 201}, "/properties/reference"),
        ({"referred": {"name": "Nobody"}}, "/properties/referred"),
        ({"referred": {"email": "nobody"}}, "/properties/referred/email"),
        ({"referred": {"email": "a@b.no", "phone": "1"}}, "/properties/referred/phone"),
        ({"at": "yesterday"}, "/properties/at"),
        ({"program": None}, "/properties/program"),
    ],
)
def test_what_is_wrong_with_a_claim_is_said_at_its_place(wrong: Mapping[str, Any], pointer: str) -> None:
    told = {"program": "friends", "referred": {"email": "a@b.no"}, "proof": "x", **wrong}
    properties = {name: value for name, value in told.items() if value is not None}
    with pytest.raises(EventError) as refused:
        parse_event({"type": "referral.claimed", "event_id": "1", "participant": "ada", "properties": properties}, NOW)
    assert [problem.pointer for problem in refused.value.problems] == [pointer]


def test_a_claim_that_brought_somebody_counts_once() -> None:
    found = Memory(document() | {"lifecycle": {**document()["lifecycle"], "expire_after": "P1D"}})
    claim(found)
    approve(found, 2)
    found.say("participant.signed_up", "new", 3)
    found.ring(NOW)
    assert begun(found) == [("ada", "claim", "expired")]
    assert found.say("participant.signed_up", "new", 300) == "not_referred"
    assert len(begun(found)) == 1
