"""A workspace with the three recipes, a small story in it, and a count of every table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from goodword.engine import programs, worker
from goodword.store import tenancy
from goodword.store.models import Workspace
from support.commands import Ran
from support.stories import MONEY_STORY, RECIPES, recipe

Cli = Callable[..., Ran]
Write = Callable[..., Path]


@pytest.fixture
def recipes(workspace: str) -> None:
    """The three programmes of the demo, published."""
    for name in RECIPES:
        programs.publish(workspace, recipe(name), by="tests")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file of text or bytes, or one of JSON lines: `write("events.jsonl", [event, …])`."""

    def file(name: str, content: str | bytes | Iterable[Mapping[str, Any]]) -> Path:
        path = tmp_path / name
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8", newline="")
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text("".join(json.dumps(event) + "\n" for event in content))
        return path

    return file


@pytest.fixture
def story(workspace: str, recipes: None, cli: Cli, write: Write) -> None:
    """Ada brings Grace, who buys; all of it loaded from a file and applied, and what is held, approved."""
    assert cli("load", str(write("story.jsonl", MONEY_STORY))).code == 0
    while worker.drain(workspace):
        pass  # first the events, then what is due by the clock


@pytest.fixture
def tables(db: str) -> Callable[[], dict[str, int]]:
    """Counts the rows of every tenant table, in every workspace."""
    names = [
        model._meta.db_table
        for model in apps.get_app_config("store").get_models()
        if any(field.name == "workspace" for field in model._meta.get_fields())
    ]

    def count() -> dict[str, int]:
        found = dict.fromkeys(names, 0)
        with tenancy.directory():
            each = list(Workspace.objects.values_list("id", flat=True))
        for workspace_id in each:
            with tenancy.workspace(workspace_id), connection.cursor() as cursor:
                for name in names:
                    cursor.execute(f'SELECT count(*) FROM "{name}"')
                    found[name] += cursor.fetchone()[0]
        return {"workspace": len(each), **found}

    return count
