"""Long questions and the processes that answer them: one that dies, is cancelled or asked of too late never hangs."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from goodword.engine import programs
from goodword.ops.jobs import runner, work
from goodword.store import jobs, tenancy
from goodword.store.models import Job
from support.stories import recipe

QUESTION = {"document": recipe("credit-after-threshold"), "since": None, "until": None, "as_of_version": None,
            "elasticity": None}  # fmt: skip


def ask(workspace: str) -> str:
    return str(jobs.ask(workspace, "backtest", "credit-after-threshold", QUESTION, "tests").id)


def look(workspace: str, id: str) -> Job:
    found = jobs.find(workspace, "backtest", id)
    assert found
    return found


def age(workspace: str, **ages: timedelta) -> None:
    """Everything happened so much longer ago."""
    with tenancy.workspace(workspace):
        for job in Job.objects.all():
            Job.objects.filter(id=job.id).update(**{name: getattr(job, name) - by for name, by in ages.items()})


def wait(until: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_the_worker_answers_by_a_process_of_its_own_also_after_one_was_killed(
    workspace: str, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    programs.publish(workspace, recipe("credit-after-threshold"), by="tests")
    killed: list[int] = []

    class Killed(runner.Work):
        def __init__(self, claim: jobs.Claim) -> None:
            super().__init__(claim)
            if not killed:
                killed.append(self.process.pid)
                os.kill(self.process.pid, signal.SIGKILL)

    monkeypatch.setattr(runner, "Work", Killed)
    monkeypatch.setenv("DATABASE_URL", database_url)
    id, stop = ask(workspace), threading.Event()
    beside = runner.beside(stop)
    try:
        wait(lambda: look(workspace, id).ended_at is not None)
    finally:
        stop.set()
        beside.join()
    job = look(workspace, id)
    assert (job.state, job.attempts, bool(killed)) == ("done", 2, True)
    assert job.result
    assert job.result["changed"] == {"count": 0, "kinds": [], "kept": 0}


def test_who_gives_no_sign_of_life_loses_the_question_and_after_three_it_is_given_up(workspace: str) -> None:
    id = ask(workspace)
    first = jobs.claim(workspace)
    assert first
    assert jobs.claim(workspace) is None
    age(workspace, seen_at=jobs.STALE + timedelta(seconds=1))
    second = jobs.claim(workspace)
    assert second
    assert not jobs.beat(first, 1, 2)
    assert not jobs.finish(first, {}, [("person", 1, {})], 2)
    assert jobs.rows(workspace, id, "person", 0, 1) == []
    assert jobs.beat(second, 1, 2)
    assert (look(workspace, id).done, look(workspace, id).total) == (1, 2)
    for _ in range(jobs.MAX_ATTEMPTS - 1):
        age(workspace, seen_at=jobs.STALE + timedelta(seconds=1))
        jobs.claim(workspace)
    job = look(workspace, id)
    assert (job.state, job.failure, job.detail) == (
        "failed", "process_died", "The process that worked at it died 3 times.",
    )  # fmt: skip


def test_a_worker_that_ends_leaves_the_question_as_it_was_and_a_death_counts(workspace: str) -> None:
    id = ask(workspace)
    for died, attempts in ((False, 0), (True, 1), (True, 2)):
        claim = jobs.claim(workspace)
        assert claim
        assert jobs.put_back(claim, died=died)
        assert (look(workspace, id).state, look(workspace, id).attempts) == ("waiting", attempts)
    claim = jobs.claim(workspace)
    assert claim
    assert jobs.put_back(claim, died=True)
    assert look(workspace, id).failure == "process_died"
    assert not jobs.put_back(claim, died=True)


def test_one_question_of_a_workspace_at_a_time_and_the_oldest_first(workspace: str) -> None:
    first, second = ask(workspace), ask(workspace)
    claim = jobs.claim(workspace)
    assert claim
    assert claim.id == first
    assert jobs.claim(workspace) is None
    work.carry_out(claim)
    following = jobs.claim(workspace)
    assert following
    assert following.id == second


def test_work_that_was_cancelled_or_takes_too_long_is_stopped(workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "BEAT", 0.02)
    for longest, state, failure in ((work.LONGEST, "cancelled", ""), (0.0, "failed", "too_long")):
        monkeypatch.setattr(work, "LONGEST", longest)
        id, lost = ask(workspace), threading.Event()

        def slow(job: Job, progress: work.Progress, lost: threading.Event = lost) -> work.Answer:
            progress(3, 10)
            if job.state == "running" and work.LONGEST:
                jobs.cancel(workspace, "backtest", str(job.id))
            assert lost.wait(10)
            return {"never": "kept"}, []

        monkeypatch.setattr(work, "ANSWERS", {"backtest": slow})
        claim = jobs.claim(workspace)
        assert claim
        work.carry_out(claim, lost.set)
        job = look(workspace, id)
        assert (job.state, job.failure, job.result) == (state, failure, None)


def test_what_breaks_is_said_and_not_what_it_read(workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(job: Job, progress: work.Progress) -> work.Answer:
        raise RuntimeError("ada@example.com")

    def refused(job: Job, progress: work.Progress) -> work.Answer:
        raise work.backtest.BacktestRefused("x" * (jobs.MAX_DETAIL + 1))

    for answer, failure, detail in (
        (broken, "broken", "Something broke on our side (RuntimeError); the log says more."),
        (lambda job, progress: work.backtest.read("program: [}"), "invalid_program", "line 1: "),
        (refused, "refused", "x" * jobs.MAX_DETAIL),
    ):
        monkeypatch.setattr(work, "ANSWERS", {"backtest": answer})
        id, claim = ask(workspace), jobs.claim(workspace)
        assert claim
        work.carry_out(claim)
        job = look(workspace, id)
        assert (job.state, job.failure) == ("failed", failure)
        assert job.detail.startswith(detail)


def test_answers_are_kept_for_so_long_and_so_many_of_them(workspace: str) -> None:
    old = ask(workspace)
    jobs.cancel(workspace, "backtest", old)
    age(workspace, ended_at=jobs.KEPT + timedelta(days=1))
    jobs.sweep(workspace)
    assert jobs.find(workspace, "backtest", old) is None
    with tenancy.workspace(workspace):
        now = datetime.now(UTC)
        Job.objects.bulk_create(
            Job(workspace_id=workspace, kind="backtest", program="x", question={}, state="done", asked_by="x",
                asked_at=now, ended_at=now)
            for _ in range(jobs.KEPT_COUNT + 1)
        )  # fmt: skip
    waiting = ask(workspace)
    assert len(jobs.newest(workspace, "backtest")) == jobs.KEPT_COUNT + 1
    assert look(workspace, waiting).state == "waiting"


def test_no_more_people_and_decisions_are_kept_than_the_limit_and_all_are_counted(
    workspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def many(*_: object, tell: Callable[[dict[str, object]], None], **__: object) -> dict[str, object]:
        event = {"id": None, "type": "order.completed", "occurred_at": "2025-01-01T00:00:00Z", "participant": "ada"}
        for position in range(4):
            tell({"position": position, "event": event, "before": None, "after": None})
        row = {"participant": None, "name": "ada", "unit": "USD", "change": 1}
        return {"people": [row] * 4, "changed": {"count": 4}}

    monkeypatch.setattr(work.backtest, "run", many)
    monkeypatch.setattr(work, "MAX_DECISIONS", 3)
    monkeypatch.setattr(work, "MAX_PEOPLE", 3)
    id, claim = ask(workspace), jobs.claim(workspace)
    assert claim
    work.carry_out(claim)
    result = look(workspace, id).result
    assert result == {
        "people": {"count": 4, "kept": 3, "gained": 4, "lost": 0}, "changed": {"count": 4, "kept": 3},
        "since": None, "until": None,
    }  # fmt: skip
    for kind in ("decision", "person"):
        kept = jobs.rows(workspace, id, kind, 0, 10)
        assert [number for number, _ in kept] == [1, 2, 3]
        assert "ada" not in str(kept)
