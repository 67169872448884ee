"""The TypeScript client's types and methods, as text."""

from __future__ import annotations

import json
import re

from client_code.description import Description, Operation, Schema, alternatives, is_open, name_of, words

NOTE = "// Made by tools/make_clients.py from the API's description. Run `make docs` after a change to the API.\n"
WIDTH = 116
PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def types(description: Description) -> str:
    """The module of types: an interface for each object, an alias for everything else."""
    return "\n".join([NOTE, *(_declared(name, schema) for name, schema in description.types.items())])


def _declared(name: str, schema: Schema) -> str:
    comment = _comment(schema.get("description", ""), "")
    if schema.get("type") == "object" and schema.get("properties"):
        return f"{comment}export interface {name} {_fields(schema, '')}\n"
    return f"{comment}export type {name} = {expression(schema)};\n"


def _comment(text: str, indent: str) -> str:
    if not text:
        return ""
    lines = words(text.replace("*/", "* /"), WIDTH - len(indent) - 3)
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */\n"
    inside = "".join(f"{indent} * {line}\n" for line in lines)
    return f"{indent}/**\n{inside}{indent} */\n"


def _fields(schema: Schema, indent: str) -> str:
    required = set(schema.get("required", ()))
    lines = []
    for key, value in schema["properties"].items():
        name = key if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key) else json.dumps(key)
        lines.append(_comment(value.get("description", ""), f"{indent}  ").rstrip("\n"))
        lines.append(f"{indent}  {name}{'' if key in required else '?'}: {expression(value, indent + '  ')};")
    if is_open(schema) and "additionalProperties" in schema:
        lines.append(f"{indent}  [key: string]: unknown;")
    return "{\n" + "\n".join(line for line in lines if line) + f"\n{indent}}}"


def expression(schema: Schema, indent: str = "", prefix: str = "") -> str:
    """The type of a value; `prefix` stands before the names of this API's types."""
    found = dict.fromkeys(_one(each, indent, prefix) for each in alternatives(schema))
    if "unknown" in found:
        return "unknown"
    return " | ".join(sorted(found, key=lambda kind: kind == "null"))


def _one(schema: Schema, indent: str, prefix: str) -> str:
    if "$ref" in schema:
        return prefix + name_of(schema["$ref"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if len(alternatives(schema)) > 1:
        return f"({expression(schema, indent, prefix)})"
    kind = schema.get("type")
    if kind == "array":
        inside = expression(schema.get("items", {}), indent, prefix)
        return f"Array<{inside}>"
    if kind == "object" and schema.get("properties"):
        return _fields(schema, indent)
    if kind == "object":
        values = schema.get("additionalProperties")
        inside = expression(values, indent, prefix) if isinstance(values, dict) and values else "unknown"
        return f"Record<string, {inside}>"
    return PLAIN.get(kind, "unknown")


def operations(description: Description) -> str:
    """The module of the class that has a method for each operation."""
    methods = "\n\n".join(_method(each) for each in description.operations)
    return "\n".join(
        [
            NOTE,
            'import type * as t from "./types.js";',
            'import { Caller, part, type Idempotent, type Typed } from "./call.js";\n',
            "/** One method for each operation; an idempotency key is made for you where you give none. */",
            "export class Operations extends Caller {",
            f"  protected override readonly forPages = {_for_pages(description)};\n",
            methods,
            "}",
            "",
        ]
    )


def _for_pages(description: Description) -> str:
    """An expression that fits the paths of what takes more than secret keys: all that a page may ask."""
    paths = sorted({each.path.removeprefix("/v1/") for each in description.operations if not each.secret})
    return "/^\\/v1\\/(" + "|".join(re.sub(r"\{\w+\}", "[^/]+", path).replace("/", r"\/") for path in paths) + ")$/"


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _method(operation: Operation) -> str:
    names = [f"{_camel(each.name)}: {expression(each.schema, '', 't.')}" for each in operation.path_parameters]
    given = [f'"{operation.method}"', _path(operation)]
    options = _options(operation)
    has_body = operation.has_body and (operation.body is not None or bool(operation.media))
    if has_body:
        names.append(_body(operation))
    if options:
        needed = any(each.required for each in operation.query)
        names.append(f"options: {options}{'' if needed else ' = {}'}")
        given.append("options")
    if operation.has_body:
        given.append("body" if has_body else "{}")
    doc = operation.doc + ("; every page of it, as you go on" if operation.item is not None else "") + "."
    if operation.item is not None:
        kind, verb = f"AsyncGenerator<{expression(operation.item, '', 't.')}, void, void>", "pages"
    elif operation.answers:
        found = " | ".join(dict.fromkeys(expression(each, "", "t.") for each in operation.answers))
        kind, verb = f"Promise<{found}>", "json"
    else:
        kind, verb = "Promise<Uint8Array>", "bytes"
    name = _camel(operation.name)
    head = f"  {name}({', '.join(names)}): {kind} {{"
    if len(head) > WIDTH + 4:
        head = f"  {name}(\n" + "".join(f"    {each},\n" for each in names) + f"  ): {kind} {{"
    return f"{_comment(doc, '  ')}{head}\n    return this.{verb}({', '.join(given)});\n  }}"


def _options(operation: Operation) -> str:
    fields = [
        f"{each.name}{'' if each.required else '?'}: {expression(each.schema, '', 't.')}" for each in operation.query
    ]
    kinds = ["{ " + "; ".join(fields) + " }"] if fields else []
    if operation.media:
        kinds.append("Typed")
    if operation.has_body:
        kinds.append("Idempotent")
    return " & ".join(kinds)


def _body(operation: Operation) -> str:
    kinds = [] if operation.body is None else [expression(operation.body, "", "t.")]
    if operation.media:
        kinds += ["string"] if all(kind.endswith("yaml") for kind in operation.media) else ["string | Uint8Array"]
    return f"body{'' if operation.body_required else '?'}: {' | '.join(kinds)}"


def _path(operation: Operation) -> str:
    if not operation.path_parameters:
        return f'"{operation.path}"'
    inside = re.sub(r"\{(\w+)\}", lambda found: "${part(" + _camel(found[1]) + ")}", operation.path)
    return f"`{inside}`"
