"""Events at the edge are answered as Django answers them, whatever is sent."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from tests.integration.api.conftest import Api

from goodword.api import idempotency
from goodword.store import keys, tenancy
from goodword.store.models import ApiKey
from goodword.store.sql import execute, fetch
from support.serving import Served

ORDER: dict[str, Any] = {
    "type": "order.completed",
    "event_id": "order-1",
    "participant": "ada",
    "properties": {"value": 100, "currency": "USD"},
}
JSON = {"Content-Type": "application/json"}
SINGLE, BATCH = "/v1/events", "/v1/events/batch"
DJANGO = {"Origin": "https://elsewhere.example"}
"""With this header a request goes past the edge; to a secret key it means nothing."""


def _batch(*events: Any) -> bytes:
    return json.dumps({"events": events}).encode()


DEEP: Any = 1
for _ in range(40):
    DEEP = [DEEP]
NO_PROGRAM = {"program": "none"}
FLATTER: Any = [[[[[[[[[[1]]]]]]]]]]

ASKED: list[tuple[str, str, bytes, dict[str, str]]] = [
    ("nothing", SINGLE, b"", JSON),
    ("no_json", SINGLE, b"{", JSON),
    ("a_list", SINGLE, b"[]", JSON),
    ("no_event", SINGLE, b"{}", JSON),
    ("twice", SINGLE, b'{"type":"order.completed","type":"order.completed"}', JSON),
    ("nul", SINGLE, json.dumps({**ORDER, "event_id": "a\0b"}).encode(), JSON),
    ("half_a_pair", SINGLE, json.dumps({**ORDER, "event_id": "\ud800"}).encode(), JSON),
    ("no_utf_8", SINGLE, b'{"type":"\xff"}', JSON),
    ("not_a_number", SINGLE, b'{"properties":{"value":NaN}}', JSON),
    ("huge", SINGLE, b'{"type":"a.b","properties":{"value":1e999}}', JSON),
    ("long_number", SINGLE, json.dumps({**ORDER, "properties": {"value": 2**70, "currency": "USD"}}).encode(), JSON),
    ("many_digits", SINGLE, b'{"properties":{"value":' + b"9" * 60 + b"}}", JSON),
    ("deep", SINGLE, json.dumps({**ORDER, "properties": {"deep": DEEP}}).encode(), JSON),
    ("rather_deep", SINGLE, json.dumps({**ORDER, "properties": {"deep": FLATTER}}).encode(), JSON),
    ("wrong_types", SINGLE, json.dumps({**ORDER, "participant": 7, "properties": {"value": "1"}}).encode(), JSON),
    ("unknown_field", SINGLE, json.dumps({**ORDER, "extra": 1}).encode(), JSON),
    ("unknown_program", SINGLE, json.dumps({**ORDER, "type": "link.created", "properties": NO_PROGRAM}).encode(), JSON),
    ("another_type", SINGLE, b"{}", {"Content-Type": "text/plain"}),
    ("no_type", SINGLE, b"{}", {}),
    ("a_charset", SINGLE, b"{}", {"Content-Type": "application/json; charset=utf-16"}),
    ("no_gzip", SINGLE, b"{}", {**JSON, "Content-Encoding": "gzip"}),
    ("cut_gzip", SINGLE, gzip.compress(json.dumps(ORDER).encode())[:-9], {**JSON, "Content-Encoding": "gzip"}),
    ("a_bomb", SINGLE, gzip.compress(b" " * 20_000_000), {**JSON, "Content-Encoding": "gzip"}),
    ("brotli", SINGLE, b"{}", {**JSON, "Content-Encoding": "br"}),
    ("too_large", SINGLE, b" " * (1024 * 1024 + 1), JSON),
    ("no_batch", BATCH, b"[]", JSON),
    ("empty_batch", BATCH, _batch(), JSON),
    ("more_than_a_batch", BATCH, _batch(*[ORDER] * 1001), JSON),
    ("a_field_beside", BATCH, b'{"events":[],"more":1}', JSON),
    ("one_of_a_batch", BATCH, _batch(ORDER, {**ORDER, "event_id": "order-2", "properties": {}}), JSON),
    ("no_key", SINGLE, b"{}", {**JSON, "Authorization": ""}),
    ("a_bad_key", SINGLE, b"{}", {**JSON, "Authorization": "Bearer gw_sk_nonsense"}),
    ("another_scheme", SINGLE, b"{}", {**JSON, "Authorization": "Basic eDp5"}),
    ("a_long_key", SINGLE, b"{}", {**JSON, "Authorization": f"Bearer {'x' * 300}"}),
]  # fmt: skip


def _told(answer: httpx.Response) -> tuple[Any, ...]:
    """What of an answer is the same each time."""
    headers = {name: value for name, value in answer.headers.items() if name not in MOVING}
    return answer.status_code, headers, answer.content


MOVING = {"date", "x-request-id", "content-language", "ratelimit-remaining", "ratelimit-reset", "vary"}


def test_what_is_wrong_is_told_as_django_tells_it(server: Served, api: Api, workspace: str) -> None:
    with httpx.Client(base_url=server.url) as client:
        for name, path, raw, headers in ASKED:
            sent = {"Authorization": f"Bearer {api.key}", **headers}
            here = client.post(path, content=raw, headers=sent)
            there = client.post(path, content=raw, headers={**sent, **DJANGO})
            assert (name, *_told(here)) == (name, *_told(there))
            assert here.status_code in range(400, 500), name
            assert ("ratelimit-remaining" in here.headers) == ("ratelimit-remaining" in there.headers), name
            once = client.post(path, content=raw, headers={**sent, "Idempotency-Key": name})
            assert (name, *_told(once)) == (name, *_told(there))
    assert _logged(workspace) == []
    assert _keys(workspace) == []  # a refusal sets its key free


def _logged(workspace: str) -> list[tuple[str, str]]:
    """The senders' ids of the events in the log, with the id of the request of each."""
    with tenancy.workspace(workspace):
        return fetch(
            """
            SELECT event.event_id, inbox.request
            FROM event JOIN inbox ON inbox.workspace_id = event.workspace_id AND inbox.event_id = event.id
            WHERE event.workspace_id = %s ORDER BY event.event_id
            """,
            [workspace],
        )


def _keys(workspace: str) -> list[str]:
    """The idempotency keys that are kept."""
    with tenancy.workspace(workspace):
        return [key for (key,) in fetch("SELECT key FROM idempotency_key WHERE workspace_id = %s", [workspace])]


def _client(server: Served, key: str | None) -> httpx.Client:
    return httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {key}"}, timeout=60)


def test_events_are_recorded_once_in_the_same_shape_and_with_their_requests_id(
    server: Served, api: Api, workspace: str
) -> None:
    packed = {**JSON, "Content-Encoding": "gzip", "X-Request-Id": "request-of-a-batch"}
    more = [{**ORDER, "event_id": f"order-{number}"} for number in range(2, 5)]
    more[0]["type"] = "order.complete"
    with _client(server, api.key) as client:
        first = client.post(SINGLE, json=ORDER, headers={"X-Request-Id": "request-of-one"})
        again = client.post(SINGLE, json=ORDER)
        past = client.post(SINGLE, json=ORDER, headers=DJANGO)
        batch = client.post(BATCH, content=gzip.compress(_batch(ORDER, *more)), headers=packed)
        chunks = client.post(SINGLE, content=iter([json.dumps(ORDER).encode()]), headers=JSON)

    assert first.status_code == 202
    [id_] = first.json()["inserted"]
    assert first.json() == {"inserted": [id_], "duplicates": [], "events": None, "warnings": []}
    assert first.headers["x-request-id"] == "request-of-one"
    assert again.json() == {"inserted": [], "duplicates": [id_], "events": None, "warnings": []}
    assert _told(past) == _told(again) == _told(chunks)
    assert batch.json()["duplicates"] == [id_]
    assert [warning["nearest"] for warning in batch.json()["warnings"]] == ["order.completed"]
    assert _logged(workspace) == [
        ("order-1", "request-of-one"),
        *((f"order-{number}", "request-of-a-batch") for number in range(2, 5)),
    ]


def test_many_at_once_are_answered_each_for_itself(server: Served, api: Api, workspace: str) -> None:
    def sent(number: int) -> tuple[int, int]:
        raw = {**ORDER, "event_id": f"order-{number // 2}"} if number % 5 else {**ORDER, "event_id": ""}
        with _client(server, api.key) as client:
            return number, client.post(SINGLE, json=raw).status_code

    with ThreadPoolExecutor(16) as crowd:
        told = dict(crowd.map(sent, range(80)))

    assert {number for number, status in told.items() if status == 422} == set(range(0, 80, 5))
    assert {told[number] for number in range(80) if number % 5} == {202}
    taken = {f"order-{number // 2}" for number in range(80) if number % 5}
    assert {name for name, _ in _logged(workspace)} == taken


def test_a_key_that_is_revoked_or_may_not_is_refused_at_once(server: Served, api: Api, workspace: str) -> None:
    reader = keys.create_key(workspace, "reader", scope=["events:read"])[1]
    key, text = keys.create_key(workspace, "writer", scope=["events:write"])
    with _client(server, reader) as client:
        answer = client.post(SINGLE, json=ORDER)
        assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    with _client(server, text) as client:
        assert client.post(SINGLE, json=ORDER).status_code == 202
        moved = {**ORDER, "type": "reward.approved", "properties": {"reward": "rwd_x"}}
        refused = client.post(BATCH, json={"events": [moved]})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (403, "/events/0/type")
        keys.revoke_key(workspace, str(key.id))
        assert client.post(SINGLE, json=ORDER).json()["code"] == "bad_key"
    with tenancy.workspace(workspace):
        assert ApiKey.objects.get(id=key.id).last_used_at is not None


def test_requests_beyond_the_rate_are_refused_and_say_when_to_come_again(
    serve: Callable[..., Served], api: Api, workspace: str
) -> None:
    server = serve(env={"GOODWORD_API_REQUESTS_PER_MINUTE": "30"})

    def sent(number: int) -> httpx.Response:
        with _client(server, api.key) as client:
            return client.post(SINGLE, json={**ORDER, "event_id": f"order-{number}"})

    with ThreadPoolExecutor(8) as crowd:
        told = list(crowd.map(sent, range(100)))
    taken = [answer for answer in told if answer.status_code == 202]
    assert 30 <= len(taken) <= 60  # a minute may end meanwhile
    refused = next(answer for answer in told if answer.status_code == 429)
    assert refused.json()["code"] == "rate_limited"
    assert refused.headers["retry-after"] == refused.headers["ratelimit-reset"]
    assert {answer.headers["ratelimit-limit"] for answer in told} == {"30"}
    assert len(_logged(workspace)) == len(taken)


def test_a_repeat_with_the_same_key_gets_the_first_answer_from_whichever_way_it_came(
    server: Served, api: Api, workspace: str
) -> None:
    named = {"Idempotency-Key": "one"}
    second = {**ORDER, "event_id": "order-2"}
    packed = {**JSON, "Content-Encoding": "gzip"}
    with _client(server, api.key) as client:
        first = client.post(SINGLE, json=ORDER, headers=named)
        again = client.post(SINGLE, json=ORDER, headers=named)
        past = client.post(SINGLE, json=ORDER, headers={**named, **DJANGO})
        small = client.post(SINGLE, content=gzip.compress(first.request.content), headers={**named, **packed})
        there = client.post(BATCH, json={"events": [second]}, headers={"Idempotency-Key": "two", **DJANGO})
        here = client.post(BATCH, json={"events": [second]}, headers={"Idempotency-Key": "two"})
        other = client.post(SINGLE, json=second, headers=named)
        batch = client.post(BATCH, json={"events": [ORDER]}, headers=named)
        for key in ("", "x" * 201, "tab\there"):
            bad = client.post(SINGLE, json=ORDER, headers={"Idempotency-Key": key})
            worse = client.post(SINGLE, json=ORDER, headers={"Idempotency-Key": key, **DJANGO})
            assert bad.json()["errors"][0]["code"] == "bad_idempotency_key"
            assert _told(bad) == _told(worse)

    assert first.status_code == 202
    assert len(first.json()["inserted"]) == 1
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert _told(again) == _told(past) == _told(small)
    assert (again.status_code, again.content) == (202, first.content)
    assert _told(here) == (202, {**_told(there)[1], "idempotency-replayed": "true"}, there.content)
    assert [(one.status_code, one.json()["code"]) for one in (other, batch)] == [(422, "idempotency_key_reused")] * 2
    assert len(_logged(workspace)) == 2
    assert sorted(_keys(workspace)) == ["one", "two"]


def test_of_many_that_come_at_once_with_a_few_keys_one_of_each_is_recorded(
    server: Served, api: Api, workspace: str
) -> None:
    def sent(number: int) -> tuple[int, httpx.Response]:
        with _client(server, api.key) as client:
            headers = {"Idempotency-Key": f"key-{number % 7}", **(DJANGO if number % 5 == 0 else {})}
            while True:
                answer = client.post(SINGLE, json={**ORDER, "event_id": f"order-{number % 7}"}, headers=headers)
                if answer.status_code != 409:
                    return number % 7, answer

    with ThreadPoolExecutor(16) as crowd:
        told = list(crowd.map(sent, range(140)))

    assert {answer.status_code for _, answer in told} == {202}
    assert len({(key, answer.content) for key, answer in told}) == 7
    firsts = [key for key, answer in told if "idempotency-replayed" not in answer.headers]
    assert sorted(firsts) == list(range(7))
    assert len(_logged(workspace)) == 7


def test_a_request_that_is_still_running_elsewhere_is_not_carried_out_beside(
    server: Served, api: Api, workspace: str
) -> None:
    body = json.dumps(ORDER).encode()
    digest = idempotency.digest_of("POST", SINGLE, JSON["Content-Type"], body)
    with tenancy.workspace(workspace):
        idempotency.claim(workspace, {"one": digest})
    with _client(server, api.key) as client:
        waits = client.post(SINGLE, content=body, headers={**JSON, "Idempotency-Key": "one"})
        assert (waits.status_code, waits.json()["code"]) == (409, "idempotency_in_progress")
        assert waits.headers["retry-after"] == "1"
        assert _logged(workspace) == []
        with tenancy.workspace(workspace):
            execute("UPDATE idempotency_key SET started_at = started_at - interval '61 seconds'")
        assert client.post(SINGLE, content=body, headers={**JSON, "Idempotency-Key": "one"}).status_code == 202
    assert len(_logged(workspace)) == 1
