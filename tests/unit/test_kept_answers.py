"""What is kept of the last answer is said again only where the same was asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from goodword.domain import moments
from goodword.domain.calendar import Duration
from goodword.domain.holdings import Holdings
from goodword.domain.rows import LedgerAccount, Reward, Transfer

AT = datetime(2026, 3, 6, 12, tzinfo=UTC)


def test_an_end_that_was_just_reckoned_is_not_taken_for_another() -> None:
    days, weeks, working = Duration.parse("P3D"), Duration.parse("P3W"), Duration.parse("3 business days")
    # The clocks change on 8 March in New York; 1 May is no working day in Norway.
    asked: list[tuple[Duration, datetime, str, str | None]] = [
        (days, AT, "America/New_York", None),
        (days, AT, "Europe/Oslo", None),
        (days, AT, "America/New_York", None),
        (weeks, AT, "America/New_York", None),
        (days, AT + timedelta(days=1), "America/New_York", None),
        (working, datetime(2026, 4, 30, 12, tzinfo=UTC), "Europe/Oslo", None),
    ]
    again = [each for each in asked for _ in range(2)]
    expected = [
        datetime(2026, 3, 9, 11, tzinfo=UTC),
        datetime(2026, 3, 9, 12, tzinfo=UTC),
        datetime(2026, 3, 9, 11, tzinfo=UTC),
        datetime(2026, 3, 27, 11, tzinfo=UTC),
        datetime(2026, 3, 10, 11, tzinfo=UTC),
        datetime(2026, 5, 5, 22, tzinfo=UTC),
    ]
    found = [duration.after(start, zone, country) for duration, start, zone, country in again]
    assert found == [end for end in expected for _ in range(2)]
    start = datetime(2026, 4, 30, 12, tzinfo=UTC)
    assert working.after(start, "Europe/Oslo", "NO") == datetime(2026, 5, 6, 22, tzinfo=UTC)


def test_a_moment_is_written_as_it_is_whatever_was_written_before() -> None:
    other = AT.replace(microsecond=5)
    assert [moments.text(at) for at in (AT, AT, other, AT)] == [at.isoformat() for at in (AT, AT, other, AT)]


def test_a_reward_with_a_hold_is_the_same_in_all_else() -> None:
    values: dict[str, Any] = {name: place for place, name in enumerate(Reward._fields)}
    reward = Reward(**values)
    assert reward.held_by("t") == reward._replace(pending_transfer_id="t")


def test_transfers_of_batches_that_are_forgotten_count_once() -> None:
    cost = LedgerAccount("cost", "program_cost", "USD", "p", None)
    balance = LedgerAccount("balance", "participant_balance", "USD", None, "ada")
    rows = [
        Transfer(str(number), cost, balance, amount, "posted", None, "grant", "r", "e", AT + timedelta(days=number))
        for number, amount in enumerate((100, 20, 3))
    ]
    holdings = Holdings()
    holdings.forget(rows[:1])
    assert holdings.of(rows[1:2], "r", "ada") == {"participant_balance": 120}
    holdings.forget(rows[1:2])
    holdings.forget(rows[2:])
    assert holdings.of([], "r", "ada") == {"participant_balance": 123}
    assert holdings.latest([], "r") == AT + timedelta(days=2)
    assert holdings.of([], "r", "eve") == {}
