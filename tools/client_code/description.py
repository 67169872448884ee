"""The API's description as the client libraries need it: operations, and types by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Parameter:
    """One parameter of the path or the query."""

    name: str
    schema: Schema
    required: bool
    doc: str


@dataclass(frozen=True)
class Operation:
    """One method of the API. `body` is the schema of a JSON body (None: there is none to give); `media` is what
    else a body may be, as media types; `answer` has the schemas of its JSON answers (none: `text` or bytes)."""

    name: str
    method: str
    path: str
    doc: str
    path_parameters: tuple[Parameter, ...]
    query: tuple[Parameter, ...]
    has_body: bool
    body: Schema | None
    body_required: bool
    media: tuple[str, ...]
    answers: tuple[Schema, ...]
    answer_media: str
    item: Schema | None
    """Of a list in pages: what one of its items is."""
    secret: bool
    """Whether it takes a secret key and nothing else."""


CHOOSING, CHOSEN = "fields", "ChosenFields"
"""The parameter that chooses fields of a list's rows, and what is answered then. The clients have whole rows."""


class Description:
    """What docs/api/openapi.json says."""

    def __init__(self, document: Schema) -> None:
        self.schemas: dict[str, Schema] = dict(document["components"]["schemas"])
        self.operations = [
            self._operation(path, method, found)
            for path, methods in document["paths"].items()
            for method, found in methods.items()
            if method in METHODS
        ]
        self.types = self._needed()

    def resolved(self, schema: Schema) -> Schema:
        """The schema, or the one that it points to."""
        return self.schemas[name_of(schema["$ref"])] if "$ref" in schema else schema

    def _operation(self, path: str, method: str, found: Schema) -> Operation:
        given = found.get("parameters", ())
        content = found.get("requestBody", {}).get("content", {})
        body = content.get("application/json", {}).get("schema")
        media = tuple(kind for kind in content if kind != "application/json")
        if body is not None and body.get("maxProperties") == 0:
            body = None
        answers: list[Schema] = []
        answer_media = ""
        for status, answer in found["responses"].items():
            if not status.startswith("2"):
                continue
            for kind, what in answer.get("content", {}).items():
                if kind == "application/json" and _whole(what["schema"]) not in answers:
                    answers.append(_whole(what["schema"]))
                answer_media = answer_media or kind
        query = tuple(_parameter(each) for each in given if each["in"] == "query" and each["name"] != CHOOSING)
        item = None
        if any(each.name == "cursor" for each in query) and len(answers) == 1:
            data = self.resolved(answers[0]).get("properties", {}).get("data", {})
            item = data.get("items")
        return Operation(
            name=found["operationId"],
            method=method.upper(),
            path=path,
            doc=found.get("summary", found["operationId"]).rstrip("."),
            path_parameters=tuple(_parameter(each) for each in given if each["in"] == "path"),
            query=query,
            has_body=bool(content),
            body=body,
            body_required=found.get("requestBody", {}).get("required", False),
            media=media,
            answers=tuple(answers),
            answer_media=answer_media,
            item=item,
            secret=all("SecretKey" in way for way in found["security"]) and bool(found["security"]),
        )

    def _needed(self) -> dict[str, Schema]:
        """The types that an operation sends or answers, by name, in order."""
        needed: set[str] = set()
        waiting = [
            schema
            for operation in self.operations
            for schema in (operation.body, *operation.answers, operation.item, *(p.schema for p in operation.query))
            if schema is not None
        ]
        while waiting:
            for reference in references(waiting.pop()):
                if reference not in needed:
                    needed.add(reference)
                    waiting.append(self.schemas[reference])
        return {name: self.schemas[name] for name in sorted(needed)}


def _whole(schema: Schema) -> Schema:
    """What a list answers where no fields are chosen of it."""
    chosen = {"$ref": f"#/components/schemas/{CHOSEN}"}
    rest = [each for each in schema.get("anyOf", ()) if each != chosen]
    return rest[0] if len(rest) == 1 and chosen in schema["anyOf"] else schema


def _parameter(found: Schema) -> Parameter:
    return Parameter(found["name"], found["schema"], found.get("required", False), found.get("description", ""))


def name_of(reference: str) -> str:
    """`#/components/schemas/Reward` is `Reward`."""
    return reference.rsplit("/", 1)[-1]


def references(schema: Any) -> Iterator[str]:
    """The names that a schema points to."""
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            if key == "$ref":
                yield name_of(value)
            elif key not in ("example", "examples", "default", "const", "enum"):
                yield from references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from references(value)


def alternatives(schema: Schema) -> list[Schema]:
    """What a value may be: the members of anyOf or oneOf, or of a list of types; else the schema alone. An anyOf
    beside properties only says which of them are needed together, and is left to the server."""
    for word in ("anyOf", "oneOf"):
        if word in schema and "properties" not in schema:
            return list(schema[word])
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return [{**schema, "type": kind} for kind in kinds]
    return [schema]


def is_open(schema: Schema) -> bool:
    """Whether an object may have keys that the schema does not name."""
    return schema.get("additionalProperties", True) is not False


def words(text: str, width: int) -> list[str]:
    """The text in lines, for a comment."""
    lines = [""]
    for word in re.split(r"\s+", text.strip()):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
