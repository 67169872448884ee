"""No migration after the first two keeps others waiting for long: what it says to the database is read, and
statements that rewrite or read a whole table under a lock that writers wait for are refused.

It reads words, not plans: it knows the usual ways to lock a table for long, and no more. Tables that the same
migration makes are empty and may have anything done to them. `python tools/check_migrations.py`
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

FIRST = ("0001_initial", "0002_walls")
"""They make the tables."""

VOLATILE = r"(?:random|clock_timestamp|nextval|gen_random_uuid|uuid_generate_v\w+|uuidv[47]|timeofday)\s*\("
RULES: tuple[tuple[str, str], ...] = (
    (
        r"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)",
        "build it with CREATE INDEX CONCURRENTLY, in a migration of its own with atomic = False",
    ),
    (r"DROP INDEX (?!CONCURRENTLY)", "drop it with DROP INDEX CONCURRENTLY"),
    (r"\bREINDEX (?!.*CONCURRENTLY)", "REINDEX … CONCURRENTLY"),
    (
        rf"ADD COLUMN .*DEFAULT .*{VOLATILE}",
        "a default that differs from row to row writes the table anew: add the column without, fill it in batches",
    ),
    (
        r"ADD COLUMN .*(?:SERIAL|GENERATED .* AS IDENTITY|GENERATED ALWAYS AS .* STORED)",
        "the column writes the table anew",
    ),
    (
        r"ALTER COLUMN \S+ (?:SET DATA )?TYPE",
        "another type writes the table anew, or reads it: add a column, fill it in batches",
    ),
    (r"ALTER COLUMN \S+ SET NOT NULL", "it reads the table: add a CHECK … NOT VALID, validate it, then set it"),
    (
        r"ADD (?:CONSTRAINT \S+ )?(?:CHECK|FOREIGN KEY)(?!.*NOT VALID)",
        "it reads the table: add it NOT VALID, then VALIDATE CONSTRAINT",
    ),
    (r"ADD COLUMN .*\bREFERENCES\b", "it locks the other table: add the key NOT VALID in a statement of its own"),
    (
        r"ADD (?:CONSTRAINT \S+ )?(?:PRIMARY KEY|UNIQUE)(?!.*USING INDEX)",
        "build the index CONCURRENTLY, then ADD … USING INDEX",
    ),
    (r"ADD (?:CONSTRAINT \S+ )?EXCLUDE", "it builds an index under a lock, and there is no other way"),
    (r"^(?:VACUUM\b.*\bFULL|CLUSTER|REFRESH MATERIALIZED VIEW (?!CONCURRENTLY)|LOCK\b|TRUNCATE)", "it locks the table"),
    (r"SET (?:LOGGED|UNLOGGED|TABLESPACE|ACCESS METHOD)", "it writes the table anew"),
    (r"^(?:UPDATE|DELETE FROM)\b", "change rows in batches, in the worker or a command, not in a migration"),
)
MADE = re.compile(r'^CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)"?', re.IGNORECASE)
NAMED = re.compile(
    r'(?:\bON|ALTER TABLE(?: IF EXISTS)?(?: ONLY)?|^UPDATE(?: ONLY)?|^DELETE FROM(?: ONLY)?)\s+"?(\w+)"?', re.IGNORECASE
)
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def faults(statements: list[str], *, atomic: bool) -> list[str]:
    """What is wrong with a migration's statements: each with what to do instead."""
    made: set[str] = set()
    found = []
    for statement in statements:
        text = " ".join(COMMENT.sub(" ", statement).split())
        if new := MADE.match(text):
            made.add(new[1])
        tables = NAMED.findall(text)
        if tables and set(tables) <= made:
            continue
        found += [f"{text[:100]}: {advice}" for rule, advice in RULES if re.search(rule, text, re.IGNORECASE)]
        if atomic and re.search(r"\bCONCURRENTLY\b", text, re.IGNORECASE):
            found.append(f"{text[:100]}: needs atomic = False")
    return found


def main() -> int:
    """0 when no migration of ours is refused."""
    from support.environment import isolate

    isolate()

    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from django.db.migrations.operations import RunPython, SeparateDatabaseAndState

    from support.databases import TEMPLATE, private_server

    def pythons(operations: list[object]) -> list[object]:
        inner = [
            one
            for some in operations
            if isinstance(some, SeparateDatabaseAndState)
            for one in pythons(some.database_operations)
        ]
        return [one for one in operations if isinstance(one, RunPython)] + inner

    refused, looked_at = [], 0
    with private_server() as server, server.pointed_at(TEMPLATE):
        loader = MigrationExecutor(connection).loader
        for key in sorted(loader.disk_migrations):
            if key[0] != "store" or key[1] in FIRST:
                continue
            looked_at += 1
            migration = loader.disk_migrations[key]
            with connection.schema_editor(collect_sql=True, atomic=False) as editor:
                migration.apply(loader.project_state(key, at_end=False), editor, collect_sql=True)
            refused += [f"{key[1]}: {fault}" for fault in faults(editor.collected_sql, atomic=migration.atomic)]
            if pythons(migration.operations):
                refused.append(f"{key[1]}: RunPython cannot be read here; say it in SQL, or do it in a command")
    print(f"{looked_at} migrations after {FIRST[-1]}, {len(refused)} statements that lock for long")
    for line in refused:
        print(f"  {line}", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
