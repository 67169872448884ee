"""State is what the log says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from psycopg import sql
from uuid_utils import uuid7

from goodword.engine import apply, grounds, programs, record, replay, worker
from goodword.store import tenancy
from goodword.store import workspaces as directory
from goodword.store.sql import array, fetch
from support.databases import TestServer
from support.documents import self_serve, thanks

from .helpers import event, friend, link, publish, recipe, seen, send, snapshot


def history(workspace: str) -> None:
    """A bit of everything: both flows, tiers, caps, holds, refunds, expiry, approvals, a second version."""
    publish(workspace, "credit-after-threshold", "bronze-silver-gold", "b2b-sales")
    send(workspace, link("bronze-silver-gold"), link("credit-after-threshold", who="bo", code="bob"))
    for number in range(8):
        send(workspace, *friend(number, at=f"2025-03-{1 + 2 * number:02}T10:00:00"))
    send(workspace, *friend(20, code="bob", at="2025-03-01T10:00:00"))
    send(
        workspace,
        event("refund", "order.refunded", "2025-03-10T10:00:00", "friend-20", value=3000, currency="USD"),
        event("acme", "account.updated", "2025-03-01T10:00:00", status="paying", since="2024-01-01T00:00:00Z",
              active_days_30=9) | {"account": "acme"},
        event("ada", "participant.identified", "2025-03-02T10:00:00", "ada", country="NO") | {"account": "acme"},
        *(
            event(f"s{number}", "referral.submitted", f"2025-03-{3 + number:02}T10:00:00", "ada", referral=f"R{number}",
                  referred={"email": f"g{number}@example.com", "employees": 10 + 20 * number, "country": "US"})
            for number in range(5)
        ),
        event("q", "referral.qualified", "2025-03-20T10:00:00", referral="R1"),
        event("w", "crm.deal_won", "2025-03-21T10:00:00", referral="R1", value=900_000, currency="USD"),
        event("l", "crm.deal_lost", "2025-03-21T10:00:00", referral="R2"),
        event("r", "order.refunded", "2025-03-22T10:00:00", "nobody", value=300_000, currency="USD", referral="R1"),
        event("i", "reward.issued", "2025-03-23T10:00:00", referral="R1", rule="qualified"),
    )  # fmt: skip
    programs.publish(workspace, recipe("bronze-silver-gold").replace("bronze: 1000", "bronze: 1100"), by="test")
    send(workspace, *friend(30, at="2025-04-20T10:00:00"))
    worker.drain(workspace)


def test_a_workspace_rebuilt_from_its_log_is_the_same(workspace: str) -> None:
    history(workspace)
    before = snapshot(workspace)
    found = replay.verify(workspace)

    assert found.differences == ()
    with seen(workspace) as tables:
        assert found.events == tables.Applied.objects.count() > 40
        assert tables.Reward.objects.filter(state="cancelled").exists()
        assert tables.Decision.objects.filter(reason="cap_reached").exists()
    assert snapshot(workspace) == before


def test_replay_in_pages_of_any_size_is_the_same(workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    history(workspace)
    monkeypatch.setattr(replay, "PAGE", 3)
    assert replay.verify(workspace).differences == ()


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("reward", "UPDATE reward SET amount = amount + 1 WHERE rule = 'friend'"),
        ("referral", "DELETE FROM referral WHERE state = 'expired'"),
        ("counter", "UPDATE counter SET count = count + 1 WHERE name LIKE 'limit:%'"),
        ("participant", "UPDATE participant SET email = 'x@example.com' WHERE external_id = 'bo'"),
        ("decision", "DELETE FROM decision WHERE reason = 'cap_reached'"),
        ("outbox", "DELETE FROM outbox WHERE topic = 'reward.approved'"),
        ("link", "UPDATE link SET channel = 'x'"),
    ],
)
def test_a_row_that_the_log_does_not_say_is_shown(workspace: str, table: str, statement: str) -> None:
    history(workspace)
    with tenancy.workspace(workspace), connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount > 0
    (difference,) = replay.verify(workspace).differences
    assert difference.table == table
    assert difference.live != difference.replayed


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("inbox", "DELETE FROM inbox"),
        ("event", "DELETE FROM event WHERE event_id = 'q'"),
        ("applied", "DELETE FROM applied WHERE position = 3"),
        ("program_version", "DELETE FROM program_version WHERE number = 2"),
        ("program_version", """UPDATE program_version SET document = document || '{"name": "Other"}'"""),
        ("program", "UPDATE program SET test = true WHERE key = 'b2b-sales'"),
        ("program", "UPDATE program SET name = 'Other' WHERE key = 'b2b-sales'"),
    ],
)
def test_what_a_replay_stands_on_is_looked_at_first(workspace: str, table: str, statement: str) -> None:
    history(workspace)
    record.record(workspace, friend(40, at="2025-05-01T10:00:00"))
    assert replay.verify(workspace).differences == ()
    with tenancy.workspace(workspace), connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount > 0
    found = [difference for difference in replay.verify(workspace).differences if difference.table == table]
    assert len(found) == 1
    assert found[0].live != found[0].replayed
    assert found[0].key


CHANGES = {
    "account": "name = name || 'x'",
    "participant": "name = name || 'x'",
    "participant_merge": "merged_at = merged_at + interval '1 second'",
    "link": "channel = channel || 'x'",
    "program": "live_version_id = NULL",
    "referral": "submitted_at = submitted_at + interval '1 second'",
    "claim": "reason = reason || 'x'",
    "reward": "amount = amount + 1",
    "counter": "amount = amount + 1",
    "timer": "due_at = due_at + interval '1 microsecond'",
    "early_fact": "subject = subject || 'x'",
    "exchange_rate": "rate = rate || '1'",
    "ledger_account": "debits_posted = debits_posted + 1, credits_posted = credits_posted + 1",
    "transfer": "amount = amount + 1",
    "applied": "participant_id = NULL",
    "decision": "reason = reason || 'x'",
    "outbox": "topic = topic || 'x'",
}
"""One small lie for each table that replay compares, each told of a single row."""
RATE = {"base": "EUR", "quote": "USD", "rate": "1.1", "date": "2025-04-22", "source": "ECB"}
CLAIM = {"program": "credit-after-threshold", "referred": {"email": "zoe@x.example"}, "proof": "We had lunch."}
TWIN = {"external_id": "t", "email": "t@x.example"}
ROW = {"reward": "amount IS NOT NULL", "applied": "participant_id IS NOT NULL"}


def test_a_lie_in_one_row_of_any_table_is_found_whoever_told_it(
    workspace: str, db: str, database_server: TestServer
) -> None:
    history(workspace)
    send(
        workspace,
        event("early", "referral.closed_won", "2025-04-22T10:00:00", referral="R77"),
        event("claim", "referral.claimed", "2025-04-22T10:00:00", "bo", **CLAIM),
        event("rate", "fx.rate_published", "2025-04-22T10:00:00", **RATE),
        *(
            event(f"twin-{number}", "participant.identified", "2025-04-22T10:00:00") | {"participant": person}
            for number, person in enumerate(({"email": "t@x.example"}, {"external_id": "t"}, TWIN))
        ),
        *friend(31, at=(datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S")),
    )
    assert replay.verify(workspace).differences == ()
    assert CHANGES.keys() == replay.COMPARED.keys()
    for table, change in CHANGES.items():
        lies = sql.SQL(
            """
            SET session_replication_role = replica;
            CREATE TABLE truth AS SELECT * FROM {table};
            UPDATE {table} SET {change} WHERE ctid = (SELECT min(ctid) FROM {table} WHERE {row});
            """
        ).format(table=sql.Identifier(table), change=sql.SQL(change), row=sql.SQL(ROW.get(table, "true")))
        database_server.superuser(lies, db)
        found = {difference.table for difference in replay.verify(workspace).differences}
        assert found == {table}
        restored = sql.SQL(
            """
            SET session_replication_role = replica;
            DELETE FROM {table};
            INSERT INTO {table} SELECT * FROM truth;
            DROP TABLE truth;
            """
        ).format(table=sql.Identifier(table))
        database_server.superuser(restored, db)
    assert replay.verify(workspace).differences == ()


def test_live_work_goes_on_during_a_replay(workspace: str) -> None:
    history(workspace)
    sent: list[Any] = []

    def work(count: int) -> None:
        """Another connection records and applies while the replay's transaction is open."""
        import threading

        if sent:
            return
        sent.append(count)

        def live() -> None:
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
            record.record(workspace, friend(99, at=now))
            apply.apply_pending(workspace, ring=False)
            connection.close()

        thread = threading.Thread(target=live)
        thread.start()
        thread.join(20)
        assert not thread.is_alive()

    assert replay.verify(workspace, work).differences == ()
    with seen(workspace) as tables:
        assert tables.Referral.objects.filter(referred__external_id="friend-99").exists()


def test_replay_of_one_workspace_does_not_see_another(workspace: str) -> None:
    history(workspace)
    other = str(directory.create("other", "Other").id)
    publish(other, "bronze-silver-gold")
    assert replay.verify(other).events == 1


def test_what_is_taken_back_stands_in_the_documents_order_in_whatever_pages(
    workspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reverse = {"on": ["order.refunded"], "how": "full"}
    names = [f"rule-{number}" for number in range(6)]
    rules = [thanks(id=name, on="referral.submitted", reverse=reverse) for name in names]
    programs.publish(workspace, self_serve(rewards=rules), by="test")
    signed_up, _ = friend(1, code="ada")
    refund = event("refund", "order.refunded", "2025-03-10T10:00:00", "friend-1", value=1, currency="USD")
    for fact in (link("simple"), signed_up, refund):
        send(workspace, fact)
    with seen(workspace) as tables:
        decision = tables.Decision.objects.get(event__event_id="refund")
        assert [line["rule"] for line in decision.trace["rewards"]] == names
    for page in (1, 1_000):
        monkeypatch.setattr(replay, "PAGE", page)
        assert replay.verify(workspace).differences == ()


def test_each_row_is_compared_by_its_key_however_few_the_database_thinks_there_are(workspace: str) -> None:
    send(workspace, *friend(1))
    many = array("uuid", [str(uuid7()) for _ in range(1_500)])
    with tenancy.workspace(workspace):
        for table in replay.COMPARED_AT_ONCE.values():
            given = [many if kind == "uuid" else "{}" for _, kind in table.columns]
            clock = [datetime.now(UTC)] if table.clock else []
            rows = fetch(f"EXPLAIN {table.differing}", [workspace, *clock, *given])
            plan = "\n".join(line for (line,) in rows)
            assert f"Index Scan using {table.name}_pkey on {table.name}" in plan, plan
            assert f'({table.key} = "row".{table.key})' in plan, plan  # else the whole workspace is read


def test_what_a_replay_stands_on_is_read_once_and_not_for_each_event(workspace: str) -> None:
    send(workspace, *friend(1))
    with tenancy.workspace(workspace):
        with grounds.whole_tables():
            plan = "\n".join(line for (line,) in fetch(f"EXPLAIN {grounds.LOST}", [workspace]))
        assert fetch("SELECT current_setting('enable_nestloop')") == [("on",)]
    assert "Nested Loop" not in plan, plan
    assert plan.count("Anti Join") == 2, plan  # each table is looked through once
