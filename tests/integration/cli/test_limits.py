"""Limits of the command line at their very value and one beyond, where no other test does both."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from goodword.engine import apply, aside, record
from goodword.ops.citus import MOST_SHARDS
from goodword.ops.intake.csv_rows import MAX_COLUMNS, MAX_PARTS
from goodword.ops.intake.rows import MAX_LINE
from support.commands import Ran
from support.stories import order

Cli = Callable[..., Ran]


def test_a_line_at_its_limit_is_read(cli: Cli, workspace: str, tmp_path: Path) -> None:
    """It is too large an event, which is said of what was read; one byte more and it is no line."""
    file = tmp_path / "o.jsonl"
    for over, code in ((0, "text_too_long"), (1, "line_too_long")):
        raw = {**order("a"), "properties": {"x": ""}}
        raw["properties"]["x"] = "x" * (MAX_LINE + over - len(json.dumps(raw) + "\n"))
        file.write_text(json.dumps(raw) + "\n")
        told = cli("load", str(file), "--dry-run", "--json").json()
        assert [problem["code"] for problem in told["problems"]][:1] == [code]


def test_columns_at_their_limits_and_beyond(cli: Cli, workspace: str, tmp_path: Path) -> None:
    file = tmp_path / "o.csv"

    def load(columns: list[str]) -> Ran:
        cells = ["a", "quiz.done", "ada"] + ["1"] * len(columns)
        file.write_text(",".join(["event_id", "type", "participant", *columns]) + "\n" + ",".join(cells) + "\n")
        return cli("load", str(file), "--dry-run")

    assert load([f"properties.p{number}" for number in range(MAX_COLUMNS - 3)]).code == 0
    assert "at most 200 are allowed" in load([f"properties.p{number}" for number in range(MAX_COLUMNS - 2)]).err
    assert load(["properties" + ".p" * MAX_PARTS]).code == 0
    assert load(["properties" + ".p" * (MAX_PARTS + 1)]).code == 1


def test_so_many_that_are_set_aside_are_listed(workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "step", lambda *_: 1 / 0)
    record.record(workspace, [{**order(str(number)), "participant": "ada"} for number in range(3)])
    for _ in range(3 * apply.MAX_ATTEMPTS):
        apply.apply_pending(workspace, ring=False)
    for most, listed in ((3, 3), (2, 2)):
        monkeypatch.setattr(aside, "MOST", most)
        assert len(aside.listed(workspace)) == listed


def test_shards_at_their_limit_and_beyond(cli: Cli, workspace: str) -> None:
    within = cli("citus", "distribute", "--shards", str(MOST_SHARDS))
    assert (within.code, "not on a Citus cluster" in within.err) == (1, True)
    assert cli("citus", "distribute", "--shards", str(MOST_SHARDS + 1)).code == 2
