"""The shapes of Segment's calls and of their answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from goodword.api.schemas import MAX_BATCH
from goodword.api.shapes import EVENT, Shape

TRACK: Mapping[str, Any] = {
    "userId": "u2",
    "event": "Order Completed",
    "messageId": "9c5d2f6a-order-50314b8e",
    "timestamp": "2026-03-14T10:22:00Z",
    "properties": {"order_id": "50314b8e", "revenue": 25.0, "currency": "USD", "coupon": "ADA-4711"},
}
EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "track": TRACK,
    "identify": {
        "userId": "u2",
        "anonymousId": "507f191e810c19729de860ea",
        "messageId": "9c5d2f6a-u2",
        "traits": {"email": "grace@example.org", "firstName": "Grace", "company": {"id": "acme", "name": "Acme"}},
    },
    "page": {
        "anonymousId": "507f191e810c19729de860ea",
        "messageId": "9c5d2f6a-page",
        "name": "Welcome",
        "properties": {"url": "https://www.example.com/welcome?via=ada-4711"},
    },
    "screen": {"userId": "u2", "messageId": "9c5d2f6a-screen", "name": "Basket"},
    "group": {
        "userId": "u2",
        "groupId": "acme",
        "messageId": "9c5d2f6a-acme",
        "traits": {"name": "Acme", "plan": "pro", "employees": "120"},
    },
    "alias": {"userId": "u2", "previousId": "507f191e810c19729de860ea", "messageId": "9c5d2f6a-alias"},
}
_FIELDS = {
    "messageId": "The call's own id, by which a repeat is known. Left out, each request is a new fact.",
    "userId": "Whom it is about: the person's external id.",
    "anonymousId": "The visitor's id, before they are known and after.",
    "timestamp": "When it happened, by the sender's clock. Left out: now.",
    "sentAt": "What the sender's clock said at the request: `timestamp` is moved by the difference to ours.",
    "properties": "What happened.",
    "traits": "What is so of the person, or of the account.",
    "context": "Around it: `campaign`, `page`, `traits`, `groupId` and `locale` are read.",
    "groupId": "The account's external id.",
    "previousId": "The other id of the same person.",
    "name": "Of the page or screen.",
}


class Noted(Shape):
    """One call of which something is to be said."""

    pointer: str = Field(description="Where (a JSON pointer into the body).", examples=["/batch/3/properties/currency"])
    code: str = Field(examples=["missing"])
    detail: str = Field(examples=["revenue has no currency beside it; give one (ISO 4217), such as USD"])


class Taken(Shape):
    """What became of the calls."""

    success: Literal[True] = Field(description="True, as Segment's libraries expect.")
    inserted: list[str] = Field(description="Ids of the events that are new.", examples=[[EVENT]])
    duplicates: list[str] = Field(description="Ids of the events that were there before.", examples=[[]])
    left_out: list[Noted] = Field(
        description="Calls about a visitor whom nobody knows, which do not tell who brought them: nothing to record."
    )
    refused: list[Noted] = Field(
        description="What is wrong with calls of a batch that were refused. Where they name somebody, each is kept as "
        "an event `segment.refused` about them."
    )


def call_body(kind: str) -> dict[str, Any]:
    """The body of one call. What is not of the right type is read past, as Segment does, so few types are named."""
    names = set(_FIELDS) - ({"groupId"} if kind != "group" else set()) - ({"previousId"} if kind != "alias" else set())
    names -= {"name"} if kind not in ("page", "screen") else set()
    names -= {"traits"} if kind not in ("identify", "group") else {"properties"}
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: {"description": text} for name, text in _FIELDS.items() if name in names},
    }
    schema["properties"]["type"] = {"const": kind, "description": "May be left out."}
    if kind == "track":
        schema["properties"]["event"] = {"type": "string", "minLength": 1, "description": "Its name."}
        schema["required"] = ["event"]
    return _body(schema, kind, f"A call of {kind}", dict(EXAMPLES[kind]))


def batch_body() -> dict[str, Any]:
    """The body of several calls."""
    schema = {
        "type": "object",
        "required": ["batch"],
        "properties": {
            "batch": {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_BATCH,
                "items": {},
                "description": "Calls, each with its `type`.",
            },
            "sentAt": {"description": _FIELDS["sentAt"]},
            "context": {"description": "What is so of every call that does not say otherwise."},
        },
    }
    value = {
        "sentAt": "2026-03-14T10:22:01Z",
        "batch": [{"type": "identify", **EXAMPLES["identify"]}, {"type": "track", **TRACK}],
    }
    return _body(schema, "batch", "Two calls", value)


def _body(schema: dict[str, Any], name: str, title: str, value: dict[str, Any]) -> dict[str, Any]:
    content = {"schema": schema, "examples": {name: {"summary": title, "value": value}}}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}
