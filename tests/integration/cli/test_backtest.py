"""`goodword backtest`: a document tried on the history, told on the terminal, as JSON and as tables."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tests.integration.cli.conftest import Cli, Write

from goodword.engine import record, worker
from support.stories import recipe

NAME = "=1+1"  # a participant whom a spreadsheet would run


@pytest.fixture
def history(recipes: None, workspace: str) -> None:
    def told(id: str, type: str, day: int, who: str, **properties: object) -> dict[str, object]:
        return {"event_id": id, "type": type, "occurred_at": f"2025-03-{day:02}T10:00:00Z",
                "participant": {"external_id": who}, "properties": properties}  # fmt: skip

    record.record(
        workspace,
        [
            told("l", "link.created", 1, NAME, program="credit-after-threshold", code="ada"),
            told("s", "participant.signed_up", 2, "friend", code="ada"),
            told("o", "order.completed", 3, "friend", value=3000, currency="USD"),
        ],
    )
    while worker.drain(workspace):
        pass


@pytest.mark.usefixtures("history")
def test_a_cheaper_document_is_told_in_every_form(cli: Cli, write: Write, tmp_path: Path) -> None:
    cheaper = write("cheaper.yaml", recipe("credit-after-threshold").replace("amount: 2500", "amount: 1000"))
    folder = tmp_path / "out"
    told = cli("backtest", str(cheaper), "--csv", str(folder))
    assert "2 rewards 225.00 USD → 2 rewards 210.00 USD" in told.out
    assert "0 get more, 1 get less" in told.out
    assert "Behaviour is unchanged" in told.out
    assert "4 of" in told.err or "events" in told.err
    with (folder / "people.csv").open() as file:
        [row] = csv.DictReader(file)
    assert (row["name"], row["before_amount"], row["after_amount"], row["change"]) == (
        f"'{NAME}",
        "2500",
        "1000",
        "-1500",
    )
    with (folder / "changed.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["type"], row["before_reason"], row["after_reason"]) for row in rows] == [
        ("order.completed", "rewarded", "rewarded"),
        ("hold.ended", "recorded", "recorded"),
    ]
    assert '"amount":2500' in rows[0]["before_trace"]
    data = cli("backtest", str(cheaper), "--json", "--elasticity", "0.5").json()
    assert (data["changed"]["count"], len(data["changed"]["decisions"]), data["return"]["elasticity"]) == (2, 2, "0.5")
    same = write("same.yaml", recipe("credit-after-threshold"))
    assert cli("backtest", str(same), "--json").json()["changed"]["count"] == 0


@pytest.mark.usefixtures("history")
def test_what_cannot_be_answered_is_refused_with_what_can(cli: Cli, write: Write) -> None:
    bad = write("bad.yaml", recipe("credit-after-threshold").replace("to: referrer", "tto: referrer"))
    told = cli("backtest", str(bad))
    assert (told.code, "rewards.1.tto" in told.err) == (1, True)
    good = write("good.yaml", recipe("credit-after-threshold"))
    told = cli("backtest", str(good), "--as-of-version", "7")
    assert (told.code, "it has 1 to 1" in told.err) == (1, True)
    assert cli("backtest", str(good), "--elasticity", "lots").code == 2


@pytest.mark.usefixtures("history")
def test_events_that_wait_to_be_applied_are_said_to_be_missing(cli: Cli, write: Write, workspace: str) -> None:
    same = write("same.yaml", recipe("credit-after-threshold"))
    assert "not applied yet" not in cli("backtest", str(same)).out
    late = {"event_id": "late", "type": "order.completed", "occurred_at": "2025-03-05T10:00:00Z",
            "participant": {"external_id": "friend"}, "properties": {"value": 9, "currency": "USD"}}  # fmt: skip
    record.record(workspace, [late])
    assert "not applied yet, so not in it: 1 event." in cli("backtest", str(same)).out
