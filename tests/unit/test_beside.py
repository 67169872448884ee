"""Programmes in test mode: they decide on what live ones decide on, and nothing of it leaves them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from goodword.domain import ids
from goodword.domain.beside import sharing
from goodword.domain.faults import ProgramError
from goodword.domain.program import read
from goodword.domain.rows import Referral, Reward
from support.memory import START, Memory

LIVE: dict[str, Any] = {
    "program": "friends",
    "name": "Friends",
    "currency": "USD",
    "lifecycle": {"flow": "self_serve", "closed_won": {"on": "order.completed"}},
    "rewards": [
        {
            "id": "thanks",
            "on": "referral.closed_won",
            "to": "referrer",
            "give": {"type": "account_credit", "amount": 1000},
            "approval": {"by": "finance"},
            "reverse": {"on": ["order.refunded"], "how": "full"},
        }
    ],
}
TESTED = LIVE | {
    "program": "friends-test",
    "test": True,
    "rewards": [LIVE["rewards"][0] | {"give": {"type": "account_credit", "amount": 1500}}],
}
DEALS: dict[str, Any] = {
    "program": "deals",
    "name": "Deals",
    "currency": "USD",
    "lifecycle": {"flow": "sales"},
    "rewards": [{**LIVE["rewards"][0], "on": "referral.qualified"}],
}
POINTS: dict[str, Any] = {
    "program": "points",
    "name": "Points",
    "kind": "loyalty",
    "currency": "USD",
    "units": ["points"],
    "rewards": [
        {
            "id": "order",
            "on": "order.completed",
            "to": "participant",
            "give": {"type": "points", "amount": 100, "unit": "points"},
        }
    ],
    "catalogue": [{"id": "mug", "name": "Mug", "price": 100, "gift": {"type": "product", "name": "A mug"}}],
}
LEAD = {"email": "lead@x.example"}


def beside(*documents: dict[str, Any]) -> Memory:
    return Memory(*documents)


def said(memory: Memory, kind: str, who: str | None = None, day: float = 0, **properties: Any) -> dict[str, str]:
    """The reason by programme."""
    raw: dict[str, Any] = {"type": kind, "event_id": f"e{memory.sent}", "properties": properties}
    raw["occurred_at"] = START + timedelta(days=day)
    if who is not None:
        raw["participant"] = {"external_id": who, "email": f"{who}@x.example"}
    return {key: decision.reason for key, decision in memory.send(raw).items()}


def of(memory: Memory, key: str) -> tuple[list[Referral], list[Reward]]:
    """The referrals and rewards of a programme."""
    [id] = [program.id for program in memory.state.programs.values() if program.key == key]
    state = memory.state
    return (
        [row for row in state.referrals.values() if row.program_id == id],
        [row for row in state.rewards.values() if row.program_id == id],
    )


def won(memory: Memory) -> None:
    said(memory, "link.created", "ada", program="friends", code="ada")
    said(memory, "participant.signed_up", "bob", 1, code="ada")
    said(memory, "order.completed", "bob", 2, value=5000, currency="USD", order_id="o1")


def test_a_test_takes_the_sign_ups_of_a_live_programmes_codes_and_gives_under_its_own_rules() -> None:
    memory = beside(LIVE, TESTED)
    won(memory)
    [_], [live] = of(memory, "friends")
    [_], [tested] = of(memory, "friends-test")
    assert (live.amount, tested.amount) == (1000, 1500)
    assert (live.pending_transfer_id is None, tested.pending_transfer_id) == (False, None)
    changes = memory.state.changes
    assert {row.reward_id for row in changes.transfers} == {live.id}
    assert {notice.payload["program"] for notice in changes.notices} == {"friends"}


def test_what_names_a_live_reward_or_referral_by_our_id_moves_the_tests_that_answers_to_it() -> None:
    memory = beside(LIVE, TESTED)
    won(memory)
    _, [live] = of(memory, "friends")
    assert said(memory, "reward.approved", None, 3, reward=ids.public("rwd", live.id)) == {
        "friends": "recorded", "friends-test": "recorded"
    }  # fmt: skip
    refunded = {"value": 5000, "currency": "USD", "order_id": "o1", "referral": ids.public("ref", live.subject_id)}
    assert said(memory, "order.refunded", "bob", 4, **refunded) == {"friends": "reversed", "friends-test": "reversed"}
    assert [row.state for row in memory.state.rewards.values()] == ["reversed", "reversed"]


def test_what_names_a_tests_own_reward_moves_nothing_else() -> None:
    memory = beside(LIVE, TESTED)
    won(memory)
    [referral], [tested] = of(memory, "friends-test")
    assert said(memory, "reward.approved", None, 3, reward=ids.public("rwd", tested.id)) == {"friends-test": "recorded"}
    moved = said(memory, "referral.closed_lost", None, 3, referral=ids.public("ref", referral.id))
    assert moved == {"friends-test": "wrong_state"}
    assert [row.state for row in of(memory, "friends")[1]] == ["pending"]


def test_a_live_referral_or_reward_without_one_that_answers_to_it_is_not_the_tests() -> None:
    never = TESTED | {"eligibility": {"be_referred": [{"code": "nobody", "when": "false"}]}}
    memory = beside(LIVE, never)
    won(memory)
    _, [live] = of(memory, "friends")
    assert said(memory, "reward.approved", None, 3, reward=ids.public("rwd", live.id)) == {"friends": "recorded"}


def test_beside_one_programme_a_test_takes_that_ones_codes_and_names_only() -> None:
    other = LIVE | {"program": "other"}
    memory = beside(LIVE, other, TESTED | {"beside": "other"})
    won(memory)
    assert of(memory, "friends-test") == ([], [])
    programs = {program.key: program for program in memory.state.programs.values()}
    shared = [memory.state.programs[id].key for id in sharing(memory.state, programs["friends-test"])]
    assert shared == ["other", "friends-test"]
    _, [live] = of(memory, "friends")
    assert "friends-test" not in said(memory, "reward.approved", None, 3, reward=ids.public("rwd", live.id))
    said(memory, "link.created", "ada", program="other", code="ada2")
    said(memory, "participant.signed_up", "cyd", 4, code="ada2")
    assert len(of(memory, "friends-test")[0]) == 1


def test_a_test_has_no_codes_of_its_own() -> None:
    memory = beside(LIVE, TESTED)
    assert said(memory, "link.created", "ada", program="friends-test", code="abc") == {
        "friends-test": "test_has_no_codes"
    }
    assert said(memory, "link.created", "ada", program="friends", code="abc") == {"friends": "linked"}


def test_a_test_takes_submissions_that_name_the_live_programme_and_makes_nobody_known() -> None:
    strict = DEALS | {"eligibility": {"refer": [{"code": "no_vip", "when": "referrer.traits.vip == true"}]}}
    tested = DEALS | {"program": "deals-test", "test": True, "beside": "deals"}
    memory = beside(strict, tested)
    lead = {"referral": "L1", "program": "deals", "referred": LEAD}
    assert said(memory, "referral.submitted", "ada", **lead) == {
        "deals": "condition_error", "deals-test": "unknown_in_test"
    }  # fmt: skip
    assert all(person.email != LEAD["email"] for person in memory.state.participants.values())
    said(memory, "participant.identified", "lead", 1)
    assert said(memory, "referral.submitted", "ada", 2, **lead)["deals-test"] == "opened"
    assert said(memory, "referral.qualified", None, 3, referral="L1") == {
        "deals": "unknown_referral", "deals-test": "rewarded"
    }  # fmt: skip
    assert of(memory, "deals-test")[1][0].state == "pending"


def test_two_programmes_with_the_same_rule_both_give_points_for_one_order() -> None:
    memory = beside(POINTS, POINTS | {"program": "points-test", "test": True})
    said(memory, "order.completed", "ada", value=900, currency="USD", order_id="o1")
    [live], [tested] = of(memory, "points")[1], of(memory, "points-test")[1]
    assert (live.amount, tested.amount, live.subject_id) == (100, 100, tested.subject_id)
    assert said(memory, "reward.rejected", None, 1, reward=ids.public("rwd", live.id)) == {
        "points": "wrong_state", "points-test": "wrong_state"
    }  # fmt: skip
    assert said(memory, "catalogue.redeemed", "ada", 2, program="points", item="mug") == {
        "points": "redeemed", "points-test": "redeemed"
    }  # fmt: skip
    assert {row.credit.kind for row in memory.state.changes.transfers} == {"participant_balance", "fulfilled"}
    assert {row.reward_id for row in memory.state.changes.transfers} == {live.id}
    assert "no_referrals" in said(memory, "link.created", "ada", 3, program="points-test", code="abc").values()


def test_a_tests_exclusivity_and_a_live_ones_are_worlds_apart() -> None:
    exclusive = {"exclusive": True, "priority": 10}
    memory = beside(LIVE, TESTED | exclusive)
    won(memory)
    assert [len(of(memory, key)[1]) for key in ("friends", "friends-test")] == [1, 1]
    memory = beside(LIVE | exclusive, TESTED)
    won(memory)
    assert [len(of(memory, key)[1]) for key in ("friends", "friends-test")] == [1, 1]


GOAL = {
    "id": "two",
    "metric": "closed_won",
    "target": 1,
    "members": "participants",
    "rewards": [{"id": "all", "give": {"type": "feature", "name": "beta"}}],
}


def test_goals_and_contests_of_a_test_count_in_who_has_a_live_programmes_code() -> None:
    contest = {
        "id": "race", "name": "Race", "metric": "closed_won", "from": "2026-01-01", "to": "2026-01-31",
        "prizes": [{"id": "first", "place": 1, "give": {"type": "recognition", "name": "First"}}],
    }  # fmt: skip
    memory = beside(LIVE, TESTED | {"goals": [GOAL], "contests": [contest]})
    assert said(memory, "link.created", "dan", program="friends", code="dan") == {
        "friends": "linked", "friends-test": "linked"
    }  # fmt: skip
    assert said(memory, "link.created", "eve", program="friends", code="dan") == {"friends": "code_taken"}
    won(memory)
    assert said(memory, "contest.disqualified", "dan", 3, program="friends", contest="race") == {
        "friends": "unknown_contest", "friends-test": "contest_disqualified"
    }  # fmt: skip
    memory.ring(START.replace(year=2027))
    gifts = sorted(
        (row.rule, memory.state.participants[row.participant_id].external_id) for row in of(memory, "friends-test")[1]
    )
    assert gifts == [("all", "ada"), ("all", "dan"), ("first", "ada"), ("thanks", "ada")]
    assert said(memory, "link.created", "fay", 250, program="friends", code="fay")["friends-test"] == "linked"


def test_merging_people_moves_what_a_test_has_and_says_nothing_of_it() -> None:
    def merged(*documents: dict[str, Any]) -> tuple[Memory, Any, Any]:
        memory = beside(*documents)
        won(memory)
        said(memory, "order.completed", "bob", 3, value=100, currency="USD", order_id="o2")
        traces = []
        for number, (who, other) in enumerate([("zoe", "ada"), ("zac", "bob"), ("zac", "zoe")]):
            raw = {
                "type": "participant.identified", "event_id": f"m{number}", "participant": who,
                "properties": {"previous_id": other}, "occurred_at": START.replace(month=2, day=1 + number),
                "account": "acme" if number else None,
            }  # fmt: skip
            traces.append(memory.send({name: part for name, part in raw.items() if part}))
        id = next(id for id, row in memory.state.participants.items() if row.external_id == "zoe")
        split = {
            "type": "participant.split", "event_id": "s", "participant": "zac", "occurred_at": START.replace(month=3),
            "properties": {"previous_id": ids.public("par", id)},
        }  # fmt: skip
        traces.append(memory.send(split))
        return memory, traces, memory.state.changes

    tiers = [{"id": "t", "from": 1, "metric": "points"}]
    points = POINTS | {"tiers": tiers}
    alone = merged(LIVE, points)
    both = merged(
        LIVE, points, points | {"program": "points-test", "test": True},
        TESTED | {"limits": [{"per": "account", "count": 5}, {"per": "referrer", "count": 9}]},
    )  # fmt: skip
    for before, after in zip(alone[1], both[1], strict=True):
        assert {key: (one.reason, one.trace) for key, one in before.items()} == {
            key: (one.reason, one.trace) for key, one in after.items() if not key.endswith("-test")
        }
    assert alone[2].transfers == both[2].transfers
    assert alone[2].notices == both[2].notices
    [tested] = of(both[0], "friends-test")[0]
    assert tested.state == of(both[0], "friends")[0][0].state


def test_who_is_lent_a_company_in_a_merge_takes_what_a_test_counts_by_account_there() -> None:
    memory = beside(LIVE, TESTED | {"limits": [{"per": "account", "count": 5}]})
    won(memory)
    for number, who, part in ((1, "zoe", {"account": "acme"}), (2, "ada", {"properties": {"previous_id": "zoe"}})):
        raw = {"type": "participant.identified", "event_id": f"m{number}", "participant": who, **part}
        decided = memory.send(raw | {"occurred_at": START.replace(month=2, day=number)})
    assert decided["previous_id"].trace["merge"]["counters"] == []
    state = memory.state
    acme = state.account_by_external["acme"]
    assert [name.split(":")[1] for name, count in state.counters[acme].items() if count[0]] == ["friends-test"]


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"beside": "friends"}, "not_allowed", "add test: true"),
        ({"test": True, "beside": "x"}, "not_allowed", "a key of its own"),
        ({"test": "yes"}, "wrong_type", "expected true or false"),
    ],
)
def test_a_document_says_clearly_what_it_is_tested_beside(change: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(ProgramError, match=words) as refused:
        read(LIVE | {"program": "x"} | change)
    assert [fault.code for fault in refused.value.faults] == [code]
    read(LIVE | {"program": "x", "test": True, "beside": "friends"})


def test_nobody_is_asked_to_accept_terms_that_are_only_tried() -> None:
    memory = beside(LIVE, TESTED | {"terms": {"version": 1, "text": "Be kind.", "required": True}})
    won(memory)
    assert len(of(memory, "friends-test")[1]) == 1
