"""Imports as the API shows them, and what is sent to begin one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from goodword.api.shapes import List, Shape

IMPORT = "imp_01jq8x5e4me8k9d3v0h2r6t7wy"
Kind = Literal["participants", "links", "referrals", "rewards", "balances"]
State = Literal["waiting", "running", "done", "failed", "cancelled", "undoing", "undone"]
Status = Literal["accepted", "skipped", "error", "undone", "kept"]


class ImportColumn(Shape):
    """A column of a file, and what it is here."""

    column: str = Field(examples=["token"])
    fields: str = Field(examples=["links.code"], description="Our fields, with commas; empty where it is left out.")


class ImportFile(Shape):
    """A file that was sent."""

    name: str = Field(examples=["affiliates.csv"])
    kind: str | None = Field(examples=["affiliates"], description="The kind of file, as the mapping names it.")
    size: int = Field(examples=[2048], description="Bytes.")
    sha256: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    format: Literal["csv", "jsonl", "json"]
    encoding: str = Field(examples=["utf-8"])
    rows: int | None = Field(examples=[120], description="Null until it was read.")
    columns: list[ImportColumn]


class ImportCount(Shape):
    """How many lines of the report had which end, of one kind."""

    kind: Kind
    accepted: int = Field(examples=[118])
    skipped: int = Field(examples=[1])
    error: int = Field(examples=[1])
    undone: int = Field(examples=[0])
    kept: int = Field(examples=[0])


class ImportFailure(Shape):
    """Why nothing, or no more, was imported."""

    code: str = Field(examples=["unknown_columns"])
    detail: str = Field(examples=["people.csv is no kind of file that the mapping knows."])


class ImportProgress(Shape):
    """How far it is."""

    done: int = Field(examples=[60])
    total: int = Field(examples=[240], description="0 until that is known.")


class Import(Shape):
    """Files of another system that were brought in, or are tried."""

    id: str = Field(examples=[IMPORT])
    mapping: str = Field(examples=["rewardful"])
    program: str = Field(examples=["friends"])
    rule: str | None = Field(examples=["thanks"], description="What rewards stand for, where that was said.")
    dry_run: bool
    state: State
    progress: ImportProgress
    asked_by: str = Field(examples=["key web shop"])
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    undone_at: datetime | None
    files: list[ImportFile]
    counts: list[ImportCount]
    failure: ImportFailure | None


class ImportList(List[Import]):
    """One page of imports."""


class ImportLine(Shape):
    """A line of the report: what became of a row, or of a part of it."""

    number: int = Field(examples=[1])
    file: str = Field(examples=["affiliates.csv"])
    line: int = Field(examples=[2], description="Of the file; of a JSON document, the row's number.")
    kind: Kind
    status: Status
    code: str | None = Field(examples=["PARTNER_NOT_FOUND"])
    column: str | None = Field(examples=["affiliate.id"])
    value: str | None = Field(examples=["af_9"])
    message: str | None = Field(examples=["nobody of this name is known; import participants first"])
    source_id: str | None = Field(examples=["re_1"], description="Its id in the other system.")
    event: str | None = Field(examples=["evt_01jq8x5e4me8k9d3v0h2r6t7wy"], description="What it became in the log.")


class ImportLineList(List[ImportLine]):
    """One page of an import's report."""


class Mapping(Shape):
    """A ready mapping."""

    name: str = Field(examples=["rewardful"])
    title: str = Field(examples=["Rewardful"])
    files: list[str] = Field(examples=[["affiliates", "referrals", "commissions"]])
    document: dict[str, Any] = Field(description="The mapping itself, to be used or changed.")


class MappingList(Shape):
    """The ready mappings."""

    data: list[Mapping]


_TEXTS: dict[str, dict[str, Any]] = {
    "program": {"type": "string", "minLength": 1, "maxLength": 64, "description": "The program's key."},
    "rule": {"type": "string", "maxLength": 64, "description": "The rule that rewards stand for."},
    "kind": {
        "type": "string",
        "maxLength": 64,
        "description": "What the files hold, where their columns do not tell: participants, links, …, or a name of the "
        "mapping.",
    },
}
SENT: dict[str, Any] = {
    "title": "SentImport",
    "type": "object",
    "description": "What to import, and as which mapping says.",
    "required": ["mapping", "program", "files"],
    "additionalProperties": False,
    "properties": {
        "mapping": {
            "description": "The name of a ready one, or one of your own, as an object or as YAML text.",
            "anyOf": [{"type": "string", "minLength": 1}, {"type": "object"}],
        },
        "program": _TEXTS["program"],
        "rule": _TEXTS["rule"],
        "dry_run": {"type": "boolean", "description": "Write nothing but the report."},
        "files": {
            "type": "array",
            "minItems": 1,
            "maxItems": 20,
            "items": {
                "type": "object",
                "required": ["name", "content"],
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string", "minLength": 1, "maxLength": 200},
                    "kind": _TEXTS["kind"],
                    "content": {"type": "string", "description": "The whole file, as text."},
                },
            },
        },
    },
    "x-examples": {
        "tried": {
            "summary": "A file of affiliates, tried",
            "value": {
                "mapping": "rewardful",
                "program": "friends",
                "dry_run": True,
                "files": [
                    {
                        "name": "affiliates.csv",
                        "content": "id,first_name,last_name,email,token\naf1,Ada,Lovelace,ada@example.com,ada\n",
                    }
                ],
            },
        }
    },
}
FORM: dict[str, Any] = {
    "type": "object",
    "required": ["mapping", "program", "file"],
    "properties": {
        "mapping": {"type": "string", "description": "The name of a ready one, or one of your own as YAML or JSON."},
        **_TEXTS,
        "dry_run": {"type": "string", "enum": ["true", "false"]},
        "file": {"type": "array", "items": {"type": "string", "format": "binary"}, "description": "One or several."},
    },
}
_FILE = {"schema": {"type": "string", "format": "binary", "description": "The file itself."}, "examples": {}}
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/SentImport"},
                "examples": SENT["x-examples"],
            },
            "multipart/form-data": {"schema": FORM, "examples": {}},
            "text/csv": _FILE,
            "application/x-ndjson": _FILE,
            "application/jsonl": _FILE,
        },
    }
}
