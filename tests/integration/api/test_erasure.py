"""Erasing over the API: one key, one workspace, and the same answer again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from tests.integration.api.conftest import Api

from goodword.engine import apply, replay
from goodword.store import keys, tenancy
from goodword.store.models import IdempotencyKey


def ada(api: Api) -> str:
    [found] = api.get("/v1/participants", external_id="ada").data["data"]
    return str(found["id"])


@pytest.mark.usefixtures("story")
def test_a_person_is_erased_with_a_receipt_and_again_with_the_same(api: Api, workspace: str) -> None:
    id = ada(api)
    assert api.get(f"/v1/participants/{id}/erasure").data == {"erased": False, "receipt": None}
    answer = api.post(f"/v1/participants/{id}/erase", {"also": ["Countess of L"]})
    assert answer.status == 200
    receipt = answer.data
    assert receipt["participant"] == id
    assert receipt["id"].startswith("ers_")
    assert receipt["requested_by"] == "key tests"
    assert receipt["counts"]["participant"] == 1
    assert (receipt["repeated"], receipt["left"]) == (False, {})

    left = api.get(f"/v1/participants/{id}").data
    assert (left["external_id"], left["email"], left["name"], left["traits"]) == (None, "", "", {})
    assert api.get(f"/v1/events/{receipt['event']}").data["properties"] == {"participant": id}
    assert api.post(f"/v1/participants/{id}/erase", {}).data == {**receipt, "repeated": True}
    assert api.get(f"/v1/participants/{id}/erasure").data == {"erased": True, "receipt": receipt}
    assert replay.verify(workspace).differences == ()


@pytest.mark.usefixtures("story")
def test_a_kept_answer_that_tells_of_the_person_goes_and_its_events_are_known(api: Api, workspace: str) -> None:
    id = ada(api)
    told = {"type": "quiz.done", "event_id": "z1", "participant": "ada", "properties": {"text": "my secret"}}
    other = {"type": "quiz.done", "event_id": "z2", "participant": "grace"}
    first = api.post("/v1/events?wait=true", told, idempotency_key="k1")
    api.post("/v1/events?wait=true", other, idempotency_key="k2")
    api.post(f"/v1/participants/{id}/erase", {}, idempotency_key="k3")
    with tenancy.workspace(workspace):
        kept = {row.key: bytes(row.answer or b"") for row in IdempotencyKey.objects.all()}
    assert kept.keys() == {"k2", "k3"}
    again = api.post("/v1/events?wait=true", told, idempotency_key="k1")
    assert again.data["duplicates"] == first.data["inserted"]
    assert "my secret" not in json.dumps(again.data)
    assert api.post(f"/v1/participants/{id}/erase", {}, idempotency_key="k3").headers["Idempotency-Replayed"] == "true"


@pytest.mark.usefixtures("story")
def test_nobody_erases_without_the_workspaces_key(api: Api, other: Api, nobody: Api, workspace: str) -> None:
    id = ada(api)
    key, text = keys.create_key(workspace, "old")
    keys.revoke_key(workspace, str(key.id))
    asked = f"/v1/participants/{id}/erase"
    assert (nobody.post(asked, {}).status, Api(text).post(asked, {}).code) == (401, "bad_key")
    assert (other.post(asked, {}).status, other.get(f"/v1/participants/{id}/erasure").code) == (404, "not_found")
    assert api.call("DELETE", f"/v1/participants/{id}").code == "method_not_allowed"
    assert ada(api) == id


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ([], [("", "not_an_object")]),
        ({"als": 1}, [("/als", "unknown_field")]),
        ({"also": "x"}, [("/also", "wrong_type")]),
        ({"also": [1]}, [("/also", "wrong_type")]),
        ({"also": ["ab"]}, [("/also", "bad_also")]),
        ({"also": ["abc"] * 21}, [("/also", "bad_also")]),
    ],
)
def test_a_request_that_does_not_fit_erases_nobody(api: Api, body: Any, errors: list[tuple[str, str]]) -> None:
    answer = api.post(f"/v1/participants/{ada(api)}/erase", body)
    assert (answer.status, answer.code, answer.errors) == (422, "invalid_request", errors)
    assert ada(api)


def test_an_id_that_names_nobody_is_not_found(api: Api) -> None:
    for id in ("par_01jq8x5e4me8k9d3v0h2r6t7wy", "par_x", "ref_01jq8x5e4me8k9d3v0h2r6t7wy"):
        assert api.post(f"/v1/participants/{id}/erase", {}).code == "not_found"
        assert api.get(f"/v1/participants/{id}/erasure").code == "not_found"


@pytest.mark.usefixtures("story")
def test_a_busy_engine_is_told_with_when_to_come_again(
    api: Api, workspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = ada(api)

    def busy(*_: Any, **__: Any) -> None:
        raise apply.Busy("the engine is busy")

    monkeypatch.setattr(apply, "apply_pending", busy)
    answer = api.post(f"/v1/participants/{id}/erase", {})
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "engine_busy", "5")
    with tenancy.workspace(workspace), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM erasure")
        assert cursor.fetchone()[0] == 0


@pytest.mark.usefixtures("story")
def test_everything_held_is_given_out(api: Api, other: Api) -> None:
    id = ada(api)
    answer = api.get(f"/v1/participants/{id}/export")
    assert answer.status == 200
    assert answer.data["participant"]["email"] == "ada@example.com"
    assert answer.data["not_whole"] == []
    assert other.get(f"/v1/participants/{id}/export").code == "not_found"
