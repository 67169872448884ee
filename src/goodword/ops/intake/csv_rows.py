"""CSV: a header of known columns and `properties.<name>`, one event a row.

Cells are texts; a known property is read by the type its event's payload gives it, an unknown one becomes
a number, true or false where it is written exactly as JSON would, and stays a text otherwise: a
postcode's leading zeros are kept.
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any, BinaryIO

from goodword.domain.events import Problem
from goodword.domain.payloads import CATALOGUE, Payload
from goodword.ops.intake.rows import MAX_LINE, Lines, Row, UnreadableFile

COLUMNS = ("event_id", "type", "occurred_at", "source", "participant", "email", "name", "account")
REQUIRED = ("event_id", "type")
PROPERTY = "properties."
MAX_COLUMNS = 200
MAX_PARTS = 4
_PROPERTY = re.compile(rf"^properties(?:\.[A-Za-z_][A-Za-z0-9_]{{0,63}}){{1,{MAX_PARTS}}}$")
_WHOLE = re.compile(r"^-?(?:0|[1-9][0-9]{0,18})$")
_WORDS = {"true": True, "false": False}


def read(file: BinaryIO) -> Iterator[Row]:
    """The rows of a file after its header, blank ones left out. Raises `UnreadableFile`."""
    lines = Lines(file)
    csv.field_size_limit(MAX_LINE)
    cells = csv.reader(lines, strict=True)
    header = _next(cells, lines)
    if lines.too_long:
        raise UnreadableFile("bad_header", f"The first line has over {MAX_LINE:,} bytes; it must name the columns.")
    columns = _columns(header or [])
    while True:
        lines.row_begins = True
        before = lines.number
        row = _next(cells, lines)
        begins = max([before, *lines.too_long]) + 1
        yield from lines.rows_too_long()
        if row is None:
            return
        if any(row):
            yield _row(begins, columns, row)


def _next(cells: Any, lines: Lines) -> list[str] | None:
    try:
        return next(cells, None)
    except csv.Error as error:
        raise UnreadableFile(
            "not_csv", f"Line {lines.number} cannot be read as CSV ({error}); is a quote missing or too many?"
        ) from error


def _columns(header: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The header as paths into an event. Raises `UnreadableFile` with everything that is wrong."""
    names = [name.strip() for name in header]
    if not any(names):
        raise UnreadableFile("empty_file", "The file is empty; its first line must name the columns.")
    if len(names) > MAX_COLUMNS:
        raise UnreadableFile(
            "too_many_columns", f"The header has {len(names):,} columns; at most {MAX_COLUMNS} are allowed."
        )
    if len(names) == 1 and re.search(r"[;\t|]", names[0]):
        raise UnreadableFile("bad_header", "The header is one cell; part the columns by commas, not by ; or tabs.")
    faults = [f"column {name!r} is missing" for name in REQUIRED if name not in names]
    for place, name in enumerate(names, start=1):
        if not name:
            faults.append(f"column {place} has no name")
        elif name not in COLUMNS and not _PROPERTY.match(name):
            faults.append(f"unknown column {name[:60]!r}; {_hint(name, names)}")
    faults += [
        f"column {name!r} stands {count} times" for name, count in Counter(filter(None, names)).items() if count > 1
    ]
    faults += [
        f"column {name!r} is both a value and a group ({other!r})"
        for name in names
        for other in names
        if name.startswith(PROPERTY) and other.startswith(name + ".")
    ]
    if faults:
        raise UnreadableFile(
            "bad_header",
            f"Wrong header: {'; '.join(faults)}{'' if faults[-1].endswith('?') else '.'} "
            f"Columns are {', '.join(COLUMNS)} and properties.<name>.",
        )
    return tuple(tuple(name.split(".")) for name in names)


def _hint(name: str, names: Sequence[str]) -> str:
    unused = [known for known in (*COLUMNS, *(PROPERTY + known for known in _known_names())) if known not in names]
    near = get_close_matches(name.lower(), unused, n=1, cutoff=0.75) or get_close_matches(
        PROPERTY + name.lower(), unused, n=1, cutoff=0.9
    )
    return f"did you mean {near[0]!r}?" if near else f"a fact of your own is called 'properties.{_plain(name)}'"


def _plain(name: str) -> str:
    return re.sub(r"\W+", "_", name.removeprefix(PROPERTY).strip()).strip("_").lower()[:60] or "name"


@cache
def _known_names() -> frozenset[str]:
    return frozenset(name for entry in CATALOGUE.values() for name in entry.payload.model_fields)


def _row(line: int, columns: Sequence[tuple[str, ...]], cells: Sequence[str]) -> Row:
    if len(cells) != len(columns):
        problem = Problem(
            "", "wrong_number_of_cells", f"{len(cells)} cells where the header has {len(columns)} columns"
        )
        return Row(line, None, (problem,))
    raw: dict[str, Any] = {}
    person: dict[str, str] = {}
    kind = next((cell for path, cell in zip(columns, cells, strict=True) if path == ("type",)), "")
    for path, cell in zip(columns, cells, strict=True):
        if not cell:
            continue
        match path:
            case ("participant",):
                person["external_id"] = cell
            case ("email" | "name",):
                person[path[0]] = cell
            case ("properties", *_groups):
                _put(raw, path, _value(cell, _types(kind).get(path[1:])))
            case _:
                raw[path[0]] = cell
    if person:
        raw["participant"] = person
    return Row(line, raw)


def _put(raw: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    inner = raw
    for part in path[:-1]:
        inner = inner.setdefault(part, {})
    inner[path[-1]] = value


def _value(cell: str, known: str | None) -> Any:
    """A cell as the value it stands for. One that does not fit its known type stays a text, so that the
    event is refused with the reason."""
    if known == "string":
        return cell
    if known == "integer":
        return int(cell) if _WHOLE.match(cell) else cell
    if known == "boolean":
        return _WORDS.get(cell, cell)
    if cell in _WORDS:
        return _WORDS[cell]
    if _WHOLE.match(cell) and cell != "-0":
        return int(cell)
    return _fraction(cell)


def _fraction(cell: str) -> float | str:
    """A number with decimals if it is written as JSON would write it back, else the text."""
    if not cell[-1].isdigit():
        return cell
    try:
        number = float(cell)
    except ValueError:
        return cell
    return number if math.isfinite(number) and repr(number) == cell else cell


@cache
def _types(kind: str) -> Mapping[tuple[str, ...], str]:
    """The JSON type of each known property of an event type, by its path under properties."""
    payload = CATALOGUE[kind].payload if kind in CATALOGUE else Payload
    schema = payload.model_json_schema()
    return dict(_typed(schema, schema.get("$defs", {}), ()))


def _typed(
    schema: Mapping[str, Any], parts: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str]]:
    for name, entry in schema.get("properties", {}).items():
        for choice in entry.get("anyOf", [entry]):
            if "$ref" in choice:
                yield from _typed(parts[choice["$ref"].rpartition("/")[2]], parts, (*path, name))
            elif choice.get("type") != "null":
                yield (*path, name), choice["type"]
