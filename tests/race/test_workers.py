"""Several workers on many workspaces: each has one order, nothing is skipped, nobody sees another's."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import pytest
from django.db import connection, transaction
from psycopg.errors import InsufficientPrivilege

from goodword.domain.state import State
from goodword.engine import apply, programs, record, worker
from goodword.ops.jobs import runner
from goodword.store import jobs, tenancy, workspaces
from goodword.store.sql import fetch
from support.embedded import wait_for
from support.torture_checks import check
from support.torture_story import stories

RECIPES = ("credit-after-threshold", "bronze-silver-gold", "b2b-sales")


def open_workspace(slug: str) -> str:
    """A workspace with the recipes; its id."""
    id = str(workspaces.create(slug, slug).id)
    for name in RECIPES:
        programs.publish(id, (files("goodword") / "recipes" / f"{name}.yaml").read_text(), by="tests")
    return id


@contextmanager
def workers(count: int) -> Iterator[None]:
    """So many workers for a block."""
    stop = threading.Event()
    threads = [threading.Thread(target=worker.run, args=(stop,)) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
        assert not any(thread.is_alive() for thread in threads)


def at_rest(workspace: str) -> bool:
    with tenancy.workspace(workspace):
        return fetch(
            "SELECT EXISTS (SELECT FROM inbox) OR EXISTS (SELECT FROM timer WHERE due_at <= clock_timestamp())"
        ) == [(False,)]


@pytest.mark.usefixtures("db")
def test_many_workers_on_many_workspaces_apply_each_event_once() -> None:
    ids = [open_workspace(f"w{number}") for number in range(8)]
    shares = {id: stories(number, 120, 2) for number, id in enumerate(ids)}

    def write(part: int) -> None:
        for start in range(0, 200, 20):
            for id in ids:
                batch = shares[id][part][start : start + 20]
                if batch:
                    with tenancy.workspace(id):
                        record.record(id, batch)
                        # The other writer's later numbers are committed, and read, before these.
                        time.sleep(0.01 * part)
        connection.close()

    with workers(4):
        writers = [threading.Thread(target=write, args=(part,)) for part in range(2)]
        for thread in writers:
            thread.start()
        for thread in writers:
            thread.join()
        wait_for(lambda: all(at_rest(id) for id in ids), 60)
    for id in ids:
        sent = {event["event_id"]: event for share in shares[id] for event in share[:200]}
        assert check(id, sent, sent.keys())["reward"]


class Answered:
    """In the place of the process that works at a question: answers it at once."""

    def __init__(self, claim: jobs.Claim) -> None:
        jobs.finish(claim, {}, [], 0)

    def over(self) -> bool:
        return True


def end_listeners() -> int:
    """Ends the sessions that wait for notifications, as a restart of the server does; gives how many."""
    with transaction.atomic():
        ended = fetch(
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND query LIKE 'LISTEN %%'
            """,
            [],
        )
    return int(ended[0][0])


@pytest.mark.usefixtures("db")
def test_a_worker_that_loses_the_database_while_it_waits_for_work_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (worker, runner):
        monkeypatch.setattr(module, "PAUSE_AFTER_ERROR", 0.05)
    monkeypatch.setattr(runner, "Work", Answered)
    id = open_workspace("lost")
    stop = threading.Event()
    beside = runner.beside(stop)
    try:
        with workers(1):
            wait_for(lambda: end_listeners() == 2)
            record.record(id, stories(1, 40, 1)[0])
            wait_for(lambda: at_rest(id))
            job = jobs.ask(id, "backtest", "credit-after-threshold", {}, "tests")
            wait_for(lambda: (found := jobs.find(id, "backtest", str(job.id))) and found.state == "done")
    finally:
        stop.set()
        beside.join(30)


def tables() -> list[str]:
    """Every table with a tenant column."""
    rows = fetch("SELECT table_name FROM information_schema.columns WHERE column_name = 'workspace_id' ORDER BY 1")
    return [name for (name,) in rows]


@pytest.mark.usefixtures("db")
def test_a_job_for_one_workspace_cannot_see_another(monkeypatch: pytest.MonkeyPatch) -> None:
    mine, other = open_workspace("mine"), open_workspace("other")
    for id in (mine, other):
        record.record(id, stories(1, 60, 1)[0])
        # The same people, links and deals live in both.
        apply.apply_pending(id, limit=40)
    looked: list[str] = []
    real: Callable[..., Any] = apply.save

    def look_around(state: State, *arguments: Any) -> None:
        assert state.workspace_id == mine
        for table in tables():
            owners = {str(owner) for (owner,) in fetch(f"SELECT DISTINCT workspace_id FROM {table}")}
            assert owners <= {mine}, f"{table} shows the rows of another workspace"
            looked.append(table)
        assert fetch("SELECT count(*) FROM workspace") == [(1,)]
        with pytest.raises(Exception, match="row-level security") as refused, transaction.atomic():
            fetch("INSERT INTO inbox (workspace_id, event_id) VALUES (%s, %s) RETURNING seq", [other, other])
        assert isinstance(refused.value.__cause__, InsufficientPrivilege)
        assert fetch("UPDATE participant SET name = 'x' WHERE workspace_id = %s RETURNING id", [other]) == []
        assert fetch("DELETE FROM inbox WHERE workspace_id = %s RETURNING seq", [other]) == []
        real(state, *arguments)

    def waiting(id: str) -> int:
        with tenancy.workspace(id):
            return int(fetch("SELECT count(*) FROM inbox")[0][0])

    left = waiting(other)
    assert left
    monkeypatch.setattr(apply, "save", look_around)
    worker.drain(mine)
    assert len(set(looked)) >= 20
    assert waiting(mine) == 0
    assert waiting(other) == left
