"""Long questions as rows: asked, taken by one process, answered, kept for a while.

A process that takes one is named by its `run`. It says every so often that it lives; who has not for `STALE` is taken
for dead, and the question is taken again. Whatever a run writes is written only while the row is still its own, so one
that was cancelled, or taken for dead too early, changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_noop as N_
from uuid_utils.compat import uuid7

from goodword.store import cluster, tenancy
from goodword.store.models import Job
from goodword.store.sql import array, execute, fetch
from goodword.store.worded import Worded

CHANNEL = "goodword_job"
STALE = timedelta(seconds=60)
"""Without a sign of life for so long, who works at a question is taken for dead."""
MAX_OPEN = 5
"""Questions of one workspace that wait or are worked at."""
MAX_ATTEMPTS = 3
"""Processes that may die at one question."""
MAX_DETAIL = 1_000
"""Characters kept of why a question was not answered."""
KEPT = timedelta(days=30)
KEPT_COUNT = 50
"""Ended questions of one workspace that are kept, the newest."""
OPEN = ("waiting", "running")
_PAGE = 1_000
_ADD_ROWS = """
    INSERT INTO job_row (workspace_id, job_id, kind, number, data)
    SELECT %s::uuid, %s::uuid, told.kind, told.number, told.data
    FROM unnest(%s::text[], %s::int[], %s::jsonb[]) AS told (kind, number, data)
"""
Row = tuple[str, int, Mapping[str, Any]]
"""A line of an answer: kind, number from 1, data."""


class TooManyJobs(Worded):
    """The workspace has as many open questions as it may have."""

    code = "too_many_jobs"


class JobOver(ValueError):
    """The question was answered or given up before."""

    code = "wrong_state"


@dataclass(frozen=True, slots=True)
class Claim:
    """A question in the hands of one run."""

    workspace_id: str
    id: str
    run: str


def ask(workspace_id: str, kind: str, program: str, question: Mapping[str, Any], by: str) -> Job:
    """Keeps a question for the worker. Raises `TooManyJobs`."""
    with tenancy.workspace(workspace_id):
        execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"goodword.jobs:{workspace_id}"])
        _sweep(workspace_id)
        if Job.objects.filter(workspace_id=workspace_id, state__in=OPEN).count() >= MAX_OPEN:
            raise TooManyJobs(
                N_(
                    "%(count)s backtests, simulations, imports of this workspace wait or run; wait for one, or cancel "
                    "one."
                ),
                count=MAX_OPEN,
            )
        job = Job.objects.create(
            workspace_id=workspace_id, kind=kind, program=program, question=dict(question), state="waiting",
            asked_by=by[:200], asked_at=datetime.now(UTC),
        )  # fmt: skip
        execute("SELECT pg_notify(%s, %s)", [CHANNEL, workspace_id])
    return job


def find(workspace_id: str, kind: str, id: str) -> Job | None:
    """A question of the workspace."""
    with tenancy.workspace(workspace_id):
        return Job.objects.filter(workspace_id=workspace_id, kind=kind, id=id).first()


def newest(workspace_id: str, kind: str, program: str = "") -> list[Job]:
    """The questions of a kind that are kept, the newest first, without their documents and answers."""
    rows = Job.objects.filter(workspace_id=workspace_id, kind=kind)
    if program:
        rows = rows.filter(program=program)
    with tenancy.workspace(workspace_id):
        return list(rows.defer("question", "result").order_by("-id")[: KEPT_COUNT + MAX_OPEN])


def cancel(workspace_id: str, kind: str, id: str) -> None:
    """Gives a question up; who works at it stops within seconds. Raises `JobOver` where it is over already."""
    with tenancy.workspace(workspace_id):
        rows = Job.objects.filter(workspace_id=workspace_id, kind=kind, id=id, state__in=OPEN)
        if not rows.update(state="cancelled", ended_at=datetime.now(UTC), run=None):
            raise JobOver("it is over already; only what waits or runs can be cancelled")


def claim(workspace_id: str) -> Claim | None:
    """Takes the oldest question that waits, or whose process died; None where there is none, or somebody else works
    at one of this workspace."""
    now, run = datetime.now(UTC), str(uuid7())
    with tenancy.workspace(workspace_id):
        execute(
            """
            UPDATE job
            SET state = 'failed', ended_at = %(now)s, run = NULL, failure = 'process_died',
                detail = 'The process that worked at it died ' || attempts || ' times.'
            WHERE workspace_id = %(own)s AND state = 'running' AND seen_at < %(stale)s AND attempts >= %(most)s
            """,
            {"own": workspace_id, "now": now, "stale": now - STALE, "most": MAX_ATTEMPTS},
        )
        try:
            with tenancy.workspace(workspace_id):
                found = fetch(
                    """
                    UPDATE job
                    SET state = 'running', run = %(run)s, started_at = %(now)s, seen_at = %(now)s,
                        attempts = attempts + 1, done = 0, total = 0
                    WHERE workspace_id = %(own)s AND id = (
                        SELECT id FROM job
                        WHERE workspace_id = %(own)s
                          AND (state = 'waiting' OR (state = 'running' AND seen_at < %(stale)s))
                        ORDER BY state, id
                        LIMIT 1
                        FOR UPDATE SKIP LOCKED
                    )
                    RETURNING id::text
                    """,
                    {"own": workspace_id, "run": run, "now": now, "stale": now - STALE},
                )
        except IntegrityError:  # job_one_running: somebody works at another one
            return None
    return Claim(workspace_id, found[0][0], run) if found else None


def read(claim: Claim) -> Job | None:
    """The claimed question; None where it is no longer this run's."""
    with tenancy.workspace(claim.workspace_id):
        return Job.objects.filter(workspace_id=claim.workspace_id, id=claim.id, run=claim.run, state="running").first()


def beat(claim: Claim, done: int, total: int) -> bool:
    """A sign of life, with how far it is. False where the question is no longer this run's: then stop."""
    return _mine(claim, seen_at=datetime.now(UTC), done=done, total=total)


def finish(claim: Claim, result: Mapping[str, Any], rows: Sequence[Row], steps: int) -> bool:
    """Keeps the answer, with how many steps it took; False where the question is no longer this run's."""
    now = datetime.now(UTC)
    kept = {"done": steps, "total": steps, "result": dict(result)}
    with tenancy.workspace(claim.workspace_id):
        if not _mine(claim, state="done", seen_at=now, ended_at=now, run=None, **kept):
            return False
        for first in range(0, len(rows), _PAGE):
            page = rows[first : first + _PAGE]
            execute(
                _ADD_ROWS + cluster.returning(),
                [
                    claim.workspace_id, claim.id, array("text", [row[0] for row in page]),
                    array("int", [row[1] for row in page]), array("jsonb", [row[2] for row in page]),
                ],
            )  # fmt: skip
    return True


def fail(claim: Claim, failure: str, detail: str) -> bool:
    """Gives a question up for good, and says why."""
    return _mine(
        claim, state="failed", ended_at=datetime.now(UTC), run=None, failure=failure, detail=detail[:MAX_DETAIL]
    )


def put_back(claim: Claim, *, died: bool) -> bool:
    """Leaves a question to the next who looks: the worker ends, or the process `died` at it. After `MAX_ATTEMPTS`
    deaths it is given up."""
    with tenancy.workspace(claim.workspace_id):
        job = read(claim)
        if job is None:
            return False
        if died and job.attempts >= MAX_ATTEMPTS:
            return fail(claim, "process_died", f"The process that worked at it died {job.attempts} times.")
        return _mine(claim, state="waiting", run=None, attempts=job.attempts - (not died))


def forget_people(workspace_id: str) -> dict[str, int]:
    """Somebody is erased: kept traces go, and who works at a question begins again, for it has read what is gone. Gives
    how many rows that were, by table."""
    with tenancy.workspace(workspace_id):
        again = Job.objects.filter(workspace_id=workspace_id, kind="backtest", state="running").update(
            state="waiting", run=None, attempts=0
        )
        removed = execute("DELETE FROM job_row WHERE workspace_id = %s AND kind = 'decision'", [workspace_id]).rowcount
    return {table: count for table, count in (("job", again), ("job_row", removed)) if count}


def rows(workspace_id: str, id: str, kind: str, after: int, limit: int) -> list[tuple[int, dict[str, Any]]]:
    """Lines of an answer after a number, in order: number, data (the primary key)."""
    with tenancy.workspace(workspace_id):
        return [
            (number, data)
            for number, data in fetch(
                """
                SELECT number, data FROM job_row
                WHERE workspace_id = %s AND job_id = %s AND kind = %s AND number > %s
                ORDER BY number
                LIMIT %s
                """,
                [workspace_id, id, kind, after, limit],
            )
        ]


def sweep(workspace_id: str) -> None:
    """Removes what ended long ago."""
    with tenancy.workspace(workspace_id):
        _sweep(workspace_id)


def _sweep(workspace_id: str) -> None:
    old: Sequence[tuple[str]] = fetch(
        """
        SELECT id::text
        FROM (
            SELECT id, ended_at, row_number() OVER (ORDER BY id DESC) AS place
            FROM job
            WHERE workspace_id = %s AND ended_at IS NOT NULL
        ) AS ended
        WHERE ended_at < %s OR place > %s
        """,
        [workspace_id, datetime.now(UTC) - KEPT, KEPT_COUNT],
    )
    if old:
        ids = array("uuid", [row[0] for row in old])
        execute("DELETE FROM job_row WHERE workspace_id = %s AND job_id = ANY(%s::uuid[])", [workspace_id, ids])
        execute("DELETE FROM job WHERE workspace_id = %s AND id = ANY(%s::uuid[])", [workspace_id, ids])


def _mine(claim: Claim, **changes: Any) -> bool:
    with tenancy.workspace(claim.workspace_id):
        rows = Job.objects.filter(workspace_id=claim.workspace_id, id=claim.id, run=claim.run, state="running")
        return bool(rows.update(**changes))
