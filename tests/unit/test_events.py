"""Reading one event as it is sent: what passes, and the answer to everything that does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from goodword.domain import events
from goodword.domain.events import EventError, from_log, parse_event, parse_time
from goodword.domain.payloads import CATALOGUE

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ORDER: dict[str, Any] = {
    "type": "order.completed",
    "event_id": "order-123",
    "occurred_at": "2026-03-14T10:22:00+01:00",
    "participant": {"external_id": "u1", "email": " Ada@X.no ", "name": "Ada", "shoe": 38},
    "account": "acme",
    "properties": {"value": 480, "currency": "USD", "colour": "red"},
}
SUBMITTED: dict[str, Any] = {
    "type": "referral.submitted",
    "event_id": "s1",
    "participant": "u1",
    "properties": {"referral": "L1", "referred": {"email": "grace@globex.example"}},
}


def changed(raw: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A copy with other values; `...` leaves a field out, a double underscore reaches into properties."""
    copy = {**raw, "properties": dict(raw.get("properties", {}))}
    for name, value in changes.items():
        target, key = (copy["properties"], name[2:]) if name.startswith("p_") else (copy, name)
        if value is ...:
            target.pop(key, None)
        else:
            target[key] = value
    return copy


def refusal(raw: object, *, internal: bool = False) -> list[tuple[str, str]]:
    with pytest.raises(EventError) as caught:
        parse_event(raw, NOW, internal=internal)
    assert all(problem.message for problem in caught.value.problems)
    return [(problem.pointer, problem.code) for problem in caught.value.problems]


def test_an_event_is_read_with_everything_it_says() -> None:
    event = parse_event(ORDER, NOW, "shop")
    assert (event.type, event.source, event.event_id) == ("order.completed", "shop", "order-123")
    assert event.occurred_at == datetime(2026, 3, 14, 9, 22, tzinfo=UTC)
    assert event.received_at == NOW
    assert event.participant == events.PersonRef("u1", "ada@x.no", "Ada", {"shoe": 38})
    assert event.account == events.AccountRef("acme")
    assert event.properties["colour"] == "red"
    assert not event.simulated


def test_the_log_gives_back_the_same_event() -> None:
    for raw in (ORDER, changed(ORDER, participant={"email": "a@x.no"}, account=...), SUBMITTED):
        event = parse_event(raw, NOW)
        again = from_log(
            "id", event.type, event.source, event.event_id, event.occurred_at, event.received_at, event.payload()
        )
        assert again.payload() == event.payload()
        assert (again.participant, again.account) == (event.participant, event.account)


def test_left_out_parts_have_their_defaults() -> None:
    event = parse_event({"type": "participant.signed_up", "event_id": "1", "participant": "u1"}, NOW)
    assert (event.source, event.occurred_at, event.properties) == ("api", NOW, {})


def test_a_time_may_be_given_as_a_value_with_its_offset() -> None:
    assert parse_event(changed(ORDER, occurred_at=NOW), NOW).occurred_at == NOW


def test_a_source_in_the_event_wins_over_the_senders() -> None:
    assert parse_event(changed(ORDER, source="till"), NOW, "shop").source == "till"


def test_a_made_up_fact_says_so() -> None:
    assert parse_event(changed(ORDER, p_simulated=True), NOW).simulated


@pytest.mark.parametrize("kind", ["ride.finished", "crm.deal_won", "a.b"])
def test_any_other_noun_and_verb_is_a_custom_event(kind: str) -> None:
    raw = {"type": kind, "event_id": "1", "participant": "u1", "properties": {"any": {"thing": [1, 2.5, None]}}}
    assert parse_event(raw, NOW).properties == {"any": {"thing": [1, 2.5, None]}}


@pytest.mark.parametrize(
    "about",
    [{"participant": "u1"}, {"account": "acme"}, {"properties": {"referral": "L1"}}],
    ids=["participant", "account", "referral"],
)
def test_a_custom_event_is_about_somebody(about: dict[str, Any]) -> None:
    parse_event({"type": "crm.deal_won", "event_id": "1", **about}, NOW)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("text", [("", "not_an_object")]),
        (None, [("", "not_an_object")]),
        ([ORDER], [("", "not_an_object")]),
        ({}, [("/type", "bad_type"), ("/event_id", "bad_event_id")]),
        (changed(ORDER, type="Order Completed"), [("/type", "bad_type")]),
        (changed(ORDER, type=7), [("/type", "bad_type")]),
        (changed(ORDER, type="reward.aproved"), [("/type", "unknown_type")]),
        (changed(ORDER, type="hold.ended"), [("/type", "unknown_type")]),
        (changed(ORDER, type="waitlist.x"), [("/type", "unknown_type")]),
        (changed(ORDER, event_id=""), [("/event_id", "bad_event_id")]),
        (changed(ORDER, event_id="x" * 201), [("/event_id", "bad_event_id")]),
        (changed(ORDER, event_id=7), [("/event_id", "bad_event_id")]),
        (changed(ORDER, source=""), [("/source", "bad_source")]),
        (changed(ORDER, source="x" * 65), [("/source", "bad_source")]),
        (changed(ORDER, propertys={}), [("/propertys", "unknown_field")]),
        (changed(ORDER, **{"a/b~c": 1}), [("/a~1b~0c", "unknown_field")]),
        (changed(ORDER, occurred_at="0000-01-01T00:00:00Z"), [("/occurred_at", "bad_time")]),
        (changed(ORDER, occurred_at="2026-02-30T00:00:00Z"), [("/occurred_at", "bad_time")]),
        (changed(ORDER, occurred_at="2026-03-14"), [("/occurred_at", "bad_time")]),
        (changed(ORDER, occurred_at="2026-03-14T10:22:00"), [("/occurred_at", "bad_time")]),
        (changed(ORDER, occurred_at=NOW.replace(tzinfo=None)), [("/occurred_at", "bad_time")]),
        (changed(ORDER, occurred_at=1773483720), [("/occurred_at", "bad_time")]),
        (changed(ORDER, occurred_at="1969-12-31T23:59:59Z"), [("/occurred_at", "time_too_old")]),
        (changed(ORDER, occurred_at="0001-01-01T00:00:00+23:59"), [("/occurred_at", "bad_time")]),
        (changed(ORDER, occurred_at="2026-11-22T12:00:01Z"), [("/occurred_at", "time_in_future")]),
        (changed(ORDER, participant=...), [("/participant", "no_identity")]),
        (changed(ORDER, participant=7), [("/participant", "bad_participant")]),
        (changed(ORDER, participant={}), [("/participant", "no_identity")]),
        (changed(ORDER, participant={"name": "Ada"}), [("/participant", "no_identity")]),
        (changed(ORDER, participant=""), [("/participant/external_id", "bad_external_id")]),
        (changed(ORDER, participant=" \t\u00a0"), [("/participant/external_id", "bad_external_id")]),
        (changed(ORDER, participant={"external_id": 7}), [("/participant/external_id", "bad_external_id")]),
        (changed(ORDER, participant={"external_id": "x" * 201}), [("/participant/external_id", "bad_external_id")]),
        (changed(ORDER, participant={"email": "ada"}), [("/participant/email", "bad_email")]),
        (changed(ORDER, participant={"email": 7}), [("/participant/email", "bad_email")]),
        (changed(ORDER, participant={"email": "a@" + "x" * 250 + ".no"}), [("/participant/email", "bad_email")]),
        (changed(ORDER, participant={"external_id": "u1", "name": 7}), [("/participant/name", "bad_name")]),
        (changed(ORDER, participant={"external_id": "u1", "name": "x" * 201}), [("/participant/name", "bad_name")]),
        (changed(ORDER, account=7), [("/account", "bad_account")]),
        (changed(ORDER, account={"name": "Acme"}), [("/account", "bad_account")]),
        (changed(ORDER, account=""), [("/account", "bad_account")]),
        (changed(ORDER, account="  "), [("/account", "bad_account")]),
        ({**ORDER, "properties": []}, [("/properties", "bad_properties")]),
        (changed(ORDER, type=7, p_value=-1), [("/type", "bad_type")]),
        (changed(ORDER, p_value=...), [("/properties/value", "missing")]),
        (changed(ORDER, p_value="480"), [("/properties/value", "wrong_type")]),
        (changed(ORDER, p_value=4.8), [("/properties/value", "wrong_type")]),
        (changed(ORDER, p_value=True), [("/properties/value", "wrong_type")]),
        (changed(ORDER, p_value=-1), [("/properties/value", "out_of_range")]),
        (changed(ORDER, p_value=10**15 + 1), [("/properties/value", "out_of_range")]),
        (changed(ORDER, p_currency="EURO"), [("/properties/currency", "unknown_currency")]),
        (changed(ORDER, p_currency="usd"), [("/properties/currency", "unknown_currency")]),
        (changed(ORDER, p_currency=7), [("/properties/currency", "wrong_type")]),
        (changed(ORDER, p_simulated="yes"), [("/properties/simulated", "wrong_type")]),
        (
            changed(ORDER, p_value=..., p_currency=..., occurred_at="soon"),
            [("/occurred_at", "bad_time"), ("/properties/value", "missing"), ("/properties/currency", "missing")],
        ),
        (changed(SUBMITTED, p_referred={}), [("/properties/referred/email", "missing")]),
        (changed(SUBMITTED, p_referred={"email": "x"}), [("/properties/referred/email", "wrong_type")]),
        (
            changed(SUBMITTED, p_referred={"email": "g@x.no", "employees": "many"}),
            [("/properties/referred/employees", "wrong_type")],
        ),
        ({"type": "account.updated", "event_id": "1", "participant": "u1"}, [("/account", "no_account")]),
        (
            {"type": "account.updated", "event_id": "1", "account": "a", "properties": {"since": "2023"}},
            [("/properties/since", "bad_time")],
        ),
        ({"type": "reward.approved", "event_id": "1"}, [("/properties/reward", "missing")]),
        (
            {"type": "reward.approved", "event_id": "1", "properties": {"referral": "L1"}},
            [("/properties/reward", "missing")],
        ),
        ({"type": "referral.qualified", "event_id": "1"}, [("/properties/referral", "missing")]),
        ({"type": "ride.finished", "event_id": "1"}, [("/participant", "no_identity")]),
        (
            changed(ORDER, participant=..., event_id="", occured_at=1),
            [("/occured_at", "unknown_field"), ("/event_id", "bad_event_id"), ("/participant", "no_identity")],
        ),
        (
            {"type": "reward.approved", "event_id": "1", "properties": {"reward": 7}},
            [("/properties/reward", "wrong_type")],
        ),
        ({"type": "ride.finished", "event_id": "1", "account": 7}, [("/account", "bad_account")]),
        ({"type": "ride.finished", "event_id": "1", "properties": 7}, [("/properties", "bad_properties")]),
        (
            {
                "type": "link.created",
                "event_id": "1",
                "participant": "u",
                "properties": {"program": "p", "code": "a b"},
            },
            [("/properties/code", "bad_value")],
        ),
    ],
)
def test_a_bad_event_is_answered_with_where_and_what(raw: object, expected: list[tuple[str, str]]) -> None:
    assert refusal(raw) == expected


def test_a_misspelt_type_of_a_known_noun_is_told_the_right_ones() -> None:
    with pytest.raises(EventError, match=r"reward\.approved, reward\.rejected") as caught:
        parse_event(changed(ORDER, type="reward.aproved"), NOW)
    assert "hold.ended" not in str(caught.value)
    with pytest.raises(EventError, match="of the noun hold there are: none"):
        parse_event(changed(ORDER, type="hold.ended"), NOW)


def test_an_amount_with_decimals_is_told_about_minor_units() -> None:
    with pytest.raises(EventError, match=r"4\.80 USD is 480"):
        parse_event(changed(ORDER, p_value=4.8), NOW)


def test_only_the_engine_records_its_own_types() -> None:
    raw = {"type": "hold.ended", "event_id": "1", "properties": {"timer": "t"}}
    assert parse_event(raw, NOW, internal=True).type == "hold.ended"
    assert refusal(raw) == [("/type", "unknown_type")]


def test_a_clock_may_be_a_day_ahead_and_no_more() -> None:
    ahead = (NOW + timedelta(days=1)).isoformat()
    assert parse_event(changed(ORDER, occurred_at=ahead), NOW).occurred_at == NOW + timedelta(days=1)


def test_1970_is_old_enough() -> None:
    raw = changed(ORDER, occurred_at="1970-01-01T00:00:00Z")
    assert parse_event(raw, NOW).occurred_at == events.OLDEST


def _deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"x": value}
    return value


def _deep_list(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


TEXT, LIST = events.MAX_TEXT, events.MAX_LIST


@pytest.mark.parametrize(
    ("within", "beyond", "pointer", "code"),
    [
        ("x" * TEXT, "x" * (TEXT + 1), "/properties/x", "text_too_long"),
        ("x" * TEXT, "x" * 1_000_000, "/properties/x", "text_too_long"),
        ([1] * LIST, [1] * (LIST + 1), "/properties/x", "too_many"),
        ({str(n): 1 for n in range(LIST)}, {str(n): 1 for n in range(LIST + 1)}, "/properties/x", "too_many"),
        (_deep(5), _deep(7), "/properties/x/x/x/x/x/x/x", "too_deep"),
        (_deep_list(5), _deep_list(7), "/properties/x/0/0/0/0/0/0", "too_deep"),
        (2**63 - 1, 2**63, "/properties/x", "number_too_large"),
        (-(2**63) + 1, -(2**63), "/properties/x", "number_too_large"),
        (1.5, float("nan"), "/properties/x", "not_a_number"),
        (1.5, float("inf"), "/properties/x", "not_a_number"),
        ("å" * 2_000, "a\x00b", "/properties/x", "bad_text"),
        ("å" * 2_000, "\ud800", "/properties/x", "bad_text"),
        ({"y": 1}, {"y\x00": 1}, "/properties/x", "bad_name"),
        ({"y": 1}, {"\udfff": 1}, "/properties/x", "bad_name"),
        (["x" * TEXT] * 6, ["x" * TEXT] * 7, "", "event_too_large"),
    ],
)
def test_everything_has_a_limit_tested_on_both_sides(within: Any, beyond: Any, pointer: str, code: str) -> None:
    parse_event(changed(ORDER, p_x=within), NOW)
    assert refusal(changed(ORDER, p_x=beyond)) == [(pointer, code)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-14T10:22:00Z", "2026-03-14T10:22:00+00:00"),
        ("2026-03-14t10:22:00z", "2026-03-14T10:22:00+00:00"),
        ("2026-03-14 10:22:00.5-05:00", "2026-03-14T15:22:00.500000+00:00"),
    ],
)
def test_a_time_is_read_as_utc(text: str, expected: str) -> None:
    assert parse_time(text).isoformat() == expected


def test_the_catalogue_has_every_type_of_the_published_list() -> None:
    expected = {
        "participant": ["identified", "signed_up", "split"],
        "order": ["completed", "refunded"],
        "subscription": ["started", "renewed", "upgraded", "cancelled"],
        "invoice": ["paid"],
        "account": ["updated"],
        "fx": ["rate_published"],
        "milestone": ["reached"],
        "link": ["created", "updated"],
        "claim": ["approved", "rejected"],
        "referral": [
            "submitted",
            "claimed",
            "qualified",
            "opportunity_opened",
            "closed_won",
            "closed_lost",
            "disqualified",
        ],
        "reward": ["approved", "rejected", "issued", "redeemed", "failed"],
        "catalogue": ["redeemed"],
        "contest": ["disqualified", "reinstated"],
        "terms": ["accepted"],
        "visitor": ["touched"],
    }
    sent = {name for name, kind in CATALOGUE.items() if not kind.internal}
    assert sent == {f"{noun}.{verb}" for noun, verbs in expected.items() for verb in verbs}
    assert all(kind.payload.__doc__ for kind in CATALOGUE.values())


def test_evidence_that_is_a_bare_text_is_told_how_it_is_written() -> None:
    raw = {"type": "participant.signed_up", "event_id": "1", "participant": "u1", "properties": {"touches": ["ADA"]}}
    with pytest.raises(EventError) as caught:
        parse_event(raw, NOW)
    [problem] = caught.value.problems
    assert (problem.pointer, problem.code) == ("/properties/touches/0", "wrong_type")
    assert problem.message == 'expected an object, such as {"kind": "code", "code": "ada-4711"}'


def test_a_person_that_is_a_number_is_told_that_an_object_is_expected() -> None:
    raw = changed(SUBMITTED, p_referred=7)
    with pytest.raises(EventError) as caught:
        parse_event(raw, NOW)
    assert [problem.message for problem in caught.value.problems] == ["expected an object"]


def test_a_refund_says_how_much_or_of_which_order() -> None:
    refund = {"type": "order.refunded", "event_id": "r-1", "participant": "u1"}
    for said in (
        {"value": 100, "currency": "USD"},
        {"order_id": "7"},
        {"order_id": "7", "value": 0, "currency": "USD"},
    ):
        assert parse_event({**refund, "properties": said}, NOW).properties == said
    for wrong in ({}, {"order_id": None}, {"value": 100}, {"order_id": "7", "value": 100}, {"currency": "USD"}):
        assert refusal({**refund, "properties": wrong}) == [("/properties", "bad_value")]
