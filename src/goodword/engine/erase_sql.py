"""How an erasure writes rows: in pages, one statement each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from goodword.store.sql import array, execute

PAGE = 2_000
"""Rows read and written at once."""


def update(workspace_id: str, table: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> int:
    """One statement; the first value of each row is its id, json values are texts. `columns` are the others with their
    types, as in `reason text, properties jsonb`. Gives how many rows it changed."""
    if not rows:
        return 0
    pairs = [tuple(column.split()) for column in columns.split(", ")]
    sets = ", ".join(f"{name} = row.{name}{'::jsonb' if kind == 'jsonb' else ''}" for name, kind in pairs)
    names = ", ".join(name for name, _ in pairs)
    statement = (
        f"UPDATE {table} SET {sets} FROM unnest(%s::uuid[]{', %s::text[]' * len(pairs)}) AS row (id, {names}) "
        f"WHERE {table}.workspace_id = %s AND {table}.id = row.id"
    )
    ids, *values = zip(*rows, strict=True)
    given = [array("uuid", ids), *(array("text", column) for column in values), workspace_id]
    return execute(statement, given).rowcount


def pages(found: Iterable[str]) -> Iterator[Sequence[str]]:
    """The ids, sorted, so many at a time."""
    listed = sorted(found)
    for start in range(0, len(listed), PAGE):
        yield listed[start : start + PAGE]


def uuids(values: Iterable[str]) -> str:
    """Ids as a parameter."""
    return array("uuid", values)


def text_of(value: Any) -> str:
    """JSON as a parameter."""
    return orjson.dumps(value).decode()
