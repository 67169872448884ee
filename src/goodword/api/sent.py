"""Bodies of acts: a JSON object with known fields, each of a known form. One model says what may be sent, reads it,
names every fault by its place, and is shown in the description of the API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from django.http import HttpRequest
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from goodword.api import body
from goodword.api.problems import Fault, Refusal
from goodword.domain import money
from goodword.domain.events import MAX_TEXT, parse_time

REF = "#/components/schemas/{model}"
_RANGE = frozenset({"greater_than_equal", "less_than_equal", "greater_than", "less_than"})
_LENGTH = frozenset({"string_too_long", "string_too_short", "too_long", "too_short"})
_VALUE = frozenset({"value_error", "literal_error", "string_pattern_mismatch", "enum"})


class Sent(BaseModel):
    """The base of a body: no other fields than these, and nothing is turned into another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


Act = TypeVar("Act", bound=Sent)


def _moment(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("expected an RFC 3339 time with an offset, such as 2026-03-14T10:22:00Z")
    parse_time(value)
    return value


def _text(value: Any) -> Any:
    if isinstance(value, str) and value.isspace():
        raise ValueError("expected a text, not only spaces")
    return value


Name = Annotated[str, BeforeValidator(_text), Field(min_length=1, max_length=200, pattern=r"\S")]
Code = Annotated[str, Field(min_length=1, max_length=64)]
Words = Annotated[str, Field(max_length=2_000)]
Moment = Annotated[str, BeforeValidator(_moment), Field(json_schema_extra={"format": "date-time"})]
Amount = Annotated[int, Field(ge=0, le=money.MAX_AMOUNT)]
Traits = Annotated[dict[str, Any], Field(max_length=200)]
assert MAX_TEXT  # what is kept as a trait has the limits of an event


def read(request: HttpRequest, model: type[Act]) -> Act:
    """The kept body as one of the model; no body at all is an empty object. Raises `Refusal` with every fault."""
    raw = body.kept(request)
    value = body.read_json(request) if raw.strip() else {}
    if not isinstance(value, Mapping):
        raise Refusal("invalid_request", errors=[Fault("not_an_object", "expected a JSON object", pointer="")])
    try:
        return model.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
    raise Refusal("invalid_request", errors=[_fault(item, model) for item in found])


def _fault(item: Any, model: type[BaseModel]) -> Fault:
    kind, way = item["type"], [part for part in item["loc"] if not _of_union(part)]
    pointer = body.pointer(*way)
    if kind == "missing":
        return Fault("missing", f"{way[-1]} is missing", pointer=pointer)
    if kind == "extra_forbidden":
        known = ", ".join(_fields(model, way[:-1])) or "none"
        return Fault("unknown_field", f"unknown field; allowed: {known}", pointer=pointer)
    said = said_of(item)
    if kind in _RANGE | _LENGTH:
        return Fault("out_of_range", said, pointer=pointer)
    return Fault("bad_value" if kind in _VALUE else "wrong_type", said, pointer=pointer)


_OWN_ID = re.compile(r"\^([a-z]{2,3})_\[0-7\]")
_WORDS = {
    r"^[^@\s]+@[^@\s]+\.[^@\s]+$": "expected an e-mail address such as ada@example.com",
    r"^https?://[^\s]+$": "expected an address that begins with https:// or http://",
    "^[A-Z]{2}$": "expected an ISO 3166-1 code of two capital letters, such as NO",
    "^[A-Z]{3}$": "expected an ISO 4217 code of three capital letters, such as USD",
    r"\S": "expected a text that is not only spaces",
}
"""By the pattern that a text has to match, what is expected of it."""
_LOOK_UP = {"par": "; by your own id, one is found with GET /v1/participants?external_id=u1"}
"""How an id of ours is found by one of the host's."""


def said_of(item: Mapping[str, Any]) -> str:
    """What is wrong, in words for whoever writes the request: not those of the code that reads it."""
    if item["type"] in ("model_attributes_type", "dict_type") or "instance of" in item["msg"]:
        return "expected a JSON object"
    if item["type"] == "string_pattern_mismatch" and (own := _OWN_ID.match(item["ctx"]["pattern"])):
        said = f"expected an id of ours: {own[1]}_ and 26 characters, such as {own[1]}_01jq8x5e4me8k9d3v0h2r6t7wy"
        return said + _LOOK_UP.get(own[1], "")
    if item["type"] == "string_pattern_mismatch" and (words := _WORDS.get(item["ctx"]["pattern"])):
        return words
    said = str(item["msg"]).removeprefix("Value error, ")
    return said[:1].lower() + said[1:]


def _of_union(part: object) -> bool:
    """Pydantic names the branch of a union among the places; the body has no such name."""
    return isinstance(part, str) and (part in ("str", "int") or part[:1].isupper() or part.startswith("constrained-"))


def _fields(model: Any, way: list[Any]) -> list[str]:
    """The names of the object at that way; of the whole body where it is in a union."""
    for name in way:
        field = model.model_fields.get(name) if isinstance(name, str) else None
        kinds = [] if field is None else [field.annotation, *getattr(field.annotation, "__args__", ())]
        inner = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if not inner:
            return []
        model = inner[0]
    return list(model.model_fields)


def body_of(model: type[Sent], required: bool = True, **examples: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """How a route describes its body: examples by name, each with a title and a value that the model reads."""
    for _, value in examples.values():
        model.model_validate(value)
    return {
        "requestBody": {
            "required": required,
            "content": {
                "application/json": {
                    "schema": _schema(model),
                    "examples": {name: {"summary": title, "value": value} for name, (title, value) in examples.items()},
                }
            },
        }
    }


def _schema(model: type[Sent]) -> dict[str, Any]:
    """The model as JSON Schema, with what it refers to written into it, and null where it is not meant left out."""
    schema = model.model_json_schema()
    parts = schema.pop("$defs", {})

    def whole(value: Any) -> Any:
        if isinstance(value, dict):
            if "$ref" in value:
                named = whole(parts[value["$ref"].rpartition("/")[2]])
                return named | {key: inner for key, inner in value.items() if key != "$ref"}
            return {
                key: whole(inner) for key, inner in value.items() if not (key == "title" and isinstance(inner, str))
            }
        return [whole(inner) for inner in value] if isinstance(value, list) else value

    found: dict[str, Any] = whole(schema)
    return found
