"""Facts that come in another order than they happened lead to what the order of happening would have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from goodword.domain import early
from goodword.domain.decide import step
from goodword.domain.events import Event, PersonRef
from support.documents import sales, self_serve, thanks
from support.memory import START, Memory, uuid
from unit.test_decide import referred, submit

Fact = tuple[str, str | None, float, dict[str, Any]]
REVERSE = {"on": ["order.refunded"], "how": "full"}
PARTS = {"on": ["order.refunded"], "how": "proportional"}
HELD = {"hold": "P10D", "promise": {"fulfil": "P5D"}}
LINK: Fact = ("link.created", "ada", 0, {"program": "simple", "code": "ada"})
SIGN_UP: Fact = ("participant.signed_up", "bob", 1, {"code": "ada"})


def order(day: float, value: int = 3_000, **more: Any) -> Fact:
    return ("order.completed", "bob", day, {"value": value, "currency": "USD", **more})


def refund(day: float, value: int = 3_000, **more: Any) -> Fact:
    return ("order.refunded", "bob", day, {"value": value, "currency": "USD", **more})


def came(document: Mapping[str, Any], facts: Any) -> Memory:
    """A workspace to which the facts came in that order, a week after the last happened at the latest."""
    memory = Memory(document)
    for kind, who, day, properties in facts:
        memory.say(kind, who, day, **properties)
    memory.ring(START + timedelta(days=60))
    return memory


def end(memory: Memory, *, dated: bool = True) -> dict[str, Any]:
    """What is left in the end: referrals, rewards, and the books. Several refunds that came in another order among
    themselves end a reward on another day, perhaps after its hold instead of before: then days are left out."""
    state = memory.state
    books: dict[tuple[str, str], int] = {}
    settled = {row.pending_id for row in state.changes.transfers}
    for row in state.changes.transfers:
        if row.phase in ("posted", "post") or (row.phase == "pending" and row.id not in settled):
            held = "held" if row.phase == "pending" else "posted"
            books[held, row.debit.kind] = books.get((held, row.debit.kind), 0) + row.amount
            books[held, row.credit.kind] = books.get((held, row.credit.kind), 0) - row.amount
    return {
        "referrals": sorted((row.state, row.submitted_at, row.closed_at) for row in state.referrals.values()),
        "rewards": sorted(
            (row.rule, row.amount, row.reversed, row.granted_at)
            + ((row.state, row.approved_at, row.ended_at) if dated else (row.state in ("cancelled", "reversed"),))
            for row in state.rewards.values()
        ),
        "books": {key: amount for key, amount in books.items() if amount},
        "kept": sum(map(len, state.early.values())),
        "timers": len(state.timers),
    }


THRESHOLD = {
    "flow": "self_serve",
    "qualified": {"on": "order.completed"},
    "closed_won": {"on": "order.completed", "when": "history.order_value >= 2500"},
}
FIRST_ORDER = {"be_referred": [{"code": "existing_customer", "when": "history.orders == 0"}]}
PROGRAMMES = {
    "full": self_serve(rewards=[thanks(reverse=REVERSE)]),
    "full, held": self_serve(rewards=[thanks(reverse=REVERSE, **HELD)]),
    "proportional": self_serve(rewards=[thanks(reverse=PARTS)]),
    "proportional, held": self_serve(rewards=[thanks(reverse=PARTS, **HELD)]),
    "threshold": self_serve(lifecycle=THRESHOLD, eligibility=FIRST_ORDER, rewards=[thanks(reverse=PARTS, **HELD)]),
}
REFUNDS = {
    "a full one": [refund(4)],
    "a part": [refund(4, 1_000)],
    "two parts": [refund(4, 1_000), refund(5, 500)],
    "parts that make the whole": [refund(4, 1_000), refund(5, 1_000), refund(20, 1_000)],
    "more than the order": [refund(4, 9_000)],
    "a part after the hold": [refund(20, 700)],
    "of another order": [refund(4, 1_000, order_id="other")],
    "dated before its own order": [refund(2, 1_000, order_id="o1")],
}


@pytest.mark.parametrize("rule", PROGRAMMES)
@pytest.mark.parametrize("kind", REFUNDS)
def test_refunds_before_their_order_end_as_if_they_had_come_in_order(rule: str, kind: str) -> None:
    document, refunds = PROGRAMMES[rule], REFUNDS[kind]
    bought = order(3, order_id="o1")
    dated = len(refunds) == 1
    expected = end(came(document, [LINK, SIGN_UP, bought, *refunds]), dated=dated)
    for facts in permutations([bought, *refunds]):
        assert end(came(document, [LINK, SIGN_UP, *facts]), dated=dated) == expected


@pytest.mark.parametrize("rule", PROGRAMMES)
@pytest.mark.parametrize("kind", ["a part", "two parts", "more than the order", "a part after the hold"])
def test_a_sign_up_after_the_orders_and_refunds_it_explains_ends_as_in_order(rule: str, kind: str) -> None:
    document, refunds = PROGRAMMES[rule], REFUNDS[kind]
    facts = [SIGN_UP, order(3, order_id="o1"), *refunds]
    dated = len(refunds) == 1
    expected = end(came(document, [LINK, *facts]), dated=dated)
    assert expected["referrals"][0][0] == "closed_won"
    for other in permutations(facts):
        assert end(came(document, [LINK, *other]), dated=dated) == expected


def test_an_early_refund_says_that_it_is_kept_and_then_that_it_took_its_turn() -> None:
    memory = referred(Memory(self_serve(rewards=[thanks(reverse=REVERSE)])))
    reason, trace = memory.tell("order.refunded", "bob", 4, value=500, currency="USD")
    assert (reason, trace["kept"]) == ("kept_for_later", True)
    assert memory.say("order.completed", "bob", 3, value=500, currency="USD") == "rewarded"
    memory.ring(START + timedelta(days=4))
    assert memory.rung == ["fact.recalled reversed"]
    assert memory.reward("thanks").state == "reversed"
    assert end(memory)["kept"] == 0


def test_what_was_told_early_of_somebody_who_was_erased_counts_in_its_turn() -> None:
    memory = came(PROGRAMMES["threshold"], [LINK, SIGN_UP])
    bob, at = memory.state.participant_by_external["bob"], START + timedelta(days=4)
    told = {"value": 1_000, "currency": "USD"}
    ref, erased = PersonRef(None, "", id=bob), {"participant": bob}
    step(memory.state, Event("order.refunded", "api", "r", at, at, told, ref, id=uuid(3, 90), erased=erased))
    assert memory.say("order.completed", "bob", 3, value=2_500, currency="USD") == "rewarded"  # not refunded yet then


def test_a_refund_from_before_the_order_that_won_is_forgotten() -> None:
    memory = came(PROGRAMMES["threshold"], [LINK, SIGN_UP, order(2, 1_000), refund(3, 500), order(4, 5_000)])
    assert memory.rewards() == [("thanks", "approved", 1000)]
    assert end(memory)["kept"] == 0


def test_refunds_wait_while_orders_only_bring_the_referral_on() -> None:
    early_ones = [refund(2, 100), refund(5, 1_000)]
    memory = came(PROGRAMMES["threshold"], [LINK, SIGN_UP, *early_ones, order(3, 1_000)])
    assert (memory.referral().state, end(memory)["kept"]) == ("qualified", 2)
    memory.say(*order(4)[:3], **order(4)[3])
    memory.ring(START + timedelta(days=60))
    assert (memory.reward("thanks").reversed, end(memory)["kept"]) == (333, 0)


def test_a_refund_takes_what_a_referral_has_earned_and_waits_for_the_rest() -> None:
    welcome = thanks(id="welcome", on="referral.submitted", to="referred", reverse=REVERSE)
    document = self_serve(rewards=[welcome, thanks(reverse=REVERSE)])
    memory = came(document, [LINK, SIGN_UP, refund(4)])
    assert [row[:2] for row in memory.rewards()] == [("welcome", "reversed")]
    memory.say(*order(3)[:3], **order(3)[3])
    memory.ring(START + timedelta(days=60))
    assert [row[:2] for row in memory.rewards()] == [("welcome", "reversed"), ("thanks", "reversed")]


def test_an_order_from_before_the_sign_up_does_not_move_the_referral() -> None:
    memory = came(PROGRAMMES["full"], [LINK, SIGN_UP])
    assert memory.say("order.completed", "bob", 0.5, value=1, currency="USD") == "before_referral"
    assert memory.say("order.refunded", "bob", 0.5, value=1, currency="USD") == "before_referral"
    assert memory.say("order.completed", "bob", 1, value=1, currency="USD") == "rewarded"
    assert memory.say("order.refunded", "bob", 0.9, value=1, currency="USD") == "before_referral"


def test_a_refund_dated_before_the_reward_and_naming_no_order_is_of_an_older_one() -> None:
    memory = came(PROGRAMMES["proportional"], [LINK, SIGN_UP, order(3)])
    assert memory.say("order.refunded", "bob", 2, value=1_000, currency="USD") == "nothing_to_reverse"
    assert memory.say("order.refunded", "bob", 4, value=1_500, currency="USD") == "reversed"
    assert memory.reward("thanks").reversed == 500


def test_moves_that_name_a_lead_before_it_is_submitted_are_told_again() -> None:
    document = sales(rewards=[thanks(approval={"by": "finance"}, reverse=PARTS)])
    memory = Memory(document)
    early_ones = [
        ("order.refunded", "x", 5, {"referral": "L1", "value": 500, "currency": "USD"}),
        ("reward.approved", None, 4, {"referral": "L1", "rule": "thanks"}),
        ("referral.closed_won", None, 3, {"referral": "L1", "value": 1_000}),
        ("referral.qualified", None, 1, {"referral": "L1"}),
    ]
    for kind, who, day, told in early_ones:
        reason, trace = memory.tell(kind, who, day, **told)
        assert (reason, trace) == ("unknown_referral", {"kept": True})
    submit(memory, day=2)
    assert memory.referral().state == "submitted"
    memory.ring(START + timedelta(days=60))
    assert memory.rung == [
        "fact.recalled advanced",
        "fact.recalled rewarded",
        "fact.recalled recorded",
        "fact.recalled reversed",
    ]
    assert memory.referral().qualified_at == START + timedelta(days=2), "counted when the referral began"
    assert (memory.referral().closed_at, memory.reward("thanks").approved_at) == (
        START + timedelta(days=3),
        START + timedelta(days=4),
    )
    assert (memory.reward("thanks").state, memory.reward("thanks").reversed) == ("approved", 500)
    assert end(memory)["kept"] == 0


@pytest.mark.parametrize("name", ["ref_01hzzzzzzzzzzzzzzzzzzzzzzz", "L1"])
def test_what_can_never_be_known_is_not_kept(name: str) -> None:
    document = self_serve() if name == "L1" else sales()
    memory = Memory(document)
    assert memory.tell("referral.qualified", referral=name) == ("unknown_referral", {})
    assert memory.state.early == {}


def test_an_approval_before_the_reward_waits_for_it() -> None:
    memory = Memory(sales(rewards=[thanks(approval={"by": "finance"})]))
    submit(memory)
    assert memory.tell("reward.approved", referral="L1", rule="thanks") == ("unknown_reward", {"kept": True})
    assert memory.tell("reward.approved", referral="L1", rule="nothing") == ("unknown_reward", {})
    assert memory.say("referral.qualified", referral="L1", day=1) == "advanced"
    assert memory.state.timers == {}
    assert memory.say("referral.closed_won", referral="L1", day=2) == "rewarded"
    memory.ring(START + timedelta(days=2))
    assert memory.reward("thanks").state == "approved"
    assert memory.reward("thanks").approved_at == START + timedelta(days=2)


def test_an_approval_dated_before_the_reward_counts_from_the_reward() -> None:
    memory = Memory(sales(rewards=[thanks(approval={"by": "finance"})]))
    submit(memory)
    memory.say("referral.closed_won", referral="L1", day=2)
    reason, trace = memory.tell("reward.approved", None, 1, referral="L1", rule="thanks")
    assert (reason, trace["counted_at"]) == ("recorded", (START + timedelta(days=2)).isoformat())
    assert memory.reward("thanks").approved_at == START + timedelta(days=2)
    assert {row.effective_at for row in memory.state.changes.transfers} == {START + timedelta(days=2)}


def test_a_late_reversal_is_booked_after_what_it_takes_back() -> None:
    memory = came(PROGRAMMES["full, held"], [LINK, SIGN_UP, order(3)])
    assert memory.say("order.refunded", "bob", 5, value=3_000, currency="USD") == "reversed"
    assert [row.effective_at for row in memory.state.changes.transfers if row.code == "reverse"] == [
        START + timedelta(days=13)
    ]


def test_no_more_is_kept_than_the_limit() -> None:
    memory = referred(Memory(self_serve(rewards=[thanks(reverse=REVERSE)])))
    said = [memory.say("order.refunded", "bob", 4, value=1, currency="USD") for _ in range(early.MAX_KEPT + 1)]
    assert said == ["kept_for_later"] * early.MAX_KEPT + ["nothing_to_reverse"]
    memory.say("order.completed", "bob", 3, value=500, currency="USD")
    memory.ring(START + timedelta(days=60))
    assert end(memory)["kept"] == 0


def test_a_full_house_keeps_what_it_has_when_it_is_told_again() -> None:
    lifecycle = {
        "flow": "self_serve",
        "qualified": {"on": "order.completed"},
        "closed_won": {"on": "invoice.paid"},
    }
    document = self_serve(
        lifecycle=lifecycle, rewards=[thanks(on="referral.qualified"), thanks(id="more", reverse=REVERSE)]
    )
    memory = referred(Memory(document))
    for _ in range(early.MAX_KEPT):
        memory.say("order.refunded", "bob", 4, value=1, currency="USD")
    memory.say("order.completed", "bob", 3, value=500, currency="USD")
    memory.ring(START + timedelta(days=5))
    assert memory.rung == ["fact.recalled kept_for_later"] * early.MAX_KEPT
    assert memory.say("invoice.paid", "bob", 3.5, value=1, currency="USD") == "rewarded"
    memory.ring(START + timedelta(days=5))
    assert memory.reward("more").state == "reversed"


def test_facts_of_a_person_are_counted_at_a_late_sign_up_as_of_its_day() -> None:
    document = self_serve(eligibility=FIRST_ORDER)
    assert came(document, [LINK, order(0.5), SIGN_UP]).rewards() == []
    assert len(came(document, [LINK, order(2), SIGN_UP]).rewards()) == 1


def test_a_timer_without_its_fact_changes_nothing() -> None:
    memory = referred(Memory(self_serve(rewards=[thanks(reverse=REVERSE)])))
    memory.say("order.refunded", "bob", 4, value=1, currency="USD")
    memory.say("order.completed", "bob", 3, value=500, currency="USD")
    memory.state.early.clear()
    memory.ring(START + timedelta(days=5))
    assert memory.rung == ["fact.recalled superseded"]


# Waitlists


def waiting(how: str, **reverse: Any) -> dict[str, Any]:
    """One reward a month; the second waits."""
    return sales(
        rewards=[thanks(reverse={"on": ["order.refunded", "deal.undone"], "how": how, **reverse})],
        limits=[{"per": "program", "every": "month", "count": 1, "when_reached": "waitlist"}],
    )


def waits(document: Mapping[str, Any], **told: Any) -> Memory:
    """The referral L2 waits for next month, with a deal of 10 USD."""
    memory = Memory(document)
    for name in ("L1", "L2"):
        submit(memory, name, name)
        memory.say("referral.closed_won", referral=name, value=1_000, order_id=name)
    assert [row.rule for row in memory.state.rewards.values()] == ["thanks"]
    return memory


@pytest.mark.parametrize(
    ("how", "kind", "values", "left"),
    [
        ("full", "order.refunded", [1], None),
        ("full", "deal.undone", [1_000], None),
        ("proportional", "order.refunded", [400], (1000, 400)),
        ("proportional", "order.refunded", [400, 100], (1000, 500)),
        ("proportional", "order.refunded", [400, 600], None),
        ("proportional", "order.refunded", [9_999], None),
        ("proportional", "deal.undone", [1], None),
        ("none", "order.refunded", [1_000], (1000, 0)),
    ],
)
def test_what_is_taken_back_while_a_reward_waits_is_not_paid_when_its_turn_comes(
    how: str, kind: str, values: list[int], left: tuple[int, int] | None
) -> None:
    memory = waits(waiting(how))
    for value in values:
        said = memory.say(kind, "x", 2, referral="L2", value=value, currency="USD")
        assert said == ("nothing_to_reverse" if how == "none" else "kept_for_later")
    memory.ring(START + timedelta(days=40))
    rows = [row for row in memory.state.rewards.values() if row.referral_id == memory.referral(1).id]
    if left is None:
        assert rows == []
        assert memory.rung == ["waitlist.reached reversed_while_waiting"]
        return
    assert [(row.amount, row.reversed, row.state) for row in rows] == [(*left, "approved")]
    assert sum(row.amount for row in memory.state.changes.transfers if row.reward_id == rows[0].id) == left[0] - left[1]
    if left[1]:
        memory.say("order.refunded", "x", 41, referral="L2", value=1_000 - left[1], currency="USD")
        assert memory.state.rewards[rows[0].id].state == "reversed"


def test_a_refund_of_another_order_leaves_the_waiting_reward_alone() -> None:
    memory = waits(waiting("full"))
    assert (
        memory.say("order.refunded", "x", 2, referral="L2", order_id="o", value=1, currency="USD")
        == "nothing_to_reverse"
    )
    memory.ring(START + timedelta(days=40))
    assert memory.rung == ["waitlist.reached rewarded"]


def test_a_refund_in_a_currency_without_a_rate_takes_no_share_of_the_waiting_reward() -> None:
    memory = waits(waiting("proportional"))
    memory.say("order.refunded", "x", 2, referral="L2", value=1, currency="NOK")
    memory.ring(START + timedelta(days=40))
    assert memory.rung == ["waitlist.reached rewarded"]
    assert [row.reversed for row in memory.state.rewards.values()] == [0, 0]


def test_a_condition_on_taking_back_is_asked_while_the_reward_waits() -> None:
    memory = waits(waiting("full", when="event.value >= 500"))
    assert memory.say("order.refunded", "x", 2, referral="L2", value=1, currency="USD") == "nothing_to_reverse"
    assert memory.say("order.refunded", "x", 2, referral="L2", value=500, currency="USD") == "kept_for_later"


def test_a_gift_without_an_amount_is_taken_back_wholly_while_it_waits() -> None:
    document = waiting("proportional")
    document["rewards"][0]["give"] = {"type": "access"}
    memory = waits(document)
    memory.say("order.refunded", "x", 2, referral="L2", value=1, currency="USD")
    memory.ring(START + timedelta(days=40))
    assert memory.rung == ["waitlist.reached reversed_while_waiting"]


# Clocks ahead


def test_a_fact_dated_ahead_happens_when_it_is_received() -> None:
    from goodword.domain.events import from_log

    ahead = START + timedelta(hours=20)
    event = from_log("id", "order.completed", "api", "e", ahead, START, {"properties": {}})
    assert event.occurred_at == START
    assert event._replace(occurred_at=ahead).occurred_at == ahead
