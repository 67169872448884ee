"""Rewards beyond what the recipes show: rules, limits, campaigns, tiers, and what becomes of a reward."""

from __future__ import annotations

from typing import Any

import pytest

from goodword.domain import ids
from goodword.domain.program import Program
from support.documents import sales, self_serve, thanks
from support.memory import START, Memory
from unit.test_decide import referred, submit

CREDIT = {"type": "account_credit", "amount": 1000}
TIERS = [
    {"id": "low", "from": 1, "metric": "submitted_referrals"},
    {"id": "mid", "from": 2, "metric": "submitted_referrals"},
    {"id": "high", "from": 3, "metric": "submitted_referrals"},
]


def won(memory: Memory, count: int = 1, day: float = 0, **told: Any) -> list[str | None]:
    """Submits and wins that many further referrals of Ada's; the reasons of the wins."""
    reasons = []
    for _ in range(count):
        name = f"w{memory.sent}"
        assert submit(memory, name, name, day) == "opened"
        reasons.append(memory.say("referral.closed_won", day=day, referral=name, **told))
    return reasons


def lines(memory: Memory, kind: str, who: str | None = None, day: float = 0, **told: Any) -> dict[str, dict[str, Any]]:
    """The lines of the trace about rewards, by rule."""
    return {line["rule"]: line for line in memory.tell(kind, who, day, **told)[1].get("rewards", [])}


# Whether a rule pays


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ("event.value >= 100", "rewarded"),
        ("event.value > 100", "condition_not_met"),
        ("event.properties.nothing > 1", "condition_error"),
    ],
)
def test_a_rule_pays_where_its_condition_holds(when: str, reason: str) -> None:
    memory = Memory(sales(rewards=[thanks(when=when)]))
    assert won(memory, value=100, currency="USD") == [reason]


def test_a_rule_pays_once_for_a_referral() -> None:
    lifecycle = {"flow": "sales", "expire_after": "P30D"}
    memory = Memory(sales(lifecycle=lifecycle, rewards=[thanks(on="referral.qualified")]))
    submit(memory)
    memory.say("referral.qualified", day=1, referral="L1")
    [referral] = memory.state.referrals.values()
    memory.state.load(referral._replace(state="submitted"))
    found = lines(memory, "referral.qualified", day=2, referral="L1")
    assert (found["thanks"]["ok"], found["thanks"]["reason"]) == (False, "already_granted")
    assert found["thanks"]["reward"] == memory.reward("thanks").id


def test_the_headline_is_the_first_refusal_where_nothing_is_paid() -> None:
    memory = Memory(
        sales(rewards=[thanks(when="false"), thanks(id="more", give={"type": "cash", "amount": 1}, when="false")])
    )
    assert won(memory) == ["condition_not_met"]


def test_what_nobody_told_is_not_held_against_anybody() -> None:
    when = "!referred.is_customer && !referred.in_pipeline && !account.in_collections && !account.open_dispute"
    memory = Memory(sales(rewards=[thanks(when=when)]))
    assert won(memory) == ["rewarded"]


# Tiers


def test_no_tier_reached_pays_nothing() -> None:
    rule = thanks(give={"type": "cash", "amount": {"by_tier": {"high": 5}}})
    memory = Memory(sales(tiers=TIERS[2:], rewards=[rule]))
    assert won(memory, 3) == ["no_tier", "no_tier", "rewarded"]


def test_a_tier_that_is_not_named_has_the_amount_of_the_one_below_it() -> None:
    rule = thanks(give={"type": "cash", "amount": {"by_tier": {"low": 100, "high": 300}}})
    memory = Memory(sales(tiers=TIERS, rewards=[rule]))
    won(memory, 3)
    assert [amount for _, _, amount in memory.rewards()] == [100, 100, 300]


def test_below_the_first_named_tier_there_is_no_amount() -> None:
    rule = thanks(give={"type": "cash", "amount": {"by_tier": {"mid": 200}}})
    memory = Memory(sales(tiers=TIERS, rewards=[rule]))
    assert won(memory, 2) == ["no_tier", "rewarded"]


def test_a_tier_may_need_another_one_and_metrics_may_be_mixed() -> None:
    tiers = [
        {"id": "sender", "from": 3, "metric": "submitted_referrals"},
        {"id": "closer", "from": 1, "metric": "closed_won_referrals", "after": "sender"},
        {"id": "star", "from": 2, "metric": "closed_won_referrals", "after": "closer"},
    ]
    memory = Memory(
        sales(
            tiers=tiers,
            rewards=[thanks(give={"type": "cash", "amount": {"by_tier": {"sender": 1, "closer": 2, "star": 3}}})],
        )
    )
    assert won(memory) == ["no_tier"]
    submit(memory, "a", "a")
    won(memory)
    assert [amount for _, _, amount in memory.rewards()] == [3]


def test_duplicates_and_disqualified_referrals_do_not_count_for_a_tier() -> None:
    memory = Memory(
        sales(tiers=TIERS, rewards=[thanks(give={"type": "cash", "amount": {"by_tier": {"low": 1, "mid": 2}}})])
    )
    submit(memory, "L1", "grace")
    submit(memory, "L2", "grace")
    submit(memory, "L3", "hugo")
    memory.say("referral.disqualified", referral="L3")
    memory.say("referral.closed_won", referral="L1")
    assert [amount for _, _, amount in memory.rewards()] == [1]


def test_the_trace_tells_the_tier_and_the_count_that_decided() -> None:
    memory = Memory(
        sales(tiers=TIERS, rewards=[thanks(give={"type": "cash", "amount": {"by_tier": {"low": 1, "mid": 2}}})])
    )
    submit(memory, "L1", "a")
    submit(memory, "L2", "b")
    line = lines(memory, "referral.closed_won", referral="L1")["thanks"]
    assert (line["tier"], line["tier_count"], line["amount"], line["unit"]) == ("mid", 2, 2, "USD")


# Campaigns


def test_campaigns_multiply_then_add_in_the_order_of_the_document() -> None:
    day = {"from": "2026-01-05", "to": "2026-01-05"}
    campaigns = [
        {"id": "half-more", **day, "rewards": {"thanks": {"multiply": 1.5, "add": 3}}},
        {"id": "other", **day, "rewards": {"else": {"add": 1000}}},
        {"id": "never", **day, "when": "false", "rewards": {"thanks": {"add": 1000}}},
        {"id": "bonus", **day, "rewards": {"thanks": {"add": 2}}},
        {"id": "gone", "from": "2026-01-04", "to": "2026-01-04", "rewards": {"thanks": {"add": 1000}}},
    ]
    other = thanks(id="else", on="referral.closed_lost")
    memory = Memory(sales(campaigns=campaigns, rewards=[thanks(give={**CREDIT, "amount": 5}), other]))
    won(memory)  # 5 x 1.5 = 7.5, to the even 8; + 3 + 2
    assert memory.rewards() == [("thanks", "approved", 13)]


def test_a_campaign_changes_nothing_about_a_gift_without_an_amount() -> None:
    campaign = {"id": "c", "from": "2026-01-05", "to": "2026-01-05", "rewards": {"thanks": {"add": 1}}}
    memory = Memory(sales(campaigns=[campaign], rewards=[thanks(give={"type": "access", "name": "Early"})]))
    won(memory)
    assert memory.rewards() == [("thanks", "approved", None)]


# Limits


@pytest.mark.parametrize(
    ("limit", "reasons", "amounts"),
    [
        ({"per": "program", "budget": 2500}, ["rewarded", "rewarded", "cap_reached"], [1000, 1000]),
        (
            {"per": "program", "budget": 2500, "when_reached": "partial"},
            ["rewarded", "rewarded", "rewarded", "cap_reached"],
            [1000, 1000, 500],
        ),
        ({"per": "program", "count": 2}, ["rewarded", "rewarded", "cap_reached"], [1000, 1000]),
        ({"per": "referrer", "count": 1, "rules": ["thanks"]}, ["rewarded", "cap_reached"], [1000]),
        ({"per": "account", "count": 1}, ["rewarded", "cap_reached"], [1000]),
        ({"per": "referred", "count": 1}, ["rewarded", "rewarded"], [1000, 1000]),
    ],
)
def test_a_limit_stops_what_is_over_it(limit: dict[str, Any], reasons: list[str], amounts: list[int]) -> None:
    memory = Memory(sales(limits=[limit]))
    assert won(memory, len(reasons)) == reasons
    assert [amount for _, _, amount in memory.rewards()] == amounts


def test_a_refused_reward_tells_which_limit_and_how_much_was_used() -> None:
    memory = Memory(sales(limits=[{"per": "program", "every": "year", "budget": 1500}]))
    won(memory)
    submit(memory, "L2", "b")
    line = lines(memory, "referral.closed_won", referral="L2")["thanks"]
    assert line["limit"] == {"per": "program", "period": "year", "used": 1000, "limit": 1500, "unit": "USD"}


def test_every_limit_must_leave_room_and_a_refused_reward_uses_none() -> None:
    limits = [{"per": "referrer", "every": "day", "count": 2}, {"per": "program", "budget": 1500}]
    memory = Memory(sales(limits=limits))
    assert won(memory, 3) == ["rewarded", "cap_reached", "cap_reached"]
    line = lines_of_next(memory)
    assert line["limit"]["per"] == "program"


def lines_of_next(memory: Memory) -> dict[str, Any]:
    submit(memory, "next", "next")
    return lines(memory, "referral.closed_won", referral="next")["thanks"]


def test_an_accounts_limit_counts_its_people_together_and_loners_alone() -> None:
    memory = Memory(self_serve(limits=[{"per": "account", "count": 1}]))
    for who in ("ann", "art"):
        memory.send({"type": "participant.identified", "event_id": who, "participant": who, "account": "acme"})
    for who in ("ann", "art", "liz"):
        memory.say("link.created", who, program="simple", code=f"{who}-code")
        memory.say("participant.signed_up", f"{who}-friend", code=f"{who}-code")
    reasons = [memory.say("order.completed", f"{who}-friend", value=1, currency="USD") for who in ("ann", "art", "liz")]
    assert reasons == ["rewarded", "cap_reached", "rewarded"]


def test_a_limit_per_referred_person_counts_their_rewards() -> None:
    rules = [thanks(id="one", to="referred"), thanks(id="two", to="referred"), thanks()]
    memory = Memory(sales(rewards=rules, limits=[{"per": "referred", "count": 1}]))
    won(memory)
    assert [rule for rule, _, _ in memory.rewards()] == ["one", "thanks"]


def test_a_budget_is_in_the_programmes_currency_and_other_units_do_not_count() -> None:
    rules = [thanks(give={"type": "points", "amount": 900, "unit": "points"}), thanks(id="cash")]
    memory = Memory(sales(units=["points"], rewards=rules, limits=[{"per": "program", "budget": 1000}]))
    assert won(memory, 2) == ["rewarded", "rewarded"]
    assert memory.rewards() == [("thanks", "approved", 900), ("cash", "approved", 1000), ("thanks", "approved", 900)]


def test_a_limit_that_names_many_rules_has_a_short_name_all_the_same() -> None:
    rules = [thanks(id=f"a-rule-with-a-long-name-{number}", on="referral.closed_lost") for number in range(5)]
    names = [rule["id"] for rule in rules] + ["thanks"]
    memory = Memory(sales(rewards=[*rules, thanks()], limits=[{"per": "program", "count": 1, "rules": names}]))
    assert won(memory, 2) == ["rewarded", "cap_reached"]
    assert max(len(name) for counters in memory.state.counters.values() for name in counters) < 200


def test_the_waitlist_is_tried_again_and_again() -> None:
    limit = {"per": "program", "every": "day", "budget": 1000, "when_reached": "waitlist"}
    memory = Memory(sales(limits=[limit]))
    assert won(memory, 3) == ["rewarded", "waitlisted", "waitlisted"]
    memory.say("clock.ticked", "clock", 2)
    assert memory.rung == ["waitlist.reached rewarded", "waitlist.reached waitlisted", "waitlist.reached rewarded"]
    assert [state for _, state, _ in memory.rewards()] == ["approved"] * 3


def test_limits_that_differ_only_in_how_much_they_allow_count_a_reward_once() -> None:
    limit = {"per": "referrer", "every": "day"}
    memory = Memory(sales(rewards=[thanks()], limits=[limit | {"count": 3}, limit | {"count": 2}]))
    assert won(memory, 3) == ["rewarded", "rewarded", "cap_reached"]


@pytest.mark.parametrize("first", [None, "acme"])
def test_a_place_is_given_back_to_the_account_that_had_it(first: str | None) -> None:
    rule = thanks(approval={"by": "finance"})
    memory = Memory(sales(rewards=[rule], limits=[{"per": "account", "count": 1}]))

    def works_for(who: str, account: str) -> None:
        event = {"type": "participant.identified", "participant": who, "account": account, "properties": {}}
        memory.send(event | {"event_id": f"{who}-{account}-{memory.sent}", "occurred_at": START})

    if first:
        works_for("ada", first)
    assert won(memory) == ["rewarded"]
    works_for("ada", "globex")
    assert won(memory) == ["rewarded"], "a place of the new company's"
    name = memory.referral().external_id
    assert memory.say("reward.rejected", referral=name, rule="thanks") == "recorded"
    assert won(memory) == ["cap_reached"], "the place given back is not the new company's"
    if first:
        works_for("ada", first)
        assert won(memory, 2) == ["rewarded", "cap_reached"]


def test_a_place_taken_before_places_were_kept_is_given_back_to_the_present_account() -> None:
    memory = Memory(sales(rewards=[thanks(approval={"by": "finance"})], limits=[{"per": "account", "count": 1}]))
    assert won(memory) == ["rewarded"]
    memory.state.counters.pop(memory.referral().id)
    assert memory.say("reward.rejected", referral=memory.referral().external_id, rule="thanks") == "recorded"
    assert won(memory, 2) == ["rewarded", "cap_reached"]


# What becomes of a reward


def moved(memory: Memory, *moves: str, day: float = 0) -> list[str | None]:
    reward = ids.public("rwd", memory.reward("thanks").id)
    return [memory.say(f"reward.{move}", day=day, reward=reward) for move in moves]


def test_a_held_gift_without_an_amount_moves_without_money() -> None:
    rule = thanks(give={"type": "access"}, hold="P1D", reverse={"on": ["order.refunded"]})
    memory = Memory(sales(rewards=[rule]))
    won(memory)
    memory.say("clock.ticked", "clock", 1)
    assert memory.rewards() == [("thanks", "approved", None)]
    assert moved(memory, "issued", "redeemed", day=1) == ["recorded", "recorded"]
    assert memory.state.changes.transfers == []
    assert memory.say("order.refunded", _friend(memory), 2, value=1, currency="USD") == "reversed"
    assert memory.rewards() == [("thanks", "reversed", None)]


def _friend(memory: Memory) -> str:
    email = memory.state.participants[memory.referral().referred_id].email
    return email.removesuffix("@x.example")


def test_approval_is_needed_always_where_no_amount_is_named() -> None:
    memory = Memory(sales(rewards=[thanks(approval={"by": "finance"})]))
    won(memory)
    assert memory.rewards() == [("thanks", "pending", 1000)]
    assert moved(memory, "approved", "approved") == ["recorded", "wrong_state"]
    assert memory.rewards() == [("thanks", "approved", 1000)]


def test_a_reward_that_waits_for_approval_alone_can_be_rejected() -> None:
    memory = Memory(sales(rewards=[thanks(approval={"by": "finance"})]))
    won(memory)
    assert moved(memory, "rejected") == ["recorded"]
    assert memory.rewards() == [("thanks", "rejected", 1000)]


def test_a_second_permission_while_the_hold_runs_says_that_it_runs() -> None:
    memory = Memory(sales(rewards=[thanks(hold="P1D", approval={"by": "finance"})]))
    won(memory)
    assert moved(memory, "approved", "approved") == ["recorded", "held"]


def test_a_person_may_not_shorten_a_hold_that_needs_no_approval() -> None:
    memory = Memory(sales(rewards=[thanks(hold="P1D")]))
    won(memory)
    assert moved(memory, "approved") == ["held"]
    assert memory.rewards() == [("thanks", "pending", 1000)]


@pytest.mark.parametrize("move", ["redeemed", "failed", "issued"])
def test_a_pending_reward_cannot_be_used_or_fail(move: str) -> None:
    memory = Memory(sales(rewards=[thanks(hold="P1D")]))
    won(memory)
    assert moved(memory, move) == ["wrong_state"]


def test_a_reward_that_failed_says_why() -> None:
    memory = Memory(sales())
    won(memory)
    reward = ids.public("rwd", memory.reward("thanks").id)
    assert memory.say("reward.failed", reward=reward, reason="card_refused") == "recorded"
    assert (memory.reward("thanks").state, memory.reward("thanks").reason) == ("failed", "card_refused")


def test_a_reward_without_expiry_is_used_without_a_timer() -> None:
    memory = Memory(sales())
    won(memory)
    assert moved(memory, "issued", "redeemed", "redeemed") == ["recorded", "recorded", "wrong_state"]


@pytest.mark.parametrize(("kind", "moves"), [("hold.ended", ["rejected"]), ("reward.expired", ["issued", "redeemed"])])
def test_a_timer_whose_reward_has_moved_on_is_superseded(kind: str, moves: list[str]) -> None:
    rule = thanks(hold="P1D") if kind == "hold.ended" else thanks(expire={"after": "P1D"})
    memory = Memory(sales(rewards=[rule]))
    won(memory)
    moved(memory, moves[0])
    seen = [timer for timer in memory.state.new_timers if timer.kind == kind]
    moved(memory, *moves[1:])
    memory.state.load(seen[0])
    memory.say("clock.ticked", "clock", 3)
    assert memory.rung == [f"{kind} superseded"]


# Taking back


def reversing(**reverse: Any) -> Memory:
    return Memory(sales(rewards=[thanks(expire={"after": "P90D"}, reverse={"on": ["order.refunded"], **reverse})]))


def refund(memory: Memory, value: int = 100, day: float = 1, currency: str = "USD") -> str | None:
    return memory.say("order.refunded", _friend(memory), day, value=value, currency=currency)


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ("event.value > 50", "reversed"),
        ("event.value > 500", "condition_not_met"),
        ("event.properties.nothing == 1", "condition_error"),
    ],
)
def test_a_reversal_may_have_a_condition(when: str, reason: str) -> None:
    memory = reversing(when=when)
    won(memory)
    assert refund(memory) == reason


def test_a_rule_that_says_none_is_never_taken_back() -> None:
    memory = reversing(how="none")
    won(memory)
    assert refund(memory) == "nothing_to_reverse"


def test_what_was_reversed_or_failed_cannot_be_taken_back_again() -> None:
    memory = reversing()
    won(memory)
    assert [refund(memory), refund(memory)] == ["reversed", "nothing_to_reverse"]


def test_a_reward_taken_back_after_issue_no_longer_expires() -> None:
    memory = reversing()
    won(memory)
    moved(memory, "issued")
    assert refund(memory) == "reversed"
    memory.say("clock.ticked", "clock", 100)
    assert memory.rung == []


def test_a_used_reward_taken_back_is_a_debt() -> None:
    memory = reversing()
    won(memory)
    moved(memory, "issued", "redeemed")
    assert refund(memory) == "reversed"
    assert memory.state.changes.transfers[-1].debit.kind == "participant_debt"


def test_the_trace_says_how_much_was_taken_and_how_much_is_left() -> None:
    memory = reversing(how="proportional")
    won(memory, value=1000, currency="USD")
    whole = memory.reward("thanks").amount
    assert whole
    for value, left in ((400, whole * 6 // 10), (600, 0)):
        _, trace = memory.tell("order.refunded", _friend(memory), 1, value=value, currency="USD")
        [line] = trace["rewards"]
        assert (line["reversed"], line["amount"]) == (whole * value // 1000, left)


@pytest.mark.parametrize(
    ("how", "said", "state"), [("proportional", "no_exchange_rate", "approved"), ("full", "reversed", "reversed")]
)
def test_a_refund_in_a_currency_without_a_rate_takes_no_share_but_the_whole(how: str, said: str, state: str) -> None:
    memory = reversing(how=how)
    won(memory, value=1000, currency="USD")
    assert refund(memory, 10, currency="EUR") == said
    assert memory.reward("thanks").state == state


def test_a_gift_without_an_amount_is_taken_back_only_by_the_whole_refund() -> None:
    rule = thanks(give={"type": "access"}, reverse={"on": ["order.refunded"], "how": "proportional"})
    memory = Memory(sales(rewards=[rule]))
    won(memory, value=1000, currency="USD")
    assert [refund(memory, 400), refund(memory, 600)] == ["nothing_to_reverse", "reversed"]


def test_a_rewards_place_is_counted_under_the_version_that_gave_it() -> None:
    memory = referred(Memory(self_serve(limits=[{"per": "referrer", "count": 1}], rewards=[thanks(hold="P1D")])))
    assert memory.say("order.completed", "bob", value=1, currency="USD") == "rewarded"
    memory.publish(self_serve(limits=[{"per": "referrer", "count": 1}], rewards=[thanks(hold="P2D")]), 2)
    memory.say("participant.signed_up", "carl", code="ada")
    assert memory.say("order.completed", "carl", value=1, currency="USD") == "cap_reached"
    assert moved(memory, "rejected") == ["recorded"]
    memory.say("participant.signed_up", "dora", code="ada")
    assert memory.say("order.completed", "dora", value=1, currency="USD") == "rewarded"
    [program] = memory.state.programs.values()
    assert isinstance(program, Program)
    assert program.number == 2


@pytest.mark.parametrize(
    ("reverse", "won_by", "refunded", "reason"),
    [
        ({}, "o1", "o2", "nothing_to_reverse"),
        ({"how": "proportional"}, "o1", "o2", "nothing_to_reverse"),
        ({}, "o1", "o1", "reversed"),
        ({}, "o1", None, "reversed"),
        ({}, None, "o2", "reversed"),
        ({"when": "history.order_value < 5000"}, "o1", "o2", "reversed"),
    ],
)
def test_a_refund_of_another_order_takes_nothing_unless_the_rule_looks_itself(
    reverse: dict[str, Any], won_by: str | None, refunded: str | None, reason: str
) -> None:
    memory = reversing(**reverse)
    memory.say("referral.submitted", "ada", referral="r1", referred={"email": "friend@x.example"})
    closing = {"order_id": won_by} if won_by else {}
    memory.say("referral.closed_won", referral="r1", value=1000, currency="USD", **closing)
    named = {"order_id": refunded} if refunded else {}
    assert memory.say("order.refunded", _friend(memory), 1, value=1000, currency="USD", **named) == reason


def test_what_a_made_up_order_earns_is_marked_as_made_up() -> None:
    memory = Memory(self_serve())
    memory.say("link.created", "ada", program="simple", code="ADA")
    for number, simulated in enumerate((True, None)):
        memory.say("participant.signed_up", f"f{number}", 1, code="ada")
        told = {"simulated": simulated} if simulated else {}
        assert memory.say("order.completed", f"f{number}", 2, value=5, currency="USD", **told) == "rewarded"
    assert sorted(row.simulated for row in memory.state.rewards.values()) == [False, True]
