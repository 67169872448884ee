"""`Idempotency-Key`: a repeat of a write gets the first answer, once, for a day."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from tests.integration.api.conftest import Api

from goodword.api import events, idempotency
from goodword.store import tenancy

ORDER: dict[str, Any] = {
    "type": "order.completed",
    "event_id": "order-1",
    "participant": "ada",
    "properties": {"value": 100, "currency": "USD"},
}


def test_a_repeat_gets_the_first_answer(api: Api) -> None:
    first = api.post("/v1/events", ORDER, Idempotency_Key="one")
    assert first.status == 202
    assert len(first.data["inserted"]) == 1
    assert "Idempotency-Replayed" not in first.headers
    again = api.post("/v1/events", ORDER, Idempotency_Key="one")
    assert (again.status, again.data) == (first.status, first.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    without = api.post("/v1/events", ORDER)
    assert without.data["duplicates"] == first.data["inserted"]


def test_another_request_with_the_same_key_is_refused(api: Api) -> None:
    api.post("/v1/events", ORDER, Idempotency_Key="one")
    other = api.post("/v1/events", {**ORDER, "event_id": "order-2"}, Idempotency_Key="one")
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    path = api.post("/v1/events?wait=true", ORDER, Idempotency_Key="one")
    assert (path.status, path.code) == (422, "idempotency_key_reused")


def test_keys_of_two_workspaces_are_strangers(api: Api, other: Api) -> None:
    mine = api.post("/v1/events", ORDER, Idempotency_Key="one")
    theirs = other.post("/v1/events", ORDER, Idempotency_Key="one")
    assert theirs.status == 202
    assert theirs.data["inserted"] != mine.data["inserted"]
    assert "Idempotency-Replayed" not in theirs.headers


def test_a_refused_request_sets_its_key_free(api: Api) -> None:
    bad = api.post("/v1/events", {**ORDER, "properties": {}}, Idempotency_Key="one")
    assert bad.status == 422
    good = api.post("/v1/events", ORDER, Idempotency_Key="one")
    assert good.status == 202


@pytest.mark.parametrize("key", ["", "x" * (idempotency.MAX_KEY + 1), "tab\there", "é"])
def test_a_key_that_is_no_key_is_refused(api: Api, key: str) -> None:
    answer = api.post("/v1/events", ORDER, Idempotency_Key=key)
    assert (answer.status, answer.errors) == (422, [("Idempotency-Key", "bad_idempotency_key")])


def test_the_longest_key_is_taken(api: Api) -> None:
    assert api.post("/v1/events", ORDER, Idempotency_Key="x" * idempotency.MAX_KEY).status == 202


def test_a_concurrent_repeat_is_told_to_wait(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, go_on = threading.Event(), threading.Event()
    record = events.record.record

    def slow(*arguments: Any, **options: Any) -> Any:
        inside.set()
        assert go_on.wait(10)
        return record(*arguments, **options)

    monkeypatch.setattr(events.record, "record", slow)
    answers: list[Any] = []

    def first() -> None:
        answers.append(Api(api.key).post("/v1/events", ORDER, Idempotency_Key="one"))
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(10)
    second = api.post("/v1/events", ORDER, Idempotency_Key="one")
    go_on.set()
    thread.join()
    assert (second.status, second.code) == (409, "idempotency_in_progress")
    assert second.headers["Retry-After"] == "1"
    assert answers[0].status == 202
    third = api.post("/v1/events", ORDER, Idempotency_Key="one")
    assert third.data == answers[0].data


def test_a_request_that_died_is_run_again(api: Api, workspace: str) -> None:
    first = api.post("/v1/events", ORDER, Idempotency_Key="one")
    _age(workspace, "started_at - interval '61 seconds', status = NULL, answer = NULL")
    again = api.post("/v1/events", ORDER, Idempotency_Key="one")
    assert again.data["duplicates"] == first.data["inserted"]


def test_keys_are_forgotten_after_a_day(api: Api, workspace: str) -> None:
    api.post("/v1/events", ORDER, Idempotency_Key="old")
    _age(workspace, "started_at - interval '24 hours'")
    fresh = api.post("/v1/events", {**ORDER, "event_id": "order-2"}, Idempotency_Key="new")
    assert fresh.status == 202
    with tenancy.workspace(workspace), connection.cursor() as cursor:
        cursor.execute("SELECT key FROM idempotency_key")
        assert cursor.fetchall() == [("new",)]


def _age(workspace: str, change: str) -> None:
    with tenancy.workspace(workspace), connection.cursor() as cursor:
        cursor.execute(f"UPDATE idempotency_key SET started_at = {change}")
