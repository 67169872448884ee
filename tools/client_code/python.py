"""The Python client's types and methods, as text."""

from __future__ import annotations

import keyword
import subprocess
import sys

from client_code.description import (
    Description,
    Operation,
    Parameter,
    Schema,
    alternatives,
    is_open,
    name_of,
    words,
)

NOTE = "# Made by tools/make_clients.py from the API's description. Run `make docs` after a change to the API.\n"
LOOSE = '# mypy: disable-error-code="no-any-return"\n'
WIDTH = 110
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def types(description: Description) -> str:
    """The module of types: a TypedDict for each object, an alias for everything else."""
    parts = [
        NOTE + "# ruff: noqa: E501\n",
        '"""What the API takes and answers. Objects that may have keys of your own are plain dictionaries."""\n',
        "from __future__ import annotations\n",
        "from typing import Any, Literal, NotRequired, TypeAlias, TypedDict\n",
    ]
    aliases = []
    for name, schema in description.types.items():
        if _is_record(schema):
            parts.append(_record(name, schema))
        else:
            aliases.append(f"{name}: TypeAlias = {expression(schema)!r}\n")
    return _formatted("\n".join([*parts, *aliases]))


def _formatted(text: str) -> str:
    """The text as `make check` wants it."""
    formatter = [sys.executable, "-m", "ruff", "format", "--line-length", "120", "--stdin-filename", "made.py", "-"]
    return subprocess.run(formatter, input=text, capture_output=True, text=True, check=True).stdout


def _is_record(schema: Schema) -> bool:
    return schema.get("type") == "object" and bool(schema.get("properties")) and not is_open(schema)


def _record(name: str, schema: Schema) -> str:
    required = set(schema.get("required", ()))
    fields = {
        key: expression(value) if key in required else f"NotRequired[{expression(value)}]"
        for key, value in schema["properties"].items()
    }
    if not all(key.isidentifier() and not keyword.iskeyword(key) for key in fields):
        inside = "".join(f'    "{key}": {kind!r},\n' for key, kind in fields.items())
        return f'\n{name} = TypedDict("{name}", {{\n{inside}}})\n'
    lines = [f"\nclass {name}(TypedDict):"]
    if schema.get("description"):
        lines.append(_docstring(schema["description"], "    "))
    lines += [f"    {key}: {kind}" for key, kind in fields.items()]
    return "\n".join(lines) + "\n"


def _docstring(text: str, indent: str) -> str:
    lines = words(text.replace("\\", "\\\\").replace('"""', "'''"), WIDTH - len(indent) - 6)
    if lines[-1].endswith('"'):
        lines[-1] += " "
    return f'{indent}"""' + f"\n{indent}".join(lines) + '"""'


def expression(schema: Schema, prefix: str = "") -> str:
    """The type of a value; `prefix` stands before the names of this API's types."""
    found = []
    for each in alternatives(schema):
        kind = _one(each, prefix)
        if kind not in found:
            found.append(kind)
    if "Any" in found:
        return "Any"
    return " | ".join(sorted(found, key=lambda kind: kind == "None"))


def _one(schema: Schema, prefix: str) -> str:
    if "$ref" in schema:
        return prefix + name_of(schema["$ref"])
    if "const" in schema:
        return f"Literal[{schema['const']!r}]".replace("'", '"')
    if "enum" in schema:
        return ("Literal[" + ", ".join(repr(value) for value in schema["enum"]) + "]").replace("'", '"')
    if len(alternatives(schema)) > 1:
        return expression(schema, prefix)
    kind = schema.get("type")
    if kind == "array":
        return f"list[{expression(schema.get('items', {}), prefix)}]"
    if kind == "object":
        values = schema.get("additionalProperties")
        named = isinstance(values, dict) and values and not schema.get("properties")
        return f"dict[str, {expression(values, prefix) if named else 'Any'}]"
    return PLAIN.get(kind, "Any")


def operations(description: Description, *, asynchronous: bool) -> str:
    """The module of the class that has a method for each operation."""
    kind = "Async" if asynchronous else "Sync"
    methods = [_method(each, asynchronous) for each in description.operations]
    iterator = "AsyncIterator" if asynchronous else "Iterator"
    imported = "AsyncCaller, Call" if asynchronous else "Call, SyncCaller"
    return _formatted(
        "\n".join(
            [
                NOTE + LOOSE,
                f'"""Every operation of the API, {"awaited" if asynchronous else "in the calling thread"}."""\n',
                "from __future__ import annotations\n",
                f"from collections.abc import {iterator}",
                "from typing import Any, Literal\n",
                f"from goodword_client import types as t\nfrom goodword_client._call import {imported}\n\n",
                f"class {kind}Operations({kind}Caller):",
                '    """One method for each operation; `idempotency_key` is made for you where you give none."""\n',
                "\n\n".join(methods),
                "",
            ]
        )
    )


def _method(operation: Operation, asynchronous: bool) -> str:
    names = [f"{each.name}: {expression(each.schema, 't.')}" for each in operation.path_parameters]
    if operation.has_body and (operation.body is not None or operation.media):
        names.append(_body(operation))
    optional = [_optional(each) for each in operation.query]
    if operation.has_body:
        optional.append("idempotency_key: str | None = None")
    if operation.media and not _yaml_only(operation):
        optional.append("content_type: str | None = None")
    if optional:
        names += ["*", *optional]
    answer = _answer(operation)
    call = _call(operation)
    head = f"{'async ' if asynchronous and operation.item is None else ''}def {operation.name}"
    signature = f"    {head}({', '.join(['self', *names])}) -> {_returned(operation, answer, asynchronous)}:"
    if len(signature) > WIDTH + 8:
        inside = "".join(f"        {name},\n" for name in ["self", *names])
        signature = f"    {head}(\n{inside}    ) -> {_returned(operation, answer, asynchronous)}:"
    doc = operation.doc + ("; every page of it, as you go on" if operation.item is not None else "") + "."
    if operation.item is not None:
        body = f"return self._pages({call})"
    else:
        verb = "_json" if operation.answers else "_bytes"
        body = f"return {'await ' if asynchronous else ''}self.{verb}({call})"
    return f"{signature}\n{_docstring(doc, '        ')}\n        {body}"


def _returned(operation: Operation, answer: str, asynchronous: bool) -> str:
    if operation.item is None:
        return answer
    item = expression(operation.item, "t.")
    return f"{'AsyncIterator' if asynchronous else 'Iterator'}[{item}]"


def _answer(operation: Operation) -> str:
    if not operation.answers:
        return "bytes"
    kinds = list(dict.fromkeys(expression(each, "t.") for each in operation.answers))
    return " | ".join(kinds)


def _yaml_only(operation: Operation) -> bool:
    return all(kind.endswith("yaml") for kind in operation.media)


def _body(operation: Operation) -> str:
    kinds = [] if operation.body is None else [expression(operation.body, "t.")]
    if operation.media:
        kinds += ["str"] if _yaml_only(operation) else ["bytes"]
    kind = " | ".join(dict.fromkeys(kinds))
    return f"body: {kind}" if operation.body_required else f"body: {kind} | None = None"


def _optional(parameter: Parameter) -> str:
    kind = expression(parameter.schema, "t.")
    name = parameter.name + ("_" if keyword.iskeyword(parameter.name) else "")
    if parameter.required:
        return f"{name}: {kind}"
    return f"{name}: {kind} = None" if kind.endswith("None") else f"{name}: {kind} | None = None"


def _call(operation: Operation) -> str:
    given = [f'"{operation.method}"', f'"{operation.path}"']
    if operation.path_parameters:
        given.append("path={" + ", ".join(f'"{each.name}": {each.name}' for each in operation.path_parameters) + "}")
    if operation.query:
        pairs = (f'"{each.name}": {each.name}{"_" if keyword.iskeyword(each.name) else ""}' for each in operation.query)
        given.append("query={" + ", ".join(pairs) + "}")
    if operation.has_body:
        given.append("body=body" if operation.body is not None or operation.media else "body={}")
        given.append("key=idempotency_key")
    if operation.media:
        given.append(f'media="{operation.media[0]}"' if _yaml_only(operation) else "media=content_type")
    return f"Call({', '.join(given)})"
