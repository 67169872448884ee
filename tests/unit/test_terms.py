"""Terms are accepted by number; a programme may ask for that before anything new begins."""

from __future__ import annotations

from typing import Any

import pytest

from goodword.domain.events import EventError, parse_event
from goodword.domain.faults import ProgramError
from goodword.domain.program import read
from support.documents import sales, self_serve, thanks
from support.memory import NOW, Memory

REQUIRED = {"version": 2, "text": "You refer; we thank you.", "required": True}
POINTS = {
    "program": "club",
    "kind": "loyalty",
    "name": "Club",
    "currency": "USD",
    "units": ["points"],
    "rewards": [
        {"id": "earn", "on": "order.completed", "to": "participant",
         "give": {"type": "points", "amount": 50, "unit": "points"}}
    ],
    "catalogue": [{"id": "mug", "name": "Mug", "price": 50, "gift": {"type": "product", "name": "Mug"}}],
}  # fmt: skip


def asking(**terms: Any) -> Memory:
    """A programme that asks for acceptance, and Ada's link."""
    memory = Memory(self_serve(terms={**REQUIRED, **terms}))
    assert memory.say("link.created", "ada", program="simple", code="ADA") == "linked"
    return memory


def accept(memory: Memory, who: str, number: int, day: float = 1, program: str = "simple") -> str | None:
    return memory.say("terms.accepted", who, day, program=program, terms=number)


def test_no_referral_begins_by_a_code_until_its_owner_has_accepted_the_terms() -> None:
    memory = asking()
    assert memory.say("participant.signed_up", "bo", 1, code="ada") == "terms_not_accepted"
    assert not memory.state.referrals
    assert accept(memory, "bo", 2) == "terms_accepted", "that is the referred person, who need not"
    assert memory.say("participant.signed_up", "bo", 1, code="ada") == "terms_not_accepted"
    assert accept(memory, "ada", 2) == "terms_accepted"
    assert memory.say("participant.signed_up", "bo", 2, code="ada") == "opened"


def test_no_referral_begins_by_a_submission_until_its_maker_has_accepted_the_terms() -> None:
    memory = Memory(sales(terms=REQUIRED))
    lead = {"referral": "r1", "referred": {"email": "bo@x.example"}}
    assert memory.say("referral.submitted", "ada", 1, **lead) == "terms_not_accepted"
    accept(memory, "ada", 2, program="sold")
    assert memory.say("referral.submitted", "ada", 1, **lead) == "opened", "the same id may be sent again"


def test_without_required_nothing_is_asked_and_acceptances_are_kept() -> None:
    memory = asking(required=False)
    assert memory.say("participant.signed_up", "bo", 1, code="ada") == "opened"
    assert memory.tell("terms.accepted", "ada", 1, program="simple", terms=2) == ("terms_accepted", {"terms": 2})


def test_terms_that_no_version_has_are_not_accepted() -> None:
    memory = asking()
    assert accept(memory, "ada", 3) == "unknown_terms"
    assert memory.say("participant.signed_up", "bo", 1, code="ada") == "terms_not_accepted"
    assert accept(memory, "ada", 2, program="another") is None


def test_new_terms_are_to_be_accepted_and_a_running_referral_goes_on() -> None:
    memory = asking()
    accept(memory, "ada", 2)
    memory.say("participant.signed_up", "bo", 2, code="ada")
    memory.publish(self_serve(terms={**REQUIRED, "version": 3}), 2)
    assert memory.say("participant.signed_up", "cy", 3, code="ada") == "terms_not_accepted"
    assert memory.say("order.completed", "bo", 3, value=100, currency="USD") == "rewarded"
    assert accept(memory, "ada", 2, 4) == "terms_accepted", "what it was; not enough"
    assert memory.say("participant.signed_up", "cy", 5, code="ada") == "terms_not_accepted"
    assert accept(memory, "ada", 3, 6) == "terms_accepted"
    assert memory.say("participant.signed_up", "cy", 7, code="ada") == "opened"


@pytest.mark.parametrize(("since", "says"), [(2, "opened"), (3, "terms_not_accepted")])
def test_earlier_terms_are_good_enough_from_the_ones_named_on(since: int, says: str) -> None:
    memory = asking()
    accept(memory, "ada", 2)
    memory.publish(self_serve(terms={**REQUIRED, "version": 3, "since": since}), 2)
    assert memory.say("participant.signed_up", "cy", 3, code="ada") == says


def test_a_loyalty_programme_lets_people_spend_and_not_earn_before_they_accept() -> None:
    memory = Memory({**POINTS, "terms": REQUIRED})
    order = {"value": 100, "currency": "USD"}
    assert memory.say("order.completed", "ada", 1, **order) == "terms_not_accepted"
    accept(memory, "ada", 2, 2, "club")
    assert memory.say("order.completed", "ada", 3, **order) == "rewarded"
    memory.publish({**POINTS, "terms": {**REQUIRED, "version": 3}}, 2)
    assert memory.say("order.completed", "ada", 4, **order) == "terms_not_accepted"
    assert memory.say("catalogue.redeemed", "ada", 5, program="club", item="mug") == "redeemed"


def test_what_either_of_two_accepted_counts_for_the_one_they_are_and_goes_back() -> None:
    memory = asking()
    accept(memory, "ada-phone", 2)
    memory.say("participant.identified", "ada", 2, previous_id="ada-phone")
    assert memory.say("participant.signed_up", "bo", 3, code="ada") == "opened"
    memory.publish(self_serve(terms={**REQUIRED, "version": 3, "since": 2}), 2)
    memory.say("participant.split", None, 4, previous_id="ada-phone")
    assert memory.say("participant.signed_up", "cy", 5, code="ada") == "terms_not_accepted"


def test_an_acceptance_after_the_merge_stays_with_the_one_who_stood_for_both() -> None:
    memory = asking()
    accept(memory, "ada-phone", 2)
    memory.say("participant.identified", "ada", 2, previous_id="ada-phone")
    accept(memory, "ada", 2, 3)
    memory.say("participant.split", None, 4, previous_id="ada-phone")
    assert memory.say("participant.signed_up", "cy", 5, code="ada") == "opened"


@pytest.mark.parametrize(
    ("terms", "fault"),
    [
        ({"text": "Words"}, "terms.version: a text that is kept for good needs its own number"),
        ({"url": "https://x.example", "required": True}, "terms.version: a text that is accepted needs its own number"),
        ({"version": 1, "required": True}, "terms: say what is to be accepted: give text, url or both"),
        ({"version": 2, "text": "Words", "since": 1}, "terms.since: 1: since is for required: true"),
        ({**REQUIRED, "since": 3}, "terms.since: 3: is after version 2"),
        ({**REQUIRED, "requires": True}, "did you mean required"),
    ],
)
def test_terms_that_cannot_be_are_refused(terms: dict[str, Any], fault: str) -> None:
    with pytest.raises(ProgramError) as error:
        read(self_serve(terms=terms))
    assert fault in str(error.value)


@pytest.mark.parametrize("rule", ["terms.accepted", "terms.refused"])
def test_no_rule_pays_for_an_acceptance(rule: str) -> None:
    with pytest.raises(ProgramError, match="can do nothing here"):
        read(self_serve(rewards=[thanks(on=rule)]))


def test_an_acceptance_names_a_number() -> None:
    raw = {"type": "terms.accepted", "event_id": "e", "participant": "ada", "properties": {"program": "simple"}}
    with pytest.raises(EventError, match="/properties/terms"):
        parse_event(raw, NOW)
