"""Statements of partners on a database: what memory decides, what replay agrees with, and what the books add up to."""

from __future__ import annotations

import orjson
import pytest

from goodword.domain.statements import Account
from goodword.engine import apply, programs, record, replay
from goodword.insight import ledger, partner_statements
from goodword.insight.sheets import flat
from support.memory import Memory
from support.partners import DOCUMENT, PARTNERS, story

KEPT = ("number", "period", "opening", "closing", "payable", "carried", "minimum")


@pytest.mark.parametrize("batch", [1, 4, 1_000])
def test_the_database_closes_what_memory_closes_and_the_books_agree(workspace: str, batch: int) -> None:
    programs.publish(workspace, orjson.dumps(DOCUMENT), by="test")
    memory = Memory(DOCUMENT)
    for raw in story():
        memory.send(raw)
    record.record(workspace, story())
    while apply.apply_pending(workspace, limit=batch, ring=False).more:
        pass
    found = list(partner_statements.each(workspace))
    told = [notice.payload for notice in memory.state.changes.notices if notice.topic == "statement.closed"]
    assert sorted([row.label, *(getattr(row, name) for name in KEPT)] for row in found) == sorted(
        [_name(memory, row["participant"]), *(row[name] for name in KEPT)] for row in told
    )
    [program] = memory.state.programs.values()
    ids = memory.state.participant_by_external
    accounts = {who: Account(memory.state, program, ids[who], "USD") for who in PARTNERS}
    assert {who: account.balance for who, account in accounts.items()} == {"ada": 10_000, "bob": 0, "cyd": 100}
    assert {row.label: row.payable_now for row in found if row.payable_now} == {"ada": 10_000}
    for row in found:
        lines = partner_statements.lines(workspace, row)
        assert sum(line.amount for line in lines) == row.closing - row.opening
        for kind in ("approved", "reversed", "moved"):
            amounts = [line.amount for line in lines if line.kind == kind]
            movement = getattr(row, kind)
            assert (len(amounts), sum(amounts) * (-1 if kind == "reversed" else 1)) == (movement.count, movement.amount)
    last = {row.participant_id: row for row in found[::-1]}
    for row in last.values():
        [balance] = [b for b in ledger.by_unit(ledger.accounts_of(workspace, [row.participant_id])) if b.unit == "USD"]
        assert balance.available == row.closing
    assert replay.verify(workspace).differences == ()


def _name(memory: Memory, public_id: str) -> str:
    from goodword.domain import ids

    return str(memory.state.participants[ids.internal("par", public_id)].external_id)


def test_what_is_listed_is_what_was_asked_for(workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partner_statements, "PAGE", 2)
    programs.publish(workspace, orjson.dumps(DOCUMENT), by="test")
    record.record(workspace, story())
    while apply.apply_pending(workspace, ring=False).more:
        pass
    everything = list(partner_statements.each(workspace))
    assert [row.period for row in everything] == ["2026-03"] * 2 + ["2026-02"] * 3 + ["2026-01"] * 3
    ada = everything[0].participant_id if everything[0].label == "ada" else everything[1].participant_id
    assert {row.label for row in partner_statements.each(workspace, participant_id=ada)} == {"ada", "bob"}
    payable = partner_statements.each(workspace, program="resellers", period="2026-02", state="payable")
    assert [(row.label, row.opening, row.payable) for row in payable] == [("ada", 6_000, 10_000)]
    assert list(partner_statements.each(workspace, program="others")) == []
    [row] = partner_statements.each(workspace, period="2026-01", state="payable")
    assert {name: value for name, value in flat(row.told()).items() if name.startswith("approved")} == {
        "approved_count": 1, "approved_amount": 6_000
    }  # fmt: skip
