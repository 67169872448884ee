"""The description: complete, true to the routes, and the committed copies are current."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from tests.integration.api.conftest import Api

from goodword.api import follow, openapi, problems, reference
from goodword.domain import payloads

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi.document()


def _operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_it_is_served_as_it_is(nobody: Api, document: dict[str, Any]) -> None:
    answer = nobody.get("/v1/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.data == json.loads(json.dumps(document))
    assert answer.data["openapi"] == "3.1.0"


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"]}
    seen = set()
    for path, method, operation in _operations(document):
        assert operation["summary"], path
        assert operation["description"], path
        assert operation["operationId"] not in seen
        seen.add(operation["operationId"])
        assert set(operation["tags"]) <= tags
        assert "security" in operation
        for parameter in operation["parameters"]:
            assert parameter["description"], (path, parameter["name"])
        statuses = set(operation["responses"])
        assert {"400", "405", "422", "500", "503"} <= statuses
        assert any(status[0] == "2" for status in statuses)
        if operation["security"]:
            assert {"401", "429"} <= statuses
        if method == "post":
            assert {"409", "413", "415"} <= statuses
            assert operation["requestBody"]["content"]["application/json"]["examples"]


def test_every_problem_is_documented_and_no_other(document: dict[str, Any]) -> None:
    told: set[str] = set()
    for response in document["components"]["responses"].values():
        told |= set(response["content"][problems.MEDIA_TYPE]["examples"])
    assert told == set(problems.KINDS)
    assert set(document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]) == told


def test_every_link_leads_to_a_parameter_of_an_operation(document: dict[str, Any]) -> None:
    operations = {operation["operationId"]: operation for _, _, operation in _operations(document)}
    linked = 0
    for operation in operations.values():
        for response in operation["responses"].values():
            for link in response.get("links", {}).values():
                known = {parameter["name"] for parameter in operations[link["operationId"]]["parameters"]}
                assert link["parameters"].keys() <= known, link
                linked += 1
    assert linked >= 40
    assert set(follow.LINKS) <= set(operations)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "$ref" in value:
                place: Any = document
                for part in value["$ref"].removeprefix("#/").split("/"):
                    place = place[part]
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(document)


def test_the_examples_fit_their_schemas(document: dict[str, Any]) -> None:
    checked = 0
    for _, _, operation in _operations(document):
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            check = jsonschema_rs.Draft202012Validator(
                {**content["schema"], "components": document["components"]}, validate_formats=True
            )
            for example in content["examples"].values():
                check.validate(example["value"])
                checked += 1
            if media == "application/json":
                assert not check.is_valid({"type": 1})
    assert checked >= 8


def test_the_schema_of_an_event_agrees_with_the_catalogue(document: dict[str, Any]) -> None:
    check = jsonschema_rs.Draft202012Validator(
        {"$ref": "#/components/schemas/SentEvent", "components": document["components"]}
    )
    base = {"event_id": "1", "participant": "ada"}
    assert check.is_valid({**base, "type": "ride.finished"})
    assert not check.is_valid({**base, "type": "reward.aproved"})
    assert not check.is_valid({**base, "type": "order.completed"}), "its properties are missing"
    assert not check.is_valid({**base, "type": "ride.finished", "evnt": 1})
    assert not check.is_valid({"event_id": "1", "type": "ride.finished"}), "about nobody"
    for kind in payloads.CATALOGUE.values():
        if kind.internal:
            assert not check.is_valid({**base, "type": kind.type, "properties": {"timer": "x"}})


def test_the_document_and_the_reference_are_committed_as_they_are() -> None:
    run = subprocess.run(
        [sys.executable, "tools/api_schema.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout


def test_the_check_finds_what_differs(tmp_path: Path) -> None:
    import importlib.util

    spec = importlib.util.spec_from_file_location("written", ROOT / "tools" / "written.py")
    assert spec
    assert spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    tool.ROOT = tmp_path

    def made() -> dict[Path, str]:
        return {tmp_path / "reference.md": "new\n"}

    assert tool.main(["--check"], made, "") == 1
    assert tool.main([], made, "") == 0
    assert tool.main(["--check"], made, "") == 0
    assert tool.main(["--nonsense"], made, "how to use it") == 2


def test_the_reference_names_every_operation_object_and_problem(document: dict[str, Any]) -> None:
    found = reference.reference()
    text = reference.markdown(found)
    for path, method, _ in _operations(document):
        assert f"`{method.upper()} {path}`" in text
    for name in document["components"]["schemas"]:
        assert f"### {name}" in text
    for code in problems.KINDS:
        assert f"| `{code}` |" in text
