"""Programs over HTTP: check, publish, read; JSON and YAML are one document."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
import yaml
from tests.integration.api.conftest import RECIPES, Api

from goodword.api import programs, schemas
from goodword.engine import apply
from support.documents import self_serve

YAML = yaml.safe_dump(schemas.PROGRAM_EXAMPLE).encode()


def test_a_document_is_checked_without_being_published(api: Api) -> None:
    answer = api.post("/v1/programs/validate", schemas.PROGRAM_EXAMPLE)
    assert (answer.status, answer.data) == (200, {"valid": True, "program": "give-and-get", "rules": ["thanks"]})
    assert api.get("/v1/programs").data["data"] == []


@pytest.mark.parametrize("route", ["/v1/programs", "/v1/programs/validate", "/v1/programs/diff", "/v1/drafts"])
def test_a_program_in_the_wrapper_of_other_routes_is_told_so(api: Api, route: str) -> None:
    wrapped = {"document": schemas.PROGRAM_EXAMPLE}
    in_yaml = api.post(route, yaml.safe_dump(wrapped).encode(), content_type="application/yaml")
    for answer in (api.post(route, wrapped), in_yaml):
        assert (answer.status, answer.errors) == (422, [("/document", "wrapped_document")])
        assert "send what stands under document" in answer.data["errors"][0]["detail"]


def test_publishing_makes_a_version_that_is_live(api: Api) -> None:
    answer = api.post("/v1/programs", schemas.PROGRAM_EXAMPLE)
    assert answer.status == 201
    assert (answer.data["program"], answer.data["number"], answer.data["live"]) == ("give-and-get", 1, True)
    assert answer.data["published_by"] == "key tests"
    program = api.get("/v1/programs/give-and-get").data
    assert (program["live_version"], program["kind"]) == (1, "referral")
    assert api.get(f"/v1/programs/{program['id']}").data == program
    assert api.get("/v1/programs").data["data"] == [program]


def test_yaml_and_json_are_the_same_document(api: Api) -> None:
    first = api.post("/v1/programs", YAML, content_type="application/yaml")
    assert first.status == 201
    same = api.post("/v1/programs", schemas.PROGRAM_EXAMPLE)
    assert (same.status, same.data["digest"]) == (200, first.data["digest"])
    document = api.get("/v1/programs/give-and-get/document").data
    assert document["document"] == schemas.PROGRAM_EXAMPLE


def test_a_change_is_a_new_version_and_the_old_one_stays(api: Api) -> None:
    api.post("/v1/programs", schemas.PROGRAM_EXAMPLE)
    changed = {**schemas.PROGRAM_EXAMPLE, "name": "Another name"}
    second = api.post("/v1/programs", changed)
    assert (second.status, second.data["number"]) == (201, 2)
    versions = api.get("/v1/programs/give-and-get/versions").data["data"]
    assert [(row["number"], row["live"]) for row in versions] == [(2, True), (1, False)]
    assert api.get("/v1/programs/give-and-get/versions/1").data["document"] == schemas.PROGRAM_EXAMPLE
    assert api.get("/v1/programs/give-and-get/versions/2").data["document"] == changed
    assert api.get("/v1/programs/give-and-get").data["name"] == "Another name"


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_recipes_are_published_as_written(api: Api, recipe: str) -> None:
    text = (files("goodword") / "recipes" / f"{recipe}.yaml").read_bytes()
    assert api.post("/v1/programs", text, content_type="application/yaml").status == 201
    assert api.get(f"/v1/programs/{recipe}/document").data["document"]["program"] == recipe


@pytest.mark.parametrize(
    "path",
    [
        "/v1/programs/nothing",
        "/v1/programs/nothing/versions",
        "/v1/programs/nothing/document",
        "/v1/programs/nothing/versions/1",
        "/v1/programs/give-and-get/versions/2",
        "/v1/programs/give-and-get/versions/0",
        "/v1/programs/give-and-get/versions/99999999999",
        "/v1/programs/give-and-get/versions/2147483647",
        "/v1/programs/give-and-get/versions/one",
        "/v1/programs/prg_01jq8x5e4me8k9d3v0h2r6t7wy",
        "/v1/programs/UPPER",
    ],
)
def test_what_is_not_there_is_not_found(api: Api, path: str) -> None:
    api.post("/v1/programs", schemas.PROGRAM_EXAMPLE)
    answer = api.get(path)
    assert (answer.status, answer.code) == (404, "not_found")


def test_the_schema_accepts_what_it_should(nobody: Api) -> None:
    schema = nobody.get("/v1/programs/schema").data
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    import jsonschema_rs

    check = jsonschema_rs.validator_for(schema)
    assert check.is_valid(schemas.PROGRAM_EXAMPLE)
    assert not check.is_valid({**schemas.PROGRAM_EXAMPLE, "rewrads": []})


def test_another_media_type_is_refused(api: Api) -> None:
    answer = api.post("/v1/programs", YAML, content_type="text/plain")
    assert (answer.status, answer.code) == (415, "unsupported_media_type")


def test_publishing_while_the_engine_is_busy_loses_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    publish = programs.programs.publish

    def busy(*arguments: Any, **options: Any) -> Any:
        publish(*arguments, **options)
        raise apply.Busy("busy")

    monkeypatch.setattr(programs.programs, "publish", busy)
    answer = api.post("/v1/programs", schemas.PROGRAM_EXAMPLE)
    assert (answer.status, answer.data["number"]) == (202, 1)


def test_what_a_document_or_version_changes_is_said_in_words(api: Api) -> None:
    api.post("/v1/programs", schemas.PROGRAM_EXAMPLE)
    changed = {**schemas.PROGRAM_EXAMPLE, "name": "Another name"}
    line = f"name: {schemas.PROGRAM_EXAMPLE['name']} → Another name"
    told = api.post("/v1/programs/diff", changed)
    assert (told.status, told.data["against"], [row["text"] for row in told.data["changes"]]) == (200, 1, [line])
    assert api.post("/v1/programs/diff?against=1", schemas.PROGRAM_EXAMPLE).data["changes"] == []
    api.post("/v1/programs", changed)
    second = api.get("/v1/programs/give-and-get/versions/2/changes").data
    assert (second["against"], [row["text"] for row in second["changes"]]) == (1, [line])
    first = api.get("/v1/programs/give-and-get/versions/1/changes").data
    assert (first["against"], first["changes"][0]["kind"]) == (None, "new")
    assert api.get("/v1/programs/give-and-get/versions/1/changes?against=1").data["changes"] == []
    for path in ("versions/3/changes", "versions/1/changes?against=7"):
        assert api.get(f"/v1/programs/give-and-get/{path}").code == "not_found"
    assert api.post("/v1/programs/diff?against=7", changed).code == "not_found"


def test_a_program_is_paused_resumed_and_ended(api: Api) -> None:
    api.post("/v1/programs", schemas.PROGRAM_EXAMPLE)
    for verb, state in (("pause", "paused"), ("resume", "live"), ("end", "ended")):
        answer = api.post(f"/v1/programs/give-and-get/{verb}", {"reason": f"to {verb}"})
        assert (answer.status, answer.data["state"]) == (200, state)
        assert (answer.data["stopped"] or {}).get("reason") == {"resume": None}.get(verb, f"to {verb}")
    assert answer.data["settling"]
    [listed] = api.get("/v1/programs").data["data"]
    assert (listed["stopped"]["by"], listed["stopped"]["ending"]) == ("key tests", "settle")
    for bad in ([], {"reason": 1}, {"reason": "x" * 201}, {"reasons": "x"}):
        assert api.post("/v1/programs/give-and-get/pause", bad).code == "invalid_request"
    again = api.post("/v1/programs/give-and-get/pause", {})
    assert (again.status, again.code) == (409, "wrong_state")
    assert api.post("/v1/programs/give-and-get/pause", {"by": "me"}).code == "invalid_request"
    assert api.post("/v1/programs", {**schemas.PROGRAM_EXAMPLE, "name": "New"}).code == "wrong_state"
    assert api.post("/v1/programs/nothing/pause", {}).code == "not_found"


def test_a_version_may_go_live_later(api: Api) -> None:
    late = api.post("/v1/programs?at=2027-01-01T00:00:00Z", schemas.PROGRAM_EXAMPLE)
    assert (late.status, late.data["live"], late.data["due_at"]) == (201, False, "2027-01-01T00:00:00Z")
    assert api.get("/v1/programs/give-and-get").data["state"] == "scheduled"
    assert api.post("/v1/programs/give-and-get/pause", {}).code == "wrong_state"
    later = api.post("/v1/programs?at=2027-02-01T00:00:00Z", schemas.PROGRAM_EXAMPLE)
    assert (later.status, later.data["number"], later.data["due_at"]) == (200, 1, "2027-02-01T00:00:00Z")
    now = api.post("/v1/programs", schemas.PROGRAM_EXAMPLE)
    assert (now.status, now.data["number"], now.data["live"], now.data["due_at"]) == (200, 1, True, None)
    [listed] = api.get("/v1/programs/give-and-get/versions").data["data"]
    assert (listed["live"], listed["due_at"]) == (True, None)


def test_a_program_in_test_mode_is_marked_and_its_rewards_are_told_apart(api: Api) -> None:
    assert api.post("/v1/programs", self_serve()).status == 201
    assert api.post("/v1/programs", self_serve(program="next", test=True, beside="simple")).status == 201
    shown = {row["key"]: row["test"] for row in api.get("/v1/programs").data["data"]}
    assert shown == {"simple": False, "next": True}
    day = "2025-03-01T10:00:00Z"
    order = {"value": 3000, "currency": "USD"}
    sent = api.send(
        {"type": "link.created", "event_id": "a", "occurred_at": day, "participant": "ada",
         "properties": {"program": "simple", "code": "ada"}},
        {"type": "participant.signed_up", "event_id": "b", "occurred_at": day, "participant": "bob",
         "properties": {"code": "ada"}},
        {"type": "order.completed", "event_id": "c", "occurred_at": day, "participant": "bob", "properties": order},
    )  # fmt: skip
    assert sent.status == 200
    [live] = api.get("/v1/rewards").data["data"]
    [tested] = api.get("/v1/rewards", test="true").data["data"]
    assert (live["program"], live["test"], tested["program"], tested["test"]) == ("simple", False, "next", True)
    assert api.get("/v1/rewards", program="next").data["data"] == [tested]
    ada = live["participant"]["id"]
    for path in ("/v1/referrals", f"/v1/participants/{ada}/referrals", f"/v1/participants/{ada}/rewards"):
        assert [row["test"] for row in api.get(path).data["data"]] == [False], path
        assert [row["test"] for row in api.get(path, test="true").data["data"]] == [True], path
    numbers = api.get("/v1/summary").data
    assert [row["program"] for row in numbers["rewards"]] == ["simple"]
    assert [(row["program"], row["amount"]) for row in numbers["tested"]] == [("next", 1000)]
    assert {(row["program"], row["test"]) for row in api.get("/v1/decisions").data["data"]} >= {("next", True)}
    refused = api.post("/v1/programs", self_serve(test=True))
    assert (refused.status, refused.errors) == (422, [("/test", "mode_changed")])
