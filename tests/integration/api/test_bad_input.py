"""Bad input at every door of the API: a clear answer each, and nothing left behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.integration.api.conftest import Api

from goodword.api import body

Tables = Callable[[], dict[str, int]]


@pytest.fixture(scope="module")
def api(unmoved: Api) -> Api:
    """Every test here leaves the workspace as it was: that is what they prove."""
    return unmoved


ORDER: dict[str, Any] = {
    "type": "order.completed",
    "event_id": "order-1",
    "participant": "ada",
    "properties": {"value": 100, "currency": "USD"},
}
PROGRAM: dict[str, Any] = {
    "program": "small",
    "name": "Small",
    "currency": "USD",
    "lifecycle": {"flow": "self_serve", "closed_won": {"on": "order.completed"}},
    "rewards": [
        {"id": "thanks", "on": "referral.closed_won", "to": "referrer", "give": {"type": "cash", "amount": 100}}
    ],
}


NOT_READ = [
    (b" \n", "The body is empty."),
    (b"\xef\xbb\xbf{}", "The body begins with a byte order mark; leave it out."),
]


@pytest.mark.parametrize(("raw", "said"), NOT_READ)
def test_what_is_no_json_is_told_without_words_of_the_code(api: Api, raw: bytes, said: str) -> None:
    answer = api.post("/v1/events", raw)
    assert (answer.status, answer.code, answer.data["detail"]) == (400, "malformed_json", said)


def test_what_is_no_id_of_ours_is_told_by_an_example(api: Api) -> None:
    own = "; by your own id, one is found with GET /v1/participants?external_id=u1"
    expected = f"expected an id of ours: par_ and 26 characters, such as par_01jq8x5e4me8k9d3v0h2r6t7wy{own}"
    for path in ("/v1/participants/ada", "/v1/decisions?participant=ada", "/v1/links?participant=par_x"):
        assert expected in api.get(path).data["detail"]
    refused = api.post("/v1/referrals", {"referrer": [], "referred": {"email": "x@y.z"}})
    assert refused.data["errors"] == [
        {"pointer": "/referrer", "code": "wrong_type", "detail": "expected a JSON object or the external id"}
    ]


@pytest.mark.parametrize(
    ("changed", "pointer", "said"),
    [
        ({"referred": {"email": "nope"}}, "/referred/email", "expected an e-mail address such as ada@example.com"),
        ({"url": "javascript:1"}, "/url", "expected an address that begins with https:// or http://"),
        ({"proof": " "}, "/proof", "expected a text that is not only spaces"),
    ],
)
def test_a_text_that_is_none_of_its_kind_is_told_by_what_is_expected(
    api: Api, changed: dict[str, Any], pointer: str, said: str
) -> None:
    claim = {"program": "friends", "participant": "ada", "referred": {"email": "x@y.example"}, "proof": "told her"}
    refused = api.post("/v1/claims", claim | changed)
    assert refused.data["errors"] == [{"pointer": pointer, "code": "bad_value", "detail": said}]


def _event(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**ORDER, **changes}.items() if value is not ...}


@pytest.mark.parametrize(
    ("event", "where", "what"),
    [
        (_event(properties={"value": "100", "currency": "USD"}), "/properties/value", "wrong_type"),
        (_event(properties={"value": 4.8, "currency": "USD"}), "/properties/value", "wrong_type"),
        (_event(properties={"value": -1, "currency": "USD"}), "/properties/value", "out_of_range"),
        (_event(properties={"value": 10**30, "currency": "USD"}), "/properties/value", "number_too_large"),
        (_event(properties={"value": 100, "currency": "XXX"}), "/properties/currency", "unknown_currency"),
        (_event(properties={"value": 100, "currency": "usd"}), "/properties/currency", "unknown_currency"),
        (_event(properties=[]), "/properties", "bad_properties"),
        (_event(occurred_at="0000-01-01T00:00:00Z"), "/occurred_at", "bad_time"),
        (_event(occurred_at="0001-01-01T00:00:00+14:00"), "/occurred_at", "bad_time"),
        (_event(occurred_at="1969-12-31T23:59:59Z"), "/occurred_at", "time_too_old"),
        (_event(occurred_at="9999-12-31T23:59:59Z"), "/occurred_at", "time_in_future"),
        (_event(occurred_at="yesterday"), "/occurred_at", "bad_time"),
        (_event(occurred_at=1_700_000_000), "/occurred_at", "bad_time"),
        (_event(participant={}), "/participant", "no_identity"),
        (_event(participant={"name": "Ada"}), "/participant", "no_identity"),
        (_event(participant=...), "/participant", "no_identity"),
        (_event(participant=7), "/participant", "bad_participant"),
        (_event(participant={"email": "not an address"}), "/participant/email", "bad_email"),
        (_event(participant={"external_id": ""}), "/participant/external_id", "bad_external_id"),
        (_event(participant={"external_id": "  "}), "/participant/external_id", "bad_external_id"),
        (_event(participant={"external_id": "x" * 201}), "/participant/external_id", "bad_external_id"),
        (_event(type="order.complete"), "/type", None),
        (_event(type="reward.aproved"), "/type", "unknown_type"),
        (_event(type="hold.ended"), "/type", "unknown_type"),
        (_event(type="no verb"), "/type", "bad_type"),
        (_event(type=...), "/type", "bad_type"),
        (_event(event_id=...), "/event_id", "bad_event_id"),
        (_event(event_id=7), "/event_id", "bad_event_id"),
        (_event(event_id="x" * 201), "/event_id", "bad_event_id"),
        (_event(source="x" * 65), "/source", "bad_source"),
        (_event(evnt_id="x"), "/evnt_id", "unknown_field"),
        (_event(account=3), "/account", "bad_account"),
        (_event(note="x" * 10_001), "/note", "text_too_long"),
        (_event(properties={"value": 1, "currency": "USD", "n": "a\0b"}), "/properties/n", "bad_text"),
        (_event(properties={"value": 1, "currency": "USD", "a/b~c": "\0"}), "/properties/a~1b~0c", "bad_text"),
        (_event(properties={"value": 1, "currency": "USD", "n": "\ud800"}), "/properties/n", "bad_text"),
        ([], "", "not_an_object"),
        ("order", "", "not_an_object"),
        (None, "", "not_an_object"),
    ],
)
def test_a_bad_event_is_refused_by_its_place(
    api: Api, tables: Tables, event: Any, where: str, what: str | None
) -> None:
    if what is None:  # order.complete is a custom type and may be sent: nothing is known of it
        assert api.post("/v1/events", event).status == 202
        return
    before = tables()
    answer = api.post("/v1/events", event)
    assert (answer.status, answer.code) in ((422, "invalid_events"), (422, "invalid_request"))
    assert (where, what) in answer.errors, answer.errors
    batch = api.post("/v1/events/batch", {"events": [ORDER, event]})
    assert batch.status == 422
    assert (f"/events/1{where}", what) in batch.errors, batch.errors
    assert tables() == before


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"{", "malformed_json"),
        (b"{'type': 1}", "malformed_json"),
        (b'{"a": NaN}', "malformed_json"),
        (b'{"a": Infinity}', "malformed_json"),
        (b'{"a": 1e999}', "malformed_json"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "malformed_json"),
        (b'{"a": 1, "a": 2}', "malformed_json"),
        (b'{"a": "\xff"}', "malformed_json"),
        (b"\xef\xbb\xbf{}", "malformed_json"),
        (b'{"a": "\x00"}', "malformed_json"),
        (b"[" * 100_000, "invalid_request"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "invalid_request"),
        (b"[" + b"0," * 400_000 + b"0]", "invalid_request"),
        (b'{"\\u0000": 1}', "invalid_request"),
        (b'{"\\ud800": 1}', "invalid_request"),
    ],
)
def test_what_is_not_sane_json_is_refused(api: Api, tables: Tables, raw: bytes, code: str) -> None:
    before = tables()
    for path in ("/v1/events", "/v1/events/batch"):
        answer = api.post(path, raw)
        assert answer.status in (400, 422)
        assert answer.code == code
    if len(raw) < 200_000:
        assert api.post("/v1/programs", raw).code == code
    assert tables() == before


def test_a_megabyte_in_one_string_is_refused(api: Api, tables: Tables) -> None:
    before = tables()
    answer = api.post("/v1/events", _event(properties={**ORDER["properties"], "n": "x" * 1024 * 1024}))
    assert (answer.status, answer.code) == (413, "body_too_large")
    answer = api.send(_event(properties={**ORDER["properties"], "n": "x" * 1024 * 1024}))
    assert (answer.status, answer.errors) == (422, [("/events/0/properties/n", "text_too_long")])
    assert tables() == before


@pytest.mark.parametrize(("path", "limit"), [("/v1/events", body.MAX_BODY), ("/v1/events/batch", body.MAX_BATCH_BODY)])
def test_a_body_may_be_as_long_as_the_limit_and_no_longer(api: Api, path: str, limit: int) -> None:
    value: dict[str, Any] = ORDER if path == "/v1/events" else {"events": [ORDER]}
    raw = json.dumps(value).encode()
    assert api.post(path, raw + b" " * (limit - len(raw))).status == 202
    refused = api.post(path, raw + b" " * (limit + 1 - len(raw)))
    assert (refused.status, refused.code) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("value", "where", "what"),
    [
        ([], "", "not_an_object"),
        ({}, "/events", "bad_batch"),
        ({"events": []}, "/events", "bad_batch"),
        ({"events": {}}, "/events", "bad_batch"),
        ({"events": [ORDER], "more": 1}, "/more", "unknown_field"),
    ],
)
def test_a_batch_of_another_shape_is_refused(api: Api, value: Any, where: str, what: str) -> None:
    answer = api.post("/v1/events/batch", value)
    assert (answer.status, answer.code, answer.errors) == (422, "invalid_events", [(where, what)])


def _program(**changes: Any) -> dict[str, Any]:
    return {**PROGRAM, **changes}


def _rule(**changes: Any) -> dict[str, Any]:
    return _program(rewards=[{**PROGRAM["rewards"][0], **changes}])


@pytest.mark.parametrize(
    ("document", "where", "what", "says"),
    [
        (_program(rewrads=[]), "/rewrads", "unknown_key", "did you mean rewards?"),
        (_rule(give={"type": "cash", "amout": 100}), "/rewards/0/give/amout", "unknown_key", "did you mean amount?"),
        (_rule(give={"type": "cash", "amount": -1}), "/rewards/0/give/amount", "negative_amount", "at least 0"),
        (_rule(give={"type": "points", "amount": 1, "unit": "stars"}), "/rewards/0/give/unit", "unknown_unit", "stars"),
        (_program(currency="XXX"), "/currency", "unknown_currency", "ISO 4217"),
        (_rule(when="event.value >"), "/rewards/0/when", None, ""),
        (
            _program(
                tiers=[
                    {"id": "a", "from": 1, "metric": "submitted_referrals", "after": "b"},
                    {"id": "b", "from": 2, "metric": "submitted_referrals", "after": "a"},
                ]
            ),
            "/tiers/0/after",
            "tier_cycle",
            "circle",
        ),
        (_program(kind="referal"), "/kind", "not_allowed", "referral"),
        ([], "", "not_an_object", ""),
        ({}, "/program", "missing", "missing"),
        ({**PROGRAM, "name": "a\0b"}, "/name", "bad_text", "NUL"),
    ],
)
def test_a_bad_program_is_refused_by_its_path(
    api: Api, tables: Tables, document: Any, where: str, what: str | None, says: str
) -> None:
    before = tables()
    for path in ("/v1/programs", "/v1/programs/validate"):
        answer = api.post(path, document)
        assert answer.status == 422
        assert answer.code in ("invalid_program", "invalid_request")
        found = [fault for fault in answer.data["errors"] if fault["pointer"] == where]
        assert found, answer.data
        assert what is None or found[0]["code"] == what
        assert says in found[0]["detail"]
    assert tables() == before


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"program: [", "invalid_program"),
        (b"- a\n- b\n", "invalid_program"),
        (b"a: &x [1]\nb: *x\n", "invalid_program"),
        (b"a: !!python/object:os.system x\n", "invalid_program"),
        (b"a: 1\na: 2\n", "invalid_program"),
        (b"[" * 1_000, "invalid_program"),
        (b"\xff\xfe", "malformed_yaml"),
        (b"a: \x00", "malformed_yaml"),
        (b'program: small\nname: "a\\0b"\n', "invalid_program"),
    ],
)
def test_what_is_not_sane_yaml_is_refused(api: Api, tables: Tables, text: bytes, code: str) -> None:
    before = tables()
    answer = api.post("/v1/programs", text, content_type="application/yaml")
    assert answer.status in (400, 422)
    assert answer.code == code
    assert tables() == before


def test_a_nul_in_a_yaml_program_is_refused(api: Api, tables: Tables) -> None:
    before = tables()
    document = json.dumps({**PROGRAM, "name": "NAME"}).replace("NAME", "a\\0b").encode()
    answer = api.post("/v1/programs", document, content_type="application/yaml")
    assert (answer.status, answer.errors) == (422, [("", "bad_text")])
    assert "line 1" in str(answer.data["errors"])
    assert tables() == before


def test_a_program_may_be_as_long_as_the_limit_and_no_longer(api: Api) -> None:
    raw = json.dumps(PROGRAM).encode()
    fits = api.post("/v1/programs/validate", raw + b" " * (200_000 - len(raw)))
    assert fits.status == 200
    refused = api.post("/v1/programs/validate", raw + b" " * (200_001 - len(raw)))
    assert (refused.status, refused.code) == (413, "body_too_large")
