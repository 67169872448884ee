"""Writes docs/reference from the code: the programme document, events, reasons and the command line.

`python tools/make_reference.py` writes the files; with `--check` it says which differ and exits 1.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Any, get_args, get_origin

import written
import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
MAX_AMOUNT = 10**15
NOTE = "<!-- Made by tools/make_reference.py from the code. Change the code, then run `make docs`. -->\n"


def made() -> dict[Path, str]:
    """The files as they should be."""
    from goodword.domain.program import json_schema

    with tempfile.TemporaryDirectory() as home:
        os.environ["GOODWORD_HOME"] = home
        return {
            FOLDER / "program.md": program_page(),
            FOLDER / "program.schema.json": json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n",
            FOLDER / "events.md": events_page(),
            FOLDER / "reasons.md": reasons_page(),
            FOLDER / "cli.md": cli_page(),
        }


# The programme document


def program_page() -> str:
    """Every part of a document and every key of it."""
    from goodword.domain import cel_cost, conditions, document
    from goodword.domain.reading import MAX_BYTES, MAX_DEPTH

    written: dict[type[BaseModel], list[Mapping[str, Any]]] = {}
    paths = sorted((ROOT / "src" / "goodword" / "recipes").glob("*.yaml"))
    recipes = [yaml.load(path.read_text(), yaml.BaseLoader) for path in paths]
    for recipe in sorted(recipes, key=lambda told: told["kind"] == "loyalty"):  # most readers write the other kinds
        _visit(document.Document, recipe, written)
    models = list(_models(document.Document))
    return _page(
        "program",
        contents="\n".join(f"- [{model.__name__}](#{model.__name__.lower()})" for model in models),
        parts="\n\n".join(_part(model, written.get(model, [])) for model in models),
        facts="\n".join(
            f"| `{group}` | {', '.join(f'`{fact}`' for fact in sorted(facts))} |"
            for group, facts in conditions.FIELDS.items()
        ),
        functions=", ".join(f"`{name}`" for name in sorted(conditions.FUNCTIONS)),
        max_bytes=f"{MAX_BYTES:,}",
        max_depth=MAX_DEPTH,
        max_rules=document.MAX_RULES,
        max_source=f"{conditions.MAX_SOURCE:,}",
        max_tokens=conditions.MAX_TOKENS,
        max_nesting=conditions.MAX_NESTING,
        max_macros=conditions.MAX_MACRO_NESTING,
        max_cost=f"{conditions.MAX_COST:,}",
        max_copies=f"{cel_cost.MAX_COPIES:,}",
        max_patterns=conditions.MAX_PATTERNS,
    )


def _page(name: str, **parts: object) -> str:
    """The prose of tools/reference with what the code says in its gaps."""
    template = Template((ROOT / "tools" / "reference" / f"{name}.md").read_text())
    return NOTE + "\n" + template.substitute({key: str(part) for key, part in parts.items()})


def _part(model: type[BaseModel], written: list[Mapping[str, Any]]) -> str:
    lines = [f"## {model.__name__}", "", str(model.__doc__).strip().replace("\n    ", "\n"), ""]
    lines += ["| key | type | default | meaning | example |", "|---|---|---|---|---|"]
    return "\n".join(lines + [_row(model, name, field, written) for name, field in model.model_fields.items()])


def _models(model: type[BaseModel], seen: set[type[BaseModel]] | None = None) -> Iterator[type[BaseModel]]:
    """A model and the ones below it, in the order of the document."""
    seen = set() if seen is None else seen
    if model in seen:
        return
    seen.add(model)
    yield model
    for field in model.model_fields.values():
        for inner in _inside(field.annotation):
            yield from _models(inner, seen)


def _inside(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _inside(inner)


def _visit(model: type[BaseModel], data: Any, parts: dict[type[BaseModel], list[Mapping[str, Any]]]) -> None:
    """Notes what the recipes write in each part."""
    parts.setdefault(model, []).append(data)
    for name, field in model.model_fields.items():
        value = data.get(field.alias or name)
        for inner in _inside(field.annotation):
            entries = value if isinstance(value, list) else [value]
            if isinstance(value, dict) and get_origin(field.annotation) is dict:
                entries = list(value.values())
            for entry in entries:
                if _is(inner, entry):
                    _visit(inner, entry, parts)


def _is(model: type[BaseModel], entry: Any) -> bool:
    """Whether the entry is written as that model, where several are allowed."""
    keys = {field.alias or name for name, field in model.model_fields.items()}
    return isinstance(entry, dict) and keys.issuperset(entry)


def _row(model: type[BaseModel], name: str, field: FieldInfo, written: list[Mapping[str, Any]]) -> str:
    key = field.alias or name
    schema = model.model_json_schema(by_alias=True)["properties"][key]
    default = "needed" if field.is_required() else _default(field)
    example = _example(key, schema, written)
    return f"| `{key}` | {_type(field.annotation, schema)} | {default} | {_cell(field.description)} | {example} |"


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None or value is PydanticUndefined or isinstance(value, BaseModel) or value == []:
        return ""
    return f"`{value if isinstance(value, str) else _flow(value)}`"


def _example(key: str, schema: Mapping[str, Any], written: list[Mapping[str, Any]]) -> str:
    """What a recipe writes there, else the schema's own example, else one of the allowed words."""
    found = [part[key] for part in written if key in part]
    short = [value for value in found if len(_flow(value)) <= 60]
    if short:
        return f"`{_flow(short[0])}`"
    if schema.get("examples"):
        return f"`{_flow(schema['examples'][0])}`"
    if found:
        return "in [a recipe](../../src/goodword/recipes)"
    for choice in (schema, *schema.get("anyOf", ())):
        if "examples" in choice:
            return f"`{_flow(choice['examples'][0])}`"
        if choice.get("type") == "boolean":
            return f"`{_flow(not choice.get('default', schema.get('default', False)))}`"
        if choice.get("enum"):
            return f"`{choice['enum'][-1]}`"
        if "maximum" in choice:
            return f"`{choice['maximum']}`"
    return ""


def _flow(value: Any) -> str:
    """A value as YAML on one line."""
    if isinstance(value, str):
        return value
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...").replace("'", "").replace("|", "\\|")


def _type(annotation: Any, schema: Mapping[str, Any]) -> str:
    """A field's type in words."""
    models = list(_inside(annotation))
    links = ", ".join(f"[{model.__name__}](#{model.__name__.lower()})" for model in models)
    kinds = [arg for arg in _union(annotation) if arg is not type(None)]
    words = []
    for kind, part in zip(kinds, _parts(schema), strict=False):
        origin = get_origin(kind)
        if origin is list:
            words.append(f"list of {links}" if models else f"list of {_plain(part.get('items', {}))}")
        elif origin is dict:
            [value] = part["patternProperties"].values()
            plain = [_plain(part) for part in _parts(value) if "$ref" not in part]
            words.append(f"by id: {' or '.join([*plain, links] if links else plain)}")
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            words.append(f"[{kind.__name__}](#{kind.__name__.lower()})")
        else:
            words.append(_plain(part))
    return " or ".join(dict.fromkeys(words))


def _union(annotation: Any) -> tuple[Any, ...]:
    while get_origin(annotation) is typing.Annotated:
        annotation = get_args(annotation)[0]
    return get_args(annotation) if get_origin(annotation) in (typing.Union, types.UnionType) else (annotation,)


def _parts(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    choices = schema.get("anyOf", [schema])
    return [choice for choice in choices if choice.get("type") != "null"]


def _plain(schema: Mapping[str, Any]) -> str:
    """A JSON Schema of one value in words."""
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_plain(part) for part in _parts(schema)))
    title = str(schema.get("title", ""))
    if title in ("duration", "duration or business days", "CEL condition", "CEL number", "date"):
        return title
    if schema.get("type") == "integer":
        low, high = schema.get("minimum"), schema.get("maximum")
        if (low, high) == (0, MAX_AMOUNT):
            return "amount"
        return "whole number" + (f" {low} to {high:,}" if low is not None and high is not None else "")
    if schema.get("type") == "boolean":
        return "true or false"
    if schema.get("type") == "number":
        return "number"
    if schema.get("type") == "array":
        return f"list of {_plain(schema.get('items', {}))}".replace("list of object ", "list of objects ")
    from goodword.domain import payloads

    if part := getattr(payloads, str(schema.get("$ref", "")).rpartition("/")[2], None):
        fields = ", ".join(f"`{name}`" for name in part.model_fields)
        return f"object of {fields}"
    pattern = str(schema.get("pattern", ""))
    known = {
        r"^[a-z0-9][a-z0-9_-]{0,63}$": "id",
        r"^[a-z][a-z0-9_]{0,63}$": "code",
        r"^[a-z][a-z0-9_]{0,30}\.[a-z][a-z0-9_]{0,30}$": "event type",
        r"^https://\S+$": "https address",
        r"^[A-Z]{2}$": "country code",
    }
    return known.get(pattern, "text")


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|").replace("\n", " ")


# Events

PERSON = {"external_id": "u1", "email": "ada@example.com", "name": "Ada"}
MOVED = {"referral": "L-1042"}
EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "participant.identified": {"participant": PERSON, "account": "acme", "properties": {"country": "NO"}},
    "participant.signed_up": {"participant": "u2", "properties": {"code": "ada-4711"}},
    "contest.disqualified": {
        "participant": "u1",
        "properties": {"program": "quarter-contest", "contest": "spring-2026", "by": "finance"},
    },
    "contest.reinstated": {"participant": "u1", "properties": {"program": "quarter-contest", "contest": "spring-2026"}},
    "terms.accepted": {"participant": "u1", "properties": {"program": "refer-a-friend", "terms": 2}},
    "referral.claimed": {
        "participant": "u1",
        "properties": {
            "program": "ride-credit",
            "referred": {"email": "grace@example.org"},
            "proof": "I told her over lunch on Monday.",
        },
    },
    "claim.approved": {"properties": {"claim": "clm_01jq8x5e4me8k9d3v0h2r6t7wy", "by": "Eva"}},
    "claim.rejected": {"properties": {"claim": "clm_01jq8x5e4me8k9d3v0h2r6t7wy", "by": "Eva", "reason": "not_proven"}},
    "visitor.touched": {"properties": {"anonymous_id": "browser-7", "code": "ADA-4711"}},
    "participant.split": {"properties": {"previous_id": "visitor-77"}},
    "order.completed": {"participant": "u2", "properties": {"order_id": "123", "value": 48000, "currency": "USD"}},
    "order.refunded": {"participant": "u2", "properties": {"order_id": "123", "value": 12000, "currency": "USD"}},
    "subscription.started": {"participant": "u2", "properties": {"plan": "pro", "value": 9900, "currency": "EUR"}},
    "subscription.renewed": {"participant": "u2", "properties": {"plan": "pro", "value": 9900, "currency": "EUR"}},
    "subscription.upgraded": {"participant": "u2", "properties": {"plan": "team"}},
    "subscription.cancelled": {"participant": "u2", "properties": {"plan": "team"}},
    "catalogue.redeemed": {"participant": "u2", "properties": {"program": "points-shop", "item": "mug"}},
    "invoice.paid": {"participant": "u2", "properties": {"invoice_id": "2026-17", "value": 9900, "currency": "EUR"}},
    "account.updated": {
        "account": "acme",
        "properties": {"status": "paying", "since": "2024-02-01T00:00:00Z", "active_days_30": 12},
    },
    "fx.rate_published": {
        "properties": {"base": "EUR", "quote": "USD", "rate": "1.0842", "date": "2026-03-14", "source": "ECB"}
    },
    "milestone.reached": {"participant": "u1", "properties": {"milestone": "first_project"}},
    "link.created": {
        "participant": "u1",
        "properties": {"program": "credit-after-threshold", "code": "ada-4711", "channel": "email"},
    },
    "link.updated": {"properties": {"code": "ada-4711", "state": "off"}},
    "referral.submitted": {
        "participant": "u1",
        "account": "acme",
        "properties": {
            "program": "b2b-sales",
            "referral": "L-1042",
            "referred": {"name": "Grace", "email": "grace@globex.example", "employees": 50, "country": "US"},
        },
    },
    "referral.qualified": {"properties": MOVED},
    "referral.opportunity_opened": {"properties": MOVED},
    "referral.closed_won": {"properties": {**MOVED, "value": 1200000, "currency": "USD"}},
    "referral.closed_lost": {"properties": {**MOVED, "reason": "budget"}},
    "referral.disqualified": {"properties": {**MOVED, "reason": "competitor"}},
    "reward.approved": {"properties": {**MOVED, "rule": "closed", "by": "finance@example.com"}},
    "reward.rejected": {"properties": {**MOVED, "rule": "closed", "by": "finance@example.com", "reason": "fraud"}},
    "reward.issued": {"properties": {"reward": "rwd_01h455vb4pex5vsknk084sn02q"}},
    "reward.redeemed": {"properties": {"reward": "rwd_01h455vb4pex5vsknk084sn02q"}},
    "reward.failed": {"properties": {"reward": "rwd_01h455vb4pex5vsknk084sn02q", "reason": "card_refused"}},
}


def events_page() -> str:
    """The envelope, the limits and every type."""
    from goodword.domain import events, payloads

    known = payloads.CATALOGUE.items()
    return _page(
        "events",
        events="\n\n".join(_event(name, kind) for name, kind in known if not kind.internal),
        internal=", ".join(f"`{name}`" for name, kind in known if kind.internal),
        reserved=", ".join(f"`{noun}`" for noun in sorted(payloads.RESERVED_NOUNS)),
        max_bytes=f"{events.MAX_EVENT_BYTES:,}",
        max_depth=events.MAX_DEPTH,
        max_text=f"{events.MAX_TEXT:,}",
        max_list=f"{events.MAX_LIST:,}",
    )


def _event(name: str, kind: Any) -> str:
    example = {"type": name, "event_id": f"{name.replace('.', '-')}-1", **EXAMPLES[name]}
    about = "participant" if kind.needs_person else "account" if kind.needs_account else ""
    lines = [f"## {name}", "", str(kind.payload.__doc__).strip().replace("\n    ", "\n")]
    if about:
        lines[-1] += f" Needs `{about}`."
    schema = kind.payload.model_json_schema()
    rows = [
        _property(key, schema["properties"][key], field, schema.get("$defs", {}))
        for key, field in kind.payload.model_fields.items()
        if key != "simulated"
    ]
    lines += ["", "| property | type | needed | meaning |", "|---|---|---|---|", *rows] if rows else []
    return "\n".join([*lines, "", "```json event", json.dumps(example), "```"])


def _property(key: str, schema: Mapping[str, Any], field: FieldInfo, models: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        inner = models[schema["$ref"].rpartition("/")[2]]["properties"]
        kind = "object: " + ", ".join(f"`{name}`" for name in inner)
    else:
        kind = " or ".join(dict.fromkeys(_plain(part) for part in _parts(schema)))
    needed = "yes" if field.is_required() else ""
    return f"| `{key}` | {kind} | {needed} | {_cell(field.description)} |"


# Reasons


def reasons_page() -> str:
    """Every reason code with both texts."""
    from goodword.domain.reasons import REASONS

    rows = (f"| `{code}` | {reason.staff} | {reason.participant} |" for code, reason in REASONS.items())
    return _page("reasons", reasons="\n".join(rows))


# The command line


def cli_page() -> str:
    """The help of every command."""
    import click

    from goodword.ops.cli import goodword

    lines: list[str] = []

    def visit(command: click.Command, parent: click.Context | None, name: str) -> None:
        context = click.Context(
            command, parent=parent, info_name=name, help_option_names=["-h", "--help"], terminal_width=96
        )
        lines.extend(["", f"## {context.command_path}", "", "```text", command.get_help(context).rstrip(), "```"])
        if isinstance(command, click.Group):
            for inner in command.list_commands(context):
                found = command.get_command(context, inner)
                if found is not None and not found.hidden:
                    visit(found, context, inner)

    visit(goodword, None, "goodword")
    return _page("cli", commands="\n".join(lines).strip())


if __name__ == "__main__":
    sys.exit(written.main(sys.argv[1:], made, __doc__))
