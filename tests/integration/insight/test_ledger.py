"""The books, read: they balance now and at every instant, and a drift is found."""

from __future__ import annotations

import pytest
from django.db import connection

from goodword.domain.events import parse_time
from goodword.engine import apply, record
from goodword.insight import ledger
from goodword.store import tenancy
from goodword.store.models import Participant, Transfer


def _person(workspace_id: str, external_id: str) -> str:
    with tenancy.workspace(workspace_id):
        return str(Participant.objects.get(external_id=external_id).id)


def _send(workspace_id: str, *raws: dict[str, object]) -> None:
    later = parse_time("2026-03-01T00:00:00Z")
    record.record(workspace_id, raws, now=later)
    while apply.apply_pending(workspace_id, now=later, ring=False).events:
        pass


def test_an_empty_workspace_balances(workspace: str) -> None:
    trial = ledger.trial_balance(workspace)
    assert (trial.units, trial.balanced, trial.drifting_accounts) == ((), True, 0)


def test_the_trial_balance_is_the_sum_of_the_transfers(told: str) -> None:
    [usd] = ledger.trial_balance(told).units
    with tenancy.workspace(told):
        rows = list(Transfer.objects.values_list("phase", "amount"))
    assert usd.unit == "USD"
    assert usd.totals.debits_pending == sum(amount for phase, amount in rows if phase == "pending")
    assert usd.totals.debits_posted == sum(amount for phase, amount in rows if phase == "posted")
    assert usd.balanced
    kinds = {row.kind: row.sums for row in usd.kinds}
    assert kinds["program_cost"].debits_posted == kinds["participant_balance"].credits_posted


def test_a_hold_is_reserved_until_it_ends_and_then_available(told: str) -> None:
    ada = _person(told, "ada")
    before = ledger.balances(told, ada)[0]
    assert (before.reserved, before.available) == (2500, 20_000)
    _send(told, {"type": "milestone.reached", "event_id": "m", "participant": "ada", "properties": {"milestone": "x"}})
    after = ledger.balances(told, ada)[0]
    assert (after.reserved, after.available) == (0, 22_500), "the hold of 30 days ended on the way"


def test_every_past_instant_is_as_it_was(told: str) -> None:
    ada = _person(told, "ada")
    seen = {
        "2026-01-05T09:59:59Z": [],
        "2026-01-05T10:00:00Z": [(2500, 0)],
        "2026-01-07T10:00:00Z": [(2500, 20_000)],
    }
    _send(told, {"type": "milestone.reached", "event_id": "m", "participant": "ada", "properties": {"milestone": "x"}})
    for moment, expected in seen.items():
        at = parse_time(moment)
        found = [
            (row.reserved, row.available) for row in ledger.balances(told, ada, at) if row.reserved or row.available
        ]
        assert found == expected, moment
        assert ledger.trial_balance(told, at).balanced
        assert ledger.trial_balance(told, at).drifting_accounts is None


def test_what_is_issued_and_taken_back_is_told(told: str) -> None:
    grace = _person(told, "grace")
    with tenancy.workspace(told), connection.cursor() as cursor:
        cursor.execute("SELECT id::text FROM reward WHERE participant_id = %s AND amount = 20000", [grace])
        [[reward]] = cursor.fetchall()
    from goodword.domain import ids

    _send(told, {"type": "reward.issued", "event_id": "i", "properties": {"reward": ids.public("rwd", reward)}})
    [row] = ledger.balances(told, grace)
    assert (row.reserved, row.available, row.issued, row.owed) == (0, 0, 20_000, 0)


def test_accounts_of_nobody_are_the_programs_costs(told: str) -> None:
    found = ledger.accounts(told)
    assert {(row.kind, row.participant_id) for row in found} == {("program_cost", None)}
    assert {row.program for row in found} == {"credit-after-threshold", "b2b-sales"}
    assert all(row.posted >= 0 for row in found), "a cost is positive on its own side"


def test_a_kept_balance_that_drifts_is_found(told: str, database_server: object, db: str) -> None:
    from psycopg import sql

    database_server.superuser(  # type: ignore[attr-defined]
        sql.SQL(
            "DO $$ BEGIN SET LOCAL session_replication_role = replica;"
            " UPDATE ledger_account SET debits_posted = debits_posted + 1 WHERE kind = 'program_cost'; END $$"
        ),
        db,
    )
    trial = ledger.trial_balance(told)
    assert trial.drifting_accounts == 2
    assert not trial.balanced
    assert trial.units[0].balanced, "the transfers themselves still do"


@pytest.mark.parametrize("name", ["trial_balance", "accounts"])
def test_a_stranger_sees_nothing(told: str, name: str) -> None:
    from goodword.store import workspaces

    stranger = str(workspaces.create("stranger", "Stranger").id)
    found = getattr(ledger, name)(stranger)
    assert not (found.units if name == "trial_balance" else found)
    assert ledger.balances(stranger, _person(told, "ada")) == []
