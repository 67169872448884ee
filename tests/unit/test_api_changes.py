"""What breaks a caller of the API is found by comparing two descriptions; what does not is let through."""

from __future__ import annotations

import copy
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location("check_api", ROOT / "tools" / "check_api.py")
assert _spec
assert _spec.loader
tool = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(tool)

DOCUMENT: dict[str, Any] = {
    "paths": {
        "/v1/things": {
            "get": {
                "security": [{"SecretKey": ["things:read"]}],
                "parameters": [{"name": "state", "in": "query", "schema": {"type": "string", "enum": ["new", "old"]}}],
                "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/c/s/Thing"}}}}},
            },
            "post": {
                "security": [{"SecretKey": []}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/c/s/SentThing"}}}},
                "responses": {"200": {}, "404": {}},
            },
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}, "kind": {"enum": ["a", "b"]}, "part": {"$ref": "#/c/s/Part"}},
            },
            "Part": {"type": "object", "properties": {"size": {"type": "integer"}}},
            "SentThing": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}, "size": {"type": "integer"}},
            },
        }
    },
}
THINGS = DOCUMENT["paths"]["/v1/things"]


def after(change: Callable[[Any], object]) -> list[str]:
    """What is broken when the description is changed so."""
    changed = copy.deepcopy(DOCUMENT)
    change(changed)
    found: list[str] = tool.broken(tool.surface(DOCUMENT), tool.surface(changed))
    return found


def get(document: Any) -> Any:
    return document["paths"]["/v1/things"]["get"]


def schema(document: Any, name: str) -> Any:
    return document["components"]["schemas"][name]


def test_the_same_breaks_nothing() -> None:
    assert after(lambda document: None) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda d: d["paths"].pop("/v1/things"), ["- GET /v1/things", "- POST /v1/things"]),
        (lambda d: get(d)["parameters"].clear(), ["- GET /v1/things query state"]),
        (lambda d: get(d)["parameters"][0].update(required=True), ["+ GET /v1/things query state !"]),
        (lambda d: get(d)["parameters"][0]["schema"]["enum"].remove("old"), ["- GET /v1/things query state = old"]),
        (
            lambda d: get(d)["parameters"].append({"name": "x", "in": "query", "required": True, "schema": {}}),
            ["+ GET /v1/things query x !"],
        ),
        (
            lambda d: get(d).update(security=[{"SecretKey": ["other"]}]),
            ["- GET /v1/things takes SecretKey[things:read]"],
        ),
        (lambda d: schema(d, "Thing")["properties"].pop("kind"), ["- Thing told /kind"]),
        (lambda d: schema(d, "Part")["properties"].pop("size"), ["- Part told /size"]),
        (lambda d: schema(d, "Thing")["required"].clear(), ["- Thing told /id always"]),
        (lambda d: schema(d, "Thing")["properties"]["kind"]["enum"].remove("b"), ["- Thing told /kind = b"]),
        (
            lambda d: schema(d, "Thing")["properties"]["id"].update(type=["string", "null"]),
            ["+ Thing told /id : null"],
        ),
        (lambda d: schema(d, "SentThing")["properties"].pop("size"), ["- SentThing sent /size"]),
        (lambda d: schema(d, "SentThing")["required"].append("size"), ["+ SentThing sent /size !"]),
        (
            lambda d: schema(d, "SentThing")["properties"]["size"].update(type="string"),
            ["- SentThing sent /size : integer"],
        ),
    ],
)
def test_what_breaks_a_caller_is_named(change: Callable[[Any], object], found: list[str]) -> None:
    assert after(change) == found


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["paths"].update({"/v1/new": {"post": THINGS["post"]}}),
        lambda d: get(d)["parameters"].append({"name": "x", "in": "query", "schema": {}}),
        lambda d: get(d)["parameters"][0]["schema"]["enum"].append("older"),
        lambda d: get(d)["security"].append({"PublishableKey": []}),
        lambda d: schema(d, "Thing")["properties"].update(more={"type": "string"}),
        lambda d: schema(d, "Thing")["required"].append("kind"),
        lambda d: schema(d, "SentThing")["properties"].update(more={"type": "string"}),
        lambda d: schema(d, "SentThing")["required"].clear(),
        lambda d: schema(d, "SentThing")["properties"]["size"].update(type=["integer", "null"]),
    ],
)
def test_what_breaks_nobody_is_let_through(change: Callable[[Any], object]) -> None:
    assert after(change) == []


def test_a_break_passes_only_where_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DESCRIPTION", "RELEASED", "CHANGES"):
        monkeypatch.setattr(tool, name, tmp_path / name)
    (tmp_path / "DESCRIPTION").write_text(json.dumps(DOCUMENT))
    assert tool.main(["--release"]) == 0
    assert tool.main([]) == 0
    changed = copy.deepcopy(DOCUMENT)
    changed["components"]["schemas"]["Part"]["properties"].clear()
    (tmp_path / "DESCRIPTION").write_text(json.dumps(changed))
    assert tool.main([]) == 1
    with (tmp_path / "CHANGES").open("a") as file:
        file.write("- `- Part told /size`: nobody read it.\n")
    assert tool.main([]) == 0
    (tmp_path / "DESCRIPTION").write_text(json.dumps(DOCUMENT))
    assert tool.main([]) == 1, "what is said must be so"
    assert tool.main(["--nonsense"]) == 2
