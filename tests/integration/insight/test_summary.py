"""A workspace in numbers, as data and as a terminal shows it."""

from __future__ import annotations

from goodword.insight import ledger, summary
from goodword.insight.ledger import KindRow, Sums, TrialBalance, UnitBalance


def test_the_numbers_are_those_of_the_story(told: str) -> None:
    found = summary.summary(told)
    assert (found.participants, found.events_waiting) == (3, 0)
    assert {(row.program, row.state, row.count) for row in found.referrals} >= {
        ("b2b-sales", "qualified", 1),
        ("credit-after-threshold", "closed_won", 1),
    }
    amounts = {(row.rule, row.state): (row.count, row.amount, row.unit) for row in found.rewards}
    assert amounts["thanks", "pending"] == (1, 2500, "USD")
    assert amounts["qualified", "approved"] == (1, 20_000, "USD")
    assert sum(row.count for row in found.decisions if row.outcome == "no") > 0
    assert found.trial_balance.balanced


def test_the_text_has_every_line(told: str) -> None:
    text = summary.render_text(summary.summary(told))
    for part in ("participants", "events applied", "referrals", "rewards", "decisions", "ledger", "25.00 USD"):
        assert part in text
    assert text.rstrip().endswith("The ledger balances.")
    assert "events waiting" not in text
    assert all(len(line) == len(line.rstrip()) for line in text.splitlines())


def test_an_empty_workspace_has_a_text_too(workspace: str) -> None:
    text = summary.render_text(summary.summary(workspace))
    assert "referrals: none" in text
    assert text.endswith("The ledger balances.")


def test_a_ledger_that_does_not_balance_is_cried_out() -> None:
    off = Sums(0, 5, 0, 4)
    trial = TrialBalance(None, (UnitBalance("USD", (KindRow("program_cost", off),), off),), 1)
    text = summary.render_trial_balance(trial)
    assert "THE LEDGER DOES NOT BALANCE." in text
    assert "1 accounts differ" in text
    assert not ledger.TrialBalance(None, trial.units, None).balanced
