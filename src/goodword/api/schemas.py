"""The request bodies as JSON Schema, derived from the domain's own models: one schema for each known
type of event, one for types of the sender's own, and the programme document."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel

from goodword.domain import money, payloads
from goodword.domain import program as documents
from goodword.domain.erasure import MAX_ALSO
from goodword.domain.migrating import MAX_NAMED
from goodword.domain.payloads import MAX_REASON

MAX_BATCH = 1000
"""Events in one batch."""

REF = "#/components/schemas/{model}"
_TYPE = r"[a-z][a-z0-9_]{0,30}\.[a-z][a-z0-9_]{0,30}"
_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"

EXAMPLES: dict[str, dict[str, Any]] = {
    "order": {
        "summary": "A paid order",
        "value": {
            "type": "order.completed",
            "event_id": "order-123",
            "occurred_at": "2026-03-14T10:22:00Z",
            "participant": {"external_id": "u1", "email": "ada@example.com", "name": "Ada Lovelace"},
            "properties": {"order_id": "123", "value": 48000, "currency": "USD"},
        },
    },
    "submission": {
        "summary": "A referral of a company",
        "value": {
            "type": "referral.submitted",
            "event_id": "lead-7",
            "participant": "u1",
            "account": "acme",
            "properties": {
                "program": "b2b-sales",
                "referral": "lead-7",
                "referred": {
                    "name": "Grace Hopper",
                    "email": "grace@example.org",
                    "company": "Compilers Inc.",
                    "country": "US",
                    "employees": 120,
                },
            },
        },
    },
    "approval": {
        "summary": "Finance approves a reward",
        "value": {
            "type": "reward.approved",
            "event_id": "approval-88",
            "properties": {"reward": "rwd_01jq8x5e4me8k9d3v0h2r6t7wy", "by": "finance"},
        },
    },
}
PROGRAM_EXAMPLE = {
    "program": "give-and-get",
    "kind": "referral",
    "name": "Give 20 USD, get 20 USD",
    "currency": "USD",
    "lifecycle": {"flow": "self_serve", "closed_won": {"on": "order.completed", "when": "event.value > 0"}},
    "rewards": [
        {
            "id": "thanks",
            "on": "referral.closed_won",
            "to": "referrer",
            "give": {"type": "account_credit", "amount": 2000},
            "hold": "P14D",
        }
    ],
}


_STEP: dict[str, Any] = {
    "type": "object",
    "description": "What is said with a step of a draft.",
    "additionalProperties": False,
    "properties": {
        "comment": {"type": "string", "maxLength": 2000, "description": "Kept in the record."},
        "digest": {
            "type": "string",
            "pattern": "^[0-9a-f]{64}$",
            "description": "SHA-256 of the text you looked at; refused where it has changed since.",
        },
    },
}
_ERASURE: dict[str, Any] = {
    "type": "object",
    "description": "What to look for beside the names, e-mails, ids and codes that the workspace knows.",
    "additionalProperties": False,
    "properties": {
        "also": {
            "type": "array",
            "maxItems": MAX_ALSO,
            "items": {"type": "string", "minLength": 3, "maxLength": 200, "pattern": r"^\S.*\S$"},
            "description": "Further texts that name the person, such as a nickname in a note.",
        }
    },
}


def event_body() -> dict[str, Any]:
    """The body of one event."""
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _ref("SentEvent"), "examples": EXAMPLES}},
        }
    }


def batch_body() -> dict[str, Any]:
    """The body of a batch."""
    value = {"events": [EXAMPLES["order"]["value"], EXAMPLES["submission"]["value"]]}
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": _ref("SentBatch"),
                    "examples": {"batch": {"summary": "Two events", "value": value}},
                }
            },
        }
    }


def program_body() -> dict[str, Any]:
    """The body of a program, JSON or YAML."""
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": _ref("ProgramSource"),
                    "examples": {"program": {"summary": "A small program", "value": PROGRAM_EXAMPLE}},
                },
                "application/yaml": {
                    "schema": _ref("ProgramSource"),
                    "examples": {"program": {"summary": "The same as YAML", "value": PROGRAM_EXAMPLE}},
                },
            },
        }
    }


def draft_body() -> dict[str, Any]:
    """The body of a draft: that of a program, which may have faults yet, but names the program."""
    found = program_body()
    for kind in found["requestBody"]["content"].values():
        kind["schema"] = {
            "type": "object",
            "properties": {"program": {"type": "string", "pattern": r"^[a-z0-9][a-z0-9_-]{0,63}$"}},
            "required": ["program"],
            "description": "As `ProgramSource` says; what does not is told as faults.",
        }
    return found


def empty_body() -> dict[str, Any]:
    """The body of an act that needs to know nothing more."""
    value: dict[str, Any] = {}
    return {
        "requestBody": {
            "required": False,
            "content": {
                "application/json": {
                    "schema": {"type": "object", "maxProperties": 0},
                    "examples": {"act": {"summary": "Nothing more to say", "value": value}},
                }
            },
        }
    }


def reason_body() -> dict[str, Any]:
    """The body of an act that says why, or nothing."""
    schema = {"type": "object", "additionalProperties": False, "properties": {"reason": _REASON}}
    return {
        "requestBody": {
            "required": False,
            "content": {
                "application/json": {
                    "schema": schema,
                    "examples": {
                        "why": {"summary": "With a reason", "value": {"reason": "The offer is being changed."}},
                        "plain": {"summary": "Nothing more to say", "value": {}},
                    },
                }
            },
        }
    }


def migration_body(*more: str) -> dict[str, Any]:
    """The body that chooses what a migration moves; with further fields of `_MIGRATION_FIELDS`."""
    known = {name: field for name, field in _MIGRATION_FIELDS.items() if name != "after" or name in more}
    schema = {"type": "object", "required": ["to"], "additionalProperties": False, "properties": known}
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": schema,
                    "examples": {
                        "all": {"summary": "All that run, to version 2", "value": {"to": 2}},
                        "some": {
                            "summary": "Those of version 1 that are named",
                            "value": {"to": 3, "from": [1], "referrals": ["ref_01jq8x5e4me8k9d3v0h2r6t7wy"]},
                        },
                    },
                }
            },
        }
    }


_REASON = {"type": "string", "maxLength": MAX_REASON, "description": "Why, in words; kept with the event."}
_NUMBER = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
_MIGRATION_FIELDS: dict[str, Any] = {
    "to": {**_NUMBER, "description": "The number of the version they move to: one that is or was live."},
    "from": {
        "type": "array",
        "minItems": 1,
        "items": _NUMBER,
        "description": "The versions they come from; left out: all others.",
    },
    "referrals": {
        "type": "array",
        "minItems": 1,
        "maxItems": MAX_NAMED,
        "items": {"type": "string", "minLength": 1, "maxLength": 200},
        "description": "Only these, by our id (`ref_…`) or yours; left out: all that run.",
    },
    "reason": _REASON,
    "after": {"type": "string", "maxLength": 200, "description": "`after` of the page before, for the next."},
}


def step_body() -> dict[str, Any]:
    """The body of a step of a draft."""
    return {
        "requestBody": {
            "required": False,
            "content": {
                "application/json": {
                    "schema": _ref("SentStep"),
                    "examples": {
                        "plain": {"summary": "Nothing more to say", "value": {}},
                        "comment": {"summary": "With a reason", "value": {"comment": "The cap is missing."}},
                    },
                }
            },
        }
    }


def erasure_body() -> dict[str, Any]:
    """The body of an erasure."""
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": _ref("SentErasure"),
                    "examples": {
                        "plain": {"summary": "By all that is known", "value": {}},
                        "also": {"summary": "And by a nickname", "value": {"also": ["Countess Ada"]}},
                    },
                }
            },
        }
    }


def components() -> dict[str, Any]:
    """The schemas that the bodies refer to."""
    found: dict[str, Any] = {
        "Currency": {
            "type": "string",
            "description": "ISO 4217, of a currency in use.",
            "enum": sorted(money.currencies()),
        },
        "SentErasure": _ERASURE,
        "SentStep": _STEP,
        "SentParticipant": _PARTICIPANT,
        "SentAccount": _ACCOUNT,
        "CustomEvent": _custom(),
    }
    names = []
    for kind in payloads.CATALOGUE.values():
        if kind.internal:
            continue
        name = _camel(kind.type) + "Event"
        names.append(name)
        found[name] = _known(kind, found)
    found["SentEvent"] = {
        "title": "SentEvent",
        "description": "An event of a known type, or of a type of your own (`CustomEvent`).",
        "anyOf": [_ref(name) for name in (*names, "CustomEvent")],
    }
    found["SentBatch"] = {
        "title": "SentBatch",
        "type": "object",
        "required": ["events"],
        "additionalProperties": False,
        "properties": {
            "events": {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_BATCH,
                "items": _ref("SentEvent"),
                "description": "All are recorded, or none.",
            }
        },
    }
    schema = documents.json_schema()
    schema.pop("$schema")
    found.update(_moved(schema, "Program", found))
    found["ProgramSource"] = schema
    return found


_PARTICIPANT: dict[str, Any] = {
    "title": "SentParticipant",
    "description": "Who it is about: the host product's id alone, or an object with an id, an e-mail address "
    "or both. Everything else in it is kept as a trait of the person.",
    "anyOf": [
        {"type": "string", "minLength": 1, "maxLength": 200},
        {
            "type": "object",
            "properties": {
                "external_id": {"type": "string", "minLength": 1, "maxLength": 200},
                "email": {"type": "string", "maxLength": 254, "pattern": _EMAIL},
                "name": {"type": "string", "maxLength": 200},
            },
            "anyOf": [{"required": ["external_id"]}, {"required": ["email"]}],
        },
    ],
    "examples": [{"external_id": "u1", "email": "ada@example.com", "name": "Ada Lovelace"}, "u1"],
}
_ACCOUNT: dict[str, Any] = {
    "title": "SentAccount",
    "description": "The company or subscription: its id alone, or an object with it. Everything else in it "
    "is kept as a trait.",
    "anyOf": [
        {"type": "string", "minLength": 1, "maxLength": 200},
        {
            "type": "object",
            "required": ["external_id"],
            "properties": {"external_id": {"type": "string", "minLength": 1, "maxLength": 200}},
        },
    ],
    "examples": ["acme"],
}


def _envelope(kind: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["type", "event_id"],
        "properties": {
            "type": kind,
            "event_id": {
                "type": "string",
                "minLength": 1,
                "maxLength": 200,
                "description": "Your own id of the fact. Sent again, it changes nothing.",
                "examples": ["order-123"],
            },
            "source": {
                "type": "string",
                "minLength": 1,
                "maxLength": 64,
                "default": "api",
                "description": "Which of your systems says so; event ids are unique within a source.",
            },
            "occurred_at": {
                "type": "string",
                "format": "date-time",
                "description": "When it happened (RFC 3339), from 1970 to a day from now; now, when left out.",
                "examples": ["2026-03-14T10:22:00Z"],
            },
            "participant": _ref("SentParticipant"),
            "account": _ref("SentAccount"),
            "properties": properties,
        },
    }


def _known(kind: payloads.EventType, found: dict[str, Any]) -> dict[str, Any]:
    payload = _model(kind.payload, found)
    schema = _envelope({"const": kind.type, "type": "string"}, payload)
    schema["title"] = _camel(kind.type) + "Event"
    schema["description"] = kind.payload.__doc__ or ""
    if kind.needs_person:
        schema["required"].append("participant")
    if kind.needs_account:
        schema["required"].append("account")
    if payload.get("required") or kind.payload is payloads.RewardMoved:
        schema["required"].append("properties")
    if kind.payload is payloads.RewardMoved:
        text = {"type": "string"}
        payload["anyOf"] = [
            {"required": ["reward"], "properties": {"reward": text}},
            {"required": ["referral", "rule"], "properties": {"referral": text, "rule": text}},
        ]
    return schema


def _custom() -> dict[str, Any]:
    """A type of the sender's own: not a known one, nor of a noun that is ours alone."""
    nouns = "|".join(sorted(payloads.RESERVED_NOUNS))
    known = "|".join(
        re.escape(name) for name in payloads.CATALOGUE if name.partition(".")[0] not in payloads.RESERVED_NOUNS
    )
    schema = _envelope(
        {
            "type": "string",
            "pattern": rf"^(?!(?:{nouns})\.)(?!(?:{known})$){_TYPE}$",
            "examples": ["ride.finished"],
        },
        {
            "type": "object",
            "description": "Anything that conditions of your programs read.",
            "properties": {"simulated": {"type": ["boolean", "null"]}},
        },
    )
    schema["title"] = "CustomEvent"
    schema["description"] = "A fact of your own, `noun.verb` in lower case, about a participant or an account."
    schema["anyOf"] = [{"required": ["participant"]}, {"required": ["account"]}]
    return schema


def _model(model: type[BaseModel], found: dict[str, Any]) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template=REF)
    schema.pop("title", None)
    found.update({name: _currencies(inner) for name, inner in schema.pop("$defs", {}).items()})
    return _currencies(schema)


def _currencies(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with every `currency` among the known ones."""
    properties = schema.get("properties", {})
    if "currency" in properties:
        nullable = "anyOf" in properties["currency"]
        properties["currency"] = (
            {"anyOf": [_ref("Currency"), {"type": "null"}], "default": None} if nullable else _ref("Currency")
        )
    if "since" in properties:
        properties["since"]["anyOf"][0]["format"] = "date-time"
    return schema


def _moved(schema: dict[str, Any], prefix: str, taken: dict[str, Any]) -> dict[str, Any]:
    """The schema's own definitions under names that are free, with the references set right."""
    names = {name: prefix + name for name in schema.get("$defs", {})}
    assert not taken.keys() & set(names.values())

    def rewritten(value: Any) -> Any:
        if isinstance(value, dict):
            kept = {key: rewritten(inner) for key, inner in value.items() if key != "$defs"}
            target = str(value.get("$ref", ""))
            if target.startswith("#/$defs/"):
                kept["$ref"] = REF.format(model=names[target.removeprefix("#/$defs/")])
            return kept
        return [rewritten(inner) for inner in value] if isinstance(value, list) else value

    moved = {names[name]: rewritten(inner) for name, inner in schema.get("$defs", {}).items()}
    whole = rewritten(schema)
    schema.clear()
    schema.update(whole)
    return moved


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in re.split(r"[._]", name))


def _ref(name: str) -> dict[str, str]:
    return {"$ref": REF.format(model=name)}
