"""Two writers that pay overlapping accounts wait for each other in one order, and never for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import Error, connection
from uuid_utils import uuid7

from goodword.insight import ledger
from goodword.store import tenancy
from goodword.store.sql import array, execute, fetch
from support.embedded import wait_for

ACCOUNTS = 12
TIMES = 25


def accounts(workspace: str) -> list[str]:
    """Empty accounts, a program's cost first, then what people have."""
    ids = [str(uuid7()) for _ in range(ACCOUNTS)]
    kinds = ["program_cost"] + ["participant_balance"] * (ACCOUNTS - 1)
    with tenancy.workspace(workspace):
        execute(
            """
            INSERT INTO ledger_account (workspace_id, id, kind, unit, debits_pending, debits_posted,
                                        credits_pending, credits_posted)
            SELECT %s::uuid, id, kind, 'USD', 0, 0, 0, 0 FROM unnest(%s::uuid[], %s::text[]) AS row (id, kind)
            """,
            [workspace, array("uuid", ids), array("text", kinds)],
        )
    return ids


def pay(workspace: str, pairs: list[tuple[str, str]], amount: int) -> None:
    """One statement of posted transfers, in the order given; commits."""
    now = datetime.now(UTC)
    with tenancy.workspace(workspace):
        execute(
            """
            INSERT INTO transfer (workspace_id, id, debit_id, credit_id, unit, amount, phase, code, reward_id,
                                  event_id, effective_at, recorded_at)
            SELECT %s::uuid, id, debit_id, credit_id, 'USD', %s, 'posted', 'grant', id, id, %s, %s
            FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[]) WITH ORDINALITY AS row (id, debit_id, credit_id, place)
            ORDER BY place
            """,
            [
                workspace,
                amount,
                now,
                now,
                array("uuid", [str(uuid7()) for _ in pairs]),
                array("uuid", [debit for debit, _ in pairs]),
                array("uuid", [credit for _, credit in pairs]),
            ],
        )


def side_by_side(*bodies: Callable[[], None]) -> list[BaseException]:
    """Runs each body in a thread with a connection of its own; gives what was raised."""
    raised: list[BaseException] = []

    def run(body: Callable[[], None]) -> None:
        try:
            body()
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def waiting() -> int:
    """How many connections to this database wait for a lock."""
    execute("SELECT pg_stat_clear_snapshot()")
    return int(
        fetch("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")[
            0
        ][0]
    )


def test_transfers_over_the_same_accounts_in_opposite_order_never_deadlock(workspace: str) -> None:
    ids = sorted(accounts(workspace))
    with tenancy.workspace(workspace):
        cost = fetch("SELECT id::text FROM ledger_account WHERE kind = 'program_cost'")[0][0]
    people = [id for id in ids if id != cost]
    orders = [[(cost, person) for person in people], [(cost, person) for person in people[::-1]]]
    raised: list[list[BaseException]] = []
    for _ in range(TIMES):
        # Both are stopped half-way, each with the locks it took so far, and then let go.
        with tenancy.workspace(workspace):
            execute("SELECT FROM ledger_account WHERE id = %s FOR UPDATE", [people[len(people) // 2]])
            payers = threading.Thread(
                target=lambda: raised.append(
                    side_by_side(*[lambda pairs=pairs: pay(workspace, pairs, 7) for pairs in orders])  # type: ignore[misc]
                )
            )
            payers.start()
            wait_for(lambda: waiting() == 2)
        payers.join()
    assert raised == [[]] * TIMES
    with tenancy.workspace(workspace):
        rows = fetch("SELECT id::text, debits_posted + credits_posted FROM ledger_account")
    assert dict(rows) == {cost: 2 * TIMES * 7 * len(people)} | dict.fromkeys(people, 2 * TIMES * 7)
    assert ledger.trial_balance(workspace).balanced


def test_two_that_would_overdraw_one_account_together_do_not(workspace: str) -> None:
    cost, person, *_ = accounts(workspace)
    pay(workspace, [(cost, person)], 100)
    raised: list[BaseException] = []
    for _ in range(20):
        raised += side_by_side(*[lambda: pay(workspace, [(person, cost)], 10)] * 2)
    # 100 pays ten times ten; the other thirty are refused by the database.
    assert len(raised) == 30
    assert all(isinstance(error, Error) and "ledger_not_below_zero" in str(error) for error in raised)
    with tenancy.workspace(workspace):
        row = fetch("SELECT debits_posted, credits_posted FROM ledger_account WHERE id = %s", [person])
    assert row == [(100, 100)]


@pytest.mark.parametrize("phase", ["post", "void"])
def test_a_hold_that_two_settle_at_once_is_settled_once(workspace: str, phase: str) -> None:
    cost, person, *_ = accounts(workspace)
    now = datetime.now(UTC)

    def move(kind: str, pending: str | None) -> str:
        id = str(uuid7())
        with tenancy.workspace(workspace):
            execute(
                """
                INSERT INTO transfer (workspace_id, id, debit_id, credit_id, unit, amount, phase, pending_id, code,
                                      reward_id, event_id, effective_at, recorded_at)
                VALUES (%s, %s, %s, %s, 'USD', 10, %s, %s, 'grant', %s, %s, %s, %s)
                """,
                [workspace, id, cost, person, kind, pending, id, id, now, now],
            )
        return id

    for _ in range(15):
        held = move("pending", None)
        raised = side_by_side(*[lambda held=held: move(phase, held)] * 2)  # type: ignore[misc]
        assert len(raised) == 1
        assert "transfer_settled_once" in str(raised[0])
    assert ledger.trial_balance(workspace).balanced
