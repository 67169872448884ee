"""What is left of an event, a trace and a row when a person is erased."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from goodword.domain import ids
from goodword.domain.decide import step
from goodword.domain.erasure import ERASED, GONE, MAX_TEXTS, Eraser
from goodword.domain.events import Event, from_log
from goodword.domain.facts import observe
from support.documents import sales, self_serve, thanks
from support.memory import NOW, START, WORKSPACE, Memory, uuid

ID = uuid(9, 1)
OTHER = uuid(9, 2)
KNOWN: list[dict[str, Any]] = [
    {"external_id": "ada-77", "email": "Ada@X.example", "name": "Ada King Lovelace", "phone": "+44 20 7946 0000"},
    {
        "external_id": "42",
        "first_name": "Ada",
        "last_name": "Byron",
        "birth": "1815-12-10",
        "plan": "premium",
        "age": 36,
    },
    {"external_id": "lovelace", "also_at": ["a.k@post.example"], "home": {"street": "St James's Square 12"}},
    {"external_id": "12345678", "name": "Augusta", "joined": "2020-01-02", "size": "1000000"},
]
CODES = ["Ada-Rocks", "maths"]


def eraser(**changes: Any) -> Eraser:
    return Eraser(ID, **{"known": KNOWN, "codes": CODES, "secret": b"s" * 32, "also": ["Countess"], **changes})


@pytest.mark.parametrize(
    "text",
    [
        "ada-77",
        "signup_ada-77/1",
        "ADA@x.example",
        "to <ada@x.example>, please",
        "ada  king\nLovelace",
        "Lovelace, Ada King",
        "Lovelace Ada King",
        "Ada Byron",
        "+44 20 7946 0000",
        "a.k@post.example",
        "at St James's Square 12!",
        "12345678",
        "lovelace",
        " Lovelace ",
        "ada-rocks",
        "maths",
        "https://x.example/maths",
        "?via=MATHS&x=1",
        "the countess",
        "1815-12-10",
        "https://x.example/?mail=ada%40X.example&b=1",
        "next=%2Fto%3Aada%40x.example%2F",
        "/who/Ada+King%20Lovelace",
        "tel:+442079460000",
        "0044 20/7946-0000",
        "(+44) 20.79 46 00 00",
    ],
)
def test_a_text_names_the_person(text: str) -> None:
    assert eraser().names(text)


@pytest.mark.parametrize(
    "text",
    [
        "ada-771",
        "42",
        "Ada",
        "Augusta",
        "premium",
        "Mrs Lovelace",
        "lada@x.examples",
        "math",
        "maths lesson",
        "/mathsy",
        "2020-01-02",
        "1000000",
        "countesses",
        "",
        "Ada Lovelace's",
        "4420794600001",
        "944207946 0000",
        "ada%41x.example",
    ],
)
def test_a_text_that_could_be_anybodys_does_not(text: str) -> None:
    assert not eraser().names(text)


def test_of_nobody_known_nothing_is_named() -> None:
    assert not Eraser(ID, [], [], b"s").names("")
    assert Eraser(ID, [], [], b"s").patterns == []


def test_the_longest_texts_are_looked_for_when_there_are_too_many() -> None:
    many = [{"email": f"{'a' * (1 + number // 100)}{number}@x.example"} for number in range(MAX_TEXTS + 1)]
    found = Eraser(ID, many, [], b"s")
    assert len(found.patterns) == MAX_TEXTS
    assert not found.names("a0@x.example") or not found.names("a9@x.example")


def test_the_databases_patterns_find_what_is_cased_or_written_in_another_way() -> None:
    found = Eraser(ID, [{"name": 'Åse "Mo" Li', "external_id": "50%_off-1"}], [], b"s").patterns
    assert found == sorted(["%50%off-1%", "%%se%mo%li%", "%li%se%mo%%"])


def test_the_database_finds_a_telephone_number_however_it_is_grouped() -> None:
    one = Eraser(ID, [{"phone": "0047 912 34 567"}], [], b"s")
    assert "%4791234567%" in one.patterns
    [found] = one.numbers
    assert re.search(found, '{"x": "(+47) 91-23\\t4567"}')
    assert not re.search(found, '{"x": "47912345", "y": "67"}')


def test_neutral_names_are_the_same_for_the_same_text_and_tell_nothing() -> None:
    one = eraser()
    assert one.neutral("Ada-77") == one.neutral(" ada-77") != one.neutral("ada-78")
    assert one.neutral("ada-77") != eraser(secret=b"t" * 32).neutral("ada-77")
    assert one.key("R1") == "R1"
    assert one.key("deal of ada-77") == one.neutral("deal of ada-77")
    assert len(one.neutral("x" * 500)) == 23


def test_a_value_of_somebody_elses_loses_the_texts_that_name_the_person() -> None:
    assert eraser().clean(["ada-77", 7, None, {"x": {"ada-77": "y"}}]) == [ERASED, 7, None, {"x": {ERASED: "y"}}]


def test_an_object_that_names_the_person_is_theirs() -> None:
    contact = {"mail": "ada@x.example", "room": "12 b", "floor": 3, "more": {"likes": ["tea", 1]}}
    blank = {"mail": ERASED, "room": ERASED, "floor": None, "more": {"likes": [ERASED, None]}}
    assert eraser().clean([contact, {"mail": "bo@x.example", "floor": 3}]) == [
        blank,
        {"mail": "bo@x.example", "floor": 3},
    ]


def kept(kind: str, payload: dict[str, Any], **how: Any) -> dict[str, Any]:
    said = {"own": False, "about": False, "referred": "", "strict": False, "links": {}, "accounts": {}, "claims": None}
    said |= how
    return eraser().payload(kind, payload, **said)


def test_an_event_of_the_person_keeps_what_sums_rest_on() -> None:
    properties = {
        "order_id": "9",
        "value": 5,
        "currency": "USD",
        "quantity": 2,
        "coupon": "X",
        "gift": "for Bo",
        "referral": "R1",
        "reason": "in words",
        "simulated": True,
    }
    found = kept(
        "order.completed",
        {"participant": KNOWN[0], "account": {"external_id": "acme", "owner": "Ada Byron"}, "properties": properties},
        own=True,
        about=True,
        strict=True,
    )
    assert found == {
        "account": {"external_id": "acme", "owner": ERASED},
        "properties": {
            "order_id": "9",
            "value": 5,
            "currency": "USD",
            "quantity": 2,
            "referral": "R1",
            "reason": GONE,
            "simulated": True,
        },
        "erased": {"participant": ID},
    }


def test_an_event_of_their_own_kind_keeps_only_what_the_engine_can_read() -> None:
    properties = {
        "value": 7,
        "currency": "USD",
        "simulated": True,
        "text": "x",
        "code": "c",
        "order_id": 5,
        "program": "p",
    }
    found = kept("quiz.done", {"properties": properties}, about=True)
    assert found == {"properties": {"value": 7, "currency": "USD", "simulated": True}}
    odd = {"value": "7", "currency": "dollars of Ada", "simulated": "ada"}
    assert kept("quiz.done", {"properties": odd}, about=True) == {"properties": {"currency": None}}
    assert kept("quiz.done", {"properties": {"currency": 5, "value": True}}, about=True) == {
        "properties": {"currency": None}
    }


def test_traits_of_the_person_go_and_company_facts_stay() -> None:
    told = {"country": "NO", "value": 5, "referral": "R1", "simulated": True}
    assert kept("participant.identified", {"participant": KNOWN[0], "properties": told}, own=True, about=True) == {
        "properties": {"simulated": True},
        "erased": {"participant": ID},
    }
    firm = {"status": "paying", "reason": "Ada Byron", "contacts": [{"n": "Ada Byron", "p": "1"}]}
    assert kept("account.updated", {"account": {"external_id": "acme"}, "properties": firm}, about=True) == {
        "account": {"external_id": "acme"},
        "properties": {"status": "paying", "reason": ERASED, "contacts": [{"n": ERASED, "p": ERASED}]},
    }


def test_an_account_named_like_the_person_keeps_its_id() -> None:
    found = kept(
        "account.updated", {"account": {"external_id": "ada-77"}, "properties": {}}, accounts={"ada-77": OTHER}
    )
    assert found["account"]["external_id"].startswith("erased-")
    assert found["erased"] == {"account": OTHER}


def test_an_event_of_somebody_else_loses_the_texts_that_name_the_person() -> None:
    properties = {
        "note": "ask Ada Byron",
        "code": "Ada-Rocks",
        "referral": "of ada-77",
        "order_id": 7,
        "reason": "Countess",
        "rule": "thanks",
        "by": "ada-77",
        "program": "maths",
    }
    person = {"external_id": "bo", "email": "bo@x.example", "name": "Ada Byron", "boss": "Ada Byron", "team": "x"}
    one = eraser()
    said: dict[str, Any] = {
        "own": False,
        "about": False,
        "referred": "",
        "strict": False,
        "links": {},
        "accounts": {},
        "claims": None,
    }
    found = one.payload("reward.rejected", {"participant": person, "properties": properties}, **said)
    assert found["participant"] == {**person, "boss": ERASED}
    assert found["properties"] == {
        "referral": one.neutral("of ada-77"),
        "order_id": 7,
        "reason": GONE,
        "rule": "thanks",
        "by": ERASED,
    }
    assert one.reasons == {"Countess": GONE}
    assert "erased" not in found
    found = one.payload("participant.signed_up", {"properties": {"code": "ADA-rocks", "x": 1}}, **said)
    assert found == {"properties": {"code": one.neutral("ada-rocks"), "x": 1}}
    assert one.payload("participant.signed_up", {"properties": {"code": None}}, **said) == {
        "properties": {"code": None}
    }
    bought = {"properties": {"code": "bo-b", "currency": "USD"}}
    assert one.payload("order.completed", bought, **said) == bought
    assert (
        one.payload("participant.signed_up", {"properties": {"code": "bo-b"}}, **said)["properties"]["code"] == "bo-b"
    )


def test_free_facts_beside_one_that_names_the_person_are_theirs() -> None:
    note = {"to": "ada-77", "text": "has a cold", "value": 5, "list": ["x"], "order_id": "9"}
    assert kept("crm.note", {"properties": note}) == {"properties": {"value": 5, "order_id": "9"}}
    assert kept("crm.note", {"properties": {**note, "to": ["ada-77"]}})["properties"] == {**note, "to": [ERASED]}
    sold = {"value": 5, "currency": "USD", "coupon": "ada-77", "text": "has a cold"}
    assert kept("order.completed", {"properties": sold})["properties"] == {**sold, "coupon": ERASED}


def test_an_event_keeps_by_id_what_it_said_of_who_is_who() -> None:
    told = {"participant": KNOWN[0], "properties": {"previous_id": "ada-77"}}
    claims = {"email": {"other": OTHER, "reason": "merged"}}
    found = kept("participant.identified", told, own=True, about=True, claims=claims)
    assert found == {"properties": {}, "erased": {"participant": ID, "claims": claims}}


@pytest.mark.parametrize(
    ("how", "survivor", "left"),
    [
        ("email", False, ["email", "account_id"]),
        ("email", True, ["account_id"]),
        ("previous_id", False, ["account_id"]),
    ],
)
def test_of_a_merge_goes_what_was_lent_and_stays_what_an_event_stated(
    how: str, survivor: bool, left: list[str]
) -> None:
    told = {"email": ["", "ada@x.example"], "name": ["", "Ada"], "account_id": [None, OTHER]}
    moved = {"how": how, "links": [OTHER], "told": told, "traits": {"shoe": 38}}
    assert eraser().merge(moved, survivor=survivor) == {
        "how": how,
        "links": [OTHER],
        "told": {name: told[name] for name in left},
        "traits": {},
    }


def test_a_link_keeps_its_id_under_a_neutral_code() -> None:
    made = {"participant": KNOWN[0], "properties": {"program": "p", "code": "Maths", "channel": "mail"}}
    found = kept("link.created", made, own=True, about=True, links={"maths": OTHER})
    assert found["erased"] == {"participant": ID, "link": OTHER}
    assert found["properties"] == {"program": "p", "code": eraser().neutral("maths"), "channel": "mail"}
    assert "link" not in kept("link.created", made, own=True, about=True)["erased"]


def test_a_submission_keeps_that_the_person_was_put_forward() -> None:
    told = {"referral": "L1", "referred": KNOWN[0], "need": "tea", "program": "p"}
    sent = {"participant": {"external_id": "bo"}, "properties": told, "erased": {"participant": OTHER}}
    found = kept("referral.submitted", sent, about=True, referred=ID, strict=True)
    assert found["properties"] == {"referral": "L1", "referred": {}, "program": "p"}
    assert found["erased"] == {"participant": OTHER, "referred": ID}
    earlier = kept("referral.submitted", sent, about=True, referred=OTHER, strict=True)
    assert earlier["erased"]["referred"] == OTHER  # who the person was before a merge
    lead = {"name": "Ada Byron", "email": "lead@x.example", "boss": "Ada Byron"}
    found = kept("referral.submitted", {"properties": {"referred": lead, "need": "tea"}})
    assert found == {"properties": {"referred": {**lead, "boss": ERASED}, "need": "tea"}}


@pytest.mark.parametrize(
    ("reason", "strict", "left"),
    [
        ("competitor", True, "competitor"),
        ("he lied", True, GONE),
        ("he lied", False, "he lied"),
        ("ada-77", False, GONE),
        (None, True, None),
        ("", True, ""),
        (["ada-77"], False, GONE),
        ("x" * 65, True, GONE),
        ("x" * 70 + " ada-77", False, GONE),
    ],
)
def test_reasons_in_words_are_dropped_and_codes_stay(reason: Any, strict: bool, left: Any) -> None:
    one = eraser()
    assert one.reason(reason, strict) == left
    assert one.reasons == ({str(reason)[:64]: GONE} if left == GONE else {})


def test_where_the_link_of_the_person_leads_goes() -> None:
    made = {
        "participant": KNOWN[0],
        "properties": {"program": "p", "code": "x-1", "destination": "https://x.example/a"},
    }
    assert "destination" not in kept("link.created", made, own=True, about=True)["properties"]
    assert "destination" not in kept("link.created", made)["properties"]


def test_touches_of_the_person_lose_click_and_proof_and_their_codes_are_neutral_everywhere() -> None:
    click = "clk_" + "0" * 26
    touches = [
        {"kind": "link", "code": "Maths", "click": click},
        {"kind": "coupon", "code": "bob-1", "proof": "order 7"},
        {"kind": "crm", "code": "bob-1", "proof": "said Ada Byron"},
    ]
    neutral = eraser().neutral("maths")
    told = {"participant": KNOWN[0], "properties": {"touches": touches}}
    own = kept("participant.signed_up", told, own=True, about=True)["properties"]["touches"]
    assert own == [{"kind": "link", "code": neutral}, *({"kind": kind, "code": "bob-1"} for kind in ("coupon", "crm"))]
    others = [
        {"kind": "link", "code": neutral, "click": click},
        {"kind": "coupon", "code": "bob-1", "proof": "order 7"},
        {"kind": "crm", "code": "bob-1"},
    ]
    told = {"participant": {"external_id": "bob"}, "properties": {"touches": touches}}
    assert kept("participant.signed_up", told)["properties"]["touches"] == others
    line = {"kind": "link", "link": OTHER, "click": click}
    trace = {"attribution": {"won": "link", "by": line, "kept": [line]}}
    assert eraser().trace(trace, referrer=True, referred=False, event=True) == trace
    found = eraser().trace(trace, referrer=False, referred=True, event=True)["attribution"]
    assert found["by"] == found["kept"][0] == {"kind": "link", "link": OTHER}
    none = {"attribution": {"won": "", "kept": []}}
    assert eraser().trace(none, referrer=True, referred=True, event=True) == none


def test_what_an_import_says_of_a_referral_stays() -> None:
    row = {"imported": True, "source_state": "paid by Ada Byron", "source_id": "ada-77"}
    found = eraser().referral(row, side=True, referred=True)
    assert found == {**row, "source_id": eraser().neutral("ada-77")}


def test_a_referrals_properties() -> None:
    row = {
        "referred": {"email": "ada@x.example", "name": "A", "tea": "green"},
        "need": "tea",
        "order_id": "ada-77/1",
        "x": "ada-77",
    }
    one = eraser()
    assert one.referral(row, side=True, referred=True) == {
        "referred": {},
        "order_id": one.neutral("ada-77/1"),
        "x": ERASED,
    }
    theirs = one.referral(row, side=True, referred=False)
    assert theirs["referred"] == {"email": "ada@x.example", "name": "A", "tea": "green"}
    assert "need" not in theirs
    assert one.referral(row, side=False, referred=False)["need"] == "tea"


def test_a_trace_keeps_outcomes_and_loses_what_was_read_of_the_person() -> None:
    read = {
        "referrer.country": "NO",
        "referred.country": "NO",
        "referral.properties.need": "tea",
        "event.properties.x": 1,
        "event.value": 5,
        "account.owner": "Ada Byron",
        "history.orders": 1,
    }
    lines = [{"code": "a", "ok": True, "read": read}, {"code": "b", "ok": False, "read": read, "error": "of Ada"}]
    one = eraser()
    one.reason("he lied", strict=True)
    rewards = [{"rule": "r", "reason": "he lied"}, {"rule": "s", "reason": "held"}, {"rule": "t"}]
    found = one.trace({"checks": lines, "rewards": rewards, "x": 1}, referrer=True, referred=True, event=True)
    left = {"event.value": 5, "account.owner": ERASED, "history.orders": 1}
    assert found["checks"] == [
        {"code": "a", "ok": True, "read": left},
        {"code": "b", "ok": False, "read": left, "error": GONE},
    ]
    assert found["rewards"] == [{"rule": "r", "reason": GONE}, {"rule": "s", "reason": "held"}, {"rule": "t"}]
    assert (found["erased"], found["x"]) == (True, 1)
    side = one.trace({"checks": lines[:1]}, referrer=True, referred=False, event=False)["checks"][0]["read"]
    assert side.keys() == read.keys() - {"referrer.country", "referral.properties.need"}


def test_a_trace_in_which_nothing_was_read_of_the_person_stays_to_be_worked_out() -> None:
    trace = {"checks": [{"code": "a", "ok": False, "read": {"event.value": 5}, "error": "x has no value"}]}
    assert eraser().trace(trace, referrer=True, referred=True, event=True) == trace
    assert eraser().trace({}, referrer=True, referred=True, event=True) == {}


def test_what_the_world_was_told_loses_the_reason_in_words() -> None:
    one = eraser()
    one.reason("he lied", strict=True)
    assert one.notice({"reason": "he lied", "x": 1}) == {"reason": GONE, "x": 1}
    assert one.notice({"reason": "held", "by": "ada-77"}) == {"reason": "held", "by": ERASED}
    assert one.notice({"x": 1}) == {"x": 1}


# What the engine makes of it


def erased(memory: Memory, kind: str, properties: dict[str, Any], day: float = 0, **names: str) -> Any:
    """An event whose names are ids."""
    memory.sent += 1
    payload = {"properties": properties, "erased": names}
    at = START + timedelta(days=day)
    event = from_log(uuid(3, memory.sent), kind, "api", f"x{memory.sent}", at, NOW, payload)
    return step(memory.state, event), event


def test_a_person_without_a_name_is_known_by_id() -> None:
    memory = Memory(sales())
    erased(memory, "participant.identified", {}, participant=ID)
    found, event = erased(memory, "order.completed", {"value": 5, "currency": "USD"}, participant=ID)
    assert found.participant_id == ID
    assert event.participant.id == ID
    person = memory.state.participants[ID]
    assert (person.external_id, person.email, person.name, person.traits) == (None, "", "", {})
    assert memory.state.counter(ID, "orders:USD") == (1, 5)


def test_orders_that_came_before_the_sign_up_are_told_apart_by_id() -> None:
    first_order = {"be_referred": [{"code": "existing_customer", "when": "history.orders == 0"}]}
    for earlier, reason in ((False, "opened"), (True, "existing_customer")):
        memory = Memory(self_serve(eligibility=first_order))
        memory.say("link.created", "bo", 0, program="simple", code="bo-b")
        memory.say("participant.identified", "bo", 0)
        erased(memory, "order.completed", {"value": 5, "currency": "USD"}, 3, participant=ID)
        if earlier:
            erased(memory, "order.completed", {"value": 5, "currency": "USD"}, 0, participant=ID)
        found, _ = erased(memory, "participant.signed_up", {"code": "bo-b"}, 1, participant=ID)
        assert [decision.reason for decision in found.decisions] == [reason]


def test_names_that_are_gone_lead_to_the_same_account_link_and_referred_person() -> None:
    memory = Memory(sales())
    payload = {"properties": {}, "account": {"external_id": "erased-1"}, "erased": {"account": OTHER}}
    event = from_log(uuid(3, 1), "account.updated", "api", "a", START, NOW, payload)
    assert observe(memory.state, event).effects[0].id == OTHER
    [program] = memory.state.programs.values()
    erased(memory, "link.created", {"program": program.key, "code": "erased-1"}, participant=ID, link=uuid(9, 3))
    assert memory.state.links["erased-1"].id == uuid(9, 3)
    erased(memory, "referral.submitted", {"referral": "L1", "referred": {}}, participant=ID, referred=OTHER)
    assert (memory.referral().referrer_id, memory.referral().referred_id) == (ID, OTHER)
    assert memory.referral().properties == {"referred": {}}


def test_an_erasure_leaves_the_id_the_company_and_since_when() -> None:
    memory = Memory(sales())
    memory.say("participant.identified", "ada", 0, country="NO")
    [(id, person)] = memory.state.participants.items()
    for effects in (1, 0):
        properties = {"participant": ids.public("par", id)}
        event = Event("participant.erased", "goodword", "e", NOW, NOW, properties, id=uuid(3, 50))
        found = observe(memory.state, event)
        assert (found.participant_id, len(found.effects)) == (id, effects)
        assert step(memory.state, event).participant_id == id
    left = memory.state.participants[id]
    assert (left.external_id, left.email, left.name, left.traits) == (None, "", "", {})
    assert left.first_seen_at == person.first_seen_at


def test_who_comes_back_in_the_same_moment_is_somebody_else() -> None:
    memory = Memory(sales())
    seen = []
    for day in (0, 0, 0):
        memory.say("participant.identified", "ada", day)
        id = memory.state.participant_by_external.pop("ada")
        memory.state.participants_by_email.pop("ada@x.example")
        seen.append(id)
    assert len(set(seen)) == 3
    assert seen[0] == ids.derive(START, WORKSPACE, "participant", "external", "ada")


def test_conditions_whose_facts_are_gone_give_what_is_on_record() -> None:
    def told(*lines: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        memory = Memory(sales(eligibility={"refer": [{"code": "abroad", "when": "referrer.country == 'NO'"}]}))
        [program] = memory.state.programs.values()
        memory.state.concluded[uuid(3, 1), program.id] = lines
        reason, trace = memory.tell("referral.submitted", "ada", 0, referral="L1", referred={"email": "lead@x.example"})
        return str(reason), trace

    kept = {"code": "abroad", "ok": True, "read": {}}
    reason, trace = told(kept)
    assert (reason, trace["checks"], trace["erased"]) == ("opened", [kept], True)
    assert told({"code": "abroad", "ok": False, "read": {}})[0] == "abroad"
    assert told({"code": "abroad", "ok": False, "read": {}, "error": GONE})[0] == "condition_error"
    for lines in ((), ({"code": "other", "ok": True, "read": {}},)):
        reason, trace = told(*lines)
        assert (reason, "erased" in trace) == ("abroad", False)


def test_an_event_told_of_somebody_else_by_then_keeps_what_it_told_of_them() -> None:
    person = {**KNOWN[0], "team": "red", "boss": "Ada Byron"}
    found = kept("quiz.done", {"participant": person, "properties": {}}, stood_for=OTHER)
    gone = dict.fromkeys(("email", "name", "phone", "boss"), "[erased]")
    assert found["participant"] == {"external_id": "", "team": "red", **gone}
    assert found["erased"] == {"participant": OTHER}
    lent = [("email", "ada@x.example"), ("team", "red"), ("boss", "Bo")]
    back = kept("quiz.done", {"participant": person, "properties": {}}, stood_for=OTHER, lent=lent)
    del gone["email"]
    assert back["participant"] == gone
    assert "participant" not in kept(
        "quiz.done", {"participant": {"email": "a@b.c"}, "properties": {}}, stood_for=OTHER
    )
    event = from_log(uuid(3, 1), "quiz.done", "api", "x", START, NOW, found | {"participant": {"name": "Bo"}})
    assert event.participant
    assert (event.participant.id, event.participant.external_id, event.participant.name) == (OTHER, None, "Bo")
    memory = Memory(sales())
    assert step(memory.state, event).participant_id == OTHER
    assert memory.state.participants[OTHER].name == "Bo"
    step(memory.state, event._replace(participant=event.participant._replace(name="Bob"), id=uuid(3, 2)))
    assert memory.state.participants[OTHER].name == "Bob"


def test_a_refund_before_its_order_is_told_apart_by_id() -> None:
    threshold = {
        "flow": "self_serve",
        "qualified": {"on": "order.completed"},
        "closed_won": {"on": "order.completed", "when": "history.order_value >= 2500"},
    }
    rule = thanks(reverse={"on": ["order.refunded"], "how": "proportional"}, hold="P7D")
    memory = Memory(self_serve(lifecycle=threshold, rewards=[rule]))
    memory.say("link.created", "bo", 0, program="simple", code="bo-b")
    erased(memory, "participant.signed_up", {"code": "bo-b"}, 1, participant=ID)
    bought = {"currency": "USD", "order_id": "o1"}
    erased(memory, "order.refunded", {**bought, "value": 1_000}, 4, participant=ID)
    erased(memory, "order.completed", {**bought, "value": 3_000}, 3, participant=ID)
    assert memory.referral().state == "closed_won"


def test_an_event_that_names_somebody_else_by_a_shared_address_keeps_the_address_and_says_whose_it_was() -> None:
    told = {"participant": {"external_id": "bob", "email": "Shared@x.no"}, "properties": {}}
    claims = {"previous_id": {"other": OTHER, "reason": "merged", "whole": True}}
    found = kept("quiz.done", told, shared=OTHER, claims=claims)
    assert found == told | {"erased": {"participant": OTHER, "claims": claims}}
    assert kept("quiz.done", told, shared=OTHER, claims={})["erased"] == {"participant": OTHER, "claims": {}}
    event = from_log(uuid(3, 1), "quiz.done", "api", "x", START, NOW, found)
    memory = Memory(sales())
    assert step(memory.state, event).participant_id == OTHER
    row = memory.state.participants[OTHER]
    assert (row.external_id, row.email) == ("bob", "shared@x.no")


def test_every_address_the_person_had_is_known() -> None:
    person = [{"email": " Ada@X.no "}, {"email": "ada@y.no"}, {"email": ""}, {"external_id": "ada"}]
    assert Eraser(ID, person, (), b"s").emails == {"ada@x.no", "ada@y.no"}


def test_evidence_of_who_brought_the_person_stays_without_what_names_them() -> None:
    said = {"referred": "", "strict": True, "links": {}, "accounts": {}, "claims": None, "own": True, "about": True}
    known = eraser()
    known.coupons = frozenset({"bob-1"})
    order = known.payload("order.completed", {"participant": {}, "properties": {"coupon": "BOB-1"}}, **said)
    assert order["properties"] == {"coupon": "BOB-1"}
    told = {"code": "bob-1", "touches": [{"kind": "crm", "code": "bob-1", "proof": "x"}], "city": "Oslo"}
    for visitor, left in (("ada-77", known.key("ada-77")), ("v-1", "v-1")):
        payload = {"participant": {}, "properties": {**told, "anonymous_id": visitor}}
        assert known.payload("participant.identified", payload, **said)["properties"] == {
            "code": "bob-1", "touches": [{"kind": "crm", "code": "bob-1"}], "anonymous_id": left
        }  # fmt: skip


def test_a_claim_loses_its_proof_with_either_of_the_two_and_keeps_it_otherwise() -> None:
    told = {"program": "p", "referred": {"email": "bo@x.example"}, "proof": "over lunch", "reference": "77"}
    sent = {"participant": {"external_id": "ada-77"}, "properties": told}
    mine = kept("referral.claimed", sent, own=True, about=True)
    assert mine["properties"].keys() == {"program", "referred"}
    brought = kept("referral.claimed", {**sent, "participant": {"external_id": "bo"}}, about=True, referred=ID)
    assert brought["properties"] == {"program": "p", "referred": {}}
    assert kept("referral.claimed", {**sent, "participant": {"external_id": "bo"}})["properties"] == told
