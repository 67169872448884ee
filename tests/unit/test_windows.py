"""What people did within a time, as a document counts it: hand-reckoned sums, their edges, and what takes them back."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import pytest

from goodword.domain import ids
from goodword.domain.program import ProgramError, read
from support.documents import self_serve, thanks
from support.loyalty import earns, points, shop
from support.memory import Memory
from unit.test_decide import referred

ORDERS = {"id": "seen", "count": "order.completed"}
SPENT = {"id": "seen", "sum": "order.completed"}


def counting(**entry: Any) -> Memory:
    """Each order gives Ada as many points as `history.seen` says."""
    rule = earns(give={"type": "points", "unit": "points", "amount": {"cel": "history.seen"}})
    return Memory(shop(timezone="America/New_York", rewards=[rule], history=[{"id": "seen", **entry}]))


def buys(memory: Memory, day: float, value: int = 100, order: str | None = None, **told: Any) -> int:
    """What `history.seen` is at an order of Ada's."""
    named = {"order_id": order} if order else {}
    before = points(memory.state).get("ada", 0)
    memory.say("order.completed", "ada", day, **{"value": value, "currency": "USD", **named, **told})
    return points(memory.state).get("ada", 0) - before


def gives_back(memory: Memory, day: float, value: int, order: str | None, currency: str = "USD") -> None:
    # Points are not taken back: the rule has no reverse for what the test looks at.
    named = {"order_id": order} if order else {}
    memory.say("order.refunded", "ada", day, value=value, currency=currency, **named)


def test_a_window_has_today_and_the_days_before_it() -> None:
    memory = counting(count="order.completed", within="P30D")
    # 5 January is day 0. On day 29 it is in the thirty days, on day 30 no more.
    assert [buys(memory, day) for day in (0, 0, 10, 29, 30, 39.4, 40)] == [1, 2, 3, 4, 3, 4, 4]


def test_days_are_those_of_the_time_zone() -> None:
    memory = counting(count="order.completed", within="P1D")
    # The history begins at 07:00 in New York; midnight there is 17 hours later.
    assert buys(memory, 0) == 1
    assert buys(memory, (16 * 3600 + 3599) / 86400) == 2
    assert buys(memory, 17 * 3600 / 86400) == 1


def test_a_calendar_period_begins_anew_and_none_counts_for_ever() -> None:
    memory = counting(sum="order.completed", every="month")
    assert [buys(memory, day, 250) for day in (0, 26, 27)] == [250, 500, 250]  # 5 and 31 January, 1 February
    memory = counting(count="order.completed")
    assert [buys(memory, day) for day in (0, 150, 300)] == [1, 2, 3]


def test_another_property_is_added_up_and_what_is_no_number_is_not() -> None:
    memory = counting(sum="order.completed", of="kilometres", within="P7D")
    told = [7, None, -1, 2.5, "3", True, 5]
    assert [buys(memory, 0, kilometres=value) for value in told] == [7, 7, 7, 7, 7, 7, 12]


def test_a_late_fact_counts_on_its_day() -> None:
    memory = counting(count="order.completed", within="P2D")
    assert [buys(memory, day) for day in (10, 9, 8, 10)] == [1, 1, 1, 3]


def test_another_currency_is_exchanged_and_without_a_rate_it_is_left_out() -> None:
    memory = counting(sum="order.completed", within="P7D")
    memory.say("fx.rate_published", None, 0, base="EUR", quote="USD", rate="1.25", date="2026-01-05", source="ECB")
    assert buys(memory, 0, 1000) == 1000
    assert buys(memory, 0, 400, currency="EUR") == 1500
    assert buys(memory, 0, 400, currency="NOK") == 1500
    assert buys(memory, 0, 1) == 1501


def refunded(entry: dict[str, Any], *refunds: tuple[float, int, str | None]) -> int:
    """What is left of two orders, of 10.00 (`a`) and 4.00 (`b`), and one cent, after these refunds."""
    memory = counting(**entry)
    buys(memory, 0, 1000, "a")
    buys(memory, 1, 400, "b")
    for day, value, order in refunds:
        gives_back(memory, day, value, order)
    have = points(memory.state).get("ada", 0)
    memory.say("order.completed", "ada", 9, value=1, currency="USD")
    return points(memory.state).get("ada", 0) - have


@pytest.mark.parametrize(
    ("entry", "refunds", "left"),
    [
        ({"sum": "order.completed"}, [(2, 300, "a")], 1101),
        ({"sum": "order.completed"}, [(2, 300, "a"), (3, 700, "a"), (3, 1, "a")], 401),  # no more than the order
        ({"sum": "order.completed"}, [(2, 9999, "a")], 401),
        ({"sum": "order.completed"}, [(2, 300, None), (2, 300, "unknown")], 801),
        ({"sum": "order.completed"}, [(2, 9999, None)], 0),  # never below nothing
        ({"sum": "order.completed", "within": "P9D"}, [(2, 1000, "a")], 401),  # off the order's own day, which is out
        ({"sum": "order.completed", "within": "P10D"}, [(2, 400, "b")], 1001),
        ({"count": "order.completed"}, [(2, 999, "a")], 3),  # a part of an order is an order
        ({"count": "order.completed"}, [(2, 999, "a"), (3, 1, "a"), (4, 1, "a")], 2),
        ({"count": "order.completed"}, [(2, 400, None)], 3),
        ({"count": "order.refunded"}, [(2, 400, None), (3, 1, "a")], 2),
    ],
)
def test_a_refund_is_taken_off(entry: dict[str, Any], refunds: list[tuple[float, int, str | None]], left: int) -> None:
    assert refunded(entry, *refunds) == left


def test_the_parts_of_an_order_stand_on_its_first_day() -> None:
    memory = counting(sum="order.completed", within="P5D")
    assert [buys(memory, 0, 600, "a"), buys(memory, 4, 500, "a")] == [600, 1100]
    gives_back(memory, 4, 500, "a")
    assert buys(memory, 4, 1) == 601


def test_whose_it_is() -> None:
    rules = [
        thanks(id=name, on="order.completed", give={"type": "account_credit", "amount": {"cel": f"history.{name}"}})
        for name in ("friend", "own")
    ]
    history = [
        {"id": "friend", "count": "order.completed"},
        {"id": "own", "count": "order.completed", "whose": "referrer"},
    ]
    memory = referred(Memory(self_serve(rewards=rules, history=history)))
    for day in (1, 2):
        memory.say("order.completed", "ada", day, value=1, currency="USD")
    memory.say("order.completed", "bob", 3, value=1, currency="USD")
    assert [reward[2] for reward in sorted(memory.rewards())] == [1, 2]


def test_who_is_merged_brings_what_they_did() -> None:
    memory = counting(count="order.completed", within="P30D")
    buys(memory, 0)
    memory.say("order.completed", "eve", 1, value=1, currency="USD")
    memory.say("participant.identified", "ada", 2, previous_id="eve")
    assert buys(memory, 3) == 3
    memory.say("participant.split", "ada", 4, previous_id="eve")
    assert buys(memory, 5) == 3


@pytest.mark.parametrize(
    ("entry", "before", "seen"),
    [
        ({"sum": "order.completed"}, [("order.completed", 0.9, 150)], 150),
        ({"sum": "order.completed"}, [("order.completed", 1.1, 150), ("order.completed", 3, 7)], 0),
        ({"sum": "order.completed"}, [("order.completed", 0.5, 150), ("order.refunded", 1.1, 40)], 150),
        ({"count": "order.completed"}, [("order.completed", 1, 150), ("order.completed", 0.9, 7)], 1),
    ],
)
def test_what_happened_only_later_is_not_seen(
    entry: dict[str, Any], before: list[tuple[str, float, int]], seen: int
) -> None:
    """A sign-up on day 1 that is heard of after the person's orders sees those that came before it."""
    eligibility = {"be_referred": [{"code": "other", "when": f"history.seen == {seen}"}]}
    history = [{"id": "seen", "within": "P30D", **entry}]
    memory = Memory(self_serve(eligibility=eligibility, history=history))
    memory.say("link.created", "ada", 0, program="simple", code="ada")
    for kind, day, value in before:
        memory.say(kind, "bob", day, value=value, currency="USD", order_id="a")
    assert memory.say("participant.signed_up", "bob", 1, code="ada") == "opened"


def test_a_first_order_that_tells_who_brought_the_person_is_not_in_their_history() -> None:
    eligibility = {"be_referred": [{"code": "ordered", "when": "history.seen == 0"}]}
    memory = Memory(self_serve(eligibility=eligibility, history=[{"id": "seen", "count": "order.completed"}]))
    memory.say("link.created", "ada", 0, program="simple", code="ada")
    assert memory.say("order.completed", "bob", 1, value=1, currency="USD", code="ada") == "rewarded"


def test_an_expression_over_a_count_is_bounded_like_others() -> None:
    document = shop(rewards=[earns(when="history.seen >= 2")], history=[{"id": "seen", "count": "order.completed"}])
    memory = Memory(document)
    told = [memory.say("order.completed", "ada", day, value=1, currency="USD") for day in (0, 1)]
    assert told == ["condition_not_met", "rewarded"]


# Experiments

SIZE = {"id": "size", "variants": [{"id": "as-now", "weight": 3}, {"id": "more", "weight": 1}]}


def test_a_variant_is_drawn_by_a_hash_that_anybody_can_repeat() -> None:
    amount = {"cel": "experiment.size == 'more' ? 50 : 10"}
    memory = Memory(
        shop(rewards=[earns(give={"type": "points", "unit": "points", "amount": amount})], experiments=[SIZE])
    )
    drawn = {}
    for number in range(200):
        memory.say("order.completed", f"p{number}", 0, value=1, currency="USD")
    for row in memory.state.rewards.values():
        text = f"shop:size:{ids.public('par', row.participant_id)}"
        place = int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "big") % 4
        drawn[row.participant_id] = (row.amount, 10 if place < 3 else 50)
    assert all(given == expected for given, expected in drawn.values())
    assert {given for given, _ in drawn.values()} == {10, 50}


@pytest.mark.parametrize("whose", ["referrer", "referred"])
def test_a_side_of_the_referral_is_drawn_and_the_trace_says_which_variant(whose: str) -> None:
    size = {**SIZE, "whose": whose}
    rule = thanks(when="experiment.size in ['as-now', 'more']")
    memory = referred(Memory(self_serve(rewards=[rule], experiments=[size])))
    reason, trace = memory.tell("order.completed", "bob", 1, value=1, currency="USD")
    row = memory.referral()
    person = row.referrer_id if whose == "referrer" else row.referred_id
    text = f"simple:size:{ids.public('par', person)}"
    place = int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "big") % 4
    assert (reason, trace["checks"][0]["read"]) == ("rewarded", {"experiment.size": "as-now" if place < 3 else "more"})


# Faults


def counts(*entries: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return self_serve(history=list(entries), **changes)


@pytest.mark.parametrize(
    ("document", "path", "words"),
    [
        (self_serve(rewards=[thanks(when="history.ordrs > 1")]), "rewards.0.when", "did you mean orders?"),
        (counts(ORDERS, rewards=[thanks(when="history.sen > 1")]), "rewards.0.when", "did you mean seen?"),
        (self_serve(rewards=[thanks(when="experiment.x == 'a'")]), "rewards.0.when", "Known: none; the document"),
        (self_serve(rewards=[thanks(when="history")]), "rewards.0.when", "is a group of facts"),
        (counts(ORDERS, rewards=[thanks(when="history.seen")]), "rewards.0.when", "never true or false"),
        (counts(ORDERS, lifecycle={"flow": "sales", "closed_won": {"on": "crm.won", "when": "history.see == 1"}}),
         "lifecycle.closed_won.when", "did you mean seen?"),
        (self_serve(rewards=[thanks(give={"type": "cash", "amount": {"cel": "history.ordes * 2"}})]),
         "rewards.0.give.amount.cel", "did you mean orders?"),
        (counts(ORDERS, SPENT), "history.1.id", "used twice"),
        (counts({**ORDERS, "id": "orders"}), "history.0.id", "recent_orders"),
        (counts({"id": "x"}), "history.0", "either count or sum"),
        (counts({**ORDERS, **SPENT}), "history.0", "either count or sum"),
        (counts({"id": "x", "count": "order.completd"}), "history.0.count", "did you mean order.completed?"),
        (counts({**ORDERS, "of": "value"}), "history.0.of", "beside sum"),
        (counts({**ORDERS, "within": "P30D", "every": "month"}), "history.0.within", "either every or within"),
        (counts({**ORDERS, "within": "P1M"}), "history.0.within", "whole days"),
        (counts({**ORDERS, "within": "PT24H"}), "history.0.within", "whole days"),
        (shop(history=[{**ORDERS, "whose": "referrer"}]), "history.0.whose", "leave whose out"),
        (shop(experiments=[{**SIZE, "whose": "referred"}]), "experiments.0.whose", "leave whose out"),
        (self_serve(experiments=[SIZE, SIZE]), "experiments.1.id", "used twice"),
        (self_serve(experiments=[{**SIZE, "variants": [{"id": "a", "weight": 1}] * 2}]), "experiments.0.variants.1.id",
         "used twice"),
        (self_serve(experiments=[{**SIZE, "variants": []}]), "experiments.0.variants", "at least 2"),
        (self_serve(experiments=[SIZE], rewards=[thanks(when="experiment.size == 'mor'")]), "rewards.0.when",
         "did you mean more?"),
        (self_serve(experiments=[SIZE], rewards=[thanks(when="experiment.size in ['more', \"z\"]")]), "rewards.0.when",
         "unknown variant 'z'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(document: dict[str, Any], path: str, words: str) -> None:
    with pytest.raises(ProgramError) as caught:
        read(document)
    assert [(fault.path, words in fault.message) for fault in caught.value.faults] == [(path, True)]


def test_what_conditions_compare_with_may_be_anything_else() -> None:
    when = "experiment.size != 'more' && experiment.size in referrer.traits.sizes && history.orders < 3"
    spring = {"id": "spring", "from": "2026-03-01", "to": "2026-03-31", "rewards": {"thanks": {"add": 1}}, "when": when}
    read(self_serve(experiments=[SIZE], rewards=[thanks(when=when)], campaigns=[spring]))
