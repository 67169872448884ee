"""The Python client against a server that fails: what is sent again, and what is told."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

import pytest

from goodword_client import ApiError, AsyncEventBuffer, AsyncGoodword, BufferFull, EventBuffer, Goodword, Unreachable
from goodword_client import _call as call
from support.faulty import DROP, faulty

RECORDED = {"inserted": ["evt_1"], "duplicates": [], "events": None}
DOWN = (503, {}, {"code": "unavailable", "title": "Not available", "detail": "Try again."})
EVENT: Any = {"type": "ride.finished", "event_id": "r-1", "participant": "u1"}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call, "FIRST_WAIT", 0.01)


def test_a_write_is_sent_again_with_the_same_key_until_it_is_answered() -> None:
    answers = [DOWN, (DROP, {}, None), (429, {"Retry-After": "0"}, None), (202, {}, RECORDED)]
    with faulty(answers) as server, Goodword(server.url, "gw_sk_1") as client:
        assert client.record_event(EVENT) == RECORDED
    keys = {sent.headers["Idempotency-Key"] for sent in server.sent}
    assert len(server.sent) == 4
    assert len(keys) == 1
    assert re.fullmatch(r"[0-9a-f-]{36}", keys.pop())
    assert {sent.headers["Authorization"] for sent in server.sent} == {"Bearer gw_sk_1"}


def test_your_own_key_is_used() -> None:
    with faulty([(202, {}, RECORDED)]) as server, Goodword(server.url, "k") as client:
        client.record_event(EVENT, idempotency_key="mine", wait=True)
    assert server.sent[0].headers["Idempotency-Key"] == "mine"
    assert server.sent[0].path == "/v1/events?wait=true"
    assert json.loads(server.sent[0].body) == EVENT


def test_a_key_is_read_without_its_line_end_and_one_that_no_header_can_say_is_not_quoted() -> None:
    with faulty([(202, {}, RECORDED)]) as server, Goodword(server.url, " gw_sk_1\n", token="t\n") as client:
        client.record_event(EVENT)
    assert server.sent[0].headers["Authorization"] == "Bearer gw_sk_1"
    for wrong in ("", "\n", "gw_sk_1\ngw_sk_2", "gw sk", "gw_sk_\u2026"):
        for given in ({"key": wrong}, {"key": "k", "token": wrong}):
            with pytest.raises(ValueError, match="is empty, or has a space") as refused:
                Goodword("http://127.0.0.1:1", **given)
            assert "gw" not in str(refused.value)


def test_a_refusal_is_told_at_once_with_its_faults() -> None:
    problem = {
        "code": "invalid_events",
        "title": "The events are not valid",
        "detail": "Mend them.",
        "errors": [{"pointer": "/type", "code": "unknown_type", "detail": "did you mean order.completed?"}],
    }
    with (
        faulty([(422, {"X-Request-ID": "r1"}, problem)]) as server,
        Goodword(server.url, "k") as client,
        pytest.raises(ApiError, match=r"422 invalid_events: .*\n  /type: did you mean") as refused,
    ):
        client.record_event(EVENT)
    assert (refused.value.code, refused.value.request_id, len(server.sent)) == ("invalid_events", "r1", 1)
    assert refused.value.errors[0]["code"] == "unknown_type"


def test_a_server_that_stays_away_is_told_after_the_last_attempt() -> None:
    with (
        faulty([(DROP, {}, None)]) as server,
        Goodword(server.url, "k", retries=2) as client,
        pytest.raises(Unreachable, match="3 attempts"),
    ):
        client.get_workspace()
    assert len(server.sent) == 3
    with faulty([DOWN]) as server, Goodword(server.url, "k", retries=1) as client, pytest.raises(ApiError) as refused:
        client.get_workspace()
    assert (refused.value.status, len(server.sent)) == (503, 2)


def test_a_server_that_asks_for_much_time_gets_no_further_attempt() -> None:
    with (
        faulty([(429, {"Retry-After": "3600"}, None)]) as server,
        Goodword(server.url, "k") as client,
        pytest.raises(ApiError) as refused,
    ):
        client.get_workspace()
    assert (refused.value.retry_after, refused.value.code, len(server.sent)) == (3600, "no_problem_details", 1)


def test_the_time_that_the_server_asks_for_is_waited() -> None:
    answers = [(429, {"Retry-After": "1"}, None), (200, {}, {"id": "ws_1"})]
    with faulty(answers) as server, Goodword(server.url, "k") as client:
        began = time.monotonic()
        client.get_workspace()
    assert time.monotonic() - began >= 1


def test_an_answer_with_an_etag_is_asked_for_once() -> None:
    held = {"at": None, "data": [{"kind": "feature"}]}
    answers = [(200, {"ETag": '"a"'}, held), (304, {"ETag": '"a"'}, None), (200, {"ETag": '"b"'}, {**held, "data": []})]
    with faulty(answers) as server, Goodword(server.url, "k") as client:
        found = [client.get_participant_entitlements("par_1")["data"] for _ in range(3)]
    assert found == [[{"kind": "feature"}], [{"kind": "feature"}], []]
    assert [sent.headers.get("If-None-Match") for sent in server.sent] == [None, '"a"', '"a"']


def test_a_list_goes_on_over_its_pages() -> None:
    pages = [(200, {}, {"data": [1, 2], "next_cursor": "c/1"}), (200, {}, {"data": [3], "next_cursor": None})]
    with faulty(pages) as server, Goodword(server.url, "k") as client:
        assert list(client.list_rewards(state="pending", limit=2)) == [1, 2, 3]
    assert [sent.path for sent in server.sent] == [
        "/v1/rewards?state=pending&limit=2",
        "/v1/rewards?state=pending&limit=2&cursor=c%2F1",
    ]


def test_a_part_of_a_path_stays_a_part() -> None:
    with faulty([(200, {}, {})]) as server, Goodword(server.url, "k") as client:
        client.get_participant("../keys?x=1")
    assert server.sent[0].path == "/v1/participants/..%2Fkeys%3Fx%3D1"


def test_who_asks_is_a_key_a_token_or_both() -> None:
    with faulty([(200, {}, {})]) as server:
        Goodword(server.url, token="jwt").get_workspace()
        Goodword(server.url, "gw_pk_1", token="jwt").get_workspace()
    said = [(sent.headers["Authorization"], sent.headers.get("Goodword-Token")) for sent in server.sent]
    assert said == [("Bearer jwt", None), ("Bearer gw_pk_1", "jwt")]
    with pytest.raises(ValueError, match="give a key"):
        Goodword(server.url)


def test_events_go_in_batches_and_those_refused_are_told() -> None:
    refusal = {"code": "invalid_events", "errors": [{"pointer": "/events/1/type", "code": "bad", "detail": "no"}]}
    told: list[tuple[str, str]] = []

    def refused(event: Mapping[str, Any], error: Exception) -> None:
        assert isinstance(error, ApiError)
        told.append((event["event_id"], error.code))

    with (
        faulty([(422, {}, refusal), (202, {}, RECORDED)]) as server,
        Goodword(server.url, "k") as client,
        EventBuffer(client, interval=60, on_refused=refused) as buffer,
    ):
        ids = [buffer.add({"type": "ride.finished", "participant": "u1"}) for _ in range(3)]
    assert told == [(ids[1], "invalid_events")]
    batches = [[event["event_id"] for event in json.loads(sent.body)["events"]] for sent in server.sent]
    assert batches == [ids, [ids[0], ids[2]]]
    assert all("occurred_at" in event for event in json.loads(server.sent[0].body)["events"])


def test_a_batch_that_is_refused_as_a_whole_is_sent_in_smaller_ones() -> None:
    large = (413, {}, {"code": "body_too_large", "title": "Too large", "detail": "Send less."})
    bad = (422, {}, {"code": "invalid_request", "title": "Not valid", "detail": "Over 300,000 values."})
    ok = (202, {}, RECORDED)
    told: list[str] = []
    with (
        faulty([large, ok, bad, ok, bad, ok]) as server,
        Goodword(server.url, "k") as client,
        EventBuffer(client, interval=60, on_refused=lambda event, _: told.append(event["event_id"])) as buffer,
    ):
        ids = [buffer.add({"type": "ride.finished", "participant": "u1"}) for _ in range(5)]
    batches = [[event["event_id"] for event in json.loads(sent.body)["events"]] for sent in server.sent]
    assert batches == [ids, ids[:2], ids[2:], ids[2:3], ids[3:], ids[3:4], ids[4:]]
    assert told == []


def test_the_event_for_which_a_batch_is_refused_is_found() -> None:
    bad = (422, {}, {"code": "invalid_request", "title": "Not valid", "detail": "Nested deeper than 32 levels."})
    told: list[str] = []
    with (
        faulty([bad, bad, (202, {}, RECORDED)]) as server,
        Goodword(server.url, "k") as client,
        EventBuffer(client, interval=60, on_refused=lambda event, _: told.append(event["event_id"])) as buffer,
    ):
        ids = [buffer.add({"type": "ride.finished", "participant": "u1"}) for _ in range(2)]
    assert told == ids[:1]
    assert [event["event_id"] for event in json.loads(server.sent[-1].body)["events"]] == ids[1:]


def test_an_event_that_needs_another_scope_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    fault = {"pointer": "/events/0/type", "code": "missing_scope", "detail": "reward.approved needs rewards:write"}
    refusal = {"code": "missing_scope", "title": "Not allowed", "detail": "It needs a scope.", "errors": [fault]}

    def refused(event: Mapping[str, Any], error: Exception) -> None:
        raise RuntimeError("the host's own fault")

    with (
        faulty([(403, {}, refusal), (202, {}, RECORDED)]) as server,
        Goodword(server.url, "k") as client,
        EventBuffer(client, interval=60, on_refused=refused) as buffer,
    ):
        ids = [buffer.add({"type": kind, "participant": "u1"}) for kind in ("reward.approved", "ride.finished")]
    assert [event["event_id"] for event in json.loads(server.sent[1].body)["events"]] == ids[1:]
    assert "on_refused failed" in caplog.text


def test_what_no_json_can_say_is_refused_when_it_is_added() -> None:
    with (
        faulty([(202, {}, RECORDED)]) as server,
        Goodword(server.url, "k") as client,
        EventBuffer(client, interval=60) as buffer,
    ):
        for value in (float("nan"), object(), "\ud800"):
            with pytest.raises((TypeError, ValueError)):
                buffer.add({**EVENT, "properties": {"value": value}})
        buffer.add(EVENT)
    assert [len(json.loads(sent.body)["events"]) for sent in server.sent] == [1]


def test_a_key_that_is_not_good_is_warned_of_while_the_events_wait(caplog: pytest.LogCaptureFixture) -> None:
    bad_key = (401, {}, {"code": "bad_key", "title": "Not known", "detail": "It is revoked."})
    with faulty([bad_key]) as server, Goodword(server.url, "k") as client:
        buffer = EventBuffer(client, interval=0.01)
        buffer.add(EVENT)
        until = time.monotonic() + 10
        while "1 events wait" not in caplog.text and time.monotonic() < until:
            time.sleep(0.01)
        assert "bad_key" in caplog.text
        assert len(buffer.close()) == 1


def test_a_program_that_ends_without_close_sends_what_waits() -> None:
    script = (
        "import sys; from goodword_client import EventBuffer, Goodword\n"
        "buffer = EventBuffer(Goodword(sys.argv[1], 'k'), interval=60)\n"
        "buffer.add({'type': 'ride.finished', 'participant': 'u1'})\n"
    )
    with faulty([(202, {}, RECORDED)]) as server:
        subprocess.run([sys.executable, "-c", script, server.url], check=True, timeout=60)
    assert [len(json.loads(sent.body)["events"]) for sent in server.sent] == [1]


def test_a_batch_that_is_full_or_old_is_sent_by_itself() -> None:
    with faulty([(202, {}, RECORDED)]) as server, Goodword(server.url, "k") as client:
        full = EventBuffer(client, size=2, interval=60)
        full.add(EVENT)
        full.add(EVENT)
        old = EventBuffer(client, interval=0.05)
        old.add(EVENT)
        until = time.monotonic() + 10
        while len(server.sent) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        assert len(server.sent) == 2
        assert full.close() == old.close() == []


def test_what_cannot_be_sent_is_handed_back_and_no_more_is_taken_than_fits() -> None:
    with faulty([DOWN]) as server, Goodword(server.url, "k", retries=0) as client:
        buffer = EventBuffer(client, interval=60, capacity=2)
        ids = [buffer.add({"type": "ride.finished", "participant": "u1"}) for _ in range(2)]
        with pytest.raises(BufferFull):
            buffer.add(EVENT)
        assert [event["event_id"] for event in buffer.close()] == ids
        with pytest.raises(ValueError, match="closed"):
            buffer.add(EVENT)


def test_the_awaited_client_does_the_same() -> None:
    async def story(url: str) -> tuple[Any, list[Any], list[Any]]:
        async with AsyncGoodword(url, "k") as client:
            recorded = await client.record_event(EVENT)
            listed = [each async for each in client.list_rewards()]
            buffer = AsyncEventBuffer(client, size=1, interval=0.05)
            buffer.add(EVENT)
            await asyncio.sleep(0.1)
            return recorded, listed, await buffer.close()

    page = {"data": [1], "next_cursor": None}
    with faulty([DOWN, (202, {}, RECORDED), (200, {}, page), (202, {}, RECORDED)]) as server:
        assert asyncio.run(story(server.url)) == (RECORDED, [1], [])
    assert [sent.path for sent in server.sent] == ["/v1/events", "/v1/events", "/v1/rewards", "/v1/events/batch"]
