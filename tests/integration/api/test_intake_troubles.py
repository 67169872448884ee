"""Requests that are taken together at the edge: trouble of one is not another's."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from tests.integration.api.conftest import Api

from goodword.api import idempotency, intake
from goodword.engine import record
from goodword.ops import database
from goodword.store import keys, tenancy, workspaces
from goodword.store.sql import fetch


@pytest.fixture
def patient(db: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Connections as a web server has them, which wait for a second and a half."""
    options = connections.settings["default"]["OPTIONS"]
    monkeypatch.setitem(connections.settings["default"], "OPTIONS", {**options, "pool": {**options["pool"]}})
    monkeypatch.setattr(intake, "ANSWER_SECONDS", 1.5)
    database.close()
    database.be_patient()
    yield
    database.close()


def _asked(key: str, event_id: str, once: str | None = None) -> intake.Asked:
    raw = {"type": "ride.finished", "event_id": event_id, "participant": "ada"}
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    if once is not None:
        headers["idempotency-key"] = once
    return intake.Asked("/v1/events", headers, json.dumps(raw).encode(), "request")


def _logged(workspace_id: str) -> set[str]:
    with tenancy.workspace(workspace_id):
        return {name for (name,) in fetch("SELECT event_id FROM event WHERE workspace_id = %s", [workspace_id])}


def _writes(other: psycopg.Connection[Any], workspace_id: str, event_id: str) -> None:
    """Another writer, in a transaction that is not over."""
    other.execute(f"SET LOCAL {tenancy.WORKSPACE} = '{workspace_id}'")
    other.execute(
        """
        INSERT INTO event (workspace_id, id, source, event_id, type, occurred_at, received_at, payload)
        VALUES (%s, gen_random_uuid(), 'api', %s, 'ride.finished', now(), now(), '{"properties": {}}')
        """,
        [workspace_id, event_id],
    )


def test_a_workspace_that_is_stuck_holds_up_no_other(
    patient: None, database_url: str, api: Api, workspace: str
) -> None:
    other = str(workspaces.create("other", "Other").id)
    theirs = keys.create_key(other, "tests")[1]
    with psycopg.connect(database_url) as writer:
        _writes(writer, workspace, "one")
        told = intake.answer([_asked(api.key, "one"), _asked(theirs, "two")])
    assert [answer.status for answer in told] == [503, 202]
    assert json.loads(told[0].content)["code"] == "unavailable"
    assert _logged(other) == {"two"}
    assert intake.answer([_asked(api.key, "one")])[0].status == 202
    assert _logged(workspace) == {"one"}


def test_two_writers_in_each_others_way_are_both_told_that_theirs_is_recorded(
    database_url: str, api: Api, workspace: str
) -> None:
    def taken() -> list[intake.Answer]:
        try:
            return intake.answer([_asked(api.key, "one"), _asked(api.key, "two")])
        finally:
            connection.close()

    with psycopg.connect(database_url) as writer, ThreadPoolExecutor(1) as crew:
        _writes(writer, workspace, "two")
        told = crew.submit(taken)
        while not _waits(database_url):
            assert not told.done()
        _writes(writer, workspace, "one")
        writer.commit()
        answers = told.result()
    assert [answer.status for answer in answers] == [202, 202]
    assert _logged(workspace) == {"one", "two"}


def test_what_nobody_thought_of_is_one_requests_own(api: Api, workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    honest, begun = record.record_each, threading.local()

    def stumbling(workspace_id: str, sent: Any, now: Any) -> Any:
        begun.times = getattr(begun, "times", 0) + 1
        if any(event.event_id == "bad" for one in sent for _, event in one.events):
            raise ZeroDivisionError
        return honest(workspace_id, sent, now)

    monkeypatch.setattr(record, "record_each", stumbling)
    told = intake.answer([_asked(api.key, name) for name in ("one", "bad", "two")])
    assert [answer.status for answer in told] == [202, 500, 202]
    assert _logged(workspace) == {"one", "two"}
    assert begun.times == 4


def test_a_key_is_kept_with_its_event_or_neither_is(api: Api, workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = idempotency.keep

    def stumbling(workspace_id: str, started: Any, first: Mapping[str, Any]) -> None:
        honest(workspace_id, started, first)
        if "bad" in first:
            raise ZeroDivisionError

    monkeypatch.setattr(idempotency, "keep", stumbling)
    names = ["one", "bad", "two"]
    told = intake.answer([_asked(api.key, name, name) for name in names])
    assert [answer.status for answer in told] == [202, 500, 202]
    assert _logged(workspace) == {"one", "two"}
    monkeypatch.setattr(idempotency, "keep", honest)
    again = intake.answer([_asked(api.key, name, name) for name in names])
    assert [answer.status for answer in again] == [202, 202, 202]
    assert [answer.headers.get("Idempotency-Replayed") for answer in again] == ["true", None, "true"]
    assert [answer.content for answer in again][::2] == [answer.content for answer in told][::2]
    assert _logged(workspace) == {"one", "bad", "two"}


def test_of_two_with_the_same_key_that_come_together_the_first_counts(api: Api, workspace: str) -> None:
    told = intake.answer([_asked(api.key, "one", "key"), _asked(api.key, "two", "key")])
    assert [answer.status for answer in told] == [202, 422]
    assert json.loads(told[1].content)["code"] == "idempotency_key_reused"
    assert _logged(workspace) == {"one"}


def test_a_crowd_with_keys_asks_the_database_no_more_often_than_two(api: Api, workspace: str) -> None:
    def statements(names: Sequence[str]) -> int:
        counted = 0

        def count(*given: Any, **more: Any) -> Any:
            nonlocal counted
            counted += 1
            return honest(*given, **more)

        honest = psycopg.Cursor.execute
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(psycopg.Cursor, "execute", count)
            told = intake.answer([_asked(api.key, name, f"key {name}") for name in names])
        assert [answer.status for answer in told] == [202] * len(names)
        return counted

    statements(["first"])  # the key's first use is written down
    assert statements(["a", "b"]) == statements([f"c{number}" for number in range(100)]) > 5


def _waits(database_url: str) -> bool:
    """Whether somebody waits for somebody else's row."""
    with psycopg.connect(database_url) as looking:
        found = looking.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'transactionid'"
        ).fetchone()
    return bool(found and found[0])
