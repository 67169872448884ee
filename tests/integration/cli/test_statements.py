"""`goodword ledger statements`."""

from __future__ import annotations

import csv
import io
import json

from tests.integration.cli.conftest import Cli, Write

from goodword.engine import programs, worker
from support.partners import DOCUMENT, story


def test_statements_are_listed_and_one_is_told_with_its_movements(cli: Cli, workspace: str, write: Write) -> None:
    empty = cli("ledger", "statements")
    assert (empty.code, empty.out[:29]) == (0, "No statement is closed yet. P")
    programs.publish(workspace, json.dumps(DOCUMENT), by="tests")
    assert cli("load", str(write("story.jsonl", story()))).code == 0
    worker.drain(workspace)
    rows = list(csv.DictReader(io.StringIO(cli("ledger", "statements", "--participant", "ada", "--csv").out)))
    months = {(row["external_id"], row["period"]): row for row in rows}
    assert months["ada", "2026-02"]["closing"] == "10000"
    assert months["bob", "2026-02"]["moved_amount"] == "-3000"
    told = cli("ledger", "statements", "--period", "2026-02", "--state", "payable").out
    assert "resellers  2026-02  ada  closing 100.00 USD  payable 100.00 USD" in told
    name = told.split()[0]
    one = cli("ledger", "statements", name).out
    assert "Opening balance" in one
    assert "2026-02-10 05:00 -05:00 America/New_York  reversed       -10.00 USD  commission  rwd_" in one
    answer = cli("ledger", "statements", name, "--json").json()
    assert [line["amount"] for line in answer["lines"]] == [2_000, -1_000, 3_000]
    assert cli("ledger", "statements", name, "--csv").out.count("\n") == 4
    of_program = cli("ledger", "statements", "--program", "resellers", "--json").json()
    assert {row["program"] for row in of_program} == {"resellers"}
    missing = cli("ledger", "statements", "dec_01jq8x5e4me8k9d3v0h2r6t7wy")
    assert (missing.code, "There is no statement" in missing.err) == (1, True)
    assert cli("ledger", "statements", name, "--period", "2026-02").code == 2
