"""A change to the API is compatible, or said to be not: the description is compared with what was last released.

`docs/api/released.txt` is what callers may rely on, a line each. A line that goes, and a demand that comes, break
somebody: the check fails unless docs/api/changes.md has that very line, with the reason beside it.
`python tools/check_api.py` compares; with `--release` it takes the present description for the released one, which is
done when a version is released, and empties changes.md.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "api"
DESCRIPTION, RELEASED, CHANGES = FOLDER / "openapi.json", FOLDER / "released.txt", FOLDER / "changes.md"
HEAD = """# Changes of the API that break something

What a caller of the last released version could rely on and no longer can: a line as `python tools/check_api.py` prints
it, in backquotes, and the reason. Emptied with each release.

"""
SHOWN = 60


def surface(document: Mapping[str, Any]) -> set[str]:
    """What a caller may rely on. `!` marks what is demanded of a caller; `:` says of which type a field is."""
    lines: set[str] = set()
    sent: set[str] = set()
    told: set[str] = set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            name = f"{method.upper()} {path}"
            lines.add(name)
            lines |= {f"{name} takes {_way(way)}" for way in operation["security"] or [{}]}
            for parameter in operation.get("parameters", ()):
                field = f"{name} {parameter['in']} {parameter['name']}"
                lines |= {field, *([f"{field} !"] if parameter.get("required") and parameter["in"] != "path" else [])}
                lines |= {f"{field} = {value}" for value in _values(parameter["schema"])}
            body = operation.get("requestBody", {})
            if body.get("required"):
                lines.add(f"{name} body !")
            for media, content in body.get("content", {}).items():
                lines.add(f"{name} body {media}")
                lines |= set(_schema(f"{name} sent", content["schema"], demands=True, named=sent))
            for status, response in operation["responses"].items():
                if status[0] == "2":
                    lines.add(f"{name} {status}")
                    for media, content in response.get("content", {}).items():
                        lines.add(f"{name} {status} {media}")
                        lines |= set(_schema(f"{name} {status} told", content["schema"], demands=False, named=told))
    schemas = document["components"]["schemas"]
    for names, kind, demands in ((sent, "sent", True), (told, "told", False)):
        waiting = sorted(names)
        while waiting:
            name = waiting.pop()
            more: set[str] = set()
            lines |= set(_schema(f"{name} {kind}", schemas[name], demands=demands, named=more))
            waiting += sorted(more - names)
            names |= more
    return lines


def broken(before: set[str], now: set[str]) -> list[str]:
    """What a caller who relied on `before` would trip over: `- line` for what went, `+ line` for what is new."""
    gone = {f"- {line}" for line in before - now if not line.endswith(" !") and not _said_shorter(line, before, now)}
    new = {f"+ {line}" for line in now - before if _demand(line, before)}
    return sorted(gone | new)


def _said_shorter(line: str, before: set[str], now: set[str]) -> bool:
    """Whether another line says it already: a field of an object that is no longer there."""
    parts = line.split(" ")
    if parts[1] in ("sent", "told") and not any(known.startswith(f"{parts[0]} {parts[1]} ") for known in now):
        return True  # nothing sends or tells such an object any more: what did is gone, and said to be
    return any(
        (shorter := " ".join(parts[:length])) in before and shorter not in now for length in range(1, len(parts))
    )


def _demand(line: str, before: set[str]) -> bool:
    """Whether a new line asks something of those who called before it."""
    subject, _, _ = line.rpartition(" ")
    if line.endswith(" !"):
        # A field of something new, or a parameter of a new operation, was called by nobody.
        return any(known.startswith(subject.rsplit(" ", 1)[0] + " ") for known in before)
    field, colon, _ = line.partition(" : ")
    return bool(colon) and " told " in field and field in before


def _way(way: Mapping[str, list[str]]) -> str:
    return " and ".join(f"{name}[{' '.join(scopes)}]" if scopes else name for name, scopes in way.items()) or "anybody"


def _values(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        yield from map(str, schema.get("enum", ()))
        for key in ("anyOf", "oneOf"):
            for inner in schema.get(key, ()):
                yield from _values(inner)
        yield from _values(schema.get("items"))


def _schema(place: str, schema: Any, *, demands: bool, named: set[str], way: str = "") -> Iterator[str]:
    """The lines of a schema: its fields by their way, which are demanded or always there, their types and values."""
    if not isinstance(schema, Mapping):
        return
    here = f"{place} {way or '.'}"
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        named.add(name)
        yield f"{here} : {name}"
        return
    for key in ("anyOf", "oneOf", "allOf"):
        for inner in schema.get(key, ()):
            yield from _schema(place, inner, demands=demands, named=named, way=way)
    kinds = schema.get("type", [])
    yield from (f"{here} : {kind}" for kind in ([kinds] if isinstance(kinds, str) else kinds))
    yield from (
        f"{here} = {value}" for value in [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else [])]
    )
    for name, inner in schema.get("properties", {}).items():
        field = f"{way}/{name}"
        yield f"{place} {field}"
        if name in schema.get("required", ()):
            yield f"{place} {field} !" if demands else f"{place} {field} always"
        yield from _schema(place, inner, demands=demands, named=named, way=field)
    yield from _schema(place, schema.get("items"), demands=demands, named=named, way=f"{way}[]")
    yield from _schema(place, schema.get("additionalProperties"), demands=demands, named=named, way=f"{way}{{}}")


def main(arguments: list[str]) -> int:
    """0 when nothing is broken that is not said."""
    now = surface(json.loads(DESCRIPTION.read_text()))
    if arguments == ["--release"]:
        RELEASED.write_text("\n".join(sorted(now)) + "\n")
        CHANGES.write_text(HEAD)
        print(f"released: {len(now)} lines")
        return 0
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    found = broken(set(RELEASED.read_text().splitlines()), now)
    said = set(re.findall(r"`([-+] [^`]+)`", CHANGES.read_text()))
    unsaid, idle = [line for line in found if line not in said], sorted(said - set(found))
    print(f"{len(now)} lines that callers rely on, {len(found)} broken since the release, {len(unsaid)} of them unsaid")
    for line in unsaid[:SHOWN]:
        print(f"  {line}", file=sys.stderr)
    if unsaid:
        print("Keep what was released, or say each line with its reason in docs/api/changes.md.", file=sys.stderr)
    for line in idle:
        print(f"  docs/api/changes.md says `{line}`, which is not so", file=sys.stderr)
    return 1 if unsaid or idle else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
