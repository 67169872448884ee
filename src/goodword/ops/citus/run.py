"""Turning a database into a distributed one, in one transaction: wholly or not at all.

The order matters. Policies, triggers and foreign keys are taken off first: rows are copied to the nodes by COPY,
which row-level security refuses, and a trigger would book every transfer a second time. They are put up again, in
the form a cluster can have, before anybody else can see the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction

from goodword.ops.citus import ledger, schema, tables, walls
from goodword.ops.citus.errors import InUse, NotTheSame, WrongShape
from goodword.ops.citus.look import Shape, shape

LOCK_WAIT = "10s"
"""How long the command waits for those who use the tables."""
MOST_SHARDS = 128
SHARDS = 32
"""Shards of each table, unless told otherwise. They can be spread over as many nodes and no more."""
SETTINGS = {"citus.propagate_set_commands": "local", "citus.enable_unsafe_triggers": "on"}
"""What sessions of the role need from now on, on every node: workers are told whose rows a transaction may see,
and tables may have triggers (Citus calls them unsafe where they touch another shard; ours do not)."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Done:
    """What was distributed, by table with its rows, and what had been before."""

    distributed: dict[str, int]
    everywhere: dict[str, int]
    before: int


def distribute(shards: int = SHARDS, say: Say = lambda sentence: None) -> Done:
    """Distributes every table that is not yet. Running it again does nothing, or takes what a migration added.

    The node was looked at (`look.fit`). Raises `InUse`, `NotTheSame`, `WrongShape`, `django.db.Error`.
    """
    if found := schema.faults() if not shape() else []:
        raise WrongShape(f"The tables cannot be distributed: {'; '.join(found)}.")
    _remember_settings()
    with transaction.atomic():
        known = shape()
        by_workspace = [name for name in tables.distributed() if name not in known]
        whole = [name for name in tables.everywhere() if name not in known]
        _hold_to_shape(known)
        if not (by_workspace or whole):
            _functions()
            return Done({}, {}, len(known))
        _locally(**SETTINGS, **{"citus.multi_shard_modify_mode": "sequential", "citus.shard_count": str(shards)})
        _lock([*whole, *by_workspace])
        with _bare([*whole, *by_workspace]):
            rows = {name: _count(name) for name in [*whole, *by_workspace]}
            for name in whole:
                say(f"{name}: {rows[name]:,} rows to every node")
                _run("SELECT create_reference_table(%s)", name)
            for name in by_workspace:
                say(f"{name}: {rows[name]:,} rows by workspace")
                beside = tables.FIRST if name != tables.FIRST else "none"
                _run("SELECT create_distributed_table(%s, %s, colocate_with => %s)", name, tables.COLUMN, beside)
            for name, before in rows.items():
                if (now := _count(name)) != before:
                    raise NotTheSame(f"{name} had {before:,} rows and has {now:,} after the move; nothing was changed.")
        _hold_to_shape(shape())
    return Done(
        {name: rows[name] for name in by_workspace},
        {name: rows[name] for name in whole},
        len(known),
    )


def _hold_to_shape(known: dict[str, Shape]) -> None:
    """What is distributed must be so by the workspace, and together."""
    wanted: dict[str, str | None] = dict.fromkeys(tables.distributed(), tables.COLUMN)
    wanted |= dict.fromkeys(tables.everywhere())
    together = known[tables.FIRST].together if tables.FIRST in known else None
    for name, found in known.items():
        if name not in wanted:
            continue
        by = wanted[name]
        if found.by != by or (by and together is not None and found.together != together):
            is_so = f"distributed by {found.by}" if found.by else "a reference table"
            should = f"by {by}, together with {tables.FIRST}" if by else "a reference table"
            raise WrongShape(
                f"{name} is {is_so} and must be {should}; run SELECT undistribute_table('{name}') and try again."
            )


def _remember_settings() -> None:
    """For every session of the role; Citus tells its workers."""
    ((database,),) = _rows("SELECT quote_ident(current_database())")
    for name, value in SETTINGS.items():
        _run(f"ALTER ROLE CURRENT_USER IN DATABASE {database} SET {name} TO '{value}'")


def _locally(**settings: str) -> None:
    for name, value in {"lock_timeout": LOCK_WAIT, **settings}.items():
        _run(f"SET LOCAL {name} TO '{value}'")


def _lock(names: list[str]) -> None:
    try:
        _run(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE")
    except OperationalError as error:
        raise InUse(
            f"Somebody uses the tables ({str(error).strip().splitlines()[0]}); stop 'goodword serve' and "
            "'goodword worker' on every machine and try again."
        ) from error


@contextmanager
def _bare(names: list[str]) -> Iterator[None]:
    """The tables without policies, triggers, foreign keys and identities for a block; then with them again."""
    undo, redo = _dressing(names)
    for statement in undo:
        _run(statement)
    yield
    _functions()
    for statement in redo:
        _run(statement)


def _functions() -> None:
    """In the form a cluster can run; a migration may have brought its own again."""
    _run(walls.IS_MEMBER)
    _run(ledger.POST)


def _dressing(names: list[str]) -> tuple[list[str], list[str]]:
    """The statements that take everything off, and those that put it on again."""
    undo: list[str] = []
    redo: list[str] = []
    for table, key, words in _rows(
        """
        SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
        FROM pg_constraint
        WHERE contype = 'f' AND conparentid = 0 AND conrelid::regclass::text = ANY(%s)
        ORDER BY 1, 2
        """,
        names,
    ):
        undo.append(f"ALTER TABLE {table} DROP CONSTRAINT {key}")
        redo.append(f"ALTER TABLE {table} ADD CONSTRAINT {key} {words}")
    for table, trigger, words in _rows(
        """
        SELECT tgrelid::regclass::text, quote_ident(tgname), pg_get_triggerdef(oid)
        FROM pg_trigger
        WHERE NOT tgisinternal AND tgparentid = 0 AND tgrelid::regclass::text = ANY(%s)
        ORDER BY 1, 2
        """,
        names,
    ):
        undo.append(f"DROP TRIGGER {trigger} ON {table}")
        redo.append(words)
    for table, policy in _rows(
        "SELECT tablename, quote_ident(policyname) FROM pg_policies WHERE tablename = ANY(%s) ORDER BY 1, 2", names
    ):
        undo.append(f"DROP POLICY {policy} ON {table}")
    for (table,) in _rows("SELECT relname FROM pg_class WHERE relrowsecurity AND relname = ANY(%s) ORDER BY 1", names):
        undo += [f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY", f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"]
        redo += [f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"]
        redo += walls.policies(table)
    for table, column in _rows(
        """
        SELECT attrelid::regclass::text, quote_ident(attname)
        FROM pg_attribute
        WHERE attidentity <> '' AND attrelid::regclass::text = ANY(%s)
        ORDER BY 1, 2
        """,
        names,
    ):
        undo += _sequence_for_identity(table, column)
    return undo, redo


def _sequence_for_identity(table: str, column: str) -> list[str]:
    """A column that counts by a sequence of its own: Citus has trouble with identities, not with those."""
    sequence = f"{table}_{column}_counted"
    return [
        f"ALTER TABLE {table} ALTER COLUMN {column} DROP IDENTITY",
        f"CREATE SEQUENCE {sequence}",
        f"SELECT setval('{sequence}', coalesce(max({column}), 0) + 1, false) FROM {table}",  # noqa: S608 (names)
        f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT nextval('{sequence}')",
        f"ALTER SEQUENCE {sequence} OWNED BY {table}.{column}",
    ]


def _count(table: str) -> int:
    ((count,),) = _rows(f"SELECT count(*) FROM {table}")  # noqa: S608 (a table's name)
    return int(count)


def _run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def _rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall())
