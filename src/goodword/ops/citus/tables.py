"""Which table goes where: rows of a workspace by its id, what everybody needs on every node."""

from __future__ import annotations

from django.db import connection

from goodword.ops import walls

COLUMN = "workspace_id"
FIRST = "event"
"""The table that the others are co-located with."""
OF_EVERYBODY = ("workspace", "membership")
"""Tenant tables that are looked up without knowing the workspace, when somebody logs in. They are small."""


def distributed() -> list[str]:
    """The tables that are distributed by `workspace_id`, `FIRST` first, then by name."""
    names = (set(walls.tenant_tables()) & set(_tables())) - {*OF_EVERYBODY, FIRST}
    return [FIRST, *sorted(names)]


def everywhere() -> list[str]:
    """The tables that every node has whole: the list of workspaces and its members, logins, sessions, and
    Django's own. A table that others point at comes before them."""
    names = sorted(set(_tables()) - set(distributed()))
    points_at: dict[str, set[str]] = {name: set() for name in names}
    for name, target in _references():
        if name in points_at and target in points_at and name != target:
            points_at[name].add(target)
    ordered: list[str] = []
    while points_at:
        # Django's tables point at each other in no circle.
        free = [name for name, targets in points_at.items() if targets <= set(ordered)]
        assert free, f"tables point at each other in a circle: {', '.join(points_at)}"
        ordered += free
        for name in free:
            del points_at[name]
    return ordered


def _tables() -> list[str]:
    """The ordinary tables of the schema; a partition goes with the table it is of."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT relname FROM pg_class
            WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
            """
        )
        return [name for (name,) in cursor.fetchall()]


def _references() -> list[tuple[str, str]]:
    """(table, the table that its foreign key points at)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT conrelid::regclass::text, confrelid::regclass::text
            FROM pg_constraint
            WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
            """
        )
        return [(str(name), str(target)) for name, target in cursor.fetchall()]
