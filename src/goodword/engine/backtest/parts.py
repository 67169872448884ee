"""A backtest in parts, each in a process of its own: the same result as in one pass, to the cent.

Where people who never met cannot matter to each other (`coupling`), the history is cut into components of who appears
with whom (`survey`). All processes see the same moment of the database. Changed decisions come back as files, which
are put together in the order of the log.
"""

from __future__ import annotations

import heapq
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from django.db import DEFAULT_DB_ALIAS, connections

from goodword.domain.program import Program, compile_program
from goodword.engine import apply
from goodword.engine.backtest import compare, log, survey
from goodword.engine.backtest.past import Past

LOOK = 0.5
"""Seconds between looks at how far the parts are."""
Version = tuple[str, str, int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Part:
    """What a process is given: plain data, so that it can be sent."""

    workspace_id: str
    snapshot: str
    tested: Version
    versions: tuple[Version, ...]
    other: Version | None
    begins: bool
    span: compare.Span
    steps: Path
    first: bool
    database: dict[str, Any] = field(repr=False)


def run(
    workspace_id: str,
    tested: Program,
    versions: Iterable[Program],
    *,
    begins: bool,
    span: compare.Span,
    tell: Callable[[compare.Change], None],
    other: Program | None,
    progress: Callable[[int], None],
    processes: int,
    moment: str,
) -> compare.Found:
    """As `compare.run`, on several processes; inside a transaction of `log.snapshot`, which sees the `moment`."""
    known = tuple(_plain(row) for row in versions)
    with tempfile.TemporaryDirectory(prefix="goodword-backtest-") as name:
        folder = Path(name)
        question = (_plain(tested), known, _plain(other) if other else None, begins, span)
        database = dict(connections.settings[DEFAULT_DB_ALIAS])
        parts = [
            Part(workspace_id, moment, *question, file, number == 0, database)
            for number, file in enumerate(survey.cut(workspace_id, folder, processes))
        ]
        found = compare.Found()
        for one in _all(parts, progress):
            found.add(one)
        for change in merged([changes_of(part) for part in parts]):
            tell(change)
    return found


def _all(parts: Sequence[Part], progress: Callable[[int], None]) -> list[compare.Found]:
    """Every part's find, in the order of the parts."""
    paths = [path for path in sys.path if path]
    with ProcessPoolExecutor(
        len(parts), multiprocessing.get_context("spawn"), initializer=_set_up, initargs=(paths,)
    ) as pool:
        waiting = [pool.submit(decide, part) for part in parts]
        try:
            while wait(waiting, timeout=LOOK, return_when=FIRST_EXCEPTION).not_done:
                if any(future.done() and future.exception() for future in waiting):
                    break
                progress(sum(_done(part) for part in parts))
            return [future.result() for future in waiting]
        finally:
            pool.shutdown(cancel_futures=True)


def _set_up(paths: Sequence[str]) -> None:
    """A new process finds Goodword where this one did."""
    sys.path[:] = list(dict.fromkeys([*paths, *sys.path]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.ops.settings")


def decide(part: Part) -> compare.Found:
    """One part, in this process: its find; its changed decisions are in a file beside its steps."""
    import django

    django.setup()
    connections.settings[DEFAULT_DB_ALIAS].update(part.database)
    connections.close_all()
    with log.snapshot(part.workspace_id, part.snapshot), apply.no_collection():
        found = decided(part)
    connections.close_all()
    return found


def decided(part: Part) -> compare.Found:
    """One part, in the open transaction."""
    versions = [compile_program(*row) for row in part.versions]
    tested = compile_program(*part.tested)
    other = compile_program(*part.other) if part.other else None
    late = log.late_beginnings(part.workspace_id)
    past = Past(part.workspace_id, versions, tested, late, begins=part.begins)
    against = Past(part.workspace_id, versions, other, late, begins=part.begins) if other else None
    with changes_of(part).open("wb") as file:

        def tell(change: compare.Change) -> None:
            file.write(orjson.dumps([comparison.position, change]) + b"\n")

        comparison = compare.Comparison(past, against, part.span, tell, first=part.first)
        _take(part, comparison, decisions=other is None)
        return comparison.close(compare.end(part.workspace_id), comparison.position)


def _take(part: Part, comparison: compare.Comparison, *, decisions: bool) -> None:
    """Every step of the part, in pages."""
    done, steps = 0, survey.steps(part.steps)
    while page := list(islice(steps, log.PAGE)):
        last = page.pop() if page[-1].position == survey.LAST else None
        if page:
            rows = log.rows_at(part.workspace_id, [step.position for step in page])
            told = log.page(part.workspace_id, part.tested[0], rows, decisions=decisions, erased=False)
            comparison.take(told, [step.clock for step in page])
            comparison.position = page[-1].position
            done += len(page)
            part.steps.with_suffix(".done").write_text(str(done))
        if last and last.clock is not None:
            comparison.ring(last.clock, comparison.position)


def changes_of(part: Part) -> Path:
    """The file of a part's changed decisions."""
    return part.steps.with_suffix(".changes")


def _done(part: Part) -> int:
    try:
        return int(part.steps.with_suffix(".done").read_text() or 0)
    except FileNotFoundError:
        return 0


def merged(files: Sequence[Path]) -> Iterator[compare.Change]:
    """The changes of all files in the order of the log."""

    def lines(file: Path) -> Iterator[tuple[int, compare.Change]]:
        with file.open("rb") as opened:
            for line in opened:
                position, change = orjson.loads(line)
                yield position, change

    for _, change in heapq.merge(*map(lines, files), key=lambda line: line[0]):
        yield change


def _plain(program: Program) -> Version:
    return program.id, program.version_id, program.number, dict(program.source)
