"""One question answered: read, worked out, and kept, with a sign of life every second."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import structlog
from django.db import Error, connections

from goodword.domain.events import parse_time
from goodword.domain.faults import ProgramError
from goodword.engine.backtest import job as backtest
from goodword.engine.imports import asking
from goodword.engine.imports.running import ImportRefused
from goodword.engine.imports.store import WrongState
from goodword.insight.simulation import runs, shown
from goodword.insight.simulation.parameters import SimulationError, settings
from goodword.insight.simulation.world import Plan
from goodword.store import jobs
from goodword.store.jobs import Claim, Row
from goodword.store.models import Job

BEAT = 1.0
"""Seconds between signs of life."""
LONGEST = 3_600.0
"""Seconds that one question may take."""
MAX_DECISIONS = 10_000
"""Changed decisions of one backtest that are kept with their traces; all are counted."""
MAX_PEOPLE = 10_000
"""People of one backtest who are kept with what they gain or lose, the greatest change first; all are counted."""

log = structlog.get_logger("goodword.jobs")
Progress = Callable[[int, int], None]
Answer = tuple[Mapping[str, Any], list[Row]]
"""The result as plain data, and the lines that are kept beside it."""


class _Pulse:
    """Says in a thread of its own how far the work is; calls `lost` once it is for nothing."""

    def __init__(self, claim: Claim, lost: Callable[[], None]) -> None:
        self.done = self.total = 0
        self._claim = claim
        self._lost = lost
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def __enter__(self) -> _Pulse:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def tell(self, done: int, total: int) -> None:
        """How many of how many steps are done."""
        self.done, self.total = done, total

    def _run(self) -> None:
        began = time.monotonic()
        try:
            while not self._over.wait(BEAT):
                try:
                    mine = jobs.beat(self._claim, self.done, self.total)
                    if mine and time.monotonic() - began > LONGEST:
                        jobs.fail(self._claim, "too_long", f"It took longer than {LONGEST / 60:.0f} minutes.")
                        mine = False
                except Error as error:
                    log.warning("pulse_missed", error=type(error).__name__)
                    connections.close_all()
                    continue
                if not mine:
                    self._lost()
                    return
        finally:
            connections.close_all()


def carry_out(claim: Claim, lost: Callable[[], None] = lambda: None) -> None:
    """Answers a claimed question, or says why it cannot be. `lost` is called, in another thread, where the work has
    become useless: it was cancelled, somebody was erased, or it took too long."""
    job = jobs.read(claim)
    if job is None:
        return
    with _Pulse(claim, lost) as pulse:
        try:
            result, rows = ANSWERS[job.kind](job, pulse.tell)
        except ProgramError as error:
            first = error.faults[0]
            jobs.fail(claim, "invalid_program", f"{first.path or 'document'}: {first.message}")
        except REFUSED as error:
            jobs.fail(claim, "refused", str(error))
        except Error:
            raise  # the database is gone: the question waits for the next try
        except Exception as error:  # whatever it is, somebody waits for word of it
            log.error("job_failed", kind=job.kind, error=type(error).__name__, exc_info=error)
            jobs.fail(claim, "broken", f"Something broke on our side ({type(error).__name__}); the log says more.")
        else:
            jobs.finish(claim, result, rows, pulse.total)


def _backtest(job: Job, progress: Progress) -> Answer:
    asked = job.question
    changed: list[Row] = []

    def tell(change: Mapping[str, Any]) -> None:
        if len(changed) < MAX_DECISIONS:
            changed.append(("decision", len(changed) + 1, _unnamed(change)))

    found = backtest.run(
        str(job.workspace_id),
        backtest.Question(
            asked["document"],
            _time(asked["since"]),
            _time(asked["until"]),
            asked["as_of_version"],
            Decimal(asked["elasticity"]) if asked["elasticity"] is not None else None,
        ),
        tell=tell,
        progress=progress,
        processes=max(1, (os.cpu_count() or 1) // 2),
    )
    people = found.pop("people")
    kept: list[Row] = [
        ("person", number, {name: value for name, value in row.items() if name != "name"})
        for number, row in enumerate(people[:MAX_PEOPLE], 1)
    ]
    found["changed"]["kept"] = len(changed)
    found["people"] = {
        "count": len(people),
        "kept": len(kept),
        "gained": sum(row["change"] > 0 for row in people),
        "lost": sum(row["change"] < 0 for row in people),
    }
    return found | {"since": asked["since"], "until": asked["until"]}, [*changed, *kept]


def _unnamed(change: Mapping[str, Any]) -> dict[str, Any]:
    """A changed decision without the name of a person: whom its event is about is looked up when it is read."""
    event = {name: value for name, value in change["event"].items() if name != "participant"}
    return {**change, "event": event}


def _time(text: str | None) -> datetime | None:
    return parse_time(text) if text else None


def _simulation(job: Job, progress: Progress) -> Answer:
    asked = job.question
    plan = Plan(asked["customers"], asked["months"], date.fromisoformat(asked["start"]))
    p = settings(f"{name}={value}" for name, value in asked["parameters"].items())
    programs = [runs.program_of(document) for document in asked["documents"]]
    total = asked["runs"] * len(programs)
    found: list[runs.Simulated] = []

    def told(run: int) -> None:
        progress(len(found) * asked["runs"] + run, total)

    for program in programs:
        found.append(runs.simulate(program, p, plan, seed=asked["seed"], runs=asked["runs"], told=told))
    called = shown.labels([("1", "document"), ("2", "other")][: len(found)], found)
    return shown.data(called, found, p, plan, asked["seed"]), []


def _import(job: Job, progress: Progress) -> Answer:
    return asking.answer(str(job.workspace_id), job.question, progress), []


ANSWERS: Mapping[str, Callable[[Job, Progress], Answer]] = {
    "backtest": _backtest, "simulation": _simulation, asking.KIND: _import,
}  # fmt: skip
REFUSED = (backtest.BacktestRefused, SimulationError, ImportRefused, WrongState)
