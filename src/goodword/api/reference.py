"""The API's reference as data, made from its OpenAPI description: for the page at /docs and for
docs/api/reference.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from goodword.api import openapi, problems

SERVER = "http://127.0.0.1:8000"
SAMPLE_IDS = {
    "participant_id": "par_01jq8x5e4me8k9d3v0h2r6t7wy",
    "referral_id": "ref_01jq8x5e4me8k9d3v0h2r6t7wy",
    "claim_id": "clm_01jq8x5e4me8k9d3v0h2r6t7wy",
    "reward_id": "rwd_01jq8x5e4me8k9d3v0h2r6t7wy",
    "event_id": "evt_01jq8x5e4me8k9d3v0h2r6t7wy",
    "decision_id": "dec_01jq8x5e4me8k9d3v0h2r6t7wy",
    "statement_id": "dec_01jq8x5e4me8k9d3v0h2r6t7wy",
    "draft_id": "drf_01jq8x5e4me8k9d3v0h2r6t7wy",
    "program": "b2b-sales",
    "contest": "spring-2026",
    "migration": "evt_01jq8x5e4me8k9d3v0h2r6t7wy",
    "backtest_id": "bkt_01jq8x5e4me8k9d3v0h2r6t7wy",
    "simulation_id": "sim_01jq8x5e4me8k9d3v0h2r6t7wy",
    "import_id": "imp_01jq8x5e4me8k9d3v0h2r6t7wy",
    "act": "undo",
    "account_id": "acc_01jq8x5e4me8k9d3v0h2r6t7wy",
    "link_id": "lnk_01jq8x5e4me8k9d3v0h2r6t7wy",
    "click_id": "clk_01jq8x5e4me8k9d3v0h2r6t7wy",
    "code": "ada-4711",
    "key_id": "key_01jq8x5e4me8k9d3v0h2r6t7wy",
    "table": "cost",
    "number": "1",
}
_MANY = 12


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter, or one field of an object. `kind` is Markdown, with objects linked."""

    name: str
    kind: str
    needed: bool
    text: str
    example: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One request as curl sends it."""

    title: str
    curl: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One possible answer. `kind` is Markdown."""

    status: str
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    id: str
    method: str
    path: str
    title: str
    text: str
    parameters: tuple[Field, ...]
    body: tuple[str, ...]
    samples: tuple[Sample, ...]
    answer: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The operations of one tag."""

    id: str
    name: str
    text: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Object:
    """A named shape. `kind` tells what it is where it has no fields."""

    name: str
    text: str
    kind: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class ProblemKind:
    code: str
    status: int
    title: str
    advice: str


@dataclass(frozen=True, slots=True)
class Reference:
    title: str
    version: str
    text: str
    groups: tuple[Group, ...]
    objects: tuple[Object, ...]
    problems: tuple[ProblemKind, ...]


def reference(server: str = SERVER) -> Reference:
    """The reference with samples that call `server`."""
    document = openapi.document()
    schemas = document["components"]["schemas"]
    operations: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            operations.setdefault(operation["tags"][0], []).append(_operation(server, path, method, operation, schemas))
    return Reference(
        title=document["info"]["title"],
        version=document["info"]["version"],
        text=document["info"]["description"],
        groups=tuple(
            Group(tag["name"].lower(), tag["name"], tag["description"], tuple(operations[tag["name"]]))
            for tag in document["tags"]
        ),
        objects=tuple(_object(name, schema) for name, schema in schemas.items()),
        problems=tuple(
            ProblemKind(code, kind.status, kind.title, kind.advice) for code, kind in problems.KINDS.items()
        ),
    )


def markdown(found: Reference) -> str:
    """The reference as one Markdown page."""
    return "\n".join(_lines(found)).rstrip() + "\n"


def _operation(
    server: str, path: str, method: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]
) -> Operation:
    bodies = operation.get("requestBody", {}).get("content", {})
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        title=operation["summary"],
        text=_unwrapped(operation.get("description", "")),
        parameters=tuple(
            Field(
                name=parameter["name"],
                kind=f"{_kind(parameter['schema'])}, in {parameter['in']}",
                needed=parameter.get("required", False),
                text=parameter.get("description", ""),
                example="",
            )
            for parameter in operation.get("parameters", ())
        ),
        body=tuple(f"`{media}`: {_kind(content['schema'])}" for media, content in bodies.items()),
        samples=tuple(_samples(server, path, method, bodies)),
        answer=_answer(operation, schemas),
        answers=tuple(_answers(operation)),
    )


def _answers(operation: Mapping[str, Any]) -> Iterator[Answer]:
    for status, response in operation["responses"].items():
        if "$ref" in response:
            yield Answer(status, response["description"], "[Problem](#problem)")
        else:
            kinds = (_kind(content["schema"]) for content in response.get("content", {}).values())
            yield Answer(status, response["description"], " or ".join(kinds))


def _samples(server: str, path: str, method: str, bodies: Mapping[str, Any]) -> Iterator[Sample]:
    address = server + re.sub(r"{(\w+)}", lambda found: SAMPLE_IDS[found[1]], path)
    key = '-H "Authorization: Bearer $GOODWORD_KEY"'
    if not bodies:
        yield Sample("", f"curl {address} \\\n  {key}")
    for media, content in bodies.items():
        for example in content["examples"].values():
            value = example["value"]
            text = (
                yaml.safe_dump(value, sort_keys=False, allow_unicode=True)
                if media.endswith("yaml")
                else json.dumps(value, indent=2, ensure_ascii=False)
            )
            yield Sample(
                example["summary"],
                f"curl -X {method.upper()} {address} \\\n  {key} \\\n"
                f"  -H \"Content-Type: {media}\" \\\n  --data-binary @- <<'EOF'\n{text.rstrip()}\nEOF",
            )


def _answer(operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """The good answer as JSON, put together from the fields' examples."""
    good = next(response for status, response in operation["responses"].items() if status[0] == "2")
    contents = good["content"]
    schema = contents.get("application/json", next(iter(contents.values())))["schema"]
    if not {"$ref", "properties", "anyOf"} & schema.keys():
        return ""
    return json.dumps(_example(schema, schemas), indent=2, ensure_ascii=False)


def _example(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    if "$ref" in schema:
        return _example(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if schema.get("examples"):
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], schemas)
    match schema.get("type"):
        case "object":
            return {name: _example(inner, schemas) for name, inner in schema.get("properties", {}).items()}
        case "array":
            return [_example(schema["items"], schemas)]
        case "boolean":
            return True
        case "integer":
            return 0
        case "null":
            return None
        case _:
            return ""


def _object(name: str, schema: Mapping[str, Any]) -> Object:
    properties = schema.get("properties", {})
    required = set(schema.get("required", ()))
    text = _unwrapped(schema.get("description", ""))
    return Object(
        name=name,
        text=text,
        kind="" if properties else _kind({k: v for k, v in schema.items() if k != "title"}),
        fields=tuple(
            Field(
                name=key,
                kind=_kind(inner),
                needed=key in required,
                text=inner.get("description", ""),
                example=json.dumps(inner["examples"][0], ensure_ascii=False) if inner.get("examples") else "",
            )
            for key, inner in properties.items()
        ),
    )


def _kind(schema: Mapping[str, Any]) -> str:
    """What a schema allows, in a few words of Markdown."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{anchor(name)})"
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        shown = [f"`{value}`" for value in schema["enum"][:_MANY]]
        more = len(schema["enum"]) - len(shown)
        return ", ".join(shown) + (f" and {more} more" if more else "")
    if "anyOf" in schema and "properties" not in schema:
        each = list(dict.fromkeys(_kind(inner) for inner in schema["anyOf"]))
        return " or ".join(each)
    if "allOf" in schema:
        return " and ".join(_kind(inner) for inner in schema["allOf"])
    kind = schema.get("type", "anything")
    if kind == "array":
        bounds = f", {schema.get('minItems', 0)} to {schema['maxItems']:,}" if "maxItems" in schema else ""
        return f"list of {_kind(schema.get('items', {}))}{bounds}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"object of {_kind(schema['additionalProperties'])}"
    if kind == "string" and schema.get("format") == "date-time":
        return "time"
    if kind == "integer" and ("minimum" in schema or "maximum" in schema):
        least = f" from {schema['minimum']:,}" if "minimum" in schema else ""
        most = f" to {schema['maximum']:,}" if "maximum" in schema else ""
        return f"integer{least}{most}"
    if isinstance(kind, list):
        return " or ".join(kind)
    return str(kind)


def anchor(name: str) -> str:
    """The anchor of an object, as GitHub and the page both make it."""
    return name.lower()


def _unwrapped(text: str) -> str:
    """Paragraphs of a docstring, each on one line."""
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()) if part.strip())


def _lines(found: Reference) -> Iterator[str]:
    yield f"# {found.title} {found.version}"
    yield ""
    yield "Made by `tools/api_schema.py` from the API itself; the same is readable at `/docs` of every server."
    yield ""
    yield found.text.strip()
    yield ""
    for group in found.groups:
        yield f"## {group.name}"
        yield ""
        yield group.text
        yield ""
        for operation in group.operations:
            yield from _operation_lines(operation)
    yield "## Problems"
    yield ""
    yield "| code | status | title | what to do |"
    yield "|---|---|---|---|"
    for problem in found.problems:
        yield f"| `{problem.code}` | {problem.status} | {problem.title} | {problem.advice} |"
    yield ""
    yield "## Objects"
    yield ""
    for item in found.objects:
        yield f"### {item.name}"
        yield ""
        if item.text:
            yield item.text
            yield ""
        if item.kind:
            yield f"It is {item.kind}."
            yield ""
        if item.fields:
            yield from _table(item.fields)


def _operation_lines(operation: Operation) -> Iterator[str]:
    yield f"### {operation.title}"
    yield ""
    yield f"`{operation.method} {operation.path}`"
    yield ""
    yield operation.text
    yield ""
    if operation.parameters:
        yield from _table(operation.parameters)
    if operation.body:
        yield f"Body: {'; '.join(operation.body)}."
        yield ""
    for sample in operation.samples:
        if sample.title:
            yield f"{sample.title}:"
            yield ""
        yield f"```sh\n{sample.curl}\n```"
        yield ""
    if operation.answer:
        yield f"```json\n{operation.answer}\n```"
        yield ""
    yield "| answer | |"
    yield "|---|---|"
    for answer in operation.answers:
        yield f"| {answer.status} | {answer.text} {answer.kind} |"
    yield ""


def _table(fields: tuple[Field, ...]) -> Iterator[str]:
    yield "| name | type | | |"
    yield "|---|---|---|---|"
    for field in fields:
        example = f" Example: `{field.example}`." if field.example else ""
        text = (field.text + example).replace("|", "\\|")
        yield f"| `{field.name}` | {field.kind} | {'required' if field.needed else ''} | {text} |"
    yield ""
