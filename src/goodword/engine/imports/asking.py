"""Imports that the worker is asked to run, or to take out again."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import Error
from django.utils.translation import gettext_noop as N_

from goodword.domain import ids
from goodword.engine.imports import running, store, undoing
from goodword.engine.imports.mapping import Mapping_
from goodword.engine.imports.store import Sent
from goodword.store import jobs, tenancy
from goodword.store.models import ImportRun, Job

KIND = "import"
RUN, UNDO = "run", "undo"
ACTS = ("run", "undo", "resume", "cancel")
"""What can be asked of an import."""


def ask(
    workspace_id: str, mapping: Mapping_, program: str, rule: str, files: Sequence[Sent], *, dry_run: bool, by: str
) -> ImportRun:
    """Keeps an import for the worker. Raises `reading.Unreadable` and `jobs.TooManyJobs`."""
    with tenancy.workspace(workspace_id):
        run = store.create(workspace_id, mapping, program, rule, files, dry_run=dry_run, by=by)
        _ask(workspace_id, run, RUN, by)
    return run


def act(workspace_id: str, run: ImportRun, what: str, by: str) -> ImportRun:
    """Asks the worker to import what was tried (`run`), to `undo` or `resume` an import, or gives it up (`cancel`).
    Gives the import that is meant from then on. Raises `store.WrongState` and `jobs.TooManyJobs`."""
    if what == "cancel":
        running.cancel(workspace_id, str(run.id))
        return run
    if what == "run":
        if not run.dry_run or run.state != "done":
            raise store.WrongState(N_("Only what was tried, to its end, can be imported so."))
        with tenancy.workspace(workspace_id):
            made = store.again(workspace_id, run, by)
            _ask(workspace_id, made, RUN, by)
        return made
    if what == "undo":
        if run.dry_run:
            raise store.WrongState(undoing.DRY_RUN)
        if run.state not in undoing.CAN_BE_UNDONE:
            raise store.WrongState(undoing.NOT_OVER)
        _ask(workspace_id, run, UNDO, by)
        store.change(
            workspace_id, str(run.id), only=store.CAN_BEGIN_TO_BE_UNDONE, state="undoing"
        )  # to be seen before its turn comes
        return store.find(workspace_id, str(run.id))
    if run.state not in ("waiting", "running", "undoing"):
        raise store.WrongState(N_("Only an import that was broken off can go on."))
    _ask(workspace_id, run, UNDO if run.state == "undoing" else RUN, by)
    return run


def _ask(workspace_id: str, run: ImportRun, what: str, by: str) -> None:
    """One question for an import at a time: a repeat changes nothing."""
    with tenancy.workspace(workspace_id):
        open_ = Job.objects.filter(workspace_id=workspace_id, kind=KIND, state__in=jobs.OPEN)
        if not any(job.question == {"import": str(run.id), "what": what} for job in open_):
            jobs.ask(workspace_id, KIND, run.program, {"import": str(run.id), "what": what}, by)


def answer(workspace_id: str, question: dict[str, str], progress: running.Progress) -> dict[str, str]:
    """What the worker does when its turn comes. Raises `running.ImportRefused` and `store.WrongState`."""
    carry_out = undoing.undo if question["what"] == UNDO else running.run
    try:
        done = carry_out(workspace_id, question["import"], progress)
    except (running.ImportRefused, store.WrongState, Error):
        raise
    except Exception as error:  # it can go on when that is mended; whoever asked must hear of it
        detail = f"It was broken off ({type(error).__name__}: {str(error)[:500]}); resume goes on."
        store.change(workspace_id, question["import"], failure="broken_off", detail=detail)
        raise
    return {"import": ids.public("imp", str(done.id)), "state": done.state}
