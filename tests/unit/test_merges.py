"""Two participants turn out to be one person, and sometimes turn out not to be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from goodword.domain import ids, merging
from goodword.domain.decide import step
from goodword.domain.draft import Decision
from goodword.domain.events import Event, PersonRef
from goodword.domain.rows import Participant, Referral
from support.books import balances, check_books
from support.documents import sales, self_serve, thanks
from support.memory import START, Memory, uuid

WELCOME = thanks(id="welcome", to="referred", give={"type": "account_credit", "amount": 300})
HOLD = "P7D"


def told(memory: Memory, kind: str, who: Any = None, day: float = 0, **properties: Any) -> dict[str, Decision]:
    """An event about a person named by id, by address, or by both (`id/address`): the decisions."""
    raw: dict[str, Any] = {"type": kind, "event_id": f"t{memory.sent}", "properties": properties}
    raw["occurred_at"] = START + timedelta(days=day)
    if who:
        raw["participant"] = named(who)
    return memory.send(raw)


def named(who: str) -> dict[str, str]:
    id, _, address = who.partition("/")
    if "@" in id:
        return {"email": id}
    return {"external_id": id} | ({"email": address} if address else {})


def settled(memory: Memory, kind: str, who: Any = None, day: float = 0, **properties: Any) -> str | None:
    """The reason of what was decided about who is who."""
    found = [decision for decision in told(memory, kind, who, day, **properties).values() if not decision.program_id]
    return found[0].reason if found else None


def join(memory: Memory, who: str, day: float = 0, **properties: Any) -> str | None:
    return settled(memory, "participant.identified", who, day, **properties)


def person(memory: Memory, name: str) -> Participant:
    """The row of that id or address, merged or not."""
    return next(row for row in memory.state.participants.values() if name in (row.external_id, row.email))


def public(memory: Memory, name: str) -> str:
    return ids.public("par", person(memory, name).id)


def link(memory: Memory, who: str, code: str, program: str = "simple") -> None:
    assert told(memory, "link.created", who, program=program, code=code)[program].reason == "linked"


def bring(memory: Memory, who: str, code: str, day: float = 0, *, order: bool = True) -> Referral:
    """Somebody signs up with a code and, unless told not to, pays an order."""
    assert told(memory, "participant.signed_up", who, day, code=code)["simple"].outcome == "yes"
    if order:
        told(memory, "order.completed", who, day, value=2_000, currency="USD")
    return max(memory.state.referrals.values(), key=lambda row: (row.submitted_at, row.id))


def worth(memory: Memory, name: str) -> dict[str, int]:
    """What somebody has, by kind of account."""
    id = person(memory, name).id
    return {kind: amount for (owner, kind, _), amount in balances(memory).items() if owner == id}


def refundable(**changes: Any) -> dict[str, Any]:
    return thanks(reverse={"on": ["order.refunded"], "how": "proportional"}, **changes)


# Who becomes one


def test_an_id_and_an_address_known_apart_are_one_person() -> None:
    memory = Memory(self_serve())
    told(memory, "order.completed", "ada", value=1_000, currency="USD")
    told(memory, "order.completed", "a@x.no", value=500, currency="USD")
    [decision] = told(memory, "participant.identified", "ada/a@x.no").values()
    assert (decision.program_id, decision.outcome, decision.reason) == (None, "yes", "merged")
    assert decision.trace["merge"] == {
        "how": "email",
        "survivor": person(memory, "ada").id,
        "merged": memory.state.merges_of.popitem()[0],
        "links": 0,
        "made": 0,
        "received": 0,
        "rewards": 0,
        "balances": [],
        "counters": [{"name": "orders:USD", "count": 1, "amount": 500}],
        "moves": [],
    }
    assert memory.state.counter(person(memory, "ada").id, "orders:USD") == (2, 1_500)
    notice = memory.state.changes.notices[-1]
    assert (notice.topic, notice.payload["participant"]) == ("participant.merged", public(memory, "ada"))


@pytest.mark.parametrize("kind", ["order.completed", "participant.signed_up", "milestone.reached"])
def test_every_event_that_names_both_says_so(kind: str) -> None:
    memory = Memory(self_serve())
    join(memory, "ada")
    join(memory, "a@x.no")
    properties = {"value": 1, "currency": "USD", "milestone": "first"}
    assert settled(memory, kind, "ada/a@x.no", **properties) == "merged"
    assert join(memory, "ada/a@x.no") is None  # nothing is left to say


def test_an_address_alone_becomes_the_new_id_as_ever() -> None:
    memory = Memory(self_serve())
    join(memory, "a@x.no")
    assert join(memory, "ada/a@x.no") is None
    assert [row.external_id for row in memory.state.participants.values()] == ["ada"]


def test_two_people_with_ids_of_their_own_who_share_an_address_stay_two() -> None:
    memory = Memory(self_serve())
    join(memory, "ada/home@x.no")
    assert join(memory, "bob/home@x.no", 1) is None
    for who in ("ada", "bob"):
        assert join(memory, f"{who}/home@x.no", 2) is None
    assert {row.external_id: row.email for row in memory.state.participants.values()} == {
        "ada": "home@x.no",
        "bob": "home@x.no",
    }
    told(memory, "order.completed", "home@x.no", value=5, currency="USD")
    assert memory.state.counter(person(memory, "ada").id, "orders:USD") == (1, 5)  # the one seen first


@pytest.mark.parametrize("kind", ["participant.identified", "participant.signed_up"])
def test_a_previous_id_merges_whoever_it_names(kind: str) -> None:
    memory = Memory(self_serve())
    join(memory, "visitor")
    assert settled(memory, kind, "ada", previous_id="visitor") == "merged"
    assert person(memory, "visitor").merged_into == person(memory, "ada").id
    assert person(memory, "ada").traits == {}
    join(memory, "a@x.no")
    assert settled(memory, kind, "ada", previous_id=public(memory, "a@x.no")) == "merged"


def test_other_events_may_use_previous_id_as_they_like() -> None:
    memory = Memory(self_serve())
    join(memory, "visitor")
    assert settled(memory, "ride.finished", "ada", previous_id="visitor") is None


@pytest.mark.parametrize(
    ("previous_id", "reason"),
    [
        ("nobody", "unknown_participant"),
        ("par_nonsense", "unknown_participant"),
        (ids.public("par", "01900000-0000-7000-8000-000000000000"), "unknown_participant"),
        ("ada", "same_participant"),
        ("visitor", "already_merged"),
    ],
)
def test_a_previous_id_that_says_nothing_new_is_refused(previous_id: str, reason: str) -> None:
    memory = Memory(self_serve())
    join(memory, "visitor")
    join(memory, "ada", previous_id="visitor")
    before = len(memory.state.changes.notices)
    [decision] = told(memory, "participant.identified", "ada", previous_id=previous_id).values()
    assert (decision.outcome, decision.reason, decision.participant_id) == ("no", reason, person(memory, "ada").id)
    assert len(memory.state.changes.notices) == before


def test_whoever_has_an_id_stands_for_whoever_has_none() -> None:
    memory = Memory(self_serve())
    join(memory, "ada")
    assert join(memory, "a@x.no", previous_id="ada") == "needs_external_id"
    assert join(memory, "b@x.no") is None
    assert join(memory, "a@x.no", previous_id=public(memory, "b@x.no")) == "merged"  # neither has one
    assert join(memory, "ada", previous_id=public(memory, "a@x.no")) == "merged"
    assert {row.merged_into for row in memory.state.participants.values()} == {None, person(memory, "ada").id}


def test_an_event_may_say_both() -> None:
    memory = Memory(self_serve())
    for who in ("ada", "a@x.no", "visitor"):
        join(memory, who)
    found = told(memory, "participant.identified", "ada/a@x.no", previous_id="visitor")
    assert {name: decision.reason for name, decision in found.items()} == {"email": "merged", "previous_id": "merged"}


def test_every_name_leads_to_the_one_who_stands_for_all() -> None:
    memory = Memory(self_serve())
    join(memory, "one@x.no")
    join(memory, "bob", previous_id=public(memory, "one@x.no"))
    join(memory, "cyd", previous_id="bob")
    join(memory, "dee")
    assert join(memory, "dee", previous_id="bob") == "merged"  # bob is cyd by now
    dee = person(memory, "dee").id
    assert {row.merged_into for row in memory.state.participants.values()} == {None, dee}
    for number, who in enumerate(("one@x.no", "bob", "cyd", "dee"), 1):
        told(memory, "order.completed", who, value=1, currency="USD")
        assert memory.state.counter(dee, "orders:USD") == (number, number)
    assert join(memory, "bob", previous_id="dee") == "same_participant"
    assert join(memory, "bob", previous_id="cyd") == "already_merged"


def test_an_old_address_finds_the_person_and_does_not_become_theirs_again() -> None:
    memory = Memory(sales())
    join(memory, "ada")
    join(memory, "old@x.no")
    join(memory, "ada/old@x.no")
    join(memory, "ada/new@x.no")
    told(memory, "referral.submitted", "bob", referral="R", referred={"email": "old@x.no"})
    assert memory.referral().referred_id == person(memory, "ada").id
    assert person(memory, "ada").email == "new@x.no"
    assert join(memory, "eve/old@x.no") is None  # somebody else's id beside an address that is ada's
    assert person(memory, "eve").id != person(memory, "ada").id


def test_the_one_who_stands_is_lent_what_only_the_other_had() -> None:
    memory = Memory(self_serve())
    visitor = {"external_id": "visitor", "email": "v@x.no", "name": "Vi", "shoe": 38, "hat": 7}
    memory.send({"type": "participant.identified", "event_id": "a", "occurred_at": START, "account": "acme",
                 "participant": visitor})  # fmt: skip
    join(memory, "ada", shoe=40)
    join(memory, "ada", previous_id="visitor")
    ada = next(row for row in memory.state.participants.values() if row.external_id == "ada")
    account = memory.state.account_by_external["acme"]
    assert (ada.name, ada.email, ada.account_id, ada.traits) == ("Vi", "v@x.no", account, {"shoe": 40, "hat": 7})
    join(memory, "ada", hat=8)
    settled(memory, "participant.split", previous_id="visitor")
    ada = next(row for row in memory.state.participants.values() if row.external_id == "ada")
    assert (ada.name, ada.email, ada.account_id, ada.traits) == ("", "", None, {"shoe": 40, "hat": 8})


# What moves


def rich() -> Memory:
    """A visitor's address has a link and four rewards: held, owed, issued, and issued but partly taken back."""
    rules = [
        refundable(),
        thanks(id="later", hold=HOLD),
        thanks(id="badge", give={"type": "recognition"}),
        WELCOME,
    ]
    memory = Memory(self_serve(rewards=rules))
    join(memory, "ada")
    link(memory, "v@x.no", "vis-1")
    for number in range(3):
        bring(memory, f"friend-{number}", "vis-1", number / 10)
    for number in (1, 2):
        told(memory, "reward.issued", reward=ids.public("rwd", memory.reward("thanks", number).id), day=0.5)
    told(memory, "order.refunded", "friend-2", 0.6, value=500, currency="USD")
    return memory


def test_links_referrals_rewards_and_balances_go_over_to_the_cent() -> None:
    memory = rich()
    had = worth(memory, "v@x.no")
    assert had == {
        "held participant_balance": 3_000,
        "participant_balance": 1_000,
        "fulfilled": 2_000,
        "participant_debt": 250,
    }
    cost = {key: amount for key, amount in balances(memory).items() if key[0] is None}
    [decision] = told(memory, "participant.identified", "ada/v@x.no", 1).values()
    gone = next(row for row in memory.state.participants.values() if row.merged_into)
    ada = person(memory, "ada").id
    assert worth(memory, "ada") == had
    assert {key: amount for key, amount in balances(memory).items() if key[0] is None} == cost
    assert not any(owner == gone.id for owner, *_ in balances(memory))
    assert memory.state.links["vis-1"].participant_id == ada
    assert {row.referrer_id for row in memory.state.referrals.values()} == {ada}
    assert {row.participant_id for row in memory.state.rewards.values() if row.rule != "welcome"} == {ada}
    merge = decision.trace["merge"]
    assert {name: merge[name] for name in ("links", "made", "received", "rewards")} == {
        "links": 1, "made": 3, "received": 0, "rewards": 9,
    }  # fmt: skip
    assert merge["balances"] == [{"unit": "USD", "reserved": 3_000, "available": 1_000, "issued": 2_000, "owed": 250}]
    check_books(memory)
    memory.ring(START + timedelta(days=20))
    assert worth(memory, "ada") == {"participant_balance": 3_750, "fulfilled": 2_000}  # the debt is paid


def test_what_moved_goes_back_as_it_is_by_then() -> None:
    memory = rich()
    told(memory, "participant.identified", "ada/v@x.no", 1)
    bring(memory, "friend-9", "vis-1", 2)  # after the merge: ada's
    memory.ring(START + timedelta(days=7.15))  # two of the three holds of before end
    [decision] = told(memory, "participant.split", None, 7.15, previous_id=public_of_merged(memory)).values()
    assert (decision.outcome, decision.reason, decision.trace["merge"]["how"]) == ("yes", "split", "split")
    assert decision.trace["merge"]["event"] == next(iter(memory.state.merges.values())).event_id
    assert worth(memory, "v@x.no") == {
        "held participant_balance": 1_000,
        "participant_balance": 3_000,
        "fulfilled": 2_000,
    }  # what ada's own reward paid of the debt stays paid
    assert worth(memory, "ada") == {"held participant_balance": 1_000, "participant_balance": 750}
    assert memory.state.links["vis-1"].participant_id == person(memory, "v@x.no").id
    assert person(memory, "ada").email == ""
    check_books(memory)


def public_of_merged(memory: Memory) -> str:
    return ids.public("par", next(row.id for row in memory.state.participants.values() if row.merged_into))


def test_a_link_that_changed_hands_again_does_not_go_back() -> None:
    memory = Memory(self_serve())
    for who in ("ada", "bob"):
        join(memory, who)
    link(memory, "visitor", "vis-1")
    join(memory, "ada", previous_id="visitor")
    join(memory, "bob", previous_id="ada")
    assert settled(memory, "participant.split", previous_id="visitor") == "merged_further"
    assert settled(memory, "participant.split", previous_id="ada") == "split"
    assert person(memory, "visitor").merged_into == person(memory, "ada").id
    assert memory.state.links["vis-1"].participant_id == person(memory, "ada").id
    assert settled(memory, "participant.split", previous_id="visitor") == "split"
    assert memory.state.links["vis-1"].participant_id == person(memory, "visitor").id


def test_a_transfer_of_a_late_merge_does_not_come_before_what_it_moves() -> None:
    memory = Memory(self_serve())
    join(memory, "ada")
    link(memory, "v@x.no", "vis-1")
    bring(memory, "friend", "vis-1", 5)
    told(memory, "participant.identified", "ada/v@x.no", 1)
    [_, moved] = memory.state.changes.transfers
    assert (moved.code, moved.effective_at) == ("merge", START + timedelta(days=5))


# Referrals that cannot count any more


def test_a_referral_between_the_two_is_a_self_referral() -> None:
    memory = Memory(self_serve(rewards=[thanks(hold=HOLD), WELCOME]))
    link(memory, "ada", "ada-1")
    bring(memory, "a@x.no", "ada-1")
    [decision] = told(memory, "participant.identified", "ada/a@x.no", 1).values()
    referral = memory.referral()
    assert (referral.state, referral.reason) == ("voided", "self_referral")
    assert referral.referrer_id == referral.referred_id == person(memory, "ada").id
    assert memory.rewards() == [("thanks", "cancelled", 1000), ("welcome", "approved", 300)]  # what is owed stays
    assert worth(memory, "ada") == {"participant_balance": 300}
    assert decision.trace["merge"]["moves"] == [
        {"referral": referral.id, "from": "closed_won", "to": "voided", "reason": "self_referral"}
    ]
    assert [line["reason"] for line in decision.trace["rewards"]] == ["self_referral"]
    assert not memory.state.timers
    told(memory, "participant.split", None, 2, previous_id=public_of_merged(memory))
    assert (memory.referral().state, memory.referral().reason) == ("closed_won", "")
    assert memory.rewards() == [("thanks", "pending", 1000), ("welcome", "approved", 300)]
    memory.ring(START + timedelta(days=7))
    assert worth(memory, "ada") == {"participant_balance": 1_000}
    check_books(memory)


def test_an_expired_referral_between_the_two_cannot_be_revived() -> None:
    document = sales(lifecycle={"flow": "sales", "expire_after": "P10D"})
    memory = Memory(document)
    told(memory, "referral.submitted", "ada", referral="R", referred={"email": "a@x.no"})
    memory.ring(START + timedelta(days=11))
    assert memory.referral().state == "expired"
    assert join(memory, "ada/a@x.no", 12) == "merged"
    assert memory.referral().state == "voided"
    assert told(memory, "referral.qualified", None, 5, referral="R")["sold"].reason == "wrong_state"
    assert settled(memory, "participant.split", None, 13, previous_id=public_of_merged(memory)) == "split"
    assert (memory.referral().state, memory.referral().reason) == ("expired", "referral_expired")
    assert memory.referral().closed_at == START + timedelta(days=10)


def test_a_lost_referral_between_the_two_stays_lost() -> None:
    memory = Memory(sales())
    told(memory, "referral.submitted", "ada", referral="R", referred={"email": "a@x.no"})
    told(memory, "referral.closed_lost", referral="R")
    assert join(memory, "ada/a@x.no") == "merged"
    assert memory.referral().state == "closed_lost"


def rivals(first: str, second: str, **changes: Any) -> Memory:
    """Ann brought the first and Ben the second of two participants who are one person."""
    memory = Memory(self_serve(rewards=[thanks(hold=HOLD)], **changes))
    link(memory, "ann", "ann")
    link(memory, "ben", "ben")
    bring(memory, first, "ann", 0)
    bring(memory, second, "ben", 1)
    return memory


@pytest.mark.parametrize("pair", [("ada", "a@x.no"), ("a@x.no", "ada")])
def test_of_two_referrals_of_one_person_the_earlier_stands(pair: tuple[str, str]) -> None:
    memory = rivals(*pair)
    assert join(memory, "ada/a@x.no", 2) == "merged"
    first, second = memory.referral(0), memory.referral(1)
    assert (first.state, second.state, second.reason) == ("closed_won", "duplicate", "already_referred")
    assert first.referred_id == second.referred_id
    assert worth(memory, "ann") == {"held participant_balance": 1_000}
    assert worth(memory, "ben") == {}
    told(memory, "participant.split", None, 3, previous_id=public_of_merged(memory))
    assert [row.state for row in memory.state.referrals.values()] == ["closed_won", "closed_won"]
    assert worth(memory, "ben") == {"held participant_balance": 1_000}
    assert memory.state.timers.keys() == {
        ids.derive(row.hold_until, memory.state.workspace_id, "timer", "hold.ended", row.id)
        for row in memory.state.rewards.values()
        if row.hold_until
    }
    check_books(memory)


def set_timers(memory: Memory) -> set[tuple[str, object]]:
    """When each timer is due; set again it has another place among those of its moment."""
    return {(timer.id, timer.due_at) for timer in memory.state.timers.values()}


def test_an_open_referral_and_whatever_was_held_of_it_come_back_as_they_were() -> None:
    rules = [
        thanks(on="referral.submitted", hold=HOLD, give={"type": "recognition"}),
        thanks(id="checked", on="referral.submitted", approval={"by": "finance"}),
    ]
    memory = Memory(sales(rewards=rules, lifecycle={"flow": "sales", "expire_after": "P10D"}))
    told(memory, "referral.submitted", "ada", referral="R", referred={"email": "a@x.no"})
    before = (memory.rewards(), set_timers(memory))
    join(memory, "ada/a@x.no", 1)
    assert (memory.referral().state, memory.state.timers) == ("voided", {})
    assert {state for _, state, _ in memory.rewards()} == {"cancelled"}
    assert worth(memory, "ada") == {}
    settled(memory, "participant.split", None, 2, previous_id=public_of_merged(memory))
    assert (memory.rewards(), set_timers(memory)) == before
    assert worth(memory, "ada") == {"held participant_balance": 1_000}
    memory.ring(START + timedelta(days=10))
    assert memory.referral().state == "expired"


def test_a_referral_whose_place_was_taken_meanwhile_does_not_count_again() -> None:
    lifecycle = {"flow": "self_serve", "closed_won": {"on": "order.completed"}, "closed_lost": {"on": "trial.ended"}}
    memory = Memory(self_serve(lifecycle=lifecycle))
    for code in ("ann", "ben", "cat"):
        link(memory, code, code)
    bring(memory, "a@x.no", "ann", 0, order=False)
    bring(memory, "ada", "ben", 1, order=False)
    join(memory, "ada/a@x.no", 2)
    told(memory, "trial.ended", "ada", 3)
    bring(memory, "ada", "cat", 4)
    settled(memory, "participant.split", None, 5, previous_id=public_of_merged(memory))
    assert [memory.referral(number).state for number in range(3)] == ["closed_lost", "duplicate", "closed_won"]
    assert memory.referral(0).referred_id == person(memory, "a@x.no").id


def test_two_merges_of_one_person_are_taken_back_one_by_one() -> None:
    memory = Memory(self_serve(rewards=[thanks(hold=HOLD)]))
    for code in ("ann", "ben", "cat"):
        link(memory, code, code)
    for number, (who, code) in enumerate((("ada", "ann"), ("two", "ben"), ("tri", "cat"))):
        bring(memory, who, code, number)
    join(memory, "ada", 3, previous_id="two")
    join(memory, "ada", 3, previous_id="tri")
    states = [memory.referral(number).state for number in range(3)]
    assert states == ["closed_won", "duplicate", "duplicate"]
    settled(memory, "participant.split", None, 4, previous_id="two")
    assert [memory.referral(number).state for number in range(3)] == ["closed_won", "closed_won", "duplicate"]
    settled(memory, "participant.split", None, 4, previous_id="tri")
    assert {row.state for row in memory.state.referrals.values()} == {"closed_won"}
    check_books(memory)


def test_a_reward_that_waits_for_its_turn_does_not_come_to_a_referral_put_aside() -> None:
    limits = [{"per": "referrer", "count": 1, "every": "month", "when_reached": "waitlist"}]
    memory = Memory(self_serve(limits=limits))
    link(memory, "ada", "ada-1")
    bring(memory, "friend", "ada-1")
    bring(memory, "a@x.no", "ada-1", 0.1)
    join(memory, "ada/a@x.no", 1)
    memory.ring(START + timedelta(days=40))
    assert memory.rung == ["waitlist.reached superseded"]


# Limits


def capped(count: int = 2, per: str = "referrer", **changes: Any) -> Memory:
    memory = Memory(self_serve(limits=[{"per": per, "count": count}], **changes))
    join(memory, "ada")
    link(memory, "ada", "ada-1")
    link(memory, "v@x.no", "vis-1")
    return memory


def test_a_limit_counts_what_both_had_and_takes_nothing_away() -> None:
    memory = capped(2)
    for number, code in enumerate(("ada-1", "ada-1", "vis-1")):
        bring(memory, f"friend-{number}", code)
    join(memory, "ada/v@x.no")
    assert memory.rewards() == [("thanks", "approved", 1000)] * 3  # one over the limit, and kept
    bring(memory, "late", "vis-1", 1)
    assert len(memory.rewards()) == 3
    settled(memory, "participant.split", None, 2, previous_id=public_of_merged(memory))
    bring(memory, "later", "vis-1", 3)
    assert len(memory.rewards()) == 4
    bring(memory, "latest", "ada-1", 3)
    assert len(memory.rewards()) == 4


def test_a_limit_by_account_counts_at_the_account_they_have_from_now_on() -> None:
    memory = capped(2, "account")
    memory.send({"type": "participant.identified", "event_id": "v", "occurred_at": START, "account": "acme",
                 "participant": {"email": "v@x.no"}})  # fmt: skip
    for number, code in enumerate(("ada-1", "vis-1")):
        bring(memory, f"friend-{number}", code)
    acme, ada = memory.state.account_by_external["acme"], person(memory, "ada").id
    assert (used(memory, acme), used(memory, ada)) == (1, 1)
    join(memory, "ada/v@x.no")
    assert (used(memory, acme), used(memory, ada)) == (2, 0)
    settled(memory, "participant.split", previous_id=public_of_merged(memory))
    assert (used(memory, acme), used(memory, ada)) == (1, 1)


def used(memory: Memory, subject: str) -> int:
    return sum(count for name, (count, _) in memory.state.counters.get(subject, {}).items() if "limit:" in name)


def test_a_rejected_reward_goes_over_without_a_place_in_the_limits() -> None:
    memory = capped(2, rewards=[thanks(approval={"by": "finance"})])
    bring(memory, "friend", "vis-1")
    told(memory, "reward.rejected", reward=ids.public("rwd", memory.reward("thanks").id))
    join(memory, "ada/v@x.no")
    assert used(memory, person(memory, "ada").id) == 0
    assert memory.reward("thanks").participant_id == person(memory, "ada").id


def test_a_merge_changes_so_much_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    for limit, reason in ((2, "too_much_to_merge"), (3, "merged")):
        monkeypatch.setattr(merging, "MAX_MOVED", limit)
        memory = capped(9)
        for number in range(2):
            bring(memory, f"friend-{number}", "vis-1")
        assert join(memory, "ada/v@x.no") == reason
        mine = memory.state.links["vis-1"].participant_id == person(memory, "ada").id
        assert mine is (reason == "merged")


def test_what_counts_by_account_counts_against_that_too(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = capped(9, "account")
    bring(memory, "friend", "ada-1")
    memory.send({"type": "participant.identified", "event_id": "v", "occurred_at": START, "account": "acme",
                 "participant": {"email": "v@x.no"}})  # fmt: skip
    monkeypatch.setattr(merging, "MAX_MOVED", 1)
    assert join(memory, "ada/v@x.no") == "too_much_to_merge"
    monkeypatch.setattr(merging, "MAX_MOVED", 2)
    assert join(memory, "ada/v@x.no") == "merged"
    monkeypatch.setattr(merging, "MAX_MOVED", 0)
    settled(memory, "participant.split", previous_id=public_of_merged(memory))
    assert person(memory, "ada").account_id == memory.state.account_by_external["acme"]  # too much to count anew


# Taking apart


@pytest.mark.parametrize(
    ("who", "previous_id", "reason"),
    [
        (None, "nobody", "unknown_participant"),
        (None, "bob", "not_merged"),
        ("bob", "visitor", "split"),
        ("nobody", "visitor", "split"),
        (None, "visitor", "split"),
    ],
)
def test_only_a_merge_that_stands_is_taken_back(who: str | None, previous_id: str, reason: str) -> None:
    memory = Memory(self_serve())
    for name in ("ada", "bob", "visitor"):
        join(memory, name)
    join(memory, "ada", previous_id="visitor")
    people = len(memory.state.participants)
    [decision] = told(memory, "participant.split", who, previous_id=previous_id).values()
    assert (decision.reason, decision.outcome) == (reason, "yes" if reason == "split" else "no")
    assert len(memory.state.participants) == people  # a split makes nobody known
    if reason == "split":
        assert person(memory, "visitor").merged_into is None
        assert memory.state.changes.notices[-1].payload == {
            "participant": public(memory, "ada"), "merged": public(memory, "visitor"),
        }  # fmt: skip
        assert settled(memory, "participant.split", previous_id="visitor") == "not_merged"


def test_an_address_alone_does_not_bring_together_again_who_was_taken_apart() -> None:
    memory = Memory(self_serve())
    join(memory, "ada")
    join(memory, "a@x.no")
    join(memory, "ada/a@x.no")
    apart = public_of_merged(memory)
    settled(memory, "participant.split", previous_id=apart)
    assert settled(memory, "order.completed", "ada/a@x.no", value=1, currency="USD") == "kept_apart"
    assert join(memory, "bob") is None
    assert join(memory, "bob/a@x.no") == "merged"  # another person is another matter
    settled(memory, "participant.split", previous_id=apart)
    assert join(memory, "ada", previous_id=apart) == "merged"  # said outright


def test_an_event_from_which_names_were_erased_says_what_it_said_then() -> None:
    memory = Memory(self_serve())
    for who in ("ada", "bob", "cyd"):
        join(memory, who, shoe=38)
    ada, bob, cyd = (person(memory, who).id for who in ("ada", "bob", "cyd"))
    claims = {how: {"other": other, "reason": "merged"} for how, other in (("previous_id", cyd), ("email", bob))}
    event = Event("participant.identified", "api", "e", START, START, {}, PersonRef(None, "", id=ada), id=uuid(3, 99),
                  erased={"participant": ada, "claims": claims})  # fmt: skip
    found = step(memory.state, event)
    assert [(decision.about, decision.reason) for decision in found.decisions] == [
        ("email", "merged"),
        ("previous_id", "merged"),
    ]
    assert {row.id: row.merged_into for row in memory.state.participants.values()} == {ada: None, bob: ada, cyd: ada}
    merges = list(memory.state.merges.values())
    assert [(merge.moved["how"], merge.moved["told"], merge.moved["traits"]) for merge in merges] == [
        ("email", {}, {}),
        ("previous_id", {}, {}),
    ]
    apart = Event("participant.split", "api", "f", START, START, {}, id=uuid(3, 98),
                  erased={"claims": {"split": {"other": bob, "reason": "split"}}})  # fmt: skip
    assert step(memory.state, apart).decisions[0].reason == "split"
    refused = {"previous_id": {"other": bob, "reason": "needs_external_id"}}
    again = Event("participant.identified", "api", "h", START, START, {}, PersonRef(None, "", id=ada), id=uuid(3, 96),
                  erased={"participant": ada, "claims": refused})  # fmt: skip
    assert step(memory.state, again).decisions[0].reason == "needs_external_id"
    nobody = Event("participant.split", "api", "g", START, START, {}, id=uuid(3, 97))
    assert step(memory.state, nobody).decisions[0].reason == "unknown_participant"


@pytest.mark.parametrize(("whole", "lent"), [({"whole": True}, {"shoe": 38}), ({}, {})])
def test_a_claim_on_record_of_others_lends_what_it_lent(whole: dict[str, bool], lent: dict[str, int]) -> None:
    memory = Memory(self_serve())
    join(memory, "ada")
    join(memory, "bob", shoe=38)
    ada, bob = (person(memory, who).id for who in ("ada", "bob"))
    claims = {"previous_id": {"other": bob, "reason": "merged", **whole}}
    event = Event("participant.identified", "api", "e", START, START, {}, PersonRef("ada", "", id=ada), id=uuid(3, 99),
                  erased={"participant": ada, "claims": claims})  # fmt: skip
    step(memory.state, event)
    assert memory.state.participants[ada].traits == lent


def test_facts_of_before_the_merge_are_told_again_to_a_late_referral() -> None:
    memory = Memory(self_serve())
    link(memory, "ann", "ann")
    told(memory, "order.completed", "visitor", 2, value=900, currency="USD")
    found = told(memory, "participant.signed_up", "ada", 1, previous_id="visitor", code="ann")
    assert {name: decision.reason for name, decision in found.items()} == {"previous_id": "merged", "simple": "opened"}
    memory.ring(START + timedelta(days=3))
    assert memory.referral().state == "closed_won"


def test_participants_seen_together_change_nothing_for_others() -> None:
    memory = rich()
    before: Mapping[str, Any] = worth(memory, "friend-1")
    join(memory, "ada/v@x.no", 1)
    assert worth(memory, "friend-1") == before


def test_what_was_approved_goes_over_also_where_the_notes_of_it_were_written_and_forgotten() -> None:
    memory = Memory(self_serve())
    link(memory, "ada", "ada")
    bring(memory, "friend", "ada")
    [grant] = memory.state.changes.transfers
    memory.state.forget_changes()
    assert memory.state.changes.transfers == []
    assert join(memory, "ann", 3, previous_id="ada") == "merged"
    [moved] = memory.state.changes.transfers
    assert moved.amount == grant.amount
    assert moved.debit.participant_id == person(memory, "ada").id
    assert moved.credit.participant_id == person(memory, "ann").id
