"""A stand-in for a cluster on one server: `standin.sql`, and the server telling the plan of every statement.

What it shares with Citus is what routing rests on: PostgreSQL's planner must find, from the words and the values
of a statement, which one part of each table is meant (Citus reads the same restrictions that the planner draws
from them). Row-level security gives no such help: what it compares with is known only while a statement runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connections
from psycopg import sql

from goodword.ops import database
from goodword.ops.postgres import ROLE
from support.databases import TestServer

STANDIN = (Path(__file__).parent / "standin.sql").read_text()
PART = re.compile(r"(?P<table>\w+)_part(?P<number>\d+)")
INSERTS = re.compile(r"\bINSERT INTO\b")
LATE = "(found only while it ran)"
TELLING = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_format": "json",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_parameter_max_length": "0",
    # A plan for any value is pruned while it runs; the coordinator of a cluster plans with the values.
    "plan_cache_mode": "force_custom_plan",
}


@dataclass(frozen=True)
class Told:
    """One statement as the server told it: its words, and the parts it reads or changes, by table."""

    words: str
    parts: dict[str, frozenset[int]]

    @property
    def is_routed(self) -> bool:
        """Whether one part of each table is all it touches, and it is the same of all."""
        return LATE not in self.parts and len(frozenset[int]().union(*self.parts.values())) <= 1


class Listener:
    """What the server told since the last look."""

    def __init__(self, server: TestServer) -> None:
        self._log = server.cluster.paths.log
        self._read = self._log.stat().st_size

    def told(self) -> list[Told]:
        """Every statement that touched a part of a table, or wrote rows, and ended since."""
        with self._log.open(encoding="utf-8") as log:
            log.seek(self._read)
            text = log.read()
            self._read = log.tell()
        return [told for plan in _plans(text) if (told := _told(plan)).parts or INSERTS.search(told.words)]


@contextmanager
def standin(server: TestServer) -> Iterator[str]:
    """A database for one test like `TestServer.database`, which says that it is a coordinator; its name. Sessions keep
    no plans there, as operators are told to have it before a coordinator (GOODWORD_DB_DIRECT is left out)."""
    with server.database() as name, _planned_with_values():
        server.superuser(sql.Composed([sql.SQL(STANDIN)]), name)
        for setting in ("citus.propagate_set_commands", "citus.enable_unsafe_triggers"):
            # Where the extension is loaded anybody may set them.
            server.superuser(sql.SQL("GRANT SET ON PARAMETER {} TO {}").format(sql.SQL(setting), sql.Identifier(ROLE)))
        _for_sessions(server, name, {"search_path": "public, standin"})
        database.close()
        yield name


@contextmanager
def _planned_with_values() -> Iterator[None]:
    options = connections.settings["default"]["OPTIONS"]
    kept = options.pop("prepare_threshold", None)
    try:
        yield
    finally:
        database.close()
        if kept is not None:
            options["prepare_threshold"] = kept


def listen(server: TestServer, name: str) -> Listener:
    """Lets the server tell the plans of all statements in that database from now on."""
    _for_sessions(server, name, TELLING)
    database.close()
    return Listener(server)


def _for_sessions(server: TestServer, name: str, settings: dict[str, str]) -> None:
    for setting, value in settings.items():
        said = sql.SQL(value) if setting == "search_path" else sql.Literal(value)
        server.superuser(sql.SQL("ALTER DATABASE {} SET {} TO {}").format(sql.Identifier(name), sql.SQL(setting), said))


def _plans(log: str) -> Iterator[dict[str, Any]]:
    """The plans in a log: a line that ends with `plan:`, and the lines that go on with a tab."""
    plan: list[str] | None = None
    for line in [*log.split("\n"), ""]:
        if plan is not None and line.startswith("\t"):
            plan.append(line)
            continue
        if plan is not None:
            yield json.loads("\n".join(plan))
        plan = [] if re.search(r"duration: [\d.]+ ms  plan:$", line) else None


def _told(plan: dict[str, Any]) -> Told:
    parts: dict[str, set[int]] = {}
    _walk(plan["Plan"], parts)
    return Told(" ".join(plan["Query Text"].split()), {table: frozenset(numbers) for table, numbers in parts.items()})


def _walk(node: Any, parts: dict[str, set[int]]) -> None:
    if isinstance(node, list):
        for one in node:
            _walk(one, parts)
    elif isinstance(node, dict):
        if named := PART.fullmatch(node.get("Relation Name", "")):
            parts.setdefault(named["table"], set()).add(int(named["number"]))
        if node.get("Subplans Removed"):
            parts.setdefault(LATE, set())
        for value in node.values():
            _walk(value, parts)
