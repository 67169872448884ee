"""Who gets the credit: which touch wins under which policy, and why the others do not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from goodword.domain.attribution import codes
from goodword.domain.events import EventError, parse_event
from support.memory import NOW, START, Memory

LINKS = {"ada": "ada-1", "bob": "bob-1"}


def document(program: str = "friends", **attribution: Any) -> dict[str, Any]:
    return {
        "program": program,
        "name": "Friends",
        "currency": "USD",
        "lifecycle": {"flow": "self_serve", "qualified": {"on": "order.completed"}},
        "attribution": attribution,
        "rewards": [
            {"id": "credit", "on": "referral.qualified", "to": "referrer", "give": {"type": "cash", "amount": 500}}
        ],
    }


def memory(**attribution: Any) -> Memory:
    found = Memory(document(**attribution))
    for who, code in LINKS.items():
        assert found.say("link.created", who, program="friends", code=code) == "linked"
    return found


def touch(kind: str, who: str, day: float, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "code": LINKS[who].upper(), "at": (START + timedelta(days=day)).isoformat(), **more}


def outcome(found: Memory, *touches: dict[str, Any], day: float = 10, who: str = "new", **more: Any) -> tuple[Any, ...]:
    """The reason, the code that won, and why each of the others did not."""
    told = {"touches": list(touches)} if touches else {}
    reason, trace = found.tell("participant.signed_up", who, day, **told, **more)
    line = trace.get("attribution") or {"kept": []}
    codes = found.state.codes
    lost = [(codes.get(each.get("link"), "?"), each["kind"], each["reason"]) for each in line["kept"]]
    return (reason, codes.get((line.get("by") or {}).get("link")), *lost)


def test_the_strongest_kind_wins_over_the_later_touch() -> None:
    """A code that is typed by somebody who clicked another's link."""
    found = outcome(memory(), touch("link", "bob", 9), code="ADA-1")
    assert found == ("opened", "ada-1", ("bob-1", "link", "touch_weaker"))
    assert outcome(memory(evidence=["link", "code"]), touch("link", "bob", 9), code="ada-1") == (
        "opened", "bob-1", ("ada-1", "code", "touch_weaker")
    )  # fmt: skip


@pytest.mark.parametrize(
    ("model", "won", "reason"),
    [("last_touch", "bob-1", "touch_earlier"), ("first_touch", "ada-1", "touch_later"),
     ("sticky", "ada-1", "touch_later")],
)  # fmt: skip
def test_among_the_same_kind_the_model_decides(model: str, won: str, reason: str) -> None:
    other = next(code for code in LINKS.values() if code != won)
    found = outcome(memory(model=model), touch("link", "bob", 8), touch("link", "ada", 3))
    assert found == ("opened", won, (other, "link", reason))


def test_a_sticky_touch_stays_whatever_comes_later() -> None:
    found = outcome(memory(model="sticky"), touch("crm", "bob", 2), code="ada-1")
    assert found == ("opened", "bob-1", ("ada-1", "code", "touch_later"))


def test_of_two_at_the_same_moment_the_first_told_wins() -> None:
    found = outcome(memory(), touch("link", "bob", 3), touch("link", "ada", 3))
    assert found[:2] == ("opened", "bob-1")


@pytest.mark.parametrize(("ago", "counts"), [(7, False), (6.999999, True), (8, False), (0, True), (-0.001, False)])
def test_the_windows_edge(ago: float, counts: bool) -> None:
    """A touch counts until the window after it has passed, and not before it happened."""
    found = outcome(memory(window="P7D"), touch("link", "ada", 10 - ago))
    assert found == (
        ("opened", "ada-1") if counts else ("touch_outside_window", None, ("ada-1", "link", "touch_outside_window"))
    )


def test_a_kind_that_the_program_does_not_name_is_kept_and_does_not_count() -> None:
    found = outcome(memory(evidence=["code"]), touch("link", "ada", 9))
    assert found == ("touch_not_counted", None, ("ada-1", "link", "touch_not_counted"))


def test_nobody_brings_themselves_but_another_touch_still_counts() -> None:
    """One's own link, or an account that two share: the same person on both sides."""
    assert outcome(memory(), touch("link", "ada", 9), who="ada")[0] == "self_referral"
    found = outcome(memory(), touch("link", "bob", 3), code="ada-1", who="ada")
    assert found == ("opened", "bob-1", ("ada-1", "code", "self_referral"))


def test_an_unknown_code_is_told_and_another_touch_still_counts() -> None:
    assert outcome(memory(), code="nobody") == ("unknown_code", None, ("?", "code", "unknown_code"))
    assert outcome(memory(), touch("link", "ada", 9), code="nobody")[:2] == ("opened", "ada-1")


def test_a_code_of_another_program_is_a_touch_of_that_one() -> None:
    found = Memory(document("one"), document("two"))
    for program, code in (("one", "ada-1"), ("two", "bob-1")):
        found.send({"type": "link.created", "event_id": code, "participant": code[:3], "occurred_at": START.isoformat(),
                    "properties": {"program": program, "code": code}})  # fmt: skip
    decided = found.send(
        {"type": "participant.signed_up", "event_id": "s", "participant": "new",
         "occurred_at": (START + timedelta(days=1)).isoformat(), "properties": {"code": "ada-1"}}
    )  # fmt: skip
    assert {name: decision.reason for name, decision in decided.items()} == {"one": "opened", "two": "not_referred"}


def test_no_touch_is_no_referral() -> None:
    assert outcome(memory()) == ("not_referred", None)


def test_who_comes_second_with_a_friend_gets_nothing() -> None:
    found = memory()
    assert outcome(found, code="ada-1")[0] == "opened"
    assert outcome(found, code="bob-1", day=11)[0] == "already_referred"


def test_the_referral_says_what_began_it_and_the_trace_keeps_the_proof() -> None:
    found = memory()
    click = "clk_" + "0" * 26
    reason, trace = found.tell(
        "participant.signed_up", "new", 10, touches=[touch("coupon", "ada", 10, click=click, proof="order 7")]
    )
    assert reason == "opened"
    (referral,) = found.state.referrals.values()
    assert referral.source == "coupon"
    link = found.state.links["ada-1"].id
    at = touch("coupon", "ada", 10)["at"]
    assert trace["attribution"]["by"] == {"kind": "coupon", "at": at, "link": link, "click": click}


def test_every_code_that_an_event_names_is_looked_up() -> None:
    assert codes({"code": "ADA-1", "touches": [touch("link", "bob", 1)]}) == {"ada-1", "bob-1"}
    assert codes({"code": 7, "touches": None}) == codes({}) == set()


def test_a_link_that_is_off_or_over_counts_no_more() -> None:
    found = memory()
    found.say("link.created", "cora", program="friends", code="cora-1", expires_at=touch("link", "ada", 5)["at"])
    told = {"kind": "link", "code": "cora-1"}
    over, before = touch("link", "ada", 6)["at"], touch("link", "ada", 4)["at"]
    assert outcome(found, {**told, "at": over})[0] == "code_expired"
    assert outcome(found, {**told, "at": before}, who="other")[:2] == ("opened", "cora-1")


def test_a_touch_without_a_time_is_of_the_events_moment() -> None:
    told = {"kind": "invitation", "code": "ada-1"}
    found = memory(window="P1D")
    reason, trace = found.tell("participant.signed_up", "new", 10, touches=[told, told])
    assert (reason, len(trace["attribution"]["kept"])) == ("opened", 0), "a touch told twice is one"


@pytest.mark.parametrize(
    ("touches", "pointer"),
    [
        ([{"kind": "hunch", "code": "ada-1"}], "/properties/touches/0/kind"),
        ([{"kind": "link"}], "/properties/touches/0/code"),
        ([{"kind": "link", "code": "ada-1", "at": "yesterday"}], "/properties/touches/0/at"),
        ([{"kind": "link", "code": "ada-1", "at": "2026-01-05T12:00:00"}], "/properties/touches/0/at"),
        ([{"kind": "link", "code": "ada-1", "who": "x"}], "/properties/touches/0/who"),
        ([{"kind": "link", "code": "ada-1"}] * 51, "/properties/touches"),
        ("ada-1", "/properties/touches"),
    ],
)
def test_a_touch_that_cannot_be_read_is_told(touches: Any, pointer: str) -> None:
    raw = {
        "type": "participant.signed_up",
        "event_id": "s",
        "participant": "new",
        "properties": {"touches": touches},
    }
    with pytest.raises(EventError) as error:
        parse_event(raw, NOW)
    assert [problem.pointer for problem in error.value.problems] == [pointer]
