"""Imports end to end: what comes over, what holds afterwards, what is broken off, and what is taken out again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest
from tests.integration.engine.helpers import event, send

from goodword.engine import erase, programs, replay
from goodword.engine.backtest import job
from goodword.engine.imports import reports, running, store, undoing
from goodword.insight import export
from goodword.store import models, tenancy
from goodword.store.sql import fetch
from support import imports
from support.imports import AFFILIATES, books, bring, codes, counts, create, everything, rewards


@pytest.fixture
def friends(workspace: str) -> str:
    programs.publish(workspace, imports.FRIENDS, by="tests")
    send(workspace)
    return workspace


def same(workspace: str) -> bool:
    """Whether a replay gives what stands."""
    return replay.verify(workspace).differences == ()


EXPECTED = {
    "participants": {"accepted": 2},
    "links": {"accepted": 2},
    "referrals": {"accepted": 2, "skipped": 1, "error": 1},
    "rewards": {"accepted": 4, "skipped": 1},
}
BOOKS = {
    ("opening", "USD"): (1000, 700),
    ("fulfilled", "USD"): (-1000, 0),
    ("participant_balance", "USD"): (0, -700),
    ("opening", "JPY"): (900, 0),
    ("participant_balance", "JPY"): (-900, 0),
}


@pytest.mark.parametrize("dry", [True, False])
def test_what_stood_in_another_file_first_is_told_with_its_name(friends: str, dry: bool) -> None:
    first = AFFILIATES.splitlines(keepends=True)
    again = b"".join((first[1], first[0], first[0]))
    done = bring(friends, "rewardful", ("january.jsonl", AFFILIATES), ("february.jsonl", again), dry=dry)
    found = [(row.line, row.message) for row in store.report(friends, str(done.id), 0, 100, "skipped") if row.file == 1]
    people = [(line, told) for line, told in found if told.startswith("the same person")]
    assert people == [
        (1, "the same person stands on line 2 of january.jsonl; the first counts"),
        (2, "the same person stands on line 1 of january.jsonl; the first counts"),
        (3, "the same person stands on line 1 of january.jsonl; the first counts"),
    ]


def test_a_programme_comes_over_as_it_stood_and_a_dry_run_says_so_before(friends: str) -> None:
    tried = everything(friends, dry=True)
    assert counts(tried) == EXPECTED
    assert rewards(friends) == []
    done = everything(friends)
    assert (done.state, counts(done)) == ("done", EXPECTED)
    assert codes(done, "error") == codes(tried, "error") == [("referrals", "PARTNER_NOT_FOUND")]
    assert codes(done, "skipped") == [("referrals", "NOT_IMPORTED"), ("rewards", "DUPLICATE_IN_FILE")]
    assert rewards(friends) == [
        ("pending", 700, "USD"), ("cancelled", 800, "USD"), ("approved", 900, "JPY"), ("issued", 1000, "USD"),
    ]  # fmt: skip
    assert books(friends) == BOOKS
    with tenancy.workspace(friends):
        rows = list(models.Referral.objects.filter(workspace_id=friends).order_by("submitted_at"))
        assert models.Outbox.objects.filter(workspace_id=friends).count() == 0
        assert models.ImportKey.objects.filter(workspace_id=friends, scope=str(done.id)).count() == 0
        assert models.ImportFile.objects.filter(workspace_id=friends, run=done.id).count() == 0
    assert [(row.external_id, row.state, row.properties["source_state"]) for row in rows] == [
        ("re1", "closed_won", "conversion"), ("re2", "submitted", "lead"),
    ]  # fmt: skip
    assert same(friends)
    again = everything(friends)
    assert counts(again)["rewards"] == {"skipped": 5}
    assert counts(again)["referrals"] == {"skipped": 3, "error": 1}
    assert books(friends) == BOOKS


def test_what_was_rewarded_is_not_rewarded_again_and_a_refund_takes_it_back(friends: str) -> None:
    everything(friends)
    send(
        friends,
        event("o1", "order.completed", "2026-01-01T00:00:00", None, order_id="ch_9", value=9000, currency="USD")
        | {"participant": {"external_id": "g-1", "email": "grace@x.example"}},
        event("o2", "order.completed", "2026-01-02T00:00:00", None, order_id="n-1", value=9000, currency="USD")
        | {"participant": {"email": "joan@x.example"}},
        event("s", "participant.signed_up", "2026-01-03T00:00:00", "new", code="ADA-mail"),
        event("r1", "order.refunded", "2026-01-04T00:00:00", "g-1", order_id="ch_1", value=2500, currency="USD"),
    )
    given = rewards(friends)
    assert given.count(("approved", 1000, "USD")) == 1  # Joan's first order; Grace's earned hers before
    with tenancy.workspace(friends):
        [paid] = models.Reward.objects.filter(workspace_id=friends, state="issued")
        assert (paid.reversed, paid.basis["source_state"]) == (500, "paid")
        assert models.Referral.objects.filter(workspace_id=friends, source="code").count() == 1
    assert books(friends)["participant_debt", "USD"] == (500, 0)
    assert books(friends)["opening", "USD"] == (500, 700)
    assert same(friends)


def test_an_import_is_taken_out_again_but_for_what_something_depends_on(friends: str) -> None:
    done = everything(friends)
    undone = undoing.undo(friends, str(done.id))
    assert undone.state == "undone"
    assert counts(undone) == {
        "participants": {"undone": 2}, "links": {"undone": 2}, "referrals": {"skipped": 1, "error": 1, "undone": 2},
        "rewards": {"skipped": 1, "undone": 4},
    }  # fmt: skip
    assert books(friends) == {}
    with tenancy.workspace(friends):
        assert models.Link.objects.filter(workspace_id=friends).count() == 0
        people = list(models.Participant.objects.filter(workspace_id=friends))
        assert [(row.email, row.name, row.traits) for row in people] == [("", "", {})] * 3  # what rows still name
    assert same(friends)
    with pytest.raises(store.WrongState, match="over can be undone, and once"):
        undoing.undo(friends, str(done.id))

    again = everything(friends)
    assert counts(again) == EXPECTED
    assert books(friends) == BOOKS
    send(
        friends,
        event("s", "participant.signed_up", "2026-01-03T00:00:00", "new", code="ada"),
        event("o", "order.completed", "2026-01-04T00:00:00", "new", value=1, currency="USD"),
        event("r", "order.refunded", "2026-01-05T00:00:00", None, order_id="ch_1", value=5000, currency="USD")
        | {"participant": {"email": "grace@x.example"}},
    )
    kept = undoing.undo(friends, str(again.id))
    assert codes(kept, "kept") == [
        ("participants", "SOMETHING_DEPENDS"), ("links", "LINK_USED"), ("referrals", "HAS_REWARDS"),
        ("rewards", "CHANGED_SINCE"),
    ]  # fmt: skip
    assert same(friends)
    with pytest.raises(store.WrongState, match="It was a dry run"):
        undoing.undo(friends, str(everything(friends, dry=True).id))


def test_an_import_that_was_killed_goes_on_and_nothing_comes_twice(friends: str, database_url: str) -> None:
    people = "".join(f"a{n},A,B,p{n}@x.example,code-{n}\n" for n in range(4_000))
    content = f"id,first_name,last_name,email,token\n{people}".encode()
    run = create(friends, "rewardful", ("affiliates.csv", content))
    program = (
        "import os, sys, django; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'goodword.ops.settings');"
        "django.setup(); from goodword.engine.imports import running; running.run(*sys.argv[1:])"
    )
    arguments = [sys.executable, "-c", program, friends, str(run.id)]
    for least in (1, 5_000):
        process = subprocess.Popen(arguments, env={**os.environ, "DATABASE_URL": database_url})
        try:
            until = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < until:
                if len(store.report(friends, str(run.id), 0, 20_000)) >= least:
                    break
                time.sleep(0.02)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
    assert store.find(friends, str(run.id)).state == "running"
    done = running.run(friends, str(run.id))
    assert (done.state, counts(done)) == ("done", {"participants": {"accepted": 4_000}, "links": {"accepted": 4_000}})
    with tenancy.workspace(friends):
        assert models.Event.objects.filter(workspace_id=friends, source="import").count() == 8_000
        assert models.Link.objects.filter(workspace_id=friends).count() == 4_000
        assert models.ImportRow.objects.filter(workspace_id=friends).count() == 8_000


def test_an_undoing_that_was_broken_off_goes_on(friends: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done = everything(friends)
    monkeypatch.setattr(undoing, "PAGE", 2)
    whole, pages = undoing._Undoing._page, iter(range(10))

    def broken(self: undoing._Undoing, rows: object) -> None:
        whole(self, rows)  # type: ignore[arg-type]
        if next(pages) in (0, 2, 4):
            raise psycopg.OperationalError

    monkeypatch.setattr(undoing._Undoing, "_page", broken)
    for _ in range(3):
        with pytest.raises(psycopg.OperationalError):
            undoing.undo(friends, str(done.id))
    assert sum(number["undone"] for number in counts(undoing.undo(friends, str(done.id))).values()) == 10
    assert books(friends) == {}
    assert same(friends)


def test_who_was_imported_can_be_given_out_and_erased(friends: str) -> None:
    done = everything(friends)
    grace = erase.find(friends, "grace@x.example")
    ada = erase.find(friends, "ada@x.example")
    given = export.export(friends, ada)
    assert "af1" in str(given)
    for person in (grace, ada):
        erase.erase(friends, person, by="tests")
        assert same(friends)
    with tenancy.workspace(friends):
        for table in ("event", "participant", "referral", "reward", "link", "decision", "import_row", "import_key"):
            assert fetch(f"SELECT count(*) FROM {table} AS row WHERE row::text ~* 'ada@|grace|lovelace'") == [(0,)], (
                table
            )
    again = everything(friends)  # they come anew, as from any other sender
    assert counts(again)["participants"]["accepted"] >= 1
    assert reports.data(done)["counts"]


def test_one_import_at_a_time_and_one_that_is_cancelled_stops(friends: str) -> None:
    first = create(friends, "rewardful", ("affiliates.jsonl", AFFILIATES))
    with running.alone(friends), pytest.raises(store.WrongState, match="Another import"):
        running.run(friends, str(first.id))
    running.cancel(friends, str(first.id))
    for call in (running.run, running.cancel):
        with pytest.raises(store.WrongState):
            call(friends, str(first.id))
    with pytest.raises(store.NoSuchImport):
        store.find(friends, "0190a000-0000-7000-8000-000000000000")
    assert bring(friends, "rewardful", ("a.jsonl", AFFILIATES)).state == "done"


def test_a_backtest_over_imported_history_decides_and_pays_nothing_of_it_again(friends: str) -> None:
    """What came over stays what it was under any document; what happens here afterwards is decided by it."""
    everything(friends)
    [rule] = imports.FRIENDS["rewards"]
    doubled = imports.FRIENDS | {"rewards": [rule | {"give": {"type": "cash", "amount": 2000}}]}
    before = job.run(friends, job.Question(document=doubled), tell=lambda change: None)
    assert (before["changed"]["count"], before["totals"], before["cost"], before["people"]) == (0, [], [], [])
    assert [(row["before"], row["after"]) for row in before["liability"]] == [
        (row["before"],) * 2 for row in before["liability"]
    ]
    assert before["liability"], "what is owed of the other system's rewards is owed under either"
    send(
        friends,
        event("o2", "order.completed", "2026-01-02T00:00:00", None, order_id="n-1", value=9000, currency="USD")
        | {"participant": {"email": "joan@x.example"}},
    )
    booked, given = books(friends), rewards(friends)
    after = job.run(friends, job.Question(document=doubled), tell=lambda change: None)
    assert [(row["before"]["amount"], row["after"]["amount"]) for row in after["people"]] == [(1000, 2000)]
    assert (books(friends), rewards(friends)) == (booked, given)
    assert same(friends)
