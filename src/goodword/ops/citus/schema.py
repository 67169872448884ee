"""Whether the tables can be distributed: read from the database's catalogue, without a cluster.

Citus keeps a key for each shard by itself, so a key must begin with what tells the shards apart. That it begins
with the column (and does not only hold it) is Goodword's own rule: each is also the index of its workspace.
"""

from __future__ import annotations

import re
from typing import Any

from django.db import connection

from goodword.ops.citus import tables, walls

KEYS = """
SELECT indrelid::regclass::text, indexrelid::regclass::text, coalesce(attname, '(an expression)')
FROM pg_index
JOIN pg_class ON pg_class.oid = indrelid
LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
WHERE (indisunique OR indisprimary OR indisexclusion)
  AND relnamespace = current_schema()::regnamespace AND NOT relispartition
ORDER BY 1, 2
"""
WITHOUT_KEY = """
SELECT relname FROM pg_class
WHERE relname = ANY(%s) AND relnamespace = current_schema()::regnamespace
  AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = pg_class.oid AND indisprimary)
ORDER BY 1
"""
FOREIGN = """
SELECT conrelid::regclass::text, conname, confrelid::regclass::text, here.attname, there.attname
FROM pg_constraint
JOIN pg_attribute AS here ON here.attrelid = conrelid AND here.attnum = conkey[1]
JOIN pg_attribute AS there ON there.attrelid = confrelid AND there.attnum = confkey[1]
WHERE contype = 'f' AND connamespace = current_schema()::regnamespace AND conparentid = 0
ORDER BY 1, 2
"""
POLICIES = """
SELECT tablename, policyname, cmd, coalesce(qual, ''), coalesce(with_check, '')
FROM pg_policies
WHERE schemaname = current_schema()
ORDER BY 1, 2
"""


def faults() -> list[str]:
    """What keeps the tables from being distributed, a sentence each; empty when nothing does."""
    ours, whole = set(tables.distributed()), set(tables.everywhere())
    found = [f"{name} has no primary key" for name in _column(WITHOUT_KEY, sorted(ours))]
    found += [
        f"{table}: the key {key} begins with {first} and not with {tables.COLUMN}"
        for table, key, first in _rows(KEYS)
        if table in ours and first != tables.COLUMN
    ]
    for table, key, target, here, there in _rows(FOREIGN):
        if table in ours and target in ours and (here, there) != (tables.COLUMN, tables.COLUMN):
            found.append(f"{table}: the foreign key {key} to {target} does not begin with {tables.COLUMN}")
        elif table in whole and target in ours:
            found.append(f"{table}: the foreign key {key} points from a table of every node to {target}")
    for table in sorted({*ours, *tables.OF_EVERYBODY}):
        here_and_there = _policies(table), {_said(words) for words in walls.policies(table)}
        if here_and_there[0] != here_and_there[1]:
            found.append(f"{table}: its policies are not those that it gets on a cluster (goodword.ops.citus.walls)")
    return found


def _policies(table: str) -> set[tuple[str, ...]]:
    return {tuple(map(_plain, row[1:])) for row in _rows(POLICIES) if row[0] == table}


def _said(statement: str) -> tuple[str, ...]:
    """A CREATE POLICY in the columns of the catalogue."""
    name, command, using, check = re.fullmatch(
        r"\s*CREATE POLICY (\w+) ON \w+(?: FOR (\w+))?\s+USING \((.*?)\)(?:\s+WITH CHECK \((.*)\))?\s*",
        statement,
        re.DOTALL,
    ).groups()  # type: ignore[union-attr]
    return tuple(map(_plain, (name, command or "ALL", using, check or "")))


def _plain(words: str) -> str:
    """An expression without what differs between the two forms but says the same: casts of texts, brackets,
    spaces, the query around a setting, and the function that stands for a look into the members."""
    text = re.sub(r"EXISTS \( SELECT FROM membership WHERE .*", "goodword_is_member(id)", " ".join(words.split()))
    text = re.sub(r"\( SELECT (.*?) AS \"?\w+\"?\)", r"\1", text)
    return re.sub(r"::text|[\s()]", "", text).lower()


def _column(statement: str, *values: Any) -> list[str]:
    return [str(value) for (value,) in _rows(statement, *values)]


def _rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall())
