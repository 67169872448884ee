"""A workspace with a story, read by what only reads."""

from __future__ import annotations

from importlib.resources import files

import pytest
from tests.integration.api.conftest import RECIPES, STORY

from goodword.domain.events import parse_time
from goodword.engine import apply, programs, record

NOW = parse_time("2026-01-08T00:00:00Z")


@pytest.fixture
def told(workspace: str) -> str:
    """The workspace after the story of the API's tests: Ada's link brings Grace, whose order pays Ada
    25 USD (held) and Grace 200 USD; Ada's lead is qualified: 200 USD. Its id."""
    for name in RECIPES:
        programs.publish(workspace, (files("goodword") / "recipes" / f"{name}.yaml").read_text(), by="tests")
    record.record(workspace, STORY, now=NOW)
    while apply.apply_pending(workspace, now=NOW, ring=False).events:
        pass
    return workspace
