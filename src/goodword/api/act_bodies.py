"""What acts upon participants, accounts, referrals and rewards share: what each may say of itself, and how it becomes
an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from django.http import HttpRequest
from ninja.params.functions import Query
from pydantic import BeforeValidator, Field, TypeAdapter, WithJsonSchema
from pydantic_core import PydanticCustomError

from goodword.api import acts, sent
from goodword.api.acts import Acted
from goodword.api.body import pointer
from goodword.api.keys import caller
from goodword.api.problems import Fault, Refusal
from goodword.api.sent import Sent

SOURCE = "api"
WAIT = Query(True, description="False: answer as soon as it is safe in the log; the engine comes to it a moment later.")

Email = Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Id = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class Fact(Sent):
    """What every act may say of itself."""

    event_id: Id | None = Field(None, description="Your own id of the fact: sent again, it changes nothing.")
    occurred_at: sent.Moment | None = Field(None, description="When it happened; now, when left out.")

    def envelope(self) -> dict[str, Any]:
        return {"event_id": self.event_id, "occurred_at": self.occurred_at}


class SentPerson(Sent):
    """A person, by the host's id, an e-mail address, or both."""

    external_id: Id | None = None
    email: Email | None = None
    name: Annotated[str, Field(max_length=200)] | None = None


def _by_id(value: Any) -> Any:
    """A text is the person's external id, as in an event."""
    if isinstance(value, str):
        return {"external_id": value}
    if not isinstance(value, Mapping):
        raise PydanticCustomError("model_type", "Expected a JSON object or the external id")
    return value


Person = Annotated[
    SentPerson,
    BeforeValidator(_by_id),
    WithJsonSchema({"anyOf": [TypeAdapter(Id).json_schema(), SentPerson.model_json_schema()]}),
]
"""A person as an event names one: by the external id alone, or as an object."""


def record(request: HttpRequest, raw: Mapping[str, Any], wait: bool, places: Mapping[str, str] | None = None) -> Acted:
    """Record the event that an act is. Raises `Refusal`."""
    return acts.act(caller(request).workspace_id, raw, source=SOURCE, wait=wait, places=places)


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what was left out."""
    return {name: value for name, value in values.items() if value is not None}


def refused(code: str, detail: str, *way: str) -> Refusal:
    """The refusal of one part of a body."""
    return Refusal("invalid_request", errors=[Fault(code, detail, pointer=pointer(*way))])


def somebody(person: SentPerson, *way: str) -> None:
    """Refuse a person without a name that tells who it is."""
    if person.external_id is None and person.email is None:
        raise refused("missing", "give external_id, email or both", *way, "external_id")
