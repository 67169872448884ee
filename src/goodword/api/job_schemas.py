"""The bodies of long questions as JSON Schema."""

from __future__ import annotations

from typing import Any

from goodword.api.import_shapes import SENT
from goodword.api.schemas import PROGRAM_EXAMPLE

_DOCUMENT: dict[str, Any] = {
    "description": "The program, as an object or as YAML text.",
    "anyOf": [{"$ref": "#/components/schemas/ProgramSource"}, {"type": "string", "minLength": 1}],
}
QUESTIONS: dict[str, dict[str, Any]] = {
    "SentImport": SENT,
    "SentSimulation": {
        "title": "SentSimulation",
        "type": "object",
        "description": "What to play, on how many people, for how long, how often.",
        "required": ["document"],
        "additionalProperties": False,
        "properties": {
            "document": _DOCUMENT,
            "other": {**_DOCUMENT, "description": "A second program, played on the same people."},
            "customers": {
                "type": "integer",
                "minimum": 1,
                "maximum": 100_000,
                "description": "Who join.",
            },
            "months": {"type": "integer", "minimum": 1, "maximum": 120},
            "runs": {"type": "integer", "minimum": 1, "maximum": 1_000, "description": "How often, for the intervals."},
            "seed": {
                "type": "integer",
                "minimum": 0,
                "maximum": 2**31 - 1,
                "description": "The same seed, the same people.",
            },
            "start": {"type": "string", "format": "date", "description": "The first day."},
            "parameters": {
                "type": "object",
                "additionalProperties": {"type": "number"},
                "description": "Other values of parameters of the model, by name.",
            },
        },
        "x-examples": {
            "one": {"summary": "One program", "value": {"document": PROGRAM_EXAMPLE, "customers": 1000, "months": 12}},
            "parameters": {
                "summary": "With another rate of referring",
                "value": {"document": PROGRAM_EXAMPLE, "runs": 50, "parameters": {"refer_rate": 0.3}},
            },
        },
    },
    "SentBacktest": {
        "title": "SentBacktest",
        "type": "object",
        "description": "What to try, on which stretch of the past, and what to compare it with.",
        "required": ["document"],
        "additionalProperties": False,
        "properties": {
            "document": _DOCUMENT,
            "since": {
                "type": "string",
                "format": "date-time",
                "description": "Count only what happened from then on.",
            },
            "until": {
                "type": "string",
                "format": "date-time",
                "description": "Leave out what happened from then on.",
            },
            "as_of_version": {
                "type": "integer",
                "minimum": 1,
                "maximum": 2**31 - 1,
                "description": "Compare with what this version of the program would have done, not with what happened.",
            },
            "elasticity": {
                "type": "number",
                "minimum": -10,
                "maximum": 10,
                "description": "Percent more won referrals for each percent that a reward is worth more. Left out, "
                "behaviour is taken to be unchanged.",
            },
        },
        "x-examples": {
            "whole": {"summary": "The whole past", "value": {"document": PROGRAM_EXAMPLE}},
            "part": {
                "summary": "A quarter, as if rewards drew people",
                "value": {
                    "document": PROGRAM_EXAMPLE,
                    "since": "2026-01-01T00:00:00Z",
                    "until": "2026-04-01T00:00:00Z",
                    "elasticity": 0.5,
                },
            },
        },
    },
}


def question_body(name: str) -> dict[str, Any]:
    """The body of a long question of one of `QUESTIONS`."""
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": f"#/components/schemas/{name}"},
                    "examples": QUESTIONS[name]["x-examples"],
                }
            },
        }
    }


def components() -> dict[str, Any]:
    """The schemas that the bodies refer to."""
    return {
        name: {part: value for part, value in question.items() if part != "x-examples"}
        for name, question in QUESTIONS.items()
    }
