"""The overview: its numbers are the summary's, its chart is a table first, its books say whether they balance."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodword.console.overview import figures
from goodword.engine import record
from goodword.insight import ledger, overview, summary
from support.browsing import Page
from support.story import happen


def page(visit: Client) -> Page:
    answer = visit.get("/w/test/")
    assert answer.status_code == 200
    return Page(answer.content.decode())


def test_key_numbers_are_those_of_the_summary(visit: Client, story: str) -> None:
    """Ada, Grace and the two leads; ten events sent, two programs' publishing and timers on top."""
    numbers = summary.summary(story)
    text = page(visit).text
    assert numbers.participants == 4
    assert "Participants 4 See them all" in text
    assert f"Events applied {numbers.events_applied}" in text
    assert "Referrals 3 2 won · 2 simulated" in text
    assert re.search(rf"Rewards {sum(line.count for line in numbers.rewards)} 1,425\.00 USD granted", text)
    assert "Every event is applied" in text


def test_referrals_are_counted_by_state_and_rewards_by_program_rule_and_state(visit: Client, story: str) -> None:
    text = page(visit).text
    assert "Won 2" in text
    assert "Disqualified 1" in text
    assert "closed Held 1 1,000.00 USD" in text
    assert "qualified Approved 1 200.00 USD" in text
    assert "welcome Approved 1 no amount" in text


def test_each_no_is_counted_by_its_reason(visit: Client, story: str) -> None:
    shown = page(visit).text
    refused = figures(summary.summary(story))
    assert refused.reasons
    for line in refused.reasons:
        assert re.search(rf"\b{line.count} {line.code}\b", shown), line


def test_the_chart_has_a_table_with_the_same_numbers(visit: Client, story: str) -> None:
    html = visit.get("/w/test/").content.decode()
    rows = re.findall(r'<th scope="row">([^<]+)</th>' + r'<td class="end number" data-value="(\d+)">\d+</td>' * 3, html)
    shown = [(month, int(a), int(b), int(c)) for month, a, b, c in rows]
    real = overview.months(story)
    assert [(a, b, c) for _, a, b, c in shown] == [(one.submitted, one.won, one.rewards) for one in real]
    assert [month for month, *_ in shown] == ["Jan 2026", "Feb 2026"]
    assert shown[0][1] == 3


def test_months_without_anything_are_zeros_and_old_ones_are_left_out(workspace: str) -> None:
    assert overview.months(workspace) == []
    run = overview._run_of_months(date(2020, 1, 1), date(2026, 2, 1))
    assert len(run) == overview.MONTHS
    assert (run[0], run[-1]) == (date(2024, 3, 1), date(2026, 2, 1))


def test_programs_are_shown_with_their_live_version(visit: Client, story: str) -> None:
    text = page(visit).text
    assert re.search(r"Refer a company b2b-sales Referral Live v1 .* USD 2 ", text)
    assert re.search(r"Give 200 USD, get 25 USD credit-after-threshold Referral Live v1 .* USD 1 ", text)


def test_the_trial_balance_is_the_ledgers_and_says_that_it_balances(visit: Client, story: str) -> None:
    trial = ledger.trial_balance(story)
    assert trial.balanced
    text = page(visit).text
    assert "The books balance" in text
    assert "Total USD 1,000.00 USD" in text


def test_books_that_do_not_balance_are_said_so(visit: Client, story: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_drifting", lambda _workspace: 3)
    text = page(visit).text
    assert "The books do not balance" in text
    assert "(3 accounts)" in text
    assert "It balances" not in text


def test_an_event_that_waits_is_told(visit: Client, story: str) -> None:

    record.record(
        story, [{"type": "milestone.reached", "event_id": "w", "participant": "ada", "properties": {"milestone": "x"}}]
    )
    assert "1 event waits for the engine" in page(visit).text


def test_an_empty_workspace_says_what_to_do_in_every_card(visit: Client) -> None:
    text = page(visit).text
    for said in (
        "Nothing has come in yet",
        "goodword program publish FILE",
        "No referrals yet",
        "No rewards yet",
        "Nobody was refused",
        "Nothing is booked yet",
    ):
        assert said in text


def test_a_fuller_workspace_costs_no_more_queries(visit: Client, story: str) -> None:
    with CaptureQueriesContext(connection) as few:
        visit.get("/w/test/")
    happen(
        story,
        [
            {
                "type": "order.completed",
                "event_id": f"many-{number}",
                "occurred_at": "2026-02-25T10:00:00Z",
                "participant": f"buyer-{number}",
                "properties": {"value": 100, "currency": "USD"},
            }
            for number in range(50)
        ],
    )
    with CaptureQueriesContext(connection) as many:
        visit.get("/w/test/")
    assert len(many) == len(few)
