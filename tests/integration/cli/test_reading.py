"""`goodword explain`, `summary` and `ledger`: what was decided, what it comes to, and what is owed."""

from __future__ import annotations

import csv
import io

import pytest
from tests.integration.cli.conftest import Cli, Write

from goodword.engine import worker
from support.stories import order

HELD = "2026-01-20T00:00:00Z"
"""While Ada's 25 USD are held."""


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.usefixtures("story")
def test_an_event_is_explained_by_the_id_it_was_sent_with_or_ours(cli: Cli) -> None:
    told = cli("explain", "order-1")
    assert told.code == 0
    assert "credit-after-threshold v1" in told.out
    assert "25.00 USD" in told.out
    answer = cli("explain", "order-1", "--json").json()
    assert answer["occurred_at"] == "2026-01-05T10:00:00Z"
    assert answer["event_id"] == "order-1"
    assert {decision["program"] for decision in answer["decisions"]} >= {"credit-after-threshold"}
    assert cli("explain", answer["id"]).out == told.out


@pytest.mark.usefixtures("story")
def test_an_event_that_is_not_there_or_is_two_events_says_what_to_give(cli: Cli, workspace: str, write: Write) -> None:
    missing = cli("explain", "order-2")
    assert missing.code == 1
    assert "There is no event 'order-2' in this workspace." in missing.err
    cli("load", str(write("o.jsonl", [order("order-1", source="shop")])))
    worker.drain(workspace)
    two = cli("explain", "order-1")
    assert two.code == 1
    assert "source shop" in two.err
    assert cli("explain", "order-1", "--source", "shop").code == 0


@pytest.mark.usefixtures("story")
def test_the_summary_counts_what_the_story_did(cli: Cli) -> None:
    answer = cli("summary", "--json").json()
    assert answer["participants"] == 2
    assert answer["events_waiting"] == 0
    [referral] = answer["referrals"]
    assert (referral["program"], referral["state"], referral["count"]) == ("credit-after-threshold", "closed_won", 1)
    rewards = {(reward["rule"], reward["state"], reward["amount"]) for reward in answer["rewards"]}
    assert rewards == {("welcome", "approved", 20000), ("thanks", "approved", 2500)}
    assert answer["trial_balance"]["balanced"] is True
    told = cli("summary").out
    assert "The ledger balances." in told
    assert "200.00 USD" in told


@pytest.mark.usefixtures("story")
def test_the_books_are_read_at_any_instant(cli: Cli) -> None:
    assert "The ledger balances." in cli("ledger", "trial-balance").out
    [unit] = cli("ledger", "trial-balance", "--at", HELD, "--json").json()["units"]
    assert unit["unit"] == "USD"
    kinds = {kind["kind"]: kind for kind in unit["kinds"]}
    assert (kinds["program_cost"]["debits_posted"], kinds["program_cost"]["debits_pending"]) == (20000, 2500)
    now = rows(cli("ledger", "trial-balance", "--csv").out)
    assert {row["kind"]: row["debits_posted"] for row in now if row["kind"] == "program_cost"} == {
        "program_cost": "22500"
    }
    assert cli("ledger", "trial-balance", "--at", "2025-01-01T00:00:00Z", "--json").json()["units"] == []


@pytest.mark.usefixtures("story")
def test_what_is_owed_is_listed_for_all_and_for_one(cli: Cli) -> None:
    everybody = {row["external_id"]: row for row in rows(cli("ledger", "balances", "--csv").out)}
    assert {name: row["available"] for name, row in everybody.items()} == {"ada": "2500", "grace": "20000"}
    held = cli("ledger", "balances", "--at", HELD, "--json").json()
    assert {row["external_id"]: (row["reserved"], row["available"]) for row in held} == {
        "ada": (2500, 0),
        "grace": (0, 20000),
    }
    for name in ("ada", "ADA@example.com", everybody["ada"]["participant"]):
        [row] = cli("ledger", "balances", "--participant", name, "--json").json()
        assert row == {
            "participant": everybody["ada"]["participant"],
            "external_id": "ada",
            "email": "ada@example.com",
            "name": "=Ada",
            "unit": "USD",
            "reserved": 0,
            "available": 2500,
            "issued": 0,
            "owed": 0,
        }
    assert "ada  =Ada" in cli("ledger", "balances").out
    assert "available 25.00 USD" in cli("ledger", "balances").out


@pytest.mark.usefixtures("story")
def test_a_statement_has_every_movement(cli: Cli) -> None:
    entries = cli("ledger", "statement", "--participant", "ada", "--json").json()
    assert [(entry["code"], entry["phase"], entry["amount"]) for entry in entries] == [
        ("grant", "pending", 2500),
        ("approve", "post", 2500),
    ]
    assert {(entry["rule"], entry["debit"], entry["credit"]) for entry in entries} == {
        ("thanks", "program_cost", "participant_balance")
    }
    assert len(cli("ledger", "statement", "--participant", "ada", "--at", HELD, "--json").json()) == 1
    told = cli("ledger", "statement", "--participant", "grace").out
    assert "200.00 USD" in told
    assert rows(cli("ledger", "statement", "--participant", "ada", "--csv").out)[0]["effective_at"] == (
        "2026-01-05T10:00:00Z"
    )


@pytest.mark.usefixtures("story")
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(cli: Cli) -> None:
    [row] = rows(cli("ledger", "balances", "--participant", "ada", "--csv").out)
    assert row["name"] == "'=Ada"


def test_an_empty_workspace_has_empty_books(cli: Cli, workspace: str) -> None:
    assert "The ledger balances." in cli("ledger", "trial-balance").out
    assert cli("ledger", "balances").out == "Nothing is booked there.\n"
    assert cli("ledger", "balances", "--json").json() == []
    assert cli("summary", "--json").json()["participants"] == 0


def test_a_wrong_question_is_answered_in_a_sentence(cli: Cli, workspace: str) -> None:
    nobody = cli("ledger", "statement", "--participant", "nobody")
    assert nobody.code == 1
    assert "There is no participant 'nobody'; give an external id, an e-mail address or a par_… id." in nobody.err
    when = cli("ledger", "trial-balance", "--at", "yesterday")
    assert when.code == 2
    assert "2026-03-14T10:22:00Z" in when.err
    assert cli("ledger", "balances", "--json", "--csv").code == 2


def test_two_people_of_one_address_are_told_apart(cli: Cli, workspace: str, write: Write) -> None:
    shared = [
        order(name, participant={"external_id": name, "email": "us@example.com"})  # type: ignore[arg-type]
        for name in ("a", "b")
    ]
    cli("load", str(write("o.jsonl", shared)))
    worker.drain(workspace)
    ran = cli("ledger", "balances", "--participant", "us@example.com")
    assert ran.code == 1
    assert "Several participants have the address us@example.com" in ran.err
    assert cli("ledger", "balances", "--participant", "a").code == 0
