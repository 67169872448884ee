"""What is taken back after it was handed over is owed, and later rewards pay it: never a surprise charge."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from goodword.domain import ids
from goodword.domain.rows import Reward
from support.books import balances, check_books
from support.documents import sales, self_serve, thanks
from support.loyalty import shop
from support.memory import START, Memory
from unit.test_merges import bring, join, link, person, refundable, told, worth

BALANCE, ISSUED, OWED, COST = "participant_balance", "fulfilled", "participant_debt", "program_cost"
BACK = {"on": ["order.refunded"], "how": "proportional"}


def house(*documents: Mapping[str, Any]) -> Memory:
    """Ada has a link of the first programme, which gives 10.00 for an order, and 20.00 orders bring friends."""
    memory = Memory(*(documents or (self_serve(rewards=[refundable()]),)))
    join(memory, "ada")
    link(memory, "ada", "ada-1", next(iter(memory.state.programs.values())).key)
    return memory


def move(memory: Memory, kind: str, reward: Reward, day: float) -> Mapping[str, Any]:
    [decision] = [
        row for row in told(memory, kind, day=day, reward=ids.public("rwd", reward.id)).values() if row.program_id
    ]
    return {"reason": decision.reason, **decision.trace}


def refund(memory: Memory, who: str, value: int, day: float) -> None:
    told(memory, "order.refunded", who, day, value=value, currency="USD")


def in_debt(memory: Memory, value: int = 2_000, who: str = "friend-0", day: float = 0) -> Reward:
    """Ada's reward for a friend is issued, and that much of the friend's 20.00 is paid back."""
    bring(memory, who, "ada-1", day)
    reward = max(memory.state.rewards.values(), key=lambda row: (row.granted_at, row.id))
    assert move(memory, "reward.issued", reward, day)["reason"] == "recorded"
    refund(memory, who, value, day + 0.1)
    return reward


def notices(memory: Memory, topic: str) -> list[Mapping[str, Any]]:
    return [notice.payload for notice in memory.state.changes.notices if notice.topic == topic]


def newest(memory: Memory) -> Reward:
    return max(memory.state.rewards.values(), key=lambda row: (row.granted_at, row.id))


def test_a_later_reward_pays_a_part_of_what_is_owed_and_has_reached_them_by_that() -> None:
    memory = house(self_serve(rewards=[refundable(), thanks(id="small", give={"type": "cash", "amount": 400})]))
    bring(memory, "friend-0", "ada-1")
    big, small = memory.reward("thanks"), memory.reward("small")
    for reward in (big, small):
        move(memory, "reward.issued", reward, 0.1)
    refund(memory, "friend-0", 2_000, 0.2)
    assert worth(memory, "ada") == {ISSUED: 1_400, OWED: 1_000}
    # The next friend brings 10.00 and 4.00: the first pays the debt whole, the second nothing of it.
    bring(memory, "friend-1", "ada-1", 1, order=False)
    decision = told(memory, "order.completed", "friend-1", 1.1, value=2_000, currency="USD")["simple"]
    lines = {line["rule"]: line for line in decision.trace["rewards"]}
    assert (lines["thanks"]["reason"], lines["thanks"]["netted"], lines["thanks"]["owed"]) == ("netted", 1_000, 0)
    assert "netted" not in lines["small"]
    assert decision.reason == "rewarded"
    paid = memory.reward("thanks", 1)
    assert (paid.state, paid.reason, paid.issued_at) == ("issued", "netted", paid.granted_at)
    assert worth(memory, "ada") == {ISSUED: 1_400, BALANCE: 400}
    check_books(memory)


def test_fulfilment_hears_what_is_left_to_pay() -> None:
    memory = house()
    in_debt(memory, 500)  # a quarter of the order: 2.50 are owed
    bring(memory, "friend-1", "ada-1", 1)
    [*_, approved] = notices(memory, "reward.approved")
    assert (approved["amount"], approved["netted"], approved["payable"]) == (1_000, 250, 750)
    assert worth(memory, "ada") == {ISSUED: 1_000, BALANCE: 750}
    move(memory, "reward.issued", newest(memory), 2)
    assert worth(memory, "ada") == {ISSUED: 1_750}
    check_books(memory)


def test_one_that_is_used_up_needs_nobody_to_hand_it_over() -> None:
    memory = house()
    in_debt(memory, 2_000)
    told_before = len(notices(memory, "reward.approved"))
    bring(memory, "friend-1", "ada-1", 1)
    [*_, issued] = notices(memory, "reward.issued")
    assert (issued["state"], issued["netted"], issued["payable"]) == ("issued", 1_000, 0)
    assert len(notices(memory, "reward.approved")) == told_before
    assert move(memory, "reward.issued", newest(memory), 2)["reason"] == "wrong_state"
    assert worth(memory, "ada") == {ISSUED: 1_000}


def test_several_debts_are_paid_to_the_cent_and_the_ledger_shows_how() -> None:
    memory = house()
    for number in (0, 1):
        bring(memory, f"friend-{number}", "ada-1", number)
        move(memory, "reward.issued", newest(memory), number)
    for number, value in enumerate((666, 333)):  # of 20.00 each: 3.33 and 1.66 of 10.00 are owed
        refund(memory, f"friend-{number}", value, 2 + number)
    assert worth(memory, "ada")[OWED] == 333 + 166
    bring(memory, "friend-8", "ada-1", 5)
    assert worth(memory, "ada") == {ISSUED: 2_000, BALANCE: 1_000 - 499}
    transfers = [row for row in memory.state.changes.transfers if OWED in (row.debit.kind, row.credit.kind)]
    assert [(row.debit.kind, row.credit.kind, row.amount, row.code) for row in transfers] == [
        (OWED, COST, 333, "reverse"), (OWED, COST, 166, "reverse"), (BALANCE, OWED, 499, "net"),
    ]  # fmt: skip
    check_books(memory)


def test_the_end_of_a_hold_says_what_paid_the_debt() -> None:
    memory = house(self_serve(rewards=[refundable(hold="P7D")]))
    bring(memory, "friend-0", "ada-1")
    memory.ring(START + timedelta(days=7))
    move(memory, "reward.issued", newest(memory), 8)
    bring(memory, "friend-1", "ada-1", 8)
    refund(memory, "friend-0", 500, 9)
    assert worth(memory, "ada") == {ISSUED: 1_000, OWED: 250, f"held {BALANCE}": 1_000}
    memory.ring(START + timedelta(days=15))
    assert worth(memory, "ada") == {ISSUED: 1_000, BALANCE: 750}
    assert newest(memory).basis["netted"] == 250
    check_books(memory)


def test_an_approval_by_a_person_pays_too_and_the_decision_says_so() -> None:
    memory = house(self_serve(rewards=[refundable(), thanks(id="big", approval={"by": "finance"})]))
    bring(memory, "friend-0", "ada-1")
    move(memory, "reward.issued", memory.reward("thanks"), 0.1)
    refund(memory, "friend-0", 500, 0.2)
    trace = move(memory, "reward.approved", memory.reward("big"), 1)
    [line] = trace["rewards"]
    assert (line["from"], line["state"], line["to"]) == ("pending", "approved", "referrer")
    assert (line["reason"], line["amount"], line["netted"], line["owed"]) == ("netted", 1_000, 250, 0)


def test_a_reward_that_paid_and_is_taken_back_gives_the_debt_back_to_the_cent() -> None:
    memory = house()
    in_debt(memory, 700)  # 3.50 owed
    bring(memory, "friend-1", "ada-1", 1)
    assert worth(memory, "ada") == {ISSUED: 1_000, BALANCE: 650}
    refund(memory, "friend-1", 1_000, 2)  # half of it: first what was to be handed over
    assert worth(memory, "ada") == {ISSUED: 1_000, BALANCE: 150}
    refund(memory, "friend-1", 1_000, 3)  # the rest: the last 1.50, and the 3.50 that paid the debt
    assert worth(memory, "ada") == {ISSUED: 1_000, OWED: 350}
    assert (newest(memory).state, newest(memory).basis["netted"]) == ("reversed", 0)
    check_books(memory)
    bring(memory, "friend-2", "ada-1", 4)
    assert worth(memory, "ada") == {ISSUED: 1_000, BALANCE: 650}
    check_books(memory)


def test_an_issued_one_that_paid_in_part_is_owed_whole_when_it_is_taken_back() -> None:
    memory = house()
    in_debt(memory, 700)
    bring(memory, "friend-1", "ada-1", 1)
    move(memory, "reward.issued", newest(memory), 1)
    refund(memory, "friend-1", 2_000, 2)
    assert worth(memory, "ada") == {ISSUED: 1_650, OWED: 1_000}
    check_books(memory)


def test_a_reward_that_could_not_be_given_leaves_the_debt_as_it_was() -> None:
    memory = house()
    in_debt(memory, 700)
    bring(memory, "friend-1", "ada-1", 1)
    assert move(memory, "reward.failed", newest(memory), 2)["reason"] == "recorded"
    assert worth(memory, "ada") == {ISSUED: 1_000, OWED: 350}
    check_books(memory)


def test_what_paid_a_debt_does_not_lapse_and_is_still_taken_back() -> None:
    memory = house(self_serve(rewards=[refundable(expire={"after": "P10D"})]))
    in_debt(memory, 700)
    bring(memory, "friend-1", "ada-1", 1)
    move(memory, "reward.issued", newest(memory), 1)
    memory.ring(START + timedelta(days=20))
    assert (newest(memory).state, worth(memory, "ada")) == ("expired", {ISSUED: 350})
    refund(memory, "friend-1", 1_000, 21)  # half of the 10.00: only what lapsed
    assert worth(memory, "ada") == {ISSUED: 350}
    refund(memory, "friend-1", 1_000, 22)
    assert worth(memory, "ada") == {ISSUED: 350, OWED: 350}
    check_books(memory)


def test_one_that_is_used_up_never_lapses() -> None:
    memory = house(self_serve(rewards=[refundable(expire={"after": "P10D"})]))
    in_debt(memory)
    bring(memory, "friend-1", "ada-1", 1)
    memory.ring(START + timedelta(days=30))
    assert newest(memory).state == "issued"
    assert worth(memory, "ada") == {ISSUED: 1_000}


def test_money_is_owed_to_the_house_whichever_programme_gives_it() -> None:
    memory = house(self_serve(rewards=[refundable()]), sales())
    in_debt(memory)
    raw = {"referral": "L1", "program": "sold", "referred": {"email": "f@x.no", "name": "F"}}
    told(memory, "referral.submitted", "ada", 1, **raw)
    told(memory, "referral.closed_won", None, 2, referral="L1")
    assert worth(memory, "ada") == {ISSUED: 1_000}
    check_books(memory)


def test_a_debt_in_one_unit_is_not_paid_in_another() -> None:
    gb = {"type": "quantity", "amount": 5, "unit": "gb"}
    memory = house(self_serve(units=["gb"], rewards=[refundable(id="gb", give=gb), thanks()]))
    bring(memory, "friend-0", "ada-1")
    move(memory, "reward.issued", memory.reward("gb"), 0.1)
    refund(memory, "friend-0", 2_000, 0.2)
    assert balances(memory)[person(memory, "ada").id, OWED, "gb"] == 5
    assert memory.state.counter(person(memory, "ada").id, "debt:simple:gb") == (0, 5)
    bring(memory, "friend-1", "ada-1", 1)
    assert memory.reward("gb", 1).reason == "netted"
    assert memory.reward("thanks", 1).state == "approved"
    check_books(memory)


def test_a_gift_without_an_amount_neither_owes_nor_pays() -> None:
    memory = house(self_serve(rewards=[thanks(give={"type": "access"}, reverse={"on": ["order.refunded"]})]))
    in_debt(memory)
    bring(memory, "friend-1", "ada-1", 1)
    assert (newest(memory).state, worth(memory, "ada")) == ("approved", {})


def test_what_a_loyalty_programme_hands_over_pays_and_its_points_do_not_pay_money() -> None:
    credit = {"id": "credit", "on": "order.completed", "to": "participant", "when": "event.value > 50",
              "give": {"type": "account_credit", "amount": 300}}  # fmt: skip
    points = {"id": "order", "on": "order.completed", "to": "participant",
              "give": {"type": "points", "amount": 100, "unit": "points"}}  # fmt: skip
    memory = house(self_serve(rewards=[refundable()]), shop(rewards=[credit, points]))
    in_debt(memory, 2_000)
    told(memory, "order.completed", "ada", 1, value=100, currency="USD", order_id="own")
    assert worth(memory, "ada") == {ISSUED: 1_000, OWED: 700, BALANCE: 100}  # the 100 are points
    assert memory.reward("credit", 1).state == "issued"
    told(memory, "order.refunded", "ada", 2, value=100, currency="USD", order_id="own")
    assert worth(memory, "ada") == {ISSUED: 1_000, OWED: 1_000}
    check_books(memory)


def test_debts_go_over_in_a_merge_and_come_back_as_far_as_they_are_left() -> None:
    memory = house()
    join(memory, "old")
    link(memory, "old", "old-1")
    bring(memory, "friend-0", "old-1")
    move(memory, "reward.issued", newest(memory), 0.1)
    refund(memory, "friend-0", 2_000, 0.2)
    told(memory, "participant.identified", "ada", 1, previous_id="old")
    assert (worth(memory, "old"), worth(memory, "ada")) == ({}, {ISSUED: 1_000, OWED: 1_000})
    bring(memory, "friend-1", "ada-1", 2)  # ada's own reward pays all of it
    assert worth(memory, "ada") == {ISSUED: 1_000}
    told(memory, "participant.split", None, 3, previous_id="old")
    assert (worth(memory, "old"), worth(memory, "ada")) == ({ISSUED: 1_000}, {})
    check_books(memory)
    refund(memory, "friend-1", 2_000, 4)  # and that reward taken back is ada's debt now
    assert (worth(memory, "old"), worth(memory, "ada")) == ({ISSUED: 1_000}, {OWED: 1_000})
    check_books(memory)


def test_a_merge_brings_the_debt_and_the_next_reward_of_either_pays_it() -> None:
    memory = house()
    in_debt(memory, 500)
    join(memory, "new")
    told(memory, "participant.identified", "new", 1, previous_id="ada")
    assert worth(memory, "new") == {ISSUED: 1_000, OWED: 250}
    bring(memory, "friend-1", "ada-1", 2)
    assert worth(memory, "new") == {ISSUED: 1_000, BALANCE: 750}
    check_books(memory)
